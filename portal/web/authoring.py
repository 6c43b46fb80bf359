"""The administrator's pages of the law: all versions of all procedures, drafts, comparing, publishing, the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain import faults, outline
from portal.domain.access import Right
from portal.domain.errors import Invalid, Stale
from portal.usecases import authoring
from portal.usecases.authoring import Draft, Listed, Objection
from portal.web import drafting, texts
from portal.web.access import actor, opens
from portal.web.drafting import day, seen, tabs, told
from portal.web.language import language
from portal.web.resources import now
from procedures.expressions import fold
from procedures.model import Sector, Text

blueprint = Blueprint("authoring", __name__, url_prefix="/quan-tri/thu-tuc")
#: How many publications a page of the log shows.
PAGE: Final = 20


@blueprint.get("")
@opens(Right.AUTHORING)
def shelf() -> ResponseReturnValue:
    """Every procedure with its versions, and the drafts that are open."""
    words, sector = request.args.get("q", "").strip(), request.args.get("linh-vuc", "")
    shown: dict[str, list[Listed]] = {}
    for listed in authoring.shelf(now()):
        if _wanted(listed, words, sector):
            shown.setdefault(listed.head.code, []).append(listed)
    return render_template(
        "admin/law/shelf.html",
        procedures=list(shown.values()),
        drafts=[(draft, drafting.name(draft)) for draft in authoring.drafts()],
        sectors=[(one.value, one.label.say(language())) for one in Sector],
        words=words,
        sector=sector,
    )


def _wanted(listed: Listed, words: str, sector: str) -> bool:
    head = listed.head
    said = fold(f"{head.code} {head.title.vi} {head.title.en} {head.short_title.vi} {' '.join(head.keywords)}")
    return sector in ("", head.sector) and all(word in said for word in fold(words).split())


@blueprint.get("/<code>/<version>")
@opens(Right.AUTHORING)
def version(code: str, version: str) -> ResponseReturnValue:
    """One version, read as an outline."""
    begins = _version_day(version)
    text = authoring.text_of(code, begins)
    plain = drafting.values(text)
    listed = [one for one in authoring.shelf(now()) if one.head.code == code]
    this = next(one for one in listed if one.head.version == begins)
    return render_template(
        "admin/law/version.html",
        this=this,
        others=[one for one in listed if one is not this],
        chapters=outline.outline(plain, drafting.scene(plain), language()),
        file_name=authoring.file_name(code, begins),
        drafts=[draft for draft in authoring.drafts() if draft.id in this.draft_ids],
    )


@blueprint.get("/<code>/<version>/tep")
@opens(Right.AUTHORING)
def version_file(code: str, version: str) -> ResponseReturnValue:
    """The file of a version, as it was written."""
    begins = _version_day(version)
    return _file(authoring.text_of(code, begins), authoring.file_name(code, begins))


@blueprint.post("/<code>/<version>/chep")
@opens(Right.AUTHORING)
def copy(code: str, version: str) -> ResponseReturnValue:
    """Begin a draft from a version."""
    draft = authoring.copy_version(actor(), code, _version_day(version), now())
    flash(_("Đã chép phiên bản này thành bản nháp. Phiên bản gốc giữ nguyên."), "good")
    return redirect(url_for("authoring.draft", number=draft.id), 303)


@blueprint.route("/nhap-tep", methods=["GET", "POST"])
@opens(Right.AUTHORING)
def take_in() -> ResponseReturnValue:
    """Begin a draft from a file, or from text."""
    if request.method == "GET":
        return render_template("admin/law/take_in.html", errors={}, form={})
    text, fault = sent_text()
    errors = {"text": fault} if fault else {}
    if not errors:
        try:
            draft = authoring.take_in(actor(), text, now(), slug=request.form.get("slug", "").strip() or None)
        except Invalid as refused:
            errors = {field: _why_not_taken(field, code) for field, code in refused.fields.items()}
        else:
            flash(_("Đã nhập thành bản nháp."), "good")
            return redirect(url_for("authoring.draft", number=draft.id), 303)
    form = {**request.form.to_dict(), "text": text}
    return render_template("admin/law/take_in.html", errors=errors, form=form), 422


def sent_text() -> tuple[str, str]:
    """The text that was typed or uploaded, and why it cannot be taken; a file goes before what stands in the box."""
    file = request.files.get("file")
    if file and file.filename:
        try:
            return read_file(file.stream.read()), ""
        except UnicodeDecodeError:
            return request.form.get("text", ""), _("Tệp không phải văn bản UTF-8.")
    text = str(request.form.get("text", "")).replace("\r\n", "\n")
    return (text, "") if text.strip() else ("", _("Chọn một tệp hoặc dán văn bản."))


def read_file(data: bytes) -> str:
    """The text of an uploaded file, whatever system wrote its lines. Raises UnicodeDecodeError."""
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def _why_not_taken(field: str, code: str) -> str:
    said = {
        ("slug", "needed"): _("Mã thủ tục này chưa có trong cổng: hãy đặt tên thư mục, ví dụ household-split."),
        ("slug", "not_a_slug"): _("Tên thư mục gồm chữ thường không dấu và chữ số, nối bằng dấu gạch."),
        ("slug", "taken"): _("Tên thư mục này đã thuộc thủ tục khác."),
        ("text", "no_code"): _("Văn bản không ghi mã thủ tục quốc gia, ví dụ 1.010038."),
        ("text", "too_long"): _("Văn bản dài quá."),
    }
    return str(said.get((field, code), _("Văn bản này không đọc được.")))


@blueprint.get("/soan/<int:number>")
@opens(Right.AUTHORING)
def draft(number: int) -> ResponseReturnValue:
    """A draft, part by part, with what is wrong in it."""
    return _overview(authoring.open_draft(number), "", "")


def _overview(opened: Draft, typed: str, error: str) -> ResponseReturnValue:
    plain = drafting.values(opened.text)
    faults = told(opened, plain, drafting.checked(opened).faults)
    page = render_template(
        "admin/law/draft.html",
        draft=opened,
        name=drafting.name(opened),
        chapters=outline.outline(plain, drafting.scene(plain), language()) if plain is not None else (),
        faults=faults,
        wrong={where for where in (_where(fault.url) for fault in faults) if where},
        tabs=tabs(opened, "authoring.draft"),
        begins=typed or (opened.begins.strftime("%d/%m/%Y") if opened.begins else ""),
        error=error,
    )
    return page, 422 if error else 200


def _where(url: str) -> str:
    """Which page or list of the outline a fault belongs to."""
    return url.partition("/sua/")[2].partition("#")[0].partition("/")[0]


@blueprint.post("/soan/<int:number>/ngay")
@opens(Right.AUTHORING)
def begin_on(number: int) -> ResponseReturnValue:
    """Say from which day the version shall be in force."""
    typed, begins = day("begins")
    if typed and begins is None:
        error = _("Điền ngày dạng ngày/tháng/năm, ví dụ 15/03/2026.")
        return _overview(authoring.open_draft(number), typed, error)
    # Nobody loses anything by this: the date is no part of the text, and the later one is on the page.
    current = authoring.open_draft(number)
    authoring.save(actor(), number, current.revision, now(), begins=begins)
    flash(_("Đã lưu ngày hiệu lực."), "good")
    return redirect(url_for("authoring.draft", number=number), 303)


@blueprint.post("/soan/<int:number>/bo")
@opens(Right.AUTHORING)
def discard(number: int) -> ResponseReturnValue:
    """Throw a draft away."""
    try:
        authoring.discard(actor(), number, seen())
    except Stale:
        flash(_("Có người vừa lưu bản nháp này sau khi bạn mở trang. Hãy xem lại trước khi bỏ."), "warning")
        return redirect(url_for("authoring.draft", number=number), 303)
    flash(_("Đã bỏ bản nháp."), "good")
    return redirect(url_for("authoring.shelf"), 303)


@blueprint.get("/soan/<int:number>/tep")
@opens(Right.AUTHORING)
def draft_file(number: int) -> ResponseReturnValue:
    """The text of a draft as a file."""
    opened = authoring.open_draft(number)
    begins = opened.begins.isoformat() if opened.begins else "nhap"
    return _file(opened.text, f"{opened.sector}/{opened.slug}/{begins}.yaml")


@blueprint.get("/soan/<int:number>/so-sanh")
@opens(Right.AUTHORING)
def comparison(number: int) -> ResponseReturnValue:
    """What the draft changes against the version that is in force before it."""
    opened = authoring.open_draft(number)
    checked = drafting.checked(opened)
    return render_template(
        "admin/law/comparison.html",
        draft=opened,
        name=drafting.name(opened),
        compared=authoring.compare(opened, checked.procedure, now()) if checked.procedure else None,
        faults=told(opened, drafting.values(opened.text), checked.faults),
        tabs=tabs(opened, "authoring.comparison"),
    )


@blueprint.get("/soan/<int:number>/cong-bo")
@opens(Right.AUTHORING)
def publication(number: int) -> ResponseReturnValue:
    """What publishing would do, and why it may not be done yet."""
    return _publication(authoring.open_draft(number), {}), 200


@blueprint.post("/soan/<int:number>/cong-bo")
@opens(Right.AUTHORING)
def publish(number: int) -> ResponseReturnValue:
    """Publish the draft: first all is shown once more, then it is done."""
    opened = authoring.open_draft(number)
    decision = request.form.get("decision_number", "").strip()
    _typed, decided = day("decided_on")
    _begins_typed, begins = day("begins")
    errors = {}
    if not decision:
        errors["decision_number"] = _("Nhập số quyết định công bố.")
    if decided is None:
        errors["decided_on"] = _("Nhập ngày ký quyết định, dạng ngày/tháng/năm.")
    if begins is None:
        errors["begins"] = _("Nhập ngày có hiệu lực, dạng ngày/tháng/năm.")
    if errors or decided is None or begins is None:
        return _publication(opened, errors), 422
    try:
        if begins != opened.begins:
            opened = authoring.save(actor(), number, seen(), now(), begins=begins)
        elif opened.revision != seen():
            raise Stale(draft=number)
        if not request.form.get("confirmed"):
            return _publication(opened, {}, confirm=True), 200
        published = authoring.publish(
            actor(), number, opened.revision, now(), decision_number=decision, decided_on=decided
        )
    except Stale:
        flash(_("Có người vừa lưu bản nháp này sau khi bạn mở trang. Hãy xem lại các thay đổi."), "warning")
        return _publication(authoring.open_draft(number), {}), 409
    except authoring.Refused:
        return _publication(opened, {}, tried=True), 409
    flash(_("Đã công bố. Phiên bản mới có hiệu lực từ %(day)s.", day=f"{begins:%d/%m/%Y}"), "good")
    return redirect(url_for("authoring.log") + f"#cong-bo-{published.seq}", 303)


def _publication(opened: Draft, errors: dict[str, str], *, confirm: bool = False, tried: bool = False) -> str:
    plain, procedure = drafting.values(opened.text), drafting.checked(opened).procedure
    decision, (_typed, decided) = request.form.get("decision_number", "").strip(), day("decided_on")
    asked = (decision, decided) if confirm or tried else ()
    names = drafting.called(plain)
    objections = [
        (_said(objection, names), *(drafting.link(opened, plain, objection.place) if objection.place else ("", "")))
        for objection in authoring.objections(opened, now(), *asked)
    ]
    begins = request.form.get("begins") or (f"{opened.begins:%d/%m/%Y}" if opened.begins else "")
    return render_template(
        "admin/law/publication.html",
        draft=opened,
        name=drafting.name(opened),
        compared=authoring.compare(opened, procedure, now()) if procedure else None,
        objections=objections,
        tabs=tabs(opened, "authoring.publication"),
        form={"decision_number": decision, "decided_on": request.form.get("decided_on", ""), "begins": begins},
        errors=errors,
        confirm=confirm and not objections,
        tried=tried or (confirm and bool(objections)),
    )


def _said(objection: Objection, names: Mapping[str, Text]) -> str:
    """An objection in words; what the checks say has its words elsewhere."""
    if objection.code in ("faulty", "example_fails"):
        return faults.in_words(objection.text.en, language(), names)
    return objection.text.say(language())


@blueprint.get("/nhat-ky")
@opens(Right.AUTHORING)
def log() -> ResponseReturnValue:
    """Every publication: who, when, on which decision, and what changed."""
    code, before = request.args.get("ma") or None, texts.number(request.args.get("truoc"))
    found = authoring.log(code=code, before=before, size=PAGE + 1)
    older = url_for("authoring.log", truoc=found[PAGE - 1].seq, ma=code) if len(found) > PAGE else ""
    titles = {listed.head.code: listed.head.title.say(language()) for listed in authoring.shelf(now())}
    return render_template("admin/law/log.html", publications=found[:PAGE], titles=titles, older_url=older)


def _version_day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        abort(404)


def _file(text: str, name: str) -> Response:
    response = Response(text, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name.replace("/", "_")}"'
    return response


def version_url(listed: Listed) -> str:
    """Where a version is read."""
    return url_for("authoring.version", code=listed.head.code, version=listed.head.version.isoformat())


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    return {"version_url": version_url}
