"""Names: folding, cleaning, showing, taking apart, and the words people are found by."""

from __future__ import annotations

import sqlite3
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.names import (
    NameParts,
    clean_text,
    display,
    fold,
    mask,
    match_query,
    search_text,
    split_full_name,
)
from tests.domain.naughty import naughty_strings

ONEIL = search_text(
    family="O'Neil-Smith",
    given="Zoë",
    middle="de la Cruz",
    preferred="Łucja",
    mrn="MRN-00123",
    birth=date(1961, 3, 14),
    phones=["+15550100134", "+442079460958;ext=7"],
    member_ids=["1EG4-TE5-MK73"],
)


@pytest.fixture(scope="module")
def fts() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(words, tokenize='unicode61', prefix='2 3')")
    connection.execute("INSERT INTO found VALUES (?)", (ONEIL,))
    yield connection
    connection.close()


def hits(connection: sqlite3.Connection, query: str) -> int:
    (count,) = connection.execute("SELECT count(*) FROM found WHERE found MATCH ?", (query,)).fetchone()
    assert isinstance(count, int)
    return count


# --- fold and clean


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łukasz", "lukasz"),
        ("Đặng", "dang"),
        ("Ærøskøbing", "aeroskobing"),
        ("Groß", "gross"),
        ("Œuvre Þór Ðan", "oeuvre thor dan"),
        ("İstanbul ıI", "istanbul ii"),
        ("Ħal Ŋa", "hal na"),
        ("O’Neil", "o'neil"),
        ("ﬁnn", "finn"),
        ("Ångström", "angstrom"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_fold_is_idempotent_over_all_of_unicode() -> None:
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))
    assert fold(fold(everything)) == fold(everything)


@given(st.text())
def test_fold_is_idempotent_and_blind_to_composition(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Rosa \t María\n", "Rosa María"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("\x00\x07\x9b1", "1"),
        ("Mari\u0301a", "María"),
        ("क्\u200dष", "क्\u200dष"),
        ("\u200d\u200c \u200d", ""),
        ("lone\ud800", "lone"),
        ("[/b] O'Neil [Jr]", "[/b] O'Neil [Jr]"),
    ],
)
def test_clean_text(text: str, clean: str) -> None:
    assert clean_text(text, 80) == clean


def test_clean_text_keeps_lines_only_when_asked() -> None:
    assert clean_text("a\r\n\n\n b \x1b", 80, multiline=True) == "a\n\nb"
    assert clean_text("a\nb", 80) == "a b"


def test_clean_text_never_cuts_between_a_letter_and_its_mark() -> None:
    assert clean_text("ab\u0323\u0324c", 2) == "a"
    assert clean_text("ab\u0323\u0324c", 3) == "aḅ\u0324"
    assert clean_text("ax\u0324", 2) == "a"


@given(text=st.text(st.characters()), limit=st.integers(0, 40), multiline=st.booleans())
def test_clean_text_leaves_nothing_unsafe(text: str, limit: int, multiline: bool) -> None:
    clean = clean_text(text, limit, multiline=multiline)
    assert len(clean) <= limit
    assert clean_text(clean, limit, multiline=multiline) == clean
    for char in clean.replace("\n", "") if multiline else clean:
        assert char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")


# --- show and take apart


def test_display() -> None:
    assert display("Alvarez", "Rosa") == "Alvarez, Rosa"
    assert display("King", "Martin", "Jr.", "Mike") == "King Jr., Martin (Mike)"
    assert display("Alvarez", "Rosa", preferred="ROSA") == "Alvarez, Rosa"
    assert display("", "Cher") == "Cher"
    assert display(" ", "") == "(no name)"


def test_mask() -> None:
    assert mask("Alvarez, Rosa (Rosie)") == "A***, R***"
    assert mask("Élan") == "É***"
    assert mask("") == "***"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Alvarez, Rosa M.", NameParts(given="Rosa", middle="M.", family="Alvarez")),
        ("Rosa M. Alvarez", NameParts(given="Rosa", middle="M.", family="Alvarez")),
        ("Ludwig van Beethoven Jr.", NameParts(given="Ludwig", family="van Beethoven", suffix="Jr.")),
        ("Smith, Jr., John", NameParts(given="John", family="Smith", suffix="Jr.")),
        ("Smith Jr., John", NameParts(given="John", family="Smith", suffix="Jr.")),
        ("King, Martin Luther, Jr.", NameParts(given="Martin", middle="Luther", family="King", suffix="Jr.")),
        ("John Smith, MD", NameParts(given="John", family="Smith", suffix="MD")),
        ("Mrs. Elizabeth Bentley", NameParts(prefix="Mrs.", given="Elizabeth", family="Bentley")),
        ("Lisa Brown DDS", NameParts(given="Lisa", family="Brown", suffix="DDS")),
        ("Juan de la Cruz", NameParts(given="Juan", family="de la Cruz")),
        ("de la Cruz, Juan", NameParts(given="Juan", family="de la Cruz")),
        ("Van Nguyen", NameParts(given="Van", family="Nguyen")),
        ("Nguyen, Do", NameParts(given="Do", family="Nguyen")),
        ("Emily C,", NameParts(given="Emily", family="C")),
        ("Cher", NameParts(family="Cher")),
        (" , ", NameParts()),
        ("Maria Garcia Lopez", NameParts(given="Maria", middle="Garcia", family="Lopez", certain=False)),
        ("Rosa De Luca", NameParts(given="Rosa", family="De Luca", certain=False)),
        (
            "José Eduardo181 Gómez206",
            NameParts(given="José", middle="Eduardo181", family="Gómez206", certain=False),
        ),
    ],
)
def test_split_full_name(text: str, parts: NameParts) -> None:
    assert split_full_name(text) == parts


