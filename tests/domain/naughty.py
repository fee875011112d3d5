"""The big list of naughty strings, from the sample data folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


def naughty_strings() -> list[str]:
    """All of them, or a skipped test where the sample data is not on the machine."""
    folder = os.environ.get("CARECOORD_SAMPLE_DATA")
    if not folder:
        pytest.skip("set CARECOORD_SAMPLE_DATA to the sample data folder to run this test")
    strings: list[str] = json.loads((Path(folder) / "strings" / "blns.json").read_text(encoding="utf-8"))
    return strings
