"""Authorization logs: what was asked of a payer, what it decided, until when and for how many units.

Only words that mean one status in every office are known: ``pending`` may be not sent, at the payer, or
pended for information, ``closed`` anything; such words are asked about.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from carecoord_tui.domain import authorization_steps as steps
from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.exchange.logs.cells import (
    Cells,
    Choice,
    Codes,
    Day,
    Diagnoses,
    Here,
    Holds,
    Refused,
    Text,
    Whole,
)
from carecoord_tui.exchange.logs.kind import Field, LogKind, Remark, Values
from carecoord_tui.exchange.logs.lookups import Lookups, bare
from carecoord_tui.exchange.logs.words import StatusWords
from carecoord_tui.store.importing_log_tables import AuthorizationLog

_S = AuthorizationStatus
_NOTE = 400
_MOST_UNITS = 9_999
_STATUSES = StatusWords(
    AuthorizationStatus,
    {
        _S.NEEDED: (
            "auth needed, authorization needed, needs auth, required, auth required, to do, not started"
        ),
        _S.DRAFT: "not submitted, not yet submitted, to submit, to be submitted, preparing",
        _S.SUBMITTED: (
            "sent, sent to payer, submitted to payer, in review, under review, at payer, awaiting decision, "
            "awaiting payer decision, waiting for payer, resubmitted, faxed, faxed to payer"
        ),
        _S.PENDED: (
            "pended for information, pended for info, additional information requested, more information "
            "needed, more info needed, additional info requested, additional info needed, records requested, "
            "clinicals requested, information requested"
        ),
        _S.APPROVED: "authorized, authorised, auth approved, approval received, granted, approved in full",
        _S.PARTIAL: "partially approved, partial approval, partly approved, approved in part",
        _S.MODIFIED: "approved with changes, approved modified, modified approval",
        _S.DENIED: (
            "auth denied, not approved, denial, adverse determination, rejected by payer, payer denied"
        ),
        _S.CANCELLED: (
            "canceled, withdrawn, void, voided, cancelled by provider, entered in error, not needed"
        ),
        _S.EXPIRED: "auth expired, ended, ran out, termed, lapsed",
    },
)
_URGENCIES = {
    **dict.fromkeys(
        ("expedited", "urgent", "stat", "rush", "emergent", "yes", "y", "high", "fast track", "true"), True
    ),
    **dict.fromkeys(
        ("standard", "routine", "normal", "regular", "non urgent", "no", "n", "elective", "false"), False
    ),
}
_DRUG = {
    **dict.fromkeys(("yes", "y", "true", "x", "drug", "medication", "rx", "pharmacy"), True),
    **dict.fromkeys(("no", "n", "false", "medical", "service", "procedure"), False),
}
_FIELDS = (
    Field(
        "payer",
        "payer, payer name, insurance, insurance name, insurance company, insurer, carrier, payor, "
        "health plan, plan, primary insurance",
        Text(160, Holds.NAME),
    ),
    Field(
        "member_id",
        "member id, member number, member no, subscriber id, policy number, policy no, insurance id, mbi",
        Text(80, Holds.NUMBER),
        "member id",
    ),
    Field(
        "service",
        "service, service requested, procedure, description, service description, procedure description, "
        "requested service, treatment, item, auth for, authorization for, medication, drug, test",
        Text(160),
    ),
    Field(
        "codes",
        "cpt, cpt code, cpt codes, codes, code, hcpcs, procedure code, procedure codes, "
        "cpt hcpcs, service code",
        Codes(),
        "service codes",
    ),
    Field(
        "status",
        "status, auth status, authorization status, pa status, decision, current status, "
        "determination, outcome",
        Text(60),
    ),
    Field(
        "opened_on",
        "date requested, requested, request date, requested on, opened, date opened, created, date created, "
        "entered, order date, date ordered",
        Day(past=True),
        "requested",
    ),
    Field(
        "submitted_on",
        "submitted, date submitted, submitted on, submission date, submit date, date sent, "
        "sent, sent to payer, "
        "sent on, faxed",
        Day(past=True),
        "submitted",
    ),
    Field(
        "decided_on",
        "decided, date decided, decision date, decided on, approval date, approved on, date approved, "
        "determination date, date of decision, denial date, denied on, date denied",
        Day(past=True),
        "decided",
    ),
    Field(
        "number",
        "auth number, authorization number, auth no, authorization no, prior auth number, "
        "prior authorization "
        "number, auth, authorization, pa number, auth id, authorisation number, prior auth, approval number",
        Text(80, Holds.NUMBER),
        "authorization number",
    ),
    Field(
        "reference",
        "reference, reference number, ref number, ref no, ref, tracking number, case number, case id, "
        "confirmation number, request id, reference no, pend number",
        Text(80, Holds.NUMBER),
        "payer's reference",
    ),
    Field(
        "valid_from",
        "valid from, effective date, start date, auth start, auth start date, effective from, "
        "from, begin date, "
        "starts, approved from, dos from",
        Day(),
        "valid from",
    ),
    Field(
        "valid_to",
        "valid to, valid until, expiration date, expires, end date, auth end, auth end date, "
        "effective to, to, "
        "thru, through, exp date, expiration, expires on, approved to, valid through, dos to",
        Day(ends=True),
        "valid to",
    ),
    Field(
        "units_authorized",
        "units authorized, units approved, visits authorized, visits approved, authorized units, approved "
        "units, units, visits, authorized visits, approved visits, qty, quantity, "
        "number of visits, total units",
        Whole("units", _MOST_UNITS, least=1),
        "units authorized",
    ),
    Field(
        "units_used",
        "units used, visits used, used, used units, used visits, units to date, "
        "visits to date, visits completed",
        Whole("units", _MOST_UNITS),
        "units used",
    ),
    Field(
        "is_expedited",
        "urgency, urgent, expedited, priority, request type, type of review, review type",
        Choice("urgency", _URGENCIES),
        "urgency",
    ),
    Field("is_drug", "drug request, is drug, pharmacy or medical, benefit", Choice("kind", _DRUG), "drug"),
    Field(
        "diagnoses",
        "icd 10, icd10, icd, icd 10 codes, icd code, diagnosis code, diagnosis codes, dx code, dx codes, dx",
        Diagnoses(),
        "ICD-10-CM codes",
    ),
    Field(
        "denial_reason",
        "denial reason, reason denied, reason for denial, reason, status reason, denied because",
        Text(160),
        "reason of the denial",
    ),
    Field("note", "notes, note, comments, comment, remarks, details, tracking notes", Text(_NOTE), "notes"),
)


def _record(cells: Cells, here: Here) -> Values:
    """An authorization as it stands today: one that ran out is expired, and owes nothing."""
    codes = cells.get("codes", ())
    service = cells.get("service") or ", ".join(codes)
    if not service:
        raise Refused("service", "no service and no code")
    status = AuthorizationStatus(cells.status or _by_dates(cells))
    _check(cells, status)
    values = cells.picked(
        *("payer", "member_id", "codes", "submitted_on", "decided_on", "number", "reference", "valid_from"),
        *("valid_to", "units_authorized", "units_used", "is_expedited", "is_drug", "diagnoses"),
        *("denial_reason", "note"),
    )
    if status in steps.GRANTED and cells.get("valid_to") is not None and cells.get("valid_to") < here.today:
        here.warn("valid_to", "it has run out: taken as expired, no renewal is asked for")
        status = _S.EXPIRED
    if status is _S.DENIED:
        here.warn("status", "denied: kept as history; enter the denial if it can still be appealed")
    if (values.get("units_used") or 0) > (values.get("units_authorized") or _MOST_UNITS):
        here.warn("units_used", "more units are used than authorized")
    days = (here.today, *(values.get(name) for name in ("submitted_on", "decided_on", "valid_from")))
    opened = cells.get("opened_on") or values.get("submitted_on") or min(day for day in days if day)
    return {
        **values,
        "service": clean_text(service, 160),
        "service_code": codes[0] if codes else "",
        "status": status,
        "opened_on": opened,
    }


def _by_dates(cells: Cells) -> AuthorizationStatus:
    """The status of a row without one: only what no decision could have changed is told by its dates."""
    if cells.get("decided_on") or cells.get("valid_to") or cells.get("number"):
        raise Refused("status", "no status: the dates alone do not say what was decided")
    return _S.SUBMITTED if cells.get("submitted_on") else _S.NEEDED


def _check(cells: Cells, status: AuthorizationStatus) -> None:
    """Raise Refused for dates and status that cannot both be right."""
    submitted, decided = cells.get("submitted_on"), cells.get("decided_on")
    first, last = cells.get("valid_from"), cells.get("valid_to")
    if first is not None and last is not None and last < first:
        raise Refused("valid_to", "the validity ends before it begins")
    if submitted is not None and decided is not None and decided < submitted:
        raise Refused("decided_on", "decided before it was submitted")
    opened = cells.get("opened_on")
    if last is not None and (opened or submitted) is not None and last < (opened or submitted):
        raise Refused("valid_to", "the validity ends before the request was made")
    if status in (_S.SUBMITTED, _S.PENDED) and submitted is None and opened is None:
        raise Refused("submitted_on", "at the payer, but no day on which it was submitted or requested")
    if status in steps.BEFORE_PAYER and (submitted or decided):
        raise Refused("status", "not submitted yet, but with a day on which it was submitted or decided")
    if status is _S.SUBMITTED and decided:
        raise Refused("status", "waiting for the payer, but with the day of a decision")


def _resolve(values: Values, patient_id: int | None, lookups: Lookups) -> Sequence[Remark]:
    """The plan it was asked of; where none on file is, the payer's name stays in the note."""
    assert patient_id is not None  # noqa: S101 - authorizations belong to patients
    payer, member_id = values.get("payer", ""), values.get("member_id", "")
    plan = lookups.plan_of(patient_id, payer, member_id)
    if plan is not None:
        values["coverage_id"] = plan.id
        return ()
    if not payer:
        return ()
    said = f"Payer {payer} (from the log)."
    note = clean_text(values.get("note", ""), _NOTE - len(said) - 1)
    values["note"] = " ".join(filter(None, (note, said)))
    if not values["status"].is_open:
        return ()
    return (("payer", "no coverage by this payer on file: kept in the notes, no payer's clock runs"),)


