"""What ``x`` offers: every rule-made item has an act, keys are unambiguous, and the acts fit the state."""

from __future__ import annotations

from itertools import chain

import pytest

from carecoord_tui.domain.authorization_choices import Situation, moves
from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.referral_loop import FACTS, Fact, Loop, allowed
from carecoord_tui.domain.settle import BY_RULE, REASONS, REFERRAL, Choice, Need, choices
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AssistanceStatus,
    AuthorizationStatus,
    DenialStatus,
    EligibilityResult,
    Kind,
    PatientStatus,
    PayerClass,
    ReferralStage,
    TrackKind,
    TrackStatus,
)
from tests.domain.make import (
    CONTEXT,
    MONDAY,
    assistance,
    auth_item,
    authorization,
    billing_case,
    check,
    coverage,
    day,
    denial,
    discharge,
    good_faith,
    installment,
    patient,
    payment_plan,
    referral,
    track,
    visit,
)

BY_CONTACT = {"tcm.contact", "caseload.review"}  # a contact is the act: x opens the contact form
ACTS = {
    "stage": {stage.value for stage in ReferralStage},
    "check": {result.value for result in EligibilityResult},
    "visit": {"confirmed", "interpreter", "settled", "rebooked", "fulfilled", "noshow", "cancelled"},
    "auth": {status.value for status in AuthorizationStatus}
    | {"valid_to", "number", "no_number", "renewed", "letter", "asked", "extended", "let_go", "part_let_go"}
    | {"peer_by", "peer_call", "peer_held", "peer_won"},
    "need": {"opened", "submitted", "referral", "no_authorization", "no_referral"},
    "denial": {status.value for status in DenialStatus}
    | {"triaged", "partly", "no_appeal", "alternative", "assistance", "asked", "peer_held", "peer_let_go"},
    "track": {status.value for status in TrackStatus} - {"open"} | {"asked"},
    "gfe": {"given", "closed"},
    "billing": {"closed", "asked"},
    "plan": {"paid", "closed", "finished"},
    "assistance": {status.value for status in AssistanceStatus} | {"asked"},
    "transition": {"booked", "closed"},
    "patient": {status.value for status in PatientStatus},
    "open": {"redirect", "attach", "renewal", "uses", "items", "denial"},
    "office": {"promised"},
    "handoff": {"accepted", "accepted_by", "handed"},
}
OFFERS: dict[str, tuple[Choice, ...]] = {
    **{f"referral {stage.value}": REFERRAL[stage] for stage in REFERRAL},
    **{f"{kind.value} {rule}": offered for (kind, rule), offered in BY_RULE.items()},
    "appeal": choices(Kind.DENIAL, "appeal.ma.reconsideration"),
    "payer's clock": choices(Kind.AUTHORIZATION, "pa.federal.standard"),
    **{f"authorization {status.value}": moves(Situation(status=status)) for status in AuthorizationStatus},
    "authorization denied in part": moves(
        Situation(status=AuthorizationStatus.PARTIAL, has_denied_part=True)
    ),
    "authorization renewed": moves(Situation(status=AuthorizationStatus.APPROVED, is_renewed=True)),
    "safety hand-off": choices(Kind.HANDOFF, "handoff.accept", handed_to="Dr. Patel"),
    "safety hand-off, nobody named": choices(Kind.HANDOFF, "handoff.accept"),
    "visit after discharge": choices(Kind.TRANSITION, "tcm.visit.high"),
}


@pytest.mark.parametrize("offered", OFFERS.values(), ids=OFFERS)
def test_keys_are_unambiguous_and_x_comes_first(offered: tuple[Choice, ...]) -> None:
    keys = [choice.key for choice in offered]
    assert keys[0] == "x", "x again takes the first"
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 1 and key.islower() for key in keys)


@pytest.mark.parametrize("offered", OFFERS.values(), ids=OFFERS)
def test_u_is_undo_and_never_an_answer(offered: tuple[Choice, ...]) -> None:
    assert "u" not in {choice.key for choice in offered}


