"""Check digits and shapes of the field's identifiers, and phones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.identifiers import (
    IdentifierError,
    format_mbi,
    format_phone,
    last4,
    luhn_ok,
    normalize_cpt,
    normalize_hcpcs,
    normalize_icd10cm,
    normalize_mbi,
    normalize_npi,
    normalize_procedure,
    normalize_taxonomy,
    normalize_zip,
    npi_error,
    parse_phone,
)
from tests.domain.naughty import naughty_strings

EVERY: list[Callable[[str], str]] = [
    *(normalize_npi, normalize_mbi, normalize_icd10cm, normalize_hcpcs, normalize_cpt, normalize_procedure),
    *(normalize_taxonomy, normalize_zip, parse_phone),
]


def test_npi_vectors() -> None:
    assert npi_error("1234567893") is None
    assert npi_error(" 1234-567-893 ") is None
    assert "check digit" in (npi_error("1234567890") or "")
    assert "ten digits" in (npi_error("123456789") or "")
    assert "starts with 1 or 2" in (npi_error("3234567893") or "")
    assert npi_error("١٢٣٤٥٦٧٨٩٣") is not None


@given(st.integers(10**8, 3 * 10**8 - 1), st.integers(0, 9), st.integers(0, 9))
def test_npi_catches_every_single_wrong_digit(stem: int, position: int, digit: int) -> None:
    npi = next(f"{stem}{check}" for check in range(10) if luhn_ok(f"80840{stem}{check}"))
    wrong = f"{npi[:position]}{digit}{npi[position + 1 :]}"
    assert (npi_error(wrong) is None) == (wrong == npi)


def test_mbi() -> None:
    assert normalize_mbi(" 1eg4-te5-mk73 ") == "1EG4TE5MK73"
    assert format_mbi("1EG4TE5MK73") == "1EG4-TE5-MK73"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("1EG4-TE5-MK7", "eleven"),
        ("0EG4-TE5-MK73", "wrong place"),
        ("1SG4-TE5-MK73", "S, L, O"),
        ("1EGA-TE5-MK73", "wrong place"),
        ("1EG4-TE5-M773", "wrong place"),
        ("", "eleven"),
    ],
)
def test_mbi_refused(text: str, word: str) -> None:
    with pytest.raises(IdentifierError, match=word):
        normalize_mbi(text)


@pytest.mark.parametrize(
    ("normalize", "text", "stored"),
    [
        (normalize_icd10cm, "e119", "E11.9"),
        (normalize_icd10cm, "E11.9", "E11.9"),
        (normalize_icd10cm, "I10", "I10"),
        (normalize_icd10cm, "s72.001a", "S72.001A"),
        (normalize_icd10cm, "C4A.0", "C4A.0"),
        (normalize_hcpcs, "e0607", "E0607"),
        (normalize_cpt, "99213", "99213"),
        (normalize_cpt, "0001f", "0001F"),
        (normalize_procedure, "g0439", "G0439"),
        (normalize_procedure, "73721", "73721"),
        (normalize_taxonomy, "207rc0000x", "207RC0000X"),
        (normalize_zip, "02134", "02134"),
        (normalize_zip, "021341001", "02134-1001"),
    ],
)
def test_shapes(normalize: Callable[[str], str], text: str, stored: str) -> None:
    assert normalize(text) == stored


@pytest.mark.parametrize(
    ("normalize", "text"),
    [
        (normalize_icd10cm, "11.9"),
        (normalize_icd10cm, "E1"),
        (normalize_icd10cm, "E11.90000"),
        (normalize_hcpcs, "W0607"),
        (normalize_hcpcs, "E607"),
        (normalize_cpt, "9921"),
        (normalize_cpt, "0001X"),
        (normalize_procedure, "hello"),
        (normalize_taxonomy, "207RC"),
        (normalize_zip, "2134"),
        (normalize_zip, "0213A"),
    ],
)
def test_shapes_refused(normalize: Callable[[str], str], text: str) -> None:
    with pytest.raises(IdentifierError):
        normalize(text)


@pytest.mark.parametrize(
    ("text", "stored", "shown"),
    [
        ("(555) 010-0134", "+15550100134", "(555) 010-0134"),
        ("555-010-0134", "+15550100134", "(555) 010-0134"),
        ("555.010.0134", "+15550100134", "(555) 010-0134"),
        ("5550100134", "+15550100134", "(555) 010-0134"),
        ("1 555 010 0134", "+15550100134", "(555) 010-0134"),
        ("+1 (555) 010–0134", "+15550100134", "(555) 010-0134"),
        ("555 010 0134 x12", "+15550100134;ext=12", "(555) 010-0134 x12"),
        ("555-010-0134, Ext. 12", "+15550100134;ext=12", "(555) 010-0134 x12"),
        ("+15550100134;ext=12", "+15550100134;ext=12", "(555) 010-0134 x12"),
        ("+44 20 7946 0958", "+442079460958", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958", "+442079460958"),
        ("５５５０１００１３４", "+15550100134", "(555) 010-0134"),
    ],
)
def test_phones(text: str, stored: str, shown: str) -> None:
    assert parse_phone(text) == stored
    assert format_phone(stored) == shown
    assert parse_phone(shown) == stored
    assert last4(stored) in ("0134", "0958")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "Type a phone"),
        ("010-0134", "area code is missing"),
        ("555 010 013", "ten digits, not 9"),
        ("155 010 0134", "does not start with 0 or 1"),
        ("9999999999", "One digit"),
        ("555-010-0134 home", "digits only"),
        ("555-010-0134 x", "digits only"),
        ("+0 20 7946 0958", "country code"),
        ("+44", "country code"),
        ("+1 555 010", "ten digits"),
        ("555-010-0134 x12345678", "extension"),
        ("5" * 100, "digits only"),
        ("n/a", "digits only"),
    ],
)
def test_phones_refused(text: str, word: str) -> None:
    with pytest.raises(IdentifierError, match=word):
        parse_phone(text)


def test_without_a_known_country_the_plus_is_needed() -> None:
    with pytest.raises(IdentifierError, match="country code"):
        parse_phone("20 7946 0958", default="GB")
    assert parse_phone("+44 20 7946 0958", default="GB") == "+442079460958"


@given(st.from_regex(r"\+1[2-9][0-9]{8}[0-8]9?", fullmatch=True))
def test_a_shown_phone_reads_back(phone: str) -> None:
    try:
        stored = parse_phone(phone)
    except IdentifierError:
        assert len(phone) != 12 or len(set(phone[2:])) == 1
        return
    assert parse_phone(format_phone(stored)) == stored == phone


@given(st.text() | st.text("0123456789+()-. xet;=#ABC", max_size=30))
def test_any_text_is_normalized_once_or_refused(text: str) -> None:
    for normalize in EVERY:
        try:
            stored = normalize(text)
        except IdentifierError as error:
            assert str(error).endswith(".")
        else:
            assert normalize(stored) == stored


def test_naughty_strings_raise_only_our_error() -> None:
    for text in naughty_strings():
        for normalize in EVERY:
            try:
                assert normalize(text).isascii()
            except IdentifierError as error:
                assert str(error).isprintable()
