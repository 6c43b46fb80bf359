"""Invented people of Bảo Yên for the demonstration: names as Tày, Kinh, Dao and Mông bear them, numbers, villages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from procedures.places import Unit, UnitKind


@dataclass(frozen=True, slots=True)
class Names:
    """How a people names its children: surnames, then what stands between, then given names, by sex."""

    share: int
    surnames: Sequence[str]
    middles: Mapping[str, Sequence[str]]
    given: Mapping[str, Sequence[str]]


MALE: Final = "male"
FEMALE: Final = "female"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GIVEN_LOWLAND: Final = {
    MALE: _words(
        "An Anh Bình Chiến Công Cường Dũng Đạt Đức Hải Hiếu Hoàng Huy Hùng Khánh Kiên Long Minh Nam Phong "
        "Quân Quang Sơn Thành Thắng Thịnh Toàn Trung Tú Tuấn Tùng Việt"
    ),
    FEMALE: _words(
        "An Anh Ánh Bích Chi Diệp Dung Duyên Hà Hạnh Hằng Hiền Hoa Hòa Hồng Huệ Hương Lan Liên Linh Loan Mai "
        "Nga Ngân Ngọc Nhung Oanh Phương Quỳnh Thảo Thu Thủy Trang Tuyết Uyên Yến"
    ),
}
_MIDDLE_LOWLAND: Final = {
    MALE: ("Văn", "Văn", "Văn", "Đức", "Minh", "Quang", "Xuân", "Ngọc", "Trung"),
    FEMALE: ("Thị", "Thị", "Thị", "Thị", "Ngọc", "Thu", "Thanh", "Bích"),
}

#: By the value that the forms' list of ethnicities has for them.
PEOPLES: Final[Mapping[str, Names]] = {
    "tay": Names(
        42,
        ("Hoàng", "Lương", "Nông", "Ma", "Hà", "La", "Cổ", "Lộc", "Nguyễn", "Vi", "Hứa"),
        {**_MIDDLE_LOWLAND, MALE: ("Văn", "Văn", "Văn", "Đình", "Xuân", "Ngọc")},
        _GIVEN_LOWLAND,
    ),
    "kinh": Names(
        30,
        ("Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Đỗ", "Bùi", "Đặng", "Ngô", "Phan"),
        _MIDDLE_LOWLAND,
        _GIVEN_LOWLAND,
    ),
    "dao": Names(
        16,
        ("Triệu", "Bàn", "Đặng", "Lý", "Phùng", "Chảo", "Tẩn", "Chìu"),
        {
            MALE: ("Văn", "Tài", "Phúc", "Kim", "Tiến", "Tòn", "Sành"),
            FEMALE: ("Thị", "Mùi", "Mẩy", "Tả", "Thị", "Lở"),
        },
        {
            MALE: _words("Chiêu Chung Dào Hín Kinh Lìn Mềnh Pao Phin Quyên Sềnh Thông Vảng"),
            FEMALE: _words("Chài Ghển Khé Lai Liều Mắn Mẩy Mùi Nái Phẩy Sảo Viện"),
        },
    ),
    "mong": Names(
        12,
        ("Giàng", "Sùng", "Vàng", "Thào", "Lý", "Cư", "Hạng", "Má", "Sình", "Ly", "Lù"),
        {MALE: ("A", "A", "Seo", "Văn", ""), FEMALE: ("Thị", "Thị", "Seo", "")},
        {
            MALE: _words("Chúng Dế Dình Của Hòa Lùng Páo Phừ Sinh Sử Tủa Vảng Vư"),
            FEMALE: _words("Chi Chư Dở Dua Giống Mai Mỷ Pàng Say Sua Súa Xóa"),
        },
    ),
}
_PEOPLES: Final = tuple(PEOPLES)
_SHARES: Final = tuple(accumulate(names.share for names in PEOPLES.values()))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented; `number` has the form of a personal number and belongs to nobody by intent."""

    name: str
    people: str
    sex: str
    birth: date
    number: str
    phone: str
    village: str


def name(random: Random, people: str, sex: str, surname: str = "") -> str:
    """A name in the manner of a people; `surname` for a child of that family. One or two words are enough for some."""
    names = PEOPLES[people]
    parts = (
        surname or random.choice(names.surnames),
        random.choice(names.middles[sex]),
        random.choice(names.given[sex]),
    )
    return " ".join(part for part in parts if part)


def person(random: Random, born: tuple[date, date], sex: str | None = None, people: str | None = None) -> Person:
    """Somebody born between two days, of a sex and people or of any."""
    sex = sex or (MALE if random.random() < 0.5 else FEMALE)
    people = people or random.choices(_PEOPLES, cum_weights=_SHARES)[0]
    birth = born[0] + timedelta(days=int(random.random() * ((born[1] - born[0]).days + 1)))
    return Person(
        name=name(random, people, sex),
        people=people,
        sex=sex,
        birth=birth,
        number=personal_number(random, birth, sex),
        phone=f"0{random.choice(_MOBILE)}{int(random.random() * 10**7):07d}",
        village=str(1 + int(random.random() * 12)),
    )


#: Mobile prefixes without the leading 0.
_MOBILE: Final = ("32", "33", "35", "36", "38", "39", "86", "96", "97", "98", "91", "94", "88", "90", "77")


def personal_number(random: Random, birth: date, sex: str) -> str:
    """Twelve digits as NĐ 137/2015 Art 13 builds them, mostly of people registered in Lào Cai."""
    province = "010" if random.random() < 0.93 else random.choice(("015", "001", "025", "014"))
    century = 2 * (birth.year // 100 - 19) + (sex == FEMALE)
    return f"{province}{century}{birth.year % 100:02d}{int(random.random() * 10**6):06d}"


def village(number: str, commune: Unit) -> str:
    """The name of a village by its number: the real list was not found."""
    return f"{'Tổ dân phố' if commune.kind is UnitKind.TOWNSHIP else 'Thôn'} {number}"


def address(person: Person, commune: Unit, district: Unit | None) -> str:
    """Where somebody lives, as addresses were written at that time: with the district while there was one."""
    parts = [village(person.village, commune), as_place(commune)]
    if district is not None:
        parts.append(as_place(district))
    return ", ".join([*parts, "tỉnh Lào Cai"])


def as_place(unit: Unit) -> str:
    """'Xã Bảo Yên' within a line: 'xã Bảo Yên'."""
    return unit.name.vi[:1].lower() + unit.name.vi[1:]
