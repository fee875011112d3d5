"""The log of what left the practice (45 CFR 164.528).

What has left cannot be called back, so undo never takes an entry away: a wrong one is corrected by another,
which says so in its note.
"""

from __future__ import annotations

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import Channel, Purpose
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.errors import ReadOnly
from carecoord_tui.store.practice import SET_CLOCK, Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Disclosure, Patient

RECIPIENT_LIMIT, WHAT_LIMIT, NOTE_LIMIT = 200, 600, 400
DISCLOSURE = "disclosure"
"""The kind of a change that logs one; ``store.undo`` takes back other kinds only."""


def check_may_leave(practice: Practice) -> None:
    """Raises ReadOnly where nothing can be recorded: what is not recorded does not leave the program."""
    if practice.is_read_only:
        raise ReadOnly(SET_CLOCK)


def log_disclosure(
    session: AuditedSession,
    practice: Practice,
    *,
    patient_id: int,
    recipient: str,
    what: str,
    purpose: Purpose,
    channel: Channel,
    referral_id: int | None = None,
    has_part2: bool = False,
    note: str = "",
) -> Disclosure:
    """Log one disclosure inside a change, at this moment, by this user; returns the record.

    An accounting names recipient, content and purpose (45 CFR 164.528(b)(2)), so none may be empty. A legal
    one also needs ``note``: who decided it, and when. Raises Refused.
    """
    existing(session, Patient, patient_id)
    to, content, words = (
        clean_text(recipient, RECIPIENT_LIMIT),
        clean_text(what, WHAT_LIMIT),
        clean_text(note, NOTE_LIMIT),
    )
    if not to:
        raise Refused("Say who received it: a name, and an address or number where one is known.")
    if not content:
        raise Refused("Say what was disclosed, in a few words.")
    if purpose is Purpose.LEGAL and not words:
        raise Refused("Subpoena: confirm nothing. Note what the privacy officer decided, and on which day.")
    record = Disclosure(
        patient_id=patient_id,
        referral_id=referral_id,
        at=practice.clock.now(),
        recipient=to,
        what=content,
        purpose=purpose,
        channel=channel,
        made_by=practice.user.name,
        has_part2=has_part2,
        note=words,
    )
    session.add(record)
    return record


def record_disclosure(
    practice: Practice,
    patient_id: int,
    *,
    recipient: str,
    what: str,
    purpose: Purpose,
    channel: Channel,
    note: str = "",
    has_part2: bool = False,
) -> int:
    """A disclosure as a change of its own, which undo leaves alone; returns its number.

    Raises Refused as :func:`log_disclosure`.
    """
    with practice.change(f"disclosure: {purpose.label}", kind=DISCLOSURE) as session:
        record = log_disclosure(
            session,
            practice,
            patient_id=patient_id,
            recipient=recipient,
            what=what,
            purpose=purpose,
            channel=channel,
            has_part2=has_part2,
            note=note,
        )
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number
