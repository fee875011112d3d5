"""Write ``docs/reference.md`` from the program: ``python docs/make_reference.py``."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.cli.reference import reference

if __name__ == "__main__":
    Path(__file__).with_name("reference.md").write_text(reference(), encoding="utf-8")
