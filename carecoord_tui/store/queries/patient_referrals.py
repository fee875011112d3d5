"""Every referral of one person, for the patient page."""

from __future__ import annotations

from datetime import date

from carecoord_tui.domain.referral_rows import ReferralListRow
from carecoord_tui.store.queries.referrals import read_rows
from carecoord_tui.store.queries.today import Execute


def read_patient_referrals(execute: Execute, patient_id: int, today: date) -> list[ReferralListRow]:
    """Open ones first, the longest in their stage on top; then ended ones, the newest first."""
    ids = [row[0] for row in execute("SELECT id FROM referral WHERE patient_id = ?", [patient_id])]
    rows = read_rows(execute, ids, today)
    ended = [row for row in rows if not row.stage.is_open]
    return [
        *sorted((row for row in rows if row.stage.is_open), key=lambda row: (row.stage_on, row.id)),
        *sorted(ended, key=lambda row: (row.stage_on, row.id), reverse=True),
    ]
