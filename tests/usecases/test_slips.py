"""The papers of real dossiers: handed in, worked on to the end, and printed with what was answered."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.fees import FeeLine
from portal.domain.flow import Action
from portal.domain.numerals import long_date
from portal.domain.rehearsal import posted, typed_answers
from portal.domain.slips import Head, Payload, SlipKind, from_json
from portal.services.files import Files, open_files
from portal.services.signing import Notary
from portal.services.uploads import Uploads
from portal.settings import Settings
from portal.store import database as store
from portal.store.database import transaction
from portal.store.models import Dossier, Slip
from portal.usecases import drafts, law, office, results, slips
from procedures.calendars import OFFICE_TIME
from procedures.model import ResultPaper
from tests.cases import BIRTH, HOUSE, LAND, NOW, RESIDENCE, WORDS, act, kept, person, submit
from tests.sample_files import scan
from tests.workers.test_pdf import squeezed, text_of
from workers import pdf

K = SlipKind


@dataclass(frozen=True)
class Sample:
    """An example of a procedure to hand in: its place in the file, our answers over it, and what its papers say.

    `receiver` heads the receipt, `issuer` the result, which prints `result`.
    """

    example: int
    answers: Mapping[str, str]
    receiver: str
    issuer: str
    result: tuple[str, ...]


COMMUNE = "ỦY BAN NHÂN DÂN XÃ BẢO YÊN"
POLICE = "CÔNG AN XÃ BẢO YÊN"
SHOP = "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ BẢO YÊN"
SAMPLES = {
    HOUSE: Sample(
        0, {}, SHOP, COMMUNE,
        (
            "Hoàng Thị Mai", "Thửa đất số 125, tờ bản đồ số 14", "180,5 m²", "Cấp IV", "96 m²", "185,2 m²", "53,19 %",
            "1,03 lần", "7,8 m", "0,45 m", "Giấy chứng nhận quyền sử dụng đất số CĐ 123456", "thời hạn 12 tháng",
        ),
    ),
    LAND: Sample(
        0, {}, SHOP, "CHI NHÁNH VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI",
        (
            "1.250,5 m²", "Thôn Múi 1, xã Bảo Yên, tỉnh Lào Cai", "CĐ 123456", "CS 01234", "Bà Nông Thị Hoa",
            "Ông Lương Văn Thành", "010160007788", "010085004321", "Nhận chuyển nhượng toàn bộ thửa đất",
        ),
    ),
    RESIDENCE: Sample(
        0, {}, POLICE, POLICE,
        (
            "Nguyễn Văn Bình", "Tổ dân phố 2, xã Bảo Yên, tỉnh Lào Cai", "02 người", "1. Nguyễn Văn Hùng",
            "2. Triệu Thị Lan", "15/06/1995", "010195004567",
        ),
    ),
    BIRTH: Sample(
        1,
        {
            "child_birth_date": "01/08/2026",
            "child_birth_date_words": "Ngày mùng một tháng tám năm hai nghìn không trăm hai mươi sáu",
            "father_known": "yes",
            "father_residence": "Thôn 2, xã Bảo Yên, tỉnh Lào Cai",
        },
        SHOP, COMMUNE,
        (
            "NGUYỄN HOÀNG AN", "01/08/2026", "Ngày mùng một tháng tám", "Tày", "Hoàng Thị Mai", "1995",
            "Nguyễn Văn Nam", "05/10/1992", "Bệnh viện đa khoa huyện Bảo Yên, Xã Bảo Yên, tỉnh Lào Cai",
            "Xã Nghĩa Đô, tỉnh Lào Cai",
        ),
    ),
}  # fmt: skip
codes = pytest.mark.parametrize("code", SAMPLES)


@pytest.fixture
def files(settings: Settings, database: store.Database) -> Files:
    """Where the files of the test are kept."""
    return open_files(settings.files_url)


@pytest.fixture
def printed(files: Files, notary: Notary) -> Callable[[str, SlipKind], str]:
    """The text of a paper as the worker renders it, without spaces."""

    def text(registration: str, kind: SlipKind) -> str:
        assert slips.render(made_out(registration, kind).id, pdf.render, notary, files, NOW)
        sha256 = made_out(registration, kind).sha256
        assert sha256
        with files.open(sha256) as stream:
            return text_of(stream.read())

    return text


def made_out(registration: str, kind: SlipKind) -> Slip:
    """The one paper of a kind."""
    (slip,) = (slip for slip in kept(registration).slips if slip.kind == kind)
    return slip


def head(registration: str, kind: SlipKind) -> Head:
    """The head of the one paper of a kind."""
    return from_json(made_out(registration, kind).payload).head


def missing(words: Iterable[str], text: str) -> list[str]:
    """What a paper does not say."""
    return [word for word in words if squeezed(word) not in text]


def hand_in(code: str, files: Files, at: datetime = NOW) -> str:
    """A dossier as its applicant fills it in and submits it online; gives its registration number."""
    me, sample = person(Role.CITIZEN), SAMPLES[code]
    procedure = law.catalogue().in_force(code, law.office_day(at))
    typed = {**typed_answers(procedure, procedure.examples[sample.example]), **sample.answers}
    draft = drafts.start(me, code, at)
    for section in procedure.form:
        _, reading = drafts.save_section(me, draft.key, section.key, posted(section, typed), at)
        assert not reading.errors
    for component in procedure.examples[0].components or ():
        drafts.attach(me, draft.key, component, io.BytesIO(scan(200)), f"{component}.pdf", Uploads(files), at)
    return drafts.submit(me, draft.key, at).registration


def work(registration: str, decision: Action = Action.APPROVE, at: datetime = NOW, **request: Any) -> None:
    """From reception to the paper that ends it, each step by whoever has it; `request` goes with the decision."""
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, at)
    dossier = kept(registration)
    for step in law.catalogue().version(dossier.procedure, dossier.version).route:
        if "approve" in step.actions:
            act(Role(step.role), registration, decision, at, **request)
        elif "hand_over" not in step.actions:
            onward = Action.ISSUE if "issue" in step.actions else Action.FORWARD
            act(Role(step.role), registration, onward, at)


@codes
def test_the_papers_of_a_dossier_say_who_applied_for_what_by_when_and_with_which_result(
    code: str, files: Files, printed: Callable[[str, SlipKind], str]
) -> None:
    registration, sample = hand_in(code, files), SAMPLES[code]
    work(registration)
    dossier = kept(registration)
    title = law.catalogue().version(code, dossier.version).title.vi
    assert dossier.code
    assert dossier.due_on
    arrived = [file.name for file in dossier.attachments]
    acknowledged = [registration, dossier.applicant_name, title, *arrived]
    assert not missing(acknowledged, printed(registration, K.ACKNOWLEDGEMENT))
    receipt = [dossier.code, dossier.applicant_name, title, sample.receiver, long_date(dossier.due_on)]
    assert not missing(receipt, printed(registration, K.RECEIPT))
    assert not missing([dossier.code, sample.issuer, *sample.result], printed(registration, K.RESULT))


def test_a_paper_that_two_render_at_once_is_one_file_and_the_slower_ones_is_not_left_behind(
    files: Files, notary: Notary, settings: Settings
) -> None:
    registration = submit(HOUSE)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    slip = made_out(registration, K.RECEIPT)

    def overtaken(payload: Payload, link: pdf.Link) -> bytes:
        assert slips.render(slip.id, pdf.render, notary, files, NOW)
        return pdf.render(payload, link)

    assert not slips.render(slip.id, overtaken, notary, files, NOW + timedelta(seconds=1))
    left = [file.name for file in files.root.rglob("*") if len(file.name) == 64]  # type: ignore[attr-defined]
    assert left == [made_out(registration, K.RECEIPT).sha256]


@codes
def test_every_paper_of_a_dossier_fits_one_sheet(code: str, files: Files) -> None:
    registration = hand_in(code, files)
    work(registration)
    pages = {}
    for slip in kept(registration).slips:
        with pypdfium2.PdfDocument(pdf.render(from_json(slip.payload))) as opened:
            pages[slip.kind] = len(opened)
    letters = {K.LETTER: 1} if law.procedure_of(kept(registration)).result.letter else {}
    assert pages == {K.ACKNOWLEDGEMENT: 1, K.RECEIPT: 1, K.RESULT: 1} | letters


@codes
def test_a_refusal_after_appraisal_gives_the_reason_in_the_words_of_the_law_and_what_the_leader_adds(
    code: str, files: Files, printed: Callable[[str, SlipKind], str]
) -> None:
    registration, sample = hand_in(code, files), SAMPLES[code]
    dossier = kept(registration)
    reason = law.catalogue().version(code, dossier.version).refusals[0]
    work(registration, Action.REFUSE, reason=reason.code)
    code_given = kept(registration).code
    assert code_given
    said = [code_given, dossier.applicant_name, sample.issuer, reason.text.vi, WORDS]
    assert not missing(said, printed(registration, K.RESULT_REFUSAL))
    assert all(slip.kind != K.RESULT for slip in kept(registration).slips)


ANSWER_BY = date(2026, 10, 15)


def ask(registration: str) -> list[str]:
    """Ask for a component and a page of the form; gives what slip 02 must say of it."""
    dossier = kept(registration)
    procedure = law.catalogue().version(dossier.procedure, dossier.version)
    reason, other, component, section = *procedure.supplements[:2], procedure.components[0], procedure.form[0]
    items = [
        {"key": "a", "component": component.key, "reason": reason.code, "words": "Thiếu trang cuối"},
        {"key": "b", "section": section.key, "reason": other.code, "words": "Sai ngày sinh"},
    ]
    act(
        Role.ONE_STOP_OFFICER, registration, Action.ASK_SUPPLEMENT, reason=reason.code, items=items, answer_by=ANSWER_BY
    )
    asked = [component.title.vi, "Thiếu trang cuối", section.title.vi, "Sai ngày sinh", WORDS]
    asked += [f"{reason.text.vi} (nội dung 1)", f"{other.text.vi} (nội dung 2)"]
    return [*asked, dossier.applicant_name, long_date(ANSWER_BY), procedure.title.vi]


@codes
def test_a_supplement_request_before_reception_says_all_that_is_missing_and_promises_no_date(
    code: str, files: Files, printed: Callable[[str, SlipKind], str]
) -> None:
    registration = hand_in(code, files)
    asked = ask(registration)
    text = printed(registration, K.SUPPLEMENT_REQUEST)
    assert not missing([registration, SAMPLES[code].receiver, *asked], text)
    assert squeezed("thời hạn giải quyết") not in text.casefold()


@pytest.mark.parametrize(
    ("code", "clock"),
    [
        *((code, "Thời hạn giải quyết được tính lại từ đầu") for code in (HOUSE, RESIDENCE, BIRTH)),
        (LAND, "Thời gian chờ bổ sung không tính vào thời hạn giải quyết"),
    ],
)
def test_a_supplement_request_after_reception_says_what_the_answer_does_to_the_due_date(
    code: str, clock: str, files: Files, printed: Callable[[str, SlipKind], str]
) -> None:
    registration = hand_in(code, files)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    asked = ask(registration)
    dossier_code = kept(registration).code
    assert dossier_code
    assert not missing([dossier_code, registration, clock, *asked], printed(registration, K.SUPPLEMENT_REQUEST))


@codes
def test_a_refusal_of_reception_gives_the_reason_in_the_words_of_the_law_and_what_the_officer_adds(
    code: str, files: Files, printed: Callable[[str, SlipKind], str]
) -> None:
    registration, sample = hand_in(code, files), SAMPLES[code]
    dossier = kept(registration)
    reason = law.catalogue().version(code, dossier.version).refusals[-1]
    act(Role.ONE_STOP_OFFICER, registration, Action.DECLINE, reason=reason.code)
    said = [registration, dossier.applicant_name, sample.receiver, reason.text.vi, WORDS]
    assert not missing(said, printed(registration, K.REFUSAL_OF_RECEPTION))


@pytest.mark.parametrize(("ask_duty", "said"), [(True, "chứng từ số BL 7"), (False, "Không phát sinh")])
def test_a_land_change_says_how_its_financial_duty_was_met(
    ask_duty: bool, said: str, files: Files, printed: Callable[[str, SlipKind], str]
) -> None:
    registration = submit(LAND)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    for step in law.catalogue().in_force(LAND, law.office_day(NOW)).route:
        if "ask_duty" in step.actions and ask_duty:
            act(Role(step.role), registration, Action.ASK_DUTY, answer_by=ANSWER_BY)
            act(Role.ONE_STOP_OFFICER, registration, Action.CONFIRM_DUTY, number="BL 7")
        for action in (Action.APPROVE, Action.ISSUE, Action.FORWARD):
            if action.value in step.actions:
                act(Role(step.role), registration, action)
                break
    assert not missing([said], printed(registration, K.RESULT))


PROVINCE = "ỦY BAN NHÂN DÂN TỈNH LÀO CAI"
OLD_DISTRICT = "ỦY BAN NHÂN DÂN HUYỆN BẢO YÊN"
OLD_SHOP = "BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ"


@pytest.mark.parametrize(
    ("code", "unit", "superior", "issuer", "place"),
    [
        (HOUSE, "huyen-bao-yen", PROVINCE, OLD_DISTRICT, "Bảo Yên"),
        (BIRTH, "pho-rang", OLD_DISTRICT, "ỦY BAN NHÂN DÂN THỊ TRẤN PHỐ RÀNG", "Phố Ràng"),
    ],
)
def test_until_the_districts_ended_receipts_bear_the_heads_and_the_form_of_their_time(
    code: str, unit: str, superior: str, issuer: str, place: str, database: store.Database
) -> None:
    then = datetime(2025, 6, 16, 2, 0, tzinfo=UTC)
    registration = submit(code, then, unit)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, then, unit)
    found = head(registration, K.RECEIPT)
    assert (found.superior, found.issuer, found.shop, found.place) == (superior, issuer, OLD_SHOP, place)
    assert made_out(registration, K.RECEIPT).payload["form_set"] == "01/2018"
    today = submit(code)
    act(Role.ONE_STOP_OFFICER, today, Action.RECEIVE)
    found = head(today, K.RECEIPT)
    assert (found.superior, found.issuer, found.shop) == (PROVINCE, COMMUNE, SHOP)
    assert made_out(today, K.RECEIPT).payload["form_set"] == "03/2025"


def test_the_police_head_every_paper_of_residence_but_the_portals_own_acknowledgement(files: Files) -> None:
    registration = hand_in(RESIDENCE, files)
    work(registration)
    for kind in (K.RECEIPT, K.RESULT):
        found = head(registration, kind)
        assert (found.superior, found.issuer, found.shop) == ("CÔNG AN TỈNH LÀO CAI", POLICE, None)
    assert head(registration, K.ACKNOWLEDGEMENT).shop == SHOP
    refused = hand_in(RESIDENCE, files)
    act(Role.ONE_STOP_OFFICER, refused, Action.DECLINE, reason=_first_refusal(RESIDENCE))
    found = head(refused, K.REFUSAL_OF_RECEPTION)
    assert (found.superior, found.issuer, found.shop) == ("CÔNG AN TỈNH LÀO CAI", POLICE, None)


def test_housing_conditions_are_residence_too_but_the_commune_heads_and_signs_its_own_papers(files: Files) -> None:
    registration = submit("1.013314")
    work(registration)
    found = head(registration, K.RECEIPT)
    assert (found.superior, found.issuer, found.shop) == (PROVINCE, COMMUNE, SHOP)
    assert made_out(registration, K.RECEIPT).payload["form_set"] == "03/2025"
    assert head(registration, K.RESULT).issuer == COMMUNE
    assert made_out(registration, K.RESULT).payload["form_set"] == "general"


def test_a_confirmation_of_residence_is_printed_on_its_own_form(files: Files) -> None:
    registration = submit("1.010041")
    work(registration)
    assert made_out(registration, K.RESULT).payload["form_set"] == "53/2025 CT07"
    assert head(registration, K.RESULT).issuer == POLICE


def _first_refusal(code: str) -> str:
    return law.catalogue().in_force(code, law.office_day(NOW)).refusals[0].code


def test_an_acknowledgement_has_no_number_and_the_others_count_from_one(files: Files) -> None:
    first, second = hand_in(HOUSE, files), hand_in(HOUSE, files)
    for registration in (first, second):
        work(registration)
    assert head(first, K.ACKNOWLEDGEMENT).number is None
    assert [head(each, K.RECEIPT).number for each in (first, second)] == ["01/TNHS", "02/TNHS"]
    assert [head(each, K.RESULT).number for each in (first, second)] == ["01/GPXD", "02/GPXD"]


def test_a_duty_met_is_told_on_the_result_with_its_receipt(files: Files) -> None:
    registration = hand_in(LAND, files)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    for role in (Role.ONE_STOP_OFFICER, Role.REGISTRY_HEAD, Role.REGISTRY_OFFICER):
        act(role, registration, Action.FORWARD)
    act(Role.REGISTRY_OFFICER, registration, Action.ASK_DUTY, amount=7_000_000, answer_by=date(2026, 10, 14))
    act(Role.REGISTRY_OFFICER, registration, Action.CONFIRM_DUTY, number="0012345")
    dossier = kept(registration)
    _, groups, _ = results.content(law.catalogue().version(LAND, dossier.version), dossier)
    assert groups[-1].lines[0].value == "Đã hoàn thành theo thông báo của cơ quan thuế; chứng từ số 0012345"


def test_several_copies_are_explained_beside_the_fee(files: Files, printed: Callable[[str, SlipKind], str]) -> None:
    registration = hand_in(BIRTH, files)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE)
    fees = {line["code"]: FeeLine.from_json(line) for line in kept(registration).fee_lines}
    note = fees["copies"].note
    assert note
    assert fees["copies"].amount == 16000
    assert not missing([note.vi, "16.000"], printed(registration, K.RECEIPT))


@codes
def test_a_result_is_printed_on_the_paper_its_procedure_names(code: str, files: Files) -> None:
    dossier = kept(hand_in(code, files))
    procedure = law.catalogue().version(code, dossier.version)
    printed = {}
    for paper in ResultPaper:
        result = procedure.result.model_copy(update={"template": paper})
        _, groups, _ = results.content(procedure.model_copy(update={"result": result}), dossier)
        printed[paper] = [group.title for group in groups]
    own = printed.pop(procedure.result.template)
    assert own not in printed.values()
    pages = [section.title.vi for section in procedure.form]
    assert [title for title in pages if title in printed[ResultPaper.GENERAL]] == printed[ResultPaper.GENERAL]


@pytest.mark.parametrize(
    ("code", "subtitle", "said"),
    [
        (HOUSE, None, {}),
        ("1.013229", "Giấy phép xây dựng sửa chữa, cải tạo", {}),
        ("1.013232", "Giấy phép di dời công trình", {"Di dời từ": "Thôn Lùng Cải, xã Phúc Khánh, tỉnh Lào Cai"}),
        ("1.009122", "Giấy phép xây dựng có thời hạn", {"Thời hạn tồn tại của công trình, đến ngày": "31/12/2030"}),
    ],
)
def test_a_permit_says_what_kind_it_is_and_what_only_its_kind_tells(
    code: str, subtitle: str | None, said: dict[str, str]
) -> None:
    dossier = kept(submit(code))
    under_title, groups, _ = results.content(law.catalogue().version(code, dossier.version), dossier)
    lines = {line.label: line.value for group in groups for line in group.lines}
    assert under_title == subtitle
    assert {label: lines.get(label) for label in said} == said
    assert lines["Tên công trình"] == "Nhà ở riêng lẻ"


def test_the_permit_of_another_work_names_its_owner_and_the_work() -> None:
    procedure = law.catalogue().in_force("1.009122", law.office_day(NOW))
    shop = next(example for example in procedure.examples if example.expect.outcome == "complete" and example.like)
    organisation = {"owner_kind": "organisation", "organisation_name": "Công ty TNHH Xuân Hòa"}
    position = {"representative": "Vàng Thị Thảo", "representative_position": "Giám đốc"}
    dossier = kept(submit("1.009122", example=shop, answers=organisation | position))
    _, groups, _ = results.content(procedure, dossier)
    lines = {line.label: line.value for group in groups for line in group.lines}
    assert lines["Chủ đầu tư"] == "Công ty TNHH Xuân Hòa"
    assert lines["Tên công trình"] == "Cửa hàng vật liệu xây dựng"


@pytest.mark.parametrize(
    ("code", "subtitle", "outcome"),
    [
        ("1.000894", "Về việc: Đăng ký kết hôn", "Kết quả: Giấy chứng nhận kết hôn, 02 bản chính."),
        ("1.004222", "Về việc: Đăng ký thường trú", "giải quyết theo đề nghị với những nội dung trên."),
        ("1.115689", "Về việc: Đăng ký đất đai, cấp Giấy chứng nhận lần đầu", "với những nội dung trên."),  # one of two
        ("1.010041", None, None),  # the form's own title says it
    ],
)
def test_a_notice_of_a_result_says_what_it_is_about_and_what_came_of_it(
    code: str, subtitle: str | None, outcome: str | None
) -> None:
    dossier = kept(submit(code))
    under_title, _, closing = results.content(law.catalogue().version(code, dossier.version), dossier)
    assert under_title == subtitle
    assert [sentence.endswith(outcome or "") for sentence in closing[:1]] == ([True] if outcome else [])


@codes
def test_a_dossier_without_the_answers_its_paper_needs_prints_what_it_has(code: str, files: Files) -> None:
    dossier = kept(hand_in(code, files))
    procedure = law.catalogue().version(code, dossier.version)
    dossier.answers = {"full_name": dossier.answers["full_name"]}
    subtitle, groups, closing = results.content(procedure, dossier)
    assert [line.value for group in groups for line in group.lines] == [dossier.answers["full_name"]]
    if procedure.result.template is not ResultPaper.GENERAL:  # a certificate is no notice, whatever it lacks
        assert (subtitle, closing) == (None, ())


@pytest.mark.parametrize(
    ("code", "due"),
    [
        # The police receive on Saturday mornings: the five working days run from that hour, not from Monday's opening.
        (RESIDENCE, datetime(2026, 9, 18, 9, 0, tzinfo=OFFICE_TIME)),
        (HOUSE, datetime(2026, 9, 23, 7, 0, tzinfo=OFFICE_TIME)),
    ],
)
def test_only_residence_is_received_on_a_saturday_morning(code: str, due: datetime, files: Files) -> None:
    saturday = datetime(2026, 9, 12, 9, 0, tzinfo=OFFICE_TIME)
    registration = hand_in(code, files, saturday)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, saturday)
    assert kept(registration).due_at == due


def test_a_slip_keeps_the_words_it_was_made_out_with(database: store.Database) -> None:
    registration = submit()

    def made_out() -> Payload:
        with transaction() as session:
            dossier = session.scalars(select(Dossier).filter_by(registration=registration)).one()
            slip = slips.make_out(session, dossier, K.ACKNOWLEDGEMENT, person(Role.CITIZEN), NOW)
            return from_json(slip.payload or {})

    before, wording = made_out(), office.wording("acknowledgement", "general")
    reworded = replace(wording, sentences={**wording.sentences, "not_received": "Chưa phải giấy tiếp nhận."})
    office.publish_wording(person(Role.ADMINISTRATOR), reworded, law.office_day(NOW), 0, NOW)
    after = made_out()
    assert "Chưa phải giấy tiếp nhận." in pdf.html_for(after)
    for kept_words in (before, replace(before, wording={})):
        assert "Giấy này xác nhận hồ sơ đã đến nơi" in pdf.html_for(kept_words)
