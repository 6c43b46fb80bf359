"""A saved view is its owner's alone, has a name, and there are only so many."""

from __future__ import annotations

import pytest

from portal.domain.access import Actor, Role
from portal.domain.errors import Invalid, NotFound
from portal.store import database as store
from portal.usecases import saved_views
from tests.people import UNIT, account_of


@pytest.fixture
def two(database: store.Database) -> tuple[Actor, Actor]:
    """Two colleagues."""
    roles = (Role.SPECIALIST, Role.ONE_STOP_OFFICER)
    first, second = (Actor(account_of(role, UNIT).id, role, UNIT) for role in roles)
    return first, second


def test_a_view_is_found_and_forgotten_by_its_owner_alone(two: tuple[Actor, Actor]) -> None:
    mine, other = two
    saved_views.save(mine, "  Đất  quá hạn ", {"xem": "qua_han", "kenh": "online"}, 2)
    (view,) = saved_views.of(mine)
    assert (view.name, view.shows) == ("Đất quá hạn", {"xem": "qua_han", "kenh": "online"})
    assert saved_views.of(other) == []
    with pytest.raises(NotFound):
        saved_views.forget(other, view.id)
    saved_views.forget(mine, view.id)
    assert saved_views.of(mine) == []
    with pytest.raises(NotFound):
        saved_views.forget(mine, view.id)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_is_wrong_with_a_name_is_said(two: tuple[Actor, Actor]) -> None:
    mine, other = two
    saved_views.save(mine, "a", {}, 2)
    saved_views.save(other, "a", {}, 2)
    for name, fault in {" ": "required", "x" * 61: "too_long", "a": "taken"}.items():
        with pytest.raises(Invalid) as refused:
            saved_views.save(mine, name, {}, 2)
        assert refused.value.fields == {"name": fault}
    saved_views.save(mine, "b", {}, 2)
    with pytest.raises(Invalid) as refused:
        saved_views.save(mine, "c", {}, 2)
    assert refused.value.fields == {"name": "too_many"}
