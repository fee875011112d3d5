"""The Insurance tab of the patient page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content

from carecoord_tui.domain.insurance_rows import lane_of
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.page_tabs import PageTab
from carecoord_tui.store.queries.patient_insurance import authorizations_of, denials_of
from carecoord_tui.widgets.page_insurance_rows import (
    COVERAGE,
    ESTIMATE,
    GAP,
    PAGE_INSURANCE_COLUMNS,
    assistance_row,
    assistance_words,
    authorization_row,
    authorization_words,
    billing_case_row,
    billing_case_words,
    coverage_rows,
    denial_row,
    denial_words,
    estimate_row,
    good_faith_row,
    good_faith_words,
    payment_plan_row,
    payment_plan_words,
    section,
)
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.row_source import Row

if TYPE_CHECKING:
    from carecoord_tui.screens.patient_page import PatientPage


class InsuranceTab(PageTab):
    """Plans with their last check, authorizations, denials, what care costs; verbs work on the row's item."""

    key, title, short = "insurance", "Insurance", "Insur."
    columns = PAGE_INSURANCE_COLUMNS
    empty_text = "No coverage on file.\ne enters a plan, i records a check, an authorization, a denial."
    keeps_count = True
    enter = "form"
    footer = ("verb.insurance", "verb.contact", "verb.done", "verb.edit", "app.help")

    def __init__(self, page: PatientPage) -> None:
        super().__init__(page)
        self._words: dict[object, str] = {}
        self._closed: set[object] = set()

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """A section for each sort of record; one without a record is left out."""
        execute, today = self.page.app.reader.execute, moment.today
        authorizations = authorizations_of(execute, person.id, moment.zone)
        denials = denials_of(execute, person.id)
        self._words = {
            **{(Kind.AUTHORIZATION.value, one.id): authorization_words(one, today) for one in authorizations},
            **{(Kind.DENIAL.value, one.id): denial_words(one) for one in denials},
        }
        return [
            *section("COVERAGE", coverage_rows(person.coverages, today)),
            *section("AUTHORIZATIONS", [authorization_row(one, today) for one in authorizations]),
            *section("DENIALS", [denial_row(one, today) for one in denials]),
            *self._costs(person.id, today),
        ]

    def _costs(self, patient_id: int, today: date) -> list[Row]:
        """What care costs: estimates, then bills with their plans, then help with them."""
        from carecoord_tui.store.queries import billing  # imports the tables

        execute = self.page.app.reader.execute
        good_faith = billing.good_faith_of(execute, patient_id)
        cases, plans = billing.cases_of(execute, patient_id), billing.plans_of(execute, patient_id)
        programs = billing.assistance_of(execute, patient_id)
        self._words |= {
            **{(Kind.GOOD_FAITH.value, one.id): good_faith_words(one, today) for one in good_faith},
            **{(Kind.BILLING.value, one.id): billing_case_words(one, today) for one in cases},
            **{(Kind.PAYMENT_PLAN.value, one.id): payment_plan_words(one, today) for one in plans},
            **{(Kind.ASSISTANCE.value, one.id): assistance_words(one, today) for one in programs},
        }
        self._closed = {
            *((Kind.BILLING.value, one.id) for one in cases if not one.is_open),
            *((Kind.PAYMENT_PLAN.value, one.id) for one in plans if not one.is_open),
            *((Kind.ASSISTANCE.value, one.id) for one in programs if not one.is_open),
        }
        estimates = [estimate_row(one, today) for one in billing.estimates_of(execute, patient_id)]
        estimates += [good_faith_row(one, today) for one in good_faith]
        bills = [billing_case_row(one, today) for one in cases]
        bills += [payment_plan_row(one, today) for one in plans]
        return [
            *section("ESTIMATES", estimates),
            *section("BILLS", bills),
            *section("ASSISTANCE", [assistance_row(one, today) for one in programs]),
        ]

    def count(self, person: PersonView) -> int:
        """Open records of all lanes."""
        items = (ranked.item for ranked in self.page.items.values())
        return len({(one.kind, one.record_id) for one in items if lane_of(one.kind, one.rule_id)})

    def detail(self, row: Row) -> Content:
        """What the columns leave out."""
        return styled(self._words.get(row.id, ""), DIM)

    def items(self) -> tuple[Ranked, ...]:
        """The most urgent item of the highlighted record; a plan and an ended record have none."""
        mine = (
            ranked
            for ranked in self.page.items.values()
            if (ranked.item.kind.value, ranked.item.record_id) == self.listing.cursor_id
        )
        return tuple(mine)[:1]

    async def open(self) -> None:
        """The form of the highlighted record."""
        from carecoord_tui.screens.insurance_menu import BY_KIND, ELIGIBILITY
        from carecoord_tui.screens.insurance_menu import ESTIMATE as ESTIMATE_FORM

        page, person, found = self.page, self.page.person, self.listing.cursor_id
        if person is None or not isinstance(found, tuple) or found == GAP:
            return
        if found in self._closed:
            page.say("This one is closed and stays as it is; i records a new one.")
            return
        kind, number = found
        forms = {COVERAGE: ELIGIBILITY, ESTIMATE: ESTIMATE_FORM}  # they open for a new check or estimate
        form = forms.get(kind) or BY_KIND[Kind(kind)]
        practice = await page.app.full_practice()
        page.app.push_screen(form.make(practice, person.id, person.name, None if kind in forms else number))
