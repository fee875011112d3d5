"""A prior authorization inside a change: the pure rules decide, this records the step with its stamp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from sqlmodel import col, select

from carecoord_tui.domain import authorization_steps as steps
from carecoord_tui.domain.authorization_steps import IllegalStep, Standing, Step
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.rulepack import RulePack, TriggerDateKind
from carecoord_tui.domain.vocabulary import AuthorizationStatus, FollowUpKind, Kind, PayerClass
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    AuthorizationEvent,
    AuthorizationItem,
    Coverage,
    FollowUp,
    MovedDate,
    Payer,
    Referral,
)

CHANNEL_LIMIT, NUMBER_LIMIT, NOTE_LIMIT = 40, 80, 400
MOST_UNITS = 9_999
"""More units than any authorization of an office has: a mistyped number."""
_S = AuthorizationStatus


def standing_of(record: Authorization, practice: Practice) -> Standing:
    """The facts a step depends on."""
    at = record.submitted_at
    return Standing(
        status=record.status,
        opened_on=record.opened_on,
        submitted_on=None if at is None else practice.context.day_of(at),
        channel=record.channel,
        reference=record.reference,
        information_due_on=record.information_due_on,
        decided_on=record.decided_on,
        number=record.number,
        valid_from=record.valid_from,
        valid_to=record.valid_to,
        denial_reason=record.denial_reason,
    )


def advance(
    session: AuditedSession,
    practice: Practice,
    authorization_id: int,
    step: Step,
    *,
    submitted_at: datetime | None = None,
    number: str = "",
    units_authorized: int | None = None,
    note: str = "",
) -> Authorization:
    """Move an authorization inside a change and append the stamp; returns the record.

    ``submitted_at`` (aware) is the moment of a submission; without it, it is now for one of today, and the
    start of the day for an earlier one, whose hour nobody knows. Raises Refused.
    """
    record = existing(session, Authorization, authorization_id)
    before, today = standing_of(record, practice), practice.today()
    if submitted_at is not None and step.to is _S.SUBMITTED:
        if submitted_at > practice.clock.now():
            raise Refused("That time is ahead: record it when it was submitted.")
        step = replace(step, on=practice.context.day_of(submitted_at))
    try:
        after = steps.move(before, step, today=today)
    except IllegalStep as error:
        raise Refused(str(error)) from error
    if step.to is _S.SUBMITTED and _starts_clock(
        session, record, before, step.on or today, practice.context.pack
    ):
        record.submitted_at = submitted_at or _moment(practice, step.on or today)
        record.first_submitted_at = record.first_submitted_at or record.submitted_at
    _take(record, after)
    record.number = clean_text(number, NUMBER_LIMIT) or record.number
    if units_authorized is not None:
        record.units_authorized = whole_units(units_authorized)
    session.add(record)
    forget_moves(session, authorization_id)
    stamp(session, practice, record, step.on or today, note)
    return record


def answer_whole(
    session: AuditedSession,
    practice: Practice,
    authorization_id: int,
    step: Step,
    *,
    submitted_at: datetime | None = None,
    number: str = "",
    note: str = "",
) -> Authorization:
    """A step of the whole that its items follow: those still undecided, and all once it was decided before.

    Raises Refused as :func:`advance`, and where the items make another whole: one approved item does not
    make an approval, and "in part" is said item by item.
    """
    record = existing(session, Authorization, authorization_id)
    items = [one for one in items_of(session, authorization_id) if one.status is not _S.CANCELLED]
    if items and step.to in steps.DECIDED:
        for item in items:
            is_answered = item.status not in steps.UNDECIDED and record.status not in steps.DECIDED
            if step.to is not _S.PARTIAL and not is_answered:
                _put_status(session, item, step.to)
        whole = steps.overall(item.status for item in items)
        if whole is not None and whole is not step.to:
            raise Refused(f"Its items make it {whole.label}: record the payer's answer item by item.")
    was = record.status
    advance(session, practice, authorization_id, step, submitted_at=submitted_at, number=number, note=note)
    tell_patient(session, practice, record, was)
    return record


def decide_items(
    session: AuditedSession,
    practice: Practice,
    authorization_id: int,
    decided: Mapping[int, AuthorizationStatus],
    step: Step | None = None,
    *,
    note: str = "",
) -> Authorization:
    """Record what the payer said of each item (by number); the whole follows from all of them.

    It is approved only when every item is, and goes on waiting while one is undecided. ``step`` gives the
    day and the facts of the letter, also where the whole stays as it is; its own status is not used. Raises
    Refused.
    """
    record = existing(session, Authorization, authorization_id)
    if record.status in steps.BEFORE_PAYER:
        raise Refused("It was not submitted yet: record the submission before what the payer decided.")
    items = items_of(session, authorization_id)
    for item in items:
        status = decided.get(item.id or 0)
        if status is not None:
            _put_status(session, item, status)
    whole = steps.overall(item.status for item in items)
    if whole is _S.SUBMITTED and record.status is _S.PENDED and _S.SUBMITTED not in decided.values():
        whole = _S.PENDED  # the payer still waits for what it asked for
    words = f"{note}: {_items_words(items)}" if note else _items_words(items)
    if whole is None:
        return record
    if whole is record.status:
        return _say_again(session, practice, record, step, words)
    step = replace(step or Step(to=whole), to=whole)
    return advance(session, practice, authorization_id, step, note=words)


def items_of(session: AuditedSession, authorization_id: int) -> list[AuthorizationItem]:
    """The items of a request, in the order entered."""
    statement = select(AuthorizationItem).where(col(AuthorizationItem.authorization_id) == authorization_id)
    return list(session.exec(statement.order_by(col(AuthorizationItem.id))))


def renewal(
    session: AuditedSession,
    practice: Practice,
    authorization_id: int,
    *,
    submitted_at: datetime | None = None,
    channel: str = "",
) -> Authorization:
    """The request that follows, inside a change, with the services of this one.

    An approval that has run out is closed by it; one still valid stays open until it has ended. Raises
    Refused when it was renewed before, or is not decided yet.
    """
    record = existing(session, Authorization, authorization_id)
    if record.renewed_by_id is not None:
        raise Refused("It was renewed already: go on with the later authorization.")
    if record.status in steps.UNDECIDED:
        raise Refused("The payer has not decided this one yet: there is nothing to renew.")
    today = practice.today()
    opened_on = today if submitted_at is None else min(today, practice.context.day_of(submitted_at))
    following = Authorization(
        patient_id=record.patient_id,
        coverage_id=record.coverage_id,
        referral_id=record.referral_id,
        service=record.service,
        service_code=record.service_code,
        diagnoses=record.diagnoses,
        requesting_npi=record.requesting_npi,
        rendering_npi=record.rendering_npi,
        site=record.site,
        is_drug=record.is_drug,
        is_expedited=record.is_expedited,
        opened_on=opened_on,
    )
    session.add(following)
    session.flush()
    stamp(session, practice, following, opened_on, "Renewal")
    if submitted_at is not None:
        step = Step(to=_S.SUBMITTED, channel=clean_text(channel, CHANNEL_LIMIT))
        advance(session, practice, number_of(following), step, submitted_at=submitted_at)
    _copy_items(session, record, following)
    record.renewed_by_id = following.id
    session.add(record)
    if record.status in steps.GRANTED and record.valid_to is not None and record.valid_to < today:
        advance(session, practice, authorization_id, Step(to=_S.EXPIRED), note="Ended and renewed")
    return following


def _copy_items(session: AuditedSession, source: Authorization, following: Authorization) -> None:
    """The same services are asked for again; what the payer said of them is not carried over."""
    for item in items_of(session, number_of(source)):
        session.add(
            AuthorizationItem(
                patient_id=following.patient_id,
                authorization_id=number_of(following),
                service=item.service,
                code=item.code,
                status=_S.SUBMITTED,
            )
        )


def tell_patient(
    session: AuditedSession, practice: Practice, record: Authorization, was: AuthorizationStatus
) -> None:
    """What comes after a payer agreed, inside its change: a follow-up to tell the patient, and to book.

    Not where it was agreed before (``was``), nor where somebody sees to the date already: a visit is linked
    to it, or a referral whose own steps lead to one.
    """
    has_date = record.appointment_id is not None or record.referral_id is not None
    if record.status not in steps.GRANTED or was in steps.GRANTED or has_date:
        return
    act = "Tell patient" if record.is_drug else "Tell patient, book"
    session.add(
        FollowUp(
            patient_id=record.patient_id,
            title=f"{act}: {record.service}",
            kind=FollowUpKind.CALL,
            due_on=practice.context.calendar.add_working_days(practice.today(), 1),
            source="authorization",
        )
    )


def take_more_time(
    session: AuditedSession, practice: Practice, record: Authorization, on: date, note: str = ""
) -> None:
    """The payer's letter of ``on`` says that it takes more time; the rule says how much. Raises Refused."""
    if record.status not in (_S.SUBMITTED, _S.PENDED):
        raise Refused(f"The payer is not deciding now: this authorization is {record.status.label}.")
    if record.extended_on is not None:
        raise Refused(f"The payer took more time on {format_day(record.extended_on)} already: only once.")
    if on > practice.today():
        raise Refused("That day is ahead: record it when the payer has said so.")
    if record.submitted_at is not None and on < practice.context.day_of(record.submitted_at):
        raise Refused("That is before the request was submitted: check the day.")
    record.extended_on = on
    session.add(record)
    words = clean_text(note, NOTE_LIMIT - 40)
    stamp(session, practice, record, on, f"Payer extended its time{f': {words}' if words else ''}")


