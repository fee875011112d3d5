"""Booking, changing and cancelling a visit on a real practice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from carecoord_tui.domain.interpreter import ASKED_FOR, MINOR_REFUSED, ONLY_WHEN_ASKED, Age
from carecoord_tui.domain.visit_rows import VisitRow, day_words, window_words
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    InterpreterMode,
    PatientStatus,
    PayerClass,
    ReferralStage,
)
from carecoord_tui.store import undo
from carecoord_tui.store.actions.appointments import (
    AppointmentEntry,
    DoubleBooked,
    InterpreterFacts,
    book,
    cancel,
    edit,
)
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.appointments import read_visit, visits_at, visits_of_patient, windows_of
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    Coverage,
    Patient,
    Payer,
    Provider,
    Referral,
    RelatedPerson,
)
from tests.conftest import ZONE

S = AppointmentStatus
TODAY = date(2026, 11, 30)
MON_14 = datetime(2026, 12, 14, 10, tzinfo=ZONE)
PAST = datetime(2026, 11, 27, 10, tzinfo=ZONE)
ENTRY = AppointmentEntry(starts_at=MON_14, title="Skin check")


@pytest.fixture
def person(practice: Practice) -> int:
    """A self-pay patient with a minor, an adult and somebody of unknown age around."""
    with practice.change("people") as session:
        payer = Payer(name="Self-pay", payer_class=PayerClass.SELF_PAY)
        one = Patient(family_name="Lomax", given_name="Dean", check_in_on=date(2026, 12, 20))
        other = Patient(family_name="Other", check_in_on=date(2026, 12, 20))
        session.add_all([payer, one, other, Provider(name="Silva Skin")])
        session.flush()
        session.add_all(
            [
                Coverage(patient_id=one.id, payer_id=payer.id),
                RelatedPerson(
                    patient_id=one.id, name="Li Lomax", relationship="son", birth_date=date(2012, 1, 1)
                ),
                RelatedPerson(
                    patient_id=one.id, name="Ana Lomax", relationship="wife", birth_date=date(1980, 1, 1)
                ),
                RelatedPerson(patient_id=one.id, name="Kim Lomax", relationship="daughter"),
                Referral(patient_id=one.id, specialty="dermatology", ordered_on=TODAY, stage_on=TODAY),
                Referral(patient_id=other.id, specialty="cardiology", ordered_on=TODAY, stage_on=TODAY),
            ]
        )
        number = one.id
    assert number is not None
    return number


def stored(practice: Practice, number: int) -> VisitRow:
    found = read_visit(practice.execute, number)
    assert found is not None
    return found


def change(practice: Practice, number: int, entry: AppointmentEntry, **more: object) -> int:
    return edit(practice, number, entry, version=stored(practice, number).version, **more)  # type: ignore[arg-type]


def count(practice: Practice) -> int:
    return int(practice.execute("SELECT count(*) FROM appointment")[0][0])


def legal(practice: Practice) -> list[tuple[object, ...]]:
    return practice.execute("SELECT legal_on FROM ledger WHERE rule_id = 'gfe.scheduled' ORDER BY record_id")


def past_visit(practice: Practice, person: int, status: AppointmentStatus = S.BOOKED) -> int:
    """A visit whose time has come."""
    with practice.change("visit") as session:
        visit = Appointment(
            patient_id=person, title="Check", starts_at=PAST, booked_on=date(2026, 11, 20), status=status,
            status_on=TODAY,
        )  # fmt: skip
        session.add(visit)
        session.flush()
        number = visit.id
    assert number is not None
    return number


def test_a_booking_is_cleaned_kept_and_undone_in_one_step(practice: Practice, person: int) -> None:
    entry = replace(
        ENTRY, title=" Skin\x1b[31m  check ", provider_id=1, location=" Room 2 ", minutes=45,
        interpreter_needed=True, interpreter_mode=InterpreterMode.VIDEO, interpreter_name="Harbor Services",
        interpreter_qualified=True,
    )  # fmt: skip
    number = book(practice, person, entry)
    visit = stored(practice, number)
    assert (visit.title, visit.office, visit.location, visit.minutes) == (
        "Skin[31m check", "Silva Skin", "Room 2", 45,
    )  # fmt: skip
    assert (visit.starts_at, visit.booked_on, visit.status) == (MON_14, TODAY, S.BOOKED)
    assert (visit.interpreter_mode, visit.interpreter_qualified) == (InterpreterMode.VIDEO, True)
    assert legal(practice) == [("2026-12-03",)]
    audited = practice.execute("SELECT label FROM audit_event WHERE table_name = 'appointment'")
    assert audited == [("visit booked",)]
    undo.undo(practice)
    assert count(practice) == 0
    assert legal(practice) == []


def test_what_cannot_be_is_refused_with_words_and_changes_nothing(practice: Practice, person: int) -> None:
    for entry, words in (
        (replace(ENTRY, starts_at=PAST), "that time has passed"),
        (replace(ENTRY, status=S.FULFILLED), "still ahead"),
        (replace(ENTRY, status=S.NOSHOW), "book it first"),
        (replace(ENTRY, minutes=0), "Minutes"),
        (replace(ENTRY, provider_id=99), "no longer there"),
        (replace(ENTRY, referral_id=2), "another person's"),
        (replace(ENTRY, booked_on=date(2026, 12, 1)), "is ahead"),
    ):
        with pytest.raises(Refused, match=words):
            book(practice, person, entry)
    assert count(practice) == 0


def test_nobody_is_booked_after_death(practice: Practice, person: int) -> None:
    with practice.change("status") as session:
        patient = session.get(Patient, person)
        assert patient is not None
        patient.status = PatientStatus.DECEASED
        session.add(patient)
    with pytest.raises(Refused, match="visits stopped"):
        book(practice, person, ENTRY)


def test_a_visit_that_was_kept_can_be_entered_afterwards(practice: Practice, person: int) -> None:
    visit = stored(practice, book(practice, person, replace(ENTRY, starts_at=PAST, status=S.FULFILLED)))
    assert (visit.status, visit.booked_on) == (S.FULFILLED, date(2026, 11, 27))


def test_two_visits_at_one_time_must_be_meant(practice: Practice, person: int) -> None:
    book(practice, person, ENTRY)
    half_on = replace(ENTRY, starts_at=MON_14.replace(minute=20), title="Labs")
    with pytest.raises(DoubleBooked, match=r"already has Skin check then: Mon 14 Dec, 10am"):
        book(practice, person, half_on)
    assert [one.title for one in visits_at(practice.execute, person, half_on.starts_at, 30)] == ["Skin check"]
    next_to = replace(half_on, starts_at=MON_14.replace(minute=30))
    assert visits_at(practice.execute, person, next_to.starts_at, 30) == []
    book(practice, person, next_to)
    book(practice, person, half_on, allow_overlap=True)
    assert count(practice) == 3


def test_a_move_counts_as_booked_today_and_takes_confirmations_back(practice: Practice, person: int) -> None:
    number = book(practice, person, replace(ENTRY, booked_on=date(2026, 11, 20), interpreter_needed=True))
    with practice.change("confirmed") as session:
        visit = session.get(Appointment, number)
        assert visit is not None
        visit.confirmed_on = visit.interpreter_confirmed_on = TODAY
        asked = Authorization(
            patient_id=person, appointment_id=number, service="MRI", opened_on=TODAY,
            service_on=date(2026, 12, 14),
        )  # fmt: skip
        session.add_all([visit, asked])
    change(practice, number, replace(ENTRY, interpreter_needed=True, location="Room 3"))
    visit = stored(practice, number)
    assert (visit.confirmed_on, visit.booked_on) == (TODAY, date(2026, 11, 20)), "the time stayed"
    moved = datetime(2026, 12, 3, 9, tzinfo=ZONE)
    change(practice, number, replace(ENTRY, interpreter_needed=True, starts_at=moved))
    visit = stored(practice, number)
    assert (visit.confirmed_on, visit.interpreter_confirmed_on, visit.booked_on) == (None, None, TODAY)
    assert practice.execute('SELECT service_on FROM "authorization"') == [("2026-12-03",)]
    assert legal(practice) == [("2026-12-01",)]


@pytest.mark.parametrize(
    ("was", "to", "is_legal"),
    [
        (S.BOOKED, S.FULFILLED, True),
        (S.BOOKED, S.NOSHOW, True),
        (S.BOOKED, S.PROPOSED, False),
        (S.NOSHOW, S.FULFILLED, True),
        (S.FULFILLED, S.BOOKED, False),
        (S.CANCELLED, S.BOOKED, False),
        (S.CANCELLED, S.FULFILLED, False),
    ],
)
def test_only_legal_steps(
    practice: Practice, person: int, was: AppointmentStatus, to: AppointmentStatus, is_legal: bool
) -> None:
    number = past_visit(practice, person, was)
    entry = AppointmentEntry(starts_at=PAST, title="Check", status=to)
    if is_legal:
        change(practice, number, entry)
    else:
        with pytest.raises(Refused):
            change(practice, number, entry)
    assert stored(practice, number).status is (to if is_legal else was)


def test_another_time_for_a_missed_visit_books_a_new_one(practice: Practice, person: int) -> None:
    number = past_visit(practice, person, S.NOSHOW)
    entry = replace(ENTRY, status=S.NOSHOW)
    new = change(practice, number, entry)
    assert new != number
    assert stored(practice, number).settled_on == TODAY
    assert (stored(practice, new).status, stored(practice, new).starts_at) == (S.BOOKED, MON_14)
    with pytest.raises(Refused, match="settled"):
        change(practice, number, entry)
    assert [one.id for one in visits_of_patient(practice.execute, person)] == [new, number]


def test_a_cancelled_booking_owes_a_new_date_and_a_declined_offer_owes_nothing(
    practice: Practice, person: int
) -> None:
    booked = book(practice, person, ENTRY)
    offered = book(practice, person, replace(ENTRY, status=S.PROPOSED), allow_overlap=True)
    cancel(practice, booked, version=1, note="moved away")
    cancel(practice, offered, version=1)
    assert (stored(practice, booked).settled_on, stored(practice, booked).note) == (None, "moved away")
    assert stored(practice, offered).settled_on == TODAY
    owed = "SELECT record_id FROM ledger WHERE rule_id = 'appointment.noshow'"
    assert practice.execute(owed) == [(booked,)]
    with pytest.raises(Refused, match="cannot become"):
        edit(practice, booked, replace(ENTRY, status=S.FULFILLED), version=2)
    with pytest.raises(Conflict):
        cancel(practice, booked, version=1)


def test_a_booked_visit_is_the_date_its_referral_waits_for(practice: Practice, person: int) -> None:
    number = book(practice, person, replace(ENTRY, referral_id=1))
    found = "SELECT stage, visit_on, visit_time FROM referral WHERE id = 1"
    assert practice.execute(found) == [(ReferralStage.SCHEDULED.value, "2026-12-14", "10:00:00.000000")]
    change(practice, number, replace(ENTRY, referral_id=1, starts_at=datetime(2026, 12, 15, 9, tzinfo=ZONE)))
    assert practice.execute(found)[0][1] == "2026-12-15"


def interpreted(name: str, **more: object) -> AppointmentEntry:
    return replace(ENTRY, interpreter_needed=True, interpreter_name=name, **more)  # type: ignore[arg-type]


def test_a_minor_is_refused_and_an_age_is_asked_never_assumed(practice: Practice, person: int) -> None:
    with pytest.raises(Refused, match="minor") as refused:
        book(practice, person, interpreted("Li Lomax", interpreter_qualified=True))
    assert str(refused.value) == MINOR_REFUSED
    with pytest.raises(Refused, match=r"How old is Kim Lomax \(daughter\)"):
        book(practice, person, interpreted("Kim"))
    with pytest.raises(Refused, match="minor"):
        book(practice, person, interpreted("Kim"), interpreter=InterpreterFacts(age=Age(years=15)))
    assert count(practice) == 0


def test_family_interprets_only_when_the_patient_asked_which_goes_on_file(
    practice: Practice, person: int
) -> None:
    with pytest.raises(Refused) as refused:
        book(practice, person, interpreted("Ana Lomax"))
    assert str(refused.value) == ONLY_WHEN_ASKED
    born = date(1990, 3, 4)
    said = InterpreterFacts(age=Age(born=born), patient_asked=True)
    number = book(practice, person, interpreted("Kim Lomax", note="bring pills"), interpreter=said)
    assert stored(practice, number).note == f"{ASKED_FOR} bring pills"
    known = practice.execute("SELECT birth_date FROM related_person WHERE name = 'Kim Lomax'")
    assert known == [(born.isoformat(),)]
    visit = stored(practice, number)
    change(practice, number, interpreted("Kim Lomax", note=visit.note, location="Room 4"))
    assert stored(practice, number).location == "Room 4", "what was asked once is not asked again"


def test_the_day_and_the_windows_are_said(practice: Practice, person: int) -> None:
    calendar = practice.context.calendar
    assert day_words(date(2026, 12, 5), TODAY, calendar) == "Sat 5 Dec 2026 is on a weekend."
    assert "Christmas Day" in day_words(date(2026, 12, 25), TODAY, calendar)
    assert "12 months away" in day_words(date(2027, 11, 29), TODAY, calendar)
    assert day_words(date(2026, 12, 14), TODAY, calendar) == ""
    with practice.change("authorizations") as session:
        for service, ends, referral in (("PT", 11, None), ("MRI", 10, 1), ("PT old", 1, 2)):
            session.add(
                Authorization(
                    patient_id=person, service=service, opened_on=TODAY, referral_id=referral,
                    status=AuthorizationStatus.APPROVED, valid_to=date(2026, 12, ends),
                )
            )  # fmt: skip
    windows = windows_of(practice.execute, person, appointment_id=None, referral_id=1)
    said = window_words(date(2026, 12, 14), windows)
    assert [line.partition(":")[0] for line in said] == ["If it is for PT", "MRI"]
    assert "after the authorization ends on Fri 11 Dec" in said[0]
    assert window_words(date(2026, 12, 9), windows) == []
