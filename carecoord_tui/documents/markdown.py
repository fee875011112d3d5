"""Markdown as a short list of blocks, the one source of the PDF and of the plain text.

Headings, paragraphs, lists, tables, rules, and a page break (a paragraph that is ``\\newpage``). No HTML, no
code, no links: their signs are text, so that a template shows what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

NEW_PAGE = "\\newpage"
_OFF = ["code", "fence", "backticks", "html_block", "html_inline", "link", "image", "autolink", "reference"]


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one look; a line break is ``\\n``."""

    text: str
    strong: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` 1 to 6."""

    level: int
    line: Line


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Wrapped text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: ``mark`` is its bullet or number, ``depth`` 0 for the outermost list."""

    line: Line
    mark: str
    depth: int


@dataclass(frozen=True, slots=True)
class Table:
    """``head`` is empty when every title is: a table of names and values."""

    head: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = Heading | Paragraph | Item | Table | Rule | NewPage


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text."""
    from markdown_it.tree import SyntaxTreeNode

    return tuple(_blocks(SyntaxTreeNode(_parser().parse(text)), 0))


def plain(line: Line) -> str:
    """A line without its looks."""
    return "".join(span.text for span in line)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(_OFF)


def _blocks(node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
    for child in node.children:
        if child.type == "heading":
            yield Heading(int(child.tag[1:]), _inline(child))
        elif child.type == "paragraph":
            is_break = bool(child.children) and child.children[0].content.strip() == NEW_PAGE
            yield NewPage() if is_break else Paragraph(_inline(child))
        elif child.type in ("bullet_list", "ordered_list"):
            yield from _items(child, depth)
        elif child.type == "table":
            yield _table(child)
        elif child.type == "hr":
            yield Rule()
        else:  # a quotation, and whatever else holds blocks
            yield from _blocks(child, depth)


def _items(node: SyntaxTreeNode, depth: int) -> Iterator[Block]:
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    for child in node.children:
        mark = f"{number}." if number else "•"
        for block in _blocks(child, depth + 1):
            # The first paragraph carries the mark; further ones and lists inside stand below it.
            yield Item(block.line, mark, depth) if isinstance(block, Paragraph) else block
            mark = "" if isinstance(block, Paragraph) else mark
        number += bool(number)


def _table(node: SyntaxTreeNode) -> Table:
    rows = [tuple(_inline(cell) for cell in row.children) for part in node.children for row in part.children]
    head, *body = rows
    has_titles = any(plain(cell).strip() for cell in head)
    return Table(head if has_titles else (), tuple(body))


def _inline(node: SyntaxTreeNode) -> Line:
    return tuple(span for child in node.children for span in _spans(child, strong=False))


def _spans(node: SyntaxTreeNode, *, strong: bool) -> Iterator[Span]:
    if node.type == "text":
        yield Span(node.content, strong)
    elif node.type == "softbreak":
        yield Span(" ", strong)
    elif node.type == "hardbreak":
        yield Span("\n", strong)
    else:
        strong = strong or node.type in ("strong", "em")  # one bold face stands for both
        for child in node.children:
            yield from _spans(child, strong=strong)
