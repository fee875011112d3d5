"""Who may be told what, when somebody may be called, and what of a person may leave the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.domain.calling_hours import (
    ZoneError,
    clock_at,
    closed_words,
    hours_words,
    is_open,
    parse_zone,
    time_there,
)
from carecoord_tui.domain.outreach import CallHours, next_attempt
from carecoord_tui.domain.people import (
    BIRTH_NEEDED,
    MINOR_DECIDES,
    NOT_AUTHORIZED,
    authority,
    authorized,
    comes_of_age,
)
from carecoord_tui.domain.release import DO_NOT_CONFIRM, contact_only, may_leave, minor_words
from carecoord_tui.domain.rows import PhoneRow, RelatedRow
from carecoord_tui.domain.vocabulary import PatientStatus
from tests.domain.make import CONTEXT
from tests.domain.test_copying import PERSON

TODAY = date(2026, 11, 30)
HOME = ZoneInfo("America/New_York")
AT_8AM = datetime(2026, 11, 30, 8, 0, tzinfo=HOME)
MOTHER = RelatedRow(
    id=1,
    name="Camila",
    relationship="mother",
    phone="+15550100142",
    is_authorized=True,
    scope="appointments",
    scope_until=None,
    is_emergency_contact=True,
    note="",
    is_guardian=True,
)
SON = replace(MOTHER, id=2, name="Minh", relationship="son", is_guardian=False)


# --- authority -------------------------------------------------------------------------------------------


def test_a_scope_counts_on_its_last_day_and_no_longer_on_the_next() -> None:
    son = replace(SON, scope_until=TODAY)
    assert authority(son, TODAY, None).in_force
    ended = authority(son, date(2026, 12, 1), None)
    assert (ended.in_force, ended.words, ended.ended_on) == (False, "expired Mon 30 Nov", TODAY)


def test_without_consent_nothing_is_told_whatever_else_is_on_file() -> None:
    found = authority(replace(MOTHER, is_authorized=False), TODAY, date(2020, 1, 1))
    assert (found.in_force, found.words) == (False, NOT_AUTHORIZED)


@pytest.mark.parametrize(
    ("born", "in_force", "words"),
    [
        (date(2008, 12, 1), True, "appointments"),
        (date(2008, 11, 30), False, "lapsed Mon 30 Nov: the patient turned 18"),
        (date(1990, 6, 25), False, "lapsed Wed 25 Jun 2008: the patient turned 18"),
        (None, False, BIRTH_NEEDED),
    ],
)
def test_a_parents_authority_lapses_on_the_18th_birthday(
    born: date | None, in_force: bool, words: str
) -> None:
    found = authority(MOTHER, TODAY, born)
    assert (found.in_force, found.words) == (in_force, words)
    assert authority(SON, TODAY, born).in_force  # an adult's son was authorized by the patient


def test_a_service_the_minor_consented_to_is_not_told_to_a_parent() -> None:
    born = date(2010, 1, 1)
    found = authority(MOTHER, TODAY, born, minor_consented=True)
    assert (found.in_force, found.words) == (False, MINOR_DECIDES)
    assert authorized([MOTHER, SON], TODAY, born, minor_consented=True) == [SON]


def test_somebody_born_on_29_february_comes_of_age_in_march() -> None:
    assert comes_of_age(date(2008, 2, 29)) == date(2026, 3, 1)


# --- hours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", ""),
        ("ct", "America/Chicago"),
        ("Pacific", "America/Los_Angeles"),
        ("america/new york", "America/New_York"),
        ("Asia/Ho_Chi_Minh", "Asia/Ho_Chi_Minh"),
        ("US/Pacific", "US/Pacific"),
    ],
)
def test_a_zone_as_people_type_it(typed: str, name: str) -> None:
    assert parse_zone(typed) == name


@pytest.mark.parametrize(
    "typed", ["foo", "America", "America/", "../etc/passwd", "a\x00b", "x/" * 80, "/etc"]
)
def test_what_is_no_zone_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(ZoneError, match="type ET, CT, MT, PT"):
        parse_zone(typed)


def test_hours_are_by_the_clock_where_they_are() -> None:
    assert clock_at(AT_8AM, "America/Los_Angeles") == time(5, 0)
    assert clock_at(AT_8AM, "") == clock_at(AT_8AM, "No/Such") == time(8, 0)
    assert closed_words(time(8), time(17), "America/Los_Angeles", AT_8AM, HOME.key) == (
        "closed, opens 8am their time (11am here)"
    )
    after_nine = AT_8AM.replace(hour=21)
    assert closed_words(time(8), time(17), "America/Los_Angeles", after_nine, HOME.key) == (
        "closed since 5pm their time (8pm here)"
    )
    assert closed_words(time(9), None, "", AT_8AM, HOME.key) == "closed, opens 9am"
    assert closed_words(None, time(8), "", AT_8AM, HOME.key) == "closed since 8am"
    assert closed_words(time(8), time(17), "", AT_8AM, HOME.key) == ""
    assert not is_open(time(8), time(17), time(17))
    assert hours_words(time(8), time(17), "America/Chicago") == "8am to 5pm CT"
    assert time_there("America/Chicago", AT_8AM) == "7am there now"


def test_no_try_is_proposed_before_their_morning() -> None:
    """From New York a morning call at 9:30 would wake somebody in Honolulu at 4:30."""
    afternoon = datetime(2026, 11, 30, 15, 0, tzinfo=HOME)
    there = CallHours(zone="Pacific/Honolulu")
    day, at = next_attempt(afternoon, deadline=None, zone=HOME, calendar=CONTEXT.calendar, hours=there)
    assert day == date(2026, 12, 1)
    assert at is not None
    assert at.astimezone(ZoneInfo("Pacific/Honolulu")).time() >= time(8)
    here = next_attempt(afternoon, deadline=None, zone=HOME, calendar=CONTEXT.calendar)
    assert here[1] == datetime(2026, 12, 1, 9, 30, tzinfo=HOME)


# --- what may leave --------------------------------------------------------------------------------------

PHONES = (
    PhoneRow(id=1, number="+15550100141", label="work", is_permitted=True, note=""),
    PhoneRow(id=2, number="+15550100199", label="home", is_permitted=False, note=""),
)
WHOLE = replace(PERSON, phones=PHONES, address_line="4 Canal Street", city="Ashbrook", email="g@example.org")


def test_without_a_request_everything_may_leave() -> None:
    found = may_leave(replace(WHOLE, confidential_channel=False, safe_contact="", minor_consent=""))
    assert found.phones == PHONES
    assert found.address[:2] == ("4 Canal Street", "Ashbrook")
    assert (found.email, found.related_phones, found.voicemail, found.letter) == (
        "g@example.org", True, True, True,
    )  # fmt: skip
    assert found.notices == ()


def test_a_confidential_channel_leaves_only_the_permitted_number() -> None:
    found = may_leave(replace(WHOLE, confidential_channel=True, safe_contact=""))
    assert [phone.number for phone in found.phones] == ["+15550100141"]
    assert (found.address, found.email) == ((), "")
    assert (found.related_phones, found.voicemail, found.letter) == (False, False, False)
    assert found.notices == (
        "CONTACT ONLY AT (555) 010-0141. No other phone, mail, voicemail.",
        DO_NOT_CONFIRM,
    )


def test_the_words_of_discretion_go_along_and_the_instructions_do_not() -> None:
    found = may_leave(replace(WHOLE, confidential_channel=False, safe_contact="Only before noon, say Maple."))
    assert found.notices == (DO_NOT_CONFIRM,)
    assert not found.voicemail


def test_a_minors_consent_stops_letters_and_says_why() -> None:
    found = may_leave(
        replace(WHOLE, confidential_channel=False, safe_contact="", minor_consent="NY PHL 2504")
    )
    assert not found.letter
    assert found.notices == (minor_words("NY PHL 2504"),)
    assert found.notices[0] == (
        "Patient consented to this service: contact only as they asked; no parent call, letter, estimate."
        " State rule NY PHL 2504."
    )


def test_after_a_death_nothing_is_said_to_a_machine_or_written() -> None:
    found = may_leave(
        replace(WHOLE, confidential_channel=False, safe_contact="", status=PatientStatus.DECEASED)
    )
    assert (found.voicemail, found.letter) == (False, False)


def test_several_permitted_numbers_are_all_named() -> None:
    assert contact_only(["+15550100141", "+15550100142"]).startswith(
        "CONTACT ONLY AT (555) 010-0141 or (555) 010-0142."
    )
