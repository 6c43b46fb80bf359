"""Records, groups of records and computed answers: drawn from their parts, read, judged, kept and shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import conditions, forms, kinds, rehearsal
from portal.domain.kinds import Context
from procedures.catalogue import FOLDER, read_procedure
from procedures.expressions import compiled
from procedures.files import FaultyFile
from procedures.model import COMPOUND, Kind, Procedure
from procedures.places import load_places

CONTEXT = Context(date(2026, 8, 3), load_places())
SOURCE = FOLDER / "civil_status" / "birth-registration" / "2016-01-01.yaml"
SECTION = """\
  - key: couple
    title: {vi: Hai bên, en: The couple}
    fields:
      - key: bride
        kind: person
        label: {vi: Bên nữ, en: Bride}
        parts: [full_name, birth_date, sex, nationality, personal_number, other_paper]
        optional: [personal_number, other_paper]
      - key: guardian
        kind: person
        label: {vi: Người giám hộ, en: Guardian}
        required: false
        parts: [full_name, nationality, phone]
      - key: plot
        kind: parcel
        label: {vi: Thửa đất, en: Parcel}
        parts: [map_commune, sheet, number, area, purpose]
      - key: book
        kind: certificate
        label: {vi: Giấy chứng nhận, en: Certificate}
        parts: [serial, issued_on]
      - key: agreed
        kind: consent
        label: {vi: Ý kiến của chủ đất, en: The owner's consent}
        when: plot.area > 100.0
        parts: [full_name, how]
      - key: bride_age
        kind: integer
        label: {vi: Tuổi bên nữ, en: Age of the bride}
        computed: double(years_between(bride.birth_date, today))
      - key: witnesses
        kind: group
        of: person
        label: {vi: Người làm chứng, en: Witnesses}
        row_title: {vi: Người làm chứng, en: Witness}
        parts: [full_name, personal_number]
        min: 2
        max: 2
"""
PLACE = "  - use: declaration/2016-01-01\n"
SENT = {
    "bride-full_name": ["Lý Thị Hoa"],
    "bride-birth_date": ["02/09/1998"],
    "bride-sex": ["female"],
    "bride-nationality": ["Việt Nam"],
    "bride-personal_number": ["010198001234"],
    "bride-other_paper": [""],
    "guardian-full_name": [""],
    "guardian-nationality": ["Việt Nam"],
    "guardian-phone": [""],
    "plot-map_commune": ["pho-rang"],
    "plot-sheet": ["12"],
    "plot-number": ["345"],
    "plot-area": ["180,5"],
    "plot-purpose": [""],
    "book-serial": ["cđ 123456"],
    "book-issued_on": ["15/10/2019"],
    "witnesses-0-full_name": ["Vàng A Páo"],
    "witnesses-0-personal_number": ["010080001234"],
    "witnesses-1-full_name": ["Giàng Thị Mỷ"],
    "witnesses-1-personal_number": ["12"],
}


def changed(folder: Path, old: str = "", new: str = "") -> Procedure:
    """The birth registration with a page of records more, and with one change to that page."""
    assert old in SECTION
    file = folder / SOURCE.name
    text = SOURCE.read_text(encoding="utf-8")
    assert PLACE in text
    file.write_text(text.replace(PLACE, SECTION.replace(old, new, 1) + PLACE), encoding="utf-8")
    return read_procedure(file).procedure


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Procedure:
    return changed(tmp_path_factory.mktemp("records"))


def test_a_record_has_the_parts_it_names_in_their_order_and_only_the_optional_may_stay_empty(found: Procedure) -> None:
    bride, group = found.fields["bride"], found.fields["witnesses"]
    assert [(part.key, part.required) for part in bride.columns] == [
        ("full_name", True), ("birth_date", True), ("sex", True), ("nationality", True),
        ("personal_number", False), ("other_paper", False),
    ]  # fmt: skip
    assert [part.key for part in group.columns] == ["full_name", "personal_number"]
    assert group.columns[1].person is not None
    assert group.columns[1].person.birth is None


def test_every_part_of_a_record_is_read_and_what_is_wrong_stands_beside_it(found: Procedure) -> None:
    reading = forms.read_section(found, "couple", SENT, {}, CONTEXT)
    assert reading.answers["bride"] == {
        "full_name": "Lý Thị Hoa", "birth_date": "1998-09-02", "sex": "female", "nationality": "Việt Nam",
        "personal_number": "010198001234",
    }  # fmt: skip
    assert reading.answers["book"] == {"serial": "CĐ 123456", "issued_on": "2019-10-15"}
    assert set(reading.errors) == {"plot-purpose", "witnesses-1-personal_number"}
    assert reading.opened == ("agreed",)
    assert forms.label_of(found.fields["plot"], "plot-purpose").vi == "Thửa đất: Loại đất, mục đích sử dụng"


def test_a_personal_number_is_doubted_within_its_record(found: Procedure) -> None:
    reading = forms.read_section(found, "couple", SENT | {"bride-sex": ["male"]}, {}, CONTEXT)
    assert "giới tính" in reading.warnings["bride-personal_number"].vi


def test_a_record_that_need_not_be_given_is_missing_until_more_than_a_default_stands_in_it(found: Procedure) -> None:
    reading = forms.read_section(found, "couple", SENT, {}, CONTEXT)
    assert "guardian" not in reading.answers
    reading = forms.read_section(found, "couple", SENT | {"guardian-phone": ["0912345678"]}, {}, CONTEXT)
    assert "guardian-full_name" in reading.errors
    assert forms.rows(found.fields["guardian"], {}) == [{"nationality": "Việt Nam"}]


def test_expressions_see_the_parts_of_a_record_null_where_missing(found: Procedure) -> None:
    seen = forms.values(found, {}, CONTEXT)
    assert seen["plot"] == {"map_commune": None, "sheet": None, "number": None, "area": None, "purpose": None}
    answers = forms.read_section(found, "couple", SENT, {}, CONTEXT).answers
    assert forms.values(found, answers, CONTEXT)["plot"]["area"] == 180.5


def test_what_is_computed_is_never_asked_but_kept_and_shown(found: Procedure) -> None:
    reading = forms.read_section(found, "couple", SENT | {"bride_age": ["99"]}, {}, CONTEXT)
    assert "bride_age" not in reading.errors
    assert forms.final_answers(found, reading.answers, CONTEXT)["bride_age"] == 27
    without = forms.read_section(found, "couple", SENT | {"bride-birth_date": [""]}, reading.answers, CONTEXT)
    assert "bride_age" not in without.answers


def test_a_record_is_shown_part_by_part_and_its_sensitive_parts_are_masked(found: Procedure) -> None:
    answers = forms.read_section(found, "couple", SENT, {}, CONTEXT).answers
    (page,) = (part for part in forms.display(found, answers, CONTEXT, "vi", mask=True) if part.section == "couple")
    lines = {line.name: (line.label, line.value) for line in page.lines}
    assert lines["bride-full_name"] == ("Bên nữ: Họ, chữ đệm và tên", "Lý Thị Hoa")
    assert lines["bride-personal_number"][1].startswith("•")
    assert lines["plot-map_commune"][1] == "Thị trấn Phố Ràng (đến ngày 30/06/2025)"
    assert lines["bride_age"] == ("Tuổi bên nữ", "27")
    assert forms.answer(found, answers, "bride.birth_date", CONTEXT) == "02/09/1998"


def test_an_example_types_a_record_as_a_mapping(found: Procedure) -> None:
    typed = {
        "bride": {"full_name": "Lý Thị Hoa", "birth_date": "02/09/1998"},
        "witnesses": [{"full_name": "Vàng A Páo"}],
    }
    assert rehearsal.posted(found.section("couple"), typed) == {
        "bride-full_name": ["Lý Thị Hoa"],
        "bride-birth_date": ["02/09/1998"],
        "witnesses-0-full_name": ["Vàng A Páo"],
    }


def test_an_account_fills_in_a_record_only_where_the_form_says_so(tmp_path: Path) -> None:
    account = {"full_name": "Hoàng Thị Mai", "phone": "0912345678"}
    assert forms.start(changed(tmp_path), account, CONTEXT)["bride"] == {"nationality": "Việt Nam"}
    own = changed(tmp_path, "label: {vi: Bên nữ,", "prefill: person\n        label: {vi: Bên nữ,")
    assert forms.start(own, account, CONTEXT)["bride"] == {"full_name": "Hoàng Thị Mai", "nationality": "Việt Nam"}


def typed_again(found: Procedure, answers: dict[str, Any]) -> dict[str, list[str]]:
    """What a browser sends of a page as it is drawn for these answers."""
    sent: dict[str, list[str]] = {}
    for question in found.section("couple").fields:
        if question.kind not in COMPOUND:
            sent[question.key] = forms.typed(question, answers)
            continue
        for index, row in enumerate(forms.rows(question, answers)):
            prefix = f"{question.key}-{index}-" if question.kind is Kind.GROUP else f"{question.key}-"
            sent |= {prefix + part.key: kinds.typed_back(part, row.get(part.key)) for part in question.columns}
    return sent


def test_what_is_kept_reads_the_same_again(found: Procedure) -> None:
    reading = forms.read_section(found, "couple", SENT, {}, CONTEXT)
    again = forms.read_section(found, "couple", typed_again(found, reading.answers), reading.answers, CONTEXT)
    assert again.answers == reading.answers
    final = forms.final_answers(found, again.answers, CONTEXT)
    assert forms.final_answers(found, final, CONTEXT) == final


TYPED = st.text(max_size=12) | st.sampled_from(
    ["yes", "Lý Thị Hoa", "02/09/1998", "1950", "cđ 123456", "180,5", "12", "pho-rang", "female", "signature", "kinh"]
)


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_typed_into_records_and_groups_reads_the_same_again(found: Procedure, data: st.DataObject) -> None:
    names = st.sampled_from([*SENT, "agreed-full_name", "agreed-how", "witnesses-2-full_name"])
    sent = SENT | {name: [text] for name, text in data.draw(st.dictionaries(names, TYPED, max_size=12)).items()}
    kept = forms.read_section(found, "couple", sent, {}, CONTEXT).answers
    again = forms.read_section(found, "couple", typed_again(found, kept), kept, CONTEXT).answers
    assert again == kept
    forms.check_all(found, kept, CONTEXT, {})
    for mask in (False, True):
        forms.display(found, kept, CONTEXT, "en", mask=mask)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("parts: [full_name, how]", "parts: [full_name, hows]", "'hows' is not among full_name"),
        ("optional: [personal_number, other_paper]", "optional: [phone]", "'phone' is not among full_name, birth_date"),
        ("        of: person\n", "", "parts go with"),
        ("        of: person\n", "        of: text\n", "text is no record"),
        ("        of: person\n", "        of: [person]\n", "parts go with"),
        ("parts: [full_name, how]", "parts: [full_name, {how: 1}]", "is not among full_name"),
        ("parts: [full_name, how]", "parts: {full_name: how}", "must"),
        ("optional: [personal_number, other_paper]", "optional: [[phone]]", "['phone'] is not among"),
        ("        kind: parcel\n", "        kind: text\n", "parts go with"),
        ("        parts: [full_name, how]\n", "", "kind consent needs columns"),
        ("when: plot.area > 100.0", "when: plot.size > 100.0", "does not fit the kinds of its fields"),
        ("when: plot.area > 100.0", "when: plot == null", "'plot' is a record, which is never null"),
        ("when: plot.area > 100.0", "when: plot.purpose == 'sea'", "'sea' is not among the choices of 'plot.purpose'"),
        ("when: plot.area > 100.0", "when: bride_age > 3.0", "nothing called bride_age is asked before"),
        ("computed: double(years_between(bride.birth_date, today))", "computed: bride.full_name", "of kind integer"),
        ("computed: double(years_between(bride.birth_date, today))", "computed: witnesses", "nothing called witnesses"),
        ("        kind: integer\n", "        kind: integer\n        max: 9\n", "max does not go with what is computed"),
        ("        of: person\n", "        of: person\n        past: true\n", "past does not go with kind group"),
    ],
)  # fmt: skip
def test_a_record_that_contradicts_itself_is_refused_with_its_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    with pytest.raises(FaultyFile) as caught:
        changed(tmp_path, old, new)
    assert any(reason in fault.reason for fault in caught.value.faults), caught.value.faults


FILED = """\
      - key: sketch
        kind: file
        label: {vi: Sơ đồ vị trí, en: Sketch of the place}
"""


def test_a_file_that_is_asked_for_inside_the_form_counts_when_it_is_there_and_never_by_what_is_typed(
    tmp_path: Path,
) -> None:
    found = changed(tmp_path, "      - key: guardian\n", FILED + "      - key: guardian\n")
    reading = forms.read_section(found, "couple", SENT | {"sketch": ["so-do.pdf"]}, {}, CONTEXT)
    assert "sketch" in reading.errors
    kept = forms.with_files(found, reading.answers, {"sketch": ["so-do.pdf"]})
    again = forms.read_section(found, "couple", SENT, kept, CONTEXT)
    assert "sketch" not in again.errors
    assert forms.answer(found, again.answers, "sketch", CONTEXT) == "so-do.pdf"
    assert forms.values(found, kept, CONTEXT)["sketch"] == ["so-do.pdf"]
    assert "sketch" not in forms.with_files(found, kept, {})
    assert found.papers["sketch"].vi == "Sơ đồ vị trí"
    assert rehearsal.fill_in(found, {"sketch": "so-do.pdf"}, CONTEXT)["sketch"] == ["so-do.pdf"]


CONDITIONAL = """\
      - key: stay
        kind: person
        label: {vi: Người lưu trú, en: Guest}
        columns:
          - {key: abroad, kind: yes_no, label: {vi: Người nước ngoài, en: Foreigner}}
          - {key: passport, kind: text, label: {vi: Số hộ chiếu, en: Passport}, when: abroad == true}
"""


def test_a_part_that_another_part_has_brought_up_is_shown_before_it_is_missed_and_is_kept_while_hidden(
    tmp_path: Path,
) -> None:
    found = changed(tmp_path, "      - key: guardian\n", CONDITIONAL + "      - key: guardian\n")
    stay = found.fields["stay"]
    first = forms.read_section(found, "couple", SENT | {"stay-abroad": ["yes"]}, {}, CONTEXT)
    assert "stay-passport" in first.opened
    assert "stay-passport" not in first.errors
    seen = forms.values(found, first.answers, CONTEXT)
    assert [part.key for part in forms.asked_columns(stay, first.answers["stay"], seen)] == ["abroad", "passport"]
    sent = SENT | {"stay-abroad": ["yes"], "stay-passport": [""]}
    assert "stay-passport" in forms.read_section(found, "couple", sent, first.answers, CONTEXT).errors
    sent["stay-passport"] = ["N0123456"]
    filled = forms.read_section(found, "couple", sent, first.answers, CONTEXT).answers
    hidden = forms.read_section(found, "couple", SENT | {"stay-abroad": ["no"]}, filled, CONTEXT).answers
    assert hidden["stay"] == {"abroad": False, "passport": "N0123456"}
    assert forms.final_answers(found, hidden, CONTEXT)["stay"] == {"abroad": False}


def test_a_condition_on_a_part_of_a_record_is_said_with_both_names(found: Procedure) -> None:
    said = conditions.in_words(compiled("bride.sex == 'female'"), found)
    assert said is not None
    assert said.vi == "“Bên nữ: Giới tính”: Nữ"
    assert conditions.in_words(compiled("bride.shoes == 'red'"), found) is None
