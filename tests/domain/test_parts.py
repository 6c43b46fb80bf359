"""The author's pages: every part of every version has its entry, shows its value, and reads it back unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from portal.domain import entries, outline, parts
from portal.domain.entries import ABSENT, Entry, Group, Rows, Typed, rearranged
from procedures import editing, model
from procedures.catalogue import procedure_files
from procedures.files import Place
from procedures.shared import shared

FILES = pytest.mark.parametrize("file", procedure_files(), ids=lambda file: f"{file.parent.name}-{file.stem}")
UNITS = tuple((name, model.Text(vi=name, en=name)) for name in ("bao-yen", "pho-rang", "huyen-bao-yen", "nghia-do"))


def every_page(plain: Any) -> Iterator[tuple[Place, tuple[Entry, ...], Mapping[str, Any]]]:
    for page in parts.PAGES:
        yield (), page.entries, plain
    for listing in parts.LISTINGS:
        yield from every_item((listing.key,), plain.get(listing.key, []))
    yield from every_item(("bundle", "legs"), plain.get("bundle", {}).get("legs", []))


def every_item(place: Place, items: list[Any]) -> Iterator[tuple[Place, tuple[Entry, ...], Mapping[str, Any]]]:
    for index, item in enumerate(items):
        found = parts.entries_at((*place, index), item)
        assert found is not None, place
        yield (*place, index), found, item
        for inner in ("fields", "columns", "route"):
            if parts.listing((*place, index, inner)):
                yield from every_item((*place, index, inner), item.get(inner, []))


def equal(entry: Entry, before: Any, after: Any) -> bool:
    """Whether a value means the same: what is understood anyway may be left out, blanks do not count."""
    if before == after or (before in (None, [], {}, entry.default) and after is ABSENT):
        return True
    if isinstance(before, list) and isinstance(after, list) and not isinstance(entry, Rows):
        return sorted(map(str, before)) == sorted(map(str, after))
    if isinstance(entry, Group) and isinstance(before, dict) and isinstance(after, dict):
        # What has pages of its own is kept when the group is put (portal/web/editing.py).
        inner = [(one, before.get(one.key, ABSENT), after.get(one.key, ABSENT)) for one in entry.entries]
        return all(equal(one, old, new) for one, old, new in inner)
    return isinstance(before, str) and isinstance(after, str) and before.split() == after.split()


@FILES
def test_what_a_page_shows_reads_back_as_it_was_and_nothing_counts_as_changed(file: Path) -> None:
    plain = editing.values(file.read_text(encoding="utf-8"))
    scene = parts.scene(plain, shared(), UNITS)
    for place, shape, values in every_page(plain):
        sent = entries.typed_of(shape, values, asked=scene.asked)
        assert entries.changed(shape, sent, dict(sent)) == []
        wrong: entries.Faults = {}
        read = entries.read_of(shape, sent, scene, wrong)
        wrong = {name: text for name, text in wrong.items() if name != "unit"}
        assert wrong == {}, place
        for entry in shape:
            before, after = values.get(entry.key, ABSENT), read.get(entry.key, ABSENT)
            assert equal(entry, before, after), f"{place} {entry.key}: {before!r} → {after!r}"
        names = list(entries.names_of(list(entries.draw_of(shape, sent, scene, {}))))
        assert len(names) == len(set(names))
    assert outline.outline(plain, scene, "vi")


def entered(shape: tuple[Entry, ...]) -> set[str]:
    return {entry.key for entry in shape}


@pytest.mark.parametrize(
    ("part", "shape", "elsewhere"),
    [
        (model.Component, parts.COMPONENT, set()),
        (model.TermCase, parts.TERM_CASE, set()),
        (model.Fee, parts.FEE, set()),
        (model.Exemption, parts.EXEMPTION, set()),
        (model.Step, parts.STEP, set()),
        (model.Reason, parts.REASON, set()),
        (model.Check, parts.CHECK, set()),
        (model.Section, parts.SECTION, {"fields"}),
        (model.Field, parts.FIELD, {"columns"}),
        (model.Example, parts.EXAMPLE, {"answers"}),
        (model.Expectation, parts.EXPECT, set()),
        (model.Leg, parts.LEG, {"route"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_everything_the_model_takes_can_be_edited(
    part: type[BaseModel], shape: tuple[Entry, ...], elsewhere: set[str]
) -> None:
    assert part.model_fields.keys() - entered(shape) - elsewhere == set()


def test_every_part_at_the_top_of_a_file_has_its_page() -> None:
    paged = {entry.key for page in parts.PAGES for entry in page.entries} | {one.key for one in parts.LISTINGS}
    # The code names the procedure; date, sector and slug are its path.
    assert set(model.Procedure.model_fields) - paged == {"version", "code", "sector", "slug"}
    assert set(model.Procedure.model_fields) == {"version", "slug", *parts.ORDER}
    grouped = {
        entry.key: entry for page in parts.PAGES for entry in page.entries if isinstance(entry, Group)
    }  # fmt: skip
    for key, part in (
        ("supplement", model.Supplement),
        ("extension", model.Extension),
        ("consultation", model.Consultation),
        ("result", model.Result),
        ("slips", model.Slips),
        ("bundle", model.Bundle),
    ):
        assert set(part.model_fields) - entered(grouped[key].entries) - {"legs"} == set()
    assert {name for _title, names in parts.CHAPTERS for name in names} == {
        *(page.name for page in parts.PAGES), *(one.key for one in parts.LISTINGS), "bundle/legs",
    }  # fmt: skip


def test_every_kind_and_prefill_has_its_words() -> None:
    assert {kind.value for kind in model.Kind} <= parts.KINDS.keys()
    prefill = next(entry for entry in parts.FIELD if entry.key == "prefill")
    assert {value for value, _label in prefill.offered(entries.Scene())} == set(model.PREFILLS)


@pytest.mark.parametrize(
    ("place", "where", "anchor"),
    [
        (("term",), "thoi-han", "term"),
        (("supplement", "answer_within"), "bo-sung", "supplement-answer_within"),
        (("route",), "route", ""),
        (("route", 1, "share"), "route/1", "share"),
        (("components", 0, "title", "vi"), "components/0", "title-vi"),
        (("form", 0, "fields", 0, "choices", 1, "value"), "form/0/fields/0", "choices-1-value"),
        (("form", 0, "fields", 0, "columns", 2, "when"), "form/0/fields/0/columns/2", "when"),
        (("examples", 0, "expect", "fee"), "examples/0", "expect-fee"),
        (("nowhere",), "", ""),
        ((), "", ""),
    ],
)
def test_every_place_of_a_file_leads_to_the_page_where_it_is_edited(place: Place, where: str, anchor: str) -> None:
    plain = {"form": [{"key": "a", "fields": [{"key": "b", "kind": "group", "columns": [{}, {}, {}]}]}]}
    spot = parts.spot(place, plain)
    assert (spot.where, spot.anchor) == (where, anchor)
    assert spot.label.vi


def test_a_new_item_has_a_code_of_its_own() -> None:
    fees = parts.listing(("fees",))
    assert fees is not None
    assert parts.new_item(fees, [])["code"] == "le_phi"
    assert parts.new_item(fees, [{"code": "le_phi"}, {"code": "le_phi_2"}])["code"] == "le_phi_3"


# Rows of a page.

ROWS: Typed = {"x-rows": ["3"], "x-0-a": ["0"], "x-1-a": ["1"], "x-1-b-c": ["1c"], "x-2-a": ["2"], "y": ["y"]}


def order(sent: Typed | None) -> list[str]:
    assert sent is not None
    assert sent["y"] == ["y"]
    return [entries.first(sent, f"x-{index}-a") for index in range(entries.count(sent, "x"))]


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("add-x", ["0", "1", "2", ""]),
        ("remove-x-1", ["0", "2"]),
        ("up-x-1", ["1", "0", "2"]),
        ("down-x-1", ["0", "2", "1"]),
        ("up-x-0", ["0", "1", "2"]),
        ("down-x-2", ["0", "1", "2"]),
        ("remove-x-9", ["0", "1", "2"]),
    ],
)
def test_a_button_changes_the_rows_and_keeps_all_that_was_typed(button: str, expected: list[str]) -> None:
    assert order(rearranged({**ROWS, button: ["1"]})) == expected


def test_a_row_moves_with_everything_in_it() -> None:
    moved = rearranged({**ROWS, "up-x-1": ["1"]})
    assert moved is not None
    assert moved["x-0-b-c"] == ["1c"]
    assert "x-1-b-c" not in moved


def test_without_a_button_nothing_is_rearranged() -> None:
    assert rearranged(ROWS) is None
