"""What can be recorded next of an authorization: one key each, only what may follow its status.

Pure data beside ``domain.settle``, which offers what settles an item; here is every legal move, so that
nothing the payer may say lacks a key. The store carries the acts out (``store.actions.settle``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from carecoord_tui.domain.authorization_steps import BEFORE_PAYER, GRANTED, UNDECIDED
from carecoord_tui.domain.settle import Choice, Need
from carecoord_tui.domain.vocabulary import AuthorizationStatus

_S = AuthorizationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides which moves make sense beside the status."""

    status: AuthorizationStatus
    is_renewed: bool = False
    is_extended: bool = False  # the payer took its extension
    has_denied_part: bool = False
    has_denial: bool = False


_SUBMITTED = Choice("x", "submitted", "auth:submitted")
_DRAFTED = Choice("f", "request being drafted", "auth:draft", Need.NOTHING)
_APPROVED = Choice("a", "approved", "auth:approved", Need.APPROVAL, "Valid to")
_PARTIAL = Choice("m", "approved in part", "auth:partial")
_MODIFIED = Choice("o", "approved with changes", "auth:modified")
_DENIED = Choice("d", "denied", "auth:denied")
_PENDED = Choice("p", "pended for information", "auth:pended")
_STILL = Choice("s", "still pending, payer asked", "auth:asked", Need.NOTHING)
_EXTENDED = Choice("e", "payer takes more time", "auth:extended", Need.EXTENSION, "Letter of")
_CANCELLED = Choice("n", "cancel", "auth:cancelled", Need.REASON, "Why")
_ENDED = Choice("e", "ended, close it", "auth:expired", Need.NOTHING)
_VALID_TO = Choice("v", "validity, extension", "auth:valid_to", Need.DAYS_VALID, "Valid to")
_RENEWED = Choice("x", "renewal submitted", "auth:renewed")
_RENEWAL = Choice("b", "start renewal", "open:renewal", Need.FORM)
_AGAIN = replace(_RENEWAL, label="new request")
_USES = Choice("c", "count units used", "open:uses", Need.FORM)
_ITEMS = Choice("i", "items, one by one", "open:items", Need.FORM)
_LETTER = Choice("l", "denial letter is here", "auth:letter", prompt="Dated")
_NO_LETTER = Choice("t", "no letter, let it go", "auth:let_go", Need.REASON, "Why")
_LET_GO = Choice("t", "let the denied part go", "auth:part_let_go", Need.NOTHING)
_DENIAL = Choice("l", "open its denial", "open:denial", Need.FORM)
_PEER_BY = Choice("k", "peer-to-peer until", "auth:peer_by", Need.DAYS_VALID, "Possible until")
_PEER_CALL = Choice("g", "peer-to-peer call set", "auth:peer_call", Need.TIME, "Call on")
_PEER_HELD = Choice("h", "peer-to-peer: stands", "auth:peer_held")
_PEER_WON = Choice("w", "peer-to-peer won", "auth:peer_won", Need.DAYS_VALID, "Valid to")
_PEER = (_PEER_BY, _PEER_CALL, _PEER_HELD, _PEER_WON)


def moves(situation: Situation) -> tuple[Choice, ...]:
    """The choices, the usual one first and on ``x``."""
    status = situation.status
    if status in BEFORE_PAYER:
        drafted = (_DRAFTED,) if status is _S.NEEDED else ()
        offered = (_SUBMITTED, *drafted, _CANCELLED, _ITEMS)
    elif status in UNDECIDED:
        offered = _undecided(situation)
    elif status in GRANTED:
        offered = _granted(situation)
    elif status is _S.DENIED:
        offered = _denied(situation)
    else:
        offered = () if situation.is_renewed else (replace(_AGAIN, key="x"),)
    return offered


def _undecided(situation: Situation) -> tuple[Choice, ...]:
    extended = () if situation.is_extended else (_EXTENDED,)
    if situation.status is _S.SUBMITTED:
        decided = (replace(_APPROVED, key="x"), _PARTIAL, _MODIFIED, _DENIED)
        return (*decided, _PENDED, _STILL, *extended, _ITEMS, _CANCELLED)
    sent = replace(_SUBMITTED, label="information sent")
    return (sent, _APPROVED, _PARTIAL, _MODIFIED, _DENIED, *extended, *_PEER, _ITEMS, _CANCELLED)


def _granted(situation: Situation) -> tuple[Choice, ...]:
    others = tuple(
        choice
        for choice, to in (
            (_APPROVED, _S.APPROVED),
            (_PARTIAL, _S.PARTIAL),
            (_MODIFIED, _S.MODIFIED),
            (_DENIED, _S.DENIED),
        )
        if to is not situation.status
    )
    goes_on = (replace(_ENDED, key="x"),) if situation.is_renewed else (_RENEWED, _RENEWAL, _ENDED)
    part: tuple[Choice, ...] = ()
    if situation.has_denial:
        part = (_DENIAL,)
    elif situation.has_denied_part or situation.status is _S.PARTIAL:
        letter = (_LETTER, _LET_GO) if situation.has_denied_part else (_LETTER,)
        part = (*letter, *_PEER)
    return (*goes_on, _USES, _VALID_TO, *part, *others, _ITEMS, _CANCELLED)


def _denied(situation: Situation) -> tuple[Choice, ...]:
    first = _DENIAL if situation.has_denial else _LETTER
    peer = () if situation.has_denial else (_NO_LETTER, *_PEER)
    again = () if situation.is_renewed else (_AGAIN,)
    return (replace(first, key="x"), *peer, _APPROVED, _PARTIAL, _MODIFIED, *again, _ITEMS)
