"""The provider directory as queries and widgets share it: frozen rows, nothing of the store or the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from carecoord_tui.domain.vocabulary import NetworkStatus, ProviderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """A person or an office as it is on file. Phones are E.164, or as an import brought them."""

    id: int
    name: str
    kind: ProviderKind = ProviderKind.PERSON
    organization: str = ""
    specialty: str = ""
    npi: str = ""
    taxonomy: str = ""
    phone: str = ""
    referral_phone: str = ""  # the desk that takes referrals, when another
    fax: str = ""
    address: str = ""
    usual_wait_days: int | None = None  # calendar days to a first visit, as the office says
    wants: str = ""
    note: str = ""
    is_active: bool = True
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStats:
    """What an office's referrals so far say; see ``provider_stats`` for who counts where."""

    sent: int = 0
    dated: int = 0  # of those sent, with a visit's date
    timed: int = 0  # of those dated, with a known wait: the n of ``median_days``
    median_days: float | None = None  # calendar days from sent (else ordered) to the visit
    seen: int = 0  # where a report is expected
    reported: int = 0  # of those seen, with the report
    open: int = 0  # still with the office

    @property
    def undated(self) -> int:
        """Sent, and no date was ever recorded."""
        return self.sent - self.dated


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRow:
    """Whether a provider takes a payer's plans. ``checked_on`` is None while nobody was asked."""

    payer_id: int
    payer_name: str
    status: NetworkStatus = NetworkStatus.UNKNOWN
    checked_on: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedProvider:
    """An office with its history, and what is known of its plans.

    ``network`` is about the payer that was asked for; unknown when none was.
    """

    provider: ProviderRow
    stats: ProviderStats = field(default_factory=ProviderStats)
    plans_in: int = 0
    plans_out: int = 0
    network: NetworkStatus = NetworkStatus.UNKNOWN
