"""A reading is one row on both databases, however many windows of one person open the dossier at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.domain.access import PORTAL, Role
from portal.domain.readings import What
from portal.usecases import readings
from tests.cases import NOW, kept, person, submit

pytestmark = pytest.mark.usefixtures("database")


def test_many_windows_at_once_are_one_reading_and_its_owner_is_told_of_each_office() -> None:
    dossier, officer = kept(submit()), person(Role.ONE_STOP_OFFICER)
    with ThreadPoolExecutor(4) as windows:
        list(windows.map(lambda _: readings.note(officer, dossier, What.PAGE, NOW), range(8)))
    assert len(readings.log(dossier, None, 10)) == 1
    assert readings.note(officer, dossier, What.SENSITIVE, NOW, "ethnicity") == frozenset()
    later = NOW + timedelta(minutes=29)
    assert readings.note(officer, dossier, What.PAGE, later) == {"ethnicity"}
    assert readings.note(officer, dossier, What.PAGE, NOW + timedelta(minutes=30)) == frozenset()
    readings.note(person(Role.LEADER), dossier, What.PAGE, later)
    told = [(each.role, each.times, each.asked, each.last_at) for each in readings.by_office(dossier)]
    assert told == [("one_stop_officer", 2, 1, NOW + timedelta(minutes=30)), ("leader", 1, 0, later)]


def test_neither_its_owner_nor_the_portal_reads_it() -> None:
    dossier = kept(submit())
    for actor in (person(Role.CITIZEN), PORTAL):
        readings.note(actor, dossier, What.PAGE, NOW)
    assert list(readings.log(dossier, None, 10)) == []
