"""Measures of insurance work, each with its numerator, its denominator and what was left out.

Pure: frozen rows in, numbers out. The day they are read is told. What "denied", "decided" and "fresh" mean
stands at each measure; the clocks are those of ``domain.payer_clock``. Below ten cases only counts are
shown (``measures.Share``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord_tui.domain.authorization_steps import UNDECIDED
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.eligibility import FRESH_DAYS, is_fresh
from carecoord_tui.domain.facts import AuthorizationFacts, EligibilityFacts
from carecoord_tui.domain.measures import Counted, Share, Spread, share_json, spread, spread_json
from carecoord_tui.domain.payer_clock import payer_clock
from carecoord_tui.domain.period import Period
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    EligibilityResult,
    PayerClass,
)

METRICS_SOURCE = "After the prior authorization metrics of CMS-0057-F (42 CFR 422.122(c))"
FRESH_SOURCE = "Checks fresh as of the visit date: its month, Medicaid its day"
_WON = (AppealOutcome.OVERTURNED, AppealOutcome.PARTLY)
_WITH_PAYER = (AuthorizationStatus.SUBMITTED, AuthorizationStatus.PENDED)


# --- what goes in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRow:
    """An authorization with its payer's clock; ``was_denied`` also when an appeal turned it later.

    ``first_submitted_at`` (aware UTC) and ``first_decided_on`` where what came later replaced them in
    ``facts``: information sent on, which in some states starts the clock anew, and an appeal that was won.
    """

    facts: AuthorizationFacts
    was_denied: bool = False
    first_submitted_at: datetime | None = None
    first_decided_on: date | None = None

    @property
    def submitted_at(self) -> datetime | None:
        """When the payer first had the request; aware UTC."""
        return self.first_submitted_at or self.facts.submitted_at

    @property
    def decided_on(self) -> date | None:
        """The practice-local day of the payer's first decision; none while it waits, or once withdrawn."""
        if self.facts.status in (*UNDECIDED, AuthorizationStatus.CANCELLED):
            return None
        return self.first_decided_on or self.facts.decided_on

    @property
    def is_waiting(self) -> bool:
        """True while the payer decides, also where it asked for more information."""
        return self.facts.status in _WITH_PAYER


@dataclass(frozen=True, slots=True)
class DenialRow:
    """A denial by the date of its notice, and whether any level of appeal was filed."""

    notice_on: date
    is_appealed: bool


