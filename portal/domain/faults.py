"""What checks say of a procedure file, for an author who reads Vietnamese: the same reasons in one table.

The checks speak English, as the command line does. A reason that is not in the table is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from procedures.model import Text

#: How a reason reads, and what it is in Vietnamese; «name» stands for what is named in it.
SAID: Final[tuple[tuple[str, str], ...]] = (
    # Contradictions.
    ("says «x» a second time", "“{x}” bị ghi hai lần."),
    ("says «x» twice", "“{x}” bị ghi hai lần."),
    ("«x» is also a component", "“{x}” cũng là mã của một giấy tờ."),
    ("a column cannot be of kind «x»", "Cột của nhóm không thể là loại “{x}”."),
    ("«x» is a word of expressions", "“{x}” là từ riêng của biểu thức, không dùng làm mã được."),
    ("«x» does not go with kind «y»", "Mục “{x}” không dùng cho câu hỏi loại “{y}”."),
    ("kind «x» needs «y»", "Câu hỏi loại “{x}” cần có mục “{y}”."),
    ("«x» cannot fill in a field of kind «y»", "“{x}” không điền sẵn được cho câu hỏi loại “{y}”."),
    ("«x» is not among the choices of «y»", "“{x}” không có trong các lựa chọn của “{y}”."),
    ("«x» is not among the choices", "“{x}” không có trong các lựa chọn."),
    ("does not bound a field of kind «x»", "Giới hạn này không dùng cho câu hỏi loại “{x}”."),
    ("is less than min", "Nhỏ hơn mức ít nhất."),
    ("«x» is no such question beside this one", "Không có câu hỏi “{x}” phù hợp cạnh câu hỏi này."),
    ("does not ask for «x», which every form needs", "Biểu mẫu nào cũng phải hỏi “{x}”, ở đây còn thiếu."),
    ("«x» must be of kind «y»", "Câu hỏi “{x}” phải là loại “{y}”."),
    ("«x» is not a question of kind unit", "“{x}” không phải câu hỏi về đơn vị hành chính."),
    ("«x» is not always asked", "Câu hỏi “{x}” không phải lúc nào cũng được hỏi."),
    ("nothing called «x» is asked before this page", "Trước trang này không có câu hỏi nào mã “{x}”."),
    ("nothing called «x» is asked before this question", "Trước câu hỏi này không có câu hỏi nào mã “{x}”."),
    ("nothing called «x» is asked before this one", "Trước cột này không có câu hỏi nào mã “{x}”."),
    ("nothing called «x» is a question of this form", "Biểu mẫu không có câu hỏi nào mã “{x}”."),
    ("«x» is neither a question for a whole number nor a group", "“{x}” không phải câu hỏi số nguyên hay nhóm."),
    ("«x» is no fee of this procedure", "Thủ tục không có khoản thu “{x}”."),
    ("«x» is not a question of this form", "Biểu mẫu không có câu hỏi “{x}”."),
    ("why_not_4 stands exactly with level 3",
     "Lý do chưa toàn trình phải có khi mức độ là một phần, và chỉ khi đó."),
    ("«x» is no part of a procedure", "“{x}” không phải một phần của thủ tục."),
    ("the route begins with the one-stop officer, who receives",
     "Quy trình phải bắt đầu ở cán bộ một cửa, người tiếp nhận hồ sơ."),
    ("the route ends with the one-stop officer, who hands over",
     "Quy trình phải kết thúc ở cán bộ một cửa, người trả kết quả, ngoài thời hạn giải quyết."),
    ("exactly one step may «x»", "Phải có đúng một bước được làm việc “{x}”."),
    ("the land registry opens dossiers of the sector land only",
     "Chi nhánh Văn phòng đăng ký đất đai chỉ mở được hồ sơ lĩnh vực đất đai."),
    ("there is no step «x» on the route", "Quy trình không có bước “{x}”."),
    ("a step outside the clock, or of a same-day procedure, has no share",
     "Bước ngoài thời hạn, hoặc của thủ tục trong ngày, không có phần thời hạn."),
    ("the step «x» has no share of the term", "Bước “{x}” chưa có phần thời hạn."),
    ("the shares sum to «x» working days, the term is «y»",
     "Các phần thời hạn cộng lại là {x} ngày làm việc, còn thời hạn là {y}."),
    ("there is no example «x» above this one", "Phía trên không có ví dụ “{x}”."),
    ("lies before the date in force", "Sớm hơn ngày có hiệu lực của phiên bản."),
    ("this procedure does not come in by «x»", "Thủ tục không nhận hồ sơ theo cách “{x}”."),
    ("«x» is no component of this procedure", "Thủ tục không có giấy tờ “{x}”."),
    ("«x» is no exemption of this procedure", "Thủ tục không có diện miễn “{x}”."),
    ("«x» is no case that an officer chooses", "Không có trường hợp thời hạn “{x}” để cán bộ chọn."),
    ("nothing is called «x»", "Không có gì mang mã “{x}”."),
    ("a column cannot be computed", "Cột của nhóm không tính ra được; chỉ câu hỏi mới tính ra được."),
    ("«x» does not go with what is computed", "Mục “{x}” không dùng cho câu hỏi tính ra."),
    ("gives nothing that a field of kind «x» holds", "Biểu thức không cho ra giá trị hợp với câu hỏi loại “{x}”."),
    ("«x» is a record, which is never null; compare one of its parts",
     "“{x}” là một khối, lúc nào cũng có; hãy so sánh một phần của khối."),
    ("a leg is received by the portal; its first step forwards it",
     "Thủ tục thành phần do cổng chuyển đến; bước đầu của nó chuyển tiếp hồ sơ."),
    ("neither «x» nor a leg above this one is called «y»", "Phía trên không có thủ tục thành phần nào mã “{y}”."),
    ("only a bundle has legs that are done together", "Chỉ thủ tục liên thông mới có ngày xong của cả liên thông."),
    ("the land registry does no leg of a bundle",
     "Chi nhánh Văn phòng đăng ký đất đai không làm thủ tục thành phần của liên thông."),
    ("the term of a leg is counted in working time", "Thời hạn của thủ tục thành phần tính theo thời gian làm việc."),
    ("«x» is the leg that the bundle begins with", "“{x}” là mã dành cho thủ tục đầu tiên của liên thông."),
    ("the legs may take «x» working days, the law gives «y»",
     "Các thủ tục thành phần có thể mất {x} ngày làm việc, còn luật cho {y}."),
    ("«x» is no record", "“{x}” không phải loại khối nào."),
    ("«x» is no page of this form", "Tờ khai không có trang “{x}”."),
    # Examples that come to something else.
    ("«e»: «x» does not receive this procedure on «y»",
     "Ví dụ “{e}”: {x} không tiếp nhận thủ tục này ngày {y}."),
    ("«e»: the fee comes to «x», not «y»", "Ví dụ “{e}”: phí tính ra {x}, mong đợi {y}."),
    ("«e»: comes out as complete", "Ví dụ “{e}”: hồ sơ ra là đủ, mong đợi chưa đủ."),
    ("«e»: comes out as incomplete: «x»", "Ví dụ “{e}”: hồ sơ ra là chưa đủ: {x}"),
    ("«e»: comes out as incomplete", "Ví dụ “{e}”: hồ sơ ra là chưa đủ, mong đợi đủ."),
    ("«e»: errors come from «x», not from «y»", "Ví dụ “{e}”: báo lỗi ở {x}, mong đợi ở {y}."),
    ("«e»: warnings come from «x», not from «y»", "Ví dụ “{e}”: nhắc ở {x}, mong đợi ở {y}."),
    ("«e»: falls due on «x», not on «y»", "Ví dụ “{e}”: hẹn trả ngày {x}, mong đợi ngày {y}."),
    ("«e»: all legs are done by «x»", "Ví dụ “{e}”: cả liên thông xong lúc {x}, khác với mong đợi."),
    ("«e»: falls due at «x»", "Ví dụ “{e}”: hẹn trả lúc {x}, khác với mong đợi."),
    # What is not written as it must be.
    ("«x» is missing", "Còn thiếu mục “{x}”."),
    ("«x» is not known here", "Ở đây không có mục “{x}”."),
    ("«x» must be text, in quotes where it looks like a number", "“{x}” phải là chữ."),
    ("«x» must be a mapping", "“{x}” phải gồm các mục có tên."),
    ("«x» must be a list", "“{x}” phải là một danh sách."),
    ("«x» must not be empty", "“{x}” không được để trống."),
    ("«x» «v» is not written as it must be («y»)", "“{x}” ghi {v} chưa đúng cách ({y})."),
    ("«x»: is empty", "“{x}” đang để trống."),
    ("«x»: is not CEL: «y»", "“{x}” không phải biểu thức CEL: {y}."),
    ("«x»: uses an unknown function: «y»", "“{x}” dùng hàm không có: {y}."),
    ("«x»: input should be «y»", "“{x}” phải là một trong: {y}."),
    ("is neither true nor false", "Biểu thức không cho ra đúng hoặc sai."),
    ("does not fit the kinds of its fields: «x»", "Biểu thức không hợp với loại của các câu hỏi: {x}."),
    ("«x»: «t» is not a term: write «y»", "“{x}”: “{t}” không phải một thời hạn."),
    ("«x»: «t» needs an amount", "“{x}”: “{t}” cần có số lượng."),
    (
        "one person may receive, verify and sign only what is due within the day",
        "Chỉ thủ tục trả trong ngày mới để được một người nhận, thẩm định và ký.",
    ),
    ("is not a mapping", "Văn bản không gồm các mục có tên."),
    ("is empty", "Văn bản trống."),
    ("«x» is said by the file's path, not inside it", "“{x}” không ghi trong văn bản mà theo tên tệp."),
    ("names a block as <name>/<date>", "Trang dùng chung phải ghi dạng tên/ngày."),
    ("takes in «x»: «y»", "Không lấy được phần dùng chung “{x}”: {y}."),
    ("uses an anchor (&, *)", "Không dùng được dấu neo (&, *)."),
    ("uses a tag («x»)", "Không dùng được thẻ {x}."),
    ("is nested too deeply", "Lồng nhau quá sâu."),
    ("a list or mapping cannot be a key", "Tên mục không thể là danh sách."),
    ("holds a second document", "Văn bản chứa hai tài liệu."),
)  # fmt: skip
_NAMED: Final = re.compile(r"«(\w)»")


def _pattern(english: str) -> re.Pattern[str]:
    parts = _NAMED.split(english)
    seen: list[str] = []
    written = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            written += re.escape(part)
            continue
        seen.append(part)
        # A name may stand in the quotation marks that Python writes around it.
        written += rf"['\"]?(?P<{part}>.+?)['\"]?"
    return re.compile(written, re.DOTALL)


_TABLE: Final = tuple((_pattern(english), vietnamese) for english, vietnamese in SAID)
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?", re.ASCII)
_NOTHING: Final[Mapping[str, Text]] = MappingProxyType({})
_WORDS: Final = {"complete": "đủ", "incomplete": "chưa đủ", "nothing": "không đâu cả", "null": "chưa cấu hình"}


def text(reason: str, called: Mapping[str, Text] = _NOTHING) -> Text:
    """The reason in both languages, with dates as people write them; `called` is what codes in it stand for."""
    for pattern, vietnamese in _TABLE:
        if found := pattern.fullmatch(reason):
            named = {name: _named(value, called) for name, value in found.groupdict().items()}
            english = reason
            for name in sorted(named, key=found.start, reverse=True):
                if found[name] not in _WORDS:
                    english = english[: found.start(name)] + named[name].en + english[found.end(name) :]
            return _shown(vietnamese.format(**{name: value.vi for name, value in named.items()}), english)
    return _shown(reason, reason)


def _named(value: str, called: Mapping[str, Text]) -> Text:
    """What is named in a reason, as people call it."""
    if day := _DAY.fullmatch(value):
        shown = f"{day[3]}/{day[2]}/{day[1]}" + (f" {day[4]}" if day[4] else "")
        return Text(vi=shown, en=shown)
    keys = value.split(", ")
    if all(key in called for key in keys):
        vi, en = ("; ".join(called[key].say(language).rstrip(".") for key in keys) for language in ("vi", "en"))
        return Text(vi=vi, en=en)
    return Text.model_construct(vi=_WORDS.get(value, value), en=value)


def _shown(vi: str, en: str) -> Text:
    """The reason as a text: it may repeat anything that was written."""
    said = ("".join(letter if letter.isprintable() else " " for letter in one).strip()[:2000] for one in (vi, en))
    vi, en = said
    return Text(vi=vi or "–", en=en or "–")


def in_words(reason: str, language: str, called: Mapping[str, Text] = _NOTHING) -> str:
    """The reason in one language."""
    return text(reason, called).say(language)
