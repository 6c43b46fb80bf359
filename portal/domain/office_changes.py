"""Says in words what is changed in an office's own data: "Điện thoại: 02140000019 → 02140000099"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from portal.domain import words
from portal.domain.access import Role
from portal.domain.amendments import Change, Way
from procedures.calendars import CalendarYear, DayReason, DaysOff, ReceptionHours, Sessions, WorkingHours
from procedures.model import Sector, Text
from procedures.places import Unit
from procedures.wordings import Wording


class Fact(NamedTuple):
    """One thing that is said of something, and what is said."""

    what: Text
    said: Text


Facts = Mapping[str, Fact]

_NOTHING: Final = Text(vi="không có", en="none")
_YES, _NO = Text(vi="có", en="yes"), Text(vi="không", en="no")
_WEEKDAYS: Final = {5: Text(vi="thứ Bảy", en="Saturday"), 6: Text(vi="Chủ nhật", en="Sunday")}


def differences(old: Facts, new: Facts) -> tuple[Change, ...]:
    """What is said otherwise than before, in the order in which it is said."""
    return tuple(_differences(old, new))


def _differences(old: Facts, new: Facts) -> Iterator[Change]:
    for key, fact in old.items():
        if key not in new:
            yield Change(Way.REMOVED, (key,), _whole(fact))
    for key, fact in new.items():
        if key not in old:
            yield Change(Way.ADDED, (key,), _whole(fact))
        elif old[key].said != fact.said:
            yield Change(Way.CHANGED, (key,), fact.what, old[key].said, fact.said)


def _whole(fact: Fact) -> Text:
    return Text(vi=f"{fact.what.vi}: {fact.said.vi}", en=f"{fact.what.en}: {fact.said.en}")


def of_year(year: CalendarYear) -> Facts:
    """What a calendar says, day by day."""
    facts = {"year": _fact("năm", "year", str(year.year))}
    facts |= {f"off-{run.first}": Fact(_days(run), _run(run)) for run in year.off}
    for each in year.make_up:
        instead = f"{each.instead_of:%d/%m/%Y}"
        facts[f"make-up-{each.day}"] = Fact(
            Text(vi=f"ngày làm bù {each.day:%d/%m/%Y}", en=f"make-up day {each.day:%d/%m/%Y}"),
            Text(vi=f"thay cho {instead}", en=f"instead of {instead}"),
        )
    return facts


def _days(run: DaysOff) -> Text:
    return Text(vi=f"ngày nghỉ {run.first:%d/%m/%Y}", en=f"day off {run.first:%d/%m/%Y}")


def _run(run: DaysOff) -> Text:
    until = run.last if run.last and run.last != run.first else None
    vi = f"{run.name.vi} ({run.reason.words.vi})"
    en = f"{run.name.en} ({run.reason.words.en})"
    return Text(vi=f"{vi}, đến {until:%d/%m/%Y}", en=f"{en}, until {until:%d/%m/%Y}") if until else Text(vi=vi, en=en)


def of_unit(unit: Unit) -> Facts:
    """What is known of a unit and of its shop."""
    shop = unit.shop
    facts = {
        "name": _fact("tên", "name", unit.name),
        "kind": _fact("loại", "kind", _same(unit.kind.value)),
        "code": _fact("mã", "code", unit.code),
        "agency": _fact("mã cơ quan", "agency id", unit.agency.id),
        "parent": _fact("đơn vị cấp trên", "parent", unit.parent),
        "valid_from": _fact("hoạt động từ ngày", "stands from", unit.valid_from),
        "valid_to": _fact("ngày kết thúc", "last day", unit.valid_to),
        "successor": _fact("đơn vị kế thừa", "successor", unit.successor),
        "mountain": _fact("địa bàn miền núi", "mountain area", _YES if unit.mountain else _NO),
        "registry": _fact("chi nhánh đăng ký đất đai", "branch of the land registry", unit.registry),
        "shop_name": _fact("tên bộ phận một cửa", "name of the shop", shop.name if shop else None),
        "address": _fact("địa chỉ", "address", shop.address if shop else None),
        "phone": _fact("điện thoại", "telephone", shop.phone if shop else None),
        "receives": _fact("lĩnh vực tiếp nhận", "sectors received", _sectors(shop.receives if shop else ())),
    }
    for hours in unit.hours:
        facts[f"hours-{hours.valid_from}"] = Fact(_hours(hours), _same(_clock(hours.sessions)))
    for each in unit.reception:
        facts[f"reception-{each.sector}-{each.weekday}"] = Fact(_reception(each), _same(_clock(each.sessions)))
    return facts


def of_wording(wording: Wording, labels: Mapping[str, Text]) -> Facts:
    """The sentences of a slip, which are Vietnamese in both languages."""
    return {key: Fact(labels.get(key, _same(key)), _same(text)) for key, text in wording.sentences.items()}


def of_account(full_name: str, role: str, unit: Text | None, *, active: bool) -> Facts:
    """What an administrator decides of somebody who works here."""
    return {
        "full_name": _fact("họ tên", "name", full_name),
        "role": _fact("vai trò", "role", words.ROLES[Role(role)]),
        "unit": _fact("đơn vị", "unit", unit),
        "active": _fact("được đăng nhập", "may sign in", _YES if active else _NO),
    }


#: How a password set anew is told of; what it is, nobody keeps.
NEW_PASSWORD: Final = Change(Way.ADDED, ("password",), Text(vi="mật khẩu mới do quản trị đặt", en="new password"))


def _fact(vi: str, en: str, said: Text | str | date | None) -> Fact:
    match said:
        case Text():
            shown = said
        case date():
            shown = _same(f"{said:%d/%m/%Y}")
        case None | "":
            shown = _NOTHING
        case _:
            shown = _same(said)
    return Fact(Text(vi=vi, en=en), shown)


def _same(said: str) -> Text:
    return Text(vi=said, en=said)


def _sectors(sectors: tuple[Sector, ...]) -> Text | None:
    if not sectors:
        return None
    labels = [sector.label for sector in Sector if sector in sectors]
    return Text(vi=", ".join(label.vi for label in labels), en=", ".join(label.en for label in labels))


def _hours(hours: WorkingHours) -> Text:
    if hours.valid_from is None:
        return Text(vi="giờ làm việc ban đầu", en="first working hours")
    since = f"{hours.valid_from:%d/%m/%Y}"
    return Text(vi=f"giờ làm việc từ {since}", en=f"working hours from {since}")


def _reception(hours: ReceptionHours) -> Text:
    day, sector = _WEEKDAYS[hours.weekday], hours.sector.label
    return Text(vi=f"tiếp nhận {day.vi} ({sector.vi})", en=f"reception on {day.en} ({sector.en})")


def _clock(sessions: Sessions) -> str:
    return ", ".join(f"{each.opens:%H:%M}–{each.closes:%H:%M}" for each in sessions)


def reasons() -> tuple[DayReason, ...]:
    """The reasons that a calendar may give for a day off."""
    return (DayReason.HOLIDAY, DayReason.COMPENSATORY, DayReason.SWAP)
