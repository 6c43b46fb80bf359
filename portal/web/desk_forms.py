"""What each action of the desk asks for: its questions as a table, read back as a deed with nothing typed lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from portal.domain import casework, clock, kinds, supplements, words
from portal.domain.apologies import CAUSES, proposed_date
from portal.domain.casework import Request
from portal.domain.flow import Action
from portal.domain.kinds import Context, Refusal
from portal.domain.moment import office_day
from portal.usecases import law, letters, reminders
from portal.usecases.dossiers import REFUSALS, SHORTEST_REASON, Opened
from portal.usecases.scenes import Deed
from procedures.model import Choice, Field, Kind, Procedure, Reason, TermCase, Text

#: The reason's code of actions whose reason is said in words alone.
OTHER: Final = "other"
OTHER_REASON: Final = Text(vi="Lý do khác", en="Another reason")
#: How long an applicant has to answer where the procedure does not say.
WORKING_DAYS_TO_ANSWER: Final = 10
MOST_WORDS: Final = 2000
#: No account has a number of so many digits.
MOST_DIGITS: Final = 19
#: The longest time that an applicant is given to answer or to pay: no calendar reaches for ever.
LONGEST_WAIT: Final = timedelta(days=366)


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


def _words(label: Text, hint: Text | None = None, *, required: bool = True) -> Field:
    return Field(key="words", kind=Kind.LONG_TEXT, label=label, hint=hint, required=required, max_length=MOST_WORDS)


_REASON: Final = Field(key="reason", kind=Kind.CHOICE, label=_t("Lý do", "Reason"))
_WHY: Final = _words(
    _t("Nội dung lý do", "The reason in words"),
    _t(
        f"Ghi rõ căn cứ, ít nhất {SHORTEST_REASON} ký tự; người nộp đọc được.",
        f"Say on what ground, in at least {SHORTEST_REASON} letters; the applicant reads it.",
    ),
)
_INSIDE: Final = _words(_t("Ý kiến", "Note"), required=False)
_BACK: Final = _words(_t("Lý do trả lại", "Why it goes back"))
_STEP: Final = Field(key="to_step", kind=Kind.CHOICE, label=_t("Trả về bước", "Back to the step"))
_ANSWER_BY: Final = Field(
    key="answer_by", kind=Kind.DATE, label=_t("Bổ sung trước hết ngày", "To be answered by the end of"), min="today"
)
_PAY_BY: Final = Field(
    key="answer_by", kind=Kind.DATE, label=_t("Nộp trước hết ngày", "To be paid by the end of"), min="today"
)
_AMOUNT: Final = Field(
    key="amount",
    kind=Kind.MONEY,
    label=_t("Số tiền", "Amount"),
    hint=_t("Để trống nếu cơ quan thuế chưa thông báo.", "Leave empty if the tax office has not said yet."),
    required=False,
)
_NUMBER: Final = Field(
    key="number", kind=Kind.TEXT, label=_t("Số biên lai, chứng từ", "Number of the receipt"), max_length=64
)
_NUMBER_ON_IT: Final = Field(
    key="number",
    kind=Kind.TEXT,
    label=_t("Số, ký hiệu ghi trên văn bản đính kèm", "Number on the attached paper"),
    hint=_t(
        "Ví dụ: 15/GPXD. Để trống nếu văn bản chưa có số: cấp số kế tiếp trong sổ.",
        "For example: 15/GPXD. Leave empty if it bears none: it gets the next number of the book.",
    ),
    required=False,
    max_length=64,
)
_SIGNED: Final = Field(
    key="file",
    kind=Kind.TEXT,
    label=_t("Văn bản kết quả đã ký, đóng dấu", "The result as signed and sealed"),
    hint=_t(
        "Tệp PDF ký số hoặc bản quét; được giữ nguyên làm kết quả của hồ sơ.",
        "A PDF, signed digitally or scanned; it is kept as it is and becomes the dossier's result.",
    ),
    required=False,
)
_TERM_CASE: Final = Field(
    key="term_case",
    kind=Kind.CHOICE,
    label=_t("Trường hợp giải quyết", "Case that applies"),
    hint=_t("Quyết định thời hạn và ngày hẹn trả.", "It decides the term and the due date."),
)
#: The term is the one that the answers tell.
AS_DECLARED: Final = Choice(value="as_declared", label=_t("Theo tờ khai", "As the form says"))
_WISH: Final = _words(
    _t("Lý do người nộp nêu", "The applicant's reason"),
    _t("Người nộp không bắt buộc phải nêu lý do.", "The applicant need not give one."),
    required=False,
)


_INTERVAL: Final = Field(key="interval", kind=Kind.CHOICE, label=_t("Việc", "What"))
_BODY: Final = Field(
    key="body",
    kind=Kind.TEXT,
    label=_t("Hỏi ý kiến cơ quan nào", "Which body is asked"),
    hint=_t("Chỉ điền khi lấy ý kiến.", "Only where an opinion is asked for."),
    required=False,
    max_length=200,
)
_PROMISED: Final = Field(
    key="promised",
    kind=Kind.DATE,
    label=_t("Hẹn lại ngày", "The new date"),
    hint=_t(
        "Ngày cổng tính từ việc còn lại; chỉ được hẹn lại một lần.",
        "Computed from the work that is left; it can be promised once only.",
    ),
    min="today",
)


_FETCHED_BY: Final = Field(
    key="fetched_by",
    kind=Kind.TEXT,
    label=_t("Người nhận kết quả", "Who collects it"),
    hint=_t("Để trống nếu là người nộp hồ sơ.", "Leave empty if it is the applicant."),
    required=False,
    max_length=200,
)
_SHOWN: Final = Field(
    key="shown",
    kind=Kind.TEXT,
    label=_t("Giấy tờ xuất trình", "Paper shown"),
    hint=_t("Ví dụ: giấy hẹn trả, căn cước, giấy ủy quyền.", "For example: the receipt, an identity card."),
    required=False,
    max_length=200,
)


_NO_LETTER: Final = Field(
    key="without_letter",
    kind=Kind.YES_NO,
    label=_t("Không kèm thư chúc mừng, chia buồn", "No letter of congratulation or condolence"),
    hint=_t(
        "Chọn Có khi thư không hợp hoàn cảnh, ví dụ trẻ đã mất.",
        "Choose Yes where a letter does not fit, for example where the child has died.",
    ),
    required=False,
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What one action asks for and how its block looks.

    `items`: whether what is missing is to be chosen; `file`: a file that may come with it.
    """

    questions: tuple[Field, ...] = ()
    items: bool = False
    icon: str = "right"
    kind: str = ""
    text: Text | None = None
    file: Field | None = None


