"""Authorizations on a real encrypted practice: steps with stamps, items, units, renewal, undo."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason, PayerClass
from carecoord_tui.store.actions.authorization_units import give_back_use, use_units
from carecoord_tui.store.actions.authorizations import (
    AuthorizationEntry,
    ItemEntry,
    add_authorization,
    edit_authorization,
    extend,
    renew,
)
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import (
    AuthorizationDetail,
    plans_of,
    read_authorization,
    referrals_of,
    visits_of,
)
from carecoord_tui.store.tables import Appointment, Coverage, Patient, Payer, Referral
from carecoord_tui.store.undo import undo
from tests.store.insurance_acts import record_step, take_extension

S = AuthorizationStatus
TODAY = date(2026, 11, 30)
SENT_AT = datetime(2026, 11, 24, 16, 10, tzinfo=UTC)
LAST_DAY = date(2026, 12, 11)


class Desk:
    """Ada Okafor with Humana (Medicare Advantage), a visit on 2 December, a referral; and another person."""

    def __init__(self, practice: Practice) -> None:
        with practice.change("people") as session:
            humana = Payer(name="Humana", payer_class=PayerClass.MEDICARE_ADVANTAGE)
            golden = Payer(name="Golden", payer_class=PayerClass.CA_STATE)
            ada = Patient(family_name="Okafor", given_name="Ada")
            otto = Patient(family_name="Brandt", given_name="Otto")
            session.add_all([humana, golden, ada, otto])
            session.flush()
            plan = Coverage(patient_id=ada.id, payer_id=humana.id, member_id="H1")
            second = Coverage(patient_id=ada.id, payer_id=golden.id, member_id="G1", rank=2)
            other = Coverage(patient_id=otto.id, payer_id=humana.id, member_id="H2")
            starts = datetime(2026, 12, 2, 15, 20, tzinfo=UTC)
            visit = Appointment(patient_id=ada.id, title="MRI", starts_at=starts, booked_on=TODAY)
            past = datetime(2026, 11, 27, 15, tzinfo=UTC)
            kept = Appointment(patient_id=ada.id, title="PT", starts_at=past, booked_on=date(2026, 11, 1))
            referral = Referral(patient_id=ada.id, specialty="imaging", stage_on=TODAY, ordered_on=TODAY)
            session.add_all([plan, second, other, visit, kept, referral])
            session.flush()
            self.ada, self.otto = number(ada), number(otto)
            self.plan, self.second, self.other = number(plan), number(second), number(other)
            self.visit, self.kept, self.referral = number(visit), number(kept), number(referral)


def number(record: Any) -> int:
    assert record.id is not None
    return int(record.id)


@pytest.fixture
def desk(practice: Practice) -> Desk:
    return Desk(practice)


def entry(desk: Desk, **changes: Any) -> AuthorizationEntry:
    return AuthorizationEntry(**{"service": "MRI lumbar", "coverage_id": desk.plan, **changes})


def approved(practice: Practice, desk: Desk, **changes: Any) -> int:
    given = {"service": "Physical therapy", "units_authorized": 12, "units_used": 10, "valid_to": LAST_DAY}
    taken = [Step(to=S.SUBMITTED), Step(to=S.APPROVED)]
    return add_authorization(
        practice, desk.ada, entry(desk, **{**given, **changes}), taken=taken, submitted_at=SENT_AT
    )


def detail(practice: Practice, number_: int) -> AuthorizationDetail:
    found = read_authorization(practice.execute, number_)
    assert found is not None
    return found


def change(practice: Practice, number_: int, entry_: AuthorizationEntry, **more: Any) -> None:
    edit_authorization(practice, number_, entry_, version=detail(practice, number_).version, **more)


def ledger(practice: Practice, number_: int) -> list[tuple[Any, ...]]:
    return practice.execute(
        "SELECT rule_id, target_on, legal_on FROM ledger WHERE kind = 'authorization' AND record_id = ?",
        [number_],
    )


def test_a_new_one_is_kept_cleaned_linked_and_stamped(practice: Practice, desk: Desk) -> None:
    made = add_authorization(
        practice,
        desk.ada,
        entry(
            desk,
            service="MRI\x1b[31m lumbar",
            service_code="72148",
            appointment_id=desk.visit,
            referral_id=desk.referral,
            diagnoses="m5450",
            requesting_npi="1234567893",
        ),
    )
    found = detail(practice, made)
    assert (found.service, found.service_code, found.diagnoses) == ("MRI[31m lumbar", "72148", "M54.50")
    assert (found.service_on, found.referral_id) == (date(2026, 12, 2), desk.referral)
    assert (found.payer_name, found.status, found.opened_on) == ("Humana", S.NEEDED, TODAY)
    assert [(one.status, one.happened_on, one.who) for one in found.events] == [
        (S.NEEDED, TODAY, "Dana Reyes")
    ]
    assert [row[0] for row in ledger(practice, made)] == ["auth.needed"]
    undo(practice)
    assert read_authorization(practice.execute, made) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"service": " "}, "Say which service"),
        ({"service_code": "12"}, "CPT"),
        ({"requesting_npi": "1234567890"}, "NPI"),
        ({"diagnoses": "fever"}, "ICD-10"),
        ({"units_authorized": -1}, "Units are a whole number"),
        ({"valid_to": LAST_DAY}, "payer's decision before the validity"),
        ({"units_used": 2}, "Nothing can be used up"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(
    practice: Practice, desk: Desk, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        add_authorization(practice, desk.ada, entry(desk, **changes))
    assert practice.execute("SELECT count(*) FROM authorization") == [(0,)]


def test_another_persons_plan_is_refused(practice: Practice, desk: Desk) -> None:
    with pytest.raises(Refused, match="another person's"):
        add_authorization(practice, desk.ada, entry(desk, coverage_id=desk.other))


def test_a_submission_starts_the_payers_clock_and_a_pend_does_not_stop_it(
    practice: Practice, desk: Desk
) -> None:
    made = add_authorization(practice, desk.ada, entry(desk))
    change(practice, made, entry(desk, reference="R-7"))
    record_step(practice, made, Step(to=S.SUBMITTED, channel="portal"))
    first = detail(practice, made).submitted_at
    assert ledger(practice, made)[0][2] == "2026-12-07"  # seven calendar days, CMS-0057-F
    record_step(practice, made, Step(to=S.PENDED, information_due_on=date(2026, 12, 4)))
    record_step(practice, made, Step(to=S.SUBMITTED))
    found = detail(practice, made)
    assert (found.submitted_at, found.reference, found.channel) == (first, "R-7", "portal")
    assert [one.status for one in found.events] == [S.NEEDED, S.SUBMITTED, S.PENDED, S.SUBMITTED]


def test_where_the_rule_counts_from_receipt_missing_information_starts_the_clock_anew(
    practice: Practice, desk: Desk
) -> None:
    made = add_authorization(
        practice,
        desk.ada,
        entry(desk, coverage_id=desk.second),
        taken=[Step(to=S.SUBMITTED), Step(to=S.PENDED, on=date(2026, 11, 25))],
        submitted_at=SENT_AT,
    )
    record_step(practice, made, Step(to=S.SUBMITTED))
    assert ledger(practice, made)[0][2] == "2026-12-07"  # five business days from today
    assert (detail(practice, made).submitted_at or SENT_AT) > SENT_AT


def test_the_day_of_submission_defaults_to_the_start_of_an_earlier_day(
    practice: Practice, desk: Desk
) -> None:
    made = add_authorization(
        practice, desk.ada, entry(desk), taken=[Step(to=S.SUBMITTED, on=date(2026, 11, 24))]
    )
    assert detail(practice, made).submitted_at == datetime(2026, 11, 24, 5, tzinfo=UTC)
    with pytest.raises(Refused, match="time is ahead"):
        change(practice, made, entry(desk), submitted_before_at=datetime(2026, 12, 1, tzinfo=UTC))
    change(practice, made, entry(desk), submitted_before_at=SENT_AT)
    assert detail(practice, made).submitted_at == SENT_AT


def test_a_form_filled_before_somebody_else_changed_it_is_refused(practice: Practice, desk: Desk) -> None:
    made = add_authorization(practice, desk.ada, entry(desk))
    change(practice, made, entry(desk, note="first"))
    with pytest.raises(Conflict):
        edit_authorization(practice, made, entry(desk, note="second"), version=1)
    assert detail(practice, made).note == "first"


def test_an_approval_is_made_of_all_items(practice: Practice, desk: Desk) -> None:
    made = add_authorization(
        practice,
        desk.ada,
        entry(desk),
        taken=[Step(to=S.SUBMITTED)],
        submitted_at=SENT_AT,
        items=[ItemEntry(code="97110", service="Exercise"), ItemEntry(code="97140")],
    )
    first, second = (item.id for item in detail(practice, made).items)
    change(practice, made, entry(desk), decided={first: S.APPROVED})
    assert detail(practice, made).status is S.SUBMITTED  # the other one still waits
    change(
        practice,
        made,
        entry(desk),
        decided={second: S.DENIED},
        step=Step(to=S.APPROVED, on=TODAY, valid_to=LAST_DAY, denial_reason=DenialReason.NOT_NECESSARY),
    )
    found = detail(practice, made)
    assert (found.status, found.valid_to, found.denial_reason) == (
        S.PARTIAL,
        LAST_DAY,
        DenialReason.NOT_NECESSARY,
    )
    assert found.events[-1].note == "1 approved, 1 denied"
    change(practice, made, entry(desk, valid_to=LAST_DAY), decided={second: S.APPROVED})
    assert detail(practice, made).status is S.APPROVED
    with pytest.raises(Refused, match="approved already"):
        change(practice, made, entry(desk, valid_to=LAST_DAY), items=[ItemEntry(code="97112")])


def test_items_of_a_request_not_submitted_cannot_be_decided(practice: Practice, desk: Desk) -> None:
    made = add_authorization(practice, desk.ada, entry(desk), items=[ItemEntry(code="97110")])
    with pytest.raises(Refused, match="not submitted yet"):
        change(practice, made, entry(desk), decided={detail(practice, made).items[0].id: S.APPROVED})
    with pytest.raises(Refused, match="CPT"):
        change(practice, made, entry(desk), items=[ItemEntry(code="9711")])


def test_a_visit_uses_units_once_and_more_take_a_word(practice: Practice, desk: Desk) -> None:
    made = approved(practice, desk)
    use = use_units(practice, made, appointment_id=desk.kept)
    found = detail(practice, made)
    assert (found.units_used, found.uses[0].used_on, found.uses[0].units) == (11, date(2026, 11, 27), 1)
    assert ledger(practice, made)[0][:2] == ("auth.renewal", "2026-11-27")  # 14 days before 11 December
    with pytest.raises(Refused, match="counted already"):
        use_units(practice, made, appointment_id=desk.kept)
    with pytest.raises(Refused, match="still ahead"):
        use_units(practice, made, appointment_id=desk.visit)
    with pytest.raises(Refused, match="1 of 12 units are left and this visit uses 2"):
        use_units(practice, made, 2)
    assert detail(practice, made).units_used == 11
    use_units(practice, made, 2, beyond="therapist phones the plan today")
    found = detail(practice, made)
    assert found.units_used == 13
    assert found.events[-1].note == "Beyond the authorized units: therapist phones the plan today"
    give_back_use(practice, use)
    assert detail(practice, made).units_used == 12
    undo(practice)
    assert detail(practice, made).units_used == 13


def test_units_are_used_inside_the_validity_only(practice: Practice, desk: Desk) -> None:
    made = approved(practice, desk, valid_from=date(2026, 11, 26), valid_to=date(2026, 11, 28))
    with pytest.raises(Refused, match="before the authorization begins"):
        use_units(practice, made, used_on=date(2026, 11, 25))
    with pytest.raises(Refused, match="after the authorization ended"):
        use_units(practice, made)
    waiting = add_authorization(practice, desk.ada, entry(desk))
    with pytest.raises(Refused, match="not approved"):
        use_units(practice, waiting)


def test_extension_of_the_validity_and_of_the_payers_time(practice: Practice, desk: Desk) -> None:
    made = approved(practice, desk)
    with pytest.raises(Refused, match="lasts until"):
        extend(practice, made, date(2026, 12, 1))
    with pytest.raises(Refused, match="type all units"):
        extend(practice, made, date(2027, 1, 31), units=6)
    extend(practice, made, date(2027, 1, 31), units=18, note="six more")
    found = detail(practice, made)
    assert (found.valid_to, found.units_authorized) == (date(2027, 1, 31), 18)
    assert "six more" in found.events[-1].note
    with pytest.raises(Refused, match="not deciding"):
        take_extension(practice, made, TODAY)
    asked = add_authorization(practice, desk.ada, entry(desk), taken=[Step(to=S.SUBMITTED)])
    take_extension(practice, asked, TODAY)
    assert detail(practice, asked).extended_on == TODAY
    with pytest.raises(Refused, match="already: only once"):
        take_extension(practice, asked, TODAY)


def test_a_renewal_is_a_request_that_follows(practice: Practice, desk: Desk) -> None:
    made = approved(practice, desk)
    following = renew(practice, made, submitted_at=SENT_AT, channel="fax")
    assert detail(practice, made).renewed_by_id == following
    found = detail(practice, following)
    assert (found.service, found.status, found.submitted_at, found.units_used) == (
        "Physical therapy",
        S.SUBMITTED,
        SENT_AT,
        None,
    )
    with pytest.raises(Refused, match="renewed already"):
        renew(practice, made)
    with pytest.raises(Refused, match="not decided"):
        renew(practice, following)


def test_what_the_form_offers(practice: Practice, desk: Desk) -> None:
    assert [(one.payer_name, one.payer_class) for one in plans_of(practice.execute, desk.ada)] == [
        ("Humana", PayerClass.MEDICARE_ADVANTAGE),
        ("Golden", PayerClass.CA_STATE),
    ]
    assert [one.title for one in visits_of(practice.execute, desk.ada)] == ["PT", "MRI"]
    assert [one.specialty for one in referrals_of(practice.execute, desk.ada)] == ["imaging"]
    assert referrals_of(practice.execute, desk.otto) == []
