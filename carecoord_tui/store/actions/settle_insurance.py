"""Acts of ``domain.settle`` on eligibility and authorizations, inside the change of ``actions.settle``."""

from __future__ import annotations

from datetime import datetime, time

from carecoord_tui.domain.authorization import next_ask
from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.facts import AuthorizationFacts
from carecoord_tui.domain.vocabulary import AuthorizationStatus, EligibilityResult
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import facts
from carecoord_tui.store.actions.asking import STILL_PENDING, ask_again, payer_of
from carecoord_tui.store.actions.authorization_moves import (
    advance,
    check_whole,
    items_of,
    number_of,
    renewal,
    stamp,
)
from carecoord_tui.store.actions.base import Refused, existing, instant
from carecoord_tui.store.actions.eligibility import check_visit
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization, Denial

_S = AuthorizationStatus


def check(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, _: When) -> None:
    """A check as of the visit's day that read no benefits: older figures keep the day they were read."""
    check_visit(session, practice, ref.record_id, EligibilityResult(what))


def authorization(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When) -> None:
    """One act on an authorization. Raises Refused for what cannot follow or a fact out of order."""
    record = existing(session, Authorization, ref.record_id)
    match what:
        case "submitted":
            moment = instant(practice, when)
            step = Step(to=_S.SUBMITTED, on=when.on)
            advance(session, practice, ref.record_id, step, submitted_at=moment)
        case "approved":
            advance(session, practice, ref.record_id, Step(to=_S.APPROVED, valid_to=when.on))
        case "valid_to":
            _set_validity(session, practice, record, when)
        case "renewed":
            renewal(session, practice, ref.record_id, submitted_at=_submitted_at(practice, when))
        case "asked":
            _asked(session, practice, ref, record)
        case "extended":
            _extended(session, practice, record, when)
        case "letter":
            _enter_denial(session, practice, record, when)
        case "part_let_go":
            _let_part_go(session, practice, record)
        case _:
            advance(session, practice, ref.record_id, Step(to=_S(what), on=when.on))


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


def _extended(session: AuditedSession, practice: Practice, record: Authorization, when: When) -> None:
    """The payer said it takes more time; the rule says how much, and whether it may."""
    if record.status is not _S.SUBMITTED:
        raise Refused(f"The payer is not deciding now: this authorization is {record.status.label}.")
    if record.extended_on is not None:
        raise Refused(f"The payer took more time on {format_day(record.extended_on)} already: only once.")
    if when.on > practice.today():
        raise Refused("That day is ahead: record it when the payer has said so.")
    if record.submitted_at is not None and when.on < practice.context.day_of(record.submitted_at):
        raise Refused("That is before the request was submitted: check the day.")
    record.extended_on = when.on
    session.add(record)
    stamp(session, practice, record, when.on, "The payer takes more time")


def _enter_denial(session: AuditedSession, practice: Practice, record: Authorization, when: When) -> None:
    """The letter is here: its date starts the appeal clock. Of a part, that part is what was denied."""
    if when.on > practice.today():
        raise Refused("The letter cannot be dated ahead: check its date.")
    denied = [item for item in items_of(session, number_of(record)) if item.status is _S.DENIED]
    services = ", ".join(item.service for item in denied if item.service)
    is_part = record.status is not _S.DENIED
    session.add(
        Denial(
            patient_id=record.patient_id,
            coverage_id=record.coverage_id,
            authorization_id=record.id,
            service=(services if is_part and services else record.service)[:160],
            notice_on=when.on,
            is_expedited=record.is_expedited,
            is_drug=record.is_drug,
            reason_kind=record.denial_reason,
            peer_to_peer_by=record.peer_to_peer_by,
        )
    )


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
