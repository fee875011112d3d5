"""The keys of an authorization's next steps: every legal move has one, and none is illegal."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.authorization_choices import Situation, moves
from carecoord_tui.domain.authorization_steps import Standing, Step, allowed, move
from carecoord_tui.domain.settle import Need
from carecoord_tui.domain.vocabulary import AuthorizationStatus

S = AuthorizationStatus
TODAY = date(2026, 11, 30)
LEADS_TO = {"auth:peer_won": S.APPROVED}


def targets(situation: Situation) -> dict[str, AuthorizationStatus]:
    """Status reached by key."""
    found = {}
    for choice in moves(situation):
        topic, _, what = choice.act.partition(":")
        if choice.act in LEADS_TO:
            found[choice.key] = LEADS_TO[choice.act]
        elif topic == "auth" and what in list(S):
            found[choice.key] = S(what)
    return found


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("is_renewed", [False, True])
def test_every_legal_move_has_a_key_and_no_other_has(status: AuthorizationStatus, is_renewed: bool) -> None:
    assert set(targets(Situation(status=status, is_renewed=is_renewed)).values()) == set(allowed(status))


@given(
    st.builds(
        Situation,
        status=st.sampled_from(S),
        is_renewed=st.booleans(),
        is_extended=st.booleans(),
        has_denied_part=st.booleans(),
        has_denial=st.booleans(),
    )
)
def test_keys_are_unambiguous_and_the_usual_one_is_on_x(situation: Situation) -> None:
    offered = moves(situation)
    keys = [choice.key for choice in offered]
    assert len(set(keys)) == len(keys)
    assert keys[:1] in ([], ["x"])
    assert all(choice.prompt and len(choice.label) <= 32 for choice in offered)
    assert offered or situation.is_renewed, "only a renewed one that ended has nothing to follow"
    assert (situation.has_denial, "auth:letter") not in {(True, choice.act) for choice in offered}
    assert not (situation.is_extended and any(c.act == "auth:extended" for c in offered)), "only once"
    assert not (situation.is_renewed and any(c.act in ("auth:renewed", "open:renewal") for c in offered))


@given(st.lists(st.integers(0, 20), max_size=12))
def test_a_walk_by_keys_never_meets_a_refusal(presses: list[int]) -> None:
    standing = Standing(status=S.NEEDED, opened_on=TODAY)
    for press in presses:
        offered = sorted(targets(Situation(status=standing.status)).items())
        if not offered:
            assert standing.status in (S.CANCELLED, S.EXPIRED)
            return
        _, to = offered[press % len(offered)]
        step = Step(to=to, valid_to=date(2027, 1, 31) if to is S.APPROVED else None)
        standing = move(standing, step, today=TODAY)
        assert standing.status is to


def test_a_denial_is_one_key_away_and_the_payers_time_another() -> None:
    (letter,) = [c for c in moves(Situation(status=S.DENIED)) if c.key == "x"]
    assert (letter.act, letter.need) == ("auth:letter", Need.DATE)
    (link,) = [c for c in moves(Situation(status=S.DENIED, has_denial=True)) if c.key == "x"]
    assert link.act == "open:denial"
    for status in (S.SUBMITTED, S.PENDED):
        assert any(c.act == "auth:extended" for c in moves(Situation(status=status)))
