"""The desk's pages for what went wrong: an intake corrected with a reason, a paper revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import forms, kinds
from portal.domain.access import Right
from portal.domain.corrections import AMENDMENT_REASONS, REVOCATION_REASONS
from portal.domain.errors import Held, Invalid, Stale
from portal.domain.flow import Action
from portal.domain.kinds import Context, Refusal
from portal.domain.slips import SlipKind
from portal.store.models import Event, Slip
from portal.usecases import corrections, dossiers, law, rectifications
from portal.usecases.corrections import Correction
from portal.usecases.dossiers import Opened
from portal.web import paper_counts, papers, questions, readings, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.questions import RowChange
from portal.web.resources import now
from procedures.model import Choice, Field, Kind, Text

blueprint = Blueprint("corrections", __name__, url_prefix="/ban-lam-viec")

#: The part of an intake that is no page of the form, as it stands in the address.
PAPERS: Final = "giay-to"

_FAULTS: Final[Mapping[tuple[str, str], Text]] = {
    ("changes", "nothing"): Text(vi="Chưa có gì khác với thông tin đang lưu.", en="Nothing differs from what is kept."),
    ("term", "moves_the_date"): Text(
        vi="Nội dung sửa làm đổi thời hạn giải quyết: phải dừng hồ sơ này và mở hồ sơ mới.",
        en="This would change the term: the dossier has to be stopped and a new one opened.",
    ),
    ("fee", "paid_already"): Text(
        vi="Nội dung sửa làm đổi khoản phí đã thu: phải dừng hồ sơ này và mở hồ sơ mới.",
        en="This would change a fee that is paid: the dossier has to be stopped and a new one opened.",
    ),
}


def reason_from(reasons: Mapping[str, Text]) -> Field:
    """The question for one of these reasons."""
    choices = tuple(Choice(value=code, label=text) for code, text in reasons.items())
    return Field(key="reason", kind=Kind.CHOICE, label=Text(vi="Lý do", en="Reason"), choices=choices)


IN_WORDS: Final = Field(
    key="words",
    kind=Kind.LONG_TEXT,
    label=Text(vi="Nói rõ thêm", en="In words"),
    hint=Text(vi="Sai ở đâu, ai phát hiện, căn cứ vào giấy tờ nào.", en="What was wrong, who saw it, by which paper."),
    max_length=corrections.MOST_WORDS,
)
AMENDING: Final = (reason_from(AMENDMENT_REASONS), IN_WORDS)
REVOKING: Final = (reason_from(REVOCATION_REASONS), IN_WORDS)


# --- what a dossier's page shows of it ---


def shown(opened: Opened) -> dict[str, Any]:
    """What can be corrected or revoked on a dossier's page, and what was corrected so far."""
    registration = opened.dossier.registration
    amended = [event for event in opened.dossier.events if event.action in (Action.AMEND, Action.RECTIFY)]
    may_rectify = rectifications.is_open(opened, now())
    may_revoke = Action.REVOKE_SLIP in opened.possible
    return {
        "amend": url_for("corrections.amend", registration=registration) if Action.AMEND in opened.possible else "",
        "rectify": url_for("rectifications.rectify", registration=registration) if may_rectify else "",
        "amended": [_amended(event) for event in reversed(amended)],
        **_linked(opened),
        "revocable": [
            {
                "title": papers.TITLES[SlipKind(slip.kind)],
                "number": slip.number,
                "url": _revoke_url(opened, slip),
            }
            for slip in (corrections.revocable(opened) if may_revoke else ())
        ],
    }


def _linked(opened: Opened) -> dict[str, Any]:
    """The stopped dossier before this one, the one in its place, and where that can be begun."""
    before, after = corrections.linked(opened)
    begins = after is None and corrections.may_carry_over(opened, actor())
    return {
        "before": before,
        "after": after,
        "carry_over": url_for("corrections.carry_over", registration=opened.dossier.registration) if begins else "",
    }


def _revoke_url(opened: Opened, slip: Slip) -> str:
    return url_for("corrections.revoke", registration=opened.dossier.registration, slip_id=slip.id)


def _amended(event: Event) -> dict[str, Any]:
    """When an intake was corrected, and which lines of it; what stood there is told to reception alone."""
    return {"at": event.at, "labels": [change["label"] for change in event.details.get("changed", ())]}


# --- an intake corrected ---


@blueprint.get("/<registration>/dinh-chinh")
@opens(Right.COUNTER)
def amend(registration: str) -> ResponseReturnValue:
    """Choose what is wrong; or, once chosen, correct it."""
    opened = corrections.open_intake(actor(), registration)
    parts = request.args.getlist("phan")
    readings.laid_open(opened, parts)
    return _page(opened, parts)


