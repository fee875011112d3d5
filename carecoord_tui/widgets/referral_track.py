"""One referral in words: where it stands on the closed loop, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from textwrap import wrap

from rich.cells import cell_len
from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import format_day, format_time
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.referral_ageing import Age
from carecoord_tui.domain.referral_loop import FHIR, MAIN_LINE, Loop, Stamp, TrackStep, track
from carecoord_tui.domain.referral_rows import (
    AuthorizationRow,
    LinkedReferral,
    OfficeRow,
    ReferralDetailRow,
    StampRow,
)
from carecoord_tui.domain.vocabulary import ReferralStage, Urgency
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.row_painter import GUTTER
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text, shown_text
from carecoord_tui.widgets.today_rows import due_text

S = ReferralStage
TRACK_WORDS = {
    S.DRAFT: "ordered",
    S.SEEN: "seen",
    S.REPORT_RECEIVED: "report",
    S.CLOSED: "patient told",
}
"""Short forms for the track; every other stage is called by its label."""

ARROW = " > "
DETAIL_COLUMNS = (Column("what", "", width=17, style="dim"), Column("text", "", min_width=20))
_TEXT_FROM = GUTTER + 17 + 2  # where the second column starts; the scrollbar takes the last cell


def loop_of(row: ReferralDetailRow) -> Loop:
    """What the stage machine knows of the referral."""
    return Loop(
        stage=row.stage,
        stage_on=row.stage_on,
        ordered_on=row.ordered_on,
        service_type=row.service_type,
        sent_on=row.sent_on,
        visit_on=row.visit_on,
        report_received_on=row.report_received_on,
        reviewed_on=row.reviewed_on,
        patient_informed_on=row.patient_informed_on,
        held_stage=row.held_stage,
    )


# --- the track ------------------------------------------------------------------------------------


def track_line(row: ReferralDetailRow, today: date, width: int) -> Content:
    """``sent 3 Nov > accepted not recorded > scheduled 2 Dec > [seen] > report > reviewed > patient told``.

    The present in brackets, what is ahead dim; a stage off the line stands as a warning with its reason.
    Wrapped to ``width`` cells between steps, never inside one.
    """
    stamps = [Stamp(one.stage, one.happened_on, one.visit_on) for one in row.stamps]
    steps = _shown_steps(row, track(loop_of(row), stamps))
    return flow([(_step_words(row, step, today), _step_style(step)) for step in steps], ARROW, width)


def flow(pieces: Sequence[tuple[str, str]], separator: str, width: int) -> Content:
    """Pieces, each in its style, with dim separators between; wrapped to ``width`` between pieces only.

    A line that goes on begins with the separator, so that nobody takes it for a new beginning.
    """
    lines, used = [Content("")], 0
    for place, (words, style) in enumerate(pieces):
        before = separator if place else ""
        length = cell_len(shown_text(words))
        if place and used + len(before) + length > width:
            lines.append(Content(""))
            used, before = 0, separator.lstrip()
        lines[-1] = Content.assemble(lines[-1], styled(before, DIM), styled(words, style))
        used += len(before) + length
    return Content("\n").join(lines)


def _shown_steps(row: ReferralDetailRow, steps: Iterable[TrackStep]) -> Iterator[TrackStep]:
    """Without what cannot come any more: the rest of an ended one; a report that nobody writes."""
    was_broken_off = not row.stage.is_open and row.stage is not S.CLOSED
    for step in steps:
        is_ahead = not (step.is_past or step.is_current)
        is_report = step.stage in (S.REPORT_RECEIVED, S.REVIEWED)
        if is_report and step.on is None and not step.is_current and not row.expects_report:
            continue
        if not (is_ahead and was_broken_off):
            yield step


def _step_words(row: ReferralDetailRow, step: TrackStep, today: date) -> str:
    name = TRACK_WORDS.get(step.stage, step.stage.label)
    if step.is_current and step.stage is S.DRAFT:
        name = "draft, ordered"
    if step.stage is S.SCHEDULED and (step.is_past or step.is_current) and row.visit_on is None:
        words = f"{name}, date not recorded"
    elif step.was_skipped:
        words = f"{name} not recorded"
    else:
        words = f"{name} {_short_day(step.on, today)}" if step.on else name
    if not step.is_current:
        return words
    reason = "" if step.stage in MAIN_LINE or not row.stage_reason else f": {safe_text(row.stage_reason)}"
    return f"[{words}{reason}]"


def _step_style(step: TrackStep) -> str:
    if not step.is_current:
        return "" if step.is_past and not step.was_skipped else DIM
    if step.stage in MAIN_LINE:
        return STRONG
    colour = ALARM if step.stage in (S.REJECTED, S.NO_SHOW, S.VISIT_CANCELLED) else WAITING
    return f"{STRONG} {colour}"


def _short_day(day: date, today: date) -> str:
    """``3 Nov``; ``3 Nov 2025`` in another year: the track has no room for weekdays."""
    return format_day(day, today).partition(" ")[2]


# --- the heading ----------------------------------------------------------------------------------


def request_line(row: ReferralDetailRow, age: Age | None) -> Content:
    """``Cardiology · consult · ! urgent · 9d of 7``: what is asked, how soon, the age against its limit."""
    is_urgent = row.urgency is not Urgency.ROUTINE
    words = [
        styled(_capital(row.specialty), STRONG),
        styled(f" · {row.service_type.label}", DIM),
        styled(
            f" · {'! ' if is_urgent else ''}{row.urgency.label}", f"{STRONG} {ALARM}" if is_urgent else DIM
        ),
    ]
    if age is not None:
        words.append(styled(f" · {age.words}", ALARM if age.is_over else DIM))
    return Content("").join(words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def office_line(office: OfficeRow | None, width: int) -> Content:
    """``Silva Cardiology · (555) 010-0170 · referrals (555) 010-0171 · fax (555) 010-0172``."""
    if office is None:
        return styled("no office chosen: e says who receives it", WAITING)
    words = [(office.name, "")]
    if office.organization and office.organization != office.name:
        words.append((office.organization, DIM))
    words.append((format_phone(office.phone) if office.phone else "no phone on file", DIM))
    if office.referral_phone and office.referral_phone != office.phone:
        words.append((f"referrals {format_phone(office.referral_phone)}", DIM))
    words.append((f"fax {format_phone(office.fax)}" if office.fax else "no fax", DIM))
    return flow(words, " · ", width)


# --- the rows below -------------------------------------------------------------------------------


def detail_rows(row: ReferralDetailRow, moment: Moment, width: int) -> list[Row]:
    """The chain, every step with its stamp, the request and its state, in lines of this width.

    Lines of the chain have the id ``("referral", number)``; every other id is a place in the list.
    """
    room = max(20, width - _TEXT_FROM - 1)
    today = moment.today
    rows: list[Row] = []
    chain = list(_chain(row, today))
    if chain:
        rows.append(Row("chain", ("CHAIN",), kind="header"))
        rows += [Row(("referral", link.id), ("", Text.assemble(*words))) for link, words in chain]
    rows.append(Row("steps", ("STEPS",), kind="header"))
    for stamp in row.stamps:
        rows += _step_rows(stamp, moment, room)
    if not row.stamps:
        rows.append(Row(("step", 0), ("", Text("no step is recorded", style="dim"))))
    rows.append(Row("request", ("REQUEST",), kind="header"))
    for place, (label, text, style) in enumerate(_facts(row, today)):
        rows += _lines(("fact", place), label, text, style, room)
    return rows


def _lines(key: tuple[str, int], label: str, text: str, style: str, room: int) -> Iterator[Row]:
    """A fact over as many lines as it needs; only the first is labelled."""
    for number, piece in enumerate(wrap(safe_text(text), room) or [""]):
        yield Row((*key, number), ("" if number else label, Text(piece, style=style)))


def _step_rows(stamp: StampRow, moment: Moment, room: int) -> Iterator[Row]:
    """``scheduled for Wed 2 Dec · recorded late, Tue 1 Dec · Dana Reyes``, and the note below it."""
    words = Text.assemble((stamp.stage.label, "strong"))
    if stamp.stage is S.SCHEDULED and stamp.visit_on is not None:
        words.append(f" for {format_day(stamp.visit_on, moment.today)}")
    recorded = stamp.recorded_at.astimezone(moment.zone).date()
    if recorded > stamp.happened_on:
        words.append(f" · recorded late, {format_day(recorded, moment.today)}", style="waiting")
    if stamp.who:
        words.append(f" · {stamp.who}", style="dim")
    yield Row(("step", stamp.id), (format_day(stamp.happened_on, moment.today), words))
    if stamp.note:
        yield from _lines(("step note", stamp.id), "", stamp.note, "dim", room)


Words = list[tuple[str, str]]


def _chain(row: ReferralDetailRow, today: date) -> Iterator[tuple[LinkedReferral, Words]]:
    """Both ends of a redirect, in words that say which key opens them."""
    before = row.redirected_from
    if before is not None:
        text = f"comes from {before.office or 'a referral without an office'}"
        sent_on = row.stamps[0].happened_on if row.stamps else row.ordered_on  # it carries the order's day
        yield before, _link(f"{text}, sent on here {format_day(sent_on, today)}", before)
    for after in row.redirected_to:
        on = f" on {format_day(row.stage_on, today)}" if row.stage is S.REDIRECTED else ""
        yield after, _link(f"sent elsewhere to {after.office or 'no office yet'}{on}", after)


def _link(text: str, other: LinkedReferral) -> Words:
    return [(safe_text(text), "strong"), (f" · {other.stage.label}", "dim"), (" · enter opens", "dim")]


def _facts(row: ReferralDetailRow, today: date) -> Iterator[tuple[str, str, str]]:
    """Label, words, role. What is empty is left out, unless its absence matters."""
    yield from _request(row)
    yield from _way(row, today)
    yield from _closures(row, today)
    yield from _authorizations(row, today)
    documents = f"{row.document_count} · d opens" if row.document_count else "none · d attaches"
    yield "Documents", documents, ""
    if row.note:
        yield "Note", row.note, ""


def _request(row: ReferralDetailRow) -> Iterator[tuple[str, str, str]]:
    yield "Type", row.service_type.label, ""
    yield from _if_any(("Reason", row.reason), ("Question", row.question))
    yield "Diagnoses", row.diagnoses or "none", "" if row.diagnoses else "dim"
    yield from _if_any(("Ordered by", row.ordered_by))
    needs = [
        words
        for words, is_so in (
            ("interpreter", row.interpreter_needed),
            ("transport", row.transport_needed),
        )
        if is_so
    ]
    yield "Needs", ", ".join(needs) or "no interpreter, no transport", "waiting" if needs else "dim"
    if row.office is not None and row.office.wants:
        yield "Office wants", row.office.wants, ""


def _way(row: ReferralDetailRow, today: date) -> Iterator[tuple[str, str, str]]:
    """How it was sent, the visit, where the report is."""
    if row.sent_on is not None:
        confirmed = f"confirmed: {row.sent_confirmation}" if row.sent_confirmation else "no confirmation"
        how = f"{row.sent_how or 'way not recorded'} · {confirmed}"
        yield "Sent", f"{format_day(row.sent_on, today)} · {how}", "" if row.sent_confirmation else "waiting"
    yield from _if_any(("Their reference", row.office_reference))
    if row.visit_on is not None:
        at = f" {format_time(row.visit_time)}" if row.visit_time else ""
        yield "Visit", f"{format_day(row.visit_on, today)}{at}", ""
    if row.report_received_on is not None:
        place = row.report_source or "place not recorded"
        yield "Report", f"{format_day(row.report_received_on, today)} · {place}", ""
    if row.reviewed_on is not None:
        yield "Reviewed", _day_and_who(row.reviewed_on, row.reviewed_by, today), ""
    if row.patient_informed_on is not None:
        yield "Patient told", _day_and_who(row.patient_informed_on, row.informed_by, today), ""


def _day_and_who(day: date, who: str, today: date) -> str:
    return f"{format_day(day, today)}{f' · {who}' if who else ''}"


def _closures(row: ReferralDetailRow, today: date) -> Iterator[tuple[str, str, str]]:
    """Two facts that are kept apart (``domain.md``, Referrals), and the stage's FHIR codes."""
    loop = loop_of(row)
    if row.expects_report or loop.is_cms50_closed:
        report = row.report_received_on
        in_words = f"yes, report in {format_day(report, today)}" if report else "no, the report is not in"
        yield "CMS50 closed", in_words, "" if report else "dim"
    else:
        yield "CMS50 closed", "no report is written for this type", "dim"
    yield "Loop closed", *_loop_words(row, loop)
    codes = FHIR[row.stage]
    words = [f"ServiceRequest {codes.service_request}", f"Task {codes.task}"]
    if codes.appointment:
        words.append(f"Appointment {codes.appointment}")
    yield "FHIR", " · ".join(words), "dim"


