"""The pages on which a draft is edited, part by part or as a whole text; nothing typed is lost, whoever else saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import entries, faults, outline, parts
from portal.domain.access import Right
from portal.domain.entries import ABSENT, Condition, Entry, Faults, Group, Input, Scene, Typed
from portal.domain.errors import NotFound, Stale
from portal.domain.parts import Listing
from portal.usecases import authoring
from portal.usecases.authoring import Draft
from portal.web import answers, drafting, focus, texts
from portal.web.access import actor, opens
from portal.web.authoring import sent_text
from portal.web.drafting import seen, tabs, told
from portal.web.language import language
from portal.web.resources import now
from procedures import editing as text_of
from procedures.editing import NoSuchPlace
from procedures.files import Fault, FaultyFile, Place
from procedures.model import Text
from procedures.shared import shared
from procedures.terms import Term, TermError

blueprint = Blueprint("editing", __name__, url_prefix="/quan-tri/thu-tuc/soan/<int:number>")
#: What a page sends beside its entries.
_BESIDE: Final = frozenset({"csrf_token", "seen", "redraw", "again"})


@dataclass(frozen=True, slots=True)
class Target:
    """What one page edits: entries of the mapping at a place, and what they are called together."""

    where: str
    place: Place
    title: str
    entries: tuple[Entry, ...]
    values: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """By what an item is known again when others have moved it."""
        return identity(self.values) if self.place else ""


def identity(item: Any) -> str:
    """By what an item of a list is known: its code or name."""
    if not isinstance(item, Mapping):
        return ""
    return next((str(item[key]) for key in ("key", "code", "name", "use") if item.get(key)), "")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else saved since the page was opened; `gone`: the last revision with the item they took out."""

    by: str
    changes: Sequence[Text]
    gone: int = 0


@blueprint.get("/sua/<path:where>")
@opens(Right.AUTHORING)
def part(number: int, where: str) -> ResponseReturnValue:
    """A part of a draft, ready to be edited, with what is wrong in it."""
    draft = authoring.open_draft(number)
    plain = drafting.values(draft.text)
    if plain is None:
        flash(_("Văn bản của bản nháp chưa đọc được: hãy sửa ở đây trước."), "warning")
        return redirect(url_for("editing.raw", number=number), 303)
    found = parts.listing(parts.place_of(where))
    if found is not None:
        return _list_page(draft, plain, _listing(plain, where), parts.place_of(where))
    target = _target(plain, where)
    scene = drafting.scene(plain)
    sent = entries.typed_of(target.entries, target.values, asked=scene.asked)
    return _page(draft, plain, target, scene, sent, {}, check=True)


@blueprint.post("/sua/<path:where>")
@opens(Right.AUTHORING)
def save(number: int, where: str) -> ResponseReturnValue:
    """Keep what was changed on a page, obey a button for a row, or say what is wrong beside each entry."""
    draft = authoring.open_draft(number)
    plain = drafting.values(draft.text)
    if plain is None:
        return redirect(url_for("editing.raw", number=number), 303)
    sent = _sent()
    if draft.revision != seen():
        return _meanwhile(draft, plain, where, sent)
    if again := texts.number(request.form.get("again")):
        return _add_again(draft, plain, where, authoring.revision(number, again), sent)
    target, scene = _target(plain, where), drafting.scene(plain)
    moved = entries.rearranged(sent)
    if moved is not None or "redraw" in request.form:
        focus.keep()
        return _page(draft, plain, target, scene, sent if moved is None else moved, {})
    wrong: Faults = {}
    text = _changed(draft, plain, target, scene, sent, wrong)
    if wrong:
        return _page(draft, plain, target, scene, sent, wrong), 422
    try:
        saved = authoring.save(actor(), number, draft.revision, now(), text=text)
    except Stale:
        return _meanwhile(authoring.open_draft(number), None, where, sent)
    return _after(saved, target)


def _sent() -> Typed:
    return {name: request.form.getlist(name) for name in request.form if name not in _BESIDE}


