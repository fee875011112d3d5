"""Every third-party X12 and PAS sample against figures that were computed without this program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.pas import read_pas
from carecoord_tui.exchange.pas_json import pas_json
from carecoord_tui.exchange.x12.as_json import LIST_OF_KIND, answer_json, file_json, frame_json
from carecoord_tui.exchange.x12.authorization import read_authorizations
from carecoord_tui.exchange.x12.claims import read_claims
from carecoord_tui.exchange.x12.eligibility import read_eligibility
from carecoord_tui.exchange.x12.reading import AnswerReader, TransactionEnd, TransactionStart

READERS: dict[str, Callable[[Path], AnswerReader[Any]]] = {
    "271": read_eligibility,
    "278": read_authorizations,
    "277": read_claims,
    "835": read_claims,
}
ANSWERS = [
    "ims_271_mixed_versions.txt",
    "ims_277_x212.txt",
    "ims_277ca_accepted.txt",
    "lfh_271_aaa_error.271",
    "lfh_271_dependent.271",
    "lfh_271_subscriber.271",
    "lfh_277_claim_level.277",
    "lfh_835_cob.835",
    "lfh_835_managed_care.835",
    "xp_271_4010_dhhs.txt",
    "xp_278_referral_response_A1.txt",
    "xp_835_5010_denials.txt",
]
REQUESTS = [
    "lfh_270_single_line.270",
    "lfh_270_subscriber.270",
    "lfh_276_claim_level.276",
    "xp_270_ig.txt",
    "xp_278_admission_request.txt",
    "xp_278_referral_request.txt",
]
PAS = ["response_fixture_approved.json", "response_v221_approval.json", "response_v221_pended.json"]
PAS_KEYS = ("bundle_type", "entries", "resources", "patients", "interesting")


@pytest.fixture
def expected(sample_data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((sample_data / "expected.json").read_text())
    return found


def as_json(reader: AnswerReader[Any]) -> dict[str, Any]:
    transactions: list[dict[str, Any]] = []
    for found in reader:
        if isinstance(found, TransactionStart):
            listed: list[Any] = []
            transactions.append({LIST_OF_KIND[found.kind]: listed})
        elif isinstance(found, TransactionEnd):
            transactions[-1] |= frame_json(found)
        else:
            listed += answer_json(found)
    return {**file_json(reader.facts), "transactions": transactions}


def test_every_sample_is_listed_here(sample_data: Path) -> None:
    assert {path.name for path in (sample_data / "x12").iterdir()} == {*ANSWERS, *REQUESTS}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_reads_as_expected(sample_data: Path, expected: dict[str, Any], name: str) -> None:
    wanted = expected[f"x12/{name}"]
    read = READERS[wanted["transactions"][0]["st01"]]
    assert as_json(read(sample_data / "x12" / name)) == wanted


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("kind", ["271", "278", "835"])
def test_a_request_is_refused_with_its_place(sample_data: Path, name: str, kind: str) -> None:
    with pytest.raises(AnswerFileError, match=r"segment [34] \((ST|BHT)\)"):
        list(READERS[kind](sample_data / "x12" / name))


@pytest.mark.parametrize("name", PAS)
def test_a_pas_response_reads_as_expected(sample_data: Path, expected: dict[str, Any], name: str) -> None:
    found = pas_json(read_pas(sample_data / "davinci_pas" / name))
    wanted = expected[f"davinci_pas/{name}"]
    assert {key: found[key] for key in PAS_KEYS} == {key: wanted[key] for key in PAS_KEYS}
    assert found["outcomes"] == ["pended" if "pended" in name else "approved"]


@pytest.mark.parametrize("name", ["request_fixture.json", "request_ri_approval.json"])
def test_a_pas_request_is_refused(sample_data: Path, name: str) -> None:
    with pytest.raises(AnswerFileError, match="request"):
        read_pas(sample_data / "davinci_pas" / name)


def test_a_lone_response_is_read_and_one_for_payment_refused(sample_data: Path) -> None:
    folder = sample_data / "hl7_r4_examples"
    (answer,) = read_pas(folder / "ClaimResponse-UR3503.json").answers
    assert answer.outcome is None  # no item says what was decided
    with pytest.raises(AnswerFileError, match="preauthorization"):
        read_pas(folder / "ClaimResponse-R3500.json")
