"""``list``: the lists of the screens, printed: the same rows in the same order and words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from carecoord_tui.cli.failures import OK
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import carries_out, note, say, write_rows
from carecoord_tui.cli.parser import Group
from carecoord_tui.cli.part2 import add_part2, marked_in_audit, marked_records, note_left_out, notice_for
from carecoord_tui.cli.settings import add_form

if TYPE_CHECKING:
    from carecoord_tui.domain.day_papers import Record
    from carecoord_tui.domain.waiting import WaitingParty
    from carecoord_tui.store.first_look import FirstLook
    from carecoord_tui.store.practice import Practice
    from carecoord_tui.widgets.columns import Column
    from carecoord_tui.widgets.row_source import Row, RowSource

    Reader = FirstLook | Practice

G = TypeVar("G")
I = TypeVar("I")  # noqa: E741
WINDOW = 500  # rows read and printed at once
_CELLS = 28  # a longer cell pushes its own line only
_SUMMARIES = {
    "patients": "print the caseload in name order",
    "referrals": "print every open referral by stage",
    "insurance": "print what is open about insurance by lane",
    "waiting": "print who is waited for, and for what",
    "payers": "print the payer directory",
    "providers": "print the provider directory",
}
_OF_PEOPLE = frozenset({"patients", "referrals", "insurance", "waiting"})
_RECORDED = (
    " As JSON, into a pipe or into a file it leaves the practice: that is recorded in the audit, and records "
    "marked Part 2 or sensitive are left out."
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A screen's list: its columns, its rows, and the records behind rows by their ids.

    ``held`` counts the records that are marked Part 2 or sensitive and left out of it.
    """

    columns: Sequence[Column]
    source: RowSource
    records: Callable[[Sequence[Any]], Mapping[Any, object]]
    held: int = 0


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    group = Group(commands.add("list", None, "print a list of the program"), required=True)
    for name, summary in _SUMMARIES.items():
        one = group.add(
            name,
            _runner(name),
            summary,
            f"{summary.capitalize()}, as the screen does. Nothing is changed."
            + (_RECORDED if name in _OF_PEOPLE else ""),
        )
        add_form(one)
        if name in _OF_PEOPLE:
            add_part2(one, "print")


def _runner(name: str) -> Callable[[Invocation], int]:
    def run(invocation: Invocation) -> int:
        as_json = invocation.options.json
        is_of_people = name in _OF_PEOPLE
        with_part2 = is_of_people and invocation.options.with_part2
        leaves = is_of_people and carries_out(as_json=as_json)
        with invocation.reading_out() as (reader, record):
            listing = _MAKERS[name](reader, marked_records(reader, leaves=leaves))
            held = listing.held
            if with_part2 and held:
                listing = _MAKERS[name](reader, ())
            if leaves and len(listing.source):
                in_audit = marked_in_audit(held, with_part2=with_part2)
                record(f"list of {name} as {'JSON' if as_json else 'text'}{in_audit}")
            notice = notice_for(held, with_part2=with_part2)
            if as_json:
                _write_json(name, listing, reader, notice)
            else:
                _write_plain(name, listing, notice)
            note_left_out(held, with_part2=with_part2, verb="prints")
        return OK

    return run


# --- printing ----------------------------------------------------------------------------------------


def _windows(listing: Listing) -> Iterator[Sequence[Row]]:
    for start in range(0, len(listing.source), WINDOW):
        yield listing.source[start : start + WINDOW]


def _write_plain(name: str, listing: Listing, notice: str) -> None:
    """Headings on lines of their own; the rows between two in columns; the notice that goes along last."""
    if not (len(listing.source) or listing.held):
        note(f"Nothing stands in the list of {name}.")
    titles = tuple(column.title.strip() for column in listing.columns)
    block: list[tuple[str, ...]] = []
    is_first = True
    for row in (row for window in _windows(listing) for row in window):
        if row.kind == "row":
            block.append(_words(row))
            continue
        _write_block(titles, block)
        say(("" if is_first else "\n") + _words(row)[0])
        block, is_first = [], False
    _write_block(titles, block)
    if notice:
        say(f"\n{notice}")


def _write_block(titles: tuple[str, ...], block: Sequence[tuple[str, ...]]) -> None:
    if block:
        write_rows([titles, *block], most=_CELLS)


