"""A referral packet that left the practice, and the word that it was sent."""

from __future__ import annotations

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import Channel, Purpose, ReferralStage
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.disclosures import DISCLOSURE, log_disclosure
from carecoord_tui.store.actions.referral_steps import advance
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Referral

CONFIRMATION_LIMIT = 80
_SENT_NOW = (ReferralStage.DRAFT, ReferralStage.REJECTED)
"""Stages that sending ends; from any later one it is only sent once more."""


def record_packet(
    practice: Practice,
    referral_id: int,
    *,
    recipient: str,
    what: str,
    channel: Channel,
    has_part2: bool = False,
) -> int:
    """Log a packet as a treatment disclosure, which stays out of the accounting; returns its number.

    Undo leaves it alone: the packet has left, whatever becomes of the referral.
    Raises Refused when the referral is gone, or without recipient or content.
    """
    with practice.change("referral packet", kind=DISCLOSURE) as session:
        referral = existing(session, Referral, referral_id)
        record = log_disclosure(
            session,
            practice,
            patient_id=referral.patient_id,
            referral_id=referral_id,
            recipient=recipient,
            what=what,
            purpose=Purpose.TREATMENT,
            channel=channel,
            has_part2=has_part2,
        )
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def record_sent(practice: Practice, referral_id: int, how: Channel, confirmation: str = "") -> None:
    """The packet was sent: a draft, or one the office had refused, becomes ``sent``.

    Sent is not received, so a fax needs its confirmation (time and pages, or a number). Raises Refused
    without it, and for a referral that has ended.
    """
    told = clean_text(confirmation, CONFIRMATION_LIMIT)
    if how is Channel.FAX and not told:
        raise Refused("A fax has a confirmation: type its number, or its time and pages.")
    with practice.change(f"referral: sent by {how.label}") as session:
        referral = existing(session, Referral, referral_id)
        if not referral.stage.is_open:
            raise Refused(f"This referral has ended ({referral.stage.label}): there is nothing to send.")
        if referral.stage in _SENT_NOW:
            advance(session, practice, referral_id, Step(to=ReferralStage.SENT), note=f"by {how.label}")
        referral.sent_how, referral.sent_confirmation = how.label, told
        session.add(referral)
