"""Calls as they were logged: one hold about five things is one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from carecoord_tui.domain.eligibility_rows import LoggedCall
from carecoord_tui.domain.vocabulary import Outcome
from carecoord_tui.store.queries.today import Execute


def logged_calls(execute: Execute, source: str, parameters: Sequence[object]) -> list[LoggedCall]:
    """The last calls among ``source`` (``contact c ... WHERE ...``), newest first.

    The last of ``parameters`` is how many at the most.
    """
    rows = execute(
        "SELECT c.at, c.outcome, max(c.made_by), max(c.spoke_with), max(c.reference), sum(c.minutes),"
        f" max(c.note), count(*) FROM {source} GROUP BY c.at, c.outcome ORDER BY c.at DESC LIMIT ?",
        parameters,
    )
    return [
        LoggedCall(
            at=datetime.fromisoformat(r[0]),
            outcome=Outcome(r[1]),
            made_by=r[2],
            spoke_with=r[3],
            reference=r[4],
            minutes=r[5],
            note=r[6],
            about=r[7],
        )
        for r in rows
    ]
