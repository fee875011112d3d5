"""The closed loop: every open stage owes its act, urgency brings it forward, the patient is reached."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.referral import DUTIES
from carecoord_tui.domain.vocabulary import Kind, Outcome, ReferralStage, Urgency
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import (
    CONTEXT,
    at,
    contact,
    day,
    moment,
    only,
    patient,
    person,
    ranked,
    referral,
    tries,
)

S = ReferralStage


def owed(stage: ReferralStage, *contacts: object, **changes: object) -> WorkItem:
    record = referral(stage, **changes)  # type: ignore[arg-type]
    return only(patient(referrals=(record,), contacts=tuple(contacts)))


def test_every_open_stage_has_a_duty_and_no_closed_one() -> None:
    assert set(DUTIES) == {stage for stage in S if stage.is_open}


@pytest.mark.parametrize(
    ("stage", "changes", "rule_id", "target", "title"),
    [
        (S.DRAFT, {}, "referral.draft", "2026-11-24", "Send cardiology referral"),
        (S.SENT, {}, "referral.acknowledge", "2026-11-25", "Confirm receipt: Heart Center"),
        (
            S.ACKNOWLEDGED,
            {"sent_on": "2026-11-20", "stage_on": "2026-11-24"},
            "referral.schedule",
            "2026-11-27",
            "Get cardiology appointment date",
        ),
        (
            S.ACCEPTED,
            {"sent_on": "2026-11-23"},
            "referral.schedule",
            "2026-11-30",
            "Get cardiology appointment date",
        ),
        (
            S.SCHEDULED,
            {"visit_on": "2026-12-02"},
            "appointment.outcome",
            "2026-12-03",
            "Record cardiology visit: seen?",
        ),
        (S.SCHEDULED, {}, "referral.schedule", "2026-11-30", "Enter cardiology visit date"),
        (S.SEEN, {"visit_on": "2026-11-13"}, "referral.report", "2026-11-27", "Chase cardiology report"),
        (S.REPORT_RECEIVED, {}, "referral.reviewed", "2026-11-25", "Clinician review: cardiology report"),
        (S.REVIEWED, {}, "referral.inform", "2026-11-25", "Tell patient: cardiology result"),
        (S.REJECTED, {}, "referral.redirect", "2026-11-24", "Send cardiology referral elsewhere"),
        (S.NO_SHOW, {}, "referral.noshow", "2026-11-24", "Rebook no-show: cardiology"),
        (
            S.VISIT_CANCELLED,
            {},
            "referral.visit_cancelled",
            "2026-11-24",
            "Rebook cancelled visit: cardiology",
        ),
        (S.ON_HOLD, {}, "referral.hold", "2026-12-23", "Review held cardiology referral"),
    ],
)
def test_what_each_stage_owes(
    stage: ReferralStage, changes: dict[str, object], rule_id: str, target: str, title: str
) -> None:
    item = owed(stage, **changes)
    assert (item.rule_id, item.target_on, item.title) == (rule_id, day(target), title)
    assert len(item.title) <= 36
    assert "Heart Center" in item.why
    assert item.citation.endswith("unconfirmed") is (not CONTEXT.pack.get(rule_id).confirmed)


def test_urgent_is_acted_on_the_same_day() -> None:
    draft = owed(S.DRAFT, urgency=Urgency.URGENT)
    assert (draft.target_on, "act the same day" in draft.why) == (day("2026-11-23"), True)
    weekend = owed(S.REJECTED, urgency=Urgency.URGENT, stage_on="2026-11-28")
    assert weekend.target_on == day("2026-11-30")
    assert owed(S.SENT, urgency=Urgency.STAT).target_on == day("2026-11-23")


def test_an_urgent_appointment_is_wanted_within_three_days_of_the_order() -> None:
    item = owed(
        S.ACCEPTED,
        urgency=Urgency.URGENT,
        ordered_on="2026-11-16",
        sent_on="2026-11-17",
        stage_on="2026-11-18",
    )
    assert (item.rule_id, item.target_on) == ("referral.urgent", day("2026-11-19"))
    sent = owed(S.SENT, urgency=Urgency.URGENT, ordered_on="2026-11-23", sent_on="2026-11-23")
    assert sent.rule_id == "referral.acknowledge", "that is sooner"


def test_a_no_show_starts_the_outreach_protocol() -> None:
    earlier = contact("2026-11-10T09:00", Outcome.NO_ANSWER, about_kind=Kind.REFERRAL, about_id=1)
    first = owed(S.NO_SHOW, earlier)
    assert first.progress == "", "a call to the office before the visit is no try to reach the patient"
    run = tries(Kind.REFERRAL, 1, "2026-11-23T09:00", "2026-11-24T14:00")
    second = owed(S.NO_SHOW, earlier, *run)
    assert (second.progress, second.target_on, second.target_at) == (
        "2/3",
        day("2026-11-25"),
        at("2026-11-25T09:30"),
    )
    run += tries(Kind.REFERRAL, 1, "2026-11-25T09:00")
    assert owed(S.NO_SHOW, *run).title == "Send letter: cardiology referral"
    run += tries(Kind.REFERRAL, 1, "2026-11-27T09:00", outcome=Outcome.LETTER_SENT)
    assert owed(S.NO_SHOW, *run).title == "Ask clinician to close: cardiology"


def test_an_office_that_does_not_answer_gets_no_letter() -> None:
    run = tries(Kind.REFERRAL, 1, "2026-11-24T09:00", "2026-11-25T09:00", "2026-11-27T09:00")
    assert owed(S.SENT, *run).title == "Confirm receipt: Heart Center"


def test_the_persons_hours_bind_calls_to_the_person_only() -> None:
    early = person(call_from=moment("2026-11-30T10:00").local.time())
    assert ranked(owed(S.REVIEWED), who=early).not_callable_now
    assert not ranked(owed(S.SEEN), who=early).not_callable_now
