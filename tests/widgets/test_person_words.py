"""What the pane says of a person who died, however the words were typed."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.tables import Patient
from carecoord_tui.widgets.person_pane import status_words

OLD_NOTE = "Told by her son. Outreach and visits stopped. Open for estate: hospital bill appeal."


@pytest.mark.parametrize(
    ("told_by", "note", "told"),
    [
        ("her son", "", " (told by her son)"),
        ("Told by her son.", "", " (told by her son)"),
        ("Dr. Marsh, her doctor", "", " (told by Dr. Marsh, her doctor)"),
        ("", OLD_NOTE, " (told by her son)"),
        ("", "Outreach and visits stopped.", ""),
        ("", "", ""),
    ],
)
def test_no_word_of_a_death_is_said_twice(practice: Practice, told_by: str, note: str, told: str) -> None:
    with practice.change("a death") as session:
        session.add(
            Patient(
                family_name="Kessler", given_name="Martha", status=PatientStatus.DECEASED,
                deceased_on=date(2026, 11, 27), deceased_told_by=told_by, status_note=note,
            )
        )  # fmt: skip
    person = read_person(practice.execute, 1)
    assert person is not None
    words = status_words(person, date(2026, 11, 30), 1)
    assert words == f"Died Fri 27 Nov{told}. Outreach and visits stopped. Open for estate: 1."
