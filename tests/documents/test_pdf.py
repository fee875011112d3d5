"""The PDF: it is one, always the same one, and says what it could not print."""

from __future__ import annotations

import re

import pytest

from carecoord_tui.documents import markdown, pdf
from tests.documents.make import NASTY


def _render(text: str) -> pdf.Pdf:
    return pdf.render(markdown.parse(text), title="Referral 31", foot="Confidential.")


def _pages_in(content: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", content))


def test_it_is_a_pdf_with_as_many_pages_as_it_says() -> None:
    made = _render("# One\n\n\\newpage\n\n# Two\n\n" + "word " * 2000)
    assert made.content.startswith(b"%PDF-")
    assert made.content.rstrip().endswith(b"%%EOF")
    assert made.pages == _pages_in(made.content) > 3


def test_the_same_blocks_make_the_same_bytes() -> None:
    text = "# Nguyễn\n\n| A | B |\n|---|---|\n| 1 | Łukasz |\n\n- x\n  - y\n\n1. z\n\n---\n"
    assert _render(text).content == _render(text).content


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh", "Łukasz Żółć", "Ольга Щербакова", "Ελένη Παπαδοπούλου"])
def test_names_of_these_scripts_print(name: str) -> None:
    assert _render(name).unprintable == 0


@pytest.mark.parametrize(("text", "count"), [("王小明", 3), ("Pat 🙂", 1), ("עברית", 5), ("عمر", 3)])
def test_what_cannot_be_printed_is_counted(text: str, count: int) -> None:
    assert _render(text).unprintable == count


def test_what_cannot_be_printed_stands_as_a_mark_and_the_last_line_says_so() -> None:
    story = pdf._story(markdown.parse("Pat 王小明"), out := pdf._Print())
    assert story[0].text == "Pat [?][?][?]"
    assert out.unprintable == 3
    plain, marked = _drawn_text("Pat"), _drawn_text("Pat 王")
    assert not any("could not be drawn" in one for one in plain)
    assert marked[-1] == "1 character could not be drawn here and stands as [?]: see the record."


def _drawn_text(text: str) -> list[str]:
    """The paragraphs that reportlab was given, in their order."""
    given: list[str] = []
    original = pdf._Print.paragraph

    def keep(out: pdf._Print, line: markdown.Line, style: str, bullet: str | None = None) -> object:
        given.append(markdown.plain(line))
        return original(out, line, style, bullet)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf._Print, "paragraph", keep)
        _render(text)
    return given


def test_hostile_text_and_long_words_do_not_break_the_layout() -> None:
    from carecoord_tui.documents.templating import escape

    cell = escape(NASTY + "&amp;</para><b>" + "W" * 3000)
    assert _render(f"# {cell}\n\n| A | B | C |\n|---|---|---|\n| {cell} | {cell} | |\n").pages >= 1


def test_a_table_longer_than_a_page_goes_on() -> None:
    rows = "\n".join(f"| {n} | row |" for n in range(200))
    assert _render(f"## Long\n\n| A | B |\n|---|---|\n{rows}\n").pages > 3


def test_nothing_at_all_is_still_a_page() -> None:
    assert _render("").pages == 1


def test_the_page_total_is_what_the_caller_counts() -> None:
    blocks = markdown.parse("text")
    counted = pdf.render(blocks, title="t", foot="f")
    assert counted.content == pdf.render(blocks, title="t", foot="f", total_pages=1).content
    assert counted.content != pdf.render(blocks, title="t", foot="f", total_pages=9).content