def _loop_words(row: ReferralDetailRow, loop: Loop) -> tuple[str, str]:
    if loop.is_loop_closed:
        return "yes: report in, reviewed, patient told", ""
    missing = [
        words
        for words, day in (
            ("report", row.report_received_on if row.expects_report else row.ordered_on),
            ("review", row.reviewed_on if row.expects_report else row.ordered_on),
            ("telling the patient", row.patient_informed_on),
        )
        if day is None
    ]
    return (f"no, missing: {', '.join(missing)}", "dim") if missing else ("patient told, no report here", "")


def _authorizations(row: ReferralDetailRow, today: date) -> Iterator[tuple[str, str, str]]:
    needed = {True: "needed", False: "not needed", None: "nobody asked the payer"}[row.needs_authorization]
    if not row.authorizations:
        is_missing = row.needs_authorization is True
        words = "needed, none on file" if is_missing else needed
        style = "alarm" if is_missing else "waiting" if row.needs_authorization is None else "dim"
        yield "Authorization", words, style
    for place, one in enumerate(row.authorizations):
        ends_early = _ends_early(one, row.visit_on)
        tail = ", ends before the visit" if ends_early else ""
        words = _authorization(one, today) + tail
        yield "" if place else "Authorization", words, "alarm" if ends_early else ""


