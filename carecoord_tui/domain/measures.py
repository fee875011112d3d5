"""Measures of referrals, each with its numerator, its denominator and what was left out, in words.

Pure: frozen rows in, numbers out. The day they are read is told. Definitions: ``domain.md``, section 3.

A redirected referral is the same request at another office (FHIR ``ServiceRequest.replaces``), so it and
its successors count **once**: ordered when the first was, and as far as the last one came. Otherwise a
practice that sends a rejected referral elsewhere would count a failure for every office that said no.

"Open ages" stand beside every waiting time: people who have not been seen have no waiting time yet, and
leaving them out would make the slowest specialty look like the fastest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from carecoord_tui.domain.period import Period
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency

SMALL = 10  # below this a percentage says more about chance than about the practice: counts only
AGED_DAYS = 90  # days after which a loop should be closed
CMS50_SOURCE = "CMS50v14 (MIPS 374), Closing the Referral Loop: Receipt of Specialist Report"
LOOP_SOURCE = "IHI/NPSF, Closing the Loop: A Guide to Safer Ambulatory Referrals in the EHR Era (2017)"

S = ReferralStage
_AFTER_VISIT = frozenset({S.SEEN, S.REPORT_RECEIVED, S.REVIEWED, S.CLOSED})
_WITH_OFFICE = frozenset(
    {S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.REJECTED, S.SCHEDULED, S.NO_SHOW, S.VISIT_CANCELLED, *_AFTER_VISIT}
)


# --- what goes in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """What measures must know of one referral. Dates are practice-local days."""

    id: int
    patient_id: int
    ordered_on: date
    stage: ReferralStage
    urgency: Urgency = Urgency.ROUTINE
    service_type: ReferralType = ReferralType.CONSULT
    sent_on: date | None = None
    visit_on: date | None = None  # booked, and after the visit the day it took place
    report_received_on: date | None = None
    reviewed_on: date | None = None
    patient_informed_on: date | None = None
    redirected_from: int | None = None

    @property
    def was_sent(self) -> bool:
        """Sent, or a later step that cannot have happened without."""
        later = (self.sent_on, self.visit_on, self.report_received_on)
        return self.stage in _WITH_OFFICE or any(day is not None for day in later)

    @property
    def was_seen(self) -> bool:
        """The visit took place: recorded as seen, or a report of it came."""
        return self.stage in _AFTER_VISIT or self.report_received_on is not None

    @property
    def is_loop_closed(self) -> bool:
        """Report in, reviewed, patient told; where nobody writes a report, the patient told."""
        if not self.service_type.expects_report:
            return self.patient_informed_on is not None
        return None not in (self.report_received_on, self.reviewed_on, self.patient_informed_on)


# --- what comes out -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were left out, or stand apart, and why. ``key`` is stable, for scripts."""

    key: str
    words: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A numerator of a denominator. ``apart`` says what was left out, and what must be known beside it."""

    key: str
    title: str
    numerator: int
    denominator: int
    numerator_words: str
    denominator_words: str
    apart: tuple[Counted, ...] = ()
    source: str = ""

    @property
    def percent(self) -> float | None:
        """One decimal; None below ``SMALL``, where only counts are shown."""
        if self.denominator < SMALL:
            return None
        return round(100 * self.numerator / self.denominator, 1)

    @property
    def result(self) -> str:
        """``31 of 40, 77.5 %``; ``3 of 7`` where a percentage would mislead."""
        counts = f"{self.numerator:,} of {self.denominator:,}"
        return counts if self.percent is None else f"{counts}, {self.percent:.1f} %"


@dataclass(frozen=True, slots=True)
class Spread:
    """Days: how many values, the middle one, the ninetieth of a hundred, the longest. None of none.

    ``median`` is the mean of the two middle values of an even number; ``p90`` is by nearest rank: the
    smallest value that at least 90 % of the values do not exceed. It is always a value that occurred.
    """

    n: int
    median: float | None = None
    p90: int | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Days from order to visit of one urgency; those not seen yet by their open ages."""

    urgency: Urgency
    seen: Spread
    unseen: Spread
    undated: int  # seen, but the day is not recorded or lies before the order


@dataclass(frozen=True, slots=True)
class StageAges:
    """Days since the order of every open referral of one stage."""

    stage: ReferralStage
    ages: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralMeasures:
    """All measures of referrals as of a day."""

    as_of: date
    period: Period
    year: int
    cms50: Share
    loop_closure: Share
    scheduling: Share
    waits: tuple[Waits, ...]
    open_ages: tuple[StageAges, ...]

    @property
    def shares(self) -> tuple[Share, ...]:
        """The three with a numerator and a denominator."""
        return (self.cms50, self.loop_closure, self.scheduling)


