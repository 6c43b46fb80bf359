"""What a procedure file may say, as a typed and frozen model.

A file is `<sector>/<slug>/<date in force>.yaml`. The words are those of NĐ 63/2010/NĐ-CP Art 8.2: name, order of doing,
manner, components, term, subjects, authority; then forms, result, conditions and fees. What the law leaves unknown is
null. `model_json_schema()` of `Procedure` describes the files to an editor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypeVar

import pydantic
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

from procedures.expressions import KEY, Cel, Expression, compiled
from procedures.terms import Term


class Part(BaseModel):
    """A part of a procedure file: nothing unknown in it, nothing changed after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, str_strip_whitespace=True)


_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


def _printable(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    if _CONTROL.search(text):
        raise ValueError("holds a control character")
    return text


Wording = Annotated[str, AfterValidator(_printable), pydantic.Field(max_length=4000)]
Key = Annotated[str, pydantic.Field(pattern=f"^{KEY}$")]
#: A procedure's national code.
Code = Annotated[str, pydantic.Field(pattern=r"^\d\.\d{6}$")]


class Text(Part):
    """The same words in Vietnamese, which is official, and in English."""

    vi: Wording
    en: Wording

    def say(self, language: str) -> str:
        """The words in 'en', or in Vietnamese for any other language."""
        return self.en if language == "en" else self.vi

    def filled(self, **values: object) -> Text:
        """The text with its {places} filled in."""
        return Text(vi=self.vi.format(**values), en=self.en.format(**values))


class Sector(StrEnum):
    """The sectors ("lĩnh vực"), named as the folders under `procedures/`."""

    LAND = "land"
    CONSTRUCTION = "construction"
    RESIDENCE = "residence"
    CIVIL_STATUS = "civil_status"

    @property
    def label(self) -> Text:
        """The sector's official name."""
        return _SECTORS[self]


_SECTORS: Final = {
    Sector.LAND: Text(vi="Đất đai", en="Land"),
    Sector.CONSTRUCTION: Text(vi="Hoạt động xây dựng", en="Construction"),
    Sector.RESIDENCE: Text(vi="Cư trú", en="Residence"),
    Sector.CIVIL_STATUS: Text(vi="Hộ tịch", en="Civil status"),
}


class Channel(StrEnum):
    """How a dossier comes in (61/2018 Art 16)."""

    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"


class Mark(StrEnum):
    """How sure a part of the file is: verified in a text; high, medium or low confidence; or our own design."""

    VERIFIED = "V"
    HIGH = "M+"
    MEDIUM = "M"
    LOW = "M-"
    DESIGN = "D"


class Manner(Part):
    """One way to hand in the dossier; `exceptional` only where the law allows it for a failure of the regular one."""

    channel: Channel
    text: Text
    exceptional: bool = False


class Reason(Part):
    """A reason an officer may choose, with a code that is stable."""

    code: Key
    text: Text


def _read_term(value: Any) -> Any:
    return Term.parse(value) if isinstance(value, str) else value


TermText = Annotated[
    Term,
    BeforeValidator(_read_term),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["8 working_day", "8 working_day + 10 day", "same_day"]}),
]


#: A step's part of the term, in working days.
Share = Annotated[Decimal, pydantic.Field(gt=0, le=365)]


class Supplement(Part):
    """What asking for missing papers does: to the clock, how long the applicant has, and how often it may be asked.

    `refuse_within`: how soon a dossier that was not completed in time is refused. `notice_within`: how soon after
    reception it must be asked for at the latest; 3 working days unless the law of the sector says otherwise (NĐ
    61/2018/NĐ-CP Art 19.4).
    """

    clock: Literal["restart", "pause"]
    notice_within: TermText | None = None
    answer_within: TermText | None = None
    refuse_within: TermText | None = None
    rounds: int | None = pydantic.Field(default=None, ge=1, le=9)
    note: Text | None = None


class TermCase(Part):
    """A case with a term of its own, and the shares of the route's steps in it, by their keys.

    `when` tells by the answers whether it applies; without it only an officer can tell, and says so at reception.
    """

    key: Key
    title: Text
    when: Cel | None = None
    term: TermText
    shares: Mapping[Key, Share] = pydantic.Field(default_factory=dict)


