"""Why a payer did not answer: known codes in words, unknown ones as they came."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.payer_answers import Reject, Where
from carecoord_tui.domain.payer_reject_words import reject_words


@pytest.mark.parametrize(
    ("reason", "follow_up", "words"),
    [
        ("75", "C", "reason 75, the payer did not find the subscriber; correct it and ask again"),
        ("75", "", "reason 75, the payer did not find the subscriber"),
        ("Q9", "Q", "reason Q9; follow-up Q"),
        ("", "N", "reason not stated; do not ask again this way"),
    ],
)
def test_reject_words(reason: str, follow_up: str, words: str) -> None:
    assert reject_words(Reject("N", reason, follow_up, "22", Where("AAA", 9, 400))) == words
