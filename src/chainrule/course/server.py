"""The course in the browser: pages built into a cache when they are first asked for, served on 127.0.0.1 alone."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from chainrule.course.files import (
    HERE,
    OWN,
    Assets,
    find_assets,
    lessons_folder,
    write_assets,
)
from chainrule.errors import DataError
from chainrule.files import write

if TYPE_CHECKING:
    from chainrule.course.site import Course
    from chainrule.model import Model

PORT, TRIES = 8321, 50
_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
          ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json"}  # fmt: skip
Say = Callable[[str], None]
_forever = threading.Event  # waited for, and never set


def open_course(
    model: Model | None = None,
    data: Any = None,
    target: str | list[str] | None = None,
    port: int | None = None,
    browser: bool = True,
    *,
    features: str | list[str] | None = None,
    sizes: Mapping[str, int] | None = None,
    say: Say | None = None,
) -> None:
    """Open the course, or a model with its data, in the browser; return when the reader presses Ctrl-C.

    Args:
        model: a model, to open with the same instrument; None for the course.
        data: its data: a table (a path, the name of a shipped data set, a frame) or arrays; None for made-up ones.
        target, features: columns of a table.
        port: where to serve; the next free one if it is taken. None for 8321.
        browser: False only to print the address.
        sizes: sizes that the data do not tell, such as {"n_h": 16}.
        say: what to call with each line for the reader; None to print it.

    Raises:
        DataError, UnknownNameError: the data do not fit the model; says what to write instead.
        MissingAssetsError: the pages' script and style are not built.
    """
    tell = say or print_at_once
    with start(model, data, target, port, features=features, sizes=sizes, say=tell) as served:
        stay(served, browser, tell)


def start(
    model: Model | None = None,
    data: Any = None,
    target: str | list[str] | None = None,
    port: int | None = None,
    *,
    features: str | list[str] | None = None,
    sizes: Mapping[str, int] | None = None,
    say: Say | None = None,
) -> Served:
    """Start serving and return at once; for the arguments see `open_course`. Close what is returned."""
    if model is None and data is not None:
        raise DataError(
            "data were given without a model. Name the model too, as in: chainrule open univariate --data FILE."
        )
    pages = Pages(find_assets(), *cache_folder())
    if model is not None:
        from chainrule.course.own import model_page
        from chainrule.course.samples import sample

        given = None if data is None else sample(model, data, target, features)
        page = model_page(pages.course, model, given, dict(sizes or {}))
        return serve(pages, page, port, say)
    return serve(pages, None, port, say)


def serve(pages: Pages, own: str | None, port: int | None = None, say: Say | None = None) -> Served:
    """Serve the course, and a page of the reader's own where there is one; return at once."""
    pages.prepare()
    made = {} if own is None else {f"/{OWN}": own.encode()}
    server = _bind(pages, made, PORT if port is None else port, say or print_at_once)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=pages.rest, daemon=True).start()
    return Served(server, pages, OWN if made else "")


def stay(served: Served, browser: bool, tell: Say) -> None:
    """Say where a page is, show it in the browser, and stay until the reader presses Ctrl-C."""
    announce(served, browser, tell, "   (Ctrl-C ends it)")
    try:
        _forever().wait()
    except KeyboardInterrupt:
        tell("")


def announce(served: Served, browser: bool, tell: Say, hint: str = "") -> None:
    """Say where a page is, and show it in the browser."""
    tell(f"chainrule is open at {served.address}{hint}")
    if browser and not _shown(served.address):
        tell("No browser was found: open that address in one.")


def print_at_once(line: str) -> None:
    """Print a line at once, even where output is held back for a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _shown(address: str) -> bool:
    """Open a browser; False where there is none (one inside the terminal would not do)."""
    headless = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    )
    try:
        return not headless and webbrowser.open(address)
    except webbrowser.Error:
        return False


# -- the cache
def cache_folder() -> tuple[Path, bool]:
    """Return the folder of the built pages, and whether it is a temporary one because the cache cannot be written."""
    folder = _caches() / "chainrule" / "course" / fingerprint()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="chainrule-")), True
    return folder, False


def _caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def fingerprint() -> str:
    """Return what the pages depend on in 16 digits: the version, the package's sources and data, the lessons, the assets."""
    try:
        known = version("chainrule")
    except PackageNotFoundError:
        known = "source"
    total = hashlib.sha256(known.encode())
    package = HERE.parent
    kinds = (".py", ".csv", ".md", ".js")
    files = [p for p in package.rglob("*") if p.suffix in kinds and "__pycache__" not in p.parts]
    files += [p for p in lessons_folder().rglob("*") if p.is_file()]
    for path in [*sorted(files), *find_assets().files]:
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def _names() -> set[str]:
    """Return the file names of the course's pages, read from the lessons' folder and not from the lessons."""
    found = lessons_folder().glob("[0-9]*-*/page.md")
    return {"index.html", *(f"{path.parent.name}.html" for path in found)}