def _authorization(one: AuthorizationRow, today: date) -> str:
    words = [one.status.label, f"number {one.number}" if one.number else ""]
    if one.valid_from is not None:
        words.append(f"from {format_day(one.valid_from, today)}")
    if one.valid_to is not None:
        words.append(f"to {format_day(one.valid_to, today)}")
    return " · ".join(filter(None, words))


def _ends_early(one: AuthorizationRow, visit_on: date | None) -> bool:
    return visit_on is not None and one.valid_to is not None and one.valid_to < visit_on


def _if_any(*facts: tuple[str, str]) -> Iterator[tuple[str, str, str]]:
    for label, text in facts:
        if text:
            yield label, text, ""


# --- the next action ------------------------------------------------------------------------------


def next_words(ranked: Ranked, moment: Moment) -> Content:
    """``Next  Fri, 1d  Get cardiology appointment date``, and below it the sentence that says why."""
    due = due_text(ranked, moment)
    waiting = f" · waiting: {ranked.item.waiting_on}" if ranked.item.waiting_on else ""
    return Content.assemble(
        styled("Next  ", DIM),
        styled(due.plain.strip(), ALARM if due.style == "alarm" else ""),
        styled(f"  {ranked.title}", STRONG),
        styled(waiting, WAITING),
        Content("\n"),
        styled(ranked.item.why, DIM),
    )
