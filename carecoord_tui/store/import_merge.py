"""What a file changes about people the practice has already: compared first, written afterwards.

One rule for nearly every value: the file overwrites a stored one only where that is still what the last
import wrote, or where nothing is stored. Any other difference is a conflict; it is reported and left alone.
What protects somebody is never taken away, even where an import had set it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.vocabulary import FollowUpStatus, PatientStatus
from carecoord_tui.store.codec import plain
from carecoord_tui.store.incoming import (
    OPEN_STATUSES,
    Incoming,
    IncomingCoverage,
    IncomingStep,
    note_pieces,
    title_of,
    written_coverage,
)

_EMPTY = (None, "")
_SAYS_NOTHING = {"sex": "unknown", "interpreter_needed": False, "confidential_channel": False}
_WEAKENS = {"confidential_channel": False, "detailed_voicemail": True}
"""Values that never replace the other one (45 CFR 164.522): a person must take a protection away."""
_GOES_WITH = {"hold_until": PatientStatus.ON_HOLD, "deceased_told_by": PatientStatus.DECEASED}
_NAMES = ("family_name", "given_name", "middle_name", "preferred_name", "prefix", "suffix")
_COVERAGE_DETAILS = ("plan_name", "member_id", "group_number")


@dataclass(frozen=True, slots=True)
class StoredCoverage:
    """The plan that pays first."""

    id: int
    payer_name: str
    plan_name: str
    member_id: str
    group_number: str


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A follow-up, as far as an import looks at it."""

    id: int
    title: str
    status: FollowUpStatus
    due_on: date
    due_at: str | None
    is_moved: bool


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """What is stored of a person whom a row of the file names."""

    id: int
    values: Mapping[str, Any]
    """Columns of ``patient``, typed."""
    phones: tuple[tuple[str, str], ...]
    coverage: StoredCoverage | None
    steps: Mapping[int, StoredStep]
    """The follow-up the last import wrote, and every open one, by number."""
    notes: Mapping[int, str]
    """The notes the last import wrote, by number."""
    record_id: int | None
    """The import record; None for somebody no import has written."""
    written: Mapping[str, Any]
    """What the last import wrote; empty without a record."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of the file that was not taken over. The texts are for the screen, never for a log."""

    field: str
    in_file: str
    stored: str


@dataclass(slots=True)
class Merge:
    """What the file changes about one person, and what it would change if it might."""

    stored: StoredPerson
    person: Incoming
    values: dict[str, Any] = field(default_factory=dict)
    phones: tuple[tuple[str, str], ...] | None = None
    coverage: dict[str, str] = field(default_factory=dict)
    """Details to change on the present coverage."""
    new_coverage: IncomingCoverage | None = None
    step: dict[str, Any] = field(default_factory=dict)
    """Columns to change on the follow-up the last import wrote."""
    new_step: IncomingStep | None = None
    last_contact_on: date | None = None
    note: tuple[int, str] | None = None
    """A note to rewrite: its number and new text."""
    new_notes: str = ""
    conflicts: list[Difference] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        """True when something is to be written."""
        return bool(
            self.values
            or self.phones is not None
            or self.coverage
            or self.new_coverage
            or self.step
            or self.new_step
            or self.last_contact_on
            or self.note
            or self.new_notes
        )

    @property
    def is_open(self) -> bool:
        """Whether the person is in the caseload once this is written."""
        return self.status in OPEN_STATUSES

    @property
    def status(self) -> PatientStatus:
        """The status of the person once this is written."""
        status: PatientStatus = self.values.get("status", self.stored.values["status"])
        return status

    @property
    def turns_confidential(self) -> bool:
        """Whether the person is contacted only at permitted numbers from now on."""
        return self.values.get("confidential_channel") is True


