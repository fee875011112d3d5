"""Who is waited for: parties with the keys of their items at once, the items by window.

Plain SQL. An item is named by its key ``kind:record:rule``, which outlives the ledger's own number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.names import display
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import WaitingOn
from carecoord_tui.domain.waiting import OF_A_PERSON, PartyKey, WaitingFacts, WaitingParty
from carecoord_tui.store.queries.phones import read_phones
from carecoord_tui.store.queries.slots import KEY, items_by_key, slot_of
from carecoord_tui.store.queries.today import CHASE, MOVED, PAST_PROMISE, Execute
from carecoord_tui.store.queries.typed_filter import Condition, TypedFilter, escaped
from carecoord_tui.store.queries.values import read_day, read_time

_AT_ONCE = 150  # of three values each
_PERSON_KINDS = ", ".join(f"'{kind}'" for kind in OF_A_PERSON)
_KIND = "CASE WHEN m.id IS NOT NULL THEN coalesce(m.waiting_kind, 'other') END"  # none for an event
_WAITED = (
    f"SELECT {KEY} AS word, l.waiting_on AS who, l.patient_id AS patient, {_KIND} AS kind, m.payer_id"
    f" AS payer, m.provider_id AS office, {CHASE} AS chase,"
    f" {PAST_PROMISE} AS past,"
    f" CASE WHEN m.waiting_kind IN ({_PERSON_KINDS}) THEN l.patient_id END AS person"
    f" FROM ledger l {MOVED} WHERE l.waiting_on > ''"
)
# One text a group: fetching thousands of rows one by one costs ten times as much.
_GROUPED = (
    "SELECT max(kind), max(payer), max(office), max(patient), max(who), sum(past), group_concat(word)"
    " FROM (SELECT * FROM ({waited}) ORDER BY chase, word) GROUP BY {by}"
    " ORDER BY max(past) DESC, min(chase), max(who)"
)
_BY_PARTY = "kind, payer, office, person, CASE WHEN coalesce(payer, office) IS NULL THEN who ELSE '' END"
_BY_PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One line: the item, and since when, promised when, to be asked again when."""

    ranked: Ranked
    facts: WaitingFacts


class WaitingFilter(TypedFilter):
    """By patient, by who is waited for, or by what the item is about."""

    alias = "l"
    first_free = 2  # ?1 is today

    def _parts(self, made: Condition, word: str) -> Iterator[str]:
        for column in ("l.waiting_on", "l.title"):
            yield f"(' ' || {column}) LIKE {made.bind(f'% {escaped(word)}%')} ESCAPE '!'"


def read_parties_waited_for(
    execute: Execute,
    today: date,
    *,
    by_patient: bool = False,
    text: str = "",
    order: DateOrder = DateOrder.MDY,
) -> list[WaitingParty]:
    """Who is waited for, those past their promise first, then by the day to ask again.

    ``by_patient``: the same items under their patients. ``text`` narrows by patient, party or title.
    """
    condition = WaitingFilter(execute).condition(text, order)
    waited = f"{_WAITED} AND ({condition.sql})" if condition.sql else _WAITED
    by = _BY_PATIENT if by_patient else _BY_PARTY
    rows = list(execute(_GROUPED.format(waited=waited, by=by), [today.isoformat(), *condition.parameters]))
    people = _people(execute, [row[3] for row in rows if by_patient or row[0] in OF_A_PERSON])
    directory = {"payer": _reached(execute, _PAYERS), "office": _reached(execute, _OFFICES)}
    return _together(_party(row, people, directory, by_patient=by_patient) for row in rows)


