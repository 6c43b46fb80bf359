import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from lxml import html

from portal.domain.clock import WorkingTime
from portal.domain.standing import Limit, State
from portal.web import charts
from procedures.model import COMPOUND, RECORDS, Choice, Field, Kind, Text
from tests.web.look import ROOT, draw, look_app

TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if path.parent.name not in {"slips", "letters", "notices"}
)
SPRITE = (ROOT / "static/images/icons.svg").read_text(encoding="utf-8")
SHEET = (ROOT / "static/css/portal.css").read_text(encoding="utf-8")
WORDS = Text(vi="Câu hỏi", en="Question")
FORMS = "{% import 'parts/forms.html' as f %}"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return look_app(tmp_path_factory.mktemp("fonts"))


def field(kind: Kind) -> Field:
    """A question of each kind."""
    choices = (Choice(value="a", label=WORDS), Choice(value="b", label=WORDS))
    columns = (Field(key="name", kind=Kind.NAME, label=WORDS),)
    return Field(
        key="question",
        kind=kind,
        label=WORDS,
        hint=Text(vi="Gợi ý", en="Hint"),
        choices=choices if kind in {Kind.CHOICE, Kind.SEVERAL} else (),
        measure="m²" if kind is Kind.DECIMAL else None,
        columns=columns if kind in COMPOUND else (),
        row_title=Text(vi="Thành viên", en="Member") if kind is Kind.GROUP else None,
    )


def typed(kind: Kind, name: str) -> object:
    """What stands in a question of each kind."""
    row = {"name": name}
    return [row] if kind is Kind.GROUP else row if kind in RECORDS else [] if kind is Kind.SEVERAL else ""


@pytest.mark.parametrize("kind", Kind)
def test_a_wrong_answer_is_named_beside_the_question_and_reachable_from_the_summary(app: Flask, kind: Kind) -> None:
    value = typed(kind, "Bàn Thị Mẩy")
    source = FORMS + (
        "{{ f.error_summary({'q': 'Sai rồi'}) }}"
        "{{ f.question(field, 'q', value, 'Sai rồi', 'vi', {'question': [('bao-yen', 'Xã Bảo Yên')]}, {}) }}"
    )
    page = html.fromstring(f"<main>{draw(app, source, field=field(kind), value=value)}</main>")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert page.xpath("//*[@id='errors']//a/@href") == ["#q"]
    assert page.xpath("//*[@id='q']")
    (described,) = page.xpath("//@aria-describedby")
    assert described.split()[0] == "q-error"
    assert set(described.split()) <= set(ids)
    assert "Sai rồi" in page.xpath("string(//*[@id='q-error'])")


@pytest.mark.parametrize("kind", Kind)
def test_every_control_has_a_label(app: Flask, kind: Kind) -> None:
    value = typed(kind, "")
    source = FORMS + "{{ f.question(field, 'q', value, '', 'vi') }}"
    page = html.fromstring(f"<main>{draw(app, source, field=field(kind), value=value)}</main>")
    controls = page.xpath("//input[not(@type='hidden')] | //select | //textarea")
    assert controls
    for control in controls:
        named = page.xpath(f"//label[@for='{control.get('id')}']") or control.xpath("ancestor::label")
        assert named, html.tostring(control)


def test_rows_of_a_group_are_added_and_removed_by_submit_buttons(app: Flask) -> None:
    page = html.fromstring(
        draw(app, FORMS + "{{ f.question(field, 'members', rows, '', 'vi') }}", field=field(Kind.GROUP), rows=[{}, {}])
    )
    assert page.xpath("//button[@type='submit']/@name") == ["remove-members-0", "remove-members-1", "add-members"]
    assert page.xpath("//input/@name") == ["members-rows", "members-0-name", "members-1-name"]


def test_what_need_not_be_answered_says_so(app: Flask) -> None:
    assert "không bắt buộc" in draw(app, FORMS + "{{ f.text('q', 'Tên', required=false) }}")
    assert "không bắt buộc" not in draw(app, FORMS + "{{ f.text('q', 'Tên') }}")


def test_what_a_person_typed_is_shown_as_text_and_never_as_markup(app: Flask) -> None:
    typed = '"><script>alert(1)</script>'
    source = (
        FORMS
        + "{{ f.text('a', 'Tên', value) }}{{ f.long_text('b', 'Lý do', value) }}{{ f.error_summary({'a': value}) }}"
    )
    page = html.fromstring(f"<main>{draw(app, source, value=typed)}</main>")
    assert not page.xpath("//script")
    assert page.xpath("//input/@value") == [typed]
    assert page.xpath("string(//textarea)").removeprefix("\n") == typed


def test_the_frame_has_one_main_part_with_and_without_an_aside_and_a_hero(app: Flask) -> None:
    for blocks in ("", "{% block aside %}<p>x</p>{% endblock %}", "{% block hero %}<p>x</p>{% endblock %}"):
        text = draw(app, "{% extends 'base.html' %}{% block main %}<h1>Tên</h1>{% endblock %}" + blocks)
        page = html.fromstring(text)
        assert len(page.xpath("//main[@id='main']")) == 1
        assert len(page.xpath("//h1")) == 1
        assert page.get("lang") == "vi"
        assert page.xpath("//a[@class='skip']/@href") == ["#main"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500])