#: Every action that is done at the desk, but for answers to a supplement, which have pages of their own.
ASKS: Final[Mapping[Action, Ask]] = {
    Action.RECEIVE: Ask((_TERM_CASE,), icon="stamp", kind="good"),
    Action.ASK_SUPPLEMENT: Ask(
        (_words(_t("Hướng dẫn thêm", "Further guidance"), required=False), _ANSWER_BY),
        items=True,
        icon="pause",
    ),
    Action.PROPOSE_SUPPLEMENT: Ask(
        (_words(_t("Hướng dẫn thêm", "Further guidance"), required=False), _ANSWER_BY),
        items=True,
        icon="pause",
        text=_t(
            "Đã yêu cầu bổ sung một lần sau khi tiếp nhận. Yêu cầu lần nữa phải được lãnh đạo đồng ý, và hồ sơ bị tính "
            "là quá hạn trong bộ chỉ số.",
            "A supplement was asked for once since reception. Another needs a head's consent, and the dossier counts "
            "as late in the indicators.",
        ),
    ),
    Action.GRANT_SUPPLEMENT: Ask(icon="pause", kind="good"),
    Action.DENY_SUPPLEMENT: Ask((_INSIDE,), icon="back"),
    Action.FORWARD: Ask((_INSIDE,), icon="right", kind="good"),
    Action.APPROVE: Ask((_INSIDE,), icon="sign", kind="good"),
    Action.ISSUE: Ask(
        (_NUMBER_ON_IT, _NO_LETTER),
        icon="stamp",
        kind="good",
        text=_t(
            "Không đính kèm gì thì văn bản kết quả được cấp số kế tiếp trong sổ và lập từ nội dung hồ sơ.",
            "With nothing attached, the result gets the next number of the book and is made from the dossier.",
        ),
        file=_SIGNED,
    ),
    Action.HAND_OVER: Ask(
        (
            _FETCHED_BY,
            _SHOWN,
            _words(
                _t("Trả cho ai, bằng cách nào", "To whom, and how"),
                _t("Ví dụ: trả trực tiếp cho người nộp, có giấy hẹn.", "For example: to the applicant in person."),
            ),
        ),
        icon="handover",
        kind="good",
    ),
    Action.PAY_FEE: Ask((_NUMBER,), icon="money"),
    Action.ASK_DUTY: Ask((_AMOUNT, _words(_t("Nội dung nghĩa vụ", "What is to be paid")), _PAY_BY), icon="money"),
    Action.CONFIRM_DUTY: Ask((_NUMBER,), icon="money", kind="good"),
    Action.BEGIN_INTERVAL: Ask((_INTERVAL, _BODY, _INSIDE), icon="pause"),
    Action.END_INTERVAL: Ask((_INTERVAL, _words(_t("Kết quả", "What came of it"))), icon="check", kind="good"),
    Action.APOLOGISE: Ask(
        (
            Field(key="reason", kind=Kind.CHOICE, label=_t("Nguyên nhân", "Cause")),
            _WHY,
            _PROMISED,
        ),
        icon="clock",
        text=_t(
            "Phiếu xin lỗi và hẹn lại được lập và gửi ngay cho người nộp; ngày hẹn mới thay ngày hẹn cũ.",
            "The letter of apology is made out and sent at once; the new date takes the old one's place.",
        ),
    ),
    Action.SEND_BACK: Ask((_STEP, _BACK), icon="back"),
    Action.CORRECT: Ask((_STEP, _BACK), icon="back"),
    Action.CONFIRM_WITHDRAWAL: Ask((_INSIDE,), icon="check"),
    Action.KEEP: Ask((_INSIDE,), icon="back"),
    Action.REQUEST_WITHDRAWAL: Ask((_WISH,), icon="back"),
    Action.WITHDRAW: Ask((_WISH,), icon="back", kind="danger"),
    Action.DECLINE: Ask((_REASON, _WHY), icon="cross", kind="danger"),
    Action.REFUSE: Ask((_REASON, _WHY), icon="cross", kind="danger"),
    Action.STOP: Ask((_WHY,), icon="stop", kind="danger"),
}
#: Answers that are kept with the event as they are.
_KEPT: Final = ("fetched_by", "shown", "without_letter")
#: Actions whose reason has only words; its code is always OTHER.
_REASON_IN_WORDS: Final = frozenset({Action.SEND_BACK, Action.CORRECT, Action.STOP})

