"""New and changed follow-ups, and notes."""

from __future__ import annotations

from carecoord_tui.domain import recurrence as recurrences
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import FollowUpKind, Kind, Priority
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused, existing, instant, ledger_row
from carecoord_tui.store.actions.items import clear_move, finish, place
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import FollowUp, Note, Patient

TITLE_LIMIT = 200
NOTE_LIMIT = 8000


def _title(text: str) -> str:
    title = clean_text(text, TITLE_LIMIT)
    if not title:
        raise Refused("A follow-up needs a few words saying what to do.")
    return title


def _due(practice: Practice, due: When) -> None:
    if due.on < practice.today():
        raise Refused(f"{format_day(due.on, practice.today())} is past; a follow-up is due today or later.")


def _recurrence(rule: str) -> str:
    """The rule, when its next dates can be worked out; a follow-up that cannot be done must not be kept."""
    try:
        if rule:
            recurrences.describe(rule)
    except recurrences.RecurrenceError as error:
        raise Refused(str(error)) from error
    return rule


def add_follow_up(
    practice: Practice,
    *,
    patient_id: int,
    title: str,
    due: When,
    kind: FollowUpKind = FollowUpKind.OTHER,
    priority: Priority = Priority.NORMAL,
    recurrence: str = "",
    source: str = "",
) -> int:
    """A new follow-up; returns its number. ``recurrence`` is an RRULE (``domain.recurrence``).

    Raises Refused for an empty title, a past date or an unreadable recurrence.
    """
    _due(practice, due)
    with practice.change("new follow-up") as session:
        existing(session, Patient, patient_id)
        record = FollowUp(
            patient_id=patient_id,
            title=_title(title),
            kind=kind,
            priority=priority,
            due_on=due.on,
            due_at=instant(practice, due),
            recurrence=_recurrence(recurrence),
            source=source,
        )
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def complete_with_next(practice: Practice, follow_up_id: int, *, title: str, due: When) -> int:
    """Mark a follow-up done and open the next one, in one change; returns the new one's number.

    The next has the same patient, kind and priority. A recurring follow-up is also followed by its own
    next date. Raises Refused for an empty title, a past date, or one that is already closed.
    """
    _due(practice, due)
    with practice.change("follow-up done, next one set") as session:
        done = existing(session, FollowUp, follow_up_id)
        finish(session, practice, follow_up_id)
        record = FollowUp(
            patient_id=done.patient_id,
            title=_title(title),
            kind=done.kind,
            priority=done.priority,
            due_on=due.on,
            due_at=instant(practice, due),
            previous_id=follow_up_id,
        )
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def edit_follow_up(
    practice: Practice,
    follow_up_id: int,
    *,
    title: str,
    due: When,
    kind: FollowUpKind,
    priority: Priority,
    recurrence: str,
) -> None:
    """Change a follow-up. A new due date is a new promise: an older moved date is forgotten.

    Once it was tried, the protocol dates the next try; a new date then moves that try.

    Raises Refused for an empty title, a past new date, or an unreadable recurrence.
    """
    with practice.change("follow-up edited") as session:
        record = existing(session, FollowUp, follow_up_id)
        record.title = _title(title)
        record.kind, record.priority, record.recurrence = kind, priority, _recurrence(recurrence)
        due_at = instant(practice, due)
        if (record.due_on, record.due_at) != (due.on, due_at):
            _due(practice, due)
            record.due_on, record.due_at = due.on, due_at
            session.add(record)
            _date_anew(session, practice, record, due)
        session.add(record)


def _date_anew(session: AuditedSession, practice: Practice, record: FollowUp, due: When) -> None:
    """Give the new date its effect under whatever rule the follow-up stands now."""
    for rule_id in ("followup.due", "outreach.next_attempt", "outreach.letter", "outreach.close"):
        ref = ItemRef(Kind.FOLLOW_UP, record.id or 0, rule_id, record.patient_id)
        clear_move(session, ref)
        if rule_id != "followup.due" and ledger_row(session, ref) is not None:
            place(session, practice, ref, due)


def add_note(practice: Practice, *, patient_id: int, text: str, about: ItemRef | None = None) -> int:
    """A note on a patient, or on one of their items; returns its number. Refused when empty."""
    cleaned = clean_text(text, NOTE_LIMIT, multiline=True)
    if not cleaned:
        raise Refused("An empty note was not kept.")
    with practice.change("note") as session:
        existing(session, Patient, patient_id)
        record = Note(
            patient_id=patient_id,
            at=practice.clock.now(),
            text=cleaned,
            about_kind=about.kind if about else None,
            about_id=about.record_id if about else None,
        )
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number
