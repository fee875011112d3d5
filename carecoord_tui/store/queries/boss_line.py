"""The boss's line: four numbers of a day. Light to import: ``carecoord today --line`` needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from carecoord_tui.domain.day_papers import BossLine
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.domain.vocabulary import AppointmentStatus, FollowUpStatus, Kind, Outcome
from carecoord_tui.store.queries.today import Execute


def quoted(words: Iterable[str]) -> str:
    """Words of the program (never of a user) as a list for SQL."""
    return f"({', '.join(repr(str(word)) for word in words)})"


_REACHED = quoted(outcome for outcome in Outcome if outcome.is_reached)
_OUTCOMES = quoted((AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED))


def day_bounds(day: date, moment: Moment) -> list[str]:
    """The instants at which a practice-local day begins and ends, in the form the database holds."""
    starts = (datetime.combine(on, time(0), tzinfo=moment.zone) for on in (day, day + timedelta(days=1)))
    return [at.astimezone(UTC).isoformat(timespec="microseconds") for at in starts]


def read_boss_line(execute: Execute, view: TodayView) -> BossLine:
    """The four numbers of the day of ``view``, as :class:`BossLine` defines them."""
    moment = view.moment
    day, (start, end) = moment.today.isoformat(), day_bounds(moment.today, moment)
    done = (
        f"SELECT '{Kind.FOLLOW_UP}', id FROM follow_up WHERE status = '{FollowUpStatus.DONE}'"
        " AND done_on = ?1"
        f" UNION SELECT '{Kind.APPOINTMENT}', id FROM appointment WHERE status_on = ?1"
        f" AND status IN {_OUTCOMES}"
        f" UNION SELECT '{Kind.ELIGIBILITY}', coverage_id FROM eligibility_check WHERE checked_on = ?1"
        f" UNION SELECT '{Kind.REFERRAL}', referral_id FROM referral_stage"
        " WHERE recorded_at >= ?2 AND recorded_at < ?3"
        f" UNION SELECT '{Kind.AUTHORIZATION}', authorization_id FROM authorization_event"
        " WHERE recorded_at >= ?2 AND recorded_at < ?3"
        " UNION SELECT about_kind, about_id FROM contact WHERE at >= ?2 AND at < ?3"
        f" AND about_id IS NOT NULL AND outcome IN {_REACHED}"
    )
    reached = (
        f"SELECT count(DISTINCT patient_id) FROM contact WHERE at >= ?2 AND at < ?3 AND outcome IN {_REACHED}"
    )
    row = next(iter(execute(f"SELECT (SELECT count(*) FROM ({done})), ({reached})", [day, start, end])))
    return BossLine(row[0], row[1], view.waiting, view.past_due)
