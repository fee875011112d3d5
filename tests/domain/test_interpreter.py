"""Who may interpret (45 CFR 92.201(e)): no minor, family only when the patient asked, no age assumed."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.domain.interpreter import (
    MINOR_REFUSED,
    ONLY_WHEN_ASKED,
    Age,
    Companion,
    Verdict,
    companions_named,
    judge,
)

VISIT = date(2026, 12, 3)
LINH = Companion("Linh Nguyen", "daughter", date(2013, 5, 1))
MINH = Companion("Minh Nguyen", "son")
ANA = Companion("Ana Silva", "wife", date(1970, 1, 1))
AROUND = [LINH, MINH, ANA]


@pytest.mark.parametrize(
    "name",
    [
        "Linh Nguyen",
        "nguyen, linh",
        "LINH",
        "daughter",
        "her daughter Linh",
        "daughters",
        "patient's daughter will be the interpreter",
        "daughter (interpreter)",
    ],
)
def test_a_minor_on_file_is_refused_however_named(name: str) -> None:
    ruling = judge(name, AROUND, on=VISIT, is_qualified=True, patient_asked=True)
    assert (ruling.verdict, ruling.words, ruling.who) == (Verdict.REFUSED, MINOR_REFUSED, LINH)


@pytest.mark.parametrize(
    ("born", "verdict"),
    [
        (date(2008, 12, 3), Verdict.ASK_REQUEST),
        (date(2008, 12, 4), Verdict.REFUSED),
        (date(2027, 1, 1), Verdict.REFUSED),
    ],
)
def test_the_age_counts_on_the_day_of_the_visit(born: date, verdict: Verdict) -> None:
    assert judge("Lan", [Companion("Lan", "niece", born)], on=VISIT).verdict is verdict


def test_an_age_that_is_not_on_file_is_asked_and_not_assumed() -> None:
    ruling = judge("Minh", AROUND, on=VISIT, is_qualified=True, patient_asked=True)
    assert ruling.verdict is Verdict.ASK_AGE
    assert "How old is Minh Nguyen (son)?" in ruling.words
    assert judge("Minh", AROUND, on=VISIT, told=Age(years=17)).verdict is Verdict.REFUSED
    assert judge("Minh", AROUND, on=VISIT, told=Age(born=date(2009, 1, 1))).verdict is Verdict.REFUSED
    adult = judge("Minh", AROUND, on=VISIT, told=Age(years=18))
    assert (adult.verdict, adult.words) == (Verdict.ASK_REQUEST, ONLY_WHEN_ASKED)


def test_what_was_told_does_not_overrule_what_is_on_file() -> None:
    assert judge("Linh", AROUND, on=VISIT, told=Age(years=40)).verdict is Verdict.REFUSED


def test_an_adult_of_the_family_needs_the_patients_request_unless_qualified() -> None:
    assert judge("Ana", AROUND, on=VISIT).verdict is Verdict.ASK_REQUEST
    assert judge("Ana", AROUND, on=VISIT, patient_asked=True).verdict is Verdict.FREE
    assert judge("Ana", AROUND, on=VISIT, is_qualified=True).verdict is Verdict.FREE


@pytest.mark.parametrize(
    "name", ["", "Harbor Language Services", "Family Language Services", "Tran Nguyen", "Dr. Lee", "O'Neil"]
)
def test_strangers_are_free(name: str) -> None:
    ruling = judge(name, AROUND, on=VISIT)
    assert (ruling.verdict, ruling.who) == (Verdict.FREE, None)


def test_family_that_is_not_on_file_is_somebody_of_unknown_age() -> None:
    assert companions_named("her cousin Mai", AROUND) == [Companion("her cousin Mai")]
    assert judge("cousin Mai", AROUND, on=VISIT).verdict is Verdict.ASK_AGE
    assert judge("cousin Mai", AROUND, on=VISIT, told=Age(years=12)).verdict is Verdict.REFUSED


@pytest.mark.parametrize("name", ["An", "My", "an nguyen"])
def test_a_name_that_is_also_a_small_word_is_a_name(name: str) -> None:
    around = [
        Companion("An Nguyen", "daughter", LINH.birth_date),
        Companion("My Tran", "niece", date(2014, 1, 1)),
    ]
    assert judge(name, around, on=VISIT, is_qualified=True).verdict is Verdict.REFUSED


@pytest.mark.parametrize("name", ["kids", "her sons-in-law", "hija", "grandkid", "daughter Mai", "his wives"])
def test_family_in_any_number_or_in_spanish_is_asked_for_its_age(name: str) -> None:
    assert judge(name, [LINH], on=VISIT).verdict is Verdict.ASK_AGE


def test_of_two_the_strictest_ruling_holds() -> None:
    grown = Companion("Linh Tran", "sister", date(1980, 1, 1))
    assert judge("Linh", [grown, LINH], on=VISIT, patient_asked=True).verdict is Verdict.REFUSED
