"""The notice of likely duplicates on a dossier's page: links to what one may open, no word more of what one may not."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from portal.domain.access import Role
from tests.cases import NOW, submit
from tests.web.test_desk import Town

NUMBER = "010188001234"


def test_the_page_of_a_dossier_leads_to_those_that_are_likely_the_same_matter(app: Flask) -> None:
    mine = submit(applicant_number=NUMBER)
    other = submit(at=NOW - timedelta(days=2), applicant_number=NUMBER)
    hidden = submit(unit="nghia-do", applicant_number=NUMBER, applicant_name="Nông Văn Kín")
    page = Town(app, {}).browser(Role.ONE_STOP_OFFICER).get(f"/ban-lam-viec/{mine}").text
    assert "Có thể trùng hồ sơ" in page
    assert f'href="/ban-lam-viec/{other}"' in page
    assert "Có hồ sơ khác tại đơn vị khác, bạn không có quyền mở." in page
    assert hidden not in page
    assert "Nông Văn Kín" not in page
