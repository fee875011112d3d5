"""Rows of the patient page about visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from rich.text import Text

from carecoord_tui.domain.appointment import STATUS_WORDS
from carecoord_tui.domain.date_words import format_day, format_time
from carecoord_tui.domain.visit_rows import VisitRow
from carecoord_tui.domain.vocabulary import AppointmentStatus
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row

VISIT_COLUMNS = (
    Column("when", "When", width=24),
    Column("title", "What for", min_width=14, grow=2, style="strong"),
    Column("status", "Status", width=11, priority=90),
    Column("office", "With", min_width=12, max_width=26, priority=60, style="dim"),
    Column("interpreter", "Interpreter", width=15, priority=70),
)


def visit_rows(visits: Sequence[VisitRow], today: date, zone: ZoneInfo) -> list[Row]:
    """Open ones, then those that are over under their heading."""
    rows: list[Row] = []
    was_open = True
    for visit in visits:
        if was_open and not visit.is_open:
            rows.append(Row("over", ("OVER",), kind="header"))
            was_open = False
        rows.append(_row(visit, today, zone))
    return rows


def _row(visit: VisitRow, today: date, zone: ZoneInfo) -> Row:
    local = visit.starts_at.astimezone(zone)
    is_missed = visit.status is AppointmentStatus.NOSHOW and visit.is_open
    cells = (
        f"{format_day(local.date(), today)}, {format_time(local.time())}",
        visit.title,
        Text(STATUS_WORDS[visit.status], style="alarm" if is_missed else ""),
        visit.office or visit.location,
        _interpreter(visit),
    )
    return Row(visit.id, cells, style="" if visit.is_open else "dim")


def _interpreter(visit: VisitRow) -> Text:
    if not visit.interpreter_needed:
        return Text("")
    if visit.interpreter_confirmed_on is not None:
        return Text("confirmed", style="dim")
    return Text("not confirmed", style="waiting" if visit.is_open else "dim")


def visit_words(visit: VisitRow, today: date) -> str:
    """What the columns leave out."""
    mode = visit.interpreter_mode.label if visit.interpreter_mode else ""
    qualified = {None: "", True: "qualified", False: "not qualified"}[visit.interpreter_qualified]
    interpreter = ", ".join(filter(None, (visit.interpreter_name, mode, qualified)))
    words = [
        f"{visit.minutes} min",
        f"with {visit.office}" if visit.office else "",
        visit.location,
        f"referral: {visit.specialty}" if visit.specialty else "",
        f"booked {format_day(visit.booked_on, today)}",
        f"confirmed {format_day(visit.confirmed_on, today)}" if visit.confirmed_on else "",
        f"interpreter: {interpreter}" if interpreter else "",
        visit.note,
    ]
    return " · ".join(filter(None, words))
