"""The list of referrals: ids by stage at once, lines by window, the open item of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.names import display
from carecoord_tui.domain.referral_rows import ReferralListRow, View
from carecoord_tui.domain.vocabulary import Kind, ReferralStage, ReferralType, Urgency
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.queries.referral_filter import ReferralFilter
from carecoord_tui.store.queries.referral_views import APPROVED, COVERED, Days, ids_by_stage
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_AT_ONCE = 500  # values bound to one statement
_LINE = f"""
    SELECT r.id, r.patient_id, p.family_name, p.given_name, p.suffix, p.preferred_name, r.specialty,
           coalesce(o.name, ''), r.urgency, r.stage, r.stage_on, r.ordered_on, r.service_type, r.sent_on,
           r.visit_on, r.visit_time, r.touched_on, r.needs_authorization,
           EXISTS (SELECT 1 FROM authorization a WHERE a.patient_id = r.patient_id AND a.referral_id = r.id
                   AND a.status IN {APPROVED}),
           {COVERED}, r.interpreter_needed, r.transport_needed, p.confidential_channel,
           l.title, l.target_on, l.waiting_on
    FROM referral r JOIN patient p ON p.id = r.patient_id LEFT JOIN provider o ON o.id = r.provider_id
    LEFT JOIN ledger l ON l.kind = 'referral' AND l.record_id = r.id
"""


def list_ids(
    execute: Execute,
    view: View,
    days: Days,
    *,
    ended: bool = False,
    text: str = "",
    order: DateOrder = DateOrder.MDY,
    narrow: ReferralFilter | None = None,
) -> dict[ReferralStage, list[int]]:
    """Ids of a view by stage, in the order of the list, narrowed by what was typed.

    ``narrow`` is kept between keys of one filter: it remembers the offices and specialties.
    """
    condition = (narrow or ReferralFilter(execute)).condition(text, order)
    return ids_by_stage(
        execute, view, days, ended=ended, matching=condition.sql, parameters=condition.parameters
    )


def read_rows(execute: Execute, ids: Sequence[int], today: date) -> list[ReferralListRow]:
    """The lines of these referrals, in their order; those that are gone are left out."""
    found: dict[int, ReferralListRow] = {}
    for start in range(0, len(ids), _AT_ONCE):
        portion = ids[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(portion))  # they follow ?1, which COVERED uses
        for row in execute(f"{_LINE} WHERE r.id IN ({marks})", [today.isoformat(), *portion]):
            found[row[0]] = _line(row)
    return [found[one] for one in ids if one in found]


def _line(r: Sequence[Any]) -> ReferralListRow:
    return ReferralListRow(
        id=r[0],
        patient_id=r[1],
        patient_name=display(r[2], r[3], r[4], r[5]),
        specialty=r[6],
        office=r[7],
        urgency=Urgency(r[8]),
        stage=ReferralStage(r[9]),
        stage_on=date.fromisoformat(r[10]),
        ordered_on=date.fromisoformat(r[11]),
        service_type=ReferralType(r[12]),
        sent_on=read_day(r[13]),
        visit_on=read_day(r[14]),
        visit_time=time.fromisoformat(r[15]) if r[15] else None,
        touched_on=read_day(r[16]),
        needs_authorization=None if r[17] is None else bool(r[17]),
        has_approval=bool(r[18]),
        approval_covers=bool(r[19]),
        interpreter_needed=bool(r[20]),
        transport_needed=bool(r[21]),
        is_confidential=bool(r[22]),
        next_title=r[23] or "",
        next_on=read_day(r[24]),
        waiting_on=r[25] or "",
    )


def read_refs(execute: Execute, ids: Sequence[int]) -> list[ItemRef]:
    """The open item of each of these referrals, in their order; ended ones have none."""
    found: dict[int, ItemRef] = {}
    for start in range(0, len(ids), _AT_ONCE):
        portion = ids[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(portion))
        for number, rule_id, patient_id in execute(
            "SELECT record_id, rule_id, patient_id FROM ledger"
            f" WHERE kind = 'referral' AND record_id IN ({marks})",
            list(portion),
        ):
            found[number] = ItemRef(Kind.REFERRAL, number, rule_id, patient_id)
    return [found[one] for one in ids if one in found]
