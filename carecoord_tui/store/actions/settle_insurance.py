"""Acts of ``domain.settle`` on eligibility and authorizations, inside the change of ``actions.settle``."""

from __future__ import annotations

from datetime import datetime, time

from carecoord_tui.domain.authorization import next_ask
from carecoord_tui.domain.authorization_steps import BEFORE_PAYER, Step
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.facts import AuthorizationFacts
from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE
from carecoord_tui.domain.vocabulary import AuthorizationStatus, EligibilityResult
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import facts
from carecoord_tui.store.actions import peer_to_peer
from carecoord_tui.store.actions.asking import STILL_PENDING, ask_again, payer_of
from carecoord_tui.store.actions.authorization_moves import (
    advance,
    answer_whole,
    check_whole,
    items_of,
    number_of,
    renewal,
    stamp,
    take_more_time,
)
from carecoord_tui.store.actions.base import Refused, existing, instant
from carecoord_tui.store.actions.eligibility import check_visit
from carecoord_tui.store.actions.request_denials import open_denial
from carecoord_tui.store.actions.settle_requirements import put_not_needed
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Authorization

_S = AuthorizationStatus


def check(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, _: When) -> None:
    """A check as of the visit's day that read no benefits: older figures keep the day they were read."""
    check_visit(session, practice, ref.record_id, EligibilityResult(what))


def authorization(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str = ""
) -> None:
    """One act on an authorization. ``text`` is why it is given up. Raises Refused for what cannot follow or
    a fact out of order.
    """
    record = existing(session, Authorization, ref.record_id)
    match what:
        case "submitted":
            moment = instant(practice, when)
            step = Step(to=_S.SUBMITTED, on=when.on)
            advance(session, practice, ref.record_id, step, submitted_at=moment)
        case "approved":
            answer_whole(session, practice, ref.record_id, Step(to=_S.APPROVED, valid_to=when.on))
        case "valid_to":
            _set_validity(session, practice, record, when)
        case "renewed":
            renewal(session, practice, ref.record_id, submitted_at=_submitted_at(practice, when))
        case "asked":
            _asked(session, practice, ref, record)
        case "extended":
            take_more_time(session, practice, record, when.on)
        case "letter":
            _enter_denial(session, practice, record, when)
        case "part_let_go":
            _let_part_go(session, practice, record)
        case "peer_by":
            peer_to_peer.set_cut_off(session, practice, record, when.on)
        case "peer_call":
            peer_to_peer.set_call(session, practice, ref, record, when)
        case "peer_held":
            peer_to_peer.held(session, practice, record, when.on)
        case "peer_won":
            peer_to_peer.won(session, practice, record, when.on)
        case "cancelled":
            _cancel(session, practice, record, text)
        case _:
            answer_whole(session, practice, ref.record_id, Step(to=_S(what), on=when.on))


def _submitted_at(practice: Practice, when: When) -> datetime:
    """The moment of a submission: as typed, now for today, the start of an earlier day."""
    typed = instant(practice, when)
    if typed is not None:
        return typed
    if when.on == practice.today():
        return practice.clock.now()
    return datetime.combine(when.on, time(0), tzinfo=practice.zone)


def _set_validity(session: AuditedSession, practice: Practice, record: Authorization, when: When) -> None:
    record.valid_to = when.on
    check_whole(record, practice)
    session.add(record)
    stamp(session, practice, record, practice.today(), f"Valid to {format_day(when.on)}")


def _asked(session: AuditedSession, practice: Practice, ref: ItemRef, record: Authorization) -> None:
    """Still pending: the item comes back one business day before the payer's clock ends."""
    if record.status is not _S.SUBMITTED:
        raise Refused(f"The payer is not deciding now: this authorization is {record.status.label}.")
    known = _facts_of(session, practice, ref)
    until = next_ask(known, practice.context, practice.today())
    payer_id = payer_of(session, record.coverage_id)
    ask_again(session, practice, ref, until, payer_id=payer_id, waiting_on=known.payer_name)
    stamp(session, practice, record, practice.today(), STILL_PENDING)


def _facts_of(session: AuditedSession, practice: Practice, ref: ItemRef) -> AuthorizationFacts:
    session.flush()
    (person,) = facts.load(session.connection(), [ref.patient_id], practice.zone)
    found = next((one for one in person.authorizations if one.id == ref.record_id), None)
    if found is None:
        raise Refused("That authorization was settled meanwhile; the list was out of date.")
    return found


def _cancel(session: AuditedSession, practice: Practice, record: Authorization, why: str) -> None:
    """Given up. Before it was submitted, the visit it was opened for can do without it."""
    visit = session.get(Appointment, record.appointment_id) if record.appointment_id is not None else None
    if visit is not None and record.status in BEFORE_PAYER:
        put_not_needed(session, practice, visit, AUTHORIZATION_RULE, why)
    advance(session, practice, number_of(record), Step(to=_S.CANCELLED), note=why)


def _enter_denial(session: AuditedSession, practice: Practice, record: Authorization, when: When) -> None:
    """The letter is here: its date starts the appeal clock. Of a part, that part is what was denied."""
    if when.on > practice.today():
        raise Refused("The letter cannot be dated ahead: check its date.")
    is_part = record.status is not _S.DENIED
    denied = [item for item in items_of(session, number_of(record)) if item.status is _S.DENIED]
    open_denial(session, record, when.on, services=(item.service for item in denied) if is_part else ())


def _let_part_go(session: AuditedSession, practice: Practice, record: Authorization) -> None:
    """The denied part is not pursued: it counts as withdrawn, and the rest goes on."""
    words = []
    for item in items_of(session, number_of(record)):
        if item.status is _S.DENIED:
            item.status = _S.CANCELLED
            session.add(item)
            words.append(item.service or record.service)
    if not words:
        raise Refused("No part of this authorization is denied any more; the list was out of date.")
    stamp(session, practice, record, practice.today(), f"Not pursued: {', '.join(words)}")
