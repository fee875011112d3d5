"""The public-domain ICD-10-CM code set for looking codes up by words, offline.

The table is not shipped: CMS publishes it each year (``icd10cm_codes_2026.txt``) and
``carecoord codes import FILE`` reads it. It holds nothing about patients, so it is a plain SQLite file beside
the practice, and is not part of its backups.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.icd10 import Diagnosis, MalformedLine, read_line
from carecoord_tui.domain.identifiers import normalize_icd10cm
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.errors import DamagedFile, StoreError
from carecoord_tui.store.files import create_private, make_private_folder, sync_file, sync_folder

MAX_LINE = 2_000  # bytes; the longest line of the official file has under 300
MAX_FILE = 64 * 1024 * 1024  # bytes; the official file has 7 MB
REPORTED = 20  # malformed lines told one by one
_SCHEMA = """
    CREATE TABLE icd10cm (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, words TEXT NOT NULL);
    CREATE VIRTUAL TABLE icd10cm_words USING fts5(
        words, content='icd10cm', content_rowid='id', prefix='2 3', tokenize='unicode61 remove_diacritics 2');
"""
_FILL = "INSERT INTO icd10cm_words (icd10cm_words) VALUES ('rebuild')"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out: its number, counted from 1, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class CodeImport:
    """What came of reading a code file. ``bad_lines`` are the first ``REPORTED`` of ``bad_count``."""

    codes: int
    bad_count: int
    bad_lines: tuple[BadLine, ...]


def code_file(paths: PracticePaths) -> Path:
    """Where the looked-up codes are kept."""
    return paths.root / "codes" / "icd10cm.sqlite"


def has_codes(paths: PracticePaths) -> bool:
    """True once a code file was imported."""
    return code_file(paths).is_file()


# --- importing --------------------------------------------------------------------------------


def import_codes(paths: PracticePaths, source: Path) -> CodeImport:
    """Read a code file and put it in place of the one before, whole or not at all.

    Lines that are no code with its words are left out and reported. Raises StoreError when the file cannot
    be read, is too large to be a code list or holds no code; then the codes before stay.
    """
    found: dict[str, str] = {}
    bad: list[BadLine] = []
    try:
        if source.stat().st_size > MAX_FILE:
            raise StoreError(f"{source} is too large to be the ICD-10-CM code list; nothing was imported.")
        with source.open("rb") as lines:
            _read(lines, found, bad)
    except OSError as error:
        raise StoreError(f"{source} cannot be read: {error.strerror}; nothing was imported.") from error
    if not found:
        why = f" Line {bad[0].number}: {bad[0].why}." if bad else ""
        raise StoreError(
            f"No code was found in {source}; give the CMS file icd10cm_codes_YEAR.txt, or a file of two "
            f"columns, code and words.{why}"
        )
    try:
        _write(code_file(paths), found)
    except (OSError, dbapi2.Error) as error:
        raise StoreError(
            f"The codes could not be written in {paths.root}; the ones before stay. Check space and access."
        ) from error
    return CodeImport(len(found), len(bad), tuple(bad[:REPORTED]))


def _read(lines: Iterable[bytes], found: dict[str, str], bad: list[BadLine]) -> None:
    for number, raw in enumerate(lines, 1):
        try:
            diagnosis = read_line(_decoded(raw))
        except MalformedLine as error:
            bad.append(BadLine(number, str(error)))
            continue
        if diagnosis is None:
            continue
        if diagnosis.code in found:
            bad.append(BadLine(number, "the code stands in the file twice; the first is kept"))
        else:
            found[diagnosis.code] = diagnosis.words


def _decoded(raw: bytes) -> str:
    """UTF-8, or what Windows programs write. Raises MalformedLine for what is no text."""
    if len(raw) > MAX_LINE:
        raise MalformedLine("the line is too long")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise MalformedLine("the line is no text")


def _write(target: Path, found: dict[str, str]) -> None:
    make_private_folder(target.parent)
    part = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    part.unlink(missing_ok=True)
    create_private(part)
    try:
        connection: Any = dbapi2.connect(str(part))
        with closing(connection):
            connection.execute("PRAGMA journal_mode=OFF")
            connection.executescript(_SCHEMA)
            plain = ((code.replace(".", ""), words) for code, words in found.items())
            connection.executemany("INSERT INTO icd10cm (code, words) VALUES (?, ?)", plain)
            connection.execute(_FILL)
            connection.commit()
        sync_file(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


# --- looking up -------------------------------------------------------------------------------


def lookup(paths: PracticePaths, words: str, limit: int = 6) -> list[Diagnosis]:
    """Codes whose words have every typed word, the shortest words first; or codes that begin as typed.

    The last word may be half typed. Empty without a code file or without a word. Raises DamagedFile.
    """
    tokens = re.findall(r"\w+", fold(words))
    if not tokens or not has_codes(paths):
        return []
    typed = re.sub(r"[.\s]", "", words).upper()
    if re.fullmatch(r"[A-Z][0-9][0-9A-Z]{0,5}", typed):
        return _ask(
            paths,
            "SELECT code, words FROM icd10cm WHERE code >= ? AND code < ? ORDER BY code LIMIT ?",
            [typed, typed + "\uffff", limit],
        )
    return _ask(
        paths,
        "SELECT c.code, c.words FROM icd10cm_words s JOIN icd10cm c ON c.id = s.rowid"
        " WHERE icd10cm_words MATCH ? ORDER BY length(c.words), c.code LIMIT ?",
        [" ".join(f'"{token}"*' for token in tokens), limit],
    )


def describe(paths: PracticePaths, codes: Sequence[str]) -> dict[str, str]:
    """The words of each code that the code file knows; empty without one. Raises DamagedFile."""
    if not codes or not has_codes(paths):
        return {}
    marks = ", ".join("?" * len(codes))
    found = _ask(
        paths,
        f"SELECT code, words FROM icd10cm WHERE code IN ({marks})",  # noqa: S608 - only marks are put in
        [code.replace(".", "") for code in codes],
    )
    return {one.code: one.words for one in found}


def _ask(paths: PracticePaths, sql: str, parameters: Sequence[object]) -> list[Diagnosis]:
    file = code_file(paths)
    try:
        connection: Any = dbapi2.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
        with closing(connection):
            rows = connection.execute(sql, tuple(parameters)).fetchall()
    except dbapi2.DatabaseError as error:
        raise DamagedFile(
            f"The code list {file} cannot be read; `carecoord codes import FILE` makes it anew."
        ) from error
    return [Diagnosis(normalize_icd10cm(code), words) for code, words in rows]
