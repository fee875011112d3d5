"""What the ledger was built from, as one hash: when it changes the ledger is rebuilt on open."""

from __future__ import annotations

import hashlib

from carecoord_tui.domain.next_actions import Context


def fingerprint(context: Context) -> str:
    """SHA-256 of rule pack, calendar, zone, calling hours and who the user is: all but the records."""
    parts = (
        context.pack.fingerprint(),
        context.calendar.fingerprint(),
        context.zone.key,
        str(context.user_is_clinical),
        f"{context.call_from}-{context.call_until}",
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
