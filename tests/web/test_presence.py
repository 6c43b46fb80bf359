"""Who else has a dossier open stands on its page, with scripts or without, and nobody learns it who may not open it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.domain.access import Role
from tests.cases import submit
from tests.people import account_of, signed_in

R = Role


@pytest.fixture
def database_kind() -> str:
    """It is the queue server that knows it."""
    return "sqlite"


def test_the_second_to_open_a_dossier_reads_who_was_first_and_the_first_hears_of_the_second(app: Flask) -> None:
    registration = submit()
    names = ("Lù Thị Xoan", "Vàng A Sử")
    people = [account_of(R.ONE_STOP_OFFICER, username=f"quay-{n}", full_name=name) for n, name in enumerate(names)]
    first, second = (signed_in(app, one) for one in people)
    address = f"/ban-lam-viec/{registration}"
    assert "Cũng đang mở hồ sơ này:" not in first.get(address).text
    page = second.get(address).text
    assert "Cũng đang mở hồ sơ này:" in page
    assert names[0] in page
    part = first.get(f"{address}/ai-dang-mo")
    assert names[1] in part.text
    assert names[0] not in part.text
    assert "<html" not in part.text
    stranger = signed_in(app, account_of(R.ONE_STOP_OFFICER, "bao-ha"))
    assert stranger.get(f"{address}/ai-dang-mo").status_code == 404
    assert "Bảo Hà" not in first.get(f"{address}/ai-dang-mo").text


def test_the_page_works_while_the_queue_server_is_away(app: Flask, tmp_path: Path) -> None:
    app.config["PORTAL"] = replace(app.config["PORTAL"], redis_url=f"unix://{tmp_path}/nothing.sock")
    officer = signed_in(app, account_of(R.ONE_STOP_OFFICER))
    page = officer.get(f"/ban-lam-viec/{submit()}")
    assert page.status_code == 200
    assert "data-presence" in page.text
