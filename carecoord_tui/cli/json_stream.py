"""JSON written piece by piece, so that a long list is never held in memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO


class JsonStream:
    """One object on stdout, key after key. ASCII only, as ``write_json``."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._is_first = [True]
        self._out.write("{")

    def key(self, name: str, value: Any) -> None:
        """A key with its value."""
        self._name(name)
        self._out.write(json.dumps(value))

    def keys(self, values: Mapping[str, Any]) -> None:
        """Several."""
        for name, value in values.items():
            self.key(name, value)

    def open_list(self, name: str) -> None:
        """A key whose value is a list; items follow until ``close``."""
        self._name(name)
        self._open("[")

    def item(self, value: Any) -> None:
        """An item of the list that is open."""
        self._comma()
        self._out.write(json.dumps(value))

    def items(self, values: Iterable[Any]) -> None:
        """Several."""
        for value in values:
            self.item(value)

    def open_item(self) -> None:
        """An item that is an object; keys follow until ``close``."""
        self._comma()
        self._open("{")

    def close(self, bracket: str) -> None:
        """End what is open, with ``]`` or ``}``; after the outermost a line end."""
        self._is_first.pop()
        self._out.write(f"\n{'  ' * (len(self._is_first) - 1)}{bracket}" if self._is_first else "\n}\n")

    def _open(self, bracket: str) -> None:
        self._out.write(bracket)
        self._is_first.append(True)

    def _name(self, name: str) -> None:
        self._comma()
        self._out.write(f"{json.dumps(name)}: ")

    def _comma(self) -> None:
        self._out.write(("" if self._is_first[-1] else ",") + "\n" + "  " * len(self._is_first))
        self._is_first[-1] = False
