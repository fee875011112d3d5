"""What happened: a person's timeline, and the audit of a record, for ``w`` and the patient page."""

from __future__ import annotations

import json
from datetime import datetime

from carecoord_tui.domain.rows import AuditLine, Entry, TimelineRow
from carecoord_tui.domain.vocabulary import Direction, Disposition, Kind, Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.queries.today import Execute

_TIMELINE = """
    SELECT k.at, 'contact', k.outcome, k.direction, k.made_by, k.note, coalesce(y.name, ''), k.spoke_with,
        k.reference, k.minutes, CASE k.about_kind
            WHEN 'authorization' THEN (SELECT service FROM authorization WHERE id = k.about_id)
            WHEN 'denial' THEN (SELECT 'denial of ' || service FROM denial WHERE id = k.about_id)
            WHEN 'eligibility' THEN 'eligibility' END
        FROM contact k LEFT JOIN payer y ON y.id = k.payer_id WHERE k.patient_id = :p
        AND NOT EXISTS (SELECT 1 FROM incoming_call WHERE patient_id = :p AND contact_id = k.id)
    UNION ALL SELECT at, 'incoming call', reason, disposition,
        caller || iif(caller <> '' AND relationship <> '', ', ', '') || relationship,
        note, '', handed_to, '', minutes,
        iif(is_safety, iif(script_read, '911 and 988 read out', 'safety, script not read'), '')
        FROM incoming_call WHERE patient_id = :p
    UNION ALL SELECT accepted_at, 'incoming call', reason, 'accepted', accepted_by, clinician_said, :none
        FROM incoming_call WHERE patient_id = :p AND accepted_at IS NOT NULL
    UNION ALL SELECT at, 'note', '', '', source, text, :none FROM note WHERE patient_id = :p
    UNION ALL SELECT coalesce(done_at, done_on), 'follow-up done', title, status, '', note, :none
        FROM follow_up WHERE patient_id = :p AND status <> 'open'
    UNION ALL SELECT s.happened_on, 'referral', r.specialty, s.stage, '', s.note, :none
        FROM referral_stage s JOIN referral r ON r.id = s.referral_id WHERE s.patient_id = :p
    UNION ALL SELECT starts_at, 'visit', title, status, '', note, :none FROM appointment WHERE patient_id = :p
    UNION ALL SELECT e.checked_on, 'eligibility', y.name, e.result, '', e.note, :none FROM eligibility_check e
        JOIN coverage c ON c.id = e.coverage_id JOIN payer y ON y.id = c.payer_id WHERE e.patient_id = :p
    UNION ALL SELECT discharged_on, 'hospital discharge', facility, complexity, '', note, :none
        FROM transition WHERE patient_id = :p
    ORDER BY 1 DESC LIMIT :n
"""


def read_timeline(execute: Execute, patient_id: int, *, limit: int = 500) -> list[TimelineRow]:
    """Everything that happened with a person, newest first; dated visits ahead stand on top."""
    sql = _TIMELINE.replace(":none", "'', '', '', NULL, ''").replace(":p", "?").replace(":n", "?")
    rows = execute(sql, [patient_id] * _TIMELINE.count(":p") + [limit])
    return [_line(*row) for row in rows]


def _line(
    at: str, entry: str, what: str, state: str, who: str, note: str, *call: str | int | None
) -> TimelineRow:
    kind = Entry(entry)
    if kind is Entry.CONTACT:
        payer, *said = call
        incoming = Direction(state) is Direction.INCOMING
        text = f"{f'{payer}: ' if payer else ''}{'they called: ' if incoming else ''}{Outcome(what).label}"
        return TimelineRow(at, kind, f"{text}, {who}" if who else text, _call_words(note, *said))
    if kind is Entry.CALL:
        return _incoming(at, what, state, who, note, *call)
    if kind is Entry.NOTE:
        return TimelineRow(at, kind, note, who)
    text = ", ".join(part for part in (what, state.replace("_", " ")) if part)
    return TimelineRow(at, kind, text, note)


