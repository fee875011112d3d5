"""Who is calling: people by name, birth date or the caller's digits; and clinicians named before."""

from __future__ import annotations

from dataclasses import dataclass

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.store.queries.patients import JUMP_LIMIT, jump, read_rows
from carecoord_tui.store.queries.today import Execute

LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """A person on file the call may be about; ``related_id`` when somebody around them has that number."""

    person: PatientListRow
    related_id: int | None = None


def find_callers(
    execute: Execute, text: str, *, order: DateOrder = DateOrder.MDY, limit: int = JUMP_LIMIT
) -> list[Caller]:
    """The people a name, birth date, MRN or phone digits find (``queries.patients.jump``).

    Digits also find the patient whose family or proxy has the number; those stand after the patients' own.
    """
    found = [Caller(row) for row in jump(execute, text, order=order, limit=limit)]
    known = {caller.person.id for caller in found}
    related = {
        patient_id: related_id
        for patient_id, related_id in _by_related_number(execute, text, limit)
        if patient_id not in known
    }
    rows = read_rows(execute, list(related))
    return [*found, *(Caller(row, related[row.id]) for row in rows)][:limit]


def _by_related_number(execute: Execute, text: str, limit: int) -> list[tuple[int, int]]:
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    if len(digits) < LAST_DIGITS or any(char.isalpha() or char == "/" for char in text):
        return []
    rows = execute(
        "SELECT patient_id, max(id) FROM related_person WHERE phone LIKE ? GROUP BY patient_id LIMIT ?",
        [f"%{digits[-10:]}", limit],
    )
    return [(row[0], row[1]) for row in rows]


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