class Extension(Part):
    """By how much the law lets the office prolong the term, once and with a reason."""

    most: TermText
    reason: Text


class Consultation(Part):
    """Bodies asked for an opinion, how long they have, and whether their silence is consent."""

    within: TermText
    silence: Literal["consent", "none"]
    bodies: tuple[Text, ...] = ()


class IntervalKind(StrEnum):
    """What goes on during an interval that the law does not count."""

    POSTING = "posting"
    MEASURING = "measuring"
    EXAMINATION = "examination"
    OFFENCE = "offence"

    @property
    def label(self) -> Text:
        """What it is called."""
        return _INTERVALS[self]


_INTERVALS: Final = {
    IntervalKind.POSTING: Text(vi="Niêm yết công khai", en="Public posting"),
    IntervalKind.MEASURING: Text(vi="Đo đạc, trích đo địa chính", en="Measuring"),
    IntervalKind.EXAMINATION: Text(vi="Trưng cầu giám định", en="Expert examination"),
    IntervalKind.OFFENCE: Text(vi="Xử lý vi phạm pháp luật", en="Handling of an offence"),
}


class Interval(Part):
    """A stretch of work whose time the law does not count towards the term, and how long it lasts.

    Without a length it lasts as long as it takes; with one, no more than that is left out of the count.
    """

    key: Key
    kind: IntervalKind
    title: Text
    length: TermText | None = None
    basis: Text


class Fee(Part):
    """One fee in đồng; `amount` null is not known here ("chưa cấu hình"), which is not the same as free.

    `per` names the number it is multiplied by, or the group whose rows are counted; `condition` says when it is due at
    all.
    """

    code: Key
    name: Text
    amount: int | None = pydantic.Field(ge=0, le=10_000_000_000)
    when: Literal["reception", "result"]
    channels: tuple[Channel, ...] = pydantic.Field(default=tuple(Channel), min_length=1)
    condition: Cel | None = None
    per: Key | None = None
    basis: Text | None = None


class Exemption(Part):
    """Who does not pay, and what proves it; `fees` names the fees it covers, all of them if empty."""

    code: Key
    text: Text
    proof: Text | None = None
    fees: tuple[Key, ...] = ()


StepRole = Literal[
    "one_stop_officer",
    "specialist",
    "head_of_office",
    "leader",
    "clerk",
    "police_officer",
    "police_head",
    "registry_officer",
    "registry_head",
]
StepAction = Literal[
    "receive", "forward", "send_back", "ask_supplement", "ask_duty", "approve", "refuse", "issue", "hand_over"
]


class Step(Part):
    """One step of the route: who holds the dossier, where, for which share of the term (in working days).

    `unit` is the kind of unit it lies at: the one that received it, its police, or the land registry's branch. A step
    `outside_clock` comes after the legal end and has no share; steps of a same-day procedure have none either.
    """

    key: Key
    title: Text
    role: StepRole
    unit: Literal["own", "police", "land_registry"] = "own"
    share: Share | None = None
    actions: tuple[StepAction, ...] = pydantic.Field(min_length=1)
    outside_clock: bool = False


class PaperKind(StrEnum):
    """In what shape a component may come."""

    ORIGINAL = "original"
    CERTIFIED_COPY = "certified_copy"
    COPY = "copy"
    ELECTRONIC = "electronic"

    @property
    def label(self) -> Text:
        """The shape's official name."""
        return _PAPERS[self]


_PAPERS: Final = {
    PaperKind.ORIGINAL: Text(vi="Bản chính", en="Original"),
    PaperKind.CERTIFIED_COPY: Text(vi="Bản chứng thực", en="Certified copy"),
    PaperKind.COPY: Text(vi="Bản sao", en="Copy"),
    PaperKind.ELECTRONIC: Text(vi="Bản điện tử", en="Electronic copy"),
}


def _read_requirement(value: Any) -> Any:
    return compiled(value) if isinstance(value, str) else value


#: Yes, no, or the condition under which it is so.
Requirement = Annotated[
    bool | Expression,
    BeforeValidator(_read_requirement),
    PlainSerializer(lambda required: required if isinstance(required, bool) else required.source),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "string", "title": "CEL"}]}),
]