def read_waiting(execute: Execute, keys: Sequence[str], moment: Moment) -> dict[str, WaitingRow]:
    """The lines of these keys; those settled meanwhile are left out."""
    items = items_by_key(execute, keys, moment)
    facts: dict[str, WaitingFacts] = {}
    wanted = list(items)
    for start in range(0, len(wanted), _AT_ONCE):
        portion = wanted[start : start + _AT_ONCE]
        marks = ", ".join(["(?, ?, ?)"] * len(portion))
        rows = execute(
            f"SELECT {KEY}, l.waiting_since, l.promised_on, l.until_on FROM moved_date l"
            f" WHERE (l.kind, l.record_id, l.rule_id) IN (VALUES {marks})",
            [value for key in portion for value in slot_of(key)],
        )
        for key, since, promised, until in rows:
            facts[key] = WaitingFacts(read_day(since), read_day(promised), date.fromisoformat(until))
    return {
        key: WaitingRow(ranked, facts.get(key, WaitingFacts(None, None, ranked.item.target_on)))
        for key, ranked in items.items()
        if ranked.item.waiting_on
    }


# --- parts ------------------------------------------------------------------------------------

_PAYERS = (
    "SELECT id, coalesce(nullif(phone, ''), authorization_phone), call_from, call_until, time_zone, name"
)
_OFFICES = "SELECT id, coalesce(nullif(referral_phone, ''), phone), call_from, call_until, time_zone, name"


def _reached(execute: Execute, columns: str) -> Mapping[int, Sequence[Any]]:
    table = "payer" if columns is _PAYERS else "provider"
    return {row[0]: row[1:] for row in execute(f"{columns} FROM {table}", [])}


def _people(execute: Execute, numbers: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    found: dict[int, Sequence[Any]] = {}
    wanted = list(dict.fromkeys(numbers))
    phones = {owner: rows[0].number for owner, rows in read_phones(execute, wanted).items()}
    for start in range(0, len(wanted), 500):
        portion = wanted[start : start + 500]
        rows = execute(
            "SELECT p.id, p.call_from, p.call_until, p.time_zone, p.family_name,"
            " p.given_name, p.suffix, p.preferred_name FROM patient p"
            f" WHERE p.id IN ({', '.join('?' * len(portion))})",
            portion,
        )
        found |= {row[0]: (phones.get(row[0], ""), *row[1:4], display(*row[4:])) for row in rows}
    return found


def _together(parties: Iterable[WaitingParty]) -> list[WaitingParty]:
    """One heading a party: a bare name is written now with a capital and now without."""
    found: dict[PartyKey, WaitingParty] = {}
    for one in parties:
        first = found.get(one.key)
        found[one.key] = (
            one if first is None else replace(first, keys=first.keys + one.keys, past=first.past + one.past)
        )
    return list(found.values())


def _party(
    row: Sequence[Any],
    people: Mapping[int, Sequence[Any]],
    directory: Mapping[str, Mapping[int, Sequence[Any]]],
    *,
    by_patient: bool,
) -> WaitingParty:
    kind_word, payer_id, office_id, patient_id, who, past, words = row
    kind = WaitingOn(kind_word) if kind_word and not by_patient else None
    of_person = by_patient or kind in OF_A_PERSON
    reached: Sequence[Any] = ("", None, None, "", who)
    key: PartyKey = (kind_word or "", 0, fold(who))
    name = who
    if of_person:
        reached = people.get(patient_id, reached)
        key = ("patient" if by_patient else kind_word, patient_id, "" if by_patient else fold(who))
        name = reached[4] if by_patient or kind is WaitingOn.PATIENT else who
    elif payer_id is not None:
        reached, key = directory["payer"].get(payer_id, reached), ("payer", payer_id, "")
        name = reached[4]
    elif office_id is not None:
        reached, key = directory["office"].get(office_id, reached), ("office", office_id, "")
        name = reached[4]
    phone, call_from, call_until, zone, _ = reached
    return WaitingParty(
        key=key,
        name=name,
        kind=kind,
        keys=tuple(words.split(",")),
        past=past,
        payer_id=None if of_person else payer_id,
        provider_id=None if of_person else office_id,
        patient_id=patient_id if of_person else None,
        phone=phone or "",
        call_from=read_time(call_from),
        call_until=read_time(call_until),
        time_zone=zone or "",
    )
