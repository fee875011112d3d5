"""What every rule needs beside the facts: the pack, the calendar, the practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
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
    call_from: time | None = None  # the practice's calling hours, for people who did not give their own
    call_until: time | None = None

    def deadline(self, rule: Rule | str, trigger: date | datetime, *, risk: Risk | None = None) -> Deadline:
        """The deadline of a rule (by id: its present version) from its trigger.

        Hour clocks need an aware time; tiered rules a risk. Raises RuleError as ``compute`` does.
        """
        found = self.pack.get(rule) if isinstance(rule, str) else rule
        return compute(found, trigger, calendar=self.calendar, tz=self.zone, risk=risk)

    def target(self, rule_id: str, trigger: date) -> date:
        """The do-by day of a rule's present version; the trigger itself where it asks for nothing."""
        return self.deadline(rule_id, trigger).target_on or trigger

    def cite(self, source: Deadline | str) -> str:
        """The citation of a deadline, or of a rule by id; "unconfirmed" where nobody checked the text.

        A date entered from a letter or contract is a fact and never unconfirmed.
        """
        cited = self.pack.get(source) if isinstance(source, str) else source
        if not cited.citation or cited.confirmed:
            return cited.citation
        return f"{cited.citation}, unconfirmed"

    def day_of(self, instant: datetime) -> date:
        """The practice-local day of an aware time."""
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Midnight (aware) at which a practice-local day begins."""
        return datetime.combine(day, time(0), tzinfo=self.zone)

    def last_chance(self, last_day: date) -> date:
        """The last day on or before ``last_day`` on which somebody is there to do it."""
        return self.calendar.previous_working_day_on_or_before(last_day)
