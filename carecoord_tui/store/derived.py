"""Columns the store works out itself: the sort name, the search text, the last contact or touch.

They follow from audited tables, are refreshed in the same transaction and never audited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from carecoord_tui.domain.names import fold
from carecoord_tui.domain.search_words import search_text
from carecoord_tui.domain.vocabulary import Kind, Outcome, PatientStatus
from carecoord_tui.store import facts
from carecoord_tui.store.core_tables import CONTACT, COVERAGE, MOVED, PATIENT, PHONE, REFERRAL, STAMP

IMPORTED_STAMP = "from the referral log"
"""The note of a stamp that an import made."""
_OF_OFFICE = [outcome for outcome in Outcome if outcome.is_of_office]


def sort_name(family: str, given: str) -> str:
    """The folded name lists are sorted by."""
    return fold(f"{family} {given}").strip()


def refresh(connection: sa.Connection, patient_ids: Iterable[int], zone: ZoneInfo) -> None:
    """Bring the derived columns of these people up to date inside the caller's transaction.

    ``zone`` is the practice's: a touch counts on its local day.
    """
    for ids in facts.chunks(sorted(set(patient_ids))):
        for patient_id, wanted in _stale(connection, ids):
            connection.execute(sa.update(PATIENT).where(PATIENT.c.id == patient_id).values(**wanted))
        for referral_id, touched_on in _stale_touches(connection, ids, zone):
            statement = sa.update(REFERRAL).where(REFERRAL.c.id == referral_id)
            connection.execute(statement.values(touched_on=touched_on))


def count_stale(connection: sa.Connection, patient_ids: Iterable[int], zone: ZoneInfo) -> int:
    """How many derived columns of these people's records :func:`refresh` would change."""
    chunks = facts.chunks(sorted(set(patient_ids)))
    return sum(
        sum(1 for _ in _stale(connection, ids)) + sum(1 for _ in _stale_touches(connection, ids, zone))
        for ids in chunks
    )


def _stale_touches(
    connection: sa.Connection, ids: list[int], zone: ZoneInfo
) -> Iterator[tuple[int, date | None]]:
    """Referrals whose last touch is another day than recorded: a step, a contact or a move about them."""
    r = REFERRAL.c
    rows = connection.execute(sa.select(r.id, r.stage_on, r.touched_on).where(r.patient_id.in_(ids))).all()
    if not rows:
        return
    instants: dict[int, datetime] = {}
    for statement in (
        sa.select(CONTACT.c.about_id, sa.func.max(CONTACT.c.at))
        .where(CONTACT.c.patient_id.in_(ids), CONTACT.c.about_kind == Kind.REFERRAL)
        .group_by(CONTACT.c.about_id),
        sa.select(MOVED.c.record_id, sa.func.max(MOVED.c.moved_at))
        .where(MOVED.c.patient_id.in_(ids), MOVED.c.kind == Kind.REFERRAL)
        .group_by(MOVED.c.record_id),
        sa.select(STAMP.c.referral_id, sa.func.max(STAMP.c.recorded_at))
        .where(
            STAMP.c.patient_id.in_(ids),
            STAMP.c.from_stage.is_not(None),
            STAMP.c.note != IMPORTED_STAMP,  # recorded on the day of the import, which touched nothing
        )
        .group_by(STAMP.c.referral_id),
    ):
        for record_id, instant in connection.execute(statement):
            instants[record_id] = max(instants.get(record_id, instant), instant)
    for number, stage_on, touched_on in rows:
        instant = instants.get(number)
        wanted = stage_on if instant is None else max(stage_on, instant.astimezone(zone).date())
        if wanted != touched_on:
            yield number, wanted


def _stale(connection: sa.Connection, ids: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """People whose derived columns differ from what follows from their records, with the right values."""
    phones: dict[int, list[str]] = defaultdict(list)
    for patient_id, number in connection.execute(
        sa.select(PHONE.c.patient_id, PHONE.c.number).where(PHONE.c.patient_id.in_(ids)).order_by(PHONE.c.id)
    ):
        phones[patient_id].append(number)
    members: dict[int, list[str]] = defaultdict(list)
    for patient_id, member_id in connection.execute(
        sa.select(COVERAGE.c.patient_id, COVERAGE.c.member_id)
        .where(COVERAGE.c.patient_id.in_(ids), COVERAGE.c.member_id != "")
        .order_by(COVERAGE.c.id)
    ):
        members[patient_id].append(member_id)
    last = {
        row.patient_id: row.last
        for row in connection.execute(
            sa.select(CONTACT.c.patient_id, sa.func.max(CONTACT.c.at).label("last"))
            .where(
                CONTACT.c.patient_id.in_(ids),
                CONTACT.c.outcome.not_in(_OF_OFFICE),
                CONTACT.c.payer_id.is_(None),
            )
            .group_by(CONTACT.c.patient_id)
        )
    }
    c = PATIENT.c
    merged: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for into, family, given, mrn in connection.execute(
        sa.select(c.merged_into_id, c.family_name, c.given_name, c.mrn)
        # Who was merged is discharged: by the index on the status, where the pointer has none.
        .where(c.status == PatientStatus.DISCHARGED, c.merged_into_id.in_(ids))
        .order_by(c.id)
    ):
        merged[into].append((family, given, mrn or ""))
    rows = connection.execute(
        sa.select(
            c.id,
            c.merged_into_id,
            c.family_name,
            c.given_name,
            c.middle_name,
            c.preferred_name,
            c.mrn,
            c.birth_date,
            c.sort_name,
            c.search_text,
            c.last_contact_at,
        ).where(c.id.in_(ids))
    ).all()
    for row in rows:
        wanted = {
            "sort_name": sort_name(row.family_name, row.given_name),
            "search_text": ""  # the one it was merged into is found by its words
            if row.merged_into_id is not None
            else search_text(
                family=row.family_name,
                given=row.given_name,
                middle=row.middle_name,
                preferred=row.preferred_name,
                mrn=row.mrn or "",
                birth=row.birth_date,
                phones=phones[row.id],
                member_ids=members[row.id],
                merged=merged[row.id],
            ),
            "last_contact_at": last.get(row.id),
        }
        if any(getattr(row, name) != value for name, value in wanted.items()):
            yield row.id, wanted
