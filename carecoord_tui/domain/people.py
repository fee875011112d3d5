"""The people around a patient: who may be told what, until when; and who takes part in the care.

A scope of disclosure ends with its day. A parent or guardian of a minor speaks for them (45 CFR
164.502(g)(3)) until the patient's 18th birthday, and not about a service the minor consented to alone;
paying for care is not permission to hear about it (``domain.md``, Privacy).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.rows import RelatedRow

ADULT_AT = 18
NOT_AUTHORIZED = "not authorized"
MINOR_DECIDES = "the patient consented alone: no parent call, letter, estimate"
BIRTH_NEEDED = "the patient's birth date is not on file: a guardian's authority cannot be judged"


@dataclass(frozen=True, slots=True)
class Authority:
    """What one person may be told today; ``words`` is the scope, or why nothing.

    ``ended_on`` is the last day an authority that has ended was in force; ``until`` the last day of one
    that is.
    """

    in_force: bool
    words: str
    until: date | None = None
    ended_on: date | None = None


def comes_of_age(birth: date) -> date:
    """The 18th birthday; of somebody born on 29 February the 1st of March, as the year has no 29th."""
    try:
        return birth.replace(year=birth.year + ADULT_AT)
    except ValueError:
        return date(birth.year + ADULT_AT, 3, 1)


class Related(Protocol):
    """What decides on authority: a row of a screen or a record of the store."""

    @property
    def is_authorized(self) -> bool: ...

    @property
    def is_guardian(self) -> bool: ...

    @property
    def scope(self) -> str: ...

    @property
    def scope_until(self) -> date | None: ...


def authority(
    person: Related, today: date, patient_birth: date | None, *, minor_consented: bool = False
) -> Authority:
    """What ``person`` may be told ``today``. The last day of a scope still counts; the birthday does not.

    ``minor_consented``: the patient consented to a service alone as a minor, so no parent is told.
    """
    if not person.is_authorized:
        return Authority(False, NOT_AUTHORIZED)
    until = person.scope_until
    if until is not None and until < today:
        return Authority(False, f"expired {format_day(until, today)}", ended_on=until)
    if not person.is_guardian:
        return Authority(True, person.scope, until)
    if patient_birth is None:
        return Authority(False, BIRTH_NEEDED)
    birthday = comes_of_age(patient_birth)
    if birthday <= today:
        day = format_day(birthday, today)
        return Authority(False, f"lapsed {day}: the patient turned 18", ended_on=birthday)
    if minor_consented:
        return Authority(False, MINOR_DECIDES)
    return Authority(True, person.scope, until)


def authorized(
    people: Iterable[RelatedRow], today: date, patient_birth: date | None, *, minor_consented: bool = False
) -> list[RelatedRow]:
    """Those whose authority is in force today."""
    return [
        one
        for one in people
        if authority(one, today, patient_birth, minor_consented=minor_consented).in_force
    ]
