"""Values out of FHIR JSON that nobody promised to be well formed: the wrong type reads as nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from carecoord_tui.domain.folding import clean_text

Node: TypeAlias = dict[str, Any]

_TEXT_LIMIT = 400


def node(value: Any) -> Node:
    """An object; an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def nodes(value: Any) -> list[Node]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any, limit: int = _TEXT_LIMIT) -> str:
    """Text made safe to store and show; empty where it is none."""
    return clean_text(value, limit) if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [found for one in value if (found := text(one))] if isinstance(value, list) else []


def codes(concept: Any) -> list[str]:
    """The codes of a CodeableConcept."""
    return [code for coding in nodes(node(concept).get("coding")) if (code := text(coding.get("code"), 80))]


def extensions(value: Node, name: str) -> Iterator[Node]:
    """The extensions whose URL ends in ``name``; nested ones have the bare name."""
    for one in nodes(value.get("extension")):
        url = one.get("url")
        if isinstance(url, str) and url.rsplit("/", 1)[-1] == name:
            yield one