FAULTS: Final[Mapping[str, Text]] = {
    "required": kinds.REQUIRED,
    "too_short": _t(
        f"Cần ít nhất {SHORTEST_REASON} ký tự để người nộp hiểu vì sao.",
        f"At least {SHORTEST_REASON} letters, so that the applicant understands why.",
    ),
    "unknown": _t("Xin chọn một trong các mục đã cho.", "Choose one of the answers given."),
    "only_attached": _t(
        "Chỉ ghi số khi đính kèm văn bản; nếu cổng lập văn bản thì số lấy từ sổ.",
        "Only an attached paper bears a number already; one that the portal makes gets it from the book.",
    ),
    "given_already": _t("Số này đã cấp cho văn bản khác trong sổ.", "Another paper in the book has this number."),
    "too_late": _t(
        "Đã quá lúc được xin lỗi và hẹn lại: chậm nhất một ngày làm việc trước ngày hẹn.",
        "Too late to promise another date: it must be done a working day before the old one.",
    ),
    "not_later": _t("Ngày hẹn lại phải sau ngày hẹn cũ.", "The new date must lie after the old one."),
    "beyond_the_law": _t(
        "Pháp luật không cho gia hạn lâu đến thế với thủ tục này.",
        "The law does not let this procedure be prolonged that long.",
    ),
    "receipt_used": _t("Số biên lai này đã ghi cho hồ sơ khác.", "This receipt's number stands with another dossier."),
    "not_the_fee": _t("Số tiền không khớp với phí của hồ sơ.", "The amount is not the fee of the dossier."),
}
_TOO_FAR: Final = _t("Chọn ngày trong vòng một năm.", "Choose a day within a year.")
_NO_ITEM: Final = _t("Chọn ít nhất một mục cần bổ sung.", "Choose at least one item.")
_NO_REASON: Final = _t("Chọn lý do của mục này.", "Choose the reason for this item.")
_NO_WORDS: Final = _t("Ghi rõ mục này thiếu hoặc sai gì.", "Say what is missing or wrong here.")
#: No browser sends a file a second time by itself.
CHOOSE_AGAIN: Final = _t("Hãy chọn lại tệp.", "Please choose the file again.")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be asked for: a component or a page of the form; `key` names it in a supplement.

    `why` and `words` say what was found wrong with it, once it was asked for.
    """

    key: str
    kind: str
    of: str
    title: Text
    why: Text | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One action's block on a dossier's page; `typed` and `errors` go by the names of inputs.

    `reasons` are those that can be given for an item.
    """

    action: Action
    ask: Ask
    questions: tuple[Field, ...]
    items: tuple[Item, ...]
    reasons: tuple[Choice, ...] = ()
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, Text] = field(default_factory=dict)
    open: bool = False

    def name(self, key: str) -> str:
        """The name of an input: several blocks stand on one page."""
        return f"{self.action.value}-{key}"

    def said(self, key: str) -> Sequence[str]:
        """What stands in an input."""
        return self.typed.get(self.name(key), ())

    def said_of(self, item: Item) -> str:
        """What was written about an item."""
        return next(iter(self.said(f"says-{item.key}")), "")

    def reason_of(self, item: Item) -> str:
        """The code of the reason that was chosen for an item."""
        return next(iter(self.said(f"why-{item.key}")), "")

    @property
    def over(self) -> int | None:
        """The colleague in whose place it is knowingly done."""
        said = next(iter(self.said("over")), "")
        return int(said) if said.isdecimal() and len(said) < MOST_DIGITS else None

    def filled(self, posted: MultiDict[str, str]) -> ActionForm:
        """The form with what was sent, open."""
        names = {self.name(key) for key in (*(question.key for question in self.questions), "items", "over")}
        names |= {self.name(f"{part}-{item.key}") for item in self.items for part in ("why", "says")}
        return replace(self, typed={name: posted.getlist(name) for name in names}, open=True)

    def told(self) -> list[tuple[Text | None, str]]:
        """What was typed, with its labels, to be copied where the form itself can no longer be sent."""
        chosen = {choice.value: choice.label.vi for question in self.questions for choice in question.choices}
        lines: list[tuple[Text | None, str]] = [
            (question.label, chosen.get(text, text))
            for question in self.questions
            for text in self.said(question.key)
            if text.strip()
        ]
        reasons = {reason.value: reason.label.vi for reason in self.reasons}
        for item in self.items:
            said = [text for text in (reasons.get(self.reason_of(item)), self.said_of(item).strip()) if text]
            if said:
                lines.append((item.title, ". ".join(said)))
        return lines


