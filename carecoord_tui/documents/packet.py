"""A referral packet: the fields of its templates, the PDF to fax, the text for a portal.

Pure but for reading templates: what may go into a packet is decided in ``domain.packet``, and what was not
ticked never reaches a template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from carecoord_tui.documents import markdown, plain, templating
from carecoord_tui.documents.pdf import Pdf
from carecoord_tui.documents.pdf import render as render_pdf
from carecoord_tui.domain.dates import age_on, format_birth
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.packet import (
    PART2_NOTICE,
    Chosen,
    HistoryRow,
    PacketAuthorization,
    PacketCoverage,
    PacketData,
    PacketOffice,
    PacketPatient,
    Section,
    document_key,
    has_part2,
    history_key,
)
from carecoord_tui.domain.vocabulary import HistoryKind, Urgency

COVER, LETTER, DETAILS = templating.TEMPLATES
_MOST_PASSES = 4  # the number of pages stands on the cover, and may itself move a line
_ORDER = {1: "primary", 2: "secondary", 3: "tertiary"}
_TITLES = {
    HistoryKind.CONDITION: "Conditions",
    HistoryKind.MEDICATION: "Medications",
    HistoryKind.ALLERGY: "Allergies",
    HistoryKind.PROCEDURE: "Procedures",
    HistoryKind.RESULT: "Results",
    HistoryKind.OTHER: "Other",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends it. ``phone`` is the practice's callback number as stored; ``today`` practice-local."""

    user_name: str
    practice_name: str
    phone: str
    today: date


def fields(data: PacketData, chosen: Chosen, sender: Sender, *, pages: int = 0) -> dict[str, object]:
    """Everything the templates may show. ``pages`` is how many the fax has, its cover included."""
    referral = data.referral
    return {
        "today": format_birth(sender.today),
        "pages": pages,
        "practice": {
            "name": sender.practice_name,
            "phone": format_phone(sender.phone),
            "user": sender.user_name,
        },
        "office": _office(data.office),
        "patient": _patient(data.patient, sender.today),
        "referral": {
            "number": referral.id,
            "specialty": referral.specialty,
            "type": referral.service_type.label,
            "expects_report": referral.service_type.expects_report,
            "urgency": referral.urgency.label,
            "is_urgent": referral.urgency is not Urgency.ROUTINE,
            "reason": referral.reason,
            "question": referral.question,
            "diagnoses": _diagnoses(data, chosen),
            "ordered_by": referral.ordered_by,
            "ordered_on": format_birth(referral.ordered_on),
            "interpreter": referral.interpreter_needed or data.patient.interpreter_needed,
            "transport": referral.transport_needed,
            "authorization": _authorization(data),
        },
        "parts": {
            "demographics": Section.DEMOGRAPHICS in chosen,
            "coverage": Section.COVERAGE in chosen,
        },
        "coverages": [_coverage(plan) for plan in _plans(data.coverages, chosen)],
        "history": _history([row for row in data.history if history_key(row) in chosen]),
        "attachments": [
            {
                "title": one.title,
                "kind": one.kind.label,
                "date": format_birth(one.received_on),
                "part2": one.is_part2,
            }
            for one in data.documents
            if document_key(one) in chosen
        ],
        "has_part2": has_part2(data, chosen),
        "part2_notice": PART2_NOTICE,
    }


def as_pdf(data: PacketData, chosen: Chosen, sender: Sender, folder: Path | None = None) -> Pdf:
    """The packet to fax: cover sheet, letter, details. ``folder`` holds the practice's own templates.

    Raises TemplateProblem, or StoreError when a template's table cannot be laid out.
    """
    phone = format_phone(sender.phone)
    call = f" Received in error? Call {phone}." if phone else ""
    foot = f"Confidential: protected health information.{call}"
    title = f"Referral {data.referral.id}"
    pages = 1
    for _ in range(_MOST_PASSES):
        blocks = _blocks(data, chosen, fields(data, chosen, sender, pages=pages), folder)
        pdf = render_pdf(blocks, title=title, foot=foot, total_pages=pages)
        if pdf.pages == pages:
            break
        pages = pdf.pages
    return pdf