def _target(plain: Any, where: str) -> Target:
    """What a page edits. Raises NotFound."""
    page = parts.page(where)
    if page is not None:
        return Target(where, (), page.title.say(language()), page.entries, plain)
    place = parts.place_of(where)
    try:
        item = text_of.at(plain, place)
    except NoSuchPlace:
        raise NotFound(where=where) from None
    found = parts.entries_at(place, item)
    if found is None:
        raise NotFound(where=where)
    if request.form.get("kind") and any(entry.key == "kind" for entry in found):
        found = parts.field_entries(request.form["kind"], item)
    return Target(where, place, parts.name_of(item).say(language()), found, item)


def _listing(plain: Any, where: str) -> Listing:
    """The list that a page shows, empty or not; a shared page of the form has none of its own. Raises NotFound."""
    place = parts.place_of(where)
    found = parts.listing(place)
    try:
        around = text_of.at(plain, place[:-1])
    except NoSuchPlace:
        around = None
    if found is None or not isinstance(around, Mapping) or "use" in around:
        raise NotFound(where=where)
    return found


def _changed(draft: Draft, plain: Any, target: Target, scene: Scene, sent: Typed, wrong: Faults) -> str:
    """The draft's text with what was changed on the page; what was not touched stays as it was written."""
    before = entries.typed_of(target.entries, target.values, asked=scene.asked)
    text = draft.text
    order = [entry.key for entry in target.entries] if target.place else parts.ORDER
    for entry in entries.changed(target.entries, before, sent):
        value = entry.read(sent, entry.key, scene, wrong)
        if isinstance(entry, Condition) and (unused := entry.unused(before, sent, entry.key)):
            wrong[f"{entry.key}-mode"] = unused
        if wrong:
            continue
        if isinstance(entry, Group) and isinstance(value, dict):
            value = _with_what_was_not_touched(entry, target.values.get(entry.key), value, before, sent)
        place = (*target.place, entry.key)
        if value is not ABSENT:
            text = text_of.put(text, place, value, order)
        elif entry.key in target.values:
            text = text_of.drop(text, place)
    if target.place[:1] == ("examples",) and not wrong:
        text = answers.put(text, draft, target.place, target.values, sent, wrong)
    return text


def _with_what_was_not_touched(group: Group, old: Any, new: dict[str, Any], before: Typed, sent: Typed) -> Any:
    """A new mapping for a group; entries that were not changed, and what is no entry, stay as they were written."""
    if not isinstance(old, dict):
        return new
    touched = {entry.key for entry in entries.changed(group.entries, before, sent, f"{group.key}-")}
    known = {entry.key for entry in group.entries}
    kept = {key: value for key, value in old.items() if key not in touched}
    return {**kept, **{key: value for key, value in new.items() if key in touched or key not in known}}


def _after(saved: Draft, target: Target) -> ResponseReturnValue:
    """On to the list or the outline; back to the page where it is not right yet."""
    plain = drafting.values(saved.text)
    wrong = [fault for fault in drafting.checked(saved).faults if _lies_in(fault, target)]
    if wrong:
        flash(_("Đã lưu vào bản nháp. Còn chỗ chưa đúng, ghi bên dưới."), "warning")
        return redirect(url_for("editing.part", number=saved.id, where=target.where), 303)
    flash(_("Đã lưu vào bản nháp."), "good")
    if not target.place:
        return redirect(url_for("authoring.draft", number=saved.id) + f"#{target.where}", 303)
    assert plain is not None
    # From a question back to its page of the form, from any other item back to its list.
    above = target.place[:-2] if target.place[-2] in ("fields", "columns") else target.place[:-1]
    return redirect(url_for("editing.part", number=saved.id, where="/".join(map(str, above))), 303)


def _lies_in(fault: Fault, target: Target) -> bool:
    if target.place:
        return fault.place[: len(target.place)] == target.place
    return bool(fault.place) and fault.place[0] in {entry.key for entry in target.entries}


