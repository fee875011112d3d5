"""What somebody typed to narrow the insurance screen, as a condition on ``ledger l``.

Every word must begin something: a name, date or number of the patient, a payer, a word of what is owed, a
number or code of the authorization, the number of the claim. The whole text may also be the patient's.
"""

from __future__ import annotations

from functools import cached_property

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.search_words import match_query, name_tokens
from carecoord_tui.store.queries.today import Execute

MAX_WORDS = 6
_NOBODY = "0"
_NUMBERS = {  # columns that hold what a payer gave, by the kind of item
    "authorization": ("number", "reference", "service_code"),
    "denial": ("claim_number",),
}


class LaneCondition:
    """A condition under construction, with its parameters from ``?1`` on."""

    def __init__(self) -> None:
        self.sql = ""
        self.parameters: list[object] = []

    def bind(self, value: object) -> str:
        """The placeholder of one more parameter."""
        self.parameters.append(value)
        return f"?{len(self.parameters)}"

    def patient(self, query: str) -> str:
        """Patients found by an FTS5 query; nobody for an empty one."""
        if not query:
            return _NOBODY
        match = f"SELECT rowid FROM patient_search WHERE patient_search MATCH {self.bind(query)}"
        return f"l.patient_id IN ({match})"


class InsuranceFilter:
    """The payers there are, read when first typed at; then a condition at every key."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def condition(self, text: str, order: DateOrder) -> LaneCondition:
        """What was typed as a condition; its ``sql`` is empty for blank text."""
        made = LaneCondition()
        words = fold(text).split()[:MAX_WORDS]
        if words:
            parts = " AND ".join(f"({self._word(made, word, order)})" for word in words)
            whole = made.patient(match_query(text, order=order)) if len(words) > 1 else _NOBODY
            made.sql = f"({parts}) OR {whole}"
        return made

    def _word(self, made: LaneCondition, word: str, order: DateOrder) -> str:
        titled = f"' ' || l.title LIKE {made.bind(f'% {escaped(word)}%')} ESCAPE '!'"
        parts = [made.patient(match_query(word, order=order)), titled]
        payers = ", ".join(str(number) for number, tokens in self._payers if _begins(tokens, word))
        if payers:
            parts.append(_of_payers(payers))
        if any(char.isdecimal() for char in word):  # as in every number: names are not compared
            begins = made.bind(f"{escaped(word)}%")
            parts += [
                f"(l.kind = '{kind}' AND l.record_id IN (SELECT id FROM {kind} WHERE {column}"
                f" LIKE {begins} ESCAPE '!'))"
                for kind, columns in _NUMBERS.items()
                for column in columns
            ]
        return " OR ".join(parts)

    @cached_property
    def _payers(self) -> list[tuple[int, list[str]]]:
        rows = self._execute("SELECT id, name FROM payer", [])
        return [(number, name_tokens(name)) for number, name in rows]


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


def _begins(tokens: list[str], word: str) -> bool:
    return any(token.startswith(word) for token in tokens)


def escaped(word: str) -> str:
    """``word`` with the wildcards of LIKE taken as themselves."""
    return "".join(f"!{char}" if char in "!%_" else char for char in word)
