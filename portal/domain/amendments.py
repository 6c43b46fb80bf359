"""Says in words what one version of a procedure changes in another: "Thời hạn: 5 ngày làm việc → 4 ngày làm việc"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from portal.domain import numerals, words
from portal.domain.access import Role
from portal.domain.fees import NOT_CONFIGURED
from procedures.expressions import Expression
from procedures.files import Place
from procedures.model import PaperKind, Part, Procedure, Sector, Text
from procedures.terms import Term


def _t(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


#: What the attributes of all parts are called.
NAMES: Final[Mapping[str, Text]] = {
    "actions": _t("việc được làm", "actions"),
    "after": _t("sau khi xong", "after"),
    "amount": _t("mức thu", "amount"),
    "answer_within": _t("hạn bổ sung", "time to answer"),
    "answers": _t("câu trả lời", "answers"),
    "authority": _t("cơ quan thực hiện", "authority"),
    "basis": _t("căn cứ", "basis"),
    "birth": _t("ngày sinh đối chiếu", "birth date compared"),
    "bodies": _t("cơ quan được lấy ý kiến", "bodies asked"),
    "bundle": _t("liên thông", "bundle"),
    "by_number": _t("kết quả có số riêng", "result bears a number"),
    "channel": _t("hình thức nộp", "channel"),
    "channels": _t("hình thức nộp", "channels"),
    "checks": _t("phép kiểm tra", "checks"),
    "choices": _t("các lựa chọn", "choices"),
    "clock": _t("cách tính lại thời hạn khi bổ sung", "clock at a supplement"),
    "code": _t("mã", "code"),
    "columns": _t("các cột", "columns"),
    "components": _t("thành phần hồ sơ", "components"),
    "computed": _t("cách tính", "worked out as"),
    "condition": _t("điều kiện thu", "condition"),
    "conditions": _t("yêu cầu, điều kiện", "conditions"),
    "confidence": _t("mức độ tin cậy", "confidence"),
    "consultation": _t("lấy ý kiến", "consultation"),
    "copies": _t("số bản", "copies"),
    "decimals": _t("số chữ số sau dấu phẩy", "decimals"),
    "default": _t("giá trị điền sẵn", "default"),
    "due_at": _t("lúc hẹn trả", "due instant"),
    "due_on": _t("ngày hẹn trả", "due day"),
    "errors": _t("lỗi mong đợi", "errors expected"),
    "examples": _t("ví dụ", "examples"),
    "exceptional": _t("chỉ dùng khi có sự cố", "only in case of failure"),
    "exemption": _t("diện miễn", "exemption"),
    "exemptions": _t("đối tượng miễn", "exemptions"),
    "expect": _t("kết quả mong đợi", "expectation"),
    "extension": _t("gia hạn", "extension"),
    "fee": _t("tiền phí", "fee"),
    "fees": _t("phí, lệ phí", "fees"),
    "fields": _t("các mục", "fields"),
    "form": _t("tờ khai", "form"),
    "hint": _t("hướng dẫn", "hint"),
    "intervals": _t("thời gian không tính vào thời hạn", "time that is not counted"),
    "key": _t("tên trong máy", "key"),
    "keywords": _t("từ khóa", "keywords"),
    "kind": _t("loại", "kind"),
    "kinds": _t("loại bản", "kinds of paper"),
    "label": _t("nhãn", "label"),
    "lead": _t("thủ tục đầu", "first leg"),
    "legal_basis": _t("căn cứ pháp lý", "legal basis"),
    "legs": _t("các thủ tục liên thông", "legs"),
    "letter": _t("thư gửi kèm kết quả", "letter with the result"),
    "level": _t("mức độ dịch vụ công", "level"),
    "like": _t("giống ví dụ", "like the example"),
    "manners": _t("cách thức thực hiện", "manners"),
    "many": _t("nhận nhiều tệp", "takes many files"),
    "max": _t("lớn nhất", "maximum"),
    "max_length": _t("số ký tự nhiều nhất", "longest"),
    "length": _t("dài nhất", "length"),
    "measure": _t("đơn vị tính", "measure"),
    "message": _t("lời báo", "message"),
    "min": _t("nhỏ nhất", "minimum"),
    "most": _t("nhiều nhất", "at most"),
    "mountain_extra": _t("thời gian cộng thêm cho miền núi", "extra term in the mountains"),
    "name": _t("tên", "name"),
    "note": _t("ghi chú", "note"),
    "notice_within": _t("hạn yêu cầu bổ sung", "time to ask for supplements"),
    "of": _t("loại của mỗi dòng", "kind of a row"),
    "one_person": _t("một người làm cả việc", "one person does all of it"),
    "optional": _t("phần được để trống", "parts that may stay empty"),
    "outcome": _t("đủ hay chưa đủ", "outcome"),
    "outside_clock": _t("ngoài thời hạn", "outside the clock"),
    "pages": _t("các trang được in", "pages printed"),
    "parts": _t("các phần", "parts"),
    "past": _t("nhận địa danh cũ", "takes places of any time"),
    "per": _t("nhân với", "multiplied by"),
    "person": _t("đối chiếu nhân thân", "facts compared"),
    "place": _t("mục chỉ nơi giải quyết", "question that says the place"),
    "prefill": _t("điền sẵn từ tài khoản", "filled in from the account"),
    "proof": _t("giấy tờ chứng minh", "proof"),
    "reason": _t("lý do", "reason"),
    "receipt": _t("mẫu giấy tiếp nhận", "form of the receipt"),
    "received_at": _t("lúc tiếp nhận", "received at"),
    "refusal": _t("mẫu từ chối", "form of the refusal"),
    "refusals": _t("lý do từ chối", "reasons to refuse"),
    "refuse_within": _t("hạn từ chối khi không bổ sung", "time to refuse what was not completed"),
    "required": _t("bắt buộc", "required"),
    "result": _t("kết quả", "result"),
    "role": _t("người thực hiện", "role"),
    "rounds": _t("số lần yêu cầu bổ sung", "rounds of supplement"),
    "route": _t("quy trình", "route"),
    "row_title": _t("tên mỗi dòng", "title of a row"),
    "rule": _t("quy tắc", "rule"),
    "sector": _t("lĩnh vực", "sector"),
    "sensitive": _t("dữ liệu nhạy cảm", "sensitive"),
    "sets": _t("số bộ hồ sơ", "sets"),
    "sex": _t("giới tính đối chiếu", "sex compared"),
    "share": _t("thời gian của bước", "share of the term"),
    "shares": _t("thời gian của các bước", "shares of the term"),
    "short_title": _t("tên ngắn", "short title"),
    "silence": _t("khi không trả lời", "what silence means"),
    "slips": _t("mẫu phiếu", "slips"),
    "slug": _t("tên thư mục", "slug"),
    "steps": _t("trình tự thực hiện", "steps"),
    "subjects": _t("đối tượng thực hiện", "subjects"),
    "summary": _t("tóm tắt", "summary"),
    "supplement": _t("bổ sung hồ sơ", "supplement"),
    "supplements": _t("lý do yêu cầu bổ sung", "reasons to ask for a supplement"),
    "template": _t("mẫu in", "template"),
    "term": _t("thời hạn", "term"),
    "term_case": _t("trường hợp thời hạn", "case of the term"),
    "term_cases": _t("trường hợp thời hạn", "cases of the term"),
    "term_rule": _t("căn cứ thời hạn", "rule of the term"),
    "text": _t("nội dung", "text"),
    "title": _t("tên", "title"),
    "total_at": _t("lúc xong tất cả", "all done at"),
    "unit": _t("nơi thực hiện", "unit"),
    "validity": _t("thời hạn hiệu lực", "validity"),
    "value": _t("giá trị", "value"),
    "version": _t("ngày có hiệu lực", "date in force"),
    "warnings": _t("cảnh báo mong đợi", "warnings expected"),
    "when": _t("điều kiện", "condition"),
    "why_not_4": _t("vì sao chưa toàn trình", "why not level 4"),
    "within": _t("trong thời gian", "within"),
}
#: What one of a list is called.
ONE_OF: Final[Mapping[str, Text]] = {
    "bodies": _t("cơ quan được lấy ý kiến", "body asked"),
    "checks": _t("phép kiểm tra", "check"),
    "choices": _t("lựa chọn", "choice"),
    "columns": _t("cột", "column"),
    "components": _t("thành phần hồ sơ", "component"),
    "conditions": _t("yêu cầu, điều kiện", "condition"),
    "examples": _t("ví dụ", "example"),
    "exemptions": _t("đối tượng miễn", "exemption"),
    "fees": _t("khoản phí, lệ phí", "fee"),
    "fields": _t("mục", "field"),
    "form": _t("trang tờ khai", "page of the form"),
    "intervals": _t("khoảng thời gian không tính", "interval"),
    "legal_basis": _t("căn cứ pháp lý", "legal basis"),
    "legs": _t("thủ tục liên thông", "leg"),
    "manners": _t("cách thức thực hiện", "manner"),
    "refusals": _t("lý do từ chối", "reason to refuse"),
    "route": _t("bước", "step of the route"),
    "steps": _t("bước thực hiện", "step"),
    "subjects": _t("đối tượng thực hiện", "subject"),
    "supplements": _t("lý do yêu cầu bổ sung", "reason to ask for a supplement"),
    "term_cases": _t("trường hợp thời hạn", "case of the term"),
}
#: By which attribute the parts of a list are told apart, and by which they are called, the first that they have.
_IDENTITIES: Final = ("key", "code", "value", "name", "channel")
_TITLES: Final = ("title", "label", "name", "message", "text")
_SPLIT_OFF: Final = frozenset({"version", "slug"})
_NOTHING: Final = _t("không có", "none")
_YES, _NO = _t("có", "yes"), _t("không", "no")
_ADDED, _REMOVED = _t("Thêm", "Added"), _t("Bỏ", "Removed")
_MOVED: Final = _t("đổi thứ tự", "put in another order")
_IN_ENGLISH: Final = _t(" (bản tiếng Anh)", " (English text)")
_IN_VIETNAMESE: Final = _t(" (bản tiếng Việt)", " (Vietnamese text)")


class Way(StrEnum):
    """How a part is changed."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: at which place of the new version (of the old one, for what is removed), of what, from what to what.

    `old` and `new` say nothing of what is merely added, removed or moved as a whole.
    """

    way: Way
    place: Place
    what: Text
    old: Text | None = None
    new: Text | None = None

    @property
    def line(self) -> Text:
        """The change in one line."""
        return Text(vi=self._said("vi"), en=self._said("en"))

    def _said(self, language: str) -> str:
        what = self.what.say(language)
        match self.way:
            case Way.ADDED:
                return f"{_ADDED.say(language)} {what}"
            case Way.REMOVED:
                return f"{_REMOVED.say(language)} {what}"
            case Way.MOVED:
                return f"{_capital(what)}: {_MOVED.say(language)}"
            case Way.CHANGED:
                old, new = (value or _NOTHING for value in (self.old, self.new))
                return f"{_capital(what)}: {old.say(language)} → {new.say(language)}"


def changes(old: Procedure, new: Procedure) -> tuple[Change, ...]:
    """All that differs between two versions except their dates in force, in the order of the parts of a procedure."""
    return tuple(_parts((), None, old, new))


def lines(found: Sequence[Change]) -> list[dict[str, str]]:
    """The changes as plain lines in both languages, to be kept."""
    return [{"vi": change.line.vi, "en": change.line.en} for change in found]


def name_of(attribute: str) -> Text:
    """What an attribute of a part is called; its own name where nobody has named it."""
    return NAMES.get(attribute) or _t(attribute, attribute)


def _parts(place: Place, what: Text | None, old: Part, new: Part) -> Iterator[Change]:
    for attribute in type(new).model_fields:
        if place or attribute not in _SPLIT_OFF:
            before, after = getattr(old, attribute, None), getattr(new, attribute)
            yield from _differing((*place, attribute), _of(what, name_of(attribute)), before, after)


def _differing(place: Place, what: Text, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Text) and isinstance(new, Text):
        yield _reworded(place, what, old, new)
    elif isinstance(old, Part) and type(old) is type(new):
        yield from _parts(place, what, old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing((*place, key), _of(what, _t(key, key)), old.get(key), new.get(key))
    elif isinstance(old, tuple) and isinstance(new, tuple) and str(place[-1]) in ONE_OF:
        yield from _listed(place, what, old, new)
    else:
        yield Change(Way.CHANGED, place, what, shown(old, str(place[-1])), shown(new, str(place[-1])))


def _reworded(place: Place, what: Text, old: Text, new: Text) -> Change:
    """Where one language alone is changed, both lines show that one."""
    if old.vi == new.vi:
        what = _joined(what, _IN_ENGLISH)
        return Change(Way.CHANGED, place, what, _t(old.en, old.en), _t(new.en, new.en))
    if old.en == new.en:
        what = _joined(what, _IN_VIETNAMESE)
        return Change(Way.CHANGED, place, what, _t(old.vi, old.vi), _t(new.vi, new.vi))
    return Change(Way.CHANGED, place, what, old, new)


def _listed(place: Place, what: Text, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Change]:
    """Parts are told apart by their keys; lines without keys by what they say."""
    identity = next((name for name in _IDENTITIES if hasattr((*old, *new)[0], name)), None)
    outer = _outer(place, what)
    if identity is None:
        yield from _lines(place, outer, old, new)
        return
    before = {getattr(part, identity): (index, part) for index, part in enumerate(old)}
    after = {getattr(part, identity): (index, part) for index, part in enumerate(new)}
    for key, (index, part) in before.items():
        if key not in after:
            yield Change(Way.REMOVED, (*place, index), _called(outer, place, part))
    for key, (index, part) in after.items():
        if key not in before:
            yield Change(Way.ADDED, (*place, index), _called(outer, place, part))
        else:
            yield from _parts((*place, index), _called(outer, place, part), before[key][1], part)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(Way.MOVED, place, what)


def _lines(place: Place, outer: Text | None, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Change]:
    one = ONE_OF[str(place[-1])]
    for tag, i, j, k, m in SequenceMatcher(None, [str(o) for o in old], [str(n) for n in new], False).get_opcodes():
        if tag == "replace" and j - i == m - k:
            for index, (before, after) in enumerate(zip(old[i:j], new[k:m], strict=True), k):
                yield from _differing((*place, index), _of(outer, one), before, after)
            continue
        if tag in ("delete", "replace"):
            for index, line in enumerate(old[i:j], i):
                yield Change(Way.REMOVED, (*place, index), _of(outer, _quoted(one, shown(line))))
        if tag in ("insert", "replace"):
            for index, line in enumerate(new[k:m], k):
                yield Change(Way.ADDED, (*place, index), _of(outer, _quoted(one, shown(line))))


def _outer(place: Place, what: Text) -> Text | None:
    """What the list belongs to: nothing for the lists of the procedure itself."""
    if len(place) == 1:
        return None
    name = name_of(str(place[-1]))
    return _t(what.vi.removesuffix(f", {name.vi}"), what.en.removesuffix(f", {name.en}"))


def _called(outer: Text | None, place: Place, part: Part) -> Text:
    title = next((getattr(part, name) for name in _TITLES if getattr(part, name, None)), None)
    one = ONE_OF[str(place[-1])]
    # A page of the form is known by its questions; to name it before each of them would say little.
    inner = _quoted(one, title if isinstance(title, Text) else _t(str(title), str(title))) if title else one
    return inner if len(place) > 1 and place[-1] == "fields" else _of(outer, inner)


def _quoted(one: Text, said: Text) -> Text:
    return _t(f"{one.vi} “{_short(said.vi)}”", f"{one.en} “{_short(said.en)}”")


def _short(said: str, most: int = 120) -> str:
    return said if len(said) <= most else f"{said[: most - 1].rstrip()}…"


def _of(what: Text | None, name: Text) -> Text:
    return name if what is None else _t(f"{what.vi}, {name.vi}", f"{what.en}, {name.en}")


def _joined(one: Text, other: Text) -> Text:
    return _t(f"{one.vi}{other.vi}", f"{one.en}{other.en}")


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def shown(value: Any, attribute: str = "") -> Text:
    """A value of a procedure as people read it."""
    if (said := _WORDS.get(attribute, {}).get(str(value))) is not None:
        return said
    match value:
        case None:
            return NOT_CONFIGURED if attribute == "amount" else _NOTHING
        case bool():
            return _YES if value else _NO
        case Text():
            return value
        case Term():
            return _t(value.words("vi"), value.words("en"))
        case Expression():
            return _same(value.source)
        case Sector() | PaperKind():
            return value.label
        case tuple() | list():
            return _several([shown(item, attribute) for item in value])
        case Part():
            title = next((getattr(value, name) for name in _TITLES if getattr(value, name, None)), None)
            return shown(title) if title is not None else _described(value)
        case Mapping():
            return _several([_joined(_same(f"{key}: "), shown(item, attribute)) for key, item in value.items()])
        case int() if attribute in ("amount", "fee"):
            return Text(vi=numerals.money(value), en=numerals.money(value, "en"))
        case int() | Decimal():
            return Text(vi=numerals.figures(value), en=numerals.figures(value, "en"))
        case datetime():
            return _same(f"{value:%d/%m/%Y %H:%M}")
        case date():
            return _same(f"{value:%d/%m/%Y}")
    return _same(str(value))


def _described(part: Part) -> Text:
    """A part without a title of its own: its attributes that say something."""
    return shown({name_of(name).vi: value for name in type(part).model_fields if (value := getattr(part, name))})


def _several(said: list[Text]) -> Text:
    return _t("; ".join(s.vi for s in said), "; ".join(s.en for s in said)) if said else _NOTHING


def _same(said: str) -> Text:
    said = said or "∅"
    return _t(said, said)


#: What the values of some attributes are called.
_WORDS: Final[Mapping[str, Mapping[str, Text]]] = {
    "role": {role.value: said for role, said in words.ROLES.items() if role in Role},
    "channel": {str(channel): said for channel, said in words.CHANNELS.items()},
    "channels": {str(channel): said for channel, said in words.CHANNELS.items()},
    "clock": {"restart": _t("tính lại từ đầu", "starts anew"), "pause": _t("tạm dừng", "stands still")},
    "silence": {"consent": _t("coi như đồng ý", "is consent"), "none": _t("không coi như đồng ý", "is no consent")},
    "when": {"reception": _t("khi nộp hồ sơ", "at reception"), "result": _t("khi nhận kết quả", "with the result")},
    "outcome": {"complete": _t("đủ", "complete"), "incomplete": _t("chưa đủ", "incomplete")},
    "unit": {
        "own": _t("đơn vị tiếp nhận", "the unit that receives"),
        "police": _t("công an", "the police"),
        "land_registry": _t("chi nhánh đăng ký đất đai", "the land registry"),
    },
    "level": {"3": _t("một phần", "partly online"), "4": _t("toàn trình", "wholly online")},
}
