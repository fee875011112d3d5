"""A PAS response as JSON for scripts: the bundle, and every review action by item."""

from __future__ import annotations

from typing import Any

from carecoord_tui.exchange.fhir_values import Node, codes, node, nodes, text, texts
from carecoord_tui.exchange.pas import PasResponse, review_actions
from carecoord_tui.exchange.x12.as_json import figures_json

Json = dict[str, Any]


def pas_json(response: PasResponse) -> Json:
    """``interesting`` lists ClaimResponses and Tasks, ``figures`` what was read out of them."""
    return {
        "bundle_type": response.bundle_type,
        "entries": response.entries,
        "resources": response.counts,
        "patients": [_patient(one) for one in response.resources if one.get("resourceType") == "Patient"],
        "interesting": [
            _DESCRIBED[str(one["resourceType"])](one)
            for one in response.resources
            if one.get("resourceType") in _DESCRIBED
        ],
        "outcomes": [answer.outcome.value if answer.outcome else None for answer in response.answers],
        "figures": [figure for answer in response.answers for figure in figures_json(answer)],
        "problems": [
            {"path": problem.where.id, "text": problem.text}
            for answer in response.answers
            for problem in answer.problems
        ],
    }


def _patient(resource: Node) -> Json:
    name = next(iter(nodes(resource.get("name"))), {})
    full = " ".join(part for part in [*texts(name.get("given")), text(name.get("family"))] if part)
    return {
        "id": text(resource.get("id"), 80) or None,
        "name": full or text(name.get("text")) or None,
        "birthDate": text(resource.get("birthDate"), 40) or None,
        "gender": text(resource.get("gender"), 40) or None,
        "deceased": bool(resource.get("deceasedBoolean") or resource.get("deceasedDateTime")),
    }


def _claim_response(resource: Node) -> Json:
    kept = {
        key: text(value)
        for key in ("status", "outcome", "disposition", "use", "created", "preAuthRef")
        if (value := resource.get(key)) is not None
    }
    kind = node(resource.get("type"))
    period = node(resource.get("preAuthPeriod"))
    return {
        "type": "ClaimResponse",
        "id": text(resource.get("id"), 80) or None,
        **kept,
        "type_code": {"codes": codes(kind), "text": text(kind.get("text")) or None},
        "errors": [codes(error.get("code")) for error in nodes(resource.get("error"))],
        "review_actions": {
            "by_item": [
                *(
                    {"item": one.get("itemSequence"), "actions": _actions(one)}
                    for one in _list(resource, "item")
                ),
                *(
                    {"addItem": one.get("itemSequence"), "actions": _actions(one)}
                    for one in _list(resource, "addItem")
                ),
            ],
            "elsewhere": _actions(resource),
        },
        "items": len(_list(resource, "item")),
        "preAuthPeriod": {key: text(value, 40) for key, value in period.items()} or None,
    }


def _list(resource: Node, name: str) -> list[Node]:
    return nodes(resource.get(name))


def _actions(owner: Node) -> list[Json]:
    return [found for one in nodes(owner.get("adjudication")) for found in review_actions(one)]


def _task(resource: Node) -> Json:
    code = node(resource.get("code"))
    until = node(node(resource.get("restriction")).get("period")).get("end")
    return {
        "type": "Task",
        "id": text(resource.get("id"), 80) or None,
        "status": text(resource.get("status"), 40) or None,
        "intent": text(resource.get("intent"), 40) or None,
        "code": {"codes": codes(code), "text": text(code.get("text")) or None},
        **{key: text(node(resource.get(key)).get("reference")) or None for key in ("focus", "for", "owner")},
        "restriction_end": text(until, 40) or None,
    }


_DESCRIBED = {"ClaimResponse": _claim_response, "Task": _task}