@dataclass(frozen=True, slots=True)
class AppealRow:
    """One filed level of appeal; without ``outcome`` it is not decided."""

    decided_on: date | None = None
    outcome: AppealOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit whose day has come, with the checks of the plan that pays first; None: no plan on file."""

    day: date
    payer_class: PayerClass | None = None
    checks: tuple[EligibilityFacts, ...] = ()

    @property
    def is_verified(self) -> bool:
        """A payer answered, active or inactive, and the answer was fresh on the day of the visit."""
        plan = self.payer_class
        return plan is not None and any(
            check.result is not EligibilityResult.UNABLE and is_fresh(check, self.day, plan)
            for check in self.checks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceRows:
    """Everything the measures look at."""

    authorizations: Sequence[AuthorizationRow] = ()
    denials: Sequence[DenialRow] = ()
    appeals: Sequence[AppealRow] = ()
    visits: Sequence[VisitRow] = ()

    @property
    def first_year(self) -> int | None:
        """The year of the oldest decision, notice or visit."""
        days = [
            *(day for row in self.authorizations if (day := row.decided_on) is not None),
            *(row.decided_on for row in self.appeals if row.decided_on is not None),
            *(row.notice_on for row in self.denials),
            *(row.day for row in self.visits),
        ]
        return min(days).year if days else None


# --- what comes out -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnaround:
    """Calendar days from submission to decision; ``undated`` were decided without a usable submission."""

    standard: Spread
    expedited: Spread
    undated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceMeasures:
    """All measures of insurance as of a day."""

    as_of: date
    period: Period
    turnaround: Turnaround
    inside_clock: Share
    denial_rate: Share
    appeal_rate: Share
    overturn_rate: Share
    eligibility: Share

    @property
    def shares(self) -> tuple[Share, ...]:
        """Those with a numerator and a denominator, in the order of showing."""
        return (self.inside_clock, self.denial_rate, self.appeal_rate, self.overturn_rate, self.eligibility)


def measure_insurance(
    rows: InsuranceRows, context: Context, *, today: date, period: Period | None = None
) -> InsuranceMeasures:
    """Every measure of a period, the last 365 days unless told.

    Authorizations and appeals count by the day of their decision, denials by their notice, visits by
    their day. The order of the rows does not matter.
    """
    period = period or Period.last_year_to(today)
    decided = [row for row in rows.authorizations if _is_in(row.decided_on, period)]
    waiting = [row for row in rows.authorizations if row.is_waiting]
    visits = [row for row in rows.visits if row.day in period and row.day <= today]
    return InsuranceMeasures(
        as_of=today,
        period=period,
        turnaround=_turnaround(decided, context),
        inside_clock=inside_clock(decided, waiting, context, today),
        denial_rate=denial_rate(decided),
        appeal_rate=appeal_rate([row for row in rows.denials if row.notice_on in period]),
        overturn_rate=overturn_rate(rows.appeals, period),
        eligibility=eligibility_coverage(visits),
    )


def _is_in(day: date | None, period: Period) -> bool:
    return day is not None and day in period


def _days(row: AuthorizationRow, context: Context) -> int | None:
    """Calendar days from submission to decision; None where a day is missing or they stand in reverse."""
    sent, decided = row.submitted_at, row.decided_on
    if sent is None or decided is None or decided < context.day_of(sent):
        return None
    return (decided - context.day_of(sent)).days


def _turnaround(decided: Sequence[AuthorizationRow], context: Context) -> Turnaround:
    """Expedited requests apart: their clock is in hours, and one median of both says nothing of either."""
    dated = [(row.facts.is_expedited, _days(row, context)) for row in decided]
    return Turnaround(
        standard=spread([days for is_fast, days in dated if days is not None and not is_fast]),
        expedited=spread([days for is_fast, days in dated if days is not None and is_fast]),
        undated=sum(days is None for _, days in dated),
    )


def inside_clock(
    decided: Sequence[AuthorizationRow],
    waiting: Sequence[AuthorizationRow],
    context: Context,
    today: date,
) -> Share:
    """Decisions on or before the last day of the payer's clock, of decisions that a clock bound.

    The hour of a decision is not recorded, so a clock in hours is kept when its last day is. What still
    waits past its clock stands beside it: leaving it out would flatter the slowest payer.
    """
    dated = [row for row in decided if _days(row, context) is not None]
    ends = [(row.decided_on, _clock_end(row, context)) for row in dated]
    bound = [(day, end) for day, end in ends if day is not None and end is not None]
    late = [end for row in waiting if (end := _clock_end(row, context)) is not None and end < today]
    return Share(
        key="inside_clock",
        title="Decided inside the clock",
        numerator=sum(day <= end for day, end in bound),
        denominator=len(bound),
        numerator_words="decided by the last day of the payer's clock",
        denominator_words="authorizations decided that a clock bound",
        apart=(
            Counted("no_clock", "decided, but no clock binds the payer", len(dated) - len(bound)),
            Counted("undated", "decided, the submission not recorded", len(decided) - len(dated)),
            Counted("late_waiting", "still not decided and past the clock today", len(late)),
        ),
        source=METRICS_SOURCE,
    )


def _clock_end(row: AuthorizationRow, context: Context) -> date | None:
    clock = payer_clock(row.facts, context)
    return None if clock is None else clock.legal_on


def denial_rate(decided: Sequence[AuthorizationRow]) -> Share:
    """Denied of decided; one that an appeal turned was denied all the same. In part is not denied."""
    agreed_in_part = (AuthorizationStatus.PARTIAL, AuthorizationStatus.MODIFIED)
    part = sum(row.facts.status in agreed_in_part and not row.was_denied for row in decided)
    return Share(
        key="denial_rate",
        title="Denial rate of authorizations",
        numerator=sum(row.was_denied for row in decided),
        denominator=len(decided),
        numerator_words="denied, also when an appeal turned it later",
        denominator_words="authorizations decided",
        apart=(Counted("in_part", "approved in part or modified (counted as not denied)", part),),
        source=METRICS_SOURCE,
    )


def appeal_rate(denials: Sequence[DenialRow]) -> Share:
    """Denials of which any level was appealed, of all denials by the date of their notice."""
    return Share(
        key="appeal_rate",
        title="Appeal rate",
        numerator=sum(row.is_appealed for row in denials),
        denominator=len(denials),
        numerator_words="appealed at one level or more",
        denominator_words="denials by the date of the notice",
    )


def overturn_rate(appeals: Sequence[AppealRow], period: Period) -> Share:
    """Overturned in full or in part, of appeals decided; each level counts. Dismissed ones are decided."""
    decided = [row for row in appeals if row.outcome is not None and _is_in(row.decided_on, period)]
    outcomes = [row.outcome for row in decided]
    dismissed = outcomes.count(AppealOutcome.DISMISSED)
    undated = sum(row.outcome is not None and row.decided_on is None for row in appeals)
    return Share(
        key="overturn_rate",
        title="Overturned on appeal",
        numerator=sum(outcome in _WON for outcome in outcomes),
        denominator=len(outcomes),
        numerator_words="overturned, in full or in part",
        denominator_words="appeals decided, each level",
        apart=(
            Counted("in_part", "of them in part", outcomes.count(AppealOutcome.PARTLY)),
            Counted("dismissed", "dismissed (counted as not overturned)", dismissed),
            Counted("undated", "with an outcome but no day of decision, of any year", undated),
        ),
    )


def eligibility_coverage(visits: Iterable[VisitRow]) -> Share:
    """Visits for which a payer's answer was fresh on the day, of visits whose day has come.

    The plan looked at is the one that pays first today. A visit without a plan on file counts as not
    verified; self-pay has nothing to verify and stands apart.
    """
    every = list(visits)
    counted = [row for row in every if row.payer_class is not PayerClass.SELF_PAY]
    return Share(
        key="eligibility",
        title="Eligibility verified before the visit",
        numerator=sum(row.is_verified for row in counted),
        denominator=len(counted),
        numerator_words=f"a payer's answer at most {FRESH_DAYS} days old, fresh for the visit",
        denominator_words="visits not cancelled whose day has come",
        apart=(
            Counted("self_pay", "self-pay: nothing to verify", len(every) - len(counted)),
            Counted(
                "no_plan", "no plan on file (counted as none)", sum(r.payer_class is None for r in counted)
            ),
        ),
        source=FRESH_SOURCE,
    )


def as_json(measures: InsuranceMeasures) -> dict[str, Any]:
    """Plain values with stable keys; dates are ISO, days whole or half numbers, null where there is none."""
    turnaround = measures.turnaround
    return {
        "as_of": measures.as_of.isoformat(),
        "period": {"from": measures.period.first.isoformat(), "to": measures.period.last.isoformat()},
        "turnaround": {
            "standard": spread_json(turnaround.standard),
            "expedited": spread_json(turnaround.expedited),
            "undated": turnaround.undated,
        },
        **{share.key: share_json(share) for share in measures.shares},
    }
