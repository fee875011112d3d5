"""An authorization in full, and what its form offers: plans, referrals, visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord_tui.domain.facts import AuthorizationFacts, AuthorizationItemFacts, LimitFacts
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    DenialReason,
    PayerClass,
    ReferralStage,
)
from carecoord_tui.store.queries.denied_requests import denial_of_whole
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_MOST_OFFERED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of a patient; ``payer_class`` decides which clocks run."""

    coverage_id: int
    payer_id: int
    payer_name: str
    payer_class: PayerClass
    plan_name: str
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit an authorization can be for."""

    appointment_id: int
    title: str
    starts_at: datetime  # aware
    status: AppointmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedReferral:
    """A referral an authorization can belong to."""

    referral_id: int
    specialty: str
    office: str
    stage: ReferralStage


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One service of a request with the payer's answer."""

    id: int
    version: int
    service: str
    code: str
    status: AuthorizationStatus
    number: str
    units: int | None
    valid_from: date | None
    valid_to: date | None
    note: str
    denial_id: int | None  # the denial entered for it


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the history; ``happened_on`` is practice-local."""

    status: AuthorizationStatus
    happened_on: date
    recorded_at: datetime
    who: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """Units a visit used."""

    id: int
    appointment_id: int | None
    used_on: date
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationDetail:
    """Everything on file about one authorization."""

    id: int
    version: int
    patient_id: int
    coverage_id: int | None
    payer_name: str
    payer_class: PayerClass
    referral_id: int | None
    appointment_id: int | None
    service: str
    service_code: str
    service_on: date | None
    is_drug: bool
    is_expedited: bool
    status: AuthorizationStatus
    opened_on: date
    submitted_at: datetime | None
    channel: str
    reference: str
    information_due_on: date | None
    decided_on: date | None
    number: str
    valid_from: date | None
    valid_to: date | None
    units_authorized: int | None
    units_used: int | None
    units_updated_on: date | None
    renewed_by_id: int | None
    diagnoses: str
    requesting_npi: str
    rendering_npi: str
    site: str
    peer_to_peer_by: date | None
    extended_on: date | None
    denial_reason: DenialReason | None
    note: str
    items: tuple[ItemRow, ...]
    events: tuple[EventRow, ...]
    uses: tuple[UseRow, ...]
    limits: tuple[LimitFacts, ...]
    denial_id: int | None  # the newest denial recorded for it
    has_denial: bool  # one of the whole stands (``denied_requests.denial_of_whole``)

    @property
    def facts(self) -> AuthorizationFacts:
        """What the rules read of it."""
        return AuthorizationFacts(
            id=self.id,
            service=self.service,
            payer_name=self.payer_name or "the payer",
            payer_class=self.payer_class,
            status=self.status,
            opened_on=self.opened_on,
            is_drug=self.is_drug,
            is_expedited=self.is_expedited,
            submitted_at=self.submitted_at,
            information_due_on=self.information_due_on,
            decided_on=self.decided_on,
            service_on=self.service_on,
            valid_to=self.valid_to,
            units_authorized=self.units_authorized,
            units_used=self.units_used,
            units_updated_on=self.units_updated_on,
            is_renewed=self.renewed_by_id is not None,
            appointment_id=self.appointment_id,
            referral_id=self.referral_id,
            valid_from=self.valid_from,
            extended_on=self.extended_on,
            peer_to_peer_by=self.peer_to_peer_by,
            has_denial=self.has_denial,
            items=tuple(
                AuthorizationItemFacts(
                    service=one.service,
                    status=one.status,
                    number=one.number,
                    units=one.units,
                    valid_to=one.valid_to,
                    has_denial=one.denial_id is not None,
                )
                for one in self.items
            ),
            limits=self.limits,
        )


_COLUMNS = (
    "id", "version", "patient_id", "coverage_id", "referral_id", "appointment_id", "service",
    "service_code", "service_on", "is_drug", "is_expedited", "status", "opened_on", "submitted_at",
    "channel", "reference", "information_due_on", "decided_on", "number", "valid_from", "valid_to",
    "units_authorized", "units_used", "units_updated_on", "renewed_by_id", "diagnoses",
    "requesting_npi", "rendering_npi", "site",
    "peer_to_peer_by", "extended_on", "denial_reason", "note",
)  # fmt: skip
_DAYS = (
    "service_on", "opened_on", "information_due_on", "decided_on", "valid_from", "valid_to",
    "units_updated_on", "peer_to_peer_by", "extended_on",
)  # fmt: skip


def read_authorization(execute: Execute, authorization_id: int) -> AuthorizationDetail | None:
    """One authorization; None when another window or an undo removed it."""
    columns = ", ".join(f"a.{name}" for name in _COLUMNS)
    for row in execute(
        f"SELECT {columns}, coalesce(y.name, ''), coalesce(y.payer_class, 'unknown'), y.id,"
        " (SELECT max(d.id) FROM denial d WHERE d.patient_id = a.patient_id AND d.authorization_id = a.id),"
        f" {denial_of_whole('a')} FROM authorization a"
        " LEFT JOIN coverage c ON c.id = a.coverage_id LEFT JOIN payer y ON y.id = c.payer_id WHERE a.id = ?",
        [authorization_id],
    ):
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=False))
        for name in _DAYS:
            values[name] = read_day(values[name])
        values["is_drug"], values["is_expedited"] = bool(values["is_drug"]), bool(values["is_expedited"])
        values["status"] = AuthorizationStatus(values["status"])
        reason, sent = values["denial_reason"], values["submitted_at"]
        values["denial_reason"] = DenialReason(reason) if reason else None
        values["submitted_at"] = datetime.fromisoformat(sent) if sent else None
        return AuthorizationDetail(
            **values,
            payer_name=row[-5],
            payer_class=PayerClass(row[-4]),
            limits=limits_of(execute, row[-3]),
            denial_id=row[-2],
            has_denial=bool(row[-1]),
            items=_items(execute, authorization_id),
            events=_events(execute, authorization_id),
            uses=_uses(execute, authorization_id),
        )
    return None


def plans_of(execute: Execute, patient_id: int) -> list[Plan]:
    """The plans of a patient that are not cancelled, the one that pays first in front."""
    rows = execute(
        "SELECT c.id, y.id, y.name, y.payer_class, c.plan_name, c.member_id FROM coverage c"
        " JOIN payer y ON y.id = c.payer_id WHERE c.patient_id = ? AND c.status <> 'cancelled'"
        " ORDER BY c.rank, c.id",
        [patient_id],
    )
    return [
        Plan(
            coverage_id=r[0],
            payer_id=r[1],
            payer_name=r[2],
            payer_class=PayerClass(r[3]),
            plan_name=r[4],
            member_id=r[5],
        )
        for r in rows
    ]


def limits_of(execute: Execute, payer_id: int | None) -> tuple[LimitFacts, ...]:
    """The clocks of a payer's contract, which override the rules; none without a payer."""
    rows = execute(
        "SELECT rule_id, n, unit, source FROM payer_limit WHERE payer_id = ? ORDER BY id", [payer_id or 0]
    )
    return tuple(LimitFacts(rule_id=r[0], n=r[1], unit=Unit(r[2]), source=r[3]) for r in rows)


