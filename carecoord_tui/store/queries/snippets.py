"""The practice's snippets."""

from __future__ import annotations

from carecoord_tui.domain.snippets import SnippetText, together
from carecoord_tui.store.queries.today import Execute


def read_snippets(execute: Execute) -> dict[str, SnippetText]:
    """Every snippet by its word: the practice's own, and those of the program they do not replace."""
    rows = execute("SELECT word, title, text, is_template, id, version FROM snippet ORDER BY word", ())
    return together({r[0]: SnippetText(r[0], r[1], r[2], bool(r[3]), int(r[4]), int(r[5])) for r in rows})