def _page(
    draft: Draft, plain: Any, target: Target, scene: Scene, sent: Typed, wrong: Faults, *,
    check: bool = False, meanwhile: Meanwhile | None = None,
) -> str:  # fmt: skip
    drawn = tuple(entries.draw_of(target.entries, sent, scene, wrong))
    general: list[str] = []
    if check:
        found = [fault for fault in drafting.checked(draft).faults if _lies_in(fault, target)]
        beside, general = _beside(found, target, drawn)
        drawn = tuple(entries.draw_of(target.entries, sent, scene, beside))
        wrong = beside
    return render_template(
        "admin/law/part.html",
        draft=draft,
        target=target,
        inputs=drawn,
        answers=answers.drawn(draft, target.place, target.values, sent) if target.place[:1] == ("examples",) else (),
        errors=[(name, _summary(drawn, name, reason)) for name, reason in wrong.items()],
        general=general,
        inner=_inner(target, plain, scene),
        used=_used(target, scene),
        tabs=tabs(draft, ""),
        crumbs=_crumbs(draft, plain, target.place[:-1], target.title),
        meanwhile=meanwhile,
        name=drafting.name(draft),
    )


def _beside(found: Sequence[Fault], target: Target, drawn: Sequence[Input]) -> tuple[Faults, list[str]]:
    """The faults of a part by the name of the input they stand beside; the others for the head of the page."""
    names, beside, general = set(entries.names_of(drawn)), Faults(), []
    for fault in found:
        name = "-".join(map(str, fault.place[len(target.place) :]))
        while name and name not in names:
            name = name.rpartition("-")[0]
        if name and name not in beside:
            beside[name] = faults.text(fault.reason)
        else:
            general.append(faults.in_words(fault.reason, language()))
    return beside, general


def _summary(drawn: Sequence[Input], name: str, reason: Any) -> str:
    label = next((one.label.say(language()) for one in _every(drawn) if one.name == name), "")
    said = str(reason.say(language()))
    return f"{label}: {said}" if label else said


def _every(drawn: Sequence[Input]) -> list[Input]:
    found = []
    for one in drawn:
        found += [one, *_every(one.inputs), *(inner for row in one.rows for inner in _every(row))]
    return found


def _inner(target: Target, plain: Any, scene: Scene) -> list[dict[str, Any]]:
    """The lists inside an item that have pages of their own: a page's questions, a group's columns."""
    found = []
    for key in ("fields", "columns", "route"):
        inside = parts.listing((*target.place, key)) if target.place else None
        # A group with columns of its own; one of records has their parts.
        own = key == "columns" and target.values.get("kind") == "group" and "of" not in target.values
        is_there = key in target.values or own
        if inside is not None and is_there:
            place = (*target.place, key)
            items = outline.items(place, plain, scene, language())
            found.append({"where": "/".join(map(str, place)), "title": inside.title.say(language()), "items": items})
    return found


def _used(target: Target, scene: Scene) -> tuple[Any, ...]:
    """The questions of a shared page, to be read only."""
    block = shared().blocks.get(str(target.values.get("use", ""))) if target.place[:1] == ("form",) else None
    if not isinstance(block, Mapping):
        return ()
    return outline.items(("form", 0, "fields"), {"form": [block]}, scene, language())


def _crumbs(draft: Draft, plain: Any, place: Place, last: str) -> list[dict[str, str]]:
    steps: list[tuple[str, str]] = []
    for depth in range(1, len(place) + 1):
        above = place[:depth]
        found = parts.listing(above)
        where = url_for("editing.part", number=draft.id, where="/".join(map(str, above)))
        if found is not None and depth == 1:
            steps.append((where, found.title.say(language())))
        elif isinstance(above[-1], int):
            steps.append((where, parts.name_of(text_of.at(plain, above)).say(language())))
    return drafting.crumbs(draft, *steps, ("", last))


# Two authors at once.


