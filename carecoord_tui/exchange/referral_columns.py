"""The columns of a referral log, as offices keep it in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from carecoord_tui.exchange.columns import WITHHELD, FieldSet

RECORD_HEADER = "Carecoord record"
"""Heads the record's own number in what this program exports; no other file has this column."""

_NAMES = {
    "record": "carecoord record",
    "family_name": "last name, family name, surname, last, patient last name, lname",
    "given_name": "first name, given name, forename, first, patient first name, fname",
    "full_name": (
        "patient name, full name, name, patient, name of patient, client name, client, member name, pt"
    ),
    "mrn": (
        "mrn, medical record number, medical record no, medical record, mr number, patient id, "
        "patient number, patient no, chart number, chart no, chart, patient identifier, emr id, ehr "
        "id, account number, account no"
    ),
    "birth_date": "date of birth, birth date, dob, birthday, born, birth dt, bdate",
    "phone": (
        "patient phone, phone, phone number, telephone, mobile, mobile phone, cell, cell phone, home "
        "phone, contact number, contact phone, primary phone"
    ),
    "specialty": (
        "specialty, speciality, referral specialty, referred specialty, referred to specialty, "
        "specialty referred to, consult specialty, specialist type, specialty type, service "
        "requested, discipline"
    ),
    "provider": (
        "referred to, refer to, ref to, refd to, ref d to, sent to, send to, referral to, referred to "
        "provider, specialist, specialist name, receiving provider, provider, provider name, "
        "consultant, consulting provider, doctor, physician, rendering provider, referred provider, to "
        "provider, specialist provider"
    ),
    "office": (
        "office, referred to office, specialist office, receiving office, practice, clinic, facility, "
        "organization, organisation, referred to facility, receiving facility, referred to practice, "
        "location"
    ),
    "npi": "npi, provider npi, referred to npi, specialist npi, npi number, receiving provider npi",
    "office_phone": (
        "office phone, specialist phone, provider phone, referred to phone, clinic phone, office phone number"
    ),
    "office_fax": ("fax, office fax, specialist fax, provider fax, referred to fax, fax number, clinic fax"),
    "status": (
        "status, referral status, current status, stage, referral stage, state of referral, "
        "disposition, outcome"
    ),
    "ordered_on": (
        "referral date, date of referral, ordered, order date, ordered on, date ordered, date "
        "referred, referred on, referred, referral created, created, created on, date created, "
        "request date, date requested, requested on, entered, date entered, referral order date"
    ),
    "sent_on": (
        "date sent, sent, sent on, sent date, referral sent, date referral sent, faxed, date faxed, "
        "faxed on, submitted on, date submitted, sent to specialist"
    ),
    "acknowledged_on": (
        "acknowledged, date acknowledged, receipt confirmed, confirmed received, received by office, "
        "date receipt confirmed, acknowledged on"
    ),
    "booked_on": ("booked on, date booked, appointment made, appointment made on, appt made, date appt made"),
    "visit_on": (
        "appointment date, appt date, appointment, appt, appointment on, visit date, date of "
        "appointment, date of appt, scheduled for, scheduled date, appointment date time, appt date "
        "time, next appointment"
    ),
    "seen_on": (
        "date seen, seen, seen on, date of service, dos, service date, patient seen, visit completed, "
        "appt completed, date of visit"
    ),
    "report_received_on": (
        "report received, date report received, report received on, report date, consult note "
        "received, notes received, records received, consult report received, report in, results "
        "received, date results received, date notes received"
    ),
    "reviewed_on": (
        "reviewed, date reviewed, reviewed on, provider reviewed, review date, clinician review, pcp reviewed"
    ),
    "closed_on": (
        "closed, date closed, closed on, closed date, patient notified, patient informed, date "
        "patient notified, patient told, loop closed, notified, patient notified on, close date"
    ),
    "status_on": (
        "status date, date of status, status as of, last updated, updated on, last update, status "
        "since, stage since, date updated"
    ),
    "status_reason": (
        "status reason, reason for status, denial reason, rejection reason, cancel reason, "
        "cancellation reason, decline reason, hold reason"
    ),
    "urgency": "urgency, priority, referral priority, urgent, acuity, referral urgency",
    "service_type": "type, referral type, type of referral, service type, request type, category",
    "reason": "reason, reason for referral, referral reason, chief complaint, indication, purpose",
    "question": "clinical question, question, question for specialist, question to specialist",
    "diagnoses": (
        "icd 10, icd10, icd, icd 10 code, icd 10 codes, icd 10 cm, icd code, diagnosis code, "
        "diagnosis codes, dx code, dx codes"
    ),
    "diagnosis": "diagnosis, dx, diagnoses, primary diagnosis, referral diagnosis, condition",
    "ordered_by": (
        "ordered by, referring provider, referred by, ordering provider, referring physician, "
        "requesting provider, from provider, ordering physician, referring clinician"
    ),
    "reviewed_by": "reviewed by, reviewer, reviewing provider",
    "insurance": (
        "insurance, payer, payor, insurance name, health plan, plan, primary insurance, insurance "
        "company, carrier"
    ),
    "authorization": (
        "auth number, authorization number, auth no, authorization no, prior auth number, prior "
        "authorization number, authorization, auth, prior auth, prior authorization, pa number, auth "
        "id, authorisation number"
    ),
    "notes": (
        "notes, note, comments, comment, remarks, referral notes, details, additional notes, tracking notes"
    ),
}

