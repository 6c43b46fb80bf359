"""Apologies for lateness: what causes there are to name, and which new date the portal computes for one.

The body that resolves a dossier apologises in writing before the date passes, says why, and promises another date, once
(NĐ 61/2018/NĐ-CP Art 19.9).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from portal.domain import clock
from portal.domain.casework import Case, Rules
from portal.domain.moment import Moment
from procedures.model import Text

#: The categories of cause, by code; the law names none, an office may add words of its own to each.
CAUSES: Final[Mapping[str, Text]] = {
    "verification": Text(
        vi="Nội dung hồ sơ phức tạp, cần thêm thời gian thẩm tra, xác minh",
        en="The matter is complex and takes longer to verify",
    ),
    "consulted_body": Text(
        vi="Cơ quan phối hợp, cơ quan được lấy ý kiến chưa trả lời", en="A body that was asked has not answered yet"
    ),
    "workload": Text(
        vi="Số lượng hồ sơ tăng đột biến, thiếu người giải quyết", en="Too many dossiers at once for too few officers"
    ),
    "officers_fault": Text(vi="Sai sót của cơ quan, cán bộ giải quyết", en="A mistake of the office or an officer"),
    "system_failure": Text(vi="Sự cố hệ thống thông tin, mất điện, mất mạng", en="A failure of system, power or line"),
    "force_majeure": Text(
        vi="Thiên tai, dịch bệnh, sự kiện bất khả kháng", en="Natural disaster or other force majeure"
    ),
}


def proposed_date(case: Case, rules: Rules, moment: Moment) -> datetime:
    """The new date that the work still to be done leads to: the whole shares of the steps from the present one on.

    It lies at least one working day after the old date, and no later than the law lets the term be prolonged.
    """
    assert case.due_at is not None
    left = (stop.share or Decimal(0) for stop in rules.route[rules.positions[case.step] :])
    done = clock.step_limit(moment.instant, sum(left, Decimal(0)), moment.calendar)
    later = clock.step_limit(case.due_at, Decimal(1), moment.calendar)
    found = max(done, later)
    return min(found, clock.planned_end(case.due_at, rules.delay, moment.calendar)) if rules.delay else found
