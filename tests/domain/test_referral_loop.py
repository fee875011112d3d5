"""The stage machine: legal and illegal moves, the facts they need, dates in order, the two closures."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.referral_loop import (
    FACTS,
    FHIR,
    MAIN_LINE,
    Fact,
    IllegalMove,
    Loop,
    Stamp,
    Step,
    allowed,
    missing_facts,
    move,
    track,
)
from carecoord_tui.domain.vocabulary import Kind, ReferralStage, ReferralType
from tests.domain.make import CONTEXT, patient, referral

S = ReferralStage
TODAY = date(2026, 11, 30)
ORDERED = date(2026, 11, 2)


def loop(stage: ReferralStage = S.DRAFT, **changes: object) -> Loop:
    given_ = {"stage": stage, "stage_on": ORDERED, "ordered_on": ORDERED, **changes}
    return Loop(**given_)  # type: ignore[arg-type]


def step(to: ReferralStage, **changes: object) -> Step:
    """A step with every fact it could need."""
    usual = {"visit_on": date(2026, 12, 9), "reason": "no slot", "who": "Dr. Hale", "report": "attached"}
    return Step(to=to, **{**usual, **changes})  # type: ignore[arg-type]


def test_every_stage_has_its_fhir_codes() -> None:
    assert set(FHIR) == set(S)
    assert FHIR[S.SENT].task == "requested"
    assert FHIR[S.SCHEDULED].appointment == "booked"
    assert FHIR[S.NO_SHOW].appointment == "noshow"
    assert FHIR[S.CLOSED].service_request == "completed"
    assert {FHIR[s].service_request for s in (S.DECLINED, S.WITHDRAWN)} == {"revoked"}
    assert FHIR[S.ON_HOLD].task == "on-hold"


def test_the_loop_from_order_to_told_keeps_the_two_closures_apart() -> None:
    here = loop()
    days = {S.SENT: 3, S.ACKNOWLEDGED: 4, S.ACCEPTED: 5, S.SCHEDULED: 6, S.SEEN: 16}
    for to, day in days.items():
        here = move(here, step(to, on=date(2026, 11, day), visit_on=date(2026, 11, 16)), today=TODAY)
    assert (here.sent_on, here.visit_on) == (date(2026, 11, 3), date(2026, 11, 16))
    assert not here.is_cms50_closed
    here = move(here, step(S.REPORT_RECEIVED, on=date(2026, 11, 20)), today=TODAY)
    assert here.is_cms50_closed
    assert not here.is_loop_closed
    here = move(here, step(S.REVIEWED), today=TODAY)
    assert not here.is_loop_closed
    here = move(here, step(S.CLOSED), today=TODAY)
    assert here.is_loop_closed
    assert not here.stage.is_open


@pytest.mark.parametrize("start", [S.DRAFT, S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.NO_SHOW, S.VISIT_CANCELLED])
@pytest.mark.parametrize("to", [S.SCHEDULED, S.SEEN, S.REPORT_RECEIVED])
def test_a_later_step_is_recorded_from_any_earlier_stage(start: ReferralStage, to: ReferralStage) -> None:
    moved = move(loop(start), step(to), today=TODAY)
    assert moved.stage is to


@pytest.mark.parametrize(
    ("start", "to", "words"),
    [
        (S.SENT, S.REVIEWED, "no report to review"),
        (S.SEEN, S.CLOSED, "report, its review"),
        (S.REPORT_RECEIVED, S.CLOSED, "has not reviewed"),
        (S.SEEN, S.SENT, "does not go back"),
        (S.SEEN, S.SCHEDULED, "does not go back"),
        (S.SENT, S.DRAFT, "back to draft"),
        (S.SENT, S.SENT, "already"),
        (S.DRAFT, S.REJECTED, "what it has"),
        (S.SEEN, S.REJECTED, "what it has"),
        (S.SENT, S.NO_SHOW, "no booked visit"),
        (S.SEEN, S.ON_HOLD, "on hold"),
        (S.SEEN, S.REDIRECTED, "nothing to send elsewhere"),
        (S.REJECTED, S.SCHEDULED, "said no"),
        (S.CLOSED, S.SENT, "ended"),
        (S.WITHDRAWN, S.SENT, "ended"),
    ],
)
def test_illegal_moves_are_refused_with_the_reason(
    start: ReferralStage, to: ReferralStage, words: str
) -> None:
    here = loop(start)
    assert to not in allowed(here)
    with pytest.raises(IllegalMove, match=words):
        move(here, step(to), today=TODAY)


@pytest.mark.parametrize(("to", "facts"), FACTS.items())
def test_a_move_without_its_facts_is_refused(to: ReferralStage, facts: frozenset[Fact]) -> None:
    assert set(missing_facts(Step(to=to))) == facts
    start = {S.REVIEWED: S.REPORT_RECEIVED, S.CLOSED: S.REVIEWED}.get(to, S.SENT)
    with pytest.raises(IllegalMove, match="needs"):
        move(loop(start), Step(to=to), today=TODAY)
    with pytest.raises(IllegalMove, match="needs"):
        move(loop(start), step(to, visit_on=None, reason="  ", who=" ", report=""), today=TODAY)


@pytest.mark.parametrize(
    ("here", "asked", "words"),
    [
        (loop(S.SENT, sent_on=date(2026, 11, 10)), step(S.SEEN, on=date(2026, 11, 9)), "before it was sent"),
        (
            loop(S.SENT, sent_on=date(2026, 11, 10)),
            step(S.SCHEDULED, visit_on=date(2026, 11, 9)),
            "The visit, Mon 9 Nov, is before it was sent",
        ),
        (loop(), step(S.SENT, on=date(2026, 11, 1)), "before it was ordered"),
        (loop(), step(S.SENT, on=date(2026, 12, 1)), "ahead"),
        (loop(S.SCHEDULED, visit_on=date(2026, 12, 2)), step(S.SEEN), "still ahead"),
        (loop(S.SCHEDULED, visit_on=date(2026, 12, 2)), step(S.NO_SHOW), "still ahead"),
        (
            loop(S.SEEN, visit_on=date(2026, 11, 20)),
            step(S.REPORT_RECEIVED, on=date(2026, 11, 19)),
            "before the visit",
        ),
        (
            loop(S.REPORT_RECEIVED, report_received_on=date(2026, 11, 25)),
            step(S.REVIEWED, on=date(2026, 11, 24)),
            "before the report came",
        ),
    ],
)
def test_dates_out_of_order_are_refused_with_words(here: Loop, asked: Step, words: str) -> None:
    with pytest.raises(IllegalMove, match=words):
        move(here, asked, today=TODAY)


def test_a_visit_in_the_past_is_seen_on_its_own_day() -> None:
    booked = loop(S.SCHEDULED, visit_on=date(2026, 11, 18))
    for to in (S.SEEN, S.NO_SHOW):
        assert move(booked, Step(to=to), today=TODAY).stage_on == date(2026, 11, 18)
    cancelled = move(booked, Step(to=S.VISIT_CANCELLED), today=TODAY)
    assert cancelled.stage_on == TODAY


def test_a_held_referral_goes_on_where_it_was() -> None:
    sent = loop(S.ACCEPTED, sent_on=date(2026, 11, 3))
    held = move(sent, step(S.ON_HOLD), today=TODAY)
    assert held.held_stage is S.ACCEPTED
    again = move(held, Step(to=S.ACCEPTED), today=TODAY)
    assert (again.stage, again.sent_on, again.held_stage) == (S.ACCEPTED, date(2026, 11, 3), None)
    with pytest.raises(IllegalMove, match="does not go back"):
        move(held, Step(to=S.SENT), today=TODAY)


def test_where_nobody_writes_a_report_the_loop_closes_without_one() -> None:
    delivered = loop(S.SEEN, service_type=ReferralType.EQUIPMENT)
    closed = move(delivered, step(S.CLOSED), today=TODAY)
    assert closed.stage is S.CLOSED
    assert not closed.is_loop_closed, "no report, no review: the measure does not count it"


def test_the_track_names_what_was_skipped() -> None:
    here = loop(S.SEEN, sent_on=date(2026, 11, 3), visit_on=date(2026, 11, 18))
    steps = track(
        here, [Stamp(S.DRAFT, ORDERED), Stamp(S.SENT, date(2026, 11, 3)), Stamp(S.SEEN, date(2026, 11, 18))]
    )
    by_stage = {one.stage: one for one in steps}
    assert by_stage[S.ACKNOWLEDGED].was_skipped
    assert by_stage[S.SCHEDULED].on == date(2026, 11, 18)
    assert by_stage[S.SEEN].is_current
    assert not by_stage[S.REVIEWED].is_past
    assert by_stage[S.REVIEWED].on is None


def test_a_stage_off_the_line_stands_after_its_last_step() -> None:
    here = loop(S.REJECTED, stage_on=date(2026, 11, 20), sent_on=date(2026, 11, 3))
    stages = [
        one.stage
        for one in track(here, [Stamp(S.SENT, date(2026, 11, 3)), Stamp(S.REJECTED, date(2026, 11, 20))])
    ]
    assert stages[:3] == [S.DRAFT, S.SENT, S.REJECTED]
    assert len(stages) == len(MAIN_LINE) + 1


moves = st.lists(
    st.tuples(
        st.sampled_from(list(S)),
        st.integers(-30, 3) | st.none(),
        st.integers(-10, 60),
        st.booleans(),
    ),
    max_size=14,
)


@given(moves, st.sampled_from(list(ReferralType)))
def test_any_walk_keeps_dates_in_order_and_ends_only_by_a_legal_move(
    walk: list[tuple[ReferralStage, int | None, int, bool]], service_type: ReferralType
) -> None:
    here = loop(service_type=service_type)
    for to, back, ahead, with_facts in walk:
        asked = (
            step(
                to,
                on=None if back is None else TODAY + timedelta(days=back),
                visit_on=TODAY + timedelta(days=ahead),
            )
            if with_facts
            else Step(to=to)
        )
        before = here
        try:
            here = move(before, asked, today=TODAY)
        except IllegalMove as refused:
            assert str(refused)
            assert here is before
            continue
        assert to in allowed(before)
        assert before.stage.is_open
        assert here.stage is to
        assert here.stage_on <= TODAY
        line = [here.ordered_on, here.report_received_on, here.reviewed_on, here.patient_informed_on]
        known = [day for day in line if day is not None]
        assert known == sorted(known)
        assert not here.is_loop_closed or here.is_cms50_closed
        assert sum(one.is_current for one in track(here, [])) == 1


def test_thousands_of_referrals_walked_at_random_never_stand_open_without_a_next_action() -> None:
    random = Random(11)
    legal = illegal = 0
    for _ in range(3_000):
        here = loop(service_type=random.choice(list(ReferralType)))
        for _ in range(8):
            asked = step(random.choice(list(S))) if random.random() < 0.8 else Step(to=random.choice(list(S)))
            try:
                here = move(here, asked, today=TODAY)
                legal += 1
            except IllegalMove:
                illegal += 1
            record = referral(
                here.stage,
                stage_on=here.stage_on,
                ordered_on=here.ordered_on,
                sent_on=here.sent_on,
                visit_on=here.visit_on,
                expects_report=here.service_type.expects_report,
            )
            owed = [
                item
                for item in next_actions(patient(referrals=(record,)), CONTEXT)
                if item.kind is Kind.REFERRAL
            ]
            assert len(owed) == int(here.stage.is_open), here
    assert legal > 3_000
    assert illegal > 3_000


def test_a_lost_visit_is_no_visit() -> None:
    missed = loop(S.NO_SHOW, stage_on=date(2026, 11, 20), visit_on=date(2026, 11, 20))
    assert move(missed, Step(to=S.SEEN), today=TODAY).visit_on == TODAY, "not the visit that was missed"
    ahead = loop(S.VISIT_CANCELLED, visit_on=date(2026, 12, 15))
    reported = move(ahead, step(S.REPORT_RECEIVED), today=TODAY)
    assert reported.visit_on is None, "nobody knows when the patient was seen"
    rejected = loop(S.REJECTED, stage_on=date(2026, 11, 20), visit_on=date(2026, 12, 15))
    assert move(rejected, Step(to=S.SENT), today=TODAY).visit_on is None


@pytest.mark.parametrize(
    ("here", "asked"),
    [
        (loop(S.ACKNOWLEDGED, stage_on=date(2026, 11, 25)), step(S.ACCEPTED, on=date(2026, 11, 12))),
        (loop(S.REPORT_RECEIVED, stage_on=date(2026, 11, 29)), step(S.WITHDRAWN, on=date(2026, 11, 10))),
        (loop(S.REJECTED, stage_on=date(2026, 11, 20)), step(S.SENT, on=date(2026, 11, 9))),
        (loop(S.SCHEDULED, visit_on=date(2026, 11, 27)), step(S.NO_SHOW, on=date(2026, 11, 12))),
    ],
)
def test_no_step_lies_before_the_step_before(here: Loop, asked: Step) -> None:
    with pytest.raises(IllegalMove, match="is before"):
        move(here, asked, today=TODAY)
