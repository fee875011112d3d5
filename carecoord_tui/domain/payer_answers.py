"""What a payer answered, as it was read from a file: eligibility and authorizations.

Frozen and typed, each figure with its place in the file. Nothing is worked out here that the payer did not
say: an amount that cannot be read is None and stands among the problems, never 0. Codes are kept as they
came; the few that decide something have words of our own (X12's code lists are not shipped).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from carecoord_tui.domain.authorization_steps import overall
from carecoord_tui.domain.vocabulary import AuthorizationStatus, Worded

SERVICE_TYPE_PLAN = "30"
"""The service type that stands for the whole health plan."""

_REMAINING = frozenset(("29", "33"))


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file. ``id`` is a segment's name, or a FHIR path where there are no segments."""

    id: str
    segment: int = 0  # counted from 1 over the whole file, its first ISA being 1; 0: no segments here
    position: int = 0  # bytes from the start of the file

    def __str__(self) -> str:
        return f"segment {self.segment} ({self.id})" if self.segment else self.id


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that was not taken, or is odd: said, never silently corrected."""

    where: Where
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Dated:
    """A date or a span that a payer gave. ``text`` is as written; None where it is no possible date."""

    qualifier: str
    text: str
    starts_on: date | None
    ends_on: date | None
    where: Where


@dataclass(frozen=True, slots=True)
class Party:
    """A person or an organization; an organization's name stands in ``last``."""

    last: str = ""
    first: str = ""
    middle: str = ""
    suffix: str = ""
    id: str = ""
    id_kind: str = ""  # MI a member id, XX an NPI, ...
    where: Where | None = None

    @property
    def name(self) -> str:
        """First, middle and last name, as far as they are there."""
        return " ".join(part for part in (self.first, self.middle, self.last) if part)


@dataclass(frozen=True, slots=True)
class Reject:
    """The payer did not answer (AAA): the request was valid or not, why, and what may be tried next."""

    valid: str
    reason: str
    follow_up: str
    level: str
    where: Where


# --- eligibility ----------------------------------------------------------------------------------------


class BenefitKind(Worded):
    """What a benefit line says (groups of EB01)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    COINSURANCE = "coinsurance"
    COPAY = "copay"
    DEDUCTIBLE = "deductible"
    DESCRIPTION = "benefit-description"
    LIMIT = "limit"
    OUT_OF_POCKET = "out-of-pocket"
    NONCOVERED = "noncovered"
    OTHER_PAYER = "other-payer"
    PRIMARY_CARE = "primary-care-provider"
    OTHER = "other"


class Network(Worded):
    """Whether a line holds for providers in the plan's network; never assumed where it is not said."""

    IN = "in_network"
    OUT = "out_of_network"
    EITHER = "either"  # the payer says that the network does not matter here
    UNKNOWN = "unknown"  # the payer says that it does not know
    NOT_STATED = "not_stated"


class MemberLevel(Worded):
    """The subscriber, or somebody covered through the subscriber."""

    SUBSCRIBER = "subscriber"
    DEPENDENT = "dependent"


class CoverageAnswer(Worded):
    """What the lines of one person say together. ``mixed``: active and inactive at once; a person decides."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    MIXED = "mixed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """One benefit line (EB). Two lines are never one figure: each has its own network, level and period."""

    kind: BenefitKind
    code: str
    amount: Decimal | None  # dollars
    percent: Decimal | None  # as written: the standard means 0.2 for 20 %
    quantity: Decimal | None
    quantity_kind: str
    network: Network
    level: str  # IND individual, FAM family, ...; empty: not stated
    period: str  # 27 a visit, 29 remaining, 23 calendar year, ...; empty: not stated
    service_types: tuple[str, ...]
    insurance: str
    plan: str
    authorization_needed: str  # Y, N, U; empty: not stated
    procedure: str
    related: tuple[Party, ...]
    dates: tuple[Dated, ...]
    text: str
    where: Where

    @property
    def rate(self) -> Decimal | None:
        """``percent`` as a share of 1; None where it is not stated or cannot be one (20 for 20 %)."""
        return self.percent if self.percent is not None and 0 <= self.percent <= 1 else None

    @property
    def is_remaining(self) -> bool:
        """True for what is left of a deductible or maximum, not its size."""
        return self.period in _REMAINING


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """What a payer said about one person."""

    transaction: int  # counted from 1 over the file
    level: MemberLevel
    person: Party
    subscriber: Party  # of a dependent; the person itself for a subscriber
    dob: str  # as written
    born_on: date | None
    sex: str
    relationship: str
    group_number: str
    traces: tuple[str, ...]
    dates: tuple[Dated, ...]
    rejects: tuple[Reject, ...]
    lines: tuple[BenefitLine, ...]
    problems: tuple[Problem, ...]
    where: Where

    @property
    def coverage(self) -> CoverageAnswer:
        """All lines together."""
        return coverage_of(self.lines)

    def coverage_for(self, service_type: str) -> CoverageAnswer | None:
        """Lines that name this service type; None where none does."""
        named = [line for line in self.lines if service_type in line.service_types and _is_status(line)]
        return coverage_of(named) if named else None

    def of_kind(self, kind: BenefitKind) -> tuple[BenefitLine, ...]:
        """The lines of one kind, in the file's order."""
        return tuple(line for line in self.lines if line.kind is kind)

    @property
    def plans(self) -> tuple[str, ...]:
        """Every plan named, sorted."""
        return tuple(sorted({line.plan for line in self.lines if line.plan}))


