"""Every question tree ends at procedures of its sector, leaves none out, and a faulty one is refused with its line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from procedures.catalogue import load_catalogue
from procedures.files import FaultyFile
from procedures.guides import Guide, load_guides, load_popular, load_synonyms, read_guide
from procedures.model import Sector

TODAY = date(2026, 11, 24)


def ways(guide: Guide, chosen: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Every way through a guide, as the numbers of the answers."""
    asked = guide.after(guide.walk(chosen))
    if asked is None:
        yield chosen
        return
    for number in range(1, len(asked.answers) + 1):
        yield from ways(guide, (*chosen, number))


@pytest.mark.parametrize("sector", list(Sector))
def test_the_questions_of_a_sector_lead_to_all_its_procedures_and_to_no_other(sector: Sector) -> None:
    offered = {procedure.code for procedure in load_catalogue().all_in_force(TODAY, sector)}
    assert load_guides()[sector].procedures == offered


@pytest.mark.parametrize("sector", list(Sector))
def test_every_way_ends_within_six_questions_at_a_procedure_or_at_advice(sector: Sector) -> None:
    guide = load_guides()[sector]
    for way in ways(guide):
        end = guide.walk(way)[-1].answer
        assert len(way) <= 6
        assert (end.procedure is None) != (end.advice is None)


def test_what_is_asked_for_most_is_in_force() -> None:
    offered = {procedure.code for procedure in load_catalogue().all_in_force(TODAY)}
    assert set(load_popular()) <= offered


def test_no_phrase_stands_twice_among_the_synonyms() -> None:
    phrases = [phrase.lower() for group in load_synonyms() for phrase in group]
    assert sorted(set(phrases)) == sorted(phrases)


GOOD = """start: a
questions:
  - key: a
    question: {vi: A, en: A}
    answers:
      - {label: {vi: Một, en: One}, to: b}
      - {label: {vi: Hai, en: Two}, procedure: "1.000000"}
  - key: b
    question: {vi: B, en: B}
    answers:
      - {label: {vi: Một, en: One}, advice: {vi: Thôi, en: Leave it}}
      - {label: {vi: Hai, en: Two}, procedure: "1.000001"}
"""


@pytest.mark.parametrize(
    ("there", "instead", "line", "reason"),
    [
        ("to: b", "to: c", 6, "there is no question 'c'"),
        ("start: a", "start: c", 1, "there is no question 'c'"),
        ("to: b", 'procedure: "1.0"', 2, "nothing leads to b"),
        ("key: b", "key: a", 8, "says 'a' a second time"),
        ("advice: {vi: Thôi, en: Leave it}", "to: a", 2, "goes round in a circle"),
        (', procedure: "1.000001"', "", 12, "leads to exactly one"),
        ("{vi: A, en: A}", "{vi: A}", 4, "Field required"),
        ("{vi: A, en: A}", "[", 6, ""),
    ],
)
def test_a_faulty_guide_is_refused_with_its_line(
    tmp_path: Path, there: str, instead: str, line: int, reason: str
) -> None:
    file = tmp_path / "land.yaml"
    file.write_text(GOOD)
    assert read_guide(file).procedures == {"1.000000", "1.000001"}
    file.write_text(GOOD.replace(there, instead, 1))
    with pytest.raises(FaultyFile) as refused:
        read_guide(file)
    assert [fault.line for fault in refused.value.faults if reason in fault.reason] == [line]
