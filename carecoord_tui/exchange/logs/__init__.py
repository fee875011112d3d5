"""Record logs out of spreadsheets: coverages, authorizations, appointments, follow-ups, offices.

A kind of log is declared once (``kinds``); ``LogJob`` reads a file as that kind, says what would become of
every row, takes a person's answers, and writes everything as one undoable change.
"""

from __future__ import annotations

from carecoord_tui.exchange.import_plan import NeedsDateOrder
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.exchange.logs.job import LogJob
from carecoord_tui.exchange.logs.kinds import KINDS, kind_named
from carecoord_tui.exchange.logs.plan import (
    Candidate,
    FieldDifference,
    LogCounts,
    LogLook,
    LogPlan,
    NeedsMeaning,
    RowFate,
    RowOutcome,
    StatusUse,
)

__all__ = [
    "KINDS",
    "Candidate",
    "FieldDifference",
    "ImportCancelled",
    "LogCounts",
    "LogJob",
    "LogLook",
    "LogPlan",
    "NeedsDateOrder",
    "NeedsMeaning",
    "RowFate",
    "RowOutcome",
    "StatusUse",
    "kind_named",
]
