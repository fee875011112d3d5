"""How a patient may be reached: the confidential channel, safe contact, a minor's consent, calling hours.

45 CFR 164.522(b): what the person asks for is kept. The reason behind safe-contact instructions is sealed:
only :func:`reveal_reason` reads it, and each look is in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.store.actions.base import Refused, as_shown, check_hours
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Patient, PatientPhone

TEXT_LIMIT = 400
REVEALED = "safe-contact reason viewed"
NO_WAY_LEFT = "Say which number may be used, or write the safe-contact instructions."


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRules:
    """The rules as the sheet holds them. ``reason`` None leaves the sealed one as it is."""

    confidential_channel: bool = False
    permitted: frozenset[int] = frozenset()  # numbers of the patient's phones that may be used
    safe_contact: str = ""
    reason: str | None = None
    minor_consent: str = ""
    detailed_voicemail: bool | None = None
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's


def put_contact_rules(practice: Practice, patient_id: int, rules: ContactRules, *, version: int) -> None:
    """Keep the rules in one change. ``version`` is the patient's as the sheet read it.

    Raises Conflict when another window changed the patient since, Refused for a confidential channel that
    leaves no way to reach the person, and for hours or a zone that cannot be.
    """
    check_hours(rules.call_from, rules.call_until, rules.time_zone)
    with practice.change("contact rules") as session:
        record = as_shown(session, Patient, patient_id, version)
        phones = _phones(session, patient_id)
        safe_contact = clean_text(rules.safe_contact, TEXT_LIMIT)
        may_use = [phone for phone in phones if phone.id in rules.permitted]
        if rules.confidential_channel and not (may_use or safe_contact):
            raise Refused(NO_WAY_LEFT)
        record.confidential_channel = rules.confidential_channel
        record.safe_contact = safe_contact
        if rules.reason is not None:
            record.safe_contact_reason = clean_text(rules.reason, TEXT_LIMIT)
        record.minor_consent = clean_text(rules.minor_consent, TEXT_LIMIT)
        record.detailed_voicemail = rules.detailed_voicemail
        record.call_from, record.call_until = rules.call_from, rules.call_until
        record.time_zone = rules.time_zone
        session.add(record)
        for phone in phones:
            phone.is_permitted = phone.id in rules.permitted
            session.add(phone)


def _phones(session: AuditedSession, patient_id: int) -> list[PatientPhone]:
    return list(session.exec(select(PatientPhone).where(col(PatientPhone.patient_id) == patient_id)))


def reveal_reason(practice: Practice, patient_id: int) -> str:
    """The sealed reason, after the look is in the audit; empty when none was written.

    Raises ReadOnly where the look cannot be recorded: then nothing is shown.
    """
    check_may_leave(practice)
    practice.record_event(REVEALED, patient_id=patient_id)
    rows = practice.execute("SELECT safe_contact_reason FROM patient WHERE id = ?", [patient_id])
    return next((str(row[0]) for row in rows), "")
