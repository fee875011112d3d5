"""Incoming calls: the words of the form, what a caller may be told, and what a safety call owes.

A call is logged, never triaged (``domain.md``, Contact): no urgency is asked or stored. A symptom, medicine
problem or danger stays open until a clinician accepted it, whoever was told what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import DateError, DateOrder, age_on, format_day, format_time, parse_birth_date
from carecoord_tui.domain.facts import IncomingCallFacts, PatientFacts
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.names import split_full_name
from carecoord_tui.domain.people import authority
from carecoord_tui.domain.rows import RelatedRow
from carecoord_tui.domain.vocabulary import Basis, Consequence, Disposition, Kind
from carecoord_tui.domain.work import WorkItem

RULE = "handoff.accept"
QUESTION = "Symptom, medicine problem or danger? Do not judge urgency."
SCRIPT = "Read: If this is an emergency, hang up and call 911. Crisis: 988."
NOT_AUTHORIZED = "NOT authorized: listen, do not confirm this person is a patient"
SAFE_CONTACT_FIRST = "the safe-contact instructions come first"

ON_A_CLINICIANS_WORD = frozenset({Disposition.BOOKED_AS_SAID, Disposition.TELEHEALTH})
"""Choosing a visit for a symptom is triage: for a safety call it unlocks on "Clinician said __"."""
NEVER_FOR_SAFETY = frozenset({Disposition.ANSWERED})
"""Answering a symptom is a clinician's."""
AWAITS_AN_ANSWER = frozenset({Disposition.MESSAGE_TAKEN, Disposition.HANDED_TO_CLINICIAN})
"""Somebody is still to answer the caller."""

CALLS_FROM_AGE = 12
"""Years: of somebody younger the caller is asked about, not taken to be the patient."""

_TITLE_REASON = 80
_REASON = 200


def may_be_calling(birth: date | None, today: date) -> bool:
    """True when the patient is likely to call about themselves; also where their age is not known."""
    return birth is None or age_on(birth, today) >= CALLS_FROM_AGE


def awaits_an_answer(disposition: Disposition, *, is_safety: bool) -> bool:
    """True when a call back is to be proposed, so that nothing open is without a next action.

    Not for a safety call: it stays first until a clinician accepted it, and to choose a later day for a
    symptom would be triage.
    """
    return disposition in AWAITS_AN_ANSWER and not is_safety


# --- what is owed ----------------------------------------------------------------------------------------


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item a safety call: a clinician's acceptance, due on the day of the call."""
    for call in facts.calls:
        yield _item(facts, call, context)


def _item(facts: PatientFacts, call: IncomingCallFacts, context: Context) -> WorkItem:
    called_on = context.day_of(call.at)
    return WorkItem(
        kind=Kind.HANDOFF,
        record_id=call.id,
        rule_id=RULE,
        patient_id=facts.id,
        verb="done",
        title=_title(call),
        target_on=context.target(RULE, called_on),
        basis=Basis.SAFETY,
        consequence=Consequence.CARE,
        why=_why(call, context),
        citation=context.cite(RULE),
        since_on=called_on,
    )


def _title(call: IncomingCallFacts) -> str:
    reason = clean_text(call.reason, _TITLE_REASON)
    if call.handed_to:
        return f"Accepted? {reason}, {call.handed_to}"
    return f"Hand to a clinician: {reason}"


def _why(call: IncomingCallFacts, context: Context) -> str:
    at = call.at.astimezone(context.zone)
    words = [
        f"A call on {format_day(at.date())} at {format_time(at.time())}: {clean_text(call.reason, _REASON)}."
    ]
    if call.handed_to and call.handed_at is not None:
        handed = call.handed_at.astimezone(context.zone)
        day = "" if handed.date() == at.date() else f" on {format_day(handed.date())}"
        words.append(f"Handed to {call.handed_to}{day} at {format_time(handed.time())}.")
    else:
        done = call.disposition.label
        words.append(f"What I did: {done}. No clinician is named yet.")
    words.append("It stays first until a clinician accepted it.")
    return " ".join(words)


# --- what a caller may be told ---------------------------------------------------------------------------


def may_be_told(
    related: RelatedRow | None,
    today: date,
    *,
    has_safe_contact: bool = False,
    patient_birth: date | None = None,
    minor_consented: bool = False,
) -> str:
    """What somebody who is not the patient may be told; ``related`` None is a caller nobody knows.

    ``authorized: appointments until Thu 31 Dec``; without authority in force the words of
    :data:`NOT_AUTHORIZED`, whatever the caller says.
    """
    if related is None or not related.is_authorized:
        return NOT_AUTHORIZED
    found = authority(related, today, patient_birth, minor_consented=minor_consented)
    if not found.in_force:
        return f"{NOT_AUTHORIZED} ({found.words}; was: {related.scope})"
    until = f" until {format_day(found.until, today)}" if found.until else ""
    first = f"; {SAFE_CONTACT_FIRST}" if has_safe_contact else ""
    return f"authorized: {related.scope}{until}{first}"


# --- a person who is not on file -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to add while they are on the phone: a name, the birth date if they said it."""

    family_name: str
    given_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    birth_date: date | None = None

    @property
    def name(self) -> str:
        """``Lee, Ana``."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)


_HAS_DIGIT = re.compile(r"\d")


def read_new_person(text: str, *, today: date, order: DateOrder) -> NewPerson | None:
    """``Lee, Ana 3/4/1980`` or ``Ana Lee`` as somebody to add; None when no name is typed.

    Raises DateError for a birth date that cannot be.
    """
    words = clean_text(text, 200).split()
    name, birth = words, None
    first = next((n for n, word in enumerate(words) if _HAS_DIGIT.search(word)), None)
    if first == 0:
        return None
    if first is not None:
        name, birth = _split_at_birth(words, first, today=today, order=order)
    parts = split_full_name(" ".join(name))
    if not parts.family:
        return None
    return NewPerson(parts.family, parts.given, parts.middle, parts.suffix, birth)


def _split_at_birth(words: list[str], first: int, *, today: date, order: DateOrder) -> tuple[list[str], date]:
    """The words before the birth date, and the date. ``Mar 4 1980`` begins a word before its digits."""
    try:
        birth = parse_birth_date(" ".join(words[first - 1 :]), today=today, order=order)
    except DateError:
        return words[:first], parse_birth_date(" ".join(words[first:]), today=today, order=order)
    return words[: first - 1], birth
