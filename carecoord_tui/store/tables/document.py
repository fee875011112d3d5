"""Documents, what is known of a person's history, and what left the practice.

A document's bytes stand apart, named by their SHA-256: they are written once and never changed, so the
audit keeps the hash instead of the file, and taking an attachment back and bringing it back loses nothing.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from carecoord_tui.domain.vocabulary import Channel, DocumentKind, HistoryKind, Purpose
from carecoord_tui.store.tables.base import RECORD_ARGS, Record, UtcDateTime, Word


class DocumentContent(SQLModel, table=True):
    """The bytes of a document. Not a record: written once, proven by its own name."""

    __tablename__ = "document_content"

    sha256: str = Field(primary_key=True, max_length=64)
    content: bytes = Field(sa_type=sa.LargeBinary)


class Document(Record, table=True):
    """A file kept with a person, often a specialist's report (FHIR DocumentReference)."""

    __tablename__ = "document"
    __table_args__ = (
        sa.Index("ix_document_patient", "patient_id"),
        sa.Index("ix_document_referral", "referral_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    referral_id: int | None = Field(default=None, foreign_key="referral.id")
    kind: DocumentKind = Field(default=DocumentKind.OTHER, sa_type=Word(DocumentKind))
    title: str = Field(max_length=160)
    file_name: str = Field(max_length=160)
    media_type: str = Field(max_length=80)  # found in the content, never taken from the name
    size: int  # bytes
    sha256: str = Field(foreign_key="document_content.sha256", max_length=64)
    received_on: date
    added_at: datetime = Field(sa_type=UtcDateTime)
    reviewed_on: date | None = None
    reviewed_by: str = Field(default="", max_length=120)
    is_part2: bool = False  # substance-use record (42 CFR Part 2): consent before release
    is_sensitive: bool = False  # state law may limit release
    note: str = Field(default="", max_length=400)


class HistoryItem(Record, table=True):
    """One line of a person's history, as far as a referral needs it."""

    __tablename__ = "history_item"
    __table_args__ = (sa.Index("ix_history_item_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    kind: HistoryKind = Field(sa_type=Word(HistoryKind))
    text: str = Field(max_length=240)
    code: str = Field(default="", max_length=20)  # ICD-10-CM where somebody entered one
    noted_on: date | None = None
    is_active: bool = True
    is_part2: bool = False
    is_sensitive: bool = False
    note: str = Field(default="", max_length=400)


class Disclosure(Record, table=True):
    """Something about a person that left the practice: to whom, what, why (45 CFR 164.528)."""

    __tablename__ = "disclosure"
    __table_args__ = (sa.Index("ix_disclosure_patient", "patient_id", "at"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    referral_id: int | None = Field(default=None, foreign_key="referral.id")
    at: datetime = Field(sa_type=UtcDateTime)
    recipient: str = Field(max_length=200)
    what: str = Field(max_length=600)
    purpose: Purpose = Field(sa_type=Word(Purpose))
    channel: Channel = Field(default=Channel.FAX, sa_type=Word(Channel))
    made_by: str = Field(default="", max_length=120)
    has_part2: bool = False
    note: str = Field(default="", max_length=400)
