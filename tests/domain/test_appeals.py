"""The appeal vectors of domain.md by rule id, the advice on filing, and what is left when it is late."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.appeals import FilingMethod, filing_advice, late_warning, mail_warning
from carecoord_tui.domain.deadlines import Deadline, compute, entered
from carecoord_tui.domain.denial import LETTER_RULE, appeal_deadline, rule_deadline, runs_from_receipt
from carecoord_tui.domain.denial_ending import Ending, ending_problem, possible_endings
from carecoord_tui.domain.vocabulary import DenialStatus, PayerClass
from tests.domain.make import CONTEXT, day, denial


def due(rule_id: str, trigger: str) -> Deadline:
    rule = CONTEXT.pack.get(rule_id, on=day(trigger))
    return compute(rule, day(trigger), calendar=CONTEXT.calendar)


@pytest.mark.parametrize(
    ("rule_id", "trigger", "legal", "target", "warn"),
    [
        # the frozen vectors
        ("appeal.medicare.redetermination", "2026-08-01", "2026-12-04", "2026-12-04", None),
        ("appeal.ma.reconsideration", "2026-09-28", "2026-12-02", "2026-12-02", "2026-11-27"),
        ("appeal.ma.reconsideration", "2026-11-27", "2027-01-31", "2027-01-29", "2027-01-26"),
        ("appeal.aca.internal", "2026-06-08", "2026-12-05", "2026-12-04", None),
        # the rows of the table
        ("appeal.medicare.reconsideration", "2026-09-21", "2027-03-25", "2027-03-25", None),  # 5 + 180
        ("appeal.medicare.alj", "2026-09-21", "2026-11-25", "2026-11-25", None),  # 5 + 60
        ("appeal.ma.reconsideration", "2024-11-01", "2024-12-31", "2024-12-31", None),  # 60 before 2025
        ("appeal.external", "2026-11-30", "2027-03-30", "2027-03-30", None),  # months, not 122 days
        ("appeal.external", "2026-10-31", "2027-03-01", "2027-03-01", None),  # no 31 February: 1st of the 5th
        ("appeal.medicaid.internal", "2026-11-02", "2027-01-01", "2026-12-31", None),  # 60, a holiday
        ("appeal.medicaid.hearing", "2026-11-02", "2027-03-02", "2027-03-02", None),  # 120
        ("filing.medicare", "2026-06-01", "2027-06-01", "2027-06-01", None),
        ("filing.medicare", "2024-02-29", "2025-02-28", "2025-02-28", None),
    ],
)
def test_the_vectors_of_the_domain(
    rule_id: str, trigger: str, legal: str, target: str, warn: str | None
) -> None:
    found = due(rule_id, trigger)
    assert (found.rule_id, found.legal_on, found.target_on, found.warn_on) == (
        rule_id,
        day(legal),
        day(target),
        None if warn is None else day(warn),
    )


@pytest.mark.parametrize(
    ("rule_id", "when"),
    [
        ("appeal.medicare.redetermination", "received"),
        ("appeal.medicare.reconsideration", "received"),
        ("appeal.medicare.alj", "received"),
        ("appeal.ma.reconsideration", "received"),
        ("appeal.aca.internal", None),  # as the plan says
        ("appeal.external", None),
        ("appeal.medicaid.internal", None),
    ],
)
def test_what_counts_as_filed(rule_id: str, when: str | None) -> None:
    window = due(rule_id, "2026-11-02")
    assert window.filed_when == when
    assert ("must ARRIVE" in filing_advice(window, day("2026-08-01"))) is (when == "received")


def test_mail_is_warned_of_only_in_the_last_days_and_only_where_arrival_counts() -> None:
    window = due("appeal.medicare.redetermination", "2026-08-01")
    early, near, past = day("2026-11-20"), day("2026-11-30"), day("2026-12-05")
    said = [mail_warning(window, FilingMethod.MAIL, on, CONTEXT.calendar) for on in (early, near, past)]
    assert [bool(words) for words in said] == [False, True, False]
    assert mail_warning(window, FilingMethod.FAX, near, CONTEXT.calendar) == ""
    six, five = day("2026-11-25"), day("2026-11-27")  # business days before Fri 4 Dec; Thursday is a holiday
    said = [mail_warning(window, FilingMethod.MAIL, on, CONTEXT.calendar) for on in (six, five)]
    assert [bool(words) for words in said] == [False, True]


@pytest.mark.parametrize(
    ("rule_id", "words"),
    [
        ("appeal.medicare.redetermination", "ask for a reopening"),
        ("appeal.ma.reconsideration", "ask the plan for a reopening"),
        ("appeal.aca.internal", "external review"),
        ("appeal.external", "state insurance department"),
        ("appeal.medicaid.internal", "fair hearing"),
    ],
)
def test_a_last_day_that_is_past_says_what_is_left(rule_id: str, words: str) -> None:
    window = due(rule_id, "2026-01-05")
    assert window.legal_on is not None
    assert late_warning(window, window.legal_on) == "", "the last day itself is in time"
    said = late_warning(window, day("2026-11-30"))
    assert said.startswith("The last day was ")
    assert "good cause" in said
    assert words in said


def test_a_letter_without_a_rule_still_says_what_is_left() -> None:
    window = entered(CONTEXT.pack.get(LETTER_RULE), day("2026-11-02"), calendar=CONTEXT.calendar)
    assert "file late and say the good cause in the letter; send a new request" in late_warning(
        window, day("2026-11-30")
    )


def test_the_letter_goes_before_the_rule_and_both_are_said() -> None:
    record = denial(letter_deadline_on=day("2027-01-16"))
    window, by_rule = appeal_deadline(record, CONTEXT), rule_deadline(record, CONTEXT)
    assert window is not None
    assert by_rule is not None
    assert (window.legal_on, by_rule.legal_on) == (day("2027-01-16"), day("2027-01-31"))
    assert "By the rule it would be Sun 31 Jan 2027 (42 CFR 422.582, unconfirmed)." in window.why


def test_which_windows_run_from_receipt() -> None:
    assert runs_from_receipt(denial(payer_class=PayerClass.ERISA), CONTEXT)
    assert not runs_from_receipt(denial(), CONTEXT)
    assert not runs_from_receipt(denial(payer_class=PayerClass.UNKNOWN), CONTEXT)


# --- endings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", DenialStatus)
@pytest.mark.parametrize("was_appealed", [True, False])
@pytest.mark.parametrize("ending", Ending)
def test_an_ending_is_offered_exactly_where_it_is_taken(
    status: DenialStatus, was_appealed: bool, ending: Ending
) -> None:
    offered = ending in possible_endings(status, was_appealed=was_appealed)
    problem = ending_problem(ending, status, was_appealed=was_appealed, reason="a reason")
    assert offered is (problem == "")


def test_only_what_is_not_appealed_needs_a_reason() -> None:
    needing = [one for one in Ending if one.needs_reason]
    assert needing == [Ending.NOT_APPEALED]
    said = ending_problem(Ending.NOT_APPEALED, DenialStatus.OPEN, was_appealed=False, reason="  ")
    assert said.startswith("Say in a few words why")
