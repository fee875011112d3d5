"""Adding and changing the offices referrals go to, and the plans they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from typing import Any

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import (
    IdentifierError,
    normalize_npi,
    normalize_taxonomy,
    parse_phone,
)
from carecoord_tui.domain.provider_words import MAX_WAIT_DAYS
from carecoord_tui.domain.vocabulary import NetworkStatus, ProviderKind
from carecoord_tui.store.actions.base import Refused, check_hours, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Payer, Provider, ProviderNetwork

SOURCE_LIMIT = 80
_TEXTS = {"name": 160, "organization": 160, "specialty": 80, "address": 240, "wants": 600, "note": 400}
_PHONES = {"phone": "phone", "referral_phone": "referral desk's phone", "fax": "fax"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEntry:
    """An office as a form holds it. Phones and the NPI as typed; field names are the table's."""

    name: str
    kind: ProviderKind = ProviderKind.PERSON
    organization: str = ""
    specialty: str = ""
    npi: str = ""
    taxonomy: str = ""
    phone: str = ""
    referral_phone: str = ""
    fax: str = ""
    address: str = ""
    usual_wait_days: int | None = None
    wants: str = ""
    note: str = ""
    is_active: bool = True
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's


Networks = Mapping[int, NetworkStatus]
"""The status of payers by number; those not named are left as they are."""


def add_provider(
    practice: Practice, entry: ProviderEntry, *, networks: Networks | None = None, source: str = ""
) -> int:
    """A new office with the plans it takes, in one change; returns its number.

    Raises Refused without a name, for a phone, NPI, taxonomy or wait that cannot be, and for an NPI
    another office has, which it names.
    """
    with practice.change("new office") as session:
        number = new_provider(session, entry)
        _put_networks(session, practice, number, networks or {}, source)
    return number


def new_provider(session: AuditedSession, entry: ProviderEntry) -> int:
    """A new office as part of another change; returns its number. Raises Refused as :func:`add_provider`."""
    record = Provider(name="")
    _put(record, entry)
    _check_npi(session, record)
    session.add(record)
    session.flush()
    assert record.id is not None  # noqa: S101 - flushed above
    return record.id


def edit_provider(
    practice: Practice,
    provider_id: int,
    entry: ProviderEntry,
    *,
    networks: Networks | None = None,
    source: str = "",
) -> None:
    """Change an office, and the plans named in ``networks``, in one change.

    A number that stays as it was stored is not read again, so that an odd one an import brought does not
    block the rest. Raises Refused as :func:`add_provider` does.
    """
    with practice.change("office edited") as session:
        record = existing(session, Provider, provider_id)
        _put(record, entry)
        _check_npi(session, record)
        session.add(record)
        _put_networks(session, practice, provider_id, networks or {}, source)


def set_active(practice: Practice, provider_id: int, is_active: bool) -> None:
    """Offer an office for new referrals, or keep it for its history only."""
    with practice.change("office offered again" if is_active else "office no longer offered") as session:
        record = existing(session, Provider, provider_id)
        record.is_active = is_active
        session.add(record)


def set_network(
    practice: Practice, provider_id: int, payer_id: int, status: NetworkStatus, source: str = ""
) -> None:
    """Record today what somebody said about an office and a payer; unknown forgets what was recorded.

    The same status again dates it anew: it was asked again. Raises Refused when either is gone.
    """
    with practice.change(f"office {status.label}") as session:
        existing(session, Provider, provider_id)
        _put_networks(session, practice, provider_id, {payer_id: status}, source)


# --- parts -----------------------------------------------------------------------------------------------


def _put(record: Provider, entry: ProviderEntry) -> None:
    """Write what differs. Raises Refused."""
    for name, value in _values(record, entry).items():
        if getattr(record, name) != value:
            setattr(record, name, value)


def _values(record: Provider, entry: ProviderEntry) -> dict[str, Any]:
    values: dict[str, Any] = {one.name: getattr(entry, one.name) for one in fields(ProviderEntry)}
    values |= {name: clean_text(values[name], limit) for name, limit in _TEXTS.items()}
    if not values["name"]:
        raise Refused("An office needs a name.")
    days = entry.usual_wait_days
    if days is not None and not 0 <= days <= MAX_WAIT_DAYS:
        raise Refused("The usual wait is between no day and two years: check it.")
    check_hours(entry.call_from, entry.call_until, entry.time_zone)
    for name, words in _PHONES.items():
        values[name] = _phone(values[name], getattr(record, name), words)
    try:
        values["npi"] = normalize_npi(entry.npi) if entry.npi.strip() else None
        values["taxonomy"] = normalize_taxonomy(entry.taxonomy) if entry.taxonomy.strip() else ""
    except IdentifierError as error:
        raise Refused(str(error)) from error
    return values


def _phone(typed: str, stored: str, words: str) -> str:
    """E.164, with its extension; a number that was not touched stays as it is stored."""
    if typed == stored or not typed.strip():
        return stored if typed.strip() else ""
    try:
        return parse_phone(typed)
    except IdentifierError as error:
        raise Refused(f"The {words}: {error}") from error


def _check_npi(session: AuditedSession, record: Provider) -> None:
    """An NPI is one person's or one organization's (45 CFR 162.406)."""
    if not record.npi:
        return
    with session.no_autoflush:
        statement = select(Provider).where(col(Provider.npi) == record.npi, col(Provider.id) != record.id)
        if record.id is None:
            statement = select(Provider).where(col(Provider.npi) == record.npi)
        other = session.exec(statement).first()
    if other is not None:
        retired = "" if other.is_active else ", which is no longer offered"
        raise Refused(f"This NPI is {other.name}'s{retired}: an NPI is given once.")


def _put_networks(
    session: AuditedSession, practice: Practice, provider_id: int, wanted: Networks, source: str
) -> None:
    for payer_id, status in wanted.items():
        existing(session, Payer, payer_id)
        record = session.exec(
            select(ProviderNetwork).where(
                col(ProviderNetwork.provider_id) == provider_id, col(ProviderNetwork.payer_id) == payer_id
            )
        ).first()
        if status is NetworkStatus.UNKNOWN:
            if record is not None:
                session.delete(record)
            continue
        if record is None:
            record = ProviderNetwork(
                provider_id=provider_id, payer_id=payer_id, status=status, checked_on=practice.today()
            )
        record.status, record.checked_on = status, practice.today()
        record.source = clean_text(source, SOURCE_LIMIT)
        session.add(record)
