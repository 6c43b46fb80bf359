"""The look in a real browser: nothing for axe to find, nothing wider than a phone, scripts that only help."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, jsonify, make_response, redirect, render_template_string, request
from markupsafe import Markup
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server

from portal.domain.clock import WorkingTime
from portal.domain.standing import Limit, State
from portal.web import charts
from portal.web.navigation import Item
from tests.web.look import look_app

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
INSTANT = datetime(2026, 2, 9, 10, tzinfo=UTC)
SPECIMEN = (Path(__file__).parent / "specimen.html").read_text(encoding="utf-8")
FORM = """{% extends 'base.html' %}{% import 'parts/forms.html' as f %}{% block main %}<h1>Tờ khai</h1>
<form method="post" action="/sent" data-autosave="/kept">{{ f.csrf() }}{{ f.text('ten', 'Họ và tên') }}
{{ f.computed('dai', 'Độ dài', '') }}
<button class="btn" type="submit">Gửi</button>{{ f.save_state() }}</form>{% endblock %}
{% block scripts %}<script src="{{ url_for('static', filename='js/autosave.js') }}" defer></script>{% endblock %}"""
UPLOAD = """{% extends 'base.html' %}{% import 'parts/forms.html' as f %}{% block main %}<h1>Giấy tờ</h1>
{{ f.error_summary(errors) }}<p id="known">{{ names|join(', ') }}</p>{{ f.upload('/upload', 'tep', 'Bản vẽ') }}
{% endblock %}
{% block scripts %}<script src="{{ url_for('static', filename='js/upload.js') }}" defer></script>{% endblock %}"""
BOTH = """{% extends 'base.html' %}{% import 'parts/forms.html' as f %}{% block main %}<h1>Tờ khai và giấy tờ</h1>
<form method="post" action="/sent" data-autosave="/kept">{{ f.csrf() }}{{ f.text('ten', 'Họ và tên') }}
{{ f.save_state() }}</form>{{ f.upload('/upload', 'tep', 'Bản vẽ') }}{% endblock %}
{% block scripts %}<script src="{{ url_for('static', filename='js/autosave.js') }}" defer></script>
<script src="{{ url_for('static', filename='js/upload.js') }}" defer></script>{% endblock %}"""
SEARCH = """{% extends 'base.html' %}{% from 'parts/page.html' import search_form %}{% block main %}<h1>Tìm</h1>
{{ search_form('/found', 'Tìm thủ tục', live_url='/found') }}{% endblock %}
{% block scripts %}<script src="{{ url_for('static', filename='js/search.js') }}" defer></script>{% endblock %}"""

QUEUE = """{% extends 'base.html' %}{% block main %}<h1>Hàng chờ</h1>{{ list }}
<p role="status" data-live="/live" data-every="0.1"></p>{% endblock %}
{% block scripts %}<script src="{{ url_for('static', filename='js/queue.js') }}" defer></script>{% endblock %}"""


class Desk:
    """What the small application was sent, and how it shall answer."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.names: list[str] = []
        self.answer = 204
        self.computed: dict[str, str] = {}
        #: Whether somebody else answers in the server's place.
        self.strange = False
        #: Who stands in the queue, and how often the browser was told that it has the latest.
        self.queue = ["Mai"]
        self.unchanged = 0

    def list(self) -> Markup:
        """The queue as its page shows it."""
        lines = Markup("").join(Markup("<a href='#'>{}</a> ").format(name) for name in self.queue)
        return Markup('<div id="queue-list" data-said="{} hồ sơ">{}</div>').format(len(self.queue), lines)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def url(tmp_path: Path, desk: Desk) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application(tmp_path, desk), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def application(folder: Path, desk: Desk) -> Flask:
    """Pages of the parts, under the strictest content policy."""
    app = look_app(folder)
    chart = charts.columns(
        [charts.Series("early", "Trước hạn"), charts.Series("late", "Trễ hạn")], [("01/2026", (9, 3))]
    )
    file = SimpleNamespace(
        id=1, name="ban-ve.pdf", href="/file", thumbnail="", kind="pdf", pages=2, size=2048, sha256="ab" * 32, note=""
    )
    context: dict[str, Any] = {
        "language": "vi",
        "other_language_url": "?lang=en",
        "current_user": SimpleNamespace(is_authenticated=True, full_name="Bàn Thị Mẩy"),
        "navigation": tuple(Item("/", f"Mục số {number}", number == 0, "get", "") for number in range(6)),
        "account_menu": (Item("/", "Đăng xuất", False, "post", ""),),
        "chart": chart,
        "files": [file],
        "instant": INSTANT,
        "dues": [Limit(state, INSTANT, WorkingTime(timedelta(hours=10)), True) for state in State],
    }

    def page(source: str, **more: object) -> str:
        return render_template_string(source, **(context | more))

    app.add_url_rule("/specimen", view_func=lambda: page(SPECIMEN), endpoint="specimen")
    app.add_url_rule("/form", view_func=lambda: page(FORM), endpoint="form")
    app.add_url_rule("/both", view_func=lambda: page(BOTH), endpoint="both")
    app.add_url_rule("/search", view_func=lambda: page(SEARCH), endpoint="search")
    app.add_url_rule(
        "/file", view_func=lambda: "<!doctype html><html lang='vi'><title>Tệp</title><main><h1>Tệp</h1></main>"
    )

    app.add_url_rule("/queue", view_func=lambda: page(QUEUE, list=desk.list()), endpoint="queue")

    @app.get("/live")
    def live() -> Response:
        response = make_response(desk.list())
        response.add_etag()
        answer = response.make_conditional(request)
        desk.unchanged += answer.status_code == 304
        return answer

    @app.get("/found")
    def found() -> str:
        return f"<p>Kết quả cho {request.args['q']}</p>"

    @app.post("/kept")
    def kept() -> Response:
        if desk.strange:
            return Response("<!doctype html><title>Đăng nhập Wi-Fi</title>", 200)
        desk.kept.append(request.form["ten"])
        return jsonify(computed=desk.computed) if desk.computed else Response(status=desk.answer)

    @app.post("/sent")
    def sent() -> str:
        return page("{% extends 'base.html' %}{% block main %}<h1>Đã gửi</h1>{% endblock %}")

    @app.route("/upload", methods=["GET", "POST"])
    def upload() -> Any:
        if request.method == "GET":
            return page(UPLOAD, names=desk.names, errors={})
        files = request.files.getlist("tep")
        if any(file.filename and file.filename.endswith(".exe") for file in files):
            return page(UPLOAD, names=desk.names, errors={"tep": "Tệp này không đọc được"}), 422
        desk.names += [str(file.filename) for file in files]
        return redirect("/upload")

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    return app


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    new_context: Callable[..., BrowserContext], url: str, scheme: str, width: int
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{url}/specimen")
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_what_is_pressed_is_big_enough_for_a_thumb(new_context: Callable[..., BrowserContext], url: str) -> None:
    page = new_context(viewport={"width": 360, "height": 800}).new_page()
    page.goto(f"{url}/specimen")
    pressed = ".btn, .tool, .navigation a, .tabs a, .choice, select, input:not([type=hidden]):not(.choice input)"
    small = page.evaluate(
        """pressed => [...document.querySelectorAll(pressed)]
            .filter(item => item.getClientRects().length && item.getBoundingClientRect().height < 44)
            .map(item => item.outerHTML.slice(0, 120))""",
        pressed,
    )
    assert small == []