def visits_of(execute: Execute, patient_id: int, *, keep: int | None = None) -> list[Visit]:
    """Visits ahead, the nearest first, at most six; the one already linked (``keep``) is among them."""
    rows = execute(
        "SELECT id, title, starts_at, status FROM appointment WHERE patient_id = ?"
        " AND (status IN ('booked', 'proposed') OR id = ?) ORDER BY id <> ?, starts_at, id LIMIT ?",
        [patient_id, keep or 0, keep or 0, _MOST_OFFERED],
    )
    found = [
        Visit(
            appointment_id=r[0],
            title=r[1],
            starts_at=datetime.fromisoformat(r[2]),
            status=AppointmentStatus(r[3]),
        )
        for r in rows
    ]
    return sorted(found, key=lambda visit: visit.starts_at)


def referrals_of(execute: Execute, patient_id: int, *, keep: int | None = None) -> list[LinkedReferral]:
    """Open referrals, the newest first, at most six; the one already linked (``keep``) is among them."""
    rows = execute(
        "SELECT r.id, r.specialty, coalesce(p.name, ''), r.stage FROM referral r"
        " LEFT JOIN provider p ON p.id = r.provider_id WHERE r.patient_id = ?"
        " AND (r.stage NOT IN ('closed', 'declined', 'withdrawn', 'redirected') OR r.id = ?)"
        " ORDER BY r.id <> ?, r.id DESC LIMIT ?",
        [patient_id, keep or 0, keep or 0, _MOST_OFFERED],
    )
    return [
        LinkedReferral(referral_id=r[0], specialty=r[1], office=r[2], stage=ReferralStage(r[3])) for r in rows
    ]


def _items(execute: Execute, authorization_id: int) -> tuple[ItemRow, ...]:
    rows = execute(
        "SELECT id, version, service, code, status, number, units, valid_from, valid_to, note, denial_id"
        " FROM authorization_item"
        " WHERE authorization_id = ? ORDER BY id",
        [authorization_id],
    )
    return tuple(
        ItemRow(
            id=r[0],
            version=r[1],
            service=r[2],
            code=r[3],
            status=AuthorizationStatus(r[4]),
            number=r[5],
            units=r[6],
            valid_from=read_day(r[7]),
            valid_to=read_day(r[8]),
            note=r[9],
            denial_id=r[10],
        )
        for r in rows
    )


def _events(execute: Execute, authorization_id: int) -> tuple[EventRow, ...]:
    rows = execute(
        "SELECT status, happened_on, recorded_at, who, note FROM authorization_event"
        " WHERE authorization_id = ? ORDER BY id",
        [authorization_id],
    )
    return tuple(
        EventRow(
            status=AuthorizationStatus(r[0]),
            happened_on=date.fromisoformat(r[1]),
            recorded_at=datetime.fromisoformat(r[2]),
            who=r[3],
            note=r[4],
        )
        for r in rows
    )


def _uses(execute: Execute, authorization_id: int) -> tuple[UseRow, ...]:
    rows = execute(
        "SELECT id, appointment_id, used_on, units FROM authorization_use WHERE authorization_id = ?"
        " ORDER BY used_on, id",
        [authorization_id],
    )
    return tuple(
        UseRow(id=r[0], appointment_id=r[1], used_on=date.fromisoformat(r[2]), units=r[3]) for r in rows
    )
