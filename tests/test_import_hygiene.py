"""What the first frame imports: nothing of the database, so that it stands before SQLModel is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST = ("app", "screens.unlock", "screens.today", "screens.patients", "screens.jump", "screens.patient_page")
HEAVY = ("sqlmodel", "sqlalchemy", "alembic", "openpyxl")


@pytest.mark.parametrize("name", FIRST)
def test_the_first_screens_import_nothing_heavy(name: str) -> None:
    code = (
        f"import sys, carecoord_tui.{name};"
        f"heavy = set({HEAVY!r}) & set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
