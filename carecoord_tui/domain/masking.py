"""What stands of a person on the screen while somebody looks on (``z``): no number, no birth date, no ID.

Names are masked by ``names.mask`` where they are drawn; everything else is masked here, once, before a
record is handed to what draws it. A masked record is for the screen only: no form may be filled from it.
"""

from __future__ import annotations

from dataclasses import replace

from carecoord_tui.domain.patient_words import PatientRef
from carecoord_tui.domain.rows import CoverageRow, PatientListRow, PersonView, RelatedRow

MASK = "***"


def masked_text(text: str) -> str:
    """``***`` for what is there; nothing stays nothing."""
    return MASK if text else ""


def masked_person(person: PersonView) -> PersonView:
    """The person without phones, address, email, birth date, MRN, member IDs, nor those of people around.

    The birth date itself stays, since authority is judged by it; ``is_masked`` keeps it from being drawn.
    """
    return replace(
        person,
        is_masked=True,
        mrn=masked_text(person.mrn),
        email=masked_text(person.email),
        address_line=masked_text(person.address_line or person.city or person.postal_code),
        city="",
        state="",
        postal_code="",
        phones=tuple(replace(phone, number=MASK, note="") for phone in person.phones),
        coverages=tuple(map(masked_coverage, person.coverages)),
        related=tuple(map(masked_related, person.related)),
    )


def masked_coverage(plan: CoverageRow) -> CoverageRow:
    """The plan without its numbers."""
    return replace(plan, member_id=masked_text(plan.member_id), group_number=masked_text(plan.group_number))


def masked_related(one: RelatedRow) -> RelatedRow:
    """Somebody around the patient without number, email, birth date and what was written about them."""
    return replace(
        one,
        phone=masked_text(one.phone),
        email=masked_text(one.email),
        note=masked_text(one.note),
        birth_date=None,
    )


def masked_line(line: PatientListRow) -> PatientListRow:
    """A line of a list without birth date and MRN."""
    return replace(line, mrn=masked_text(line.mrn), birth_date=None)


def masked_ref(ref: PatientRef) -> PatientRef:
    """A patient to choose without birth date and MRN."""
    return replace(ref, mrn=masked_text(ref.mrn), birth_date=None)
