"""`portal demo`: a believable history of dossiers for looking around, teaching and measuring."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import click

from portal.domain.errors import Invalid
from portal.settings import Settings
from portal.usecases import demonstration, start

DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--dossiers", type=click.IntRange(1, 10_000_000), required=True, help="Số hồ sơ; liên thông tính từng thủ tục."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Hạt giống: cùng hạt giống, cùng lịch sử.")
@click.option("--from", "first", type=DAY, required=True, help="Ngày nộp đầu tiên: 2025-01-01.")
@click.option("--to", "last", type=DAY, required=True, help="Ngày nộp cuối cùng, muộn nhất là hôm nay.")
def command(dossiers: int, seed: int, first: Any, last: Any) -> None:
    """Tạo dữ liệu trình diễn: tài khoản các vai trò và lịch sử hồ sơ đúng quy định."""
    settings = Settings.from_env()
    start.prepare(settings, rings=False)
    try:
        with click.progressbar(length=dossiers, label="Hồ sơ") as bar:
            written = demonstration.fill(
                dossiers, seed, first.date(), last.date(), datetime.now(UTC), lambda done: bar.update(done - bar.pos)
            )
    except demonstration.AlreadyThere:
        raise click.ClickException(f"dữ liệu trình diễn của hạt giống {seed} đã có; hãy chọn --seed khác.") from None
    except demonstration.NothingInForce as fault:
        raise click.ClickException(f"chưa có thủ tục nào áp dụng; ngày đầu tiên là {fault.details['first']}.") from None
    except Invalid:
        raise click.UsageError("ngày cuối (--to) không được trước ngày đầu (--from).") from None
    demonstration.dress(settings)
    click.echo(f"Đã tạo {written} hồ sơ. Mật khẩu của mọi tài khoản trình diễn: {demonstration.PASSWORD}")
    for account in demonstration.demonstration_accounts():
        click.echo(f"  {account.role.value:<18} {account.sign_in}")
