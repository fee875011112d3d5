"""Releasing a referral packet: read anew, draw, write, and put it into the log of disclosures.

What cannot be logged does not leave: when the log refuses, the paper just written is removed again. What
changed since the ticks were set does not leave either: somebody has to look at it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.documents import private_file
from carecoord_tui.documents.packet import Sender, as_pdf, as_text
from carecoord_tui.domain.packet import (
    Chosen,
    PacketData,
    PacketOffice,
    described,
    has_part2,
    is_changed,
)
from carecoord_tui.domain.vocabulary import Channel
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.actions.packet import record_packet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.packet import read_packet

CHANGED = "This changed meanwhile: look again."
GONE = "This referral is no longer there; the list was out of date."


@dataclass(frozen=True, slots=True)
class MadePdf:
    """The paper. ``unprintable`` characters are only a mark in it."""

    path: Path
    pages: int
    unprintable: int


def make_pdf(practice: Practice, shown: PacketData, chosen: Chosen, folder: Path | None = None) -> MadePdf:
    """Make the PDF of what is ticked in the practice's papers folder, logged as a treatment disclosure.

    ``shown`` is what the ticks were set for; what is printed is read now. Raises Refused without an office
    or anything ticked, and when it changed since; StoreError for a template or a file that cannot be used,
    and where nothing can be recorded; then nothing was released.
    """
    data, office = _checked(practice, shown, chosen)
    pdf = as_pdf(data, chosen, sender_of(practice), folder)
    name = private_file.referral_file_name(data.referral.id, practice.today())
    path = private_file.write_paper(practice.paths, name, pdf.content)
    try:
        _log(practice, data, chosen, office, Channel.FAX)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return MadePdf(path, pdf.pages, pdf.unprintable)


def make_text(practice: Practice, shown: PacketData, chosen: Chosen, folder: Path | None = None) -> str:
    """The text for a portal, logged as a treatment disclosure. Takes and raises as :func:`make_pdf`."""
    data, office = _checked(practice, shown, chosen)
    text = as_text(data, chosen, sender_of(practice), folder)
    _log(practice, data, chosen, office, Channel.PORTAL)
    return text


def sender_of(practice: Practice) -> Sender:
    """The practice and its user on the letterhead."""
    settings = practice.settings
    return Sender(practice.user.name, settings.practice_name, settings.callback_number, practice.today())


def _checked(practice: Practice, shown: PacketData, chosen: Chosen) -> tuple[PacketData, PacketOffice]:
    """What may be released now, and to whom."""
    check_may_leave(practice)
    data = read_packet(practice.execute, shown.referral.id, practice.today())
    if data is None:
        raise Refused(GONE)
    if is_changed(shown, data, chosen):
        raise Refused(CHANGED)
    if data.office is None:
        raise Refused("This referral has no receiving office yet: choose one on the referral (e) first.")
    if not chosen:
        raise Refused("Nothing is ticked: tick what the office needs (space).")
    return data, data.office


def _log(
    practice: Practice, data: PacketData, chosen: Chosen, office: PacketOffice, channel: Channel
) -> None:
    record_packet(
        practice,
        data.referral.id,
        recipient=office.recipient,
        what=described(data, chosen),
        channel=channel,
        has_part2=has_part2(data, chosen),
    )