def _incoming(at: str, reason: str, state: str, who: str, note: str, *call: str | int | None) -> TimelineRow:
    """The call itself, or the moment a clinician accepted it."""
    if state == "accepted":
        return TimelineRow(at, Entry.CALL, f"accepted by {who}: {reason}", f"said: {note}" if note else "")
    _, handed_to, _, minutes, safety = call
    done = Disposition(state).label
    parts = (
        f"handed to {handed_to}" if handed_to else done,
        done if handed_to and Disposition(state) is not Disposition.HANDED_TO_CLINICIAN else "",
        str(safety or ""),
        "" if minutes in (None, "") else f"{minutes} min",
    )
    detail = ": ".join(filter(None, (", ".join(filter(None, parts)), note)))
    return TimelineRow(at, Entry.CALL, f"{who or 'they'} called: {reason}", detail)


def _call_words(
    note: str,
    spoke_with: str | int | None,
    reference: str | int | None,
    minutes: str | int | None,
    about: str | int | None,
) -> str:
    """``about MRI, spoke with Lee, ref. H-991, 5 min: on hold long``."""
    parts = (
        f"about {about}" if about else "",
        f"spoke with {spoke_with}" if spoke_with else "",
        f"ref. {reference}" if reference else "",
        "" if minutes in (None, "") else f"{minutes} min",
    )
    return ": ".join(filter(None, (", ".join(filter(None, parts)), note)))


_TABLE_OF = {
    Kind.FOLLOW_UP: "follow_up",
    Kind.REFERRAL: "referral",
    Kind.AUTHORIZATION: "authorization",
    Kind.DENIAL: "denial",
    Kind.ELIGIBILITY: "appointment",
    Kind.APPOINTMENT: "appointment",
    Kind.TRANSITION: "transition",
    Kind.HANDOFF: "incoming_call",
    Kind.GOOD_FAITH: "good_faith",
    Kind.BILLING: "billing_case",
    Kind.PAYMENT_PLAN: "payment_plan",
    Kind.ASSISTANCE: "assistance",
    Kind.PATIENT: "patient",
}


def audit_of_item(execute: Execute, ref: ItemRef, *, limit: int = 20) -> list[AuditLine]:
    """The audit of an item's record and of its moved dates, newest first."""
    return _audit(
        execute,
        "a.patient_id = ? AND ((a.table_name = ? AND a.record_id = ?) OR (a.table_name = 'moved_date'"
        " AND a.record_id IN (SELECT id FROM moved_date WHERE kind = ? AND record_id = ?)))",
        [ref.patient_id, _TABLE_OF[ref.kind], ref.record_id, ref.kind.value, ref.record_id],
        limit,
    )


def audit_of_patient(
    execute: Execute, patient_id: int, *, limit: int = 200, changes_only: bool = False
) -> list[AuditLine]:
    """Everything audited of one person, newest first; ``changes_only`` leaves views and exports out."""
    only = " AND a.action <> 'event'" if changes_only else ""
    return _audit(execute, f"a.patient_id = ?{only}", [patient_id], limit)


def _audit(execute: Execute, where: str, parameters: list[object], limit: int) -> list[AuditLine]:
    rows = execute(
        "SELECT a.seq, a.at, coalesce(u.name, 'the program'), a.label, a.action, a.table_name,"
        " a.before, a.after, a.change_id FROM audit_event a LEFT JOIN user u ON u.id = a.user_id"
        f" WHERE {where} ORDER BY a.seq DESC LIMIT ?",
        [*parameters, limit],
    )
    return [
        AuditLine(r[0], datetime.fromisoformat(r[1]), r[2], r[3], r[4], r[5], _fields(r[6], r[7]), r[8])
        for r in rows
    ]


def _fields(before: str | None, after: str | None) -> tuple[tuple[str, str, str], ...]:
    old = json.loads(before) if before else {}
    new = json.loads(after) if after else {}
    return tuple(
        (name, _word(old.get(name)), _word(new.get(name)))
        for name in sorted({*old, *new})
        if name not in ("id", "patient_id")
    )


def _word(value: object) -> str:
    return "" if value is None else str(value)
