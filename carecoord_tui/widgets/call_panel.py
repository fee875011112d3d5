"""Above a call to a payer or an office: its numbers, whether it answers now, the last call, what to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Protocol

from textual.content import Content

from carecoord_tui.domain.calling_hours import closed_words, now_words
from carecoord_tui.domain.eligibility_rows import LoggedCall
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.widgets.payer_rows import call_line
from carecoord_tui.widgets.person_pane import DIM, STRONG, WAITING, styled

ABOUT_SHOWN = 3  # things asked about whose facts stand above the outcomes
NO_CALL_YET = "No call logged yet."


class Callee(Protocol):
    """A payer or an office, as one to call. Hours are local to ``time_zone``, empty: the practice's."""

    @property
    def numbers(self) -> list[str]: ...

    @property
    def call_from(self) -> time | None: ...

    @property
    def call_until(self) -> time | None: ...

    @property
    def time_zone(self) -> str: ...


def call_panel(
    callee: Callee, last: LoggedCall | None, about: Sequence[Content], moment: Moment, *, count: int
) -> Content:
    """Numbers and hours, the last call with its reference, then what each of ``count`` things is found by."""
    hours = (callee.call_from, callee.call_until, callee.time_zone, moment.local, moment.zone.key)
    is_closed = bool(closed_words(*hours))
    lines = [
        Content.assemble(
            styled(" · ".join(callee.numbers), STRONG),
            styled(f"  {now_words(*hours)}", WAITING if is_closed else DIM),
        ),
        styled(NO_CALL_YET, DIM)
        if last is None
        else call_line(last, moment.today, moment.zone, name="Last call"),
        *about,
    ]
    if count > len(about):
        lines.append(styled(f"and {count - len(about):,} more: the list has what is asked for", DIM))
    return Content("\n").join(lines)
