"""The parts of a procedure version as its author sees them: their names, their order, and what each may say.

One table for the pages on which they are edited, for the outline of a version, and for telling where a fault lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from portal.domain import words
from portal.domain.access import Role
from portal.domain.criteria import Asked
from portal.domain.entries import (
    ABSENT,
    Bound,
    Code,
    Condition,
    Day,
    Entry,
    Flag,
    Formula,
    Group,
    Instant,
    Level,
    Line,
    Many,
    Marks,
    Nullable,
    Number,
    One,
    Options,
    OwnOnes,
    Pair,
    Rows,
    Scene,
    Sum,
    TermOf,
    Whole,
    Words,
)
from portal.domain.flow import Action
from procedures.files import Place
from procedures.model import PREFILLS, RECORDS, Channel, IntervalKind, Kind, PaperKind, Sector, Text
from procedures.shared import Shared


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


CHANNELS: Final[Options] = (
    (Channel.ONLINE.value, _t("Trực tuyến", "Online")),
    (Channel.COUNTER.value, _t("Trực tiếp tại quầy", "At the counter")),
    (Channel.POST.value, _t("Bưu chính", "By post")),
)
_ALL_CHANNELS: Final = tuple(channel for channel, _label in CHANNELS)
_MARKS: Final[Options] = (
    ("V", _t("Đã đối chiếu văn bản", "Verified in the text")),
    ("M+", _t("Tin cậy cao", "High confidence")),
    ("M", _t("Tin cậy vừa", "Medium confidence")),
    ("M-", _t("Tin cậy thấp", "Low confidence")),
    ("D", _t("Cổng tự thiết kế", "Our own design")),
)
KINDS: Final[Mapping[str, Text]] = {
    "text": _t("Chữ ngắn", "Short text"),
    "long_text": _t("Chữ dài", "Long text"),
    "name": _t("Họ và tên", "Name"),
    "address": _t("Địa chỉ", "Address"),
    "integer": _t("Số nguyên", "Whole number"),
    "decimal": _t("Số thập phân", "Decimal"),
    "money": _t("Số tiền", "Sum of money"),
    "date": _t("Ngày", "Date"),
    "partial_date": _t("Ngày có thể thiếu ngày, tháng", "Date, day and month may be missing"),
    "choice": _t("Chọn một", "One choice"),
    "several": _t("Chọn nhiều", "Several choices"),
    "yes_no": _t("Có hoặc không", "Yes or no"),
    "personal_number": _t("Số định danh cá nhân", "Personal number"),
    "phone": _t("Số điện thoại", "Phone number"),
    "email": _t("Thư điện tử", "E-mail address"),
    "unit": _t("Đơn vị hành chính", "Administrative unit"),
    "declaration": _t("Lời cam đoan", "Declaration"),
    "group": _t("Nhóm lặp lại", "Repeated group"),
    "person": _t("Khối thông tin một người", "A person"),
    "parcel": _t("Khối thông tin thửa đất", "A parcel"),
    "certificate": _t("Khối thông tin Giấy chứng nhận", "A land certificate"),
    "consent": _t("Sự đồng ý của người khác", "Consent of another person"),
    "file": _t("Tệp đính kèm", "File"),
    "certificate_number": _t("Số phát hành Giấy chứng nhận", "Serial of a land certificate"),
}
_PREFILL: Final[Mapping[str, Text]] = {
    "full_name": _t("Họ và tên của tài khoản", "The account's name"),
    "personal_number": _t("Số định danh của tài khoản", "The account's personal number"),
    "birth_date": _t("Ngày sinh của tài khoản", "The account's birth date"),
    "sex": _t("Giới tính của tài khoản", "The account's sex"),
    "phone": _t("Số điện thoại của tài khoản", "The account's phone"),
    "email": _t("Thư điện tử của tài khoản", "The account's e-mail"),
    "address": _t("Địa chỉ của tài khoản", "The account's address"),
    "commune": _t("Xã của tài khoản", "The account's commune"),
    "person": _t("Những gì tài khoản biết về người nộp", "What the account knows of the person"),
}
_STEP_ROLES: Final = (
    Role.ONE_STOP_OFFICER, Role.SPECIALIST, Role.HEAD_OF_OFFICE, Role.LEADER, Role.CLERK, Role.POLICE_OFFICER,
    Role.POLICE_HEAD, Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD,
)  # fmt: skip
_STEP_ACTIONS: Final = (
    Action.RECEIVE, Action.FORWARD, Action.SEND_BACK, Action.ASK_SUPPLEMENT, Action.ASK_DUTY, Action.APPROVE,
    Action.REFUSE, Action.ISSUE, Action.HAND_OVER,
)  # fmt: skip
_ONLY_IF: Final = {"always": _t("Luôn luôn", "Always")}
_NEEDED_IF: Final = {
    "always": _t("Luôn bắt buộc", "Always required"),
    "never": _t("Không bắt buộc", "Never required"),
    "rows": _t("Bắt buộc khi đúng bảng điều kiện", "Required if the rows below hold"),
    "cel": _t("Bắt buộc khi đúng biểu thức CEL", "Required if the CEL expression holds"),
}
_BY_OFFICER: Final = {
    "always": _t("Chỉ cán bộ xác định được khi tiếp nhận", "Only an officer can tell, at reception"),
}
_ITEM: Final = _t("Mục", "Item")
_CODE: Final = _t("Mã", "Code")
_TITLE: Final = _t("Tên", "Title")
_HINT: Final = _t("Lời chỉ dẫn", "Hint")
_WHEN: Final = _t("Chỉ hỏi khi", "Asked only if")


# What the items of the lists may say.

COMPONENT: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    Pair("title", _t("Tên giấy tờ", "Title of the paper"), required=True, long=True),
    Pair("hint", _HINT, long=True),
    Condition("when", _t("Chỉ yêu cầu khi", "Offered only if"), said=_ONLY_IF),
    Condition(
        "required", _t("Bắt buộc nộp", "Required"), requirement=True, modes=("always", "never", "rows", "cel"),
        said=_NEEDED_IF,
    ),
    Whole("copies", _t("Số bản", "Copies"), default=1),
    Many("kinds", _t("Hình thức nhận", "Shapes accepted"), required=True,
         choices=tuple((kind.value, kind.label) for kind in PaperKind)),
    Flag("many", _t("Cho nộp nhiều tệp", "Several files"), default=True),
)  # fmt: skip

TERM_CASE: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    Pair("title", _t("Tên trường hợp", "Title of the case"), required=True),
    Condition("when", _t("Áp dụng khi", "Applies if"), said=_BY_OFFICER),
    TermOf("term", _t("Thời hạn", "Term"), required=True),
    Marks("shares", _t("Phần thời hạn của từng bước", "Each step's share of the term"), among="steps",
          hint=_t("Tính bằng ngày làm việc; cộng lại phải bằng thời hạn của trường hợp này.",
                  "In working days; together they must be this case's term.")),
)  # fmt: skip

FEE: Final[tuple[Entry, ...]] = (
    Code("code", _CODE),
    Pair("name", _t("Tên phí, lệ phí", "Name of the fee"), required=True),
    Sum("amount", _t("Mức thu", "Amount"),
        _t("Để trống nếu chưa biết (“chưa cấu hình”); ghi 0 nếu không thu.",
           "Leave it empty if it is not known; enter 0 if nothing is due.")),
    One("when", _t("Thu khi", "Due at"), required=True,
        choices=(("reception", _t("Tiếp nhận hồ sơ", "Reception")), ("result", _t("Trả kết quả", "The result")))),
    Many("channels", _t("Áp dụng cho cách nộp", "For dossiers handed in"), choices=CHANNELS, default=_ALL_CHANNELS),
    Condition("condition", _t("Chỉ thu khi", "Due only if"), said=_ONLY_IF),
    One("per", _t("Nhân với", "Multiplied by"), among="counted",
        nothing=_t("Không nhân", "Nothing")),
    Pair("basis", _t("Căn cứ", "Basis")),
)  # fmt: skip

EXEMPTION: Final[tuple[Entry, ...]] = (
    Code("code", _CODE),
    Pair("text", _t("Đối tượng được miễn", "Who is exempt"), required=True, long=True),
    Pair("proof", _t("Giấy tờ chứng minh", "Proof"), long=True),
    Many("fees", _t("Được miễn khoản", "Fees covered"), _t("Không chọn khoản nào nghĩa là mọi khoản.",
         "None chosen means all of them."), among="fees"),
)  # fmt: skip

STEP: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    Pair("title", _t("Tên bước", "Title of the step"), required=True),
    One("role", _t("Ai làm", "Who does it"), required=True,
        choices=tuple((role.value, words.ROLES[role]) for role in _STEP_ROLES)),
    One("unit", _t("Ở đâu", "Where"), default="own", choices=(
        ("own", _t("Đơn vị tiếp nhận", "The unit that received it")),
        ("police", _t("Công an cấp xã", "Its police")),
        ("land_registry", _t("Chi nhánh Văn phòng đăng ký đất đai", "The branch of the land registry")))),
    Number("share", _t("Phần thời hạn (ngày làm việc)", "Share of the term (working days)"),
           _t("Để trống ở bước ngoài thời hạn và ở thủ tục trong ngày.",
              "Empty for a step outside the clock and for a same-day procedure.")),
    Many("actions", _t("Được làm", "May do"), required=True,
         choices=tuple((action.value, words.ACTIONS[action]) for action in _STEP_ACTIONS)),
    Flag("outside_clock", _t("Ngoài thời hạn giải quyết", "Outside the clock")),
)  # fmt: skip

REASON: Final[tuple[Entry, ...]] = (Code("code", _CODE), Pair("text", _t("Lý do", "Reason"), required=True))

CHECK: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    One("level", _t("Mức", "Level"), required=True, choices=(
        ("error", _t("Chặn, không cho nộp", "Blocks the submission")),
        ("warning", _t("Chỉ nhắc", "Only warns")))),
    Condition("rule", _t("Phải đúng", "Must hold"), modes=("rows", "cel"), required=True,
              said={"rows": _t("Bảng điều kiện", "The rows below"), "cel": _t("Biểu thức CEL", "The CEL expression")}),
    Pair("message", _t("Lời báo khi không đúng", "What is said if it does not"), required=True, long=True),
    Many("fields", _t("Báo bên câu hỏi", "Said beside the questions"), among="questions", required=True),
)  # fmt: skip

SECTION: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    Pair("title", _t("Tên trang", "Title of the page"), required=True),
    Pair("hint", _HINT, long=True),
    Condition("when", _t("Chỉ hiện trang khi", "Shown only if"), said=_ONLY_IF),
)
SHARED_SECTION: Final[tuple[Entry, ...]] = (
    One("use", _t("Trang dùng chung", "Shared page"), required=True, among="blocks"),
    Condition("when", _t("Chỉ hiện trang khi", "Shown only if"), said=_ONLY_IF),
)

_CHOICE: Final[tuple[Entry, ...]] = (
    Code("value", _t("Giá trị lưu", "Value kept")),
    Pair("label", _t("Lời hiện", "Label"), required=True),
)
FIELD: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    One("kind", _t("Loại câu hỏi", "Kind of question"), required=True,
        choices=tuple((kind.value, KINDS.get(kind.value, _t(kind.value, kind.value))) for kind in Kind)),
    Pair("label", _t("Câu hỏi", "Question"), required=True, long=True),
    Pair("hint", _HINT, long=True),
    Flag("required", _t("Bắt buộc trả lời", "Must be answered"), default=True),
    Condition("when", _WHEN, said=_ONLY_IF),
    Rows("choices", _t("Các lựa chọn", "Choices"), row=_CHOICE, row_title=_t("Lựa chọn", "Choice"), named="lists"),
    Bound("min", _t("Ít nhất, không trước", "Least, or earliest"),
          _t("Một số, một ngày, hoặc “hôm nay”; với nhóm là số dòng.",
             "A number, a date, or “today”; for a group, rows.")),
    Bound("max", _t("Nhiều nhất, không sau", "Most, or latest")),
    Whole("decimals", _t("Số chữ số sau dấu phẩy", "Decimals")),
    Line("measure", _t("Đơn vị đo", "Unit of measure"), most=20),
    Whole("max_length", _t("Nhiều nhất bao nhiêu ký tự", "Most signs")),
    One("prefill", _t("Điền sẵn từ tài khoản", "Filled in from the account"),
        choices=tuple((name, _PREFILL[name]) for name in PREFILLS if name in _PREFILL),
        nothing=_t("Không điền sẵn", "Not filled in")),
    Bound("default", _t("Điền sẵn giá trị", "Filled in with")),
    Flag("sensitive", _t("Dữ liệu cá nhân nhạy cảm", "Sensitive personal data")),
    Group("person", _t("So số định danh với", "The personal number is compared with"), entries=(
        Line("birth", _t("Mã câu hỏi ngày sinh", "Code of the birth date")),
        Line("sex", _t("Mã câu hỏi giới tính", "Code of the sex")))),
    Words("parts", _t("Các phần của khối", "Parts of the block"), _t("Mỗi dòng một mã phần.", "One code a line."),
          keys=True),
    Words("optional", _t("Phần có thể để trống", "Parts that may stay empty"),
          _t("Mỗi dòng một mã phần.", "One code a line."), keys=True),
    One("of", _t("Mỗi dòng là một khối", "Each row is a block"),
        choices=tuple((kind.value, KINDS[kind.value]) for kind in sorted(RECORDS)),
        nothing=_t("Cột riêng", "Columns of its own")),
    Flag("past", _t("Địa danh của mọi thời kỳ", "Places of any time")),
    Formula("computed", _t("Tính ra, không hỏi (CEL)", "Computed, never asked (CEL)"), most=500),
    Pair("row_title", _t("Tên một dòng", "What a row is called")),
)  # fmt: skip

_NUMBERS: Final = frozenset({"integer", "decimal", "money"})
_DATES: Final = frozenset({"date", "partial_date"})
_TEXTS: Final = frozenset({"text", "long_text", "name", "address", "email"})
_RECORDS: Final = frozenset({"person", "parcel", "certificate", "consent"})
#: Entries of a question that go with some kinds only.
_FITS: Final[Mapping[str, frozenset[str]]] = {
    "choices": frozenset({"choice", "several"}),
    "min": _NUMBERS | _DATES | {"group"},
    "max": _NUMBERS | _DATES | {"group"},
    "decimals": frozenset({"decimal"}),
    "measure": _NUMBERS,
    "max_length": _TEXTS,
    "person": frozenset({"personal_number"}),
    "row_title": frozenset({"group"}),
    "default": _TEXTS | _NUMBERS | {"choice", "yes_no"},
    "prefill": frozenset(kind.value for kinds in PREFILLS.values() for kind in kinds),
    "parts": _RECORDS | {"group"},
    "optional": _RECORDS | {"group"},
    "of": frozenset({"group"}),
    "past": frozenset({"address", "unit"}),
    "computed": _TEXTS | _NUMBERS | {"date", "yes_no", "choice"},
}


def field_entries(kind: str, there: Mapping[str, Any]) -> tuple[Entry, ...]:
    """What a question of a kind may say, and what this one says although it may not."""
    return tuple(e for e in FIELD if e.key not in _FITS or kind in _FITS[e.key] or e.key in there)


EXPECT: Final[tuple[Entry, ...]] = (
    One("outcome", _t("Hồ sơ", "The dossier is"), required=True, choices=(
        ("complete", _t("Đủ, hợp lệ", "Complete")), ("incomplete", _t("Chưa đủ", "Incomplete")))),
    Sum("fee", _t("Tổng phí", "Total fee"), _t("Để trống nếu chưa cấu hình.", "Empty if it is not known.")),
    Instant("due_at", _t("Hẹn trả lúc", "Due at")),
    Day("due_on", _t("Hẹn trả ngày", "Due on")),
    Instant("total_at", _t("Cả liên thông xong lúc", "All legs done by")),
    Many("errors", _t("Báo lỗi ở", "Errors at"), among="speakers"),
    Many("warnings", _t("Nhắc ở", "Warnings at"), among="speakers"),
)  # fmt: skip
EXAMPLE: Final[tuple[Entry, ...]] = (
    Line("name", _t("Tên ví dụ", "Name of the example"), required=True),
    One("like", _t("Giống ví dụ", "Like the example"), among="examples", nothing=_t("Không giống", "None")),
    One("channel", _t("Cách nộp", "Handed in"), required=True, choices=CHANNELS),
    One("unit", _t("Nơi nộp", "Handed in at"), required=True, among="units"),
    Instant("received_at", _t("Tiếp nhận lúc", "Received at"), _t("Ví dụ 20/08/2026 09:00", "Such as 20/08/2026 09:00"),
            required=True),
    One("exemption", _t("Diện miễn", "Exemption"), among="exemptions", nothing=_t("Không", "None")),
    One("term_case", _t("Trường hợp thời hạn do cán bộ chọn", "Case of the term an officer chooses"),
        among="officers_cases", nothing=_t("Thông thường", "The ordinary one")),
    OwnOnes("components", _t("Giấy tờ đã nộp", "Papers handed in"), among="components"),
    Group("expect", _t("Kết quả mong đợi", "What it must come to"), required=True, entries=EXPECT),
)  # fmt: skip

RESULT: Final = Group("result", _t("Kết quả", "Result"), required=True, entries=(
    One("kind", _t("Loại kết quả", "Kind"), required=True, choices=(
        ("permit", _t("Giấy phép", "Permit")), ("certificate", _t("Giấy chứng nhận", "Certificate")),
        ("registration", _t("Đăng ký", "Registration")), ("notice", _t("Thông báo", "Notice")))),
    Pair("title", _t("Tên kết quả", "Title"), required=True, long=True),
    One("template", _t("Mẫu in", "Paper"), required=True, choices=(
        ("general", _t("Mẫu chung", "The general one")),
        ("construction_permit", _t("Giấy phép xây dựng", "Construction permit")),
        ("land_change", _t("Xác nhận biến động đất đai", "Land change")),
        ("household_split", _t("Tách hộ", "Household split")),
        ("birth_certificate", _t("Giấy khai sinh", "Birth certificate")))),
    Flag("by_number", _t("Kết quả có số riêng", "Bears a number of its own"), default=ABSENT, required=True),
    Pair("validity", _t("Hiệu lực", "Validity")),
    Pair("note", _t("Ghi chú", "Note"), long=True),
    One("letter", _t("Thư gửi kèm kết quả", "Letter that goes with it"), nothing=_t("Không có", "None"), choices=(
        ("birth", _t("Thư chúc mừng có con", "Congratulation on a birth")),
        ("marriage", _t("Thư chúc mừng kết hôn", "Congratulation on a marriage")),
        ("condolence", _t("Thư chia buồn", "Condolence"))))))  # fmt: skip
SLIPS: Final = Group("slips", _t("Ký hiệu mẫu phiếu", "Numbers of the slips"), entries=(
    Line("receipt", _t("Giấy tiếp nhận và hẹn trả", "Receipt"), default="01", most=20),
    Line("supplement", _t("Phiếu yêu cầu bổ sung", "Request for a supplement"), default="02", most=20),
    Line("refusal", _t("Phiếu từ chối", "Refusal"), default="03", most=20),
    Line("result", _t("Thông báo kết quả", "Notice of the result"), most=20)))  # fmt: skip

_NATIONAL_CODE: Final = _t("Mã thủ tục quốc gia, ví dụ 1.010038", "National code, such as 1.010038")
LEG: Final[tuple[Entry, ...]] = (
    Code("key", _CODE),
    Pair("title", _t("Tên thủ tục thành phần", "Title of the leg"), required=True, long=True),
    Nullable("code", _t("Mã thủ tục", "Code of the procedure"), _NATIONAL_CODE, most=8),
    One("sector", _t("Lĩnh vực", "Sector"), required=True,
        choices=tuple((one.value, one.label) for one in Sector)),
    Pair("authority", _t("Cơ quan giải quyết", "Authority"), required=True),
    One("place", _t("Câu hỏi cho biết nơi làm", "Question that says where"), among="unit_questions",
        nothing=_t("Nơi tiếp nhận hồ sơ liên thông", "Where the bundle is received")),
    Many("after", _t("Bắt đầu sau khi xong", "Begins once these are granted"), among="legs"),
    TermOf("term", _t("Thời hạn", "Term"), required=True),
    Pair("term_rule", _t("Căn cứ của thời hạn", "Rule of the term"), required=True, long=True),
    RESULT,
    Rows("refusals", _t("Lý do từ chối riêng", "Reasons for refusal of its own"), row=REASON,
         row_title=_t("Lý do", "Reason")),
    SLIPS,
    Many("pages", _t("In các trang của tờ khai", "Pages of the form it prints"),
         _t("Không chọn trang nào nghĩa là mọi trang.", "None chosen means all of them."), among="form_pages"),
)  # fmt: skip

_TEXT_ROW: Final = (Pair("", _t("Nội dung", "Text"), required=True, long=True),)


def _texts(key: str, label: Text, *, required: bool = True) -> Rows:
    return Rows(key, label, row=_TEXT_ROW, row_title=_ITEM, required=required)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries at the top of the file that are edited together."""

    name: str
    title: Text
    entries: tuple[Entry, ...]

    def holds(self, place: Place) -> bool:
        """Whether what stands at a place is edited on this page."""
        return bool(place) and place[0] in {entry.key for entry in self.entries} and listing_around(place) is None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list whose items have pages of their own; `new` is what a new item begins with."""

    key: str
    title: Text
    item: Text
    entries: tuple[Entry, ...]
    new: Mapping[str, Any]


_NEW_TITLE: Final = {"vi": "Chưa đặt tên", "en": "Not named yet"}

PAGES: Final[tuple[Page, ...]] = (
    Page("thong-tin", _t("Thông tin chung", "General"), (
        Pair("title", _t("Tên thủ tục", "Title"), required=True, long=True),
        Pair("short_title", _t("Tên ngắn", "Short title"), required=True),
        Pair("summary", _t("Tóm tắt", "Summary"), required=True, long=True),
        Words("keywords", _t("Từ khóa người dân hay gõ", "Words people type"),
              _t("Mỗi dòng một từ khóa.", "One a line.")),
        Whole("sets", _t("Số bộ hồ sơ", "Sets"), default=1),
        Level("level", _t("Mức độ dịch vụ công", "Level of the online service"), choices=(
            ("3", _t("Một phần", "Partly online")), ("4", _t("Toàn trình", "Wholly online")))),
        Pair("why_not_4", _t("Vì sao chưa toàn trình", "Why not wholly online"), long=True),
        One("place", _t("Câu hỏi cho biết nơi giải quyết", "Question that tells where it is handled"), required=True,
            among="unit_questions"),
    )),
    Page("trinh-tu", _t("Trình tự thực hiện", "Order of steps"), (_texts("steps", _t("Các bước", "Steps")),)),
    Page("cach-thuc", _t("Cách thức thực hiện", "Manners"), (
        Rows("manners", _t("Cách nộp", "Ways to hand in"), required=True, row_title=_t("Cách", "Way"), row=(
            One("channel", _t("Cách nộp", "Channel"), required=True, choices=CHANNELS),
            Pair("text", _t("Nội dung", "Text"), required=True, long=True),
            Flag("exceptional", _t("Chỉ khi cách thường không dùng được", "Only if the regular way fails")))),
    )),
    Page("doi-tuong", _t("Đối tượng, cơ quan giải quyết", "Subjects and authority"), (
        _texts("subjects", _t("Đối tượng thực hiện", "Subjects")),
        Pair("authority", _t("Cơ quan giải quyết", "Authority"), required=True, long=True),
        Flag("one_person", _t("Một người được tiếp nhận, thẩm tra và ký", "One person may receive, verify and sign"),
             _t("Chỉ thủ tục trả kết quả trong ngày, khi pháp luật cho phép ủy quyền (NĐ 61/2018/NĐ-CP, Điều 17).",
                "Only what is due within the day, where the law allows delegation (NĐ 61/2018/NĐ-CP, Art 17).")),
    )),
    Page("yeu-cau", _t("Yêu cầu, điều kiện", "Conditions"), (
        _texts("conditions", _t("Yêu cầu, điều kiện", "Conditions"), required=False),
    )),
    Page("can-cu", _t("Căn cứ pháp lý", "Legal basis"), (_texts("legal_basis", _t("Văn bản", "Texts")),)),
    Page("thoi-han", _t("Thời hạn giải quyết", "Term"), (
        TermOf("term", _t("Thời hạn", "Term"), required=True),
        TermOf("mountain_extra", _t("Thêm ở xã miền núi, biên giới, khó khăn", "Extra in mountain communes")),
        Group("extension", _t("Được gia hạn một lần", "May be prolonged once"), entries=(
            TermOf("most", _t("Nhiều nhất", "At most"), required=True),
            Pair("reason", _t("Lý do được gia hạn", "Reason"), required=True, long=True))),
    )),
    Page("bo-sung", _t("Bổ sung hồ sơ, lấy ý kiến", "Supplements and consultation"), (
        Group("supplement", _t("Khi yêu cầu bổ sung", "When papers are asked for"), required=True, entries=(
            One("clock", _t("Thời hạn", "The term"), required=True, choices=(
                ("restart", _t("Tính lại từ đầu khi nhận đủ", "Starts anew once complete")),
                ("pause", _t("Tạm dừng rồi tính tiếp", "Pauses, then goes on")))),
            TermOf("notice_within", _t("Phải yêu cầu trong, kể từ khi tiếp nhận", "Asked for within, from reception"),
                   _t("Bỏ trống: 03 ngày làm việc (NĐ 61/2018/NĐ-CP, Điều 19).",
                      "Empty: 3 working days (NĐ 61/2018/NĐ-CP, Art 19).")),
            TermOf("answer_within", _t("Người nộp bổ sung trong", "The applicant answers within")),
            TermOf("refuse_within", _t("Không bổ sung thì từ chối trong", "If not, it is refused within")),
            Whole("rounds", _t("Nhiều nhất mấy lần", "Rounds at most")),
            Pair("note", _t("Ghi chú", "Note"), long=True))),
        Group("consultation", _t("Lấy ý kiến", "Opinions asked for"), entries=(
            TermOf("within", _t("Trả lời trong", "Answered within"), required=True),
            One("silence", _t("Không trả lời nghĩa là", "Silence means"), required=True, choices=(
                ("consent", _t("Coi như đồng ý", "Consent")), ("none", _t("Không có nghĩa gì", "Nothing")))),
            _texts("bodies", _t("Hỏi ý kiến của", "Bodies asked"), required=False))),
        Rows("intervals", _t("Thời gian không tính vào thời hạn", "Time that is not counted"), row=(
            Code("key", _CODE),
            One("kind", _t("Loại", "Kind"), required=True,
                choices=tuple((kind.value, kind.label) for kind in IntervalKind)),
            Pair("title", _t("Công việc", "What is done"), required=True, long=True),
            TermOf("length", _t("Dài nhất", "At most"),
                   _t("Bỏ trống: kéo dài bao lâu thì không tính bấy lâu.", "Empty: as long as it takes.")),
            Pair("basis", _t("Căn cứ", "Rule"), required=True, long=True)),
            row_title=_t("Khoảng thời gian", "Interval")),
    )),
    Page("lien-thong", _t("Liên thông", "Bundle"), (
        Group("bundle", _t("Thủ tục liên thông", "Bundle of procedures"),
              _t("Chỉ điền nếu nhiều thủ tục được làm cùng lúc trên một biểu mẫu.",
                 "Only if several procedures are carried out on one form."), entries=(
            TermOf("within", _t("Tất cả xong trong", "All of them within"), required=True),
            Group("lead", _t("Thủ tục đầu tiên", "The first procedure"), required=True, entries=(
                Pair("title", _t("Tên", "Title"), required=True),
                Line("code", _t("Mã thủ tục", "Code"), _NATIONAL_CODE, required=True, most=8))))),
    )),
    Page("ly-do-tu-choi", _t("Lý do từ chối", "Reasons for refusal"), (
        Rows("refusals", _t("Lý do từ chối", "Reasons for refusal"), row=REASON, row_title=_t("Lý do", "Reason"),
             required=True),
    )),
    Page("ly-do-bo-sung", _t("Lý do yêu cầu bổ sung", "Reasons for supplements"), (
        Rows("supplements", _t("Lý do yêu cầu bổ sung", "Reasons for supplements"), row=REASON,
             row_title=_t("Lý do", "Reason"), required=True),
    )),
    Page("ket-qua", _t("Kết quả và mẫu phiếu", "Result and slips"), (
        RESULT, SLIPS,
    )),
    Page("tin-cay", _t("Mức chắc chắn của từng phần", "How sure each part is"), (
        Marks("confidence", _t("Mức chắc chắn", "Confidence"), among="parts", choices=_MARKS),
    )),
)  # fmt: skip

LISTINGS: Final[tuple[Listing, ...]] = (
    Listing("components", _t("Thành phần hồ sơ", "Components"), _t("giấy tờ", "paper"), COMPONENT,
            {"key": "giay_to", "title": _NEW_TITLE, "required": True, "kinds": ["original"]}),
    Listing("term_cases", _t("Trường hợp có thời hạn riêng", "Cases with terms of their own"),
            _t("trường hợp", "case"), TERM_CASE, {"key": "truong_hop", "title": _NEW_TITLE, "term": "1 working_day"}),
    Listing("fees", _t("Phí, lệ phí", "Fees"), _t("khoản thu", "fee"), FEE,
            {"code": "le_phi", "name": _NEW_TITLE, "amount": None, "when": "reception"}),
    Listing("exemptions", _t("Đối tượng miễn, giảm", "Exemptions"), _t("đối tượng miễn", "exemption"), EXEMPTION,
            {"code": "doi_tuong", "text": _NEW_TITLE}),
    Listing("route", _t("Quy trình nội bộ", "Route"), _t("bước", "step"), STEP,
            {"key": "buoc", "title": _NEW_TITLE, "role": "specialist", "actions": ["forward"]}),
    Listing("form", _t("Biểu mẫu điện tử", "Form"), _t("trang", "page"), SECTION,
            {"key": "trang", "title": _NEW_TITLE, "fields": [
                {"key": "cau_hoi", "kind": "text", "label": _NEW_TITLE, "required": False}]}),
    Listing("checks", _t("Quy tắc kiểm tra", "Checks"), _t("quy tắc", "check"), CHECK,
            {"key": "quy_tac", "level": "warning", "rule": "full_name != null", "message": _NEW_TITLE,
             "fields": ["full_name"]}),
    Listing("examples", _t("Ví dụ", "Examples"), _t("ví dụ", "example"), EXAMPLE,
            {"name": "Ví dụ mới", "channel": "online", "unit": "bao-yen", "received_at": "2026-08-20T09:00",
             "answers": {}, "components": [], "expect": {"outcome": "complete", "fee": None}}),
)  # fmt: skip
LEGS: Final = Listing(
    "legs", _t("Thủ tục thành phần", "Legs"), _t("thủ tục thành phần", "leg"), LEG,
    {"key": "thu_tuc", "title": _NEW_TITLE, "code": None, "sector": "residence", "authority": _NEW_TITLE,
     "term": "1 working_day", "term_rule": _NEW_TITLE,
     "result": {"kind": "notice", "title": _NEW_TITLE, "template": "general", "by_number": False},
     "route": [{"key": "buoc_1", "title": _NEW_TITLE, "role": "specialist", "share": 1,
                "actions": ["forward", "approve", "issue"]},
               {"key": "buoc_2", "title": _NEW_TITLE, "role": "one_stop_officer", "actions": ["hand_over"],
                "outside_clock": True}]},
)  # fmt: skip
FIELDS: Final = Listing(
    "fields", _t("Câu hỏi", "Questions"), _t("câu hỏi", "question"), FIELD,
    {"key": "cau_hoi", "kind": "text", "label": _NEW_TITLE, "required": False},
)  # fmt: skip
COLUMNS: Final = Listing(
    "columns", _t("Cột của nhóm", "Columns of the group"), _t("cột", "column"), FIELD,
    {"key": "cot", "kind": "text", "label": _NEW_TITLE, "required": False},
)  # fmt: skip
_BY_KEY: Final = {listing.key: listing for listing in LISTINGS}
_BY_NAME: Final = {page.name: page for page in PAGES}
ANSWERS: Final = _t("Câu trả lời", "Answers")

#: In which order the parts of a file are usually written.
ORDER: Final = (
    "code", "sector", "title", "short_title", "summary", "keywords", "confidence", "steps", "manners", "sets",
    "components", "term", "term_cases", "mountain_extra", "extension", "supplement", "consultation", "intervals",
    "subjects", "authority", "result", "conditions", "fees", "exemptions", "legal_basis", "level", "why_not_4",
    "refusals", "supplements", "slips", "route", "one_person", "bundle", "place", "form", "checks", "examples",
)  # fmt: skip
#: The outline of a version: its chapters, each of pages and lists by their names.
CHAPTERS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
    (_t("Nội dung thủ tục", "What the procedure is"),
     ("thong-tin", "trinh-tu", "cach-thuc", "doi-tuong", "yeu-cau", "can-cu")),
    (_t("Hồ sơ, thời hạn, phí", "Papers, term, fees"),
     ("components", "thoi-han", "term_cases", "bo-sung", "fees", "exemptions")),
    (_t("Giải quyết", "How it is handled"), ("route", "ly-do-tu-choi", "ly-do-bo-sung", "ket-qua")),
    (_t("Liên thông", "Bundle"), ("lien-thong", "bundle/legs")),
    (_t("Biểu mẫu", "The form"), ("form", "checks")),
    (_t("Ví dụ và mức chắc chắn", "Examples and confidence"), ("examples", "tin-cay")),
)  # fmt: skip


def page(name: str) -> Page | None:
    """The page of this name."""
    return _BY_NAME.get(name)


def listing(place: Place) -> Listing | None:
    """The list that stands at a place: one at the top, or one inside the item of another."""
    shape = "/".join("*" if isinstance(name, int) else name for name in place)
    return _BY_KEY.get(shape) or _INNER.get(shape)


#: Lists inside items, and inside the bundle, by the shape of their place.
_INNER: Final = {
    "form/*/fields": FIELDS,
    "form/*/fields/*/columns": COLUMNS,
    "bundle/legs": LEGS,
    "bundle/legs/*/route": _BY_KEY["route"],
}


def listing_around(place: Place) -> Place | None:
    """The list that what stands at a place belongs to, the innermost one; None if it is in no list with pages."""
    depths = (n for n in range(len(place), 0, -1) if listing(place[:n]) is not None)
    return next((place[:n] for n in depths), None)


def entries_at(place: Place, item: Any) -> tuple[Entry, ...] | None:
    """What the item of a list at a place may say; None if no list's item stands there."""
    found = listing(place[:-1]) if place and isinstance(place[-1], int) else None
    if found is None or not isinstance(item, Mapping):
        return None
    if found.key == "form":
        return SHARED_SECTION if "use" in item else SECTION
    return field_entries(str(item.get("kind", "")), item) if found in (FIELDS, COLUMNS) else found.entries