def _identity(values: Values) -> tuple[Hashable, ...]:
    """Its number with what it is for: one number may stand for several services."""
    what = values["service_code"] or values["service"]
    number = bare(values.get("number", "")) or bare(values.get("reference", ""))
    return what, number or _day(values).isoformat()


def _is_same(values: Values, stored: Mapping[str, Any]) -> bool:
    codes = values["service_code"], stored["service_code"]
    same_service = codes[0] == codes[1] if all(codes) else fold(values["service"]) == fold(stored["service"])
    if not same_service:
        return False
    for name in ("number", "reference"):
        first, second = bare(values.get(name, "")), bare(stored[name])
        if first and second:
            return first == second
    submitted = values.get("submitted_on")
    return submitted is not None and submitted == stored["submitted_on"]


def _day(values: Values) -> date:
    day: date = values.get("submitted_on") or values["opened_on"]
    return day


def _keeps(stored: Mapping[str, Any], taken: Mapping[str, Any]) -> frozenset[str]:
    """A status that cannot follow stays, with the days that came with it; so does a window out of order."""
    held: set[str] = set()
    if "status" in taken and taken["status"] not in steps.allowed(stored["status"]):
        held |= {"status", "decided_on", "valid_from", "valid_to"}
    first = taken.get("valid_from", stored["valid_from"])
    last = taken.get("valid_to", stored["valid_to"])
    if first is not None and last is not None and last < first:
        held |= {"valid_from", "valid_to"}
    return frozenset(held)


def _words(values: Mapping[str, Any]) -> str:
    last = values.get("valid_to")
    until = f"until {format_birth(last)}" if last else ""
    number = values.get("number", "")
    return ", ".join(filter(None, (values["service"], values["status"].label, number, until)))


AUTHORIZATIONS = LogKind(
    name="authorizations",
    noun="authorization",
    fields=_FIELDS,
    needs=(("service", "codes"),),
    table=AuthorizationLog(),
    record=_record,
    identity=_identity,
    is_same=_is_same,
    compared=(
        *("service", "service_code", "status", "submitted_on", "decided_on", "number", "reference"),
        *("valid_from", "valid_to", "units_authorized", "units_used", "is_expedited", "diagnoses", "note"),
    ),
    words=_words,
    is_open=lambda values: values["status"].is_open,
    statuses=_STATUSES,
    resolve=_resolve,
    keeps=_keeps,
)
