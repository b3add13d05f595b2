"""What is generated is up to date; what is public is documented; links lead somewhere; the README's code runs."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import errors, ops
from chainrule.ops.table import records

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def script(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_operations_page_is_up_to_date():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert page == script(ROOT / "docs" / "generate.py").operations()
    assert all(f"### {record.name}\n" in page for record in records())


def test_the_optimizers_page_is_up_to_date():
    page = (ROOT / "docs" / "optimizers.md").read_text(encoding="utf-8")
    assert page == script(ROOT / "docs" / "generate.py").optimizers()
    assert page.count("Differs: ") == page.count("Source: ") == page.count("\n## ") >= 7
    assert "Differs: \n" not in page
    assert "Source: \n" not in page


def test_the_contract_is_up_to_date():
    text = (ROOT / "contract" / "tapes.json").read_text(encoding="utf-8")
    assert text == script(ROOT / "contract" / "tapes.py").text()


@pytest.mark.parametrize("name", cr.__all__)
def test_every_public_name_has_a_docstring(name):
    assert (getattr(cr, name).__doc__ or "").strip()


def test_every_function_of_the_table_is_public():
    assert set(ops.FUNCTIONS) <= set(cr.__all__)
    assert all(getattr(cr, name) is function for name, function in ops.FUNCTIONS.items())


def test_the_tree_of_errors_is_complete():
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert name in errors.__doc__
            assert issubclass(kind, errors.ChainRuleError)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert link.startswith("http") or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_list_of_rooms_is_what_there_is(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    package = Path(cr.__file__).parent
    rooms = {x.stem for x in package.iterdir() if x.suffix == ".py" or (x / "__init__.py").exists()}
    listed = "\n".join(re.findall(r"^ {2,}.*", text, re.MULTILINE))
    assert sorted(x for x in rooms - {"__init__"} if not re.search(rf"\b{x}\b", listed)) == []


def test_the_architecture_names_files_that_are_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+/\w+\.(?:py|ts|svelte))`", text)
    assert len(named) > 20
    package = Path(cr.__file__).parent
    assert [x for x in named if not (package / x).exists() and not (ROOT / x).exists()] == []


def test_the_index_lists_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert sorted(page for page in pages if f"]({page})" not in index) == []


def test_the_readmes_code_runs(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    rng = np.random.default_rng(0)
    space = {"X": rng.standard_normal((2, 50)), "Y": rng.standard_normal((1, 50))}
    for block in blocks:
        exec(block, space)
    printed = capsys.readouterr().out
    shown = re.findall(
        r"```\n(Backward.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )[0]
    for line in shown.splitlines():
        assert line.strip() == "..." or line in printed
    assert space["grads"]["W1"].shape == (16, 2)


def test_the_readmes_practice_commands_run(capsys, tmp_path, monkeypatch):
    from chainrule.cli import main
    from chainrule.practice.terminal.keys import Keys

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Keys, "read", lambda self, seconds: "q")
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line.partition("#")[0].split() for line in page.splitlines()]
    commands = [line[1:] for line in lines if line[:2] == ["chainrule", "practice"]]
    assert len(commands) >= 4
    for command in commands:
        assert main(command) == (3 if "--once" in command else 0)
    assert "exercises made in practice" in capsys.readouterr().out
    assert len(list((tmp_path / "exam").iterdir())) < len(list((tmp_path / "practice").iterdir()))


def test_a_notebook_shows_the_derivation_as_mathml():
    import xml.etree.ElementTree as ET

    page = cr.derive(cr.models.two_layer_sigmoid)._repr_html_()
    tree = ET.fromstring(
        page.replace("<br>", "<br/>")
    )  # well formed, so it cannot break the notebook's page
    maths = [node for node in tree.iter() if node.tag.endswith("}math")]
    derivation = cr.derive(cr.models.two_layer_sigmoid)
    assert len(maths) == len(derivation.forward) + len(derivation.steps)
    assert 'data-node="dZ1"' in page
