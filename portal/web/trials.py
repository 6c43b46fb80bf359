"""A draft tried out before it is published: as citizen and desk would see it, by its examples, on real dossiers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import clock, fees, forms, parts, rehearsal, term_cases
from portal.domain.access import Right
from portal.domain.entries import Day, Faults, Instant, Scene
from portal.domain.errors import NotFound
from portal.domain.kinds import Context
from portal.domain.numerals import day_shown
from portal.usecases import authoring, law
from portal.usecases import simulation as simulation_of
from portal.usecases.authoring import Draft, Played
from portal.web import drafting, questions, texts
from portal.web.access import actor, opens
from portal.web.drafting import day, tabs, told
from portal.web.language import language
from portal.web.resources import now
from procedures import editing
from procedures.files import Place
from procedures.model import Procedure, Section, Text

blueprint = Blueprint("trials", __name__, url_prefix="/quan-tri/thu-tuc/soan/<int:number>")
#: How many dossiers a page of the simulation shows.
PAGE: Final = 50
#: What the pages of the trial form carry from one to the next: everything typed so far.
_CARRIED: Final = "typed"


def _procedure(draft: Draft) -> tuple[Procedure | None, list[drafting.Told]]:
    """What the draft says, if nothing keeps a dossier from being tried on it; and what is wrong with it."""
    checked = drafting.checked(draft)
    faults = told(draft, drafting.values(draft.text), checked.faults)
    return checked.procedure if checked.playable else None, faults


def _not_readable(draft: Draft, faults: list[drafting.Told], endpoint: str) -> str:
    return render_template(
        "admin/law/not_readable.html",
        draft=draft,
        name=drafting.name(draft),
        faults=faults,
        tabs=tabs(draft, endpoint),
    )


# As the citizen.


@blueprint.get("/nguoi-dan")
@opens(Right.AUTHORING)
def citizen(number: int) -> ResponseReturnValue:
    """Where the trial form begins: empty, or with the answers of an example."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    if procedure is None:
        return _not_readable(draft, faults, "trials.citizen")
    return render_template(
        "admin/law/citizen.html",
        draft=draft,
        name=drafting.name(draft),
        procedure=procedure,
        sections=procedure.form,
        tabs=tabs(draft, "trials.citizen"),
    )


@blueprint.post("/nguoi-dan")
@opens(Right.AUTHORING)
def begin(number: int) -> ResponseReturnValue:
    """Open the first page, with the answers of the example that was chosen."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    if procedure is None:
        return _not_readable(draft, faults, "trials.citizen")
    index = texts.number(request.form.get("example"))
    typed: dict[str, list[str]] = {}
    if index is not None and index < len(procedure.examples):
        answers = rehearsal.typed_answers(procedure, procedure.examples[index])
        for section in procedure.form:
            typed |= rehearsal.posted(section, answers)
    return _form_page(draft, procedure, procedure.form[0], typed, None)


@blueprint.get("/nguoi-dan/<section>")
@opens(Right.AUTHORING)
def page(number: int, section: str) -> ResponseReturnValue:
    """One page of the trial form, empty."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    if procedure is None:
        return _not_readable(draft, faults, "trials.citizen")
    return _form_page(draft, procedure, _section(procedure, section), {}, None)


def _section(procedure: Procedure, key: str) -> Section:
    """The page of this key. Raises NotFound."""
    found = next((one for one in procedure.form if one.key == key), None)
    if found is None:
        raise NotFound(section=key)
    return found


