"""What may be kept as a document: PDF, images and plain text, known by their content and never by their name.

Pure: bytes and a name in, the media type or one sentence out. A name that says another type than the
content is refused too, because whoever opens the file later goes by its name.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath

from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.vocabulary import DocumentKind

MAX_BYTES = 20 * 1024 * 1024
"""The largest document: some hundred scanned pages. Every backup carries it along."""
TITLE_LIMIT = 160
_HEAD = 1024  # bytes in which a type shows itself
_TAIL = 2048  # bytes in which a whole PDF has its end mark


class Unfit(ValueError):
    """A file that is not kept; the text is one sentence saying why and what to do."""


class MediaType(StrEnum):
    """IANA media types that are kept."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    GIF = "image/gif"
    TEXT = "text/plain"

    @property
    def words(self) -> str:
        """As people say it: ``a JPEG image``."""
        return {MediaType.PDF: "a PDF", MediaType.TEXT: "plain text"}.get(self, f"a {self.name} image")

    @property
    def short(self) -> str:
        """For a column: ``PDF``."""
        return "text" if self is MediaType.TEXT else self.name

    @property
    def suffix(self) -> str:
        """The usual end of a file's name."""
        return {
            MediaType.JPEG: ".jpg",
            MediaType.TIFF: ".tif",
            MediaType.TEXT: ".txt",
        }.get(self, f".{self.name.lower()}")


_WANTED = "attach a PDF, an image (PNG, JPEG, TIFF, GIF) or plain text"

_STARTS: tuple[tuple[bytes, MediaType], ...] = (
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"II+\x00", MediaType.TIFF),  # BigTIFF
    (b"MM\x00+", MediaType.TIFF),
    (b"GIF87a", MediaType.GIF),
    (b"GIF89a", MediaType.GIF),
)

_PROGRAM, _ARCHIVE, _PAGE = "a program", "an archive", "a web page"
_FOREIGN_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", _PROGRAM),
    (b"#!", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\xfe\xed\xfa", _PROGRAM),  # Mach-O
    (b"\xce\xfa\xed\xfe", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\x1f\x8b", _ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office document or email"),
    (b"{\\rtf", "a word processor document"),
    (b"%!PS", "a PostScript print file"),
    (b"SQLite format 3\x00", "a database"),
)
_PAGE_STARTS = (
    b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<svg", b"<?xml", b"<!--",
)  # fmt: skip

_NAMES_SAY: dict[str, MediaType] = {
    "pdf": MediaType.PDF,
    "png": MediaType.PNG,
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), MediaType.JPEG),
    **dict.fromkeys(("tif", "tiff"), MediaType.TIFF),
    "gif": MediaType.GIF,
    **dict.fromkeys(("txt", "text", "csv", "tsv", "md", "log"), MediaType.TEXT),
}
_FOREIGN_NAMES: dict[str, str] = {
    suffix: what
    for what, suffixes in {
        _PROGRAM: "exe com bat cmd msi scr pif lnk js vbs vbe wsf hta ps1 sh py jar app dmg apk",
        _PAGE: "html htm xhtml mht mhtml svg xml",
        _ARCHIVE: "zip 7z rar gz tgz bz2 xz tar iso",
        "a word processor document": "doc docx docm dot odt rtf pages",
        "a spreadsheet": "xls xlsx xlsm ods numbers",
        "a presentation": "ppt pptx pptm odp key",
        "an email": "eml msg mbox p7m rpmsg",
        "an image of another kind": "heic heif webp bmp dcm",
    }.items()
    for suffix in suffixes.split()
}

_WRAPPED = re.compile(
    rb"/EncryptedPayload\b|/Filter\s*/(?:MicrosoftIRMServices|EBX_HANDLER|FOPN_\w+)\b"
)  # ISO 32000-2, 7.6.7 (unencrypted wrapper) and 7.6.2 (security handlers ordinary viewers lack)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")  # a form feed and DOS's last ^Z may stand


def check_size(size: int) -> None:
    """Refuse what is empty or larger than ``MAX_BYTES``, before a byte is read. Raises Unfit."""
    if size == 0:
        raise Unfit("That file is empty: nothing was attached.")
    if size > MAX_BYTES:
        raise Unfit(
            f"That file has {size_words(size)}, and a document may have {size_words(MAX_BYTES)}: "
            "scan it at a lower resolution, or attach only the pages that matter."
        )


def recognize(content: bytes, file_name: str) -> MediaType:
    """The media type of a file by its content. Raises Unfit with one sentence for anything not kept."""
    check_size(len(content))
    named = _suffix(file_name)
    if foreign := _foreign(content):
        raise Unfit(f"That file is {foreign}{_though(named)}: {_WANTED}.")
    found = _by_start(content)
    if found is MediaType.PDF:
        _check_pdf(content)
    elif found is None:
        _check_text(content, named)
        found = MediaType.TEXT
    _check_name(named, found)
    return found


def _suffix(file_name: str) -> str:
    """``pdf`` of ``Report.PDF``; what hides in the name (a bidi override, trailing dots) is taken off."""
    return PurePath(clean_text(file_name, 400).rstrip(". ")).suffix.removeprefix(".").casefold()


