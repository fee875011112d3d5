"""Status words of a log and what they mean here; words that may mean several things are asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.logs.cells import words_of
from carecoord_tui.exchange.referral_statuses import LEAVE_OUT, StatusError, fold_status
from carecoord_tui.exchange.tabular import shown

Answers = Mapping[str, Worded | None]
"""Folded status words -> status; None leaves their rows out."""


@dataclass(frozen=True)
class StatusWords:
    """The statuses of one kind of record and the words everybody uses for them."""

    members: type[Worded]
    words: Mapping[Worded, str]
    """Words with commas between; only such as mean one status in every office."""

    @cached_property
    def _meanings(self) -> dict[str, Worded]:
        return words_of(self.members, self.words)

    def meaning(self, text: str) -> Worded | None:
        """The status that words mean everywhere; None must be asked."""
        return self._meanings.get(fold_status(text))

    def parse(self, text: str) -> Worded | None:
        """A status by its value or label, None for ``leave-out``. Raises StatusError."""
        words = fold_status(text)
        if words == fold_status(LEAVE_OUT):
            return None
        for member in self.members:
            if words in (fold_status(member.value), fold_status(member.label)):
                return member
        known = ", ".join(member.value for member in self.members)
        raise StatusError(f"“{shown(text)}” is no status here; there are: {known}, and {LEAVE_OUT}.")

    def parse_answers(self, items: Sequence[str]) -> dict[str, Worded | None]:
        """``["pending=submitted"]`` -> folded words with their status, as given to ``--status``.

        Raises:
            StatusError: an item without ``=``, an unknown status, or words given twice.
        """
        answers: dict[str, Worded | None] = {}
        for item in items:
            words, equals, status = item.rpartition("=")
            if not equals or not fold_status(words):
                example = next(iter(self.members)).value
                raise StatusError(
                    f"--status {shown(item)}: write WORDS=STATUS, for example --status pending={example}."
                )
            if fold_status(words) in answers:
                raise StatusError(f"--status gives “{shown(words)}” twice; give it once.")
            answers[fold_status(words)] = self.parse(status)
        return answers
