"""What the people of the demonstration write into their forms: invented, and such that the forms accept it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from portal.domain import population
from portal.domain.lookup import PARCEL_KEYS
from portal.domain.numerals import date_in_words
from portal.domain.population import FEMALE, MALE, Person
from procedures.places import Unit

ONE_DAY: Final = timedelta(days=1)
_YEAR: Final = 365.25 * ONE_DAY

ADULTS: Final = (date(1955, 1, 1), date(2004, 12, 31))
_PARENTS: Final = (date(1985, 1, 1), date(2004, 12, 31))
_OLD: Final = (date(1938, 1, 1), date(1966, 12, 31))

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def moved(answers: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """Answers with all their dates earlier by so much: who comes before the day of the example met all earlier."""
    return {key: _moved(value, by) for key, value in answers.items()} if by else dict(answers)


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, Mapping):
        return moved(value, by)
    if isinstance(value, list):
        return [_moved(item, by) for item in value]
    if isinstance(value, str) and _DATE.fullmatch(value):
        return (date.fromisoformat(value) + by).isoformat()
    return value


def on_other_land(answers: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Answers about other parcels: everybody has land of their own, and one parcel named twice stays one."""
    anew: dict[tuple[str, ...], tuple[int, int]] = {}

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(row) for row in value]
        if not isinstance(value, Mapping):
            return value
        return {key: told(part) for key, part in value.items()} | parcel(value)

    def parcel(place: Mapping[str, Any]) -> dict[str, Any]:
        for keys in PARCEL_KEYS:
            written = [place[key] for key in keys if place.get(key)]
            if len(written) == len(keys):
                given = anew.setdefault(tuple(map(str, written)), (random.randint(1, 80), random.randint(1, 900)))
                kept = zip(keys, written, given, strict=True)
                return {key: str(new) if isinstance(old, str) else new for key, old, new in kept}
        return {}

    return {key: told(value) for key, value in answers.items()} | parcel(answers)


@dataclass(frozen=True, slots=True)
class Filling:
    """What the answers of one form are invented from; `example` is what they take the place of."""

    random: Random
    person: Person
    commune: Unit
    home: str
    day: date
    example: Mapping[str, Any]


def invented(slug: str, of: Filling) -> dict[str, Any]:
    """The answers of one applicant to the form of the procedure with this slug; the rest is as in the example."""
    return _common(of) | _OWN.get(slug, _nothing_else)(of)


def _common(of: Filling) -> dict[str, Any]:
    return {
        "full_name": of.person.name,
        "personal_number": of.person.number,
        "birth_date": of.person.birth.isoformat(),
        "sex": of.person.sex,
        "phone": of.person.phone,
        "permanent_address": of.home,
        "commune": of.commune.id,
    }


def _nothing_else(_: Filling) -> dict[str, Any]:
    return {}


def _birth(of: Filling) -> dict[str, Any]:
    random, applicant = of.random, of.person
    other = population.person(random, _PARENTS, MALE if applicant.sex == FEMALE else FEMALE)
    mother, father = (applicant, other) if applicant.sex == FEMALE else (other, applicant)
    sex = MALE if random.random() < 0.51 else FEMALE
    born = of.day - ONE_DAY * random.randint(2, 45)
    married = born - ONE_DAY * random.randint(300, 2500)
    return {
        "relation_to_child": "mother" if applicant is mother else "father",
        "child_name": population.name(random, father.people, sex, father.name.split()[0]),
        "child_sex": sex,
        "child_birth_date": born.isoformat(),
        "child_birth_date_words": date_in_words(born),
        "child_ethnicity": father.people,
        "home": of.home,
        "birth_place": of.home,
        "mother_name": mother.name,
        "mother_birth": mother.birth.isoformat(),
        "mother_ethnicity": mother.people,
        "mother_residence": of.home,
        "mother_number": mother.number,
        "father_known": True,
        "father_name": father.name,
        "father_birth": father.birth.isoformat(),
        "father_ethnicity": father.people,
        "father_nationality": "Việt Nam",
        "father_residence": of.home,
        "father_number": father.number,
        "parents_married": True,
        "marriage_number": f"{random.randint(1, 90)}/{married.year}",
        "marriage_date": married.isoformat(),
        "marriage_place": f"Ủy ban nhân dân {population.as_place(of.commune)}",
    }


def _birth_bundle(of: Filling) -> dict[str, Any]:
    """Most children live where they are registered, some in another commune, as in the example."""
    random, answers = of.random, _birth(of)
    if random.random() < 0.85:
        answers |= {
            "residence_commune": of.commune.id,
            "residence_address": of.home,
            "clinic": f"Trạm y tế {population.as_place(of.commune)}",
        }
    if of.example["householder"] != "other":
        return answers | {"householder": answers["relation_to_child"]}
    head = population.person(random, _OLD, people=of.person.people)
    return answers | {"householder_name": head.name, "householder_number": head.number}


def _marriage(of: Filling) -> dict[str, Any]:
    """Whoever applies is one of the couple, if old enough."""
    random = of.random
    of_age = (of.day - 45 * _YEAR, of.day - 21 * _YEAR)
    one = of.person if of.person.birth < of_age[1] else population.person(random, of_age)
    other = population.person(random, of_age, MALE if one.sex == FEMALE else FEMALE)
    couple = dict(zip(("bride", "groom"), (one, other) if one.sex == FEMALE else (other, one), strict=True))
    return {
        key: of.example[key]
        | {
            "full_name": who.name,
            "birth": who.birth.isoformat(),
            "ethnicity": who.people,
            "residence": of.home,
            "personal_number": who.number,
        }
        for key, who in couple.items()
        if of.example[key].get("personal_number")
    }


