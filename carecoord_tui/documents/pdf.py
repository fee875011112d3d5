"""Blocks as a PDF on US Letter: headings, paragraphs, lists, tables, and a foot line on every page.

The same blocks give the same bytes. What the fonts cannot show is printed as a mark and counted, and the
last line says how many: no character disappears without a word.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from xml.sax.saxutils import escape as xml_escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Paragraph as PdfParagraph
from reportlab.platypus import Table as PdfTable
from reportlab.platypus.doctemplate import LayoutError

from carecoord_tui.documents.markdown import (
    Block,
    Heading,
    Item,
    Line,
    NewPage,
    Paragraph,
    Rule,
    Span,
    Table,
    plain,
)
from carecoord_tui.documents.unprintable import MARK, paper_words
from carecoord_tui.store.errors import StoreError

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN = 0.8 * inch
_TEXT_WIDTH = LETTER[0] - 2 * MARGIN
_GREY = colors.HexColor("#555555")
_HEADING_SIZES = {1: 16.0, 2: 11.5}
_LEAST_SHARE = 0.16  # of the width, for a column of names or values
_CELL_ROOM = 12  # points beside the text of a cell
_NAMES_AND_VALUES = 2  # columns


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished document. ``unprintable`` counts the characters that are only a mark in it."""

    content: bytes
    pages: int
    unprintable: int


@dataclass(slots=True)
class _Print:
    """Text on its way into the PDF; remembers what it could not print."""

    unprintable: int = 0
    styles: dict[str, ParagraphStyle] = field(default_factory=lambda: _styles())

    def shown(self, text: str) -> str:
        """Composed, and with the mark for what has no glyph."""
        known = _glyphs()
        out: list[str] = []
        for char in unicodedata.normalize("NFC", text):
            is_known = char == "\n" or (ord(char) in known and not _runs_leftward(char))
            self.unprintable += not is_known
            out.append(char if is_known else MARK)
        return "".join(out)

    def markup(self, line: Line) -> str:
        """A line in reportlab's own markup, every character of the text escaped."""
        parts = []
        for span in line:
            text = xml_escape(self.shown(span.text)).replace("\n", "<br/>")
            parts.append(f"<b>{text}</b>" if span.strong else text)
        return "".join(parts)

    def paragraph(self, line: Line, style: str, bullet: str | None = None) -> PdfParagraph:
        return PdfParagraph(self.markup(line), self.styles[style], bulletText=bullet)


def render(blocks: Sequence[Block], *, title: str, foot: str, total_pages: int = 0) -> Pdf:
    """Draw the blocks. ``title`` is the file's own title and ``foot`` stands on every page.

    ``total_pages`` is the m of "Page n of m"; 0 counts the pages first. Raises StoreError when something
    does not fit on a page.
    """
    _register_fonts()
    if not total_pages:
        total_pages = render(blocks, title=title, foot=foot, total_pages=1).pages
    out = _Print()
    story = _story(blocks, out) or [Spacer(0, 1)]
    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer, pagesize=LETTER, invariant=1, title=title, author="", creator="carecoord", lang="en-US"
    )
    frame = Frame(MARGIN, MARGIN, _TEXT_WIDTH, LETTER[1] - 2 * MARGIN, 0, 0, 0, 0)
    foot_line = out.shown(foot)
    if out.unprintable:
        story.append(out.paragraph((Span(paper_words(out.unprintable), strong=True),), "text"))

    def draw_foot(canvas: Canvas, _: BaseDocTemplate) -> None:
        _draw_foot(canvas, foot_line, total_pages)

    document.addPageTemplates(PageTemplate(frames=[frame], onPage=draw_foot))
    try:
        document.build(story)
    except LayoutError as error:
        raise StoreError("A table of the template does not fit on a page: give it fewer columns.") from error
    return Pdf(buffer.getvalue(), document.page, out.unprintable)


def _draw_foot(canvas: Canvas, text: str, total: int) -> None:
    canvas.saveState()
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(_GREY)
    canvas.setStrokeColor(_GREY)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, 0.62 * inch, LETTER[0] - MARGIN, 0.62 * inch)
    canvas.drawString(MARGIN, 0.46 * inch, text)
    canvas.drawRightString(LETTER[0] - MARGIN, 0.46 * inch, f"Page {canvas.getPageNumber()} of {total}")
    canvas.restoreState()


# --- blocks to flowables ------------------------------------------------------------------------------


def _story(blocks: Sequence[Block], out: _Print) -> list[Flowable]:
    """Flowables; a heading stays with what follows it."""
    story: list[Flowable] = []
    heading: list[Flowable] = []
    before: Block | None = None
    for block in blocks:
        drawn = _drawn(block, out)
        if isinstance(before, Item) and isinstance(block, Paragraph | Table):
            story.append(Spacer(0, 5))
        before = block
        if isinstance(block, Heading):
            heading.append(drawn)
        elif heading and not isinstance(block, NewPage | Table):
            story.append(KeepTogether([*heading, drawn]))
            heading = []
        else:
            story += [*heading, drawn]  # a long table breaks over pages; its heading style keeps with it
            heading = []
            if isinstance(block, Table):
                story.append(Spacer(0, 6))
    return [*story, *heading]


