"""The person, their phones and the people around them (FHIR Patient, ContactPoint, RelatedPerson)."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import InterpreterMode, PatientStatus, Risk, Sex
from carecoord_tui.store.tables.base import EMPTY, NO, RECORD_ARGS, YES, Record, UtcDateTime, Word


class Patient(Record, table=True):
    """One person of the caseload."""

    __tablename__ = "patient"
    __table_args__ = (
        sa.Index("ix_patient_sort", "sort_name", "id"),
        sa.Index("ix_patient_status", "status"),
        sa.CheckConstraint("mrn <> ''", name="ck_patient_mrn"),  # empty is NULL, or only one could be empty
        RECORD_ARGS,
    )

    mrn: str | None = Field(default=None, max_length=64, unique=True)
    family_name: str = Field(max_length=120)
    given_name: str = Field(default="", max_length=120)
    middle_name: str = Field(default="", max_length=120)
    preferred_name: str = Field(default="", max_length=120)
    prefix: str = Field(default="", max_length=40)
    suffix: str = Field(default="", max_length=40)
    birth_date: date | None = None
    sex: Sex = Field(default=Sex.UNKNOWN, sa_type=Word(Sex))
    status: PatientStatus = Field(
        default=PatientStatus.ACTIVE,
        sa_type=Word(PatientStatus),
    )
    status_on: date | None = None
    status_note: str = Field(default="", max_length=400)
    hold_until: date | None = None
    deceased_on: date | None = None
    risk: Risk = Field(default=Risk.LOW, sa_type=Word(Risk))
    check_in_on: date | None = None
    is_first_check_in: bool = False

    language: str = Field(default="", max_length=60)
    interpreter_needed: bool = False
    email: str = Field(default="", max_length=200)
    address_line: str = Field(default="", max_length=200)
    city: str = Field(default="", max_length=100)
    state: str = Field(default="", max_length=60)
    postal_code: str = Field(default="", max_length=20)
    primary_provider: str = Field(default="", max_length=120)

    call_from: time | None = None  # practice-local; outside it the person is not callable
    call_until: time | None = None
    detailed_voicemail: bool | None = None  # None: never asked
    confidential_channel: bool = False  # 45 CFR 164.522(b): only permitted phones are shown anywhere
    safe_contact: str = Field(default="", max_length=400)

    # Derived in the same transaction as every change (store.derived), never audited.
    sort_name: str = Field(default="", max_length=260)
    search_text: str = Field(default="", sa_type=sa.Text)
    last_contact_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    safe_contact_reason: str = Field(
        default="", max_length=400, sa_column_kwargs=EMPTY
    )  # sealed: shown on request alone, printed and exported never
    time_zone: str = Field(default="", max_length=60, sa_column_kwargs=EMPTY)  # IANA; empty: the practice's
    interpreter_mode: InterpreterMode | None = Field(default=None, sa_type=Word(InterpreterMode))
    minor_consent: str = Field(
        default="", max_length=400, sa_column_kwargs=EMPTY
    )  # the service a minor consented to alone, and the state's rule
    deceased_told_by: str = Field(default="", max_length=160, sa_column_kwargs=EMPTY)
    merged_into_id: int | None = Field(default=None, foreign_key="patient.id")  # FHIR Patient.link


class PatientPhone(Record, table=True):
    """A number of a patient, E.164."""

    __tablename__ = "patient_phone"
    __table_args__ = (sa.Index("ix_patient_phone_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    number: str = Field(max_length=40)
    label: str = Field(default="mobile", max_length=20)
    rank: int = 1  # FHIR ContactPoint.rank: 1 is tried first
    is_permitted: bool = False  # under a confidential channel only permitted numbers show
    note: str = Field(default="", max_length=200)


class RelatedPerson(Record, table=True):
    """Family, caregiver or proxy, with what may be told and until when."""

    __tablename__ = "related_person"
    __table_args__ = (sa.Index("ix_related_person_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    name: str = Field(max_length=160)
    relationship: str = Field(default="", max_length=60)
    phone: str = Field(default="", max_length=40)
    is_authorized: bool = False  # "authorized person": may hear what `scope` says
    scope: str = Field(default="", max_length=200)
    scope_until: date | None = None
    is_emergency_contact: bool = False
    note: str = Field(default="", max_length=400)
    email: str = Field(default="", max_length=200, sa_column_kwargs=EMPTY)
    birth_date: date | None = None  # a minor may not interpret (45 CFR 92.201)
    language: str = Field(default="", max_length=60, sa_column_kwargs=EMPTY)
    is_guardian: bool = Field(default=False, sa_column_kwargs=NO)  # a parent's authority lapses at 18


class CareTeamMember(Record, table=True):
    """Somebody who cares for the patient: a role, a name, a number (FHIR CareTeam.participant)."""

    __tablename__ = "care_team"
    __table_args__ = (sa.Index("ix_care_team_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    provider_id: int | None = Field(default=None, foreign_key="provider.id")
    name: str = Field(max_length=160)
    role: str = Field(default="", max_length=80)
    phone: str = Field(default="", max_length=40)
    fax: str = Field(default="", max_length=40)
    is_active: bool = Field(default=True, sa_column_kwargs=YES)
    note: str = Field(default="", max_length=400)
