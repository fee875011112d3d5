"""What the imports of patient lists and referral logs share: opening the table, and the one change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.exchange.columns import FieldSet
from carecoord_tui.exchange.import_plan import ImportPlan, NeedsDateOrder, plan_import
from carecoord_tui.exchange.import_steps import LOOKING, Steps
from carecoord_tui.exchange.spreadsheet import Table, open_table
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession


class TableJob(Protocol):
    """One import, once its rows were read."""

    def compare(self, connection: sa.Connection) -> None:
        """Decide what becomes of every row; reads only."""
        ...

    def save(self, session: AuditedSession) -> None:
        """Write everything inside the change."""
        ...

    def write_rejects(self, wanted: Path | None) -> Path | None:
        """Hand the rows that were not taken back; None when there are none."""
        ...


def open_planned(
    practice: Practice,
    path: Path | str,
    known: FieldSet,
    steps: Steps,
    *,
    sheet: str | None,
    overrides: Mapping[str, str] | None,
    date_order: DateOrder | None,
) -> tuple[Table, ImportPlan]:
    """A file with its columns mapped and the order of its dates known.

    Raises:
        TableError: the file cannot be used. ``NeedsDateOrder`` is one: nobody has said the order.
    """
    table = open_table(path, sheet=sheet, is_known=known.is_known_header)
    plan = plan_import(
        table,
        overrides=overrides,
        date_order=date_order,
        usual_order=practice.settings.own_date_order,
        progress=steps.of(LOOKING),
        known=known,
    )
    if plan.undecided:
        raise NeedsDateOrder(table.path, plan.undecided)
    return table, plan


def carry_out(practice: Practice, label: str, job: TableJob, rejects_path: Path | None) -> Path | None:
    """Compare and write within one change; returns where the rows that were not taken are."""
    return in_one_change(practice, label, lambda session: _all_of(job, session, rejects_path))


def in_one_change(
    practice: Practice, label: str, act: Callable[[AuditedSession], Path | None]
) -> Path | None:
    """Write everything, and hand the other rows back in a file that goes again when the change fails.

    ``act`` writes the file last and returns its path: a row is never taken out of a file without being
    somewhere.
    """
    rejects = None
    try:
        with practice.change(label) as session:
            rejects = act(session)
    except BaseException:
        if rejects is not None:
            rejects.unlink(missing_ok=True)
        raise
    return rejects


def _all_of(job: TableJob, session: AuditedSession, rejects_path: Path | None) -> Path | None:
    job.compare(session.connection())
    job.save(session)
    return job.write_rejects(rejects_path)
