"""A real Firefox, driven by WebDriver BiDi, which it speaks itself: a websocket, and JSON each way."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("firefox-esr", "firefox")
PATIENCE = 60  # seconds that anything may take on a loaded machine; nothing is asserted of it
PREFERENCES = {
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "ui.prefersReducedMotion": 1,
    "ui.systemUsesDarkTheme": 0,
}
EVENTS = ["log.entryAdded", "network.fetchError", "network.responseCompleted"]
LEFT = "NS_BINDING_ABORTED"  # what was still loading when the next page was opened
WATCH = """() => addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"""


class Firefox:
    """One tab, and what went wrong in it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.ids = socket, itertools.count()
        self.wrong: list[str] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=EVENTS)
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("script.addPreloadScript", functionDeclaration=WATCH)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command; return its result, and keep the events that come before it."""
        mine = next(self.ids)
        self.socket.send(json.dumps({"id": mine, "method": method, "params": params}))
        while True:
            got = json.loads(self.socket.recv(timeout=PATIENCE))
            if got["type"] == "event":
                self.heard(got["method"], got["params"])
            elif got["id"] == mine:
                assert got["type"] == "success", f"{method}: {got.get('message')}"
                return got["result"]

    def heard(self, method: str, event: dict[str, Any]) -> None:
        """Keep a message of the console, an error, a policy report, a file that does not come."""
        if method == "log.entryAdded":
            self.wrong.append(f"{event['level']}: {event['text']}")
        elif "errorText" in event:
            if event["errorText"] == LEFT:
                return
            self.wrong.append(f"failed: {event['request']['url']} {event['errorText']}")
        elif event["response"]["status"] >= 400:
            self.wrong.append(f"failed: {event['request']['url']} {event['response']['status']}")

    def visit(self, address: str, width: int = 1280) -> None:
        """Open a page and wait until it is loaded, with its faces."""
        viewport = {"width": width, "height": 900}
        self.ask("browsingContext.setViewport", context=self.tab, viewport=viewport)
        self.ask("browsingContext.navigate", context=self.tab, url=address, wait="complete")
        self.read("document.fonts.ready.then(() => true)")

    def read(self, expression: str) -> Any:
        """Evaluate a JavaScript expression in the page."""
        got = self.ask(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((it) => JSON.stringify(it ?? null))",
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert got["type"] == "success", got["exceptionDetails"]["text"]
        return json.loads(got["result"]["value"])

    def until(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.read(f"Boolean({expression})"):
            assert time.monotonic() < end, f"not within {PATIENCE} s: {expression}"
            time.sleep(0.03)

    def act(self, kind: str, *actions: dict[str, Any]) -> None:
        """Use the mouse (kind "pointer") or the keyboard (kind "key")."""
        source = {"type": kind, "id": kind, "actions": list(actions)}
        self.ask("input.performActions", context=self.tab, actions=[source])

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.act("key", {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key})

    def click(self, selector: str, across: float = 0.5, down: float = 0.5) -> None:
        """Click what a selector finds first, at a part of its width and of its height."""
        self.drag(selector, across, down)

    def drag(self, selector: str, across=0.5, down=0.5, by: tuple[int, int] | None = None) -> None:
        """Press there, move by so many pixels, let go."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.until(found)
        box = self.read(
            f"({found}.scrollIntoView({{block: 'center', behavior: 'instant'}}), {found}.getBoundingClientRect())"
        )
        x, y = round(box["x"] + box["width"] * across), round(box["y"] + box["height"] * down)
        steps = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        for part in (0.25, 0.5, 0.75, 1) if by else ():
            at = {"x": x + round(part * by[0]), "y": y + round(part * by[1])}
            steps.append({"type": "pointerMove", **at})
        self.act("pointer", *steps, {"type": "pointerUp", "button": 0})


@contextlib.contextmanager
def opened(profile: Path, **preferences: Any) -> Iterator[Firefox]:
    """Start Firefox with an empty profile; end it."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    assert found, f"no Firefox: install it, so that one of {', '.join(NAMES)} is on PATH."
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});"
        for name, value in {**PREFERENCES, **preferences}.items()
    )
    (profile / "user.js").write_text("\n".join(lines))
    flags = ["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)]
    with (profile / "log").open("w") as log:
        process = subprocess.Popen([found, *flags], stdout=log, stderr=log)
    try:
        with connect(address(profile, process), max_size=None, open_timeout=PATIENCE) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Return where Firefox listens, which it writes into its profile when it does."""
    end, note = time.monotonic() + PATIENCE, profile / "WebDriverBiDiServer.json"
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            where = json.loads(note.read_text())
            return f"ws://{where['ws_host']}:{where['ws_port']}/session"
        time.sleep(0.05)
    raise AssertionError(f"Firefox did not start: {(profile / 'log').read_text()}")
