"""Short words that become whole texts: when they do, and when they must not."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.snippets import (
    BUILT_IN,
    FIELDS,
    Filled,
    SnippetError,
    SnippetText,
    checked,
    completed,
    expand,
    filled,
    together,
)

KNOWN = Filled(datetime(2026, 11, 30, 8, 2), "Dana Reyes", "Harbor Family Practice", "(555) 010-0100")
ALL = together({})


def test_a_word_and_a_space_become_the_text() -> None:
    assert expand("Called. ;vm ", ALL, KNOWN) == "Called. Left minimal message 8:02am: name and number only. "


@pytest.mark.parametrize("before", [";vm", "a;vm ", ";nothing ", "x ;;vm ", "; vm ", ";vm-", "", " "])
def test_what_is_no_completed_word_stays_as_typed(before: str) -> None:
    assert expand(before, ALL, KNOWN) is None


@pytest.mark.parametrize("end", [" ", ".", ",", "\n", ")", "!", "?"])
def test_the_character_that_completed_it_stays(end: str) -> None:
    assert (expand(f";na{end}", ALL, KNOWN) or "").endswith(f"no message left.{end}")


def test_the_words_case_does_not_matter() -> None:
    assert expand(";VM ", ALL, KNOWN) == expand(";vm ", ALL, KNOWN)


def test_ones_own_takes_the_place_of_the_programs() -> None:
    own = {"vm": SnippetText("vm", "mine", "Message left.", id=1)}
    assert expand(";vm ", together(own), KNOWN) == "Message left. "


def test_fields_are_filled_and_blanks_stay() -> None:
    one = SnippetText("x", "", "{me}, {date} {time}, {practice}, {number}: __")
    assert filled(one, KNOWN) == "Dana Reyes, Mon 30 Nov 8:02am, Harbor Family Practice, (555) 010-0100: __"


def test_what_is_not_known_is_a_blank_never_nothing() -> None:
    nobody = Filled(KNOWN.at, "", "", "")
    assert filled(SnippetText("x", "", "{me} {practice} {number}"), nobody) == "__ __ __"


@pytest.mark.parametrize(
    ("word", "text", "said"),
    [
        ("", "x", "letters, digits and dashes"),
        ("two words", "x", "letters, digits and dashes"),
        ("a" * 25, "x", "letters, digits and dashes"),
        ("vm", "  ", "what the short word stands for"),
        ("vm", "Dear {patient}", "{patient} is no field"),
        ("vm", "x" * 4001, "4,001"),
        ("loop", "see ;loop", "take ;loop out"),
        ("loop", ";vm first", "take ;vm out"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_words(word: str, text: str, said: str) -> None:
    with pytest.raises(SnippetError, match=said.replace("{", r"\{")):
        checked(word, "", text)


def test_a_word_is_kept_without_its_sign_in_small_letters() -> None:
    assert checked(" ;No-Ride ", " t ", "text\n") == ("no-ride", "t", "text")


def test_what_comes_with_the_program_can_be_kept() -> None:
    for one in BUILT_IN:
        assert checked(one.word, one.title, one.text) == (one.word, one.title, one.text)
        assert "{" not in filled(one, KNOWN)
    assert set(KNOWN.fields()) == set(FIELDS)


@given(st.text(max_size=60))
def test_any_text_is_looked_at_without_harm(before: str) -> None:
    trigger = completed(before)
    if trigger is not None:
        assert before[trigger.start] == ";"
        assert before.endswith(trigger.after)
    after = expand(before, ALL, KNOWN)
    assert after is None or (trigger is not None and after.startswith(before[: trigger.start]))
