"""What a procedure file may not contradict in itself: each rule names the place and the reason.

The model says what each part looks like; here is what holds between parts. A file with any of these faults is not taken
into the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from procedures.expressions import AMBIENT, RESERVED, Expression, ExpressionError
from procedures.files import Place
from procedures.model import (
    CHOICES,
    COMPOUND,
    CORE_FIELDS,
    DATES,
    LEAD,
    NUMBERS,
    PREFILLS,
    RECORDS,
    TEXTS,
    Field,
    Kind,
    Procedure,
    Sector,
    Step,
)
from procedures.terms import Term, TermUnit

Finding = tuple[Place, str]

_LEGS: Final[Place] = ("bundle", "legs")
#: Under this name stands what was typed and could not be read (portal/domain/kinds.py).
UNREADABLE: Final = "typed"

#: Which attributes a kind of field may have beside key, kind, label, hint, required, when, prefill and sensitive.
_ATTRIBUTES: Final[Mapping[str, frozenset[Kind]]] = {
    "choices": CHOICES,
    "min": NUMBERS | DATES | {Kind.GROUP},
    "max": NUMBERS | DATES | {Kind.GROUP},
    "decimals": frozenset({Kind.DECIMAL}),
    "measure": NUMBERS,
    "max_length": TEXTS,
    "person": frozenset({Kind.PERSONAL_NUMBER}),
    "row_title": frozenset({Kind.GROUP}),
    "columns": COMPOUND,
    "parts": COMPOUND,
    "optional": COMPOUND,
    "of": frozenset({Kind.GROUP}),
    "default": TEXTS | NUMBERS | {Kind.CHOICE, Kind.YES_NO},
    "past": frozenset({Kind.ADDRESS, Kind.UNIT}),
    "computed": TEXTS | NUMBERS | {Kind.DATE, Kind.YES_NO, Kind.CHOICE},
}
#: Attributes a kind of field cannot do without.
_NEEDED: Final[Mapping[Kind, str]] = {
    Kind.CHOICE: "choices",
    Kind.SEVERAL: "choices",
    Kind.DECIMAL: "decimals",
    **dict.fromkeys(COMPOUND, "columns"),
}
#: Attributes of a question that makes no sense where nobody is asked.
_ASKING: Final = ("prefill", "default", "min", "max", "max_length")
#: What a fee may be multiplied by: a number, or the rows of a group.
_COUNTED: Final = frozenset({Kind.INTEGER, Kind.GROUP})
_SAMPLES: Final[Mapping[Kind, Any]] = {
    **dict.fromkeys(TEXTS | {Kind.PERSONAL_NUMBER, Kind.PHONE, Kind.UNIT, Kind.CERTIFICATE_NUMBER}, "a"),
    **dict.fromkeys(NUMBERS, 1.0),
    **dict.fromkeys(DATES, datetime(2020, 1, 1, tzinfo=UTC)),
    Kind.YES_NO: True,
    Kind.DECLARATION: True,
    Kind.FILE: ["a"],
}
_NAME: Final = r"(?<![\w.])([a-z]\w*(?:\.[a-z]\w*)?)"
_EQUALITY: Final = re.compile(_NAME + r"\s*[!=]=\s*(?:'([^']*)'|\"([^\"]*)\")")
_MEMBERSHIP: Final = re.compile(_NAME + r"\s+in\s+\[([^\]]*)\]")
_NULL: Final = re.compile(_NAME + r"\s*[!=]=\s*null")
_QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def findings(procedure: Procedure) -> Iterator[Finding]:
    """Every contradiction, with its place in the file."""
    for rule in _RULES:
        yield from rule(procedure)


def sample(field: Field) -> Any:
    """A value an expression might see for a field, to try the expression on."""
    if field.kind in COMPOUND:
        row = {column.key: sample(column) for column in field.columns}
        return row if field.kind in RECORDS else [row]
    if field.kind in CHOICES:
        first = field.choices[0].value if field.choices else ""
        return first if field.kind is Kind.CHOICE else [first]
    return _SAMPLES[field.kind]


def _twice(places: Iterable[tuple[Place, str]]) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, key in places:
        if key in seen:
            yield place, f"says {key!r} a second time"
        seen.add(key)


def _keys_are_unique(procedure: Procedure) -> Iterator[Finding]:
    keyed: Mapping[str, Iterable[Any]] = {
        "form": procedure.form,
        "components": procedure.components,
        "checks": procedure.checks,
        "term_cases": procedure.term_cases,
        "intervals": procedure.intervals,
    }
    for name, parts in keyed.items():
        yield from _twice(((name, index, "key"), part.key) for index, part in enumerate(parts))
    yield from _twice(((*_LEGS, index, "key"), leg.key) for index, leg in enumerate(procedure.legs))
    routes = [
        (("route",), procedure.route),
        *(((*_LEGS, i, "route"), leg.route) for i, leg in enumerate(procedure.legs)),
    ]
    yield from _twice(((*place, i, "key"), step.key) for place, route in routes for i, step in enumerate(route))
    coded: Mapping[str, Iterable[Any]] = {
        "fees": procedure.fees,
        "exemptions": procedure.exemptions,
        "refusals": procedure.refusals,
        "supplements": procedure.supplements,
    }
    for name, parts in coded.items():
        yield from _twice(((name, index, "code"), part.code) for index, part in enumerate(parts))
    yield from _twice((("examples", index, "name"), part.name) for index, part in enumerate(procedure.examples))
    yield from _twice((("manners", index, "channel"), part.channel) for index, part in enumerate(procedure.manners))
    yield from _twice(((*place, "key"), field.key) for place, field in _fields(procedure))
    components = {component.key for component in procedure.components}
    for place, field in _fields(procedure):
        yield from _twice(((*place, "choices", i, "value"), c.value) for i, c in enumerate(field.choices))
        yield from _twice(((*place, "columns", i, "key"), c.key) for i, c in enumerate(field.columns))
        if field.key in components:
            yield (*place, "key"), f"{field.key!r} is also a component"


def _fields(procedure: Procedure) -> Iterator[tuple[Place, Field]]:
    for s, section in enumerate(procedure.form):
        for f, field in enumerate(section.fields):
            yield ("form", s, "fields", f), field


def _fields_fit_their_kind(procedure: Procedure) -> Iterator[Finding]:
    for place, field in _fields(procedure):
        yield from _fits(place, field, procedure.fields)
        for c, column in enumerate(field.columns):
            yield from _fits((*place, "columns", c), column, {f.key: f for f in field.columns})
            if column.kind in COMPOUND | {Kind.SEVERAL, Kind.DECLARATION, Kind.FILE}:
                yield (*place, "columns", c, "kind"), f"a column cannot be of kind {column.kind}"
            if column.computed is not None:
                yield (*place, "columns", c, "computed"), "a column cannot be computed"


def _fits(place: Place, field: Field, beside: Mapping[str, Field]) -> Iterator[Finding]:
    if field.key in RESERVED or field.key in AMBIENT or field.key == UNREADABLE:
        yield (*place, "key"), f"{field.key!r} is a word of expressions"
    for name, kinds in _ATTRIBUTES.items():
        if getattr(field, name) not in (None, (), False) and field.kind not in kinds:
            yield (*place, name), f"{name} does not go with kind {field.kind}"
    needed = _NEEDED.get(field.kind)
    if needed and not getattr(field, needed):
        yield place, f"kind {field.kind} needs {needed}"
    if field.of is not None and field.of not in RECORDS:
        yield (*place, "of"), f"{field.of} is no record"
    if field.computed is not None:
        for name in _ASKING:
            if getattr(field, name) is not None:
                yield (*place, name), f"{name} does not go with what is computed"
    if field.prefill and field.kind not in PREFILLS[field.prefill]:
        yield (*place, "prefill"), f"{field.prefill} cannot fill in a field of kind {field.kind}"
    if field.kind is Kind.CHOICE and field.default not in {None, *(choice.value for choice in field.choices)}:
        yield (*place, "default"), f"{field.default!r} is not among the choices"
    for bound in ("min", "max"):
        value = getattr(field, bound)
        if value is not None and (field.kind in DATES) == isinstance(value, Decimal):
            yield (*place, bound), f"does not bound a field of kind {field.kind}"
    if isinstance(field.min, Decimal) and isinstance(field.max, Decimal) and field.min > field.max:
        yield (*place, "max"), "is less than min"
    if field.person:
        for fact, kinds in (("birth", DATES), ("sex", frozenset({Kind.CHOICE}))):
            key = getattr(field.person, fact)
            if key is not None and (key not in beside or beside[key].kind not in kinds):
                yield (*place, "person", fact), f"{key!r} is no such question beside this one"


def _core_questions_are_asked(procedure: Procedure) -> Iterator[Finding]:
    for key, kind in CORE_FIELDS.items():
        if key not in procedure.fields:
            yield ("form",), f"does not ask for {key!r}, which every form needs"
        elif procedure.fields[key].kind is not kind:
            yield (*_place_of(procedure, key), "kind"), f"{key!r} must be of kind {kind}"
    place = procedure.fields.get(procedure.place)
    if place is None or place.kind is not Kind.UNIT:
        yield ("place",), f"{procedure.place!r} is not a question of kind unit"
    elif not place.required or place.when is not None or procedure.section_of(place.key).when is not None:
        yield ("place",), f"{procedure.place!r} is not always asked"


def _place_of(procedure: Procedure, key: str) -> Place:
    return next(place for place, field in _fields(procedure) if field.key == key)


def _expressions_are_sound(procedure: Procedure) -> Iterator[Finding]:
    asked: dict[str, Field] = {}
    for s, section in enumerate(procedure.form):
        if section.when:
            yield from _sound(("form", s, "when"), section.when, asked, "is asked before this page")
        for f, field in enumerate(section.fields):
            place: Place = ("form", s, "fields", f)
            if field.when:
                yield from _sound((*place, "when"), field.when, asked, "is asked before this question")
            beside = dict(asked)
            for c, column in enumerate(field.columns):
                if column.when:
                    yield from _sound((*place, "columns", c, "when"), column.when, beside, "is asked before this one")
                beside[column.key] = column
            if field.computed:
                yield from _computed_fits((*place, "computed"), field, field.computed, asked)
            asked[field.key] = field
    for i, case in enumerate(procedure.term_cases):
        if case.when:
            yield from _sound(("term_cases", i, "when"), case.when, asked)
    for i, component in enumerate(procedure.components):
        if component.when:
            yield from _sound(("components", i, "when"), component.when, asked)
        if isinstance(component.required, Expression):
            yield from _sound(("components", i, "required"), component.required, asked)
    for i, fee in enumerate(procedure.fees):
        if fee.condition:
            yield from _sound(("fees", i, "condition"), fee.condition, asked)
    for i, check in enumerate(procedure.checks):
        yield from _sound(("checks", i, "rule"), check.rule, asked)


def _sound(
    place: Place, expression: Expression, known: Mapping[str, Field], where: str = "is a question of this form"
) -> Iterator[Finding]:
    """A condition or check names what is there, fits its kinds, and is true or false."""
    yield from _names_fit(place, expression, known, where)
    if expression.names <= known.keys() | AMBIENT.keys():
        try:
            expression.rehearse(_samples(expression, known))
        except ExpressionError as fault:
            yield place, str(fault)


def _computed_fits(place: Place, field: Field, expression: Expression, known: Mapping[str, Field]) -> Iterator[Finding]:
    """A formula names what is asked before it and gives what its field holds: a number for a number."""
    yield from _names_fit(place, expression, known, "is asked before this question")
    if expression.names <= known.keys() | AMBIENT.keys():
        try:
            found = expression.rehearsed(_samples(expression, known))
        except ExpressionError as fault:
            yield place, str(fault)
            return
        wanted = (int, float) if field.kind in NUMBERS else type(sample(field))
        if not isinstance(found, wanted) or isinstance(found, bool) != (field.kind is Kind.YES_NO):
            yield place, f"gives nothing that a field of kind {field.kind} holds"


def _samples(expression: Expression, known: Mapping[str, Field]) -> dict[str, Any]:
    return {**AMBIENT, **{name: sample(known[name]) for name in expression.names & known.keys()}}


def _names_fit(place: Place, expression: Expression, known: Mapping[str, Field], where: str) -> Iterator[Finding]:
    strange = expression.names - known.keys() - AMBIENT.keys()
    if strange:
        yield place, f"nothing called {', '.join(sorted(strange))} {where}"
        return
    for key, value in _compared(expression.source):
        field = _named(key, known)
        if field is not None and field.kind in CHOICES and value not in {choice.value for choice in field.choices}:
            yield place, f"{value!r} is not among the choices of {key!r}"
    for key in _NULL.findall(expression.source):
        field = _named(key, known)
        if field is not None and field.kind in RECORDS:
            yield place, f"{key!r} is a record, which is never null; compare one of its parts"


def _named(name: str, known: Mapping[str, Field]) -> Field | None:
    """The question that a name in an expression means, or the part of a record (`bride.sex`)."""
    key, _dot, part = name.partition(".")
    field = known.get(key)
    if field is None or not part:
        return field
    return next((column for column in field.columns if column.key == part), None)


def _compared(source: str) -> Iterator[tuple[str, str]]:
    for key, single, double in _EQUALITY.findall(source):
        yield key, single or double
    for key, inside in _MEMBERSHIP.findall(source):
        for single, double in _QUOTED.findall(inside):
            yield key, single or double


def _fees_fit(procedure: Procedure) -> Iterator[Finding]:
    codes = {fee.code for fee in procedure.fees}
    for i, fee in enumerate(procedure.fees):
        if fee.per is not None and getattr(procedure.fields.get(fee.per), "kind", None) not in _COUNTED:
            yield ("fees", i, "per"), f"{fee.per!r} is neither a question for a whole number nor a group"
    for i, exemption in enumerate(procedure.exemptions):
        for code in exemption.fees:
            if code not in codes:
                yield ("exemptions", i, "fees"), f"{code!r} is no fee of this procedure"


def _checks_fit(procedure: Procedure) -> Iterator[Finding]:
    for i, check in enumerate(procedure.checks):
        for key in check.fields:
            if key not in procedure.fields:
                yield ("checks", i, "fields"), f"{key!r} is not a question of this form"


def _level_is_explained(procedure: Procedure) -> Iterator[Finding]:
    if (procedure.level == 3) != (procedure.why_not_4 is not None):
        yield ("level",), "why_not_4 stands exactly with level 3"


def _confidence_names_parts(procedure: Procedure) -> Iterator[Finding]:
    for name in procedure.confidence:
        if name not in Procedure.model_fields:
            yield ("confidence", name), f"{name!r} is no part of a procedure"


def _route_holds(procedure: Procedure) -> Iterator[Finding]:
    first = procedure.route[0]
    if first.role != "one_stop_officer" or "receive" not in first.actions:
        yield ("route", 0), "the route begins with the one-stop officer, who receives"
    yield from _ends_in_the_applicants_hand(procedure.route, ("route",))
    if procedure.one_person and not procedure.same_day:
        yield ("one_person",), "one person may receive, verify and sign only what is due within the day"
    for i, step in enumerate(procedure.route):
        if step.unit == "land_registry" and procedure.sector is not Sector.LAND:
            yield ("route", i, "unit"), "the land registry opens dossiers of the sector land only"


def _ends_in_the_applicants_hand(route: tuple[Step, ...], place: Place) -> Iterator[Finding]:
    last = route[-1]
    if last.role != "one_stop_officer" or "hand_over" not in last.actions or not last.outside_clock:
        yield (*place, len(route) - 1), "the route ends with the one-stop officer, who hands over"
    for action in ("approve", "issue"):
        if sum(action in step.actions for step in route) != 1:
            yield place, f"exactly one step may {action}"


def _legs_hold(procedure: Procedure) -> Iterator[Finding]:
    above, pages = {LEAD}, {section.key for section in procedure.form}
    for i, leg in enumerate(procedure.legs):
        place: Place = (*_LEGS, i)
        for key in leg.pages:
            if key not in pages:
                yield (*place, "pages"), f"{key!r} is no page of this form"
        for key in leg.after:
            if key not in above:
                yield (*place, "after"), f"neither {LEAD!r} nor a leg above this one is called {key!r}"
        if leg.key == LEAD:
            yield (*place, "key"), f"{LEAD!r} is the leg that the bundle begins with"
        above.add(leg.key)
        where = procedure.fields.get(leg.place) if leg.place else None
        if leg.place and (where is None or where.kind is not Kind.UNIT):
            yield (*place, "place"), f"{leg.place!r} is not a question of kind unit"
        if leg.term.working_days is None:
            yield (*place, "term"), "the term of a leg is counted in working time"
        if "receive" in leg.route[0].actions or "forward" not in leg.route[0].actions:
            yield (*place, "route", 0), "a leg is received by the portal; its first step forwards it"
        if any(step.unit == "land_registry" for step in leg.route):
            yield (*place, "route"), "the land registry does no leg of a bundle"
        yield from _ends_in_the_applicants_hand(leg.route, (*place, "route"))
        yield from _twice(((*place, "refusals", r, "code"), reason.code) for r, reason in enumerate(leg.refusals))


#: A dossier of a same-day leg that comes after 15:00 is returned at the end of the next day, and what follows it begins
#: on the morning after.
_SAME_DAY_AT_MOST: Final = Decimal(2)


def _no_way_is_longer_than_the_law_gives(procedure: Procedure) -> Iterator[Finding]:
    if procedure.bundle is None:
        return
    longest = max(_at_most(term) for term in (procedure.term, *(case.term for case in procedure.term_cases)))
    ends = {LEAD: longest}
    for leg in procedure.legs:
        begins = max((ends.get(key, Decimal(0)) for key in leg.after), default=Decimal(0))
        ends[leg.key] = begins + _at_most(leg.term)
    within, taken = _at_most(procedure.bundle.within), max(ends.values())
    if taken > within:
        said = f"the legs may take {taken.normalize():f} working days, the law gives {within.normalize():f}"
        yield ("bundle", "within"), said


def _at_most(term: Term) -> Decimal:
    """A term in working days at its longest: a day that is off moves to one working day."""
    if term.same_day:
        return _SAME_DAY_AT_MOST
    eighth = Decimal(1) / 8
    amounts = (part.amount * (eighth if part.unit is TermUnit.WORKING_HOUR else Decimal(1)) for part in term.parts)
    return sum(amounts, Decimal(0))


def _shares_add_up(procedure: Procedure) -> Iterator[Finding]:
    given = {step.key: step.share for step in procedure.route if step.share is not None}
    places: dict[str, Place] = {step.key: ("route", i) for i, step in enumerate(procedure.route)}
    yield from _add_up(procedure.route, procedure.term, given, ("route",), places)
    for i, case in enumerate(procedure.term_cases):
        place: Place = ("term_cases", i)
        for key in case.shares.keys() - places.keys():
            yield (*place, "shares", key), f"there is no step {key!r} on the route"
        yield from _add_up(procedure.route, case.term, case.shares, (*place, "shares"), dict.fromkeys(places, place))
    for i, leg in enumerate(procedure.legs):
        whole: Place = (*_LEGS, i, "route")
        shares = {step.key: step.share for step in leg.route if step.share is not None}
        yield from _add_up(
            leg.route, leg.term, shares, whole, {step.key: (*whole, s) for s, step in enumerate(leg.route)}
        )


def _add_up(
    route: tuple[Step, ...], term: Term, shares: Mapping[str, Decimal], whole: Place, places: Mapping[str, Place]
) -> Iterator[Finding]:
    """Every step within the clock has a share, no other has one, and together they are the term."""
    for step in route:
        free = step.outside_clock or term.same_day
        if free and step.key in shares:
            said = "a step outside the clock, or of a same-day procedure, has no share"
            yield (*places[step.key], "share"), said
        if not free and step.key not in shares:
            yield places[step.key], f"the step {step.key!r} has no share of the term"
    days, total = term.working_days, sum(shares.values(), Decimal(0))
    if days is not None and total != days:
        yield whole, f"the shares sum to {total.normalize():f} working days, the term is {days.normalize():f}"


def _examples_can_be_played(procedure: Procedure) -> Iterator[Finding]:
    known = {*procedure.fields, *(c.key for c in procedure.components), *(check.key for check in procedure.checks)}
    earlier: set[str] = set()
    for i, example in enumerate(procedure.examples):
        place: Place = ("examples", i)
        if example.like is not None and example.like not in earlier:
            yield (*place, "like"), f"there is no example {example.like!r} above this one"
        earlier.add(example.name)
        if example.received_at.date() < procedure.version != date.max:
            yield (*place, "received_at"), "lies before the date in force"
        if example.channel not in procedure.channels:
            yield (*place, "channel"), f"this procedure does not come in by {example.channel}"
        for key in example.answers.keys() - procedure.fields.keys():
            yield (*place, "answers", key), f"{key!r} is not a question of this form"
        for key in set(example.components or ()) - {component.key for component in procedure.components}:
            yield (*place, "components"), f"{key!r} is no component of this procedure"
        if example.exemption is not None and example.exemption not in {e.code for e in procedure.exemptions}:
            yield (*place, "exemption"), f"{example.exemption!r} is no exemption of this procedure"
        if example.expect.total_at is not None and procedure.bundle is None:
            yield (*place, "expect", "total_at"), "only a bundle has legs that are done together"
        if example.term_case not in {None, *(case.key for case in procedure.officers_cases)}:
            yield (*place, "term_case"), f"{example.term_case!r} is no case that an officer chooses"
        for name in ("errors", "warnings"):
            for key in set(getattr(example.expect, name)) - known:
                yield (*place, "expect", name), f"nothing is called {key!r}"


_RULES: Final[tuple[Callable[[Procedure], Iterator[Finding]], ...]] = (
    _keys_are_unique,
    _fields_fit_their_kind,
    _core_questions_are_asked,
    _expressions_are_sound,
    _fees_fit,
    _checks_fit,
    _level_is_explained,
    _confidence_names_parts,
    _route_holds,
    _legs_hold,
    _no_way_is_longer_than_the_law_gives,
    _shares_add_up,
    _examples_can_be_played,
)
