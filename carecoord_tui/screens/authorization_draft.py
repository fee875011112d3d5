"""What the fields of the authorization form hold, read into an entry; and the words the form says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from carecoord_tui.domain.authorization import missed_clock_words, payer_clock
from carecoord_tui.domain.authorization_steps import (
    BEFORE_PAYER,
    DECIDED,
    GRANTED,
    Standing,
    allowed,
    facts_owed,
)
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day, format_time
from carecoord_tui.domain.facts import AuthorizationFacts
from carecoord_tui.domain.icd10 import parse_codes
from carecoord_tui.domain.identifiers import IdentifierError, normalize_npi, normalize_procedure
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason
from carecoord_tui.store.actions.authorization_items import ItemEntry
from carecoord_tui.store.actions.authorizations import AuthorizationEntry
from carecoord_tui.widgets.choice import Option

_S = AuthorizationStatus
_STATUS_KEYS = dict(zip(_S, "nfspatmdce", strict=True))
REASON_KEYS = dict(zip(DenialReason, "amionsciblr", strict=False))
CHANNELS = tuple(
    Option(key, word, word) for key, word in zip("pfh3", ("portal", "fax", "phone", "278"), strict=True)
)
_UNITS_DIGITS = 4


@dataclass
class Draft:
    """The entry as far as it is understood, and what is wrong by the control's id."""

    entry: AuthorizationEntry
    items: tuple[ItemEntry, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)


def status_option(status: AuthorizationStatus) -> Option:
    """One key a status: ``s submitted``."""
    return Option(_STATUS_KEYS[status], status.label, status.value)


def status_options(now: AuthorizationStatus | None) -> tuple[Option, ...]:
    """Where it can stand: for a new one everything that may have happened already."""
    if now is None:
        return tuple(status_option(one) for one in (*BEFORE_PAYER, _S.SUBMITTED, _S.PENDED, *DECIDED))
    return tuple(status_option(one) for one in (now, *allowed(now)))


def item_options() -> tuple[Option, ...]:
    """What a payer can say of one item."""
    return tuple(status_option(one) for one in (_S.SUBMITTED, _S.PENDED, _S.APPROVED, _S.MODIFIED, _S.DENIED))


def reason_options(*, with_none: bool = True) -> tuple[Option, ...]:
    """Our own list of reasons; ``0`` for one not known."""
    keys = "123456789xo"
    found = tuple(Option(key, one.label, one.value) for key, one in zip(keys, DenialReason, strict=True))
    return (*found, Option("0", "not known", "")) if with_none else found


def read_draft(
    texts: Mapping[str, str], days: Mapping[str, date | None], numbers: Mapping[str, int | None]
) -> Draft:
    """The fields as an entry. Problems are sentences for the person who typed."""
    problems: dict[str, str] = {}
    if not texts["service"]:
        problems["service"] = "Which service is it for? Such as MRI lumbar spine."
    for name, check in _CHECKS.items():
        try:
            if texts[name]:
                check(texts[name])
        except IdentifierError as error:
            problems[name] = str(error)
    items = _items(texts["items"], problems)
    entry = AuthorizationEntry(
        service=texts["service"],
        service_code=texts["code"],
        coverage_id=numbers["coverage"],
        referral_id=numbers["referral"],
        appointment_id=numbers["visit"],
        service_on=days["service-on"],
        is_drug=bool(texts["drug"]),
        is_expedited=bool(texts["expedited"]),
        diagnoses=texts["diagnoses"],
        requesting_npi=texts["requesting"],
        rendering_npi=texts["rendering"],
        site=texts["site"],
        channel=texts["channel"],
        reference=texts["reference"],
        number=texts["number"],
        valid_from=days["valid-from"],
        valid_to=days["valid-to"],
        units_authorized=read_units(texts, "units", problems),
        units_used=read_units(texts, "used", problems),
        beyond=texts["beyond"],
        peer_to_peer_by=days["peer"],
        note=texts["note"],
    )
    return Draft(entry, items, problems)


_CHECKS: dict[str, Callable[[str], object]] = {
    "code": normalize_procedure,
    "diagnoses": parse_codes,
    "requesting": normalize_npi,
    "rendering": normalize_npi,
}


def read_units(texts: Mapping[str, str], name: str, problems: dict[str, str]) -> int | None:
    """A field of units as a whole number; None while it is empty, or with a problem at its name."""
    typed = texts[name]
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _UNITS_DIGITS):
        problems[name] = "Units are a whole number, such as 12."
        return None
    return int(typed)


def _items(typed: str, problems: dict[str, str]) -> tuple[ItemEntry, ...]:
    """``97110 exercise; 97140``: a code first where there is one."""
    found = []
    for part in (one.strip() for one in typed.split(";")):
        code, _, words = part.partition(" ")
        if any(char.isdigit() for char in code):
            try:
                found.append(ItemEntry(code=normalize_procedure(code), service=words.strip()))
            except IdentifierError as error:
                problems["items"] = str(error)
        elif part:
            found.append(ItemEntry(service=part))
    return tuple(found)


# --- words ------------------------------------------------------------------------------------


def clock_words(record: AuthorizationFacts, context: Context, now: datetime) -> list[str]:
    """The payer's clock: its last day, when to ask, its rule and citation; what a missed one means."""
    if record.submitted_at is None:
        return []
    clock = payer_clock(record, context)
    if clock is None or clock.legal_on is None:
        return [f"No decision clock is known for {record.payer_name} and this service: ask after a week."]
    ask_on = context.last_chance(context.calendar.add_business_days(clock.legal_on, -1))
    last = format_day(clock.legal_on)
    if clock.legal_at is not None:
        last += f" {format_time(clock.legal_at.astimezone(context.zone).time())}"
    is_late = clock.legal_at < now if clock.legal_at else clock.legal_on < context.day_of(now)
    lines = [
        f"Payer decides by {last}; asked one business day before, {format_day(ask_on)}.",
        f"{clock.rule_id}: {context.cite(clock)}",
    ]
    if is_late:
        lines.insert(0, f"The payer is late: its clock ended {last}. {missed_clock_words(record, context)}")
    return lines


def owed_words(standing: Standing) -> str:
    """What is not in yet."""
    owed = facts_owed(standing)
    return f"Not entered yet: {', '.join(fact.value for fact in owed)}." if owed else ""


def units_words(authorized: int | None, used: int | None) -> str:
    """``1 left``; empty where a number is not known."""
    if authorized is None or used is None:
        return ""
    return f"{authorized - used} left" if used <= authorized else f"{used - authorized} beyond: say why"


def is_granted(status: str) -> bool:
    """The payer agreed, in full or in part."""
    return status in [one.value for one in GRANTED]
