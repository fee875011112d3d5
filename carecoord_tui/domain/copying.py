"""Which facts of a person may be copied out of the program, and the exact text that leaves it.

The copy menu is a way out like a letter or an export, so a confidential channel binds it (45 CFR
164.522(b); ``domain.md``, Privacy): only permitted numbers, no voicemail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from carecoord_tui.domain.dates import DateOrder, format_birth
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.masking import MASK
from carecoord_tui.domain.names import display, mask, split_full_name
from carecoord_tui.domain.release import may_leave
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import CoverageStatus

MAX_TEXT = 400
_DIGIT_KEYS = "123456789"
_ORDERED = {DateOrder.MDY: "%m/%d/%Y", DateOrder.DMY: "%d/%m/%Y", DateOrder.YMD: "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class Coded:
    """A code on file and what it belongs to: an office and its NPI, a service and its code."""

    what: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFact:
    """One fact. ``label`` is what the audit says and never holds patient text."""

    key: str
    label: str
    text: str  # exactly what is sent
    detail: str = ""
    masked: str = ""  # shown in place of ``text`` while somebody looks on

    def shown(self, *, privacy: bool) -> str:
        """The text as it may stand on the screen."""
        return self.masked if privacy and self.masked else self.text

    def shown_detail(self, *, privacy: bool) -> str:
        """The detail as it may stand on the screen; of a birth date it would be the date once more."""
        return "" if privacy and self.masked == MASK else self.detail


@dataclass(frozen=True, slots=True)
class CopyMenu:
    """What may be copied, and in words what may not and why."""

    facts: tuple[CopyFact, ...]
    withheld: tuple[str, ...]


def copy_menu(
    person: PersonView,
    *,
    npis: Sequence[Coded] = (),
    service_codes: Sequence[Coded] = (),
    user_name: str,
    callback_number: str,
    order: DateOrder = DateOrder.MDY,
) -> CopyMenu:
    """Everything that may be copied about a person, each with its own key.

    The first fact of a sort has the sort's letter, further ones the digits 1 to 9; what is left after that
    is not offered.
    """
    silent = why_no_voicemail(person, callback_number)
    facts = [
        *_identity(person, order),
        *_phones(person),
        *_coverages(person),
        *(_coded("i", "NPI", one) for one in npis),
        *(_coded("c", "service code", one) for one in service_codes),
    ]
    if not silent:
        facts.append(voicemail_fact(person, user_name, callback_number))
    return CopyMenu(tuple(_with_keys(facts)), tuple(_withheld(person, silent)))


def minimal_voicemail(user_name: str, patient: str, number: str) -> str:
    """The only voicemail without consent, and nothing else: who calls, for whom, which number.

    ``number`` is a stored phone number; ``patient`` the name as spoken.
    """
    caller = split_full_name(user_name)
    return f"This is {caller.given or caller.family} for {patient}. Please call {format_phone(number)}."


def _identity(person: PersonView, order: DateOrder) -> Iterator[CopyFact]:
    name = display(person.family_name, person.given_name, person.suffix)
    yield CopyFact(key="n", label="name", text=name, masked=mask(name))
    if person.birth_date is not None:
        yield CopyFact(
            key="b",
            label="birth date",
            text=_birth_text(person.birth_date, order),
            detail=format_birth(person.birth_date),
            masked=MASK,
        )
    if person.mrn:
        yield CopyFact(key="r", label="MRN", text=person.mrn, masked=MASK)


def _birth_text(birth: date, order: DateOrder) -> str:
    """Digits as forms and portals want them, in the practice's own order: ``03/14/1961``."""
    return birth.strftime(_ORDERED[order])


def _phones(person: PersonView) -> Iterator[CopyFact]:
    for phone in may_leave(person).phones:
        number = format_phone(phone.number)
        yield CopyFact(key="p", label="phone", text=number, detail=phone.label, masked=MASK)


def _coverages(person: PersonView) -> Iterator[CopyFact]:
    for plan in person.coverages:
        if plan.member_id and plan.status != CoverageStatus.CANCELLED:
            yield CopyFact(
                key="m", label="member ID", text=plan.member_id, detail=plan.payer_name, masked=MASK
            )


def _coded(key: str, label: str, one: Coded) -> CopyFact:
    return CopyFact(key=key, label=label, text=one.code, detail=one.what)


def voicemail_fact(person: PersonView, user_name: str, number: str) -> CopyFact:
    """The minimal voicemail for this person; ask :func:`why_no_voicemail` first."""
    spoken = " ".join(part for part in (person.given_name, person.family_name, person.suffix) if part)
    text = minimal_voicemail(user_name, spoken, number)
    return CopyFact(
        key="v",
        label="voicemail",
        text=text,
        masked=minimal_voicemail(user_name, mask(display(person.family_name, person.given_name)), number),
    )


def why_no_voicemail(person: PersonView, callback_number: str) -> str:
    """Why no voicemail text is offered; empty when it is."""
    why = may_leave(person).no_voicemail
    if not why and not callback_number:
        why = "the practice's callback number is not entered"
    return f"voicemail: {why}" if why else ""


def _withheld(person: PersonView, silent: str) -> Iterator[str]:
    if person.confidential_channel:
        yield "other numbers and addresses: contact only by the permitted channel"
    if silent:
        yield silent


def _with_keys(facts: Iterable[CopyFact]) -> Iterator[CopyFact]:
    """Cleaned facts with keys of their own: a letter's second fact takes the next free digit."""
    digits = iter(_DIGIT_KEYS)
    taken: set[str] = set()
    for fact in facts:
        key = fact.key if fact.key not in taken else next(digits, "")
        if key:
            taken.add(key)
            yield replace(fact, key=key, text=clean_text(fact.text, MAX_TEXT))
