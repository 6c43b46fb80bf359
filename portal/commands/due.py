"""`portal due`: when a dossier is due, and why; needs neither database nor server.

Where the portal has a database in which the office has published law of its own, it answers by that, and says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import click

from portal.domain import bundles
from portal.domain.bundles import Span
from portal.domain.clock import DueDate, SkippedDay, due_date
from portal.domain.workdays import WorkCalendar, office_time
from portal.settings import Settings, database_there
from procedures.calendars import OFFICE_TIME, YEARS, CalendarError, OfficialDays, load_official_days
from procedures.catalogue import Catalogue, NotYetInForce, UnknownProcedure, load_catalogue
from procedures.files import FaultyFile
from procedures.model import Procedure, Sector
from procedures.places import Places, PlacesError, Unit, load_places
from procedures.terms import LONGEST, Term, TermError

WEEKDAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class Refused(click.ClickException):
    """What cannot be answered, in one plain line."""

    def show(self, file: Any = None) -> None:
        """Print the reason alone."""
        click.echo(f"Lỗi: {self.message}", err=True, file=file)


@dataclass(frozen=True, slots=True)
class Law:
    """What dates are worked out by; `of_office`: with what the office has published, else as it is shipped."""

    catalogue: Catalogue
    places: Places
    days: OfficialDays
    of_office: bool

    def calendar(self, unit_id: str, sector: Sector | None) -> WorkCalendar:
        """The working time of a unit, for a sector with its own reception hours."""
        return WorkCalendar.of(self.places.by_id(unit_id), self.days, sector)


#: Which law it was, by whether it is the office's own: in words, and in JSON.
WHOSE: Final = {False: ("kèm phần mềm", "shipped"), True: ("của cơ quan", "office")}


@dataclass(frozen=True, slots=True)
class Answer:
    """One due date with what it was asked of; `only_day`: no time was given, so the opening hour was taken.

    Of a bundle, `legs` are its further legs as they are planned at this unit, and `total_due_at` when all are done.
    """

    law: Law
    procedure: Procedure | None
    unit: Unit
    heirs: tuple[Unit, ...]
    only_day: bool
    due: DueDate
    legs: Mapping[str, Span]
    total_due_at: datetime | None


@click.command()
@click.argument("code", required=False)
@click.option("--term", help="Thời hạn bất kỳ, ví dụ '5 working_day' hoặc '8 working_day + 10 day'.")
@click.option("--unit", help="Mã đơn vị tiếp nhận; bỏ trống: một đơn vị của Bảo Yên.")
@click.option("--received", multiple=True, required=True, help="Lúc tiếp nhận: 2026-02-06T08:30; có thể lặp lại.")
@click.option("--json", "as_json", is_flag=True, help="In JSON, mỗi lần tiếp nhận một dòng.")
def command(code: str | None, term: str | None, unit: str | None, received: tuple[str, ...], as_json: bool) -> None:
    """Ngày hẹn trả của thủ tục CODE (hoặc của --term) và từng ngày được tính, không được tính."""
    if (code is None) == (term is None):
        raise Refused("cho biết hoặc mã thủ tục, hoặc --term.")
    try:
        law = law_in_force()
        answers = [answer(law, code, term, unit, text) for text in received]
    except PlacesError as fault:
        raise Refused(fault.text.vi) from None
    except NotYetInForce as fault:
        raise Refused(
            f"thủ tục {fault.code} chỉ áp dụng từ ngày {fault.first:%d/%m/%Y}, chưa có vào ngày {fault.on:%d/%m/%Y}."
        ) from None
    except UnknownProcedure:
        raise Refused(f"không có thủ tục mang mã {code}.") from None
    except TermError:
        raise Refused(
            f"'{term}' không phải là thời hạn; viết như '8 working_day', '8 working_hour', '10 day', 'same_day', "
            f"cộng bằng '+', mỗi số từ 1 đến {LONGEST}."
        ) from None
    except CalendarError:
        raise Refused(f"lịch làm việc chỉ có từ năm {YEARS[0]} đến năm {YEARS[-1]}.") from None
    except FaultyFile as fault:
        raise Refused(str(fault.faults[0])) from None
    write = (lambda each: json.dumps(as_data(each), ensure_ascii=False)) if as_json else as_text
    click.echo(("\n" if as_json else "\n\n").join(write(each) for each in answers))


def law_in_force() -> Law:
    """The office's law where the portal's database holds any and answers, else the one shipped with the portal."""
    return (_law_of_office() if database_there(os.environ) else None) or Law(
        load_catalogue(), load_places(), load_official_days(), of_office=False
    )


def _law_of_office() -> Law | None:
    from portal.usecases import law, start  # not needed, nor what they bring along, where there is no database

    try:
        published = start.holds_law(Settings.from_env())
    except OSError:
        published = None  # the portal's folder is another's
    if published is None:
        click.echo("Lưu ý: không đọc được cơ sở dữ liệu, nên tính theo quy định kèm phần mềm.", err=True)
    return Law(law.catalogue(), law.places(), law.official_days(), of_office=True) if published else None


def answer(law: Law, code: str | None, term_text: str | None, unit_code: str | None, received: str) -> Answer:
    """The due date for one reception.

    Raises Refused for what is no instant, and what places, catalogue, terms and calendars raise.
    """
    day, at = _instant(received)
    procedure = law.catalogue.in_force(code, day) if code else None
    unit = _unit(law.places, unit_code, day, procedure)
    calendar = law.calendar(unit.id, procedure.sector if procedure else None)
    opening = datetime.combine(day, unit.hours_on(day).sessions[0].opens, OFFICE_TIME)
    term = procedure.term_for(mountain=unit.mountain) if procedure else Term.parse(term_text or "")
    due = due_date(term, at or opening, calendar)
    heirs = () if unit.alive(due.due_on) else law.places.heirs(unit.id)
    legs, total = _bundle(law, procedure, unit, due) if procedure and procedure.legs else ({}, None)
    return Answer(law, procedure, unit, heirs, at is None, due, legs, total)


def _bundle(law: Law, procedure: Procedure, unit: Unit, due: DueDate) -> tuple[Mapping[str, Span], datetime]:
    """The further legs of a bundle, all done at the same unit."""
    return bundles.whole_plan(procedure, {}, unit.id, due.received_at, due.due_at, law.places, law.calendar)


def _instant(text: str) -> tuple[date, datetime | None]:
    """The office's day, and the instant unless only a day was given."""
    try:
        return date.fromisoformat(text.strip()), None
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(text.strip())
        local = office_time(instant if instant.tzinfo else instant.replace(tzinfo=OFFICE_TIME))
    except (ValueError, OverflowError):
        raise Refused(f"'{text}' không phải là thời điểm; viết như 2026-02-06T08:30 hoặc 2026-02-06.") from None
    return local.date(), local


