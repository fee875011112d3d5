"""Which referrals stand in which view, as SQL: counts, and ids in the order of the list.

The conditions are those of ``domain.referral_ageing.views_of``; a test holds the two together. Light to
import: the header's count needs it before the first frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord_tui.domain.referral_rows import ENDED_STAGES, LOOP_ORDER, OPEN_STAGES, View
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType
from carecoord_tui.store.queries.today import Execute

_NO_REPORT_COMES = tuple(kind for kind in ReferralType if not kind.expects_report)


def _words(values: Sequence[str]) -> str:
    return f"({', '.join(repr(str(value)) for value in values)})"


_OPEN = _words(OPEN_STAGES)
APPROVED = "('approved', 'partial', 'modified')"
COVERED = (  # also what ``approval_covers`` of a row says
    "EXISTS (SELECT 1 FROM authorization a WHERE a.patient_id = r.patient_id AND a.referral_id = r.id"
    f" AND a.status IN {APPROVED} AND (a.valid_to IS NULL OR a.valid_to >= "
    "CASE WHEN r.stage IN ('no_show', 'visit_cancelled') THEN ?1 ELSE coalesce(r.visit_on, ?1) END))"
)
CONDITIONS: dict[View, str] = {  # ?1 is today, ?2 the last day that is not quiet any more
    View.ALL: "",
    View.NO_DATE: "r.stage IN ('sent', 'acknowledged', 'accepted')",
    View.QUIET: (
        "coalesce(r.touched_on, r.stage_on) <= ?2"
        " AND NOT (r.stage = 'scheduled' AND coalesce(r.visit_on, '') >= ?1)"
    ),
    View.NO_REPORT: f"r.stage = 'seen' AND r.service_type NOT IN {_words(_NO_REPORT_COMES)}",
    View.URGENT: "r.urgency <> 'routine'",
    View.AUTHORIZATION: (
        "r.needs_authorization = 1 AND r.stage NOT IN ('seen', 'report_received', 'reviewed')"
        f" AND NOT {COVERED}"
    ),
}
_ASKED = "WITH asked(today, quiet_since) AS (VALUES (?1, ?2))"  # binds both, whatever a condition uses
_ONLY_STAGES: dict[View, tuple[ReferralStage, ...]] = {  # the others hold none: they are not read
    View.NO_DATE: (ReferralStage.SENT, ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED),
    View.NO_REPORT: (ReferralStage.SEEN,),
}


@dataclass(frozen=True, slots=True)
class Days:
    """The two days the conditions depend on. ``stalled_after``: rule ``referral.stalled``, calendar days."""

    today: date
    stalled_after: int

    @property
    def parameters(self) -> list[object]:
        """``?1`` and ``?2``."""
        quiet_since = self.today - timedelta(days=self.stalled_after + 1)
        return [self.today.isoformat(), quiet_since.isoformat()]


def count_open(execute: Execute) -> int:
    """Open referrals, for the header."""
    return int(next(iter(execute(f"SELECT count(*) FROM referral WHERE stage IN {_OPEN}", [])))[0])


def count_views(execute: Execute, days: Days) -> dict[View, int]:
    """How many open referrals each view holds, in one statement."""
    sums = ", ".join(f"sum({condition or '1'})" for condition in CONDITIONS.values())
    sql = f"{_ASKED} SELECT {sums} FROM referral r WHERE r.stage IN {_OPEN}"
    row = next(iter(execute(sql, days.parameters)))
    return {view: count or 0 for view, count in zip(CONDITIONS, row, strict=True)}


def ids_by_stage(
    execute: Execute,
    view: View,
    days: Days,
    *,
    ended: bool = False,
    matching: str = "",
    parameters: Sequence[object] = (),
) -> dict[ReferralStage, list[int]]:
    """Ids by stage in loop order, each group the oldest first; ended ones the newest first.

    Ended ones are listed when wanted, among all: an exception is open by its nature. ``matching`` narrows
    further, with its ``parameters`` from ``?3`` on. One statement, one text a stage:
    fetching thousands of rows one by one costs ten times as much.
    """
    stages = [*_ONLY_STAGES.get(view, OPEN_STAGES), *(ENDED_STAGES if ended and view is View.ALL else ())]
    narrowed = " AND ".join(f"({part})" for part in (CONDITIONS[view], matching) if part)
    parts = ", ".join(_of_stage(stage, narrowed) for stage in stages)
    texts = next(iter(execute(f"{_ASKED} SELECT {parts}", [*days.parameters, *parameters])))
    found = dict(zip(stages, texts, strict=True))
    return {
        stage: [int(one) for one in text.split(",")] for stage in LOOP_ORDER if (text := found.get(stage))
    }


def _of_stage(stage: ReferralStage, condition: str) -> str:
    where = f"r.stage = '{stage}'" + (f" AND {condition}" if condition else "")
    order = "r.stage_on, r.id" if stage.is_open else "r.stage_on DESC, r.id DESC"
    return f"(SELECT group_concat(id) FROM (SELECT r.id FROM referral r WHERE {where} ORDER BY {order}))"
