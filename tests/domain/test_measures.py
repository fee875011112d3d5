"""Measures of referrals against vectors worked out by hand; the order of rows never matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.measure_words import WIDTH, referral_lines
from carecoord_tui.domain.measures import (
    ReferralMeasures,
    ReferralRow,
    Share,
    Spread,
    Waits,
    as_json,
    chains_of,
    measure_referrals,
    spread,
)
from carecoord_tui.domain.period import Period
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from tests.domain.make import MONDAY, day

S = ReferralStage
OLD = date(2026, 6, 1)  # 182 days before the Monday
ALL_THREE = {"report_received_on": date(2026, 7, 20), "reviewed_on": date(2026, 7, 21)}


def row(number: int, stage: ReferralStage, ordered_on: date = OLD, **fields: Any) -> ReferralRow:
    fields.setdefault("patient_id", number)
    return ReferralRow(id=number, stage=stage, ordered_on=ordered_on, **fields)


def closed(number: int, **fields: Any) -> ReferralRow:
    facts = {
        "sent_on": OLD, "visit_on": date(2026, 7, 1), "patient_informed_on": date(2026, 7, 22), **ALL_THREE
    }  # fmt: skip
    return row(number, S.CLOSED, **{**facts, **fields})


def measured(*rows: ReferralRow, **asked: Any) -> ReferralMeasures:
    return measure_referrals(rows, today=MONDAY, **asked)


def counts(share: Share) -> tuple[int, int]:
    return share.numerator, share.denominator


def apart(share: Share) -> dict[str, int]:
    return {one.key: one.count for one in share.apart}


def waits(measures: ReferralMeasures, urgency: Urgency) -> Waits:
    return next(one for one in measures.waits if one.urgency is urgency)


# --- CMS50 -----------------------------------------------------------------------------------------


def test_cms50_counts_patients_by_their_first_referral() -> None:
    share = measured(
        row(1, S.SENT, day("2026-03-01"), patient_id=1),  # the first: no report
        row(2, S.REPORT_RECEIVED, day("2026-04-01"), patient_id=1, report_received_on=day("2026-05-01")),
        row(3, S.REPORT_RECEIVED, day("2026-04-01"), patient_id=2, report_received_on=day("2026-05-01")),
        row(4, S.SENT, day("2026-06-01"), patient_id=2),
    ).cms50
    assert counts(share) == (1, 2)
    assert apart(share)["later_referrals"] == 2


@pytest.mark.parametrize(
    ("ordered_on", "is_counted"),
    [("2025-12-31", 0), ("2026-01-01", 1), ("2026-10-31", 1), ("2026-11-01", 0)],
)
def test_cms50_looks_at_january_to_october(ordered_on: str, is_counted: int) -> None:
    share = measured(row(1, S.REVIEWED, day(ordered_on), report_received_on=day("2026-11-20"))).cms50
    assert counts(share) == (is_counted, is_counted)


@pytest.mark.parametrize(("came_on", "in_time"), [("2025-12-31", 1), ("2026-01-01", 0)])
def test_cms50_takes_reports_until_the_end_of_the_year(came_on: str, in_time: int) -> None:
    late = row(1, S.REPORT_RECEIVED, day("2025-10-01"), report_received_on=day(came_on))
    share = measured(late, year=2025).cms50
    assert counts(share) == (in_time, 1)
    assert apart(share)["report_after_year"] == 1 - in_time


def test_cms50_leaves_out_what_nobody_reports_on_and_nothing_else() -> None:
    supplies = row(1, S.CLOSED, service_type=ReferralType.EQUIPMENT, patient_informed_on=OLD)
    share = measured(supplies, row(2, S.WITHDRAWN), row(3, S.DECLINED), row(4, S.DRAFT)).cms50
    assert counts(share) == (0, 3)
    assert apart(share) == {"later_referrals": 0, "no_report_expected": 1, "report_after_year": 0}


def test_a_first_order_of_supplies_does_not_hide_the_first_referral_to_a_clinician() -> None:
    supplies = row(1, S.CLOSED, day("2026-02-01"), patient_id=9, service_type=ReferralType.COMMUNITY)
    assert counts(measured(supplies, closed(2, patient_id=9)).cms50) == (1, 1)


def test_a_redirect_is_the_same_referral_ordered_when_the_first_was() -> None:
    first = row(1, S.REDIRECTED, day("2026-10-20"), patient_id=9, sent_on=day("2026-10-20"))
    last = row(
        2, S.REPORT_RECEIVED, day("2026-11-05"), patient_id=9, redirected_from=1,
        report_received_on=day("2026-11-28"),
    )  # fmt: skip
    share = measured(first, last).cms50
    assert counts(share) == (1, 1)
    assert apart(share)["later_referrals"] == 0
    assert counts(measured(replace(first, ordered_on=day("2025-12-20")), last).cms50) == (0, 0)


# --- closure and scheduling ------------------------------------------------------------------------


def test_true_closure_needs_report_review_and_the_patient_told() -> None:
    share = measured(
        closed(1),
        row(2, S.REVIEWED, **ALL_THREE),  # the patient was not told
        closed(3, reviewed_on=None),  # imported as closed, the review not recorded
        row(4, S.SENT),
        row(5, S.WITHDRAWN),
        row(6, S.DECLINED),
        row(7, S.DECLINED),
        row(8, S.SENT, MONDAY - timedelta(days=89)),
    ).loop_closure
    assert counts(share) == (1, 4)
    assert apart(share) == {"declined": 2, "withdrawn": 1, "younger": 1}


def test_ninety_days_are_enough() -> None:
    assert counts(measured(row(1, S.SENT, MONDAY - timedelta(days=90))).loop_closure) == (0, 1)


def test_where_no_report_is_written_the_patient_told_closes_the_loop() -> None:
    supplies = row(1, S.CLOSED, service_type=ReferralType.EQUIPMENT, patient_informed_on=OLD)
    assert counts(measured(supplies).loop_closure) == (1, 1)


def test_a_redirected_one_follows_its_successors() -> None:
    chain = (
        row(1, S.REDIRECTED, OLD, patient_id=9),
        row(2, S.REDIRECTED, OLD + timedelta(days=10), patient_id=9, redirected_from=1),
        closed(3, ordered_on=OLD + timedelta(days=20), patient_id=9, redirected_from=2),
    )
    measures = measured(*chain)
    assert counts(measures.loop_closure) == (1, 1)
    assert waits(measures, Urgency.ROUTINE).seen == Spread(1, 30.0, 30, 30)  # 1 June to 1 July
    assert counts(measured(*chain[:2]).loop_closure) == (0, 1)  # sent elsewhere, and nobody there


def test_scheduling_rate_is_of_what_was_sent() -> None:
    share = measured(
        row(1, S.DRAFT),
        row(2, S.SENT, sent_on=OLD),
        row(3, S.ACCEPTED),  # the sending was not recorded
        row(4, S.SCHEDULED, visit_on=day("2026-12-09")),
        row(5, S.NO_SHOW, sent_on=OLD, visit_on=OLD),
        row(6, S.WITHDRAWN),  # never sent
        row(7, S.DECLINED, sent_on=OLD),
        row(8, S.REPORT_RECEIVED, report_received_on=OLD),  # seen, nobody recorded when
    ).scheduling
    assert counts(share) == (2, 6)
    assert apart(share) == {"not_sent": 2, "seen_without_date": 1}


def test_a_date_at_the_office_that_was_left_is_no_date() -> None:
    first = row(1, S.REDIRECTED, sent_on=OLD, visit_on=OLD + timedelta(days=5))
    assert counts(measured(first, row(2, S.DRAFT, redirected_from=1)).scheduling) == (0, 1)


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], Spread(0)),
        ([7], Spread(1, 7.0, 7, 7)),
        ([3, 1], Spread(2, 2.0, 3, 3)),
        ([4, 1], Spread(2, 2.5, 4, 4)),
        ([*range(1, 11)], Spread(10, 5.5, 9, 10)),  # the 9th of 10
        ([*range(1, 12)], Spread(11, 6.0, 10, 11)),  # 9.9: the 10th of 11
        ([*range(1, 21)], Spread(20, 10.5, 18, 20)),
        ([*range(1, 101)], Spread(100, 50.5, 90, 100)),
        ([0, 0, 0, 50], Spread(4, 0.0, 50, 50)),
    ],
)
def test_median_and_nearest_rank_p90(days: list[int], expected: Spread) -> None:
    assert spread(days) == expected


def test_days_to_appointment_by_urgency_with_the_unseen_beside() -> None:
    measures = measured(
        closed(1, visit_on=OLD + timedelta(days=10)),
        row(2, S.SEEN, visit_on=OLD + timedelta(days=20)),
        row(3, S.SEEN),  # the day is not recorded
        row(4, S.SEEN, visit_on=OLD - timedelta(days=1)),  # imported, out of order
        row(5, S.SCHEDULED, MONDAY - timedelta(days=40), visit_on=day("2026-12-09")),
        row(6, S.DECLINED),
        row(7, S.SENT, MONDAY - timedelta(days=3), urgency=Urgency.URGENT),
    )
    assert waits(measures, Urgency.ROUTINE) == Waits(
        urgency=Urgency.ROUTINE,
        seen=Spread(2, 15.0, 20, 20),
        unseen=Spread(1, 40.0, 40, 40),
        undated=2,
    )
    assert waits(measures, Urgency.URGENT).unseen == Spread(1, 3.0, 3, 3)
    assert [one.urgency for one in measures.waits] == [Urgency.STAT, Urgency.URGENT, Urgency.ROUTINE]


def test_open_ages_hide_nothing_for_being_old() -> None:
    ancient = row(1, S.SENT, day("2024-11-30"))
    measures = measured(
        ancient, row(2, S.SENT, MONDAY - timedelta(days=4)), row(3, S.DRAFT, MONDAY), closed(4)
    )
    assert measures.period == Period(day("2025-12-01"), MONDAY)
    assert [(one.stage, one.ages) for one in measures.open_ages] == [
        (S.DRAFT, Spread(1, 0.0, 0, 0)),
        (S.SENT, Spread(2, 367.0, 730, 730)),
    ]
    assert counts(measures.scheduling) == (1, 2)  # the ancient one was not ordered in the period


def test_a_period_counts_both_ends_and_does_not_end_before_it_begins() -> None:
    period = Period(OLD, OLD)
    edges = [row(n, S.SENT, OLD + timedelta(days=n - 2)) for n in (1, 2, 3)]
    assert counts(measured(*edges, period=period).scheduling) == (0, 1)
    with pytest.raises(ValueError, match="before it begins"):
        Period(OLD, OLD - timedelta(days=1))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, ("2025-12-01", "2026-11-30")),
        ("2026-11-01", None, ("2026-11-01", "2026-11-30")),
        (None, "2025-06-30", ("2024-07-01", "2025-06-30")),
        ("2026-01-01", "2026-03-31", ("2026-01-01", "2026-03-31")),
        ("2026-12-14", None, ("2026-12-14", "2026-12-14")),
    ],
    ids=["nothing asked", "from", "to", "both", "from a day ahead"],
)
def test_a_period_fills_in_what_was_not_asked(
    first: str | None, last: str | None, expected: tuple[str, str]
) -> None:
    asked = Period.asked(day(first) if first else None, day(last) if last else None, MONDAY)
    assert asked == Period(*map(day, expected))


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "result"),
    [(0, 0, "0 of 0"), (9, 9, "9 of 9"), (5, 10, "5 of 10, 50.0 %"), (1, 3_000, "1 of 3,000, 0.0 %")],
)
def test_below_ten_there_are_counts_and_no_percentages(numerator: int, denominator: int, result: str) -> None:
    share = Share(
        key="k", title="t", numerator=numerator, denominator=denominator,
        numerator_words="n", denominator_words="d",
    )  # fmt: skip
    assert share.result == result
    assert (share.percent is None) == (denominator < 10)


def test_lines_fit_a_sheet_and_name_both_numbers() -> None:
    lines = referral_lines(measured(*(closed(n) for n in range(1, 12)), row(20, S.SENT), row(21, S.DECLINED)))
    assert max(len(line.text) for line in lines) <= WIDTH
    text = "\n".join(line.text for line in lines)
    assert "11 of 13, 84.6 %" in text  # CMS50
    assert "  11  report in, reviewed, patient told" in text
    assert "  12  referrals ordered 90 days ago or earlier" in text
    assert "Apart: 1 declined by the patient" in text


# --- properties -----------------------------------------------------------------------------------

DAYS = st.dates(date(2024, 1, 1), MONDAY)
MAYBE = st.none() | DAYS
ROWS = st.lists(
    st.builds(
        ReferralRow,
        id=st.integers(1, 12),
        patient_id=st.integers(1, 4),
        ordered_on=DAYS,
        stage=st.sampled_from(ReferralStage),
        urgency=st.sampled_from(Urgency),
        service_type=st.sampled_from(ReferralType),
        sent_on=MAYBE,
        visit_on=MAYBE,
        report_received_on=MAYBE,
        reviewed_on=MAYBE,
        patient_informed_on=MAYBE,
        redirected_from=st.none() | st.integers(1, 12),  # rings and gaps too
    ),
    max_size=14,
    unique_by=lambda one: one.id,
)


@given(ROWS, st.randoms(use_true_random=False), st.integers(2024, 2026))
def test_numbers_hold_together_whatever_the_order(rows: list[ReferralRow], random: Any, year: int) -> None:
    measures = measure_referrals(rows, today=MONDAY, period=Period.of_year(year), year=year)
    for share in measures.shares:
        assert 0 <= share.numerator <= share.denominator
        assert all(one.count >= 0 for one in share.apart)
    in_year = sum(1 for chain in chains_of(rows) if chain.ordered_on.year == year)
    closure = measures.loop_closure
    assert closure.denominator + sum(one.count for one in closure.apart) == in_year
    assert sum(len(chain.links) for chain in chains_of(rows)) == len(rows)
    for days in (one.seen for one in measures.waits):
        assert days.n == 0 or (days.median or 0) <= (days.longest or 0) >= (days.p90 or 0)
    random.shuffle(rows)
    again = measure_referrals(rows, today=MONDAY, period=Period.of_year(year), year=year)
    assert as_json(again) == as_json(measures)
