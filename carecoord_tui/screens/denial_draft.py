"""What the fields of the denial form hold, read into an entry; and the words the form says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from carecoord_tui.domain.appeals import FilingMethod, Level, filing_advice, late_warning
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.denial import appeal_deadline, rule_deadline, runs_from_receipt
from carecoord_tui.domain.denial_ending import possible_endings
from carecoord_tui.domain.facts import DenialFacts
from carecoord_tui.domain.money import MoneyError, parse_money
from carecoord_tui.domain.payer_limit import timely_filing
from carecoord_tui.domain.payer_rows import NOT_ENTERED, PayerRow, filing_clock
from carecoord_tui.domain.vocabulary import AppealOutcome, DenialReason, DenialStatus, TrackStatus
from carecoord_tui.store.actions.denials import DenialEntry
from carecoord_tui.store.queries.denials import DenialDetail, DeniedRequest
from carecoord_tui.widgets.choice import Option

METHODS = tuple(Option(one.value[0], one.value, one.value) for one in FilingMethod)
NOT_FILED = Option("n", "not filed", "")
OUTCOMES = (
    Option("w", "waiting", ""),
    *(Option(one.value[0], one.label, one.value) for one in AppealOutcome),
)
NEEDED = (Option("y", "needed", "yes"), Option("n", "not needed", "no"), Option("u", "not known", ""))
SPEED = (Option("s", "standard", ""), Option("e", "expedited", "yes"))
APPEAL_TRACK = (
    Option("u", "undecided", ""),
    Option("a", "will appeal", TrackStatus.OPEN.value),
    Option("n", "no appeal", TrackStatus.DROPPED.value),
)
"""How an appeal ends is its outcome, so this road has no "succeeded"."""
TRACKS = (Option("n", "not taken", ""), *(Option(one.value[0], one.label, one.value) for one in TrackStatus))


@dataclass
class Draft:
    """The entry as far as it is understood (None without a letter's date), and problems by control id."""

    entry: DenialEntry | None
    problems: dict[str, str] = field(default_factory=dict)


def request_options(requests: list[DeniedRequest]) -> tuple[Option, ...]:
    """``1 MRI: denied``."""
    found = (
        Option(str(number), f"{one.service}: {one.status.label}", str(one.authorization_id))
        for number, one in enumerate(requests, 1)
    )
    return (*found, Option("0", "none", ""))


def ending_options(record: DenialDetail | None) -> tuple[Option, ...]:
    """How this denial can be closed, each by a letter of its own."""
    found = possible_endings(record.status, was_appealed=record.was_appealed) if record else ()
    keys = {one: one.value.rpartition("_")[2][0] for one in found}  # full, part, upheld, withdrawn, appealed
    return (Option("k", "keep open", ""), *(Option(keys[one], one.label, one.value) for one in found))


def read_draft(
    texts: Mapping[str, str], days: Mapping[str, date | None], numbers: Mapping[str, int | None]
) -> Draft:
    """The fields as an entry. Problems are sentences for the person who typed."""
    problems: dict[str, str] = {}
    if not texts["service"]:
        problems["service"] = "Which service was denied? Such as inpatient rehab."
    notice = days["notice"]
    if notice is None:
        problems["notice"] = "Which date is printed on the letter? The appeal clock starts with it."
    try:
        amount = parse_money(texts["amount"])
    except MoneyError as error:
        amount, problems["amount"] = None, str(error)
    if notice is None:
        return Draft(None, problems)
    reason = texts["reason"]
    entry = DenialEntry(
        service=texts["service"],
        notice_on=notice,
        received_on=days["received"],
        letter_deadline_on=days["printed"],
        coverage_id=numbers["coverage"],
        authorization_id=numbers["request"],
        reason_kind=DenialReason(reason) if reason else None,
        reason=texts["words"],
        is_expedited=bool(texts["expedited"]),
        is_drug=bool(texts["drug"]),
        amount=amount,
        claim_number=texts["claim"],
        who_appeals=texts["who"],
        representative_needed={"yes": True, "no": False}.get(texts["representative"]),
        representative_form_on=days["form-on"],
        peer_to_peer_by=days["peer-by"],
        peer_to_peer_on=days["peer-on"],
        note=texts["note"],
    )
    return Draft(entry, problems)


# --- words ------------------------------------------------------------------------------------


def window_lines(record: DenialFacts, context: Context, today: date) -> list[str]:
    """The window while the dates are typed: last day, warning, do by, how it must travel, and whose rule.

    A date printed on the letter stands beside what the rule says.
    """
    window = appeal_deadline(record, context)
    if window is None or window.legal_on is None:
        return ["No rule gives the last day for this payer: enter the one printed on the letter."]
    lines = [*_days(window, today), f"{context.pack.get(window.rule_id).title}: {context.cite(window)}"]
    printed, decided = record.letter_deadline_on, record.decided_on
    if record.status is DenialStatus.UPHELD and printed and decided and printed <= decided:
        lines.append(f"The last day printed, {format_day(printed, today)}, was the level's that is decided.")
    by_rule = rule_deadline(record, context)
    if by_rule is None or by_rule.legal_on is None:
        return lines
    if by_rule != window:
        lines.append(
            f"The letter goes before the rule, which says {format_day(by_rule.legal_on, today)}"
            f" ({context.cite(by_rule)})."
        )
    elif runs_from_receipt(record, context) and record.received_on is None:
        lines.append("It runs from receipt. No day of receipt is entered: counted from the letter's date.")
    return lines


def filing_line(payer: PayerRow, service_on: date | None, context: Context, today: date) -> str:
    """Timely filing of a payer, for a claim denied as late; with the day of service its last day."""
    clock = filing_clock(context.pack, payer, on=service_on or today)
    told = f"Timely filing, {payer.name}"
    if clock is None:
        return f"{told}: {NOT_ENTERED}. Enter it from the contract in the payer directory."
    source = (
        f"contract{f' ({clock.source})' if clock.source else ''}" if clock.from_contract else clock.source
    )
    told += f": {clock.amount} from the service, {source}"
    told += f" · {clock.instead_of}" if clock.instead_of else ""
    if service_on is None:
        return f"{told}."
    last = timely_filing(
        context, payer.payer_class, service_on, payer.limits, contract_days=payer.timely_filing_days
    )
    if last is None or last.legal_on is None:
        return f"{told}."
    return f"{told}. Service {format_day(service_on, today)}: last day {format_day(last.legal_on, today)}."


def representative_line(needed: str, form_on: date | None) -> str:
    """What an appeal by somebody else lacks; empty where nothing does."""
    if needed != "yes" or form_on is not None:
        return ""
    return "The representative form is not in: without it the payer may dismiss the appeal."


def _days(window: Deadline, today: date) -> list[str]:
    last = window.legal_on
    if last is None:
        return []
    if too_late := late_warning(window, today):
        return [too_late]
    said = [f"Last day {format_day(last, today)}"]
    if window.warn_on is not None:
        said.append(f"warn {format_day(window.warn_on, today)}")
    if window.target_on is not None:
        said.append(f"do by {format_day(window.target_on, today)}")
    lines = [" · ".join(said), filing_advice(window, today)]
    return [line for line in lines if line]


def level_lines(levels: tuple[Level, ...], today: date) -> list[str]:
    """One line a level: filed and decided, open until, or possible later."""
    return [f"{number}. {one.title}: {_level_words(one, today)}" for number, one in enumerate(levels, 1)]


def _level_words(level: Level, today: date) -> str:
    filed = level.filed
    if filed is None:
        last = level.window.legal_on if level.window is not None else None
        if last is not None:
            return f"open, last day {'was ' if last < today else ''}{format_day(last, today)}"
        return "open" if level.window is not None else "after the next decision"
    how = f" by {filed.filed_how}" if filed.filed_how else ""
    words = f"filed {format_day(filed.filed_on, today)}{how}"
    if filed.outcome is not None and filed.decided_on is not None:
        return f"{words}, {filed.outcome.label} {format_day(filed.decided_on, today)}"
    if filed.received_on is not None:
        return f"{words}, they have it since {format_day(filed.received_on, today)}"
    return f"{words}, receipt not confirmed"
