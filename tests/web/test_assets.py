import gzip
from pathlib import Path

from flask import url_for

from tests.web.look import ROOT, look_app


def test_a_static_address_names_its_content_and_may_be_kept_for_a_year(tmp_path: Path) -> None:
    app = look_app(tmp_path)
    with app.test_request_context():
        address = url_for("static", filename="css/portal.css")
    assert "?v=" in address
    answer = app.test_client().get(address)
    assert answer.cache_control.max_age == 365 * 24 * 3600
    assert answer.cache_control.immutable
    assert app.test_client().get("/static/css/portal.css").cache_control.max_age is None


def test_style_sheets_go_out_compressed_to_those_who_can_read_it(tmp_path: Path) -> None:
    client = look_app(tmp_path).test_client()
    sheet = (ROOT / "static/css/portal.css").read_bytes()
    packed = client.get("/static/css/portal.css", headers={"Accept-Encoding": "gzip"})
    assert packed.content_encoding == "gzip"
    assert gzip.decompress(packed.data) == sheet
    assert len(packed.data) < len(sheet) / 3
    assert client.get("/static/css/portal.css").data == sheet


def test_a_missing_static_file_is_not_found(tmp_path: Path) -> None:
    assert look_app(tmp_path).test_client().get("/static/css/none.css").status_code == 404
