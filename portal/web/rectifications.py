"""The desk's page on which a reception is put right on its day: what it would come to is shown before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import casework, fees
from portal.domain.access import Right
from portal.domain.corrections import RECTIFICATION_REASONS
from portal.domain.errors import Held, Invalid, Stale
from portal.domain.readings import What
from portal.domain.workdays import office_time
from portal.usecases import law, readings, rectifications
from portal.usecases.corrections import counts_shown
from portal.usecases.dossiers import Opened
from portal.usecases.rectifications import Rectification, Wanted
from portal.web import blanks, corrections, desk_forms, papers
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import now
from procedures.model import Procedure, Text

blueprint = Blueprint("rectifications", __name__, url_prefix="/ban-lam-viec")

ASKED: Final = (corrections.reason_from(RECTIFICATION_REASONS), corrections.IN_WORDS)

#: What cannot be, by field and fault; each stands beside the question it is about.
_FAULTS: Final[Mapping[tuple[str, str], Text]] = {
    ("changes", "nothing"): Text(vi="Chưa có gì khác với lần tiếp nhận.", en="Nothing differs from the reception."),
    ("procedure", "unknown"): Text(vi="Xin chọn một thủ tục trong danh sách.", en="Choose a procedure from the list."),
    ("procedure", "channel"): Text(
        vi="Thủ tục này không nhận hồ sơ theo cách hồ sơ đã đến.",
        en="This procedure is not received the way the dossier came.",
    ),
    ("procedure", "incomplete"): Text(
        vi="Thủ tục này còn đòi hỏi những mục chưa có trong hồ sơ, xem danh sách bên dưới.",
        en="This procedure asks for more than the dossier holds; see the list below.",
    ),
    ("term_case", "unknown"): Text(
        vi="Xin chọn một trường hợp của thủ tục này.", en="Choose one of the cases of this procedure."
    ),
    ("unit", "unknown"): Text(vi="Xin chọn một đơn vị trong danh sách.", en="Choose a unit from the list."),
    ("unit", "not_received_there"): Text(
        vi="Đơn vị này không tiếp nhận thủ tục đã chọn.", en="This unit does not receive the procedure chosen."
    ),
    ("clock", "clock"): Text(
        vi="Xin nhập giờ và phút, ví dụ 14:05.", en="Enter the hour and the minutes, for example 14:05."
    ),
    ("received_at", "in_the_future"): Text(vi="Giờ này chưa đến.", en="This time has not come yet."),
    ("received_at", "before_it_came"): Text(
        vi="Lúc đó hồ sơ chưa được gửi, hoặc giấy in sẵn chưa được in.",
        en="The dossier had not been sent by then, or the blank receipt had not been printed.",
    ),
    ("received_at", "another_day"): Text(
        vi="Mã hồ sơ mang ngày tiếp nhận nên chỉ sửa được giờ trong ngày đó.",
        en="The code bears the day of reception, so only the time on that day can be corrected.",
    ),
    ("fee", "paid_already"): Text(
        vi="Phí đã thu khác phí của thủ tục này: phải dừng hồ sơ này và mở hồ sơ mới.",
        en="The fee paid is not that of this procedure: the dossier has to be stopped and a new one opened.",
    ),
    ("day", "over"): Text(
        vi="Đã qua ngày ghi nhận hồ sơ nên không sửa được nữa.", en="The day is over on which this could be corrected."
    ),
}
#: Beside which input a fault is told.
_INPUTS: Final = {"received_at": "clock", "changes": "procedure", "fee": "procedure", "day": "procedure"}


@blueprint.get("/<registration>/dinh-chinh-tiep-nhan")
@opens(Right.COUNTER)
def rectify(registration: str) -> ResponseReturnValue:
    """What was entered; or, once something else is chosen, what would come of that."""
    opened = rectifications.open_reception(actor(), registration)
    return _page(opened, request.args, {})


@blueprint.post("/<registration>/dinh-chinh-tiep-nhan")
@opens(Right.COUNTER)
def save(registration: str) -> ResponseReturnValue:
    """Put the reception right as it was shown."""
    who, at = actor(), now()
    opened = rectifications.open_reception(who, registration)
    said, errors = corrections.read_said(ASKED)
    try:
        wanted = _wanted(opened, request.form)
        if errors:
            return _page(opened, request.form, errors), 422
        done = rectifications.rectify(
            who, registration, corrections.last_seen(), wanted, said["reason"], said["words"], at
        )
    except Invalid as invalid:
        if not _said(invalid):
            raise
        return _page(opened, request.form, errors), 422
    except Stale:
        flash(_("Hồ sơ vừa thay đổi. Những gì bạn đã nhập vẫn còn; hãy xem lại rồi lưu lần nữa."), "warn")
        return _page(rectifications.open_reception(who, registration), request.form, {}), 409
    except Held:
        flash(_("Một đồng nghiệp đang giữ hồ sơ này: hãy nhận việc từ người đó ở trang hồ sơ, rồi lưu lại."), "warn")
        return _page(opened, request.form, {}), 409
    flash(_("Đã đính chính việc tiếp nhận; giấy tiếp nhận mới thay giấy cũ."), "good")
    if done.desk_unit != who.unit:
        return redirect(url_for("queues.queue"), 303)
    return redirect(url_for("desk.dossier", registration=registration, _anchor="giay-da-lap"), 303)


def _wanted(opened: Opened, sent: Mapping[str, str]) -> Wanted:
    """What was chosen; what was not sent stays as it is. Raises Invalid for what is no time of day."""
    held = opened.dossier
    assert held.received_at is not None
    stands = office_time(held.received_at)
    clock = blanks.clock_from(sent.get("clock", f"{stands:%H:%M}").strip())
    if clock is None:
        raise Invalid({"clock": "clock"})
    same = (clock.hour, clock.minute) == (stands.hour, stands.minute)
    received_at = held.received_at if same else datetime.combine(stands.date(), clock, stands.tzinfo)
    case = sent.get("term_case", _officers_case(opened.procedure, held.term_case))
    procedure, unit = sent.get("procedure", held.procedure), sent.get("unit", held.unit)
    return Wanted(procedure, desk_forms.chosen_case(case), unit, received_at)


def _officers_case(procedure: Procedure, key: str) -> str:
    """The answer that stands to the question for the case of the term."""
    return key if key in {case.key for case in procedure.officers_cases} else desk_forms.AS_DECLARED.value


def _said(invalid: Invalid) -> dict[str, Text]:
    """What cannot be in words, by the name of the input."""
    known = ((name, _FAULTS.get((name, code))) for name, code in invalid.fields.items())
    return {_INPUTS.get(name, name): text for name, text in known if text is not None}


def _page(opened: Opened, sent: Mapping[str, str], errors: Mapping[str, Text]) -> str:
    held, at, lang = opened.dossier, now(), language()
    if not rectifications.is_open(opened, at):
        return render_template(
            "desk/rectify_closed.html",
            dossier=held,
            day=casework.may_be_rectified_on(opened.case),
            over=casework.may_be_rectified_on(opened.case) != law.office_day(at),
        )
    faults, found, shown = dict(errors), None, None
    try:
        found = rectifications.rectification(opened, _wanted(opened, sent))
        shown = found.outcome(actor(), at)
    except Invalid as invalid:
        faults |= _said(invalid) if sent else {}
    if found is not None and found.of_another_procedure:
        readings.note(actor(), held, What.PAGE, at)
    told = {name: text.say(lang) for name, text in faults.items()}
    new = found.new if found else opened.procedure
    return render_template(
        "desk/rectify.html",
        dossier=held,
        procedure=opened.procedure,
        procedures=[(head.code, head.short_title.say(lang)) for head in rectifications.offered(opened)],
        cases=[(choice.value, choice.label.say(lang)) for choice in desk_forms.term_case(new).choices],
        units=_units(opened, new),
        stands=_stands(opened, sent),
        preview=_preview(found, shown.case.due_at) if found and shown and shown.case.due_at else None,
        missing=list(dict.fromkeys(problem.label.say(lang) for problem in found.missing)) if found else [],
        asked=corrections.questions_for(ASKED, faults),
        errors=told,
        language=lang,
    )


def _units(opened: Opened, procedure: Procedure) -> list[tuple[str, str]]:
    """The units that receive a procedure, and the one that stands."""
    assert opened.dossier.received_at is not None
    day = law.office_day(opened.dossier.received_at)
    units = {unit.id: unit for unit in law.receiving_units(procedure, day)}
    units.setdefault(opened.dossier.unit, law.unit(opened.dossier.unit))
    return [(unit.id, unit.name.say(language())) for unit in units.values()]


def _stands(opened: Opened, sent: Mapping[str, str]) -> dict[str, str]:
    """What stands in the inputs: what was sent, else what holds now."""
    held = opened.dossier
    assert held.received_at is not None
    now_so = {
        "procedure": held.procedure,
        "term_case": _officers_case(opened.procedure, held.term_case),
        "unit": held.unit,
        "clock": f"{office_time(held.received_at):%H:%M}",
    }
    return {name: sent.get(name, value) for name, value in now_so.items()}


def _preview(found: Rectification, due_at: datetime) -> dict[str, Any]:
    """What would be another than it is, and what would not be taken along."""
    held, lang = found.dossier, language()
    components = found.old.papers
    return {
        "changes": found.changed(lang),
        "due": (held.due_at, due_at),
        "fee": (fees.amount_shown(held.fee, lang), fees.amount_shown(found.fee.total, lang)),
        "other_form": found.of_another_procedure,
        "lost": found.lost(lang, mask=True),
        "given_back": [
            (components[key].say(lang), counts_shown(counts)) for key, counts in found.given_back.items()
        ],
        "kept_aside": [papers.listed(file, held.registration, components[file.component].say(lang))
                       for file in found.kept_aside],
    }  # fmt: skip
