"""What every rule needs beside the facts: the pack, the calendar, the practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.deadlines import Deadline, compute
from carecoord_tui.domain.rulepack import Rule, RulePack
from carecoord_tui.domain.vocabulary import Risk


@dataclass(frozen=True, slots=True)
class Context:
    """The practice's rules and calendar. No clock: what is overdue is worked out when read."""

    pack: RulePack
    calendar: Calendar
    zone: ZoneInfo
    user_is_clinical: bool = False

    def deadline(self, rule: Rule | str, trigger: date | datetime, *, risk: Risk | None = None) -> Deadline:
        """The deadline of a rule (by id: its present version) from its trigger.

        Hour clocks need an aware time; tiered rules a risk. Raises RuleError as ``compute`` does.
        """
        found = self.pack.get(rule) if isinstance(rule, str) else rule
        return compute(found, trigger, calendar=self.calendar, tz=self.zone, risk=risk)

    def day_of(self, instant: datetime) -> date:
        """The practice-local day of an aware time."""
        return instant.astimezone(self.zone).date()