def form(action: Action, opened: Opened, at: datetime) -> ActionForm:
    """The block of an action, with what can be proposed filled in."""
    ask = ASKS[action]
    questions = tuple(_with_choices(question, action, opened, at) for question in ask.questions)
    # Where no case is left to the officer, there is nothing to choose; without consultation, nobody to ask.
    asked = {
        "term_case": len(questions[0].choices) > 1 if questions else False,
        "body": _may_consult(opened),
        "without_letter": letters.offered(opened.dossier),
    }
    questions = tuple(question for question in questions if asked.get(question.key, True))
    reasons = _choices(opened.procedure.supplements) if ask.items else ()
    blank = ActionForm(action, ask, questions, _items(ask, opened), reasons)
    typed = {}
    if any(question.key == "answer_by" for question in questions):
        typed[blank.name("answer_by")] = [f"{_answer_by(opened, at):%d/%m/%Y}"]
    if action is Action.APOLOGISE:
        typed[blank.name("promised")] = [f"{_proposed_date(opened, at):%d/%m/%Y}"]
    if questions and (len(questions[0].choices) == 1 or questions[0].key == "term_case"):
        typed[blank.name(questions[0].key)] = [questions[0].choices[0].value]
    prepared = action is Action.APOLOGISE and opened.dossier.apology_by is not None
    return replace(blank, typed=typed, open=prepared)


