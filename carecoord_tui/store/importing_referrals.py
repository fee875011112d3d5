"""Referrals a log brings: what the practice has of them, and writing new ones in bulk inside a change."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from carecoord_tui.domain.vocabulary import PatientStatus, ProviderKind, ReferralStage, ReferralType, Urgency
from carecoord_tui.store import bulk
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.core_tables import PATIENT, PROVIDER, REFERRAL, table
from carecoord_tui.store.derived import IMPORTED_STAMP
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import ImportRecord, Provider, Referral, ReferralStageEvent

RECORD = table(ImportRecord)
RECORD_SOURCE = "referral_log"
STAMP_NOTE = IMPORTED_STAMP
CHUNK = 1_000
"""Referrals written at a time."""


@dataclass(frozen=True, slots=True)
class StoredProvider:
    """An entry of the directory, as far as a log can name one."""

    id: int
    name: str
    organization: str
    specialty: str
    npi: str
    kind: ProviderKind
    is_active: bool


@dataclass(frozen=True, slots=True)
class NewProvider:
    """An office the directory does not have yet."""

    name: str
    organization: str
    specialty: str
    npi: str | None
    phone: str
    fax: str
    kind: ProviderKind


@dataclass(frozen=True, slots=True)
class StoredReferral:
    """A referral of the practice, as far as a log can say otherwise."""

    id: int
    patient_id: int
    provider_id: int | None
    specialty: str
    stage: ReferralStage
    ordered_on: date
    sent_on: date | None
    visit_on: date | None
    report_received_on: date | None
    reviewed_on: date | None
    patient_informed_on: date | None
    urgency: Urgency
    service_type: ReferralType
    reason: str
    diagnoses: str
    note: str


@dataclass(frozen=True, slots=True)
class IncomingStamp:
    """A stage that was reached, and the appointment that was made with it."""

    stage: ReferralStage
    on: date
    visit_on: date | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class IncomingReferral:
    """A new referral. ``values`` are columns of ``referral`` without the provider; ``key`` knows it again."""

    key: str
    provider_id: int | None
    """Negative: the new provider of this place, -1 the first."""
    values: dict[str, Any]
    stamps: tuple[IncomingStamp, ...]


# --- reading ---------------------------------------------------------------------------------------------


def read_directory(connection: sa.Connection) -> Iterator[StoredProvider]:
    """The whole directory, oldest first."""
    c = PROVIDER.c
    columns = (c.id, c.name, c.organization, c.specialty, sa.func.coalesce(c.npi, ""), c.kind, c.is_active)
    for row in connection.execute(sa.select(*columns).order_by(c.id)):
        yield StoredProvider(*row)


def read_referrals(connection: sa.Connection) -> Iterator[StoredReferral]:
    """Every referral, ended ones too, oldest first."""
    columns = [REFERRAL.c[field.name] for field in dataclasses.fields(StoredReferral)]
    for row in connection.execute(sa.select(*columns).order_by(REFERRAL.c.id)):
        yield StoredReferral(*row)


def read_deceased(connection: sa.Connection) -> frozenset[int]:
    """Numbers of the people who died: nothing new is asked for them."""
    died = sa.select(PATIENT.c.id).where(PATIENT.c.status == PatientStatus.DECEASED)
    return frozenset(connection.execute(died).scalars())


def read_keys(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    """What earlier imports wrote: (key, number of the referral)."""
    c = RECORD.c
    statement = sa.select(c.key, c.written).where(c.source == RECORD_SOURCE).order_by(c.id)
    for key, written in connection.execute(statement):
        number = int(json.loads(written)["referral_id"])
        yield key.removesuffix(f"|{number}"), number


# --- writing ---------------------------------------------------------------------------------------------


def create_providers(session: AuditedSession, providers: Sequence[NewProvider]) -> list[int]:
    """Write new offices; returns their numbers, in order."""
    return bulk.insert(session, Provider, [dataclasses.asdict(one) for one in providers])


def create(
    session: AuditedSession,
    referrals: Sequence[IncomingReferral],
    providers: Sequence[int],
    *,
    now: datetime,
) -> list[int]:
    """Write new referrals with their stamps and what knows them again; returns their numbers.

    ``providers`` are the numbers :func:`create_providers` gave, ``now`` is aware. At most ``CHUNK`` at a time
    keep the memory small. The ledger of everybody named follows at commit.
    """
    rows = [{**one.values, "provider_id": _provider(one.provider_id, providers)} for one in referrals]
    for row in rows:
        row["touched_on"] = row["stage_on"]  # what store.derived would work out
    ids = bulk.insert(session, Referral, rows)
    stamps: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    for one, number in zip(referrals, ids, strict=True):
        stamps += _stamps(one, number, now)
        records.append(
            {
                "source": RECORD_SOURCE,
                "key": f"{one.key}|{number}",
                "patient_id": one.values["patient_id"],
                "written": canonical({"referral_id": number}),
            }
        )
    bulk.insert(session, ReferralStageEvent, stamps)
    bulk.insert(session, ImportRecord, records)
    return ids


def _provider(number: int | None, providers: Sequence[int]) -> int | None:
    return providers[-number - 1] if number is not None and number < 0 else number


def _stamps(one: IncomingReferral, number: int, now: datetime) -> Iterator[dict[str, Any]]:
    before = ReferralStage.DRAFT
    for stamp in one.stamps:
        yield {
            "referral_id": number,
            "patient_id": one.values["patient_id"],
            "stage": stamp.stage,
            "happened_on": stamp.on,
            "recorded_at": now,
            "from_stage": before,
            "visit_on": stamp.visit_on,
            "who": stamp.who,
            "note": STAMP_NOTE,
        }
        before = stamp.stage
