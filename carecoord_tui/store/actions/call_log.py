"""A call to an office or payer about one item, as it stands in the log."""

from __future__ import annotations

from datetime import datetime

from carecoord_tui.domain.vocabulary import Channel, Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Contact

MOST_MINUTES = 600
REFERENCE_LIMIT, NAME_LIMIT, NOTE_LIMIT = 80, 160, 400

CALLS_BACK = "They call back."


def log_call(
    session: AuditedSession,
    practice: Practice,
    ref: ItemRef,
    outcome: Outcome,
    *,
    at: datetime | None = None,
    minutes: int | None = None,
    payer_id: int | None = None,
    spoke_with: str = "",
    reference: str = "",
    note: str = "",
) -> None:
    """Put a call into the log inside a change; the patient was not contacted by it.

    An office that calls back was reached: "they call back" is what the log says of a patient.
    ``at`` (aware, default now) is the same for everything that one call was about: by it the log knows that
    it was one. ``minutes`` is this item's share of its length.
    """
    if outcome is Outcome.CALLBACK:
        outcome, note = Outcome.OFFICE_REACHED, f"{CALLS_BACK} {note}".strip()
    session.add(
        Contact(
            patient_id=ref.patient_id,
            at=at or practice.clock.now(),
            channel=Channel.PHONE,
            outcome=outcome,
            about_kind=ref.kind,
            about_id=ref.record_id,
            about_rule=ref.rule_id,
            made_by=practice.user.name,
            by_clinical_staff=practice.user.is_clinical,
            minutes=minutes,
            payer_id=payer_id,
            spoke_with=spoke_with,
            reference=reference,
            note=note,
        )
    )


def check_minutes(minutes: int | None) -> None:
    """Raises Refused for a length no call has; None is one nobody counted."""
    if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
        raise Refused(f"The minutes of a call are 0 to {MOST_MINUTES}.")


def shared_out(minutes: int | None, count: int) -> list[int | None]:
    """Whole minutes an item, together the call's: 22 over five are 5, 5, 4, 4, 4."""
    if minutes is None:
        return [None] * count
    each, rest = divmod(minutes, count)
    return [each + (place < rest) for place in range(count)]