NAMES: dict[str, tuple[str, ...]] = {field: tuple(names.split(", ")) for field, names in _NAMES.items()}

PAST_DATES = (
    "ordered_on",
    "sent_on",
    "acknowledged_on",
    "booked_on",
    "seen_on",
    "report_received_on",
    "reviewed_on",
    "closed_on",
    "status_on",
)
"""Days on which something happened: none of them can be ahead."""
DATES = ("birth_date", *PAST_DATES, "visit_on")

_TELLING = (
    *("specialty", "provider", "office", "npi", "ordered_on", "sent_on", "acknowledged_on", "booked_on"),
    *("seen_on", "report_received_on", "reviewed_on", "ordered_by", "record", "authorization", "reason"),
)
_ONLY_IN_LOGS = frozenset(
    {"specialty", "sent_on", "ordered_on", "report_received_on", "acknowledged_on", "record"}
)
_ENOUGH = 3


def _notes(fields: Mapping[str, int]) -> tuple[str, ...]:
    notes = []
    if "status" not in fields:
        notes.append("No column with the status was recognised: each referral stands where its dates say.")
    if "ordered_on" not in fields and "sent_on" in fields:
        notes.append("No column with the day of the order was recognised: the day it was sent is used.")
    if not {"mrn", "birth_date", "record"} & fields.keys():
        notes.append("No column with MRN or birth date was recognised: names alone do not tell people apart.")
    return tuple(notes)


REFERRALS = FieldSet(
    names=NAMES,
    dates=DATES,
    labels={
        "mrn": "MRN",
        "npi": "NPI",
        "record": "record of this program",
        "provider": "referred to",
        "ordered_on": "ordered",
        "sent_on": "sent",
        "acknowledged_on": "receipt confirmed",
        "booked_on": "appointment made",
        "visit_on": "appointment",
        "seen_on": "seen",
        "report_received_on": "report received",
        "reviewed_on": "reviewed",
        "closed_on": "patient told, closed",
        "status_on": "status since",
        "diagnoses": "ICD-10-CM codes",
        "service_type": "type",
        "authorization": "authorization number",
    },
    notes=_notes,
    required=("family_name", "full_name", "mrn"),
    withheld=WITHHELD,
)


def is_referral_log(headers: Sequence[str]) -> bool:
    """True when these are the columns of a referral log rather than of a patient list.

    Three columns that only make sense for a referral, one of them never found in a patient list.
    """
    fields = {REFERRALS.field_of(header) for header in headers}
    return len(fields.intersection(_TELLING)) >= _ENOUGH and not _ONLY_IN_LOGS.isdisjoint(fields)
