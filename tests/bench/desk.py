"""Every queue of the desk, the search and the page of a dossier with few and many dossiers, beside the empty page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from urllib.parse import quote

from portal.domain.access import Role
from portal.domain.queues import seen_by
from portal.usecases import demonstration
from tests.bench.browser import Browser
from tests.bench.figures import Figure
from tests.bench.pages import QUEUE, WARM_UP, Sized, figures_of, in_turns, rows_on
from tests.bench.site import Place, cpu_of, running

#: What is typed: what many bear, only its beginning, many words, and what nobody is called.
TYPED = {"a common name": "nguyen thi", "its beginning": "ng", "four words": "nguyen van h an", "nobody": "zzyzx"}
#: As it is where nobody says otherwise.
_ACK_HOURS = 8
#: How one finds, on a queue, the address of a dossier and its code.
_FIRST = re.compile(r'class="code" href="([^"]+)">([^<]+)<')


def measure(kind: str, portals: Sequence[Sized], empty: Place, requests: int) -> list[Figure]:
    """Each page on all sizes, in turns with the empty page."""
    figures: list[Figure] = []
    with ExitStack() as stack:
        serving = [program for portal in portals for program in portal.place.programs("web")]
        stack.enter_context(running([*empty.empty(), *serving]))
        floor = Browser(empty.url)
        visitors = {portal.size: Browser(portal.place.url) for portal in portals}
        for portal in portals:
            visitors[portal.size].sign_in(portal.officer, demonstration.PASSWORD)
        places = {0: empty} | {portal.size: portal.place for portal in portals}
        for name, path_for in _pages():
            paths = {size: path_for(visitor) for size, visitor in visitors.items()}
            rows = {size: rows_on(visitor.get(paths[size]).text) for size, visitor in visitors.items()}
            before = {size: cpu_of(place) for size, place in places.items()}
            visits = {0: (floor, "/")} | {size: (visitor, paths[size]) for size, visitor in visitors.items()}
            spent = in_turns(visits, requests)
            worked = {size: 1000 * (cpu_of(p) - before[size]) / (WARM_UP + requests) for size, p in places.items()}
            figures += figures_of(f"{name}, {kind}", spent, worked, rows)
        for visitor in (floor, *visitors.values()):
            visitor.close()
    return figures


def _pages() -> Iterator[tuple[str, Callable[[Browser], str]]]:
    """What is opened, by its name, and where; that depends on the dossiers there are."""
    for queue in seen_by(Role.ONE_STOP_OFFICER):
        address = f"{QUEUE}?xem={queue.key}" if queue.key else QUEUE
        yield f"queue: {queue.called(_ACK_HOURS).en}", lambda _, address=address: address  # type: ignore[misc]
    for what, typed in TYPED.items():
        yield f"search: {what}", lambda _, typed=typed: _search(typed)  # type: ignore[misc]
    yield "search: a code", lambda browser: _search(_first(browser)[1])
    yield "dossier page", lambda browser: _first(browser)[0]


def _search(typed: str) -> str:
    return f"{QUEUE}tim?q={quote(typed)}"


def _first(browser: Browser) -> tuple[str, str]:
    found = _FIRST.search(browser.get(f"{QUEUE}?xem=tat_ca").text)
    assert found is not None
    return found[1], found[2]
