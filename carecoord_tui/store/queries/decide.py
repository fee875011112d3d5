"""What is due below the day's people: keys at once in the order of the day, items by window; room of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.domain.spreading import Spread, spread_over
from carecoord_tui.domain.work import ItemRef, WorkItem
from carecoord_tui.store.queries.slots import KEY, key_of_item
from carecoord_tui.store.queries.today import CANDIDATES, CHECK_IN, OWN, VISIT_AT, Execute
from carecoord_tui.store.tables.base import utc_text


def read_undecided(execute: Execute, view: TodayView, *, at_most: int | None = None) -> list[str]:
    """Keys of everything due that the day does not show: what was ranked in its order, then by date.

    ``at_most``: as many of them, in a few milliseconds; of tens of thousands all take several frames.
    """
    ranked = [key_of_item(one.item.ref) for one in view.day.more_due]
    if not view.unread_due or (at_most is not None and len(ranked) >= at_most):
        return ranked[:at_most]
    day = view.day
    seen = {
        key_of_item(one.item.ref)
        for part in (day.due, day.more_due, day.upcoming, day.waiting)
        for one in part
    }
    # Of each lane as many as may be wanted after those that are seen are left out.
    cap = -1 if at_most is None else at_most + len(seen)
    # One text: fetching thousands of rows one by one costs ten times as much.
    parts = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {KEY} AS word, l.target_on AS due, l.id AS number, {VISIT_AT} AS visit"
        " FROM ledger l"
        f" WHERE {lane} AND l.target_on <= ?1 ORDER BY l.target_on, l.id LIMIT {cap} OFFSET {CANDIDATES})"
        for lane in (OWN, CHECK_IN)
    )
    still = "visit IS NULL OR visit > ?2"
    sql = f"SELECT group_concat(word) FROM (SELECT word FROM ({parts}) WHERE {still} ORDER BY due, number)"
    ((words,),) = execute(sql, [view.moment.today.isoformat(), utc_text(view.moment.now)])
    rest = (words or "").split(",") if words else []
    return (ranked + [key for key in rest if key not in seen])[:at_most]


def plan_spread(
    execute: Execute, items: Sequence[WorkItem], moment: Moment, capacity: int
) -> Spread[ItemRef]:
    """A coming working day for each item, ``capacity`` a day around what is planned there.

    Nothing goes past its last day, nor past the working day before the visit that waits for it.
    """
    today, calendar = moment.today, moment.calendar
    return spread_over(
        [(item.ref, last_day(item, calendar)) for item in items],
        planned=_planned(execute, today),
        capacity=capacity,
        calendar=calendar,
        today=today,
    )


def last_day(item: WorkItem, calendar: Calendar) -> date | None:
    """The day an item may not pass: the law's, or the working day before its visit; None without one."""
    days = [item.legal_on] if item.legal_on is not None else []
    if item.visit_on is not None:
        days.append(calendar.add_working_days(item.visit_on, -1))
    return min(days, default=None)


def _planned(execute: Execute, today: date) -> dict[date, int]:
    """Items of the coordinator's own that stand on the days after today."""
    rows = execute(
        f"SELECT l.target_on, count(*) FROM ledger l WHERE ({OWN} OR {CHECK_IN}) AND l.target_on > ?1"
        " GROUP BY l.target_on",
        [today.isoformat()],
    )
    return {date.fromisoformat(day): count for day, count in rows}
