"""Eligibility as queries and widgets share it: frozen rows, each figure with the day it was read.

Nothing is collapsed: in and out of network, individual and family, a visit and what is left of a year are
figures of their own. What nobody read is absent here and shown as unknown, never as zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from carecoord_tui.domain.calling_hours import closed_words
from carecoord_tui.domain.dates import format_birth, format_day
from carecoord_tui.domain.eligibility import is_fresh
from carecoord_tui.domain.facts import EligibilityFacts
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import (
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    EligibilityResult,
    Kind,
    Network,
    Outcome,
    PayerClass,
    Worded,
)

Group = tuple[Network, BenefitLevel]
"""Whose figures and for which providers; two groups are never one."""
USUAL_GROUP: Group = (Network.IN, BenefitLevel.INDIVIDUAL)


class VisitState(Worded):
    """How a visit ahead stands with its payer."""

    NO_COVERAGE = "no_coverage"
    NEVER = "never_checked"
    STALE = "stale"  # a check is on file, but not good for this visit
    INACTIVE = "inactive"
    UNABLE = "unable"
    FRESH = "fresh"


def state_for(
    checks: Iterable[EligibilityFacts], visit_on: date, payer_class: PayerClass
) -> tuple[VisitState, EligibilityFacts | None]:
    """How the checks of one plan stand for a visit, and the check that says so: the newest good one, else
    the newest. Of one day's, the last recorded; give them in the order of recording.
    """
    newest: EligibilityFacts | None = None
    good: EligibilityFacts | None = None
    for check in checks:
        if newest is None or check.checked_on >= newest.checked_on:
            newest = check
        if is_fresh(check, visit_on, payer_class) and (good is None or check.checked_on >= good.checked_on):
            good = check
    if good is not None:
        return _STATE[good.result], good
    return (VisitState.NEVER, None) if newest is None else (VisitState.STALE, newest)


_STATE = {
    EligibilityResult.ACTIVE: VisitState.FRESH,
    EligibilityResult.INACTIVE: VisitState.INACTIVE,
    EligibilityResult.UNABLE: VisitState.UNABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitToCheck:
    """A booked visit whose coverage is not known as of its day. ``starts_at`` is aware, ``visit_on`` local.

    The payer's fields are empty and the ids None where no plan is on file.
    """

    appointment_id: int
    visit_on: date
    starts_at: datetime
    title: str
    state: VisitState
    ranked: Ranked
    coverage_id: int | None = None
    payer_id: int | None = None
    payer_name: str = ""
    payer_class: PayerClass = PayerClass.UNKNOWN
    plan_name: str = ""
    member_id: str = ""
    check: EligibilityFacts | None = None  # what ``state`` rests on

    @property
    def asks_payer(self) -> bool:
        """True where the payer can say more; an inactive plan is a question to the patient."""
        return self.payer_id is not None and self.state in (
            VisitState.NEVER,
            VisitState.STALE,
            VisitState.UNABLE,
        )

    def words(self, today: date) -> str:
        """``stale: checked Fri 20 Nov for Fri 20 Nov``: the state with its dates."""
        if self.check is None:
            return self.state.label
        checked, asked = format_day(self.check.checked_on, today), format_day(self.check.as_of, today)
        said = {VisitState.STALE: "stale: checked", VisitState.UNABLE: "payer could not say"}
        return f"{said.get(self.state, f'{self.state.label},')} {checked} for {asked}"

    def short_words(self, today: date) -> str:
        """``stale 20 Nov``, ``never checked``: for a narrow column, with the day of the check."""
        if self.check is None:
            return self.state.label
        said = "unclear" if self.state is VisitState.UNABLE else self.state.label
        return f"{said} {format_day(self.check.checked_on, today).partition(' ')[2]}"  # without the weekday


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDay:
    """The visits of one day, by their hour."""

    on: date
    visits: tuple[VisitToCheck, ...]


def by_day(visits: Iterable[VisitToCheck]) -> list[VisitDay]:
    """Visits day by day, each day's in the order given."""
    days: dict[date, list[VisitToCheck]] = {}
    for visit in visits:
        days.setdefault(visit.visit_on, []).append(visit)
    return [VisitDay(on=on, visits=tuple(days[on])) for on in sorted(days)]


# --- benefits ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitRow:
    """One figure a payer named on ``read_on``. ``amount`` in dollars, ``percent`` 20 for 20 %."""

    id: int
    check_id: int
    kind: BenefitKind
    network: Network
    level: BenefitLevel
    period: BenefitPeriod
    read_on: date
    as_of: date
    amount: Decimal | None = None
    percent: Decimal | None = None
    service_type: str = ""
    plan: str = ""
    text: str = ""
    trace: str = ""

    @property
    def group(self) -> Group:
        """Whose figure it is, and for which providers."""
        return (self.network, self.level)

    @property
    def replaces(self) -> tuple[str, ...]:
        """A later figure of the same key takes the place of this one; of another key it never does."""
        return (self.kind, self.network, self.level, self.period, self.service_type, self.plan)

    @property
    def is_accumulator(self) -> bool:
        """True for what is left of a year's deductible, maximum or limit: it starts again on 1 January."""
        return self.period is BenefitPeriod.REMAINING

    def is_known_on(self, day: date) -> bool:
        """False for an accumulator of another year than that of ``day``, which nobody knows any more.

        One asked about last year is of last year, although it was read in this one.
        """
        return not self.is_accumulator or self.read_on.year == self.as_of.year == day.year

    @property
    def stood_on(self) -> date:
        """The day the figure is of: the one asked about, where the payer could know it already."""
        return min(self.read_on, self.as_of)


