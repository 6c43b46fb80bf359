"""A head without a mouse: writes down that an officer is ill, shares out what they have, and takes it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from playwright.sync_api import BrowserContext
from sqlalchemy import select, update

from portal.domain.access import Role
from portal.domain.moment import office_day
from portal.store.database import reading, transaction
from portal.store.models import Dossier
from portal.usecases import accounts, start
from tests.cases import HOUSE, submit
from tests.conftest import Site
from tests.journeys.keyboard import Keyboard
from tests.journeys.people import PASSWORD, Person, now

#: Where no other journey goes.
UNIT = "bao-ha"
PEOPLE = {
    "truong-phong": Role.HEAD_OF_OFFICE,
    "om": Role.ONE_STOP_OFFICER,
    "mot": Role.ONE_STOP_OFFICER,
    "hai": Role.ONE_STOP_OFFICER,
}


def who_has() -> Counter[int | None]:
    with reading() as session:
        return Counter(session.scalars(select(Dossier.holder_id).where(Dossier.desk_unit == UNIT)))


def test_a_sick_officers_dossiers_are_shared_out_and_taken_back_by_the_keyboard_alone(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    start.connect(site.settings)
    made = {
        name: accounts.create_staff(role, UNIT, f"{name}.{UNIT}", f"Lò Thị {name.title()}", PASSWORD, now()).id
        for name, role in PEOPLE.items()
    }
    for _number in range(40):
        submit(HOUSE, now(), UNIT)
    with transaction() as session:
        session.execute(update(Dossier).where(Dossier.desk_unit == UNIT).values(holder_id=made["om"]))
    head = Person(site, new_context())
    head.sign_in(f"truong-phong.{UNIT}")
    keyboard = Keyboard(head.page)
    keyboard.activate("Phân công", "A")
    head.look()
    today = f"{office_day(now()):%d/%m/%Y}"
    for name, text in {"nguoi": str(made["om"]), "tu": today, "den": today, "thay": str(made["mot"])}.items():
        keyboard.answer(name, text)
    keyboard.activate("Ghi vắng")
    keyboard.activate("Chia việc của người vắng", "A")
    head.look()
    assert head.page.locator("main tbody tr").count() == 40
    assert who_has() == {made["om"]: 40}
    keyboard.activate("Chia việc")
    head.look()
    assert who_has() == {made["mot"]: 20, made["hai"]: 20}
    keyboard.activate("Hoàn tác", key="Space")
    assert "Mọi hồ sơ đã về đúng chỗ cũ." in head.page.locator("main").inner_text()
    assert who_has() == {made["om"]: 40}
    head.go("/phan-cong/ho-so?vai=one_stop_officer")
    head.go(f"/phan-cong/nguoi/{made['hai']}")
    deputy = Person(site, new_context())
    deputy.sign_in(f"mot.{UNIT}")
    deputy.go("/thay-mat")
    assert deputy.page.locator("main tbody tr").count() == 30
