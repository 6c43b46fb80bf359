"""A catalogue of 500 procedures with five versions each: how long a process takes to know it, and to search it."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from portal.domain.access import Role
from portal.settings import Settings
from portal.store import publications
from portal.store.database import reading, transaction
from portal.usecases import accounts, law, start
from procedures.catalogue import load_catalogue
from tests.bench.browser import Browser
from tests.bench.figures import Figure, percentile
from tests.bench.site import Memory, Place, running
from tests.long_forms import text_of

PROCEDURES, VERSIONS = 500, 5
TIMES_EMPTY: Final = 5.0
SECONDS_TO_START: Final = 2.0
#: What people type: whole words, begun, without marks, misspelt.
TYPED: Final = (
    "khai sinh",
    "dat dai",
    "giay phep xay dug",
    "thuong tr",
    "sổ đỏ",
    "xac nhan ho tich",
    "ket hn",
    "birth",
)
WARM_UP: Final = 20
#: A process that begins, and says how long it took from its settings to the first answer.
_BEGIN: Final = """
import time
from datetime import date
from portal.settings import Settings
from portal.usecases import law, start
began = time.perf_counter()
start.connect(Settings.from_env())
catalogue = law.catalogue()
known = time.perf_counter()
catalogue.search("dat dai", date.today())
print(len(catalogue.codes), known - began, time.perf_counter() - began)
"""


def measure(folder: Path, times: int, memory: Memory) -> list[Figure]:
    """The first start, which reads all texts; later ones, which know their heads; searching beside the empty page."""
    place, empty = (
        Place.make(folder / "catalogue", redis_url="unix:///nonexistent"),
        Place.make(folder / "no-catalogue"),
    )
    there = _publish(place.settings)
    what = f"{there} procedures, {VERSIONS} versions of most"
    (place.settings.var / "heads.json").unlink()
    first, _ = _begun(place)
    later = [_begun(place) for _ in range(5)]
    known, searched = (percentile([each[n] for each in later], 50) for n in (0, 1))
    figures = [
        Figure("catalogue: start", f"first, all texts read ({what})", first, "s"),
        Figure(
            "catalogue: start", "later, p50", known, "s", None, f"< {SECONDS_TO_START:g} s", known < SECONDS_TO_START
        ),
        Figure("catalogue: start", "later, with the first search, p50", searched, "s"),
    ]
    with running([*place.programs("web"), *empty.empty()]), memory:
        floor, visitor = Browser(empty.url), Browser(place.url)
        spent: dict[str, list[float]] = {"empty": [], "search": []}
        for turn, words in zip(range(WARM_UP + times), itertools.cycle(TYPED), strict=False):
            address = f"/tim?{urlencode({'q': words})}"
            for name, path, browser in (("empty", "/", floor), ("search", address, visitor)):
                began = time.perf_counter()
                browser.get(path)
                if turn >= WARM_UP:
                    spent[name].append(1000 * (time.perf_counter() - began))
    beside, page = percentile(spent["empty"], 50), percentile(spent["search"], 50)
    holds = page <= TIMES_EMPTY * beside
    figures.append(Figure("catalogue: search", "p50", page, "ms", beside, f"≤ {TIMES_EMPTY:g}", holds))
    return figures


def _begun(place: Place) -> tuple[float, float]:
    """Seconds until a new process knows the catalogue, and until it has searched it once."""
    env = os.environ | place.env
    told = subprocess.run([sys.executable, "-c", _BEGIN], env=env, capture_output=True, text=True, check=True)
    _codes, known, searched = told.stdout.split()
    return float(known), float(searched)


def _publish(settings: Settings) -> int:
    """Publish so many versions, as plain rows: a check of each belongs to authoring; gives how many procedures."""
    start.prepare(settings)
    now = datetime.now(UTC)
    author = accounts.create_staff(Role.ADMINISTRATOR, None, "quan-tri", "Quản trị", "ruong-bac-thang-cao", now)
    with transaction() as session:
        for code, begins, text in _texts():
            publications.append(
                session, kind="procedure", name=code, sector="residence", slug=f"made-{code.replace('.', '-')}",
                begins=begins, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), decision_number="1/QĐ-UBND",
                decided_on=begins, published_at=now, published_by_id=author.id, replaces=None, diff=[],
            )  # fmt: skip
    with reading() as session:
        assert publications.newest(session.connection()) == PROCEDURES * VERSIONS
    return len(law.catalogue().codes)


def _texts() -> Iterator[tuple[str, date, str]]:
    """Versions of made-up procedures, with names of the words that procedures have."""
    chance = random.Random(1)  # noqa: S311 - the same every time
    words = sorted({word for procedure in load_catalogue() for word in procedure.title.vi.lower().split()})
    for number in range(PROCEDURES):
        code = f"8.{number:06d}"
        title = " ".join(chance.choices([word for word in words if word.isalpha()], k=9)).capitalize()
        for year in range(VERSIONS):
            begins = date(2022 + year, 1, 1)
            yield code, begins, text_of(code, 40, 10, date(2026, 8, 3)).replace("Tờ khai dài", title)
