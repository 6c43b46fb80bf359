"""What each official slip, acknowledgement and result prints: its form, and its payload of plain values.

A payload is everything the paper shows and nothing else; it is stored with the slip, attached to the PDF, and the same
payload always makes the same paper. The papers are Vietnamese only: their wording is the law's, not the interface's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

RESIDENCE: Final = "residence"
"""The sector whose own slips CT04, CT05, CT06 and CT08 replace the general ones."""

PAYLOAD_NAME: Final = "payload.json"
PROOF_NAME: Final = "xac-minh.txt"
"""What the files attached to a paper are called: its data, and the address where it is checked."""

TWO_TIERS_FROM: Final = date(2025, 7, 1)
"""The day the districts ended and the one-stop shops took their new name (NĐ 118/2025/NĐ-CP)."""


class SlipKind(StrEnum):
    """What a slip says about a dossier; one dossier may have several of a kind (supplement rounds)."""

    ACKNOWLEDGEMENT = "acknowledgement"
    RECEIPT = "receipt"
    SUPPLEMENT_REQUEST = "supplement_request"
    REFUSAL_OF_RECEPTION = "refusal_of_reception"
    APOLOGY = "apology"
    STOPPING = "stopping"
    RESULT = "result"
    RESULT_REFUSAL = "result_refusal"
    CONTROL = "control"
    REGISTER = "register"
    HAND_OVER_LIST = "hand_over_list"
    HAND_OVER_RECEIPT = "hand_over_receipt"
    LETTER = "letter"
    BLANK = "blank"

    @property
    def is_result(self) -> bool:
        """Whether this paper is what the applicant waits for: the result, or the refusal that takes its place."""
        return self in (SlipKind.RESULT, SlipKind.RESULT_REFUSAL)

    @property
    def is_internal(self) -> bool:
        """Whether this paper goes along with the dossier in the office and is no matter of the applicant's."""
        return self is SlipKind.CONTROL or self.is_of_unit

    @property
    def is_of_unit(self) -> bool:
        """Whether this paper is about the work of a unit, and not about one dossier."""
        return self in (SlipKind.REGISTER, SlipKind.HAND_OVER_LIST, SlipKind.BLANK)


