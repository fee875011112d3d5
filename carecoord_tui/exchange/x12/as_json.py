"""Answers as JSON for scripts: elements as they stand in the file under short keys, and the trace of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from carecoord_tui.domain.payer_answers import (
    ACTION_WORDS,
    SERVICE_TYPE_PLAN,
    AuthorizationAnswer,
    AuthorizationItem,
    BenefitKind,
    BenefitLine,
    CoverageAnswer,
    Dated,
    MemberAnswer,
    Network,
    Where,
)
from carecoord_tui.domain.payer_claims import ClaimAnswer, ClaimStatusAnswer, ClaimStatusLine
from carecoord_tui.exchange.x12.envelope import FileFacts
from carecoord_tui.exchange.x12.reading import TransactionEnd

Json = dict[str, Any]

LIST_OF_KIND = {"271": "members", "278": "events", "277": "stc", "835": "claims"}
"""Under which key a transaction lists its answers."""

_NETWORK_CODES = {Network.IN: "Y", Network.OUT: "N", Network.EITHER: "W", Network.UNKNOWN: "U"}
_NO_STATUS = "unknown (no EB*1..8)"


def file_json(facts: FileFacts) -> Json:
    """The envelopes of a file that was read to its end."""
    used = facts.separators
    return {
        "encoding": facts.encoding,
        "bom": facts.has_bom,
        "isa_offset": facts.isa_offset,
        "element": used.element if used else None,
        "component": used.component if used else None,
        "terminator": repr(used.terminator) if used else None,
        "repetition": (used.repetition or None) if used else None,
        "isa_version": facts.version,
        "usage": facts.usage,
        "isa_control": facts.controls[0] if facts.controls else None,
        "segments": facts.segments,
        "isa_count": len(facts.controls),
        "iea_count": facts.interchange_ends,
        "gs": [{"gs01": kind, "gs08": version} for kind, version in facts.groups],
        "isa_iea_control_ok": facts.is_control_ok,
        "isa_controls": facts.controls,
    }


def frame_json(end: TransactionEnd) -> Json:
    """A transaction without its answers."""
    frame = end.frame
    return {
        "st01": frame.kind,
        "st02": frame.control,
        "closed": True,  # a transaction without its SE is refused
        "se01": frame.stated_segments,
        "actual_segments": frame.segments,
        "se_count_ok": frame.is_count_ok,
        "se_control_ok": frame.is_control_ok,
        **end.summary,
    }


def problems_json(facts: FileFacts) -> list[Json]:
    """What was not taken or is odd, with its place."""
    return [{**_place(problem.where), "text": problem.text} for problem in facts.problems]


def answer_json(answer: Any) -> list[Json]:
    """What a transaction lists for one answer: a member, events, statuses, or a claim."""
    match answer:
        case MemberAnswer():
            return [_member(answer)]
        case AuthorizationAnswer():
            return [_event(item) for item in answer.items]
        case ClaimStatusAnswer():
            return [_status(line) for line in answer.statuses]
        case ClaimAnswer():
            return [_claim(answer)]
    raise TypeError(f"not an answer: {type(answer).__name__}")


def figures_json(answer: Any) -> list[Json]:
    """Every figure and decision of one answer with the segment it stands in."""
    match answer:
        case MemberAnswer():
            named: Json = {"transaction": answer.transaction, "name": answer.person.name or None}
            return [named | _line_figure(line) for line in answer.lines]
        case AuthorizationAnswer():
            outcome = answer.outcome.value if answer.outcome else None
            named = {"transaction": answer.transaction, "name": answer.patient.name or None}
            return [named | {"outcome": outcome} | _item_figure(item) for item in answer.items]
        case ClaimStatusAnswer():
            named = {"transaction": answer.transaction, "trace": answer.trace or None}
            return [named | _status_figure(line) for line in answer.statuses]
        case ClaimAnswer():
            return list(_claim_figures(answer))
    raise TypeError(f"not an answer: {type(answer).__name__}")


# --- eligibility ----------------------------------------------------------------------------------------


def _member(answer: MemberAnswer) -> Json:
    whole = answer.coverage_for(SERVICE_TYPE_PLAN)
    status = answer.coverage
    return {
        "level": answer.level.value,
        "name": answer.person.name or None,
        "id": answer.person.id or None,
        "dob": answer.dob or None,
        "sex": answer.sex or None,
        "aaa": [reject.reason for reject in answer.rejects],
        "eb_count": len(answer.lines),
        "eb_kinds": dict(Counter(line.kind.value for line in answer.lines)),
        "status": _NO_STATUS if status is CoverageAnswer.UNKNOWN else status.value,
        "status_service_type_30": whole.value if whole else None,
        "copays": _amounts(answer, BenefitKind.COPAY),
        "deductibles": _amounts(answer, BenefitKind.DEDUCTIBLE),
        "coinsurance": _amounts(answer, BenefitKind.COINSURANCE),
        "out_of_pocket": _amounts(answer, BenefitKind.OUT_OF_POCKET),
        "plans": list(answer.plans),
    }


def _amounts(answer: MemberAnswer, kind: BenefitKind) -> list[Json]:
    return [_benefit(line) for line in answer.of_kind(kind)]


def _benefit(line: BenefitLine) -> Json:
    return {
        "amount": _text(line.amount),
        "percent": _text(line.percent),
        "period": line.period or None,
        "level": line.level or None,
        "service_types": list(line.service_types),
        "in_network": _NETWORK_CODES.get(line.network),
        "insurance": line.insurance or None,
    }


def _line_figure(line: BenefitLine) -> Json:
    return {
        "kind": line.kind.value,
        "code": line.code,
        **_benefit(line),
        "remaining": line.is_remaining,
        "quantity": _text(line.quantity),
        "plan": line.plan or None,
        "authorization_needed": line.authorization_needed or None,
        "text": line.text or None,
        **_place(line.where),
    }


# --- authorizations -------------------------------------------------------------------------------------


def _event(item: AuthorizationItem) -> Json:
    found: Json = {
        "level": item.level,
        "um": list(item.request),
        "hcr": item.action or None,
        "auth": item.number or None,
        "dates": [[dated.qualifier, dated.text] for dated in item.dates],
        "diagnoses": list(item.diagnoses),
    }
    if item.action:
        found["reason"] = ", ".join(item.reasons) or None
        found["meaning"] = ACTION_WORDS.get(item.action)
    return found


def _item_figure(item: AuthorizationItem) -> Json:
    return {
        "level": item.level,
        "action": item.action or None,
        "status": item.status.value if item.status else None,
        "number": item.number or None,
        "reasons": list(item.reasons),
        "procedure": item.procedure or None,
        "dates": [_dated(dated) for dated in item.dates],
        "units": [
            {"kind": unit.kind, "quantity": _text(unit.quantity), **_place(unit.where)} for unit in item.units
        ],
        "text": item.text or None,
        **_place(item.where),
    }


# --- claims ---------------------------------------------------------------------------------------------


def _status(line: ClaimStatusLine) -> Json:
    return {
        "hl": line.level,
        "patient": line.patient.name or None,
        "status": list(line.status),
        "date": line.text_on or None,
        "action": line.action or None,
        "amount": _text(line.amount),
        "more": [list(parts) for parts in line.more],
    }


def _status_figure(line: ClaimStatusLine) -> Json:
    return {
        **_status(line),
        "paid": _text(line.paid),
        "denied": line.is_denied,
        "turned_away": line.is_turned_away,
        "message": line.message or None,
        **_place(line.where),
    }


def _claim(claim: ClaimAnswer) -> Json:
    return {
        "id": claim.id,
        "status": claim.status,
        "charge": _text(claim.charge),
        "paid": _text(claim.paid),
        "patient_resp": _text(claim.patient_owes),
        "filing": claim.filing,
        "patient": claim.patient.name or None,
        "cas": [[one.group, one.reason, _text(one.amount)] for one in claim.adjustments],
        "services": len(claim.services),
    }


def _claim_figures(claim: ClaimAnswer) -> Iterator[Json]:
    named = {"transaction": claim.transaction, "claim": claim.id}
    yield named | {
        "kind": "claim",
        "denied": claim.is_denied,
        "reversal": claim.is_reversal,
        "charge": _text(claim.charge),
        "paid": _text(claim.paid),
        "patient_resp": _text(claim.patient_owes),
        "payer_number": claim.payer_number or None,
        "dates": [_dated(dated) for dated in claim.dates],
        "remarks": list(claim.remarks),
        **_place(claim.where),
    }
    for number, service in enumerate(claim.services, 1):
        yield named | {
            "kind": "service",
            "service": number,
            "procedure": list(service.procedure),
            "charge": _text(service.charge),
            "paid": _text(service.paid),
            "units": _text(service.units),
            "dates": [_dated(dated) for dated in service.dates],
            "remarks": list(service.remarks),
            **_place(service.where),
        }
    for one in claim.adjustments:
        yield named | {
            "kind": "adjustment",
            "service": one.service or None,
            "group": one.group,
            "reason": one.reason,
            "reason_word": one.reason_word.value if one.reason_word else None,
            "amount": _text(one.amount),
            **_place(one.where),
        }


def _dated(dated: Dated) -> Json:
    return {
        "qualifier": dated.qualifier or None,
        "from": dated.starts_on.isoformat() if dated.starts_on else None,
        "to": dated.ends_on.isoformat() if dated.ends_on else None,
        "as_written": dated.text,
        **_place(dated.where),
    }


def _place(where: Where) -> Json:
    if not where.segment:
        return {"path": where.id}
    return {"segment": where.segment, "segment_id": where.id, "position": where.position}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