@pytest.mark.parametrize("offered", OFFERS.values(), ids=OFFERS)
def test_choices_fit_into_eighty_columns_also_when_they_stand_in_two(offered: tuple[Choice, ...]) -> None:
    room = 39 if len(offered) > 6 else 78
    for choice in offered:
        words = f" {choice.key} {choice.label}" + (f"  {choice.asks}" if choice.asks else "")
        assert len(words) <= room, words


@pytest.mark.parametrize("choice", list(chain(*OFFERS.values())), ids=lambda c: f"{c.key} {c.label}")
def test_every_act_is_one_the_store_can_carry_out(choice: Choice) -> None:
    topic, _, what = choice.act.partition(":")
    assert what in ACTS[topic]
    assert choice.need in Need
    assert choice.label == choice.label.strip() != ""


def test_an_act_that_books_or_validates_asks_for_its_date() -> None:
    for choice in chain(*OFFERS.values()):
        books = choice.act.endswith((":scheduled", ":rebooked", ":booked", ":peer_call"))
        assert (choice.need is Need.TIME) == books, choice
        validates = choice.act in (
            "auth:approved", "auth:valid_to", "auth:peer_by", "auth:peer_won", "assistance:approved",
        )  # fmt: skip
        assert (choice.need in (Need.DAYS_VALID, Need.APPROVAL)) == validates, choice
        assert choice.act != "auth:approved" or choice.need is Need.APPROVAL, "the number is asked for too"


@pytest.mark.parametrize("stage", [stage for stage in ReferralStage if stage.is_open])
def test_every_open_referral_can_go_on_and_can_end(stage: ReferralStage) -> None:
    offered = choices(Kind.REFERRAL, "any.rule", stage)
    steps = [choice for choice in offered if choice.act.startswith("stage:")]
    targets = [ReferralStage(choice.act.partition(":")[2]) for choice in steps]
    assert stage not in targets or stage is ReferralStage.SCHEDULED, "only a date can be changed"
    assert any(not target.is_open for target in targets)


@pytest.mark.parametrize(
    "stage",
    [ReferralStage.DRAFT, ReferralStage.SENT, ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED],
)
def test_the_specialists_date_is_recorded_with_d_from_any_earlier_stage(stage: ReferralStage) -> None:
    (dated,) = [c for c in choices(Kind.REFERRAL, "", stage) if c.key == "d"]
    assert (dated.act, dated.need) == ("stage:scheduled", Need.TIME)


@pytest.mark.parametrize("stage", [stage for stage in ReferralStage if stage.is_open])
def test_every_step_that_is_offered_is_legal(stage: ReferralStage) -> None:
    held = [ReferralStage.SENT, ReferralStage.SCHEDULED] if stage is ReferralStage.ON_HOLD else [None]
    for held_stage in held:
        loop = Loop(stage=stage, stage_on=MONDAY, ordered_on=MONDAY, held_stage=held_stage)
        for choice in choices(Kind.REFERRAL, "", stage, held_stage=held_stage):
            topic, _, what = choice.act.partition(":")
            if topic == "stage":
                assert ReferralStage(what) in allowed(loop), choice
                assert (choice.need is Need.REASON) == (Fact.REASON in FACTS.get(ReferralStage(what), ()))


def test_usual_reasons_belong_to_acts_that_ask_for_one() -> None:
    asking = {c.act for c in chain(*OFFERS.values()) if c.need is Need.REASON}
    assert set(REASONS) == asking
    assert all(len(reasons) <= 9 for reasons in REASONS.values()), "offered by digits"


def test_nothing_is_offered_for_a_closed_referral_or_without_its_stage() -> None:
    assert choices(Kind.REFERRAL, "referral.draft", ReferralStage.CLOSED) == ()
    assert choices(Kind.REFERRAL, "referral.draft") == ()
    assert choices(Kind.FOLLOW_UP, "followup.due") == ()


def test_an_approved_authorization_is_never_offered_as_submitted_again() -> None:
    for rule in ("auth.validity", "auth.renewal", "auth.units", "auth.window"):
        offered = [choice.act for choice in choices(Kind.AUTHORIZATION, rule)]
        assert "auth:submitted" not in offered
        assert "auth:approved" not in offered
        assert "auth:valid_to" in offered


