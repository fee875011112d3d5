"""No test of papers reads the own templates of this computer's user."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An empty folder for own templates."""
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder
