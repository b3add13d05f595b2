"""The pages as files and as served: self-contained, strict, deterministic; the server and what can go wrong with it."""

import base64
import hashlib
import http.client
import json
import re
import socket
import stat
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from course.check import check

import chainrule as cr
from chainrule import models
from chainrule.course import files, server, site
from chainrule.course.own import model_page
from chainrule.course.samples import sample
from chainrule.course.site import Course, MissingAssetsError, build
from chainrule.errors import DataError

SCRIPT = 'var s = "</script>"; console.log(s);\n'
STYLE = '@font-face { font-family: "A"; src: url(./fonts/a.woff2) format("woff2"); }\nbody { color: red; }\n'


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    """Assets that stand in for the built ones, so that these tests need no Node."""
    folder = tmp_path_factory.mktemp("assets")
    (folder / "fonts").mkdir()
    (folder / "chainrule.js").write_text(SCRIPT)
    (folder / "chainrule-extras.js").write_text("var extras = 1;")
    (folder / "chainrule.css").write_text(STYLE)
    (folder / "fonts" / "a.woff2").write_bytes(b"wOF2font")
    return site.Assets(folder)


@pytest.fixture(autouse=True)
def _no_real_assets(assets, monkeypatch, tmp_path):
    monkeypatch.setattr(site, "find_assets", lambda: assets)
    monkeypatch.setattr(server, "find_assets", lambda: assets)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def pages(assets):
    course = Course(assets)
    return {name: course.html(name) for name in course.pages}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


# -- pages
def test_every_page_is_self_contained_and_strict(pages):
    for name, text in pages.items():
        tags = Page(text).tags
        for tag, attributes in tags:
            assert not any(key.startswith("on") for key in attributes), (name, tag, attributes)
            assert "style" not in attributes, (name, tag, attributes)
            for key in ("src", "href", "action", "data"):
                value = attributes.get(key) or ""
                assert not re.match(r"[a-z]+:|//|/", value.removeprefix("data:")), (
                    name,
                    tag,
                    value,
                )
        policy = next(a["content"] for tag, a in tags if a.get("http-equiv"))
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "http:" not in re.sub(
            r"http://www\.w3\.org/\d{4}/(svg|Math/MathML)", "", body_of(text)
        )


def body_of(text):
    return re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)


def test_links_between_pages_lead_somewhere(pages):
    for text in pages.values():
        for tag, attributes in Page(text).tags:
            if tag == "a" and not attributes["href"].startswith("#"):
                assert attributes["href"] in pages


def test_chapters_carry_a_contract_that_checks(pages):
    for name, text in pages.items():
        found = re.findall(
            r'<script type="application/json" id="contract">(.*?)</script>', text, re.DOTALL
        )
        assert len(found) == ('data-instrument="contract"' in text)
        assert found or name == "index.html" or "data-widget=" in text
        for document in found:
            assert "<" not in document
            check(json.loads(document))


def test_pages_come_out_the_same_every_time(assets, pages):
    again = Course(assets)
    for name in again.pages[:3]:
        assert again.html(name) == pages[name]


def test_build_writes_the_course_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    written = build(tmp_path)
    assert written[0] == tmp_path / "index.html"
    assert (tmp_path / "fonts" / "a.woff2").read_bytes() == b"wOF2font"
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not list(tmp_path.rglob(".chainrule-*"))
    assert stat.S_IMODE(written[0].stat().st_mode) == 0o644


def test_a_single_file_holds_everything_and_its_hashes_are_right(assets):
    text = Course(assets, single_file=True).html("index.html")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(script) == len(style) == 1
    for content in (*script, *style):
        expected = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{expected}'" in policy
    assert script[0].index("var extras") < script[0].index("var s")
    assert "url(data:font/woff2;base64," in style[0]
    assert "font-src data:" in policy
    assert not [
        a for tag, a in Page(text).tags if tag in ("script", "link") and "chainrule" in str(a)
    ]


