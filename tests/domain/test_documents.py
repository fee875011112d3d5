"""A document is what its content says; a disguise is refused in one sentence."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.documents import (
    MAX_BYTES,
    MediaType,
    Unfit,
    check_size,
    likely_kind,
    neutral_name,
    recognize,
    size_words,
    title_from,
)
from carecoord_tui.domain.vocabulary import DocumentKind

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
TIFF = b"II*\x00\x08\x00\x00\x00"
GIF = b"GIF89a\x01\x00\x01\x00"


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(Unfit) as caught:
        recognize(content, name)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text
    return text


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (PDF, "Report.PDF", MediaType.PDF),
        (b"\xef\xbb\xbf\r\n" + PDF, "report.pdf", MediaType.PDF),
        (PDF + b"\x00" * 9000, "from a scanner.pdf", MediaType.PDF),
        (PDF, "report", MediaType.PDF),
        (PDF, "Dr. Smith report", MediaType.PDF),
        (PNG, "scan.png", MediaType.PNG),
        (JPEG, "scan.jpeg", MediaType.JPEG),
        (TIFF, "fax.tif", MediaType.TIFF),
        (b"MM\x00*\x00\x00\x00\x08", "fax.tiff", MediaType.TIFF),
        (GIF, "fax.gif", MediaType.GIF),
        ("Núñez: kein Befund 心\n\f\tEnd\x1a".encode(), "letter.txt", MediaType.TEXT),
        (b"\xef\xbb\xbfplain", "letter.txt", MediaType.TEXT),
        (b"MZ called about the report", "note.txt", MediaType.TEXT),
        (b"day,value\r\n1,2\r\n", "values.csv", MediaType.TEXT),
    ],
)
def test_the_content_says_what_it_is(content: bytes, name: str, expected: MediaType) -> None:
    assert recognize(content, name) is expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00" + PDF, "That file is a program, though its name says a PDF"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"#!/bin/sh\nrm -rf ~\n", "a program"),
        (zipped("a.txt"), "a ZIP archive"),
        (zipped("word/document.xml"), "a Word document"),
        (zipped("xl/workbook.xml"), "an Excel workbook"),
        (zipped("ppt/slides"), "a PowerPoint presentation"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 40, "an older Office document"),
        (b"{\\rtf1\\ansi hello}", "a word processor document"),
        (b"\n <!DOCTYPE HTML><script>alert(1)</script>", "a web page"),
        (b"<?xml version='1.0'?><svg/>", "a web page"),
        (b"\x00\x00\x00\x18ftypheic", "a HEIC photo"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a WebP image"),
        (b"\x00" * 128 + b"DICM", "a DICOM study"),
        (b"\x00\x01\x02\x03", "What is in that file is not known, though its name says a PDF"),
        (b"caf\xe9", "not known, though its name says a PDF"),
    ],
)
def test_a_disguise_is_named(content: bytes, words: str) -> None:
    text = refusal(content, "report.pdf")
    assert words in text
    assert "attach a PDF, an image (PNG, JPEG, TIFF, GIF) or plain text" in text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (JPEG, "report.pdf", "says a PDF, but it is a JPEG image: rename it to .jpg"),
        (PDF, "report.pdf.exe", "says a program, but it is a PDF"),
        (PDF, "report.exe. . ", "says a program"),
        (PDF, "report\u202efdp.exe", "says a program"),
        (PDF, "report.docx", "says a word processor document"),
        (b"plain words", "page.html", "says a web page, but it is plain text"),
        (b"plain words", "scan.png", "says a PNG image, but it is plain text"),
    ],
)
def test_a_name_of_another_type_is_refused(content: bytes, name: str, words: str) -> None:
    assert words in refusal(content, name)


def test_text_of_another_encoding_says_what_to_do() -> None:
    assert "save it as UTF-8" in refusal("café".encode("latin-1"), "letter.txt")
    assert "UTF-16" in refusal("café".encode("utf-16"), "letter.txt")
    assert "not known" in refusal(b"\x1b[31mred", "letter.txt")


def test_a_pdf_cut_short_or_locked_inside_another_is_refused() -> None:
    assert "cut short" in refusal(PDF[:-20], "report.pdf")
    wrapper = PDF.replace(b"/Type /Catalog", b"/AF [<< /AFRelationship /EncryptedPayload >>]")
    assert "only a wrapper" in refusal(wrapper, "report.pdf")
    rights = PDF.replace(b"/Type /Catalog", b"/Encrypt << /Filter /MicrosoftIRMServices >>")
    assert "only a wrapper" in refusal(rights, "report.pdf")
    ordinary = PDF.replace(b"/Type /Catalog", b"/Encrypt << /Filter /Standard >>")
    assert recognize(ordinary, "report.pdf") is MediaType.PDF  # printing restricted: every viewer opens it


def test_the_size_is_bounded() -> None:
    check_size(1)
    check_size(MAX_BYTES)
    with pytest.raises(Unfit, match=r"has 200 MB, and a document may have 20 MB"):
        check_size(200 * 1024 * 1024)
    with pytest.raises(Unfit, match="is empty"):
        check_size(0)
    assert "is empty" in refusal(b" \r\n\t", "letter.txt")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_are_taken_or_refused_in_words(content: bytes, name: str) -> None:
    try:
        found = recognize(content, name)
    except Unfit as error:
        assert str(error).endswith(".")
    else:
        if found is MediaType.TEXT:
            assert content.decode("utf-8-sig").strip()
            assert not {0, 27} & set(content)


def test_words() -> None:
    assert [size_words(n) for n in (1, 640, 12_300, 1_500_000, 20 * 1024 * 1024)] == [
        "1 byte", "640 bytes", "12 KB", "1.4 MB", "20 MB",
    ]  # fmt: skip
    assert neutral_name(12, MediaType.JPEG) == "document-12.jpg"
    assert title_from("Holter_report final.pdf") == "Holter report final"
    assert title_from("Dr. Smith report") == "Dr. Smith report"
    assert title_from("a\x1b[31m\u202eb.pdf") == "a[31mb"


@pytest.mark.parametrize(
    ("name", "of_referral", "kind"),
    [
        ("Chen_cardiology_REPORT.pdf", False, DocumentKind.REPORT),
        ("lab-results.pdf", True, DocumentKind.RESULT),
        ("fax confirmation.tif", True, DocumentKind.FAX_CONFIRMATION),
        ("consent.pdf", True, DocumentKind.CONSENT),
        ("collaboration.pdf", False, DocumentKind.OTHER),
        ("Scan0001.pdf", True, DocumentKind.REPORT),
        ("Scan0001.pdf", False, DocumentKind.OTHER),
    ],
)
def test_a_first_kind_follows_from_the_name(name: str, of_referral: bool, kind: DocumentKind) -> None:
    assert likely_kind(name, of_referral=of_referral) is kind
