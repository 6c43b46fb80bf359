"""The forms of accounts, and what is said beside a field that cannot be accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from portal.domain.errors import Invalid
from portal.usecases import law
from portal.usecases.accounts import Person
from portal.web.filters import say
from portal.web.language import language

SEXES: Final = (("male", _l("Nam")), ("female", _l("Nữ")))
LANGUAGES: Final = (("vi", "Tiếng Việt"), ("en", "English"))

#: What is said for the faults that the rules find, by field and code.
FAULTS: Final[Mapping[tuple[str, str], Any]] = {
    ("contact", "not_reachable"): _l("Nhập số điện thoại Việt Nam (ví dụ 0912 345 678) hoặc địa chỉ thư điện tử."),
    ("contact", "taken"): _l("Liên hệ này đã có tài khoản."),
    ("full_name", "not_a_name"): _l("Nhập họ, chữ đệm và tên, không có chữ số."),
    ("full_name", "missing"): _l("Nhập họ, chữ đệm và tên."),
    ("unit", "unknown"): _l("Chọn đơn vị trong danh sách."),
    ("unit", "missing"): _l("Vai trò này làm việc tại một đơn vị: hãy chọn đơn vị."),
    ("username", "not_a_name"): _l(
        "Tên đăng nhập gồm 3–64 chữ cái không dấu, chữ số, dấu chấm, gạch; bắt đầu bằng chữ."
    ),
    ("username", "taken"): _l("Tên đăng nhập này đã có người dùng."),
    ("personal_number", "not_a_number"): _l("Số định danh cá nhân gồm đúng 12 chữ số."),
    ("personal_number", "taken"): _l("Không dùng được số này. Hãy liên hệ bộ phận một cửa, mang theo căn cước."),
    ("birth_date", "missing"): _l("Nhập ngày sinh."),
    ("sex", "missing"): _l("Chọn giới tính."),
    ("address", "not_text"): _l("Có ký tự không nhập được; xin gõ lại."),
    ("password", "too_short"): _l("Mật khẩu phải có ít nhất 10 ký tự."),
    ("password", "too_long"): _l("Mật khẩu dài quá 200 ký tự."),
    ("password", "too_common"): _l("Mật khẩu này nhiều người dùng, dễ đoán. Hãy ghép vài từ không liên quan với nhau."),
    ("password", "about_you"): _l("Mật khẩu không được là tên, số điện thoại, số định danh hay ngày sinh của bạn."),
    ("password", "wrong"): _l("Tên đăng nhập hoặc mật khẩu không đúng."),
    ("old_password", "wrong"): _l("Mật khẩu hiện tại không đúng."),
    ("code", "wrong_code"): _l("Mã không đúng hoặc đã hết hạn."),
}


class Form(FlaskForm):  # type: ignore[misc]
    """A form whose faults can also come from the rules."""

    def blame(self, refused: Invalid) -> None:
        """Say the faults the rules found beside their fields."""
        for name, code in refused.fields.items():
            said = FAULTS.get((name, code))
            texts = [str(said)] if said else [say(doubt.text) for doubt in refused.details.get("doubts", ())]
            field = self[name]
            field.errors = [*field.errors, *texts]

    def faults(self) -> dict[str, str]:
        """The faults by field, for the summary above the form."""
        return {name: " ".join(map(str, errors)) for name, errors in self.errors.items() if name and errors}


def _required(message: Any) -> list[InputRequired]:
    return [InputRequired(message)]


class PersonForm(Form):
    """What an account knows of a person."""

    full_name = StringField(validators=_required(_l("Nhập họ, chữ đệm và tên.")))
    personal_number = StringField(validators=_required(_l("Nhập số định danh cá nhân.")))
    birth_date = StringField(validators=_required(_l("Nhập ngày sinh.")))
    sex = StringField(validators=_required(_l("Chọn giới tính.")))
    number_checked = BooleanField()

    doubtful = False

    def validate_birth_date(self, field: StringField) -> None:
        """A day that can be somebody's birthday."""
        if read_day(field.data) is None:
            raise ValidationError(str(_l("Nhập ngày sinh dạng ngày/tháng/năm, ví dụ 09/02/1988.")))

    def blame(self, refused: Invalid) -> None:
        """As every form; a doubtful number may be kept by saying that it was checked."""
        super().blame(refused)
        self.doubtful = refused.fields.get("personal_number") == "doubtful"

    def person(self, **more: Any) -> Person:
        """What was typed, for the rules to look at."""
        return Person(
            full_name=self.full_name.data or "",
            personal_number=self.personal_number.data or "",
            birth_date=read_day(self.birth_date.data),
            sex=self.sex.data,
            number_checked=self.number_checked.data,
            **more,
        )


class SignUpForm(PersonForm):
    """Asking for an account."""

    contact = StringField(validators=_required(_l("Nhập số điện thoại hoặc thư điện tử.")))
    password = PasswordField(validators=_required(_l("Nhập mật khẩu.")))


class ProfileForm(PersonForm):
    """One's own account."""

    commune = StringField()
    address = StringField()
    language = StringField(default="vi")


class LanguageForm(Form):
    """The language in which the portal speaks to somebody who works here."""

    language = StringField(default="vi")


class CodeForm(Form):
    """The code that a message brought."""

    contact = StringField(validators=_required(_l("Nhập số điện thoại hoặc thư điện tử.")))
    code = StringField(validators=_required(_l("Nhập mã gồm 6 chữ số.")))


class ContactForm(Form):
    """A phone number or an e-mail address."""

    contact = StringField(validators=_required(_l("Nhập số điện thoại hoặc thư điện tử.")))


class SignInForm(Form):
    """Who one is, and the proof."""

    identifier = StringField(validators=_required(_l("Nhập số điện thoại, thư điện tử hoặc tên đăng nhập.")))
    password = PasswordField(validators=_required(_l("Nhập mật khẩu.")))


class ForgottenForm(Form):
    """Who one is."""

    identifier = StringField(validators=_required(_l("Nhập số điện thoại, thư điện tử hoặc tên đăng nhập.")))


class NewPasswordForm(Form):
    """A new password."""

    password = PasswordField(validators=_required(_l("Nhập mật khẩu mới.")))


class ChangePasswordForm(NewPasswordForm):
    """A new password for the old one."""

    old_password = PasswordField(validators=_required(_l("Nhập mật khẩu hiện tại.")))


class EmptyForm(Form):
    """Only a button."""


_DAY: Final = re.compile(r"\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s*", re.ASCII)


def read_day(text: str | None) -> date | None:
    """A birthday typed as dd/MM/yyyy, from 1900 until today; None for anything else."""
    found = _DAY.fullmatch(text or "")
    if found is None:
        return None
    try:
        day = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day <= law.office_day(datetime.now(UTC)) else None


def communes() -> list[tuple[str, str]]:
    """The communes of today, as choices."""
    today = law.office_day(datetime.now(UTC))
    return [(unit.id, unit.name.say(language())) for unit in law.places().alive(today) if unit.is_commune]
