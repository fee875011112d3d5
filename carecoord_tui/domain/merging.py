"""Two records of one person made one: which value stays, and what of the other record is not lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from carecoord_tui.domain.vocabulary import PatientStatus


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
    _field("may be called", "call_from", "call_until"),
    _field("time zone", "time_zone"),
    _field("voicemail", "detailed_voicemail"),
    _field("minor's consent", "minor_consent"),
)  # fmt: skip
"""What a person chooses between. A confidential channel and its safe contact are never dropped by choice."""
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


REACHING = frozenset({"email", "address", "address_line", "city", "state", "postal_code", "phone"})


def not_taken(preview: MergePreview, take: Collection[str]) -> tuple[tuple[str, str], ...]:
    """(label, value) of what is on neither record afterwards, unless a note keeps it."""
    lost = []
    for line in preview.lines:
        value = line.ours if line.field.name in take else line.theirs
        if (
            line.differs
            and value
            and line.field.name not in ("status", "risk")
            and not (preview.is_bound and line.field.name in REACHING)
        ):
            lost.append((line.field.label, value))
    return tuple(lost)


def note_of(preview: MergePreview, take: Collection[str]) -> str:
    """The note that stays on the person: whose record was merged, and what of it stands nowhere else."""
    lost = "; ".join(f"{label} {value}" for label, value in not_taken(preview, take))
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
