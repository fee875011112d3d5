"""Coverage logs: who insures whom, since when, and in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.vocabulary import CoverageStatus, PayerClass
from carecoord_tui.exchange.logs.cells import (
    Cells,
    Choice,
    Day,
    Here,
    Holds,
    Refused,
    Text,
    Year,
    words_of,
)
from carecoord_tui.exchange.logs.kind import Draft, Field, LogKind, Others, Values
from carecoord_tui.exchange.logs.lookups import bare
from carecoord_tui.exchange.logs.words import StatusWords
from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.store.importing_log_tables import CoverageLog

_S = CoverageStatus
_C = PayerClass
_STATUSES = StatusWords(
    CoverageStatus,
    {
        _S.ACTIVE: "yes, in force, current, eligible, effective, enrolled, covered, verified active",
        _S.CANCELLED: (
            "no, inactive, terminated, termed, ended, expired, canceled, disenrolled, lapsed, not active, "
            "not covered, no longer active"
        ),
        _S.UNKNOWN: (
            "not verified, unverified, not checked, pending verification, to verify, needs verification"
        ),
    },
)
_CLASSES = words_of(
    PayerClass,
    {
        _C.MEDICARE: "medicare part b, original medicare, traditional medicare, medicare ffs",
        _C.MEDICARE_ADVANTAGE: "ma, medicare advantage, medicare part c, part c, mapd",
        _C.MEDICAID_FFS: "medicaid fee for service, straight medicaid, medicaid ffs",
        _C.MEDICAID_MCO: "medicaid managed care, managed medicaid, medicaid mco, mco",
        _C.EXCHANGE: "marketplace, aca, exchange, qhp",
        _C.ERISA: "employer, self funded, self insured, group",
        _C.SELF_PAY: "self pay, selfpay, cash, uninsured, no insurance",
    },
)
_RANKS = {
    **dict.fromkeys(("1", "primary", "first", "1st", "p", "prim", "primary insurance"), 1),
    **dict.fromkeys(("2", "secondary", "second", "2nd", "s", "sec", "supplemental"), 2),
    **dict.fromkeys(("3", "tertiary", "third", "3rd", "t"), 3),
}
_SELF_PAY = frozenset(("no insurance", "self pay", "selfpay", "uninsured", "cash", "private pay"))
_SELF = frozenset(("self", "subscriber", "patient", "insured", "18", "member"))
_FIELDS = (
    Field(
        "payer",
        "payer, payer name, insurance, insurance name, insurance company, insurer, carrier, payor, "
        "insurance carrier, health plan, insurance provider, primary insurance, payer description",
        Text(160, Holds.NAME),
    ),
    Field("plan_name", "plan name, plan, insurance plan, product, plan description, policy name", Text(160)),
    Field(
        "member_id",
        "member id, member number, member no, subscriber id, policy number, policy no, insurance id, "
        "insurance member id, subscriber number, policy id, medicare number, mbi, "
        "medicaid id, member id number",
        Text(80, Holds.NUMBER),
        "member id",
    ),
    Field("group_number", "group number, group no, group id, group, grp, insurance group", Text(80), "group"),
    Field(
        "payer_class",
        "class, payer class, insurance class, payer type, insurance type, type of coverage, coverage type, "
        "line of business, lob, financial class",
        Choice("class", _CLASSES),
        "class",
    ),
    Field(
        "starts_on",
        "effective from, effective date, effective, start date, starts, from, coverage start, begin date, "
        "eff date, coverage effective date, valid from, start, start year",
        Day(year=Year.FIRST_DAY),
        "effective from",
    ),
    Field(
        "ends_on",
        "effective to, end date, termination date, term date, terminated, ends, to, coverage end, thru date, "
        "expiration date, expires, valid to, end, end year, effective until",
        Day(ends=True, year=Year.LAST_DAY),
        "effective to",
    ),
    Field(
        "relationship",
        "relationship, relationship to subscriber, relation, relation to insured, subscriber relationship, "
        "ownership, insured relationship, patient relationship",
        Text(60),
    ),
    Field(
        "rank",
        "priority, coverage priority, order, rank, coverage order, primary secondary, cob order, sequence",
        Choice("priority", _RANKS),
        "priority",
    ),
    Field("status", "status, coverage status, insurance status, eligibility status, active", Text(60)),
)


def _record(cells: Cells, here: Here) -> Values:
    """A plan; one that has ended is cancelled, whatever the status says."""
    if not cells.get("payer"):
        raise Refused("payer", "no payer")
    starts, ends = cells.get("starts_on"), cells.get("ends_on")
    if starts is not None and ends is not None and ends < starts:
        raise Refused("ends_on", "the coverage ends before it begins")
    values = cells.picked(
        "payer", "plan_name", "member_id", "group_number", "payer_class", "starts_on", "ends_on", "rank"
    )
    if fold_status(values["payer"]) in _SELF_PAY:
        values["payer_class"] = PayerClass.SELF_PAY
    status = cells.status or CoverageStatus.UNKNOWN
    if ends is not None and ends < here.today:
        if status is CoverageStatus.ACTIVE:
            here.warn("status", "it has ended: not taken as active")
        status = CoverageStatus.CANCELLED
    values["status"] = status
    relationship = cells.get("relationship", "")
    if relationship and fold(relationship) not in _SELF and status is not CoverageStatus.CANCELLED:
        values["relationship_note"] = (
            f"Coverage {values['payer']}: relationship to subscriber {relationship} (from the log)"
        )
    return values


def _identity(values: Values) -> tuple[Hashable, ...]:
    starts = values.get("starts_on")
    return values["payer"], bare(values.get("member_id", "")), starts.isoformat() if starts else ""


def _is_same(values: Values, stored: Mapping[str, Any]) -> bool:
    """The same payer, and neither the member id nor the first day says it is another plan."""
    if fold(values["payer"]) != fold(stored["payer"]):
        return False
    member, known = bare(values.get("member_id", "")), bare(stored["member_id"])
    if member and known and member != known:
        return False
    return (
        None in (values.get("starts_on"), stored["starts_on"]) or values["starts_on"] == stored["starts_on"]
    )


def _arrange(drafts: Sequence[Draft], others: Others, today: date) -> None:
    """Plans without a priority come after those on file: running ones first, the newest first."""
    by_person: dict[int | None, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_person[draft.patient_id].append(draft)
    for patient_id, own in by_person.items():
        said = [draft.values["rank"] for draft in own if "rank" in draft.values]
        rank = max([*said, *(entry.values["rank"] for entry in others.of(patient_id))], default=0)
        unsaid = [draft for draft in own if "rank" not in draft.values]
        for draft in sorted(unsaid, key=_last_first):
            rank += 1
            draft.values["rank"] = rank


def _last_first(draft: Draft) -> tuple[bool, int, int]:
    starts = draft.values.get("starts_on")
    is_over = draft.values["status"] is CoverageStatus.CANCELLED
    return is_over, -(starts.toordinal() if starts else 0), draft.line


def _words(values: Mapping[str, Any]) -> str:
    starts, ends = values.get("starts_on"), values.get("ends_on")
    parts = (
        values["payer"],
        values.get("plan_name", ""),
        values["status"].label,
        f"from {format_birth(starts)}" if starts else "",
        f"to {format_birth(ends)}" if ends else "",
    )
    return ", ".join(filter(None, parts))


COVERAGES = LogKind(
    name="coverages",
    noun="coverage",
    fields=_FIELDS,
    needs=(("payer",),),
    table=CoverageLog(),
    record=_record,
    identity=_identity,
    is_same=_is_same,
    compared=("plan_name", "member_id", "group_number", "status", "starts_on", "ends_on", "rank"),
    words=_words,
    statuses=_STATUSES,
    adds_payers=True,
    arrange=_arrange,
)
