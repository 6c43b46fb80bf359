"""`portal procedures`: the law as data, listed, validated, exported, imported as drafts, and described to editors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click

from portal.domain import rehearsal
from portal.domain.errors import Invalid
from portal.domain.fees import FeeState, fee_state
from portal.settings import Settings
from portal.usecases import accounts, authoring, law, start
from procedures.catalogue import procedure_files, read_all, read_day
from procedures.files import Fault
from procedures.model import Bundle, Procedure, Sector
from procedures.schema import Written, json_schema
from procedures.terms import Term

DAY: Final = click.DateTime(["%Y-%m-%d"])
FEES: Final = {
    FeeState.FREE: "không thu",
    FeeState.FIXED: "đã định",
    FeeState.NOT_CONFIGURED: "chưa cấu hình",
    FeeState.MIXED: "định một phần",
}
#: The columns of the list: key, heading, whether numbers stand in it.
COLUMNS: Final = (
    ("code", "Mã", False),
    ("versions", "Phiên bản", False),
    ("sector", "Lĩnh vực", False),
    ("level", "Mức", True),
    ("term", "Thời hạn", False),
    ("fee", "Phí, lệ phí", False),
    ("fields", "Mục", True),
    ("components", "Giấy tờ", True),
    ("short_title", "Thủ tục", False),
)


@click.group()
def command() -> None:
    """The law as data."""


@command.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Validate procedure files (all of them by default), examples included.

    Prints `file:line: reason` for each fault and ends with 1 if there is any.
    """
    sources, faults = read_all(files or procedure_files())
    for source in sources:
        found = rehearsal.findings(source.procedure, law.places(), law.official_days())
        faults += [source.document.fault(place, reason) for place, reason in found]
    _tell(faults)
    if faults:
        sys.exit(1)
    click.echo(f"{len(sources)} procedure files are in order.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="In JSON.")
def list_(as_json: bool) -> None:
    """Mọi thủ tục, tính cả những phiên bản đã công bố tại đây; số liệu của phiên bản mới nhất."""
    start.prepare(Settings.from_env(), rings=False)
    catalogue = law.catalogue()
    newest = (catalogue.version(code, catalogue.versions(code)[-1].version) for code in catalogue.codes)
    rows = [as_data(procedure, [head.version for head in catalogue.versions(procedure.code)]) for procedure in newest]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1) if as_json else as_table(rows))


@command.command()
@click.argument("code")
@click.option("--version", type=DAY, help="Ngày có hiệu lực của phiên bản: 2026-03-15; bỏ trống: phiên bản mới nhất.")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="Thư mục; bỏ trống: in ra màn hình.")
def export(code: str, version: Any, to: Path | None) -> None:
    """Một phiên bản, đúng từng chữ như đã viết; với --to thành tệp <lĩnh vực>/<tên>/<ngày có hiệu lực>.yaml."""
    start.prepare(Settings.from_env(), rings=False)
    if code not in law.catalogue().codes:
        raise click.BadParameter(f"không có thủ tục nào mang mã {code}.", param_hint="CODE")
    versions = [head.version for head in law.catalogue().versions(code)]
    begins = version.date() if version else versions[-1]
    if begins not in versions:
        known = ", ".join(map(str, versions))
        raise click.BadParameter(f"thủ tục {code} chỉ có các phiên bản {known}.", param_hint="--version")
    data = authoring.text_of(code, begins).encode()
    if to is None:
        sys.stdout.buffer.write(data)
        return
    file = to / authoring.file_name(code, begins)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    click.echo(str(file))


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", required=True, metavar="TÊN", help="Tên đăng nhập của quản trị viên nhập tệp này.")
def import_(file: Path, by: str) -> None:
    """Nhập một tệp <tên>/<ngày có hiệu lực>.yaml thành bản thảo; lỗi trong tệp được báo, bản thảo vẫn được lưu."""
    start.prepare(Settings.from_env(), rings=False)
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError:
        raise click.ClickException(f"{file}: không phải là UTF-8.") from None
    folder = file.absolute().parent.name
    try:
        draft = authoring.take_in(
            accounts.actor_named(by), text, datetime.now(UTC), slug=folder, begins=read_day(file.stem)
        )
    except Invalid as refused:
        raise click.ClickException(_refusal(file, refused)) from None
    _tell(authoring.check(draft).faults)
    begins = f"{draft.begins:%d/%m/%Y}" if draft.begins else "chưa có"
    click.echo(f"Bản thảo {draft.id}: thủ tục {draft.code}, ngày có hiệu lực: {begins}.")


