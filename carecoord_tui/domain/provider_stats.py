"""How fast an office is and whether it reports back, from the referrals it was sent.

Who counts: a referral counts as **sent** when it reached the office, also where the sending itself was
never recorded. Its **wait** runs from the day it was sent (ordered, where that is not recorded) to the
visit's date, kept or still ahead: what the office had to offer. **Seen** are visits after which a
specialist's report is expected (CMS50); withdrawn ones without a report are left out (``domain.md``,
Measures). Below :data:`FEW` cases counts are shown, never percentages (same).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median

from carecoord_tui.domain.provider_rows import ProviderStats, RatedProvider
from carecoord_tui.domain.vocabulary import NetworkStatus, ReferralStage, ReferralType

S = ReferralStage

AT_OFFICE = (
    S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.SCHEDULED, S.SEEN, S.REPORT_RECEIVED, S.REVIEWED, S.CLOSED,
    S.REJECTED, S.NO_SHOW, S.VISIT_CANCELLED,
)  # fmt: skip
"""Stages nothing reaches without the office: it was sent, whatever was recorded."""
WAS_SEEN = (S.SEEN, S.REPORT_RECEIVED, S.REVIEWED, S.CLOSED)
ENDED = tuple(stage for stage in ReferralStage if not stage.is_open)
NO_REPORT = tuple(kind for kind in ReferralType if not kind.expects_report)
FEW = 10  # n below which a share is a count
_NEVER = float("inf")
_NETWORK_RANK = {
    NetworkStatus.IN_NETWORK: 0,
    NetworkStatus.UNKNOWN: 1,
    NetworkStatus.OUT_OF_NETWORK: 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastReferral:
    """What one referral says about its office. Dates are practice-local days."""

    stage: ReferralStage
    ordered_on: date
    service_type: ReferralType = ReferralType.CONSULT
    sent_on: date | None = None
    visit_on: date | None = None
    report_received_on: date | None = None

    @property
    def was_sent(self) -> bool:
        """True when the office has or had it."""
        recorded = self.sent_on or self.visit_on or self.report_received_on
        return recorded is not None or self.stage in AT_OFFICE

    @property
    def was_seen(self) -> bool:
        """True when the patient was seen and a report is expected."""
        happened = self.report_received_on is not None or self.stage in WAS_SEEN
        return happened and self.service_type.expects_report

    @property
    def has_date(self) -> bool:
        """True when a visit was ever dated, or took place."""
        return self.visit_on is not None or self.report_received_on is not None or self.stage in WAS_SEEN

    @property
    def wait_days(self) -> int | None:
        """Calendar days from sent, else ordered, to the visit.

        None without a date, or when the date is of an earlier sending.
        """
        days = None if self.visit_on is None else (self.visit_on - (self.sent_on or self.ordered_on)).days
        return None if days is None or days < 0 else days


def stats_of(history: Iterable[PastReferral]) -> ProviderStats:
    """The figures of one office's referrals."""
    sent = [one for one in history if one.was_sent]
    seen = [one for one in sent if one.was_seen]
    return summary(
        sent=len(sent),
        dated=sum(one.has_date for one in sent),
        waits=[one.wait_days for one in sent if one.wait_days is not None],
        seen=len(seen),
        reported=sum(one.report_received_on is not None for one in seen),
        still_open=sum(one.stage.is_open for one in sent),
    )


def summary(
    *, sent: int, dated: int, waits: list[int], seen: int, reported: int, still_open: int
) -> ProviderStats:
    """The figures from counts and the waits in days, in any order."""
    return ProviderStats(
        sent=sent,
        dated=dated,
        timed=len(waits),
        median_days=float(median(waits)) if waits else None,
        seen=seen,
        reported=reported,
        open=still_open,
    )


def share_words(part: int, whole: int) -> str:
    """``10 of 12 (83%)``; below :data:`FEW` cases ``3 of 4``."""
    percent = f" ({round(100 * part / whole)}%)" if whole >= FEW else ""
    return f"{part} of {whole}{percent}"


def days_words(days: float) -> str:
    """``9 days``, ``1 day``; half a day between two cases is kept, ``9.5 days``."""
    return f"{days:g} day{'' if days == 1 else 's'}"


def history_words(stats: ProviderStats) -> str:
    """``12 sent · date after 9 days (median of 11) · without a date 1 of 12 (8%) · report back 7 of 9``."""
    if not stats.sent:
        return "nothing sent yet"
    parts = [f"{stats.sent} sent"]
    if stats.median_days is not None:
        parts.append(f"date after {days_words(stats.median_days)} (median of {stats.timed})")
    if stats.undated:
        parts.append(f"without a date {share_words(stats.undated, stats.sent)}")
    if stats.seen:
        parts.append(f"report back {share_words(stats.reported, stats.seen)}")
    if stats.open:
        parts.append(f"{stats.open} open")
    return " · ".join(parts)


def expected_days(one: RatedProvider) -> float | None:
    """The wait to reckon with: as it was, else as the office says; None when neither is known."""
    return one.provider.usual_wait_days if one.stats.median_days is None else one.stats.median_days


def better_first(one: RatedProvider) -> tuple[int, float, float, str]:
    """Sort key of the better choice: in network, unknown, out; then the shorter wait, the surer report."""
    days = expected_days(one)
    reports = one.stats.reported / one.stats.seen if one.stats.seen else 0.0
    wait = _NEVER if days is None else days
    return _NETWORK_RANK[one.network], wait, -reports, one.provider.name.lower()
