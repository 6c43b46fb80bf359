"""What a procedure file may not contradict in itself: each contradiction is seen, with line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from procedures.catalogue import FOLDER, read_procedure
from procedures.files import FaultyFile

LAND = FOLDER / "land" / "transfer" / "2025-07-01.yaml"
BIRTH = FOLDER / "civil_status" / "birth-registration" / "2016-01-01.yaml"
DEATH = FOLDER / "civil_status" / "death-bundle" / "2025-07-01.yaml"
SPLIT = FOLDER / "residence" / "household-split" / "2021-07-01.yaml"


def faults_of(source: Path, old: str, new: str, folder: Path) -> list[tuple[int, str, int]]:
    """The faults of a file after one replacement: line, reason, and the line where the replacement stands."""
    text = source.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    file = folder / source.name
    start = text.index(old)
    file.write_text(text[:start] + new + text[start + len(old) :], encoding="utf-8")
    with pytest.raises(FaultyFile) as caught:
        read_procedure(file)
    changed = text[:start].count("\n") + 1
    return [(fault.line, fault.reason, changed) for fault in caught.value.faults]


CONTRADICTIONS = [
    (LAND, "required: mortgaged == true", "required: morgaged == true", "nothing called morgaged is a question"),
    (LAND, "required: mortgaged == true", "required: mortgaged > 3", "does not fit the kinds of its fields"),
    (LAND, "required: mortgaged == true", "required: mortgaged = true", "is not CEL"),
    (
        LAND,
        "when: change_kind == 'transfer'",
        "when: change_kind == 'sale'",
        "'sale' is not among the choices of 'change_kind'",
    ),
    (
        LAND,
        "when: receivers_share == true",
        "when: duty_request == 'pay'",
        "nothing called duty_request is asked before",
    ),
    (LAND, "    share: 4\n", "    share: 3.5\n", "the shares sum to 7.5 working days, the term is 8"),
    (LAND, "    share: 4\n", "", "has no share of the term"),
    (LAND, "route:\n", "one_person: true\nroute:\n", "only what is due within the day"),
    (LAND, "term: 8 working_day", "term: 8 workday", "is not a term"),
    (LAND, "    actions: [approve, refuse, send_back]", "    actions: [refuse]", "exactly one step may approve"),
    (LAND, "    actions: [issue, send_back]", "    actions: [issue, approve]", "exactly one step may approve"),
    (
        LAND,
        "    role: one_stop_officer\n    share: 0.5",
        "    role: clerk\n    share: 0.5",
        "begins with the one-stop officer",
    ),
    (LAND, "  - key: register_number", "  - key: certificate_serial", "says 'certificate_serial' a second time"),
    (LAND, "  - key: gift_minutes", "  - key: contract", "says 'contract' a second time"),
    (LAND, "  - key: gift_minutes", "  - key: parcel_number", "'parcel_number' is also a component"),
    (LAND, "          - value: gift\n", "          - value: transfer\n", "says 'transfer' a second time"),
    (LAND, "      - key: origin\n", "      - key: matches\n", "'matches' is a word of expressions"),
    (LAND, "place: commune", "place: parcel_address", "'parcel_address' is not a question of kind unit"),
    (LAND, "        decimals: 1\n", "", "kind decimal needs decimals"),
    (LAND, "        kind: decimal\n", "        kind: text\n", "decimals does not go with kind text"),
    (LAND, "        min: 1\n        max: 99999", "        min: 100000\n        max: 99999", "is less than min"),
    (LAND, "        choices: land-purposes", "        choices: purposes", "takes in purposes: cannot be read"),
    (LAND, "        choices: land-purposes", "        choices: ../../../etc/passwd", "takes in"),
    (LAND, "  - use: contact/2016-01-01", "  - use: contact/2016-01-02", "takes in contact/2016-01-02: cannot be read"),
    (LAND, "  - use: contact/2016-01-01", "  - use: ../contact", "names a block as <name>/<date>"),
    (LAND, "  - use: contact/2016-01-01\n", "", "does not ask for 'phone', which every form needs"),
    (LAND, "level: null", "level: 3", "why_not_4 stands exactly with level 3"),
    (LAND, "confidence: {term: V", "confidence: {deadline: V", "'deadline' is no part of a procedure"),
    (
        LAND,
        "    fields: [contract_date, certificate_date]",
        "    fields: [serial]",
        "'serial' is not a question of this form",
    ),
    (LAND, "    like: Mua một thửa đất", "    like: Bán một thửa đất", "there is no example"),
    (LAND, 'received_at: "2026-07-13', 'received_at: "2025-06-30', "lies before the date in force"),
    (LAND, '      mortgaged: "no"', '      morgaged: "no"', "'morgaged' is not a question of this form"),
    (LAND, "    components: [certificate_paper, contract]", "    components: [contrat]", "'contrat' is no component"),
    (LAND, "    channel: counter", "    channel: fax", "input should be 'online', 'counter' or 'post'"),
    (LAND, "summary:\n", "summery:\n", "summery is not known here"),
    (LAND, "authority:\n  vi: Chi nhánh Văn phòng đăng ký đất đai khu vực\n", "authority:\n", "vi is missing"),
    (LAND, 'code: "1.115668"', "code: 1.115668", "code must be text"),
    (LAND, 'code: "1.115668"', 'code: "L2"', "is not written as it must be"),
    (BIRTH, "    role: specialist\n", "    role: specialist\n    share: 1\n", "of a same-day procedure, has no share"),
    (BIRTH, "    role: specialist\n", "    role: specialist\n    unit: land_registry\n", "of the sector land only"),
    (BIRTH, "    per: copies", "    per: child_name", "is neither a question for a whole number nor a group"),
    (BIRTH, "    fees: [late_registration]", "    fees: [late]", "'late' is no fee of this procedure"),
    (
        DEATH,
        "        sensitive: true\n",
        "        sensitive: true\n        person: {birth: householder_name}\n",
        "'householder_name' is no such question",
    ),
    (DEATH, "        prefill: commune", "        prefill: phone", "phone cannot fill in a field of kind unit"),
    (
        DEATH,
        "      - key: payment\n        kind: choice\n",
        "      - key: payment\n        kind: choice\n        default: card\n",
        "'card' is not among the choices",
    ),
    (DEATH, "within: 15 working_day", "within: 14 working_day", "may take 15 working days, the law gives 14"),
    (DEATH, "          share: 3.5\n", "          share: 4.5\n", "the shares sum to 6 working days, the term is 5"),
    (
        DEATH,
        "      after: [lead]\n",
        "      after: [allowance]\n",
        "neither 'lead' nor a leg above this one is called 'allow",
    ),
    (DEATH, "    - key: deletion\n", "    - key: lead\n", "'lead' is the leg that the bundle begins with"),
    (DEATH, "    - key: allowance\n", "    - key: deletion\n", "says 'deletion' a second time"),
    (DEATH, "- key: allowance_transfer", "- key: deletion_return", "says 'deletion_return' a second time"),
    (
        DEATH,
        "      place: deleted_commune",
        "      place: last_residence",
        "'last_residence' is not a question of kind unit",
    ),
    (DEATH, "      term: 5 working_day", "      term: 5 day", "the term of a leg is counted in working time"),
    (
        DEATH,
        "share: 3.5\n          actions: [forward",
        "share: 3.5\n          actions: [receive",
        "received by the portal",
    ),
    (DEATH, "          actions: [hand_over]\n    - key", "          actions: [forward]\n    - key", "who hands over"),
    (DEATH, "        - code: deleted_before", "        - code: not_completed", "says 'not_completed' a second time"),
    (BIRTH, '"2025-04-26T17:00"}', '"2025-04-26T17:00", total_at: "2025-05-01"}', "only a bundle has legs"),
    (SPLIT, "    channels: [counter, post]", "    channels: [counter, fax]", "input should be 'online'"),
    (SPLIT, "template: household_split", "template: household_spilt", "input should be 'construction_permit'"),
    (SPLIT, "rule: new_head_number != old_head_number", "rule: members.exists(m, m.ag > 1)", "does not fit"),
]


@pytest.mark.parametrize(("source", "old", "new", "reason"), CONTRADICTIONS, ids=[c[3] for c in CONTRADICTIONS])
def test_a_contradiction_is_named_with_its_reason(
    source: Path, old: str, new: str, reason: str, tmp_path: Path
) -> None:
    found = faults_of(source, old, new, tmp_path)
    assert any(reason in said for _, said, _ in found), found


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        (LAND, "required: mortgaged == true", "required: morgaged == true"),
        (LAND, "        max: 9999\n", "        max: nine\n"),
        (BIRTH, "    per: copies", "    per: child_name"),
        (SPLIT, "  template: household_split", "  template: household_spilt"),
        (SPLIT, "rule: new_head_number != old_head_number", "rule: nobody == 'x'"),
    ],
)
def test_a_fault_stands_on_the_very_line(source: Path, old: str, new: str, tmp_path: Path) -> None:
    line, _, changed = faults_of(source, old, new, tmp_path)[0]
    assert line == changed


def test_a_fault_in_a_shared_page_stands_in_the_page_s_own_file(tmp_path: Path) -> None:
    """The page of consents looks at answers of other pages, which a form without them does not have."""
    text = LAND.read_text(encoding="utf-8").replace("use: delivery/2016-01-01", "use: household-consent/2021-07-01")
    file = tmp_path / LAND.name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FaultyFile) as caught:
        read_procedure(file)
    page = FOLDER / "blocks" / "household-consent" / "2021-07-01.yaml"
    line = page.read_text(encoding="utf-8").splitlines().index("    when: divorced == false") + 1
    assert (page, line) in {(fault.file, fault.line) for fault in caught.value.faults}
