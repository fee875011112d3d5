"""What stands in each table of an export, as statements: header, columns, and who it is about.

Headers are those the importers recognise, so that a file read back changes nothing. Under a confidential
channel (45 CFR 164.522(b)) only permitted numbers leave, no address and no email; the reason of safe-contact
instructions never does.
"""

from __future__ import annotations

from carecoord_tui.domain import vocabulary as words
from carecoord_tui.exchange.exports.kinds import As
from carecoord_tui.exchange.exports.subject import BY_NAME, Subject, of
from carecoord_tui.store.queries.phones import MAY_LEAVE

__all__ = ["As", "Subject"]

_LABELS = ("mobile", "home", "work", "phone")
"""Labels that have a column of their own in a patient list; any other number is another phone."""


def _phones(label: str) -> str:
    """Every number with a label, the best first, a line each; the patient list is read back so."""
    return (
        "(SELECT group_concat(number, char(10)) FROM (SELECT n.number FROM patient_phone n"  # noqa: S608
        f" WHERE n.patient_id = p.id AND {MAY_LEAVE} AND n.label {label} ORDER BY n.rank, n.id))"
    )


def _unless_confidential(column: str) -> str:
    return f"CASE WHEN p.confidential_channel THEN '' ELSE p.{column} END"


_COVERED = "LEFT JOIN coverage c ON c.id = {0}.coverage_id LEFT JOIN payer y ON y.id = c.payer_id"

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
        ("Mobile phone", _phones("= 'mobile'"), As.PHONES),
        ("Home phone", _phones("= 'home'"), As.PHONES),
        ("Work phone", _phones("= 'work'"), As.PHONES),
        ("Phone", _phones("= 'phone'"), As.PHONES),
        ("Other phone", _phones(f"NOT IN {_LABELS}"), As.PHONES),
        ("Email", _unless_confidential("email"), As.TEXT),
        ("Address", _unless_confidential("address_line"), As.TEXT),
        ("City", _unless_confidential("city"), As.TEXT),
        ("State", _unless_confidential("state"), As.TEXT),
        ("ZIP code", _unless_confidential("postal_code"), As.TEXT),
        ("Language", "p.language", As.TEXT),
        ("Interpreter", "p.interpreter_needed", As.YES_NO),
        ("Risk", "p.risk", words.Risk),
        ("Primary care provider", "p.primary_provider", As.TEXT),
        ("Newest contact", "p.last_contact_at", As.TIME),
        ("Contact only at permitted numbers", "p.confidential_channel", As.YES_NO),
        ("Safe contact instructions", "p.safe_contact", As.TEXT),
    ),
    BY_NAME,
    where="p.merged_into_id IS NULL",
)
MERGED = Subject(
    "Merged records",
    "patient m JOIN patient p ON p.id = m.merged_into_id",
    (
        ("Merged last name", "m.family_name", As.PERSON),
        ("Merged first name", "m.given_name", As.PERSON),
        ("Merged date of birth", "m.birth_date", As.DAY),
        ("Merged MRN", "m.mrn", As.TEXT),
    ),
    f"{BY_NAME}, m.id",
    is_whole=False,
)
"""What the record that went said otherwise stands in a note of the one that stays."""
COVERAGES = Subject(
    "Coverages",
    of("coverage", "c", "JOIN payer y ON y.id = c.payer_id"),
    (
        ("Payer", "y.name", As.NAME),
        ("Payer class", "y.payer_class", words.PayerClass),
        ("Plan name", "c.plan_name", As.TEXT),
        ("Member ID", "c.member_id", As.TEXT),
        ("Group number", "c.group_number", As.TEXT),
        ("Priority", "c.rank", As.TEXT),
        ("Coverage status", "c.status", words.CoverageStatus),
        ("Effective from", "c.starts_on", As.DAY),
        ("Effective to", "c.ends_on", As.DAY),
    ),
    f"{BY_NAME}, c.rank, c.id",
)
APPOINTMENTS = Subject(
    "Appointments",
    of("appointment", "a", "LEFT JOIN provider v ON v.id = a.provider_id"),
    (
        ("Appointment date", "a.starts_at", As.TIME),
        ("Appointment type", "a.title", As.NAME),
        ("Provider", "v.name", As.NAME),
        ("Location", "a.location", As.TEXT),
        ("Appointment status", "a.status", words.AppointmentStatus),
        ("Minutes", "a.minutes", As.TEXT),
        ("Booked on", "a.booked_on", As.DAY),
        ("Notes", "a.note", As.TEXT),
    ),
    f"a.starts_at, {BY_NAME}",
    about=("'appointment'", "a.id"),
)
FOLLOW_UPS = Subject(
    "Follow-ups",
    of("follow_up", "f"),
    (
        ("Follow up", "f.title", As.NAME),
        ("Due date", "coalesce(f.due_at, f.due_on)", As.DAY_OR_TIME),
        ("Type", "f.kind", words.FollowUpKind),
        ("Priority", "f.priority", words.Priority),
        ("Status", "f.status", words.FollowUpStatus),
        ("Done on", "f.done_on", As.DAY),
        ("Repeats", "f.recurrence", As.TEXT),
        ("Notes", "f.note", As.TEXT),
    ),
    f"f.due_on, {BY_NAME}",
)
AUTHORIZATIONS = Subject(
    "Authorizations",
    of("authorization", "a", _COVERED.format("a")),
    (
        ("Payer", "y.name", As.NAME),
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
    f"{BY_NAME}, a.id",
    about=("'authorization'", "a.id"),
)
DENIALS = Subject(
    "Denials",
    of("denial", "d", _COVERED.format("d")),
    (
        ("Payer", "y.name", As.NAME),
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
    f"{BY_NAME}, d.id",
    about=("'denial'", "d.id"),
)
CONTACTS = Subject(
    "Contacts",
    of("contact", "k"),
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
    about=("k.about_kind", "k.about_id"),
)
NOTES = Subject(
    "Notes",
    of("note", "n"),
    (("When", "n.at", As.TIME), ("Note", "n.text", As.TEXT)),
    "n.at, n.id",
    about=("n.about_kind", "n.about_id"),
)
BILLS = Subject(
    "Bills",
    of("billing_case", "b", "LEFT JOIN payer y ON y.id = b.payer_id"),
    (
        ("Question", "b.title", As.TEXT),
        ("Payer", "y.name", As.NAME),
        ("Amount", "b.amount", As.AMOUNT),
        ("Opened on", "b.opened_on", As.DAY),
        ("Status", "b.status", words.BillingStatus),
        ("Closed on", "b.closed_on", As.DAY),
        ("Note", "b.note", As.TEXT),
    ),
    f"{BY_NAME}, b.id",
)
PAYMENTS = Subject(
    "Payments",
    of("installment", "i", "JOIN payment_plan g ON g.id = i.plan_id"),
    (
        ("Payment plan", "g.title", As.TEXT),
        ("Due on", "i.due_on", As.DAY),
        ("Amount", "i.amount", As.AMOUNT),
        ("Paid on", "i.paid_on", As.DAY),
    ),
    f"{BY_NAME}, i.due_on, i.id",
)
PROVIDERS = Subject(
    "Providers",
    "provider v",
    (
        ("Provider name", "v.name", As.NAME),
        ("Organization", "v.organization", As.NAME),
        ("Specialty", "v.specialty", As.NAME),
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
        ("Payer", "y.name", As.NAME),
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
    PATIENTS, MERGED, COVERAGES, FOLLOW_UPS, APPOINTMENTS, AUTHORIZATIONS, DENIALS, CONTACTS, NOTES, BILLS,
    PAYMENTS, PROVIDERS, PAYERS,
)  # fmt: skip
"""Every table but the referrals, whose log has its own columns (``referral_export``), and ``people``."""
