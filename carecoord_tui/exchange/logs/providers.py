"""Directories of offices: people and organizations that take referrals or keep visits."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.identifiers import IdentifierError, normalize_taxonomy
from carecoord_tui.domain.provider_words import kind_of_name
from carecoord_tui.domain.vocabulary import ProviderKind
from carecoord_tui.exchange.logs.cells import Cells, Choice, Here, Holds, Npi, Phone, Refused, Text, words_of
from carecoord_tui.exchange.logs.kind import Field, LogKind, Remark, Values
from carecoord_tui.exchange.logs.lookups import Lookups
from carecoord_tui.exchange.provider_match import folded_name
from carecoord_tui.store.importing_log_tables import ProviderLog

_ADDRESS = 240
_NOTE = 400
_KINDS = words_of(
    ProviderKind,
    {
        ProviderKind.PERSON: "individual, practitioner, physician, doctor, npi 1, 1",
        ProviderKind.ORGANIZATION: "organisation, facility, group, practice, clinic, office, npi 2, 2",
    },
)
_FIELDS = (
    Field(
        "name",
        "provider name, name, provider, full name, doctor, physician, practitioner, "
        "office name, display name, "
        "organization name, facility name, practice name, clinic name",
        Text(160, Holds.NAME),
    ),
    Field("family_name", "last name, family name, surname, provider last name, lname", Text(120, Holds.NAME)),
    Field("given_name", "first name, given name, provider first name, fname", Text(120, Holds.NAME)),
    Field(
        "organization",
        "organization, organisation, practice, group, clinic, office, facility, group name, affiliation, "
        "hospital, location",
        Text(160, Holds.NAME, is_id_left_out=True),
        "practice",
    ),
    Field(
        "specialty",
        "specialty, speciality, specialties, primary specialty, provider specialty, type of provider, "
        "discipline, taxonomy description",
        Text(80, Holds.NAME),
    ),
    Field("npi", "npi, npi number, provider npi, national provider identifier", Npi(), "NPI"),
    Field("taxonomy", "taxonomy, taxonomy code, nucc code", Text(10, Holds.NUMBER), "taxonomy"),
    Field(
        "phone",
        "phone, phone number, office phone, telephone, tel, main phone, contact phone, work phone, phone 1",
        Phone(),
    ),
    Field("fax", "fax, fax number, office fax, facsimile", Phone()),
    Field(
        "address",
        "address, street address, address line 1, street, office address, address 1, mailing address",
        Text(_ADDRESS),
    ),
    Field("address_2", "address line 2, address 2, suite, unit, floor", Text(80), "address line 2"),
    Field("city", "city, town", Text(80)),
    Field("state", "state, province, st", Text(40)),
    Field("postal_code", "zip, zip code, postal code, postcode", Text(20), "ZIP"),
    Field("kind", "provider type, kind, entity type, entity, type", Choice("type", _KINDS), "type"),
    Field(
        "plans",
        "plans, plans accepted, insurances, insurance accepted, accepted insurance, accepts, networks, "
        "in network with, insurance plans, payers, takes",
        Text(_NOTE),
        "plans taken",
    ),
    Field("note", "notes, note, comments, comment, remarks, details", Text(_NOTE), "notes"),
)


def _record(cells: Cells, here: Here) -> Values:
    """An office; a person where the row gives first and last name apart."""
    family, given = cells.get("family_name", ""), cells.get("given_name", "")
    name = cells.get("name") or " ".join(filter(None, (given, family)))
    name = name or cells.get("organization", "")
    if not name:
        raise Refused("name", "no name")
    values = cells.picked("organization", "specialty", "npi", "phone", "fax", "plans", "note")
    if folded_name(values.get("organization", "")) == folded_name(name):
        values.pop("organization", None)
    if taxonomy := _taxonomy(cells, here):
        values["taxonomy"] = taxonomy
    if address := _address(cells):
        values["address"] = address
    is_person = bool(family) or "organization" in values or "specialty" in values
    kind = ProviderKind.PERSON if is_person else ProviderKind.ORGANIZATION
    guessed = None if family else kind_of_name(name)
    return {**values, "name": clean_text(name, 160), "kind": cells.get("kind") or guessed or kind}


def _taxonomy(cells: Cells, here: Here) -> str:
    text = cells.get("taxonomy", "")
    try:
        return normalize_taxonomy(text) if text else ""
    except IdentifierError:
        here.warn("taxonomy", "not a taxonomy code: left out")
        return ""


def _address(cells: Cells) -> str:
    place = " ".join(filter(None, (cells.get("state"), cells.get("postal_code"))))
    parts = (cells.get("address"), cells.get("address_2"), cells.get("city"), place)
    return clean_text(", ".join(filter(None, parts)), _ADDRESS)


def _resolve(values: Values, patient_id: int | None, lookups: Lookups) -> Sequence[Remark]:
    """Plans it takes: payers of the directory by name; others stay in the note."""
    known, unknown = [], []
    for name in filter(None, map(str.strip, re.split(r"[,;|/]", values.get("plans", "")))):
        number = lookups.payers.get(fold(name))
        known.append(number) if number is not None else unknown.append(name)
    values["payer_ids"] = tuple(dict.fromkeys(known))
    if not unknown:
        return ()
    said = f"Takes {', '.join(unknown)} (from the directory)."
    values["note"] = clean_text(" ".join(filter(None, (values.get("note", ""), said))), _NOTE)
    return (("plans", "plans of payers that are not in the directory: kept in the notes"),)


def _identity(values: Values) -> tuple[Hashable, ...]:
    if npi := values.get("npi"):
        return "npi", npi
    texts = (values.get(name, "") for name in ("specialty", "organization", "address"))
    return folded_name(values["name"]), *map(folded_name, texts)


def _is_same(values: Values, stored: Mapping[str, Any]) -> bool:
    """By NPI, else by name where nothing else tells two of one name apart."""
    if values.get("npi") and stored["npi"]:
        return bool(values["npi"] == stored["npi"])
    if folded_name(values["name"]) != folded_name(stored["name"]):
        return False
    return all(
        not (values.get(name) and stored[name]) or folded_name(values[name]) == folded_name(stored[name])
        for name in ("specialty", "organization", "address")
    )


def _aliases(values: Mapping[str, Any]) -> tuple[Hashable, ...]:
    npi = values.get("npi")
    return (("name", folded_name(values["name"])), *((("npi", npi),) if npi else ()))


def _words(values: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (values["name"], values.get("specialty"), values.get("organization"))))


PROVIDERS = LogKind(
    name="providers",
    noun="office",
    fields=_FIELDS,
    needs=(("name", "family_name", "organization"),),
    table=ProviderLog(),
    record=_record,
    identity=_identity,
    is_same=_is_same,
    compared=("organization", "specialty", "npi", "phone", "fax", "address", "taxonomy"),
    words=_words,
    has_patient=False,
    resolve=_resolve,
    aliases=_aliases,
)