@dataclass(frozen=True, slots=True)
class Said:
    """A yes or no of the payer, with the day it was said."""

    value: bool
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A check as recorded. ``source`` is "271" where an answer was imported."""

    id: int
    checked_on: date
    as_of: date
    result: EligibilityResult
    plan_said: str = ""
    reference: str = ""
    spoke_with: str = ""
    method: str = ""
    made_by: str = ""
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageBenefits:
    """What is known of one plan: the last check, and the newest figure of every sort with its own date."""

    coverage_id: int
    payer_name: str
    payer_class: PayerClass
    plan_name: str
    rank: int
    is_cancelled: bool
    member_id: str = ""
    payer_phone: str = ""
    starts_on: date | None = None  # None: nobody entered it
    ends_on: date | None = None
    check: CheckRow | None = None
    figures: tuple[BenefitRow, ...] = ()
    authorization: Said | None = None  # whether one is needed; None: never asked
    referral: Said | None = None

    def figure(
        self, kind: BenefitKind, *, group: Group = USUAL_GROUP, remaining: bool = False, on: date
    ) -> BenefitRow | None:
        """The figure of this sort that holds on a day; None when none is known, or several differ.

        ``on`` is the day it is wanted for, the visit's: an accumulator of another year is not known then.
        """
        found = [
            row
            for row in self.figures
            if row.kind is kind and row.group == group and row.is_accumulator is remaining
        ]
        is_one = len({(row.amount, row.percent) for row in found}) == 1
        return found[0] if is_one and all(row.is_known_on(on) for row in found) else None

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups with a figure; the usual one always, first."""
        found = {row.group for row in self.figures} - {USUAL_GROUP}
        order = [(network, level) for network in Network for level in BenefitLevel]
        return (USUAL_GROUP, *sorted(found, key=order.index))


def newest_figures(rows: Iterable[BenefitRow]) -> tuple[BenefitRow, ...]:
    """Of every key the figures of the check that read it last; all of them, where one check gave several.

    Give them newest check first. A later check that read only some leaves the others with their old date.
    """
    kept: dict[tuple[str, ...], list[BenefitRow]] = {}
    for row in rows:
        mine = kept.setdefault(row.replaces, [])
        if not mine or mine[0].check_id == row.check_id:
            mine.append(row)
    return tuple(row for mine in kept.values() for row in mine)


# --- calls to payers -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerAsk:
    """One thing a payer must be asked: a visit's eligibility, a decision, an appeal."""

    kind: Kind
    about: str  # the visit's state, the service
    member_id: str
    ranked: Ranked
    group_number: str = ""
    npi: str = ""  # of who asks, or of who serves
    codes: tuple[str, ...] = ()  # of services and diagnoses
    service_on: date | None = None
    submitted_on: date | None = None
    notice_on: date | None = None  # the denial letter's date
    reference: str = ""  # the payer's number of our request
    claim_number: str = ""

    def facts(self, today: date) -> list[str]:
        """What the payer asks for to find it, the first asked first; what is not on file is left out."""
        born = self.ranked.person.birth_date
        return [
            words
            for words in (
                f"member {self.member_id}" if self.member_id else "member ID not on file",
                f"born {format_birth(born)}" if born is not None else "birth date not on file",
                f"group {self.group_number}" if self.group_number else "",
                f"NPI {self.npi}" if self.npi else "",
                ", ".join(self.codes),
                f"service {format_day(self.service_on, today)}" if self.service_on else "",
                f"submitted {format_day(self.submitted_on, today)}" if self.submitted_on else "",
                f"letter of {format_day(self.notice_on, today)}" if self.notice_on else "",
                f"ref. {self.reference}" if self.reference else "",
                f"claim {self.claim_number}" if self.claim_number else "",
            )
            if words
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerToCall:
    """A payer with the keys (``insurance_rows.Key``) of what it must be asked, the most urgent first."""

    payer_id: int
    name: str
    phone: str = ""
    authorization_phone: str = ""
    fax: str = ""
    portal: str = ""
    keys: tuple[str, ...] = ()
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's

    def closed(self, moment: Moment) -> str:
        """``closed, opens 8am their time (11am here)``; empty while it takes calls, or said no hours."""
        return closed_words(self.call_from, self.call_until, self.time_zone, moment.local, moment.zone.key)

    @property
    def numbers(self) -> list[str]:
        """The numbers to dial, the line for authorizations first; words where there is none."""
        found = [
            f"auth. {format_phone(self.authorization_phone)}" if self.authorization_phone else "",
            format_phone(self.phone) if self.phone else "",
        ]
        return [number for number in found if number] or ["no phone on file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """A call to a payer as logged, once for all it was about. ``at`` is aware UTC, ``minutes`` its length."""

    at: datetime
    outcome: Outcome
    made_by: str = ""
    spoke_with: str = ""
    reference: str = ""
    minutes: int | None = None
    note: str = ""
    about: int = 1  # how many things were asked in it