@command.command()
@click.option(
    "--of", "written", type=click.Choice([kind.value for kind in Written]), default="procedure", help="Loại tệp."
)
def schema(written: str) -> None:
    """JSON Schema of procedure files, or of the blocks, lists and records they take in, for editors."""
    click.echo(json.dumps(json_schema(Written(written)), ensure_ascii=False, indent=1))


def as_data(procedure: Procedure, versions: Iterable[date]) -> dict[str, Any]:
    """One procedure as JSON holds it; `fields` counts every question, those of records and groups one by one.

    Of a bundle, `term` is that of the first leg, `legs` are the further ones, and `total_term` is that of all together.
    """
    extra = procedure.mountain_extra
    return {
        "code": procedure.code,
        "versions": [version.isoformat() for version in versions],
        "sector": procedure.sector.value,
        "level": procedure.level,
        "term": str(procedure.term),
        "mountain_extra": str(extra) if extra else None,
        "fee": fee_state(procedure).value,
        "fields": sum(len(field.columns) or 1 for field in procedure.fields.values()),
        "components": len(procedure.components),
        "title": procedure.title.vi,
        "short_title": procedure.short_title.vi,
    } | (_bundle_data(procedure.bundle) if procedure.bundle else {})


def _bundle_data(bundle: Bundle) -> dict[str, Any]:
    return {
        "total_term": str(bundle.within),
        "legs": [{"leg": leg.key, "title": leg.title.vi, "term": str(leg.term)} for leg in bundle.legs],
    }


def as_table(rows: Sequence[dict[str, Any]]) -> str:
    """The procedures as a table to read; the term with what the mountains add, of a bundle that of all."""
    shown = [
        row
        | {
            "versions": " ".join(row["versions"]),
            "level": "–" if row["level"] is None else row["level"],
            "sector": Sector(row["sector"]).label.vi,
            "term": _term(row),
            "fee": FEES[FeeState(row["fee"])],
        }
        for row in rows
    ]
    widths = {key: max([len(heading), *(len(str(row[key])) for row in shown)]) for key, heading, _ in COLUMNS}
    heading = "  ".join(f"{heading:{'>' if n else '<'}{widths[key]}}" for key, heading, n in COLUMNS)
    lines = ["  ".join(f"{row[key]:{'>' if n else '<'}{widths[key]}}" for key, _, n in COLUMNS) for row in shown]
    return "\n".join(line.rstrip() for line in [heading, *lines])


def _term(row: dict[str, Any]) -> str:
    parts = (Term.parse(row[key]) for key in ("term", "mountain_extra") if row[key])
    total = f"; tất cả: {Term.parse(row['total_term']).words('vi')}" if "total_term" in row else ""
    return " + ".join(part.words("vi") for part in parts) + total


def _tell(faults: Iterable[Fault]) -> None:
    for fault in sorted(faults, key=lambda fault: (str(fault.file), fault.line)):
        click.echo(str(fault))


def _refusal(file: Path, refused: Invalid) -> str:
    faults = refused.details.get("faults", ())
    reasons = [f"{file}:{fault.line}: {fault.reason}" for fault in faults]
    return "\n".join(reasons or [f"{file}: {_REFUSALS[fault]}" for fault in refused.fields.values()])


_REFUSALS: Final = {
    "no_code": "không cho biết mã thủ tục (code).",
    "too_long": "tệp quá lớn.",
    "not_text": "có ký tự không phải là chữ.",
    "not_a_slug": "tên thư mục chỉ gồm chữ thường không dấu, chữ số và gạch nối.",
    "taken": "tên thư mục đã thuộc về thủ tục khác.",
}