def name_of(item: Any) -> Text:
    """What an item of a list is called by its own words."""
    if not isinstance(item, Mapping):
        return _own(item, item)
    for key in ("title", "name", "label", "text", "message"):
        said = item.get(key)
        if isinstance(said, Mapping) and said.get("vi"):
            return _own(said["vi"], said.get("en") or said["vi"])
        if isinstance(said, str) and said:
            return _own(said, said)
    code = next((item[key] for key in ("use", "key", "code", "value") if item.get(key)), "–")
    return _own(code, code)


def _own(vi: Any, en: Any) -> Text:
    """The author's own words, which may be anything, as a text that can be shown."""
    said = ("".join(letter if letter.isprintable() else " " for letter in str(one)).strip() for one in (vi, en))
    return _t(*(one[:3000] or "–" for one in said))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place is edited: the page's address part, the input on it, and what it is called."""

    where: str
    anchor: str
    label: Text


def spot(place: Place, plain: Any) -> Spot:
    """Where a place of the file is edited, as deep as it has a page; '' for what has none but the raw text."""
    if not place:
        return Spot("", "", _t("Cả văn bản", "The whole text"))
    found = next((one for one in PAGES if one.holds(place)), None)
    if found is not None:
        return Spot(found.name, "-".join(map(str, place)), found.title)
    around = listing_around(place)
    if around is None:
        return Spot("", "", _own(place[0], place[0]))
    depth = len(around) + (len(place) > len(around))
    said = list(_path(place[:depth], plain))
    label = _own(" › ".join(text.vi for text in said), " › ".join(text.en for text in said))
    return Spot("/".join(map(str, place[:depth])), "-".join(map(str, place[depth:])), label)


