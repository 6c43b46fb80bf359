"""A draft loses nothing while it is filled in, and becomes one dossier at the shop that receives it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.domain.access import Actor, Role
from portal.domain.carrying import to_look_at
from portal.domain.errors import Invalid, NotFound
from portal.domain.flow import Status
from portal.domain.rehearsal import posted, typed_answers
from portal.services.files import FolderFiles
from portal.services.uploads import UploadRefused, Uploads
from portal.store import database as store
from portal.store.database import reading, transaction
from portal.store.models import Attachment, Dossier, Draft
from portal.usecases import drafts, law
from procedures.model import Example, Procedure
from tests import sample_files
from tests.cases import BIRTH, HOUSE, LAND, NOW, RESIDENCE, person

CODES = (HOUSE, BIRTH, LAND, RESIDENCE)


@pytest.fixture
def uploads(tmp_path: Path) -> Any:
    uploads = Uploads(FolderFiles(tmp_path / "files"))
    yield uploads
    uploads.close()


@pytest.fixture
def mai(database: store.Database) -> Actor:
    """A citizen."""
    return person(Role.CITIZEN)


def procedure_of(code: str, at: datetime = NOW) -> Procedure:
    return law.catalogue().in_force(code, law.office_day(at))


def example_of(procedure: Procedure) -> Example:
    """The example that is complete and of the time since the communes of today stand."""
    return next(
        e
        for e in procedure.examples
        if e.expect.outcome == "complete" and e.components and e.received_at.date() >= date(2025, 7, 1)
    )


def filled(actor: Actor, code: str, uploads: Uploads, channel: str = "online") -> str:
    """A draft answered as the procedure's own example does, with a file for each of its components; gives its key."""
    procedure = procedure_of(code)
    example = example_of(procedure)
    key = drafts.start(actor, code, NOW, channel).key
    typed = typed_answers(procedure, example)
    for section in procedure.form:
        drafts.save_section(actor, key, section.key, posted(section, typed), NOW)
    for component in example.components or ():
        drafts.attach(actor, key, component, BytesIO(sample_files.photo(60)), "anh.jpg", uploads, NOW)
    return key


def count(model: type) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("code", CODES)
def test_the_example_of_each_procedure_becomes_a_dossier(mai: Actor, uploads: Uploads, code: str) -> None:
    key = filled(mai, code, uploads)
    verdict = drafts.open_draft(mai, key, NOW).verdict
    assert [(problem.name, problem.message.en) for problem in verdict.problems] == []
    dossier = drafts.submit(mai, key, NOW)
    assert dossier.status == Status.REGISTERED
    assert dossier.owner_id == mai.account_id
    assert dossier.code is None
    with reading() as session:
        kept = session.scalars(select(Attachment).where(Attachment.dossier_id == dossier.id)).all()
    assert {file.component for file in kept} == set(example_of(procedure_of(code)).components or ())
    assert drafts.unfinished(mai) == []


def test_a_draft_submitted_from_many_windows_at_once_becomes_one_dossier(mai: Actor, uploads: Uploads) -> None:
    key = filled(mai, HOUSE, uploads)
    with ThreadPoolExecutor(4) as windows:
        found = list(windows.map(lambda _: drafts.submit(mai, key, NOW).registration, range(4)))
    assert len(set(found)) == 1
    assert count(Dossier) == 1


def test_what_is_missing_keeps_a_draft_from_being_submitted(mai: Actor) -> None:
    key = drafts.start(mai, HOUSE, NOW).key
    with pytest.raises(drafts.Incomplete) as incomplete:
        drafts.submit(mai, key, NOW)
    assert incomplete.value.verdict.problems
    assert count(Dossier) == 0
    assert [draft.key for draft in drafts.unfinished(mai, HOUSE)] == [key]


def test_a_draft_of_somebody_else_is_not_there(mai: Actor, uploads: Uploads) -> None:
    key = drafts.start(mai, HOUSE, NOW).key
    officer = person(Role.ONE_STOP_OFFICER)
    for look in (drafts.open_draft, drafts.submit):
        with pytest.raises(NotFound):
            look(officer, key, NOW)
    with pytest.raises(NotFound):
        drafts.discard(officer, key)
    with pytest.raises(NotFound):
        drafts.attach(officer, key, "drawings", BytesIO(sample_files.photo(60)), "a.jpg", uploads, NOW)
    assert count(Draft) == 1


@pytest.mark.parametrize("channel", ["counter", "post"])
def test_a_citizen_starts_a_draft_to_be_handed_in_online_alone(mai: Actor, channel: str) -> None:
    with pytest.raises(Invalid):
        drafts.start(mai, HOUSE, NOW, channel)
    assert count(Draft) == 0


@pytest.mark.parametrize("code", ["9.999999", "1.013225'--"])
def test_a_procedure_that_is_not_there_starts_no_draft(mai: Actor, code: str) -> None:
    with pytest.raises(NotFound):
        drafts.start(mai, code, NOW)


