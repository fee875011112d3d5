"""The day's papers: the printed Today, the huddle sheet and the handoff, from templates; 0600 and logged.

What cannot be logged does not leave (``check_may_leave``); a template with a missing field writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from carecoord_tui.documents import markdown, markdown_text, plain, private_file, templating
from carecoord_tui.documents.pdf import render as render_pdf
from carecoord_tui.domain.cover import Away, CoverRow, cover_rows, handoff
from carecoord_tui.domain.date_words import format_full_day, format_time
from carecoord_tui.domain.day_papers import today_sections
from carecoord_tui.domain.day_sections import summary_words
from carecoord_tui.domain.huddle import huddle, huddle_days
from carecoord_tui.domain.vocabulary import CoverMark, Worded
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.boss_line import read_boss_line
from carecoord_tui.store.queries.day_papers import (
    next_visits,
    read_callees,
    read_huddle_visits,
    read_marks,
    read_people,
    read_until,
)
from carecoord_tui.store.queries.today import count_without_action, read_today
from carecoord_tui.store.queries.withheld import withheld_records

PREVIEW_WIDTH = 74  # fits a terminal of 80
FOOT = "Confidential: protected health information."
_TITLES = {
    CoverMark.BEFORE: "Before: do it before leaving",
    CoverMark.COVER: "Cover: somebody must be there",
    CoverMark.HOLD: "Hold: waits for the day back",
}


class PaperStopped(Exception):
    """Somebody stopped it while it was drawn; nothing was logged or written."""


class PaperKind(Worded):
    """The papers of a day."""

    TODAY = "today"
    HUDDLE = "huddle"
    HANDOFF = "handoff"


class PaperFormat(Worded):
    """What a paper is written as; the value ends the file's name."""

    TEXT = "txt"
    MARKDOWN = "md"
    PDF = "pdf"


