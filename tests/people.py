"""People in tests: an account of a role, and the browser in which it is signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal.domain.access import DESK, Role
from portal.services.identity import hash_password
from portal.store.database import transaction
from portal.store.models import Account

PASSWORD = "dưa hấu trên nương"
UNIT = "bao-yen"
#: The branch of the land registry that serves it.
BRANCH = "chi-nhanh-dat-dai"
_hash: list[str] = []


def account_of(role: Role, unit: str | None = None, **columns: Any) -> Account:
    """A confirmed account of a role, at Bảo Yên or the unit given if the role has one, with `PASSWORD`."""
    if not _hash:
        _hash.append(hash_password(PASSWORD))
    known: dict[str, Any] = {
        "username": f"{role}-{unit or UNIT}",
        "role": role.value,
        "unit": unit or (UNIT if role in DESK else None),
        "full_name": f"Người Thử {role.value.replace('_', ' ').title()}",
        "password_hash": _hash[0],
        "confirmed_at": datetime.now(UTC),
        "created_at": datetime.now(UTC),
    }
    account = Account(**known | columns)
    with transaction() as session:
        session.add(account)
    return account


def signed_in(app: Flask, account: Account) -> FlaskClient:
    """A browser in which this account is signed in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{account.id}.{account.session_epoch}"
        session["signed_in_at"] = int(datetime.now(UTC).timestamp())
    return client
