"""What was found of each paper: the last finding holds, and a page saves what was changed on it alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portal.domain.checklists import Entry, Found, Mark, changed, latest, sentence, trace

AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
WRONG = Mark(Found.WRONG, "unreadable", "Trang 3")


def test_of_each_paper_the_last_finding_holds_at_whichever_step_it_was_made() -> None:
    entries = [
        Entry("drawings", "examination", Mark(Found.OK), AT + timedelta(hours=2), "Mai"),
        Entry("drawings", "reception", WRONG, AT, "Lan"),
        Entry("land_paper", "reception", Mark(Found.OK), AT, "Lan"),
    ]
    assert {key: entry.by for key, entry in latest(entries).items()} == {"drawings": "Mai", "land_paper": "Lan"}


def test_saving_a_page_leaves_alone_what_others_wrote_meanwhile() -> None:
    untouched, before = Mark(Found.OK), trace(Mark(Found.OK))
    page = {"drawings": untouched, "land_paper": WRONG}
    shown = {"drawings": before, "land_paper": trace(Mark())}
    meanwhile = {"drawings": Mark(Found.MISSING)}
    assert changed(page, shown, meanwhile) == {"land_paper": WRONG}
    assert changed(page, shown, {**meanwhile, "land_paper": WRONG}) == {}


def test_a_refusal_says_of_a_paper_how_it_was_found_why_and_in_which_words() -> None:
    assert sentence("Bản vẽ", WRONG, "Tệp mờ") == "Bản vẽ: sai – tệp mờ. Trang 3."
    assert sentence("Bản vẽ", Mark(Found.MISSING), "") == "Bản vẽ: thiếu."