def _though(named: str) -> str:
    """Point out a disguise."""
    said = _NAMES_SAY.get(named)
    return f", though its name says {said.words}" if said else ""


def _start(content: bytes) -> bytes:
    """The first bytes, without a byte order mark and white space."""
    return content[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")


def _by_start(content: bytes) -> MediaType | None:
    if _start(content).startswith(b"%PDF-"):
        return MediaType.PDF
    return next((media for start, media in _STARTS if content.startswith(start)), None)


def _foreign(content: bytes) -> str:
    """What else the content shows itself to be; empty for a type that is kept, or not known."""
    head = content[:_HEAD]
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _packed(content)
    if head.startswith(b"MZ") and b"\x00" in head:
        return _PROGRAM
    if head[4:8] == b"ftyp":
        return "a HEIC photo or a video"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "a WebP image"
    if head.startswith(b"BM") and b"\x00" in head:
        return "a BMP image"
    if head[128:132] == b"DICM":
        return "a DICOM study"
    if _start(content).lower().startswith(_PAGE_STARTS):
        return _PAGE
    return next((what for start, what in _FOREIGN_STARTS if head.startswith(start)), "")


def _packed(content: bytes) -> str:
    """Office files are ZIP archives; their parts are named in them."""
    for part, what in (
        (b"word/", "a Word document"),
        (b"xl/", "an Excel workbook"),
        (b"ppt/", "a PowerPoint presentation"),
    ):
        if part in content:
            return what
    return "a ZIP archive"


def _check_pdf(content: bytes) -> None:
    if b"%%EOF" not in content.rstrip(b"\x00 \t\r\n")[-_TAIL:]:
        raise Unfit("That PDF is cut short: get it again, its end is missing.")
    if _WRAPPED.search(content):
        raise Unfit(
            "That PDF is only a wrapper around an encrypted one: open it where it can be opened, "
            "save it without protection and attach that."
        )


def _check_text(content: bytes, named: str) -> None:
    """Raises Unfit unless the content is readable UTF-8 text without control characters."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unfit("That text is UTF-16: save it as UTF-8 and attach that.")
    if _CONTROLS.search(content):
        raise Unfit(f"What is in that file is not known{_though(named)}: {_WANTED}.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _NAMES_SAY.get(named) is MediaType.TEXT:
            raise Unfit("That text is not UTF-8: save it as UTF-8 and attach that.") from error
        raise Unfit(f"What is in that file is not known{_though(named)}: {_WANTED}.") from error
    if not text.strip():
        raise Unfit("That file is empty: nothing was attached.")


def _check_name(named: str, found: MediaType) -> None:
    """Raises Unfit when the name says another type; a name that says nothing is fine."""
    said = _NAMES_SAY.get(named)
    other = said.words if said is not None else _FOREIGN_NAMES.get(named, "")
    if other and said is not found:
        raise Unfit(
            f"The name of that file says {other}, but it is {found.words}: "
            f"rename it to {found.suffix} when it is the right one."
        )


# --- words -----------------------------------------------------------------------------------------


def size_words(size: int) -> str:
    """``640 bytes``, ``12 KB``, ``1.4 MB`` (powers of 1024)."""
    if size < 1024:
        return f"{size:,} {'byte' if size == 1 else 'bytes'}"
    if size < 1024 * 1024:
        return f"{size / 1024:,.0f} KB"
    return f"{size / (1024 * 1024):,.1f} MB".replace(".0 MB", " MB")


def neutral_name(document_id: int, media_type: MediaType) -> str:
    """A file name that tells nothing of a person: ``document-12.pdf``."""
    return f"document-{document_id}{media_type.suffix}"


def title_from(file_name: str) -> str:
    """A first title out of a file's name: ``Holter_report.pdf`` is ``Holter report``."""
    name = clean_text(file_name, 400)
    stem = PurePath(name).stem if _suffix(name) in _NAMES_SAY else name
    return clean_text(stem.replace("_", " "), TITLE_LIMIT)


_KIND_WORDS: tuple[tuple[DocumentKind, tuple[str, ...]], ...] = (
    (DocumentKind.FAX_CONFIRMATION, ("confirmation", "transmission")),
    (DocumentKind.CONSENT, ("consent", "authorization form", "release")),
    (DocumentKind.REPORT, ("report", "consult", "discharge summary", "op note")),
    (DocumentKind.RESULT, ("result", "lab", "labs", "pathology")),
    (DocumentKind.ORDER, ("order", "prescription")),
    (DocumentKind.LETTER, ("letter",)),
    (DocumentKind.IMAGE, ("x-ray", "xray", "photo")),
)


def likely_kind(file_name: str, *, of_referral: bool) -> DocumentKind:
    """A first kind by the words of the name; what comes to a referral is else taken for its report."""
    words = " ".join(re.split(r"[^a-z0-9-]+", fold(title_from(file_name))))
    for kind, signs in _KIND_WORDS:
        if any(f" {sign}" in f" {words}" for sign in signs):
            return kind
    return DocumentKind.REPORT if of_referral else DocumentKind.OTHER
