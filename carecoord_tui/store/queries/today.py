"""The one read under Today: due items with what ranking must know of their people.

Plain SQL over any DB-API-like ``execute``, so that the first list can be read before SQLAlchemy is
imported and the same statement runs through the engine afterwards. The read is bounded: lanes 0-3
are fetched whole, the own lanes up to ``CANDIDATES`` with a count of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from carecoord_tui.domain.names import display
from carecoord_tui.domain.ranking import (
    AHEAD_OF_VISIT,
    Moment,
    Person,
    Ranked,
    rank_day,
    rank_item,
    still_owed,
)
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, PatientStatus, Risk, Sex
from carecoord_tui.domain.work import WorkItem
from carecoord_tui.store.queries.values import read_day, read_instant, read_time

Execute = Callable[[str, Sequence[object]], Iterable[Sequence[Any]]]


class _Read(NamedTuple):
    """A row of the ledger with its person, as it is before an instant ranks it."""

    item: WorkItem
    item_id: int
    person: Person
    visit_at: datetime | None
    """When the visit starts that the item prepares; None for any other item."""

    def at(self, moment: Moment) -> Ranked:
        """Placed at an instant."""
        return rank_item(self.item, self.item_id, self.person, moment, visit_at=self.visit_at)


Known = dict[tuple[Any, ...], _Read]
"""What was made of the rows of the last read, by the rows themselves."""

CANDIDATES = 400  # of the own and check-in lanes: far beyond what one day can hold
WEEK_AHEAD = 60  # upcoming rows read for THIS WEEK
WAITING_ROWS = 200
_AT_ONCE = 500  # values bound to one statement
QUIET_UNTIL_DUE = ("appointment.outcome", "tcm.period")  # nothing to do ahead of the visit, or of the end

_RULES_AHEAD = ", ".join(f"'{rule}'" for rule in sorted(AHEAD_OF_VISIT))
VISIT_AT = (
    f"CASE WHEN l.rule_id IN ({_RULES_AHEAD})"
    " THEN (SELECT v.starts_at FROM appointment v WHERE v.id = l.record_id) END"
)
"""When the visit starts that a row of ``ledger l`` prepares; NULL for any other row."""

_COLUMNS = f"""
    l.id, l.kind, l.record_id, l.rule_id, l.patient_id, l.verb, l.title, l.target_on, l.target_at,
    l.legal_on, l.legal_at, l.warn_on, l.basis, l.consequence, l.why, l.citation, l.progress,
    l.since_on, l.visit_on, l.waiting_on, l.moved_from, l.after_legal, l.group_key,
    p.family_name, p.given_name, p.suffix, p.preferred_name, p.mrn, p.birth_date, p.sex, p.risk,
    p.status, p.call_from, p.call_until, p.last_contact_at, p.time_zone, {VISIT_AT}
    FROM ledger l JOIN patient p ON p.id = l.patient_id
