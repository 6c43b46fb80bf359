"""What messages to people say (thông báo): one table, in both languages, naming nothing personal but name and code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Final

from procedures.model import Text


class NoticeKind(StrEnum):
    """What somebody is told: the triggers of domain 4.4 that a dossier's path and an account have."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    DECLINED = "declined"
    LEG_GIVEN_UP = "leg_given_up"
    SUPPLEMENT_ASKED = "supplement_asked"
    SUPPLEMENT_SENT = "supplement_sent"
    SUPPLEMENT_RECEIVED = "supplement_received"
    SUPPLEMENT_LAPSED = "supplement_lapsed"
    DATE_MOVED = "date_moved"
    APOLOGY = "apology"
    STATUS_CHANGED = "status_changed"
    DUTY_ASKED = "duty_asked"
    DUTY_CONFIRMED = "duty_confirmed"
    RESULT_READY = "result_ready"
    RESULT_READY_EARLY = "result_ready_early"
    HANDED_OVER = "handed_over"
    CORRECTED = "corrected"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    SUCCEEDED = "succeeded"
    AMENDED = "amended"
    STEPS_LATE = "steps_late"
    STANDS_IN = "stands_in"
    STANDS_IN_NO_MORE = "stands_in_no_more"
    ACCOUNT_CONFIRMATION = "account_confirmation"
    ACCOUNT_EXISTS = "account_exists"
    NUMBER_TAKEN = "number_taken"
    CONTACT_CONFIRMATION = "contact_confirmation"
    CONTACT_TAKEN = "contact_taken"
    HELP_ASKED = "help_asked"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a message
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a message


#: What these say gives access to an account: it is forgotten once it was really sent.
SECRET: Final = frozenset(
    {
        NoticeKind.ACCOUNT_CONFIRMATION,
        NoticeKind.CONTACT_CONFIRMATION,
        NoticeKind.HELP_ASKED,
        NoticeKind.PASSWORD_RESET,
    }
)

