"""The pictures of the README and the social picture, taken of the built pages: python docs/pictures.py

Needs Playwright and Pillow, and Chromium (CHROMIUM=/path/to/it, if it is not Playwright's own).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from chainrule.course.site import build

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SOCIAL = ROOT / "src" / "chainrule" / "course" / "social.png"
# name, page, state, width, height, scheme, what to bring to the top, colours
SHOTS = (
    ("instrument", "1-univariate-regression", "step=6&open=dw", 1280, 1316, "light", ".pictures"),
    (
        "saddle",
        "3-two-layer-linear",
        "step=80&surface=1&axes=W1[0, 0];w2[0, 0]",
        1280,
        560,
        "dark",
        ".pictures",
    ),
    ("network", "4-two-layer-sigmoid", "step=600", 390, 844, "dark", ".pictures"),
)


def main() -> None:
    """Build the pages, photograph them, and write the pictures small."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        build(folder)
        browser = play.chromium.launch(
            executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, page, state, width, height, scheme, top in SHOTS:
            shot = _shot(
                browser, f"{Path(folder, page).as_uri()}.html#{state}", width, height, scheme, top
            )
            _small(shot, PICTURES / f"{name}.webp")
        _small(
            _shot(
                browser,
                f"{Path(folder, 'index').as_uri()}.html",
                1200,
                630,
                "light",
                ".page-header",
            ),
            SOCIAL,
        )
        browser.close()


def _shot(browser: Browser, address: str, width: int, height: int, scheme: str, top: str) -> bytes:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", device_scale_factor=1.5
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.fonts.ready")
    page.evaluate(
        "top => window.scrollTo(0, document.querySelector(top).getBoundingClientRect().top + scrollY - 24)",
        top,
    )
    if top == ".page-header":  # the social picture: name, title, instrument
        page.evaluate(
            "document.querySelectorAll('.page > p:not(.chapter), .chapters, .page-tools').forEach(e => e.remove())"
        )
    page.wait_for_timeout(1500)
    shot = page.screenshot()
    context.close()
    return shot


def _small(shot: bytes, target: Path) -> None:
    from io import BytesIO

    image = Image.open(BytesIO(shot)).convert("RGB")
    if target.suffix == ".png":
        image = image.resize((1200, 630), Image.Resampling.LANCZOS)
        # every colour is kept: a palette loses the violet or puts bands into the landscape
        image.save(target, optimize=True)
    else:
        image.save(target, quality=80, method=6)


if __name__ == "__main__":
    main()
