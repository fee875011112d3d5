"""271: every line with its own network, level, period and place; what cannot be a figure is a problem."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from carecoord_tui.domain.payer_answer_words import answer_lines
from carecoord_tui.domain.payer_answers import (
    BenefitKind,
    BenefitLine,
    CoverageAnswer,
    MemberAnswer,
    MemberLevel,
    Network,
)
from carecoord_tui.exchange.x12.eligibility import read_eligibility
from carecoord_tui.exchange.x12.reading import TransactionEnd
from tests.exchange.x12.make import SUBSCRIBER, eligibility, interchange, write


def members(folder: Path, content: str) -> list[MemberAnswer]:
    return list(read_eligibility(write(folder, content)).answers())


def member(folder: Path, *benefits: str) -> MemberAnswer:
    (found,) = members(folder, eligibility(*benefits))
    return found


def line(folder: Path, benefit: str) -> tuple[BenefitLine, list[str]]:
    found = member(folder, benefit)
    return found.lines[0], [problem.text for problem in found.problems]


def test_who_was_answered_about(tmp_path: Path) -> None:
    found = member(tmp_path, "EB*1**30")
    assert found.person.name == "ROSA M ALVAREZ"
    assert found.subscriber == found.person
    assert (found.dob, found.born_on, found.sex) == ("19550314", date(1955, 3, 14), "F")
    assert (found.group_number, found.traces) == ("GRP9", ("TRACE1",))
    (asked,) = found.dates
    assert (asked.qualifier, asked.starts_on, asked.ends_on) == ("291", date(2026, 11, 1), date(2026, 11, 30))


def test_deductibles_are_never_one_figure(tmp_path: Path) -> None:
    found = member(
        tmp_path,
        "EB*C*IND*30*HM*GOLD*23*1500*****Y",
        "EB*C*IND*30*HM*GOLD*29*400.5*****Y",
        "EB*C*FAM*30*HM*GOLD*23*3000*****Y",
        "EB*C*IND*30*HM*GOLD*23*4000*****N",
        "EB*C*IND*98*HM*GOLD*23*0*****W",
        "EB*C*IND*30*HM*GOLD*23*250*****U",
        "EB*C*IND*30*HM*GOLD*23",
        "EB*G*IND*30*HM*GOLD*29*2200*****Y",
    )
    told = [
        (str(one.amount), one.level, one.period, one.network, one.is_remaining)
        for one in found.of_kind(BenefitKind.DEDUCTIBLE)
    ]
    assert told == [
        ("1500", "IND", "23", Network.IN, False),
        ("400.5", "IND", "29", Network.IN, True),
        ("3000", "FAM", "23", Network.IN, False),
        ("4000", "IND", "23", Network.OUT, False),
        ("0", "IND", "23", Network.EITHER, False),
        ("250", "IND", "23", Network.UNKNOWN, False),
        ("None", "IND", "23", Network.NOT_STATED, False),
    ]
    assert [one.where.segment for one in found.lines] == list(range(15, 23))
    assert found.problems == ()
    (remaining,) = found.of_kind(BenefitKind.OUT_OF_POCKET)
    assert remaining.amount == 2200


def test_what_follows_a_line_belongs_to_it(tmp_path: Path) -> None:
    found = member(
        tmp_path,
        "EB*R**30",
        "MSG*Other plan pays first",
        "DTP*290*D8*20260101",
        "LS*2120",
        "NM1*IL*1*POLICYHOLDER*JOHN****MI*OTHER9",
        "LE*2120",
        "EB*B**UC*****.2*VS*3*Y*N*HC:99213",
    )
    other, visit = found.lines
    assert found.person.name == "ROSA M ALVAREZ"
    assert (other.text, other.related[0].id) == ("Other plan pays first", "OTHER9")
    assert other.dates[0].starts_on == date(2026, 1, 1)
    assert len(found.dates) == 1
    assert (visit.percent, visit.rate) == (Decimal("0.2"), Decimal("0.2"))
    assert (visit.quantity, visit.quantity_kind) == (3, "VS")
    assert (visit.authorization_needed, visit.network, visit.procedure) == ("Y", Network.OUT, "HC:99213")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("EB*1**30",), CoverageAnswer.ACTIVE),
        (("EB*6**30",), CoverageAnswer.INACTIVE),
        (("EB*1**30", "EB*6**30"), CoverageAnswer.MIXED),
        (("EB*5**30", "EB*1**98"), CoverageAnswer.ACTIVE),
        (("EB*7**30", "EB*8**98"), CoverageAnswer.INACTIVE),
        (("EB*B**30****10", "EB*V"), CoverageAnswer.UNKNOWN),
        ((), CoverageAnswer.UNKNOWN),
    ],
)
def test_coverage(tmp_path: Path, lines: tuple[str, ...], wanted: CoverageAnswer) -> None:
    assert member(tmp_path, *lines).coverage is wanted


def test_coverage_of_a_service_type_is_told_apart(tmp_path: Path) -> None:
    found = member(tmp_path, "EB*1**30", "EB*6**35^47")
    assert found.coverage is CoverageAnswer.MIXED
    assert found.coverage_for("30") is CoverageAnswer.ACTIVE
    assert found.coverage_for("47") is CoverageAnswer.INACTIVE
    assert found.coverage_for("98") is None


def test_several_members_and_dependents(tmp_path: Path) -> None:
    content = interchange(
        "271",
        *SUBSCRIBER,
        "EB*1**30",
        "HL*4*3*23*0",
        "NM1*03*1*ALVAREZ*LUIS",
        "DMG*D8*20120201*M",
        "EB*6**30",
        "HL*5*3*23*0",
        "NM1*03*1*ALVAREZ*MIA",
        "AAA*N**71*C",
        "HL*6*2*22*0",
        "NM1*IL*1*OKAFOR*SAM****MI*ACM999",
        "EB*1**30",
    )
    found = members(tmp_path, content)
    assert [(one.person.first, one.level, one.subscriber.id) for one in found] == [
        ("ROSA", MemberLevel.SUBSCRIBER, "ACM123"),
        ("LUIS", MemberLevel.DEPENDENT, "ACM123"),
        ("MIA", MemberLevel.DEPENDENT, "ACM123"),
        ("SAM", MemberLevel.SUBSCRIBER, "ACM999"),
    ]
    assert [one.coverage.value for one in found] == ["active", "inactive", "unknown", "active"]
    assert [[reject.reason for reject in one.rejects] for one in found] == [[], [], ["71"], []]


def test_a_reject_of_the_whole_request_comes_with_the_end(tmp_path: Path) -> None:
    content = interchange("271", *SUBSCRIBER[:5], "AAA*N**42*R")
    found = list(read_eligibility(write(tmp_path, content)))
    end = found[-1]
    assert isinstance(end, TransactionEnd)
    assert [(one.reason, one.follow_up, one.level, one.where.segment) for one in end.rejects] == [
        ("42", "R", "21", 9)
    ]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("-25.00", "less than nothing"),
        ("1,500.00", "no plain number"),
        ("$25", "no plain number"),
        ("25.00 USD", "no plain number"),
        ("2.5E3", "no plain number"),
        ("NaN", "no plain number"),
        ("Infinity", "no plain number"),
        ("٢٥", "no plain number"),
        ("999999999.99", "too much"),
        ("9" * 400, "too much"),
        ("25.005", "parts of a cent"),
    ],
)
def test_an_amount_that_is_none_is_unknown_and_echoed(tmp_path: Path, written: str, words: str) -> None:
    found, problems = line(tmp_path, f"EB*B**98***27*{written}*****Y")
    assert found.amount is None
    (problem,) = problems
    assert words in problem
    assert written[:20] in problem


@pytest.mark.parametrize("written", ["20", "1.5", "-0.2"])
def test_a_percentage_that_is_no_share_is_kept_but_no_rate(tmp_path: Path, written: str) -> None:
    found, problems = line(tmp_path, f"EB*A**30***27**{written}")
    assert found.percent == Decimal(written)
    assert found.rate is None
    assert "ask the payer" in problems[0]


@pytest.mark.parametrize(
    "written", ["19630230", "00000000", "18000101", "99991231", "1963", "March 1", "19630519X"]
)
def test_an_impossible_date_is_none_and_said_with_its_place(tmp_path: Path, written: str) -> None:
    (found,) = members(tmp_path, eligibility("EB*1**30").replace("19550314", written))
    assert found.born_on is None
    assert found.dob == written
    assert [str(problem)[:18] for problem in found.problems] == ["segment 13 (DMG): "]


@pytest.mark.parametrize("written", ["20261301-20261130", "20261101", "20261101-", "20261130-20261101"])
def test_an_impossible_span_is_said(tmp_path: Path, written: str) -> None:
    (found,) = members(tmp_path, eligibility("EB*1**30").replace("20261101-20261130", written))
    assert len(found.problems) == 1
    assert found.problems[0].where.id == "DTP"


def test_an_unknown_network_is_not_taken(tmp_path: Path) -> None:
    found, problems = line(tmp_path, "EB*B**98***27*10*****Q")
    assert found.network is Network.NOT_STATED
    assert "“Q”" in problems[0]


def test_lines_for_people_tell_everything_apart(tmp_path: Path) -> None:
    found = member(
        tmp_path,
        "EB*1**30**GOLD",
        "EB*C*IND*30*HM*GOLD*29*1400.5*****Y",
        "EB*A*FAM*98*****.2***N*N",
        "EB*B*IND*98",
    )
    assert answer_lines(found) == [
        "ROSA M ALVAREZ (ACM123), subscriber, born 14 Mar 1955: active",
        "  active, service types 30, GOLD (EB*1, segment 15)",
        "  deductible $1,400.50, remaining, individual, in network, service types 30, HM, GOLD "
        "(EB*C, segment 16)",
        "  coinsurance 20 %, family, out of network, service types 98 (EB*A, segment 17)",
        "  copay unknown, individual, network not stated, service types 98 (EB*B, segment 18)",
    ]
