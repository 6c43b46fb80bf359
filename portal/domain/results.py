"""What the result of each procedure says, as the groups of labels and values its paper prints.

Each function takes one procedure's data and returns the `groups` of a `slips.Result`. The labels follow the law that
lists the content; the order and grouping are ours where the official layout is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.numerals import date_in_words, figures, spells
from portal.domain.slips import Group, Line

UNSTATED = "Không nêu"
"""Printed where the law lists a line and the dossier says nothing."""

PERMIT = "Giấy phép xây dựng"
"""The ordinary permit; any other kind is named under the title of its paper."""

PERMIT_CLOSING = (
    (
        "Giấy phép này có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày cấp; quá thời hạn trên thì "
        "phải đề nghị gia hạn giấy phép xây dựng."
    ),
)
CLOSING = "Xin thông báo để Ông/Bà được biết./."


def construction_permit(
    *,
    owner: str,
    owner_address: str,
    work: str,
    place: str,
    parcel: str,
    plot_area: Decimal,
    grade: str,
    designer: str | None,
    ground_level: Decimal | None,
    setback: Decimal | None,
    boundary: str | None,
    ground_floor_area: Decimal,
    total_floor_area: Decimal,
    storeys: int,
    storeys_detail: str | None,
    height: Decimal,
    land_paper: str,
    moved_from: str | None = None,
    stands_until: str | None = None,
) -> tuple[Group, ...]:
    """A construction permit (content of NĐ 217/2026/NĐ-CP Art 49). Areas in m², levels and heights in m.

    Building density and floor area ratio are computed from the areas. `moved_from` is where a work that is moved stood,
    `stands_until` the day to which one permitted for a limited time may stand.
    """
    if plot_area <= 0:
        raise ValueError("the plot has no area")
    return (
        Group(
            title="Cấp cho", lines=(Line(label="Chủ đầu tư", value=owner), Line(label="Địa chỉ", value=owner_address))
        ),
        Group(
            title="Được phép xây dựng công trình theo những nội dung sau",
            lines=(
                Line(label="Tên công trình", value=work),
                *([Line(label="Di dời từ", value=moved_from)] if moved_from else []),
                Line(label="Địa điểm xây dựng", value=place),
                Line(label="Vị trí xây dựng", value=parcel),
                Line(label="Diện tích lô đất", value=_square_metres(plot_area), share=2),
                Line(label="Loại, cấp công trình", value=grade, share=2),
                Line(label="Tổ chức, cá nhân lập thiết kế", value=designer or UNSTATED),
                Line(label="Cốt xây dựng công trình", value=_metres(ground_level), share=2),
                Line(label="Khoảng lùi", value=_metres(setback), share=2),
                Line(label="Chỉ giới đường đỏ, chỉ giới xây dựng", value=boundary or UNSTATED),
                Line(label="Diện tích xây dựng (tầng một)", value=_square_metres(ground_floor_area)),
                Line(label="Mật độ xây dựng", value=f"{_rounded(ground_floor_area * 100 / plot_area)} %", share=2),
                Line(label="Hệ số sử dụng đất", value=f"{_rounded(total_floor_area / plot_area)} lần", share=2),
                Line(label="Tổng diện tích sàn xây dựng", value=_square_metres(total_floor_area)),
                Line(label="Chiều cao công trình", value=_metres(height), share=2),
                Line(
                    label="Số tầng",
                    value=f"{storeys:02d}" + (f" ({storeys_detail})" if storeys_detail else ""),
                    share=2,
                ),
                *(
                    [Line(label="Thời hạn tồn tại của công trình, đến ngày", value=stands_until)]
                    if stands_until
                    else []
                ),
            ),
        ),
        Group(title="Giấy tờ về quyền sử dụng đất", lines=(Line(label="Giấy tờ", value=land_paper),)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party to a land transfer; `personal_number` is printed, for the register identifies people by it."""

    name: str
    personal_number: str | None
    address: str | None


def land_change(
    *,
    parcel: str,
    map_sheet: str,
    area: Decimal,
    place: str,
    purpose: str,
    certificate: str,
    register_number: str | None,
    change: str,
    before: str,
    after: str,
    reason: str,
    giver: Party,
    receiver: Party,
    duty: str | None,
) -> tuple[Group, ...]:
    """A change registered in the cadastre: the parcel, the change before and after, the two parties, the duty met."""
    return (
        Group(
            title="Thửa đất",
            lines=(
                Line(label="Thửa đất số", value=parcel, share=3),
                Line(label="Tờ bản đồ số", value=map_sheet, share=3),
                Line(label="Diện tích", value=_square_metres(area), share=3),
                Line(label="Địa chỉ thửa đất", value=place),
                Line(label="Mục đích sử dụng đất", value=purpose),
                Line(label="Giấy chứng nhận, số phát hành", value=certificate),
                Line(label="Số vào sổ cấp Giấy chứng nhận", value=register_number or UNSTATED),
            ),
        ),
        Group(
            title="Nội dung biến động đã đăng ký",
            lines=(
                Line(label="Nội dung biến động", value=change),
                Line(label="Trước biến động", value=before),
                Line(label="Sau biến động", value=after),
                Line(label="Lý do biến động", value=reason),
            ),
        ),
        Group(title="Bên chuyển quyền", lines=_party(giver)),
        Group(title="Bên nhận quyền", lines=_party(receiver)),
        Group(title="Nghĩa vụ tài chính", lines=(Line(label="Tình trạng thực hiện", value=duty or "Không phát sinh"),)),
    )