@blueprint.post("/nguoi-dan/<section>")
@opens(Right.AUTHORING)
def fill(number: int, section: str) -> ResponseReturnValue:
    """Read one page of the trial form as the real one is read, and go on; nothing is kept anywhere."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    if procedure is None:
        return _not_readable(draft, faults, "trials.citizen")
    page = _section(procedure, section)
    carried, sent = _carried(), questions.posted()
    sent.pop(_CARRIED, None)
    rows = questions.change_of_rows(sent)
    kept = {name: value for name, value in carried.items() if not _asked_by(page, name)}
    typed = {**kept, **sent}
    if request.form.get("then") == "back":
        return _form_page(draft, procedure, _beside(procedure, page, typed, -1) or page, typed, None)
    if rows is not None:
        return _form_page(draft, procedure, page, typed, None, rows)
    read = forms.read_section(procedure, page.key, sent, _answers(procedure, kept), _context())
    if read.errors or read.opened or (read.warnings and not request.form.get("warned")):
        return _form_page(draft, procedure, page, typed, read), 422 if read.errors else 200
    ahead = _beside(procedure, page, typed, 1)
    if ahead is None:
        return _end(draft, procedure, typed)
    return _form_page(draft, procedure, ahead, typed, None)


def _asked_by(section: Section, name: str) -> bool:
    return name.partition("-")[0] in {field.key for field in section.fields}


def _carried() -> dict[str, list[str]]:
    """Everything typed on earlier pages; what is not as these pages write it is nothing."""
    try:
        found = json.loads(request.form.get(_CARRIED, "{}"))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        name: [text for text in values if isinstance(text, str)]
        for name, values in found.items()
        if isinstance(values, list)
    }


def _context() -> Context:
    return Context(drafting.today(), law.places(), "online")


def _answers(procedure: Procedure, typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """The answers after everything typed has been read, page by page."""
    answers: dict[str, Any] = forms.start(procedure, {}, _context())
    for section in procedure.form:
        sent = {name: values for name, values in typed.items() if _asked_by(section, name)}
        if sent:
            answers = forms.read_section(procedure, section.key, sent, answers, _context()).answers
    return answers


def _beside(procedure: Procedure, page: Section, typed: Mapping[str, list[str]], step: int) -> Section | None:
    """The next or last page that these answers open."""
    open_now = [one.section.key for one in forms.pages(procedure, _answers(procedure, typed), _context())]
    keys = [section.key for section in procedure.form]
    at = keys.index(page.key)
    order = keys[at + 1 :] if step > 0 else list(reversed(keys[:at]))
    found = next((key for key in order if key in open_now), None)
    return procedure.section(found) if found else None


def _form_page(
    draft: Draft, procedure: Procedure, section: Section, typed: dict[str, list[str]], read: forms.Reading | None,
    rows: questions.RowChange | None = None,
) -> str:  # fmt: skip
    answers = read.answers if read else _answers(procedure, typed)
    shown = next((one for one in forms.pages(procedure, answers, _context()) if one.section.key == section.key), None)
    asked = shown.fields if shown else section.fields
    lang = language()
    errors = {name: text.say(lang) for name, text in read.errors.items()} if read else {}
    return render_template(
        "admin/law/trial.html",
        draft=draft,
        name=drafting.name(draft),
        procedure=procedure,
        section=section,
        questions=[questions.question(field, answers, _context(), rows) for field in asked],
        errors=errors,
        warnings=[text.say(lang) for text in read.warnings.values()] if read else [],
        opened_now=bool(read and read.opened and not read.errors),
        typed=json.dumps({name: values for name, values in typed.items() if not _asked_by(section, name)}),
        first=section is procedure.form[0],
        tabs=tabs(draft, "trials.citizen"),
        language=lang,
    )


def _end(draft: Draft, procedure: Procedure, typed: Mapping[str, list[str]]) -> str:
    """What the citizen reads before submitting: answers, papers, fee, date."""
    answers, context = _answers(procedure, typed), _context()
    needed = {component.key for component in forms.required_components(procedure, answers, context)}
    verdict = forms.check_all(procedure, answers, context, dict.fromkeys(needed, 1))
    note = fees.fee_note(procedure, answers, context)
    # As the citizen's own review says it: the case that these answers tell, and the extra of a mountain commune.
    place = answers.get(procedure.place)
    mountain = isinstance(place, str) and law.unit(place).mountain
    term = procedure.term_for(mountain=mountain, case=term_cases.told_by(procedure, answers, context))
    lang = language()
    return render_template(
        "admin/law/trial_end.html",
        draft=draft,
        name=drafting.name(draft),
        parts=forms.display(procedure, answers, context, lang),
        papers=[
            (part.title.say(lang), part.key in needed) for part in forms.offered_components(procedure, answers, context)
        ],
        problems=[(problem.label.say(lang), problem.message.say(lang)) for problem in verdict.problems],
        warnings=[(problem.label.say(lang), problem.message.say(lang)) for problem in verdict.warnings],
        fees=[(line.name.say(lang), line.amount) for line in note.lines],
        total=fees.amount_shown(note.total, lang),
        term=term.words(lang),
        tabs=tabs(draft, "trials.citizen"),
    )


# As the desk.


@blueprint.get("/can-bo")
@opens(Right.AUTHORING)
def desk(number: int) -> ResponseReturnValue:
    """What the desk would work with: the route with its dates, reasons, slips, fees."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    if procedure is None:
        return _not_readable(draft, faults, "trials.desk")
    units = law.receiving_units(procedure, drafting.today())
    chosen = next((unit for unit in units if unit.id == request.args.get("noi")), units[0] if units else None)
    cases = ["", *(case.key for case in procedure.term_cases)]
    case = request.args.get("truong-hop", "")
    case = case if case in cases else ""
    return render_template(
        "admin/law/desk.html",
        draft=draft,
        name=drafting.name(draft),
        procedure=procedure,
        units=[(unit.id, unit.name.say(language())) for unit in units],
        unit=chosen,
        case=case,
        cases=[(one.key, one.title.say(language())) for one in procedure.term_cases],
        route=_route(procedure, chosen.id, case) if chosen else (),
        due=_due(procedure, chosen.id, case) if chosen else None,
        term=procedure.term_for(mountain=bool(chosen and chosen.mountain), case=case).words(language()),
        tabs=tabs(draft, "trials.desk"),
    )


