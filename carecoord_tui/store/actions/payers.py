"""Adding and changing payers, and the clocks and limits of their contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from typing import Any

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.identifiers import IdentifierError, parse_phone
from carecoord_tui.domain.payer_limit import check_limit
from carecoord_tui.domain.payer_rows import MAX_FILING_DAYS
from carecoord_tui.domain.rulepack import RuleError, Unit
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.store.actions.base import Refused, as_shown, check_hours, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Payer, PayerLimit

SOURCE_LIMIT = 160
_TEXTS = {"name": 160, "portal": 200, "note": 400}
_PHONES = {
    "phone": "phone",
    "authorization_phone": "authorization phone",
    "fax": "fax",
    "appeal_fax": "appeal fax",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerEntry:
    """A payer as a form holds it. Phones as typed; field names are the table's."""

    name: str
    payer_class: PayerClass = PayerClass.UNKNOWN
    phone: str = ""
    authorization_phone: str = ""
    fax: str = ""
    appeal_fax: str = ""
    portal: str = ""
    timely_filing_days: int | None = None  # calendar days from the service; None: not entered
    note: str = ""
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's


Limits = Mapping[str, tuple[int, Unit] | None]
"""Counts by rule id, None to take one back; rules not named are left as they are."""


def add_payer(
    practice: Practice, entry: PayerEntry, *, limits: Limits | None = None, source: str = ""
) -> int:
    """A new payer with its contract's limits, in one change; returns its number.

    Raises Refused without a name, for a name another payer has, a phone or a number of days that cannot
    be, and for a limit as :func:`set_limit` does.
    """
    with practice.change("new payer") as session:
        record = Payer(name="")
        _put(session, record, entry)
        session.add(record)
        session.flush()
        assert record.id is not None  # noqa: S101 - flushed above
        _put_limits(session, practice, record.id, limits or {}, source)
        return record.id


def edit_payer(
    practice: Practice,
    payer_id: int,
    entry: PayerEntry,
    *,
    limits: Limits | None = None,
    source: str = "",
    version: int | None = None,
) -> None:
    """Change a payer, and the limits named in ``limits``, in one change. Raises Refused as :func:`add_payer`.

    ``version`` is the payer's as the form read it: Conflict when another window changed it since.
    A number that stays as it was stored is not read again, so that an odd one an import brought does not
    block the rest.
    """
    with practice.change("payer edited") as session:
        record = existing(session, Payer, payer_id)
        if version is not None:
            record = as_shown(session, Payer, payer_id, version)
        _put(session, record, entry)
        session.add(record)
        _put_limits(session, practice, payer_id, limits or {}, source)


def set_limit(
    practice: Practice, payer_id: int, rule_id: str, n: int, unit: Unit, *, source: str = ""
) -> None:
    """Enter a clock or limit of the payer's contract; from today it stands in place of the rule's count.

    ``source`` says where it stands (contract and section). A rule that is law can be overridden too
    (``docs/decisions/0010``). Raises Refused for a rule the pack does not have, one a contract does not set,
    and for a count that makes no sense.
    """
    with practice.change("payer limit entered") as session:
        existing(session, Payer, payer_id)
        _put_limits(session, practice, payer_id, {rule_id: (n, unit)}, source)


# --- parts -----------------------------------------------------------------------------------------------


def _put(session: AuditedSession, record: Payer, entry: PayerEntry) -> None:
    """Write what differs. Raises Refused."""
    values = _values(record, entry)
    _check_name(session, record, values["name"])
    for name, value in values.items():
        if getattr(record, name) != value:
            setattr(record, name, value)


def _values(record: Payer, entry: PayerEntry) -> dict[str, Any]:
    values: dict[str, Any] = {one.name: getattr(entry, one.name) for one in fields(PayerEntry)}
    values |= {name: clean_text(values[name], limit) for name, limit in _TEXTS.items()}
    if not values["name"]:
        raise Refused("A payer needs a name.")
    days = entry.timely_filing_days
    if days is not None and not 0 < days <= MAX_FILING_DAYS:
        raise Refused("Timely filing is between one day and ten years: check it.")
    check_hours(entry.call_from, entry.call_until, entry.time_zone)
    for name, words in _PHONES.items():
        values[name] = _phone(values[name], getattr(record, name), words)
    return values


def _phone(typed: str, stored: str, words: str) -> str:
    """E.164, with its extension; a number that was not touched stays as it is stored."""
    if typed == stored or not typed.strip():
        return stored if typed.strip() else ""
    try:
        return parse_phone(typed)
    except IdentifierError as error:
        raise Refused(f"The {words}: {error}") from error


def _check_name(session: AuditedSession, record: Payer, name: str) -> None:
    """Two payers of one name could not be told apart; case and accents do not tell them apart either."""
    with session.no_autoflush:
        others = session.exec(select(Payer.id, Payer.name)).all()
    for number, other in others:
        if number != record.id and fold(other) == fold(name):
            raise Refused(f"{other} is in the payer directory already: change that one.")


def _limit(session: AuditedSession, payer_id: int, rule_id: str) -> PayerLimit | None:
    return session.exec(
        select(PayerLimit).where(col(PayerLimit.payer_id) == payer_id, col(PayerLimit.rule_id) == rule_id)
    ).first()


def _put_limits(
    session: AuditedSession, practice: Practice, payer_id: int, wanted: Limits, source: str
) -> None:
    for rule_id, count in wanted.items():
        record = _limit(session, payer_id, rule_id)
        if count is None:
            if record is not None:
                session.delete(record)
            continue
        n, unit = count[0], _checked(practice, rule_id, *count)
        if record is None:
            record = PayerLimit(
                payer_id=payer_id, rule_id=rule_id, n=n, unit=unit.value, entered_on=practice.today()
            )
        record.n, record.unit, record.entered_on = n, unit.value, practice.today()
        record.source = clean_text(source, SOURCE_LIMIT)
        session.add(record)


def _checked(practice: Practice, rule_id: str, n: int, unit: Unit) -> Unit:
    pack = practice.context.pack
    try:
        return check_limit(pack, rule_id, n, unit)
    except RuleError as error:
        raise Refused(str(error)) from error
