"""Days in stage against their limit, and the exceptions a referral belongs to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.domain import referral
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.facts import ReferralFacts
from carecoord_tui.domain.referral_ageing import (
    SAME_DAY,
    age_of,
    authorization_of,
    quiet_days,
    stalled_days,
    views_of,
)
from carecoord_tui.domain.referral_rows import AuthorizationState, View
from carecoord_tui.domain.rulepack import load_pack
from carecoord_tui.domain.vocabulary import ReferralStage, Urgency

S = ReferralStage
TODAY = date(2026, 11, 30)  # Monday; Thursday 26 November was Thanksgiving
CONTEXT = Context(pack=load_pack(), calendar=Calendar(), zone=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Case:
    """A referral as the list knows it."""

    stage: ReferralStage = S.SENT
    stage_on: date = date(2026, 11, 24)
    ordered_on: date = date(2026, 11, 20)
    sent_on: date | None = date(2026, 11, 24)
    visit_on: date | None = None
    urgency: Urgency = Urgency.ROUTINE
    expects_report: bool = True
    touched_on: date | None = None
    needs_authorization: bool | None = None
    has_approval: bool = False
    approval_covers: bool = False


def words(case: Case, context: Context = CONTEXT, today: date = TODAY) -> str:
    age = age_of(case, context, today)
    assert age is not None
    return age.words


@pytest.mark.parametrize(
    ("case", "said", "is_over"),
    [
        (Case(), "3bd of 2", True),  # Wed, Fri, Mon: the holiday does not count
        (Case(stage_on=date(2026, 11, 25)), "2bd of 2", False),
        (Case(S.DRAFT, date(2026, 11, 30)), "0bd of 1", False),
        (Case(S.ACKNOWLEDGED, date(2026, 11, 27), sent_on=date(2026, 11, 21)), "9d of 7", True),  # since sent
        (Case(S.ACCEPTED, sent_on=date(2026, 11, 23)), "7d of 7", False),
        (Case(S.ACCEPTED, date(2026, 11, 22), sent_on=None), "8d of 7", True),
        (Case(S.SCHEDULED, visit_on=date(2026, 12, 2)), "visit 2 Dec", False),
        (Case(S.SCHEDULED, visit_on=TODAY), "visit 30 Nov", False),
        (Case(S.SCHEDULED, visit_on=date(2026, 11, 25)), "2bd of 1", True),  # nobody said how it went
        (Case(S.SCHEDULED, date(2026, 11, 20)), "10d of 7", True),  # booked, the date is unknown
        (Case(S.SEEN, visit_on=date(2026, 11, 10)), "20d of 14", True),
        (Case(S.SEEN, expects_report=False, visit_on=date(2026, 11, 27)), "1bd of 2", False),
        (Case(S.REPORT_RECEIVED, date(2026, 11, 20)), "5bd of 2", True),
        (Case(S.NO_SHOW, date(2026, 11, 27)), "1bd of 1", False),
        (Case(S.ON_HOLD, date(2026, 11, 1)), "29d of 30", False),
        (Case(urgency=Urgency.URGENT, stage_on=TODAY, ordered_on=date(2026, 11, 26)), "4d of 3", True),
        (Case(S.ACCEPTED, urgency=Urgency.URGENT, ordered_on=date(2026, 11, 20)), "10d of 3", True),
        (Case(urgency=Urgency.STAT, stage_on=TODAY, ordered_on=TODAY), "same day", False),
        (Case(S.DRAFT, date(2026, 11, 27), urgency=Urgency.URGENT), "1bd late", True),
    ],
)
def test_days_against_the_limit_of_stage_and_urgency(case: Case, said: str, is_over: bool) -> None:
    age = age_of(case, CONTEXT, TODAY)
    assert age is not None
    assert (age.words, age.is_over) == (said, is_over)


def test_an_ended_referral_has_no_age_and_is_in_no_view() -> None:
    for stage in (S.CLOSED, S.DECLINED, S.WITHDRAWN, S.REDIRECTED):
        case = Case(stage, urgency=Urgency.STAT, needs_authorization=True)
        assert age_of(case, CONTEXT, TODAY) is None
        assert views_of(case, CONTEXT, TODAY) == frozenset()


def test_the_practices_closures_do_not_count() -> None:
    closed = replace(CONTEXT, calendar=Calendar(closures=frozenset({date(2026, 11, 27), date(2026, 11, 28)})))
    assert words(Case(), closed) == "2bd of 2"


def test_the_limit_is_the_one_that_dates_the_next_action() -> None:
    """The rule beside the age is the ledger's own, whatever the stage, the urgency and the day."""
    days = (date(2026, 11, 9), date(2026, 11, 20), date(2026, 11, 27))
    for stage, urgency, stage_on in product(S, Urgency, days):
        record = ReferralFacts(
            id=1,
            specialty="cardiology",
            provider_name="Heart Center",
            urgency=urgency,
            stage=stage,
            stage_on=stage_on,
            ordered_on=date(2026, 11, 6),
            sent_on=None if stage is S.DRAFT else stage_on,
            visit_on=stage_on if stage in (S.SCHEDULED, S.SEEN) else None,
        )
        age, duty = age_of(record, CONTEXT, TODAY), referral.duty_of(record)
        assert (age is None) == (duty is None) == (not stage.is_open)
        if age is None or duty is None:
            continue
        rule_id, target_on, _ = referral._due(record, duty, CONTEXT)
        assert age.rule_id in (rule_id, SAME_DAY, referral.URGENT_RULE)
        if age.rule_id == rule_id and age.is_over:
            assert target_on < TODAY


def test_views() -> None:
    def views(case: Case) -> set[View]:
        return set(views_of(case, CONTEXT, TODAY)) - {View.ALL}

    assert stalled_days(CONTEXT) == 7
    assert views(Case()) == {View.NO_DATE}
    assert views(Case(stage_on=date(2026, 11, 22))) == {View.NO_DATE, View.QUIET}
    assert views(Case(stage_on=date(2026, 11, 1), touched_on=date(2026, 11, 23))) == {View.NO_DATE}
    assert views(Case(S.SEEN)) == {View.NO_REPORT}
    assert views(Case(S.SEEN, expects_report=False)) == set()
    assert views(Case(S.REVIEWED, urgency=Urgency.STAT)) == {View.URGENT}
    old = Case(S.SCHEDULED, date(2026, 11, 2), visit_on=TODAY)
    assert views(old) == set()
    assert views(replace(old, visit_on=date(2026, 11, 27))) == {View.QUIET}
    assert quiet_days(old, TODAY) == 28


def test_an_authorization_must_be_there_and_last_until_the_visit() -> None:
    needs = Case(S.SCHEDULED, visit_on=date(2026, 12, 9), needs_authorization=True)
    assert authorization_of(needs) is AuthorizationState.MISSING
    assert authorization_of(replace(needs, has_approval=True)) is AuthorizationState.ENDS_EARLY
    covered = replace(needs, has_approval=True, approval_covers=True)
    assert authorization_of(covered) is AuthorizationState.COVERED
    assert authorization_of(replace(needs, needs_authorization=None)) is AuthorizationState.COVERED
    assert authorization_of(replace(needs, stage=S.SEEN)) is AuthorizationState.COVERED
    assert View.AUTHORIZATION in views_of(needs, CONTEXT, TODAY)
    assert View.AUTHORIZATION not in views_of(covered, CONTEXT, TODAY)