class Component(Part):
    """A paper the procedure asks for; `many` takes more than one file for it, `when` offers it only where it holds."""

    key: Key
    title: Text
    hint: Text | None = None
    when: Cel | None = None
    required: Requirement
    copies: int = pydantic.Field(default=1, ge=1, le=9)
    kinds: tuple[PaperKind, ...] = pydantic.Field(min_length=1)
    many: bool = True

    @property
    def always(self) -> bool:
        """Whether no dossier comes without it."""
        return self.required is True and self.when is None


class Kind(StrEnum):
    """What a field of the form holds; portal/domain/kinds.py reads, checks and shows each."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NAME = "name"
    ADDRESS = "address"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes_no"
    PERSONAL_NUMBER = "personal_number"
    PHONE = "phone"
    EMAIL = "email"
    UNIT = "unit"
    DECLARATION = "declaration"
    CERTIFICATE_NUMBER = "certificate_number"
    FILE = "file"
    PERSON = "person"
    PARCEL = "parcel"
    CERTIFICATE = "certificate"
    CONSENT = "consent"
    GROUP = "group"


#: A question of named parts, kept as one mapping; `records/<kind>.yaml` says which parts there are to choose from.
RECORDS: Final = frozenset({Kind.PERSON, Kind.PARCEL, Kind.CERTIFICATE, Kind.CONSENT})
#: Kinds that are made of columns.
COMPOUND: Final = RECORDS | {Kind.GROUP}

NUMBERS: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY})
DATES: Final = frozenset({Kind.DATE, Kind.PARTIAL_DATE})
CHOICES: Final = frozenset({Kind.CHOICE, Kind.SEVERAL})
TEXTS: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.NAME, Kind.ADDRESS, Kind.EMAIL})

#: What of an account fills a field in, and the kinds of field it may fill.
PREFILLS: Final[Mapping[str, frozenset[Kind]]] = {
    "full_name": frozenset({Kind.NAME, Kind.TEXT}),
    "personal_number": frozenset({Kind.PERSONAL_NUMBER}),
    "birth_date": DATES,
    "sex": frozenset({Kind.CHOICE}),
    "phone": frozenset({Kind.PHONE}),
    "email": frozenset({Kind.EMAIL}),
    "address": frozenset({Kind.ADDRESS, Kind.LONG_TEXT, Kind.TEXT}),
    "commune": frozenset({Kind.UNIT}),
    "person": frozenset({Kind.PERSON}),
}
Prefill = Literal["full_name", "personal_number", "birth_date", "sex", "phone", "email", "address", "commune", "person"]

#: Answers the rest of the portal reads from every form: who applies and how to reach them.
CORE_FIELDS: Final[Mapping[str, Kind]] = {
    "full_name": Kind.NAME,
    "personal_number": Kind.PERSONAL_NUMBER,
    "birth_date": Kind.DATE,
    "sex": Kind.CHOICE,
    "permanent_address": Kind.ADDRESS,
    "phone": Kind.PHONE,
    "email": Kind.EMAIL,
    "submitter": Kind.CHOICE,
    "submitter_name": Kind.NAME,
    "result_delivery": Kind.CHOICE,
    "declaration": Kind.DECLARATION,
}


class Choice(Part):
    """One of several answers; `value` is what is kept."""

    value: Key
    label: Text


class PersonFacts(Part):
    """Which other answers a personal number must agree with (keys of the same section, group or record)."""

    birth: Key | None = None
    sex: Key | None = None


class Field(Part):
    """One question. `key` names the answer in expressions, exports and templates.

    `when` hides the question unless it holds; it may look only at questions asked before. `min` and `max` bound
    numbers, dates ('today' allowed) and, for groups, rows. `person` compares a personal number with a birth date and a
    sex. `computed` is never asked but worked out of answers before it. `past` takes places of any time, districts too.

    A record or a group has `columns`: its own, or the `parts` of a record (of the kind `of`, for a group), where those
    named in `optional` may stay empty. A record that is prefilled with `person` takes the parts that an account knows.
    """

    key: Key
    kind: Kind
    label: Text
    hint: Text | None = None
    required: bool = True
    when: Cel | None = None
    choices: tuple[Choice, ...] = ()
    prefill: Prefill | None = None
    default: str | bool | int | None = None
    min: Decimal | Literal["today"] | date | None = None
    max: Decimal | Literal["today"] | date | None = None
    decimals: int | None = pydantic.Field(default=None, ge=1, le=4)
    measure: Wording | None = None
    max_length: int | None = pydantic.Field(default=None, ge=1, le=10_000)
    sensitive: bool = False
    person: PersonFacts | None = None
    row_title: Text | None = None
    computed: Cel | None = None
    past: bool = False
    of: Kind | None = None
    parts: tuple[Key, ...] = ()
    optional: tuple[Key, ...] = ()
    columns: tuple[Field, ...] = ()


class Section(Part):
    """One page of the form: one clear group of questions."""

    key: Key
    title: Text
    hint: Text | None = None
    when: Cel | None = None
    fields: tuple[Field, ...] = pydantic.Field(min_length=1)


class Check(Part):
    """A rule over answers. It is broken only when `rule` is false; an error keeps a dossier from being submitted."""

    key: Key
    level: Literal["error", "warning"]
    rule: Cel
    message: Text
    fields: tuple[Key, ...] = pydantic.Field(min_length=1)


class ResultPaper(StrEnum):
    """The papers a result can be printed on; GENERAL prints all answers, page by page of the form."""

    CONSTRUCTION_PERMIT = "construction_permit"
    LAND_CHANGE = "land_change"
    HOUSEHOLD_SPLIT = "household_split"
    BIRTH_CERTIFICATE = "birth_certificate"
    GENERAL = "general"


class Letter(StrEnum):
    """A letter of courtesy that goes with a result, by what it is about."""

    BIRTH = "birth"
    MARRIAGE = "marriage"
    CONDOLENCE = "condolence"


class Result(Part):
    """What the applicant gets; `template` names the paper, `by_number` whether it bears a number of its own.

    `letter` is the letter that goes with it, which nobody has to take.
    """

    kind: Literal["permit", "certificate", "registration", "notice"]
    title: Text
    template: ResultPaper
    by_number: bool
    validity: Text | None = None
    note: Text | None = None
    letter: Letter | None = None


class Slips(Part):
    """The numbers of the official slips; some sectors have their own instead of 01 to 03."""

    receipt: Wording = "01"
    supplement: Wording = "02"
    refusal: Wording = "03"
    result: Wording | None = None

    @property
    def own(self) -> bool:
        """Whether they are a sector's own, and not the general ones."""
        return self != Slips()


