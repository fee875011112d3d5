"""People with something of every kind open, for tests of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime

from carecoord_tui.domain.vocabulary import AuthorizationStatus, PayerClass, ReferralStage, Risk
from carecoord_tui.store.actions.patients import CoverageEntry, PatientEntry, PhoneEntry, add_patient
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    Coverage,
    Denial,
    EligibilityCheck,
    FollowUp,
    Provider,
    Referral,
    Transition,
)

TODAY = date(2026, 11, 30)  # of the clock in tests/conftest.py


def add_people(practice: Practice, count: int, *, start: int = 0) -> list[int]:
    """Active people with a phone and a plan; every third has no MRN."""
    return [
        add_patient(
            practice,
            PatientEntry(
                family_name=f"O'Neil [{number}]",
                given_name="Ana",
                mrn=f"M{number}" if number % 3 else None,
                birth_date=date(1950, 1, 1 + number % 28),
                risk=list(Risk)[number % 3],
            ),
            phones=[PhoneEntry(number=f"+1212555{number:04}")],
            coverage=CoverageEntry(
                payer_name="Aetna", payer_class=PayerClass.COMMERCIAL, member_id=f"W{number}"
            ),
        )
        for number in range(start, start + count)
    ]


def add_one_of_each(practice: Practice, patient_id: int) -> None:
    """One open record of every kind, in one change."""
    with practice.change("one of each") as session:
        coverage = session.get(Coverage, patient_id)  # numbered like its person by add_people
        assert coverage is not None and coverage.patient_id == patient_id
        office = Provider(name="Heart Center")
        session.add(office)
        session.flush()
        referral = Referral(
            patient_id=patient_id,
            provider_id=office.id,
            specialty="Cardiology",
            stage=ReferralStage.SENT,
            stage_on=date(2026, 11, 20),
            ordered_on=date(2026, 11, 18),
            sent_on=date(2026, 11, 20),
        )
        needed = Authorization(
            patient_id=patient_id, coverage_id=coverage.id, service="MRI", opened_on=date(2026, 11, 24)
        )
        submitted = Authorization(
            patient_id=patient_id,
            coverage_id=coverage.id,
            service="Wheelchair",
            status=AuthorizationStatus.SUBMITTED,
            opened_on=date(2026, 11, 20),
            submitted_at=datetime(2026, 11, 23, 15, tzinfo=UTC),
        )
        session.add_all([referral, needed, submitted])
        session.flush()
        session.add_all(
            [
                FollowUp(patient_id=patient_id, title="call about labs", due_on=date(2026, 12, 1)),
                Denial(
                    patient_id=patient_id,
                    coverage_id=coverage.id,
                    service="CT",
                    notice_on=date(2026, 11, 16),
                ),
                Transition(patient_id=patient_id, facility="General", discharged_on=date(2026, 11, 27)),
                Appointment(
                    patient_id=patient_id,
                    referral_id=referral.id,
                    starts_at=datetime(2026, 12, 3, 15, tzinfo=UTC),
                    booked_on=date(2026, 11, 20),
                ),
                EligibilityCheck(
                    patient_id=patient_id,
                    coverage_id=coverage.id,
                    checked_on=date(2026, 10, 1),
                    as_of=date(2026, 10, 1),
                    result="active",
                ),
            ]
        )
