"""Who is calling: people by name, birth date or the caller's digits; and clinicians named before."""

from __future__ import annotations

from dataclasses import dataclass

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.store.queries.patients import JUMP_LIMIT, jump, read_rows
from carecoord_tui.store.queries.today import Execute

LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """A person on file the call may be about; ``related_id`` when somebody around them is who was typed."""

    person: PatientListRow
    related_id: int | None = None
    related_name: str = ""


def find_callers(
    execute: Execute, text: str, *, order: DateOrder = DateOrder.MDY, limit: int = JUMP_LIMIT
) -> list[Caller]:
    """The people a name, birth date, MRN or phone digits find (``queries.patients.jump``).

    The digits and the name of their family or proxy find a patient too; those stand after the patients' own.
    """
    found = [Caller(row) for row in jump(execute, text, order=order, limit=limit)]
    known = {caller.person.id for caller in found}
    around = [*_by_related_number(execute, text, limit), *_by_related_name(execute, text, limit)]
    related = {
        patient_id: (related_id, name) for patient_id, related_id, name in around if patient_id not in known
    }
    rows = read_rows(execute, list(related))
    return [*found, *(Caller(row, *related[row.id]) for row in rows)][:limit]


_Related = tuple[int, int, str]
"""Patient, person around them, the name of that person."""


def _by_related_number(execute: Execute, text: str, limit: int) -> list[_Related]:
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    if len(digits) < LAST_DIGITS or any(char.isalpha() or char == "/" for char in text):
        return []
    rows = execute(
        "SELECT patient_id, max(id), name FROM related_person WHERE phone LIKE ? GROUP BY patient_id LIMIT ?",
        [f"%{digits[-10:]}", limit],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _by_related_name(execute: Execute, text: str, limit: int) -> list[_Related]:
    """People around patients in whose names a word begins with each typed word, accents and case aside.

    SQLite does not fold accents: names that are not plain ASCII are all compared here.
    """
    words = _words(text)
    if not words or any(char.isdigit() for char in text):
        return []
    found: dict[int, _Related] = {}
    for patient_id, related_id, name in execute(
        "SELECT r.patient_id, r.id, r.name FROM related_person r JOIN patient p ON p.id = r.patient_id"
        " WHERE p.merged_into_id IS NULL AND (r.name LIKE ? OR r.name GLOB '*[^ -~]*') ORDER BY r.id",
        [f"%{max(words, key=len)}%"],
    ):
        own = _words(name)
        if all(any(one.startswith(word) for one in own) for word in words):
            found.setdefault(patient_id, (patient_id, related_id, name))
            if len(found) == limit:
                break
    return list(found.values())


def _words(text: str) -> list[str]:
    return fold(text).replace(",", " ").split()


def usual_clinician(execute: Execute, patient_id: int | None) -> str:
    """The clinician calls were last handed to, else the patient's own; empty when nobody was ever named."""
    for (name,) in execute(
        "SELECT handed_to FROM incoming_call WHERE handed_to <> '' ORDER BY id DESC LIMIT 1", []
    ):
        return str(name)
    for (name,) in execute("SELECT primary_provider FROM patient WHERE id = ?", [patient_id]):
        return str(name)
    return ""


def handed_to(execute: Execute, call_id: int) -> str:
    """The clinician a call was handed to; empty when nobody was named."""
    for (name,) in execute("SELECT handed_to FROM incoming_call WHERE id = ?", [call_id]):
        return str(name)
    return ""
