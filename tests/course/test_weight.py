"""What every page loads stays within its limits, however many pictures are added."""

from __future__ import annotations

import gzip

from chainrule.course.site import SCRIPT, STYLE, find_assets

SCRIPT_AND_STYLE, FONTS = 60_000, 250_000  # bytes


def test_script_and_style_of_a_page_are_light():
    folder = find_assets().folder
    sizes = {
        name: len(gzip.compress((folder / name).read_bytes(), 9, mtime=0))
        for name in (SCRIPT, STYLE)
    }
    assert sum(sizes.values()) <= SCRIPT_AND_STYLE, sizes


def test_fonts_are_cut_to_size():
    sizes = {p.name: p.stat().st_size for p in find_assets().files if p.suffix == ".woff2"}
    assert len(sizes) >= 4  # text, maths, labels, code
    assert sum(sizes.values()) <= FONTS, sizes
