"""What the tests of what leaves share: a person, and a referral with all that followed from it, marked."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carecoord_tui.domain.vocabulary import Kind, Outcome, ReferralStage
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    Contact,
    Denial,
    Note,
    Patient,
    Provider,
    Referral,
)


@pytest.fixture
def rosa(practice: Practice) -> int:
    """Rosa with a visit here, and Ivy behind her, who may be reached at one number only."""
    with practice.change("people") as session:
        rosa = Patient(family_name="Alvarez", given_name="Rosa", mrn="A1", birth_date=date(1955, 3, 14))
        ivy = Patient(family_name="Quiet", given_name="Ivy", mrn="Q1", confidential_channel=True)
        session.add(rosa)
        session.flush()
        session.add(ivy)
        session.flush()
        at = datetime(2026, 12, 14, 15, 20, tzinfo=UTC)
        session.add(Appointment(patient_id=rosa.id, title="Echo", starts_at=at, booked_on=date(2026, 11, 20)))
        return int(rosa.id or 0)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def events(practice: Practice) -> list[str]:
    rows = practice.execute("SELECT label FROM audit_event WHERE change_kind = 'export' ORDER BY seq")
    return [row[0] for row in rows]


@pytest.fixture
def marked(practice: Practice, rosa: int, tmp_path: Path) -> int:
    """Rosa's referral to a clinic whose report is a substance-use record, with all that followed from it.

    Five records: the report, the referral, its authorization, visit and denial.
    """
    with practice.change("clinic") as session:
        clinic = Provider(name="Harbor Recovery", specialty="Addiction medicine")
        session.add(clinic)
        session.flush()
        referral = Referral(
            patient_id=rosa, provider_id=clinic.id, specialty="Harbor program", stage=ReferralStage.SENT,
            stage_on=date(2026, 11, 20), ordered_on=date(2026, 11, 20), sent_on=date(2026, 11, 20),
        )  # fmt: skip
        session.add(referral)
        session.flush()
        asked = Authorization(
            patient_id=rosa,
            referral_id=referral.id,
            service="Harbor intake",
            number="HARBOR-1",
            opened_on=date(2026, 11, 20),
        )
        session.add(asked)
        session.flush()
        session.add_all(
            [
                Denial(
                    patient_id=rosa, authorization_id=asked.id, service="Harbor denied",
                    notice_on=date(2026, 11, 20),
                ),
                Appointment(
                    patient_id=rosa, referral_id=referral.id, title="Harbor visit",
                    starts_at=datetime(2026, 12, 9, 15, tzinfo=UTC), booked_on=date(2026, 11, 20),
                ),
                Note(
                    patient_id=rosa, at=datetime(2026, 11, 21, 14, tzinfo=UTC), text="Harbor note",
                    about_kind=Kind.REFERRAL, about_id=referral.id,
                ),
                Contact(
                    patient_id=rosa, at=datetime(2026, 11, 21, 14, tzinfo=UTC), outcome=Outcome.NO_ANSWER,
                    note="Harbor call", about_kind=Kind.AUTHORIZATION, about_id=asked.id,
                ),
            ]
        )  # fmt: skip
        session.flush()
        number = int(referral.id or 0)
    report = tmp_path / "report.txt"
    report.write_text("Seen.\n", "utf-8")
    attach(practice, rosa, report, referral_id=number, is_part2=True)
    return number


def whole(folder: Path) -> str:
    """Every table but the directory, which names the clinic as any other office."""
    return "".join(p.read_text("utf-8-sig") for p in folder.iterdir() if p.name != "providers.csv")
