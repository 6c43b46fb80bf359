"""Giving dossiers out: chosen ones to one person, somebody's all by rule; what came of it; taking it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain import words
from portal.domain.access import DESK, Right, Role
from portal.domain.errors import Invalid, NotFound
from portal.store.balancing_models import HandOutLine
from portal.store.models import Account
from portal.usecases import balancing, law
from portal.usecases.balancing import Profile, Source
from portal.web import assignment, office, queues, texts
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.office import Sheet
from portal.web.resources import now
from procedures.model import Sector

blueprint = Blueprint("sharing", __name__, url_prefix="/phan-cong")

#: Why a dossier stayed where it was.
STAYED: Final[Mapping[str, Any]] = {
    "moved": _l("Ở lại: hồ sơ vừa đổi người giữ."),
    "away": _l("Ở lại: người nhận đang vắng."),
    "not_of_the_step": _l("Ở lại: người nhận không làm bước này."),
    "forbidden": _l("Ở lại: không thuộc quyền phân công của bạn."),
}
CHOOSE: Final = _l("Chọn ít nhất một hồ sơ.")


@blueprint.get("/ho-so")
@opens(Right.ASSIGNMENT)
def choose() -> str:
    """Dossiers of somebody, or of nobody yet, to be given to others."""
    return _choice(_source(request.args), Sheet({}))


@blueprint.get("/chia")
@opens(Right.ASSIGNMENT)
def plan() -> str:
    """Whom each dossier would go to by rule, before anything is given."""
    at = now()
    planned = balancing.plan(actor(), _source(request.args), at)
    totals = Counter(to.id for _row, to in planned.lines if to)
    names = {to.id: assignment.called(to) for _row, to in planned.lines if to}
    return render_template(
        "desk/sharing_plan.html",
        whose=_whose(planned.source),
        source=_fields(planned.source),
        rows=[assignment.row(row, at) | {"to": to} for row, to in planned.lines],
        totals=sorted((names[account], number) for account, number in totals.items()),
        stays=sum(to is None for _row, to in planned.lines),
    )


@blueprint.post("/giao")
@opens(Right.ASSIGNMENT)
def give() -> ResponseReturnValue:
    """Give what was chosen to somebody, or everything as it was planned."""
    who, source, sheet = actor(), _source(request.form), office.sent()
    chosen = request.form.getlist("chon")
    wishes = _planned(request.form.getlist("dong"))
    if not wishes:
        account = texts.number(sheet.raw("giao"))
        if not chosen:
            sheet.errors["chon"] = str(CHOOSE)
        if account is None:
            sheet.errors["giao"] = _("Chọn người nhận.")
        if account is None or not chosen:
            return _choice(source, sheet, chosen), 400
        wishes = dict.fromkeys(chosen, account)
    made = balancing.give(who, wishes, source.holder, now())
    return redirect(url_for(".result", number=made.id), 303)


def _planned(lines: list[str]) -> dict[str, int]:
    """The plan as its page sent it: registration and account of each line."""
    found = {}
    for line in lines:
        registration, _colon, account = line.rpartition(":")
        if registration and (number := texts.number(account)) is not None:
            found[registration] = number
    return found


@blueprint.get("/lan/<int:number>")
@opens(Right.ASSIGNMENT)
def result(number: int) -> str:
    """What came of each dossier that was given out in one go."""
    made = balancing.hand_out(actor(), number)
    given = [line for line in made.lines if not line.fault]
    return render_template(
        "desk/sharing_result.html",
        made=made,
        given=len(given),
        stayed=len(made.lines) - len(given),
        kept=sum(not line.returned for line in given) if made.undone_at else 0,
        lines=[_line(line, undone=made.undone_at is not None) for line in made.lines],
    )


def _line(line: HandOutLine, *, undone: bool) -> dict[str, Any]:
    if line.fault:
        said = str(STAYED.get(line.fault) or STAYED["forbidden"])
    elif not undone:
        said = _("Đã giao")
    else:
        said = _("Đã lấy lại") if line.returned else _("Không lấy lại: đã có người xử lý hoặc đổi người")
    dossier = line.dossier
    return {
        "before": assignment.called(line.before) if line.before else "",
        "after": assignment.called(line.after),
        "code": dossier.code or dossier.registration,
        "href": url_for("desk.dossier", registration=dossier.registration),
        "said": said,
    }


@blueprint.post("/lan/<int:number>/hoan-tac")
@opens(Right.ASSIGNMENT)
def undo(number: int) -> ResponseReturnValue:
    """Take back what nobody has touched since."""
    balancing.undo(actor(), number, now())
    return redirect(url_for(".result", number=number), 303)


@blueprint.post("/tu-chia")
@opens(Right.ASSIGNMENT)
def let_rule() -> ResponseReturnValue:
    """Let a rule hand out the dossiers of a role as they come, or leave them free to take."""
    role, on = request.form.get("vai", ""), request.form.get("bat") == "yes"
    if role not in DESK:
        raise NotFound(role=role)
    balancing.let_rule(actor(), Role(role), on=on, at=now())
    flash(
        _("Từ nay hồ sơ mới được chia theo quy tắc.") if on else _("Từ nay hồ sơ mới để mọi người tự nhận."), "success"
    )
    return redirect(url_for("assignment.overview"), 303)


@blueprint.route("/nguoi/<int:number>", methods=["GET", "POST"])
@opens(Right.ASSIGNMENT)
def profile(number: int) -> ResponseReturnValue:
    """What somebody can be given."""
    account, known = balancing.profile_of(actor(), number)
    if request.method == "GET":
        typed = {"suc": "" if known.capacity is None else str(known.capacity)}
        return _profile(account, known, Sheet(typed)), 200
    sheet = office.sent()
    wished = _wished(sheet, account)
    if not sheet.errors:
        try:
            balancing.set_profile(actor(), number, wished, now())
        except Invalid:
            sheet.errors["suc"] = _("Nhập một số từ 0 đến %(most)s, hoặc để trống.", most=balancing.HIGHEST)
    if sheet.errors:
        return _profile(account, wished, sheet), 400
    flash(_("Đã lưu sức nhận việc của %(name)s.", name=account.full_name), "success")
    return redirect(url_for("assignment.overview"), 303)


def _wished(sheet: Sheet, account: Account) -> Profile:
    raw = sheet.raw("suc").strip()
    capacity = texts.number(raw)
    if raw and capacity is None:
        sheet.errors["suc"] = _("Nhập một số từ 0 đến %(most)s, hoặc để trống.", most=balancing.HIGHEST)
    communes = {key for key, _name in _communes(account)}
    return Profile(
        capacity,
        tuple(name for name in request.form.getlist("linh_vuc") if name in set(Sector)),
        tuple(name for name in request.form.getlist("dia_ban") if name in communes),
    )


def _profile(account: Account, known: Profile, sheet: Sheet) -> str:
    return render_template(
        "desk/work_profile.html",
        account=account,
        sheet=sheet,
        errors=sheet.errors,
        sectors=[(sector.value, sector.label.say(language())) for sector in Sector],
        skills=known.skills,
        communes=_communes(account),
        places=known.places,
    )


def _communes(account: Account) -> list[tuple[str, str]]:
    """Where dossiers of somebody's unit come from: its communes, those it took over, those its branch serves."""
    assert account.unit is not None
    places = law.places()
    own = {account.unit, *places.served_by(account.unit)}
    return [
        (unit.id, unit.name.say(language()))
        for unit in places.units
        if unit.is_commune and (unit.id in own or unit.successor in own or unit.parent in own)
    ]


