"""Fills the portal with a demonstration: accounts of every role and unit, and a history made by the rules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from io import BytesIO
from random import Random
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.domain import demonstration, forms, population
from portal.domain.access import Actor, Role
from portal.domain.demonstration import Citizen, World
from portal.domain.errors import Invalid
from portal.domain.flow import ASKING, OPEN, Action
from portal.domain.population import FEMALE, Person
from portal.domain.slips import SlipKind
from portal.services import identity, specimens
from portal.services.files import open_files
from portal.services.uploads import Inspected, Uploads
from portal.settings import Settings
from portal.store import bulk, counters, registers
from portal.store.database import reading, transaction
from portal.store.models import Account, Counter, Dossier
from portal.usecases import chronicle, drafts, law, letters, slips, statistics
from procedures.calendars import OFFICE_TIME
from procedures.expressions import fold
from procedures.places import Unit, UnitKind

#: The password of every demonstration account; it protects nothing but invented people.
PASSWORD: Final = "ruong-bac-thang"  # noqa: S105
#: How many of the regular citizen's own dossiers there are, more or less.
REGULARS_DOSSIERS: Final = 8

#: What people of a role sign in with, before the unit.
SIGN_IN: Final[Mapping[Role, str]] = {
    Role.ONE_STOP_OFFICER: "mot-cua",
    Role.SPECIALIST: "chuyen-vien",
    Role.HEAD_OF_OFFICE: "truong-phong",
    Role.LEADER: "lanh-dao",
    Role.CLERK: "van-thu",
    Role.POLICE_OFFICER: "cong-an",
    Role.POLICE_HEAD: "truong-cong-an",
    Role.REGISTRY_OFFICER: "dat-dai",
    Role.REGISTRY_HEAD: "truong-dat-dai",
    Role.MANAGER: "quan-ly",
    Role.ADMINISTRATOR: "quan-tri",
    Role.CITIZEN: "cong-dan",
}
_OFFICE: Final = {
    Role.ONE_STOP_OFFICER: 2,
    Role.SPECIALIST: 2,
    Role.HEAD_OF_OFFICE: 1,
    Role.LEADER: 1,
    Role.CLERK: 1,
}
_COMMUNE: Final = {**_OFFICE, Role.POLICE_OFFICER: 2, Role.POLICE_HEAD: 1}
#: How many people of each role work at a unit of each kind.
STAFF: Final[Mapping[UnitKind, Mapping[Role, int]]] = {
    UnitKind.DISTRICT: _OFFICE,
    UnitKind.COMMUNE: _COMMUNE,
    UnitKind.TOWNSHIP: _COMMUNE,
    UnitKind.LAND_REGISTRY: {Role.REGISTRY_OFFICER: 2, Role.REGISTRY_HEAD: 1},
}
_STAFF_BORN: Final = (date(1968, 1, 1), date(1999, 12, 31))
#: The unit whose accounts are shown first.
SHOWN_UNIT: Final = "bao-yen"


class AlreadyThere(Invalid):
    """This portal has a demonstration of this seed already; another seed adds to it."""

    status, code = 409, "demonstration_already_there"


class NothingInForce(Invalid):
    """On none of the days asked for is any procedure in force; `first` is the first such day."""

    code = "no_procedure_in_force"


@dataclass(frozen=True, slots=True)
class DemonstrationAccount:
    """Who can sign in to look around; the password is `PASSWORD`."""

    role: Role
    unit: str | None
    sign_in: str


def demonstration_accounts() -> list[DemonstrationAccount]:
    """One account of each role, those of one commune where a role has a unit; none without a demonstration."""
    wanted = [f"{name}.{unit}" if unit else name for name, unit in ((SIGN_IN[r], _shown_unit(r)) for r in SIGN_IN)]
    with reading() as session:
        found = session.scalars(select(Account).where(Account.username.in_(wanted)))
        accounts = [DemonstrationAccount(Role(a.role), a.unit, a.username or "") for a in found]
    return sorted(accounts, key=lambda account: wanted.index(account.sign_in))


def _shown_unit(role: Role) -> str | None:
    if role in (Role.REGISTRY_OFFICER, Role.REGISTRY_HEAD):
        return law.unit(SHOWN_UNIT).registry
    return SHOWN_UNIT if role in _COMMUNE else None


def fill(
    many: int, seed: int, first: date, last: date, now: datetime, tell: Callable[[int], None] = lambda _: None
) -> int:
    """Make so many dossiers that come from `first` to `last`, as they stand at its end or now; gives how many.

    The same arguments give the same history on an empty portal, as long as `last` lies in the past. A second seed adds
    a second history. `tell` is called with the number of dossiers written so far. If it is interrupted, what is written
    is whole and consistent, but a history of that seed cannot be completed.

    Raises:
        AlreadyThere, NothingInForce; Invalid for a number below 1 or days in the wrong order.
    """
    last = min(last, law.office_day(now))
    first = _first_day(many, first, last)
    until = min(now, datetime.combine(last, time.max, OFFICE_TIME))
    with transaction() as session:
        _claim(session, seed, many)
        _make_accounts(session, many, until)
    statistics.project()
    arrivals = list(demonstration.arrivals(many, first, last, law.official_days()))
    written = chronicle.write_history(partial(open_world, many, until), seed, arrivals, tell)
    with transaction() as session:
        registers.enter_history(session)
    statistics.project()
    return written


def _first_day(many: int, first: date, last: date) -> date:
    if many < 1 or last < first:
        raise Invalid({"dossiers" if many < 1 else "to": "out_of_range"})
    begins = demonstration.first_day(law.catalogue())
    if last < begins:
        raise NothingInForce(first=begins.isoformat())
    return max(first, begins)


def _claim(session: Session, seed: int, many: int) -> None:
    """Note that this seed's history is here; the counter holds how many dossiers it was to have."""
    name = f"demonstration/{seed}"
    if session.get(Counter, name) is not None:
        raise AlreadyThere(seed=seed)
    counters.take(session, name, many)


