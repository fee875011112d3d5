"""Denials on a real encrypted practice: dates, roads, appeals level by level, and what mail costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from carecoord_tui.domain.appeals import FilingMethod, filing_advice
from carecoord_tui.domain.denial_ending import Ending
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    DenialReason,
    DenialStatus,
    PayerClass,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.store.actions.appeals import (
    Filing,
    NeedsConfirmation,
    file_appeal,
)
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.denial_endings import Close
from carecoord_tui.store.actions.denials import (
    DenialEntry,
    add_denial,
    edit_denial,
)
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.denials import DenialDetail, read_denial, requests_of
from carecoord_tui.store.tables import Authorization, Coverage, Patient, Payer
from carecoord_tui.store.undo import undo
from tests.store.insurance_acts import (
    close_denial,
    confirm_received,
    decide_appeal,
    end_track,
    open_track,
    triage,
)

TODAY, NOTICE = date(2026, 11, 30), date(2026, 11, 27)
MA, MEDICARE, EMPLOYER = "appeal.ma.reconsideration", "appeal.medicare.redetermination", "appeal.aca.internal"


class Desk:
    """Otto Brandt with a plan of each class, and a denied authorization on the Medicare Advantage one."""

    def __init__(self, practice: Practice) -> None:
        with practice.change("people") as session:
            otto = Patient(family_name="Brandt", given_name="Otto")
            ada = Patient(family_name="Okafor", given_name="Ada")
            session.add_all([otto, ada])
            session.flush()
            assert otto.id is not None
            assert ada.id is not None
            self.otto, self.ada = otto.id, ada.id
            self.plans: dict[PayerClass, int] = {}
            for rank, kind in enumerate(PayerClass, 1):
                payer = Payer(name=kind.label, payer_class=kind)
                session.add(payer)
                session.flush()
                plan = Coverage(patient_id=otto.id, payer_id=payer.id, rank=rank)
                session.add(plan)
                session.flush()
                assert plan.id is not None
                self.plans[kind] = plan.id
            request = Authorization(
                patient_id=otto.id,
                coverage_id=self.plans[PayerClass.MEDICARE_ADVANTAGE],
                service="Inpatient rehab",
                status=AuthorizationStatus.DENIED,
                opened_on=date(2026, 11, 18),
                decided_on=NOTICE,
            )
            session.add(request)
            session.flush()
            assert request.id is not None
            self.request = request.id


@pytest.fixture
def desk(practice: Practice) -> Desk:
    return Desk(practice)


def entry(desk: Desk, kind: PayerClass = PayerClass.MEDICARE_ADVANTAGE, **changes: Any) -> DenialEntry:
    given = {"service": "Inpatient rehab", "notice_on": NOTICE, "coverage_id": desk.plans[kind]}
    return DenialEntry(**{**given, **changes})


def detail(practice: Practice, number: int) -> DenialDetail:
    found = read_denial(practice.execute, number)
    assert found is not None
    return found


def window(practice: Practice, number: int) -> tuple[date | None, ...]:
    found = detail(practice, number).window(practice.context)
    assert found is not None
    return found.legal_on, found.target_on, found.warn_on


def refusal(practice: Practice, desk: Desk, **changes: Any) -> str:
    with pytest.raises(Refused) as caught:
        add_denial(practice, desk.otto, entry(desk, **changes))
    assert practice.execute("SELECT count(*) FROM denial") == [(0,)]
    return str(caught.value)


def test_a_denial_keeps_all_its_facts(practice: Practice, desk: Desk) -> None:
    made = add_denial(
        practice,
        desk.otto,
        entry(
            desk,
            coverage_id=None,
            authorization_id=desk.request,
            received_on=TODAY,
            reason_kind=DenialReason.NOT_NECESSARY,
            reason="not \x1b[1mneeded",
            amount=Decimal("18200.50"),
            claim_number="C-1",
            who_appeals="Greta Brandt, wife",
            representative_needed=True,
            representative_form_on=TODAY,
            peer_to_peer_by=date(2026, 12, 4),
            is_expedited=True,
        ),
    )
    found = detail(practice, made)
    assert (found.payer_name, found.coverage_id) == (
        "Medicare Adv.",
        desk.plans[PayerClass.MEDICARE_ADVANTAGE],  # of the authorization
    )
    assert (found.amount, found.reason, found.reason_kind) == (
        Decimal("18200.50"),
        "not [1mneeded",
        DenialReason.NOT_NECESSARY,
    )
    assert (found.notice_on, found.received_on, found.representative_form_on) == (NOTICE, TODAY, TODAY)
    assert [one.authorization_id for one in requests_of(practice.execute, desk.otto)] == [desk.request]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"service": ""}, "Say which service"),
        ({"notice_on": date(2026, 12, 1)}, "The letter cannot be dated Tue 1 Dec"),
        ({"received_on": date(2026, 11, 26)}, "cannot arrive before its own date"),
        ({"received_on": date(2026, 12, 1)}, "The receipt cannot be dated"),
        ({"letter_deadline_on": NOTICE}, "must be after its date"),
        ({"peer_to_peer_by": date(2026, 11, 26)}, "cut-off cannot be before"),
        ({"amount": Decimal("-1")}, "cannot be less than zero"),
    ],
)
def test_what_is_out_of_order_is_refused(
    practice: Practice, desk: Desk, changes: dict[str, Any], words: str
) -> None:
    assert words in refusal(practice, desk, **changes)


def test_another_persons_authorization_is_refused(practice: Practice, desk: Desk) -> None:
    with pytest.raises(Refused, match="another person's"):
        add_denial(practice, desk.ada, entry(desk, authorization_id=desk.request))


@pytest.mark.parametrize(
    ("kind", "changes", "legal", "target", "warn"),
    [
        (PayerClass.MEDICARE_ADVANTAGE, {}, "2027-01-31", "2027-01-29", "2027-01-26"),
        (
            PayerClass.MEDICARE_ADVANTAGE,
            {"notice_on": date(2026, 9, 28)},
            "2026-12-02",
            "2026-12-02",
            "2026-11-27",
        ),
        (PayerClass.MEDICARE, {"notice_on": date(2026, 8, 1)}, "2026-12-04", "2026-12-04", None),
        (
            PayerClass.ERISA,
            {"notice_on": date(2026, 6, 1), "received_on": date(2026, 6, 8)},
            "2026-12-05",
            "2026-12-04",
            None,
        ),
        (
            PayerClass.MEDICARE_ADVANTAGE,
            {"letter_deadline_on": date(2026, 12, 20)},
            "2026-12-20",
            "2026-12-18",
            None,
        ),
    ],
)
def test_the_windows_of_the_rule_pack_and_of_the_letter(
    practice: Practice,
    desk: Desk,
    kind: PayerClass,
    changes: dict[str, Any],
    legal: str,
    target: str,
    warn: str | None,
) -> None:
    made = add_denial(practice, desk.otto, entry(desk, kind, **changes))
    assert window(practice, made) == tuple(
        None if d is None else date.fromisoformat(d) for d in (legal, target, warn)
    )
    if "letter_deadline_on" in changes:
        found = detail(practice, made).window(practice.context)
        assert found is not None
        assert found.citation == "Entered from the denial letter"


def test_mail_in_the_last_week_needs_a_second_word_where_arrival_counts(
    practice: Practice, desk: Desk
) -> None:
    made = add_denial(practice, desk.otto, entry(desk, PayerClass.MEDICARE, notice_on=date(2026, 8, 1)))
    found = detail(practice, made).window(practice.context)
    assert found is not None
    assert "must ARRIVE by Fri 4 Dec. Send a fax, not mail." in filing_advice(found, practice.today())
    with pytest.raises(NeedsConfirmation, match=r"Fax it: it must ARRIVE by Fri 4 Dec"):
        file_appeal(practice, made, Filing(how=FilingMethod.MAIL))
    assert detail(practice, made).appeals == ()
    file_appeal(practice, made, Filing(how=FilingMethod.MAIL, is_confirmed=True))
    found_ = detail(practice, made)
    assert (found_.status, found_.level, found_.appeals[0].filed_how) == (
        DenialStatus.APPEALED,
        MEDICARE,
        "mail",
    )


@pytest.mark.parametrize(
    ("kind", "changes", "how"),
    [
        (PayerClass.MEDICARE, {"notice_on": date(2026, 8, 1)}, FilingMethod.FAX),
        (PayerClass.MEDICARE_ADVANTAGE, {}, FilingMethod.MAIL),  # two months are left
        (
            PayerClass.ERISA,  # the plan says, not the rule
            {"notice_on": date(2026, 6, 1), "received_on": date(2026, 6, 8)},
            FilingMethod.MAIL,
        ),
    ],
)
def test_nothing_is_asked_where_it_arrives_or_need_not(
    practice: Practice, desk: Desk, kind: PayerClass, changes: dict[str, Any], how: FilingMethod
) -> None:
    made = add_denial(practice, desk.otto, entry(desk, kind, **changes))
    file_appeal(practice, made, Filing(how=how, reference="F-1"))
    assert detail(practice, made).appeals[0].reference == "F-1"


def test_a_last_day_that_is_past_is_stated_with_what_can_be_done(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk, PayerClass.MEDICARE, notice_on=date(2026, 7, 1)))
    with pytest.raises(NeedsConfirmation, match=r"The last day was Tue 3 Nov. .*good cause"):
        file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    file_appeal(practice, made, Filing(how=FilingMethod.FAX, is_confirmed=True))
    assert detail(practice, made).status is DenialStatus.APPEALED


def test_an_upheld_appeal_opens_the_next_level_by_the_rules(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk, PayerClass.MEDICARE, notice_on=date(2026, 8, 1)))
    first = file_appeal(practice, made, Filing(how=FilingMethod.FAX, on=date(2026, 11, 24)))
    with pytest.raises(Refused, match="filed already"):
        file_appeal(practice, made, Filing())
    with pytest.raises(Refused, match="It was appealed"):
        close_denial(practice, made, Close(ending=Ending.NOT_APPEALED, reason="cost"))
    with pytest.raises(Refused, match="cannot arrive before"):
        confirm_received(practice, first, date(2026, 11, 23))
    confirm_received(practice, first, date(2026, 11, 25), reference="QIC-7")
    assert detail(practice, made).appeals[0].received_on == date(2026, 11, 25)
    decide_appeal(practice, made, AppealOutcome.UPHELD, on=date(2026, 11, 27))
    found = detail(practice, made)
    assert (found.status, found.appeals[0].outcome) == (DenialStatus.UPHELD, AppealOutcome.UPHELD)
    assert [
        (one.title, one.filed is not None, one.window is not None) for one in found.levels(practice.context)
    ] == [
        ("Medicare redetermination", True, False),
        ("Medicare reconsideration", False, True),
        ("Medicare hearing (ALJ)", False, False),
    ]
    assert window(practice, made)[0] == date(2027, 5, 31)  # 27 November + 5 + 180 days
    file_appeal(practice, made, Filing(how=FilingMethod.PORTAL))
    assert detail(practice, made).level == "appeal.medicare.reconsideration"


def test_an_overturned_denial_grants_its_authorization_and_ends_its_roads(
    practice: Practice, desk: Desk
) -> None:
    made = add_denial(practice, desk.otto, entry(desk, authorization_id=desk.request))
    open_track(practice, made, TrackKind.ASSISTANCE, next_on=date(2026, 12, 3))
    file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    decide_appeal(practice, made, AppealOutcome.OVERTURNED)
    found = detail(practice, made)
    assert found.status is DenialStatus.OVERTURNED
    assert {one.kind: one.status for one in found.tracks} == {
        TrackKind.APPEAL: TrackStatus.SUCCEEDED,
        TrackKind.ASSISTANCE: TrackStatus.DROPPED,
    }
    assert practice.execute("SELECT status FROM authorization") == [("approved",)]
    assert practice.execute("SELECT rule_id FROM ledger WHERE kind = 'authorization'") == [("auth.validity",)]
    undo(practice)
    assert detail(practice, made).status is DenialStatus.APPEALED
    assert practice.execute("SELECT status FROM authorization") == [("denied",)]


def test_overturned_in_part_leaves_the_rest_open(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk, PayerClass.ERISA, authorization_id=desk.request))
    file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    decide_appeal(practice, made, AppealOutcome.PARTLY, letter_deadline_on=date(2027, 1, 15))
    found = detail(practice, made)
    assert (found.status, found.appeals[0].outcome) == (DenialStatus.UPHELD, AppealOutcome.PARTLY)
    assert window(practice, made)[:2] == (date(2027, 1, 15), date(2027, 1, 15))  # printed on the new letter
    assert practice.execute("SELECT status FROM authorization") == [("partial",)]


def test_a_dismissed_appeal_leaves_the_same_level_open(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk))
    file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    decide_appeal(practice, made, AppealOutcome.DISMISSED)
    found = detail(practice, made)
    assert (found.status, found.triaged_on) == (DenialStatus.OPEN, None)
    assert window(practice, made)[0] == date(2027, 1, 31)
    file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    assert [one.rule_id for one in detail(practice, made).appeals] == [MA, MA]


def test_three_roads_side_by_side(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk))
    triage(practice, made)
    open_track(practice, made, TrackKind.ALTERNATIVE, note="outpatient rehab")
    open_track(practice, made, TrackKind.ASSISTANCE)
    assert {one.kind for one in detail(practice, made).tracks} == set(TrackKind)
    end_track(practice, made, TrackKind.ALTERNATIVE, TrackStatus.FAILED, note="no bed")
    with pytest.raises(Refused, match="not under way"):
        end_track(practice, made, TrackKind.ALTERNATIVE, TrackStatus.DROPPED)
    open_track(practice, made, TrackKind.ALTERNATIVE)  # taken up again
    track = next(one for one in detail(practice, made).tracks if one.kind is TrackKind.ALTERNATIVE)
    assert (track.status, track.closed_on, track.note) == (TrackStatus.OPEN, None, "no bed")
    close_denial(practice, made, Close(ending=Ending.NOT_APPEALED, reason="family decided against it"))
    found = detail(practice, made)
    assert (found.status, found.note) == (
        DenialStatus.CLOSED,
        "Closed: not appealed (family decided against it).",
    )
    assert {one.status for one in found.tracks} == {TrackStatus.DROPPED}
    with pytest.raises(Refused, match="has ended"):
        open_track(practice, made, TrackKind.APPEAL)


def test_an_edit_of_an_older_version_is_refused_and_filing_comes_with_it(
    practice: Practice, desk: Desk
) -> None:
    made = add_denial(practice, desk.otto, entry(desk), filing=Filing(how=FilingMethod.FAX))
    assert detail(practice, made).status is DenialStatus.APPEALED
    edit_denial(practice, made, entry(desk, note="one"), version=detail(practice, made).version)
    with pytest.raises(Conflict):
        edit_denial(practice, made, entry(desk, note="two"), version=1)
    assert detail(practice, made).note == "one"


# --- endings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "status", "outcome", "authorization"),
    [
        (Ending.OVERTURNED, "overturned", "overturned", "approved"),
        (Ending.PARTLY, "closed", "partly_overturned", "partial"),
        (Ending.UPHELD, "closed", "upheld", "denied"),
        (Ending.WITHDRAWN, "closed", "dismissed", "denied"),
    ],
)
def test_an_ending_decides_the_appeal_that_waits(
    practice: Practice, desk: Desk, ending: Ending, status: str, outcome: str, authorization: str
) -> None:
    made = add_denial(practice, desk.otto, entry(desk, authorization_id=desk.request))
    file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    open_track(practice, made, TrackKind.ASSISTANCE)
    close_denial(practice, made, Close(ending=ending, reason="said on the phone"))
    assert practice.execute("SELECT status, decided_on, note FROM denial") == [
        (status, "2026-11-30", f"Closed: {ending.label} (said on the phone).")
    ]
    assert practice.execute("SELECT outcome, decided_on FROM appeal") == [(outcome, "2026-11-30")]
    assert practice.execute("SELECT status FROM authorization") == [(authorization,)]
    assert practice.execute("SELECT count(*) FROM denial_track WHERE status = 'open'") == [(0,)]
    assert practice.execute("SELECT count(*) FROM ledger WHERE kind = 'denial'") == [(0,)]
    undo(practice)
    assert detail(practice, made).status is DenialStatus.APPEALED
    assert practice.execute("SELECT status FROM authorization") == [("denied",)]


def test_a_payer_that_gives_in_without_an_appeal(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk, authorization_id=desk.request))
    close_denial(practice, made, Close(ending=Ending.OVERTURNED))
    assert detail(practice, made).status is DenialStatus.OVERTURNED
    assert practice.execute("SELECT status FROM authorization") == [("approved",)]


def test_a_lost_level_can_be_the_end(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk))
    file_appeal(practice, made, Filing(how=FilingMethod.FAX))
    decide_appeal(practice, made, AppealOutcome.UPHELD)
    close_denial(practice, made, Close(ending=Ending.UPHELD))
    found = detail(practice, made)
    assert (found.status, found.note) == (DenialStatus.CLOSED, "Closed: upheld.")
    with pytest.raises(Refused, match="has ended"):
        close_denial(practice, made, Close(ending=Ending.UPHELD))


@pytest.mark.parametrize(
    ("close", "words"),
    [
        (Close(ending=Ending.NOT_APPEALED, reason=" "), "Say in a few words why"),
        (Close(ending=Ending.UPHELD), "never appealed"),
        (Close(ending=Ending.WITHDRAWN, on=date(2026, 12, 1)), "That day is ahead"),
        (Close(ending=Ending.WITHDRAWN, on=date(2026, 11, 26)), "cannot end before Fri 27 Nov"),
    ],
)
def test_an_ending_that_cannot_be_is_refused(
    practice: Practice, desk: Desk, close: Close, words: str
) -> None:
    made = add_denial(practice, desk.otto, entry(desk))
    with pytest.raises(Refused, match=words):
        close_denial(practice, made, close)
    assert detail(practice, made).status is DenialStatus.OPEN


def test_a_dismissed_appeal_is_as_if_none_was_made(practice: Practice, desk: Desk) -> None:
    made = add_denial(practice, desk.otto, entry(desk))
    file_appeal(practice, made, Filing())
    decide_appeal(practice, made, AppealOutcome.DISMISSED)
    assert not detail(practice, made).was_appealed
    close_denial(practice, made, Close(ending=Ending.NOT_APPEALED, reason="day is past"))
    assert detail(practice, made).note == "Closed: not appealed (day is past)."
