"""The statuses of an authorization: what may follow what, on which facts, and the whole of several items."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.authorization_steps import (
    DECIDED,
    GRANTED,
    UNDECIDED,
    Fact,
    IllegalStep,
    Standing,
    Step,
    allowed,
    facts_owed,
    move,
    overall,
    units_refusal,
)
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason

S = AuthorizationStatus
TODAY, OPENED, SENT = date(2026, 11, 30), date(2026, 11, 20), date(2026, 11, 24)


def standing(status: AuthorizationStatus = S.NEEDED, **changes: object) -> Standing:
    sent = None if status in (S.NEEDED, S.DRAFT) else SENT
    given_ = {"status": status, "opened_on": OPENED, "submitted_on": sent, **changes}
    return Standing(**given_)  # type: ignore[arg-type]


def test_from_needed_to_expired() -> None:
    here = standing()
    here = move(here, Step(to=S.DRAFT), today=TODAY)
    here = move(here, Step(to=S.SUBMITTED, on=SENT, channel="portal", reference="R1"), today=TODAY)
    assert (here.submitted_on, here.channel, here.reference) == (SENT, "portal", "R1")
    due = date(2026, 12, 3)
    here = move(here, Step(to=S.PENDED, on=date(2026, 11, 25), information_due_on=due), today=TODAY)
    assert here.information_due_on == due
    here = move(here, Step(to=S.SUBMITTED, on=date(2026, 11, 26)), today=TODAY)
    assert (here.submitted_on, here.information_due_on, here.decided_on) == (SENT, None, None)
    here = move(here, Step(to=S.APPROVED, valid_to=date(2027, 2, 28)), today=TODAY)
    assert (here.decided_on, here.valid_to, here.channel) == (TODAY, date(2027, 2, 28), "portal")
    assert move(here, Step(to=S.EXPIRED), today=date(2027, 3, 1)).status is S.EXPIRED


@pytest.mark.parametrize(
    ("now", "to", "words"),
    [
        (S.NEEDED, S.APPROVED, "not submitted yet"),
        (S.DRAFT, S.PENDED, "not submitted yet"),
        (S.SUBMITTED, S.SUBMITTED, "submitted already"),
        (S.SUBMITTED, S.EXPIRED, "Nothing was approved"),
        (S.SUBMITTED, S.NEEDED, "cannot go back to needed"),
        (S.DENIED, S.SUBMITTED, "appeal the denial"),
        (S.CANCELLED, S.SUBMITTED, "has ended (cancelled)"),
        (S.EXPIRED, S.APPROVED, "has ended (expired)"),
        (S.APPROVED, S.PENDED, "cannot go back to pended"),
    ],
)
def test_what_cannot_follow_is_refused_with_words(
    now: AuthorizationStatus, to: AuthorizationStatus, words: str
) -> None:
    with pytest.raises(IllegalStep, match=words.replace("(", r"\(").replace(")", r"\)")):
        move(standing(now), Step(to=to), today=TODAY)


@pytest.mark.parametrize(("now", "to"), list(product(S, S)))
def test_every_pair_is_allowed_or_refused(now: AuthorizationStatus, to: AuthorizationStatus) -> None:
    if to in allowed(now):
        assert move(standing(now), Step(to=to), today=TODAY).status is to
    else:
        with pytest.raises(IllegalStep):
            move(standing(now), Step(to=to), today=TODAY)


@pytest.mark.parametrize(
    ("now", "step", "words"),
    [
        (S.NEEDED, Step(to=S.SUBMITTED, on=date(2026, 12, 1)), "is ahead"),
        (S.SUBMITTED, Step(to=S.APPROVED, on=date(2026, 11, 23)), "has had it since Tue 24 Nov"),
        (S.SUBMITTED, Step(to=S.APPROVED, valid_to=date(2026, 11, 1)), "cannot be before the request"),
        (
            S.SUBMITTED,
            Step(to=S.APPROVED, valid_from=date(2027, 1, 2), valid_to=date(2027, 1, 1)),
            "before it begins",
        ),
        (S.SUBMITTED, Step(to=S.PENDED, information_due_on=date(2026, 11, 29)), "cannot be due"),
    ],
)
def test_days_out_of_order_are_refused(now: AuthorizationStatus, step: Step, words: str) -> None:
    with pytest.raises(IllegalStep, match=words):
        move(standing(now), step, today=TODAY)


def test_a_request_entered_late_counts_from_its_submission() -> None:
    early = date(2026, 11, 10)
    assert move(standing(), Step(to=S.SUBMITTED, on=early), today=TODAY).opened_on == early


def test_facts_are_owed_until_they_are_in() -> None:
    sent = move(standing(), Step(to=S.SUBMITTED), today=TODAY)
    assert facts_owed(sent) == (Fact.CHANNEL, Fact.REFERENCE)
    assert facts_owed(standing(S.SUBMITTED, channel="fax", reference="7")) == ()
    assert facts_owed(standing(S.APPROVED)) == (Fact.NUMBER, Fact.VALID_TO)
    assert facts_owed(standing(S.APPROVED, number="A1")) == (Fact.VALID_TO,)
    denied = move(sent, Step(to=S.DENIED), today=TODAY)
    assert facts_owed(denied) == (Fact.REASON,)
    known = move(sent, Step(to=S.DENIED, denial_reason=DenialReason.STEP_THERAPY), today=TODAY)
    assert facts_owed(known) == ()
    won = move(known, Step(to=S.APPROVED), today=TODAY)
    assert (won.denial_reason, facts_owed(won)) == (None, (Fact.NUMBER, Fact.VALID_TO))


@pytest.mark.parametrize(
    ("items", "whole"),
    [
        ((), None),
        ((S.APPROVED, S.APPROVED), S.APPROVED),
        ((S.APPROVED, S.DENIED), S.PARTIAL),
        ((S.APPROVED, S.SUBMITTED), S.SUBMITTED),
        ((S.APPROVED, S.PENDED, S.SUBMITTED), S.PENDED),
        ((S.APPROVED, S.MODIFIED), S.MODIFIED),
        ((S.MODIFIED, S.DENIED), S.PARTIAL),
        ((S.DENIED, S.DENIED), S.DENIED),
        ((S.APPROVED, S.CANCELLED), S.APPROVED),
        ((S.DENIED, S.CANCELLED), S.DENIED),
        ((S.CANCELLED,), S.CANCELLED),
    ],
)
def test_the_whole_of_several_items(
    items: tuple[AuthorizationStatus, ...], whole: AuthorizationStatus | None
) -> None:
    assert overall(items) is whole


@given(st.lists(st.sampled_from(list(S)), min_size=1, max_size=6))
def test_one_approved_item_never_makes_an_approval(items: list[AuthorizationStatus]) -> None:
    whole = overall(items)
    if whole is S.APPROVED:
        assert set(items) <= {S.APPROVED, S.CANCELLED}
    if whole in DECIDED:
        assert not set(items) & set(UNDECIDED)
    if whole in GRANTED:
        assert set(items) & set(GRANTED)


def test_units_beyond_what_is_authorized_need_a_word() -> None:
    assert units_refusal(authorized=12, used=11, more=1) == ""
    assert units_refusal(authorized=None, used=40, more=9) == ""
    assert "1 of 12 units are left and this visit uses 2" in units_refusal(authorized=12, used=11, more=2)
    assert "0 of 12" in units_refusal(authorized=12, used=14, more=1)
