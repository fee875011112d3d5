"""Lines of the patients list and of the jump, and the rows of the patient page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from rich.text import Text

from carecoord_tui.domain.dates import age_on, format_birth, format_day, format_time
from carecoord_tui.domain.day_sections import age_words
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.people import authority, comes_of_age
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.release import may_leave
from carecoord_tui.domain.rows import (
    AuditLine,
    CareTeamRow,
    PatientListRow,
    PersonView,
    RelatedRow,
    TimelineRow,
)
from carecoord_tui.domain.vocabulary import PatientStatus, Risk
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.today_rows import due_text, row_id

Name = Callable[[str], str]
_HALF_A_YEAR = timedelta(days=182)

PATIENT_COLUMNS = (
    Column("name", "Name", min_width=17, max_width=28, grow=2, style="strong"),
    Column("born", "Born", width=16, priority=90),
    Column("risk", "Risk", width=6, priority=70),
    Column("due", "Next", width=11, priority=95),
    Column("next", "", min_width=14, max_width=44, grow=3, priority=80),
    Column("last", "Last contact", width=12, priority=40, style="dim"),
    Column("open", "R/I/F", width=5, align="right", priority=50),
    Column("coverage", "Coverage", min_width=12, max_width=22, priority=30, style="dim"),
    Column("flags", "", min_width=7, max_width=24, priority=75),
)
JUMP_COLUMNS = (
    Column("name", "Name", min_width=20, max_width=34, grow=2, style="strong"),
    Column("born", "Born", width=16),
    Column("mrn", "MRN", width=10, priority=80, style="dim"),
    Column("phone", "Phone", width=6, priority=90, style="dim"),
    Column("flags", "", min_width=10, priority=70),
)
ITEM_COLUMNS = (
    Column("due", "", width=17),
    Column("title", "", min_width=24, style="strong"),
    Column("age", "", width=5, align="right", priority=90, style="dim"),
)
TIMELINE_COLUMNS = (
    Column("day", "", width=15),
    Column("time", "", width=7, priority=60, style="dim"),
    Column("kind", "", width=18, priority=90, style="dim"),
    Column("text", "", min_width=20, grow=2),
    Column("detail", "", min_width=16, grow=2, priority=50, style="dim"),
)
PEOPLE_COLUMNS = (
    Column("name", "Name", min_width=16, max_width=30, style="strong"),
    Column("relationship", "Relationship", min_width=14, max_width=26, priority=80, style="dim"),
    Column("phone", "Phone", width=17, priority=70),
    Column("scope", "May be told", min_width=20, grow=2),
    Column("until", "Until", width=15, priority=90),
)
CHANGE_COLUMNS = (
    Column("day", "", width=15),
    Column("time", "", width=7, priority=60, style="dim"),
    Column("who", "", min_width=10, max_width=18, priority=80, style="dim"),
    Column("label", "", min_width=18, max_width=34),
    Column("what", "", min_width=16, grow=2, priority=70, style="dim"),
)


TEAM, CLINICIAN = "team", "clinician"
"""The first part of the ids of rows of the care team."""


class WindowedPatients:
    """The patients list as a row source: ids are known at once, lines are read by window."""

    def __init__(
        self,
        ids: Sequence[int],
        read: Callable[[Sequence[int]], Sequence[PatientListRow]],
        paint: Callable[[PatientListRow], Row],
    ) -> None:
        self.ids = ids
        self._read, self._paint = read, paint

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, window: slice, /) -> list[Row]:
        ids = self.ids[window]
        lines = {line.id: line for line in self._read(ids)}
        return [self._paint(lines[one]) if one in lines else _gone(one) for one in ids]

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {one: place for place, one in enumerate(self.ids)}

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a patient stands in the list."""
        return self._places.get(record_id)


def _gone(patient_id: int) -> Row:
    """A place whose patient another window removed since the ids were read; the next reload closes it."""
    return Row(patient_id, ("no longer there", *[""] * (len(PATIENT_COLUMNS) - 1)), style="dim")


