"""278: decisions item by item; one approved item does not make an approval."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.domain.payer_answers import AuthorizationAnswer
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.x12.authorization import read_authorizations
from tests.exchange.x12.make import authorization, write

EVENT = ("HL*4*3*EV*1", "UM*HS*I*2")


def answers(folder: Path, *segments: str) -> list[AuthorizationAnswer]:
    return list(read_authorizations(write(folder, authorization(*segments))).answers())


def services(*actions: str) -> list[str]:
    """Service levels, each with its decision; an empty one has none."""
    found: list[str] = []
    for number, action in enumerate(actions, 5):
        found += [f"HL*{number}*4*SS*0", f"SV1*HC:9921{number}"]
        found += [f"HCR*{action}*AUTH{number}"] if action else []
    return found


@pytest.mark.parametrize(
    ("event", "actions", "wanted"),
    [
        ("A1", (), "approved"),
        ("A3", (), "denied"),
        ("A4", (), "pended"),
        ("A6", (), "modified"),
        ("A2", (), "partial"),
        ("C", (), "cancelled"),
        ("CT", (), None),
        ("ZZ", (), None),
        ("", (), None),
        ("", ("A1", "A1"), "approved"),
        ("", ("A1", "A3"), "partial"),
        ("", ("A1", "A4"), "pended"),
        ("", ("A3", "A3"), "denied"),
        ("", ("A1", ""), None),
        ("", ("A1", "CT"), None),
        ("", ("A1", "A6"), "modified"),
        ("A1", ("", ""), "approved"),
        ("A1", ("", "A3"), "partial"),
        ("A3", ("A1", ""), "partial"),
        ("", ("A3", "C"), "denied"),  # what was withdrawn does not count
        ("", ("A1", "C"), "approved"),
        ("", ("C", "C"), "cancelled"),
        ("A4", ("A1", "A1"), "pended"),
    ],
)
def test_one_approved_item_is_no_approval(
    tmp_path: Path, event: str, actions: tuple[str, ...], wanted: str | None
) -> None:
    decided = [f"HCR*{event}*AUTH4"] if event else []
    (found,) = answers(tmp_path, *EVENT, *decided, *services(*actions))
    assert found.outcome == (AuthorizationStatus(wanted) if wanted else None)
    assert [item.action for item in found.items] == [event, *actions]


def test_an_item_keeps_all_that_was_decided(tmp_path: Path) -> None:
    (found,) = answers(
        tmp_path,
        *EVENT,
        "TRN*2*TRACE7*9",
        "HCR*A6*AUTH77*0V^0X",
        "DTP*AAH*RD8*20261201-20270301",
        "HI*ABK:M5416*ABF:M5136",
        "HSD*VS*12",
        "MSG*Reduced to twelve visits",
        "NM1*SJ*1*WATSON*SUSAN****XX*1234567893",
    )
    (item,) = found.items
    assert (item.number, item.reasons, item.status) == ("AUTH77", ("0V", "0X"), AuthorizationStatus.MODIFIED)
    assert (item.dates[0].starts_on, item.dates[0].ends_on) == (date(2026, 12, 1), date(2027, 3, 1))
    assert item.diagnoses == ("M5416", "M5136")
    assert [(unit.kind, unit.quantity) for unit in item.units] == [("VS", 12)]
    assert (item.text, item.providers[0].name) == ("Reduced to twelve visits", "SUSAN WATSON")
    assert (item.where.id, item.where.segment) == ("HCR", 14)
    assert found.traces == ("TRACE7",)
    assert (found.payer, found.patient.id) == ("ACME HEALTH", "ACM123")


def test_a_dependent_is_the_patient(tmp_path: Path) -> None:
    (found,) = answers(
        tmp_path, "HL*4*3*23*1", "NM1*QC*1*ALVAREZ*LUIS", "DMG*D8*20120201*M", "HL*5*4*EV*0", "HCR*A1*AUTH1"
    )
    assert (found.patient.name, found.subscriber.name) == ("LUIS ALVAREZ", "ROSA ALVAREZ")
    assert found.born_on == date(2012, 2, 1)


def test_two_patients_are_two_answers(tmp_path: Path) -> None:
    found = answers(
        tmp_path,
        *("HL*4*3*EV*0", "HCR*A1*AUTH1"),
        *("HL*5*2*22*1", "NM1*IL*1*OKAFOR*SAM****MI*ACM999", "HL*6*5*EV*0", "HCR*A3**0V"),
    )
    assert [(one.patient.id, one.outcome) for one in found] == [
        ("ACM123", AuthorizationStatus.APPROVED),
        ("ACM999", AuthorizationStatus.DENIED),
    ]


def test_a_reject_is_no_decision(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, "AAA*N**75*C")
    assert [reject.reason for reject in found.rejects] == ["75"]
    assert found.outcome is None


def test_a_second_decision_about_one_item_is_said(tmp_path: Path) -> None:
    (found,) = answers(tmp_path, *EVENT, "HCR*A1*AUTH1", "HCR*A3")
    assert found.items[0].action == "A1"
    assert "second decision" in found.problems[0].text


@pytest.mark.parametrize("purpose", ["13", "01", "36", ""])
def test_only_answers_are_taken(tmp_path: Path, purpose: str) -> None:
    path = write(tmp_path, authorization(*EVENT, purpose=purpose))
    with pytest.raises(AnswerFileError, match=r"segment 4 \(BHT\).*request or a notice"):
        list(read_authorizations(path))
