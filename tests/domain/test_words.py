"""Words that the portal wrote itself are said in the language of the page; people's own stay as they wrote them."""

import pytest

from portal.domain.access import Role
from portal.domain.bundles import given_up
from portal.domain.words import said_with_an_event
from procedures.model import Text


@pytest.mark.parametrize(
    ("said", "in_english"),
    [
        ("Thông báo số 124/TB ngày 28/11/2026", "By notice no. 124/TB of 28/11/2026"),
        ("Thông báo số 124/TB", "By notice no. 124/TB"),
        (
            given_up(Text(vi="Đăng ký khai tử", en="Death registration")),
            "The procedure before it, “Đăng ký khai tử”, was not granted, so this one cannot be carried out.",
        ),
        ("Theo thông báo của cơ quan thuế", "Theo thông báo của cơ quan thuế"),
    ],
)
def test_what_the_portal_wrote_is_said_in_either_language(said: str, in_english: str) -> None:
    assert said_with_an_event(said, Role.SYSTEM, "vi") == said
    assert said_with_an_event(said, Role.SYSTEM, "en") == in_english
    assert said_with_an_event(said, Role.LEADER, "en") == said