# --- accounts ---


def _make_accounts(session: Session, many: int, at: datetime) -> None:
    """The staff of every unit, the regular citizen and others, unless they are there from an earlier seed."""
    if session.scalars(select(Account.id).where(Account.username == SIGN_IN[Role.CITIZEN])).first() is not None:
        return
    random, kept = Random("accounts"), identity.hash_password(PASSWORD)  # noqa: S311 - names, not secrets
    today = law.office_day(at)
    rows, taken = [], set[str]()
    for unit in law.places().units:
        for role, number in STAFF[unit.kind].items():
            for place in range(1, number + 1):
                rows.append(
                    _staff_row(role, unit.id, place, _new_name(random, taken), kept if unit.alive(today) else None, at)
                )
    for role in (Role.MANAGER, Role.ADMINISTRATOR):
        rows.append(_staff_row(role, None, 1, _new_name(random, taken), kept, at))
    rows += _citizen_rows(random, kept, many, at)
    bulk.insert_rows(session, Account, rows)


def _new_name(random: Random, taken: set[str]) -> str:
    """A name that none of the staff has yet: two of the same name at one desk are not told apart."""
    while (name := population.person(random, _STAFF_BORN).name) in taken:
        pass
    taken.add(name)
    return name


def _staff_row(role: Role, unit: str | None, place: int, name: str, kept: str | None, at: datetime) -> dict[str, Any]:
    word = SIGN_IN[role] if place == 1 else f"{SIGN_IN[role]}-{place}"
    return _account_row(f"{word}.{unit}" if unit else word, role, name, kept, at) | {"unit": unit}


def _account_row(username: str, role: Role, name: str, kept: str | None, at: datetime) -> dict[str, Any]:
    return {
        "username": username,
        "phone": None,
        "password_hash": kept,
        "role": role.value,
        "unit": None,
        "full_name": name,
        "personal_number": None,
        "birth_date": None,
        "sex": None,
        "commune": None,
        "address": "",
        "language": "vi",
        "active": kept is not None,
        "confirmed_at": at,
        "session_epoch": 0,
        "created_at": at,
    }