#: All that a message may name. `secret` is a code of six digits, `link` an address of the portal, `helper` the name of
#: whoever asks to hand in for somebody, `absent` that of a colleague who is away from `since` to `until`.
PLACES: Final = frozenset(
    {"name", "code", "procedure", "unit", "due", "answer_by", "count", "amount", "status", "secret", "minutes", "link"}
) | {"helper", "absent", "since", "until"}


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and text of a kind, with {places}."""

    subject: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Words:
    """A message as it goes out."""

    subject: str
    body: str


def _w(subject_vi: str, subject_en: str, vi: str, en: str) -> Wording:
    return Wording(Text(vi=subject_vi, en=subject_en), Text(vi=vi, en=en))


K = NoticeKind
WORDINGS: Final[Mapping[NoticeKind, Wording]] = {
    K.SUBMITTED: _w(
        "Đã nhận hồ sơ {code} gửi đến",
        "Dossier {code} has arrived",
        "Hồ sơ {code} “{procedure}” đã được gửi đến {unit}. Bộ phận một cửa sẽ kiểm tra và trả lời; thời hạn giải "
        "quyết tính từ khi hồ sơ được tiếp nhận.",
        "Dossier {code} “{procedure}” has been sent to {unit}. The one-stop shop will check it and answer; the "
        "legal term runs from the day the dossier is received.",
    ),
    K.RECEIVED: _w(
        "Hồ sơ {code} đã được tiếp nhận",
        "Dossier {code} has been received",
        "Hồ sơ “{procedure}” đã được {unit} tiếp nhận với mã số {code}. Ngày hẹn trả kết quả: {due}.",
        "Your dossier “{procedure}” has been received by {unit} under the code {code}. The result is due on {due}.",
    ),
    K.DECLINED: _w(
        "Hồ sơ {code} không được tiếp nhận",
        "Dossier {code} was not received",
        "{unit} từ chối tiếp nhận hồ sơ {code}. Lý do ghi trong phiếu từ chối tiếp nhận giải quyết hồ sơ, xem tại "
        "trang của hồ sơ.",
        "{unit} has declined to receive dossier {code}. The reason is given in the slip of refusal on the dossier's"
        " page.",
    ),
    K.LEG_GIVEN_UP: _w(
        "Không thực hiện: {procedure}",
        "Not carried out: {procedure}",
        "Thủ tục “{procedure}” (hồ sơ liên thông {code}) không thực hiện, vì thủ tục phải xong trước không được giải "
        "quyết. Khi không còn lý do đó, có thể nộp riêng thủ tục này.",
        "“{procedure}” (part of a bundle, {code}) is not carried out, as the procedure before it was not granted. Once "
        "that is put right, it can be asked for by itself.",
    ),
    K.SUPPLEMENT_ASKED: _w(
        "Hồ sơ {code} cần bổ sung, hoàn thiện",
        "Dossier {code} needs to be completed",
        "Hồ sơ {code} cần bổ sung, hoàn thiện {count} nội dung, hạn đến hết ngày {answer_by}. Danh sách đầy đủ ghi "
        "trong phiếu yêu cầu bổ sung, hoàn thiện hồ sơ, xem và trả lời tại trang của hồ sơ.",
        "Dossier {code} needs {count} more item(s) by the end of {answer_by}. The full list is given in the "
        "supplement request; please read and answer it on the dossier's page.",
    ),
    K.SUPPLEMENT_SENT: _w(
        "Đã nhận phần bổ sung của hồ sơ {code}",
        "The supplement to dossier {code} has arrived",
        "Phần bổ sung của hồ sơ {code} đã đến {unit}. Bộ phận một cửa sẽ kiểm tra để tiếp nhận hồ sơ.",
        "The supplement to dossier {code} has reached {unit}. The one-stop shop will check it before receiving the "
        "dossier.",
    ),
    K.SUPPLEMENT_RECEIVED: _w(
        "Đã nhận đủ phần bổ sung của hồ sơ {code}",
        "The supplement to dossier {code} is complete",
        "{unit} đã nhận đủ phần bổ sung của hồ sơ {code}. Ngày hẹn trả kết quả mới: {due}.",
        "{unit} has received all that dossier {code} lacked. The result is now due on {due}.",
    ),
    K.SUPPLEMENT_LAPSED: _w(
        "Hồ sơ {code}: đã hết hạn bổ sung",
        "Dossier {code}: the time to complete it is over",
        "Đã hết hạn bổ sung của hồ sơ {code} (hết ngày {answer_by}) mà chưa nhận đủ. {unit} xem xét từ chối giải "
        "quyết; sau đó có thể nộp hồ sơ mới.",
        "The time to complete dossier {code} (the end of {answer_by}) is over, and not all has come. {unit} will "
        "refuse it; a new dossier can be submitted then.",
    ),
    K.DATE_MOVED: _w(
        "Hồ sơ {code} có ngày hẹn mới",
        "Dossier {code} has a new due date",
        "Ngày hẹn trả kết quả của hồ sơ {code} tại {unit} nay là {due}. Vì sao ngày thay đổi, xem ở trang của hồ sơ.",
        "The result of dossier {code} at {unit} is now due on {due}. Why the date moved is said on the dossier's page.",
    ),
    K.APOLOGY: _w(
        "Xin lỗi và hẹn lại ngày trả kết quả hồ sơ {code}",
        "Apology, and a new date for dossier {code}",
        "{unit} xin lỗi ông/bà vì chưa giải quyết xong hồ sơ {code} đúng hẹn. Ngày hẹn trả kết quả mới: {due}. Lý do "
        "ghi trong phiếu xin lỗi và hẹn lại, xem tại trang của hồ sơ.",
        "{unit} apologises: dossier {code} will not be done on the date promised. The result is now due on {due}. "
        "The reason is given in the letter of apology on the dossier's page.",
    ),
    K.STATUS_CHANGED: _w(
        "Hồ sơ {code}: {status}",
        "Dossier {code}: {status}",
        "Hồ sơ {code} chuyển sang trạng thái “{status}” tại {unit}. Ngày hẹn trả kết quả: {due}.",
        "Dossier {code} is now “{status}” at {unit}. The result is due on {due}.",
    ),
    K.DUTY_ASKED: _w(
        "Hồ sơ {code} chờ thực hiện nghĩa vụ tài chính",
        "Dossier {code} waits for a financial duty",
        "Hồ sơ {code} chờ thực hiện nghĩa vụ tài chính ({amount}), hạn đến hết ngày {answer_by}. Thời gian chờ "
        "không tính vào thời hạn giải quyết.",
        "Dossier {code} waits for a financial duty ({amount}) to be met by the end of {answer_by}. The wait is not "
        "counted in the legal term.",
    ),
    K.DUTY_CONFIRMED: _w(
        "Hồ sơ {code} đã hoàn thành nghĩa vụ tài chính",
        "The financial duty of dossier {code} is met",
        "{unit} đã xác nhận nghĩa vụ tài chính của hồ sơ {code}. Ngày hẹn trả kết quả mới: {due}.",
        "{unit} has confirmed the financial duty of dossier {code}. The result is now due on {due}.",
    ),
    K.RESULT_READY: _w(
        "Hồ sơ {code} đã có kết quả",
        "The result of dossier {code} is ready",
        "Kết quả của hồ sơ {code} “{procedure}” đã có tại {unit}. Cách nhận kết quả ghi ở trang của hồ sơ.",
        "The result of dossier {code} “{procedure}” is ready at {unit}. How to get it is said on the dossier's page.",
    ),
    K.RESULT_READY_EARLY: _w(
        "Hồ sơ {code} có kết quả trước hẹn",
        "The result of dossier {code} is ready early",
        "Kết quả của hồ sơ {code} “{procedure}” đã có tại {unit}, trước ngày hẹn {due}. Cách nhận kết quả ghi ở "
        "trang của hồ sơ.",
        "The result of dossier {code} “{procedure}” is ready at {unit}, before the due date {due}. How to get it is"
        " said on the dossier's page.",
    ),
    K.HANDED_OVER: _w(
        "Đã trả kết quả hồ sơ {code}",
        "The result of dossier {code} was handed over",
        "{unit} đã trả kết quả hồ sơ {code}. Nếu chưa nhận được, xin báo ngay cho bộ phận một cửa.",
        "{unit} has handed over the result of dossier {code}. If you did not get it, please tell the one-stop shop "
        "at once.",
    ),
    K.CORRECTED: _w(
        "Kết quả hồ sơ {code} được thu hồi để sửa",
        "The result of dossier {code} is being corrected",
        "{unit} thu hồi kết quả hồ sơ {code} để sửa và sẽ báo khi có kết quả mới. Xin lỗi vì sự bất tiện này.",
        "{unit} has taken back the result of dossier {code} to correct it and will tell you when it is ready. We "
        "apologise.",
    ),
    K.WITHDRAWAL_REQUESTED: _w(
        "Đã nhận đề nghị rút hồ sơ {code}",
        "Your wish to withdraw dossier {code} has arrived",
        "{unit} đã nhận đề nghị rút hồ sơ {code}. Bộ phận một cửa sẽ xác nhận việc rút hồ sơ.",
        "{unit} has got your wish to withdraw dossier {code}. The one-stop shop will confirm it.",
    ),
    K.WITHDRAWN: _w(
        "Hồ sơ {code} đã được rút",
        "Dossier {code} is withdrawn",
        "Việc rút hồ sơ {code} tại {unit} đã được xác nhận. Hồ sơ không được giải quyết tiếp.",
        "The withdrawal of dossier {code} at {unit} is confirmed. Nothing more is done about it.",
    ),
    K.STOPPED: _w(
        "Hồ sơ {code} dừng giải quyết",
        "Dossier {code} has been stopped",
        "Lãnh đạo {unit} quyết định dừng giải quyết hồ sơ {code}. Lý do xem tại trang của hồ sơ.",
        "The leader of {unit} has decided to stop dossier {code}. The reason is given on the dossier's page.",
    ),
    K.SUCCEEDED: _w(
        "Hồ sơ {code} do {unit} giải quyết tiếp",
        "Dossier {code} is now at {unit}",
        "Do sắp xếp đơn vị hành chính, hồ sơ {code} từ nay do {unit} giải quyết tiếp. Mã số và ngày hẹn giữ nguyên;"
        " không phải nộp lại giấy tờ.",
        "As the administrative units were rearranged, dossier {code} is from now on handled by {unit}. Its code and"
        " due date stay; nothing has to be handed in again.",
    ),
    K.AMENDED: _w(
        "Thông tin tiếp nhận hồ sơ {code} đã được đính chính",
        "The intake of dossier {code} was corrected",
        "{unit} đã đính chính thông tin tiếp nhận của hồ sơ {code} và lập lại giấy tiếp nhận; giấy cũ không còn dùng. "
        "Ngày hẹn trả kết quả: {due}.",
        "{unit} has corrected what was taken down for dossier {code}. A new receipt takes the place of the old one. "
        "The result is due on {due}.",
    ),
    K.STEPS_LATE: _w(
        "{count} hồ sơ đã quá thời gian của bước",
        "{count} dossier(s) past the time of their step",
        "Tại {unit} có thêm {count} hồ sơ đã quá thời gian dành cho bước đang làm mà chưa chuyển tiếp. Danh sách ở "
        "trang Nhắc việc.",
        "At {unit}, {count} more dossier(s) have passed the time of the step they are at. The page of reminders lists "
        "them.",
    ),
    K.STANDS_IN: _w(
        "Thay mặt {absent} từ {since} đến {until}",
        "You stand in for {absent} from {since} to {until}",
        "Từ ngày {since} đến hết ngày {until}, ông/bà thay mặt {absent} tại {unit}: giải quyết những hồ sơ mà người đó "
        "đang giữ. Danh sách ở trang Thay mặt.",
        "From {since} to the end of {until} you stand in for {absent} at {unit}, with the dossiers that they have. The "
        "page of stand-ins lists them.",
    ),
    K.STANDS_IN_NO_MORE: _w(
        "Thôi thay mặt {absent}",
        "You no longer stand in for {absent}",
        "{absent} tại {unit} trở lại làm việc, hoặc không vắng nữa (đã báo vắng từ {since} đến {until}): từ nay ông/bà "
        "không thay mặt người đó.",
        "{absent} at {unit} is back, or will not be away after all (from {since} to {until}, as was written down): you "
        "no longer stand in for them.",
    ),
    K.ACCOUNT_CONFIRMATION: _w(
        "Mã xác nhận tài khoản",
        "Code to confirm your account",
        "Mã xác nhận tài khoản là {secret}, dùng được trong {minutes} phút. Đừng đưa mã này cho ai; cán bộ một cửa "
        "không bao giờ hỏi mã.",
        "The code to confirm your account is {secret}, good for {minutes} minutes. Give it to nobody; no officer "
        "will ever ask for it.",
    ),
    K.ACCOUNT_EXISTS: _w(
        "Đã có tài khoản",
        "You already have an account",
        "Có người vừa đăng ký bằng liên hệ này, nhưng liên hệ này đã có tài khoản. Nếu là ông/bà, hãy đăng nhập "
        "hoặc đặt lại mật khẩu. Nếu không, xin bỏ qua tin này.",
        "Somebody tried to sign up with this contact, which already has an account. If it was you, sign in or reset"
        " your password. If not, please ignore this message.",
    ),
    K.NUMBER_TAKEN: _w(
        "Số định danh đã gắn với tài khoản khác",
        "Personal number belongs to another account",
        "Không tạo được tài khoản vì số định danh đã khai gắn với một tài khoản khác. Nếu đó là số của ông/bà, hãy "
        "đến bộ phận một cửa, mang theo căn cước.",
        "No account was made, as the personal number given belongs to another one. If it is yours, please come to a"
        " one-stop shop with your identity card.",
    ),
    K.HELP_ASKED: _w(
        "Mã đồng ý nhờ nộp hồ sơ hộ",
        "Code to let somebody hand in for you",
        "{helper} xin nộp hồ sơ hộ ông/bà. Nếu đồng ý, hãy đọc mã {secret} cho người đó trong {minutes} phút. Không "
        "đồng ý thì bỏ qua tin này. Liên kết dưới đây để kết thúc việc nộp hộ bất cứ lúc nào.",
        "{helper} asks to hand in dossiers for you. If you agree, tell them the code {secret} within {minutes} "
        "minutes; if not, ignore this message. By the link below you may end it at any time.",
    ),
    K.CONTACT_CONFIRMATION: _w(
        "Mã xác nhận liên hệ mới",
        "Code to confirm a new contact",
        "Mã xác nhận liên hệ mới là {secret}, dùng được trong {minutes} phút. Nếu ông/bà không yêu cầu, xin bỏ qua "
        "tin này.",
        "The code to confirm your new contact is {secret}, good for {minutes} minutes. If you did not ask for it, "
        "please ignore this message.",
    ),
    K.CONTACT_TAKEN: _w(
        "Liên hệ đã gắn với tài khoản khác",
        "This contact belongs to another account",
        "Có người vừa muốn thêm liên hệ này vào tài khoản của mình, nhưng liên hệ này đã có tài khoản khác. Không "
        "có gì thay đổi.",
        "Somebody tried to add this contact to their account, but it belongs to another one. Nothing was changed.",
    ),
    K.PASSWORD_RESET: _w(
        "Đặt lại mật khẩu",
        "Reset your password",
        "Mở liên kết dưới đây để đặt mật khẩu mới, dùng một lần trong {minutes} phút. Nếu ông/bà không yêu cầu, xin"
        " bỏ qua tin này: mật khẩu vẫn như cũ.",
        "Open the link below to set a new password, once, within {minutes} minutes. If you did not ask for it, "
        "please ignore this message: your password stays as it is.",
    ),
    K.PASSWORD_CHANGED: _w(
        "Mật khẩu đã được đổi",
        "Your password was changed",
        "Mật khẩu tài khoản vừa được đổi và mọi phiên đăng nhập đã kết thúc. Nếu không phải ông/bà, hãy đặt lại mật"
        " khẩu ngay.",
        "The password of your account was changed, and all sessions have ended. If it was not you, reset it at once.",
    ),
}

_GREETING: Final = Text(vi="Kính gửi ông/bà {name},", en="Dear {name},")
_NAMELESS: Final = Text(vi="Kính gửi ông/bà,", en="Dear Sir or Madam,")
_LINK: Final = Text(vi="Xem tại: {link}", en="See: {link}")
_FAREWELL: Final = Text(
    vi="Một Cửa Bảo Yên\nTin này được gửi tự động, xin đừng trả lời.",
    en="Một Cửa Bảo Yên\nThis message was sent automatically; please do not answer it.",
)


def places(text: str) -> frozenset[str]:
    """The {places} of a text."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def letter(kind: NoticeKind, language: str, values: Mapping[str, str]) -> Words:
    """A message as an e-mail, with greeting and farewell. Raises KeyError for a place without a value."""
    subject, text = _filled(kind, language, values)
    greeting = (_GREETING if values.get("name") else _NAMELESS).say(language)
    link = _LINK.say(language).format_map(values) if values.get("link") else ""
    parts = [greeting.format_map(values), text, link, _FAREWELL.say(language)]
    return Words(subject, "\n\n".join(part for part in parts if part) + "\n")


def short(kind: NoticeKind, language: str, values: Mapping[str, str]) -> Words:
    """The same as a text message: one paragraph and the link."""
    subject, text = _filled(kind, language, values)
    return Words(subject, " ".join(part for part in ("Một Cửa:", text, values.get("link", "")) if part))


def _filled(kind: NoticeKind, language: str, values: Mapping[str, str]) -> tuple[str, str]:
    wording = WORDINGS[kind]
    return wording.subject.say(language).format_map(values), wording.text.say(language).format_map(values)
