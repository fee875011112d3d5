"""Keeping snippets: one function, one undoable change."""

from __future__ import annotations

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.snippets import TEXT_LIMIT, SnippetError, SnippetText, checked
from carecoord_tui.store.actions.base import Refused, as_shown
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Snippet


def put_snippet(
    practice: Practice, *, word: str, title: str, text: str, is_template: bool, was: SnippetText | None = None
) -> int:
    """Keep a snippet, new or in place of ``was``; returns its number.

    Raises Refused for a word or text that cannot be kept and for a word that is taken, Conflict when
    another window changed it meanwhile.
    """
    try:
        word, title, text = checked(word, title, clean_text(text, TEXT_LIMIT + 1, multiline=True))
    except SnippetError as error:
        raise Refused(str(error)) from error
    number = was.id if was is not None else None
    with practice.change("snippet kept") as session:
        other = session.exec(select(Snippet).where(col(Snippet.word) == word)).first()
        if other is not None and other.id != number:
            raise Refused(f";{word} is taken: change that snippet, or take another word.")
        if was is not None and number is not None:
            record = as_shown(session, Snippet, number, was.version)
        else:
            record = Snippet(word=word, text=text)
        record.word, record.title, record.text, record.is_template = word, title, text, is_template
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def remove_snippet(practice: Practice, snippet: SnippetText) -> None:
    """Take a snippet of the practice out; undo brings it back. Raises Refused for one of the program."""
    if snippet.id is None:
        raise Refused("This one comes with the program: write your own under the same word to replace it.")
    with practice.change("snippet removed") as session:
        session.delete(as_shown(session, Snippet, snippet.id, snippet.version))