def stamp(session: AuditedSession, practice: Practice, record: Authorization, on: date, note: str) -> None:
    """Append what happened on a practice-local day to the history, which is never edited."""
    session.add(
        AuthorizationEvent(
            patient_id=record.patient_id,
            authorization_id=number_of(record),
            status=record.status,
            happened_on=on,
            recorded_at=practice.clock.now(),
            who=practice.user.name,
            note=clean_text(note, NOTE_LIMIT),
        )
    )


def number_of(record: Authorization) -> int:
    """The number of a flushed record."""
    assert record.id is not None  # noqa: S101 - flushed by the caller
    return record.id


def of_patient(
    session: AuditedSession,
    model: type[Coverage | Referral | Appointment],
    number: int | None,
    patient_id: int,
) -> Coverage | Referral | Appointment | None:
    """A plan, referral or visit by number, of this patient. Raises Refused for another's."""
    if number is None:
        return None
    record = existing(session, model, number)
    if record.patient_id != patient_id:
        raise Refused(f"That {model.__tablename__} is another person's: choose one of this patient's.")
    return record


def whole_units(units: int | None) -> int | None:
    """Units as they may be stored. Raises Refused for a negative or absurd number."""
    if units is not None and not 0 <= units <= MOST_UNITS:
        raise Refused(f"Units are a whole number from 0 to {MOST_UNITS:,}: check the letter.")
    return units


