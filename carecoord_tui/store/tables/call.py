"""Incoming calls: logged, never triaged (``domain.md``, Contact)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import Disposition
from carecoord_tui.store.tables.base import RECORD_ARGS, Record, UtcDateTime, Word


class IncomingCall(Record, table=True):
    """Who called about what, what was read to them, and who took it over.

    A symptom, medicine problem or danger stays open until the clinician it was handed to accepted it;
    that is the one safety item of the ledger.
    """

    __tablename__ = "incoming_call"
    __table_args__ = (
        sa.Index("ix_incoming_call_patient", "patient_id", "at"),
        sa.CheckConstraint("minutes >= 0", name="ck_incoming_call_minutes"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")  # its line in the timeline
    at: datetime = Field(sa_type=UtcDateTime)
    caller: str = Field(default="", max_length=160)  # when it was not the patient
    relationship: str = Field(default="", max_length=60)
    callback_number: str = Field(default="", max_length=40)
    location: str = Field(default="", max_length=200)  # where the person is now, for an ambulance
    reason: str = Field(default="", max_length=1000)  # in the caller's words
    is_safety: bool = False  # "Symptom, medicine problem or danger?" was answered yes
    script_read: bool = False  # 911 and 988 were read out
    disposition: Disposition = Field(default=Disposition.MESSAGE_TAKEN, sa_type=Word(Disposition))
    handed_to: str = Field(default="", max_length=120)
    handed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_by: str = Field(default="", max_length=120)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clinician_said: str = Field(default="", max_length=400)  # unlocks booking for a safety call
    call_back_on: date | None = None
    minutes: int | None = None
    note: str = Field(default="", max_length=4000)
