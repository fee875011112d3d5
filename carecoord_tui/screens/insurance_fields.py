"""What the forms of authorizations and denials share: their fields, read into values or problems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from textual.content import Content
from textual.widgets import Static

from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import When, echo, format_day, format_time
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import LinkedReferral, Plan, Visit
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.safe_text import safe_text

YES = "yes"
NOTHING = Option("0", "none", "")


class InsuranceForm(FormSheet[bool]):
    """Subclasses give the fields. Dates show at once what they were understood as."""

    def __init__(self, practice: Practice, patient_id: int, patient_name: str) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name

    # --- making fields ---------------------------------------------------------------------------

    def line(
        self, label: str, name: str, value: str = "", placeholder: str = "", *, prose: bool = False
    ) -> Field:
        """A line of text; ``prose`` is gone on with rather than replaced."""
        return Field(label, FormInput(value, placeholder=placeholder, prose=prose, id=name))

    def pick(self, label: str, name: str, options: Sequence[Option], value: str = "") -> Field:
        """One of several."""
        return Field(label, ChoiceRow(tuple(options), value=value, id=name))

    def day(self, label: str, name: str, value: date | datetime | None) -> Field:
        """A date that is ahead as a rule; one that has been is taken too."""
        return Field(label, self.date_input(Lean.AHEAD, name, value))

    def past_day(self, label: str, name: str, value: date | datetime | None) -> Field:
        """A date that has been, or with a time the moment in the practice's zone."""
        return Field(label, self.date_input(Lean.PAST, name, value))

    def date_input(self, lean: Lean, name: str, value: date | datetime | None) -> DateInput:
        """A date field in the practice's way of writing dates."""
        return DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            value=echo(_when(value, self.practice.zone)) if value is not None else "",
            allow_past=True,
            lean=lean,
            id=name,
        )

    # --- reading fields --------------------------------------------------------------------------

    def texts(self) -> dict[str, str]:
        """Every field, the dates as typed."""
        found = super().texts()
        for control in self.query(DateInput):
            found[control.id or ""] = control.text
        return found

    def typed_day(self, name: str) -> date | None:
        """The day in a date field; None while it is empty or not understood."""
        value = self.query_one(f"#{name}", DateInput).value
        return None if value is None else value.on

    def typed_moment(self, name: str) -> tuple[date | None, datetime | None]:
        """The day, and where a time was typed the aware moment."""
        value = self.query_one(f"#{name}", DateInput).value
        if value is None:
            return None, None
        at = None if value.at is None else datetime.combine(value.on, value.at, tzinfo=self.practice.zone)
        return value.on, at

    def date_problems(self) -> dict[str, str]:
        """Dates that were not understood, by the control's id; hidden fields do not count."""
        return {
            control.id or "": control.problem
            for control in self.query(DateInput)
            if control.problem and self.field_of(control.id or "").display
        }

    def chosen(self, name: str) -> str:
        """What a row of options holds; empty for nothing."""
        return self.query_one(f"#{name}", ChoiceRow).value or ""

    def chosen_number(self, name: str) -> int | None:
        """The number of the record a row of options holds."""
        value = self.chosen(name)
        return int(value) if value else None

    # --- saying ----------------------------------------------------------------------------------

    def say(self, name: str, *lines: str) -> None:
        """Lines under a field; they take no room while there is nothing to say."""
        shown = [Content(safe_text(line)) for line in lines if line]
        under = self.query_one(f"#{name}", Static)
        under.update(Content("\n").join(shown))
        under.display = bool(shown)

    def show(self, names: Sequence[str], *, when: bool) -> None:
        """Fields that matter now, or not."""
        for name in names:
            self.field_of(name).display = when


def _when(value: date | datetime, zone: ZoneInfo) -> When:
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return When(local.date(), local.time().replace(second=0, microsecond=0, tzinfo=None))
    return When(value)


def plan_options(plans: Sequence[Plan]) -> tuple[Option, ...]:
    """The patient's plans, ``1`` the one that pays first."""
    found = (
        Option(str(number), one.payer_name, str(one.coverage_id)) for number, one in enumerate(plans[:9], 1)
    )
    return (*found, NOTHING)


def visit_options(visits: Sequence[Visit], zone: ZoneInfo) -> tuple[Option, ...]:
    """``1 Wed 2 Dec 10:20am MRI``."""
    found = []
    for number, one in enumerate(visits, 1):
        at = one.starts_at.astimezone(zone)
        clock = format_time(time(at.hour, at.minute))
        found.append(
            Option(str(number), f"{format_day(at.date())} {clock} {one.title}", str(one.appointment_id))
        )
    return (*found, NOTHING)


def referral_options(referrals: Sequence[LinkedReferral]) -> tuple[Option, ...]:
    """``1 cardiology: scheduled``."""
    found = (
        Option(str(number), f"{one.specialty}: {one.stage.label}", str(one.referral_id))
        for number, one in enumerate(referrals, 1)
    )
    return (*found, NOTHING)