def test_every_refusal_has_a_page_with_a_way_on(app: Flask, status: int) -> None:
    page = html.fromstring(draw(app, f"{{% include 'errors/{status}.html' %}}"))
    assert page.xpath("string(//h1)")
    assert page.xpath("//main//a/@href") == ["/"]


def test_the_page_for_our_own_failure_asks_for_nobody(app: Flask) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    page = draw(app, "{% include 'errors/500.html' %}", current_user=Broken(), navigation=Broken())
    assert "sự cố" in page


#: Saved, and opened without the portal: all it needs stands in it, and its own policy names that by digest.
WHOLE = ROOT / "templates" / "public" / "offline.html"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_has_a_style_or_script_of_its_own(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)\s*=", text)
    if path != WHOLE:
        assert "<style" not in text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_every_icon_that_is_asked_for_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
    asked = {name for path in TEMPLATES for name in re.findall(r"icon\('([\w-]+)'", path.read_text(encoding="utf-8"))}
    assert asked
    assert asked <= drawn


def test_the_chart_and_its_table_say_the_same_numbers(app: Flask) -> None:
    series = [charts.Series("early", "Trước hạn"), charts.Series("late", "Trễ hạn")]
    chart = charts.columns(series, [("01/2026", (12, 3)), ("02/2026", (1500, 0))])
    source = (
        "{% from 'parts/data.html' import column_chart, chart_table %}"
        "{{ column_chart(chart, 'Đã giải quyết') }}{{ chart_table(chart, 'Đã giải quyết') }}"
    )
    page = html.fromstring(f"<main>{draw(app, source, chart=chart)}</main>")
    assert [text.strip() for text in page.xpath("//td/text()")] == ["12", "3", "1.500", "0"]
    assert page.xpath("//*[local-name()='title']/text()") == [
        "01/2026: Trước hạn 12, Trễ hạn 3",
        "02/2026: Trước hạn 1.500, Trễ hạn 0",
    ]


def test_files_are_listed_with_their_facts_and_can_be_taken_away(app: Flask) -> None:
    file = SimpleNamespace(
        id=7, name="a<b>.pdf", href="/f/7", thumbnail="", kind="pdf", pages=4, size=2048, sha256="ab" * 32, note=""
    )
    source = "{% from 'parts/dossiers.html' import file_list %}{{ file_list([file], remove_name='remove') }}"
    page = html.fromstring(draw(app, source, file=file))
    assert page.xpath("string(//a)") == "a<b>.pdf"
    assert page.xpath("//button/@value") == ["7"]
    assert "4 trang · 2 kB" in page.text_content()


def tokens(scheme: str) -> dict[str, str]:
    """The colours of the light scheme, or of the dark one, which changes some of them."""
    light, dark = re.findall(r":root \{(.*?)\n *\}", SHEET, re.S)[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", dark)) if scheme == "dark" else found


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 counts it."""

    def luminance(colour: str) -> float:
        digits = colour.removeprefix("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT_ON_GROUND = [
    *[
        (ink, ground)
        for ink in ("ink", "ink-soft", "indigo", "brocade", "rice")
        for ground in ("paper", "card", "sunken")
    ],
    *[("ink", f"{tint}-soft") for tint in ("indigo", "rice", "brocade", "turmeric")],
    *[(tint, f"{tint}-soft") for tint in ("indigo", "rice", "brocade", "turmeric")],
    *[
        ("on-fill", fill)
        for fill in ("fill", "fill-hover", "fill-good", "fill-good-hover", "fill-danger", "fill-danger-hover")
    ],
    *[("on-night", "night"), ("on-night", "night-2"), ("on-night-soft", "night")],
]
EDGES = [("line-strong", "card"), ("line-strong", "paper"), ("focus", "paper"), ("focus", "card"), ("brocade", "card")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground_in_both_schemes(scheme: str) -> None:
    colours = tokens(scheme)
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in TEXT_ON_GROUND}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_controls_and_the_focus_can_be_seen_in_both_schemes(scheme: str) -> None:
    colours = tokens(scheme)
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in EDGES}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_the_first_page_weighs_under_100_kb_even_where_nothing_is_compressed(app: Flask, tmp_path: Path) -> None:
    from portal.web import fonts

    page = draw(app, "{% extends 'base.html' %}")
    parts = [ROOT / name.split("?")[0].lstrip("/") for name in set(re.findall(r"/static/[\w/.-]+", page))]
    drawings = [ROOT / "static/images" / name for name in ("brocade.svg", "terraces.svg", "icons.svg")]
    cut = [fonts.cut(tmp_path, name) for name in fonts.FONTS]
    assert sum(path.stat().st_size for path in {*parts, *drawings, *cut}) + len(page.encode()) < 85_000


@pytest.mark.parametrize(("left", "said"), [(timedelta(), "Đã quá hạn"), (timedelta(hours=3), "Quá hạn 3 giờ")])
def test_what_is_late_by_no_working_time_yet_is_late_without_a_number(app: Flask, left: timedelta, said: str) -> None:
    due = Limit(State.LATE, None, WorkingTime(left))
    page = draw(app, "{% import 'parts/dossiers.html' as d %}{{ d.due_pill(due) }}", due=due)
    assert html.fromstring(f"<main>{page}</main>").text_content().strip() == said
