"""The key file: both slots open it, nothing else does, and a re-wrap touches nothing but itself."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf import argon2
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.store import keyfile, recovery_code
from carecoord_tui.store.errors import (
    AlreadyThere,
    DamagedFile,
    MissingFile,
    TooNew,
    WeakPassphrase,
    WrongPassphrase,
)
from tests.store.filelayer import CHEAP, PASSPHRASE, contents, make_practice, mode, names


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "practice.key"


def test_both_slots_open(path: Path) -> None:
    data_key, code = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    assert len(data_key) == 32
    assert keyfile.unlock(path, PASSPHRASE) == data_key
    assert keyfile.unlock(path, code) == data_key
    assert mode(path) == 0o600


def test_each_practice_has_its_own_key_and_id(tmp_path: Path) -> None:
    one, _ = keyfile.create(tmp_path / "a.key", PASSPHRASE, kdf=CHEAP)
    two, _ = keyfile.create(tmp_path / "b.key", PASSPHRASE, kdf=CHEAP)
    assert one != two
    assert keyfile.practice_id(tmp_path / "a.key") != keyfile.practice_id(tmp_path / "b.key")


def test_neither_secret_nor_key_is_in_the_file(path: Path) -> None:
    data_key, code = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    text = path.read_text()
    for secret in (PASSPHRASE, code, code.replace("-", ""), data_key.hex()):
        assert secret not in text


@pytest.mark.parametrize("wrong", ["", "correct horse batterY", PASSPHRASE + " ", "\udcff", "\ud800"])
def test_wrong_passphrase(path: Path, wrong: str) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    with pytest.raises(WrongPassphrase, match="does not open"):
        keyfile.unlock(path, wrong)


def test_another_practices_recovery_code_is_wrong(path: Path) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    with pytest.raises(WrongPassphrase):
        keyfile.unlock(path, recovery_code.generate())


def test_the_work_is_the_same_right_or_wrong(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, code = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    derived: list[int] = []
    original = argon2.Argon2id

    def counting(**options: Any) -> object:
        derived.append(options["memory_cost"])
        return original(**options)

    monkeypatch.setattr(argon2, "Argon2id", counting)
    for secret in (PASSPHRASE, "wrong", "", code, recovery_code.generate()):
        derived.clear()
        try:
            keyfile.unlock(path, secret)
        except WrongPassphrase:
            assert secret not in (PASSPHRASE, code)
        assert derived == [CHEAP.memory_kib]


def test_the_same_letters_composed_differently_open(path: Path) -> None:
    data_key, _ = keyfile.create(path, "Pâtisserie Zürich", kdf=CHEAP)
    assert keyfile.unlock(path, unicodedata.normalize("NFD", "Pâtisserie Zürich")) == data_key


@pytest.mark.parametrize("weak", ["", "   ", "        ", "seven77"])
def test_weak_passphrases_are_refused(path: Path, weak: str) -> None:
    with pytest.raises(WeakPassphrase):
        keyfile.create(path, weak, kdf=CHEAP)
    assert not path.exists()


def test_only_an_explicit_wish_allows_the_demos_passphrase(path: Path) -> None:
    data_key, _ = keyfile.create(path, "demo", kdf=CHEAP, allow_short=True)
    assert keyfile.unlock(path, "demo") == data_key
    with pytest.raises(WeakPassphrase):
        keyfile.change_passphrase(path, "demo", "omed", kdf=CHEAP)
    with pytest.raises(WeakPassphrase):
        keyfile.change_passphrase(path, "demo", "", kdf=CHEAP, allow_short=True)


def test_a_recovery_code_is_no_passphrase(path: Path) -> None:
    with pytest.raises(WeakPassphrase, match="recovery code"):
        keyfile.create(path, recovery_code.generate().lower(), kdf=CHEAP)


def test_an_existing_file_is_not_overwritten(path: Path) -> None:
    data_key, _ = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    with pytest.raises(AlreadyThere):
        keyfile.create(path, "another passphrase", kdf=CHEAP)
    assert keyfile.unlock(path, PASSPHRASE) == data_key


def test_changing_the_passphrase_rewraps_and_leaves_the_database_alone(tmp_path: Path) -> None:
    practice = make_practice(tmp_path / "p")
    before = practice.paths.database.read_bytes()
    keyfile.change_passphrase(practice.paths.keyfile, PASSPHRASE, "a newer passphrase", kdf=CHEAP)
    assert practice.paths.database.read_bytes() == before
    assert keyfile.unlock(practice.paths.keyfile, "a newer passphrase") == practice.data_key
    assert keyfile.unlock(practice.paths.keyfile, practice.recovery_code) == practice.data_key
    assert len(names(practice.paths, practice.data_key)) == 500
    with pytest.raises(WrongPassphrase):
        keyfile.unlock(practice.paths.keyfile, PASSPHRASE)


def test_a_forgotten_passphrase_is_replaced_by_the_recovery_code(path: Path) -> None:
    data_key, code = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    keyfile.change_passphrase(path, code, "a newer passphrase", kdf=CHEAP)
    assert keyfile.unlock(path, "a newer passphrase") == data_key


def test_a_new_recovery_code_ends_the_old_one(path: Path) -> None:
    data_key, old = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    new = keyfile.new_recovery_code(path, PASSPHRASE, kdf=CHEAP)
    assert keyfile.unlock(path, new) == keyfile.unlock(path, PASSPHRASE) == data_key
    with pytest.raises(WrongPassphrase):
        keyfile.unlock(path, old)


def test_changing_needs_the_current_secret(path: Path) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    before = path.read_bytes()
    with pytest.raises(WrongPassphrase):
        keyfile.change_passphrase(path, "not the passphrase", "a newer passphrase", kdf=CHEAP)
    with pytest.raises(WrongPassphrase):
        keyfile.new_recovery_code(path, "not the passphrase", kdf=CHEAP)
    assert path.read_bytes() == before


def test_a_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_key, _ = keyfile.create(path, PASSPHRASE, kdf=CHEAP)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="disk is full"):
        keyfile.change_passphrase(path, PASSPHRASE, "a newer passphrase", kdf=CHEAP)
    assert keyfile.unlock(path, PASSPHRASE) == data_key
    assert not [name for name in contents(path.parent) if name.endswith(".tmp")]


def _slots(path: Path) -> dict[str, dict[str, dict[str, object]]]:
    slots: dict[str, dict[str, dict[str, object]]] = json.loads(path.read_text())["slots"]
    return slots


def _rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"format"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"format": "something else"}',
        b'{"format": "carecoord-key", "version": 1}',
        b'{"format": "carecoord-key", "version": 1, "practice_id": 5, "slots": []}',
    ],
)
def test_a_foreign_or_damaged_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=r"practice\.key"):
        keyfile.unlock(path, PASSPHRASE)
    assert path.read_bytes() == content


def test_a_missing_file(path: Path) -> None:
    with pytest.raises(MissingFile, match=r"practice\.key is missing"):
        keyfile.unlock(path, PASSPHRASE)
    assert not path.exists()


def test_every_truncation_is_noticed(path: Path) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    whole = path.read_bytes().rstrip()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedFile):
            keyfile.unlock(path, PASSPHRASE)


def test_a_newer_format(path: Path) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    _rewrite(path, version=2)
    with pytest.raises(TooNew):
        keyfile.unlock(path, PASSPHRASE)


def test_an_altered_practice_id_does_not_unlock(path: Path) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    _rewrite(path, practice_id="00000000-0000-4000-8000-000000000000")
    with pytest.raises(WrongPassphrase):
        keyfile.unlock(path, PASSPHRASE)


def test_slots_cannot_be_exchanged(path: Path) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    slots = _slots(path)
    _rewrite(path, slots={"passphrase": slots["recovery"], "recovery": slots["passphrase"]})
    with pytest.raises(WrongPassphrase):
        keyfile.unlock(path, PASSPHRASE)


def test_a_slot_is_bound_to_its_name(path: Path) -> None:
    """Even the right secret does not open a slot that was moved from the other place."""
    data_key, _ = keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    moved = keyfile._wrap(keyfile.practice_id(path), "recovery", PASSPHRASE.encode(), data_key, CHEAP)
    _rewrite(path, slots=_slots(path) | {"passphrase": keyfile._slot_to_json(moved)})
    with pytest.raises(WrongPassphrase):
        keyfile.unlock(path, PASSPHRASE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_kib", 1 << 30),
        ("memory_kib", 4),
        ("memory_kib", True),
        ("memory_kib", "64"),
        ("iterations", 10**9),
        ("iterations", 0),
        ("lanes", 255),
        ("name", "md5"),
        ("salt", "AAAA"),
        ("salt", "!"),
    ],
)
def test_altered_parameters_neither_unlock_nor_exhaust_the_machine(
    path: Path, field: str, value: object
) -> None:
    keyfile.create(path, PASSPHRASE, kdf=CHEAP)
    slots = _slots(path)
    slots["passphrase"]["kdf"][field] = value
    _rewrite(path, slots=slots)
    with pytest.raises(DamagedFile):
        keyfile.unlock(path, PASSPHRASE)


def test_the_default_cost_is_the_documented_one(path: Path) -> None:
    keyfile.create(path, PASSPHRASE)
    for slot in _slots(path).values():
        kdf = slot["kdf"]
        assert (kdf["memory_kib"], kdf["iterations"], kdf["lanes"]) == (65536, 3, 4)


def test_subkeys_are_independent() -> None:
    data_key = bytes(range(32))
    audit = keyfile.audit_key(data_key)
    assert len(audit) == 32
    assert audit == keyfile.audit_key(data_key)
    assert len({audit, data_key, keyfile.subkey(data_key, "other"), keyfile.audit_key(bytes(32))}) == 4


# --- recovery code ------------------------------------------------------------------------------


def test_a_code_is_six_groups_of_five() -> None:
    code = recovery_code.generate()
    groups = code.split("-")
    assert [len(group) for group in groups] == [5] * 6
    assert set("".join(groups)) <= set(recovery_code.ALPHABET)
    assert recovery_code.generate() != code


def test_a_code_may_be_typed_carelessly() -> None:
    for _ in range(50):
        code = recovery_code.generate()
        digits = code.replace("-", "")
        typed = code.lower().replace("-", "  ").replace("0", "o").replace("1", "l")
        assert recovery_code.normalise(typed) == digits
        assert recovery_code.normalise(f" {digits}\n".replace("1", "I")) == digits


@given(st.integers(0, 29), st.sampled_from(recovery_code.ALPHABET))
def test_any_single_wrong_digit_is_noticed(position: int, digit: str) -> None:
    digits = recovery_code.generate().replace("-", "")
    typed = digits[:position] + digit + digits[position + 1 :]
    assert (recovery_code.normalise(typed) is None) == (typed != digits)


@given(st.integers(0, 29), st.integers(0, 29))
def test_any_swap_of_two_digits_is_noticed(one: int, two: int) -> None:
    digits = list(recovery_code.generate().replace("-", ""))
    swapped = digits.copy()
    swapped[one], swapped[two] = swapped[two], swapped[one]
    assert (recovery_code.normalise("".join(swapped)) is None) == (swapped != digits)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    digits = recovery_code.normalise(text)
    assert digits is None or len(digits) == 30