"""
MOVED = (
    "LEFT JOIN moved_date m ON m.kind = l.kind AND m.record_id = l.record_id AND m.rule_id = l.rule_id"
    " AND m.waiting_on > ''"
)
CHASE = "coalesce(m.until_on, l.target_on)"
PAST_PROMISE = f"coalesce(m.promised_on, {CHASE}) < ?1"  # ?1 is today
"""What was promised for a day that has gone by, of items that wait; see ``domain.waiting.WaitingFacts``."""
# Written so that each reads a range of an index at any size (ix_ledger_lane, _visit, _waiting).
_PRESSING = "l.basis IN ('safety', 'legal', 'promise')"
OWN = "l.basis IN ('visit', 'own') AND l.waiting_on = ''"
CHECK_IN = "l.basis = 'check_in' AND l.waiting_on = ''"
_MINE = "('visit', 'own')"
_FIRST_WAITING = (  # from the index alone; sorting the whole rows of all that wait costs ten times as much
    f"SELECT id FROM ledger WHERE waiting_on > '' ORDER BY target_on, id LIMIT {WAITING_ROWS}"
)
_QUIET = ", ".join(f"'{rule}'" for rule in QUIET_UNTIL_DUE)
_AHEAD = (
    "l.basis IN ('safety', 'legal', 'promise', 'visit', 'own') AND l.waiting_on = ''"
    f" AND l.rule_id NOT IN ({_QUIET})"
)


def read_today(
    execute: Execute, moment: Moment, *, limit: int | None = None, known: Known | None = None
) -> TodayView:
    """The day at a moment. ``limit`` people are shown (25 unless told; 0 for all that was read).

    ``known`` is kept between reads: after one change nearly all rows read the same, and making items of them
    takes longer than reading them.
    """
    today = moment.today
    iso = today.isoformat()
    rows: dict[int, Ranked] = {}
    before: Known = {} if known is None else known
    made: Known = {}

    def take(where: str, parameters: Sequence[object], order: str, cap: int | None = None) -> None:
        tail = f" ORDER BY {order}" + (f" LIMIT {cap}" if cap else "")
        for row in execute(f"SELECT {_COLUMNS} WHERE {where}{tail}", parameters):
            key = tuple(row)
            if key not in made:  # a row may be pressing for more than one reason
                made[key] = before.get(key) or _item(key)
                rows[key[0]] = made[key].at(moment)

    week_end = [iso, (today + timedelta(days=7)).isoformat()]
    take(f"{_PRESSING} AND l.target_on <= ?", [iso], "l.target_on")
    take("l.basis = 'legal' AND l.warn_on <= ?", [iso], "l.warn_on")
    take("l.visit_on BETWEEN ? AND ?", [iso, moment.visit_end.isoformat()], "l.visit_on")
    take(f"{OWN} AND l.target_on <= ?", [iso], "l.target_on, l.id", CANDIDATES)
    take(f"{CHECK_IN} AND l.target_on <= ?", [iso], "l.target_on, l.id", CANDIDATES)
    take(f"l.id IN ({_FIRST_WAITING})", [], "l.target_on, l.id")
    take(f"{_AHEAD} AND l.target_on > ? AND l.target_on <= ?", week_end, "l.target_on, l.id", WEEK_AHEAD)
    counts = _counts(execute, *week_end)
    if known is not None:
        known.clear()
        known.update(made)
    ranked = list(rows.values())
    day = rank_day(ranked) if limit is None else rank_day(ranked, limit=limit or len(ranked) + 1)
    read = [r.item for r in ranked if r.item.target_on <= today and not r.item.waiting_on]
    mine = [item for item in read if item.basis in (Basis.VISIT, Basis.OWN)]
    late = [item for item in mine if item.target_on < today]
    check_ins = [item for item in read if item.basis is Basis.CHECK_IN]
    return TodayView(
        moment=moment,
        day=day,
        unread_today=counts.due - counts.late - (len(mine) - len(late)),
        unread_late=counts.late - len(late),
        unread_check_ins=counts.check_ins - len(check_ins),
        waiting=counts.waiting,
        past_promise=counts.past_promise,
        week_ahead=counts.week_ahead,
        active_patients=counts.active,
    )


class _Counts(NamedTuple):
    """Of all items: ``due`` and ``late`` are of one's own lanes without check-ins; nothing of it waits."""

    due: int
    late: int
    check_ins: int
    waiting: int
    past_promise: int
    week_ahead: int
    active: int


def _counts(execute: Execute, today: str, week_end: str) -> _Counts:
    """What the header says of rows that are not read too.

    What is due and does not wait is counted as all that is due less what waits: both stand in an index,
    where asking each row whether it waits would read the whole table.
    """
    waiting, past_promise, *waiting_due = _first(
        execute,
        f"""SELECT count(*), coalesce(sum({PAST_PROMISE}), 0),
            coalesce(sum(l.basis IN {_MINE} AND l.target_on <= ?1), 0),
            coalesce(sum(l.basis IN {_MINE} AND l.target_on < ?1), 0),
            coalesce(sum(l.basis = 'check_in' AND l.target_on <= ?1), 0)
            FROM ledger l {MOVED} WHERE l.waiting_on > ''""",
        [today],
    )
    *due, week_ahead, active = _first(
        execute,
        f"""SELECT
            (SELECT count(*) FROM ledger WHERE basis IN {_MINE} AND target_on <= ?1),
            (SELECT count(*) FROM ledger WHERE basis IN {_MINE} AND target_on < ?1),
            (SELECT count(*) FROM ledger WHERE basis = 'check_in' AND target_on <= ?1),
            (SELECT count(*) FROM ledger l WHERE {_AHEAD} AND l.target_on > ?1 AND l.target_on <= ?2),
            (SELECT count(*) FROM patient WHERE status = 'active')""",
        [today, week_end],
    )
    all_due, late, check_ins = (count - waits for count, waits in zip(due, waiting_due, strict=True))
    return _Counts(all_due, late, check_ins, waiting, past_promise, week_ahead, active)


