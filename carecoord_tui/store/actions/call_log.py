"""A call to an office or payer about one item, as it stands in the log."""

from __future__ import annotations

from datetime import datetime

from carecoord_tui.domain.vocabulary import Channel, Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Contact


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

    ``at`` (aware, default now) is the same for everything that one call was about: by it the log knows that
    it was one. ``minutes`` is this item's share of its length.
    """
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