def as_text(data: PacketData, chosen: Chosen, sender: Sender, folder: Path | None = None) -> str:
    """The same letter and details for a portal's message box; a portal needs no fax cover."""
    values = fields(data, chosen, sender)
    return plain.render(_blocks(data, chosen - {Section.COVER}, values, folder))


def _blocks(
    data: PacketData, chosen: Chosen, values: dict[str, object], folder: Path | None
) -> list[markdown.Block]:
    """The parts one after the other; the cover stands on a page of its own."""
    parts = [
        markdown.parse(templating.fill(name, values, folder))
        for name, wanted in (
            (COVER, Section.COVER in chosen),
            (LETTER, Section.LETTER in chosen),
            (DETAILS, True),
        )
        if wanted
    ]
    blocks: list[markdown.Block] = []
    for number, part in enumerate(part for part in parts if part):
        if number == 1 and Section.COVER in chosen:
            blocks.append(markdown.NewPage())
        blocks += part
    return blocks


# --- values -------------------------------------------------------------------------------------------


def _office(office: PacketOffice | None) -> dict[str, object]:
    one = office or PacketOffice(name="")
    return {
        "name": one.name,
        "organization": one.organization if one.organization != one.name else "",
        "specialty": one.specialty,
        "npi": one.npi,
        "phone": format_phone(one.phone),
        "fax": format_phone(one.fax),
        "address": one.address,
    }


def _patient(patient: PacketPatient, today: date) -> dict[str, object]:
    birth = patient.birth_date
    return {
        "name": patient.full_name,
        "birth": "" if birth is None else f"{format_birth(birth)} ({age_on(birth, today)} years)",
        "sex": patient.sex.label,
        "mrn": patient.mrn,
        "language": patient.language,
        "phones": [{"number": format_phone(one.number), "label": one.label} for one in patient.phones],
        "address": ", ".join(patient.address),
        "confidential": patient.confidential_channel,
        "discretion": patient.asks_discretion or patient.confidential_channel,
    }


def _diagnoses(data: PacketData, chosen: Chosen) -> list[dict[str, str]]:
    """The referral's codes, in the words of a ticked condition where one has the same code."""
    words = {
        row.code.upper(): row.text
        for row in data.history
        if row.kind is HistoryKind.CONDITION and row.code and history_key(row) in chosen
    }
    return [{"code": code, "text": words.get(code.upper(), "")} for code in data.referral.diagnoses]


def _authorization(data: PacketData) -> str:
    """The numbers on file; else what is known of the need."""
    if data.authorizations:
        return "; ".join(_authorization_words(one) for one in data.authorizations)
    if data.referral.needs_authorization is None:
        return ""
    return "needed, no number yet" if data.referral.needs_authorization else "not needed, as the payer says"


def _authorization_words(one: PacketAuthorization) -> str:
    valid = [
        f"{word} {format_birth(day)}" for word, day in (("from", one.valid_from), ("to", one.valid_to)) if day
    ]
    return ", ".join([f"{one.service} no. {one.number}", *([f"valid {' '.join(valid)}"] if valid else [])])


def _plans(coverages: Sequence[PacketCoverage], chosen: Chosen) -> Iterator[PacketCoverage]:
    for number, plan in enumerate(coverages):
        if (Section.OTHER_COVERAGE if number else Section.COVERAGE) in chosen:
            yield plan


def _coverage(plan: PacketCoverage) -> dict[str, str]:
    return {
        "payer": plan.payer_name,
        "plan": plan.plan_name,
        "member": plan.member_id,
        "group": plan.group_number,
        "order": _ORDER.get(plan.rank, f"no. {plan.rank}"),
    }


def _history(rows: Sequence[HistoryRow]) -> list[dict[str, object]]:
    """Lines by kind, the kinds in the vocabulary's order."""
    kinds = list(HistoryKind)
    ordered = sorted(rows, key=lambda row: (kinds.index(row.kind), not row.is_active, row.id))
    return [
        {"title": _TITLES[kind], "rows": [_history_row(row) for row in group]}
        for kind, group in groupby(ordered, key=lambda row: row.kind)
    ]


def _history_row(row: HistoryRow) -> dict[str, object]:
    return {
        "text": row.text,
        "code": row.code,
        "since": "" if row.noted_on is None else format_birth(row.noted_on),
        "active": row.is_active,
        "part2": row.is_part2,
    }
