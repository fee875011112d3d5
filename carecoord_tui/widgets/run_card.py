"""One card of a run: who, what and why, last contacts. And the line that says how far the run is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import due_label, format_day, format_time
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.widgets.bars import OneLine
from carecoord_tui.widgets.person_pane import (
    ALARM,
    DIM,
    STRONG,
    WAITING,
    Name,
    contact_words,
    coverage_words,
    heading,
    limits,
    phone_words,
    status_words,
    styled,
)
from carecoord_tui.widgets.safe_text import safe_text, wants_ascii
from carecoord_tui.widgets.text_block import TextBlock

CONTACTS_SHOWN = 3
OTHERS_SHOWN = 4
_BAR_CELLS = 12
NOTHING_OWED = "Nothing is owed on this any more."


class RunCard(TextBlock):
    """The card's text. What a call needs stands on top, where no sheet covers it."""

    def clear(self) -> None:
        """No card."""
        self.show_content(Content(""))

    def show(
        self,
        person: PersonView,
        ranked: Ranked | None,
        others: Sequence[Ranked],
        moment: Moment,
        name: Name,
        about: Sequence[Content] = (),
    ) -> None:
        """Draw person and item; ``ranked`` None: it was settled. ``about`` is what its record says."""
        lines = [*_who(person, moment, name), Content("")]
        lines += [styled(NOTHING_OWED, DIM), *about] if ranked is None else _what(ranked, moment, about)
        lines += _contacts(person, moment, name)
        lines += _others(others, moment)
        self.show_content(Content("\n").join(lines))


def _who(person: PersonView, moment: Moment, name: Name) -> list[Content]:
    lines = [heading(person, moment.today, name)]
    if status := status_words(person, moment.today):
        lines.append(styled(status, ALARM))
    bound = [styled(f"  ! {text}", WAITING) for text in limits(person)]
    lines.append(Content("").join([styled(phone_words(person, moment)), *bound]))
    lines.append(styled(coverage_words(person, moment.today), DIM))
    return lines


def _what(ranked: Ranked, moment: Moment, about: Sequence[Content]) -> list[Content]:
    item = ranked.item
    lines = [Content.assemble(styled(ranked.title, STRONG), Content("   "), _due(ranked, moment))]
    lines += [*about, styled(item.why)]
    if cited := ", ".join(part for part in (item.rule_id, item.citation) if part):
        lines.append(styled(f"({cited})", DIM))
    return lines


def _due(ranked: Ranked, moment: Moment) -> Content:
    """``due Fri, 1d · tried 1/3 · last day Tue 1 Dec · waiting on Humana``."""
    item, today = ranked.item, moment.today
    due = f"due {due_label(item.target_on, today, ranked.days_late)}"
    if item.target_at is not None:
        due += f" {format_time(item.target_at.astimezone(moment.zone).time())}"
    parts = [styled(due, ALARM if ranked.days_late > 0 else "")]
    if item.progress:
        parts.append(styled(f" · tried {item.progress}", DIM))
    if item.legal_on is not None:
        parts.append(styled(f" · last day {format_day(item.legal_on, today)}", ALARM))
    if item.waiting_on:
        parts.append(styled(f" · waiting on {item.waiting_on}", WAITING))
    if ranked.not_callable_now:
        parts.append(styled(" · not to be called now", WAITING))
    return Content("").join(parts)


def _contacts(person: PersonView, moment: Moment, name: Name) -> list[Content]:
    if not person.contacts:
        return [Content(""), styled("Never contacted", DIM)]
    shown = person.contacts[:CONTACTS_SHOWN]
    lines = [styled(contact_words(one, moment.zone, moment.today, name)) for one in shown]
    return [Content(""), styled("Last contacts", DIM), *lines]


def _others(others: Sequence[Ranked], moment: Moment) -> list[Content]:
    if not others:
        return []
    lines = [
        Content.assemble(
            styled(format_day(one.item.target_on, moment.today).ljust(11), DIM), styled(one.title)
        )
        for one in others[:OTHERS_SHOWN]
    ]
    if len(others) > OTHERS_SHOWN:
        lines.append(styled(f"and {len(others) - OTHERS_SHOWN} more", DIM))
    return [Content(""), styled("Also open", DIM), *lines]


class RunBar(OneLine):
    """``Sent without a date   4 of 17 · 3 done · 1 left as it is      ━━━━────────``."""

    DEFAULT_CSS = """
    RunBar {
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--accent { color: $text-accent; }
    }
    """

    def show_progress(self, title: str, words: str, behind: int, total: int) -> None:
        """``behind`` of ``total`` cards are dealt with or left."""
        left = Text.assemble((f" {safe_text(title)}   ", self.role("strong")), words)
        full, empty = ("#", "-") if wants_ascii() else ("━", "─")
        filled = _BAR_CELLS * behind // total if total else 0
        bar = Text.assemble(
            (full * filled, self.role("accent")), (empty * (_BAR_CELLS - filled) + " ", self.role("dim"))
        )
        self.show(left, bar)
