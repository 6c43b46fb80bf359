"""Sheets for the printer: what is on them is what stands in the paper, as often and as large as was asked."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from portal.domain.slips import Payload
from portal.services.printing import Layout, sheets
from tests.sample_papers import LETTER, LONG_RECEIPT, PERMIT, RECEIPT
from workers import pdf

A4, LYING = (595, 842), (842, 595)


@pytest.fixture(scope="module")
def receipt() -> bytes:
    return pdf.render(RECEIPT)


def printed(layout: Layout, *papers: bytes) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(sheets(map(BytesIO, papers), layout))


def sizes(document: pypdfium2.PdfDocument) -> list[tuple[int, int]]:
    return [(round(page.get_width()), round(page.get_height())) for page in document]


def words(document: pypdfium2.PdfDocument) -> list[str]:
    return sorted(word for page in document for word in page.get_textpage().get_text_range().split())


def test_a_slip_on_a5_is_printed_twice_beside_itself_on_one_sheet_of_a4(receipt: bytes) -> None:
    sheet = printed(Layout.TWICE, receipt)
    assert sizes(sheet) == [LYING]
    halves = sheet[0].render(scale=1).to_pil().convert("L")
    width, height = halves.width // 2, halves.height
    left, right = halves.crop((0, 0, width, height)), halves.crop((width, 0, 2 * width, height))
    dark = [sum(half.histogram()[:128]) for half in (left, right)]
    assert min(dark) > 0.9 * max(dark) > 1000


def test_a_letter_which_lies_is_printed_twice_above_itself_and_in_large_fills_a_lying_sheet() -> None:
    letter = pdf.render(LETTER)
    sheet = printed(Layout.TWICE, letter)
    assert sizes(sheet) == [A4]
    whole = sheet[0].render(scale=1).to_pil().convert("L")
    width, height = whole.width, whole.height // 2
    halves = [whole.crop((0, place * height, width, (place + 1) * height)) for place in range(2)]
    dark = [sum(half.histogram()[:128]) for half in halves]
    assert min(dark) > 0.9 * max(dark) > 1000
    assert sizes(printed(Layout.LARGE, letter)) == [LYING]


@pytest.mark.parametrize(("layout", "copies"), [(Layout.TWICE, 2), (Layout.LARGE, 1)])
@pytest.mark.parametrize("payload", [RECEIPT, LONG_RECEIPT, PERMIT], ids=["a5", "long", "a4"])
def test_a_sheet_says_what_the_paper_says_and_nothing_new(payload: Payload, layout: Layout, copies: int) -> None:
    paper = pdf.render(payload)
    assert words(printed(layout, paper)) == sorted(copies * words(pypdfium2.PdfDocument(paper)))


def test_a_paper_on_a4_is_printed_twice_page_after_page() -> None:
    paper = pdf.render(PERMIT)
    assert sizes(printed(Layout.TWICE, paper)) == 2 * sizes(pypdfium2.PdfDocument(paper))


def test_in_large_letters_a_slip_fills_a_sheet_of_a4(receipt: bytes) -> None:
    large, small = printed(Layout.LARGE, receipt), pypdfium2.PdfDocument(receipt)
    assert sizes(large) == [A4]
    heights = [
        max(high - low for _l, low, _r, high in map(text.get_charbox, range(text.count_chars())))
        for text in (page.get_textpage() for page in (large[0], small[0]))
    ]
    assert heights[0] / heights[1] == pytest.approx(2**0.5, rel=0.02)


def test_several_papers_are_one_file_that_opens_the_print_dialog_and_runs_nothing(receipt: bytes) -> None:
    batch = sheets(map(BytesIO, [receipt, pdf.render(PERMIT), receipt]), Layout.TWICE)
    with pikepdf.open(BytesIO(batch)) as opened:
        assert len(opened.pages) == 4
        assert opened.Root.OpenAction.S == "/Named"
        assert "/AcroForm" not in opened.Root
        assert "/Names" not in opened.Root
