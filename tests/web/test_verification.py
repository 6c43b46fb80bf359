"""The pages that check papers: what they say to whoever scans, pastes or forges, with a network and without one."""

from __future__ import annotations

import html
import json
import re
import threading
from base64 import b32decode, b32encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from portal.domain import attestation
from portal.domain.access import Role
from portal.domain.flow import Action
from portal.domain.slips import from_json
from portal.services.certificates import open_seals
from portal.services.keyring import Keyring, open_keyring
from portal.settings import Settings
from portal.store.database import transaction
from portal.store.models import Slip
from portal.web.limits import LOOK_UP
from portal.web.verification import LONGEST
from tests import sample_papers
from tests.cases import HOUSE, act, kept, submit

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)
CLAIMS = attestation.claims_of(sample_papers.RECEIPT)
OFFLINE = "/xac-minh/ngoai-tuyen"


@pytest.fixture
def database_kind() -> str:
    """What is asked of the database is tried on both beside the use case."""
    return "sqlite"


@pytest.fixture
def keyring(settings: Settings) -> Keyring:
    return open_keyring(settings)


@pytest.fixture
def receipt(app: Flask) -> Slip:
    """The receipt of a house permit."""
    registration = submit(HOUSE, NOW)
    act(Role.ONE_STOP_OFFICER, registration, Action.RECEIVE, NOW)
    (slip,) = kept(registration).slips
    return slip


@pytest.fixture
def token(receipt: Slip, keyring: Keyring) -> str:
    """What the QR of this receipt says."""
    claims = attestation.claims_of(from_json(receipt.payload or {}))
    change(receipt, digest=claims.digest.hex())
    return attestation.attest(claims, keyring.current())


def change(slip: Slip, **columns: Any) -> None:
    with transaction() as session:
        session.execute(update(Slip).where(Slip.id == slip.id).values(**columns))


