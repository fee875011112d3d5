"""The lines of the list by office: a line for the office, its referrals below."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import format_birth, format_day
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.referral_rows import OwingOffice, office_closed
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import STRONG, styled
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.today_rows import due_text, row_id

OFFICE_COLUMNS = (
    Column("due", "  Chase", width=13),
    Column("who", "Patient", min_width=14, max_width=22, style="strong"),
    Column("owes", "Office owes", width=20),
    Column("what", "For", min_width=10, grow=2),
    Column("quiet", "Quiet", width=5, align="right", priority=50, style="dim"),
)
OWES = {
    ReferralStage.SENT: "a receipt",
    ReferralStage.ACKNOWLEDGED: "an answer",
    ReferralStage.ACCEPTED: "a date",
    ReferralStage.SEEN: "the report",
}


def office_line(office: OwingOffice, moment: Moment) -> Row:
    """``Heart Center  (555) 010-0199  fax ...  4 owed``; selected, it stands for all its referrals.

    That it is closed at the ``moment`` comes before its numbers.
    """
    text = Text(safe_text(office.name or "No office on file"), style="strong")
    if closed := office_closed(office, moment):
        text.append(f"  {safe_text(closed)}", style="waiting")
    for words in (
        format_phone(office.phone) if office.phone else "no phone on file",
        f"fax {format_phone(office.fax)}" if office.fax else "",
        f"{len(office.referral_ids)} owed",
    ):
        if words:
            text.append(f"  {safe_text(words)}", style="dim")
    return Row(("office", office.provider_id), (text,), kind="line")


def owed_row(
    ranked: Ranked,
    specialty: str,
    stage: ReferralStage,
    last_touch_on: date | None,
    moment: Moment,
    name: Callable[[str], str],
) -> Row:
    """One referral: when it is to be chased, whose, what the office owes, how long nothing was done."""
    owes = Text(OWES[stage])
    if ranked.item.waiting_on:
        owes.append(", promised", style="waiting")
    days = (moment.today - last_touch_on).days if last_touch_on is not None else 0
    who = safe_text(name(ranked.person.name))
    cells = (due_text(ranked, moment), who, owes, safe_text(specialty), f"{days} d" if days > 0 else "")
    return Row(row_id(ranked), cells)


def owed_facts(
    specialty: str, stage: ReferralStage, ranked: Ranked, name: str, today: date, *, is_masked: bool = False
) -> Content:
    """``Ames, Ann: the report  born 14 Mar 1961 · cardiology · since Mon 2 Nov``: what it is found by."""
    born, since = ranked.person.birth_date, ranked.item.since_on
    birth = f"born {format_birth(born)}" if born is not None else "birth date not on file"
    found_by = (
        "" if is_masked else birth,
        specialty,
        f"since {format_day(since, today)}" if since is not None else "",
    )
    return Content.assemble(
        styled(f"{name}: {OWES[stage]}  ", STRONG), styled(" · ".join(filter(None, found_by)))
    )


ReadOwed = Callable[[Sequence[int]], dict[int, Row]]


class OfficeLines:
    """Offices with their referrals as a source: a referral's line is read when it comes into sight."""

    def __init__(self, offices: Sequence[tuple[Row, Sequence[int]]], read: ReadOwed) -> None:
        self._read = read
        self._lines: list[Row | int] = []
        for line, numbers in offices:
            self._lines += [line, *numbers]
        self._places: dict[Hashable, int] | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, window: slice, /) -> Sequence[Row]:
        lines = self._lines[window]
        found = self._read([one for one in lines if isinstance(one, int)])
        return [one if isinstance(one, Row) else found.get(one, _gone(one)) for one in lines]

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where an office or a referral stands."""
        if self._places is None:
            self._places = {
                one.id if isinstance(one, Row) else referral_row_id(one): place
                for place, one in enumerate(self._lines)
            }
        return self._places.get(record_id)


def referral_row_id(number: int) -> tuple[str, int, str]:
    """The id of a referral's line, as ``today_rows.row_id`` makes it."""
    return ("referral", number, "")


def _gone(number: int) -> Row:
    return Row(referral_row_id(number), ("", "settled meanwhile", "", "", ""), style="dim")