_TEMPLATE = {
    PaperKind.TODAY: templating.TODAY,
    PaperKind.HUDDLE: templating.HUDDLE,
    PaperKind.HANDOFF: templating.HANDOFF,
}
_LABEL = {
    PaperKind.TODAY: "printed: Today",
    PaperKind.HUDDLE: "printed: huddle sheet",
    PaperKind.HANDOFF: "printed: handoff sheet",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which paper. ``day`` is the huddle's, ``away`` the handoff's; ``folder`` holds own templates."""

    kind: PaperKind
    day: date | None = None
    away: Away | None = None
    folder: Path | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished paper. ``pages`` is 0 except of a PDF; ``unprintable`` characters are only marks in it."""

    content: bytes
    pages: int = 0
    unprintable: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """Where a paper lies."""

    path: Path
    pages: int
    unprintable: int


# --- making -------------------------------------------------------------------------------------------


def preview(practice: Practice, wanted: Wanted) -> str:
    """The paper as text, to be read first; nothing is written or logged. Raises StoreError, Refused."""
    return plain.render(blocks_of(practice, wanted), PREVIEW_WIDTH)


def draw(practice: Practice, wanted: Wanted, form: PaperFormat) -> Paper:
    """The paper in a format; nothing is written or logged. Raises StoreError, Refused."""
    blocks = blocks_of(practice, wanted)
    if form is PaperFormat.PDF:
        pdf = render_pdf(blocks, title=wanted.kind.label.capitalize(), foot=FOOT)
        return Paper(pdf.content, pdf.pages, pdf.unprintable)
    text = plain.render(blocks) if form is PaperFormat.TEXT else markdown_text.render(blocks)
    return Paper(text.encode("utf-8"))


def make_text(
    practice: Practice,
    wanted: Wanted,
    form: PaperFormat = PaperFormat.TEXT,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> str:
    """The paper as text that leaves (a clipboard, a pipe), logged first. Raises as :func:`make_file`."""
    check_may_leave(practice)
    paper = draw(practice, wanted, form)
    if cancelled():
        raise PaperStopped
    log(practice, wanted.kind)
    return paper.content.decode("utf-8")


def make_file(
    practice: Practice,
    wanted: Wanted,
    form: PaperFormat,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Written:
    """Write the paper into the practice's papers folder (0600), logged before it lies there.

    ``cancelled`` is asked when it is drawn and nothing has left yet; PaperStopped is raised then. Raises
    StoreError for a template or file that cannot be used and where nothing can be recorded, Refused
    without what the paper needs; then nothing was written.
    """
    check_may_leave(practice)
    paper = draw(practice, wanted, form)
    if cancelled():
        raise PaperStopped
    log(practice, wanted.kind)
    path = private_file.write_paper(practice.paths, file_name(practice, wanted, form), paper.content)
    return Written(path, paper.pages, paper.unprintable)


def log(practice: Practice, kind: PaperKind) -> None:
    """Into the audit, which undo leaves alone."""
    practice.record_event(_LABEL[kind], kind="export")


def file_name(practice: Practice, wanted: Wanted, form: PaperFormat) -> str:
    """``huddle-2026-11-30.pdf``."""
    day = practice.today()
    if wanted.kind is PaperKind.HUDDLE:
        day = wanted.day or day
    elif wanted.kind is PaperKind.HANDOFF and wanted.away is not None:
        day = wanted.away.off
    return f"{wanted.kind.value}-{day.isoformat()}.{form.value}"


def blocks_of(practice: Practice, wanted: Wanted) -> tuple[markdown.Block, ...]:
    """The paper's blocks. Raises TemplateProblem, or Refused for a handoff without days."""
    text = templating.fill(_TEMPLATE[wanted.kind], fields(practice, wanted), wanted.folder)
    return markdown.parse(text)


# --- fields -------------------------------------------------------------------------------------------


def fields(practice: Practice, wanted: Wanted) -> dict[str, object]:
    """Everything the paper's template may show."""
    local = practice.moment().local
    shared: dict[str, object] = {
        "practice": {"name": practice.settings.practice_name, "user": practice.user.name},
        "printed": f"{format_full_day(local.date())}, {format_time(local.time())}",
    }
    if wanted.kind is PaperKind.TODAY:
        return shared | _today_fields(practice)
    if wanted.kind is PaperKind.HUDDLE:
        return shared | _huddle_fields(practice, wanted.day or local.date())
    if wanted.away is None:
        raise Refused("Give the first day off and the day back.")
    return shared | _handoff_fields(practice, wanted.away)


def _today_fields(practice: Practice) -> dict[str, object]:
    execute, view = (
        practice.execute,
        read_today(practice.execute, practice.moment(), limit=practice.settings.people_shown),
    )
    people = read_people(execute, {one.person.id for one in view.day.due})
    return {
        "day": format_full_day(view.moment.today),
        "line": read_boss_line(execute, view).words,
        "summary": summary_words(view, count_without_action(execute)),
        "sections": [
            {
                "title": section.title,
                "lines": [
                    {
                        "when": line.when,
                        "who": line.who,
                        "what": line.what,
                        "age": line.age,
                        "waiting_on": line.waiting_on,
                        "why": line.why,
                    }
                    for line in section.lines
                ],
            }
            for section in today_sections(view, people, withheld_records(execute))
        ],
        "more_due": view.more_due,
        "waiting": view.waiting,
    }


def _huddle_fields(practice: Practice, day: date) -> dict[str, object]:
    moment = practice.moment()
    days = huddle_days(day, practice.context.calendar)
    visits, elsewhere = read_huddle_visits(practice.execute, moment, days)
    ahead = next_visits(practice.execute, moment, days[-1])
    return {
        "day": format_full_day(day),
        "next": {"day": format_full_day(ahead[0]), "count": ahead[1]} if ahead else {},
        "days": [
            {
                "title": format_full_day(one.on),
                "elsewhere": one.elsewhere,
                "lines": [
                    {
                        "time": line.time,
                        "patient": line.patient,
                        "clinician": line.clinician,
                        "modality": line.modality,
                        "interpreter": line.interpreter,
                        "eligibility": line.eligibility,
                        "authorization": line.authorization,
                        "missing": line.missing,
                    }
                    for line in one.lines
                ],
            }
            for one in huddle(visits, days, elsewhere, moment)
        ],
    }


def _handoff_fields(practice: Practice, away: Away) -> dict[str, object]:
    last = practice.context.calendar.add_working_days(away.back, -1)
    withheld = withheld_records(practice.execute)
    return {
        "off": format_full_day(away.off),
        "last": format_full_day(max(last, away.off)),
        "back": format_full_day(away.back),
        "one_day": last <= away.off,
        "sections": [
            {
                "mark": section.mark.value,
                "title": _TITLES[section.mark],
                "count": len(section.lines),
                "lines": [
                    {
                        "when": line.when,
                        "who": line.who,
                        "what": line.what,
                        "why": line.why,
                        "last_day": line.last_day,
                        "call": line.call,
                        "waiting_on": line.waiting_on,
                        "alarm": line.alarm,
                    }
                    for line in section.lines
                ],
            }
            for section in handoff(rows_of(practice, away), withheld, practice.moment())
        ],
    }


def rows_of(practice: Practice, away: Away) -> Sequence[CoverRow]:
    """The items of an absence with their marks, as the handoff sheet and its list show them."""
    execute, moment = practice.execute, practice.moment()
    items = read_until(execute, moment, away)
    return cover_rows(
        items,
        away,
        moment,
        people=read_people(execute, {one.person.id for one in items}),
        marks=read_marks(execute, away),
        callees=read_callees(execute, items),
    )
