"""`python -m tests.bench`: measures, prints a table, and writes the same as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from portal.services import logs
from tests.bench import bulk_orders, catalogue, data, desk, form, pages, receipts, submissions, watch
from tests.bench.figures import Figure, table
from tests.bench.site import Memory, Place

SUBJECTS = ("pages", "desk", "submissions", "receipts", "form", "catalogue", "watch", "bulk")
DATABASES = ("sqlite", "postgresql")


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default=[1_000, 100_000, 1_000_000], type=_numbers, help="1000,100000,1000000")
    parser.add_argument("--told", default=50_000, type=int, help="dossiers made one by one; more repeat these (50000)")
    parser.add_argument("--databases", default=DATABASES, type=_words, help="sqlite,postgresql")
    parser.add_argument("--subjects", default=SUBJECTS, type=_words, help=",".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="small and short, to see that it runs")
    parser.add_argument("--output", default=Path("var/bench.json"), type=Path, help="var/bench.json")
    asked = parser.parse_args()
    if asked.quick:
        asked.sizes = [1_000, 3_000]
    return asked


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return sorted(int(number) for number in text.split(","))


def figures(asked: argparse.Namespace, folder: Path, memory: Memory) -> Iterator[Figure]:
    """All that was asked for, one subject after the other."""
    if "receipts" in asked.subjects:
        yield from receipts.measure(folder, 1 if asked.quick else 4, 60, memory)
    if "submissions" in asked.subjects:
        yield from submissions.measure(folder, 9 if asked.quick else 33, memory)
    if "form" in asked.subjects:
        yield from form.measure(folder, 40 if asked.quick else 200, memory)
    if "catalogue" in asked.subjects:
        yield from catalogue.measure(folder, 60 if asked.quick else 300, memory)
    if "watch" in asked.subjects:
        for kind in asked.databases:
            yield from _watch(asked, folder, kind)
    if "bulk" in asked.subjects:
        for kind in asked.databases:
            yield from _bulk(asked, folder, kind)
    if {"pages", "desk"}.intersection(asked.subjects):
        for kind in asked.databases:
            yield from _pages(asked, folder, kind, memory)
    for name in memory.largest:
        if memory.largest[name]:
            together = f"{memory.together[name] / 1e6:.0f} MB all together, shared pages once"
            yield Figure("memory", f"largest {name} process", memory.largest[name] / 1e6, "MB", note=together)


def _pages(asked: argparse.Namespace, folder: Path, kind: str, memory: Memory) -> list[Figure]:
    requests = 60 if asked.quick else 300
    empty = Place.make(folder / f"{kind}-empty")
    if kind == "sqlite":
        portals = list(pages.make(folder, kind, asked.sizes, asked.told, lambda _: ""))
        with memory:
            return _visited(asked, kind, portals, empty, requests)
    with data.postgresql() as make:
        portals = list(pages.make(folder, kind, asked.sizes, asked.told, lambda size: make(f"bench_{size}")))
        with memory:
            return _visited(asked, kind, portals, empty, requests)


def _visited(
    asked: argparse.Namespace, kind: str, portals: list[pages.Sized], empty: Place, requests: int
) -> list[Figure]:
    """What is visited of the same portals."""
    subjects = {"pages": pages.measure, "desk": desk.measure}
    wanted = [measure for name, measure in subjects.items() if name in asked.subjects]
    return [figure for measure in wanted for figure in measure(kind, portals, empty, requests)]


def _watch(asked: argparse.Namespace, folder: Path, kind: str) -> list[Figure]:
    sizes, told = ([500, 1_500], 500) if asked.quick else ([10_000, 100_000], watch.TOLD)
    if kind == "sqlite":
        return watch.measure(kind, folder, sizes, told, lambda _: "")
    with data.postgresql() as make:
        return watch.measure(kind, folder, sizes, told, lambda size: make(f"watch_{size}"))


def _bulk(asked: argparse.Namespace, folder: Path, kind: str) -> list[Figure]:
    size = 20 if asked.quick else 500
    if kind == "sqlite":
        return bulk_orders.measure(kind, folder, size)
    with data.postgresql() as make:
        return bulk_orders.measure(kind, folder, size, make("bulk"))


def machine() -> dict[str, Any]:
    """What was measured on."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg(),
    }


def main() -> None:
    """Measure, tell, and leave nothing running."""
    asked = options()
    # Asked to stop, it still ends all that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to stop"))
    logs.configure()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    memory = Memory(web="granian", worker="-m workers")
    about = machine()
    found: list[Figure] = []
    folder = Path(tempfile.mkdtemp(prefix="mc-bench-"))
    try:
        for figure in figures(asked, folder, memory):
            found.append(figure)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        about["load_at_end"] = os.getloadavg()
        print(table(found))
        asked.output.parent.mkdir(parents=True, exist_ok=True)
        told = {"machine": about, "sizes": asked.sizes, "told": asked.told, "figures": [f.as_json() for f in found]}
        asked.output.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"\n{asked.output}")


if __name__ == "__main__":
    main()
