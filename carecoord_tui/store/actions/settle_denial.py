"""Acts of ``domain.settle`` on denials and the roads out of them, inside the change of ``actions.settle``."""

from __future__ import annotations

from datetime import date

from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.denial import PEER_TO_PEER_RULE, TRACK_RULES
from carecoord_tui.domain.denial_ending import Ending
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    DenialStatus,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.appeals import (
    Filing,
    NeedsConfirmation,
    decide_in,
    file_in,
    grant,
)
from carecoord_tui.store.actions.asking import ask_again, log_asked, payer_of
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.denial_endings import Close, close_in
from carecoord_tui.store.actions.denial_tracks import (
    NOTE_LIMIT,
    decide_to_appeal_in,
    end_track_in,
    end_tracks,
    leave_appeal_in,
    open_track_in,
    track_of,
)
from carecoord_tui.store.actions.items import clear_move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Denial

_OUTCOMES = {
    "overturned": AppealOutcome.OVERTURNED,
    "partly": AppealOutcome.PARTLY,
    "upheld": AppealOutcome.UPHELD,
}
_KIND_OF_RULE = {rule_id: kind for kind, rule_id in TRACK_RULES.items()}


def denial(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str
) -> None:
    """One act on a denial; ``text`` is the reason for which it is closed.

    Raises Refused for what cannot follow or a day out of order, and NeedsConfirmation for an appeal after
    its last day: the act it names files it all the same.
    """
    record = existing(session, Denial, ref.record_id)
    if when.on < record.notice_on:
        raise Refused("That is before the date of the denial letter.")
    match what:
        case "triaged":
            decide_to_appeal_in(session, practice, ref.record_id, when.on)
        case "appealed":
            _file(session, practice, ref.record_id, when.on)
        case "appealed_late":  # it was said that the last day is past, and it went out all the same
            file_in(session, practice, ref.record_id, Filing(on=when.on, is_confirmed=True))
        case "overturned" if ref.rule_id == PEER_TO_PEER_RULE:
            _overturned_by_call(session, practice, record, when.on)
        case "overturned" | "partly" | "upheld":
            decide_in(session, practice, ref.record_id, _OUTCOMES[what], on=when.on)
        case "closed":
            ending = Ending.UPHELD if record.status is DenialStatus.UPHELD else Ending.NOT_APPEALED
            close_in(session, practice, ref.record_id, Close(ending=ending, on=when.on, reason=text))
        case "no_appeal":
            leave_appeal_in(session, practice, ref.record_id)
        case "alternative" | "assistance":
            _take_road(session, practice, ref.record_id, TrackKind(what))
        case "asked":
            until = practice.context.target(ref.rule_id, practice.today())
            ask_again(session, practice, ref, until, payer_id=payer_of(session, record.coverage_id))
        case "peer_held":
            _hold_call(session, practice, record, when.on)
        case "peer_let_go":
            _let_call_go(session, record)
        case _:
            raise ValueError(f"no such act on a denial: {what}")


def track(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, _: When) -> None:
    """One act on the road the item's rule names. Raises Refused when it is not being walked."""
    kind = _KIND_OF_RULE[ref.rule_id]
    if what == "asked":
        record = existing(session, Denial, ref.record_id)
        walked = track_of(session, ref.record_id, kind)
        if walked is None or walked.status is not TrackStatus.OPEN:
            raise Refused(f"The {kind.label} is not under way: there is nothing to ask about.")
        next_on = practice.context.target(ref.rule_id, practice.today())
        open_track_in(session, practice, ref.record_id, kind, next_on=next_on)
        log_asked(session, practice, ref, payer_id=payer_of(session, record.coverage_id))
    else:
        end_track_in(session, practice, ref.record_id, kind, TrackStatus(what))
    clear_move(session, ref)


def _file(session: AuditedSession, practice: Practice, denial_id: int, on: date) -> None:
    try:
        file_in(session, practice, denial_id, Filing(on=on))
    except NeedsConfirmation as error:
        raise NeedsConfirmation(str(error), act="denial:appealed_late") from error


def _take_road(session: AuditedSession, practice: Practice, denial_id: int, kind: TrackKind) -> None:
    present = track_of(session, denial_id, kind)
    if present is not None and present.status is TrackStatus.OPEN:
        raise Refused(f"The {kind.label} is under way already.")
    open_track_in(session, practice, denial_id, kind)


def _hold_call(session: AuditedSession, practice: Practice, record: Denial, on: date) -> None:
    if on > practice.today():
        raise Refused("That day is ahead: record the call when it was held.")
    record.peer_to_peer_on = on
    session.add(record)


def _let_call_go(session: AuditedSession, record: Denial) -> None:
    """No call is wanted, or its day has passed: the cut-off asks no more, and the note keeps it."""
    if record.peer_to_peer_by is None:
        raise Refused("No peer-to-peer call is offered; the list was out of date.")
    words = f"No peer-to-peer call (cut-off {format_day(record.peer_to_peer_by)})."
    record.note = clean_text(f"{record.note} {words}", NOTE_LIMIT)
    record.peer_to_peer_by = None
    session.add(record)


def _overturned_by_call(session: AuditedSession, practice: Practice, record: Denial, on: date) -> None:
    """The payer's clinician gave in: the denial ends, and its authorization is granted."""
    _hold_call(session, practice, record, on)
    number = _number(record)
    if record.status is DenialStatus.APPEALED:
        decide_in(session, practice, number, AppealOutcome.OVERTURNED, on=on)
        return
    record.status, record.decided_on = DenialStatus.OVERTURNED, on
    session.add(record)
    end_tracks(session, practice, number, won=None)
    grant(session, practice, record, AppealOutcome.OVERTURNED, on, note="After the peer-to-peer call")


def _number(record: Denial) -> int:
    assert record.id is not None  # noqa: S101 - it came from the database
    return record.id