def _source(sent: Mapping[str, str]) -> Source:
    """Whose dossiers are meant. Raises NotFound."""
    role = sent.get("vai", "")
    return balancing.source(actor(), texts.number(sent.get("nguoi")), Role(role) if role in DESK else None)


def _fields(source: Source) -> dict[str, str]:
    """A source as it stands in an address or a form."""
    return {"nguoi": str(source.account.id)} if source.account else {"vai": source.role.value}


def _whose(source: Source) -> str:
    role = words.ROLES[source.role].say(language())
    return f"{source.account.full_name} – {role}" if source.account else _("%(role)s: chưa ai nhận", role=role)


def _choice(source: Source, sheet: Sheet, chosen: list[str] | None = None) -> str:
    who, at = actor(), now()
    after = queues.read(request.args.get("sau", ""), backwards=False)
    rows, following = balancing.listed(who, source, after)
    people = [account for account in balancing.able(who, source.role, at) if account.id != source.holder]
    fields = _fields(source)
    return render_template(
        "desk/sharing_list.html",
        whose=_whose(source),
        source=fields,
        rows=[assignment.row(each, at) for each in rows],
        chosen=chosen or (),
        people=[(str(account.id), assignment.called(account)) for account in people],
        sheet=sheet,
        errors=sheet.errors,
        older_url=url_for(".choose", sau=queues.write(following), **fields) if following else "",  # type: ignore[arg-type]
        plan_url=url_for(".plan", **fields),  # type: ignore[arg-type]
    )
