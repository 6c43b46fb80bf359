"""The viewer beside a dossier: every page of a file as a picture, turned and enlarged by links alone."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from portal.domain.access import Role
from portal.services import opening
from portal.services.file_kinds import Kind
from portal.services.uploads import UploadRefused
from portal.store.database import transaction
from portal.store.models import Attachment
from portal.web.resources import files, uploads
from tests import sample_files
from tests.cases import NOW, kept, submit
from tests.web.test_promises import browser


@pytest.fixture
def database_kind() -> str:
    """The viewer reads what every page of a dossier reads: one kind is enough."""
    return "sqlite"


def attach(app: Flask, registration: str, content: bytes, kind: Kind, pages: int) -> int:
    """A file of a dossier, as it lies in the store; gives its id."""
    with app.app_context():
        stored = files().put_bytes(content)
    with transaction() as session:
        file = Attachment(
            dossier_id=kept(registration).id, component="drawings", name="bản vẽ.pdf", kind=kind.value,
            size=stored.size, pages=pages, sha256=stored.sha256, uploaded_at=NOW,
        )  # fmt: skip
        session.add(file)
        session.flush()
        return file.id


def drawn(officer: FlaskClient, page: str) -> Image.Image:
    """The picture that a page of the viewer shows."""
    address = re.search(r'<img src="([^"]+)"', page)
    assert address is not None
    answer = officer.get(address[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    return Image.open(BytesIO(answer.data))


def links(page: str) -> dict[str, str]:
    """The viewer's links by their key."""
    return {key: href.replace("&amp;", "&") for href, key in re.findall(r'<a href="([^"]+)" data-key="([^"]+)"', page)}


def test_pages_are_leafed_through_turned_and_enlarged_by_links(app: Flask) -> None:
    registration, officer = submit(), browser(app, Role.ONE_STOP_OFFICER)
    at = f"/ban-lam-viec/{registration}/tep/{attach(app, registration, sample_files.plain_pdf(3), Kind.PDF, 3)}"
    first = officer.get(at)
    assert first.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert 'rel="icon"' in first.text  # else browsers ask for one that is not there
    assert "Trang 1 trên 3" in first.text
    assert "ArrowLeft" not in links(first.text)
    second = officer.get(links(first.text)["ArrowRight"]).text
    assert 'alt="Trang 2 của tệp bản vẽ.pdf"' in second
    upright, turned = drawn(officer, second), officer.get(links(second)["r"]).text
    lying = drawn(officer, turned)
    assert lying.size == (upright.size[1], upright.size[0])
    assert "Trang 2 trên 3 · 100 %" in turned
    larger = drawn(officer, officer.get(links(second)["+"]).text)
    assert max(larger.size) > max(upright.size)
    last = officer.get(f"{at}?trang=99&xoay=45&phong=9999").text
    assert "Trang 3 trên 3 · 300 %" in last
    assert "+" not in links(last)
    assert officer.get(f"{at}/trang/4").status_code == 404
    stranger = browser(app, Role.POLICE_OFFICER)
    assert stranger.get(at).status_code == stranger.get(f"{at}/trang/1").status_code == 404


def test_photos_are_drawn_too_and_what_cannot_be_drawn_is_refused(app: Flask) -> None:
    with app.app_context():
        for content, kind in ((sample_files.photo(60), Kind.JPEG), (sample_files.png(), Kind.PNG)):
            picture = Image.open(BytesIO(uploads().page(BytesIO(content), kind, 0, 90, 800)))
            assert picture.size[1] > picture.size[0]
        with pytest.raises(UploadRefused):
            uploads().page(BytesIO(sample_files.cut_off(sample_files.png())), Kind.PNG, 0, 0, 800)


def test_a_page_that_does_not_exist_is_refused_inside_the_sandbox() -> None:
    options = {"kind": "pdf", "page": 5, "turn": 0, "side": 400}
    assert opening.work(BytesIO(sample_files.plain_pdf(1)), options).facts["refused"] == "unreadable"
