"""Records that were merged away: which tables hang on a person, and what may not be left behind."""

from __future__ import annotations

import sqlalchemy as sa

from carecoord_tui.store.core_tables import PATIENT
from carecoord_tui.store.ledger import LEDGER
from carecoord_tui.store.tables import RECORDS

OWNED: tuple[str, ...] = tuple(
    str(model.__tablename__)
    for model in RECORDS
    if "patient_id" in model.__table__.columns  # type: ignore[attr-defined]
)
"""Every table whose rows belong to a person."""
_TABLES: dict[str, sa.Table] = {name: LEDGER.metadata.tables[name] for name in OWNED}
_GONE = PATIENT.c.merged_into_id.is_not(None)


def leftovers(connection: sa.Connection) -> dict[str, int]:
    """How many rows of which kind still belong to a record that was merged away; the open work first."""
    found: dict[str, int] = {}
    for name, table in (("open item", LEDGER), *_TABLES.items()):
        statement = sa.select(sa.func.count()).select_from(
            table.join(PATIENT, PATIENT.c.id == table.c.patient_id)
        )
        if count := connection.execute(statement.where(_GONE)).scalar_one():
            found[name.replace("_", " ")] = count
    return found


def astray(connection: sa.Connection) -> int:
    """How many merged records point at one that was merged away itself."""
    stays = PATIENT.alias()
    statement = sa.select(sa.func.count()).select_from(
        PATIENT.join(stays, stays.c.id == PATIENT.c.merged_into_id)
    )
    return int(connection.execute(statement.where(stays.c.merged_into_id.is_not(None))).scalar_one())


def count(connection: sa.Connection) -> int:
    """How many records were merged away."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(PATIENT).where(_GONE)).scalar_one())
