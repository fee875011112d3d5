"""What a referral packet may hold, and what it holds unless somebody ticks otherwise.

Minimum necessary by default (45 CFR 164.502(b); ``domain.md``, Privacy): what the receiving office needs for
this request. Substance-use records (42 CFR Part 2) and sensitive ones are never ticked beforehand, and a
diagnosis of the request that tells the same as such a record is held back with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.vocabulary import (
    CoverageStatus,
    DocumentKind,
    HistoryKind,
    ReferralStage,
    ReferralType,
    Sex,
    Urgency,
)

PART2_WARNING = "Part 2 record: check consent before release; attach notice and consent copy."
SENSITIVE_WARNING = "State law may limit release. Ask privacy officer."
PART2_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The notice that goes with such records, word for word (42 CFR 2.32(a)(2))."""
_RANKS = {1: "primary", 2: "secondary", 3: "tertiary"}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of a person's history, as stored."""

    id: int
    kind: HistoryKind
    text: str
    code: str = ""
    noted_on: date | None = None
    is_active: bool = True
    is_part2: bool = False
    is_sensitive: bool = False
    note: str = ""
    version: int = 0  # as read: a form that is older is refused


@dataclass(frozen=True, slots=True)
class PacketDocument:
    """A document on file, without its bytes. ``size`` in bytes."""

    id: int
    kind: DocumentKind
    title: str
    media_type: str
    size: int
    received_on: date
    referral_id: int | None = None
    is_part2: bool = False
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class PacketPhone:
    """A number of the patient that may leave the practice."""

    number: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketPatient:
    """The person. Under a confidential channel ``phones`` holds the permitted ones only, ``address`` nothing.

    ``asks_discretion`` says that there are safe-contact instructions; what they say stays here.
    """

    id: int
    family_name: str
    given_name: str
    middle_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    mrn: str = ""
    language: str = ""
    interpreter_needed: bool = False
    phones: tuple[PacketPhone, ...] = ()
    address: tuple[str, ...] = ()
    confidential_channel: bool = False
    asks_discretion: bool = False
    minor_consent: str = ""  # the service a minor consented to alone, and the state's rule

    @property
    def full_name(self) -> str:
        """As on a letter: ``Rosa M. Alvarez Jr.``."""
        parts = (self.given_name, self.middle_name, self.family_name, self.suffix)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketCoverage:
    """A plan that is not cancelled; ``rank`` 1 pays first."""

    id: int
    payer_name: str
    plan_name: str = ""
    member_id: str = ""
    group_number: str = ""
    rank: int = 1
    status: CoverageStatus = CoverageStatus.UNKNOWN
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def rank_words(self) -> str:
        """``primary`` for the one that pays first."""
        return _RANKS.get(self.rank, f"no. {self.rank}")

    def out_of_force(self, today: date) -> str:
        """Why it pays nothing ``today``: ``ended 30 Jun 2026``; empty while it is in force."""
        if self.ends_on is not None and self.ends_on < today:
            return f"ended {format_birth(self.ends_on)}"
        if self.starts_on is not None and self.starts_on > today:
            return f"begins {format_birth(self.starts_on)}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketAuthorization:
    """An authorization of this referral that has a number."""

    number: str
    service: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketOffice:
    """Where the packet goes."""

    name: str
    organization: str = ""
    specialty: str = ""
    npi: str = ""
    phone: str = ""
    fax: str = ""
    address: str = ""
    wants: str = ""

    @property
    def recipient(self) -> str:
        """Who receives it, for the log of disclosures: name, organization, fax."""
        fax = f"fax {format_phone(self.fax)}" if self.fax else ""
        return ", ".join(dict.fromkeys(part for part in (self.name, self.organization, fax) if part))


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketReferral:
    """The request itself."""

    id: int
    specialty: str
    stage: ReferralStage
    ordered_on: date
    reason: str = ""
    question: str = ""
    urgency: Urgency = Urgency.ROUTINE
    service_type: ReferralType = ReferralType.CONSULT
    diagnoses: tuple[str, ...] = ()
    ordered_by: str = ""
    needs_authorization: bool | None = None
    interpreter_needed: bool = False
    transport_needed: bool = False
    sent_on: date | None = None
    sent_how: str = ""
    sent_confirmation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketData:
    """Everything a packet of one referral could hold. Nothing of it has been released by reading it.

    ``today`` is the practice's day it was read on: it decides which plans are in force.
    """

    today: date
    referral: PacketReferral
    patient: PacketPatient
    office: PacketOffice | None
    coverages: tuple[PacketCoverage, ...] = ()
    authorizations: tuple[PacketAuthorization, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    documents: tuple[PacketDocument, ...] = ()


class Section(StrEnum):
    """Parts of a packet that are one tick each."""

    COVER = "cover"
    LETTER = "letter"
    DEMOGRAPHICS = "demographics"
    COVERAGE = "coverage"
    OTHER_COVERAGE = "other_coverage"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketLine:
    """One thing to tick. ``key`` is stable: a section's value, ``code:F11.20``, ``history:12``."""

    key: str
    group: str
    text: str
    detail: str = ""
    by_default: bool = False
    is_part2: bool = False
    is_sensitive: bool = False


Chosen = frozenset[str]
"""Keys of the ticked lines."""


def history_key(row: HistoryRow) -> str:
    """The line's key."""
    return f"history:{row.id}"


def code_key(code: str) -> str:
    """The line's key."""
    return f"code:{code}"


def document_key(document: PacketDocument) -> str:
    """The line's key."""
    return f"document:{document.id}"


def lines(data: PacketData) -> tuple[PacketLine, ...]:
    """Everything that can be ticked, in the packet's order."""
    return (*_sections(data), *_codes(data), *_history(data), *_documents(data))


def default_choice(data: PacketData) -> Chosen:
    """What is ticked beforehand: the minimum the office needs for this request."""
    return frozenset(line.key for line in lines(data) if line.by_default)


def is_changed(shown: PacketData, now: PacketData, chosen: Chosen) -> bool:
    """True when ``now`` is not what the ticks were set for.

    That is the person and how they are reached, the office, and what a ticked line says and whether it is a
    Part 2 or sensitive record. The request's own words are not among it: the newest are sent.
    """
    return (shown.patient, shown.office, _ticked(shown, chosen)) != (
        now.patient,
        now.office,
        _ticked(now, chosen),
    )


def _ticked(data: PacketData, chosen: Chosen) -> list[PacketLine]:
    return [replace(line, by_default=False) for line in lines(data) if line.key in chosen]


def plans(data: PacketData) -> tuple[PacketCoverage, ...]:
    """The plans, those in force before the others; the first one is the coverage that goes by default."""
    return tuple(sorted(data.coverages, key=lambda plan: bool(plan.out_of_force(data.today))))


def _plan_words(data: PacketData, plan: PacketCoverage) -> str:
    return ", ".join(word for word in (plan.payer_name, plan.out_of_force(data.today)) if word)


def _sections(data: PacketData) -> Iterator[PacketLine]:
    first, *others = plans(data) or (None,)
    group = "Packet"
    yield PacketLine(key=Section.COVER, group=group, text="Fax cover sheet", by_default=True)
    yield PacketLine(key=Section.LETTER, group=group, text="Referral letter", by_default=True)
    contact = "permitted number" if data.patient.confidential_channel else "birth date, phone"
    yield PacketLine(
        key=Section.DEMOGRAPHICS, group=group, text="Demographics", detail=contact, by_default=True
    )
    if first is not None:
        yield PacketLine(
            key=Section.COVERAGE,
            group=group,
            text=f"{first.rank_words.capitalize()} coverage",
            detail=_plan_words(data, first),
            by_default=not first.out_of_force(data.today),
        )
    if others:
        names = "; ".join(_plan_words(data, plan) for plan in others if plan is not None)
        yield PacketLine(key=Section.OTHER_COVERAGE, group=group, text="Other coverage", detail=names)


def _codes(data: PacketData) -> Iterator[PacketLine]:
    """The request's diagnoses that would tell what a Part 2 or sensitive line of the history tells."""
    for code in dict.fromkeys(data.referral.diagnoses):
        same = [row for row in data.history if row.code and category(row.code) == category(code)]
        is_part2, is_sensitive = any(row.is_part2 for row in same), any(row.is_sensitive for row in same)
        if is_part2 or is_sensitive:
            yield PacketLine(
                key=code_key(code),
                group="Diagnoses left out of the letter unless ticked",
                text=code,
                detail="code of this referral",
                is_part2=is_part2,
                is_sensitive=is_sensitive,
            )


def diagnoses(data: PacketData, chosen: Chosen) -> tuple[str, ...]:
    """The request's codes that go along: all but the held back ones nobody ticked."""
    held_back = {line.key for line in _codes(data)} - chosen
    return tuple(code for code in data.referral.diagnoses if code_key(code) not in held_back)


def _history(data: PacketData) -> Iterator[PacketLine]:
    wanted = {category(code) for code in data.referral.diagnoses}
    for row in sorted(data.history, key=lambda one: (list(HistoryKind).index(one.kind), not one.is_active)):
        words = [row.kind.label, row.code, "" if row.is_active else "not active"]
        yield PacketLine(
            key=history_key(row),
            group="History",
            text=row.text,
            detail=" · ".join(word for word in words if word),
            by_default=_is_needed(row, wanted),
            is_part2=row.is_part2,
            is_sensitive=row.is_sensitive,
        )


def _is_needed(row: HistoryRow, wanted: set[str]) -> bool:
    """Active medicines and allergies always, active conditions when the referral is about them."""
    if row.is_part2 or row.is_sensitive or not row.is_active:
        return False
    if row.kind in (HistoryKind.MEDICATION, HistoryKind.ALLERGY):
        return True
    return row.kind is HistoryKind.CONDITION and bool(row.code) and category(row.code) in wanted


def category(code: str) -> str:
    """The three-character category of an ICD-10-CM code: ``I50.22`` and ``I50.9`` are both heart failure."""
    return code.replace(".", "").strip().upper()[:3]


_GOES_ALONG = (DocumentKind.ORDER, DocumentKind.RESULT, DocumentKind.LETTER, DocumentKind.IMAGE)


def _documents(data: PacketData) -> Iterator[PacketLine]:
    """What was attached to this referral for the office goes along; the rest of the file stays here."""
    for one in data.documents:
        is_plain = not (one.is_part2 or one.is_sensitive)
        yield PacketLine(
            key=document_key(one),
            group="Attachments, sent separately",
            text=one.title,
            detail=one.kind.label,
            by_default=is_plain and one.referral_id == data.referral.id and one.kind in _GOES_ALONG,
            is_part2=one.is_part2,
            is_sensitive=one.is_sensitive,
        )


def has_part2(data: PacketData, chosen: Chosen) -> bool:
    """True when a ticked line is a substance-use record."""
    return any(line.is_part2 and line.key in chosen for line in lines(data))


def described(data: PacketData, chosen: Chosen) -> str:
    """What a packet holds, as the log of disclosures says it: its parts, how many lines, which papers."""
    picked = [line for line in lines(data) if line.key in chosen]
    parts = [line.text.lower() for line in picked if ":" not in line.key]
    history = sum(line.key.startswith("history:") for line in picked)
    codes = [line.text for line in picked if line.key.startswith("code:")]
    papers = [line.text for line in picked if line.key.startswith("document:")]
    if history:
        parts.append(f"{history} history line{'' if history == 1 else 's'}")
    if codes:
        parts.append(f"diagnoses: {', '.join(codes)}")
    if papers:
        parts.append(f"attachments: {'; '.join(papers)}")
    return ", ".join(parts)
