"""`portal keys`: the keys that sign the QR of papers, and the change to a new one."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import click

from portal.domain.attestation import key_id
from portal.services.keyring import open_keyring
from portal.settings import Settings


@click.group()
def command() -> None:
    """Khóa ký mã QR trên giấy: xem, đổi."""


@command.command("list")
def list_() -> None:
    """Các khóa còn được tin; khóa đang ký có dấu *."""
    keyring = open_keyring(Settings.from_env())
    current = _name(key_id(keyring.current().public_key()))
    for key in keyring.jwks()["keys"]:
        click.echo(f"{'*' if key['kid'] == current else ' '} {key['kid']}")


@command.command()
def rotate() -> None:
    """Ký bằng khóa mới từ bây giờ; giấy đã ký bằng khóa cũ vẫn xác minh được."""
    click.echo(f"Khóa mới: {_name(open_keyring(Settings.from_env()).rotate())}")


def _name(key: bytes) -> str:
    return urlsafe_b64encode(key).decode()
