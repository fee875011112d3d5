"""Two records of one person made one: which value stays, and what of the other record is not lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from carecoord_tui.domain.vocabulary import PatientStatus, Risk


@dataclass(frozen=True, slots=True)
class MergeField:
    """Something that is taken from one record or the other as a whole."""

    name: str
    label: str
    columns: tuple[str, ...]


def _field(label: str, *columns: str) -> MergeField:
    return MergeField(columns[0], label, columns)


FIELDS: tuple[MergeField, ...] = (
    _field("MRN", "mrn"),
    _field("last name", "family_name"),
    _field("first name", "given_name"),
    _field("middle name", "middle_name"),
    _field("preferred name", "preferred_name"),
    _field("prefix", "prefix"),
    _field("suffix", "suffix"),
    _field("birth date", "birth_date"),
    _field("sex", "sex"),
    _field(
        "status",
        "status", "status_on", "status_note", "hold_until", "deceased_on", "deceased_told_by", "check_in_on",
        "is_first_check_in",
    ),
    _field("risk", "risk"),
    _field("language", "language", "interpreter_needed", "interpreter_mode"),
    _field("e-mail", "email"),
    _field("address", "address_line", "city", "state", "postal_code"),
    _field("primary provider", "primary_provider"),
    _field("may be called", "call_from", "call_until", "time_zone"),
    _field("voicemail", "detailed_voicemail"),
)  # fmt: skip
"""What a person chooses between. The hours are local to their time zone, so they go together."""
PROTECTING = ("confidential_channel", "safe_contact", "safe_contact_reason", "minor_consent")
"""Columns that hold for the one record as for the two: never dropped by choice."""
BY_NAME: Mapping[str, MergeField] = {field.name: field for field in FIELDS}
_SAYS_NOTHING = ("", "unknown")


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A field of both records, in words; empty where a record does not say."""

    field: MergeField
    ours: str
    theirs: str

    @property
    def differs(self) -> bool:
        """True when both say something, and not the same."""
        return bool(self.ours and self.theirs) and self.ours != self.theirs


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What would become of two records. ``ours`` stays, ``theirs`` goes into it."""

    our_id: int
    their_id: int
    our_name: str
    their_name: str
    versions: tuple[int, int]
    lines: tuple[MergeLine, ...]
    moves: tuple[tuple[str, int], ...]
    """Kind of record, how many of them move."""
    makes_confidential: bool
    """Only the record that goes has a confidential channel; then it binds the one that stays."""
    is_bound: bool = False
    """Either record limits how the person may be reached: what reaches them stays out of the note."""


def first_choice(preview: MergePreview) -> frozenset[str]:
    """Fields proposed from the record that goes: what the other lacks, and a place in the open caseload."""
    found = {line.field.name for line in preview.lines if line.theirs and not line.ours}
    for line in preview.lines:
        if line.field.name != "status":
            continue
        if _has_died(line.theirs) or (
            not _has_died(line.ours) and not _is_open(line.ours) and _is_open(line.theirs)
        ):
            found.add("status")
        else:
            found.discard("status")
    return frozenset(found)


REACHING = frozenset({"email", "address_line"})
OUT_OF_NOTES = "(not kept in a note)"
_SINCE = "since "


def not_taken(preview: MergePreview, take: Collection[str]) -> tuple[tuple[str, str], ...]:
    """(label, value) of what the one record says no more, so that a note keeps it.

    Of what reaches a person who limited that, the note says only that there was something.
    """
    lost = []
    for line in preview.lines:
        kept, other = (line.theirs, line.ours) if line.field.name in take else (line.ours, line.theirs)
        if line.field.name == "status":
            kept, other = _standing(kept), _standing(other)
        if other in ("", kept) or (line.field.name, other) in _USUAL:
            continue
        hidden = preview.is_bound and line.field.name in REACHING
        lost.append((line.field.label, OUT_OF_NOTES if hidden else other))
    return tuple(lost)


_USUAL = (("status", PatientStatus.ACTIVE.label), ("risk", Risk.LOW.value))
"""What everybody is without anybody having said so."""


def _standing(words: str) -> str:
    """A status without the day it began, which every record has."""
    return " · ".join(part for part in words.split(" · ") if not part.startswith(_SINCE))


def note_of(preview: MergePreview, take: Collection[str], others: Iterable[tuple[str, str]] = ()) -> str:
    """The note that stays on the person: whose record was merged, and what of it stands nowhere else.

    ``others`` are (label, value) of what is dropped besides fields.
    """
    lost = "; ".join(f"{label} {value}" for label, value in (*not_taken(preview, take), *others))
    text = f"Merged with another record of this person, {preview.their_name}."
    return f"{text} Not taken over: {lost}." if lost else text


def says(value: str) -> str:
    """A stored word as it is compared: what means "not known" says nothing."""
    return "" if value in _SAYS_NOTHING else value


def _has_died(words: str) -> bool:
    """A death on either record stands: a merge never takes it back."""
    return words.partition(" · ")[0] == PatientStatus.DECEASED.label


def _is_open(words: str) -> bool:
    return words.partition(" · ")[0] in (PatientStatus.ACTIVE.label, PatientStatus.ON_HOLD.label)
