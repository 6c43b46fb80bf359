"""The figures of a period as an XLSX workbook: in all, by unit, by procedure, by month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

#: One sheet: its name, its columns' titles, and its rows; texts stay texts, so that codes keep their zeros.
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]

_WIDTHS: Final = (12, 42)


def workbook(title: str, sheets: Iterable[Sheet]) -> bytes:
    """The workbook, written row by row in constant memory."""
    out = BytesIO()
    book = Workbook(out, {"constant_memory": True})
    book.set_properties({"title": title})
    strong, head = book.add_format({"bold": True}), book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    for name, columns, rows in sheets:
        sheet = book.add_worksheet(name)
        sheet.set_column(0, len(columns) - 1, _WIDTHS[0])
        sheet.set_column(1, 1, _WIDTHS[1])
        sheet.freeze_panes(3, 0)
        sheet.write_string(0, 0, title, strong)
        _write(sheet, 2, columns, head)
        for number, row in enumerate(rows, 3):
            _write(sheet, number, row)
    book.close()
    return out.getvalue()


def _write(sheet: Worksheet, number: int, row: Sequence[Any], form: Any = None) -> None:
    for place, value in enumerate(row):
        if isinstance(value, str):
            sheet.write_string(number, place, value, form)
        elif value is not None:
            sheet.write_number(number, place, value, form)
