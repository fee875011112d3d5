"""The key file: the practice's random data key, wrapped once by the passphrase and once by a recovery code.

The database is encrypted with the data key, so a new passphrase only re-wraps 32 bytes. Each slot holds
the data key under AES-256-GCM with a key from Argon2id; the practice's id, the slot's name and its
parameters are authenticated with it, so nothing can be exchanged between slots or practices. The file
travels with every backup: a backup opens with the passphrase that was in force when it was made.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import unicodedata
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from carecoord_tui.store import recovery_code
from carecoord_tui.store.dialect import translated
from carecoord_tui.store.errors import (
    AlreadyThere,
    DamagedFile,
    MissingFile,
    TooNew,
    WeakPassphrase,
    WrongPassphrase,
)
from carecoord_tui.store.files import read_bounded, write_private
from carecoord_tui.store.lock import file_lock

FORMAT = "carecoord-key"
VERSION = 1
MIN_PASSPHRASE = 8
KEY_BYTES = 32

_SALT_BYTES = 16
_NONCE_BYTES = 12
_WRAPPED_BYTES = KEY_BYTES + 16  # the key and the GCM tag
_SIZE_LIMIT = 16 * 1024
_PASSPHRASE, _RECOVERY = "passphrase", "recovery"
_LOCK_NAME = "work.lock"


@dataclass(frozen=True, slots=True)
class Kdf:
    """Argon2id's cost. The defaults take about 130 ms and 64 MiB on an office laptop.

    Accepted: 8 KiB of memory for each lane (Argon2's own minimum, for tests) to 1 GiB, 1 to 32
    iterations, 1 to 16 lanes. The upper ends keep an altered file from exhausting the machine.
    """

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        """Raise ``ValueError`` outside the accepted range."""
        if not (
            1 <= self.lanes <= 16
            and 1 <= self.iterations <= 32
            and 8 * self.lanes <= self.memory_kib <= 1 << 20
        ):
            raise ValueError("These key derivation parameters are out of range.")


DEFAULT = Kdf()


@dataclass(frozen=True, slots=True)
class _Slot:
    name: str
    kdf: Kdf
    salt: bytes
    nonce: bytes
    wrapped: bytes = b""


@dataclass(frozen=True, slots=True)
class _Sidecar:
    practice_id: str
    passphrase: _Slot
    recovery: _Slot


def create(
    path: Path, passphrase: str, *, kdf: Kdf = DEFAULT, allow_short: bool = False
) -> tuple[bytes, str]:
    """Make a key file with a new random data key; returns the data key and the recovery code.

    The code is shown once and kept nowhere. ``allow_short`` is for the demo's passphrase. Raises
    ``WeakPassphrase``, and ``AlreadyThere`` when the file exists.
    """
    secret = _new_passphrase(passphrase, allow_short=allow_short)
    if path.exists():
        raise AlreadyThere(f"{path} is already there; nothing was changed.")
    practice_id = str(uuid.uuid4())
    data_key = secrets.token_bytes(KEY_BYTES)
    code = recovery_code.generate()
    sidecar = _Sidecar(
        practice_id,
        _wrap(practice_id, _PASSPHRASE, secret, data_key, kdf),
        _wrap(practice_id, _RECOVERY, _code_secret(code), data_key, kdf),
    )
    _write(path, sidecar)
    return data_key, code


def unlock(path: Path, secret: str) -> bytes:
    """The data key, by the passphrase or the recovery code; ``WrongPassphrase`` when it is neither.

    Always one key derivation, right or wrong: which slot is tried follows from the form of ``secret``
    alone. Raises ``MissingFile``, ``DamagedFile`` or ``TooNew`` before deriving anything.
    """
    return _unwrap(_read(path), secret)


def is_recovery_code(secret: str) -> bool:
    """Whether ``secret`` has the form of a recovery code, check digit included (it may still be wrong)."""
    return recovery_code.normalise(secret) is not None


def practice_id(path: Path) -> str:
    """The random id that tells this practice's files from another's; no secret."""
    return _read(path).practice_id


def change_passphrase(
    path: Path, current_secret: str, new: str, *, kdf: Kdf = DEFAULT, allow_short: bool = False
) -> None:
    """Wrap the data key under a new passphrase; the recovery code and the database stay as they are.

    ``current_secret`` is the old passphrase or the recovery code. Older backups keep the old passphrase.
    """
    secret = _new_passphrase(new, allow_short=allow_short)
    with _exclusively(path):
        sidecar = _read(path)
        data_key = _unwrap(sidecar, current_secret)
        slot = _wrap(sidecar.practice_id, _PASSPHRASE, secret, data_key, kdf)
        _write(path, replace(sidecar, passphrase=slot))


def new_recovery_code(path: Path, current_secret: str, *, kdf: Kdf = DEFAULT) -> str:
    """Replace the recovery code and return the new one; older backups keep the old one."""
    code = recovery_code.generate()
    with _exclusively(path):
        sidecar = _read(path)
        data_key = _unwrap(sidecar, current_secret)
        slot = _wrap(sidecar.practice_id, _RECOVERY, _code_secret(code), data_key, kdf)
        _write(path, replace(sidecar, recovery=slot))
    return code


def subkey(data_key: bytes, purpose: str) -> bytes:
    """An independent 32-byte key for one purpose, by HKDF-SHA256."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = f"carecoord {purpose} v1".encode()
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(data_key)


def audit_key(data_key: bytes) -> bytes:
    """The key of the audit's hash chain."""
    return subkey(data_key, "audit")


# --- secrets ------------------------------------------------------------------------------------


def lock_mark(data_key: bytes) -> bytes:
    """What a locked screen keeps of the key: enough to know it again, of no use to open the file."""
    return subkey(data_key, "lock")


def _new_passphrase(text: str, *, allow_short: bool) -> bytes:
    """Check a new passphrase and return its bytes."""
    normal = _normal(text)
    if not normal.strip():
        raise WeakPassphrase("A passphrase cannot be empty.")
    if len(normal) < MIN_PASSPHRASE and not allow_short:
        raise WeakPassphrase(f"A passphrase needs at least {MIN_PASSPHRASE} characters.")
    if is_recovery_code(text):
        raise WeakPassphrase("A recovery code cannot be used as a passphrase; choose another.")
    return _passphrase_bytes(normal)


def _normal(text: str) -> str:
    """One form for the same letters, however a keyboard composes them (RFC 8265 takes NFC)."""
    return unicodedata.normalize("NFC", text)


def _passphrase_bytes(normal: str) -> bytes:
    # Terminal input that is not UTF-8 arrives as lone surrogates; it must give the same bytes each time.
    return normal.encode("utf-8", "surrogatepass")


def _code_secret(code: str) -> bytes:
    digits = recovery_code.normalise(code)
    if digits is None:
        raise ValueError("This is not a recovery code.")
    return digits.encode()


# --- wrapping -----------------------------------------------------------------------------------


def _wrap(practice: str, name: str, secret: bytes, data_key: bytes, kdf: Kdf) -> _Slot:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    slot = _Slot(name, kdf, secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES))
    wrapped = AESGCM(_derive(slot, secret)).encrypt(slot.nonce, data_key, _bound_data(practice, slot))
    return replace(slot, wrapped=wrapped)


