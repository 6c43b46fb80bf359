"""Which account has a dossier, among those who have to act on it: decided from plain values.

`where.holder_role` and `where.holder_unit` are here those of who has to act now.
"""

from __future__ import annotations

from portal.domain.access import CLAIMS, DESK, Actor, Claiming, Tie, Whereabouts, ties
from portal.domain.errors import Forbidden, Held


def possible(actor: Actor, where: Whereabouts, holder_id: int | None) -> tuple[Claiming, ...]:
    """What this actor can change now about who has the dossier; `holder_id` is the account that has it."""
    if actor.account_id is None or where.holder_role not in DESK:
        return ()
    own = {*ties(actor, where)}
    return tuple(
        claiming
        for claiming, enough in CLAIMS.items()
        if _fits(claiming, actor.account_id, holder_id)
        and (enough & own or (claiming is Claiming.RELEASE and holder_id == actor.account_id))
    )


def demand(claiming: Claiming, actor: Actor, where: Whereabouts, holder_id: int | None) -> None:
    """Raises Forbidden if the actor may not do this to whoever has it, Held if a colleague has it meanwhile."""
    now = possible(actor, where, holder_id)
    if claiming in now:
        return
    if claiming is Claiming.TAKE and Claiming.TAKE_OVER in now:
        raise Held(account=holder_id)
    raise Forbidden(claiming=claiming.value, role=actor.role.value)


def in_the_way(actor: Actor, where: Whereabouts, holder_id: int | None) -> int | None:
    """The colleague who has the dossier at the actor's own step, and in whose place the actor would act; else None."""
    if holder_id is None or holder_id in actor.hands or Tie.HOLDER not in ties(actor, where):
        return None
    return holder_id


def _fits(claiming: Claiming, actor_id: int, holder_id: int | None) -> bool:
    match claiming:
        case Claiming.TAKE:
            return holder_id is None
        case Claiming.TAKE_OVER:
            return holder_id not in (None, actor_id)
        case Claiming.RELEASE:
            return holder_id is not None
    return True