#: Stands for the leg that a bundle begins with, where legs name those they wait for.
LEAD: Final = "lead"


class LeadLeg(Part):
    """What the first leg of a bundle is called by itself; its term, route and result are those of the whole file."""

    title: Text
    code: Code


class Leg(Part):
    """A further procedure of a bundle, carried out on the same form by a route and within a term of its own.

    `code` is the procedure it carries out, null where it is not known. It begins once the legs named in `after` (LEAD:
    the first one) are granted, with the reception of the bundle where none is named. `place` is the question that says
    in which commune it is done; without one it is done where the bundle is received. The portal receives it: its first
    step is where it begins. `pages` are those pages of the form that its result prints, all of them if none is named.
    """

    key: Key
    title: Text
    code: Code | None
    sector: Sector
    authority: Text
    place: Key | None = None
    after: tuple[Key, ...] = ()
    term: TermText
    term_rule: Text
    result: Result
    pages: tuple[Key, ...] = ()
    refusals: tuple[Reason, ...] = ()
    slips: Slips = Slips()
    route: tuple[Step, ...] = pydantic.Field(min_length=2)


class Bundle(Part):
    """Procedures of one event in a life, asked for together ("liên thông"; NĐ 61/2018 Art 19.6 and 19.7).

    `within` is what the law gives all of them together: no way through the legs may be longer.
    """

    within: TermText
    lead: LeadLeg
    legs: tuple[Leg, ...] = pydantic.Field(min_length=1)

    @property
    def titles(self) -> Mapping[str, Text]:
        """What each leg is called, by the name under which others wait for it."""
        return {LEAD: self.lead.title, **{leg.key: leg.title for leg in self.legs}}