def _meanwhile(draft: Draft, plain: Any, where: str, sent: Typed) -> ResponseReturnValue:
    """Somebody else has saved: what they changed is told, what was typed stands on the page on top of it."""
    plain = plain if plain is not None else drafting.values(draft.text)
    before = authoring.revision(draft.id, seen())
    told_changes = Meanwhile(draft.saved_by, drafting.differences(before, draft))
    old_plain = drafting.values(before.text)
    if plain is None:
        flash(_("Người khác vừa lưu, và văn bản hiện không đọc được."), "warning")
        return redirect(url_for("editing.raw", number=draft.id), 303)
    old = _target(old_plain, where)
    place = _moved_to(plain, old)
    scene = drafting.scene(plain)
    if place is None:
        gone = replace(told_changes, gone=before.revision)
        return _page(draft, old_plain, old, scene, sent, {}, meanwhile=gone), 409
    target = _target(plain, "/".join(map(str, place)) if place else where)
    mine = entries.typed_of(old.entries, old.values, asked=drafting.scene(old_plain).asked)
    touched = {entry.key for entry in entries.changed(old.entries, mine, sent)}
    current = entries.typed_of(target.entries, target.values, asked=scene.asked)
    merged: Typed = {name: texts for name, texts in sent.items() if name.startswith(answers.PREFIX)}
    for entry in target.entries:
        merged |= entries.texts_of(entry, sent if entry.key in touched else current)
    return _page(draft, plain, target, scene, merged, {}, meanwhile=told_changes), 409


def _moved_to(plain: Any, old: Target) -> Place | None:
    """Where the item that was edited stands now; None if it is gone."""
    if not old.place:
        return ()
    try:
        items = text_of.at(plain, old.place[:-1])
    except NoSuchPlace:
        return None
    last = old.place[-1]
    assert isinstance(last, int)
    if last < len(items) and identity(items[last]) == old.identity:
        return old.place
    return next(((*old.place[:-1], i) for i, item in enumerate(items) if identity(item) == old.identity), None)


def _add_again(draft: Draft, plain: Any, where: str, before: Draft, sent: Typed) -> ResponseReturnValue:
    """An item that somebody else took out is added once more, as it stands on the page."""
    old, scene, wrong = _target(drafting.values(before.text), where), drafting.scene(plain), Faults()
    item = {**old.values, **entries.read_of(old.entries, sent, scene, wrong)}
    if wrong:
        meanwhile = Meanwhile(draft.saved_by, drafting.differences(before, draft), gone=before.revision)
        return _page(draft, plain, old, scene, sent, wrong, meanwhile=meanwhile), 422
    place = old.place[:-1]
    there = _items(plain, place)
    text = text_of.insert(draft.text, place, len(there), item) if there else _first(draft.text, place, item)
    saved = authoring.save(actor(), draft.id, draft.revision, now(), text=text)
    flash(_("Đã thêm lại mục này."), "good")
    return redirect(url_for("editing.part", number=saved.id, where="/".join(map(str, place))), 303)


# Lists.


def _list_page(
    draft: Draft, plain: Any, found: Listing, place: Place, shares: Typed | None = None, wrong: Faults | None = None
) -> str:
    scene = drafting.scene(plain)
    inside = [
        fault
        for fault in drafting.checked(draft).faults
        if fault.place[: len(place)] == place or (place == ("route",) and fault.place[:1] == ("term",))
    ]
    return render_template(
        "admin/law/list.html",
        draft=draft,
        name=drafting.name(draft),
        title=found.title.say(language()),
        item_name=found.item.say(language()),
        where="/".join(map(str, place)),
        items=outline.items(place, plain, scene, language()),
        faults=told(draft, plain, inside),
        tabs=tabs(draft, ""),
        crumbs=_crumbs(draft, plain, place[:-1], found.title.say(language())),
        shares=_shares(plain, shares, wrong or {}) if place == ("route",) else None,
    )


