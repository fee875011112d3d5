"""A peer-to-peer call about an authorization: its cut-off, the call that was set, how it went.

Inside the change of ``actions.settle``. The cut-off comes from the payer; what was set and said is kept in
the history, which is never edited.
"""

from __future__ import annotations

from datetime import date

from carecoord_tui.domain.authorization_steps import BEFORE_PAYER, Step
from carecoord_tui.domain.dates import When, format_day, format_time
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.authorization_moves import answer_whole, forget_moves, number_of, stamp
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.items import place
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization


def set_cut_off(session: AuditedSession, practice: Practice, record: Authorization, by: date) -> None:
    """The last day for the call, as the payer said. Raises Refused before a submission or a past answer."""
    _refuse_too_early(record)
    if record.decided_on is not None and by < record.decided_on:
        raise Refused(f"The payer answered on {format_day(record.decided_on)}: the last day is later.")
    record.peer_to_peer_by = by
    session.add(record)
    stamp(session, practice, record, practice.today(), f"Peer-to-peer possible until {format_day(by)}")


def set_call(
    session: AuditedSession, practice: Practice, ref: ItemRef, record: Authorization, when: When
) -> None:
    """The clinician's call is set: the item comes back at its time. Raises Refused past the cut-off."""
    _refuse_too_early(record)
    if record.peer_to_peer_by is not None and when.on > record.peer_to_peer_by:
        raise Refused(f"A peer-to-peer call is possible until {format_day(record.peer_to_peer_by)}.")
    place(session, practice, ref, when, reason="peer-to-peer call")
    clock = f" {format_time(when.at)}" if when.at is not None else ""
    words = f"Peer-to-peer call set for {format_day(when.on)}{clock}"
    stamp(session, practice, record, practice.today(), words)


def held(session: AuditedSession, practice: Practice, record: Authorization, on: date) -> None:
    """The call was held and the decision stands; it is not possible any more. Raises Refused."""
    _refuse_day(practice, record, on)
    _end(session, record)
    stamp(session, practice, record, on, "Peer-to-peer call held: the decision stands")


def won(session: AuditedSession, practice: Practice, record: Authorization, valid_to: date) -> None:
    """The call won an approval, valid to a day of its letter. Raises Refused for what cannot follow."""
    _refuse_too_early(record)
    _end(session, record)
    step = Step(to=AuthorizationStatus.APPROVED, valid_to=valid_to)
    answer_whole(session, practice, number_of(record), step, note="Peer-to-peer call: approved")


def _end(session: AuditedSession, record: Authorization) -> None:
    record.peer_to_peer_by = None
    session.add(record)
    forget_moves(session, number_of(record))


def _refuse_too_early(record: Authorization) -> None:
    if record.status in BEFORE_PAYER:
        raise Refused("It was not submitted yet: there is nobody to call about it.")


def _refuse_day(practice: Practice, record: Authorization, on: date) -> None:
    _refuse_too_early(record)
    if on > practice.today():
        raise Refused("That day is ahead: record the call when it was held.")
    if record.submitted_at is not None and on < practice.context.day_of(record.submitted_at):
        raise Refused("That is before the request was submitted: check the day.")