@dataclass
class Pages:
    """The course's pages in a folder, each made when it is first asked for.

    Those that are there are served without the engine: to import it takes longer than a reader should wait.
    """

    assets: Assets
    folder: Path
    temporary: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    @cached_property
    def course(self) -> Course:
        """What makes the pages."""
        from chainrule.course.site import Course

        return Course(self.assets)

    def prepare(self) -> None:
        """Make the assets and the index, without which nothing opens."""
        for path in self.assets.files:
            target = self.folder / path.relative_to(self.assets.folder)
            if not target.is_file():
                write_assets(self.assets, self.folder)
                break
        self.ensure("index.html")

    def ensure(self, name: str) -> None:
        """Make a page if it is one of the course's and is not there yet."""
        if (self.folder / name).is_file() or name not in _names():
            return
        with self._lock:
            if not (self.folder / name).is_file() and not self._closed:
                write(self.folder / name, self.course.html(name).encode())

    def rest(self) -> None:
        """Make all pages, so that none has to be waited for."""
        if all((self.folder / name).is_file() for name in _names()):
            return
        for name in self.course.pages:
            if self._closed:
                return
            try:
                self.ensure(name)
            except Exception:  # the request for it will say so
                return

    def close(self) -> None:
        """Stop making pages; throw a temporary folder away."""
        self._closed = True
        if self.temporary:
            with self._lock:
                shutil.rmtree(self.folder, ignore_errors=True)


# -- the server
class _Server(ThreadingHTTPServer):
    allow_reuse_address = os.name != "nt"  # there it would let two servers share a port
    daemon_threads = True


def _bind(pages: Pages, made: Mapping[str, bytes], port: int, say: Say) -> _Server:
    class Handler(_Handler):
        site, own = pages, made

    for candidate in range(port, port + TRIES) if port else [0]:
        try:
            server = _Server(("127.0.0.1", candidate), Handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise DataError(f"port {candidate} cannot be served: {error.strerror}.") from None
            continue
        except OverflowError:
            break
        if candidate != port:
            say(f"Port {port} is in use; {candidate} is taken instead.")
        return server
    raise DataError(
        f"no port from {port} to {port + TRIES - 1} is free. Choose another with --port."
    )


class _Handler(SimpleHTTPRequestHandler):
    """Serves the folder and what was made for this session; lists nothing, logs nothing, answers only this machine."""

    site: Pages
    own: Mapping[str, bytes]
    server_version = "chainrule"
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, directory=str(self.site.folder), **more)

    def do_GET(self) -> None:
        """Answer a request for a page or a file."""
        self._answer(super().do_GET)

    def do_HEAD(self) -> None:
        """Answer as for GET, without the content."""
        self._answer(super().do_HEAD)

    def _answer(self, otherwise: Callable[[], None]) -> None:
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in ("127.0.0.1", "localhost"):  # another site's name that leads here
            self.send_error(403)
            return
        path = unquote(urlsplit(self.path).path)
        if path in self.own:
            self._send(self.own[path])
            return
        name = path.strip("/") or "index.html"
        try:
            self.site.ensure(name)
        except Exception as error:
            self.send_error(500, explain=str(error))
            return
        if any(part.startswith(".") for part in Path(name).parts):
            self.send_error(404)
            return
        otherwise()

    def _send(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", _TYPES[".html"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """List nothing."""
        self.send_error(404)

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        """Return the right type whatever the system's registry says."""
        return _TYPES.get(Path(path).suffix.lower(), "application/octet-stream")

    def end_headers(self) -> None:
        """Add what every answer carries."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""


@dataclass(frozen=True)
class Served:
    """A server that runs: its address; close it, or use it in a `with`."""

    server: _Server
    pages: Pages
    page: str = ""

    @property
    def address(self) -> str:
        """Where to find it."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/{self.page}"

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.pages.close()

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


__all__ = [
    "Pages",
    "Served",
    "announce",
    "cache_folder",
    "fingerprint",
    "open_course",
    "serve",
    "start",
    "stay",
]
