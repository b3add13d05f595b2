"""What each room may import, read from the sources of the installed package."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

SPEC = find_spec("chainrule")
assert SPEC is not None
assert SPEC.origin is not None
ROOT = Path(SPEC.origin).parent
FILES = {str(path.relative_to(ROOT)): path for path in sorted(ROOT.rglob("*.py"))}

PURE = ["graph", "ops", "derive", "emit", "explain", "models", "optim"]
PURE += ["errors", "cache", "model", "modelfile", "start", "threefry"]
USES_NUMPY = (
    "model",
    "start",
    "threefry",
    "optim",
)  # where arrays cross the border, inside functions
HEAVY = {
    "jax",
    "torch",
    "pandas",
    "polars",
    "pyarrow",
    "narwhals",
    "safetensors",
    "matplotlib",
    "dask",
    "sklearn",
    "scipy",
    "IPython",
    "typst",
    "rich",
}


class Import(NamedTuple):
    """One imported module; `deferred` inside a function, `typing_only` under TYPE_CHECKING."""

    module: str
    deferred: bool = False
    typing_only: bool = False

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


def imports(source: str) -> list[Import]:
    """Every import of a module, in order; `from chainrule import x` is chainrule.x where x is a module there."""
    return list(_imports(ast.parse(source), Import("")))


def _imports(tree: ast.AST, seen: Import) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (seen._replace(module=alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (seen._replace(module=name) for name in _from(node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imports(node, seen._replace(deferred=True))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _imports(node, seen._replace(typing_only=True))
        else:
            yield from _imports(node, seen)


def _from(node: ast.ImportFrom) -> list[str]:
    if node.level:
        return ["chainrule"]  # `from . import x` reaches for the package, not for a room
    if node.module != "chainrule":
        return [node.module or ""]
    rooms = {name.partition("/")[0].removesuffix(".py") for name in FILES}
    return [f"chainrule.{a.name}" if a.name in rooms else "chainrule" for a in node.names]


def root_imports(source: str) -> list[Import]:
    return [found for found in imports(source) if found.module == "chainrule"]


def heavy_at_import(source: str) -> list[Import]:
    return [
        found
        for found in imports(source)
        if found.package in HEAVY and not (found.deferred or found.typing_only)
    ]


def impure(source: str, numpy_in_functions: bool) -> list[Import]:
    return [
        found
        for found in imports(source)
        if found.package not in sys.stdlib_module_names
        and found.package != "chainrule"
        and not found.typing_only
        and not (numpy_in_functions and found.package == "numpy" and found.deferred)
    ]


def room(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES)
def test_no_module_imports_the_package_root(file: str):
    assert root_imports(FILES[file].read_text()) == []


@pytest.mark.parametrize("file", FILES)
def test_heavy_packages_are_imported_only_where_they_are_used(file: str):
    assert heavy_at_import(FILES[file].read_text()) == []


@pytest.mark.parametrize("file", [file for file in FILES if room(file) in PURE])
def test_the_pure_rooms_stand_on_the_standard_library(file: str):
    assert impure(FILES[file].read_text(), room(file) in USES_NUMPY) == []


def test_the_pure_rooms_are_there():
    assert {room(file) for file in FILES} >= set(PURE)


def test_importing_chainrule_loads_no_array_library():
    heavy = HEAVY | {"numpy"}
    code = f"import sys, chainrule; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "source",
    [
        "import chainrule",
        "import chainrule as cr",
        "from chainrule import sigmoid",
        "from . import errors",
        "def f():\n    import chainrule",
    ],
)
def test_the_checks_see_an_import_of_the_root(source: str):
    assert root_imports(source)


@pytest.mark.parametrize(
    "source", ["from chainrule import ops", "from chainrule.ops import FUNCTIONS"]
)
def test_the_checks_let_an_import_of_a_room_pass(source: str):
    assert root_imports(source) == []
    assert impure(source, numpy_in_functions=False) == []


@pytest.mark.parametrize(
    "source",
    [
        "import torch",
        "from jax import numpy",
        "try:\n    import pandas.io\nexcept ImportError: pass",
    ],
)
def test_the_checks_see_a_heavy_import(source: str):
    assert heavy_at_import(source)
    assert impure(source, numpy_in_functions=True)


def test_the_checks_tell_apart_where_numpy_is_imported():
    inside = "def f():\n    import numpy as np"
    assert impure("import numpy", numpy_in_functions=True)
    assert impure(inside, numpy_in_functions=False)
    assert impure(inside, numpy_in_functions=True) == []
    assert impure("if TYPE_CHECKING:\n    import numpy", numpy_in_functions=False) == []
