"""What somebody typed to narrow the insurance screen, as a condition on ``ledger l``.

Every word must begin something: a name, date or number of the patient, a payer, a word of what is owed, a
number or code of the authorization, the number of the claim. The whole text may also be the patient's.
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

_NUMBERS = {  # columns that hold what a payer gave, by the kind of item
    "authorization": ("number", "reference", "service_code"),
    "denial": ("claim_number",),
}


class InsuranceFilter(TypedFilter):
    """The items of the lanes."""

    alias = "l"

    def _parts(self, made: Condition, word: str) -> Iterator[str]:
        yield f"' ' || l.title LIKE {made.bind(f'% {escaped(word)}%')} ESCAPE '!'"
        if payers := beginning(self._payers, word):
            yield _of_payers(", ".join(map(str, payers)))
        if has_digit(word):
            begins = made.bind(f"{escaped(word)}%")
            for kind, columns in _NUMBERS.items():
                for column in columns:
                    yield (
                        f"(l.kind = '{kind}' AND l.record_id IN (SELECT id FROM {kind} WHERE {column}"
                        f" LIKE {begins} ESCAPE '!'))"
                    )

    @cached_property
    def _payers(self) -> Named:
        return self._named("SELECT id, name FROM payer")


def _of_payers(payers: str) -> str:
    """Items of these payers: of the record's plan, of a visit any plan of the patient that is in force."""
    plans = f"SELECT id FROM coverage WHERE payer_id IN ({payers})"
    people = f"SELECT patient_id FROM coverage WHERE payer_id IN ({payers}) AND status <> 'cancelled'"
    return " OR ".join(
        (
            f"(l.kind = 'eligibility' AND l.patient_id IN ({people}))",
            *(
                f"(l.kind = '{kind}' AND l.record_id IN"
                f" (SELECT id FROM {kind} WHERE coverage_id IN ({plans})))"
                for kind in _NUMBERS
            ),
            "(l.kind = 'billing' AND l.record_id IN"
            f" (SELECT id FROM billing_case WHERE payer_id IN ({payers})))",
        )
    )
