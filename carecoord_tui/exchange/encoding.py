"""Which encoding a text file is in, decided from all of its bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.exchange.tabular import TableError

_CHUNK = 1 << 20
_SAMPLE = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_OLD_ENCODINGS = ["mac_roman", "cp1250", "cp850", "cp437", "latin_1"]
"""Tried for a file that is neither UTF-8 nor Windows-1252."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """``codec`` and ``errors`` are for ``open``; ``label`` and ``note`` are for people."""

    codec: str
    label: str
    errors: str = "strict"
    note: str = ""


def detect_encoding(path: Path) -> Encoding:
    """The encoding of a text file.

    A byte order mark decides; then the pattern of NUL bytes (UTF-16 without a mark); then UTF-8 if every
    byte fits; then Windows-1252; then whatever older code page fits a sample best. A file that is UTF-8
    but for a few bytes is read as UTF-8 and those characters become U+FFFD.

    Raises:
        TableError: the file is binary.
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    for mark, codec, label in _BOMS:
        if head.startswith(mark):
            return _checked(path, Encoding(codec, label))
    if b"\0" in head:
        return _checked(path, _utf16_without_mark(path, head))
    return _eight_bit(path)


def _utf16_without_mark(path: Path, head: bytes) -> Encoding:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    enough = len(head) // 8
    if odd > enough and even * 20 <= odd:
        return Encoding("utf-16-le", "UTF-16", note="UTF-16 without a byte order mark.")
    if even > enough and odd * 20 <= even:
        return Encoding("utf-16-be", "UTF-16", note="UTF-16 without a byte order mark.")
    raise _binary(path, head[: head.index(0)].count(b"\n") + 1)


def _checked(path: Path, encoding: Encoding) -> Encoding:
    """``encoding`` once the whole file has been decoded with it."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    lines = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                raise TableError(
                    path,
                    f"marked as {encoding.label} but damaged near here; save it again as CSV UTF-8",
                    line=lines,
                ) from None
            if "\0" in text:
                raise _binary(path, lines + text[: text.index("\0")].count("\n"))
            lines += text.count("\n")
            if not chunk:
                return encoding


def _eight_bit(path: Path) -> Encoding:
    """UTF-8 or an older one-byte encoding, told apart by decoding the whole file as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    windows_fits = True
    ascii_only = True
    proper = broken = first_broken = 0
    lines = 1
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if b"\0" in chunk:
                raise _binary(path, lines + chunk[: chunk.index(0)].count(b"\n"))
            text = decoder.decode(chunk)
            if not (chunk.isascii() and text.isascii()):
                ascii_only = False
                windows_fits = windows_fits and _fits_windows(chunk)
                # U+FFFD may also stand in the file as itself (EF BF BD): that is proper UTF-8.
                bad = text.count("\ufffd") - chunk.count("\ufffd".encode())
                if bad > 0 and not first_broken:
                    first_broken = lines + text[: text.index("\ufffd")].count("\n")
                broken += max(bad, 0)
                proper += len(text) - len(text.encode("ascii", "ignore")) - max(bad, 0)
            lines += chunk.count(b"\n")
        if decoder.decode(b"", final=True):
            broken, first_broken = broken + 1, first_broken or lines
    if ascii_only or not broken:
        return Encoding("utf-8", "UTF-8")
    if proper > broken:
        return Encoding(
            "utf-8",
            "UTF-8",
            errors="replace",
            note=f"{broken:,} characters are not UTF-8 (first: line {first_broken}); they read as \ufffd.",
        )
    if windows_fits:
        return Encoding(
            "cp1252",
            "Windows-1252",
            note="Not UTF-8: read as Windows-1252. Check names with accents in the preview.",
        )
    return _older_code_page(path)


def _older_code_page(path: Path) -> Encoding:
    from charset_normalizer import from_bytes

    with path.open("rb") as stream:
        best = from_bytes(stream.read(_SAMPLE), cp_isolation=_OLD_ENCODINGS).best()
    codec = best.encoding if best is not None else "latin-1"
    return Encoding(codec, codec, note=f"Encoding guessed: {codec}. Check names with accents in the preview.")


def _fits_windows(chunk: bytes) -> bool:
    try:
        chunk.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


def _binary(path: Path, line: int) -> TableError:
    return TableError(
        path,
        "holds NUL bytes, so it is not a text table; save it as CSV UTF-8 or .xlsx and try again",
        line=line,
    )