def _party(party: Party) -> tuple[Line, ...]:
    return (
        Line(label="Họ và tên", value=party.name, share=2),
        Line(label="Số định danh cá nhân", value=party.personal_number or UNSTATED, share=2),
        Line(label="Địa chỉ", value=party.address or UNSTATED),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a household; `born` is as known ('12/03/1988', or the year alone)."""

    name: str
    born: str
    personal_number: str
    relation: str


def household_split(
    *,
    applicant: str,
    personal_number: str,
    old_head: str,
    new_head: str,
    address: str,
    members: Sequence[Member],
) -> tuple[Group, ...]:
    """CT08 for a household split: who asked, the household left, and the new household with its head and members."""
    return (
        Group(
            title="Người được thông báo",
            lines=(
                Line(label="Họ, chữ đệm và tên", value=applicant),
                Line(label="Số định danh cá nhân", value=personal_number),
            ),
        ),
        Group(
            title="Kết quả giải quyết: đã tách hộ và cập nhật vào Cơ sở dữ liệu về cư trú",
            lines=(
                Line(label="Chủ hộ cũ", value=old_head),
                Line(label="Chủ hộ mới", value=new_head),
                Line(label="Nơi thường trú của hộ mới", value=address),
            ),
        ),
        Group(
            title=f"Thành viên của hộ mới: {len(members):02d} người",
            lines=tuple(
                Line(
                    label=f"{place}. {member.name}",
                    value=f"sinh {member.born}; số định danh cá nhân {member.personal_number}; {member.relation}",
                )
                for place, member in enumerate(members, start=1)
            ),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The mother or father on a birth certificate; a fact that is not known is None and leaves its line empty."""

    name: str
    born: str | None
    ethnicity: str | None
    nationality: str | None
    residence: str | None


def birth_certificate(
    *,
    child: str,
    born: date,
    born_in_words: str | None,
    sex: str,
    ethnicity: str,
    nationality: str,
    birthplace: str,
    home: str,
    personal_number: str | None,
    mother: Parent | None,
    father: Parent | None,
    declarant: str,
    declarant_paper: str | None,
    registered_at: str,
    registered_on: date,
) -> tuple[Group, ...]:
    """A birth certificate (Luật Hộ tịch Art 14): the child, the parents as far as known, the registration.

    `born_in_words` is the applicant's own spelling; without one, or where it spells another day, the date is spelled by
    `date_in_words`: a certificate does not contradict itself.
    """
    own = born_in_words if born_in_words and spells(born_in_words, born) else date_in_words(born)
    return (
        Group(
            title="Người được khai sinh",
            lines=(
                Line(label="Họ, chữ đệm, tên", value=child.upper()),
                Line(label="Ngày, tháng, năm sinh", value=f"{born:%d/%m/%Y}"),
                Line(label="Ghi bằng chữ", value=own),
                Line(label="Giới tính", value=sex, share=3),
                Line(label="Dân tộc", value=ethnicity, share=3),
                Line(label="Quốc tịch", value=nationality, share=3),
                Line(label="Nơi sinh", value=birthplace),
                Line(label="Quê quán", value=home),
                Line(label="Số định danh cá nhân", value=personal_number or ""),
            ),
        ),
        Group(title="Người mẹ", lines=_parent("Họ, chữ đệm, tên người mẹ", mother)),
        Group(title="Người cha", lines=_parent("Họ, chữ đệm, tên người cha", father)),
        Group(
            title="Đăng ký khai sinh",
            lines=(
                Line(label="Họ, chữ đệm, tên người đi khai sinh", value=declarant),
                Line(label="Giấy tờ tùy thân", value=declarant_paper or ""),
                Line(label="Nơi đăng ký khai sinh", value=registered_at),
                Line(label="Ngày, tháng, năm đăng ký", value=f"{registered_on:%d/%m/%Y}"),
            ),
        ),
    )


def _parent(label: str, parent: Parent | None) -> tuple[Line, ...]:
    known = parent or Parent(name="", born=None, ethnicity=None, nationality=None, residence=None)
    return (
        Line(label=label, value=known.name),
        Line(label="Năm sinh", value=known.born or "", share=3),
        Line(label="Dân tộc", value=known.ethnicity or "", share=3),
        Line(label="Quốc tịch", value=known.nationality or "", share=3),
        Line(label="Nơi cư trú", value=known.residence or ""),
    )


def _square_metres(area: Decimal) -> str:
    return f"{figures(area)} m²"


def _metres(length: Decimal | None) -> str:
    return UNSTATED if length is None else f"{figures(length)} m"


def _rounded(value: Decimal) -> str:
    return figures(value.quantize(Decimal("0.01")))
