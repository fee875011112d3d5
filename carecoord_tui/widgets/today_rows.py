"""The lines of Today: sections, grouped visits, the waiting line, the line that asks to decide."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field

from rich.text import Text

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.day_sections import SectionKind, age_words, due_words, section_of
from carecoord_tui.domain.ranking import Lane, Moment, Ranked
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

COLUMNS = (
    Column("due", "", width=15),
    Column("who", "", min_width=14, max_width=22, style="strong"),
    Column("what", "", min_width=24, grow=3),
    Column("age", "", width=5, align="right", priority=50, style="dim"),
)
WAITING_ID, MORE_ID = "waiting", "more"
SEVERAL_ITEMS = frozenset({Kind.TRANSITION, Kind.APPOINTMENT, Kind.DENIAL})
Name = Callable[[str], str]
RowId = tuple[str, int, str]
Fold = Callable[[Ranked], str]


def row_id(ranked: Ranked) -> RowId:
    """What a line is about, the same before and after an act changed its rule."""
    item = ranked.item
    slot = item.rule_id if item.kind in SEVERAL_ITEMS else ""
    return (item.kind.value, item.record_id, slot)


@dataclass(slots=True)
class TodayLines:
    """Lines in order, and the items behind each: one, or a group's."""

    rows: list[Row] = field(default_factory=list)
    behind: dict[Hashable, tuple[Ranked, ...]] = field(default_factory=dict)

    def add(self, row: Row, items: tuple[Ranked, ...] = ()) -> None:
        """Append a line."""
        self.rows.append(row)
        if items:
            self.behind[row.id] = items

    def heading(self, text: str) -> None:
        """Append a section heading."""
        self.add(Row(("section", text), (text,), kind="header"))


def due_text(ranked: Ranked, moment: Moment) -> Text:
    """The words of ``due_words`` in the lane's colour, which never stands alone."""
    late = ranked.days_late > 0 and ranked.lane is not Lane.CHECK_IN
    style = "alarm" if ranked.lane <= Lane.PROMISE or late else "waiting" if ranked.item.waiting_on else ""
    return Text(due_words(ranked, moment), style=style)


def item_row(ranked: Ranked, moment: Moment, name: Name, *, repeat: bool = False) -> Row:
    """One item's line; ``repeat`` leaves the name out below the same person's first line."""
    who = "" if repeat else safe_text(name(ranked.person.name))
    title = Text(safe_text(ranked.title))
    if ranked.item.waiting_on:
        title.append(f" · {safe_text(ranked.item.waiting_on)}", style="waiting")
    if ranked.not_callable_now:
        title.append("  not now", style="dim")
    return Row(row_id(ranked), (due_text(ranked, moment), who, title, age_words(ranked, moment.today)))


def own_fold(ranked: Ranked) -> str:
    """The group an item belongs to by itself."""
    return ranked.item.group_key


def _grouped(items: Sequence[Ranked], fold: Fold) -> list[tuple[str, tuple[Ranked, ...]]]:
    """Items of one group key together at the first one's place; single ones stay single."""
    sizes: dict[str, list[Ranked]] = {}
    for ranked in items:
        if fold(ranked):
            sizes.setdefault(fold(ranked), []).append(ranked)
    done: set[str] = set()
    result: list[tuple[str, tuple[Ranked, ...]]] = []
    for ranked in items:
        key = fold(ranked)
        if not key or len(sizes[key]) == 1:
            result.append(("", (ranked,)))
        elif key not in done:
            done.add(key)
            result.append((key, tuple(sizes[key])))
    return result


def put_items(
    lines: TodayLines,
    items: Sequence[Ranked],
    moment: Moment,
    name: Name,
    opened: Collection[str],
    fold: Fold = own_fold,
) -> None:
    """Items in the order given; groups fold into one line until opened."""
    last_person: int | None = None
    for key, members in _grouped(items, fold):
        if key:
            lines.add(_group_row(key, members, moment, is_open=key in opened), members)
            last_person = None
            if key not in opened:
                continue
        for ranked in members:
            lines.add(item_row(ranked, moment, name, repeat=ranked.person.id == last_person), (ranked,))
            last_person = ranked.person.id


def _group_row(key: str, members: Sequence[Ranked], moment: Moment, *, is_open: bool) -> Row:
    people = len({ranked.person.id for ranked in members})
    what = key.partition(":")[0].replace("_", " ")
    when = members[0].item.visit_on or members[0].item.target_on
    mark = "v" if is_open else ">"
    title = f"{what.capitalize()}  {mark}"
    return Row(
        ("group", key),
        (f"  {format_day(when, moment.today)}", f"{people} patients", Text(title, style="dim"), ""),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a row stood when the day was ranked: it stays there until the day is ranked anew."""

    place: int
    section: SectionKind
    group_key: str


def standing_of(due: Sequence[Ranked]) -> dict[RowId, Standing]:
    """The places of a freshly ranked day; a person's rows stand in the section of the best one."""
    best: dict[int, Lane] = {}
    for ranked in due:
        best[ranked.person.id] = min(ranked.lane, best.get(ranked.person.id, ranked.lane))
    return {
        row_id(ranked): Standing(place, section_of(best[ranked.person.id]), ranked.item.group_key)
        for place, ranked in enumerate(due)
    }