class Paper(StrEnum):
    """Slips 01 to 05 are A5 (TT 01/2018/TT-VPCP Art 9.2), documents A4 (NĐ 30/2020/NĐ-CP Annex I)."""

    A4 = "A4"
    A5 = "A5"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one set: title and number as printed, paper, template, whether its layout is known.

    `sector` is set on a sector's own form.
    """

    title: str
    label: str | None
    paper: Paper
    template: str
    layout_known: bool = False
    sector: str | None = None


GENERAL_SETS: Final = ((date(2019, 1, 6), "01/2018"), (TWO_TIERS_FROM, "03/2025"))
RESIDENCE_SETS: Final = (
    (date(2021, 7, 1), "56/2021"),
    (date(2024, 1, 1), "66/2023"),
    (TWO_TIERS_FROM, "53/2025"),
)

_STOPPING: Final = "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ"
_CT08_BEFORE_2025: Final = "THÔNG BÁO VỀ KẾT QUẢ GIẢI QUYẾT, HỦY BỎ ĐĂNG KÝ CƯ TRÚ"
_CT08: Final = "THÔNG BÁO KẾT QUẢ GIẢI QUYẾT, HỦY BỎ THỦ TỤC VỀ CƯ TRÚ"
_NOTICE: Final = "CT08"
#: What residence gives instead of the notice CT08, by the form's number.
_OTHER_RESULTS: Final = {"CT03": "PHIẾU KHAI BÁO TẠM VẮNG", "CT07": "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ"}


def _general(
    form_set: str, issuer: str, apology: str, control: str, register: str, *, layout_known: bool
) -> dict[tuple[SlipKind, str], Form]:
    def form(kind: SlipKind, number: str, title: str, format: Paper = Paper.A5) -> tuple[tuple[SlipKind, str], Form]:
        label = f"Mẫu số {number} – Thông tư số {form_set}/{issuer}"
        return (kind, form_set), Form(title, label, format, f"{kind}.html", layout_known)

    return dict(
        [
            form(SlipKind.RECEIPT, "01", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
            form(SlipKind.SUPPLEMENT_REQUEST, "02", "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ"),
            form(SlipKind.REFUSAL_OF_RECEPTION, "03", "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ"),
            form(SlipKind.APOLOGY, "04", apology),
            form(SlipKind.CONTROL, control, "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"),
            form(SlipKind.REGISTER, register, "SỔ THEO DÕI HỒ SƠ", Paper.A4),
            form(SlipKind.BLANK, "01", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"),
        ]
    )


def _residence(form_set: str, notice: str) -> dict[tuple[SlipKind, str], Form]:
    def form(kind: SlipKind, number: str, title: str, paper: Paper) -> tuple[tuple[SlipKind, str], Form]:
        label = f"Mẫu {number} – Thông tư số {form_set}/TT-BCA"
        return (kind, form_set), Form(title, label, paper, f"{kind}.html", sector=RESIDENCE)

    refusal = "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ"
    return dict(
        [
            form(SlipKind.RECEIPT, "CT04", "PHIẾU TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", Paper.A5),
            form(SlipKind.SUPPLEMENT_REQUEST, "CT05", "PHIẾU HƯỚNG DẪN BỔ SUNG, HOÀN THIỆN HỒ SƠ", Paper.A5),
            form(SlipKind.REFUSAL_OF_RECEPTION, "CT06", refusal, Paper.A5),
            form(SlipKind.RESULT_REFUSAL, "CT06", refusal, Paper.A4),
            form(SlipKind.RESULT, "CT08", notice, Paper.A4),
            *(
                ((SlipKind.RESULT, _result_set(form_set, number)), form(SlipKind.RESULT, number, title, Paper.A4)[1])
                for number, title in _OTHER_RESULTS.items()
            ),
        ]
    )


def _result_set(form_set: str, number: str) -> str:
    """The name of a result's form in a sector's set: 'CT08' is the one of the set itself, any other is named."""
    return form_set if number == _NOTICE else f"{form_set} {number}"


def _result(form_set: str, title: str) -> dict[tuple[SlipKind, str], Form]:
    return {(SlipKind.RESULT, form_set): Form(title, None, Paper.A4, "result.html")}


#: Residence has no forms of its own for these.
_FOR_EVERY_SECTOR: Final = (SlipKind.APOLOGY, SlipKind.STOPPING, SlipKind.CONTROL, SlipKind.REGISTER, SlipKind.BLANK)

FORMS: Final[Mapping[tuple[SlipKind, str], Form]] = {
    **_general("01/2018", "TT-VPCP", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", "05", "06", layout_known=True),
    **_general(
        "03/2025", "TT-VPCP", "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", "06", "07", layout_known=False
    ),
    (SlipKind.STOPPING, "01/2018"): Form(_STOPPING, None, Paper.A5, "stopping.html"),
    (SlipKind.STOPPING, "03/2025"): Form(
        _STOPPING, "Mẫu số 05 – Thông tư số 03/2025/TT-VPCP", Paper.A5, "stopping.html"
    ),
    **_residence("56/2021", _CT08_BEFORE_2025),
    **_residence("66/2023", _CT08_BEFORE_2025),
    **_residence("53/2025", _CT08),
    **_result("construction_permit", "GIẤY PHÉP XÂY DỰNG"),
    **_result("land_change", "THÔNG BÁO XÁC NHẬN KẾT QUẢ ĐĂNG KÝ ĐẤT ĐAI"),
    **_result("birth_certificate", "GIẤY KHAI SINH"),
    **_result("general", "THÔNG BÁO KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"),
    (SlipKind.RESULT_REFUSAL, "general"): Form("PHIẾU TỪ CHỐI GIẢI QUYẾT HỒ SƠ", None, Paper.A4, "result_refusal.html"),
    # Letters have no official layout that theirs could differ from.
    (SlipKind.LETTER, "birth"): Form("THƯ CHÚC MỪNG", None, Paper.A5, "letter.html", layout_known=True),
    (SlipKind.LETTER, "marriage"): Form("THƯ CHÚC MỪNG", None, Paper.A5, "letter.html", layout_known=True),
    (SlipKind.LETTER, "condolence"): Form("THƯ CHIA BUỒN", None, Paper.A5, "letter.html", layout_known=True),
    (SlipKind.HAND_OVER_LIST, "dossiers"): Form("GIẤY BÀN GIAO HỒ SƠ", None, Paper.A4, "hand_over_list.html"),
    (SlipKind.HAND_OVER_LIST, "results"): Form("PHIẾU BÀN GIAO KẾT QUẢ", None, Paper.A4, "hand_over_list.html"),
    (SlipKind.HAND_OVER_RECEIPT, "general"): Form(
        "GIẤY BIÊN NHẬN TRẢ KẾT QUẢ", None, Paper.A5, "hand_over_receipt.html"
    ),
    (SlipKind.ACKNOWLEDGEMENT, "general"): Form(
        "GIẤY XÁC NHẬN ĐÃ NỘP HỒ SƠ TRỰC TUYẾN", None, Paper.A4, "acknowledgement.html"
    ),
}
"""Every form, by kind and form set (the circular's number, or the name of a result's own form)."""


def form_set(kind: SlipKind, *, sector: str, on: date, template: str = "general", result: str | None = _NOTICE) -> str:
    """The form set in force on a day: give it to the payload as `form_set`.

    `sector` is the one whose own slips the dossier gets. `result` is the number of the sector's form that its result is
    printed on, None where that has no form of its own; `template` is the paper of any other result, the general notice
    where that has none; it says what a list hands over, 'dossiers' or 'results', and what a letter is about.

    Raises LookupError for a day before the first set of slips (06/01/2019, residence 01/07/2021).
    """
    if kind in (SlipKind.ACKNOWLEDGEMENT, SlipKind.HAND_OVER_RECEIPT):
        return "general"
    if kind is SlipKind.LETTER:
        return template if (kind, template) in FORMS else "birth"
    if kind is SlipKind.HAND_OVER_LIST:
        return template if (kind, template) in FORMS else "dossiers"
    if sector == RESIDENCE and kind is SlipKind.RESULT and result is not None:
        return _result_set(_in_force(RESIDENCE_SETS, on), result)
    if sector == RESIDENCE and kind not in (SlipKind.RESULT, *_FOR_EVERY_SECTOR):
        return _in_force(RESIDENCE_SETS, on)
    if kind is SlipKind.RESULT:
        return template if (kind, template) in FORMS else "general"
    if kind is SlipKind.RESULT_REFUSAL:
        return "general"
    return _in_force(GENERAL_SETS, on)


def _in_force(sets: tuple[tuple[date, str], ...], on: date) -> str:
    names = [name for since, name in sets if since <= on]
    if not names:
        raise LookupError(f"no form set is in force on {on:%d/%m/%Y}; the first begins on {sets[0][0]:%d/%m/%Y}")
    return names[-1]


def one_stop_shop(unit_name: str, on: date) -> str:
    """The one-stop shop's name in the head of a slip, in capitals: 'Xã Bảo Yên' → 'TRUNG TÂM PHỤC VỤ … XÃ BẢO YÊN'."""
    if on < TWO_TIERS_FROM:
        return "BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ"
    return f"TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG {unit_name.upper()}"