@blueprint.post("/danh-sach/<path:where>")
@opens(Right.AUTHORING)
def change_list(number: int, where: str) -> ResponseReturnValue:
    """Add, copy, take out or move an item of a list."""
    draft = authoring.open_draft(number)
    plain, place = drafting.values(draft.text), parts.place_of(where)
    found = _listing(plain, where)
    back = url_for("editing.part", number=number, where=where)
    if draft.revision != seen():
        by = draft.saved_by
        flash(_("%(name)s vừa lưu bản nháp này. Đây là danh sách mới; hãy làm lại thao tác.", name=by), "warning")
        return redirect(back, 303)
    items = _items(plain, place)
    what, _dash, at = request.form.get("do", "").partition("-")
    index = int(at) if at.isascii() and at.isdecimal() else -1
    text = draft.text
    if what == "add":
        item = parts.new_item(found, items)
        text = text_of.insert(text, place, len(items), item) if items else _first(text, place, item)
        back = url_for("editing.part", number=number, where=f"{where}/{len(items)}")
    elif what == "remove" and 0 <= index < len(items):
        text = text_of.drop(text, (*place, index)) if len(items) > 1 else text_of.drop(text, place)
        back += _at(place, min(index, len(items) - 2))
    elif what == "up" and 0 < index < len(items):
        text = text_of.move(text, place, index, index - 1)
        back += _at(place, index - 1)
    elif what == "down" and 0 <= index < len(items) - 1:
        text = text_of.move(text, place, index, index + 1)
        back += _at(place, index + 1)
    try:
        authoring.save(actor(), number, draft.revision, now(), text=text)
    except Stale:
        flash(_("Có người vừa lưu bản nháp này. Đây là danh sách mới; hãy làm lại thao tác."), "warning")
    return redirect(back, 303)


def _at(place: Place, index: int) -> str:
    """Where an item stands on the page of its list."""
    return f"#muc-{'-'.join(map(str, place))}-{index}" if index >= 0 else ""


def _items(plain: Any, place: Place) -> list[Any]:
    try:
        found = text_of.at(plain, place)
    except NoSuchPlace:
        return []
    return found if isinstance(found, list) else []


def _first(text: str, place: Place, item: Mapping[str, Any]) -> str:
    """The text with a list of one item where there was none."""
    return text_of.put(text, place, [item], parts.ORDER if len(place) == 1 else ())


@blueprint.post("/trang-rieng/<path:where>")
@opens(Right.AUTHORING)
def make_own(number: int, where: str) -> ResponseReturnValue:
    """Copy a shared page of the form into the draft, where it can be edited."""
    draft = authoring.open_draft(number)
    place = parts.place_of(where)
    try:
        section = text_of.at(drafting.values(draft.text), place)
    except NoSuchPlace:
        raise NotFound(where=where) from None
    block = shared().blocks.get(str(section.get("use"))) if isinstance(section, dict) else None
    if block is None or len(place) != 2:
        raise NotFound(where=where)
    own = {**block, **{key: value for key, value in section.items() if key != "use"}}
    if draft.revision != seen():
        flash(_("Có người vừa lưu bản nháp này. Hãy làm lại thao tác."), "warning")
    else:
        authoring.save(actor(), number, draft.revision, now(), text=text_of.put(draft.text, place, own))
        flash(_("Trang này nay là của riêng bản nháp, sửa được từng câu hỏi."), "good")
    return redirect(url_for("editing.part", number=number, where=where), 303)


# The shares of the route.


def _shares(plain: Any, sent: Typed | None, wrong: Faults) -> dict[str, Any]:
    """The steps with their shares and the sum so far, against the term."""
    rows, total, readable = [], Decimal(0), True
    for index, step in enumerate(_items(plain, ("route",))):
        name = f"share-{index}"
        given = step.get("share") if isinstance(step, Mapping) else None
        typed = entries.first(sent, name) if sent is not None else ("" if given is None else str(given))
        number = entries.decimal_from(typed) if typed else None
        total += number or 0
        readable = readable and (number is not None or not typed)
        rows.append(
            {
                "name": name,
                "title": parts.name_of(step).say(language()),
                "value": typed.replace(".", ","),
                "error": wrong.get(name),
                "sum": _plain(total),
            }
        )
    term = _term(plain)
    days = term.working_days if term else None
    return {"rows": rows, "sum": _plain(total), "term": term.words(language()) if term else "", "days": days,
            "agrees": readable and days is not None and days == total}  # fmt: skip


