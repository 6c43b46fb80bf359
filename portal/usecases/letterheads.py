"""In whose name papers are made out: their head, their seal, and the authority of whoever signs them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from portal.domain import slips as paper
from portal.domain import words
from portal.domain.access import Actor, Role
from portal.usecases import law
from procedures.places import Unit, UnitKind

#: Who signs, by the role of the step that decides.
AUTHORITIES: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.LEADER: paper.CHAIRMAN,
    Role.POLICE_HEAD: paper.POLICE_HEAD,
    Role.REGISTRY_HEAD: paper.REGISTRY_HEAD,
    Role.HEAD_OF_OFFICE: (*paper.BY_ORDER, words.ROLES[Role.HEAD_OF_OFFICE].vi.upper()),
}

#: What a unit's name begins with before that of its place.
_KINDS: Final = ("Xã ", "Thị trấn ", "Huyện ", "Chi nhánh Văn phòng đăng ký đất đai khu vực ")


def head(
    issuer: Unit, number: str | None, at: datetime, place: Unit, *, police: bool = False, shop: bool = True
) -> paper.Head:
    """The head of a paper of a unit, made out at a place; `police`: of the commune's police, `shop`: by its shop."""
    day, name = law.office_day(at), issuer.name.vi.upper()
    made_by = None
    if issuer.kind is UnitKind.LAND_REGISTRY:
        superior, body = "VĂN PHÒNG ĐĂNG KÝ ĐẤT ĐAI TỈNH LÀO CAI", name
    elif police:
        superior, body = "CÔNG AN TỈNH LÀO CAI", f"CÔNG AN {name}"
    else:
        parent = law.unit(issuer.parent).name.vi.upper() if issuer.parent else "TỈNH LÀO CAI"
        superior, body = f"ỦY BAN NHÂN DÂN {parent}", f"ỦY BAN NHÂN DÂN {name}"
        if shop:
            made_by = paper.one_stop_shop(issuer.name.vi, day)
    return paper.Head(
        superior=superior, issuer=body, shop=made_by, number=number, place=bare_name(place), issued_on=day
    )


def seal(issuer: Unit, *, police: bool = False) -> str:
    """Whose seal a paper bears, as the folder of seals names it."""
    return f"cong-an-{issuer.id}" if police else issuer.id


def signed_by(actor: Actor) -> paper.Signature:
    """Who does it signs it, with the authority of their office.

    The head of an office within it signs by order (NĐ 30/2020 Art 13.4). Nobody else may: their paper leaves the place
    of the signature empty, for the head to sign.
    """
    if (authority := AUTHORITIES.get(actor.role)) is None:
        return paper.Signature(authority=paper.FOR_THE_OFFICE, name="")
    return paper.Signature(authority=authority, name=actor.name)


def bare_name(unit: Unit) -> str:
    """'Xã Bảo Yên', 'Chi nhánh Văn phòng đăng ký đất đai khu vực Bảo Yên' → 'Bảo Yên', for place and date."""
    return next((unit.name.vi.removeprefix(each) for each in _KINDS if unit.name.vi.startswith(each)), unit.name.vi)


def body(unit: Unit, *, police: bool = False) -> str:
    """What a body is called within a sentence: 'Ủy ban nhân dân xã Bảo Yên', 'Công an xã Bảo Yên'."""
    name = unit.name.vi
    if unit.kind is UnitKind.LAND_REGISTRY:
        return name
    return f"{'Công an' if police else 'Ủy ban nhân dân'} {name[:1].lower()}{name[1:]}"


def shop_name(unit: Unit) -> str:
    """What its one-stop shop is called."""
    return unit.shop.name.vi if unit.shop else unit.name.vi
