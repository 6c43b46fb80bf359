"""Notes are the desk's alone and stay; templates for words are a unit's own, written by its heads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.domain.access import Role
from portal.domain.errors import Forbidden, Invalid, NotFound
from portal.domain.flow import Action
from portal.store.database import Database
from portal.usecases import notes, phrases
from tests.cases import NOW, act, kept, person, submit

OFFICER, HEAD = Role.ONE_STOP_OFFICER, Role.HEAD_OF_OFFICE
LATER = NOW + timedelta(hours=1)


def test_notes_are_read_by_the_desk_the_newest_first_with_who_and_when(database: Database) -> None:
    registration, officer, head = submit(), person(OFFICER), person(HEAD)
    notes.write(officer, registration, "Đã gọi điện.", NOW)
    notes.write(head, registration, "Chờ địa chính trả lời.", LATER)
    found = notes.of(officer, kept(registration))
    assert [(note.words, note.by.full_name, note.at) for note in found] == [
        ("Chờ địa chính trả lời.", head.name, LATER),
        ("Đã gọi điện.", officer.name, NOW),
    ]


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.MANAGER, Role.ADMINISTRATOR])
def test_nobody_but_the_desk_reads_or_writes_notes(database: Database, role: Role) -> None:
    registration = submit()
    with pytest.raises(Forbidden):
        notes.write(person(role), registration, "x", NOW)
    with pytest.raises(Forbidden):
        notes.of(person(role), kept(registration))


def test_a_note_needs_words_and_a_dossier_that_one_may_open(database: Database) -> None:
    registration = submit()
    with pytest.raises(NotFound):
        notes.write(person(OFFICER, "nghia-do"), registration, "x", NOW)
    for words in ("  ", "x" * (notes.LONGEST + 1)):
        with pytest.raises(Invalid):
            notes.write(person(OFFICER), registration, words, NOW)
    assert not notes.of(person(OFFICER), kept(registration))


def test_heads_write_templates_that_their_unit_alone_uses(database: Database) -> None:
    head, registration = person(HEAD), submit()
    phrases.write(head, "Mời bổ sung", "Mời {ten_nguoi_nop} bổ sung hồ sơ {ma_ho_so}, hẹn {ngay_hen}.", NOW)
    (phrase,) = phrases.of_unit(person(OFFICER))
    said = phrases.worded(person(OFFICER), phrase.id, kept(registration))
    assert said == f"Mời Hoàng Thị Mai bổ sung hồ sơ {registration}, hẹn ………."
    act(OFFICER, registration, Action.RECEIVE)
    dossier = kept(registration)
    assert dossier.due_on is not None
    assert f"{dossier.code}, hẹn {dossier.due_on:%d/%m/%Y}." in phrases.worded(head, phrase.id, dossier)
    stranger = person(HEAD, "nghia-do")
    assert not phrases.of_unit(stranger)
    for attempt in (
        lambda: phrases.put_away(stranger, phrase.id, NOW),
        lambda: phrases.worded(stranger, phrase.id, dossier),
    ):
        with pytest.raises(NotFound):
            attempt()
    phrases.write(head, "Mời bổ sung", "Mời đến.", LATER, phrase.id)
    assert [one.words for one in phrases.of_unit(head)] == ["Mời đến."]
    phrases.put_away(head, phrase.id, LATER)
    assert not phrases.of_unit(head)


def test_only_heads_write_templates_and_every_field_must_be_known(database: Database) -> None:
    with pytest.raises(Forbidden):
        phrases.write(person(OFFICER), "Mời", "Mời đến.", NOW)
    for title, words, wrong in (("", "Mời.", "title"), ("Mời", "", "words"), ("Mời", "{so_cmnd}", "words")):
        with pytest.raises(Invalid) as refused:
            phrases.write(person(HEAD), title, words, NOW)
        assert refused.value.fields.keys() == {wrong}
