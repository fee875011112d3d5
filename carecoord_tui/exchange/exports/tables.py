"""What stands in each table of an export, as statements: header, columns, and who it is about.

Headers are those the importers recognise, so that a file read back changes nothing. Under a confidential
channel (45 CFR 164.522(b)) only permitted numbers leave, no address and no email; the reason of safe-contact
instructions never does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain import vocabulary as words
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.queries.today import Execute

_PERSON = ("Last name", "First name", "Date of birth", "MRN")
_PERSON_COLUMNS = "p.family_name, p.given_name, p.birth_date, p.mrn"


class As(Enum):
    """How a stored value becomes a cell."""

    TEXT = "text"
    DAY = "day"
    TIME = "time"  # an aware time, in the practice's zone
    PHONE = "phone"
    AMOUNT = "amount"
    YES_NO = "yes/no"


_SHOWN_PHONE = (
    "(SELECT n.number FROM patient_phone n WHERE n.patient_id = p.id"
    " AND (n.is_permitted OR NOT p.confidential_channel) AND n.label = '{label}'"
    " ORDER BY n.rank, n.id LIMIT 1)"
)


def _unless_confidential(column: str) -> str:
    return f"CASE WHEN p.confidential_channel THEN '' ELSE p.{column} END"


Column = tuple[str, str, "As | type[words.Worded]"]
"""Header, SQL expression, and how it is read: ``As`` or the vocabulary whose label is written."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A table of an export. ``source`` follows FROM and must hold patient as ``p`` where ``of_people``."""

    name: str
    source: str
    columns: Sequence[Column]
    order: str
    of_people: bool = True

    @property
    def headers(self) -> list[str]:
        """The header row."""
        own = [header for header, _, _ in self.columns]
        return [*_PERSON, *own] if self.of_people else own

    def rows(self, execute: Execute, zone: ZoneInfo, patient_id: int | None = None) -> list[list[Cell]]:
        """Every row, or one person's; times in ``zone``."""
        person = f"{_PERSON_COLUMNS}, " if self.of_people else ""
        expressions = ", ".join(expression for _, expression, _ in self.columns)
        where, parameters = self._which(patient_id)
        # Every part of it is a constant of this module.
        sql = f"SELECT {person}{expressions} FROM {self.source}{where} ORDER BY {self.order}"  # noqa: S608
        found = execute(sql, parameters)
        kinds = [*_PERSON_KINDS, *self._kinds()] if self.of_people else self._kinds()
        return [
            [_CELLS[kind](value, zone) if isinstance(kind, As) else _label(kind, value)
             for kind, value in zip(kinds, row, strict=True)]
            for row in found
        ]  # fmt: skip

    def _kinds(self) -> list[As | type[words.Worded]]:
        return [kind for _, _, kind in self.columns]

    def _which(self, patient_id: int | None) -> tuple[str, list[object]]:
        if not self.of_people:
            return "", []
        kept = " WHERE p.merged_into_id IS NULL"
        return (kept, []) if patient_id is None else (f"{kept} AND p.id = ?", [patient_id])


_PERSON_KINDS = (As.TEXT, As.TEXT, As.DAY, As.TEXT)


def _text(value: Any, _: ZoneInfo) -> Cell:
    return "" if value is None else str(value)


def _day(value: Any, _: ZoneInfo) -> Cell:
    return date.fromisoformat(value[:10]) if value else ""


def _time(value: Any, zone: ZoneInfo) -> Cell:
    return datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None) if value else ""


def _phone(value: Any, _: ZoneInfo) -> Cell:
    return format_phone(value) if value else ""


def _yes_no(value: Any, _: ZoneInfo) -> Cell:
    return "" if value is None else "yes" if value else "no"


def _label(kind: type[words.Worded], value: Any) -> Cell:
    return "" if value is None else kind(value).label


_CELLS: Mapping[As, Callable[[Any, ZoneInfo], Cell]] = {
    As.TEXT: _text,
    As.DAY: _day,
    As.TIME: _time,
    As.PHONE: _phone,
    As.AMOUNT: _text,
    As.YES_NO: _yes_no,
}


def _of(table: str, alias: str, *joins: str) -> str:
    """A table of people's records with its patient."""
    return " ".join([f"{table} {alias} JOIN patient p ON p.id = {alias}.patient_id", *joins])


_COVERED = "LEFT JOIN coverage c ON c.id = {0}.coverage_id LEFT JOIN payer y ON y.id = c.payer_id"
_BY_NAME = "p.sort_name, p.id"

