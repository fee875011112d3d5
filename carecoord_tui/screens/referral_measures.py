"""Measures of referrals."""

from __future__ import annotations

from collections.abc import Sequence

from carecoord_tui.domain.measure_words import Line, referral_lines
from carecoord_tui.domain.measures import measure_referrals
from carecoord_tui.domain.period import Period
from carecoord_tui.screens.measures_sheet import MeasuresSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.measures import read_referral_rows


class ReferralMeasuresSheet(MeasuresSheet):
    """CMS50, loop closure, scheduling rate, days to appointment."""

    of_what = "referrals"

    def __init__(self, practice: Practice) -> None:
        super().__init__(practice)
        self._rows = read_referral_rows(practice.execute)

    def oldest_year(self) -> int | None:
        """The year of the first order."""
        return min((row.ordered_on.year for row in self._rows), default=None)

    def lines(self, year: int | None) -> Sequence[Line]:
        """CMS50 is of the year itself."""
        period = None if year is None else Period.of_year(year)
        today = self.practice.today()
        return referral_lines(measure_referrals(self._rows, today=today, period=period, year=year))


SCREEN = ReferralMeasuresSheet
