"""``today``: the ranked day as plain text or JSON, in the order and the words of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carecoord_tui.cli.failures import OK
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import carries_out, say, write_json, write_rows
from carecoord_tui.cli.parser import Group
from carecoord_tui.cli.part2 import add_part2, marked_in_audit, marked_records, note_left_out, notice_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date, datetime

    from carecoord_tui.domain.day_papers import PaperPerson, Record
    from carecoord_tui.domain.ranking import Moment, Ranked
    from carecoord_tui.domain.rows import TodayView
    from carecoord_tui.store.first_look import FirstLook
    from carecoord_tui.store.practice import Practice

_NAME_CELLS = 28  # a longer name pushes its own line only


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    today = commands.add(
        "today",
        run,
        "print the ranked day",
        "Print the ranked day, in the order and the words of the screen. Nothing is changed. As JSON, into a "
        "pipe or into a file it leaves the practice: that is recorded in the audit, whoever may not be "
        "confirmed to be a patient stands in it by MRN alone, and records marked Part 2 or sensitive are not "
        "described.",
    )
    form = today.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="print text (the default)")
    form.add_argument("--line", action="store_true", help="print one line: done, reached, waiting, past due")
    form.add_argument("--json", action="store_true", help="print JSON for scripts")
    today.add_argument(
        "--all", action="store_true", help="print all that is due, and who is waited for, without a limit"
    )
    add_part2(today, "describe", "which are only named by their kind else")


def run(invocation: Invocation) -> int:
    """Read the day and print it."""
    from carecoord_tui.store.queries.boss_line import read_boss_line
    from carecoord_tui.store.queries.today import count_without_action, read_today

    show_all = invocation.options.all
    as_json, with_part2 = invocation.options.json, invocation.options.with_part2
    leaves = carries_out(as_json=as_json)
    with invocation.reading_out() as (reader, record):
        view = read_today(
            reader.execute, reader.moment(), limit=0 if show_all else reader.settings.people_shown
        )
        if invocation.options.line:
            say(read_boss_line(reader.execute, view).words)
            return OK
        without_action = count_without_action(reader.execute)
        marked = marked_records(reader, leaves=leaves)
        count = len({_record(one) for one in _printed(view, in_full=as_json or show_all)} & marked)
        if leaves:
            view = _as_on_paper(view, reader, () if with_part2 else marked)
        day = view.day
        names_people = day.due or day.more_due or day.upcoming or ((as_json or show_all) and day.waiting)
        if names_people and leaves:
            in_audit = marked_in_audit(count, with_part2=with_part2)
            record(f"Today as {'JSON' if as_json else 'text'}{in_audit}")
        notice = notice_for(count, with_part2=with_part2)
        if as_json:
            write_json(_as_json(view, without_action) | ({"notice": notice} if notice else {}))
        else:
            _write_plain(view, without_action, reader, show_all=show_all)
            if notice:
                say(f"\n{notice}")
        note_left_out(count, with_part2=with_part2, verb="describes")
    return OK


# --- what leaves ------------------------------------------------------------------------------------


def _printed(view: TodayView, *, in_full: bool) -> Iterator[Ranked]:
    """The items that are printed; of the others text says only how many they are."""
    yield from view.day.due
    yield from view.day.upcoming
    if in_full:
        yield from view.day.more_due
        yield from view.day.waiting


def _record(ranked: Ranked) -> Record:
    return ranked.item.kind, ranked.item.record_id


def _as_on_paper(view: TodayView, reader: FirstLook | Practice, marked: Collection[Record]) -> TodayView:
    """The day with the names and words that may stand outside the program."""
    from dataclasses import replace

    from carecoord_tui.store.queries.day_papers import read_people

    day = view.day
    people = read_people(reader.execute, {one.person.id for one in _printed(view, in_full=True)})

    def told(rows: Sequence[Ranked]) -> tuple[Ranked, ...]:
        return tuple(_told(one, people[one.person.id], marked) for one in rows if one.person.id in people)

    return replace(
        view,
        day=replace(
            day,
            due=told(day.due),
            more_due=told(day.more_due),
            upcoming=told(day.upcoming),
            waiting=told(day.waiting),
        ),
    )


def _told(ranked: Ranked, person: PaperPerson, marked: Collection[Record]) -> Ranked:
    from dataclasses import replace

    from carecoord_tui.domain.day_papers import is_withheld, title_on_paper, waiting_on_paper, why_on_paper

    if not is_withheld(ranked, person, marked):
        return ranked
    title = title_on_paper(ranked, person, marked)
    item = replace(
        ranked.item,
        title=title,
        after_legal=title if ranked.is_too_late else "",
        why=why_on_paper(ranked, person, marked),
        waiting_on=waiting_on_paper(ranked, person, marked),
    )
    name = ranked.person.name if person.is_named else person.number
    return replace(ranked, item=item, title=title, person=replace(ranked.person, name=name))


# --- JSON ------------------------------------------------------------------------------------------


def _as_json(view: TodayView, without_action: int) -> dict[str, Any]:
    moment, day = view.moment, view.day
    shown = {ranked.item_id for ranked in day.due}
    return {
        "date": moment.today.isoformat(),
        "now": moment.local.isoformat(timespec="seconds"),
        "counts": {
            "past_due": view.past_due,
            "check_ins": view.check_ins,
            "due_today": view.due_today,
            "shown": len(day.due),
            "more_due": view.more_due,
            "this_week": view.week_ahead,
            "waiting": view.waiting,
            "past_promise": view.past_promise,
            "without_next_action": without_action,
            "active_patients": view.active_patients,
        },
        "items": [
            {**_item_json(ranked, moment), "is_shown": ranked.item_id in shown}
            for ranked in (*day.due, *day.more_due)
        ],
        "upcoming": [_item_json(ranked, moment) for ranked in day.upcoming],
        "waiting": [_item_json(ranked, moment) for ranked in day.waiting],
    }


def _item_json(ranked: Ranked, moment: Moment) -> dict[str, Any]:
    from carecoord_tui.domain.ranking import rank_reasons

    item, person = ranked.item, ranked.person
    return {
        "lane": int(ranked.lane),
        "lane_name": ranked.lane.label,
        "kind": item.kind.value,
        "verb": item.verb,
        "title": ranked.title,
        "patient": person.name,
        "patient_id": person.id,
        "record_id": item.record_id,
        "mrn": person.mrn,
        "legal_on": _iso(item.legal_on),
        "legal_at": _iso(item.legal_at),
        "target_on": _iso(item.target_on),
        "target_at": _iso(item.target_at),
        "visit_on": _iso(item.visit_on),
        "rule_id": item.rule_id,
        "consequence": item.consequence.value,
        "days_late": ranked.days_late,
        "progress": item.progress,
        "waiting_on": item.waiting_on,
        "is_callable_now": not ranked.not_callable_now,
        "why": item.why,
        "citation": item.citation,
        "rank_reasons": rank_reasons(ranked, moment),
    }


def _iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


# --- plain text ------------------------------------------------------------------------------------


def _write_plain(
    view: TodayView, without_action: int, reader: FirstLook | Practice, *, show_all: bool
) -> None:
    from carecoord_tui.domain.dates import format_full_day, format_time
    from carecoord_tui.domain.day_sections import SECTIONS, section_of, summary_words
    from carecoord_tui.widgets.safe_text import safe_text

    moment, day = view.moment, view.day
    local = moment.local
    say(
        f"{safe_text(reader.user.name)}   {format_full_day(local.date())}, {format_time(local.time())}"
        f"   {view.active_patients:,} active patients"
    )
    say(summary_words(view, without_action))
    by_person: dict[int, list[Ranked]] = {}
    for ranked in day.due:
        by_person.setdefault(ranked.person.id, []).append(ranked)
    for kind, title, _ in SECTIONS:
        rows = [
            ranked
            for rows in by_person.values()
            if section_of(min(ranked.lane for ranked in rows)) == kind
            for ranked in rows
        ]
        _write_section(title, rows, moment)
    if view.more_due:
        say(f"\n{view.more_due} more due: decide" + ("" if show_all else "  (--all prints them)"))
    _write_section("THIS WEEK", day.upcoming, moment)
    if show_all:
        _write_section(_waiting(view), day.waiting, moment)
    elif view.waiting:
        say(f"\n{_waiting(view)}  (--all prints them)")


def _waiting(view: TodayView) -> str:
    broken = view.past_promise
    return f"WAITING {view.waiting}" + (f" · {broken} past promise" if broken else "")


def _write_section(title: str, rows: Sequence[Ranked], moment: Moment) -> None:
    """A heading and its lines; every line names its patient, so that each can be read alone."""
    from carecoord_tui.domain.day_sections import age_words, due_words
    from carecoord_tui.widgets.safe_text import safe_text

    if not rows:
        return
    say(f"\n{title}")
    lines = []
    for ranked in rows:
        waiting = f"waiting: {safe_text(ranked.item.waiting_on)}" if ranked.item.waiting_on else ""
        later = "not now" if ranked.not_callable_now else ""
        said = (safe_text(ranked.title), waiting, later, age_words(ranked, moment.today))
        what = "  ".join(word for word in said if word)
        lines.append((due_words(ranked, moment), safe_text(ranked.person.name), what))
    write_rows(lines, most=_NAME_CELLS)