def _due(procedure: Procedure, unit_id: str, case: str) -> clock.DueDate:
    moment = law.moment(unit_id, now(), procedure.sector.value)
    term = procedure.term_for(mountain=law.unit(unit_id).mountain, case=case)
    return clock.due_date(term, moment.instant, moment.calendar)


def _route(procedure: Procedure, unit_id: str, case: str) -> list[dict[str, Any]]:
    """The steps in order, each with its share and the instant until which it would have the dossier."""
    calendar = law.calendar(unit_id, procedure.sector.value)
    shares = {step.key: share for step in procedure.route if (share := procedure.share(step, case)) is not None}
    until = dict(zip(shares, clock.step_limits(now(), shares.values(), calendar), strict=True))
    return [{"step": step, "share": shares.get(step.key), "until": until.get(step.key)} for step in procedure.route]


# By its examples.


@blueprint.get("/vi-du")
@opens(Right.AUTHORING)
def examples(number: int) -> ResponseReturnValue:
    """Every example played: what it expects beside what comes of it."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    known = drafting.called(drafting.values(draft.text))
    return render_template(
        "admin/law/examples.html",
        draft=draft,
        name=drafting.name(draft),
        readable=procedure is not None,
        faults=faults,
        played=[
            (
                one,
                _differs_in_dates(one),
                [_row(row.place, row.expected, row.found, agrees=row.agrees, known=known) for row in one.rows],
            )
            for one in (authoring.play(procedure) if procedure else ())
        ],
        too_early=any(fault.place[:1] == ("examples",) and fault.place[2:] == ("received_at",) for fault in faults),
        tabs=tabs(draft, "trials.examples"),
    )


@blueprint.post("/vi-du/doi-ngay")
@opens(Right.AUTHORING)
def move_examples(number: int) -> ResponseReturnValue:
    """Move the examples that lie before the date in force behind it, by whole weeks, with the dates they expect."""
    draft = authoring.open_draft(number)
    if draft.begins is not None:
        text = draft.text
        for place, written in _dates(drafting.values(text)):
            text = editing.put(text, place, moved(written, draft.begins))
        _save(draft, text, _("Đã dời các ví dụ sang sau ngày có hiệu lực. Xem lại ngày hẹn của từng ví dụ."))
    return redirect(url_for("trials.examples", number=number), 303)


def _dates(plain: Any) -> Iterator[tuple[Place, tuple[str, str]]]:
    """Every date of the examples: its place, what is written there, and when the example is received."""
    for index, example in enumerate(_examples(plain)):
        received, expect = example.get("received_at"), example.get("expect")
        if not isinstance(received, str):
            continue
        yield ("examples", index, "received_at"), (received, received)
        for key in ("due_at", "due_on", "total_at"):
            if isinstance(expect, dict) and isinstance(expect.get(key), str):
                yield ("examples", index, "expect", key), (expect[key], received)


def _examples(plain: Any) -> list[dict[str, Any]]:
    found = plain.get("examples") if isinstance(plain, dict) else None
    return [example for example in found if isinstance(example, dict)] if isinstance(found, list) else []


def moved(written: tuple[str, str], begins: date) -> str:
    """A date of an example received at `written[1]`, so many weeks later that the reception is in force then.

    What is no date stays as it is.
    """
    said, received = written
    try:
        weeks = max(0, -((date.fromisoformat(received[:10]) - begins).days // 7))
        return f"{date.fromisoformat(said[:10]) + timedelta(weeks=weeks)}{said[10:]}"
    except (ValueError, OverflowError):
        return said


@blueprint.post("/vi-du/<int:index>/lay-ngay")
@opens(Right.AUTHORING)
def take_dates(number: int, index: int) -> ResponseReturnValue:
    """Let an example expect the dates that come of it."""
    draft = authoring.open_draft(number)
    procedure, _faults = _procedure(draft)
    played = authoring.play(procedure) if procedure else ()
    text = draft.text
    for row in played[index].rows if index < len(played) else ():
        entry = next((one for one in parts.EXPECT if one.key == row.place[-1]), None)
        if isinstance(entry, Day | Instant) and not row.agrees:
            wrong: Faults = {}
            value = entry.parse(row.found, entry.key, Scene(), wrong)
            text = text if wrong else editing.put(text, ("examples", index, *row.place), value)
    _save(draft, text, _("Ví dụ nay mong đợi ngày hẹn vừa tính ra."))
    return redirect(url_for("trials.examples", number=number), 303)


def _differs_in_dates(one: Played) -> bool:
    return any(not row.agrees and row.place[-1] in ("due_on", "due_at", "total_at") for row in one.rows)


def _save(draft: Draft, text: str, said: str) -> None:
    if draft.revision != drafting.seen():
        flash(_("Có người vừa lưu bản nháp này. Hãy làm lại thao tác."), "warning")
        return
    authoring.save(actor(), draft.id, draft.revision, now(), text=text)
    flash(said, "good")


def _row(place: Place, expected: str, found: str, *, agrees: bool, known: Mapping[str, Text]) -> dict[str, Any]:
    """One line of an example in words: keys by what they are called."""
    label = next((entry.label for entry in (*parts.EXPECT, *parts.EXAMPLE) if entry.key == place[-1]), None)
    said = {"complete": _("đủ, hợp lệ"), "incomplete": _("chưa đủ"), "null": fees.amount_shown(None, language())}

    def in_words(written: str) -> str:
        if place[-1] in ("errors", "warnings"):
            keys = [key for key in written.split(", ") if key]
            return "; ".join(known[key].say(language()).rstrip(".") if key in known else key for key in keys)
        if place[-1] == "fee" and written.isdecimal():
            return fees.amount_shown(int(written), language())
        return str(said.get(written, written))

    what = label.say(language()) if label else str(place[-1])
    return {"what": what, "expected": in_words(expected), "found": in_words(found), "agrees": agrees}


# On real dossiers.


@blueprint.get("/mo-phong")
@opens(Right.AUTHORING)
def simulation(number: int) -> ResponseReturnValue:
    """What the dossiers of a period would have got under the draft: date, fee, route."""
    draft = authoring.open_draft(number)
    procedure, faults = _procedure(draft)
    if procedure is None:
        return _not_readable(draft, faults, "trials.simulation")
    (since_typed, since), (until_typed, until) = day("tu"), day("den")
    errors = {}
    if since_typed and since is None:
        errors["tu"] = _("Điền ngày dạng ngày/tháng/năm, ví dụ 15/03/2026.")
    if until_typed and until is None:
        errors["den"] = _("Điền ngày dạng ngày/tháng/năm, ví dụ 15/03/2026.")
    first, last = last_month(drafting.today())
    since, until = since or first, until or last
    if since > until:
        errors["den"] = _("Ngày cuối phải sau ngày đầu.")
    after = texts.number(request.args.get("sau")) or 0
    shown_since, shown_until = day_shown(since), day_shown(until)
    first_url = url_for("trials.simulation", number=number, tu=shown_since, den=shown_until)
    found = None if errors else simulation_of.simulate(procedure, since, until, after=after, size=PAGE)
    page = render_template(
        "admin/law/simulation.html",
        draft=draft,
        name=drafting.name(draft),
        bundle=bool(procedure.legs),
        since=since_typed or shown_since,
        until=until_typed or shown_until,
        errors=errors,
        simulation=found,
        summary=None if errors else simulation_of.summary(procedure, since, until),
        older_url=f"{first_url}&sau={found.after}" if found and found.after else "",
        newer_url=first_url if after else "",
        tabs=tabs(draft, "trials.simulation"),
    )
    return page, 422 if errors else 200


def last_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
