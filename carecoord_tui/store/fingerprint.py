"""What the ledger was built from, as one hash: when it changes the ledger is rebuilt on open."""

from __future__ import annotations

import hashlib

from carecoord_tui.domain.next_actions import Context

REVISION = 2
"""Of the rules' code: counts up where it owes something else for the same records.

2: who is waited for is asked again on the day itself.
"""


def fingerprint(context: Context) -> str:
    """SHA-256 of the rules and their revision, calendar, zone, calling hours and user: not of records."""
    parts = (
        str(REVISION),
        context.pack.fingerprint(),
        context.calendar.fingerprint(),
        context.zone.key,
        str(context.user_is_clinical),
        f"{context.call_from}-{context.call_until}",
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
