"""What left the practice about a person: everything, and the accounting they may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.dates import add_months
from carecoord_tui.domain.vocabulary import Channel, Purpose
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.tables.base import utc_text

ACCOUNTING_YEARS = 6  # 45 CFR 164.528(a)(1)
_COLUMNS = "id, referral_id, at, recipient, what, purpose, channel, made_by, has_part2, note"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRow:
    """One disclosure; ``at`` is an aware time in UTC."""

    id: int
    referral_id: int | None
    at: datetime
    recipient: str
    what: str
    purpose: Purpose
    channel: Channel
    made_by: str
    has_part2: bool
    note: str


def read_disclosures(execute: Execute, patient_id: int) -> tuple[DisclosureRow, ...]:
    """Every disclosure, the newest first."""
    rows = execute(
        f"SELECT {_COLUMNS} FROM disclosure WHERE patient_id = ? ORDER BY at DESC, id DESC", [patient_id]
    )
    return tuple(_row(r) for r in rows)


def read_accounting(
    execute: Execute, patient_id: int, *, today: date, zone: ZoneInfo
) -> tuple[DisclosureRow, ...]:
    """The accounting of disclosures: six years back from ``today`` in the practice's ``zone``, newest first.

    Treatment, payment, operations and what the patient signed for stay out (45 CFR 164.528(a)(1)).
    """
    first = add_months(today, -12 * ACCOUNTING_YEARS)
    since = utc_text(datetime.combine(first, time(), tzinfo=zone))
    accounted = [purpose.value for purpose in Purpose if purpose.is_accounted]
    marks = ", ".join("?" * len(accounted))
    rows = execute(
        f"SELECT {_COLUMNS} FROM disclosure WHERE patient_id = ? AND at >= ? AND purpose IN ({marks})"
        " ORDER BY at DESC, id DESC",
        [patient_id, since, *accounted],
    )
    return tuple(_row(r) for r in rows)


def _row(r: Sequence[Any]) -> DisclosureRow:
    return DisclosureRow(
        id=r[0],
        referral_id=r[1],
        at=datetime.fromisoformat(r[2]),
        recipient=r[3],
        what=r[4],
        purpose=Purpose(r[5]),
        channel=Channel(r[6]),
        made_by=r[7],
        has_part2=bool(r[8]),
        note=r[9],
    )
