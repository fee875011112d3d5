"""835 and 277: what became of each claim, and a large file in little memory."""

from __future__ import annotations

import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer
from carecoord_tui.domain.vocabulary import DenialReason
from carecoord_tui.exchange.x12.claims import read_claims
from carecoord_tui.exchange.x12.reading import TransactionEnd
from tests.exchange.x12.make import interchange, remittance, write

CLAIM = (
    "CLP*OURS1*4*200.00*0*25.00*12*THEIRS1",
    "CAS*CO*45*50.00",
    "NM1*QC*1*ALVAREZ*ROSA****MI*ACM123",
    "MOA***MA01*N130",
    "DTM*232*20261001",
    "SVC*HC:99213:25*150.00*0**1",
    "DTM*472*20261002",
    "CAS*CO*197*125.00*1*29*25.00",
    "LQ*HE*N706",
    "SVC*HC:99214*50.00*0**1",
    "CAS*PR*1*25.00",
)


def claims(folder: Path, *segments: str) -> list[ClaimAnswer]:
    found = list(read_claims(write(folder, remittance(*segments))).answers())
    assert all(isinstance(one, ClaimAnswer) for one in found)
    return [one for one in found if isinstance(one, ClaimAnswer)]


def test_a_claim_keeps_claim_and_line_apart(tmp_path: Path) -> None:
    (found,) = claims(tmp_path, *CLAIM)
    assert (found.id, found.payer, found.payer_number) == ("OURS1", "ACME HEALTH", "THEIRS1")
    assert (found.charge, found.paid, found.patient_owes) == (Decimal("200.00"), 0, Decimal("25.00"))
    assert found.is_denied
    assert found.remarks == ("MA01", "N130")
    assert found.dates[0].starts_on == date(2026, 10, 1)
    assert [(one.group, one.reason, str(one.amount), one.service) for one in found.adjustments] == [
        ("CO", "45", "50.00", 0),
        ("CO", "197", "125.00", 1),
        ("CO", "29", "25.00", 1),
        ("PR", "1", "25.00", 2),
    ]
    first, second = found.services
    assert (first.procedure, first.remarks) == (("HC", "99213", "25"), ("N706",))
    assert first.dates[0].starts_on == date(2026, 10, 2)
    assert (second.charge, second.dates) == (Decimal("50.00"), ())


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("29", DenialReason.LATE_FILING),
        ("197", DenialReason.NO_AUTHORIZATION),
        ("15", DenialReason.NO_AUTHORIZATION),
        ("50", DenialReason.NOT_NECESSARY),
        ("16", DenialReason.MISSING_INFORMATION),
        ("18", DenialReason.OTHER),
        ("22", DenialReason.COORDINATION),
        ("27", DenialReason.INACTIVE_COVERAGE),
        ("96", DenialReason.NOT_COVERED),
        ("242", DenialReason.OUT_OF_NETWORK),
        ("45", None),
        ("A2", None),
    ],
)
def test_only_plain_reasons_have_our_word(tmp_path: Path, number: str, reason: DenialReason | None) -> None:
    (found,) = claims(tmp_path, "CLP*1*4*10*0*0*12*P", f"CAS*CO*{number}*10")
    assert found.adjustments[0].reason_word is reason


def test_paying_nothing_is_not_called_denied(tmp_path: Path) -> None:
    (found,) = claims(tmp_path, "CLP*1*1*10*0*10*12*P")
    assert not found.is_denied


def test_a_negative_claim_that_is_no_reversal_is_said(tmp_path: Path) -> None:
    reversal, odd = claims(tmp_path, "CLP*1*22*-10*-8*0*12*P", "CLP*2*1*-10*-8*0*12*P")
    assert reversal.is_reversal
    assert reversal.problems == ()
    assert (odd.charge, odd.paid) == (-10, -8)
    assert len(odd.problems) == 2


@pytest.mark.parametrize("written", ["1,200.00", "$10", "10.005", "100000000", "abc"])
def test_an_amount_that_is_none_is_unknown_not_zero(tmp_path: Path, written: str) -> None:
    (found,) = claims(tmp_path, f"CLP*1*4*{written}*0*0*12*P")
    assert found.charge is None
    assert [problem.where.id for problem in found.problems] == ["CLP", "CLP"]


def test_an_adjustment_without_its_reason_is_said(tmp_path: Path) -> None:
    (found,) = claims(tmp_path, "CLP*1*4*10*0*0*12*P", "CAS*CO**10.00")
    assert [str(problem) for problem in found.problems] == ["segment 10 (CAS): an amount without its reason."]


def test_totals_add_up_without_keeping_the_claims(tmp_path: Path) -> None:
    content = remittance(
        "CLP*1*1*10.50*8.25*0*12*P", "LX*2", "CLP*2*4*20*0*0*12*P", "PLB*9*20261231*WO:1*-3.10"
    )
    end = list(read_claims(write(tmp_path, content)))[-1]
    assert isinstance(end, TransactionEnd)
    told = end.summary
    assert (told["claim_count"], told["sum_paid"], told["sum_charge"]) == (2, "8.25", "30.50")
    assert told["denied(status 4)"] == ["2"]
    assert told["plb"] == [["9", "20261231", "WO:1", "-3.10"]]


def test_statuses_before_payment(tmp_path: Path) -> None:
    content = interchange(
        "277",
        "BHT*0010*08*1*20261101*1200*DG",
        *("HL*1**20*1", "NM1*PR*2*ACME HEALTH"),
        *("HL*2*1*22*0", "NM1*IL*1*ALVAREZ*ROSA****MI*ACM123"),
        *("TRN*2*T1", "STC*F2:88:QC*20261105**150.00*0*******NO RECORDS", "REF*1K*PAYER1"),
        *("TRN*2*T2", "STC*A7:21*20261105*U*99.00******A7:500"),
    )
    first, second = read_claims(write(tmp_path, content)).answers()
    assert isinstance(first, ClaimStatusAnswer)
    assert isinstance(second, ClaimStatusAnswer)
    (denied,), (rejected,) = first.statuses, second.statuses
    assert (first.trace, first.payer_number, denied.patient.id) == ("T1", "PAYER1", "ACM123")
    assert (denied.is_denied, denied.is_turned_away) == (True, False)
    assert (denied.on, denied.amount, denied.message) == (date(2026, 11, 5), Decimal("150.00"), "NO RECORDS")
    assert (rejected.is_denied, rejected.is_turned_away) == (False, True)
    assert rejected.more == (("A7", "500"),)


@pytest.mark.slow
def test_ten_megabytes_in_a_few(tmp_path: Path) -> None:
    one = "~".join(CLAIM).replace("CLP*OURS1*4", "CLP*OURS1*1")
    wanted = 10_000_000 // len(one) + 1
    path = write(tmp_path, remittance(*([one] * wanted)))
    assert path.stat().st_size > 10_000_000
    calls = 0

    def progress(_done: int, _total: int) -> None:
        nonlocal calls
        calls += 1

    tracemalloc.start()
    try:
        count = sum(1 for _ in read_claims(path, progress).answers())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == wanted
    assert calls > 100
    assert peak < 3_000_000