def _drawn(block: Block, out: _Print) -> Flowable:
    if isinstance(block, Heading):
        return out.paragraph(block.line, f"h{min(block.level, 3)}")
    if isinstance(block, Paragraph):
        return out.paragraph(block.line, "text")
    if isinstance(block, Item):
        return out.paragraph(block.line, f"item{min(block.depth, 2)}", block.mark or None)
    if isinstance(block, Table):
        return _table(block, out)
    if isinstance(block, NewPage):
        return PageBreak()
    assert isinstance(block, Rule)  # noqa: S101 - the last of the union
    return HRFlowable(width="100%", thickness=0.6, color=_GREY, spaceBefore=6, spaceAfter=6)


def _table(block: Table, out: _Print) -> PdfTable:
    rows = [[out.paragraph(cell, "cell") for cell in row] for row in block.rows]
    if block.head:
        rows.insert(0, [out.paragraph(cell, "head") for cell in block.head])
    table = PdfTable(
        rows or [[""]],
        colWidths=_widths(block),
        repeatRows=1 if block.head else 0,
        splitInRow=1,
        hAlign="LEFT",
        spaceAfter=6,
    )
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#bbbbbb")),
        ]
    )
    return table


def _widths(block: Table) -> list[float]:
    """Columns share the page by their longest cell, none so narrow that its words break.

    Only where the longest words of all columns need more than the page is a column cut to its even share.
    """
    every = [*([block.head] if block.head else []), *block.rows]
    count = max((len(row) for row in every), default=1)
    columns = [[plain(row[at]) for row in every if at < len(row)] for at in range(count)]
    wanted = [min(_widest(cells) + _CELL_ROOM, _TEXT_WIDTH) for cells in columns]
    if count <= _NAMES_AND_VALUES:
        return _two_columns([max(width, _TEXT_WIDTH * _LEAST_SHARE) for width in wanted])
    words = [_widest(word for cell in cells for word in cell.split()) + _CELL_ROOM for cells in columns]
    least = [min(width, _TEXT_WIDTH / count) for width in words]
    spare = _TEXT_WIDTH - sum(least)
    more = [max(wants - has, 0.0) + 1.0 for wants, has in zip(wanted, least, strict=True)]
    return [has + spare * wants / sum(more) for has, wants in zip(least, more, strict=True)]


def _widest(texts: Iterable[str]) -> float:
    """Points that the widest of these texts takes in the bold face."""
    return max((pdfmetrics.stringWidth(text, BOLD, 9.5) for text in texts), default=0.0)


def _two_columns(shares: list[float]) -> list[float]:
    """Names take what they need, up to 40 %, so that the values of all tables begin near one line."""
    if len(shares) == 1:
        return [_TEXT_WIDTH]
    first = min(max(shares[0], 0.24 * _TEXT_WIDTH), 0.4 * _TEXT_WIDTH)
    return [first, _TEXT_WIDTH - first]


# --- fonts and styles ---------------------------------------------------------------------------------


@cache
def _register_fonts() -> None:
    folder = resources.files("carecoord_tui.documents") / "fonts"
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, io.BytesIO((folder / f"{name}.ttf").read_bytes())))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def _glyphs() -> frozenset[int]:
    """Code points that both faces can show."""
    _register_fonts()
    faces = [pdfmetrics.getFont(name).face.charToGlyph for name in (REGULAR, BOLD)]
    return frozenset(faces[0]).intersection(faces[1])


def _runs_leftward(char: str) -> bool:
    """Arabic and Hebrew: the glyphs are there, but without shaping they would print in the wrong order."""
    return unicodedata.bidirectional(char) in ("R", "AL", "AN")


def _styles() -> dict[str, ParagraphStyle]:
    text = ParagraphStyle(
        "text", fontName=REGULAR, fontSize=9.5, leading=13, spaceAfter=6, splitLongWords=1, allowOrphans=0
    )
    heads = {
        f"h{level}": ParagraphStyle(
            f"h{level}",
            parent=text,
            fontName=BOLD,
            fontSize=_HEADING_SIZES.get(level, 9.5),
            leading=_HEADING_SIZES.get(level, 9.5) * 1.25,
            spaceBefore=0 if level == 1 else 8,
            spaceAfter=8 if level == 1 else 3,
            keepWithNext=1,
        )
        for level in (1, 2, 3)
    }
    items = {
        f"item{depth}": ParagraphStyle(
            f"item{depth}",
            parent=text,
            leftIndent=14 * (depth + 1),
            bulletIndent=14 * depth + 2,
            bulletFontName=REGULAR,
            bulletFontSize=9.5,
            spaceAfter=2,
        )
        for depth in (0, 1, 2)
    }
    cell = ParagraphStyle("cell", parent=text, spaceAfter=0, leading=12.5)
    head = ParagraphStyle("head", parent=cell, fontName=BOLD)
    return {"text": text, "cell": cell, "head": head, **heads, **items}
