"""The letter of an appeal: drawn from its template, written as a private paper, logged as a disclosure.

What cannot be logged does not leave: when the log refuses, the paper just written is removed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.documents import markdown, plain, private_file, templating
from carecoord_tui.documents.patient_paper import before_anything
from carecoord_tui.documents.pdf import Pdf
from carecoord_tui.documents.pdf import render as render_pdf
from carecoord_tui.documents.release import MadePdf, sender_of
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_birth
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.release import minor_words
from carecoord_tui.domain.vocabulary import Channel, Purpose
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.disclosures import check_may_leave, record_disclosure
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.appeal_letter import AppealLetter, read_appeal_letter
from carecoord_tui.store.queries.denials import DenialDetail

PREVIEW_WIDTH = 74  # fits a terminal of 80
REASONS_LIMIT, GOOD_CAUSE_LIMIT = 6_000, 400  # characters: two pages, and a sentence or two
GONE = "This denial is no longer there; the list was out of date."


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What somebody wrote into the letter; empty leaves lines to fill in by hand.

    ``reasons`` may have paragraphs, with a blank line or a line break between them.
    """

    reasons: str = ""
    good_cause: str = ""


NO_WORDS = OwnWords()


def preview(
    practice: Practice, denial_id: int, words: OwnWords = NO_WORDS, folder: Path | None = None
) -> str:
    """The letter as text to be read before it is made; nothing is written or logged.

    Raises Refused for a denial that is gone, StoreError for a template that cannot be used.
    """
    data = read_appeal_letter(practice.execute, denial_id)
    if data is None:
        raise Refused(GONE)
    return plain.render(_blocks(data, practice, words, folder), PREVIEW_WIDTH)


def make_letter(
    practice: Practice, denial_id: int, words: OwnWords = NO_WORDS, folder: Path | None = None
) -> MadePdf:
    """Make the PDF in the practice's papers folder, logged as a disclosure for payment.

    ``folder`` holds the practice's own templates. Raises Refused for a denial that is gone or has no payer,
    StoreError for a template or file that cannot be used; then nothing was released.
    """
    data = _checked(practice, denial_id)
    pdf = as_pdf(data, practice, words, folder)
    name = f"appeal-{denial_id}-{practice.today().isoformat()}.pdf"
    path = private_file.write_paper(practice.paths, name, pdf.content)
    try:
        _log(practice, data, Channel.FAX)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return MadePdf(path, pdf.pages, pdf.unprintable)


def make_letter_text(
    practice: Practice, denial_id: int, words: OwnWords = NO_WORDS, folder: Path | None = None
) -> str:
    """The same letter as text for a payer's portal, logged. Raises as :func:`make_letter`."""
    data = _checked(practice, denial_id)
    text = plain.render(_blocks(data, practice, words, folder))
    _log(practice, data, Channel.PORTAL)
    return text


def as_pdf(
    data: AppealLetter, practice: Practice, words: OwnWords = NO_WORDS, folder: Path | None = None
) -> Pdf:
    """The letter drawn. Raises TemplateProblem, or StoreError when it cannot be laid out."""
    phone = format_phone(sender_of(practice).phone)
    call = f" Received in error? Call {phone}." if phone else ""
    foot = f"Confidential: protected health information.{call}"
    return render_pdf(_blocks(data, practice, words, folder), title=f"Appeal {data.denial.id}", foot=foot)


def is_late(data: DenialDetail, practice: Practice) -> bool:
    """True when the last day of the level that can be filed now has passed."""
    window = data.window(practice.context)
    last = window.legal_on if window is not None else None
    return last is not None and last < practice.today()


def fields(data: AppealLetter, practice: Practice, words: OwnWords = NO_WORDS) -> dict[str, object]:
    """Everything the template may show. Raises Refused for words that are too long."""
    _check_length(words)
    sender, denial = sender_of(practice), data.denial
    window = denial.window(practice.context)
    last = window.legal_on if window is not None else None
    reasons = [denial.reason_kind.label if denial.reason_kind else "", denial.reason]
    form_on = denial.representative_form_on
    return {
        "today": format_birth(sender.today),
        "practice": {
            "name": sender.practice_name,
            "phone": format_phone(sender.phone),
            "user": sender.user_name,
        },
        "payer": {"name": denial.payer_name, "fax": format_phone(data.payer_fax)},
        "patient": {
            "name": data.patient_name,
            "birth": format_birth(data.birth_date) if data.birth_date else "",
        },
        "plan": {"member": data.member_id, "group": data.group_number},
        "denial": {
            "service": denial.service,
            "code": data.service_code,
            "notice": format_birth(denial.notice_on),
            "claim": denial.claim_number,
            "reference": data.reference,
            "amount": "" if denial.amount is None else format_money(denial.amount),
            "reason": ": ".join(dict.fromkeys(one for one in reasons if one)),
            "diagnoses": data.diagnoses,
        },
        "appeal": {
            "level": _level_title(data, practice.context),
            "is_expedited": denial.is_expedited,
            "is_late": is_late(denial, practice),
            "reasons": _paragraphs(words.reasons),
            "good_cause": words.good_cause,
            "last_day": format_birth(last) if last is not None else "",
            "who": denial.who_appeals,
            "form_on": format_birth(form_on) if form_on else "",
        },
    }


def _level_title(data: AppealLetter, context: Context) -> str:
    """The level that can be filed now, else the one that waits."""
    levels = data.denial.levels(context)
    present = next((one for one in levels if one.window is not None), None)
    waiting = next((one for one in reversed(levels) if one.filed is not None), None)
    level = present or waiting
    return f"Request for appeal: {level.title}" if level is not None else "Request for appeal"


def _check_length(words: OwnWords) -> None:
    """Cutting what was written would change what it says."""
    for what, text, limit in (
        ("The reasons hold", words.reasons, REASONS_LIMIT),
        ("The good cause holds", words.good_cause, GOOD_CAUSE_LIMIT),
    ):
        if len(text) > limit:
            raise Refused(f"{what} {limit:,} characters and this has {len(text):,}: shorten it.")
    longest = max(map(len, _paragraphs(words.reasons)), default=0)
    if longest > templating.MAX_VALUE:
        raise Refused(f"A paragraph holds {templating.MAX_VALUE:,} characters: make it two.")


def _paragraphs(text: str) -> list[str]:
    """Each line that is not empty; an editor wraps, so a line break is meant."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _blocks(
    data: AppealLetter, practice: Practice, words: OwnWords, folder: Path | None
) -> tuple[markdown.Block, ...]:
    text = templating.fill(templating.APPEAL_LETTER, fields(data, practice, words), folder)
    notices = [minor_words(data.minor_consent)] if data.minor_consent else []
    return markdown.parse(before_anything(notices, text))


def _checked(practice: Practice, denial_id: int) -> AppealLetter:
    check_may_leave(practice)
    data = read_appeal_letter(practice.execute, denial_id)
    if data is None:
        raise Refused(GONE)
    if not data.denial.payer_name:
        raise Refused("This denial has no payer yet: choose its coverage first.")
    return data


def _log(practice: Practice, data: AppealLetter, channel: Channel) -> None:
    fax = f", fax {format_phone(data.payer_fax)}" if data.payer_fax and channel is Channel.FAX else ""
    record_disclosure(
        practice,
        data.denial.patient_id,
        recipient=f"{data.denial.payer_name}, appeals{fax}",
        what=f"Appeal letter: {data.denial.service}, denied {format_birth(data.denial.notice_on)}",
        purpose=Purpose.PAYMENT,
        channel=channel,
    )