def test_autosave_keeps_what_was_typed_and_says_when(page: Page, url: str, desk: Desk) -> None:
    page.goto(f"{url}/form")
    page.get_by_label("Họ và tên").fill("Bàn Thị Mẩy")
    expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"Đã lưu lúc \d\d:\d\d"))
    assert desk.kept == ["Bàn Thị Mẩy"]
    page.get_by_label("Họ và tên").press("End")
    page.wait_for_timeout(2000)
    assert desk.kept == ["Bàn Thị Mẩy"], "nothing is sent when nothing changed"


def test_autosave_shows_what_is_computed_of_the_answers(page: Page, url: str, desk: Desk) -> None:
    desk.computed = {"dai": "12 chữ cái"}
    page.goto(f"{url}/form")
    expect(page.get_by_role("status", name="Độ dài")).to_have_text("Sẽ được tính khi đủ số liệu")
    page.get_by_label("Họ và tên").fill("Bàn Thị Mẩy")
    expect(page.get_by_role("status", name="Độ dài")).to_have_text("12 chữ cái")


def test_autosave_tries_again_when_the_server_fails(page: Page, url: str, desk: Desk) -> None:
    desk.answer = 503
    page.goto(f"{url}/form")
    page.get_by_label("Họ và tên").fill("Páo")
    expect(page.locator("[data-save-state]")).to_contain_text("Mất kết nối")
    desk.answer = 204
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")


@pytest.mark.parametrize(("status", "said"), [(400, "Chưa lưu được"), (409, "Trang này vừa được sửa ở nơi khác")])
def test_autosave_says_when_it_is_refused(page: Page, url: str, desk: Desk, status: int, said: str) -> None:
    desk.answer = status
    page.goto(f"{url}/form")
    page.get_by_label("Họ và tên").fill("Páo")
    expect(page.locator("[data-save-state]")).to_contain_text(said)


def test_a_page_that_somebody_else_answers_with_is_not_taken_for_success(page: Page, url: str, desk: Desk) -> None:
    desk.strange = True
    page.goto(f"{url}/form")
    page.get_by_label("Họ và tên").fill("Páo")
    expect(page.locator("[data-save-state]")).to_contain_text("Mất kết nối")
    expect(page.get_by_label("Họ và tên")).to_have_value("Páo")
    desk.strange = False
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")
    assert desk.kept == ["Páo"]


