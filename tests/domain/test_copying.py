"""What may be copied about a person, and what a confidential channel keeps inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from carecoord_tui.domain.copying import Coded, CopyFact, copy_menu, minimal_voicemail
from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.rows import CoverageRow, PersonView, PhoneRow
from carecoord_tui.domain.vocabulary import PatientStatus, PayerClass, Risk, Sex

CALLBACK = "+15550100100"


def phone(number: int, *, is_permitted: bool = False, label: str = "mobile") -> PhoneRow:
    return PhoneRow(
        id=number,
        number=f"+1555010{number:04d}",
        label=label,
        is_permitted=is_permitted,
        note="their sister's",
    )


def plan(member_id: str, *, status: str = "active") -> CoverageRow:
    return CoverageRow(
        id=1,
        payer_name="Humana",
        payer_class=PayerClass.MEDICARE_ADVANTAGE,
        plan_name="Gold Plus",
        member_id=member_id,
        group_number="",
        rank=1,
        status=status,
        last_checked_on=None,
        last_result="",
    )


PERSON = PersonView(
    id=1,
    family_name="Alvarez",
    given_name="Rosa",
    middle_name="M",
    preferred_name="Rosie",
    suffix="",
    mrn="MRN-7",
    birth_date=date(1961, 3, 4),
    sex=Sex.FEMALE,
    status=PatientStatus.ACTIVE,
    status_on=None,
    status_note="",
    hold_until=None,
    deceased_on=None,
    risk=Risk.LOW,
    check_in_on=None,
    language="",
    interpreter_needed=False,
    email="rosa@example.org",
    address_line="1 Main St",
    city="Boston",
    state="MA",
    postal_code="02134",
    primary_provider="",
    call_from=None,
    call_until=None,
    detailed_voicemail=None,
    confidential_channel=False,
    safe_contact="",
    version=1,
    phones=(phone(134), phone(135, is_permitted=True, label="home")),
    hidden_phones=0,
    coverages=(plan("H-1"), plan(""), plan("OLD", status="cancelled")),
    contacts=(),
    related=(),
)


def facts(person: PersonView = PERSON, *, callback: str = CALLBACK, **codes: list[Coded]) -> list[CopyFact]:
    return list(copy_menu(person, user_name="Dana Reyes", callback_number=callback, **codes).facts)  # type: ignore[arg-type]


def withheld(person: PersonView, callback: str = CALLBACK) -> str:
    return " ".join(copy_menu(person, user_name="Dana Reyes", callback_number=callback).withheld)


def test_every_fact_has_its_own_key_and_the_exact_text() -> None:
    found = {fact.key: (fact.label, fact.text) for fact in facts()}
    assert found == {
        "n": ("name", "Alvarez, Rosa"),
        "b": ("birth date", "03/04/1961"),
        "r": ("MRN", "MRN-7"),
        "p": ("phone", "(555) 010-0134"),
        "1": ("phone", "(555) 010-0135"),
        "m": ("member ID", "H-1"),
        "v": ("voicemail", "This is Dana for Rosa Alvarez. Please call (555) 010-0100."),
    }
    assert withheld(PERSON) == ""


@pytest.mark.parametrize(
    ("order", "text"),
    [(DateOrder.MDY, "03/04/1961"), (DateOrder.DMY, "04/03/1961"), (DateOrder.YMD, "1961-03-04")],
)
def test_the_birth_date_follows_the_practices_order(order: DateOrder, text: str) -> None:
    menu = copy_menu(PERSON, user_name="Dana", callback_number=CALLBACK, order=order)
    assert [fact.text for fact in menu.facts if fact.key == "b"] == [text]


def test_codes_say_what_they_belong_to() -> None:
    found = facts(
        npis=[Coded("Silva", "1234567893")], service_codes=[Coded("CGM", "A4239"), Coded("PT", "97110")]
    )
    assert [(f.key, f.label, f.text, f.detail) for f in found if f.label in ("NPI", "service code")] == [
        ("i", "NPI", "1234567893", "Silva"),
        ("c", "service code", "A4239", "CGM"),
        ("2", "service code", "97110", "PT"),
    ]


def test_keys_never_clash_and_run_out_quietly() -> None:
    found = facts(service_codes=[Coded("service", f"A{n:04d}") for n in range(40)])
    keys = [fact.key for fact in found]
    assert len(keys) == len(set(keys))
    assert all(len(key) == 1 for key in keys)
    assert "v" in keys  # a letter of its own is not used up by many codes


def test_a_confidential_channel_keeps_other_numbers_and_voicemail_inside() -> None:
    person = replace(PERSON, confidential_channel=True)  # even when it was read unmasked
    texts = " ".join(fact.text for fact in facts(person))
    assert "010-0135" in texts
    assert "010-0134" not in texts
    assert "voicemail" not in {fact.label for fact in facts(person)}
    assert "contact only by the permitted channel" in withheld(person)


@pytest.mark.parametrize(
    ("person", "callback", "reason"),
    [
        (replace(PERSON, safe_contact="Call Tuesdays"), CALLBACK, "safe-contact instructions"),
        (replace(PERSON, status=PatientStatus.DECEASED), CALLBACK, "outreach has stopped"),
        (PERSON, "", "callback number is not entered"),
    ],
)
def test_no_voicemail_and_the_reason(person: PersonView, callback: str, reason: str) -> None:
    assert "v" not in {fact.key for fact in facts(person, callback=callback)}
    assert reason in withheld(person, callback)
    assert "Tuesdays" not in withheld(person, callback)  # the instruction itself stays where it is read


def test_address_email_and_notes_are_never_offered() -> None:
    everything = " ".join(f"{fact.text} {fact.detail}" for fact in facts())
    for text in ("Main St", "02134", "example.org", "sister", "Rosie"):
        assert text not in everything


def test_labels_hold_no_patient_text() -> None:
    labels = {fact.label for fact in facts(npis=[Coded("Silva", "1234567893")])}
    assert labels == {"name", "birth date", "MRN", "phone", "member ID", "NPI", "voicemail"}


def test_masked_forms_hide_the_name() -> None:
    for fact in facts():
        assert "Alvarez" not in fact.shown(privacy=True)
        assert fact.shown(privacy=False) == fact.text


def test_control_characters_do_not_leave() -> None:
    person = replace(PERSON, family_name="O'Neil [Jr] [/b]\x1b[31m\n", given_name="Pat\x07")
    assert [fact.text for fact in facts(person) if fact.key == "n"] == ["O'Neil [Jr] [/b][31m, Pat"]


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("Dana Reyes", "This is Dana for Rosa Alvarez. Please call (555) 010-0100."),
        ("Reyes, Dana", "This is Dana for Rosa Alvarez. Please call (555) 010-0100."),
        ("Dana", "This is Dana for Rosa Alvarez. Please call (555) 010-0100."),
    ],
)
def test_the_voicemail_says_who_for_whom_and_the_number(user: str, text: str) -> None:
    assert minimal_voicemail(user, "Rosa Alvarez", CALLBACK) == text
