"""What a dossier costs: by channel, by answers, by exemption, and null where nobody has said."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from portal.domain import fees
from portal.domain.fees import FeeLine, FeeNote, fee_note
from portal.domain.kinds import Context
from procedures.catalogue import load_catalogue
from procedures.places import load_places

HOUSE, LAND, SPLIT, BIRTH = "1.013225", "1.115668", "1.010038", "1.001193"


def note(code: str, answers: dict[str, Any], channel: str = "counter", exemption: str | None = None) -> FeeNote:
    on = date(2026, 2, 20)
    return fee_note(load_catalogue().in_force(code, on), answers, Context(on, load_places(), channel), exemption)


@pytest.mark.parametrize(("channel", "total"), [("counter", 10_000), ("post", 10_000), ("online", 5_000)])
def test_the_fee_follows_the_channel(channel: str, total: int) -> None:
    assert note(SPLIT, {}, channel).total == total


def test_an_exempt_person_pays_nothing_and_the_line_says_so() -> None:
    claimed, granted = note(SPLIT, {"fee_exemption": "poor"}), note(SPLIT, {}, exemption="poor")
    assert claimed == granted
    assert (claimed.total, claimed.exemption, claimed.lines[0].exempt, claimed.lines[0].unit_amount) == (
        0,
        "poor",
        True,
        10_000,
    )


def test_an_unknown_exemption_exempts_from_nothing() -> None:
    assert note(SPLIT, {}, exemption="rich").total == 10_000


def test_a_fee_that_nobody_has_entered_makes_the_total_null_and_not_free() -> None:
    for code in (HOUSE, LAND):
        assert note(code, {}).total is None
    assert fees.amount_shown(note(HOUSE, {}).total) == "Chưa cấu hình"
    assert fees.amount_shown(note(HOUSE, {}).total, "en") == "Not configured"


def test_a_birth_is_free_within_60_days_and_not_configured_after() -> None:
    assert note(BIRTH, {"child_birth_date": "2025-12-22"}).total == 0
    assert note(BIRTH, {"child_birth_date": "2025-12-21"}).total is None
    assert note(BIRTH, {"child_birth_date": "2025-12-21"}, exemption="merit").total == 0
    assert note(BIRTH, {}).total == 0
    assert fees.amount_shown(0) == "Không thu"


def test_copies_are_paid_each_and_no_exemption_covers_them() -> None:
    answers = {"child_birth_date": "2026-02-01", "wants_copies": True, "copies": 3}
    assert note(BIRTH, answers).total == 24_000
    assert note(BIRTH, answers, exemption="poor").total == 24_000
    assert note(BIRTH, answers | {"wants_copies": False}).total == 0
    assert note(BIRTH, {"wants_copies": True}).total == 0


def test_the_lines_are_frozen_as_plain_values_and_come_back() -> None:
    answers = {"child_birth_date": "2025-01-01", "wants_copies": True, "copies": 2}
    for exemption in (None, "poor"):
        lines = note(BIRTH, answers, exemption=exemption).lines
        plain = [line.to_json() for line in lines]
        assert tuple(FeeLine.from_json(line) for line in json.loads(json.dumps(plain))) == lines
        assert [line["amount"] for line in plain] == [0 if exemption else None, 16_000]
        assert [line["note"] for line in plain] == ["Được miễn" if exemption else None, "2 × 8.000 đồng"]
        assert [line.note.en if line.note else None for line in lines][1] == "2 × 8,000 đồng"
        assert plain[1]["name"]["vi"] == "Phí cấp bản sao Giấy khai sinh"


def test_amounts_are_written_in_figures_and_in_words() -> None:
    assert fees.amount_shown(15_000) == "15.000 đồng"
    assert fees.amount_shown(15_000, "en") == "15,000 đồng"
    assert fees.amount_in_words(15_000) == "Mười lăm nghìn đồng"
    assert fees.amount_in_words(0) == "Không đồng"