def _unwrap(sidecar: _Sidecar, secret: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    digits = recovery_code.normalise(secret)
    slot = sidecar.passphrase if digits is None else sidecar.recovery
    given = _passphrase_bytes(_normal(secret)) if digits is None else digits.encode()
    key = _derive(slot, given)
    try:
        return AESGCM(key).decrypt(slot.nonce, slot.wrapped, _bound_data(sidecar.practice_id, slot))
    except InvalidTag:
        raise WrongPassphrase from None


def _derive(slot: _Slot, secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = slot.kdf
    return Argon2id(
        salt=slot.salt,
        length=KEY_BYTES,
        iterations=kdf.iterations,
        lanes=kdf.lanes,
        memory_cost=kdf.memory_kib,
    ).derive(secret)


def _bound_data(practice: str, slot: _Slot) -> bytes:
    """What is authenticated with the wrapped key: everything else the file says about the slot."""
    said = [FORMAT, VERSION, practice, slot.name, asdict(slot.kdf), slot.salt.hex()]
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


# --- the file -----------------------------------------------------------------------------------


def _exclusively(path: Path) -> AbstractContextManager[None]:
    busy = "Another carecoord window is changing the passphrase or making a backup; try again in a moment."
    return file_lock(path.with_name(_LOCK_NAME), busy=busy)


def _write(path: Path, sidecar: _Sidecar) -> None:
    content = {
        "format": FORMAT,
        "version": VERSION,
        "practice_id": sidecar.practice_id,
        "slots": {slot.name: _slot_to_json(slot) for slot in (sidecar.passphrase, sidecar.recovery)},
    }
    with translated():
        write_private(path, (json.dumps(content, indent=2) + "\n").encode())


def _slot_to_json(slot: _Slot) -> dict[str, Any]:
    kdf = {"name": "argon2id", **asdict(slot.kdf), "salt": _to_text(slot.salt)}
    return {
        "kdf": kdf,
        "cipher": "aes-256-gcm",
        "nonce": _to_text(slot.nonce),
        "wrapped": _to_text(slot.wrapped),
    }


def _read(path: Path) -> _Sidecar:
    try:
        with translated():
            data = read_bounded(path, _SIZE_LIMIT)
    except MissingFile:
        raise MissingFile(
            f"The key file {path} is missing; put it back or restore a backup: without it the database "
            "cannot be opened."
        ) from None
    damaged = DamagedFile(f"The key file {path} is damaged or not ours; restore it from a backup.")
    try:
        content = json.loads(data)
        if content["format"] != FORMAT:
            raise damaged
        if content["version"] != VERSION:
            raise TooNew(f"{path} was written by a newer version of carecoord; update the program.")
        slots = content["slots"]
        return _Sidecar(
            str(uuid.UUID(content["practice_id"])),
            _slot_from_json(_PASSPHRASE, slots[_PASSPHRASE]),
            _slot_from_json(_RECOVERY, slots[_RECOVERY]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged from None


def _slot_from_json(name: str, content: Mapping[str, Any]) -> _Slot:
    kdf = content["kdf"]
    if kdf["name"] != "argon2id" or content["cipher"] != "aes-256-gcm":
        raise ValueError(name)
    cost = [kdf[field] for field in ("memory_kib", "iterations", "lanes")]
    if any(type(value) is not int for value in cost):
        raise TypeError(name)
    return _Slot(
        name,
        Kdf(*cost),
        _from_text(kdf["salt"], _SALT_BYTES),
        _from_text(content["nonce"], _NONCE_BYTES),
        _from_text(content["wrapped"], _WRAPPED_BYTES),
    )


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_text(text: str, length: int) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(text) from None
    if len(data) != length:
        raise ValueError(text)
    return data
