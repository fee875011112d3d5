"""People as a spreadsheet gives them, on their way into the store.

``Incoming`` says what the file says and nothing else: empty text and None mean that the file is silent,
and what is silent is never written. ``written`` is what the import then remembers of a person, so that
the next import of the file knows which stored values are its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.quick_words import VERBS, words_of
from carecoord_tui.domain.vocabulary import FollowUpKind, PatientStatus, PayerClass, Risk
from carecoord_tui.store.tables import FollowUp, Note, Patient, Record

SOURCE = "import"
"""The ``source`` of every note and follow-up that an import writes."""
RECORD_SOURCE = "patients"
"""The ``source`` of the import records: which importer they belong to."""
UNNAMED_STEP = "Follow up (from the spreadsheet)"
OPEN_STATUSES = (PatientStatus.ACTIVE, PatientStatus.ON_HOLD)

VALUE_FIELDS = (
    "family_name",
    "given_name",
    "middle_name",
    "preferred_name",
    "prefix",
    "suffix",
    "birth_date",
    "sex",
    "mrn",
    "status",
    "hold_until",
    "status_note",
    "deceased_on",
    "deceased_told_by",
    "risk",
    "language",
    "email",
    "address_line",
    "city",
    "state",
    "postal_code",
    "primary_provider",
    "interpreter_needed",
    "interpreter_mode",
    "confidential_channel",
    "safe_contact",
    "minor_consent",
    "detailed_voicemail",
    "call_from",
    "call_until",
    "time_zone",
)
"""Columns of ``patient`` that a file may set."""

# Exact words only: "Humana" may be any of five classes, and a wrong class runs a wrong clock.
_PAYER_CLASSES = {
    "medicare": PayerClass.MEDICARE,
    "medicaid": PayerClass.MEDICAID_FFS,
    **dict.fromkeys(("self-pay", "self pay", "selfpay"), PayerClass.SELF_PAY),
}


@dataclass(frozen=True, slots=True)
class IncomingStep:
    """A next step, a due date, or both. ``due_at`` is aware; ``title`` is empty for a bare date."""

    title: str
    due_on: date | None = None
    due_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class IncomingCoverage:
    """A plan; the payer is always named."""

    payer_name: str
    plan_name: str = ""
    member_id: str = ""
    group_number: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One person of a file, values typed as the tables take them."""

    line: int
    key: str
    """Identifies the person from import to import: the MRN, else name, birth date and occurrence."""
    values: Mapping[str, Any]
    """Column of ``patient`` -> value, for ``VALUE_FIELDS`` that the file gives."""
    phones: tuple[tuple[str, str], ...] = ()
    """(label, E.164 number), the best first."""
    coverage: IncomingCoverage | None = None
    step: IncomingStep | None = None
    last_contact_on: date | None = None
    notes: str = ""
    says_living: bool = False
    """The file has a column for deaths and it is empty here."""

    @property
    def status(self) -> PatientStatus:
        """The status the person would be created with."""
        status: PatientStatus = self.values.get("status", PatientStatus.ACTIVE)
        return status

    @property
    def risk(self) -> Risk:
        """The risk tier the person would be created with."""
        risk: Risk = self.values.get("risk", Risk.LOW)
        return risk


def title_of(step: IncomingStep) -> str:
    """What the follow-up is called."""
    return step.title or UNNAMED_STEP


def kind_of(title: str) -> FollowUpKind:
    """The kind a leading verb stands for (``quick_words.VERBS``); other when it is none of them."""
    words = words_of(title)
    verb = VERBS.get(words[0].text.casefold().strip(":,.;!-")) if words else None
    return verb.kind if verb else FollowUpKind.OTHER


def payer_class_of(name: str) -> PayerClass:
    """The class of a payer whose name is one of few exact words; else unknown, for a person to say."""
    return _PAYER_CLASSES.get(fold(name).strip(), PayerClass.UNKNOWN)


def last_contact_text(day: date) -> str:
    """The note that keeps a "last contact" date. It is no contact: nobody knows how that one ended."""
    return f"Last contact {format_birth(day)} (from the spreadsheet)"


def length_of(model: type[Record], column: str) -> int:
    """Characters a text column is made for."""
    table = model.__table__  # type: ignore[attr-defined]
    return int(table.columns[column].type.length)


NOTE_LENGTH = length_of(Note, "text")
TITLE_LENGTH = length_of(FollowUp, "title")
STEP_NOTE_LENGTH = length_of(FollowUp, "note")
MRN_LENGTH = length_of(Patient, "mrn")


def note_pieces(text: str) -> list[str]:
    """A long note in parts that fit one note each, cut at a line or word where possible."""
    pieces = []
    while len(text) > NOTE_LENGTH:
        cut = max(text.rfind("\n", 0, NOTE_LENGTH), text.rfind(" ", 0, NOTE_LENGTH))
        cut = cut if cut > NOTE_LENGTH // 2 else NOTE_LENGTH
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces


def written_values(person: Incoming) -> dict[str, object]:
    """What creating this person writes; ids of the records are added by the importer."""
    written: dict[str, object] = {"status": person.status, "risk": person.risk, **person.values}
    if person.phones:
        written["phones"] = [list(phone) for phone in person.phones]
    if person.coverage is not None:
        written.update(written_coverage(person.coverage))
    if person.last_contact_on is not None:
        written["last_contact_on"] = person.last_contact_on
    if person.notes:
        written["notes"] = person.notes
    return written


def written_coverage(coverage: IncomingCoverage) -> dict[str, object]:
    """The coverage's part of :func:`written_values`."""
    return {
        "payer_name": coverage.payer_name,
        "plan_name": coverage.plan_name,
        "member_id": coverage.member_id,
        "group_number": coverage.group_number,
    }


def written_step(follow_up_id: int, title: str, due_on: date, due_at: datetime | None) -> dict[str, object]:
    """The next step's part of :func:`written_values`."""
    return {
        "follow_up_id": follow_up_id,
        "next_step": title,
        "due_on": due_on,
        "due_at": due_at,
    }