def _citizen_rows(random: Random, kept: str, many: int, at: datetime) -> list[dict[str, Any]]:
    """The regular citizen first; then people of every commune, more where there are more dossiers."""
    born = (date(1965, 1, 1), date(2004, 12, 31))
    regular = Person("Hoàng Thị Mai", "tay", FEMALE, date(1995, 3, 12), "010195001234", "0912345678", "2")
    people = [regular] + [population.person(random, born) for _ in range(min(max(many // 25, 24), 4_000))]
    communes = [unit for unit in law.places().alive(date.max) if unit.is_commune]
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, person in enumerate(people):
        commune = law.unit(SHOWN_UNIT) if number == 0 else communes[number % len(communes)]
        if person.number in seen:
            continue
        seen.add(person.number)
        phone = regular.phone if number == 0 else f"09{60_000_000 + number:08d}"[:10]
        username = SIGN_IN[Role.CITIZEN] if number == 0 else f"dan.{number:05d}"
        rows.append(
            _account_row(username, Role.CITIZEN, person.name, kept, at)
            | {
                "phone": phone,
                "personal_number": person.number,
                "birth_date": person.birth,
                "sex": person.sex,
                "commune": commune.id,
                "address": population.address(person, commune, None),
            }
        )
    return rows


# --- the world ---


def open_world(many: int, until: datetime) -> World:
    """What a history of so many dossiers is made in: the law, and the people who have accounts."""
    with reading() as session:
        accounts = session.scalars(select(Account).where(Account.username.is_not(None)).order_by(Account.id)).all()
    staff: dict[tuple[str, Role], list[Actor]] = defaultdict(list)
    citizens: dict[str, list[Citizen]] = defaultdict(list)
    regular: Citizen | None = None
    for account in accounts:
        actor = Actor(account.id, Role(account.role), account.unit, account.full_name)
        if account.unit is not None:
            staff[account.unit, actor.role].append(actor)
        elif actor.role is Role.CITIZEN and account.personal_number and account.birth_date:
            citizen = Citizen(actor, _person(account))
            citizens[account.commune or ""].append(citizen)
            regular = citizen if account.username == SIGN_IN[Role.CITIZEN] else regular
    assert regular is not None
    return World(
        places=law.places(),
        catalogue=law.catalogue(),
        days=law.official_days(),
        rules=law.rules,
        calendar=law.calendar,
        staff=staff,
        citizens={unit.id: citizens[_heir(unit)] for unit in law.places().units if unit.is_commune},
        regular=regular,
        # About half of all dossiers come online.
        regulars_share=min(0.5, 2 * REGULARS_DOSSIERS / many),
        until=until,
    )


def _heir(unit: Unit) -> str:
    return unit.successor or unit.id


def _person(account: Account) -> Person:
    """The account's owner as a form knows them."""
    assert account.birth_date is not None
    return Person(
        name=account.full_name,
        people="tay",
        sex=account.sex or FEMALE,
        birth=account.birth_date,
        number=account.personal_number or "",
        phone=account.phone or "",
        village=str(1 + account.id % 12),
    )


# --- what is looked at first ---

#: Unfinished dossiers, the latest first, that get their papers and files.
SHOWN: Final = 60

#: The paper that each action leaves behind.
_PAPERS: Final[Mapping[Action, SlipKind]] = {
    Action.SUBMIT: SlipKind.ACKNOWLEDGEMENT,
    Action.RECEIVE: SlipKind.RECEIPT,
    Action.DECLINE: SlipKind.REFUSAL_OF_RECEPTION,
    **dict.fromkeys(ASKING, SlipKind.SUPPLEMENT_REQUEST),
    Action.STOP: SlipKind.STOPPING,
    Action.ISSUE: SlipKind.RESULT,
    Action.HAND_OVER: SlipKind.HAND_OVER_RECEIPT,
}
#: What the portal does to a leg of a bundle without a paper.
_PAPERLESS: Final = frozenset({Action.SUBMIT, Action.DECLINE})


def dress(settings: Settings) -> int:
    """Give the regular citizen's dossiers and the latest unfinished ones papers and files; gives how many. Repeatable.

    Papers are made out and wait for the workers like any other. History has none: it would be years of printing.
    """
    with reading() as session:
        ids = _shown(session)
    uploads = Uploads(open_files(settings.files_url))
    taken: dict[str, Inspected] = {}
    try:
        for dossier_id in ids:
            with transaction() as session:
                dossier = session.get_one(Dossier, dossier_id)
                if not dossier.slips and not dossier.attachments:
                    _attach(session, dossier, uploads, taken)
                    _make_out_papers(session, dossier)
    finally:
        uploads.close()
    return len(ids)


def _shown(session: Session) -> list[int]:
    open_now = select(Dossier.id).where(Dossier.status.in_(sorted(OPEN)), Dossier.lead_id.is_(None))
    unfinished = open_now.order_by(Dossier.id.desc()).limit(SHOWN)
    regular = select(Dossier.id).join(Account, Account.id == Dossier.owner_id).where(Dossier.lead_id.is_(None))
    own = regular.where(Account.username == SIGN_IN[Role.CITIZEN]).order_by(Dossier.id.desc()).limit(SHOWN)
    found = {*session.scalars(unfinished), *session.scalars(own)}
    return sorted({*found, *session.scalars(select(Dossier.id).where(Dossier.lead_id.in_(found)))})


def _attach(session: Session, dossier: Dossier, uploads: Uploads, taken: dict[str, Inspected]) -> None:
    """A made-up scan for every component that an online dossier needs; `taken` are those drawn before, by title.

    The files of a bundle lie with its first leg.
    """
    if dossier.channel != "online" or dossier.lead_id is not None:
        return
    procedure = law.procedure_of(dossier)
    context = law.context_of(dossier)
    owner = Actor(dossier.owner_id, Role.CITIZEN)
    for component in forms.required_components(procedure, dossier.answers, context):
        title = component.title.vi
        if title not in taken:
            taken[title] = uploads.receive(BytesIO(specimens.scan(title)), _file_name(title))
        attachment = drafts.attachment_of(taken[title], component.key, owner, dossier.submitted_at)
        attachment.dossier_id = dossier.id
        session.add(attachment)
    session.flush()


def _file_name(title: str) -> str:
    """What a person calls the scan of a paper: 'Giấy chứng nhận đã cấp' → 'giay-chung-nhan-da-cap.jpg'."""
    return f"{'-'.join(re.findall('[a-z0-9]+', fold(title)))[:60].rstrip('-')}.jpg"


def _make_out_papers(session: Session, dossier: Dossier) -> None:
    """Make out what was made out then, each by the unit that it lay with, which may have ended since."""
    rounds = iter(dossier.supplements)
    decision, lies_with = None, dossier.desk_unit
    for event in dossier.events:
        set_committed_value(dossier, "desk_unit", event.unit)  # nothing that is to be written down
        action = Action(event.action)
        decision = action if action in (Action.APPROVE, Action.REFUSE) else decision
        if action not in _PAPERS or (action is Action.SUBMIT and dossier.channel != "online"):
            continue
        if action in _PAPERLESS and dossier.lead_id is not None:
            continue
        refused = action is Action.ISSUE and decision is Action.REFUSE
        who = Actor(event.actor_id, Role(event.role), event.unit, event.actor.full_name if event.actor else "")
        slips.make_out(
            session,
            dossier,
            SlipKind.RESULT_REFUSAL if refused else _PAPERS[action],
            who,
            event.at,
            reason=event.reason,
            words=str(event.details.get("words", "")),
            supplement=next(rounds) if action in ASKING else None,
        )
        if action is Action.ISSUE and not refused and letters.offered(dossier):
            slips.make_out(session, dossier, SlipKind.LETTER, who, event.at)
    set_committed_value(dossier, "desk_unit", lies_with)