def _with_choices(question: Field, action: Action, opened: Opened, at: datetime) -> Field:
    if question.key == "term_case":
        return term_case(law.catalogue().in_force(opened.dossier.procedure, law.office_day(at)))
    if question.key == "interval":
        return question.model_copy(update={"choices": _intervals(opened, begun=action is Action.END_INTERVAL)})
    if question.key == "reason" and action is Action.APOLOGISE:
        return question.model_copy(update={"choices": tuple(Choice(value=k, label=t) for k, t in CAUSES.items())})
    if question.key == "reason":
        return question.model_copy(update={"choices": _choices(opened.procedure.refusals)})
    if question.key == "to_step":
        steps = tuple(Choice(value=step.key, label=step.title) for step in reversed(opened.earlier_steps))
        return question.model_copy(update={"choices": steps})
    return question


def _choices(reasons: Sequence[Reason]) -> tuple[Choice, ...]:
    return tuple(Choice(value=reason.code, label=reason.text) for reason in reasons)


def _intervals(opened: Opened, *, begun: bool) -> tuple[Choice, ...]:
    """The intervals that go on, or those that could begin."""
    titles = {interval.key: interval.title for interval in opened.procedure.intervals}
    titles[law.CONSULTATION] = words.CONSULTATION
    keys = [key for key in opened.rules.interludes if (key in opened.case.intervals) is begun]
    return tuple(Choice(value=key, label=titles[key]) for key in keys)


def _may_consult(opened: Opened) -> bool:
    """Whether the opinion of another body could be asked for now."""
    return law.CONSULTATION in opened.rules.interludes and law.CONSULTATION not in opened.case.intervals


def too_late(opened: Opened, at: datetime) -> bool:
    """Whether no other date can be promised any more."""
    moment = law.moment(opened.dossier.desk_unit, at, opened.dossier.sector)
    return at > casework.apology_by(opened.case, opened.rules, moment)


def _proposed_date(opened: Opened, at: datetime) -> date:
    """The date of the apology that the portal has prepared, or the one that the work left leads to now."""
    if (prepared := reminders.promised(opened.dossier)) is not None:
        return prepared
    moment = law.moment(opened.dossier.desk_unit, at, opened.dossier.sector)
    return office_day(proposed_date(opened.case, opened.rules, moment))


def term_case(procedure: Procedure) -> Field:
    """The question which case of the term applies: what the answers tell, or one that only an officer can tell."""
    told = (Choice(value=case.key, label=_with_term(case)) for case in procedure.officers_cases)
    return _TERM_CASE.model_copy(update={"choices": (AS_DECLARED, *told)})


def chosen_case(value: str | None) -> str | None:
    """The officer's answer to `term_case`; None for what the answers tell."""
    return None if value in (None, "", AS_DECLARED.value) else value


def _with_term(case: TermCase) -> Text:
    return Text(vi=f"{case.title.vi}: {case.term.words('vi')}", en=f"{case.title.en}: {case.term.words('en')}")


def _items(ask: Ask, opened: Opened) -> tuple[Item, ...]:
    procedure = opened.procedure
    if not ask.items:
        return ()
    components = [Item(f"component-{key}", "component", key, title) for key, title in procedure.papers.items()]
    return (*components, *(Item(f"section-{s.key}", "section", s.key, s.title) for s in procedure.form))


