"""The container of a backup: an uncompressed zip with four known members.

Read with suspicion, since it may come from anywhere: only the known names, each once, stored without
compression (so nothing unpacks to more than the file holds), all but the database small. Members are
written under our own names, never under a path taken from the zip.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from carecoord_tui.store.errors import DamagedFile, ForeignFile, MissingFile
from carecoord_tui.store.files import create_private, sync_file

DATABASE = "practice.db"
KEYFILE = "practice.key"
ANCHOR = "practice.anchor"
MANIFEST = "manifest.json"

_CONTENT = (DATABASE, KEYFILE, ANCHOR)
_SMALL = {KEYFILE: 1 << 16, ANCHOR: 1 << 16, MANIFEST: 1 << 16}  # bytes
_CHUNK = 1 << 20
_ZIP_START = b"PK\x03\x04"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the time is in the manifest; a zip's own has no zone
_ENCRYPTED_FLAG = 0x1

Member = Path | bytes


def digests(members: Mapping[str, Member]) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of each member, as the manifest holds them."""
    return {name: _digest(_open(member)) for name, member in members.items()}


def pack(path: Path, members: Mapping[str, Member], manifest: Mapping[str, Any]) -> None:
    """Write a new private file (``FileExistsError`` if there is one) and wait until the disk has it."""
    create_private(path)
    text = json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, member in {**members, MANIFEST: text}.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o600 << 16
            with _open(member) as source, archive.open(entry, "w", force_zip64=True) as target:
                for chunk in _chunks(source):
                    target.write(chunk)
    sync_file(path)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a backup, unverified. Raises ``MissingFile``, ``ForeignFile`` or ``DamagedFile``."""
    with _reading(path) as archive:
        return _manifest(archive, path)


def check(path: Path) -> None:
    """Compare every member with the manifest's hashes; ``DamagedFile`` when one differs."""
    with _reading(path) as archive:
        expected = _manifest(archive, path)["files"]
        for name in _CONTENT:
            with archive.open(name) as source:
                if _digest(source) != expected.get(name):
                    _damaged(path)


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Write the members into ``folder`` as private files, checked by their hashes; returns the manifest."""
    with _reading(path) as archive:
        manifest = _manifest(archive, path)
        for name in _CONTENT:
            create_private(folder / name)
            with archive.open(name) as source, (folder / name).open("r+b") as target:
                if _digest(source, target) != manifest["files"].get(name):
                    _damaged(path)
            sync_file(folder / name)
    return manifest


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[zipfile.ZipFile]:
    """An open archive whose shape has been checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_shape(archive, path)
            yield archive
    except FileNotFoundError:
        raise MissingFile(f"There is no backup at {path}.") from None
    except zipfile.BadZipFile:
        with path.open("rb") as file:
            if file.read(len(_ZIP_START)) == _ZIP_START:
                _damaged(path)
        raise ForeignFile(f"{path} is not a carecoord backup.") from None
    except (EOFError, NotImplementedError, RuntimeError, ValueError):
        _damaged(path)


def _check_shape(archive: zipfile.ZipFile, path: Path) -> None:
    entries = archive.infolist()
    if sorted(entry.filename for entry in entries) != sorted((*_CONTENT, MANIFEST)):
        raise ForeignFile(f"{path} is not a carecoord backup: it does not hold the files of one.")
    for entry in entries:
        packed = entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size
        if packed or entry.flag_bits & _ENCRYPTED_FLAG:
            _damaged(path)
        if entry.file_size > _SMALL.get(entry.filename, entry.file_size):
            _damaged(path)


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(archive.read(MANIFEST))
    except (ValueError, RecursionError):
        _damaged(path)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        _damaged(path)
    return manifest


def _damaged(path: Path) -> NoReturn:
    raise DamagedFile(f"The backup {path} is damaged; use another one.") from None


def _open(member: Member) -> IO[bytes]:
    return io.BytesIO(member) if isinstance(member, bytes) else member.open("rb")


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _digest(source: IO[bytes], target: IO[bytes] | None = None) -> dict[str, Any]:
    """Read ``source`` to its end, copying it to ``target`` if given."""
    sha, size = hashlib.sha256(), 0
    with source:
        for chunk in _chunks(source):
            sha.update(chunk)
            size += len(chunk)
            if target is not None:
                target.write(chunk)
    return {"size": size, "sha256": sha.hexdigest()}
