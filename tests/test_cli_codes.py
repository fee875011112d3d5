"""``codes import``."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.icd10 import has_codes, lookup
from tests.cli_running import Run, made, run

__all__ = ["made", "run"]


def test_importing_needs_no_passphrase_and_names_bad_lines(
    run: Run, made: PracticePaths, tmp_path: Path
) -> None:
    source = tmp_path / "icd10cm_codes_2026.txt"
    source.write_text(
        "R079    Chest pain, unspecified\nrubbish \x1b[31m\nI4891   Unspecified atrial fibrillation\n"
    )
    result = run("codes", "import", str(source), passphrase=None)
    assert result.code == 0
    assert result.out == "2 codes are ready to be looked up.\n"
    assert "line 2: the line does not begin with an ICD-10-CM code" in result.err
    assert "rubbish" not in result.err
    assert [one.code for one in lookup(made, "chest")] == ["R07.9"]


def test_counts_as_json(run: Run, made: PracticePaths, tmp_path: Path) -> None:
    source = tmp_path / "codes.tsv"
    source.write_text("code\twords\nR07.9\tChest pain\n" + "bad\n" * 30)
    report = run("codes", "import", str(source), "--json").json
    assert (report["codes"], report["bad"], len(report["bad_lines"])) == (1, 30, 20)
    assert report["bad_lines"][0]["line"] == 3
    assert "and 10 more lines" in run("codes", "import", str(source)).err


def test_refusals(run: Run, made: PracticePaths, tmp_path: Path) -> None:
    run("codes", "import", str(tmp_path / "none.txt")).refused("There is no file")
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    run("codes", "import", str(empty)).refused("No code was found", "icd10cm_codes_YEAR.txt")
    assert not has_codes(made)


def test_without_a_practice_nothing_is_written(run: Run, paths: PracticePaths, tmp_path: Path) -> None:
    source = tmp_path / "codes.txt"
    source.write_text("R079    Chest pain\n")
    run("codes", "import", str(source)).refused("no practice")
    assert not paths.root.exists()
