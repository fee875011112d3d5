"""PAS responses: item by item, and a sentence for everything that is none."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.pas import read_pas
from carecoord_tui.exchange.pas_json import pas_json

PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition"


def reviewed(code: str, number: str = "", reason: str = "") -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"url": f"{PAS}/extension-reviewActionCode", "valueCodeableConcept": {"coding": [{"code": code}]}}
    ]
    if number:
        parts.append({"url": "number", "valueString": number})
    if reason:
        parts.append({"url": "reasonCode", "valueCodeableConcept": {"coding": [{"code": reason}]}})
    return {"extension": [{"url": f"{PAS}/extension-reviewAction", "extension": parts}]}


def item(sequence: int, *codes: str, **more: Any) -> dict[str, Any]:
    return {"itemSequence": sequence, "adjudication": [reviewed(code) for code in codes], **more}


def bundle(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = {
        "resourceType": "ClaimResponse",
        "id": "r1",
        "use": "preauthorization",
        "patient": {"reference": "urn:uuid:p1"},
        "insurer": {"reference": "Organization/o1"},
        "identifier": [{"value": "TRACE1"}],
        "item": list(items),
        **more,
    }
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "birthDate": "1955-03-14",
        "name": [{"family": "Alvarez", "given": ["Rosa", "M"]}],
        "identifier": [{"value": "ACM123"}],
    }
    payer = {"resourceType": "Organization", "id": "o1", "name": "Acme Health"}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": response},
            {"fullUrl": "urn:uuid:p1", "resource": patient},
            {"fullUrl": "https://x/Organization/o1", "resource": payer},
        ],
    }


def write(folder: Path, content: Any) -> Path:
    path = folder / "answer.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(
    ("codes", "wanted"),
    [
        (("A1",), "approved"),
        (("A1", "A3"), "partial"),
        (("A1", "A4"), "pended"),
        (("A3", "A3"), "denied"),
        (("A1", "CT"), None),
    ],
)
def test_one_approved_item_is_no_approval(tmp_path: Path, codes: tuple[str, ...], wanted: str | None) -> None:
    items = [item(number, code) for number, code in enumerate(codes, 1)]
    (answer,) = read_pas(write(tmp_path, bundle(*items))).answers
    assert answer.outcome == (AuthorizationStatus(wanted) if wanted else None)
    assert [one.sequences for one in answer.items] == [(number,) for number in range(1, len(codes) + 1)]


def test_an_item_without_decision_leaves_the_outcome_open(tmp_path: Path) -> None:
    (answer,) = read_pas(write(tmp_path, bundle(item(1, "A1"), item(2)))).answers
    assert answer.outcome is None
    (answer,) = read_pas(write(tmp_path, bundle(item(1, "A1"), addItem=[item(1, "A3")]))).answers
    assert answer.outcome is AuthorizationStatus.PARTIAL


def test_two_decisions_about_one_item_are_none(tmp_path: Path) -> None:
    (answer,) = read_pas(write(tmp_path, bundle(item(1, "A1", "A3")))).answers
    assert answer.outcome is None
    assert "several decisions" in answer.problems[0].text


def test_who_and_what(tmp_path: Path) -> None:
    one = {
        "itemSequence": 2,
        "noteNumber": [1],
        "adjudication": [reviewed("A6", "AUTH9", "0V")],
        "productOrService": {"coding": [{"code": "97110"}]},
        "quantity": {"value": 12.5, "unit": "visit"},
        "extension": [
            {
                "url": f"{PAS}/extension-itemPreAuthPeriod",
                "valuePeriod": {"start": "2026-12-01", "end": "2027-02-30"},
            }
        ],
    }
    content = bundle(
        one, processNote=[{"number": 1, "text": "Fewer\x1b[31m visits"}, {"number": 2, "text": "no"}]
    )
    (answer,) = read_pas(write(tmp_path, content)).answers
    assert (answer.patient.name, answer.patient.id, answer.payer) == (
        "Rosa M Alvarez",
        "ACM123",
        "Acme Health",
    )
    assert (answer.born_on, answer.traces) == (date(1955, 3, 14), ("TRACE1",))
    (found,) = answer.items
    assert (found.number, found.reasons, found.procedure) == ("AUTH9", ("0V",), "97110")
    assert (found.units[0].quantity, found.units[0].kind) == (Decimal("12.5"), "visit")
    assert (found.dates[0].starts_on, found.dates[0].ends_on) == (date(2026, 12, 1), None)
    assert found.text == "Fewer[31m visits"
    assert [str(problem.where) for problem in answer.problems] == ["entry[0].resource.item[0]"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<Bundle/>", "XML"),
        (b"ISA*00*", "X12"),
        (b"hello", "FHIR JSON"),
        (b'{"resourceType": "Bundle", "entry": [', "line 1, column"),
        (b'{"a": "\xff"}', "Not UTF-8 at byte 7"),
        (b"[1, 2]", "a JSON list"),
        (b'{"a": NaN}', "number that is none"),
        (b'{"a":' + b"[" * 100_000, "nested too deep"),
        (b"{}", "no ClaimResponse"),
        ({"resourceType": "Bundle"}, "no ClaimResponse"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Claim"}}]}, "A request"),
        ({"resourceType": "ClaimResponse", "use": "claim"}, "preauthorization"),
    ],
)
def test_everything_else_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(AnswerFileError, match=words) as caught:
        read_pas(write(tmp_path, content))
    assert str(caught.value).startswith("answer.json")


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, [None, 7, "x", {}]])
@pytest.mark.parametrize(
    "key", ["item", "addItem", "patient", "insurer", "error", "identifier", "processNote"]
)
def test_parts_of_the_wrong_type_read_as_nothing(tmp_path: Path, key: str, odd: Any) -> None:
    response = read_pas(write(tmp_path, bundle(**{key: odd})))
    assert len(response.answers) == 1
    assert pas_json(response)["entries"] == 3
