"""The form of a procedure: asked page by page, read whatever is typed, checked whole, and shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain import forms, kinds, rehearsal
from portal.domain.kinds import Context, Refusal
from procedures.catalogue import load_catalogue
from procedures.model import COMPOUND, Field, Kind, Procedure, Section
from procedures.places import load_places

HOUSE, LAND, SPLIT, BIRTH = "1.013225", "1.115668", "1.010038", "1.001193"
TODAY = date(2026, 8, 3)
CONTEXT = Context(TODAY, load_places())
ACCOUNT = {
    "full_name": "Hoàng Thị  Mai",
    "personal_number": "010188001234",
    "birth_date": "1988-03-12",
    "sex": "female",
    "phone": "+84912345678",
    "email": None,
    "address": "Thôn 2, xã Bảo Yên, tỉnh Lào Cai",
    "commune": "bao-yen",
}


def procedure(code: str, on: date = TODAY) -> Procedure:
    return load_catalogue().in_force(code, on)


def completed(code: str) -> tuple[Procedure, dict[str, Any], Context]:
    """A procedure with the answers of its first example."""
    found = procedure(code)
    example = found.examples[0]
    context = Context(example.received_at.date(), load_places(), example.channel)
    return found, rehearsal.fill_in(found, rehearsal.typed_answers(found, example), context), context


def field(kind: Kind, **more: Any) -> Field:
    return Field.model_validate({"key": "it", "kind": kind, "label": {"vi": "Nó", "en": "It"}, **more})


def read(of: Field, *typed: str, context: Context = CONTEXT) -> Any:
    return kinds.read(of, typed, context)


def refused(of: Field, *typed: str, context: Context = CONTEXT) -> str:
    with pytest.raises(Refusal) as caught:
        read(of, *typed, context=context)
    return caught.value.text.vi


# -- kinds -------------------------------------------------------------------------------------------------------------

CHOICES = [{"value": value, "label": {"vi": value, "en": value}} for value in ("one", "two", "three")]


@pytest.mark.parametrize(
    ("of", "typed", "kept", "back"),
    [
        (field(Kind.TEXT), "  Đã   gõ ", "Đã gõ", "Đã gõ"),
        (field(Kind.TEXT), "Bảo Yên", "Bảo Yên", "Bảo Yên"),
        (field(Kind.TEXT), "<b>5 & 6</b>", "<b>5 & 6</b>", "<b>5 & 6</b>"),
        (field(Kind.LONG_TEXT), "một\r\nhai ", "một\nhai", "một\nhai"),
        (field(Kind.TEXT), "một\nhai", "một hai", "một hai"),
        (field(Kind.NAME), "vàng a  páo", "vàng a páo", "vàng a páo"),
        (field(Kind.NAME), "H'Yên", "H'Yên", "H'Yên"),
        (field(Kind.INTEGER), "1.250", 1250, "1250"),
        (field(Kind.INTEGER), "007", 7, "7"),
        (field(Kind.DECIMAL, decimals=2), "1.250,50", "1250.5", "1250,5"),
        (field(Kind.DECIMAL, decimals=1), "12.5", "12.5", "12,5"),
        (field(Kind.DECIMAL, decimals=1), "1,250.5", "1250.5", "1250,5"),
        (field(Kind.DECIMAL, decimals=2), "100,00", "100", "100"),
        (field(Kind.DECIMAL, decimals=2), "-0,45", "-0.45", "-0,45"),
        (field(Kind.MONEY), "350.000.000 đồng", 350_000_000, "350.000.000"),
        (field(Kind.MONEY), "15000đ", 15_000, "15.000"),
        (field(Kind.MONEY), "15,000 đồng", 15_000, "15.000"),
        (field(Kind.MONEY), "1,500,000", 1_500_000, "1.500.000"),
        (field(Kind.INTEGER), "1,500", 1_500, "1500"),
        (field(Kind.DATE), "5/2/1988", "1988-02-05", "05/02/1988"),
        (field(Kind.DATE), "05-02-1988", "1988-02-05", "05/02/1988"),
        (field(Kind.DATE), "1988-02-05", "1988-02-05", "05/02/1988"),
        (field(Kind.PARTIAL_DATE), "1950", "1950", "1950"),
        (field(Kind.PARTIAL_DATE), "3/1950", "1950-03", "03/1950"),
        (field(Kind.PARTIAL_DATE), "12/03/1950", "1950-03-12", "12/03/1950"),
        (field(Kind.CHOICE, choices=CHOICES), "two", "two", "two"),
        (field(Kind.YES_NO), "no", False, "no"),
        (field(Kind.DECLARATION), "on", True, "yes"),
        (field(Kind.PERSONAL_NUMBER), "010 188 001 234", "010188001234", "010188001234"),
        (field(Kind.PHONE), "+84 912 345 678", "0912345678", "0912345678"),
        (field(Kind.EMAIL), "Mai.Hoang@Vidu.VN", "Mai.Hoang@vidu.vn", "Mai.Hoang@vidu.vn"),
        (field(Kind.UNIT), "bao-yen", "bao-yen", "bao-yen"),
        (field(Kind.UNIT, past=True), "pho-rang", "pho-rang", "pho-rang"),
        (field(Kind.UNIT, past=True), "huyen-bao-yen", "huyen-bao-yen", "huyen-bao-yen"),
        (field(Kind.CERTIFICATE_NUMBER), "cđ123456", "CĐ 123456", "CĐ 123456"),
        (field(Kind.CERTIFICATE_NUMBER), " AA  01234567 ", "AA 01234567", "AA 01234567"),
        (field(Kind.CERTIFICATE_NUMBER), "0123/qsdđ", "0123/QSDĐ", "0123/QSDĐ"),
        (
            field(Kind.ADDRESS, past=True),
            "Xã Yên Sơn, huyện Bảo Yên",
            "Xã Yên Sơn, huyện Bảo Yên",
            "Xã Yên Sơn, huyện Bảo Yên",
        ),
        (
            field(Kind.ADDRESS),
            "Đường Huyện Lộ 5, xã Bảo Yên",
            "Đường Huyện Lộ 5, xã Bảo Yên",
            "Đường Huyện Lộ 5, xã Bảo Yên",
        ),
    ],
)
def test_what_is_typed_is_kept_in_one_way_and_reads_the_same_again(of: Field, typed: str, kept: Any, back: str) -> None:
    assert read(of, typed) == kept
    assert kinds.typed_back(of, kept) == [back]
    assert read(of, back) == kept


@pytest.mark.parametrize(
    ("of", "typed", "reason"),
    [
        (field(Kind.TEXT), "chuông\x07", "ký tự không nhập được"),
        (field(Kind.TEXT), "tên\u202etxt", "ký tự không nhập được"),
        (field(Kind.TEXT), "\ud800", "ký tự không nhập được"),
        (field(Kind.TEXT, max_length=3), "bốn chữ", "Tối đa 3 ký tự"),
        (field(Kind.NAME), "Mai 2", "Tên chỉ gồm chữ cái"),
        (field(Kind.NAME), "<b>Mai</b>", "Tên chỉ gồm chữ cái"),
        (field(Kind.NAME), "...", "Tên chỉ gồm chữ cái"),
        (field(Kind.INTEGER), "mười", "số nguyên"),
        (field(Kind.INTEGER), "1,5", "số nguyên"),
        (field(Kind.INTEGER), "٣", "số nguyên"),
        (field(Kind.INTEGER), "9" * 40, "số nguyên"),
        (field(Kind.INTEGER, min=1), "0", "Không được nhỏ hơn 1"),
        (field(Kind.INTEGER, max=7000), "7.001", "Không được lớn hơn 7.000"),
        (field(Kind.DECIMAL, decimals=1), "1,25", "Tối đa 1 chữ số sau dấu phẩy"),
        (field(Kind.DECIMAL, decimals=1), "1.2.3", "Xin nhập một số"),
        (field(Kind.DECIMAL, decimals=1), "1e5", "Xin nhập một số"),
        (field(Kind.MONEY), "-5", "số tiền"),
        (field(Kind.CERTIFICATE_NUMBER), "không có", "số phát hành"),
        (field(Kind.CERTIFICATE_NUMBER), "<b>1</b>", "số phát hành"),
        (field(Kind.CERTIFICATE_NUMBER), "1" * 30, "số phát hành"),
        (field(Kind.UNIT), "huyen-bao-yen", "xã, thị trấn"),
        (field(Kind.UNIT, past=True), "chi-nhanh-dat-dai", "xã, thị trấn"),
        (field(Kind.DATE), "31/02/2020", "ngày/tháng/năm"),
        (field(Kind.DATE), "hôm qua", "ngày/tháng/năm"),
        (field(Kind.DATE), "1988", "ngày/tháng/năm"),
        (field(Kind.DATE, max="today"), "04/08/2026", "không được ở tương lai"),
        (field(Kind.DATE, min="today"), "02/08/2026", "không được ở quá khứ"),
        (field(Kind.DATE, min="1900-01-01"), "31/12/1899", "Không được trước ngày 01/01/1900"),
        (field(Kind.PARTIAL_DATE, max="today"), "2027", "không được ở tương lai"),
        (field(Kind.PARTIAL_DATE), "13/1950", "hoặc chỉ năm"),
        (field(Kind.CHOICE, choices=CHOICES), "four", "Xin chọn"),
        (field(Kind.YES_NO), "maybe", "Xin chọn"),
        (field(Kind.PERSONAL_NUMBER), "0101880012", "đúng 12 chữ số"),
        (field(Kind.PHONE), "113", "số điện thoại"),
        (field(Kind.EMAIL), "mai@", "thư điện tử"),
        (field(Kind.EMAIL), "mai@vidu.vn\nBcc: x@y.vn", "thư điện tử"),
        (field(Kind.UNIT), "huyen-bao-yen", "Xin chọn xã"),
        (field(Kind.UNIT), "nowhere", "Xin chọn xã"),
        (field(Kind.UNIT), "yen-son", "không hoạt động vào ngày 03/08/2026"),
        (field(Kind.ADDRESS), "Thôn 2, xã Yên Sơn, huyện Bảo Yên, Lào Cai", "không còn cấp huyện"),
        (field(Kind.ADDRESS), "Xã Yên Sơn - Huyện Bảo Yên", "không còn cấp huyện"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_plain_reason(of: Field, typed: str, reason: str) -> None:
    assert reason in refused(of, typed)


def test_a_district_and_an_old_commune_are_right_while_they_stand() -> None:
    before = Context(date(2025, 6, 30), load_places())
    assert read(field(Kind.ADDRESS), "Xã Yên Sơn, huyện Bảo Yên", context=before)
    assert read(field(Kind.UNIT), "yen-son", context=before) == "yen-son"
    assert "không hoạt động" in refused(field(Kind.UNIT), "bao-yen", context=before)


def test_the_communes_to_choose_from_are_those_of_the_day() -> None:
    on_the_last_day, after = (
        kinds.options(field(Kind.UNIT), Context(day, load_places())) for day in (date(2025, 6, 30), TODAY)
    )
    assert (len(on_the_last_day), len(after)) == (17, 6)


def test_several_choices_are_kept_in_their_own_order_and_nothing_ticked_is_no_answer() -> None:
    several = field(Kind.SEVERAL, choices=CHOICES)
    assert read(several, "three", "one") == ["one", "three"]
    assert read(several) is None
    assert kinds.typed_back(several, ["one", "three"]) == ["one", "three"]
    assert "Xin chọn" in refused(several, "one", "five")


ALL_KINDS = [
    field(
        kind,
        **(
            {"choices": CHOICES}
            if kind in (Kind.CHOICE, Kind.SEVERAL)
            else {"decimals": 2}
            if kind is Kind.DECIMAL
            else {}
        ),
    )
    for kind in Kind
    if kind not in COMPOUND
]


@given(
    st.sampled_from(ALL_KINDS), st.lists(st.text() | st.from_regex(r"[-+]?[\d.,/ ]{1,12}", fullmatch=True), max_size=3)
)
def test_whatever_is_typed_is_read_or_refused_and_what_is_read_reads_the_same_again(
    of: Field, typed: list[str]
) -> None:
    try:
        kept = kinds.read(of, typed, CONTEXT)
    except Refusal:
        return
    assert kinds.read(of, kinds.typed_back(of, kept), CONTEXT) == kept
    for language in ("vi", "en"):
        assert isinstance(kinds.shown(of, kept, CONTEXT, language), str)
    kinds.judged(of, kept)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_a_decimal_written_as_people_here_write_it_is_read_exactly(number: Any) -> None:
    kept = read(field(Kind.DECIMAL, decimals=2), f"{number:,}".translate(str.maketrans(",.", ".,")))
    assert Decimal(kept) == number


def test_numbers_and_sums_are_shown_as_the_language_of_the_page_writes_them() -> None:
    area, price = field(Kind.DECIMAL, decimals=2, measure="m²"), field(Kind.MONEY)
    for language, said in (("vi", ["1.650,5 m²", "277.000.000 đồng"]), ("en", ["1,650.5 m²", "277,000,000 đồng"])):
        assert [
            kinds.shown(of, kept, CONTEXT, language) for of, kept in ((area, "1650.5"), (price, 277_000_000))
        ] == said


def test_a_limit_is_said_as_the_language_of_the_page_writes_numbers() -> None:
    with pytest.raises(Refusal) as refused:
        read(field(Kind.INTEGER, max=1500), "2000")
    assert (refused.value.text.vi, refused.value.text.en) == ("Không được lớn hơn 1.500.", "Not more than 1,500.")


@given(st.dates(date(1000, 1, 1)))
def test_every_date_is_read_as_it_is_shown(day: date) -> None:
    assert read(field(Kind.DATE), f"{day.day:02d}/{day.month:02d}/{day.year}") == day.isoformat()


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_a_draft_begins_with_what_the_account_knows() -> None:
    answers = forms.start(procedure(BIRTH), ACCOUNT, CONTEXT)
    assert answers["full_name"] == "Hoàng Thị Mai"
    assert answers["phone"] == "0912345678"
    assert answers["birth_date"] == "1988-03-12"
    assert answers["commune"] == "bao-yen"
    assert answers["child_nationality"] == "Việt Nam"
    assert "email" not in answers


def test_an_account_s_ended_commune_fills_nothing_in() -> None:
    assert "commune" not in forms.start(procedure(BIRTH), ACCOUNT | {"commune": "yen-son"}, CONTEXT)


def test_pages_and_questions_come_and_go_with_the_answers() -> None:
    birth = procedure(BIRTH)
    pages = {page.section.key: [asked.key for asked in page.fields] for page in forms.pages(birth, {}, CONTEXT)}
    assert "marriage" not in pages
    assert pages["mother"] == ["mother_known"]
    known = {"mother_known": True, "father_known": True}
    pages = {page.section.key: [asked.key for asked in page.fields] for page in forms.pages(birth, known, CONTEXT)}
    assert pages["marriage"] == ["parents_married"]
    assert "mother_name" in pages["mother"]
    assert [section.key for section in forms.sections(birth, known, CONTEXT)] == list(pages)


def test_a_question_behind_a_hidden_one_is_hidden_too() -> None:
    birth = procedure(BIRTH)
    answers = {"mother_known": True, "father_known": False, "parents_married": True, "marriage_number": "45"}
    assert "marriage" not in {page.section.key for page in forms.pages(birth, answers, CONTEXT)}
    assert "marriage_number" not in forms.final_answers(birth, answers, CONTEXT)


# -- reading a page ----------------------------------------------------------------------------------------------------


def test_a_page_is_read_and_what_is_wrong_keeps_what_was_typed() -> None:
    house = procedure(HOUSE)
    posted = {"full_name": ["Mai"], "birth_date": ["31/02/2020"], "sex": ["female"], "personal_number": [""]}
    reading = forms.read_section(house, "applicant", posted, {}, CONTEXT)
    assert reading.answers["birth_date"] == {"typed": ["31/02/2020"]}
    assert forms.typed(house.fields["birth_date"], reading.answers) == ["31/02/2020"]
    assert set(reading.errors) == {"birth_date", "personal_number"}
    assert reading.errors["personal_number"] is kinds.REQUIRED
    fixed = forms.read_section(house, "applicant", {"birth_date": ["28/02/2020"]}, reading.answers, CONTEXT)
    assert fixed.answers["birth_date"] == "2020-02-28"
    assert "birth_date" not in fixed.errors


def test_an_answer_that_brings_up_a_question_asks_for_the_page_again() -> None:
    house = procedure(HOUSE)
    reading = forms.read_section(house, "submitting", {"submitter": ["authorised"]}, {"submitter": "self"}, CONTEXT)
    assert reading.opened == ("submitter_name", "submitter_number", "submitter_phone", "submitter_relation")
    assert not reading.errors
    again = forms.read_section(house, "submitting", {"submitter": ["authorised"]}, reading.answers, CONTEXT)
    assert set(again.errors) == {"submitter_name", "submitter_number", "submitter_relation"}
    assert not again.opened


def test_nothing_ticked_is_sent_by_no_browser_and_still_takes_the_answer_away() -> None:
    house = procedure(HOUSE)
    reading = forms.read_section(house, "declaration_page", {}, {"declaration": True}, CONTEXT)
    assert "declaration" not in reading.answers
    assert "declaration" in reading.errors


def test_autosave_keeps_everything_and_requires_nothing() -> None:
    house = procedure(HOUSE)
    reading = forms.read_partial(house, "applicant", {"full_name": [""], "birth_date": ["31/02"]}, {}, CONTEXT)
    assert set(reading.errors) == {"birth_date"}
    assert reading.answers["birth_date"] == {"typed": ["31/02"]}


def test_answers_to_unknown_questions_are_not_taken_and_an_unknown_page_is_an_error() -> None:
    house = procedure(HOUSE)
    reading = forms.read_section(house, "delivery", {"result_delivery": ["post"], "admin": ["1"]}, {"old": 1}, CONTEXT)
    # What an earlier version asked for stays with the draft, and out of the dossier.
    assert reading.answers == {"old": 1, "result_delivery": "post"}
    assert forms.final_answers(house, reading.answers, CONTEXT) == {"result_delivery": "post"}
    with pytest.raises(KeyError):
        forms.read_section(house, "nowhere", {}, {}, CONTEXT)


def test_a_personal_number_that_does_not_agree_warns_and_never_refuses() -> None:
    posted = {
        "full_name": ["Mai"],
        "birth_date": ["12/03/1989"],
        "sex": ["female"],
        "personal_number": ["010188001234"],
    }
    reading = forms.read_section(procedure(HOUSE), "applicant", posted, {}, CONTEXT)
    assert not reading.errors
    assert "không khớp với năm sinh" in reading.warnings["personal_number"].vi


def test_a_check_speaks_up_on_the_page_where_its_answer_is_given() -> None:
    house, answers, context = completed(HOUSE)
    ticked = {"work_grade": ["grade_4"], "adjoining": ["no"]}
    posted = ticked | {"ground_floor_area": ["200"], "total_floor_area": ["150"], "height": ["60"]}
    reading = forms.read_section(house, "building", posted, answers, context)
    assert set(reading.errors) == {"ground_floor_area", "total_floor_area"}
    assert set(reading.warnings) == {"height"}


# -- repeated groups ---------------------------------------------------------------------------------------------------

MEMBER = {
    "full_name": "Triệu Thị Lan",
    "birth_date": "15/06/1995",
    "sex": "female",
    "personal_number": "010195004567",
    "relation": "spouse",
}


def rows(*members: dict[str, str], start: int = 0) -> dict[str, list[str]]:
    return {f"members-{i}-{key}": [value] for i, member in enumerate(members, start) for key, value in member.items()}


def test_rows_are_read_in_their_order_and_empty_ones_are_left_out() -> None:
    posted = rows(MEMBER, dict.fromkeys(MEMBER, ""), MEMBER | {"full_name": "Lò Văn Páo"}, start=8)
    reading = forms.read_section(procedure(SPLIT), "new_household", posted, {}, CONTEXT)
    assert [row["full_name"] for row in reading.answers["members"]] == ["Triệu Thị Lan", "Lò Văn Páo"]
    assert reading.answers["members"][0]["birth_date"] == "1995-06-15"


def test_a_fault_in_a_row_is_named_by_its_input() -> None:
    posted = rows(MEMBER, MEMBER | {"birth_date": "1995", "sex": "male"})
    reading = forms.read_section(procedure(SPLIT), "new_household", posted, {}, CONTEXT)
    assert "members-1-birth_date" in reading.errors
    assert "members-1-personal_number" in reading.warnings
    assert reading.answers["members"][1]["birth_date"] == {"typed": ["1995"]}


def test_the_last_row_taken_away_empties_the_group() -> None:
    split = procedure(SPLIT)
    filled = forms.read_section(split, "new_household", rows(MEMBER), {}, CONTEXT).answers
    reading = forms.read_section(split, "new_household", {"members-rows": ["0"]}, filled, CONTEXT)
    assert "members" not in reading.answers
    assert reading.errors["members"] is kinds.REQUIRED
    assert forms.rows(split.fields["members"], reading.answers) == [{}]


def test_more_rows_than_there_may_be_are_said_to_be_too_many() -> None:
    reading = forms.read_section(procedure(SPLIT), "new_household", rows(*[MEMBER] * 21), {}, CONTEXT)
    assert reading.errors["members"].vi == "Tối đa 20 dòng."
    flood = forms.read_section(procedure(SPLIT), "new_household", rows(*[MEMBER] * 500), {}, CONTEXT)
    assert len(flood.answers["members"]) == forms.MOST_ROWS


def test_a_child_in_the_new_household_brings_up_the_guardian() -> None:
    split, answers, context = completed(SPLIT)
    child = answers["members"] + [{**answers["members"][0], "birth_date": "2020-01-20"}]
    keys = {asked.key for page in forms.pages(split, answers | {"members": child}, context) for asked in page.fields}
    assert "guardian_name" in keys
    assert "guardian_name" not in {asked.key for page in forms.pages(split, answers, context) for asked in page.fields}


# -- the whole form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [HOUSE, LAND, SPLIT, BIRTH])
def test_a_completed_form_has_no_problem_and_every_question_missing_in_it_is_one(code: str) -> None:
    found, answers, context = completed(code)
    assert forms.check_all(found, answers, context) == forms.Verdict((), ())
    for page in forms.pages(found, answers, context):
        for asked in page.fields:
            if asked.required and asked.key in answers:
                without = {key: value for key, value in answers.items() if key != asked.key}
                problems = forms.check_all(found, without, context).problems
                assert (asked.key, page.section.key) in {(p.key, p.section) for p in problems}, asked.key


def test_what_was_typed_and_never_put_right_keeps_a_dossier_back() -> None:
    house, answers, context = completed(HOUSE)
    problems = forms.check_all(house, answers | {"birth_date": {"typed": ["31/02/2020"]}}, context).problems
    assert [(p.key, p.section) for p in problems] == [("birth_date", "applicant")]
    assert "birth_date" not in forms.final_answers(house, answers | {"birth_date": {"typed": ["x"]}}, context)


def test_a_commune_that_ended_while_the_draft_lay_is_found_at_the_end() -> None:
    house, answers, _ = completed(HOUSE)
    problems = forms.check_all(house, answers | {"commune": "yen-son"}, CONTEXT).problems
    assert [p.key for p in problems] == ["commune"]
    assert "không hoạt động" in problems[0].message.vi


def test_components_are_asked_for_as_the_answers_make_them_necessary() -> None:
    house, answers, context = completed(HOUSE)
    papers = {"drawings": 1}
    assert [p.key for p in forms.check_all(house, answers, context, papers).problems] == ["land_paper"]
    neighbours = answers | {"adjoining": True, "land_in_database": True}
    problems = forms.check_all(house, neighbours, context, papers).problems
    assert [(p.key, p.section) for p in problems] == [("adjoining_commitment", None)]
    required = forms.required_components(house, neighbours, context)
    assert [component.key for component in required] == ["drawings", "adjoining_commitment"]


def test_one_paper_that_is_one_file_is_not_taken_twice() -> None:
    split, answers, _ = completed(SPLIT)
    counter = Context(TODAY, load_places(), "counter")
    problems = forms.check_all(split, answers, counter, {"ct01": 2}).problems
    assert [p.message.vi for p in problems] == ["Giấy tờ này chỉ nhận một tệp."]


def test_answers_to_questions_no_longer_asked_are_not_handed_in() -> None:
    house, answers, context = completed(HOUSE)
    more = answers | {"reviewer": "Ai đó", "delivery_address": "Ở đâu đó", "unknown": 1}
    assert forms.final_answers(house, more, context) == forms.final_answers(house, answers, context)
    known = forms.with_computed(house, answers, context)
    final = forms.final_answers(house, answers, context)
    assert list(final) == [key for key in house.fields if known.get(key) is not None]


# -- showing -----------------------------------------------------------------------------------------------------------


def test_answers_are_shown_page_by_page_in_either_language() -> None:
    house, answers, context = completed(HOUSE)
    vi, en = (
        {
            line.key: (line.label, line.value)
            for part in forms.display(house, answers, context, language)
            for line in part.lines
        }
        for language in ("vi", "en")
    )
    assert vi["plot_area"] == ("Diện tích lô đất", "180,5 m²")
    assert vi["sex"] == ("Giới tính", "Nữ")
    assert en["sex"] == ("Sex", "Female")
    assert vi["commune"][1] == "Xã Bảo Yên"
    assert vi["birth_date"][1] == "12/03/1988"
    assert vi["design_reviewed"][1] == "Không"
    assert "reviewer" not in vi
    assert forms.answer(house, answers, "storeys", context) == "2"


def test_sensitive_answers_are_masked_where_others_look() -> None:
    birth, answers, context = completed(BIRTH)
    shown = {
        line.key: line.value for part in forms.display(birth, answers, context, "vi", mask=True) for line in part.lines
    }
    assert shown["personal_number"] == "•••••••••234"
    assert shown["phone"] == "•••••••678"
    assert shown["child_ethnicity"] == shown["mother_ethnicity"] == "•••"
    split, answers, context = completed(SPLIT)
    text = str(forms.display(split, answers, context, "vi", mask=True))
    assert "010092003456" not in text
    assert "Nguyễn Văn Hùng" in text


def test_html_stays_the_text_it_is() -> None:
    reading = forms.read_section(procedure(HOUSE), "design", {"designer": ["<script>alert(1)</script>"]}, {}, CONTEXT)
    assert reading.answers["designer"] == "<script>alert(1)</script>"


# -- whatever is sent --------------------------------------------------------------------------------------------------

JUNK = st.text(max_size=20) | st.sampled_from(
    ["yes", "no", "on", "bao-yen", "yen-son", "self", "other", "12/03/1988", "1950", "7,5", "\x00", "\ud800"]
)


def _names(section: Section) -> list[str]:
    names = ["unknown", "members-x-y", "members--", "members-99999-full_name"]
    for asked in section.fields:
        names += [
            asked.key,
            f"{asked.key}-rows",
            *(f"{asked.key}-{c.key}" for c in asked.columns),
            *(f"{asked.key}-{i}-{c.key}" for i in (0, 1, 7) for c in asked.columns),
        ]
    return names


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_a_browser_sends_the_form_is_read_checked_and_shown(data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(list(load_catalogue())))
    answers: dict[str, Any] = {}
    for section in data.draw(st.lists(st.sampled_from(found.form), min_size=1, max_size=5)):
        names = st.sampled_from(_names(section))
        posted = data.draw(st.dictionaries(names, st.lists(JUNK, max_size=3), max_size=12))
        reader = data.draw(st.sampled_from([forms.read_section, forms.read_partial]))
        reading = reader(found, section.key, posted, answers, CONTEXT)
        answers = reading.answers
        assert set(answers) <= set(found.fields)
    verdict = forms.check_all(found, answers, CONTEXT, {})
    assert not verdict.complete
    final = forms.final_answers(found, answers, CONTEXT)
    assert forms.final_answers(found, final, CONTEXT) == final
    for mask in (False, True):
        forms.display(found, answers, CONTEXT, "vi", mask=mask)
    again = {key: value for key, value in answers.items() if not kinds.is_unread(value)}
    assert forms.final_answers(found, again, CONTEXT) == final