#: The words that names of bodies begin with, as they stand in a head and within a sentence (NĐ 30/2020 Annex II).
_IN_SENTENCES: Final[Mapping[str, str]] = {
    each.upper(): each
    for each in (
        "Ủy ban nhân dân", "Công an", "Bộ phận Tiếp nhận và Trả kết quả", "Trung tâm Phục vụ hành chính công",
        "Chi nhánh Văn phòng đăng ký đất đai", "khu vực", "xã", "thị trấn", "huyện", "tỉnh",
    )
}  # fmt: skip


def in_a_sentence(body: str) -> str:
    """The name of a body from a head as sentences write it: 'ỦY BAN NHÂN DÂN XÃ BẢO YÊN' → 'Ủy ban nhân dân xã …'."""
    said: list[str] = []
    while kind := next((kind for kind in _IN_SENTENCES if body.startswith(kind)), ""):
        said.append(_IN_SENTENCES[kind])
        body = body.removeprefix(kind).lstrip()
    return " ".join([*said, body.title()]).strip()


CHAIRMAN: Final = ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
VICE_CHAIRMAN: Final = ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
POLICE_HEAD: Final = ("TRƯỞNG CÔNG AN",)
REGISTRY_HEAD: Final = ("GIÁM ĐỐC",)
FOR_THE_OFFICE: Final = ("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",)
BY_ORDER: Final = ("TL. THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",)
"""Who signs, line by line, as NĐ 30/2020/NĐ-CP Annex I writes it; `Signature.authority` takes one of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of NĐ 30/2020: superior body and issuing body in capitals, number, place and date.

    `number` is the whole sign ('12/HDHS'); None prints the dotted line of a slip that has none.
    """

    superior: str | None
    issuer: str
    shop: str | None
    number: str | None
    place: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Whose dossier it is; `submitter` only if somebody else handed it in."""

    name: str
    submitter: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentLine:
    """One component handed in: how many originals, certified copies, photocopies, and files."""

    title: str
    originals: int = 0
    certified_copies: int = 0
    photocopies: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file that arrived and could be opened; `size` in bytes, `pages` None where it has no pages."""

    component: str
    name: str
    pages: int | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """One fee in đồng; None is 'chưa cấu hình', 0 is free, `note` says why (exemption) or when it is paid."""

    title: str
    amount: int | None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Where the dossier stands in the register: volume ('2026/01') and number, without gaps within a year."""

    volume: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingItem:
    """One thing asked for: the component (or part of the form), what is missing in it, and the reason of its own.

    `reason` is '' on papers of before items had one.
    """

    title: str
    missing: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs: the authority's lines in capitals (see CHAIRMAN …) and the signer's name."""

    authority: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One label and its value, as printed; `share` lines that follow each other stand on one row (1, 2 or 3)."""

    label: str
    value: str
    share: Literal[1, 2, 3] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A numbered part of a result: its title and its lines."""

    title: str
    lines: tuple[Line, ...]