def read(answer: TestResponse) -> str:
    """What stands on the page's main part."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


# --- online ---


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "vi",
            ["Giấy do cổng Một Cửa lập và còn giá trị", "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Hẹn trả kết quả"],
        ),
        ("en", ["This paper was issued by the Một Cửa portal and is valid", "Receipt", "Check another paper"]),
    ],
)
def test_whoever_scans_a_receipt_reads_that_it_holds_and_what_it_says(
    language: str, said: list[str], client: FlaskClient, token: str, receipt: Slip
) -> None:
    answer = client.get(f"/xac-minh/{token}?lang={language}", follow_redirects=True)
    claims = attestation.claims_of(from_json(receipt.payload or {}))
    assert answer.status_code == 200
    text = read(answer)
    assert [part for part in [*said, claims.reference, claims.number, "09:00"] if str(part) not in text] == []
    assert f'href="/tra-cuu/{claims.reference}"' in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_nothing_personal_stands_on_the_page(client: FlaskClient, token: str, receipt: Slip) -> None:
    payload = from_json(receipt.payload or {})
    change(receipt, revoked_at=NOW, revoked_why="Nhận nhầm của bà Mai")
    text = client.get(f"/xac-minh/{token}").text
    assert [
        secret for secret in ("Hoàng Thị Mai", "bà Mai", payload.tracking_url.rpartition("/")[2]) if secret in text
    ] == []


def test_a_replaced_paper_names_the_one_in_its_place(client: FlaskClient, token: str, receipt: Slip) -> None:
    with transaction() as session:
        newer = Slip(
            dossier_id=receipt.dossier_id, kind="receipt", number="77/TNHS", payload=receipt.payload,
            issuer=receipt.issuer, created_at=NOW + timedelta(days=2),
        )  # fmt: skip
        session.add(newer)
        session.flush()
        number = newer.id
    change(receipt, replaced_by_id=number)
    answer = client.get(f"/xac-minh/{token}")
    assert answer.status_code == 200
    assert "Giấy này đã được thay thế Giấy số 77/TNHS ngày 16/09/2026 đã thay cho giấy này." in read(answer)
    assert "còn giá trị Hãy so" not in read(answer)


def test_a_revoked_paper_says_so_with_its_day(client: FlaskClient, token: str, receipt: Slip) -> None:
    change(receipt, revoked_at=NOW, revoked_why="x")
    text = read(client.get(f"/xac-minh/{token}"))
    assert "Giấy này đã bị thu hồi Giấy không còn giá trị từ ngày 14/09/2026." in text


def test_a_paper_that_is_not_here_and_one_that_never_was(client: FlaskClient, token: str, keyring: Keyring) -> None:
    elsewhere = client.get(f"/xac-minh/{attestation.attest(CLAIMS, keyring.current())}")
    forged = client.get(f"/xac-minh/{attestation.attest(CLAIMS, Ed25519PrivateKey.generate())}")
    assert (elsewhere.status_code, forged.status_code) == (404, 404)
    assert "Chữ ký đúng, nhưng cổng không còn lưu giấy này" in read(elsewhere)
    assert "Không phải giấy do cổng Một Cửa lập" in read(forged)
    assert CLAIMS.reference in read(elsewhere)
    assert CLAIMS.reference not in read(forged), "a forger's words are not repeated"


def test_a_scanned_code_with_a_letter_changed_is_called_forged(client: FlaskClient, token: str) -> None:
    for place in range(0, len(token), 7):
        letter = "A" if token[place] != "A" else "B"
        answer = client.get(f"/xac-minh/{token[:place]}{letter}{token[place + 1 :]}")
        assert (answer.status_code, "Không phải giấy do cổng" in answer.text) == (404, True)


@pytest.mark.parametrize("typed", ["{}", "http://elsewhere.example/xac-minh/{}", " \n{}\t ", "/xac-minh/{}"])
def test_what_was_pasted_leads_to_the_page_of_the_paper(typed: str, client: FlaskClient, token: str) -> None:
    spaced = " ".join(re.findall(".{1,7}", token.lower()))
    answer = client.get("/xac-minh", query_string={"ma": typed.format(spaced)})
    assert (answer.status_code, answer.location) == (303, f"/xac-minh/{token}")


@pytest.mark.parametrize("typed", ["", "   ", "/", "http://elsewhere.example/"])
def test_with_nothing_pasted_the_form_is_shown(typed: str, client: FlaskClient) -> None:
    answer = client.get("/xac-minh", query_string={"ma": typed})
    assert (answer.status_code, '<form class="stack" method="get" action="/xac-minh">' in answer.text) == (200, True)


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "x" * 5000, "../../etc/passwd", "é\u202e漢", "%00"])
def test_whatever_is_pasted_is_called_forged_and_not_repeated(typed: str, client: FlaskClient) -> None:
    answer = client.get("/xac-minh", query_string={"ma": typed}, follow_redirects=True)
    assert (answer.status_code, "Không phải giấy do cổng" in answer.text) == (404, True)
    assert typed[:LONGEST] not in answer.text.replace(answer.request.path, "")


def test_the_name_in_english_leads_to_the_same_page(client: FlaskClient) -> None:
    assert [client.get(path).location for path in ("/verify", "/verify/ABC")] == ["/xac-minh", "/xac-minh/ABC"]


def test_tokens_cannot_be_tried_one_after_the_other(client: FlaskClient) -> None:
    most = int(LOOK_UP.partition("/")[0])
    assert {client.get("/xac-minh/ABC").status_code for _ in range(most)} == {404}
    assert client.get("/xac-minh/ABC").status_code == 429


# --- keys ---


def test_the_keys_stand_at_a_fixed_address_with_the_old_ones(client: FlaskClient, keyring: Keyring) -> None:
    assert client.get("/.well-known/jwks.json").json == {"keys": []}
    old = attestation.attest(CLAIMS, keyring.current())
    keyring.rotate()
    answer = client.get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.json == keyring.jwks()
    assert attestation.read(old, attestation.from_jwks(answer.json or {})) == CLAIMS
    assert all(set(key) == {"kty", "crv", "alg", "use", "kid", "x"} for key in answer.json["keys"])


def test_the_certificates_of_seals_stand_at_a_fixed_address_without_their_keys(
    client: FlaskClient, settings: Settings
) -> None:
    open_seals(settings).open_all(NOW)
    pem = client.get("/xac-minh/chung-thu.pem").data
    (root,) = x509.load_pem_x509_certificates(pem)
    assert root.subject == root.issuer
    assert b"PRIVATE" not in pem


def test_search_engines_are_kept_from_papers(client: FlaskClient) -> None:
    assert "Disallow: /xac-minh/" in client.get("/robots.txt").text


# --- offline ---


def test_the_offline_page_may_run_what_stands_in_it_and_reach_nothing(client: FlaskClient, keyring: Keyring) -> None:
    keyring.current()
    answer = client.get(OFFLINE)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    (inside,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', answer.text)
    assert html.unescape(inside) == policy.removesuffix("; frame-ancestors 'none'")
    assert not re.search(r"""(?:src|href|action|url)\s*[=(]""", re.sub(r"(?s)<script>.*</script>", "", answer.text))
    assert keyring.jwks()["keys"][0]["x"] in answer.text
    assert len(answer.data) < 30_000
    assert "attachment" in client.get(f"{OFFLINE}?tai=1").headers["Content-Disposition"]


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The portal at an address that a browser can open."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def saved(client: FlaskClient, keyring: Keyring, tmp_path: Path) -> str:
    """The offline page as somebody saved it."""
    keyring.current()
    (file := tmp_path / "xac-minh-giay.html").write_bytes(client.get(OFFLINE).data)
    return file.as_uri()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Nội dung mã QR").fill(text)
    page.get_by_role("button", name="Kiểm tra").click()


def shown(page: Page, answer: str) -> None:
    """Wait until this answer is the one that is shown."""
    expect(page.locator(f'[data-answer="{answer}"]')).to_be_visible()
    assert page.locator("[data-answer]:visible").count() == 1


def test_the_saved_page_checks_a_token_without_a_network(
    new_context: Callable[..., BrowserContext], saved: str, keyring: Keyring
) -> None:
    context = new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(saved)
    token = attestation.attest(CLAIMS, keyring.current())
    ask(page, f"https://mot-cua.example.vn/xac-minh/{token.lower()}")
    shown(page, "valid")
    facts = page.locator("#facts").inner_text().split()
    wanted = f"{CLAIMS.reference} 15/TNHS 13/07/2026 08:30 22/07/2026 Giấy tiếp nhận".split()
    assert [word for word in wanted if word not in facts] == []
    for place in (3, 20, 90, 150, 200, len(token) - 1):
        letter = "A" if token[place] != "A" else "B"
        ask(page, token[:place] + letter + token[place + 1 :])
        expect(page.locator("[data-answer]:visible")).to_contain_text(re.compile("Không phải giấy|không có"))
        expect(page.locator("#facts")).to_be_hidden()
    ask(page, attestation.attest(CLAIMS, Ed25519PrivateKey.generate()))
    shown(page, "unknown")
    ask(page, "không phải mã")
    shown(page, "forged")
    assert (asked, complaints) == ([saved], [])


def test_the_saved_page_takes_a_token_written_in_one_way_only(page: Page, saved: str, keyring: Keyring) -> None:
    token = attestation.attest(CLAIMS, keyring.current())
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    assert len(token) * 5 % 8, "the last letter has bits to spare"
    head, _, content, signature = cbor2.loads(b32decode(token + "=" * (-len(token) % 8))).value
    beside = cbor2.dumps(cbor2.CBORTag(18, [head, {1: -7}, content, signature]))
    page.goto(saved)
    for same in (token[:-1] + letters[letters.index(token[-1]) ^ 1], b32encode(beside).decode().rstrip("=")):
        ask(page, token)
        shown(page, "valid")
        ask(page, same)
        shown(page, "forged")


def test_the_saved_page_agrees_with_the_portal_on_papers_of_every_kind(
    page: Page, saved: str, keyring: Keyring
) -> None:
    page.goto(saved)
    expect(page.locator("#form")).to_be_visible()
    for payload in sample_papers.ALL.values():
        ask(page, attestation.attest(attestation.claims_of(payload), keyring.current()))
        shown(page, "valid")
    ask(page, attestation.attest(replace(CLAIMS, number=None, due_at=None), keyring.current()))
    shown(page, "valid")
    expect(page.locator("#said-due")).to_be_hidden()


def test_new_keys_can_be_pasted_into_a_page_saved_long_ago(page: Page, saved: str, keyring: Keyring) -> None:
    page.goto(saved)
    keyring.rotate()
    token = attestation.attest(CLAIMS, keyring.current())
    ask(page, token)
    shown(page, "unknown")
    page.locator("summary").click()
    page.get_by_label("Bộ khóa (JWKS)").fill(json.dumps(keyring.jwks()))
    ask(page, token)
    shown(page, "valid")
    page.get_by_label("Bộ khóa (JWKS)").fill("không phải khóa")
    ask(page, token)
    shown(page, "keys")


def test_a_browser_that_cannot_check_says_so_plainly(new_context: Callable[..., BrowserContext], saved: str) -> None:
    page = new_context().new_page()
    page.add_init_script("SubtleCrypto.prototype.importKey = () => Promise.reject(new Error('NotSupportedError'))")
    page.goto(saved)
    expect(page.locator("#unable")).to_contain_text("Trình duyệt này không kiểm được chữ ký Ed25519")
    expect(page.locator("#form")).to_be_hidden()
    without = new_context(java_script_enabled=False).new_page()
    without.goto(saved)
    expect(without.locator("noscript .answer")).to_be_visible()
    expect(without.locator("#form")).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme", "language"), [(360, "light", "vi"), (1280, "dark", "en")])
def test_axe_finds_nothing_on_the_pages_and_nothing_is_wider_than_the_window(
    width: int, scheme: str, language: str, new_context: Callable[..., BrowserContext], site: str, token: str
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in ("/xac-minh", f"/xac-minh/{token}", OFFLINE):
        page.goto(f"{site}{path}?lang={language}")
        if path == OFFLINE:
            page.locator("#token").fill(token)
            page.locator("#check").click()
            shown(page, "valid")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_without_scripts_a_paper_is_checked_by_a_plain_form(
    new_context: Callable[..., BrowserContext], site: str, token: str
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{site}/xac-minh")
    page.get_by_role("textbox", name="Nội dung mã QR").fill(f"{site}/xac-minh/{token}")
    page.get_by_role("button", name="Xác minh").click()
    expect(page.get_by_role("status")).to_contain_text("Giấy do cổng Một Cửa lập và còn giá trị")
