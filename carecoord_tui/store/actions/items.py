"""Verbs on items of any kind: move to a date or event, say who is waited for, mark a follow-up done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain import recurrence
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.spreading import Spread
from carecoord_tui.domain.vocabulary import FollowUpStatus, Kind, MoveEvent, WaitingOn
from carecoord_tui.domain.waiting import WHO_LIMIT, Waiting, chase_day
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import (
    Refused,
    active_move,
    existing,
    instant,
    ledger_row,
    reset_check_in,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import FollowUp, MovedDate

NOTE_LIMIT = 1000  # of a follow-up
REASON_LIMIT = 200
PULLED_UP = "to be done today anyway"


def _several(refs: Sequence[ItemRef], one: str) -> str:
    return one if len(refs) == 1 else f"{one}, {len(refs)} items"


def complete(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Mark follow-ups done, all in one change; a recurring one is followed by the next.

    Raises Refused for an item a rule made: its own act settles it.
    """
    for ref in refs:
        if ref.kind is not Kind.FOLLOW_UP:
            raise Refused(f"A {ref.kind.label} is settled by its own act, not by marking it done.")
    with practice.change(_several(refs, "follow-up done")) as session:
        for ref in refs:
            finish(session, practice, ref.record_id)


def finish(session: AuditedSession, practice: Practice, follow_up_id: int) -> None:
    """Close one follow-up inside a change, and open the next of a recurrence."""
    record = _open_follow_up(session, follow_up_id)
    today = practice.today()
    record.status = FollowUpStatus.DONE
    record.done_at = practice.clock.now()
    record.done_on = today
    session.add(record)
    if record.recurrence:
        try:
            following = recurrence.next_after(
                record.recurrence, record.due_on, practice.context.calendar.is_working_day, after=today
            )
        except recurrence.RecurrenceError as error:
            raise Refused(f"{error} Edit the follow-up's recurrence first.") from error
        session.add(
            FollowUp(
                patient_id=record.patient_id,
                title=record.title,
                kind=record.kind,
                priority=record.priority,
                due_on=following,
                recurrence=record.recurrence,
                previous_id=record.id,
                source="recurrence",
            )
        )
    reset_check_in(session, practice, record.patient_id, after=today)


def _open_follow_up(session: AuditedSession, follow_up_id: int) -> FollowUp:
    record = existing(session, FollowUp, follow_up_id)
    if record.status is not FollowUpStatus.OPEN:
        raise Refused("That follow-up is already closed.")
    return record


def drop(practice: Practice, refs: Sequence[ItemRef], reason: str = "") -> None:
    """Close follow-ups without doing them; ``reason`` is kept in the note of each.

    Raises Refused for items a rule made.
    """
    why = clean_text(reason, REASON_LIMIT)
    for ref in refs:
        if ref.kind is not Kind.FOLLOW_UP:
            raise Refused(f"A {ref.kind.label} cannot be dropped; its own act settles it.")
    with practice.change(_several(refs, "follow-up dropped")) as session:
        for ref in refs:
            record = _open_follow_up(session, ref.record_id)
            record.status = FollowUpStatus.DROPPED
            record.done_at = practice.clock.now()
            record.done_on = practice.today()
            if why:
                dropped = f"Dropped: {why}"
                kept = record.note[: NOTE_LIMIT - len(dropped) - 1]
                record.note = f"{kept}\n{dropped}" if kept else dropped
            session.add(record)


def move(
    practice: Practice,
    refs: Sequence[ItemRef],
    until: When,
    *,
    event: MoveEvent | None = None,
    waiting_on: Waiting | str = "",
    reason: str = "",
) -> None:
    """Move items to a date, or to an event with that date as the fallback; one change for all.

    ``waiting_on`` says who owes the next step; then ``until`` is the day to ask again. Raises Refused for a
    past date, or one past an item's legal date.
    """
    label = _several(refs, "waiting" if waiting_on or event else "moved")
    with practice.change(label) as session:
        for ref in refs:
            place(session, practice, ref, until, event=event, waiting_on=waiting_on, reason=reason)


def place(
    session: AuditedSession,
    practice: Practice,
    ref: ItemRef,
    until: When,
    *,
    event: MoveEvent | None = None,
    waiting_on: Waiting | str = "",
    reason: str = "",
    last_on: date | None = None,
) -> None:
    """Move one item inside a change. The first target stays on record: a defer stays a miss.

    A bare name is waited for as a party of its own. Since when stays while the same one is waited for.
    ``last_on`` is the last day where the same change moves that; else the ledger's counts.
    """
    row = ledger_row(session, ref)
    if row is None:
        raise Refused("That item was settled meanwhile; the list was out of date.")
    if ref.kind is Kind.HANDOFF:
        raise Refused("A safety hand-off is not put off: x records who accepted it, or hands it to another.")
    _check_date(practice, until.on, last_on or row["legal_on"])
    record = active_move(session, ref)
    if record is None:
        record = MovedDate(
            patient_id=ref.patient_id,
            kind=ref.kind,
            record_id=ref.record_id,
            rule_id=ref.rule_id,
            until_on=until.on,
            original_on=row["moved_from"] or row["target_on"],
            moved_at=practice.clock.now(),
        )
    record.until_on = until.on
    record.until_at = instant(practice, until)
    record.event = event
    wait_for(record, Waiting(waiting_on) if isinstance(waiting_on, str) else waiting_on, practice)
    record.reason = reason
    record.moved_at = practice.clock.now()
    session.add(record)


