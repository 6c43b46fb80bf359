"""The pages of the register book: the books of a unit, the lines of one, its volumes as papers and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import words
from portal.domain.access import Right, may
from portal.domain.errors import Conflict
from portal.domain.slips import RegisterLine, SlipKind
from portal.services.file_kinds import Kind
from portal.services.uploads import serving_headers
from portal.store.register_models import RegisterBook
from portal.usecases import law, registers
from portal.web import papers
from portal.web.access import actor, opens
from portal.web.management import XLSX
from portal.web.resources import now
from portal.web.texts import number
from portal.web.workbook import workbook
from procedures.model import Sector

blueprint = Blueprint("registers", __name__)

#: The columns of the form, as it calls them.
COLUMNS: Final = (
    "STT", "Mã hồ sơ", "Tên TTHC / Nội dung hồ sơ", "Số lượng hồ sơ (bộ)", "Tên cá nhân, tổ chức",
    "Địa chỉ, số điện thoại", "Cơ quan chủ trì giải quyết", "Nhận hồ sơ", "Hẹn trả kết quả",
    "Chuyển hồ sơ đến cơ quan giải quyết", "Nhận kết quả từ cơ quan giải quyết", "Trả kết quả: Ngày, tháng, năm",
    "Phương thức nhận kết quả", "Ký nhận: bên giao", "Ký nhận: bên nhận", "Ghi chú",
)  # fmt: skip


@blueprint.get("/so-theo-doi", endpoint="registers")
@opens(Right.REGISTERS)
def shelf() -> str:
    """The books that one's unit keeps, by year."""
    who = actor()
    found = registers.books(who)
    return render_template(
        "desk/registers.html",
        unit=law.unit(who.unit) if who.unit else None,
        role=words.ROLES[who.role],
        years=[(year, [_book(book) for book in books]) for year, books in groupby(found, lambda book: book.year)],
        several=len({book.unit for book in found}) > 1,
    )


@blueprint.get("/so-theo-doi/<int:book_id>")
@opens(Right.REGISTERS)
def book(book_id: int) -> str:
    """A page of the lines of a book, its volumes, and the button that locks it."""
    who, at = actor(), now()
    opened = registers.open_book(who, book_id, number(request.args.get("tu")) or 1, at)
    return render_template(
        "desk/register.html",
        **_book(opened.book),
        lines=opened.lines,
        volumes=[_volume(opened.book, volume) for volume in opened.volumes],
        can_lock=opened.can_be_locked and may(who, Right.LOCKING),
        older_url=url_for("registers.book", book_id=book_id, tu=opened.after) if opened.after else "",
        newer_url=url_for("registers.book", book_id=book_id, tu=opened.before) if opened.before else "",
    )


@blueprint.post("/so-theo-doi/<int:book_id>/in")
@opens(Right.REGISTERS)
def print_out(book_id: int) -> ResponseReturnValue:
    """Make out a volume of an open book as it stands."""
    try:
        registers.print_out(actor(), book_id, request.form.get("volume", ""), now())
        flash(_("Đang lập: %(paper)s", paper=papers.TITLES[SlipKind.REGISTER]), "good")
    except Conflict:
        flash(_("Sổ đã khóa: bản in là bản đã đóng dấu."), "warn")
    return _back(book_id)


@blueprint.post("/so-theo-doi/<int:book_id>/khoa")
@opens(Right.LOCKING)
def lock(book_id: int) -> ResponseReturnValue:
    """Lock a book whose year is over."""
    try:
        registers.lock(actor(), book_id, now())
        flash(_("Đã khóa sổ. Các quyển đang được lập và đóng dấu."), "good")
    except Conflict:
        flash(_("Chưa khóa được: sổ đã khóa rồi, hoặc năm của sổ chưa hết."), "warn")
    return _back(book_id)


@blueprint.get("/so-theo-doi/<int:book_id>/giay/<int:slip_id>")
@opens(Right.REGISTERS)
def paper(book_id: int, slip_id: int) -> Response:
    """A rendered volume."""
    slip = registers.paper(actor(), book_id, slip_id)
    assert slip.sha256 is not None
    name = f"so-theo-doi-ho-so-{slip.number.replace('/', '-')}.pdf"
    return papers.stored(slip.sha256, serving_headers(name, Kind.PDF, inline=True))


@blueprint.get("/so-theo-doi/<int:book_id>/so.xlsx")
@opens(Right.REGISTERS)
def download(book_id: int) -> Response:
    """All lines of a book as a workbook."""
    found, lines = registers.every_line(actor(), book_id)
    sector = Sector(found.sector).label.vi
    title = f"Sổ theo dõi hồ sơ, {law.unit(found.unit).name.vi}, lĩnh vực {sector}, năm {found.year}"
    content = workbook(title, [(f"Năm {found.year}", COLUMNS, _cells(lines))])
    name = f"so-theo-doi-ho-so-{found.unit}-{found.sector}-{found.year}.xlsx"
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _cells(lines: Iterator[RegisterLine]) -> Iterator[list[Any]]:
    for line in lines:
        yield [
            line.number, line.code, line.subject, line.sets, line.applicant, line.contact, line.office,
            *(_day(day) for day in (line.received_on, line.due_on, line.forwarded_on, line.result_on, line.handed_on)),
            line.delivery, line.giver, line.receiver, line.note,
        ]  # fmt: skip


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _book(book: RegisterBook) -> dict[str, Any]:
    return {"book": book, "unit": law.unit(book.unit), "sector": Sector(book.sector).label}


def _volume(book: RegisterBook, volume: registers.Volume) -> dict[str, Any]:
    made = volume.paper
    ready = made is not None and made.sha256 is not None
    return {
        "volume": volume,
        "paper": made,
        "url": url_for("registers.paper", book_id=book.id, slip_id=made.id) if made and ready else "",
    }


def _back(book_id: int) -> ResponseReturnValue:
    return redirect(url_for("registers.book", book_id=book_id), 303)