def _words(row: Row) -> tuple[str, ...]:
    """The cells as plain text."""
    from carecoord_tui.widgets.safe_text import safe_text

    return tuple(safe_text(cell if isinstance(cell, str) else cell.plain).strip() for cell in row.cells)


def _write_json(name: str, listing: Listing, reader: Reader, notice: str) -> None:
    """Every row with the heading it stands under, the values behind it, and the words of the screen."""
    from carecoord_tui.cli.json_stream import JsonStream

    out = JsonStream()
    moment = reader.moment()
    out.keys({"list": name, "date": moment.today.isoformat()})
    if notice:
        out.key("notice", notice)
    out.open_list("items")
    heading = ""
    for window in _windows(listing):
        records = listing.records([row.id for row in window if row.kind == "row"])
        for row in window:
            if row.kind != "row":
                heading = _words(row)[0]
                continue
            keys = [column.key for column in listing.columns]
            words = dict(zip(keys, _words(row), strict=True))
            record = _plain(records.get(row.id))
            out.item({"id": _plain(row.id), "heading": heading, "words": words, "record": record})
    out.close("]")
    out.close("}")


def _plain(value: object) -> Any:
    """A value as JSON has it: days and times as ISO text, amounts as text, records as objects."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)  # a word of the vocabulary is a str too
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [_plain(one) for one in value]
    raise TypeError(f"a {type(value).__name__} has no JSON form")


# --- one maker a list --------------------------------------------------------------------------------


def _name(name: str) -> str:
    """On the command line nobody looks over a shoulder at masked names: they are shown."""
    return name


def _patients(reader: Reader, marked: Collection[Record]) -> Listing:
    """Everybody stays in it; what is next of a marked record is not described."""
    from carecoord_tui.domain.day_papers import not_described
    from carecoord_tui.domain.rows import PatientListRow
    from carecoord_tui.store.queries.patients import NameOrder, read_rows
    from carecoord_tui.widgets.patient_rows import PATIENT_COLUMNS, WindowedPatients, patient_row

    moment = reader.moment()
    ids = NameOrder(reader.execute).ids()
    hidden = _next_withheld(reader, marked)

    def shown(line: PatientListRow) -> PatientListRow:
        record = hidden.get(line.id)
        return line if record is None else replace(line, next_title=not_described(record[0]))

    def read(wanted: Sequence[int]) -> list[PatientListRow]:
        return [shown(line) for line in read_rows(reader.execute, wanted)]

    source = WindowedPatients(ids, read, lambda line: patient_row(line, moment, _name))
    held = len(hidden.keys() & set(ids)) if hidden else 0
    return Listing(PATIENT_COLUMNS, source, lambda ids: {line.id: line for line in read(ids)}, held)


def _next_withheld(reader: Reader, marked: Collection[Record]) -> Mapping[int, Record]:
    from carecoord_tui.store.queries.withheld import withheld_next

    return withheld_next(reader.execute, marked) if marked else {}


def _without(groups: Mapping[G, Sequence[I]], is_marked: Callable[[I], bool]) -> tuple[dict[G, list[I]], int]:
    """The groups without marked rows, and how many those were; a group of nothing else is not named."""
    kept = {group: [one for one in ids if not is_marked(one)] for group, ids in groups.items()}
    held = sum(map(len, groups.values())) - sum(map(len, kept.values()))
    return {group: ids for group, ids in kept.items() if ids}, held


def _referrals(reader: Reader, marked: Collection[Record]) -> Listing:
    from carecoord_tui.domain.referral_ageing import stalled_days
    from carecoord_tui.domain.referral_rows import ReferralListRow, View
    from carecoord_tui.domain.vocabulary import Kind
    from carecoord_tui.store.queries.referral_views import Days
    from carecoord_tui.store.queries.referrals import list_ids, read_rows
    from carecoord_tui.widgets.grouped_rows import GroupedRows
    from carecoord_tui.widgets.referral_rows import (
        REFERRAL_COLUMNS,
        Paint,
        gone_row,
        heading_row,
        referral_row,
    )

    paint = Paint(reader.context, reader.moment(), _name)

    def read(ids: Sequence[int]) -> dict[int, ReferralListRow]:
        return {line.id: line for line in read_rows(reader.execute, ids, reader.today())}

    days = Days(reader.today(), stalled_days(reader.context))
    groups, held = _without(
        list_ids(reader.execute, View.ALL, days), lambda number: (Kind.REFERRAL, number) in marked
    )
    source = GroupedRows(
        groups,
        heading=heading_row,
        read=read,
        paint=lambda line, group: referral_row(line, group, paint),
        gone=gone_row,
    )
    return Listing(REFERRAL_COLUMNS, source, read, held)


def _insurance(reader: Reader, marked: Collection[Record]) -> Listing:
    from carecoord_tui.domain.insurance_rows import InsuranceRow, Key, record_of
    from carecoord_tui.store.queries.insurance import list_keys, read_rows
    from carecoord_tui.widgets.grouped_rows import GroupedRows
    from carecoord_tui.widgets.insurance_rows import (
        INSURANCE_COLUMNS,
        Paint,
        gone_row,
        insurance_row,
        lane_heading,
    )

    moment = reader.moment()
    paint = Paint(reader.context, moment, _name)

    def read(keys: Sequence[Key]) -> dict[Key, InsuranceRow]:
        return {line.key: line for line in read_rows(reader.execute, keys, moment)}

    groups, held = _without(list_keys(reader.execute), lambda key: record_of(key) in marked)
    source = GroupedRows(
        groups,
        heading=lambda group, count: lane_heading(group, count, moment.today),
        read=read,
        paint=lambda line, group: insurance_row(line, group, paint),
        gone=gone_row,
    )
    return Listing(INSURANCE_COLUMNS, source, read, held)


def _waiting(reader: Reader, marked: Collection[Record]) -> Listing:
    from carecoord_tui.store.queries.waiting import read_parties_waited_for, read_waiting
    from carecoord_tui.widgets.waiting_rows import WAITING_COLUMNS, PartyRows, party_line, waiting_row

    moment = reader.moment()

    def paint(keys: Sequence[str]) -> dict[str, Row]:
        return {
            key: waiting_row(key, one.ranked, one.facts, moment.today, _name, says_who=False)
            for key, one in read_waiting(reader.execute, keys, moment).items()
        }

    everybody = read_parties_waited_for(reader.execute, moment.today)
    parties = [one for party in everybody if (one := _party_without(party, marked, reader)) is not None]
    held = sum(len(one.keys) for one in everybody) - sum(len(one.keys) for one in parties)
    source = PartyRows(parties, line=lambda party: party_line(party, moment, _name), paint=paint)
    return Listing(WAITING_COLUMNS, source, lambda keys: read_waiting(reader.execute, keys, moment), held)


def _party_without(party: WaitingParty, marked: Collection[Record], reader: Reader) -> WaitingParty | None:
    """Whoever is waited for, without marked records; nobody when it is for these alone."""
    from carecoord_tui.domain.vocabulary import Kind
    from carecoord_tui.store.queries.slots import slot_of
    from carecoord_tui.store.queries.waiting import read_waiting

    keys = tuple(
        key for key in party.keys for kind, number, _ in [slot_of(key)] if (Kind(kind), number) not in marked
    )
    if len(keys) == len(party.keys):
        return party
    rows = read_waiting(reader.execute, keys, reader.moment())
    past = sum(row.facts.is_past(reader.today()) for row in rows.values())
    return replace(party, keys=keys, past=past) if keys else None


def _payers(reader: Reader, _: Collection[Record]) -> Listing:
    from carecoord_tui.domain.payer_rows import filing_clock
    from carecoord_tui.store.queries.payers import list_payers
    from carecoord_tui.widgets.payer_rows import PAYER_COLUMNS, PayerDirectoryRows

    payers = list_payers(reader.execute)
    pack, today = reader.context.pack, reader.today()
    source = PayerDirectoryRows(payers, lambda one: filing_clock(pack, one, on=today))
    return Listing(PAYER_COLUMNS, source, lambda _: {one.id: one for one in payers})


def _providers(reader: Reader, _: Collection[Record]) -> Listing:
    from carecoord_tui.screens.directory import in_order
    from carecoord_tui.store.queries.providers import list_providers
    from carecoord_tui.widgets.provider_rows import PROVIDER_COLUMNS, DirectoryRows

    offices = sorted(list_providers(reader.execute), key=in_order)
    return Listing(
        PROVIDER_COLUMNS, DirectoryRows(offices), lambda _: {one.provider.id: one for one in offices}
    )


_MAKERS: Mapping[str, Callable[[Reader, Collection[Record]], Listing]] = {
    "patients": _patients,
    "referrals": _referrals,
    "insurance": _insurance,
    "waiting": _waiting,
    "payers": _payers,
    "providers": _providers,
}
