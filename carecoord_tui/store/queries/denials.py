"""A denial in full: its levels with their dates, its roads, and what its letter needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from carecoord_tui.domain.appeals import Filed, Level, filing_advice, late_warning, levels
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.denial import appeal_deadline
from carecoord_tui.domain.facts import DenialFacts, LimitFacts, TrackFacts
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    DenialReason,
    DenialStatus,
    PayerClass,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.store.queries.authorizations import limits_of
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRow:
    """One road out of a denial."""

    kind: TrackKind
    status: TrackStatus
    opened_on: date
    next_on: date | None
    closed_on: date | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialDetail:
    """Everything on file about one denial."""

    id: int
    version: int
    patient_id: int
    coverage_id: int | None
    payer_name: str
    payer_class: PayerClass
    authorization_id: int | None
    service: str
    reason_kind: DenialReason | None
    reason: str
    status: DenialStatus
    notice_on: date
    received_on: date | None
    level: str
    letter_deadline_on: date | None
    is_expedited: bool
    is_drug: bool
    triaged_on: date | None
    filed_on: date | None
    decided_on: date | None
    claim_number: str
    amount: Decimal | None
    who_appeals: str
    representative_needed: bool | None
    representative_form_on: date | None
    peer_to_peer_by: date | None
    peer_to_peer_on: date | None
    note: str
    trace: str
    tracks: tuple[TrackRow, ...]
    appeals: tuple[Filed, ...]
    limits: tuple[LimitFacts, ...]

    @property
    def facts(self) -> DenialFacts:
        """What the rules read of it."""
        return DenialFacts(
            id=self.id,
            service=self.service,
            payer_name=self.payer_name or "the payer",
            payer_class=self.payer_class,
            status=self.status,
            notice_on=self.notice_on,
            received_on=self.received_on,
            level=self.level,
            letter_deadline_on=self.letter_deadline_on,
            is_expedited=self.is_expedited,
            is_appeal_expedited=self.is_expedited if self.waiting is None else self.waiting.is_expedited,
            is_drug=self.is_drug,
            triaged_on=self.triaged_on,
            filed_on=self.filed_on,
            decided_on=self.decided_on,
            peer_to_peer_by=self.peer_to_peer_by,
            peer_to_peer_on=self.peer_to_peer_on,
            tracks=tuple(
                TrackFacts(
                    kind=one.kind,
                    status=one.status,
                    opened_on=one.opened_on,
                    next_on=one.next_on,
                    closed_on=one.closed_on,
                )
                for one in self.tracks
            ),
            limits=self.limits,
        )

    @property
    def waiting(self) -> Filed | None:
        """The appeal the payer has not decided."""
        return next((one for one in reversed(self.appeals) if one.outcome is None), None)

    @property
    def was_appealed(self) -> bool:
        """True when a level waits or was decided; a dismissed one decided nothing."""
        return self.status in (DenialStatus.APPEALED, DenialStatus.UPHELD) or any(
            one.outcome is not AppealOutcome.DISMISSED for one in self.appeals
        )

    def window(self, context: Context) -> Deadline | None:
        """The level that can be filed now: last day, do by, warn; None while nothing can be filed."""
        if self.status not in (DenialStatus.OPEN, DenialStatus.UPHELD):
            return None
        return appeal_deadline(self.facts, context)

    def advice(self, context: Context, today: date) -> str:
        """How the request must travel, or what is left after the last day; empty where no rule says."""
        window = self.window(context)
        if window is None:
            return ""
        return late_warning(window, today) or filing_advice(window, today)

    def levels(self, context: Context) -> tuple[Level, ...]:
        """Every level: filed, open now, possible later."""
        return levels(self.facts, self.appeals, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeniedRequest:
    """An authorization a denial can belong to."""

    authorization_id: int
    service: str
    status: AuthorizationStatus
    coverage_id: int | None
    decided_on: date | None
    is_drug: bool
    is_expedited: bool
    service_on: date | None


_COLUMNS = (
    "id", "version", "patient_id", "coverage_id", "authorization_id", "service", "reason_kind", "reason",
    "status", "notice_on", "received_on", "level", "letter_deadline_on", "is_expedited", "is_drug",
    "triaged_on", "filed_on", "decided_on", "claim_number", "amount", "who_appeals",
    "representative_needed", "representative_form_on", "peer_to_peer_by", "peer_to_peer_on", "note", "trace",
)  # fmt: skip
_DAYS = (
    "notice_on", "received_on", "letter_deadline_on", "triaged_on", "filed_on", "decided_on",
    "representative_form_on", "peer_to_peer_by", "peer_to_peer_on",
)  # fmt: skip


def read_denial(execute: Execute, denial_id: int) -> DenialDetail | None:
    """One denial; None when another window or an undo removed it."""
    columns = ", ".join(f"d.{name}" for name in _COLUMNS)
    for row in execute(
        f"SELECT {columns}, coalesce(y.name, ''), coalesce(y.payer_class, 'unknown'), y.id FROM denial d"
        " LEFT JOIN coverage c ON c.id = d.coverage_id LEFT JOIN payer y ON y.id = c.payer_id WHERE d.id = ?",
        [denial_id],
    ):
        values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=False))
        for name in _DAYS:
            values[name] = read_day(values[name])
        values["is_expedited"], values["is_drug"] = bool(values["is_expedited"]), bool(values["is_drug"])
        values["status"] = DenialStatus(values["status"])
        reason, amount, needed = values["reason_kind"], values["amount"], values["representative_needed"]
        values["reason_kind"] = DenialReason(reason) if reason else None
        values["amount"] = None if amount is None else Decimal(str(amount))
        values["representative_needed"] = None if needed is None else bool(needed)
        return DenialDetail(
            **values,
            payer_name=row[-3],
            payer_class=PayerClass(row[-2]),
            limits=limits_of(execute, row[-1]),
            tracks=_tracks(execute, denial_id),
            appeals=_appeals(execute, denial_id),
        )
    return None


def requests_of(execute: Execute, patient_id: int, *, keep: int | None = None) -> list[DeniedRequest]:
    """Authorizations a denial can belong to, the denied ones first, at most six; ``keep`` is among them."""
    rows = execute(
        "SELECT id, service, status, coverage_id, decided_on, is_drug, is_expedited, service_on"
        " FROM authorization WHERE patient_id = ? AND (status <> 'cancelled' OR id = ?)"
        " ORDER BY id <> ?, status <> 'denied', id DESC LIMIT 6",
        [patient_id, keep or 0, keep or 0],
    )
    return [
        DeniedRequest(
            authorization_id=r[0],
            service=r[1],
            status=AuthorizationStatus(r[2]),
            coverage_id=r[3],
            decided_on=read_day(r[4]),
            is_drug=bool(r[5]),
            is_expedited=bool(r[6]),
            service_on=read_day(r[7]),
        )
        for r in rows
    ]


def _tracks(execute: Execute, denial_id: int) -> tuple[TrackRow, ...]:
    rows = execute(
        "SELECT kind, status, opened_on, next_on, closed_on, note FROM denial_track WHERE denial_id = ?"
        " ORDER BY id",
        [denial_id],
    )
    return tuple(
        TrackRow(
            kind=TrackKind(r[0]),
            status=TrackStatus(r[1]),
            opened_on=date.fromisoformat(r[2]),
            next_on=read_day(r[3]),
            closed_on=read_day(r[4]),
            note=r[5],
        )
        for r in rows
    )


def _appeals(execute: Execute, denial_id: int) -> tuple[Filed, ...]:
    rows = execute(
        "SELECT id, rule_id, filed_on, filed_how, received_on, decided_on, outcome, is_expedited, reference"
        " FROM appeal WHERE denial_id = ? ORDER BY id",
        [denial_id],
    )
    return tuple(
        Filed(
            id=r[0],
            rule_id=r[1],
            filed_on=date.fromisoformat(r[2]),
            filed_how=r[3],
            received_on=read_day(r[4]),
            decided_on=read_day(r[5]),
            outcome=AppealOutcome(r[6]) if r[6] else None,
            is_expedited=bool(r[7]),
            reference=r[8],
        )
        for r in rows
    )
