"""What the result of a dossier says: its answers, in the words and groups of the procedure's own paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from portal.domain import forms, results
from portal.domain.kinds import Context
from portal.domain.slips import Group, Line
from portal.store.models import Dossier
from portal.usecases import law, letterheads
from procedures.model import Procedure, ResultPaper

#: Pages of the form that say how the dossier came and how its result goes out, which is no matter of the result.
_ABOUT_HANDING_IN: Final = frozenset({"submitting", "delivery", "declaration_page"})
#: A sector's forms whose titles say what the paper is; any other is a notice, which has to say it.
_SAY_WHAT_THEY_ARE: Final = frozenset({"CT03", "CT07"})
#: Subtitle, groups, closing sentences.
Content = tuple[str | None, tuple[Group, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers of a dossier, as its paper prints them."""

    procedure: Procedure
    dossier: Dossier
    context: Context

    def said(self, key: str) -> str:
        """One answer as people read it; empty where there is none."""
        return forms.answer(self.procedure, self.dossier.answers, key, self.context)

    def known(self, key: str) -> str | None:
        """One answer, or None."""
        return self.said(key) or None

    def known_if_asked(self, key: str) -> str | None:
        """One answer, or None, also where the form has no such question."""
        return self.known(key) if key in self.procedure.fields else None

    def number(self, key: str) -> Decimal | None:
        """A number, or None."""
        value = self.dossier.answers.get(key)
        return None if value is None else Decimal(str(value))

    def amount(self, key: str) -> Decimal:
        """A number the form requires."""
        return Decimal(str(self.dossier.answers[key]))


def content(procedure: Procedure, dossier: Dossier) -> Content:
    """What the result prints, on the paper its procedure names.

    A dossier that lacks what the paper needs, since it began under an older form, prints all answers.
    """
    context = law.context_of(dossier)
    answers = _Answers(procedure, dossier, context)
    try:
        return _WRITERS[procedure.result.template](answers)
    except (KeyError, ValueError):
        return _general(answers)


def _general(of: _Answers) -> Content:
    every = forms.display(of.procedure, of.dossier.answers, of.context, "vi")
    parts = tuple(part for part in every if part.section not in _ABOUT_HANDING_IN)
    if (leg := law.leg_of(of.dossier)) is not None and leg.pages:
        parts = tuple(part for part in parts if part.section in leg.pages)
    groups = [
        Group(title=part.title, lines=tuple(Line(label=line.label, value=line.value) for line in part.lines))
        for part in parts
    ]
    if of.procedure.result.template is not ResultPaper.GENERAL or of.procedure.slips.result in _SAY_WHAT_THEY_ARE:
        return None, tuple(groups), ()
    return f"Về việc: {of.procedure.short_title.vi}", tuple(groups), _outcome(of.procedure)


def _outcome(procedure: Procedure) -> tuple[str, ...]:
    """What came of it: the answers alone would not say that they were granted."""
    granted = "Hồ sơ đã được giải quyết theo đề nghị với những nội dung trên."
    title = procedure.result.title.vi
    # A title that names several papers does not say which of them was given.
    said = not procedure.slips.result and " hoặc " not in title
    return f"{granted} Kết quả: {title}." if said else granted, results.CLOSING


def _construction_permit(of: _Answers) -> Content:
    groups = results.construction_permit(
        owner=of.known("organisation_name") or of.said("full_name"),
        owner_address=of.said("permanent_address"),
        work=of.known("work_name") or of.known("work_kind") or "Nhà ở riêng lẻ",
        place=", ".join(filter(None, (of.said("street_address"), of.said("commune"), of.said("province")))),
        parcel=_parcel(of),
        plot_area=of.amount("plot_area"),
        grade=of.said("work_grade"),
        designer=of.known("designer"),
        ground_level=of.number("ground_level"),
        setback=of.number("setback"),
        boundary=None,
        ground_floor_area=of.amount("ground_floor_area"),
        total_floor_area=of.amount("total_floor_area"),
        storeys=int(of.dossier.answers["storeys"]),
        storeys_detail=of.known("storeys_detail"),
        height=of.amount("height"),
        land_paper=" số ".join(filter(None, (of.said("land_paper_kind"), of.said("land_paper_number")))),
        moved_from=of.known_if_asked("old_address"),
        stands_until=of.known_if_asked("wanted_until"),
    )
    return _kind_of_permit(of.procedure), groups, results.PERMIT_CLOSING


