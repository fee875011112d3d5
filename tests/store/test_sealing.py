"""A locked practice holds no key and no open file, whatever still holds its engine."""

from __future__ import annotations

import gc
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
from sqlalchemy.engine import Engine

from carecoord_tui.store.errors import Locked
from carecoord_tui.store.practice import Practice


def open_files(path: Path) -> int:
    """How often this process has the file open."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("open files are counted in /proc")
    # The descriptor of the listing itself is gone by the time it is looked at.
    return sum(one.readlink() == path.resolve() for one in descriptors.iterdir() if one.is_symlink())


def held_by(engine: Engine) -> list[bytes]:
    """The byte strings of the package's own objects and closures that an engine reaches."""
    seen: dict[int, object] = {}
    todo: list[object] = [engine]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | Practice):
            continue
        seen[id(one)] = one
        named = one.__globals__ if isinstance(one, FunctionType) else None
        todo += [other for other in gc.get_referents(one) if other is not named]
    return [one for one in seen.values() if isinstance(one, bytes)]


def test_nothing_of_the_engine_keeps_the_key(practice: Practice) -> None:
    engine, key = practice.engine, practice.data_key
    practice.execute("SELECT 1")
    assert key in held_by(engine)
    practice.seal()
    assert not any(one == key for one in held_by(engine)), "no closure, no attribute"
    with pytest.raises(Locked):
        engine.connect()
    assert not open_files(practice.paths.database)


def test_a_read_under_way_closes_the_file_when_it_is_done(practice: Practice) -> None:
    with practice.engine.connect() as reading:
        assert reading.exec_driver_sql("SELECT count(*) FROM ledger").scalar_one() == 0
        practice.seal()
        assert open_files(practice.paths.database), "it is finished first"
        assert reading.exec_driver_sql("SELECT count(*) FROM patient").scalar_one() == 0
    assert not open_files(practice.paths.database)
