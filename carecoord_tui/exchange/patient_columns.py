"""The columns of a patient list."""

from __future__ import annotations

from collections.abc import Mapping

from carecoord_tui.exchange.columns import (
    WITHHELD,
    ColumnError,
    ColumnMap,
    FieldSet,
    LeftOut,
    column_letters,
    parse_overrides,
)
from carecoord_tui.exchange.header_words import DATE_FIELDS, NAMES

__all__ = [
    "FIELDS",
    "PATIENTS",
    "ColumnError",
    "ColumnMap",
    "LeftOut",
    "column_letters",
    "field_of",
    "is_known_header",
    "label",
    "map_columns",
    "parse_overrides",
]


def _notes(fields: Mapping[str, int]) -> tuple[str, ...]:
    notes = []
    if "birth_date" not in fields:
        notes.append("No column with the birth date was recognised: patients are imported without one.")
    if "mrn" not in fields:
        notes.append(
            "No column with the MRN was recognised: a second import finds people by name and birth date."
        )
    if "confidential_channel" in fields:
        notes.append(
            "Who is contacted only at permitted numbers may be reached at the numbers of the row alone; "
            "an import sets this and never takes it away."
        )
    return tuple(notes)


PATIENTS = FieldSet(
    names=NAMES,
    dates=DATE_FIELDS,
    labels={
        "mrn": "MRN",
        "due_on": "due",
        "last_contact_on": "last contact",
        "deceased_on": "date of death",
        "interpreter_needed": "interpreter",
        "confidential_channel": "contact only at permitted numbers",
        "safe_contact": "safe contact instructions",
        "record": "Carecoord record",
    },
    notes=_notes,
    withheld=WITHHELD,
    prefixes={"notes": "notes", "note": "notes"},
)
FIELDS = PATIENTS.fields
"""Every field a column can be mapped to."""

field_of = PATIENTS.field_of
is_known_header = PATIENTS.is_known_header
label = PATIENTS.label
map_columns = PATIENTS.map_columns