def check_whole(record: Authorization, practice: Practice) -> None:
    """What must hold however it was changed. Raises Refused."""
    if record.status in steps.UNDECIDED and record.valid_to is not None:
        raise Refused("Record the payer's decision before the validity of what it decided.")
    try:
        steps.check_window(standing_of(record, practice))
    except IllegalStep as error:
        raise Refused(str(error)) from error


# --- parts ------------------------------------------------------------------------------------


def _say_again(
    session: AuditedSession, practice: Practice, record: Authorization, step: Step | None, words: str
) -> Authorization:
    """A further letter that leaves the whole as it is: its facts are kept, and its stamp."""
    if step is not None:
        step = replace(step, to=record.status)
        try:
            _take(record, steps.answered(standing_of(record, practice), step, today=practice.today()))
        except IllegalStep as error:
            raise Refused(str(error)) from error
        session.add(record)
    on = step.on if step is not None else None
    stamp(session, practice, record, on or practice.today(), words)
    return record


def _take(record: Authorization, after: Standing) -> None:
    """The facts of a standing, in the record's columns."""
    record.opened_on = after.opened_on
    record.status, record.channel, record.reference = after.status, after.channel, after.reference
    record.information_due_on, record.decided_on = after.information_due_on, after.decided_on
    record.valid_from, record.valid_to = after.valid_from, after.valid_to
    record.denial_reason = after.denial_reason


def _put_status(session: AuditedSession, item: AuthorizationItem, status: AuthorizationStatus) -> None:
    """An item as the payer answered it; one denied anew waits for its letter."""
    if status is _S.DENIED and item.status is not _S.DENIED:
        item.denial_id = None
    item.status = status
    session.add(item)


def _starts_clock(
    session: AuditedSession, record: Authorization, before: Standing, on: date, pack: RulePack
) -> bool:
    """True when the payer's time to decide begins with this submission.

    It begins with the request. Missing information starts it only where the rule counts from its receipt
    (Cal. H&S 1367.01(h)); everywhere else the payer's clock went on running.
    """
    if before.status in steps.BEFORE_PAYER:
        return True
    coverage = session.get(Coverage, record.coverage_id) if record.coverage_id is not None else None
    payer = session.get(Payer, coverage.payer_id) if coverage is not None else None
    payer_class = payer.payer_class if payer is not None else PayerClass.UNKNOWN
    rule = pack.pa_decision(payer_class, expedited=record.is_expedited, on=on, is_drug=record.is_drug)
    return rule is not None and rule.trigger_date_kind is TriggerDateKind.RECEIPT


def _moment(practice: Practice, on: date) -> datetime:
    """When it was submitted if only the day is known: now, or the start of an earlier day."""
    if on == practice.today():
        return practice.clock.now()
    return datetime.combine(on, time(0), tzinfo=practice.zone)


def forget_moves(session: AuditedSession, authorization_id: int) -> None:
    """A date somebody chose belongs to the status it was chosen in."""
    statement = select(MovedDate).where(
        col(MovedDate.kind) == Kind.AUTHORIZATION, col(MovedDate.record_id) == authorization_id
    )
    for moved in session.exec(statement):
        session.delete(moved)


def _items_words(items: Sequence[AuthorizationItem]) -> str:
    """``2 approved, 1 denied``."""
    counts = {status: sum(item.status is status for item in items) for status in _S}
    return ", ".join(f"{count} {status.label}" for status, count in counts.items() if count)
