"""The handoff's days off as they are proposed, and its sentences about items that should not wait."""

from __future__ import annotations

from collections.abc import Iterable

from carecoord_tui.domain.cover import Away, AwayError, CoverRow, hold_warning, next_away, not_held
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.day_papers import read_day_back


def proposed_away(practice: Practice, typed: Away | None) -> Away:
    """``typed`` in this session while its first day is not over, else what the kept marks say.

    Marks keep the day back alone: the first day off is then the next working day.
    """
    today = practice.today()
    if typed is not None and typed.off >= today:
        return typed
    usual = next_away(today, practice.context.calendar)
    back = read_day_back(practice.execute, usual.off)
    if back is None:
        return usual
    try:
        return Away(usual.off, back)
    except AwayError:
        return usual


def hold_refusal(rows: Iterable[CoverRow], away: Away, moment: Moment) -> str:
    """Why these may not be held, of the first that may not; empty where all of them may."""
    for row in rows:
        if why := not_held(row.ranked.item, away, moment):
            return f"Not held, {row.ranked.title}: {why}. Mark it before (b) or cover (c)."
    return ""


def hold_notice(rows: Iterable[CoverRow], away: Away, moment: Moment) -> str:
    """What holding these lets pass, of the first that does; empty without one."""
    for row in rows:
        if warning := hold_warning(row.ranked.item, away, moment.today):
            return f"Held, but look at {row.ranked.title}: {warning}."
    return ""


def put_back_words(rows: Iterable[CoverRow]) -> str:
    """How many marks would let a last day lapse since it, or the days off, changed; empty without one."""
    count = sum(row.was_held for row in rows)
    if not count:
        return ""
    are = " is" if count == 1 else "s are"
    return f"{count} held item{are} put back (marked !): the last day falls before the day back."