@blueprint.post("/<registration>/dinh-chinh")
@opens(Right.COUNTER)
def save(registration: str) -> ResponseReturnValue:
    """Correct what was chosen; what was typed comes back with whatever is wrong."""
    who, at = actor(), now()
    opened = corrections.open_intake(who, registration)
    parts = request.form.getlist("section")
    posted = questions.posted()
    rows = questions.change_of_rows(posted)
    counted = {part.key: paper_counts.sent(part.key) for part in opened.procedure.components} if PAPERS in parts else {}
    known = {component: counts for component, counts in counted.items() if counts is not None}
    typed = corrections.correction(opened, parts, posted, known or None, partial=rows is not None)
    if rows is not None:
        return _page(opened, parts, typed, rows=rows)
    said, errors = read_said(AMENDING)
    errors |= typed.reading.errors
    if ahead := {p.name: p.message for p in typed.brought_up if p.name not in errors}:
        # What the correction brings up elsewhere is asked for here too.
        parts += [p.section or PAPERS for p in typed.brought_up]
        errors |= {name if name not in opened.procedure.papers else PAPERS: text for name, text in ahead.items()}
    if errors or None in counted.values() or typed.reading.opened:
        return _page(opened, parts, typed, errors), 422
    try:
        done = corrections.amend(who, registration, last_seen(), typed, said["reason"], said["words"], at)
    except Invalid as invalid:
        refused = {name: _FAULTS[name, code] for name, code in invalid.fields.items() if (name, code) in _FAULTS}
        if not refused:
            raise
        return _page(opened, parts, typed, refused), 422
    except Stale:
        flash(_("Hồ sơ vừa thay đổi. Những gì bạn đã nhập vẫn còn; hãy xem lại rồi lưu lần nữa."), "warn")
        return _page(corrections.open_intake(who, registration), parts, typed), 409
    except Held:
        flash(_("Một đồng nghiệp đang giữ hồ sơ này: hãy nhận việc từ người đó ở trang hồ sơ, rồi lưu lại."), "warn")
        return _page(opened, parts, typed), 409
    flash(_("Đã đính chính; giấy tiếp nhận mới thay giấy cũ."), "good")
    return redirect(url_for("desk.dossier", registration=done.registration, _anchor="giay-da-lap"), 303)


def last_seen() -> int:
    """The number of the last event that whoever sent the form had seen. Raises Invalid."""
    seen = texts.number(request.form.get("amend-seen"))
    if seen is None:
        raise Invalid({"seen": "required"})
    return seen


def read_said(asked: tuple[Field, ...]) -> tuple[dict[str, str], dict[str, Text]]:
    """The reason and the words that were sent, and what is wrong with them, by the names of their inputs."""
    said, errors = dict[str, str](), dict[str, Text]()
    for field in asked:
        try:
            value = kinds.read(field, request.form.getlist(_name(field)), Context(law.office_day(now()), law.places()))
            if value is None:
                raise Refusal(kinds.REQUIRED)
            said[field.key] = str(value)
        except Refusal as refusal:
            errors[_name(field)] = refusal.text
    return said, errors


def _name(field: Field) -> str:
    """The name of an input of ours, which no question of a form has."""
    return f"amend-{field.key}"


def questions_for(fields: tuple[Field, ...], errors: Mapping[str, Text]) -> list[dict[str, Any]]:
    """The questions of ours as a page draws them, with what was typed and what is wrong with it."""
    return [
        {
            "field": field,
            "name": _name(field),
            "typed": request.form.getlist(_name(field)),
            "error": errors.get(_name(field), ""),
        }
        for field in fields
    ]


def _page(
    opened: Opened,
    parts: list[str],
    typed: Correction | None = None,
    errors: Mapping[str, Text] | None = None,
    rows: RowChange | None = None,
) -> str:
    errors, lang = errors or {}, language()
    typed = typed or corrections.correction(opened, parts, None, None)
    asked = {page.section.key: page for page in corrections.pages(opened)}
    chosen = [part for part in dict.fromkeys(parts) if part == PAPERS or part in asked]
    told = {name: text.say(lang) for name, text in errors.items()}
    if PAPERS in chosen:
        counts = [(part, paper_counts.inputs(part.key, typed.counted.get(part.key, {}))) for part in typed.countable]
    else:
        counts = []
    return render_template(
        "desk/amend.html",
        dossier=opened.dossier,
        procedure=opened.procedure,
        choices=[
            *((key, page.section.title.say(lang)) for key, page in asked.items()),
            (PAPERS, _("Giấy tờ đã nhận và số bản")),
        ],
        papers_part=PAPERS,
        chosen=chosen,
        sections=[(asked[key].section.title, _questions(opened, key, typed, rows)) for key in chosen if key in asked],
        counts=counts,
        asked=questions_for(AMENDING, errors),
        errors=told,
        summary=[(name, _in_summary(opened, name, message)) for name, message in told.items()],
        opened_now=bool(typed.reading.opened and not told and rows is None),
        earlier=[_told(event, opened) for event in reversed(opened.dossier.events) if event.action == Action.AMEND],
        language=lang,
    )