def _path(place: Place, plain: Any) -> Iterator[Text]:
    value = plain
    for depth, name in enumerate(place):
        try:
            value = value[name]
        except (KeyError, IndexError, TypeError):
            value = None
        found = listing(place[: depth + 1])
        if found is not None and (depth == 0 or place[0] == "bundle"):
            yield found.title
        elif isinstance(name, int):
            said = name_of(value)
            yield _own(f"{name + 1}. {said.vi}", f"{name + 1}. {said.en}")


def place_of(where: str) -> Place:
    """The place an address part names: 'components/0' → ('components', 0)."""
    return tuple(int(name) if _INDEX.fullmatch(name) else name for name in where.split("/") if name)


_INDEX: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


def questions(plain: Any, common: Shared) -> tuple[Asked, ...]:
    """The questions of a version as far as they can be read, in order, and how the dossier comes in."""
    found = [asked for field in _every_field(plain, common.blocks) for asked in _all_asked(field, plain, common)]
    channel = Asked("channel", _t("Cách nộp hồ sơ", "How it is handed in"), Kind.CHOICE, CHANNELS)
    return (*found, channel)


def _every_field(plain: Any, blocks: Mapping[str, Any]) -> Iterator[Any]:
    for section in _list(plain, "form"):
        used = blocks.get(str(section.get("use"))) if isinstance(section, Mapping) else None
        for source in (section, used):
            yield from _list(source, "fields")