def measure_referrals(
    rows: Iterable[ReferralRow], *, today: date, period: Period | None = None, year: int | None = None
) -> ReferralMeasures:
    """Every measure. ``period`` (of ordering) is the last 365 days, ``year`` (CMS50's) today's, unless told.

    The order of the rows does not matter. Open ages by stage are of every open referral, whenever ordered.
    """
    period = period or Period.last_year_to(today)
    year = year or today.year
    chains = chains_of(rows)
    ordered = [chain for chain in chains if chain.ordered_on in period]
    return ReferralMeasures(
        as_of=today,
        period=period,
        year=year,
        cms50=cms50(chains, year),
        loop_closure=loop_closure(ordered, today),
        scheduling=scheduling_rate(ordered),
        waits=tuple(_waits(ordered, urgency, today) for urgency in reversed(Urgency)),
        open_ages=_open_ages(chains, today),
    )


# --- chains ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chain:
    """A request and the offices it went to, in order: one link unless it was sent elsewhere."""

    links: tuple[ReferralRow, ...]

    @property
    def end(self) -> ReferralRow:
        """The link that holds the request now."""
        return self.links[-1]

    @property
    def ordered_on(self) -> date:
        """When the clinician first asked: the patient waits since then."""
        return self.links[0].ordered_on

    @property
    def place(self) -> tuple[date, int]:
        """Which of a patient's requests came first."""
        return (self.ordered_on, self.links[0].id)

    @property
    def expects_report(self) -> bool:
        """False for supplies and community services."""
        return self.end.service_type.expects_report

    @property
    def report_received_on(self) -> date | None:
        """The first report, whichever office wrote it."""
        return min((r.report_received_on for r in self.links if r.report_received_on), default=None)

    def age(self, today: date) -> int:
        """Days since the order."""
        return (today - self.ordered_on).days


def chains_of(rows: Iterable[ReferralRow]) -> list[Chain]:
    """Requests with their redirects, oldest first. A link whose first referral is gone begins a chain."""
    by_id = {row.id: row for row in rows}
    members: dict[int, list[ReferralRow]] = {}
    for row in by_id.values():
        members.setdefault(_root(row, by_id).id, []).append(row)
    chains = [Chain(tuple(sorted(links, key=lambda r: _depth(r, by_id)))) for links in members.values()]
    return sorted(chains, key=lambda chain: chain.place)


def _line(row: ReferralRow, by_id: dict[int, ReferralRow]) -> list[ReferralRow]:
    """The row and those it was redirected from. A ring (damaged data only) is cut at one place."""
    line, seen = [row], {row.id}
    while (before := by_id.get(line[-1].redirected_from or 0)) is not None:
        if before.id in seen:
            ring = line[[one.id for one in line].index(before.id) :]
            least = min(ring, key=lambda one: one.id)
            return line[: line.index(least) + 1]
        seen.add(before.id)
        line.append(before)
    return line


def _root(row: ReferralRow, by_id: dict[int, ReferralRow]) -> ReferralRow:
    return row if row.redirected_from is None else _line(row, by_id)[-1]


def _depth(row: ReferralRow, by_id: dict[int, ReferralRow]) -> tuple[int, date, int]:
    """A link's place in its chain; of two successors the later one holds the request."""
    return (len(_line(row, by_id)), row.ordered_on, row.id)


# --- the measures ---------------------------------------------------------------------------------


def cms50(chains: Sequence[Chain], year: int) -> Share:
    """CMS50: patients whose first referral from 1 January to 31 October got the specialist's report.

    The report must be in by 31 December, the end of the measurement period. The measure is about
    requests from clinician to clinician, so supplies and community services do not count; CMS names no
    other exclusion, so what was declined, withdrawn or never sent stays in the denominator.
    """
    window = Period(date(year, 1, 1), date(year, 10, 31))
    asked = [chain for chain in chains if chain.ordered_on in window]
    reporting = [chain for chain in asked if chain.expects_report]
    first: dict[int, Chain] = {}
    for chain in sorted(reporting, key=lambda chain: chain.place):
        first.setdefault(chain.links[0].patient_id, chain)
    reports = [day for chain in first.values() if (day := chain.report_received_on) is not None]
    in_time = sum(1 for day in reports if day <= date(year, 12, 31))
    return Share(
        key="cms50",
        title=f"CMS50 closing the referral loop, {year}",
        numerator=in_time,
        denominator=len(first),
        numerator_words=f"the specialist's report came by 31 Dec {year}",
        denominator_words=f"patients by their first referral from 1 Jan to 31 Oct {year}",
        apart=(
            Counted("later_referrals", "further referrals of the same patients", len(reporting) - len(first)),
            Counted(
                "no_report_expected",
                "supplies and community services: no report is written",
                len(asked) - len(reporting),
            ),
            Counted("report_after_year", "reports that came after the year", len(reports) - in_time),
        ),
        source=CMS50_SOURCE,
    )