PATIENTS = Subject(
    "Patients",
    "patient p",
    (
        ("Middle name", "p.middle_name", As.TEXT),
        ("Preferred name", "p.preferred_name", As.TEXT),
        ("Name prefix", "p.prefix", As.TEXT),
        ("Suffix", "p.suffix", As.TEXT),
        ("Sex", "p.sex", words.Sex),
        ("Patient status", "p.status", words.PatientStatus),
        ("Date of death", "p.deceased_on", As.DAY),
        ("Mobile phone", _SHOWN_PHONE.format(label="mobile"), As.PHONE),
        ("Home phone", _SHOWN_PHONE.format(label="home"), As.PHONE),
        ("Work phone", _SHOWN_PHONE.format(label="work"), As.PHONE),
        ("Email", _unless_confidential("email"), As.TEXT),
        ("Address", _unless_confidential("address_line"), As.TEXT),
        ("City", _unless_confidential("city"), As.TEXT),
        ("State", _unless_confidential("state"), As.TEXT),
        ("ZIP code", _unless_confidential("postal_code"), As.TEXT),
        ("Language", "p.language", As.TEXT),
        ("Interpreter", "p.interpreter_needed", As.YES_NO),
        ("Risk", "p.risk", words.Risk),
        ("Primary care provider", "p.primary_provider", As.TEXT),
        ("Last contact", "p.last_contact_at", As.TIME),
        ("Contact only at permitted numbers", "p.confidential_channel", As.YES_NO),
        ("Safe contact instructions", "p.safe_contact", As.TEXT),
    ),
    _BY_NAME,
)
COVERAGES = Subject(
    "Coverages",
    _of("coverage", "c", "JOIN payer y ON y.id = c.payer_id"),
    (
        ("Payer", "y.name", As.TEXT),
        ("Payer class", "y.payer_class", words.PayerClass),
        ("Plan name", "c.plan_name", As.TEXT),
        ("Member ID", "c.member_id", As.TEXT),
        ("Group number", "c.group_number", As.TEXT),
        ("Priority", "c.rank", As.TEXT),
        ("Coverage status", "c.status", words.CoverageStatus),
        ("Effective from", "c.starts_on", As.DAY),
        ("Effective to", "c.ends_on", As.DAY),
    ),
    f"{_BY_NAME}, c.rank, c.id",
)
APPOINTMENTS = Subject(
    "Appointments",
    _of("appointment", "a", "LEFT JOIN provider v ON v.id = a.provider_id"),
    (
        ("Appointment date", "a.starts_at", As.TIME),
        ("Appointment type", "a.title", As.TEXT),
        ("Provider", "v.name", As.TEXT),
        ("Location", "a.location", As.TEXT),
        ("Appointment status", "a.status", words.AppointmentStatus),
        ("Minutes", "a.minutes", As.TEXT),
        ("Booked on", "a.booked_on", As.DAY),
        ("Notes", "a.note", As.TEXT),
    ),
    f"a.starts_at, {_BY_NAME}",
)
FOLLOW_UPS = Subject(
    "Follow-ups",
    _of("follow_up", "f"),
    (
        ("Follow up", "f.title", As.TEXT),
        ("Due date", "f.due_on", As.DAY),
        ("Type", "f.kind", words.FollowUpKind),
        ("Priority", "f.priority", words.Priority),
        ("Status", "f.status", words.FollowUpStatus),
        ("Done on", "f.done_on", As.DAY),
        ("Notes", "f.note", As.TEXT),
    ),
    f"f.due_on, {_BY_NAME}",
)
AUTHORIZATIONS = Subject(
    "Authorizations",
    _of("authorization", "a", _COVERED.format("a")),
    (
        ("Payer", "y.name", As.TEXT),
        ("Service", "a.service", As.TEXT),
        ("Codes", "a.service_code", As.TEXT),
        ("Authorization status", "a.status", words.AuthorizationStatus),
        ("Date submitted", "a.submitted_at", As.TIME),
        ("Reference number", "a.reference", As.TEXT),
        ("Decision date", "a.decided_on", As.DAY),
        ("Authorization number", "a.number", As.TEXT),
        ("Valid from", "a.valid_from", As.DAY),
        ("Valid to", "a.valid_to", As.DAY),
        ("Units authorized", "a.units_authorized", As.TEXT),
        ("Units used", "a.units_used", As.TEXT),
        ("Notes", "a.note", As.TEXT),
    ),
    f"{_BY_NAME}, a.id",
)
DENIALS = Subject(
    "Denials",
    _of("denial", "d", _COVERED.format("d")),
    (
        ("Payer", "y.name", As.TEXT),
        ("Service", "d.service", As.TEXT),
        ("Reason", "d.reason_kind", words.DenialReason),
        ("In their words", "d.reason", As.TEXT),
        ("Notice dated", "d.notice_on", As.DAY),
        ("Received on", "d.received_on", As.DAY),
        ("Level", "d.level", As.TEXT),
        ("Status", "d.status", words.DenialStatus),
        ("Claim number", "d.claim_number", As.TEXT),
        ("Amount", "d.amount", As.AMOUNT),
        ("Notes", "d.note", As.TEXT),
    ),
    f"{_BY_NAME}, d.id",
)
CONTACTS = Subject(
    "Contacts",
    _of("contact", "k"),
    (
        ("When", "k.at", As.TIME),
        ("Direction", "k.direction", words.Direction),
        ("Channel", "k.channel", words.Channel),
        ("Outcome", "k.outcome", words.Outcome),
        ("Spoke with", "k.spoke_with", As.TEXT),
        ("Reference", "k.reference", As.TEXT),
        ("Minutes", "k.minutes", As.TEXT),
        ("Made by", "k.made_by", As.TEXT),
        ("Note", "k.note", As.TEXT),
    ),
    "k.at, k.id",
)
NOTES = Subject(
    "Notes",
    _of("note", "n"),
    (("When", "n.at", As.TIME), ("Note", "n.text", As.TEXT)),
    "n.at, n.id",
)
PEOPLE = Subject(
    "People",
    _of("related_person", "r"),
    (
        ("Name", "r.name", As.TEXT),
        ("Relationship", "r.relationship", As.TEXT),
        ("Phone", "CASE WHEN p.confidential_channel THEN '' ELSE r.phone END", As.PHONE),
        ("Authorized person", "r.is_authorized", As.YES_NO),
        ("May be told", "r.scope", As.TEXT),
        ("Until", "r.scope_until", As.DAY),
        ("Emergency contact", "r.is_emergency_contact", As.YES_NO),
        ("Note", "r.note", As.TEXT),
    ),
    f"{_BY_NAME}, r.id",
)
BILLS = Subject(
    "Bills",
    _of("billing_case", "b", "LEFT JOIN payer y ON y.id = b.payer_id"),
    (
        ("Question", "b.title", As.TEXT),
        ("Payer", "y.name", As.TEXT),
        ("Amount", "b.amount", As.AMOUNT),
        ("Opened on", "b.opened_on", As.DAY),
        ("Status", "b.status", words.BillingStatus),
        ("Closed on", "b.closed_on", As.DAY),
        ("Note", "b.note", As.TEXT),
    ),
    f"{_BY_NAME}, b.id",
)
PAYMENTS = Subject(
    "Payments",
    _of("installment", "i", "JOIN payment_plan g ON g.id = i.plan_id"),
    (
        ("Payment plan", "g.title", As.TEXT),
        ("Due on", "i.due_on", As.DAY),
        ("Amount", "i.amount", As.AMOUNT),
        ("Paid on", "i.paid_on", As.DAY),
    ),
    f"{_BY_NAME}, i.due_on, i.id",
)
PROVIDERS = Subject(
    "Providers",
    "provider v",
    (
        ("Provider name", "v.name", As.TEXT),
        ("Organization", "v.organization", As.TEXT),
        ("Specialty", "v.specialty", As.TEXT),
        ("NPI", "v.npi", As.TEXT),
        ("Phone", "v.phone", As.PHONE),
        ("Fax", "v.fax", As.PHONE),
        ("Address", "v.address", As.TEXT),
        ("Notes", "v.note", As.TEXT),
    ),
    "v.name, v.id",
    of_people=False,
)
PAYERS = Subject(
    "Payers",
    "payer y",
    (
        ("Payer", "y.name", As.TEXT),
        ("Class", "y.payer_class", words.PayerClass),
        ("Phone", "y.phone", As.PHONE),
        ("Authorization phone", "y.authorization_phone", As.PHONE),
        ("Fax", "y.fax", As.PHONE),
        ("Portal", "y.portal", As.TEXT),
        ("Timely filing days", "y.timely_filing_days", As.TEXT),
        ("Notes", "y.note", As.TEXT),
    ),
    "y.name, y.id",
    of_people=False,
)
SUBJECTS = (
    PATIENTS, COVERAGES, FOLLOW_UPS, APPOINTMENTS, AUTHORIZATIONS, DENIALS, CONTACTS, NOTES, PEOPLE, BILLS,
    PAYMENTS, PROVIDERS, PAYERS,
)  # fmt: skip
"""Every table but the referrals, whose log has its own columns (``referral_export``)."""
