"""Notes on a dossier's page, the page of templates for words, and one filled in beside what is typed."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.domain.access import Role
from portal.usecases import phrases
from portal.web import desk
from portal.web import notes as note_page
from portal.web import phrases as phrase_page
from tests.cases import NOW, kept, person, submit
from tests.web.test_promises import browser


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (desk, note_page, phrase_page):
        monkeypatch.setattr(room, "now", lambda: NOW)


def test_a_note_is_read_at_the_desk_and_never_by_the_applicant(app: Flask) -> None:
    registration = submit()
    officer = browser(app, Role.ONE_STOP_OFFICER)
    answer = officer.post(f"/ban-lam-viec/{registration}/ghi-chu", data={"note": "Đã gọi <b>điện</b>."})
    assert answer.status_code == 303
    officer.post(f"/ban-lam-viec/{registration}/ghi-chu", data={"note": "  "})
    page = officer.get(f"/ban-lam-viec/{registration}").text
    assert page.count("Đã gọi &lt;b&gt;điện&lt;/b&gt;.") == 1
    assert "Đã gọi" not in browser(app, Role.CITIZEN).get(f"/ho-so/{registration}").text


def test_a_template_is_filled_in_after_what_was_typed_and_nothing_is_done_yet(app: Flask) -> None:
    registration = submit()
    phrases.write(person(Role.HEAD_OF_OFFICE), "Mời", "Mời {ten_nguoi_nop} đến.", NOW)
    (phrase,) = phrases.of_unit(person(Role.HEAD_OF_OFFICE))
    officer = browser(app, Role.ONE_STOP_OFFICER)
    page = officer.get(f"/ban-lam-viec/{registration}").text
    assert 'name="decline-phrase"' in page
    sent = {
        "seen": kept(registration).seq, "decline-fill-in": "1", "decline-phrase": phrase.id,
        "decline-words": "Trang 3 mờ.", "decline-reason": "corridor",
    }  # fmt: skip
    answer = officer.post(f"/ban-lam-viec/{registration}/decline", data=sent)
    assert answer.status_code == 200
    assert "Trang 3 mờ.\nMời Hoàng Thị Mai đến.</textarea>" in answer.text
    assert re.search(r'value="corridor"[^>]* (checked|selected)', answer.text)
    assert kept(registration).seq == sent["seen"]
    strange = officer.post(f"/ban-lam-viec/{registration}/decline", data=sent | {"decline-phrase": 99})
    assert strange.status_code == 404


def test_heads_write_templates_and_what_is_wrong_is_said_beside_it(app: Flask) -> None:
    head = browser(app, Role.HEAD_OF_OFFICE)
    wrong = head.post("/mau-cau/", data={"title": "Mời", "words": "Mời {so_cmnd}"})
    assert wrong.status_code == 400
    assert "Mời {so_cmnd}</textarea>" in wrong.text
    assert 'id="words-error"' in wrong.text
    assert head.post("/mau-cau/", data={"title": "Mời", "words": "Mời đến."}).status_code == 303
    (phrase,) = phrases.of_unit(person(Role.HEAD_OF_OFFICE))
    assert f'id="words-{phrase.id}"' in head.get("/mau-cau/").text
    assert head.post("/mau-cau/", data={"phrase": phrase.id, "put_away": "1"}).status_code == 303
    assert f'id="words-{phrase.id}"' not in head.get("/mau-cau/").text