def loop_closure(chains: Sequence[Chain], today: date) -> Share:
    """True loop closure: report, review and patient told, of referrals aged 90 days or more.

    Withdrawn ones are left out. Declined ones are the patient's choice: they stand apart, in neither number.
    """
    aged = [chain for chain in chains if chain.age(today) >= AGED_DAYS]
    ends = Counter(chain.end.stage for chain in aged)
    counted = [chain for chain in aged if chain.end.stage not in (S.WITHDRAWN, S.DECLINED)]
    return Share(
        key="loop_closure",
        title="True loop closure",
        numerator=sum(1 for chain in counted if chain.end.is_loop_closed),
        denominator=len(counted),
        numerator_words="report in, reviewed, patient told",
        denominator_words=f"referrals ordered {AGED_DAYS} days ago or earlier",
        apart=(
            Counted("declined", "declined by the patient", ends[S.DECLINED]),
            Counted("withdrawn", "withdrawn by the clinician", ends[S.WITHDRAWN]),
            Counted("younger", f"younger than {AGED_DAYS} days", len(chains) - len(aged)),
        ),
        source=LOOP_SOURCE,
    )


def scheduling_rate(chains: Sequence[Chain]) -> Share:
    """Scheduling rate: with an appointment date, of those sent; where sent elsewhere, the last office's date.

    What was declined or withdrawn after it was sent stays in: it too was sent and got no date.
    """
    sent = [chain for chain in chains if any(link.was_sent for link in chain.links)]
    dated = [chain for chain in sent if chain.end.visit_on is not None]
    undated = sum(1 for chain in sent if chain.end.visit_on is None and chain.end.was_seen)
    return Share(
        key="scheduling",
        title="Scheduling rate",
        numerator=len(dated),
        denominator=len(sent),
        numerator_words="have an appointment date",
        denominator_words="referrals sent",
        apart=(
            Counted("not_sent", "not sent yet, or never", len(chains) - len(sent)),
            Counted("seen_without_date", "seen, but no date was recorded (counted as none)", undated),
        ),
    )


def _waits(chains: Sequence[Chain], urgency: Urgency, today: date) -> Waits:
    """(seen - ordered) of one urgency, and the ages of those still waiting to be seen."""
    mine = [chain for chain in chains if chain.end.urgency is urgency]
    seen = [chain for chain in mine if chain.end.was_seen]
    days = [
        (chain.end.visit_on - chain.ordered_on).days
        for chain in seen
        if chain.end.visit_on is not None and chain.end.visit_on >= chain.ordered_on
    ]
    waiting = [chain.age(today) for chain in mine if chain.end.stage.is_open and not chain.end.was_seen]
    return Waits(urgency=urgency, seen=spread(days), unseen=spread(waiting), undated=len(seen) - len(days))


def _open_ages(chains: Sequence[Chain], today: date) -> tuple[StageAges, ...]:
    """Stages in which something is open, in the order of the loop."""
    ages: dict[ReferralStage, list[int]] = {}
    for chain in chains:
        if chain.end.stage.is_open:
            ages.setdefault(chain.end.stage, []).append(chain.age(today))
    return tuple(StageAges(stage, spread(ages[stage])) for stage in ReferralStage if stage in ages)


def spread(days: Sequence[int]) -> Spread:
    """Median, nearest-rank p90 and longest of days; see :class:`Spread`."""
    if not days:
        return Spread(0)
    ordered = sorted(days)
    rank = -(-90 * len(ordered) // 100)  # the ceiling, in whole numbers: 0.9 * 10 is not quite 9 in binary
    return Spread(len(ordered), float(median(ordered)), ordered[rank - 1], ordered[-1])


# --- for scripts ----------------------------------------------------------------------------------


def as_json(measures: ReferralMeasures) -> dict[str, Any]:
    """Plain values with stable keys; dates are ISO, days whole or half numbers, null where there is none."""
    return {
        "as_of": measures.as_of.isoformat(),
        "period": {"from": measures.period.first.isoformat(), "to": measures.period.last.isoformat()},
        "year": measures.year,
        **{share.key: share_json(share) for share in measures.shares},
        "days_to_appointment": [
            {
                "urgency": one.urgency.value,
                "seen": spread_json(one.seen),
                "unseen": spread_json(one.unseen),
                "seen_without_day": one.undated,
            }
            for one in measures.waits
        ],
        "open_ages": [{"stage": one.stage.value, **spread_json(one.ages)} for one in measures.open_ages],
    }


def share_json(share: Share) -> dict[str, Any]:
    """A share for scripts; ``percent`` is null where only counts are shown."""
    return {
        "title": share.title,
        "numerator": share.numerator,
        "denominator": share.denominator,
        "percent": share.percent,
        "numerator_words": share.numerator_words,
        "denominator_words": share.denominator_words,
        "apart": {one.key: one.count for one in share.apart},
        "source": share.source,
    }


def spread_json(days: Spread) -> dict[str, Any]:
    """A spread for scripts; null where there is no value."""
    return {"n": days.n, "median": days.median, "p90": days.p90, "longest": days.longest}
