"""`portal proof`: proves that logs are whole and that dossiers and due dates agree with them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from portal.settings import Settings
from portal.usecases import evidence, start
from portal.usecases.evidence import Fault


@click.command()
@click.option(
    "--changed", is_flag=True, help="Chỉ hồ sơ thay đổi từ lần kiểm tra trước và phần luân phiên, như mỗi đêm."
)
def command(changed: bool) -> None:
    """Kiểm tra nhật ký, trạng thái và ngày hẹn của hồ sơ có khớp nhau. Mã thoát 1 khi có sai lệch."""
    start.prepare(Settings.from_env())
    proof = evidence.prove(datetime.now(UTC), everything=not changed, tell=_say)
    click.echo(f"{proof.dossiers} hồ sơ, {proof.flaws} sai lệch")
    sys.exit(1 if proof.flaws else 0)


def _say(fault: Fault) -> None:
    what = "nhật ký công bố" if fault.dossier_id is None else f"hồ sơ số {fault.dossier_id}"
    click.echo(f"{what}, sự kiện {fault.seq}: {fault.what}", err=True)
