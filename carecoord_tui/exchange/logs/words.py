"""Status words of a log and what they mean here; words that may mean several things are asked about."""

from __future__ import annotations

import dataclasses
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
    likely: Mapping[Worded, str] = dataclasses.field(default_factory=dict)
    """Words with commas between that mean this nearly everywhere: asked about once, with this proposed."""
    labels: Mapping[Worded, str] = dataclasses.field(default_factory=dict)
    """What the office calls a status, where it is not its label."""

    @cached_property
    def _meanings(self) -> dict[str, Worded]:
        return words_of(self.members, self.words)

    @cached_property
    def _likely(self) -> dict[str, Worded]:
        return {
            fold_status(word): status for status, words in self.likely.items() for word in words.split(",")
        }

    def label(self, status: Worded) -> str:
        """What a person calls a status."""
        return self.labels.get(status, status.label)

    def proposal(self, text: str) -> Worded | None:
        """The status proposed for words that are asked about; None where any is as likely."""
        return self._likely.get(fold_status(text))

    def knows(self, text: str) -> bool:
        """True for words that are a status here, with or without a question."""
        words = fold_status(text)
        return words in self._meanings or words in self._likely

    def meaning(self, text: str) -> Worded | None:
        """The status that words mean everywhere; None must be asked."""
        return self._meanings.get(fold_status(text))

    def parse(self, text: str) -> Worded | None:
        """A status by its value or label, None for ``leave-out``. Raises StatusError."""
        words = fold_status(text)
        if words == fold_status(LEAVE_OUT):
            return None
        for member in self.members:
            if words in map(fold_status, (member.value, member.label, self.label(member))):
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
