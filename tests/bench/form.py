"""Opening a form, saving a page, looking it over: 300 questions beside 10, the largest form, and the empty page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.rehearsal import posted, typed_answers
from portal.settings import Settings
from portal.store.database import reading
from portal.store.models import Account
from portal.usecases import authoring, demonstration, law, start
from procedures.model import Procedure
from tests.bench.browser import Browser
from tests.bench.figures import Figure, percentile
from tests.bench.site import Memory, Place, running
from tests.long_forms import SLUG, last_page, sent, text_of

#: Questions and conditions of the forms that are made for this.
SHORT: Final = ("9.000010", 10, 4)
LONG: Final = ("9.000300", 300, 100)
#: The long form is saved in the time of the short one, as far as a time can be told from another.
SAME: Final = 1.2
WARM_UP: Final = 10


@dataclass(frozen=True, slots=True)
class Visitor:
    """A citizen with one draft: the page that is opened and saved, and what is sent from it."""

    browser: Browser
    key: str
    page: str
    answers: Mapping[str, list[str]]

    def open(self) -> None:
        """Open the page."""
        _good(self.browser.get(f"/khai/{self.key}/trang/{self.page}").status)

    def save(self) -> None:
        """Save the page, as a script does while one types: nothing is drawn."""
        _good(self.browser.post(f"/khai/{self.key}/luu/{self.page}", self.answers).status)

    def look_over(self) -> None:
        """Have the whole form checked and shown."""
        _good(self.browser.get(f"/khai/{self.key}/xem-lai").status)


def measure(folder: Path, times: int, memory: Memory) -> list[Figure]:
    """Each of the three on each form, in turns with the empty page."""
    place, empty = Place.make(folder / "form", redis_url="unix:///nonexistent"), Place.make(folder / "form-empty")
    largest = _prepare(place.settings)
    with running([*place.programs("web"), *empty.empty()]), memory:
        floor = Browser(empty.url)
        visitors = {
            "10 fields": _visitor(place, 1, SHORT[0], last_page(SHORT[1]), sent(SHORT[1])),
            "300 fields": _visitor(place, 2, LONG[0], last_page(LONG[1]), sent(LONG[1])),
            f"largest ({len(largest.fields)} fields)": _visitor(place, 3, largest.code, *_largest_page(largest)),
        }
        figures: list[Figure] = []
        for name, work in (("open", Visitor.open), ("save", Visitor.save), ("look over", Visitor.look_over)):
            figures += _in_turns(name, work, visitors, floor, times)
        return figures


def _in_turns(
    name: str, work: Callable[[Visitor], None], visitors: Mapping[str, Visitor], floor: Browser, times: int
) -> list[Figure]:
    spent: dict[str, list[float]] = {form: [] for form in ("", *visitors)}
    for turn in range(WARM_UP + times):
        for form in spent:
            began = time.perf_counter()
            if form:
                work(visitors[form])
            else:
                floor.get("/")
            if turn >= WARM_UP:
                spent[form].append(1000 * (time.perf_counter() - began))
    beside = percentile(spent.pop(""), 50)
    medians = {form: percentile(sample, 50) for form, sample in spent.items()}
    figures = [Figure(f"form: {name}", f"{form}, p50", value, "ms", beside) for form, value in medians.items()]
    if name == "save":
        short, long, *_ = medians.values()
        holds = long <= SAME * short
        figures.append(Figure(f"form: {name}", "300 beside 10 fields", long, "ms", short, f"≤ {SAME:g}", holds))
    return figures


def _visitor(place: Place, number: int, code: str, page: str, answers: Mapping[str, list[str]]) -> Visitor:
    browser = Browser(place.url)
    browser.sign_in(f"dan.{number:05d}", demonstration.PASSWORD)
    browser.get(f"/thu-tuc/{code}")
    begun = browser.post(f"/khai/bat-dau/{code}", {"another": ["1"]})
    return Visitor(browser, begun.path.split("/")[2], page, answers)


def _largest_page(procedure: Procedure) -> tuple[str, dict[str, list[str]]]:
    """The page of the largest form that asks most, with the answers of its first example."""
    page = max(procedure.form, key=lambda section: len(section.fields))
    return page.key, posted(page, typed_answers(procedure, procedure.examples[0]))


def _prepare(settings: Settings) -> Procedure:
    """A portal with both made forms published; gives the largest procedure that ships."""
    start.prepare(settings)
    now = datetime.now(UTC)
    today = law.office_day(now)
    demonstration.fill(50, 1, today.replace(day=1), today, now)
    catalogue = law.catalogue()
    versions = [catalogue.in_force(head.code, today) for head in catalogue.all_in_force(today)]
    online = [version for version in versions if "online" in version.channels]
    with reading() as session:
        account = session.scalars(select(Account).where(Account.role == Role.ADMINISTRATOR.value)).first()
    assert account is not None
    author = Actor(account.id, Role.ADMINISTRATOR)
    for code, fields, conditions in (SHORT, LONG):
        text = text_of(code, fields, conditions, today)
        draft = authoring.take_in(author, text, now, slug=f"{SLUG}-{fields}", begins=today)
        authoring.publish(author, draft.id, draft.revision, now, decision_number="1/QĐ-UBND", decided_on=today)
    return max(online, key=lambda version: len(version.fields))


def _good(status: int) -> None:
    if status not in (200, 204):
        raise RuntimeError(f"the form answered {status}")
