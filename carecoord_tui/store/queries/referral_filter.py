"""What somebody typed to narrow the list of referrals, as a condition of SQL.

Every word must begin something: a name, date or number of the patient, the specialty, the office, a
diagnosis code, the office's reference. The whole text may also be the patient's (``14 mar 1961``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.search_words import match_query, name_tokens
from carecoord_tui.store.queries.today import Execute

MAX_WORDS = 6
_FIRST_FREE = 3  # ?1 and ?2 are the days of the views
_NOBODY = "0"
_CODES = "(',' || replace(replace(r.diagnoses, ' ', ''), '.', ''))"


class Condition:
    """A condition on ``referral r`` under construction, with its parameters from ``?3`` on."""

    def __init__(self) -> None:
        self.sql = ""
        self.parameters: list[object] = []

    def bind(self, value: object) -> str:
        """The placeholder of one more parameter."""
        self.parameters.append(value)
        return f"?{_FIRST_FREE + len(self.parameters) - 1}"

    def patient(self, query: str) -> str:
        """Patients found by an FTS5 query; nobody for an empty one."""
        if not query:
            return _NOBODY
        match = f"SELECT rowid FROM patient_search WHERE patient_search MATCH {self.bind(query)}"
        return f"r.patient_id IN ({match})"


class ReferralFilter:
    """The offices and specialties there are, read when first typed at; then a condition at every key."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def condition(self, text: str, order: DateOrder) -> Condition:
        """What was typed as a condition; its ``sql`` is empty for blank text."""
        made = Condition()
        words = fold(text).split()[:MAX_WORDS]
        if words:
            parts = " AND ".join(f"({self._word(made, word, order)})" for word in words)
            whole = made.patient(match_query(text, order=order)) if len(words) > 1 else _NOBODY
            made.sql = f"({parts}) OR {whole}"
        return made

    def _word(self, made: Condition, word: str, order: DateOrder) -> str:
        offices = ", ".join(str(number) for number, tokens in self._offices if _begins(tokens, word))
        specialties = [name for name, tokens in self._specialties if _begins(tokens, word)]
        parts = [
            made.patient(match_query(word, order=order)),
            f"r.provider_id IN ({offices})",
            f"r.specialty IN ({', '.join(map(made.bind, specialties))})",
        ]
        if any(char.isdecimal() for char in word):  # as in every code: names are not compared
            code = "".join(char for char in word if char.isalnum())
            parts.append(f"{_CODES} LIKE {made.bind(f'%,{code}%')}")
            parts.append(f"r.office_reference LIKE {made.bind(_escaped(word) + '%')} ESCAPE '!'")
        return " OR ".join(parts)

    @cached_property
    def _offices(self) -> list[tuple[int, Sequence[str]]]:
        rows = self._execute("SELECT id, name || ' ' || organization FROM provider", [])
        return [(number, name_tokens(name)) for number, name in rows]

    @cached_property
    def _specialties(self) -> list[tuple[str, Sequence[str]]]:
        rows = self._execute("SELECT DISTINCT specialty FROM referral", [])
        return [(name, name_tokens(name)) for (name,) in rows]


def _begins(tokens: Sequence[str], word: str) -> bool:
    return any(token.startswith(word) for token in tokens)


def _escaped(word: str) -> str:
    """``word`` with the wildcards of LIKE taken as themselves."""
    return "".join(f"!{char}" if char in "!%_" else char for char in word)
