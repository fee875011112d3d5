"""Why an item stands where it stands: the reasons in order, the rule with its source, the audit."""

from __future__ import annotations

from datetime import date

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.ranking import Ranked, rank_reasons
from carecoord_tui.domain.rows import AuditLine
from carecoord_tui.domain.work import WorkItem
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.history import audit_of_item
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled

AUDIT_SHOWN = 12
FIELDS_SHOWN = 4


class WhySheet(Sheet[None]):
    """Read only; esc goes back."""

    def __init__(self, practice: Practice, ranked: Ranked) -> None:
        super().__init__()
        self.practice = practice
        self.ranked = ranked

    def heading(self) -> str:
        """Which item."""
        return f"Why: {self.ranked.title} · {self.app.shown_name(self.ranked.person.name)}"

    def hint(self) -> str:
        """The keys."""
        return "up down scroll · esc back"

    def compose_body(self) -> ComposeResult:
        """Rule, place, audit."""
        with VerticalScroll(id="why-scroll"):
            yield Static(self._text(), id="why-text")

    def _text(self) -> Content:
        item = self.ranked.item
        rule = self.practice.context.pack.get(item.rule_id)
        lines = [styled(item.why)]
        if days := _days(item, self.practice.today()):
            lines.append(styled(days, STRONG))
        lines.append(styled(f"Rule {item.rule_id}: {rule.title}. Source: {item.citation}.", DIM))
        if rule.note:
            lines.append(styled(rule.note, DIM))
        if not rule.confirmed:
            lines.append(
                styled("Unconfirmed: not checked against the primary text. The letter decides.", DIM)
            )
        lines += [Content(""), styled("Its place in the day", STRONG)]
        moment = self.practice.moment()
        lines += [styled(f"{n}. {reason}") for n, reason in enumerate(rank_reasons(self.ranked, moment), 1)]
        lines += [Content(""), styled("Audit", STRONG)]
        history = audit_of_item(self.practice.execute, item.ref, limit=AUDIT_SHOWN)
        lines += [self._audit_line(line) for line in history] or [styled("no change recorded", DIM)]
        return Content("\n").join(lines)

    def _audit_line(self, line: AuditLine) -> Content:
        at = line.at.astimezone(self.practice.zone)
        changed = [
            # A person's own values may be a name that is masked or an address that is confidential.
            name.replace("_", " ") if line.table_name == "patient" else f"{name} {old or '-'} to {new or '-'}"
            for name, old, new in line.fields
            if old != new
        ]
        tail = "; ".join(changed[:FIELDS_SHOWN]) if line.action == "update" else ""
        return Content.assemble(
            styled(f"{format_day(at.date(), self.practice.today())} {at:%H:%M}  ", DIM),
            styled(f"{line.label}, {line.user}"),
            styled(f"  {tail}", DIM),
        )


def _days(item: WorkItem, today: date) -> str:
    """``Last day Sun 31 Jan · warn Tue 26 Jan · do by Fri 29 Jan``; empty without a last day."""
    if item.legal_on is None:
        return ""
    said = (("Last day", item.legal_on), ("warn", item.warn_on), ("do by", item.target_on))
    return " · ".join(f"{word} {format_day(day, today)}" for word, day in said if day is not None)


SCREEN = WhySheet
