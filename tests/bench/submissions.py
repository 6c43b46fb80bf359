"""A citizen's whole submission with two files of 200 kB, as a browser sends it; by one, and by four at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from portal.domain.rehearsal import posted, typed_answers
from portal.settings import Settings
from portal.usecases import demonstration, law, start
from procedures.model import Example, Procedure
from tests import sample_files
from tests.bench.browser import Answer, Browser, File
from tests.bench.figures import Figure, percentile
from tests.bench.site import Memory, Place, running

PROCEDURE: Final = "1.013225"
UNIT: Final = "bao-yen"
CLIENTS: Final = 4
WEB: Final = 2
_SECTION = re.compile(r"/khai/([^/]+)/trang/([^/?]+)$")


class Applicant:
    """A citizen who goes through all pages of one procedure again and again."""

    def __init__(self, url: str, number: int) -> None:
        self.browser = Browser(url)
        self.browser.sign_in(f"dan.{number:05d}", demonstration.PASSWORD)
        self._procedure = law.catalogue().in_force(PROCEDURE, law.office_day(datetime.now(UTC)))
        self._example = _example(self._procedure)

    def apply(self, files: tuple[bytes, bytes], between: Callable[[], object] = lambda: None) -> list[float]:
        """Submit one dossier; gives the seconds of each request. `between` is called after each page."""
        browser = self.browser
        browser.spent.clear()
        browser.get(f"/thu-tuc/{PROCEDURE}")
        answer = browser.post(f"/khai/bat-dau/{PROCEDURE}", {"another": ["1"]})
        typed = {"result_delivery": "one_stop", **typed_answers(self._procedure, self._example)}
        while found := _SECTION.search(answer.path):
            between()
            section = self._procedure.section(found[2])
            answer = self._sent(answer.path, {**posted(section, typed), "warned": ["1"]})
        for component, file in zip(self._example.components or (), _files(files), strict=True):
            between()
            sent = File(f"files-{component}", file[0], file[1], file[2])
            answer = _good(browser.post(answer.path, {"component": [component]}, [sent]))
        answer = self._sent(answer.path, {})
        between()
        answer = self._sent(answer.path, {"unit": [UNIT]})
        between()
        answer = self._sent(answer.path.replace("/xem-lai", "/nop"), {"declaration": ["yes"]})
        if not answer.path.startswith("/ho-so/"):
            raise RuntimeError(f"not handed in: {answer.path}")
        return list(browser.spent)

    def _sent(self, path: str, form: dict[str, list[str]]) -> Answer:
        return _good(self.browser.post(path, form))


def measure(folder: Path, dossiers: int, memory: Memory) -> list[Figure]:
    """So many dossiers by one citizen, then as many by four at once, in turns with the empty page."""
    place = Place.make(folder / "submissions")
    _prepare(place.settings)
    empty = Place.make(folder / "submissions-empty")
    files = [(sample_files.photo(200, seed=n), sample_files.scan(200, seed=n)) for n in range(1, dossiers + 1)]
    programs = [*place.programs("queue", "web", web=WEB), *empty.empty(web=WEB)]
    with running(programs), memory:
        return [*_alone(place, empty, files), *_together(place, empty, files)]


def _alone(place: Place, empty: Place, files: Sequence[tuple[bytes, bytes]]) -> list[Figure]:
    applicant, floor = Applicant(place.url, 1), Browser(empty.url)
    runs = [applicant.apply(pair, lambda: floor.get("/")) for pair in files][1:]
    sums = [1000 * sum(run) for run in runs]
    requests = len(runs[0])
    beside = requests * 1000 * percentile(floor.spent, 50)
    note = f"{requests} requests; floor: as many empty pages"
    return [
        Figure("submission", "all requests, p50", percentile(sums, 50), "ms", beside, note=note),
        Figure("submission", "all requests, p95", percentile(sums, 95), "ms", beside),
    ]


def _together(place: Place, empty: Place, files: Sequence[tuple[bytes, bytes]]) -> list[Figure]:
    applicants = [Applicant(place.url, number) for number in range(2, 2 + CLIENTS)]
    browsers = [Browser(empty.url) for _ in range(CLIENTS)]
    # Other bytes than before, so that no file is there already.
    fresh = [(photo + b"\n", scan + b"\n%\n") for photo, scan in files]
    spent = pages = applied = 0.0
    looked = 0
    with ThreadPoolExecutor(CLIENTS) as threads:
        for first in range(0, len(fresh) - CLIENTS + 1, CLIENTS):
            began = time.perf_counter()
            list(threads.map(Applicant.apply, applicants, fresh[first : first + CLIENTS]))
            spent += time.perf_counter() - began
            applied += CLIENTS
            began = time.perf_counter()
            list(threads.map(lambda browser: [browser.get("/") for _ in range(100)], browsers))
            pages += time.perf_counter() - began
            looked += 100 * CLIENTS
    requests = len(applicants[0].browser.spent)
    note = f"{WEB} web processes; floor: empty pages/s by the same clients, divided by {requests} requests"
    return [
        Figure("submission", f"{CLIENTS} clients", applied / spent, "dossiers/s", looked / pages / requests, note=note)
    ]


def _prepare(settings: Settings) -> None:
    start.prepare(settings)
    now = datetime.now(UTC)
    demonstration.fill(50, 1, now.date().replace(day=1), now.date(), now)


def _example(procedure: Procedure) -> Example:
    return next(e for e in procedure.examples if e.unit == UNIT and e.expect.outcome == "complete")


def _files(files: tuple[bytes, bytes]) -> list[tuple[str, str, bytes]]:
    return [("giay-to.jpg", "image/jpeg", files[0]), ("ban-ve.pdf", "application/pdf", files[1])]


def _good(answer: Answer) -> Answer:
    if answer.status != 200:
        raise RuntimeError(f"{answer.path}: {answer.status}\n{answer.text[-3000:]}")
    return answer
