"""Who stands on paper and how; what becomes of an item on a day off; what the huddle says of a visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.cover import (
    OPEN_FIRST,
    Away,
    AwayError,
    Callee,
    CoverRow,
    call_words,
    concerns,
    cover_rows,
    next_away,
    proposed_mark,
)
from carecoord_tui.domain.day_papers import (
    BossLine,
    PaperPerson,
    full_name,
    short_name,
    title_on_paper,
    why_on_paper,
)
from carecoord_tui.domain.eligibility_rows import VisitState
from carecoord_tui.domain.huddle import HuddleVisit, VisitAuthorization, huddle, huddle_days, huddle_line
from carecoord_tui.domain.ranking import Moment, Person, Ranked, rank_item
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    Basis,
    CoverMark,
    InterpreterMode,
    Kind,
    PatientStatus,
    Risk,
)
from carecoord_tui.domain.work import WorkItem
from tests.conftest import ZONE

TODAY = date(2026, 11, 30)
MOMENT = Moment(datetime(2026, 11, 30, 13, tzinfo=UTC), ZONE, Calendar())
AWAY = Away(date(2026, 12, 1), date(2026, 12, 4))
ROSA = PaperPerson(
    id=7,
    family_name="Alvarez",
    given_name="Rosa",
    mrn="MS1",
    birth_date=date(1955, 3, 14),
    phones=("+15550100134", "+15550100135"),
)
CONFIDENTIAL = replace(ROSA, is_confidential=True, phones=("+15550100142",))
DISCREET = replace(ROSA, asks_discretion=True)
WEEKS_OFF = date(2027, 1, 20)


def item(target: date, **changes: object) -> WorkItem:
    basis: dict[str, object] = {
        "kind": Kind.FOLLOW_UP,
        "record_id": 1,
        "rule_id": "followup.due",
        "patient_id": 7,
        "verb": "done",
        "title": "Send the forms",
        "target_on": target,
        "why": "He said so.",
    }
    return WorkItem(**{**basis, **changes})  # type: ignore[arg-type]


def ranked(one: WorkItem) -> Ranked:
    person = Person(
        id=7,
        name="Alvarez, Rosa",
        mrn="MS1",
        birth_date=None,
        sex_letter="F",
        risk=Risk.LOW,
        status=PatientStatus.ACTIVE,
    )
    return rank_item(one, 1, person, MOMENT)


# --- names --------------------------------------------------------------------------------------------


def test_a_person_is_named_by_two_identifiers_and_on_the_huddle_by_the_first_name_only() -> None:
    assert full_name(ROSA) == "Alvarez, Rosa, born 14 Mar 1955"
    assert short_name(ROSA, TODAY) == "Rosa A., 1955 (71), MRN MS1"
    assert short_name(replace(ROSA, birth_date=None, mrn=""), TODAY) == "Rosa A., patient no. 7"


@pytest.mark.parametrize("person", [CONFIDENTIAL, DISCREET])
def test_who_may_not_be_confirmed_stands_by_the_mrn_alone(person: PaperPerson) -> None:
    assert full_name(person) == short_name(person, TODAY) == "MRN MS1"
    row = ranked(item(TODAY))
    assert title_on_paper(row, person, ()) == "Follow-up: see the record"
    assert why_on_paper(row, person, ()) == ""


def test_what_belongs_to_a_substance_use_record_is_not_described() -> None:
    row = ranked(item(TODAY, kind=Kind.REFERRAL, title="Chase addiction medicine", record_id=3))
    withheld = {(Kind.REFERRAL, 3)}
    assert "addiction" not in title_on_paper(row, ROSA, withheld)
    assert why_on_paper(row, ROSA, withheld) == ""
    assert title_on_paper(row, ROSA, {(Kind.REFERRAL, 4)}) == "Chase addiction medicine"


def test_the_boss_reads_four_numbers() -> None:
    assert BossLine(34, 12, 31, 3).words == "Done 34 · reached 12 · waiting 31 · past due 3"


# --- the day off -------------------------------------------------------------------------------------


def test_the_day_back_comes_after_the_day_off() -> None:
    for back in (AWAY.off, TODAY):
        with pytest.raises(AwayError, match="is not after the first day off"):
            Away(AWAY.off, back)
    with pytest.raises(AwayError, match="at most 60 days"):
        Away(AWAY.off, date(2027, 3, 1))
    assert next_away(date(2026, 11, 25), Calendar()) == Away(date(2026, 11, 27), TODAY), "over Thanksgiving"


@pytest.mark.parametrize(
    ("one", "mark"),
    [
        (item(TODAY), CoverMark.BEFORE),
        (item(AWAY.off), CoverMark.HOLD),
        (item(TODAY, basis=Basis.CHECK_IN), CoverMark.HOLD),
        (item(TODAY, basis=Basis.SAFETY), CoverMark.BEFORE),
        (item(AWAY.off, basis=Basis.SAFETY), CoverMark.COVER),
        (item(AWAY.off, basis=Basis.PROMISE), CoverMark.COVER),
        (item(AWAY.off, basis=Basis.LEGAL, legal_on=date(2026, 12, 2)), CoverMark.BEFORE),
        (item(AWAY.off, rule_id="appointment.confirm", kind=Kind.APPOINTMENT), CoverMark.BEFORE),
        (item(AWAY.back, rule_id="appointment.confirm", kind=Kind.APPOINTMENT), CoverMark.HOLD),
        (item(AWAY.off, waiting_on="Humana"), CoverMark.HOLD),
        (item(AWAY.off, waiting_on="Humana", legal_on=date(2026, 12, 3)), CoverMark.COVER),
        (item(AWAY.off, waiting_on="Humana", legal_on=AWAY.back), CoverMark.HOLD),
        (item(AWAY.off, waiting_on="Humana", legal_on=TODAY), CoverMark.COVER),
        (item(AWAY.off, waiting_on="Dr. Marsh", basis=Basis.SAFETY), CoverMark.COVER),
        (item(AWAY.off, legal_on=date(2026, 12, 2)), CoverMark.COVER),
        (item(AWAY.off, visit_on=date(2026, 12, 2), kind=Kind.ELIGIBILITY), CoverMark.BEFORE),
        (item(AWAY.off, visit_on=date(2026, 12, 2), kind=Kind.APPOINTMENT), CoverMark.COVER),
        (item(AWAY.off, visit_on=AWAY.back, kind=Kind.APPOINTMENT), CoverMark.HOLD),
        (item(AWAY.back, legal_at=datetime(2026, 12, 4, 4, 30, tzinfo=UTC)), CoverMark.COVER),
    ],
)
def test_the_proposed_mark(one: WorkItem, mark: CoverMark) -> None:
    assert proposed_mark(one, AWAY, MOMENT) is mark


@pytest.mark.parametrize(
    ("one", "is_in"),
    [
        (item(date(2026, 12, 3)), True),
        (item(AWAY.back), False),
        (item(WEEKS_OFF, legal_on=date(2026, 12, 3)), True),
        (item(WEEKS_OFF, visit_on=date(2026, 12, 2)), True),
        (item(WEEKS_OFF, basis=Basis.SAFETY), True),
        (item(WEEKS_OFF), False),
    ],
)
def test_what_concerns_a_day_off(one: WorkItem, is_in: bool) -> None:
    assert concerns(ranked(one), AWAY, MOMENT) is is_in


def test_rows_stand_by_their_mark_and_an_own_mark_goes_first() -> None:
    early, late = item(TODAY), item(date(2026, 12, 3), record_id=2)
    rows = cover_rows(
        [ranked(early), ranked(late)],
        AWAY,
        MOMENT,
        people={7: ROSA},
        marks={early.ref: CoverMark.HOLD, late.ref: CoverMark.COVER},
        callees={},
    )
    assert [(row.ref, row.mark, row.proposed, row.is_own) for row in rows] == [
        (late.ref, CoverMark.COVER, CoverMark.HOLD, True),
        (early.ref, CoverMark.HOLD, CoverMark.BEFORE, True),
    ]


def test_a_hold_mark_does_not_outlive_a_last_day() -> None:
    lapsing = item(TODAY, legal_on=date(2026, 12, 3))
    waits = item(TODAY, legal_on=AWAY.back, record_id=2)
    seen = item(TODAY, visit_on=date(2026, 12, 3), record_id=3)
    owed = item(AWAY.off, basis=Basis.PROMISE, record_id=4)
    safety = item(AWAY.off, basis=Basis.SAFETY, record_id=5)
    every = [lapsing, waits, seen, owed, safety]
    rows = cover_rows(
        [ranked(one) for one in every],
        AWAY,
        MOMENT,
        people={7: ROSA},
        marks={one.ref: CoverMark.HOLD for one in every},
        callees={},
    )
    assert {row.ref.record_id: (row.mark, row.was_held, row.alarm) for row in rows} == {
        1: (
            CoverMark.BEFORE,
            True,
            "It was marked hold, but its last day, Thu 3 Dec, falls before the day back, Fri 4 Dec.",
        ),
        2: (CoverMark.HOLD, False, ""),
        3: (CoverMark.HOLD, False, "Held, and its visit, Thu 3 Dec, is before the day back."),
        4: (CoverMark.HOLD, False, "Held, and its promised day, Tue 1 Dec, is before the day back."),
        5: (CoverMark.COVER, True, "It was marked hold, but a clinician has not accepted this safety call."),
    }


@pytest.mark.parametrize(
    ("person", "callee", "words"),
    [
        (ROSA, None, "patient, (555) 010-0134"),
        (replace(ROSA, phones=()), None, "patient, no number on file"),
        (CONFIDENTIAL, Callee("Humana", "+15550100100"), "Humana (555) 010-0100"),
        (
            CONFIDENTIAL,
            None,
            "CONTACT ONLY AT (555) 010-0142. No other phone, mail, voicemail."
            " Do not confirm this person is a patient.",
        ),
        (DISCREET, None, f"Do not confirm this person is a patient. {OPEN_FIRST}"),
    ],
)
def test_whom_the_cover_calls(person: PaperPerson, callee: Callee | None, words: str) -> None:
    row = CoverRow(
        ranked=ranked(item(TODAY)),
        mark=CoverMark.COVER,
        proposed=CoverMark.COVER,
        person=person,
        callee=callee,
    )
    assert call_words(row) == words


# --- the huddle ----------------------------------------------------------------------------------------

VISIT = HuddleVisit(
    person=ROSA,
    starts_at=datetime(2026, 12, 2, 15, 20, tzinfo=UTC),
    clinician="Dr. Lena Marsh",
    modality="video",
    is_confirmed=True,
    language="Spanish",
    interpreter_needed=True,
    interpreter_mode=InterpreterMode.VIDEO,
    interpreter_confirmed=True,
    eligibility=VisitState.FRESH,
    checked_on=date(2026, 11, 27),
)


def test_a_prepared_visit_lacks_nothing() -> None:
    line = huddle_line(VISIT, MOMENT)
    assert (line.time, line.patient) == ("10:20am", "Rosa A., 1955 (71), MRN MS1")
    assert (line.interpreter, line.eligibility) == ("Spanish, video", "active, Fri 27 Nov")
    assert (line.authorization, line.missing) == ("none asked for", "nothing")


def test_what_is_missing_stands_there() -> None:
    ended = VisitAuthorization(AuthorizationStatus.APPROVED, None, date(2026, 12, 1))
    line = huddle_line(
        replace(
            VISIT,
            is_confirmed=False,
            interpreter_confirmed=False,
            eligibility=VisitState.INACTIVE,
            authorizations=(ended,),
            blocked_by=(Kind.GOOD_FAITH, Kind.ELIGIBILITY),
        ),
        MOMENT,
    )
    assert line.authorization == "approved, not for this day"
    assert line.missing == (
        "visit not confirmed, interpreter not confirmed, eligibility, authorization, good-faith estimate"
    )


def test_a_needed_authorization_nobody_asked_for_is_missing_and_a_granted_one_is_not() -> None:
    needed = huddle_line(replace(VISIT, authorization_needed=True), MOMENT)
    assert (needed.authorization, needed.missing) == ("needed, not asked for", "authorization")
    granted = VisitAuthorization(AuthorizationStatus.APPROVED, None, None)
    assert huddle_line(replace(VISIT, authorizations=(granted,)), MOMENT).missing == "nothing"


def test_a_day_without_visits_stays_and_other_offices_are_only_counted() -> None:
    days = huddle_days(date(2026, 12, 1), Calendar())
    sheet = huddle([VISIT], days, [datetime(2026, 12, 1, 15, tzinfo=UTC)], MOMENT)
    assert [(day.on, len(day.lines), day.elsewhere) for day in sheet] == [
        (date(2026, 12, 1), 0, 1),
        (date(2026, 12, 2), 1, 0),
    ]