Wording = Mapping[str, str]
"""What the sentences that an office may reword said when the slip was made out, by their keys (procedures/wordings)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The files that arrived with an online dossier; it promises no date, for nobody has received the dossier yet."""

    form_set: str
    head: Head
    registration_number: str
    applicant: Applicant
    procedure: str
    submitted_at: AwareDatetime
    answer_by: AwareDatetime | None
    files: tuple[FileLine, ...]
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.ACKNOWLEDGEMENT] = SlipKind.ACKNOWLEDGEMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class LegLine:
    """One procedure of a bundle: who does it, within which term, and by when at the latest."""

    title: str
    unit: str
    term: str
    due_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Slip 01 (CT04 for residence): what was received, by when it is answered, and where the answer is fetched.

    `term` is the words of each part of the limit in order ('08 ngày làm việc', '10 ngày (địa bàn miền núi)').
    `fee_total` None prints 'chưa cấu hình'. `officer` is the receiving officer's name. Of a bundle `legs` are its
    procedures, and `due_at` is when all of them are done.
    """

    form_set: str
    head: Head
    code: str
    applicant: Applicant
    subject: str
    components: tuple[ComponentLine, ...]
    sets: int
    term: tuple[str, ...]
    received_at: AwareDatetime
    due_at: AwareDatetime
    due_provisional: bool
    result_at: str
    book: Book
    fees: tuple[FeeLine, ...]
    fee_total: int | None
    officer: str
    tracking_url: str
    legs: tuple[LegLine, ...] = ()
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.RECEIPT] = SlipKind.RECEIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementRequest:
    """Slip 02 (CT05): everything still missing, once and completely (NĐ 61/2018 Art 15.3), with the reason.

    `reason` is the form's one line for it: each reason with the numbers of the items it is given for.

    `code` is None before reception, when only the registration number stands. `clock` is the sentence on what the
    answer does to the due date, None before reception. `signature` only where the head of the resolving body signs.
    """

    form_set: str
    head: Head
    code: str | None
    registration_number: str
    applicant: Applicant
    subject: str
    round: int
    items: tuple[MissingItem, ...]
    reason: str
    legal_basis: tuple[str, ...]
    answer_by: date | None
    clock: str | None
    contact: str
    contact_phone: str | None
    officer: str
    signature: Signature | None
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.SUPPLEMENT_REQUEST] = SlipKind.SUPPLEMENT_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalOfReception:
    """Slip 03 (CT06): why the dossier is not received."""

    form_set: str
    head: Head
    registration_number: str
    applicant: Applicant
    subject: str
    reasons: tuple[str, ...]
    legal_basis: tuple[str, ...]
    officer: str
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.REFUSAL_OF_RECEPTION] = SlipKind.REFUSAL_OF_RECEPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Apology:
    """Slip 04: why the date promised will not be kept, and the new one; once for a dossier (61/2018 Art 19.9)."""

    form_set: str
    head: Head
    code: str
    applicant: Applicant
    subject: str
    received_at: AwareDatetime
    old_due_at: AwareDatetime
    new_due_at: AwareDatetime
    reasons: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: Signature
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.APOLOGY] = SlipKind.APOLOGY


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """Notice that a dossier is stopped (05 in the set of 2025): why, and on what ground, signed by the leader.

    `code` and `received_at` are None for one that was never received.
    """

    form_set: str
    head: Head
    code: str | None
    registration_number: str
    applicant: Applicant
    subject: str
    received_at: AwareDatetime | None
    reasons: tuple[str, ...]
    legal_basis: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: Signature
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.STOPPING] = SlipKind.STOPPING


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A decision in the applicant's favour: parts of labels and values, then closing sentences and a signature.

    `subtitle` stands in italics under the title; `preamble` holds the 'Căn cứ …' lines; `recipients` is 'Nơi nhận'.
    """

    form_set: str
    head: Head
    code: str
    subtitle: str | None
    preamble: tuple[str, ...]
    groups: tuple[Group, ...]
    closing: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: Signature
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.RESULT] = SlipKind.RESULT


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRefusal:
    """A refusal after appraisal (NĐ 61/2018 Art 19.8; CT06 for residence): reasons and legal basis, signed."""

    form_set: str
    head: Head
    code: str
    applicant: Applicant
    subject: str
    received_at: AwareDatetime
    reasons: tuple[str, ...]
    legal_basis: tuple[str, ...]
    recipients: tuple[str, ...]
    signature: Signature
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.RESULT_REFUSAL] = SlipKind.RESULT_REFUSAL


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """One row of the control slip: who gave the dossier to whom, when, and how that stood to the giver's limit.

    Names are empty where nobody is known by name; `in_time` is None where nobody had to be done by any time.
    """

    giver: str
    giver_name: str
    receiver: str
    receiver_name: str
    at: AwareDatetime
    in_time: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Control slip (05 in the set of 2018, 06 in that of 2025): every hand-over up to the moment it is made out."""

    form_set: str
    head: Head
    code: str
    office: str
    cooperating: tuple[str, ...]
    hand_overs: tuple[HandOver, ...]
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.CONTROL] = SlipKind.CONTROL


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One entry of the register: columns 1 to 15 of its form.

    `due_on` is the day promised on the receipt; the days after it are None until what they tell of has happened.
    """

    number: int
    code: str
    subject: str
    sets: int
    applicant: str
    contact: str
    office: str
    received_on: date
    due_on: date
    forwarded_on: date | None
    result_on: date | None
    handed_on: date | None
    delivery: str
    giver: str
    receiver: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A volume of the register (06 in the set of 2018, 07 in that of 2025), as it stood at `as_of`.

    `first` and `last` are its numbers. `closed` says that the book is locked and the volume closed for good.
    """

    form_set: str
    head: Head
    sector: str
    volume: str
    year: int
    first: int
    last: int
    lines: tuple[RegisterLine, ...]
    as_of: AwareDatetime
    closed: bool
    #: Whoever closed it; an open one is signed by nobody.
    signature: Signature | None
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.REGISTER] = SlipKind.REGISTER


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """One line of a list of what one office handed to another; names are empty where nobody is known by name."""

    code: str
    applicant: str
    subject: str
    at: AwareDatetime
    giver_name: str
    receiver_name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverList:
    """What one office handed to another on a day: dossiers, or results that come back."""

    form_set: str
    head: Head
    giver: str
    receiver: str
    day: date
    lines: tuple[HandedOn, ...]
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.HAND_OVER_LIST] = SlipKind.HAND_OVER_LIST


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPaper:
    """One paper of a result as it is handed over: what it is called, and its number."""

    title: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverReceipt:
    """That a result was handed over: what, to whom, which paper they showed, when and by whom.

    `shown` and `note` are empty where nothing was said.
    """

    form_set: str
    head: Head
    code: str
    applicant: Applicant
    subject: str
    papers: tuple[GivenPaper, ...]
    at: AwareDatetime
    delivery: str
    receiver: str
    shown: str
    note: str
    officer: str
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.HAND_OVER_RECEIPT] = SlipKind.HAND_OVER_RECEIPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of courtesy that goes with a result: congratulation on a birth or marriage, condolence on a death.

    `to` is whom it greets, `name` whom it is about; no number, birth date or address of anybody ever stands in it.
    """

    form_set: str
    head: Head
    code: str
    to: str
    name: str
    issuer: str
    signature: Signature
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.LETTER] = SlipKind.LETTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A receipt printed ahead, to be filled in by hand while the portal cannot be reached; `serial` names it."""

    form_set: str
    head: Head
    serial: str
    tracking_url: str
    wording: Wording = field(default_factory=dict)
    kind: Literal[SlipKind.BLANK] = SlipKind.BLANK


Payload = (
    Acknowledgement
    | Receipt
    | SupplementRequest
    | RefusalOfReception
    | Apology
    | Stopping
    | Result
    | ResultRefusal
    | Control
    | Register
    | HandOverList
    | HandOverReceipt
    | Letter
    | Blank
)

_ADAPTER: Final[TypeAdapter[Payload]] = TypeAdapter(Annotated[Payload, Field(discriminator="kind")])


def form_of(payload: Payload) -> Form:
    """The form a payload is printed on. Raises KeyError if its form set has no such kind."""
    return FORMS[payload.kind, payload.form_set]


def reference(payload: Payload) -> tuple[str, str]:
    """What names the dossier on the paper, label and number: its code, before reception its registration number.

    A paper of a unit is named by what it is about: the register by its volume.
    """
    match payload:
        case (
            SupplementRequest(code=str(code))
            | Receipt(code=code)
            | Apology(code=code)
            | Stopping(code=str(code))
            | Result(code=code)
            | ResultRefusal(code=code)
            | Control(code=code)
            | HandOverReceipt(code=code)
            | Letter(code=code)
        ):
            return "Mã hồ sơ", code
        case (
            Acknowledgement(registration_number=number)
            | RefusalOfReception(registration_number=number)
            | SupplementRequest(registration_number=number)
            | Stopping(registration_number=number)
        ):
            return "Mã đăng ký", number
        case Register(volume=volume):
            return "Quyển số", volume
        case HandOverList(day=day):
            return "Ngày", f"{day:%d/%m/%Y}"
        case Blank(serial=serial):
            return "Số giấy in sẵn", serial


def to_json(payload: Payload) -> dict[str, Any]:
    """The payload as JSON-ready plain values (dates and instants in ISO 8601), for a JSON column."""
    plain: dict[str, Any] = _ADAPTER.dump_python(payload, mode="json")
    return plain


def text(payload: Payload) -> str:
    """The payload as the JSON text that the paper carries."""
    return json.dumps(to_json(payload), ensure_ascii=False, indent=1, sort_keys=True)


def from_json(plain: Mapping[str, Any]) -> Payload:
    """The payload back from `to_json`'s values; its `kind` says which.

    Raises pydantic.ValidationError if they do not fit.
    """
    return _ADAPTER.validate_python(plain)