def test_a_file_that_could_not_be_sent_keeps_nothing_later_from_being_saved_or_sent(
    page: Page, url: str, desk: Desk
) -> None:
    page.goto(f"{url}/both")
    page.route("**/upload", lambda route: route.abort())
    file = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 10}
    page.get_by_label("Bản vẽ").set_input_files(file)
    expect(page.locator(".upload-progress [role=status]")).not_to_be_empty()
    page.get_by_label("Họ và tên").fill("Páo")
    expect(page.locator("[data-save-state]")).to_contain_text("Đã lưu lúc")
    assert desk.kept == ["Páo"]
    page.unroute("**/upload")
    page.get_by_label("Bản vẽ").set_input_files(file | {"name": "b.pdf"})
    expect(page.locator("#known")).to_have_text("b.pdf")


def test_a_pressed_button_shows_that_it_works(page: Page, url: str) -> None:
    page.goto(f"{url}/form")
    busy = "button => { button.click(); return button.getAttribute('aria-busy'); }"
    assert page.get_by_role("button", name="Gửi").evaluate(busy) == "true"
    expect(page.get_by_role("heading", name="Đã gửi")).to_be_visible()


def test_a_chosen_file_is_sent_at_once_and_a_refused_one_is_named(page: Page, url: str, desk: Desk) -> None:
    page.goto(f"{url}/upload")
    page.get_by_label("Bản vẽ").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 10})
    expect(page.locator("#known")).to_have_text("a.pdf")
    page.get_by_label("Bản vẽ").set_input_files({"name": "b.exe", "mimeType": "application/pdf", "buffer": b"x"})
    expect(page.locator("#errors")).to_contain_text("Tệp này không đọc được")
    expect(page.locator("#errors")).to_be_focused()
    page.get_by_label("Bản vẽ").set_input_files({"name": "c.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    expect(page.locator("#known")).to_have_text("a.pdf, c.pdf")
    assert desk.names == ["a.pdf", "c.pdf"]


def test_files_can_be_sent_without_scripts(new_context: Callable[..., BrowserContext], url: str, desk: Desk) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{url}/upload")
    page.get_by_label("Bản vẽ").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.get_by_role("button", name="Tải lên").click()
    expect(page.locator("#known")).to_have_text("a.pdf")


def test_results_appear_while_words_are_typed(page: Page, url: str) -> None:
    page.goto(f"{url}/search")
    page.get_by_role("searchbox").fill("khai sinh")
    expect(page.locator("[data-live-results]")).to_have_text("Kết quả cho khai sinh")


def test_a_queue_is_kept_fresh_but_not_under_the_hands_of_whoever_is_in_it(page: Page, url: str, desk: Desk) -> None:
    page.goto(f"{url}/queue")
    shown, status = page.locator("#queue-list"), page.get_by_role("status")
    desk.queue = ["Mai", "Lan"]
    expect(shown).to_contain_text("Lan")
    expect(status).to_have_text("2 hồ sơ")
    page.wait_for_timeout(500)
    assert desk.unchanged > 0
    page.get_by_role("link", name="Lan").focus()
    desk.queue = ["Hoa"]
    page.wait_for_timeout(500)
    expect(page.get_by_role("link", name="Lan")).to_be_focused()
    page.get_by_role("link", name="Lan").blur()
    expect(shown).to_have_text("Hoa ")
    expect(status).to_have_text("1 hồ sơ")


def test_the_account_menu_opens_without_scripts_and_closes_with_escape(
    new_context: Callable[..., BrowserContext], page: Page, url: str
) -> None:
    plain = new_context(java_script_enabled=False).new_page()
    plain.goto(f"{url}/form")
    plain.locator(".account summary").click()
    expect(plain.get_by_role("button", name="Đăng xuất")).to_be_visible()
    page.goto(f"{url}/form")
    page.locator(".account summary").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    expect(page.locator(".account summary")).to_be_focused()


def test_letters_typed_as_combining_marks_look_like_composed_ones(page: Page, url: str) -> None:
    page.goto(f"{url}/form")
    widths = page.evaluate(
        """async () => {
            await document.fonts.ready;
            const pen = document.createElement('canvas').getContext('2d');
            pen.font = '40px "Be Vietnam Pro"';
            return ['Nguyễn Thị Thuỳ Dương', 'Đặng Mùi Phẩm'].map(
                text => [pen.measureText(text.normalize('NFC')).width, pen.measureText(text.normalize('NFD')).width]);
        }"""
    )
    assert page.evaluate("document.fonts.check('40px \"Be Vietnam Pro\"')")
    for composed, combined in widths:
        assert combined == pytest.approx(composed, abs=1)
