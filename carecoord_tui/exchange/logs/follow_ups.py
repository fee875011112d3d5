"""Follow-up lists: what is owed to whom on which day, and what was done."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import fold
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
from carecoord_tui.exchange.logs.kind import Field, LogKind, Values
from carecoord_tui.exchange.logs.words import StatusWords
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
_FIELDS = (
    Field(
        "title",
        "follow up, task, what, action, next step, to do, todo, next action, action item, follow up needed, "
        "description, title, task name, subject, item, reason, follow up reason, "
        "action needed, task description",
        Text(200, Holds.NAME),
        "what is to be done",
    ),
    Field(
        "due_on",
        "due date, due, due on, follow up date, follow up on, next due, deadline, due by, "
        "do by, target date, "
        "next contact date, next follow up date, date due, next call, when, fu date, f u date",
        Day(with_time=True),
        "due",
    ),
    Field("status", "status, task status, follow up status, state", Text(60)),
    Field("done", "done, completed, complete, is done, finished, closed, done y n", Mark(), "done"),
    Field(
        "done_on",
        "date done, done on, date completed, completed on, completion date, completed date, closed on, "
        "date closed, finished on",
        Day(past=True),
        "done on",
    ),
    Field(
        "priority", "priority, urgency, urgent, importance, task priority", Choice("priority", _PRIORITIES)
    ),
    Field("kind", "type, task type, kind, category, follow up type", Choice("type", _KINDS), "type"),
    Field(
        "reference",
        "task id, follow up id, item id, ticket, task number",
        Text(80, Holds.NUMBER),
        "task number",
    ),
    Field("note", "notes, note, comments, comment, remarks, details, task notes", Text(1000), "notes"),
)


def _record(cells: Cells, here: Here) -> Values:
    """A follow-up; done where the row says so in any of its ways. An open one needs its day."""
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
    due: Moment | None = cells.get("due_on")
    if due is None and (done_on is None or status is _S.OPEN):
        raise Refused("due_on", "no day on which it is due")
    values = cells.picked("priority", "note", "reference")
    values |= {
        "title": title,
        "status": status,
        "due_on": due.on if due else done_on,
        "kind": cells.get("kind") or kind_of(title),
    }
    if due is not None and due.at is not None:
        values["due_at"] = here.instant(due.on, due.at)
    if done_on is not None and status is _S.DONE:
        values["done_on"] = done_on
    return values


def _identity(values: Values) -> tuple[Hashable, ...]:
    if reference := values.get("reference"):
        return "number", reference
    return values["title"], values["due_on"].isoformat()


def _is_same(values: Values, stored: Mapping[str, Any]) -> bool:
    return values["due_on"] == stored["due_on"] and fold(values["title"]) == fold(stored["title"])


def _keeps(stored: Mapping[str, Any], taken: Mapping[str, Any]) -> frozenset[str]:
    """What was done or dropped is not opened again by a file."""
    return frozenset({"status"}) if stored["status"] is not _S.OPEN else frozenset()


def _words(values: Mapping[str, Any]) -> str:
    return f"{values['title']}, due {format_birth(values['due_on'])}, {values['status'].label}"


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
    keeps=_keeps,
)