def _list(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def _all_asked(field: Any, plain: Any, common: Shared) -> Iterator[Asked]:
    """A question and, of a record, its parts by their names in conditions."""
    asked = _asked(field, plain, common.lists)
    if asked is None:
        return
    yield asked
    if asked.kind not in RECORDS:
        return
    known = common.records.get(asked.kind.value, [])
    chosen = [column for column in known if column.get("key") in _list(field, "parts")]
    for column in _list(field, "columns") or chosen:
        part = _asked(column, plain, common.lists)
        if part is not None:
            label = _own(f"{asked.label.vi} – {part.label.vi}", f"{asked.label.en} – {part.label.en}")
            yield replace(part, key=f"{asked.key}.{part.key}", label=label)


def _asked(field: Any, plain: Any, lists: Mapping[str, Any]) -> Asked | None:
    if not isinstance(field, Mapping) or field.get("kind") not in set(Kind) or not isinstance(field.get("key"), str):
        return None
    kind = Kind(field["kind"])
    choices = field.get("choices")
    if isinstance(choices, str):
        exempt = [{"value": item.get("code"), "label": item.get("text")} for item in _mappings(plain, "exemptions")]
        choices = exempt if choices == "exemptions" else lists.get(choices)
    offered = [item for item in choices if isinstance(item, Mapping)] if isinstance(choices, list) else []
    return Asked(field["key"], name_of(field), kind, tuple((str(c.get("value")), name_of(c)) for c in offered))


def _form_pages(plain: Any, blocks: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    for section in _mappings(plain, "form"):
        used = {**_mapping(blocks, str(section.get("use")), {}), **section}
        yield str(used.get("key")), name_of(used)


def _mapping(value: Any, key: str, otherwise: Any = None) -> Any:
    return value.get(key, otherwise) if isinstance(value, Mapping) else otherwise


def _mappings(value: Any, key: str) -> list[Mapping[str, Any]]:
    return [item for item in _list(value, key) if isinstance(item, Mapping)]


def scene(plain: Any, common: Shared, units: Options) -> Scene:
    """What entries of a version need to know of it."""
    asked = questions(plain, common)
    coded = {
        key: tuple((str(item.get(code)), name_of(item)) for item in _mappings(plain, key) if item.get(code))
        for key, code in (("components", "key"), ("exemptions", "code"), ("fees", "code"), ("examples", "name"))
    }
    asked_here = tuple((one.key, one.label) for one in asked if one.key != "channel" and "." not in one.key)
    checks = tuple((str(item.get("key")), name_of(item)) for item in _mappings(plain, "checks"))
    options: dict[str, Options] = {
        **coded,
        "steps": tuple((str(item.get("key")), name_of(item)) for item in _mappings(plain, "route")),
        "officers_cases": tuple(
            (str(item.get("key")), name_of(item)) for item in _mappings(plain, "term_cases") if "when" not in item
        ),
        "questions": asked_here,
        "unit_questions": tuple((one.key, one.label) for one in asked if one.kind is Kind.UNIT),
        "counted": tuple((one.key, one.label) for one in asked if one.kind in (Kind.INTEGER, Kind.GROUP)),
        "speakers": (*asked_here, *coded["components"], *checks),
        "legs": (("lead", _t("Thủ tục đầu tiên", "The first procedure")),
                 *((str(leg.get("key")), name_of(leg)) for leg in _mappings(_mapping(plain, "bundle"), "legs"))),
        "blocks": tuple((name, _t(f"{name_of(block).vi} ({name})", f"{name_of(block).en} ({name})"))
                        for name, block in common.blocks.items()),
        "lists": (("exemptions", _t("Đối tượng miễn, giảm của thủ tục", "The procedure's exemptions")),
                  *((name, _t(name, name)) for name in common.lists)),
        "units": units,
        "form_pages": tuple(_form_pages(plain, common.blocks)),
        "parts": _PARTS,
    }  # fmt: skip
    return Scene(asked, options)


def _parts() -> Iterator[tuple[str, Text]]:
    yield "version", _t("Ngày có hiệu lực", "Date in force")
    yield "code", _CODE
    yield "slug", _t("Tên thư mục", "Name of the folder")
    yield "sector", _t("Lĩnh vực", "Sector")
    for one in PAGES:
        for entry in one.entries:
            if entry.key != "confidence":
                yield entry.key, entry.label
    for found in LISTINGS:
        yield found.key, found.title


_PARTS: Final[Options] = tuple(_parts())


def new_item(found: Listing, there: Sequence[Any]) -> dict[str, Any]:
    """What a new item of a list begins with; its code is none of those there are."""
    item = dict(found.new)
    for key in ("key", "code", "name"):
        if isinstance(item.get(key), str):
            taken = {other.get(key) for other in there if isinstance(other, Mapping)}
            mark = " " if key == "name" else "_"
            names = (item[key] if n == 1 else f"{item[key]}{mark}{n}" for n in range(1, len(there) + 3))
            item[key] = next(name for name in names if name not in taken)
    return item
