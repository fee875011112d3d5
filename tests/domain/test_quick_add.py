"""Quick-add: one line to a follow-up, with everything uncertain reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.quick_add import PatientRef, QuickAdd, SpanRole, parse_quick_add
from carecoord_tui.domain.search_words import name_tokens
from carecoord_tui.domain.vocabulary import FollowUpKind, Priority
from tests.domain.naughty import naughty_strings

MONDAY = date(2026, 11, 30)
NAMES = [
    *("Nguyen, Thi", "Cole, James", "Cole, Rose", "Coleman, Ann", "Sun, Li", "Bill, Otto", "O'Neil, Pat"),
    *("Rose, Kim", "Haddad, Samir", "van der Berg, Jo", "Labelle, Ann", "Okafor, Ada"),
]
PATIENTS = [PatientRef(number, name, mrn=f"MRN-{number:05d}") for number, name in enumerate(NAMES, start=1)]


def find(query: str) -> Sequence[PatientRef]:
    """Prefix search over names and MRN, as the store's."""
    wanted = [fold(word).replace("'", "").replace("-", "") for word in query.split()]

    def tokens(patient: PatientRef) -> list[str]:
        return [*name_tokens(patient.display_name), fold(patient.mrn).replace("-", "")]

    return [
        patient
        for patient in PATIENTS
        if all(any(token.startswith(word) for token in tokens(patient)) for word in wanted)
    ]


def read(text: str, patient: PatientRef | None = None) -> QuickAdd:
    return parse_quick_add(text, today=MONDAY, find_patients=find, patient=patient)


def test_the_line_of_the_monday() -> None:
    text = "call Nguyen thu 2pm CGM assistance"
    line = read(text)
    assert line.patient == PATIENTS[0]
    assert (line.on, line.at) == (date(2026, 12, 3), time(14))
    assert (line.kind, line.priority) == (FollowUpKind.CALL, Priority.NORMAL)
    assert line.title == "Call: CGM assistance"
    assert line.problems == ()
    assert line.echo == "Nguyen, Thi · Thu 3 Dec 2026, 2pm · call · Call: CGM assistance"
    assert [(text[span.start : span.end], span.role) for span in line.spans] == [
        ("call", SpanRole.VERB),
        ("Nguyen", SpanRole.PATIENT),
        ("thu 2pm", SpanRole.DATE),
    ]


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("call ngu thu CGM", "Nguyen, Thi · Thu 3 Dec 2026 · call · Call: CGM"),
        ("call James Cole re MRI +3bd", "Cole, James · Thu 3 Dec 2026 · call · Call: MRI"),
        ("Cole, Rose tomorrow forms", "Cole, Rose · Tue 1 Dec 2026 · other · Forms"),
        (
            "chase cardiology report for Haddad by fri !high",
            "Haddad, Samir · Fri 4 Dec 2026 · chase · high priority · Chase cardiology report",
        ),
        (
            "call van der Berg mon #visit !low",
            "van der Berg, Jo · Mon 7 Dec 2026 · visit · low priority · Call",
        ),
        ("call O’Neil's mother thu at 2 pm", "O'Neil, Pat · Thu 3 Dec 2026, 2pm · call · Call: mother"),
        ("thu call Nguyen 2pm", "Nguyen, Thi · Thu 3 Dec 2026, 2pm · call · Call"),
        ("call Sun thu 2pm", "Sun, Li · Thu 3 Dec 2026, 2pm · call · Call"),
        ("call @sun", "Sun, Li · no date typed · call · Call"),
        ("call Nguyen re bill", "Nguyen, Thi · no date typed · call · Call: bill"),
        ('call Nguyen "24/7" line today', "Nguyen, Thi · Mon 30 Nov 2026 · call · Call: 24/7 line"),
        ("call coleman thu", "Coleman, Ann · Thu 3 Dec 2026 · call · Call"),
        ("call MRN-00009 thu", "Haddad, Samir · Thu 3 Dec 2026 · call · Call"),
        (
            "teach Okafor inhaler !",
            "Okafor, Ada · no date typed · education · high priority · Teach: inhaler",
        ),
        ("call @Rose Cole about Nguyen", "Cole, Rose · no date typed · call · Call: Nguyen"),
    ],
)
def test_understood(text: str, echo: str) -> None:
    line = read(text)
    assert line.echo == echo
    assert line.problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("call cole tomorrow", "2 match “cole”"),
        ("call Rose about Nguyen", "both names"),
        ("call @zzz thu", "“@zzz” matches nobody"),
        ("call Sun", "“Sun” is read as the day"),
        ("lab results thu", "Type a name"),  # "lab" begins Labelle, but nothing says a name is meant
        ("CGM forms for Nguyen feb 30", "no 30 Feb"),
        ("call Nguyen thu 2pm fri", "Two dates"),
        ("call Nguyen thu 2pm noon", "Two times"),
        ("call Nguyen 2pm", "Which day at 2pm"),
        ("call Nguyen thu 2:30", "night or afternoon"),
        ("call Nguyen 11/27/2026", "is past"),
        ("call Nguyen !soon", "not a priority"),
        ("call Nguyen !high !low", "Two priorities"),
        ("call Nguyen #lunch", "not a kind"),
        ("call Nguyen #call #visit", "Two kinds"),
        ("Nguyen thu", "what is to be done"),
        ("", "what is to be done"),
    ],
)
def test_what_is_uncertain_is_reported(text: str, problem: str) -> None:
    assert any(problem in each for each in read(text).problems), read(text).problems


def test_several_patients_are_offered_and_a_choice_settles_it() -> None:
    line = read("call cole tomorrow MRI")
    assert line.patient is None
    assert [each.display_name for each in line.candidates] == ["Cole, James", "Cole, Rose"]
    chosen = read("call cole tomorrow MRI", patient=line.candidates[1])
    assert chosen.echo == "Cole, Rose · Tue 1 Dec 2026 · call · Call: MRI"
    assert chosen.problems == ()


def test_on_a_patient_page_no_name_is_needed() -> None:
    line = read("CGM assistance thu 2pm", patient=PATIENTS[0])
    assert line.echo == "Nguyen, Thi · Thu 3 Dec 2026, 2pm · other · CGM assistance"
    assert line.problems == ()


def test_a_refused_date_is_never_saved_as_another() -> None:
    line = read("call Nguyen feb 30 2pm")
    assert (line.on, line.at) == (None, None)
    assert line.spans[-1].role is SpanRole.PROBLEM


@settings(max_examples=60)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*NAMES, "thu", "2pm", "@", "!", "#call", '"', "\x1b"])).map(" ".join)
)
def test_any_line_is_read(text: str) -> None:
    line = read(text)
    assert line.title.isprintable() or not line.title.isascii()
    assert "\x1b" not in line.title
    ends = [0]
    for span in line.spans:
        assert ends[-1] <= span.start < span.end <= len(text)
        ends.append(span.end)
    assert line.problems or (line.patient is not None and line.title)


def test_naughty_strings_never_raise() -> None:
    for text in naughty_strings():
        line = read(text)
        assert line.patient is None or line.candidates == ()
        assert "\x1b" not in line.title
