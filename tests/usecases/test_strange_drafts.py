"""Whatever an author types, checking it ends in faults and never in a traceback; what reads is compared and played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain import amendments
from portal.domain.errors import Invalid
from portal.usecases import authoring
from portal.usecases.authoring import Draft
from procedures.catalogue import load_catalogue, procedure_files
from procedures.files import FaultyFile, read
from procedures.postponing import postpone_examples

FILES = procedure_files()
AT = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
#: What slips into a file that was edited by hand or by another program.
BYTES = [
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\t",
    b"\r",
    b"'",
    b'"',
    b"{",
    b"[",
    b"&a ",
    b"*a",
    b"!!x ",
    b"---\n",
    b"#",
]
JUNK: list[Any] = [
    None, [], {}, True, 0, -1, 10**30, 1.5, "", "x", "today", "same_day", "9999 day", "1 day + same_day", "2024-02-30",
    "0001-01-01T00:00", "9999-12-31T23:59+14:00", "group", "person", "several", "unit", "full_name", "size(1",
    "1/0 == 1", "members.exists(m, m.x == 1)", "../../x", "x/2016-01-01", [1], {"vi": "a", "en": "b"}, "commune == 'x'",
    "\u202e",
    "exemptions", ["full_name"], [[]], [None], {"x": []}, "applicant/2016-01-01", "today > today", "'' + 1 == 2",
    "sexes",
]  # fmt: skip


def draft(text: str, begins: date | None = None) -> Draft:
    return Draft(1, "procedure", "1.010038", "residence", "household-split", None, begins, text, 1, AT, AT, "A")


def looked_at(text: str, begins: date | None = None) -> None:
    """All that a page does with what an author typed."""
    typed = draft(text, begins)
    checked = authoring.check(typed)
    assert checked.procedure is not None or checked.faults
    for fault in checked.faults:
        assert fault.line >= 1
        assert fault.reason
    if checked.procedure is not None:
        for known in (SPLIT, checked.procedure):
            assert all(change.line.vi for change in amendments.changes(known, checked.procedure))
        if checked.playable:
            played = authoring.play(checked.procedure)
            assert all(p.agrees for p in played) == (not any(f.place[:1] == ("examples",) for f in checked.faults))
    with suppress(Invalid):
        authoring._said(text)
    with suppress(FaultyFile):
        postpone_examples(text, begins or AT.date())


SPLIT = load_catalogue().version("1.010038", date(2026, 3, 15))


@settings(max_examples=60)
@given(st.data())
def test_no_bytes_end_in_a_traceback(data: st.DataObject) -> None:
    written = bytearray(data.draw(st.sampled_from(FILES)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(written)))
        until = at + data.draw(st.sampled_from([0, 0, 1, 7, 400]))
        written[at:until] = data.draw(st.sampled_from(BYTES) | st.binary(max_size=4))
    looked_at(written.decode("utf-8", "surrogateescape"))


@settings(max_examples=60)
@given(st.data())
def test_no_tree_ends_in_a_traceback(data: st.DataObject) -> None:
    value = json.loads(json.dumps(read(data.draw(st.sampled_from(FILES))).value, default=str))
    places = list(_parts(value))
    for _ in range(data.draw(st.integers(1, 4))):
        parent, key = places[data.draw(st.integers(0, len(places) - 1))]
        other, name = places[data.draw(st.integers(0, len(places) - 1))]
        match data.draw(st.integers(0, 2)):
            case 0:
                _put(parent, key, data.draw(st.sampled_from(JUNK)))
            case 1:
                _put(parent, key, json.loads(json.dumps(_at(other, name))))
            case 2 if isinstance(parent, list) and key < len(parent):
                parent.insert(key, json.loads(json.dumps(parent[key])))
            case _:
                _put(parent, key, None)
    looked_at(json.dumps(value, ensure_ascii=False, indent=1), data.draw(st.none() | st.dates()))


@given(
    st.text(max_size=40)
    | st.binary(max_size=40).map(lambda b: b.decode("utf-16", "surrogatepass") if len(b) % 2 == 0 else "")
)
def test_no_text_ends_in_a_traceback(text: str) -> None:
    looked_at(text)


def _at(parent: Any, key: Any) -> Any:
    return parent[key] if key in (parent if isinstance(parent, dict) else range(len(parent))) else None


def _put(parent: Any, key: Any, value: Any) -> None:
    if isinstance(parent, dict) or key < len(parent):
        parent[key] = value


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _parts(value[key])
