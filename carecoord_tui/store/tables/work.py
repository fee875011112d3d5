"""The coordinator's own records: follow-ups, contacts, notes, moved dates."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import (
    Channel,
    CoverMark,
    Direction,
    FollowUpKind,
    FollowUpStatus,
    Kind,
    MoveEvent,
    Outcome,
    Priority,
    WaitingOn,
)
from carecoord_tui.store.tables.base import RECORD_ARGS, Record, UtcDateTime, Word


class FollowUp(Record, table=True):
    """Something the coordinator owes on a date (FHIR Task)."""

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.Index("ix_follow_up_patient", "patient_id"),
        sa.Index("ix_follow_up_status", "status", "due_on"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    title: str = Field(max_length=200)
    kind: FollowUpKind = Field(default=FollowUpKind.OTHER, sa_type=Word(FollowUpKind))
    priority: Priority = Field(default=Priority.NORMAL, sa_type=Word(Priority))
    status: FollowUpStatus = Field(default=FollowUpStatus.OPEN, sa_type=Word(FollowUpStatus))
    due_on: date  # the original promise; moving it is a moved_date row, so a defer stays a miss
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    legal_on: date | None = None  # somebody else's last day, when there is one
    recurrence: str = Field(default="", max_length=200)  # RFC 5545 RRULE
    previous_id: int | None = Field(default=None, foreign_key="follow_up.id")
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_on: date | None = None
    source: str = Field(default="", max_length=40)  # "import", "quick-add", "recurrence" or empty
    note: str = Field(default="", max_length=1000)


class Contact(Record, table=True):
    """One attempt or conversation, and what it was about (FHIR Communication)."""

    __tablename__ = "contact"
    __table_args__ = (
        sa.Index("ix_contact_patient", "patient_id", "at"),
        sa.Index("ix_contact_about", "about_kind", "about_id"),
        sa.CheckConstraint("minutes >= 0", name="ck_contact_minutes"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    at: datetime = Field(sa_type=UtcDateTime)
    direction: Direction = Field(default=Direction.OUTGOING, sa_type=Word(Direction))
    channel: Channel = Field(default=Channel.PHONE, sa_type=Word(Channel))
    outcome: Outcome = Field(sa_type=Word(Outcome))
    about_kind: Kind | None = Field(default=None, sa_type=Word(Kind))
    about_id: int | None = None
    about_rule: str = Field(default="", max_length=60)
    made_by: str = Field(default="", max_length=120)
    by_clinical_staff: bool = False
    spoke_with: str = Field(default="", max_length=160)
    reference: str = Field(default="", max_length=80)
    minutes: int | None = None  # time spent; logs of chronic care management add it up
    note: str = Field(default="", max_length=4000)
    payer_id: int | None = None  # a call to a payer: its number


class Note(Record, table=True):
    """Free text on a patient, or on one of their records."""

    __tablename__ = "note"
    __table_args__ = (sa.Index("ix_note_patient", "patient_id", "at"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    at: datetime = Field(sa_type=UtcDateTime)
    about_kind: Kind | None = Field(default=None, sa_type=Word(Kind))
    about_id: int | None = None
    text: str = Field(max_length=8000)
    source: str = Field(default="", max_length=40)


class MovedDate(Record, table=True):
    """A work item moved to another date or event, with who owes the next step.

    The source of every deferral: the original target stays beside it, so a defer stays a miss.
    """

    __tablename__ = "moved_date"
    __table_args__ = (
        sa.UniqueConstraint("kind", "record_id", "rule_id"),
        sa.Index("ix_moved_date_patient", "patient_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    kind: Kind = Field(sa_type=Word(Kind))
    record_id: int
    rule_id: str = Field(max_length=60)
    until_on: date
    until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    event: MoveEvent | None = Field(default=None, sa_type=Word(MoveEvent))
    waiting_on: str = Field(default="", max_length=120)
    original_on: date
    reason: str = Field(default="", max_length=200)
    moved_at: datetime = Field(sa_type=UtcDateTime)
    waiting_kind: WaitingOn | None = Field(default=None, sa_type=Word(WaitingOn))
    waiting_since: date | None = None
    promised_on: date | None = None  # what they said; ``until_on`` is when to chase
    payer_id: int | None = Field(default=None, foreign_key="payer.id")
    provider_id: int | None = Field(default=None, foreign_key="provider.id")


class Snippet(Record, table=True):
    """A text that a short word stands for in any note; a template has lines to fill in."""

    __tablename__ = "snippet"
    __table_args__ = RECORD_ARGS

    word: str = Field(max_length=24, unique=True)  # typed as ;word
    title: str = Field(default="", max_length=120)
    text: str = Field(max_length=4000)
    is_template: bool = False  # offered as the beginning of a note


class ItemCover(Record, table=True):
    """What the coordinator decided about an open item for her day off, where it is not the proposal."""

    __tablename__ = "item_cover"
    __table_args__ = (
        sa.UniqueConstraint("kind", "record_id", "rule_id"),
        sa.Index("ix_item_cover_patient", "patient_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    kind: Kind = Field(sa_type=Word(Kind))
    record_id: int
    rule_id: str = Field(max_length=60)
    mark: CoverMark = Field(sa_type=Word(CoverMark))
    until_on: date  # the day back: afterwards the mark means nothing
    note: str = Field(default="", max_length=200)
