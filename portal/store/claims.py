"""Who has a dossier, and the log of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from portal.domain.access import Actor, Claiming
from portal.store.desk_models import Claim
from portal.store.models import Dossier


def hand(
    session: Session, dossier: Dossier, claiming: Claiming, holder_id: int | None, actor: Actor, at: datetime
) -> Claim:
    """Give a locked dossier to an account, or to nobody, and write that down. The only place that does."""
    dossier.holder_id = holder_id
    claim = Claim(dossier_id=dossier.id, at=at, claiming=claiming.value, holder_id=holder_id, by_id=actor.account_id)
    session.add(claim)
    return claim


def log(session: Session, dossier_id: int, size: int) -> Sequence[Claim]:
    """Who had the dossier, the latest first."""
    return session.scalars(_LOG, {"dossier": dossier_id, "size": size}).all()


_LOG = (
    select(Claim)
    .where(Claim.dossier_id == bindparam("dossier"))
    .order_by(Claim.id.desc())
    .limit(bindparam("size"))
    .options(joinedload(Claim.holder), joinedload(Claim.by))
)
