"""Follow-up lists: what is owed to whom on which day, and what was done."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.vocabulary import FollowUpKind, FollowUpStatus, Priority
from carecoord_tui.exchange.logs.cells import (
    Cells,
    Choice,
    Day,
    Here,
    Holds,
    Mark,
    Moment,
    Refused,
    Text,
    words_of,
)
from carecoord_tui.exchange.logs.kind import Draft, Field, LogKind, Others, Values
from carecoord_tui.exchange.logs.words import StatusWords
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.importing_log_tables import FollowUpLog
from carecoord_tui.store.incoming import kind_of

_S = FollowUpStatus
_STATUSES = StatusWords(
    FollowUpStatus,
    {
        _S.OPEN: (
            "pending, to do, todo, not started, in progress, started, waiting, due, overdue, new, "
            "outstanding, "
            "active, scheduled, not done, incomplete, in process"
        ),
        _S.DONE: "completed, complete, closed, resolved, finished, called",
        _S.DROPPED: "cancelled, canceled, no longer needed, not needed, void, deferred indefinitely",
    },
)
_PRIORITIES = words_of(
    Priority,
    {
        Priority.HIGH: "urgent, stat, asap, h, 1, critical, important, yes, y",
        Priority.NORMAL: "medium, routine, med, m, 2, standard, regular, no, n",
        Priority.LOW: "l, 3, minor, whenever",
    },
)
_KINDS = words_of(
    FollowUpKind,
    {
        FollowUpKind.CALL: "phone call, phone, telephone, outreach",
        FollowUpKind.PAPERWORK: "forms, form, documentation, paper work",
        FollowUpKind.CHASE: "records, obtain records, referral follow up",
        FollowUpKind.VISIT: "appointment, home visit, office visit",
        FollowUpKind.EDUCATION: "teaching, coaching",
        FollowUpKind.ASSISTANCE: "resources, financial assistance, social needs",
    },
)
_NOTE = 1000


@dataclass(frozen=True, slots=True)
class _Said:
    """Words in a due column that name no day of the calendar: ``asap``, ``fri``, ``next week``."""

    words: str


class _Due(Day):
    """A due date that never costs its row.

    Nobody knows on which day ``fri`` was written: such words are kept, not counted from today.
    """

    __slots__ = ()

    def read(self, name: str, cell: Cell, text: str, here: Here) -> date | Moment | _Said | None:  # type: ignore[override]
        """The day, or what stands there instead. Never raises Refused."""
        try:
            return Day.read(self, name, cell, text, here)
        except Refused:
            return _Said(text)


_FIELDS = (
    Field(
        "title",
        "follow up, task, what, action, next step, to do, todo, next action, action item, follow up needed, "
        "description, title, task name, subject, item, reason, follow up reason, "
        "action needed, task description, what to do",
        Text(200, Holds.NAME),
        "what is to be done",
    ),
    Field(
        "due_on",
        "due date, due, due on, follow up date, follow up on, next due, deadline, due by, "
        "do by, target date, "
        "next contact date, next follow up date, date due, next call, when, fu date, f u date, "
        "call back on, call back, callback, callback on, callback date, call back date, call on",
        _Due(with_time=True, nearest=True),
        "due",
    ),
    Field("status", "status, task status, follow up status, state, stat", Text(60)),
    Field("done", "done, completed, complete, is done, finished, closed, done y n", Mark(), "done"),
    Field(
        "done_on",
        "date done, done on, date completed, completed on, completion date, completed date, closed on, "
        "date closed, finished on",
        Day(past=True),
        "done on",
    ),
    Field(
        "priority",
        "priority, urgency, urgent, importance, task priority, prio",
        Choice("priority", _PRIORITIES),
    ),
    Field("kind", "type, task type, kind, category, follow up type", Choice("type", _KINDS), "type"),
    Field(
        "reference",
        "task id, follow up id, item id, ticket, task number",
        Text(80, Holds.NUMBER),
        "task number",
    ),
    Field("note", "notes, note, comments, comment, remarks, details, task notes", Text(_NOTE), "notes"),
)


def _record(cells: Cells, here: Here) -> Values:
    """A follow-up; done where the row says so in any of its ways.

    One without a day has no ``due_on``: it is due on the day of the import (``_arrange``).
    """
    title = cells.get("title")
    if not title:
        raise Refused("title", "nothing that is to be done")
    mark, done_on = cells.get("done"), cells.get("done_on")
    if isinstance(mark, date):
        done_on = done_on or mark
    status = cells.status or (_S.DONE if mark or done_on else _S.OPEN)
    if cells.status is _S.OPEN and (mark or done_on):
        raise Refused("status", "open, but marked as done")
    if status is _S.DONE and mark is False:
        raise Refused("done", "done, but marked as not done")
    values = cells.picked("priority", "note", "reference")
    values |= {
        "title": title,
        "status": status,
        "kind": cells.get("kind") or kind_of(title),
    }
    values |= _due(cells.get("due_on"), None if status is _S.OPEN else done_on, cells.get("note", ""), here)
    if done_on is not None and status is _S.DONE:
        values["done_on"] = done_on
    return values


def _due(said: Moment | _Said | None, done_on: date | None, note: str, here: Here) -> Values:
    """When it is due, ``done_on`` where only that is known, or the words that stand there instead."""
    if isinstance(said, Moment):
        at = {"due_at": here.instant(said.on, said.at)} if said.at is not None else {}
        return {"due_on": said.on, **at}
    found: Values = {"due_on": done_on} if done_on is not None else {}
    then = "" if found else ": due today"
    if said is None:
        if not found:
            here.warn("due_on", f"no day{then}")
        return found
    here.warn("due_on", f"no calendar date{then}, the words kept in the note")
    kept = " · ".join(filter(None, (note, f"Due: {said.words}")))
    return {**found, "due_words": said.words, "note": clean_text(kept, _NOTE)}


def _arrange(drafts: Sequence[Draft], others: Others, today: date) -> None:
    """What has no day is due on the day it comes in; another day's file does not move it."""
    for draft in drafts:
        draft.values.setdefault("due_on", today)


def _identity(values: Values) -> tuple[Hashable, ...]:
    if reference := values.get("reference"):
        return "number", reference
    if "due_on" not in values:
        return values["title"], "no day", fold(values.get("due_words", ""))
    return values["title"], values["due_on"].isoformat()


def _is_same(values: Values, stored: Mapping[str, Any]) -> bool:
    return values.get("due_on") == stored["due_on"] and fold(values["title"]) == fold(stored["title"])


def _keeps(stored: Mapping[str, Any], taken: Mapping[str, Any]) -> frozenset[str]:
    """What was done or dropped is not opened again by a file."""
    return frozenset({"status"}) if stored["status"] is not _S.OPEN else frozenset()


def _words(values: Mapping[str, Any]) -> str:
    due = format_birth(values["due_on"]) if "due_on" in values else "today"
    return f"{values['title']}, due {due}, {values['status'].label}"


FOLLOW_UPS = LogKind(
    name="follow-ups",
    noun="follow-up",
    fields=_FIELDS,
    needs=(("title",), ("due_on", "done_on")),
    table=FollowUpLog(),
    record=_record,
    identity=_identity,
    is_same=_is_same,
    compared=("title", "due_on", "due_at", "status", "done_on", "priority", "note"),
    words=_words,
    is_open=lambda values: values["status"] is _S.OPEN,
    statuses=_STATUSES,
    arrange=_arrange,
    keeps=_keeps,
)
