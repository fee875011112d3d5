"""Full looks for garbage wait for a rest; Python's own ways stand where the program was not started."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from carecoord_tui import garbage


@pytest.fixture
def own_ways() -> Iterator[None]:
    """Python's settings come back, and nothing stays frozen."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


def full_looks() -> int:
    return int(gc.get_stats()[2]["collections"])


def test_nothing_is_looked_through_while_importing(own_ways: None) -> None:
    with garbage.importing():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0, "the program was not started: tests keep what they need"


def test_garbage_is_looked_for_again_when_opening_fails(own_ways: None) -> None:
    with pytest.raises(ValueError, match="cut off"), garbage.importing():
        raise ValueError("cut off")
    assert gc.isenabled()


def test_what_the_started_program_imports_stays(own_ways: None) -> None:
    garbage.settle_in()
    before = gc.get_freeze_count()
    with garbage.importing():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() >= before + len(made)


def test_a_full_look_waits_until_nobody_types(own_ways: None, monkeypatch: pytest.MonkeyPatch) -> None:
    garbage.settle_in()
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 11))
    before = full_looks()
    garbage.look_at_rest(0.5)
    assert full_looks() == before
    garbage.look_at_rest(garbage.REST_SECONDS)
    assert full_looks() == before + 1
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 3))
    garbage.look_at_rest(60.0)
    assert full_looks() == before + 1, "idle costs nothing"