def _death(of: Filling) -> dict[str, Any]:
    """Somebody who died lately; a death of long ago stays that of the example."""
    if of.example["death_evidence"] != "notice":
        return {}
    random = of.random
    dead, died = population.person(random, _OLD, people=of.person.people), of.day - ONE_DAY * random.randint(2, 12)
    return {
        "deceased": {
            "full_name": dead.name,
            "birth": str(dead.birth.year),
            "sex": dead.sex,
            "ethnicity": dead.people,
            "nationality": "Việt Nam",
            "personal_number": dead.number,
        },
        "last_residence": of.home,
        "death_date": died.isoformat(),
        "death_place": of.home,
        "notice_number": f"{random.randint(1, 90)}/GBT",
        "notice_date": (died + ONE_DAY).isoformat(),
        "notice_issuer": f"Trạm y tế {population.as_place(of.commune)}",
    }


def _death_bundle(of: Filling) -> dict[str, Any]:
    random = of.random
    answers: dict[str, Any] = {"deleted_commune": of.commune.id}
    if of.example["householder"] == "deceased":
        answers |= {"new_householder": of.person.name}
    else:
        head = population.person(random, _PARENTS, people=of.person.people)
        answers |= {"householder_name": head.name, "householder_number": head.number}
    return answers | _death(of)


def _household(of: Filling) -> dict[str, Any]:
    random, head = of.random, of.person
    old = population.person(random, (date(1945, 1, 1), date(1970, 12, 31)), people=head.people)
    spouse = population.person(random, _PARENTS, MALE if head.sex == FEMALE else FEMALE)
    members = [_member(head, "self"), _member(spouse, "spouse")]
    for _ in range(random.randint(1, 2)):
        child = population.person(random, (date(2010, 1, 1), date(2020, 12, 31)), people=head.people)
        members.append(_member(child, "child"))
    return {
        "old_head_name": old.name,
        "old_head_number": old.number,
        "household_address": of.home,
        "new_head_name": head.name,
        "new_head_number": head.number,
        "members": members,
        "guardian_name": head.name,
        "guardian_number": head.number,
        "guardian_consent": "electronic",
    }


def _member(person: Person, relation: str) -> dict[str, Any]:
    return {
        "full_name": person.name,
        "birth_date": person.birth.isoformat(),
        "sex": person.sex,
        "personal_number": person.number,
        "relation": relation,
    }


def _house(of: Filling) -> dict[str, Any]:
    random = of.random
    if of.example["work_kind"] != "house":
        return {"street_address": population.village(of.person.village, of.commune)}
    storeys, ground = random.choices((1, 2, 3, 4), (30, 45, 20, 5))[0], random.randint(60, 140)
    return {
        "street_address": population.village(of.person.village, of.commune),
        "parcel_number": str(random.randint(1, 900)),
        "map_sheet": str(random.randint(1, 80)),
        "plot_area": f"{ground * random.randint(13, 30) / 10:.1f}",
        "land_paper_number": f"CĐ {random.randint(100000, 999999)}",
        "ground_floor_area": str(ground),
        "total_floor_area": str(ground * storeys),
        "storeys": storeys,
        "height": f"{3.6 * storeys + 0.6:.1f}",
        "months_to_complete": random.randint(5, 14),
    }


def _land(of: Filling) -> dict[str, Any]:
    random, receiver = of.random, of.person
    giver = population.person(random, ADULTS)
    contract = of.day - ONE_DAY * random.randint(1, 20)
    return {
        "before_change": f"{'Bà' if giver.sex == FEMALE else 'Ông'} {giver.name}",
        "after_change": f"{'Bà' if receiver.sex == FEMALE else 'Ông'} {receiver.name}",
        "contract_number": f"{random.randint(1, 400)}/{contract.year}",
        "contract_date": contract.isoformat(),
        "contract_notary": f"Ủy ban nhân dân {population.as_place(of.commune)}",
        "certificate_serial": f"CĐ {random.randint(100000, 999999)}",
        "register_number": f"CS {random.randint(1, 9999):05d}",
        "parcel_number": random.randint(1, 900),
        "map_sheet": random.randint(1, 80),
        "area": f"{random.randint(800, 30000) / 10:.1f}",
        "parcel_address": of.home,
        "giver_name": giver.name,
        "giver_number": giver.number,
        "giver_address": of.home,
        "receiver_name": receiver.name,
        "receiver_number": receiver.number,
        "receiver_address": of.home,
        "price": 1_000_000 * random.randint(60, 1200),
    }


#: What of a form is invented anew for each dossier, by the procedure's slug; the rest is as in the example.
_OWN: Final[Mapping[str, Callable[[Filling], dict[str, Any]]]] = {
    "birth-registration": _birth,
    "birth-bundle": _birth_bundle,
    "death-bundle": _death_bundle,
    "death-registration": _death,
    "marriage-registration": _marriage,
    "household-split": _household,
    "house-permit": _house,
    "transfer": _land,
}