def test_every_item_a_rule_makes_has_an_act() -> None:
    """No dead end: each item of a person with everything open can be settled from its row."""
    statuses = list(AuthorizationStatus)
    facts = patient(
        status=PatientStatus.ON_HOLD,
        hold_until=MONDAY,
        coverages=(coverage(),),
        checks=(check("2026-11-30", "2026-12-09", result=EligibilityResult.INACTIVE),),
        authorizations=tuple(
            authorization(status, id=i, valid_to=day("2026-12-11"), units_authorized=9, units_used=used)
            for used, offset in ((1, 0), (9, 50))
            for i, status in enumerate(statuses, offset)
        ),
        denials=tuple(denial(status, id=i) for i, status in enumerate(DenialStatus)),
        appointments=(
            *(
                visit(status=status, id=i, interpreter_needed=True)
                for i, status in enumerate(AppointmentStatus)
            ),
            visit("2026-12-09T09:00", id=90),
        ),
        transitions=(discharge(),),
        referrals=tuple(referral(stage, id=i) for i, stage in enumerate(ReferralStage)),
    )
    stages = {record.id: record.stage for record in facts.referrals}
    owed = next_actions(facts, CONTEXT)
    assert len({item.rule_id for item in owed}) > 25
    for item in owed:
        stage = stages.get(item.record_id) if item.kind is Kind.REFERRAL else None
        assert choices(item.kind, item.rule_id, stage) or item.rule_id in BY_CONTACT, item


def test_every_item_of_insurance_and_billing_has_an_act() -> None:
    roads = (track(TrackKind.ALTERNATIVE), track(TrackKind.ASSISTANCE))
    facts = patient(
        coverages=(coverage(PayerClass.SELF_PAY),),
        appointments=(visit("2026-12-14T09:00"),),
        good_faith=(good_faith(id=1), good_faith(id=2, requested_on=None)),
        authorizations=(
            authorization(
                AuthorizationStatus.PARTIAL,
                items=(auth_item("MRI"), auth_item("Contrast", AuthorizationStatus.DENIED)),
            ),
        ),
        denials=(denial(tracks=roads, peer_to_peer_by="2026-12-04"),),
        billing_cases=(billing_case(),),
        payment_plans=(payment_plan(installment("2026-12-01")), payment_plan(id=2)),
        assistance=tuple(
            assistance(status, id=i, renew_on=renew_on)
            for i, (status, renew_on) in enumerate(
                [
                    (AssistanceStatus.APPLIED, None),
                    (AssistanceStatus.APPROVED, None),
                    (AssistanceStatus.APPROVED, "2027-03-01"),
                ]
            )
        ),
    )
    owed = next_actions(facts, CONTEXT)
    assert {item.rule_id for item in owed} >= {
        "gfe.scheduled", "gfe.requested", "billing.estimate", "auth.denied_part", "denial.peer_to_peer",
        "denial.alternative", "denial.assistance", "billing.case", "billing.installment", "billing.plan",
        "assistance.decision", "assistance.renewal", "assistance.renewal_date",
    }  # fmt: skip
    for item in owed:
        assert choices(item.kind, item.rule_id), item


def test_the_hint_says_what_is_asked_for() -> None:
    asks = {
        choice.prompt: choice.asks for choice in chain(*OFFERS.values()) if choice.need is Need.DAYS_VALID
    }
    assert asks == {
        "Valid to": "asks last day",
        "Possible until": "asks last day",
        "Renew by": "asks which day",
    }


def test_still_pending_is_the_second_of_two_keys() -> None:
    for kind, rule in (
        (Kind.AUTHORIZATION, "pa.federal.standard"),
        (Kind.AUTHORIZATION, "auth.submitted.none"),
        (Kind.DENIAL, "denial.appealed"),
        (Kind.ASSISTANCE, "assistance.decision"),
    ):
        (asked,) = [choice for choice in choices(kind, rule) if choice.key == "s"]
        assert (asked.need, asked.act.partition(":")[2]) == (Need.NOTHING, "asked")
