"""Measures of insurance."""

from __future__ import annotations

from collections.abc import Sequence

from carecoord_tui.domain.insurance_measure_words import insurance_lines
from carecoord_tui.domain.insurance_measures import measure_insurance
from carecoord_tui.domain.measure_words import Line
from carecoord_tui.domain.period import Period
from carecoord_tui.screens.measures_sheet import MeasuresSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.insurance_measures import read_insurance_rows


class InsuranceMeasuresSheet(MeasuresSheet):
    """Turnaround, inside the clock, denials, appeals, overturned, eligibility coverage."""

    of_what = "insurance"

    def __init__(self, practice: Practice) -> None:
        super().__init__(practice)
        self._rows = read_insurance_rows(practice.execute, practice.zone)

    def oldest_year(self) -> int | None:
        """The year of the first record."""
        return self._rows.first_year

    def lines(self, year: int | None) -> Sequence[Line]:
        """The clocks are the practice's rules."""
        period = None if year is None else Period.of_year(year)
        today, context = self.practice.today(), self.practice.context
        return insurance_lines(measure_insurance(self._rows, context, today=today, period=period))


SCREEN = InsuranceMeasuresSheet
