"""Who has a dossier, on its page at the desk: taken, given back, and asked for before acting in a colleague's place."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import words
from portal.domain.access import Actor, Claiming, Right, Role
from portal.domain.errors import Held
from portal.store.desk_models import Claim
from portal.store.models import Account, Dossier
from portal.usecases import claims
from portal.web.access import actor, opens
from portal.web.language import language
from portal.web.resources import now
from procedures.model import Text

blueprint = Blueprint("claims", __name__, url_prefix="/ban-lam-viec")

#: What the log says, without who.
SAID: Final = {
    Claiming.TAKE: Text(vi="nhận xử lý", en="took it"),
    Claiming.TAKE_OVER: Text(vi="nhận thay", en="took it over"),
    Claiming.RELEASE: Text(vi="thôi xử lý", en="gave it back"),
    Claiming.ASSIGN: Text(vi="được giao", en="was given it"),
}
NOT_YET: Final = Text(
    vi="Người khác đang xử lý hồ sơ này; đánh dấu nếu bạn làm thay.",
    en="Somebody else has this dossier; tick if you act in their place.",
)


@blueprint.post("/<registration>/nhan-xu-ly")
@opens(Right.DESK)
def take(registration: str) -> ResponseReturnValue:
    """Have a dossier from now on."""
    try:
        claims.take(actor(), registration, now(), request.form.get("over", type=int))
    except Held as held:
        flash(_("%(name)s vừa nhận xử lý hồ sơ này.", name=held.details["name"]), "warning")
    return _back(registration)


@blueprint.post("/<registration>/thoi-xu-ly")
@opens(Right.DESK)
def release(registration: str) -> ResponseReturnValue:
    """Let nobody have a dossier."""
    claims.release(actor(), registration, now())
    return _back(registration)


def shown(dossier: Dossier, who: Actor) -> dict[str, Any]:
    """What `desk/claim.html` and the blocks of actions need; `in_the_way` is a colleague in whose place one acts."""
    stands = claims.standing(who, dossier)
    return {
        "holder": stands.holder,
        "mine": stands.holder is not None and stands.holder.id == who.account_id,
        "in_the_way": stands.in_the_way,
        "possible": stands.possible,
        "log": [_line(claim) for claim in stands.log],
    }


def _line(claim: Claim) -> dict[str, Any]:
    done = Claiming(claim.claiming)
    by = _name(claim.by)
    return {
        "who": _name(claim.holder) if done is Claiming.ASSIGN else by,
        "said": SAID[done],
        "by": by if done is Claiming.ASSIGN else "",
        "at": claim.at,
    }


def _name(account: Account | None) -> str:
    return account.full_name if account else words.ROLES[Role.SYSTEM].say(language())


def _back(registration: str) -> ResponseReturnValue:
    return redirect(url_for("desk.dossier", registration=registration), 303)