def born(birth: date | None, today: date) -> str:
    """``14 Mar 1961 (65)``."""
    return "" if birth is None else f"{format_birth(birth)} ({age_on(birth, today)})"


def near_day(day: date, today: date) -> str:
    """``Mon 30 Nov``; a day half a year off or more is ``12 Feb 2028``: no column is wasted on years."""
    return format_day(day) if abs(day - today) < _HALF_A_YEAR else format_birth(day)


def flags(line: PatientListRow) -> Text:
    """What to know before calling, in a word each."""
    words = Text()
    for is_so, word, style in (
        (line.status is PatientStatus.DECEASED, "died", "alarm"),
        (line.status is PatientStatus.DISCHARGED, "discharged", "dim"),
        (line.is_confidential, "private", "alarm"),
        (line.status is PatientStatus.ON_HOLD, "on hold", "waiting"),
        (line.interpreter_needed, "interp.", "waiting"),
    ):
        if is_so:
            words.append(f"{' ' if words else ''}{word}", style=style)
    return words


def patient_row(line: PatientListRow, moment: Moment, name: Name) -> Row:
    """One line of the patients list."""
    today = moment.today
    is_closed = line.status in (PatientStatus.DISCHARGED, PatientStatus.DECEASED)
    open_counts = (line.open_referrals, line.open_insurance, line.open_follow_ups)
    last = line.last_contact_at
    return Row(
        line.id,
        (
            name(line.name),
            born(line.birth_date, today),
            Text(line.risk.label, style="strong" if line.risk is Risk.HIGH else "dim"),
            near_day(line.next_on, today) if line.next_on else "",
            Text(line.next_title),
            near_day(last.astimezone(moment.zone).date(), today) if last else "never",
            "/".join(map(str, open_counts)) if any(open_counts) else "",
            line.coverage,
            flags(line),
        ),
        style="dim" if is_closed else "",
    )


def jump_row(line: PatientListRow, endings: Mapping[int, str], today: date, name: Name) -> Row:
    """One hit of the jump; ``endings`` are last four digits that may be shown."""
    ending = endings.get(line.id, "")
    cells = (
        name(line.name),
        born(line.birth_date, today),
        line.mrn,
        f"..{ending}" if ending else "",
        flags(line),
    )
    return Row(line.id, cells)


# --- the patient page ------------------------------------------------------------------------------------


def item_row(ranked: Ranked, moment: Moment) -> Row:
    """One open item of the person: when, what, how far."""
    item = ranked.item
    title = Text(ranked.title)
    if item.waiting_on:
        title.append(f"  waiting: {item.waiting_on}", style="waiting")
    return Row(row_id(ranked), (due_text(ranked, moment), title, age_words(ranked, moment.today)))


def _day_and_time(at: str, moment: Moment) -> tuple[date, str]:
    """A timeline stamp: a day alone, or an aware instant shown in the practice's zone."""
    if len(at) == len("2026-11-30"):
        return date.fromisoformat(at), ""
    local = datetime.fromisoformat(at).astimezone(moment.zone)
    return local.date(), format_time(local.time())


def timeline_rows(lines: Sequence[TimelineRow], moment: Moment) -> list[Row]:
    """What happened, newest first; what is still ahead under its own heading."""
    rows: list[Row] = []
    today = moment.today
    was_ahead = False
    for place, line in enumerate(lines):
        day, at = _day_and_time(line.at, moment)
        if day > today and not was_ahead:
            rows.append(Row("ahead", ("AHEAD",), kind="header"))
        elif day <= today and was_ahead:
            rows.append(Row("past", ("SO FAR",), kind="header"))
        was_ahead = day > today
        cells = (format_day(day, today), at, line.entry.value, line.text, line.detail)
        rows.append(Row(place, cells))
    return rows


