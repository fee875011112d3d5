"""Da Vinci PAS responses (FHIR R4 ClaimResponse, use = preauthorization): what was decided, item by item."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from carecoord_tui.domain.payer_answers import (
    AuthorizationAnswer,
    AuthorizationItem,
    Dated,
    Party,
    Problem,
    Reject,
    Units,
    Where,
)
from carecoord_tui.exchange.answer_file import BOM, AnswerFileError, kind_of
from carecoord_tui.exchange.fhir_values import Node, codes, extensions, node, nodes, text, texts

MAX_BYTES = 20 * 1024 * 1024
"""A response is a few kilobytes; one tree in memory is bounded by this."""

CLAIM_RESPONSE = "ClaimResponse"
_USE = "preauthorization"
_ACTION = "extension-reviewActionCode"
_PERIODS = ("extension-itemPreAuthPeriod", "extension-itemRequestedServiceDate")
_NUMBER = "extension-authorizationNumber"
_DETAIL = "extension-itemAuthorizedDetail"


@dataclass(frozen=True, slots=True)
class PasResponse:
    """A response: its answers typed, and its resources for those who want the bundle's own facts."""

    bundle_type: str | None
    entries: int
    resources: tuple[Node, ...]
    answers: tuple[AuthorizationAnswer, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many resources of each type."""
        return dict(Counter(text(one.get("resourceType"), 80) for one in self.resources))


def read_pas(path: Path) -> PasResponse:
    """Read a response bundle, or a ClaimResponse on its own.

    Raises:
        AnswerFileError: another kind of file, damaged JSON, a request, no preauthorization in it.
        OSError: it cannot be read.
    """
    root = _load(path)
    if root.get("resourceType") == "Bundle":
        entries = nodes(root.get("entry"))
        resources = tuple(found for entry in entries if (found := node(entry.get("resource"))))
        places = [
            f"entry[{index}].resource" for index, entry in enumerate(entries) if node(entry.get("resource"))
        ]
        urls = tuple(text(entry.get("fullUrl")) for entry in entries if node(entry.get("resource")))
        bundle_type: str | None = text(root.get("type"), 80)
        count = len(entries)
    else:
        resources, places, urls, bundle_type, count = (root,), [""], ("",), None, 1
    responses = [
        (index, one) for index, one in enumerate(resources) if one.get("resourceType") == CLAIM_RESPONSE
    ]
    _refuse_others(path, resources, [one for _, one in responses])
    shelf = _Shelf(resources, urls)
    answers = tuple(
        _Response(one, places[index], number, shelf).answer()
        for number, (index, one) in enumerate(responses, 1)
        if one.get("use") == _USE
    )
    return PasResponse(bundle_type, count, resources, answers)


def _load(path: Path) -> Node:
    found = kind_of(path)
    if found != "JSON":
        what = found or "no FHIR JSON"
        raise AnswerFileError(path, f"It is {what}; a PAS response is FHIR JSON.")
    if path.stat().st_size > MAX_BYTES:
        raise AnswerFileError(path, f"More than {MAX_BYTES >> 20} MB; a PAS response is far smaller.")
    try:
        raw = path.read_bytes().removeprefix(BOM).decode("utf-8")
        root = json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise AnswerFileError(path, f"Not UTF-8 at byte {error.start:,}; the file is damaged.") from None
    except json.JSONDecodeError as error:
        raise AnswerFileError(
            path, f"No JSON at line {error.lineno}, column {error.colno}; the file is cut or damaged."
        ) from None
    except (RecursionError, ValueError):
        raise AnswerFileError(path, "The JSON is nested too deep, or holds a number that is none.") from None
    if not isinstance(root, dict):
        raise AnswerFileError(path, "It is a JSON list, not a FHIR bundle.")
    return root


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _refuse_others(path: Path, resources: tuple[Node, ...], responses: list[Node]) -> None:
    if any(one.get("use") == _USE for one in responses):
        return
    if responses:
        raise AnswerFileError(path, f"A ClaimResponse, but not for {_USE}; it decides no authorization.")
    if any(one.get("resourceType") == "Claim" for one in resources):
        raise AnswerFileError(path, "A request (Claim), not the payer's answer (ClaimResponse).")
    raise AnswerFileError(path, "The file holds no ClaimResponse.")


class _Shelf:
    """The resources of a bundle, by every way they are referred to."""

    def __init__(self, resources: tuple[Node, ...], urls: tuple[str, ...]) -> None:
        self._found: dict[str, Node] = {}
        for one, url in zip(resources, urls, strict=True):
            self._found[f"{text(one.get('resourceType'), 80)}/{text(one.get('id'), 80)}"] = one
            if url:
                self._found[url] = one

    def get(self, reference: Any) -> Node:
        """What a Reference points to; empty where it is not in the bundle."""
        target = text(node(reference).get("reference"))
        return self._found.get(target) or self._found.get("/".join(target.split("/")[-2:])) or {}


class _Response:
    """One ClaimResponse while it is read."""

    def __init__(self, resource: Node, place: str, number: int, shelf: _Shelf) -> None:
        self._resource, self._number, self._shelf = resource, number, shelf
        self._place = f"{place}." if place else ""
        self._problems: list[Problem] = []

    def answer(self) -> AuthorizationAnswer:
        resource = self._resource
        patient = self._shelf.get(resource.get("patient"))
        person = _person(patient)
        born = text(patient.get("birthDate"), 40)
        return AuthorizationAnswer(
            transaction=self._number,
            payer=text(self._shelf.get(resource.get("insurer")).get("name")),
            subscriber=person,
            patient=person,
            dob=born,
            born_on=self._day(born, self._at("patient")) if born else None,
            traces=tuple(
                value for one in nodes(resource.get("identifier")) if (value := text(one.get("value"), 80))
            ),
            items=tuple(self._items()),
            rejects=tuple(self._rejects()),
            problems=tuple(self._problems),
            where=self._at("").where,
        )

    def _at(self, part: str) -> _Place:
        return _Place((self._place + part).rstrip(".") or "ClaimResponse")

    def _items(self) -> Iterator[AuthorizationItem]:
        for name in ("item", "addItem"):
            for index, item in enumerate(nodes(self._resource.get(name))):
                yield self._item(name, item, self._at(f"{name}[{index}]"))

    def _item(self, name: str, item: Node, place: _Place) -> AuthorizationItem:
        actions = [found for one in nodes(item.get("adjudication")) for found in review_actions(one)]
        action = next((found["code"][0] for found in actions if found.get("code")), "")
        if len({tuple(found.get("code", ())) for found in actions}) > 1:
            self._problems.append(Problem(place.where, "several decisions about one item: ask the payer."))
            action = ""
        sequence = item.get("itemSequence")
        return AuthorizationItem(
            level=name,
            action=action,
            number=next((found["number"] for found in actions if found.get("number")), "")
            or next((text(one.get("valueString"), 80) for one in extensions(item, _NUMBER)), ""),
            reasons=tuple(reason for found in actions for reason in found.get("reason", ())),
            request=(),
            procedure=self._procedure(item),
            dates=tuple(self._dates(item, place)),
            diagnoses=(),
            units=tuple(self._units(item, place)),
            providers=(),
            text=self._notes(item),
            where=place.where,
            sequences=tuple(
                number
                for number in (sequence if isinstance(sequence, list) else [sequence])
                if isinstance(number, int)
            ),
        )

    def _procedure(self, item: Node) -> str:
        own = codes(item.get("productOrService"))
        for detail in extensions(item, _DETAIL):
            for part in extensions(detail, "productOrServiceCode"):
                own = own or codes(part.get("valueCodeableConcept"))
        return own[0] if own else ""

    def _units(self, item: Node, place: _Place) -> Iterator[Units]:
        found = [node(item.get("quantity"))]
        for detail in extensions(item, _DETAIL):
            found += [node(part.get("valueQuantity")) for part in extensions(detail, "quantity")]
        for quantity in found:
            value = quantity.get("value")
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                yield Units(text(quantity.get("unit"), 40), _decimal(value), place.where)

    def _dates(self, item: Node, place: _Place) -> Iterator[Dated]:
        for name in _PERIODS:
            for one in extensions(item, name):
                period = node(one.get("valuePeriod"))
                starts, ends = text(period.get("start"), 40), text(period.get("end"), 40)
                yield Dated(
                    qualifier=name.removeprefix("extension-"),
                    text=f"{starts}/{ends}",
                    starts_on=self._day(starts, place) if starts else None,
                    ends_on=self._day(ends, place) if ends else None,
                    where=place.where,
                )

    def _notes(self, item: Node) -> str:
        wanted = item.get("noteNumber")
        notes = nodes(self._resource.get("processNote"))
        numbers = wanted if isinstance(wanted, list) else []
        return " ".join(text(one.get("text"), 2000) for one in notes if one.get("number") in numbers)

    def _rejects(self) -> Iterator[Reject]:
        for index, error in enumerate(nodes(self._resource.get("error"))):
            follow = [
                code
                for one in extensions(error, "extension-errorFollowupAction")
                for code in codes(one.get("valueCodeableConcept"))
            ]
            for code in codes(error.get("code")) or [""]:
                yield Reject("", code, next(iter(follow), ""), "", self._at(f"error[{index}]").where)

    def _day(self, written: str, place: _Place) -> date | None:
        """A FHIR date or the day of a dateTime; a year or month alone is none."""
        try:
            return date.fromisoformat(written[:10])
        except ValueError:
            self._problems.append(Problem(place.where, "a date that is not possible was not taken."))
            return None


@dataclass(frozen=True, slots=True)
class _Place:
    path: str

    @property
    def where(self) -> Where:
        return Where(self.path)


def review_actions(adjudication: Node) -> Iterator[dict[str, Any]]:
    """The review actions of one adjudication: ``number`` and the lists ``code`` and ``reason``, if there."""
    for action in extensions(adjudication, "extension-reviewAction"):
        found: dict[str, Any] = {}
        for part in extensions(action, "number"):
            found["number"] = text(part.get("valueString"), 80)
        for name, urls in (("code", (_ACTION,)), ("reason", ("reasonCode", "extension-reviewActionReason"))):
            listed = [
                code
                for url in urls
                for part in extensions(action, url)
                for code in codes(part.get("valueCodeableConcept"))
            ]
            if listed:
                found[name] = listed
        yield found


def _person(patient: Node) -> Party:
    name = next(iter(nodes(patient.get("name"))), {})
    given = texts(name.get("given"))
    identifier = next(iter(nodes(patient.get("identifier"))), {})
    return Party(
        last=text(name.get("family")),
        first=given[0] if given else "",
        middle=" ".join(given[1:]),
        id=text(identifier.get("value"), 80),
        id_kind="MI" if identifier else "",
    )


def _decimal(value: int | Decimal) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None