def _plain(number: Decimal) -> Decimal:
    """5.0 as 5, and 10 not as 1E+1."""
    return Decimal(f"{number.normalize():f}")


def _term(plain: Any) -> Term | None:
    try:
        return Term.parse(str(plain.get("term", "")))
    except TermError:
        return None


@blueprint.post("/phan-thoi-han")
@opens(Right.AUTHORING)
def save_shares(number: int) -> ResponseReturnValue:
    """Keep each step's share of the term; or only add them up."""
    draft = authoring.open_draft(number)
    plain, place = drafting.values(draft.text), ("route",)
    found = _listing(plain, "route")
    sent, wrong, text = _sent(), Faults(), draft.text
    for index, step in enumerate(_items(plain, place)):
        name = f"share-{index}"
        typed = entries.first(sent, name)
        share = entries.decimal_from(typed) if typed else None
        if typed and (share is None or share <= 0):
            wrong[name] = entries.NOT_A_NUMBER
        elif share is None and "share" in step:
            text = text_of.drop(text, (*place, index, "share"))
        elif share is not None and share != step.get("share"):
            text = text_of.put(text, (*place, index, "share"), share, [entry.key for entry in parts.STEP])
    if wrong:
        return _list_page(draft, plain, found, place, sent, wrong), 422
    if "redraw" in request.form:
        focus.keep()
        return _list_page(draft, plain, found, place, sent)
    if draft.revision != seen():
        flash(_("%(name)s vừa lưu bản nháp này. Hãy xem lại các phần rồi lưu.", name=draft.saved_by), "warning")
        return _list_page(draft, plain, found, place, sent), 409
    authoring.save(actor(), number, draft.revision, now(), text=text)
    flash(_("Đã lưu vào bản nháp."), "good")
    return redirect(url_for("editing.part", number=number, where="route") + "#shares", 303)


# The whole text.


@blueprint.get("/van-ban")
@opens(Right.AUTHORING)
def raw(number: int) -> ResponseReturnValue:
    """The text of a draft, with what is wrong in it by line."""
    draft = authoring.open_draft(number)
    return _raw_page(draft, draft.text, "", None)


@blueprint.post("/van-ban")
@opens(Right.AUTHORING)
def save_raw(number: int) -> ResponseReturnValue:
    """Keep a text typed here or written elsewhere; one that cannot be read stays on the page until it can."""
    draft = authoring.open_draft(number)
    text, fault = sent_text()
    if fault:
        return _raw_page(draft, text, fault, None), 422
    if draft.revision != seen():
        before = authoring.revision(number, seen())
        return _raw_page(draft, text, "", Meanwhile(draft.saved_by, drafting.differences(before, draft))), 409
    try:
        text_of.values(text)
    except FaultyFile as found:
        one = found.faults[0]
        reason = faults.in_words(one.reason, language())
        return _raw_page(draft, text, _("Dòng %(line)s: %(reason)s", line=one.line, reason=reason), None), 422
    authoring.save(actor(), number, draft.revision, now(), text=text)
    flash(_("Đã lưu vào bản nháp."), "good")
    return redirect(url_for("editing.raw", number=number), 303)


def _raw_page(draft: Draft, text: str, error: str, meanwhile: Meanwhile | None) -> str:
    plain = drafting.values(draft.text)
    return render_template(
        "admin/law/raw.html",
        draft=draft,
        name=drafting.name(draft),
        text=text,
        error=error,
        faults=told(draft, plain, drafting.checked(draft).faults),
        meanwhile=meanwhile,
        tabs=tabs(draft, "editing.raw"),
    )
