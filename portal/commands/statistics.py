"""`portal statistics`: the numbers of a period, brought up to the last event first."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

import click

from portal.domain.statistics import Figures, Period
from portal.settings import Settings
from portal.store.statistics import Cut
from portal.usecases import law, start, statistics
from procedures.catalogue import UnknownProcedure

DAY: Final = click.DateTime(["%Y-%m-%d"])

#: The keys of the JSON form, in order; each is a property of Figures.
KEYS: Final = (
    "carried_over",
    "received_online",
    "received_counter",
    "resolved_early",
    "resolved_on_time",
    "resolved_late",
    "open_within",
    "open_over",
    "resolution_rate",
    "on_time_rate",
)

WORDS: Final = {
    "carried_over": "Kỳ trước chuyển sang",
    "received_online": "Tiếp nhận trực tuyến",
    "received_counter": "Tiếp nhận trực tiếp, bưu chính",
    "resolved_early": "Đã giải quyết trước hạn",
    "resolved_on_time": "Đã giải quyết đúng hạn",
    "resolved_late": "Đã giải quyết quá hạn",
    "open_within": "Đang giải quyết trong hạn",
    "open_over": "Đang giải quyết quá hạn",
    "resolution_rate": "Tỷ lệ giải quyết (%)",
    "on_time_rate": "Tỷ lệ đúng hạn (%)",
    "second_supplements": "Yêu cầu bổ sung lần hai (Quyết định 766)",
}


@click.command()
@click.option("--from", "first", type=DAY, required=True, help="Ngày đầu kỳ, tính cả ngày này: 2026-01-01.")
@click.option("--to", "last", type=DAY, required=True, help="Ngày cuối kỳ, tính cả ngày này.")
@click.option("--unit", help="Mã đơn vị đã tiếp nhận; mã do hai đơn vị mang thì tính cả hai.")
@click.option("--procedure", help="Mã thủ tục.")
@click.option("--rebuild", is_flag=True, help="Tính lại từ sự kiện đầu tiên trước khi in.")
@click.option("--json", "as_json", is_flag=True, help="In JSON.")
def command(first: Any, last: Any, unit: str | None, procedure: str | None, rebuild: bool, as_json: bool) -> None:
    """Số liệu giải quyết thủ tục hành chính của một kỳ."""
    start.prepare(Settings.from_env())
    period, cut = _period(first.date(), last.date()), Cut(_units(unit), _procedure(procedure))
    if rebuild:
        statistics.rebuild()
    statistics.project()
    numbers = statistics.figures_of(period, cut)
    click.echo(json.dumps(as_data(numbers)) if as_json else as_text(period, numbers))


def as_data(numbers: Figures) -> dict[str, int | float | None]:
    """The figures as JSON holds them; a rate of nothing is null."""
    values = {key: getattr(numbers, key) for key in KEYS}
    return {key: value if value is None or isinstance(value, int) else float(value) for key, value in values.items()}


def as_text(period: Period, numbers: Figures) -> str:
    """The figures as a table to read."""
    width = max(map(len, WORDS.values()))
    lines = [f"Từ ngày {period.first:%d/%m/%Y} đến ngày {period.last:%d/%m/%Y}"]
    for key, words in WORDS.items():
        value = getattr(numbers, key)
        lines.append(f"  {words:<{width}}  {'–' if value is None else str(value).replace('.', ','):>9}")
    return "\n".join(lines)


def _period(first: date, last: date) -> Period:
    try:
        return Period(first, last)
    except ValueError:
        raise click.UsageError("ngày cuối kỳ (--to) không được trước ngày đầu kỳ (--from).") from None


def _units(code: str | None) -> tuple[str, ...] | None:
    if code is None:
        return None
    units = law.places().bearers(code)
    if not units:
        raise click.BadParameter(f"không có đơn vị nào mang mã {code}.", param_hint="--unit")
    return tuple(unit.id for unit in units)


def _procedure(code: str | None) -> str | None:
    if code is None:
        return None
    try:
        return law.catalogue().versions(code)[0].code
    except UnknownProcedure:
        raise click.BadParameter(f"không có thủ tục nào mang mã {code}.", param_hint="--procedure") from None