def _kind_of_permit(procedure: Procedure) -> str | None:
    """What stands under the title of a permit that is not simply one to build."""
    title = procedure.result.title.vi
    return None if title == results.PERMIT else title


def _parcel(of: _Answers) -> str:
    sheet = of.said("map_sheet")
    return f"Thửa đất số {of.said('parcel_number')}" + (f", tờ bản đồ số {sheet}" if sheet else "")


def _land_change(of: _Answers) -> Content:
    groups = results.land_change(
        parcel=of.said("parcel_number"),
        map_sheet=of.said("map_sheet"),
        area=of.amount("area"),
        place=of.said("parcel_address"),
        purpose=of.said("purpose"),
        certificate=of.said("certificate_serial"),
        register_number=of.known("register_number"),
        change=of.known("change_content") or of.said("change_kind"),
        before=of.said("before_change"),
        after=of.said("after_change"),
        reason=of.said("reason"),
        giver=_party(of, "giver"),
        receiver=_party(of, "receiver"),
        duty=_duty(of.dossier),
    )
    return None, groups, ()


def _duty(dossier: Dossier) -> str | None:
    """What became of the duties asked for: a result is issued only once all are confirmed."""
    if not dossier.duties:
        return None
    receipts = ", ".join(duty.receipt_number for duty in dossier.duties if duty.receipt_number)
    return "Đã hoàn thành theo thông báo của cơ quan thuế" + (f"; chứng từ số {receipts}" if receipts else "")


def _party(of: _Answers, who: str) -> results.Party:
    return results.Party(
        name=of.said(f"{who}_name"), personal_number=of.known(f"{who}_number"), address=of.known(f"{who}_address")
    )


def _household_split(of: _Answers) -> Content:
    relation = next(column for column in of.procedure.fields["members"].columns if column.key == "relation")
    relations = {choice.value: choice.label.vi for choice in relation.choices}
    groups = results.household_split(
        applicant=of.said("full_name"),
        personal_number=of.said("personal_number"),
        old_head=of.said("old_head_name"),
        new_head=of.said("new_head_name"),
        address=of.said("household_address"),
        members=[_member(row, relations) for row in of.dossier.answers["members"]],
    )
    return None, groups, (results.CLOSING,)


def _member(row: Mapping[str, Any], relations: Mapping[str, str]) -> results.Member:
    return results.Member(
        name=row["full_name"],
        born=f"{date.fromisoformat(row['birth_date']):%d/%m/%Y}",
        personal_number=row.get("personal_number", "–"),
        relation=relations.get(row.get("relation", ""), ""),
    )


def _birth_certificate(of: _Answers) -> Content:
    place = ", ".join(filter(None, (of.said("birth_facility"), of.said("birth_place"))))
    groups = results.birth_certificate(
        child=of.said("child_name"),
        born=date.fromisoformat(of.dossier.answers["child_birth_date"]),
        born_in_words=of.known("child_birth_date_words"),
        sex=of.said("child_sex"),
        ethnicity=of.said("child_ethnicity"),
        nationality=of.said("child_nationality"),
        birthplace=place,
        home=of.said("home"),
        # The number is given by the population database, which this portal does not write.
        personal_number=None,
        mother=_parent(of, "mother"),
        father=_parent(of, "father"),
        declarant=of.said("full_name"),
        declarant_paper=of.known("personal_number"),
        registered_at=letterheads.body(law.unit(of.dossier.desk_unit)),
        registered_on=law.office_day(of.dossier.ended_at or of.dossier.submitted_at),
    )
    return None, groups, ()


def _parent(of: _Answers, who: str) -> results.Parent | None:
    if not of.said(f"{who}_name"):
        return None
    return results.Parent(
        name=of.said(f"{who}_name"),
        born=of.known(f"{who}_birth"),
        ethnicity=of.known(f"{who}_ethnicity"),
        nationality=of.known(f"{who}_nationality"),
        residence=of.known(f"{who}_residence"),
    )


_WRITERS: Mapping[ResultPaper, Callable[[_Answers], Content]] = {
    ResultPaper.CONSTRUCTION_PERMIT: _construction_permit,
    ResultPaper.LAND_CHANGE: _land_change,
    ResultPaper.HOUSEHOLD_SPLIT: _household_split,
    ResultPaper.BIRTH_CERTIFICATE: _birth_certificate,
    ResultPaper.GENERAL: _general,
}