def _told(event: Event, opened: Opened) -> dict[str, Any]:
    """A correction with what stood there before and after, but for what is sensitive."""
    lines = event.details.get("changed", ())
    return {"at": event.at, "changed": [_masked(line) if _is_sensitive(line, opened) else line for line in lines]}


def _is_sensitive(line: Mapping[str, str], opened: Opened) -> bool:
    key, _dash, part = line["name"].partition("-")
    field = opened.procedure.fields.get(key)
    return field is not None and any(one.sensitive for one in (field, *field.columns) if not part or one.key != key)


def _masked(line: Mapping[str, str]) -> dict[str, str]:
    return {**line, **{side: "•••" for side in ("before", "after") if line[side]}}


def _questions(opened: Opened, section: str, typed: Correction, rows: RowChange | None) -> list[dict[str, Any]]:
    answers = forms.with_computed(opened.procedure, typed.reading.answers, typed.context)
    seen = forms.values(opened.procedure, typed.reading.answers, typed.context)
    page = forms.page(opened.procedure, section, typed.reading.answers, typed.context)
    fields = page.fields if page else ()
    return [
        questions.question(field, answers, typed.context, rows, seen) for field in fields if field.kind is not Kind.FILE
    ]


def _in_summary(opened: Opened, name: str, message: str) -> str:
    own = {_name(field): field.label for field in AMENDING}
    field = opened.procedure.fields.get(name.partition("-")[0])
    label = own.get(name) or (forms.label_of(field, name) if field else None)
    return questions.in_summary(label.say(language()), message) if label else message


# --- a stopped dossier and the one in its place ---


@blueprint.get("/<registration>/ho-so-moi")
@opens(Right.COUNTER)
def carry_over(registration: str) -> ResponseReturnValue:
    """Choose the procedure of the dossier that is to stand in the place of a stopped one."""
    return _carrying(dossiers.open_dossier(actor(), registration))


@blueprint.post("/<registration>/ho-so-moi")
@opens(Right.COUNTER)
def begin(registration: str) -> ResponseReturnValue:
    """Begin it with all that was taken down before, to be looked over and received."""
    who, at = actor(), now()
    opened = dossiers.open_dossier(who, registration)
    code = request.form.get("procedure", "")
    if code not in {known for known, _title in _offered()}:
        return _carrying(opened, _("Hãy chọn thủ tục.")), 422
    draft = corrections.carry_over(who, registration, code, at)
    return redirect(url_for("counter.entry", key=draft.key), 303)


def _carrying(opened: Opened, error: str = "") -> str:
    _before, after = corrections.linked(opened)
    return render_template(
        "desk/carry_over.html",
        dossier=opened.dossier,
        after=after,
        possible=after is None and corrections.may_carry_over(opened, actor()),
        procedures=_offered(),
        chosen=request.form.get("procedure", opened.dossier.procedure),
        error=error,
    )


def _offered() -> list[tuple[str, str]]:
    """The procedures that one's own unit receives today."""
    unit, today = actor().unit, law.office_day(now())
    heads = law.catalogue().all_in_force(today)
    return [
        (head.code, head.short_title.say(language()))
        for head in heads
        if unit in {each.id for each in law.receiving_units(head, today)}
    ]


# --- a paper revoked ---


@blueprint.get("/<registration>/giay/<int:slip_id>/thu-hoi")
@opens(Right.DESK)
def revoke(registration: str, slip_id: int) -> ResponseReturnValue:
    """What a paper is, and why it is to count no longer."""
    opened, slip = corrections.open_paper(actor(), registration, slip_id)
    return _revocation(opened, slip, {})


@blueprint.post("/<registration>/giay/<int:slip_id>/thu-hoi")
@opens(Right.DESK)
def take_back(registration: str, slip_id: int) -> ResponseReturnValue:
    """Revoke a paper: whoever scans its QR is told from now on that it counts no longer."""
    who = actor()
    opened, slip = corrections.open_paper(who, registration, slip_id)
    said, errors = read_said(REVOKING)
    if errors:
        return _revocation(opened, slip, errors), 422
    corrections.revoke(who, registration, slip_id, said["reason"], said["words"], now())
    flash(_("Đã thu hồi giấy số %(number)s.", number=slip.number), "good")
    return redirect(url_for("desk.dossier", registration=registration, _anchor="giay-da-lap"), 303)


def _revocation(opened: Opened, slip: Slip, errors: Mapping[str, Text]) -> str:
    told = {name: text.say(language()) for name, text in errors.items()}
    return render_template(
        "desk/revoke.html",
        dossier=opened.dossier,
        paper=papers.made_out(slip, opened.dossier),
        asked=questions_for(REVOKING, errors),
        errors=told,
        language=language(),
    )
