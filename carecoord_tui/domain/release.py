"""What of a person may leave the program: one answer for copies, papers, exports, huddle and handoff.

A confidential channel (45 CFR 164.522(b)) leaves only the permitted numbers: no other phone, no address, no
email, nobody around the patient, no voicemail. The reason behind safe-contact instructions is in no view of
a person and so in none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.rows import PersonView, PhoneRow
from carecoord_tui.domain.vocabulary import PatientStatus

MARKED = "records marked Part 2 or sensitive"
"""Substance-use records (42 CFR Part 2), and those whose release the state's law may limit."""
DO_NOT_CONFIRM = "Do not confirm this person is a patient."


class Number(Protocol):
    """A phone number with what the person said of it."""

    @property
    def number(self) -> str: ...

    @property
    def is_permitted(self) -> bool: ...


N = TypeVar("N", bound=Number)


@dataclass(frozen=True, slots=True, kw_only=True)
class MayLeave:
    """What may leave, and the words that must go along wherever the person is to be reached from."""

    phones: tuple[PhoneRow, ...]
    address: tuple[str, ...]  # street, city, state with ZIP
    email: str
    related_phones: bool  # numbers and emails of the people around the patient
    no_voicemail: str  # why not even the minimal one; empty: it may be left
    letter: bool  # to the person, or to a parent of theirs
    notices: tuple[str, ...]

    @property
    def voicemail(self) -> bool:
        """True when the minimal voicemail may be left."""
        return not self.no_voicemail


def may_leave(person: PersonView) -> MayLeave:
    """The answer for one person, read with or without the hidden numbers."""
    is_bound = person.confidential_channel
    phones = permitted(person.phones, is_confidential=is_bound)
    has_died = person.status is PatientStatus.DECEASED
    return MayLeave(
        phones=phones,
        address=postal_address(
            person.address_line, person.city, person.state, person.postal_code, is_confidential=is_bound
        ),
        email="" if is_bound else person.email,
        related_phones=not is_bound,
        no_voicemail=_why_no_voicemail(person),
        letter=not (is_bound or person.minor_consent or has_died),
        notices=tuple(
            notices(
                [phone.number for phone in phones],
                is_confidential=is_bound,
                asks_discretion=bool(person.safe_contact),
                minor_consent=person.minor_consent,
            )
        ),
    )


def permitted(phones: Sequence[N], *, is_confidential: bool) -> tuple[N, ...]:
    """Under a confidential channel only the numbers the person permitted."""
    return tuple(phone for phone in phones if phone.is_permitted or not is_confidential)


def postal_address(
    line: str, city: str, state: str, postal_code: str, *, is_confidential: bool
) -> tuple[str, ...]:
    """Street, city, state with ZIP, as far as recorded. A confidential channel leaves no address, ever.

    A person permits numbers; there is no permitted address.
    """
    parts = () if is_confidential else (line, city, f"{state} {postal_code}".strip())
    return tuple(part for part in parts if part)


def _why_no_voicemail(person: PersonView) -> str:
    if person.status is PatientStatus.DECEASED:
        return "outreach has stopped"
    if person.confidential_channel:
        return "contact only by the permitted channel"
    if person.safe_contact:
        return "read the safe-contact instructions"
    return ""


def contact_only(numbers: Sequence[str], *, otherwise: str = "the channel on file") -> str:
    """``CONTACT ONLY AT (555) 010-0142. No other phone, mail, voicemail.``; numbers are E.164.

    ``otherwise`` stands where no number may be named.
    """
    only = " or ".join(format_phone(number) for number in numbers) or otherwise
    return f"CONTACT ONLY AT {only}. No other phone, mail, voicemail."


def marked_words(count: int, *, with_part2: bool) -> str:
    """What a log says of the marked records an export held or left out: ``, 2 records … left out``.

    Empty where there are none, so that the words say nothing of people without such a record.
    """
    return f", {counted_words(count)} {'in it' if with_part2 else 'left out'}" if count else ""


def left_out_words(count: int) -> str:
    """What the person at the keyboard is told: ``2 records marked Part 2 or sensitive are left out.``"""
    return f"{counted_words(count)} {'is' if count == 1 else 'are'} left out." if count else ""


def counted_words(count: int) -> str:
    """``1 record marked Part 2 or sensitive``."""
    what = MARKED if count != 1 else MARKED.replace("records", "record", 1)
    return f"{count:,} {what}"


def minor_words(consent: str) -> str:
    """What a minor's own consent asks of everybody; ``consent`` names the service and the state's rule."""
    return (
        "Patient consented to this service: contact only as they asked; no parent call, letter, estimate."
        f" State rule {consent.rstrip('.')}."
    )


def notices(
    numbers: Sequence[str], *, is_confidential: bool, asks_discretion: bool, minor_consent: str = ""
) -> Iterator[str]:
    """The words that go before anything else on what leaves, verbatim as the field says them."""
    if is_confidential:
        yield contact_only(numbers)
    if is_confidential or asks_discretion:
        yield DO_NOT_CONFIRM
    if minor_consent:
        yield minor_words(minor_consent)
