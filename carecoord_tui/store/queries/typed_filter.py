"""What somebody typed to narrow a list, as a condition of SQL with parameters.

Every word must begin something; what that is, each list says. The whole text may also be the patient's
(``14 mar 1961``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.search_words import match_query, name_tokens
from carecoord_tui.store.queries.today import Execute

MAX_WORDS = 6
NOBODY = "0"

Named = list[tuple[Any, Sequence[str]]]
"""Keys, each with the folded words of its name."""


class Condition:
    """A condition under construction on the table called ``alias``; its parameters count from ``first``."""

    def __init__(self, alias: str, first: int) -> None:
        self.sql = ""
        self.parameters: list[object] = []
        self._alias, self._first = alias, first

    def bind(self, value: object) -> str:
        """The placeholder of one more parameter."""
        self.parameters.append(value)
        return f"?{self._first + len(self.parameters) - 1}"

    def patient(self, query: str) -> str:
        """Patients found by an FTS5 query; nobody for an empty one."""
        if not query:
            return NOBODY
        match = f"SELECT rowid FROM patient_search WHERE patient_search MATCH {self.bind(query)}"
        return f"{self._alias}.patient_id IN ({match})"


class TypedFilter(ABC):
    """Made once a screen; then a condition at every key. What it must know is read when first typed at."""

    alias: ClassVar[str]
    """What the statement calls the table that is narrowed; it has ``patient_id``."""
    first_free: ClassVar[int] = 1
    """The number of the first parameter that the statement itself does not use."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def condition(self, text: str, order: DateOrder) -> Condition:
        """What was typed as a condition; its ``sql`` is empty for blank text."""
        made = Condition(self.alias, self.first_free)
        words = fold(text).split()[:MAX_WORDS]
        if words:
            parts = " AND ".join(f"({' OR '.join(self._word(made, word, order))})" for word in words)
            whole = made.patient(match_query(text, order=order)) if len(words) > 1 else NOBODY
            made.sql = f"({parts}) OR {whole}"
        return made

    def _word(self, made: Condition, word: str, order: DateOrder) -> list[str]:
        """Conditions of which one must hold for a word: the patient's, and those of the list."""
        return [made.patient(match_query(word, order=order)), *self._parts(made, word)]

    @abstractmethod
    def _parts(self, made: Condition, word: str) -> Iterable[str]:
        """What else a folded word may begin, as conditions."""

    def _named(self, sql: str) -> Named:
        """Keys and names of a statement that gives both."""
        return [(key, name_tokens(name)) for key, name in self._execute(sql, [])]


def beginning(names: Named, word: str) -> list[Any]:
    """The keys of names of which a word begins so."""
    return [key for key, tokens in names if any(token.startswith(word) for token in tokens)]


def has_digit(word: str) -> bool:
    """True where a word may be a number or code: names are not compared with those."""
    return any(char.isdecimal() for char in word)


def escaped(word: str) -> str:
    """``word`` with the wildcards of LIKE taken as themselves, by ``ESCAPE '!'``."""
    return "".join(f"!{char}" if char in "!%_" else char for char in word)