def _first(execute: Execute, sql: str, parameters: Sequence[object]) -> Sequence[Any]:
    return next(iter(execute(sql, parameters)))


def _item(row: Sequence[Any]) -> _Read:
    item = WorkItem(
        kind=Kind(row[1]),
        record_id=row[2],
        rule_id=row[3],
        patient_id=row[4],
        verb=row[5],
        title=row[6],
        target_on=date.fromisoformat(row[7]),
        target_at=read_instant(row[8]),
        legal_on=read_day(row[9]),
        legal_at=read_instant(row[10]),
        warn_on=read_day(row[11]),
        basis=Basis(row[12]),
        consequence=Consequence(row[13]),
        why=row[14],
        citation=row[15],
        progress=row[16],
        since_on=read_day(row[17]),
        visit_on=read_day(row[18]),
        waiting_on=row[19],
        moved_from=read_day(row[20]),
        after_legal=row[21],
        group_key=row[22],
    )
    person = Person(
        id=row[4],
        name=display(row[23], row[24], row[25], row[26]),
        mrn=row[27] or "",
        birth_date=read_day(row[28]),
        sex_letter=Sex(row[29]).letter,
        risk=Risk(row[30]),
        status=PatientStatus(row[31]),
        call_from=read_time(row[32]),
        call_until=read_time(row[33]),
        last_contact_at=read_instant(row[34]),
        time_zone=row[35],
    )
    return _Read(item, row[0], person, read_instant(row[36]))


def items_of(execute: Execute, patient_id: int, moment: Moment) -> list[Ranked]:
    """Every item of one person, ranked; for the pane and the patient page."""
    rows = execute(f"SELECT {_COLUMNS} WHERE l.patient_id = ? ORDER BY l.target_on", [patient_id])
    ranked = still_owed(_item(row).at(moment) for row in rows)
    return sorted(ranked, key=lambda r: r.sort_key)


def items_where(
    execute: Execute, where: str, parameters: Sequence[object], moment: Moment
) -> Iterator[Ranked]:
    """Items by a condition on ``ledger l``, ranked, in no order."""
    for row in execute(f"SELECT {_COLUMNS} WHERE {where}", parameters):
        yield _item(row).at(moment)


def items_about(
    execute: Execute, kind: Kind, record_ids: Sequence[int], moment: Moment, *, rule_id: str = ""
) -> dict[int, Ranked]:
    """The most urgent item of each of these records, by the record's number; ended ones have none.

    With ``rule_id`` only the item of that rule counts.
    """
    found: dict[int, Ranked] = {}
    for start in range(0, len(record_ids), _AT_ONCE):
        portion = list(record_ids[start : start + _AT_ONCE])
        marks = ", ".join("?" * len(portion))
        where = f"WHERE l.kind = ? AND ? IN ('', l.rule_id) AND l.record_id IN ({marks})"
        rows = execute(f"SELECT {_COLUMNS} {where}", [kind.value, rule_id, *portion])
        all_items = [_item(row).at(moment) for row in rows]
        owed = still_owed(all_items)
        owing = {ranked.item.record_id for ranked in owed}
        # A record that still stands in a list keeps a line there, also where its visit has begun.
        for ranked in (*owed, *(one for one in all_items if one.item.record_id not in owing)):
            number = ranked.item.record_id
            if number not in found or ranked.sort_key < found[number].sort_key:
                found[number] = ranked
    return found


def next_ahead(execute: Execute, today: date) -> tuple[date, int] | None:
    """The next day on which something is due, and how much; None when nothing lies ahead."""
    sql = (
        "SELECT target_on, count(*) FROM ledger WHERE target_on ="
        " (SELECT min(target_on) FROM ledger WHERE target_on > ?) GROUP BY target_on"
    )
    row = next(iter(execute(sql, [today.isoformat()])), None)
    return None if row is None else (date.fromisoformat(row[0]), row[1])


def count_without_action(execute: Execute) -> int:
    """Open people whom the ledger does not name; the doctor proves the same for every record."""
    sql = (
        "SELECT count(*) FROM patient p WHERE p.status IN ('active', 'on_hold')"
        " AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.patient_id = p.id)"
    )
    return int(_first(execute, sql, [])[0])