@given(st.text() | st.text("Aa ,.vanJr'"))
def test_no_word_of_a_name_is_lost(text: str) -> None:
    parts = split_full_name(text)
    kept = " ".join((parts.prefix, parts.given, parts.middle, parts.family, parts.suffix))
    assert sorted(kept.split()) == sorted(text.replace(",", " ").split())


# --- search


@pytest.mark.parametrize(
    "typed",
    [
        *("oneil", "O'Neil", "O’N", "smith", "O'Neil-Smith", "zoe", "ZOË", "łuc", "delacruz", "cruz zoe"),
        *("1961-03-14", "1961-3-14", "1961-03", "1961-", "19610314", "3/14/1961", "03/14/1961", "3/14/61"),
        *("3/1", "3/14", "3/14/", "3/14/19", "3-14-1961", "14 mar 1961", "mar 14 1961", "March 14, 1961"),
        *("mar 1", "(555) 010-0134", "555-010-0134", "555.010.0134", "5550100134", "+1 555 010 0134"),
        *("1-555-010-0134", "+15550100134", "(555) 010", "555-010", "+1 555 01", "010-0134", "0100134"),
        *("0134", "555 010 0134", "+44 20 7946 0958", "0958", "mrn-00123", "MRN00123", "00123", "123"),
        *("1eg4-te5-mk73", "1EG4TE5", "oneil 0134", "smith 3/14"),
    ],
)
def test_found_as_typed(fts: sqlite3.Connection, typed: str) -> None:
    assert hits(fts, match_query(typed)) == 1


@pytest.mark.parametrize(
    "typed", ["jones", "3/15", "1961", "0314", "oneil 9999", "14/3/1961", "1962-03-14", "neils"]
)
def test_not_found(fts: sqlite3.Connection, typed: str) -> None:
    assert hits(fts, match_query(typed)) == 0


def test_query_follows_the_date_order(fts: sqlite3.Connection) -> None:
    assert hits(fts, match_query("14/3/1961", order=DateOrder.DMY)) == 1
    assert hits(fts, match_query("3/14/1961", order=DateOrder.DMY)) == 0


@pytest.mark.parametrize("typed", ["", "   ", "\"'*()", "-- ;", "\x1b", "\u202e"])
def test_nothing_to_search(typed: str) -> None:
    assert match_query(typed) == ""


def test_operators_are_words(fts: sqlite3.Connection) -> None:
    assert match_query("AND OR") == '"and"* AND "or"*'
    assert hits(fts, match_query('words: NEAR("zoe" NOT')) == 0


@given(st.text() | st.text("0123456789/-.+() marc'\"*:^{}ANDORT", max_size=30), st.sampled_from(DateOrder))
def test_a_query_is_always_valid(fts: sqlite3.Connection, text: str, order: DateOrder) -> None:
    query = match_query(text, order=order)
    if query:
        assert hits(fts, query) in (0, 1)


LETTERS = st.characters(categories=("L", "Nd")).filter(lambda c: unicodedata.normalize("NFKC", c) == c)
"""Ligatures and the like fold to several characters, and a cut may fall between them."""


@given(st.text(LETTERS, min_size=1, max_size=20), st.integers(1, 20))
def test_a_name_is_found_by_its_beginning(text: str, length: int) -> None:
    """In our own terms, without FTS: its tokenizer follows an older Unicode than Python's."""
    stored = search_text(family=text).split()
    for term in match_query(fold(text)[:length]).split(" AND ") if fold(text) else []:
        if term.count('"') == 2:
            assert any(token.startswith(term.strip('"*')) for token in stored)


@given(st.dates(date(1901, 1, 1), date(2026, 11, 30)))
def test_every_birth_date_is_found_in_every_form(day: date) -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE found USING fts5(words)")
        connection.execute("INSERT INTO found VALUES (?)", (search_text(family="x", birth=day),))
        for form in ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m/%d/%y", "%d %b %Y", "%b %d %Y", "%B %d, %Y"):
            assert hits(connection, match_query(day.strftime(form))) == 1, form
    connection.close()


def test_naughty_strings(fts: sqlite3.Connection) -> None:
    for text in naughty_strings():
        clean = clean_text(text, 200)
        assert fold(fold(clean)) == fold(clean)
        split_full_name(clean)
        query = match_query(text)
        assert not query or hits(fts, query) in (0, 1)