def test_what_an_officer_enters_is_received_in_the_same_breath(database: store.Database, uploads: Uploads) -> None:
    officer = person(Role.ONE_STOP_OFFICER)
    key = filled(officer, HOUSE, uploads, "counter")
    drafts.save_papers(officer, key, {"drawings": {"original": 2, "copy": -1}, "unknown": {"original": 1}}, NOW)
    dossier = drafts.submit(officer, key, NOW)
    assert (dossier.status, dossier.unit, dossier.owner_id) == (Status.RECEIVED, officer.unit, None)
    assert dossier.code is not None
    assert dossier.papers == {"drawings": {"original": 2}}


def test_a_shop_that_no_longer_receives_is_not_the_place_of_a_draft(mai: Actor, uploads: Uploads) -> None:
    key = filled(mai, HOUSE, uploads)
    with pytest.raises(Invalid):
        drafts.choose_unit(mai, key, "huyen-bao-yen", NOW)
    with transaction() as session:
        session.scalars(select(Draft)).one().unit = "huyen-bao-yen"
    found = drafts.likely_unit(drafts.open_draft(mai, key, NOW))
    assert found is not None
    assert found.alive(law.office_day(NOW))
    assert drafts.submit(mai, key, NOW).unit == found.id


def test_the_same_file_sent_twice_is_kept_once(mai: Actor, uploads: Uploads) -> None:
    key, photo = drafts.start(mai, HOUSE, NOW).key, sample_files.photo(60)
    for name in ("một.jpg", "hai.jpg"):
        drafts.attach(mai, key, "drawings", BytesIO(photo), name, uploads, NOW)
    (file,) = drafts.open_draft(mai, key, NOW).draft.attachments
    assert file.name == "một.jpg"
    drafts.detach(mai, key, file.id, NOW)
    drafts.detach(mai, key, file.id, NOW)
    assert count(Attachment) == 0


def test_a_refused_file_leaves_no_row(mai: Actor, uploads: Uploads) -> None:
    key = drafts.start(mai, HOUSE, NOW).key
    with pytest.raises(UploadRefused):
        drafts.attach(mai, key, "drawings", BytesIO(sample_files.HTML), "a.pdf", uploads, NOW)
    assert count(Attachment) == 0


def test_a_discarded_draft_leaves_nothing(mai: Actor, uploads: Uploads) -> None:
    key = filled(mai, HOUSE, uploads)
    drafts.discard(mai, key)
    assert (count(Draft), count(Attachment)) == (0, 0)
    with pytest.raises(NotFound):
        drafts.open_draft(mai, key, NOW)


def test_a_draft_goes_along_when_a_later_version_comes_into_force_and_loses_nothing(
    mai: Actor, uploads: Uploads
) -> None:
    before, after = NOW.replace(year=2026, month=6, day=29), NOW.replace(year=2026, month=7, day=2)
    key = drafts.start(mai, HOUSE, before).key
    old = procedure_of(HOUSE, before)
    typed = typed_answers(old, old.examples[0])
    for section in old.form:
        drafts.save_section(mai, key, section.key, posted(section, typed), before)
    answers = drafts.open_draft(mai, key, before).draft.answers
    with pytest.raises(drafts.Behind):
        drafts.submit(mai, key, after)
    drafts.catch_up(mai, key, after)
    drafts.catch_up(mai, key, after)
    opened = drafts.open_draft(mai, key, after)
    assert opened.procedure.version == date(2026, 7, 1)
    assert opened.draft.moved_from == old.version
    assert {name: opened.draft.answers[name] for name in answers} == answers
    assert opened.changes
    assert set(opened.draft.visited) == {section.key for section in old.form} - to_look_at(old, opened.procedure)


def test_a_file_serves_a_second_paper_without_being_sent_again(mai: Actor, uploads: Uploads) -> None:
    key = drafts.start(mai, HOUSE, NOW).key
    first, second = (component.key for component in procedure_of(HOUSE).components[:2])
    file = drafts.attach(mai, key, first, BytesIO(sample_files.photo(60)), "anh.jpg", uploads, NOW)
    for _ in range(2):
        drafts.reuse(mai, key, second, file.id, NOW)
    kept = drafts.open_draft(mai, key, NOW).draft.attachments
    assert [(one.component, one.sha256) for one in kept] == [(first, file.sha256), (second, file.sha256)]
    with pytest.raises(NotFound):
        drafts.reuse(mai, key, second, 0, NOW)
    with pytest.raises(NotFound):
        drafts.reuse(mai, key, "no_such_paper", file.id, NOW)


def test_files_for_papers_that_are_asked_for_no_more_stay_on_the_draft_and_off_the_dossier(
    mai: Actor, uploads: Uploads
) -> None:
    key = filled(mai, HOUSE, uploads)
    with transaction() as session:
        (*_, last) = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        former = drafts.attachment_of(uploads.receive(BytesIO(sample_files.photo(61)), "cu.jpg"), "old", mai, NOW)
        former.draft_id = last.draft_id
        session.add(former)
    assert [file.component for file in drafts.open_draft(mai, key, NOW).left_over] == ["old"]
    dossier = drafts.submit(mai, key, NOW)
    with reading() as session:
        kept = session.scalars(select(Attachment).where(Attachment.dossier_id == dossier.id)).all()
    assert "old" not in {file.component for file in kept}
