"""What became of a safety hand-off: the acts behind ``x`` on it."""

from __future__ import annotations

from datetime import datetime

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused, existing, instant
from carecoord_tui.store.actions.items import clear_move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import IncomingCall

CLINICIAN_LIMIT = 120


def settle_handoff(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str
) -> None:
    """A clinician accepted the hand-off, or it was handed to another one, at ``when``.

    ``what`` is ``accepted`` (by the clinician last named), ``accepted_by`` or ``handed`` (to whom ``text``
    names). Today without a time means now. Raises Refused for a time that cannot be.
    """
    call = existing(session, IncomingCall, ref.record_id)
    if call.accepted_at is not None:
        raise Refused("A clinician accepted that hand-off already; the list was out of date.")
    at = happened_at(practice, when, since=min(call.at, call.handed_at or call.at))
    who = clean_text(text, CLINICIAN_LIMIT) if what != "accepted" else call.handed_to
    if not who:
        raise Refused("Nobody is named yet: say which clinician.")
    if what == "handed":
        call.handed_to, call.handed_at = who, at
    else:
        call.accepted_by, call.accepted_at = who, at
        clear_move(session, ref)
    session.add(call)


def happened_at(practice: Practice, when: When, *, since: datetime) -> datetime:
    """The aware time of something that happened after ``since``; today without a time is now.

    Raises Refused for a time ahead or before the call, and for another day without a time.
    """
    now = practice.clock.now()
    at = instant(practice, when)
    if at is None and when.on != practice.today():
        raise Refused("Type the time too, such as yesterday 4pm; today without a time means now.")
    at = at or now
    if at > now:
        raise Refused("That time is still ahead: type when it happened, or nothing for now.")
    if at < since.replace(second=0, microsecond=0):
        raise Refused("That time is before the call.")
    return at