class Expectation(Part):
    """What an example must come to. `errors` and `warnings` name the fields, components and checks that speak up.

    `total_at`: by when all legs of a bundle are done.
    """

    outcome: Literal["complete", "incomplete"]
    fee: int | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    total_at: datetime | None = None
    errors: tuple[Key, ...] = ()
    warnings: tuple[Key, ...] = ()


class Example(Part):
    """A dossier as the author imagines it, with answers as a person types them.

    `like` takes over the answers and components of an earlier example. An instant without offset is Asia/Ho_Chi_Minh.
    `term_case` is one that the officer chooses at reception.
    """

    name: Wording
    like: Wording | None = None
    channel: Channel
    unit: Wording
    received_at: datetime
    exemption: Key | None = None
    term_case: Key | None = None
    answers: Mapping[Key, Any] = pydantic.Field(default_factory=dict)
    components: tuple[Key, ...] | None = None
    expect: Expectation


class Head(Part):
    """What lists and searches say of a procedure version; the rest is read when it is needed."""

    version: date
    code: Code
    sector: Sector
    slug: Wording
    title: Text
    short_title: Text
    summary: Text
    keywords: tuple[Wording, ...] = ()
    level: Literal[3, 4] | None
    term: TermText
    mountain_extra: TermText | None = None
    bundle: Bundle | None = None

    @property
    def leg_terms(self) -> tuple[tuple[Text, Term], ...]:
        """Of a bundle, what each leg is called and how long it may take, the first one first."""
        if self.bundle is None:
            return ()
        return ((self.bundle.lead.title, self.term), *((leg.title, leg.term) for leg in self.bundle.legs))


