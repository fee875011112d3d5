"""What measures are worked out from: one line a referral, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from carecoord_tui.domain.measures import ReferralRow
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_ROWS = """
    SELECT id, patient_id, ordered_on, stage, urgency, service_type, sent_on, visit_on,
           report_received_on, reviewed_on, patient_informed_on, redirected_from_id
    FROM referral
"""


def read_referral_rows(execute: Execute) -> list[ReferralRow]:
    """Every referral, ended ones too: a chain of redirects and a patient's first referral need them all."""
    return [_row(row) for row in execute(_ROWS, [])]


def _row(r: Sequence[Any]) -> ReferralRow:
    return ReferralRow(
        id=r[0],
        patient_id=r[1],
        ordered_on=date.fromisoformat(r[2]),
        stage=ReferralStage(r[3]),
        urgency=Urgency(r[4]),
        service_type=ReferralType(r[5]),
        sent_on=read_day(r[6]),
        visit_on=read_day(r[7]),
        report_received_on=read_day(r[8]),
        reviewed_on=read_day(r[9]),
        patient_informed_on=read_day(r[10]),
        redirected_from=r[11],
    )
