"""The page of the queues: kept fresh by a part that is asked for, and views that are saved beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from portal.domain.access import Role
from portal.store.database import transaction
from portal.store.models import Dossier
from portal.web import queues
from tests.people import UNIT, account_of, signed_in

NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
DESK = "/ban-lam-viec/"


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "now", lambda: NOW)


def write(number: int, name: str) -> None:
    """A dossier that waits for reception."""
    with transaction() as session:
        session.add(
            Dossier(
                registration=f"DK-{number}", procedure="1.013225", version=date(2026, 7, 1), sector="construction",
                channel="online", unit=UNIT, desk_unit=UNIT, status=1, step="reception", step_since=NOW,
                holder_role="one_stop_officer", holder_unit=UNIT, act_by=NOW, applicant_name=name, answers={},
                papers={}, submitted_at=NOW,
            )
        )  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_queue_of_unanswered_dossiers_bears_the_hours_of_the_office(app: Flask) -> None:
    app.config["PORTAL"] = replace(app.config["PORTAL"], online_ack_hours=4)
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER, UNIT))
    said = {"vi": "Quá 4 giờ chưa tiếp nhận: 0", "en": "Not received for over 4 hours, dossiers: 0"}
    for language, name in said.items():
        assert name in officer.get(f"{DESK}?xem=cham_nhan&lang={language}").text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_part_that_is_kept_fresh_is_sent_only_when_it_has_changed(app: Flask) -> None:
    write(1, "Hoàng Thị Mai")
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER, UNIT))
    page = officer.get(DESK)
    address = re.findall(r'data-live="([^"]+)"', page.text)[0]
    first = officer.get(address)
    assert first.status_code == 200
    for part in re.findall(r'<(?:nav|div)[^>]* id="(queue-\w+)"', first.text):
        assert f'id="{part}"' in page.text
    assert "Hoàng Thị Mai" in first.text
    assert "csrf" not in first.text
    assert first.headers["Cache-Control"] == "private, no-store"
    again = officer.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    write(2, "Lý Văn Páo")
    changed = officer.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "Lý Văn Páo" in changed.text
    assert 'data-said="Chờ bộ phận tôi: 2 hồ sơ"' in changed.text


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_view_is_saved_found_beside_the_queues_and_forgotten(app: Flask) -> None:
    officer = signed_in(app, account_of(Role.ONE_STOP_OFFICER, UNIT))
    colleague = signed_in(app, account_of(Role.SPECIALIST, UNIT))
    assert "Lưu cách xem này" not in officer.get(DESK).text
    assert "Lưu cách xem này" in officer.get(f"{DESK}?xem=qua_han&kenh=online").text
    refused = officer.post(f"{DESK}cach-xem", data={"xem": "qua_han", "kenh": "online", "name": ""})
    assert refused.status_code == 400
    assert "Hãy đặt tên cho cách xem." in refused.text
    assert 'name="kenh" value="online"' in refused.text
    saved = officer.post(f"{DESK}cach-xem", data={"xem": "qua_han", "kenh": "online", "sau": "x", "name": "Gấp <b>"})
    assert saved.location == f"{DESK}?xem=qua_han&kenh=online"
    page = officer.get(saved.location).text
    assert "Gấp &lt;b&gt;" in page
    assert "Gấp" not in colleague.get(DESK).text
    (address,) = re.findall(r'action="(/ban-lam-viec/cach-xem/\d+/bo)"', page)
    assert colleague.post(address).status_code == 404
    assert officer.post(address).status_code == 303
    assert "Cách xem đã lưu" not in officer.get(DESK).text