def _is_status(line: BenefitLine) -> bool:
    return line.kind in (BenefitKind.ACTIVE, BenefitKind.INACTIVE)


def coverage_of(lines: Iterable[BenefitLine]) -> CoverageAnswer:
    """Active, inactive, both at once, or neither said."""
    kinds = {line.kind for line in lines if _is_status(line)}
    if len(kinds) == 2:
        return CoverageAnswer.MIXED
    if BenefitKind.ACTIVE in kinds:
        return CoverageAnswer.ACTIVE
    return CoverageAnswer.INACTIVE if kinds else CoverageAnswer.UNKNOWN


# --- authorizations -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Units:
    """How much was authorized: ``kind`` is the payer's code (VS visits, DY days, UN units)."""

    kind: str
    quantity: Decimal | None
    where: Where


@dataclass(frozen=True, slots=True)
class AuthorizationItem:
    """One event or service and what was decided about it. ``action`` is empty where nothing was."""

    level: str  # EV the event, SS a service, item or addItem of a FHIR answer
    action: str
    number: str
    reasons: tuple[str, ...]
    request: tuple[str, ...]  # what was asked (UM), as it came back
    procedure: str
    dates: tuple[Dated, ...]
    diagnoses: tuple[str, ...]
    units: tuple[Units, ...]
    providers: tuple[Party, ...]
    text: str
    where: Where
    sequences: tuple[int, ...] = ()  # of the items of the request, in FHIR

    @property
    def is_event(self) -> bool:
        """True for the event that services of a 278 belong to."""
        return self.level == "EV"

    @property
    def status(self) -> AuthorizationStatus | None:
        """None where the payer decided nothing that we have a word for."""
        return STATUS_BY_ACTION.get(self.action)


@dataclass(frozen=True, slots=True)
class AuthorizationAnswer:
    """What a payer decided for one person, item by item."""

    transaction: int
    payer: str
    subscriber: Party
    patient: Party  # the dependent, or the subscriber
    dob: str
    born_on: date | None
    traces: tuple[str, ...]
    items: tuple[AuthorizationItem, ...]
    rejects: tuple[Reject, ...]
    problems: tuple[Problem, ...]
    where: Where

    @property
    def outcome(self) -> AuthorizationStatus | None:
        """All items together (``authorization_steps.overall``); None where one of them cannot be told."""
        statuses = [item.status for item in decided_items(self.items)]
        known = [status for status in statuses if status is not None]
        return overall(known) if len(known) == len(statuses) else None


def decided_items(items: Iterable[AuthorizationItem]) -> tuple[AuthorizationItem, ...]:
    """Services with what was decided of them; one without its own decision has that of its event.

    An event counts for itself where it has no services, or where one of them was decided apart from it.
    """
    counted: list[AuthorizationItem] = []
    event: AuthorizationItem | None = None
    services: list[AuthorizationItem] = []
    for item in items:
        if item.is_event:
            counted += _of_event(event, services)
            event, services = item, []
        elif event is None:
            counted.append(item)
        else:
            services.append(item)
    return (*counted, *_of_event(event, services))


def _of_event(
    event: AuthorizationItem | None, services: Iterable[AuthorizationItem]
) -> Iterator[AuthorizationItem]:
    if event is None:
        return
    every = tuple(services)
    if not every or (event.action and any(one.action for one in every)):
        yield event
    for one in every:
        if one.action or not event.action:
            yield one
        else:
            yield replace(
                one,
                action=event.action,
                number=one.number or event.number,
                reasons=one.reasons or event.reasons,
                dates=one.dates or event.dates,
            )


STATUS_BY_ACTION = {
    "A1": AuthorizationStatus.APPROVED,
    "A2": AuthorizationStatus.PARTIAL,
    "A3": AuthorizationStatus.DENIED,
    "A4": AuthorizationStatus.PENDED,
    "A6": AuthorizationStatus.MODIFIED,
    "C": AuthorizationStatus.CANCELLED,
}

ACTION_WORDS = {
    "A1": "certified in total",
    "A2": "certified in part",
    "A3": "not certified",
    "A4": "pended",
    "A6": "modified",
    "C": "cancelled",
    "CT": "call the payer",
    "NA": "no authorization needed",
}
