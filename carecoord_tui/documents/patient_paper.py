"""One patient as Markdown, text or PDF: what is open, and what the record holds in short tables.

The confidential channel binds it (45 CFR 164.522(b)), and the reason of safe-contact instructions is not in
it at all. Records marked as substance-use records (42 CFR Part 2) or sensitive are in it only when somebody
said so, with the notice that goes along (42 CFR 2.32).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.documents import markdown, markdown_text, private_file, templating
from carecoord_tui.documents.patient_tables import patient_tables
from carecoord_tui.documents.pdf import render as render_pdf
from carecoord_tui.documents.release import sender_of
from carecoord_tui.domain.date_words import format_birth, format_day
from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.packet import PART2_NOTICE
from carecoord_tui.domain.release import marked_words, may_leave
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.exchange.exports.writing import write_file
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.store.queries.withheld import count_marked, withheld_records

FORMATS = (".md", ".pdf")


@dataclass(frozen=True, slots=True)
class PatientPaper:
    """Where it lies; ``pages`` is 0 for Markdown.

    ``withheld`` marked records were left out; ``unprintable`` characters are only a mark in it.
    """

    path: Path
    pages: int = 0
    withheld: int = 0
    unprintable: int = 0


def make_patient_paper(
    practice: Practice,
    patient_id: int,
    path: Path | None = None,
    *,
    suffix: str = ".pdf",
    with_part2: bool = False,
) -> PatientPaper:
    """Write the paper, into the practice's papers folder unless told where; logged as an export.

    ``with_part2``: the records marked Part 2 or sensitive are in it; somebody checked the consent.

    Raises Refused for a person who is gone or another ending, StoreError for a template or place that
    cannot be used, ReadOnly where it cannot be recorded; then nothing was written.
    """
    check_may_leave(practice)
    ending = path.suffix.lower() if path is not None else suffix
    if ending not in FORMATS:
        raise Refused("A patient is written as Markdown or PDF: give a name that ends in .md or .pdf.")
    marked = count_marked(practice.execute, patient_id)
    blocks = markdown.parse(markdown_of(practice, patient_id, with_part2=with_part2))
    content, pages, unprintable = markdown_text.render(blocks).encode("utf-8"), 0, 0
    if ending == ".pdf":
        pdf = render_pdf(
            blocks,
            title=f"Patient {patient_id}",
            foot="Confidential: protected health information.",
        )
        content, pages, unprintable = pdf.content, pdf.pages, pdf.unprintable
    practice.record_event(
        f"export of one patient{marked_words(marked, with_part2=with_part2)}",
        kind="export",
        patient_id=patient_id,
    )
    if path is None:
        name = f"patient-{patient_id}-{practice.today().isoformat()}{ending}"
        path = private_file.write_paper(practice.paths, name, content)
    else:
        write_file(path, content)
    return PatientPaper(path, pages, 0 if with_part2 else marked, unprintable)


def markdown_of(
    practice: Practice, patient_id: int, folder: Path | None = None, *, with_part2: bool = False
) -> str:
    """The paper as Markdown. Raises Refused and StoreError as :func:`make_patient_paper`."""
    person = read_person(practice.execute, patient_id, contacts=0)
    if person is None:
        raise Refused("That person is no longer there; the list was out of date.")
    withheld = frozenset[Record]() if with_part2 else withheld_records(practice.execute, patient_id)
    values = fields(practice, person, withheld, with_marked=with_part2)
    text = templating.fill(templating.PATIENT, values, folder)
    notice = PART2_NOTICE if with_part2 and count_marked(practice.execute, patient_id) else ""
    return before_anything(may_leave(person).notices, text) + (f"\n---\n\n**{notice}**\n" if notice else "")


def before_anything(notices: Sequence[str], text: str) -> str:
    """The words that no template can leave out stand first."""
    return "".join(f"**{templating.escape(one)}**\n\n" for one in notices) + text


def fields(
    practice: Practice,
    person: PersonView,
    withheld: Collection[Record] = frozenset(),
    *,
    with_marked: bool = False,
) -> dict[str, object]:
    """Everything the template may show; nothing of the records of ``withheld``.

    ``with_marked``: documents, history and disclosures that are marked themselves are in it.
    """
    sender, today, may = sender_of(practice), practice.today(), may_leave(person)
    return {
        "today": format_birth(today),
        "practice": {"name": sender.practice_name, "phone": format_phone(sender.phone)},
        "patient": {
            "name": person.name,
            "birth": format_birth(person.birth_date) if person.birth_date else "",
            "mrn": person.mrn,
            "phones": ", ".join(f"{format_phone(one.number)} {one.label}" for one in may.phones),
            "address": ", ".join(may.address),
            "language": person.language,
            "email": may.email,
            "sex": person.sex.label,
            "status": person.status.label,
            "provider": person.primary_provider,
        },
        "open_items": [
            {
                "day": format_day(ranked.item.target_on, today),
                "title": ranked.title,
                "why": ranked.item.why,
            }
            for ranked in items_of(practice.execute, person.id, practice.moment())
            if (ranked.item.kind, ranked.item.record_id) not in withheld
        ],
        "tables": [
            {"name": table.name, "headers": table.headers, "rows": table.rows}
            for table in patient_tables(practice, person.id, withheld, with_marked=with_marked)
        ],
    }