def asked_item(opened: Opened, kept: Mapping[str, Any], of_round: str) -> Item:
    """An item of a supplement as it was asked for; `of_round` is the reason of the whole round."""
    kind = "component" if kept.get("component") else "section"
    of = str(kept.get(kind, ""))
    pages = {section.key: section.title for section in opened.procedure.form}
    titles = opened.procedure.papers if kind == "component" else pages
    title = titles.get(of) or Text(vi=of or "–", en=of or "–")
    reasons = {reason.code: reason.text for reason in opened.procedure.supplements}
    why = reasons.get(supplements.reason_of(kept, of_round))
    return Item(str(kept["key"]), kind, of, title, why, str(kept.get("words", "")))


def _answer_by(opened: Opened, at: datetime) -> date:
    """The day proposed for an answer: what the procedure gives the applicant, counted from now."""
    calendar = law.calendar(opened.dossier.desk_unit, opened.dossier.sector)
    if (term := opened.procedure.supplement.answer_within) is not None:
        return clock.due_date(term, at, calendar).due_on
    return calendar.add_working_days(law.office_day(at), WORKING_DAYS_TO_ANSWER)


def read(asked: ActionForm, seen: int, opened: Opened, at: datetime) -> tuple[Deed | None, dict[str, Text]]:
    """The deed that a filled-in form orders, or what is wrong with it by name of input."""
    context = Context(law.office_day(at), law.places())
    errors: dict[str, Text] = {}
    values: dict[str, Any] = {}
    for question in asked.questions:
        try:
            values[question.key] = kinds.read(question, asked.said(question.key), context)
            if values[question.key] is None and question.required:
                raise Refusal(kinds.REQUIRED)
            if (
                question.key in ("answer_by", "promised")
                and date.fromisoformat(values[question.key]) > context.today + LONGEST_WAIT
            ):
                raise Refusal(_TOO_FAR)
        except Refusal as refusal:
            errors[asked.name(question.key)] = refusal.text
    words = values.get("words") or ""
    if asked.action in REFUSALS and words and len(words) < SHORTEST_REASON:
        errors[asked.name("words")] = FAULTS["too_short"]
    items = _read_items(asked, context, errors)
    if errors:
        return None, errors
    answer_by, promised = values.get("answer_by"), values.get("promised")
    calendar = law.calendar(opened.dossier.desk_unit, opened.dossier.sector)
    request = Request(
        reason=OTHER if asked.action in _REASON_IN_WORDS else values.get("reason") or supplements.main_reason(items),
        items=items,
        answer_by=date.fromisoformat(answer_by) if answer_by else None,
        number=values.get("number"),
        to_step=values.get("to_step"),
        term_case=chosen_case(values.get("term_case")),
        interval=values.get("interval"),
        body=values.get("body"),
        promised=clock.closing(date.fromisoformat(promised), calendar) if promised else None,
    )
    amount = opened.dossier.fee if asked.action is Action.PAY_FEE else values.get("amount")
    more = {key: values[key] for key in _KEPT if values.get(key)}
    return Deed(asked.action, seen, request, words, amount, more=more), {}


def _read_items(asked: ActionForm, context: Context, errors: dict[str, Text]) -> tuple[Mapping[str, Any], ...]:
    ticked = set(asked.said("items"))
    chosen = [item for item in asked.items if item.key in ticked]
    if asked.ask.items and not chosen:
        errors[asked.name("items")] = _NO_ITEM
    found = []
    known = {reason.value for reason in asked.reasons}
    for item in chosen:
        reason = asked.reason_of(item)
        if reason not in known:
            errors[asked.name(f"why-{item.key}")] = _NO_REASON
        name = f"says-{item.key}"
        question = _words(item.title)
        try:
            words = kinds.read(question, asked.said(name), context)
            if words is None:
                raise Refusal(_NO_WORDS)
        except Refusal as refusal:
            errors[asked.name(name)] = refusal.text
            continue
        found.append({"key": item.key, item.kind: item.of, "reason": reason, "words": words})
    return tuple(found)


def faulty(asked: ActionForm, fields: Mapping[str, str]) -> dict[str, Text]:
    """What the rules refused, beside the inputs it concerns."""
    return {asked.name(key): FAULTS.get(code, FAULTS["unknown"]) for key, code in fields.items()}
