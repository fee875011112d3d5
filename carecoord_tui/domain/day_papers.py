"""The day's papers: who may be named on them and how, the printed Today, and the boss's line.

Paper lies about, so it holds less than the screen (minimum necessary, 45 CFR 164.502(b)). Whoever
may not be confirmed to be a patient (``domain.release``: a confidential channel, safe-contact instructions)
stands on it by MRN alone, and nothing somebody wrote about them is printed. What belongs to a substance-use
or sensitive record (42 CFR Part 2) is not described.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.date_words import age_on, format_birth
from carecoord_tui.domain.day_sections import SECTIONS, age_words, due_words, section_of
from carecoord_tui.domain.names import display
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.domain.vocabulary import Kind

WITHHELD = "see the record"
"""Printed for what may not be described on paper."""

Record = tuple[Kind, int]
"""A record by its kind and number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPerson:
    """What a paper may need of a person. ``phones`` are those that may be called, first choice first."""

    id: int
    family_name: str
    given_name: str
    suffix: str = ""
    mrn: str = ""
    birth_date: date | None = None
    is_confidential: bool = False
    asks_discretion: bool = False  # there are safe-contact instructions
    minor_consent: str = ""
    phones: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        """False where nobody may confirm that this is a patient."""
        return not (self.is_confidential or self.asks_discretion)

    @property
    def number(self) -> str:
        """``MRN MS10259``; without one the program's own number."""
        return f"MRN {self.mrn}" if self.mrn else f"patient no. {self.id}"


def full_name(person: PaperPerson) -> str:
    """``Alvarez, Rosa, born 14 Mar 1955``, or the MRN alone."""
    if not person.is_named:
        return person.number
    born = f", born {format_birth(person.birth_date)}" if person.birth_date else ""
    return f"{display(person.family_name, person.given_name, person.suffix)}{born}"


def short_name(person: PaperPerson, today: date) -> str:
    """``Rosa A., 1955 (71), MRN MS10231``: two identifiers and no more; or the MRN alone."""
    if not person.is_named:
        return person.number
    initial = f"{person.family_name.strip()[:1]}."
    parts = [f"{person.given_name.strip()} {initial}".strip()]
    if person.birth_date is not None and person.birth_date <= today:
        parts.append(f"{person.birth_date.year} ({age_on(person.birth_date, today)})")
    return ", ".join([*parts, person.number])


def title_on_paper(ranked: Ranked, person: PaperPerson, withheld: Collection[Record]) -> str:
    """What is to be done; only the kind of record where it may not be described.

    Of somebody who is not named nothing that anybody wrote is printed, whatever kind of record it is in.
    """
    item = ranked.item
    if is_withheld(ranked, person, withheld):
        return not_described(item.kind)
    return ranked.title


def not_described(kind: Kind) -> str:
    """``Referral: see the record``."""
    return f"{kind.label.capitalize()}: {WITHHELD}"


def is_withheld(ranked: Ranked, person: PaperPerson, withheld: Collection[Record]) -> bool:
    """True where neither words, nor who is called or waited for, may stand on paper."""
    return not person.is_named or (ranked.item.kind, ranked.item.record_id) in withheld


def why_on_paper(ranked: Ranked, person: PaperPerson, withheld: Collection[Record]) -> str:
    """Why it is owed; empty where it may not be described."""
    return "" if is_withheld(ranked, person, withheld) else ranked.item.why


def waiting_on_paper(ranked: Ranked, person: PaperPerson, withheld: Collection[Record]) -> str:
    """Who owes the next step; only that somebody does where they may not be named."""
    waiting_on = ranked.item.waiting_on
    return "somebody: see the record" if waiting_on and is_withheld(ranked, person, withheld) else waiting_on


# --- the boss's line ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BossLine:
    """Four numbers of one day (practice-local), exactly:

    ``done``: different records on which an owed step was taken that day: follow-ups marked done, visits
    whose outcome was recorded, eligibility checked, steps of referrals and authorizations recorded, and
    records a person was reached about. A record counts once, an attempt that reached nobody not at all.
    ``reached``: different patients who were spoken to that day, themselves or through an authorized person.
    ``waiting``: open items for which somebody else owes the next step. ``past_due``: as on Today.
    """

    done: int
    reached: int
    waiting: int
    past_due: int

    @property
    def words(self) -> str:
        """``Done 34 · reached 12 · waiting 31 · past due 3``."""
        return (
            f"Done {self.done} · reached {self.reached} · waiting {self.waiting} · past due {self.past_due}"
        )


# --- the printed Today -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One item on paper."""

    when: str
    who: str
    what: str
    age: str = ""  # "1/3", or days since it began
    waiting_on: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class PaperSection:
    """A heading of Today with its lines."""

    title: str
    lines: tuple[PaperLine, ...]


def today_sections(
    view: TodayView, people: Mapping[int, PaperPerson], withheld: Collection[Record]
) -> tuple[PaperSection, ...]:
    """The due lines of Today in the order and the sections of the screen, each with why it is there."""
    best: dict[int, str] = {}
    for ranked in sorted(view.day.due, key=lambda one: one.lane):
        best.setdefault(ranked.person.id, section_of(ranked.lane))
    sections = []
    for kind, title, _ in SECTIONS:
        mine = [one for one in view.day.due if best[one.person.id] == kind and one.person.id in people]
        if mine:
            lines = tuple(_line(one, people[one.person.id], withheld, view.moment) for one in mine)
            sections.append(PaperSection(title, lines))
    return tuple(sections)


def _line(ranked: Ranked, person: PaperPerson, withheld: Collection[Record], moment: Moment) -> PaperLine:
    return PaperLine(
        when=due_words(ranked, moment).strip(),
        who=full_name(person),
        what=title_on_paper(ranked, person, withheld),
        age=age_words(ranked, moment.today),
        waiting_on=waiting_on_paper(ranked, person, withheld),
        why=why_on_paper(ranked, person, withheld),
    )
