"""Lays out papers for the printer: pages of the sealed files on sheets, with nothing added and nothing left out.

What comes of it is for the printer only: it bears no signature and no tags; the sealed file stays the paper of record.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pikepdf import Page, Pdf

_MM: Final = 72 / 25.4
#: A4 upright, in points; turned, it holds two pages of A5, which is half of it.
_WIDTH, _HEIGHT = 210 * _MM, 297 * _MM
#: What has its shorter side below this is a slip or letter on A5; anything else is on A4 already.
_A5_AT_MOST: Final = 150 * _MM


class Layout(StrEnum):
    """How papers are laid out on sheets of A4."""

    TWICE = "hai-ban"  # every page twice: two of A5 on one sheet, to be cut; a paper on A4 after itself
    LARGE = "chu-to"  # A5 enlarged to A4, which is 141 %; a paper on A4 has letters of that size already


def sheets(papers: Iterable[BinaryIO], layout: Layout) -> bytes:
    """One PDF that prints these papers one after the other, and asks the viewer to open its print dialog."""
    import pikepdf  # here, because most processes that can print never do

    printed = pikepdf.new()
    for paper in papers:
        with pikepdf.open(paper) as sealed:
            if layout is Layout.LARGE:
                for page in sealed.pages:
                    _place(printed, page, 1)
            elif all(_is_a5(page) for page in sealed.pages):
                for page in sealed.pages:
                    _place(printed, page, 2)
            else:
                for page in (*sealed.pages, *sealed.pages):
                    _place(printed, page, 1)
    _ask_to_print(printed)
    laid_out = BytesIO()
    printed.save(laid_out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return laid_out.getvalue()


def _is_a5(page: Page) -> bool:
    return min(_size(page)) < _A5_AT_MOST


def _size(page: Page) -> tuple[float, float]:
    left, bottom, right, top = map(float, page.mediabox)
    return right - left, top - bottom


def _place(printed: Pdf, page: Page, copies: int) -> None:
    """A new sheet with a page once, or twice: upright ones side by side, lying ones above each other.

    Each is as large as the sheet lets it be, and the sheet lies or stands as that asks.
    """
    from pikepdf import Rectangle

    width, height = _size(page)
    lying, twice = width > height, copies > 1
    across, up = (_HEIGHT, _WIDTH) if lying != twice else (_WIDTH, _HEIGHT)
    sheet = printed.add_blank_page(page_size=(across, up))
    drawn = printed.copy_foreign(page.as_form_xobject())
    for copy in range(copies):
        if lying:
            place = Rectangle(0, copy * up / copies, across, (copy + 1) * up / copies)
        else:
            place = Rectangle(copy * across / copies, 0, (copy + 1) * across / copies, up)
        sheet.add_overlay(drawn, place)


def _ask_to_print(printed: Pdf) -> None:
    """Have viewers open their print dialog at once, at the true size: the sheets are laid out for it."""
    from pikepdf import Dictionary, Name

    printed.Root.OpenAction = Dictionary(S=Name.Named, N=Name.Print)
    printed.Root.ViewerPreferences = Dictionary(PrintScaling=Name("/None"))
