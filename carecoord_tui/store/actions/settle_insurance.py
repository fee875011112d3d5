"""Acts of ``domain.settle`` on eligibility and authorizations, inside the change of ``actions.settle``."""

from __future__ import annotations

from datetime import datetime, time

from carecoord_tui.domain.authorization import next_ask, payer_clock
from carecoord_tui.domain.authorization_steps import BEFORE_PAYER, Step
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.denial_ending import Ending
from carecoord_tui.domain.facts import AuthorizationFacts
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE
from carecoord_tui.domain.vocabulary import AuthorizationStatus, EligibilityResult
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import facts
from carecoord_tui.store.actions import peer_to_peer
from carecoord_tui.store.actions.asking import STILL_PENDING, ask_again, payer_of
from carecoord_tui.store.actions.authorization_moves import (
    NUMBER_LIMIT,
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
from carecoord_tui.store.actions.denial_endings import Close, close_in
from carecoord_tui.store.actions.eligibility import check_visit
from carecoord_tui.store.actions.items import place
from carecoord_tui.store.actions.request_denials import open_denial
from carecoord_tui.store.actions.settle_requirements import put_not_needed
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Authorization, AuthorizationItem

_S = AuthorizationStatus
NO_NUMBER = "none issued"
"""Stands for the number of an approval whose payer gives none."""


def check(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, _: When) -> None:
    """A check as of the visit's day that read no benefits: older figures keep the day they were read."""
    check_visit(session, practice, ref.record_id, EligibilityResult(what))


def authorization(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str = ""
) -> None:
    """One act on an authorization. ``text`` is why it is given up, or its number. Raises Refused for what
    cannot follow or a fact out of order.
    """
    record = existing(session, Authorization, ref.record_id)
    match what:
        case "submitted":
            moment = instant(practice, when)
            step = Step(to=_S.SUBMITTED, on=when.on)
            advance(session, practice, ref.record_id, step, submitted_at=moment)
        case "approved":
            step = Step(to=_S.APPROVED, valid_to=when.on)
            answer_whole(session, practice, ref.record_id, step, number=text)
        case "valid_to":
            _set_validity(session, practice, record, when, text)
        case "number":
            _set_number(session, practice, record, text)
        case "no_number":
            _set_number(session, practice, record, NO_NUMBER)
        case "renewed":
            renewal(session, practice, ref.record_id, submitted_at=_submitted_at(practice, when))
        case "asked":
            _asked(session, practice, ref, record)
        case "letter":
            _enter_denial(session, practice, record, when)
        case "let_go":
            _let_go(session, practice, record, text)
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


def extended(
    session: AuditedSession, practice: Practice, ref: ItemRef, when: When, until: When | None
) -> None:
    """The payer's letter of ``when`` takes more time. Its rule says until when; where the letter names an
    earlier day (``until``), the payer is asked one business day before that. Raises Refused.
    """
    record = existing(session, Authorization, ref.record_id)
    if until is not None and until.on < when.on:
        raise Refused(f"The new day cannot be before the letter of {format_day(when.on)}: check both.")
    words = f"decision by {format_day(until.on)}" if until is not None else ""
    take_more_time(session, practice, record, when.on, words)
    if until is None or record.status is not _S.SUBMITTED:
        return
    clock = payer_clock(_facts_of(session, practice, ref), practice.context)
    last_on = clock.legal_on if clock is not None else None
    if last_on is None or until.on < last_on:
        ask_on = max(practice.context.calendar.add_business_days(until.on, -1), practice.today())
        place(session, practice, ref, When(ask_on), reason=f"payer's letter: {words}", last_on=last_on)


def _set_number(session: AuditedSession, practice: Practice, record: Authorization, number: str) -> None:
    record.number = clean_text(number, NUMBER_LIMIT)
    session.add(record)
    stamp(session, practice, record, practice.today(), f"Number {record.number}")


def _set_validity(
    session: AuditedSession, practice: Practice, record: Authorization, when: When, number: str = ""
) -> None:
    record.valid_to = when.on
    record.number = clean_text(number, NUMBER_LIMIT) or record.number
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
    denied = [item for item in items_of(session, number_of(record)) if _awaits_letter(item)]
    open_denial(session, record, when.on, services=(item.service for item in denied) if is_part else ())


def _awaits_letter(item: AuthorizationItem) -> bool:
    return item.status is _S.DENIED and item.denial_id is None


def _let_go(session: AuditedSession, practice: Practice, record: Authorization, why: str) -> None:
    """No letter comes and nobody appeals: the denial is on file, closed with the reason."""
    if record.status is not _S.DENIED:
        raise Refused(f"Nothing was denied: this authorization is {record.status.label}.")
    denial = open_denial(session, record, record.decided_on or practice.today())
    session.flush()
    assert denial.id is not None  # noqa: S101 - flushed above
    close_in(session, practice, denial.id, Close(ending=Ending.NOT_APPEALED, reason=why))


def _let_part_go(session: AuditedSession, practice: Practice, record: Authorization) -> None:
    """The denied part is not pursued: it counts as withdrawn, and the rest goes on."""
    words = []
    for item in items_of(session, number_of(record)):
        if _awaits_letter(item):
            item.status = _S.CANCELLED
            session.add(item)
            words.append(item.service or record.service)
    if not words:
        raise Refused("No part of this authorization is denied any more; the list was out of date.")
    stamp(session, practice, record, practice.today(), f"Not pursued: {', '.join(words)}")