def test_missing_assets_name_the_command(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(files, "HERE", tmp_path)
    monkeypatch.setattr(files, "CHECKOUT", tmp_path)
    with pytest.raises(MissingAssetsError, match="cd web && npm ci && npm run build"):
        site.find_assets()


@pytest.mark.skipif(
    sys.platform == "win32", reason="there a file may not be a parent either, with other words"
)
def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        build(tmp_path / "file" / "below")


# -- the reader's own model
def test_own_model_and_data(assets, tmp_path):
    model = cr.parse(
        "H = tanh(W1 @ X + b1); Y_hat = w2 @ H; L = mean((Y_hat - Y)**2)",
        data={"X": "n_x m", "Y": "1 m"},
        parameters={"W1": "n_h n_x", "b1": "n_h 1", "w2": "1 n_h"},
        name="mine",
    )
    (tmp_path / "my.csv").write_text("a,b,y\n1,2,3\n2,1,4\n3,5,9\n4,4,8\n")
    text = model_page(Course(assets), model, sample(model, tmp_path / "my.csv", "y"), {})
    document = json.loads(re.search(r'id="contract">(.*?)</script>', text, re.DOTALL)[1])
    check(document)
    assert document["data"]["features"] == ["a", "b"]
    assert "n_h = 8" in text


def test_every_model_opens_without_data(assets):
    for model in models.names().values():
        text = model_page(Course(assets), model, None, {})
        check(json.loads(re.search(r'id="contract">(.*?)</script>', text, re.DOTALL)[1]))


# -- the server
def get(served, path, **headers):
    connection = http.client.HTTPConnection(
        "127.0.0.1", served.server.server_address[1], timeout=20
    )
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content


def test_the_server_serves_pages_and_nothing_else(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    with server.start(port=0, say=lambda line: None) as served:
        status, headers, content = get(served, "/")
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert b"Univariate regression" in content
        assert headers["x-content-type-options"] == "nosniff"
        assert get(served, "/chainrule.js")[1]["content-type"] == "text/javascript; charset=utf-8"
        assert get(served, "/fonts/a.woff2")[1]["content-type"] == "font/woff2"
        assert get(served, "/1-univariate-regression.html")[0] == 200
        assert get(served, "/fonts/")[0] == 404
        assert get(served, "/../../secret.txt")[0] == 404
        assert get(served, "/%2e%2e/%2e%2e/secret.txt")[0] == 404
        assert get(served, "/nothing.html")[0] == 404
        assert get(served, "/", Host="evil.example:80")[0] == 403


def test_a_port_in_use_gives_way_to_the_next():
    said = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with server.start(port=port, say=said.append) as served:
            assert served.server.server_address[1] > port
    assert f"Port {port} is in use" in said[0]


def test_own_model_is_served_under_its_own_address():
    with server.start(models.logistic, port=0, say=lambda line: None) as served:
        assert served.address.endswith("/your-own-model.html")
        status, _, content = get(served, "/your-own-model.html")
        assert status == 200
        assert b"Logistic regression" in content


def test_data_without_a_model_are_refused():
    with pytest.raises(DataError, match="Name the model too"):
        server.start(data="old_faithful")


def test_a_cache_that_cannot_be_written_is_replaced(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with server.start(port=0, say=lambda line: None) as served:
        assert served.pages.temporary
        assert get(served, "/")[0] == 200
        folder = served.pages.folder
    assert not folder.exists()


def test_the_second_start_finds_its_pages_in_the_cache():
    with server.start(port=0, say=lambda line: None) as served:
        get(served, "/1-univariate-regression.html")
        page = served.pages.folder / "1-univariate-regression.html"
        before = page.stat().st_mtime_ns
    with server.start(port=0, say=lambda line: None) as served:
        get(served, "/1-univariate-regression.html")
        assert page.stat().st_mtime_ns == before


FILLED = """
import sys, urllib.request
from pathlib import Path
from chainrule.course import files, server
server.find_assets = lambda: files.Assets(Path(sys.argv[1]))
folder, _ = server.cache_folder()
names = [f"{path.parent.name}.html" for path in files.lessons_folder().glob("[0-9]*-*/page.md")]
for name in ("index.html", *names):
    (folder / name).write_text(f"kept {name}")
with server.start(port=0, say=print) as served:
    for name in ("", *names):
        assert urllib.request.urlopen(served.address + name).read().startswith(b"kept")
    served.pages.rest()
print([name for name in ("numpy", "chainrule.model", "chainrule.course.lesson") if name in sys.modules])
"""


def test_pages_that_are_built_are_served_without_the_engine(assets):
    done = subprocess.run(
        [sys.executable, "-c", FILLED, str(assets.folder)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_without_a_browser_the_address_is_said_and_ctrl_c_ends_quietly(monkeypatch):
    said = []

    class Interrupted:
        def wait(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(server, "_shown", lambda address: False)
    monkeypatch.setattr(server, "_forever", Interrupted)
    server.open_course(port=0, say=said.append)
    assert re.search(r"http://127\.0\.0\.1:\d+/", said[0])
    assert said[1] == "No browser was found: open that address in one."


def test_a_base_url_gives_links_a_picture(tmp_path):
    text = Course(site.find_assets(), base_url="https://example.org/course/", lessons=[]).html(
        "index.html"
    )
    assert '<meta property="og:image" content="https://example.org/course/social.png">' in text
    assert "og:image" not in Course(site.find_assets(), lessons=[]).html("index.html")


def test_a_base_url_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError) as error:
        build(tmp_path, base_url="example.org")
    assert str(error.value) == (
        '"example.org" is no web address. Write where the pages will stand, as in: --base-url https://example.org/course'
    )
