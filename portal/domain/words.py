"""What statuses, actions and roles are called, in both languages; official names are exact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from portal.domain.access import Role
from portal.domain.apologies import CAUSES
from portal.domain.bundles import GIVEN_UP
from portal.domain.corrections import AMENDMENT_REASONS, RECTIFICATION_REASONS, REVOCATION_REASONS
from portal.domain.custody import Office
from portal.domain.flow import Action, Status
from portal.domain.ledger import DueReason
from portal.domain.priority import Priority
from portal.domain.proof import Flaw
from procedures.model import Letter, Text


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


#: The national names of the statuses (domain 4.2).
STATUSES: Final[Mapping[Status, Text]] = {
    Status.REGISTERED: _t("Mới đăng ký", "Newly registered"),
    Status.RECEIVED: _t("Được tiếp nhận", "Received"),
    Status.NOT_RECEIVED: _t("Không được tiếp nhận", "Not received"),
    Status.PROCESSING: _t("Đang xử lý", "Being processed"),
    Status.SUPPLEMENT_ASKED: _t("Yêu cầu bổ sung giấy tờ", "More papers asked for"),
    Status.DUTY_ASKED: _t("Yêu cầu thực hiện nghĩa vụ tài chính", "Financial duty asked for"),
    Status.WITHDRAWN: _t("Công dân yêu cầu rút hồ sơ", "Withdrawn by the citizen"),
    Status.STOPPED: _t("Dừng xử lý", "Stopped"),
    Status.RESOLVED: _t("Đã xử lý xong", "Resolved"),
    Status.HANDED_OVER: _t("Đã trả kết quả", "Result handed over"),
}

#: What a button says.
ACTIONS: Final[Mapping[Action, Text]] = {
    Action.SUBMIT: _t("Nộp hồ sơ", "Submit the dossier"),
    Action.RECEIVE: _t("Tiếp nhận hồ sơ", "Receive the dossier"),
    Action.DECLINE: _t("Từ chối tiếp nhận", "Decline to receive"),
    Action.ASK_SUPPLEMENT: _t("Yêu cầu bổ sung", "Ask for a supplement"),
    Action.ANSWER_SUPPLEMENT: _t("Gửi bổ sung", "Send the supplement"),
    Action.ANSWER_BEFORE_RECEPTION: _t("Gửi bổ sung", "Send the supplement"),
    Action.FORWARD: _t("Chuyển bước tiếp theo", "Forward to the next step"),
    Action.SEND_BACK: _t("Trả lại bước trước", "Send back"),
    Action.ASK_DUTY: _t("Yêu cầu nghĩa vụ tài chính", "Ask for a financial duty"),
    Action.CONFIRM_DUTY: _t("Xác nhận đã nộp nghĩa vụ tài chính", "Confirm that the duty is paid"),
    Action.APPROVE: _t("Ký duyệt", "Approve and sign"),
    Action.REFUSE: _t("Từ chối giải quyết", "Refuse after appraisal"),
    Action.ISSUE: _t("Cấp số, đóng dấu", "Number and seal"),
    Action.HAND_OVER: _t("Trả kết quả", "Hand over the result"),
    Action.CORRECT: _t("Thu hồi để sửa kết quả", "Take back to correct the result"),
    Action.PAY_FEE: _t("Thu phí, lệ phí", "Take the fee"),
    Action.REQUEST_WITHDRAWAL: _t("Đề nghị rút hồ sơ", "Ask to withdraw"),
    Action.WITHDRAW: _t("Rút hồ sơ", "Withdraw"),
    Action.CONFIRM_WITHDRAWAL: _t("Xác nhận rút hồ sơ", "Confirm the withdrawal"),
    Action.KEEP: _t("Không rút hồ sơ nữa", "Do not withdraw after all"),
    Action.STOP: _t("Dừng giải quyết", "Stop the dossier"),
    Action.SUCCEED: _t("Chuyển sang đơn vị kế thừa", "Hand to the successor unit"),
    Action.PROPOSE_SUPPLEMENT: _t("Đề nghị yêu cầu bổ sung lần nữa", "Propose a further supplement"),
    Action.GRANT_SUPPLEMENT: _t("Đồng ý yêu cầu bổ sung lần nữa", "Allow the further supplement"),
    Action.DENY_SUPPLEMENT: _t("Không yêu cầu bổ sung lần nữa", "Do not allow the further supplement"),
    Action.LAPSE: _t("Hết hạn bổ sung", "The time for the supplement is over"),
    Action.BEGIN_INTERVAL: _t("Bắt đầu niêm yết, đo đạc, lấy ý kiến…", "Begin posting, measuring, an opinion…"),
    Action.END_INTERVAL: _t("Kết thúc niêm yết, đo đạc, lấy ý kiến…", "End posting, measuring, an opinion…"),
    Action.APOLOGISE: _t("Xin lỗi và hẹn lại", "Apologise and promise another date"),
    Action.RESCHEDULE: _t("Tính lại ngày hẹn", "Work out the date again"),
    Action.AMEND: _t("Đính chính thông tin tiếp nhận", "Correct the intake"),
    Action.RECTIFY: _t("Đính chính thủ tục, đơn vị, giờ tiếp nhận", "Correct the reception"),
    Action.REVOKE_SLIP: _t("Thu hồi giấy đã lập", "Revoke a paper"),
    Action.ADD_SCAN: _t("Thêm bản chụp giấy tờ", "Add a scan"),
}

#: What a timeline says happened.
DEEDS: Final[Mapping[Action, Text]] = {
    Action.SUBMIT: _t("Đã nộp hồ sơ", "Dossier submitted"),
    Action.RECEIVE: _t("Đã tiếp nhận hồ sơ", "Dossier received"),
    Action.DECLINE: _t("Đã từ chối tiếp nhận", "Reception declined"),
    Action.ASK_SUPPLEMENT: _t("Đã yêu cầu bổ sung, hoàn thiện hồ sơ", "Supplement asked for"),
    Action.ANSWER_SUPPLEMENT: _t("Đã nhận đủ hồ sơ bổ sung", "Supplement received in full"),
    Action.ANSWER_BEFORE_RECEPTION: _t("Đã gửi hồ sơ bổ sung", "Supplement sent"),
    Action.FORWARD: _t("Đã chuyển bước tiếp theo", "Forwarded"),
    Action.SEND_BACK: _t("Đã trả lại bước trước", "Sent back"),
    Action.ASK_DUTY: _t("Đã yêu cầu thực hiện nghĩa vụ tài chính", "Financial duty asked for"),
    Action.CONFIRM_DUTY: _t("Đã hoàn thành nghĩa vụ tài chính", "Financial duty met"),
    Action.APPROVE: _t("Đã ký duyệt", "Approved and signed"),
    Action.REFUSE: _t("Đã ký từ chối giải quyết", "Refusal signed"),
    Action.ISSUE: _t("Đã cấp số, đóng dấu kết quả", "Result numbered and sealed"),
    Action.HAND_OVER: _t("Đã trả kết quả", "Result handed over"),
    Action.CORRECT: _t("Đã thu hồi kết quả để sửa", "Result taken back for correction"),
    Action.PAY_FEE: _t("Đã nộp phí, lệ phí", "Fee paid"),
    Action.REQUEST_WITHDRAWAL: _t("Công dân đề nghị rút hồ sơ", "Withdrawal asked for"),
    Action.WITHDRAW: _t("Công dân đã rút hồ sơ", "Withdrawn"),
    Action.CONFIRM_WITHDRAWAL: _t("Đã xác nhận rút hồ sơ", "Withdrawal confirmed"),
    Action.KEEP: _t("Công dân không rút hồ sơ nữa", "Withdrawal taken back"),
    Action.STOP: _t("Đã dừng giải quyết", "Stopped"),
    Action.SUCCEED: _t("Đã chuyển sang đơn vị kế thừa", "Handed to the successor unit"),
    Action.PROPOSE_SUPPLEMENT: _t("Đã đề nghị yêu cầu bổ sung thêm lần nữa", "Further supplement proposed"),
    Action.GRANT_SUPPLEMENT: _t("Lãnh đạo đồng ý yêu cầu bổ sung lần nữa", "Further supplement allowed and asked for"),
    Action.DENY_SUPPLEMENT: _t("Không yêu cầu bổ sung lần nữa", "Further supplement not allowed"),
    Action.LAPSE: _t("Hết hạn bổ sung mà chưa nhận đủ", "The time for the supplement is over"),
    Action.BEGIN_INTERVAL: _t("Bắt đầu việc có thời gian riêng", "Interval begun"),
    Action.END_INTERVAL: _t("Kết thúc việc có thời gian riêng", "Interval ended"),
    Action.APOLOGISE: _t("Đã xin lỗi và hẹn lại ngày trả kết quả", "Apologised, with a new date"),
    Action.RESCHEDULE: _t("Đã tính lại ngày hẹn theo lịch nghỉ mới", "Due date worked out again by the new calendar"),
    Action.AMEND: _t("Đã đính chính thông tin tiếp nhận", "Intake corrected"),
    Action.RECTIFY: _t(
        "Đã đính chính thủ tục, đơn vị hoặc giờ tiếp nhận", "Procedure, unit or time of reception corrected"
    ),
    Action.REVOKE_SLIP: _t("Đã thu hồi một giấy đã lập", "A paper was revoked"),
    Action.ADD_SCAN: _t("Đã thêm bản chụp giấy tờ vào hồ sơ", "A scan of a paper was added"),
}

#: The roles (domain 4.1).
ROLES: Final[Mapping[Role, Text]] = {
    Role.CITIZEN: _t("Người nộp hồ sơ", "Applicant"),
    Role.ONE_STOP_OFFICER: _t("Cán bộ một cửa", "One-stop officer"),
    Role.SPECIALIST: _t("Chuyên viên", "Specialist"),
    Role.HEAD_OF_OFFICE: _t("Lãnh đạo phòng", "Head of office"),
    Role.LEADER: _t("Lãnh đạo UBND", "Leader of the People's Committee"),
    Role.CLERK: _t("Văn thư", "Clerk"),
    Role.POLICE_OFFICER: _t("Cán bộ cư trú Công an cấp xã", "Police officer for residence"),
    Role.POLICE_HEAD: _t("Trưởng Công an cấp xã", "Head of the commune police"),
    Role.REGISTRY_OFFICER: _t("Cán bộ Chi nhánh Văn phòng đăng ký đất đai", "Land registry officer"),
    Role.REGISTRY_HEAD: _t("Lãnh đạo Chi nhánh Văn phòng đăng ký đất đai", "Head of the land registry branch"),
    Role.MANAGER: _t("Lãnh đạo theo dõi, thống kê", "Manager"),
    Role.ADMINISTRATOR: _t("Quản trị hệ thống", "Administrator"),
    Role.SYSTEM: _t("Hệ thống Một Cửa", "The portal"),
}

#: The letters that go with a result.
LETTERS: Final[Mapping[str, Text]] = {
    Letter.BIRTH: _t("Thư chúc mừng", "Letter of congratulation"),
    Letter.MARRIAGE: _t("Thư chúc mừng", "Letter of congratulation"),
    Letter.CONDOLENCE: _t("Thư chia buồn", "Letter of condolence"),
}

#: The offices of a unit between which dossiers go.
OFFICES: Final[Mapping[Office, Text]] = {
    Office.SHOP: _t("Bộ phận tiếp nhận và trả kết quả", "One-stop shop"),
    Office.SPECIALIST: _t("Phòng chuyên môn", "Specialist office"),
    Office.LEADERSHIP: _t("Lãnh đạo và văn thư", "Leaders and clerks"),
    Office.POLICE: _t("Công an cấp xã", "Commune police"),
    Office.REGISTRY: _t("Chi nhánh Văn phòng đăng ký đất đai", "Land registry branch"),
}

#: What is to be done next ("rõ việc") in a status that does not depend on the route's step.
NEXT: Final[Mapping[Status, Text]] = {
    Status.REGISTERED: _t("Kiểm tra và tiếp nhận hồ sơ", "Check and receive the dossier"),
    Status.SUPPLEMENT_ASKED: _t("Bổ sung, hoàn thiện hồ sơ", "Supply what is missing"),
    Status.DUTY_ASKED: _t("Thực hiện nghĩa vụ tài chính", "Meet the financial duty"),
    Status.RESOLVED: _t("Nhận kết quả", "Collect the result"),
}

#: The reasons that are no procedure's own, by code (`flow.STANDING_REASONS`; legs of bundles).
STANDING_REASONS: Final[Mapping[str, Text]] = {
    "applicant_wish": _t("Theo đề nghị của người nộp hồ sơ", "At the applicant's wish"),
    **CAUSES,
    **AMENDMENT_REASONS,
    **RECTIFICATION_REASONS,
    **REVOCATION_REASONS,
    "unanswered": _t("Không bổ sung trong thời hạn", "Not completed in time"),
    "leg_before": _t("Thủ tục phải xong trước không được giải quyết", "The procedure before it was not granted"),
}

#: What the applicant can still do, or need not do, once a dossier has ended.
AFTERWARDS: Final[Mapping[Status, Text]] = {
    Status.NOT_RECEIVED: _t(
        "Hồ sơ không được tiếp nhận và đã khép lại; lý do ghi ở phiếu từ chối. Sửa theo lý do đó rồi có thể nộp "
        "hồ sơ mới.",
        "The dossier was not received and is closed; the slip of refusal says why. Once that is corrected, a new one "
        "can be submitted.",
    ),
    Status.WITHDRAWN: _t(
        "Hồ sơ đã rút theo yêu cầu của người nộp và không mở lại được. Muốn làm tiếp thì nộp hồ sơ mới.",
        "The dossier was withdrawn as the applicant asked and cannot be opened again. To go on, submit a new one.",
    ),
    Status.STOPPED: _t(
        "Lãnh đạo đã dừng giải quyết và báo lý do cho người nộp. Hồ sơ không mở lại được; khi không còn lý do đó thì "
        "có thể nộp hồ sơ mới.",
        "A leader has stopped the dossier and told the applicant why. It cannot be opened again; once the reason is "
        "gone, a new one can be submitted.",
    ),
    Status.HANDED_OVER: _t(
        "Kết quả đã được trả; hồ sơ đã xong, không còn việc nào phải làm.",
        "The result was handed over; the dossier is done and nothing is left to do.",
    ),
}


#: The interval in which another body gives its opinion.
CONSULTATION: Final = _t("Lấy ý kiến cơ quan khác", "Opinion of another body")

#: What is next for a leg of a bundle whose turn has not come.
WAIT_FOR_A_LEG: Final = _t("Chờ kết quả của thủ tục trước", "Wait for the result of the procedure before it")


#: What a head has to do while a further round of supplements is proposed.
SETTLE_A_PROPOSAL: Final = _t(
    "Quyết định có yêu cầu bổ sung lần nữa không", "Decide whether a further supplement is asked for"
)


def next_work(
    status: Status, step: Text, *, answered_early: bool, holder: str | None = None, proposed: bool = False
) -> Text:
    """What is to be done next; `step` is the title of the route's step it is at, `holder` the role that has to act.

    `answered_early`: a supplement asked before reception is answered, and waits for an officer to accept it.
    `proposed`: a further round of supplements waits for a head's consent.
    """
    if proposed:
        return SETTLE_A_PROPOSAL
    if holder == Role.SYSTEM:
        return WAIT_FOR_A_LEG
    return NEXT[Status.REGISTERED] if answered_early else NEXT.get(status, step)


#: On which notice a due date was worked out again, with the notice's day where it is known.
BY_NOTICE_OF_A_DAY: Final = _t("Thông báo số {number} ngày {day}", "By notice no. {number} of {day}")
BY_NOTICE: Final = _t("Thông báo số {number}", "By notice no. {number}")


def said_with_an_event(said: str, role: str, language: str) -> str:
    """The words of an event: people's as they wrote them, the portal's own in the reader's language.

    The log keeps those in Vietnamese, as they were told to the applicant.
    """
    for text in (BY_NOTICE_OF_A_DAY, BY_NOTICE, GIVEN_UP) if role == Role.SYSTEM and language == "en" else ():
        if found := re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(text.vi)), said):
            return text.en.format(**found.groupdict())
    return said


#: Why a due date stands as it does.
DUE_REASONS: Final[Mapping[DueReason, Text]] = {
    DueReason.RECEIVED: _t("Tiếp nhận hồ sơ", "Dossier received"),
    DueReason.RECTIFIED: _t(
        "Đính chính việc tiếp nhận, thời hạn tính lại", "Reception corrected, the term worked out again"
    ),
    DueReason.SUPPLEMENT_RESTART: _t(
        "Đã nhận đủ hồ sơ bổ sung, thời hạn tính lại từ đầu", "Supplement received in full, the term starts again"
    ),
    DueReason.SUPPLEMENT_RESUME: _t(
        "Đã nhận đủ hồ sơ bổ sung, không tính thời gian chờ", "Supplement received in full, the wait is not counted"
    ),
    DueReason.DUTY_RESUME: _t(
        "Đã hoàn thành nghĩa vụ tài chính, không tính thời gian chờ", "Financial duty met, the wait is not counted"
    ),
    DueReason.INTERVAL_BEGUN: _t(
        "Bắt đầu việc mà pháp luật không tính vào thời hạn", "Work began whose time the law does not count"
    ),
    DueReason.INTERVAL_ENDED: _t(
        "Việc không tính vào thời hạn xong sớm hơn dự kiến",
        "Work whose time is not counted was done sooner than planned",
    ),
    DueReason.INTERVAL_RESUME: _t(
        "Xong việc mà pháp luật không tính vào thời hạn", "Work whose time the law does not count is done"
    ),
    DueReason.APOLOGY: _t("Cơ quan xin lỗi và hẹn lại", "The office apologised and promised another date"),
    DueReason.CALENDAR_CHANGED: _t("Lịch nghỉ vừa được công bố", "Days off announced meanwhile"),
}

CHANNELS: Final[Mapping[str, Text]] = {
    "online": _t("Trực tuyến", "Online"),
    "counter": _t("Trực tiếp", "At the counter"),
    "post": _t("Bưu chính công ích", "By post"),
}

#: How dossiers come that an officer enters, the most frequent way first.
AT_THE_COUNTER: Final[Mapping[str, Text]] = {
    "counter": CHANNELS["counter"],
    "post": CHANNELS["post"],
    "online": _t("Trực tuyến, làm giúp tại quầy", "Online, with help at the counter"),
}

#: Who is helped first at the counter.
PRIORITIES: Final[Mapping[str, Text]] = {
    Priority.MERIT: _t("Người có công với cách mạng", "People of merit to the revolution"),
    Priority.ELDERLY: _t("Người cao tuổi", "Elderly people"),
    Priority.DISABLED: _t("Người khuyết tật", "People with disabilities"),
    Priority.POOR: _t("Người nghèo", "Poor people"),
    Priority.PREGNANT: _t("Phụ nữ mang thai", "Pregnant women"),
    Priority.ORPHAN: _t("Trẻ mồ côi", "Orphans"),
}

#: What the nightly proof can find.
FLAWS: Final[Mapping[Flaw, Text]] = {
    Flaw.CHAIN: _t("Nhật ký bị sửa, thiếu hoặc thừa sự kiện", "An event of the log was changed, taken out or put in"),
    Flaw.HEAD: _t(
        "Nhật ký không kết thúc ở sự kiện cuối của hồ sơ", "The log does not end with the dossier's last event"
    ),
    Flaw.STATUS: _t("Trạng thái không khớp sự kiện cuối", "The status is not that of the last event"),
    Flaw.STEP: _t("Bước xử lý không khớp sự kiện cuối", "The step is not that of the last event"),
    Flaw.DUE: _t("Ngày hẹn không khớp sổ ngày hẹn", "The due date is not the one its ledger comes to"),
    Flaw.LEDGER: _t("Dòng sổ ngày hẹn không có sự kiện cùng lúc", "A row of the ledger has no event of its own"),
    Flaw.ROUNDS: _t("Số lần bổ sung không khớp nhật ký", "The number of supplements is not the one in the log"),
    Flaw.PUBLICATION: _t("Nhật ký công bố bị sửa", "The log of publications was changed"),
}
