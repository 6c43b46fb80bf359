"""The checklist of a dossier's papers is kept by whoever holds it, at its step, until the paper comes anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.domain.access import Role
from portal.domain.checklists import Found, Mark, trace
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action
from portal.store.database import Database, transaction
from portal.store.models import Attachment
from portal.usecases import checklists, dossiers
from tests.cases import NOW, act, kept, person, submit

HOUR = timedelta(hours=1)
OFFICER = Role.ONE_STOP_OFFICER
WRONG = Mark(Found.WRONG, "unreadable", "Trang 3 mờ")


def found(registration: str) -> dict[str, tuple[Found, str, str]]:
    opened = dossiers.open_dossier(person(OFFICER), registration)
    return {key: (one.mark.found, one.step, one.by) for key, one in checklists.found(opened).items()}


def test_findings_are_kept_with_step_and_name_and_the_next_step_adds_its_own(database: Database) -> None:
    registration, officer = submit(), person(OFFICER)
    assert checklists.save(officer, registration, {"drawings": WRONG, "land_paper": Mark(Found.OK)}, {}, NOW).many == 2
    assert checklists.save(officer, registration, {"drawings": WRONG}, {}, NOW + HOUR).many == 0
    act(OFFICER, registration, Action.RECEIVE)
    act(OFFICER, registration, Action.FORWARD)
    head = person(Role.HEAD_OF_OFFICE)
    seen = {"drawings": trace(WRONG), "land_paper": trace(Mark(Found.OK))}
    marks = {"drawings": Mark(Found.OK), "land_paper": Mark(Found.OK)}
    assert checklists.save(head, registration, marks, seen, NOW + HOUR).many == 1
    step = kept(registration).step
    assert found(registration) == {
        "drawings": (Found.OK, step, head.name),
        "land_paper": (Found.OK, "reception", officer.name),
    }


def test_only_who_holds_the_dossier_keeps_its_checklist_and_strangers_find_no_dossier(database: Database) -> None:
    registration = submit()
    with pytest.raises(Forbidden):
        checklists.save(person(Role.SPECIALIST), registration, {"drawings": WRONG}, {}, NOW)
    with pytest.raises(NotFound):
        checklists.save(person(OFFICER, "nghia-do"), registration, {"drawings": WRONG}, {}, NOW)
    for mark in ({"invented": WRONG}, {"drawings": Mark(Found.WRONG, "invented")}):
        with pytest.raises(Invalid):
            checklists.save(person(OFFICER), registration, mark, {}, NOW)
    assert found(registration) == {}


def test_a_paper_that_came_anew_has_to_be_looked_at_again(database: Database) -> None:
    registration, officer = submit(), person(OFFICER)
    checklists.save(officer, registration, {"drawings": WRONG, "land_paper": Mark(Found.OK)}, {}, NOW)
    items = [{"key": "component-drawings", "component": "drawings", "reason": "unreadable", "words": "Trang 3 mờ"}]
    asking = {"reason": "unreadable", "items": items, "answer_by": date(2026, 9, 30)}
    act(OFFICER, registration, Action.ASK_SUPPLEMENT, NOW + HOUR, **asking)
    assert found(registration).keys() == {"drawings", "land_paper"}
    act(Role.CITIZEN, registration, Action.ANSWER_BEFORE_RECEPTION, NOW + 2 * HOUR)
    assert found(registration).keys() == {"land_paper"}
    assert checklists.save(officer, registration, {"drawings": WRONG}, {}, NOW + 3 * HOUR).many == 1
    assert found(registration)["drawings"][0] is Found.WRONG
    with transaction() as session:
        more = {"component": "land_paper", "name": "a.pdf", "kind": "pdf", "size": 1, "pages": 1, "sha256": "0" * 64}
        session.add(Attachment(dossier_id=kept(registration).id, uploaded_at=NOW + 4 * HOUR, **more))
    assert found(registration).keys() == {"drawings"}