def _unit(places: Places, code: str | None, on: date, procedure: Procedure | None) -> Unit:
    """The unit of this code (or id), which must stand on that day; without one, the first that receives."""
    if code is None:
        alive = places.receiving(procedure.sector, on) if procedure else places.alive(on)
        return next(unit for unit in alive if unit.is_commune or procedure)
    return places.by_code(code, on) if places.bearers(code) else places.standing(code, on)


def as_data(answer: Answer) -> dict[str, Any]:
    """The answer as plain values; instants in ISO 8601 with +07:00."""
    due = answer.due
    return {
        "procedure": answer.procedure.code if answer.procedure else None,
        "version": answer.procedure.version.isoformat() if answer.procedure else None,
        "unit": answer.unit.code or answer.unit.id,
        "law": WHOSE[answer.law.of_office][1],
        "term": str(due.term),
        "received_at": due.received_at.isoformat(),
        "only_day": answer.only_day,
        "starts_at": due.starts_at.isoformat(),
        "due_at": due.due_at.isoformat(),
        "due_on": due.due_on.isoformat(),
        "counted": [day.isoformat() for day in due.counted],
        "skipped": [_skipped_data(skipped) for skipped in due.skipped],
        "provisional": due.provisional,
    } | (_bundle_data(answer) if answer.total_due_at else {})


def _bundle_data(answer: Answer) -> dict[str, Any]:
    assert answer.total_due_at is not None
    return {
        "total_due_at": answer.total_due_at.isoformat(),
        "legs": [
            {"leg": key, "begins_at": span.begins_at.isoformat(), "due_at": span.due_at.isoformat()}
            for key, span in answer.legs.items()
        ],
    }


def _skipped_data(skipped: SkippedDay) -> dict[str, str]:
    return {"date": skipped.date.isoformat(), "reason": skipped.reason.value, "name": skipped.name.vi}


def as_text(answer: Answer) -> str:
    """The answer as people read it."""
    return "\n".join(_lines(answer))


def _lines(answer: Answer) -> Iterator[str]:
    due = answer.due
    if answer.procedure:
        yield f"Thủ tục:   {answer.procedure.code} – {answer.procedure.title.vi}"
    yield f"Đơn vị:    {answer.unit.name.vi} ({answer.unit.code or answer.unit.id})"
    yield f"Theo:      quy định, lịch làm việc {WHOSE[answer.law.of_office][0]}"
    yield f"Thời hạn:  {due.term.words('vi')}"
    note = " (chỉ cho biết ngày: lấy giờ mở cửa)" if answer.only_day else ""
    yield f"Tiếp nhận: {_when(due.received_at)}{note}"
    if due.starts_at != due.received_at:
        yield f"Bắt đầu:   {_when(due.starts_at)} (tiếp nhận ngoài giờ làm việc)"
    yield from (f"             –  {_day(off.date)}: {off.name.vi}" for off in due.waited)
    yield f"Hẹn trả:   {_when(due.due_at)}"
    yield ""
    skipped = {off.date: off for off in due.skipped}
    number = 0
    for day in sorted({*due.counted, *skipped}):
        if day in skipped:
            yield f"   –  {_day(day)}: {skipped[day].name.vi}"
        else:
            number += 1
            yield f"{number:>4}  {_day(day)}"
    if answer.procedure and answer.total_due_at:
        yield ""
        for leg in answer.procedure.legs:
            yield f"Liên thông: {leg.title.vi} ({leg.term.words('vi')}): {_when(answer.legs[leg.key].due_at)}"
        yield f"Tất cả:     {_when(answer.total_due_at)}"
    if answer.heirs:
        heirs = ", ".join(unit.name.vi for unit in answer.heirs)
        yield f"Sau ngày {answer.unit.valid_to:%d/%m/%Y} hồ sơ chuyển sang đơn vị kế thừa: {heirs}."
    if due.provisional:
        yield "Tạm tính: lịch nghỉ của một năm liên quan chưa được công bố chính thức."


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"


def _when(instant: datetime) -> str:
    seconds = f"{instant:%H:%M:%S}" if instant.second else f"{instant:%H:%M}"
    return f"{seconds} {_day(instant.date())}"