def place_promised(
    session: AuditedSession, practice: Practice, ref: ItemRef, waiting: Waiting, until: When
) -> date:
    """One item waits for what was promised for ``until``, inside a change; returns the day to ask again.

    That is the working day after, not past the item's last day; a promised hour is asked about at that hour.
    Raises Refused for a promise that is past, or for a day after the last one.
    """
    row = ledger_row(session, ref)
    legal_on = row["legal_on"] if row is not None else None
    _check_date(practice, until.on, legal_on)
    promised = waiting.promising(until.on)
    if until.at is None:
        until = When(chase_day(until.on, practice.context.calendar, practice.today(), legal_on))
    place(session, practice, ref, until, waiting_on=promised)
    return until.on


def waited_for(record: MovedDate) -> Waiting | None:
    """Who owes the next step by a moved date; None where nobody does, or an event is waited for."""
    if not record.waiting_on:
        return None
    return Waiting(
        record.waiting_on,
        record.waiting_kind or WaitingOn.OTHER,
        record.payer_id,
        record.provider_id,
        record.promised_on,
    )


def wait_for(record: MovedDate, waiting: Waiting | None, practice: Practice) -> None:
    """Put down who owes the next step, inside a change, before ``moved_at`` is set; none ends the waiting."""
    before = waited_for(record)
    if waiting is None or not waiting.who:
        record.waiting_on, record.waiting_kind, record.waiting_since = "", None, None
        record.payer_id = record.provider_id = record.promised_on = None
        return
    if before is None or not before.is_same_party(waiting):
        record.waiting_since = practice.today()
    elif record.waiting_since is None:  # noted before the day was kept
        record.waiting_since = record.moved_at.astimezone(practice.zone).date()
    record.waiting_on, record.waiting_kind = clean_text(waiting.who, WHO_LIMIT), waiting.kind
    record.payer_id, record.provider_id = waiting.payer_id, waiting.provider_id
    record.promised_on = waiting.promised_on


def _check_date(practice: Practice, until: date, legal_on: date | None) -> None:
    today = practice.today()
    if until < today:
        raise Refused(f"{format_day(until, today)} is past; choose today or later.")
    if legal_on is not None and until > legal_on >= today:
        raise Refused(
            f"The last day is {format_day(legal_on, today)}: this cannot move to {format_day(until, today)}."
        )


def clear_move(session: AuditedSession, ref: ItemRef) -> None:
    """Forget an item's moved date inside a change; its rule dates it again."""
    record = active_move(session, ref)
    if record is not None:
        session.delete(record)


def clear_moves_of(session: AuditedSession, kind: Kind, record_id: int) -> None:
    """Forget every moved date of a record whose step has changed what is owed."""
    moved = select(MovedDate).where(col(MovedDate.kind) == kind, col(MovedDate.record_id) == record_id)
    for record in session.exec(moved):
        session.delete(record)


def spread(practice: Practice, plan: Spread[ItemRef]) -> None:
    """Move items to the days that ``plan`` gives them (``domain.spreading``), in one change.

    Raises Refused as :func:`move` does; then none has moved.
    """
    refs = [ref for ref, _ in plan.places]
    with practice.change(_several(refs, "spread")) as session:
        for ref, day in plan.places:
            moved = active_move(session, ref)
            waiting, event = (waited_for(moved), moved.event) if moved is not None else (None, None)
            place(session, practice, ref, When(day), event=event, waiting_on=waiting or "", reason="spread")


def pull_up(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Items are to be done today whatever else is due: a promise of this minute, which Today always shows.

    One change for all.
    """
    local = practice.moment().local
    now = When(local.date(), local.time().replace(second=0, microsecond=0, tzinfo=None))
    with practice.change(_several(refs, "today anyway")) as session:
        for ref in refs:
            place(session, practice, ref, now, reason=PULLED_UP)


def stop_waiting(practice: Practice, refs: Sequence[ItemRef]) -> None:
    """Nobody is waited for any more: the items are the coordinator's again, in one change.

    A date still ahead by the item's own rule comes back; one already past becomes today, and the first
    target stays on record (a defer stays a miss). Raises Refused when none of them waited for anybody.
    """
    with practice.change(_several(refs, "no longer waiting")) as session:
        waited = [ref for ref in refs if _take_back(session, practice, ref)]
        if not waited:
            raise Refused("Nobody is waited for here.")


def _take_back(session: AuditedSession, practice: Practice, ref: ItemRef) -> bool:
    """True when the item waited for somebody and does not any more."""
    record = active_move(session, ref)
    if record is None or not (record.waiting_on or record.event):
        return False
    today = practice.today()
    if record.original_on > today:
        session.delete(record)
        return True
    record.until_on, record.until_at = today, None
    wait_for(record, None, practice)
    record.event, record.reason = None, ""
    record.moved_at = practice.clock.now()
    session.add(record)
    return True