def compare(person: Incoming, stored: StoredPerson) -> Merge:
    """Compare one person of a file with what is stored. Pure; nothing is written."""
    merge = Merge(stored, person)
    if not is_same_person(person.values, stored.values):
        file, ours = _identity(person.values), _identity(stored.values)
        merge.conflicts.append(Difference("name and birth date", file, ours))
        return merge
    for name, value in person.values.items():
        if _GOES_WITH.get(name) in (None, merge.status):
            _compare_value(merge, name, value)
    if (
        person.says_living
        and stored.values["status"] is PatientStatus.DECEASED
        and "status" not in person.values
    ):
        merge.conflicts.append(Difference("status", "no date of death", "deceased"))
    _compare_phones(merge)
    _compare_coverage(merge)
    _compare_step(merge)
    _compare_last_contact(merge)
    _compare_notes(merge)
    return merge


def is_same_person(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Two people under one MRN are one when name or birth date agree: a slip in either is common."""
    born, other_born = one.get("birth_date"), other.get("birth_date")
    return (born is not None and born == other_born) or _names(one) == _names(other)


def _names(values: Mapping[str, Any]) -> tuple[str, str]:
    return fold(values.get("family_name") or ""), fold(values.get("given_name") or "")


def _identity(values: Mapping[str, Any]) -> str:
    born = values.get("birth_date")
    name = f"{values.get('family_name', '')}, {values.get('given_name', '')}".strip(", ")
    return f"{name}, {born}" if born else name


def _may_write(written: Mapping[str, Any], name: str, stored: object) -> bool:
    """The one rule; ``stored`` as JSON knows it."""
    if name in written:
        return bool(written[name] == stored)
    return stored in _EMPTY or stored == _SAYS_NOTHING.get(name)


def _compare_value(merge: Merge, name: str, value: object) -> None:
    mine, theirs = plain(value), plain(merge.stored.values[name])
    if _composed(mine) == _composed(theirs) or (
        name == "mrn" and str(mine).casefold() == str(theirs or "").casefold()
    ):
        return
    weakens = name in _WEAKENS and value == _WEAKENS[name] and theirs is not None
    # The MRN on file stays whoever wrote it: another one is no correction but perhaps another person.
    is_kept = weakens or (name == "mrn" and theirs is not None)
    may_write = not is_kept and _may_write(merge.stored.written, name, theirs)
    if _is_other_spelling(name, mine, theirs) and (not may_write or _is_in_one_case(mine)):
        return  # what is on file stays
    if may_write:
        merge.values[name] = value
    else:
        merge.conflicts.append(Difference(name, _shown(mine), _shown(theirs)))


def _composed(value: object) -> object:
    """Text in NFC, as files are read: what was stored otherwise is the same text."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _is_other_spelling(name: str, one: object, other: object) -> bool:
    """The same words but for case and accents, in names for punctuation too: ``ONEIL`` and ``O’Neil``."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    same = _letters if name in _NAMES else fold
    return same(one) == same(other) != ""


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _is_in_one_case(text: object) -> bool:
    """``ALVAREZ`` and ``alvarez``: how systems write, not how somebody is called."""
    return isinstance(text, str) and (text.isupper() or text.islower())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in _EMPTY else str(value)


def _compare_phones(merge: Merge) -> None:
    mine, theirs = merge.person.phones, merge.stored.phones
    if {number for _, number in mine} <= {number for _, number in theirs}:
        return
    if _may_write(merge.stored.written, "phones", [list(phone) for phone in theirs] or None):
        merge.phones = mine
    else:
        merge.conflicts.append(
            Difference("phones", ", ".join(n for _, n in mine), ", ".join(n for _, n in theirs) or "nothing")
        )


def _compare_coverage(merge: Merge) -> None:
    mine, theirs, written = merge.person.coverage, merge.stored.coverage, merge.stored.written
    if mine is None:
        return
    payer = theirs.payer_name if theirs else ""
    if theirs is None or fold(mine.payer_name) != fold(payer):
        if _may_write(written, "payer_name", payer):
            merge.new_coverage = mine
        else:
            merge.conflicts.append(Difference("payer_name", mine.payer_name, payer or "nothing"))
        return
    for name in _COVERAGE_DETAILS:
        value, present = getattr(mine, name), getattr(theirs, name)
        if not value or value == present:
            continue
        if _may_write(written, name, present):
            merge.coverage[name] = value
        else:
            merge.conflicts.append(Difference(name, value, _shown(present)))


def _compare_step(merge: Merge) -> None:
    step, stored, written = merge.person.step, merge.stored, merge.stored.written
    if step is None:
        return
    previous = stored.steps.get(written.get("follow_up_id", 0))
    if not _says_something_new(step, written) and (
        previous is None or previous.status is not FollowUpStatus.OPEN
    ):
        return  # done, dropped or taken away meanwhile: not asked for again
    if previous is not None and previous.status is FollowUpStatus.OPEN:
        _compare_open_step(merge, step, previous)
    elif stored.values["status"] is PatientStatus.DECEASED:
        merge.conflicts.append(Difference("next_step", title_of(step), "deceased"))
    elif not any(_is_same_step(step, other) for other in stored.steps.values()):
        merge.new_step = step


def _says_something_new(step: IncomingStep, written: Mapping[str, Any]) -> bool:
    if "follow_up_id" not in written:
        return True
    return (
        (bool(step.title) and step.title != written.get("next_step"))
        or (step.due_on is not None and step.due_on.isoformat() != written.get("due_on"))
        or (step.due_at is not None and plain(step.due_at) != written.get("due_at"))
    )


def _is_same_step(step: IncomingStep, other: StoredStep) -> bool:
    """Somebody typed the same thing by hand."""
    return (
        other.status is FollowUpStatus.OPEN
        and fold(title_of(step)) == fold(other.title)
        and step.due_on in (None, other.due_on)
    )


def _compare_open_step(merge: Merge, step: IncomingStep, previous: StoredStep) -> None:
    written = merge.stored.written
    if step.title and step.title != previous.title:
        if written.get("next_step") == previous.title:
            merge.step.update(title=step.title, note=step.note)
        else:
            merge.conflicts.append(Difference("next_step", step.title, previous.title))
    due, due_at = step.due_on, plain(step.due_at)
    if due is None or (due == previous.due_on and due_at in (None, previous.due_at)):
        return
    is_ours = (
        written.get("due_on") == previous.due_on.isoformat() and written.get("due_at") == previous.due_at
    )
    if is_ours and not previous.is_moved:
        merge.step.update(due_on=due, due_at=step.due_at)
    else:
        merge.conflicts.append(Difference("due_on", due.isoformat(), previous.due_on.isoformat()))


def _compare_last_contact(merge: Merge) -> None:
    day = merge.person.last_contact_on
    if day is not None and day.isoformat() != merge.stored.written.get("last_contact_on"):
        merge.last_contact_on = day


def _compare_notes(merge: Merge) -> None:
    """A changed note is rewritten where it is one note that still says what the import wrote."""
    text, stored = merge.person.notes, merge.stored
    before = stored.written.get("notes", "")
    if not text or text == before:
        return
    ids: Sequence[int] = stored.written.get("note_ids", [])
    if len(ids) == 1 and stored.notes.get(ids[0]) == before and len(note_pieces(text)) == 1:
        merge.note = (ids[0], text)
    else:
        merge.new_notes = text


def written_after(merge: Merge) -> dict[str, Any]:
    """What the import record holds once the merge is written; ids of new records are added by the caller."""
    written = dict(merge.stored.written)
    written.update((name, plain(value)) for name, value in merge.values.items())
    if merge.phones is not None:
        written["phones"] = [list(phone) for phone in merge.phones]
    if merge.new_coverage is not None:
        written.update(written_coverage(merge.new_coverage))
    written.update(merge.coverage)
    for name, column in (("next_step", "title"), ("due_on", "due_on"), ("due_at", "due_at")):
        if column in merge.step:
            written[name] = plain(merge.step[column])
    if merge.last_contact_on is not None:
        written["last_contact_on"] = merge.last_contact_on.isoformat()
    if merge.note is not None or merge.new_notes:
        written["notes"] = merge.person.notes
    return written
