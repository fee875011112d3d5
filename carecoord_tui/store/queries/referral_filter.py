"""What somebody typed to narrow the list of referrals, as a condition on ``referral r``.

Every word must begin something: a name, date or number of the patient, the specialty, the office, a
diagnosis code, the office's reference. The whole text may also be the patient's (``14 mar 1961``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from carecoord_tui.store.queries.typed_filter import (
    Condition,
    Named,
    TypedFilter,
    beginning,
    escaped,
    has_digit,
)

_CODES = "(',' || replace(replace(r.diagnoses, ' ', ''), '.', ''))"


class ReferralFilter(TypedFilter):
    """The referrals of the views."""

    alias = "r"
    first_free = 3  # ?1 and ?2 are the days of the views

    def _parts(self, made: Condition, word: str) -> Iterator[str]:
        yield f"r.provider_id IN ({', '.join(map(str, beginning(self._offices, word)))})"
        yield f"r.specialty IN ({', '.join(map(made.bind, beginning(self._specialties, word)))})"
        if has_digit(word):
            code = "".join(char for char in word if char.isalnum())
            yield f"{_CODES} LIKE {made.bind(f'%,{code}%')}"
            yield f"r.office_reference LIKE {made.bind(escaped(word) + '%')} ESCAPE '!'"

    @cached_property
    def _offices(self) -> Named:
        return self._named("SELECT id, name || ' ' || organization FROM provider")

    @cached_property
    def _specialties(self) -> Named:
        return self._named("SELECT DISTINCT specialty, specialty FROM referral")