def related_row(one: RelatedRow, patient: PersonView, today: date, name: Name) -> Row:
    """A person around the patient; under a confidential channel their number is not offered."""
    found = authority(one, today, patient.birth_date, minor_consented=bool(patient.minor_consent))
    if not one.is_authorized:
        scope = Text("nothing: not authorized", style="dim")
    elif found.in_force:
        scope = Text(found.words)
    else:
        scope = Text(f"{found.words}; was: {one.scope}", style="alarm")
    words = [one.relationship, "emergency" if one.is_emergency_contact else ""]
    cells = (
        name(one.name),
        ", ".join(word for word in words if word),
        format_phone(one.phone) if one.phone and may_leave(patient).related_phones else "",
        scope,
        format_day(found.until, today) if found.until else "",
    )
    return Row(one.id, cells)


def related_words(one: RelatedRow, patient: PersonView, today: date) -> str:
    """What the columns leave out, in a line: ``(555) 010-0260 · emergency contact · speaks Vietnamese``."""
    words: list[str] = []
    found = authority(one, today, patient.birth_date, minor_consented=bool(patient.minor_consent))
    if one.is_authorized and not found.in_force:
        words.append(f"{found.words}; was: {one.scope}")
    if may_leave(patient).related_phones:
        words += [format_phone(one.phone) if one.phone else "", one.email]
    if one.is_emergency_contact:
        words.append("emergency contact")
    if one.is_guardian:
        birth = None if patient.is_masked else patient.birth_date
        until = f" until {format_birth(comes_of_age(birth))}, the 18th birthday" if birth else ""
        words.append(f"parent or guardian{until}")
    words += [born(one.birth_date, today), f"speaks {one.language}" if one.language else "", one.note]
    return " · ".join(word for word in words if word)


def member_row(member: CareTeamRow) -> Row:
    """Somebody who cares for the patient: an office's own number, which no confidential channel hides."""
    cells = (
        member.name,
        member.role,
        format_phone(member.phone) if member.phone else "",
        Text("" if member.is_active else "no longer cares for them", style="dim"),
        "",
    )
    return Row((TEAM, member.id), cells, style="" if member.is_active else "dim")


def member_words(member: CareTeamRow) -> str:
    """What the columns leave out of a member of the care team."""
    fax = f"fax {format_phone(member.fax)}" if member.fax else ""
    return " · ".join(word for word in (fax, member.note) if word)


def clinician_row(number: int, name: str, role: str) -> Row:
    """A clinician known from the patient's own data or a referral, shown with the care team."""
    return Row((CLINICIAN, number), (name, Text(role, style="dim"), "", "", ""))


_TABLE_WORDS = {
    "patient": "patient",
    "patient_phone": "phone",
    "related_person": "related person",
    "follow_up": "follow-up",
    "moved_date": "date moved",
    "eligibility_check": "eligibility",
    "referral_stage": "referral stage",
}


_ACTION_WORDS = {"insert": "new", "delete": "removed"}


def change_rows(lines: Sequence[AuditLine], moment: Moment) -> list[Row]:
    """Audited changes, one line for each change: who, when, what it was called, which fields.

    Values are not shown here: they may hold a number that a confidential channel hides.
    """
    rows = []
    for change_id, parts in groupby(lines, key=lambda one: one.change_id):
        group = list(parts)
        local = group[0].at.astimezone(moment.zone)
        cells = (
            format_day(local.date(), moment.today),
            format_time(local.time()),
            group[0].user,
            group[0].label,
            " · ".join(dict.fromkeys(map(_change_words, group))),
        )
        rows.append(Row(change_id, cells))
    return rows


def _change_words(line: AuditLine) -> str:
    """``new phone``, ``patient: risk, check in on``."""
    table = _TABLE_WORDS.get(line.table_name, line.table_name.replace("_", " "))
    if line.action in _ACTION_WORDS:
        return f"{_ACTION_WORDS[line.action]} {table}"
    return f"{table}: {', '.join(field.replace('_', ' ') for field, *_ in line.fields)}"