class Procedure(Head):
    """One version of a procedure, in force from `version` until the next one.

    Of a bundle, term, route, result and slips are those of its first leg, and everything else is that of all legs.
    `one_person` may receive, verify and sign a dossier (NĐ 61/2018 Art 17.5): only within the day, by delegation.
    """

    confidence: Mapping[str, Mark] = pydantic.Field(default_factory=dict)

    # The parts of NĐ 63/2010 Art 8.2, in its order; title and term stand in the head.
    steps: tuple[Text, ...] = pydantic.Field(min_length=1)
    manners: tuple[Manner, ...] = pydantic.Field(min_length=1)
    sets: int = pydantic.Field(default=1, ge=1, le=9)
    components: tuple[Component, ...] = pydantic.Field(min_length=1)
    term_cases: tuple[TermCase, ...] = ()
    extension: Extension | None = None
    supplement: Supplement
    consultation: Consultation | None = None
    intervals: tuple[Interval, ...] = ()
    subjects: tuple[Text, ...] = pydantic.Field(min_length=1)
    authority: Text
    result: Result
    conditions: tuple[Text, ...] = ()
    fees: tuple[Fee, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    legal_basis: tuple[Text, ...] = pydantic.Field(min_length=1)
    why_not_4: Text | None = None

    refusals: tuple[Reason, ...] = pydantic.Field(min_length=1)
    supplements: tuple[Reason, ...] = pydantic.Field(min_length=1)
    slips: Slips = Slips()
    route: tuple[Step, ...] = pydantic.Field(min_length=2)
    one_person: bool = False

    place: Key
    form: tuple[Section, ...] = pydantic.Field(min_length=1)
    checks: tuple[Check, ...] = ()
    examples: tuple[Example, ...] = pydantic.Field(min_length=1)

    @property
    def same_day(self) -> bool:
        """Whether the term is the working day itself (Luật Hộ tịch Art 5.3)."""
        return self.term.same_day

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels by which a dossier may come in, exceptional ones included."""
        return tuple(manner.channel for manner in self.manners)

    def term_case(self, key: str) -> TermCase | None:
        """The case with this key, None for the ordinary term (''). Raises KeyError."""
        return _by_key(self.term_cases, key) if key else None

    @property
    def officers_cases(self) -> tuple[TermCase, ...]:
        """The cases that only an officer can tell, at reception."""
        return tuple(case for case in self.term_cases if case.when is None)

    def term_for(self, *, mountain: bool, case: str = "") -> Term:
        """The term of a case at a unit; the extra of mountain, border and difficult communes is added where it applies.

        Raises KeyError for an unknown case.
        """
        chosen = self.term_case(case)
        term = chosen.term if chosen else self.term
        return term + self.mountain_extra if mountain and self.mountain_extra else term

    def share(self, step: Step, case: str = "") -> Decimal | None:
        """A step's share of the term in a case. Raises KeyError for an unknown case."""
        chosen = self.term_case(case)
        return chosen.shares.get(step.key) if chosen else step.share

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The further legs of a bundle; none for a procedure that stands alone."""
        return self.bundle.legs if self.bundle else ()

    @cached_property
    def _as_legs(self) -> Mapping[str, Procedure]:
        return MappingProxyType({leg.key: self._as_leg(leg) for leg in self.legs})

    def leg(self, key: str) -> Procedure:
        """This version as one leg of it goes by it: the form and papers of all, and what is the leg's own.

        What all pay is paid with the first leg ('', the version itself). Raises KeyError for an unknown leg.
        """
        return self._as_legs[key] if key else self

    def _as_leg(self, leg: Leg) -> Procedure:
        own = {
            name: getattr(leg, name) for name in ("title", "sector", "authority", "term", "result", "slips", "route")
        }
        none = {
            "term_cases": (),
            "mountain_extra": None,
            "extension": None,
            "consultation": None,
            "fees": (),
            "intervals": (),
            "one_person": False,
        }
        refusals = leg.refusals or self.refusals
        return self.model_copy(update={**own, **none, "short_title": leg.title, "refusals": refusals, "bundle": None})

    def every_step(self) -> Iterator[Step]:
        """The steps of the route and, of a bundle, those of all further legs."""
        yield from self.route
        for leg in self.legs:
            yield from leg.route

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every field of the form by key, without the columns of groups."""
        return MappingProxyType({field.key: field for section in self.form for field in section.fields})

    @cached_property
    def homes(self) -> Mapping[str, tuple[Section, Field]]:
        """Every field of the form by key, with the section that asks for it."""
        return MappingProxyType({field.key: (section, field) for section, field in self.walk()})

    @cached_property
    def needs(self) -> Mapping[str, frozenset[str]]:
        """The other fields that must be known before it is known whether a field is asked, and what it comes to."""
        named = {key: _names(section, field) for key, (section, field) in self.homes.items()}
        return MappingProxyType(
            {key: frozenset(name for name in names if name in named) for key, names in named.items()}
        )

    def section(self, key: str) -> Section:
        """The section with this key. Raises KeyError."""
        return _by_key(self.form, key)

    def section_of(self, field: str) -> Section:
        """The section that asks for this answer. Raises KeyError."""
        return self.homes[field][0]

    def component(self, key: str) -> Component:
        """The component with this key. Raises KeyError."""
        return _by_key(self.components, key)

    @cached_property
    def papers(self) -> Mapping[str, Text]:
        """What files are handed in for, by key: the components, and the questions of the form that ask for a file."""
        asked = {field.key: field.label for field in self.fields.values() if field.kind is Kind.FILE}
        return MappingProxyType({component.key: component.title for component in self.components} | asked)

    def step(self, key: str) -> Step:
        """The step of the route with this key. Raises KeyError."""
        return _by_key(self.route, key)

    def walk(self) -> Iterator[tuple[Section, Field]]:
        """Every question in the order it is asked."""
        for section in self.form:
            for field in section.fields:
                yield section, field


def _names(section: Section, field: Field) -> Iterator[str]:
    """What the conditions and the formula of a field name."""
    inside = {column.key for column in field.columns}
    for expression in (section.when, field.when, field.computed):
        yield from expression.names if expression else ()
    for column in field.columns:
        yield from column.when.names - inside if column.when else ()


_Keyed = TypeVar("_Keyed", Section, Component, Step, TermCase)


def _by_key(parts: tuple[_Keyed, ...], key: str) -> _Keyed:
    for part in parts:
        if part.key == key:
            return part
    raise KeyError(key)
