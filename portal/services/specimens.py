"""Draws made-up scans for the demonstration: a sheet that says what it stands for, and that it is no real one."""

from __future__ import annotations

import textwrap
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

#: A sheet in the proportions of A4.
SIZE: Final = (827, 1170)
_PAPER, _INK, _FAINT = "#fdfcf7", "#22263a", "#c9c6ba"


def scan(title: str) -> bytes:
    """A JPEG of a sheet that bears this title; the same for the same title."""
    sheet = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((24, 24, SIZE[0] - 24, SIZE[1] - 24), outline=_FAINT, width=2)
    down = 110
    for line in textwrap.wrap(title, 34)[:6]:
        pen.text((SIZE[0] / 2, down), line, _INK, _font(30), anchor="mm")
        down += 46
    for number in range(14):
        height, end = down + 60 + 44 * number, SIZE[0] - 90 - 37 * (number * 5 % 7)
        pen.line((90, height, end, height), _FAINT, 3)
    pen.text((SIZE[0] / 2, SIZE[1] - 90), "Bản trình diễn, không có giá trị", _INK, _font(24), anchor="mm")
    out = BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    with as_file(files("fontpkg_be_vietnam_pro") / "files" / "BeVietnamPro-Regular.ttf") as path:
        return ImageFont.truetype(str(path), size)
