"""What of a person leaves with an export, under a confidential channel and as authorities stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.documents.patient_paper import make_patient_paper
from carecoord_tui.domain.release import postal_address
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.referral_export import export_referrals
from carecoord_tui.store.errors import ReadOnly
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.phones import MAY_LEAVE, read_phones
from carecoord_tui.store.tables import (
    Patient,
    PatientPhone,
    RelatedPerson,
)
from tests.exchange.released import read, rosa

__all__ = ["rosa"]


def test_the_condition_of_the_tables_is_the_rule_of_release(practice: Practice) -> None:
    """Four people: bound or not, each with a permitted number and another."""
    with practice.change("people") as session:
        for number, is_bound in enumerate((False, True)):
            person = Patient(family_name=f"P{number}", given_name="A", confidential_channel=is_bound)
            session.add(person)
            session.flush()
            for place, is_permitted in enumerate((False, True)):
                session.add(
                    PatientPhone(
                        patient_id=person.id, number=f"+1555010{number}00{place}", is_permitted=is_permitted
                    )
                )
    by_rule = {phone.number for phones in read_phones(practice.execute, [1, 2]).values() for phone in phones}
    joined = "SELECT n.number FROM patient_phone n JOIN patient p ON p.id = n.patient_id WHERE "
    by_table = practice.execute(joined + MAY_LEAVE)
    assert {row[0] for row in by_table} == by_rule
    assert by_rule == {"+15550100000", "+15550100001", "+15550101001"}


def test_a_confidential_channel_leaves_no_address_whatever_is_permitted() -> None:
    parts = ("1 Hidden Way", "Ashbrook", "NY", "10001")
    assert postal_address(*parts, is_confidential=True) == ()
    assert postal_address(*parts, is_confidential=False) == ("1 Hidden Way", "Ashbrook", "NY 10001")


def test_an_authority_that_ended_is_exported_as_none(practice: Practice, rosa: int, tmp_path: Path) -> None:
    with practice.change("people") as session:
        for name, until in (("Old Scope", date(2026, 11, 20)), ("New Scope", date(2026, 12, 20))):
            session.add(
                RelatedPerson(
                    patient_id=rosa, name=name, is_authorized=True, scope="visits", scope_until=until,
                    email=f"{name[:3].lower()}@home.example",
                )
            )  # fmt: skip
        session.add(RelatedPerson(patient_id=rosa, name="Parent", is_authorized=True, is_guardian=True))
        session.add(
            RelatedPerson(patient_id=rosa + 1, name="Kept", email="kept@home.example", phone="+15550100198")
        )
    export_everything(practice, tmp_path / "out")
    found = {row["Name"]: row for row in read(tmp_path / "out" / "people.csv")}
    assert (found["Old Scope"]["Authorized person"], found["Old Scope"]["Authority"]) == (
        "no",
        "expired Fri 20 Nov",
    )
    assert (found["New Scope"]["Authorized person"], found["New Scope"]["Authority"]) == ("yes", "in force")
    assert found["New Scope"]["Email"] == "new@home.example"
    assert (found["Parent"]["Authorized person"], found["Parent"]["Parent or guardian"]) == ("no", "yes")
    assert "turned 18" in found["Parent"]["Authority"]
    assert (found["Kept"]["Phone"], found["Kept"]["Email"], found["Kept"]["Authority"]) == ("", "", "")


def test_what_cannot_be_recorded_is_not_exported(practice: Practice, rosa: int, tmp_path: Path) -> None:
    practice.is_read_only = True
    for leave in (
        lambda: export_everything(practice, tmp_path / "all.xlsx"),
        lambda: export_everything(practice, tmp_path / "folder"),
        lambda: export_referrals(practice, tmp_path / "log.csv"),
        lambda: make_patient_paper(practice, rosa, tmp_path / "one.pdf"),
    ):
        with pytest.raises(ReadOnly):
            leave()
    assert [one.name for one in tmp_path.iterdir() if one.name != "practice"] == []
