"""A referral packet: the fields of its templates, the PDF to fax, the text for a portal.

Pure but for reading templates: what may go into a packet is decided in ``domain.packet``, and what was not
ticked never reaches a template. What the law or the patient wants said stands here and not in a template:
nobody can edit it away.
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
    diagnoses,
    document_key,
    has_part2,
    history_key,
    plans,
)
from carecoord_tui.domain.release import DO_NOT_CONFIRM, contact_only, minor_words
from carecoord_tui.domain.vocabulary import HistoryKind, Urgency

COVER, LETTER, DETAILS = templating.TEMPLATES
_MOST_PASSES = 4  # the number of pages stands on the cover, and may itself move a line
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
    """Everything the templates may show. ``pages`` is how many the fax has, its cover included.

    A section that is not ticked leaves its fields empty, so that no template can show them.
    """
    referral = data.referral
    has_coverage = Section.COVERAGE in chosen
    return {
        "today": format_birth(sender.today),
        "pages": pages,
        "practice": {
            "name": sender.practice_name,
            "phone": format_phone(sender.phone),
            "user": sender.user_name,
        },
        "office": _office(data.office),
        "patient": _patient(data.patient, sender.today, is_whole=Section.DEMOGRAPHICS in chosen),
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
            "authorization": _authorization(data) if has_coverage else "",
        },
        "parts": {
            "demographics": Section.DEMOGRAPHICS in chosen,
            "coverage": has_coverage,
        },
        "coverages": [_coverage(plan, data.today) for plan in _plans(plans(data), chosen)],
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
        blocks = _blocks(data, chosen, sender, folder, pages=pages)
        pdf = render_pdf(blocks, title=title, foot=foot, total_pages=pages)
        if pdf.pages == pages:
            break
        pages = pdf.pages
    return pdf


def as_text(data: PacketData, chosen: Chosen, sender: Sender, folder: Path | None = None) -> str:
    """The same letter and details for a portal's message box; a portal needs no fax cover."""
    return plain.render(_blocks(data, chosen - {Section.COVER}, sender, folder))


def _blocks(
    data: PacketData, chosen: Chosen, sender: Sender, folder: Path | None, *, pages: int = 0
) -> list[markdown.Block]:
    """The parts one after the other; the cover stands on a page of its own and names no patient."""
    values = fields(data, chosen, sender, pages=pages)
    cover, letter, details = (
        markdown.parse(templating.fill(name, values, folder)) if wanted else ()
        for name, wanted in (
            (COVER, Section.COVER in chosen),
            (LETTER, Section.LETTER in chosen),
            (DETAILS, True),
        )
    )
    inside = [*_contact_notices(data, chosen, sender), *letter, *details, *_part2_notice(data, chosen)]
    page = [markdown.NewPage()] if cover and inside else []
    return [*cover, *page, *inside]


# --- what no template can leave out -------------------------------------------------------------------


def _contact_notices(data: PacketData, chosen: Chosen, sender: Sender) -> Iterator[markdown.Block]:
    """How this person may be reached (45 CFR 164.522(b)), before anything else is read.

    The permitted numbers go with the demographics only; without them the office reaches the person by us.
    """
    patient, ours = data.patient, format_phone(sender.phone)
    if patient.confidential_channel:
        permitted = patient.phones if Section.DEMOGRAPHICS in chosen else ()
        us = ", ".join(word for word in ("our office", ours) if word)
        yield _said(contact_only([one.number for one in permitted], otherwise=us))
    if patient.confidential_channel or patient.asks_discretion:
        call = f": {ours}" if ours else ""
        yield _said(
            DO_NOT_CONFIRM,
            f" Ask us before you change how you reach them{call}.",
        )
    if patient.minor_consent:
        yield _said(minor_words(patient.minor_consent))


def _part2_notice(data: PacketData, chosen: Chosen) -> Iterator[markdown.Block]:
    """What goes with substance-use records (42 CFR 2.32)."""
    if has_part2(data, chosen):
        yield markdown.Rule()
        yield _said(PART2_NOTICE)
        yield _said("", "A copy of the patient's consent goes with these records (42 CFR 2.32).")


def _said(strong: str, rest: str = "") -> markdown.Paragraph:
    spans = (markdown.Span(strong, strong=True), markdown.Span(rest))
    return markdown.Paragraph(tuple(span for span in spans if span.text))


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


def _patient(patient: PacketPatient, today: date, *, is_whole: bool) -> dict[str, object]:
    """``is_whole`` with the demographics; the letter alone needs name, birth date and language."""
    birth = patient.birth_date
    phones = patient.phones if is_whole else ()
    return {
        "name": patient.full_name,
        "birth": "" if birth is None else f"{format_birth(birth)} ({age_on(birth, today)} years)",
        "sex": patient.sex.label if is_whole else "",
        "mrn": patient.mrn if is_whole else "",
        "language": patient.language,
        "phones": [{"number": format_phone(one.number), "label": one.label} for one in phones],
        "address": ", ".join(patient.address) if is_whole else "",
        "confidential": patient.confidential_channel,
        "discretion": patient.asks_discretion or patient.confidential_channel,
    }


def _diagnoses(data: PacketData, chosen: Chosen) -> list[dict[str, str]]:
    """The referral's codes that go along, in the words of a ticked condition with the same code."""
    words = {
        row.code.upper(): row.text
        for row in data.history
        if row.kind is HistoryKind.CONDITION and row.code and history_key(row) in chosen
    }
    return [{"code": code, "text": words.get(code.upper(), "")} for code in diagnoses(data, chosen)]


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


def _plans(ordered: Sequence[PacketCoverage], chosen: Chosen) -> Iterator[PacketCoverage]:
    for number, plan in enumerate(ordered):
        if (Section.OTHER_COVERAGE if number else Section.COVERAGE) in chosen:
            yield plan


def _coverage(plan: PacketCoverage, today: date) -> dict[str, str]:
    return {
        "payer": plan.payer_name,
        "plan": plan.plan_name,
        "member": plan.member_id,
        "group": plan.group_number,
        "order": plan.out_of_force(today) or plan.rank_words,
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
