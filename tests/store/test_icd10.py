"""The public code file: read, reported line by line, looked up by words, replaced whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from carecoord_tui.domain.icd10 import MAX_CODES, Diagnosis, MalformedLine, parse_codes, read_line, split_last
from carecoord_tui.domain.identifiers import IdentifierError
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.errors import DamagedFile, StoreError
from carecoord_tui.store.icd10 import code_file, describe, has_codes, import_codes, lookup

CMS = """\
A000    Cholera due to Vibrio cholerae 01, biovar cholerae
E119    Type 2 diabetes mellitus without complications
I480    Paroxysmal atrial fibrillation
I4891   Unspecified atrial fibrillation
H8101   Ménière's disease, right ear
S72001A Fracture of unspecified part of neck of right femur, initial encounter
"""


@pytest.fixture
def codes(paths: PracticePaths, tmp_path: Path) -> PracticePaths:
    source = tmp_path / "icd10cm_codes_2026.txt"
    source.write_text(CMS, encoding="utf-8")
    paths.root.mkdir()
    assert import_codes(paths, source).codes == 6
    return paths


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("i4891, R07.9", ("I48.91", "R07.9")),
        ("E11.9 E11.9;  z3a.20 ,", ("E11.9", "Z3A.20")),
        ("", ()),
        (" , ", ()),
    ],
)
def test_codes_typed_in_a_row(typed: str, codes: tuple[str, ...]) -> None:
    assert parse_codes(typed) == codes


def test_the_code_that_is_wrong_is_named_by_its_place() -> None:
    with pytest.raises(IdentifierError, match="Code 2"):
        parse_codes("E11.9, diabetes")
    many = " ".join(f"A{number:02}" for number in range(MAX_CODES + 1))
    with pytest.raises(IdentifierError, match="12 codes"):
        parse_codes(many)


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("atrial fib", ("", "atrial fib")),
        ("E11.9, atrial fib", ("E11.9,", "atrial fib")),
        ("E11.9 atrial fib", ("E11.9,", "atrial fib")),
        ("E11.9, ", ("E11.9,", "")),
    ],
)
def test_the_words_after_the_codes(typed: str, parts: tuple[str, str]) -> None:
    assert split_last(typed) == parts


@pytest.mark.parametrize(
    ("line", "diagnosis"),
    [
        ("A000    Cholera, biovar cholerae\r\n", Diagnosis("A00.0", "Cholera, biovar cholerae")),
        ('E11.9,"Type 2 diabetes, plain"\n', Diagnosis("E11.9", "Type 2 diabetes, plain")),
        ('"E119","Type 2"', Diagnosis("E11.9", "Type 2")),
        ("E11.9\tType 2\t2026", Diagnosis("E11.9", "Type 2")),
        ("Code,Description", None),
        ("  \n", None),
        ("A000    Chol\x1b[31mera", Diagnosis("A00.0", "Chol[31mera")),
    ],
)
def test_a_line_of_a_code_file(line: str, diagnosis: Diagnosis | None) -> None:
    assert read_line(line) == diagnosis


@pytest.mark.parametrize("line", ["diabetes", "00001 A00 0 Cholera", "A000", "A000,", "=cmd(),x1"])
def test_a_line_that_is_none(line: str) -> None:
    with pytest.raises(MalformedLine):
        read_line(line)


def test_looking_up_by_words_half_words_and_codes(codes: PracticePaths) -> None:
    assert lookup(codes, "atrial fib") == [
        Diagnosis("I48.0", "Paroxysmal atrial fibrillation"),
        Diagnosis("I48.91", "Unspecified atrial fibrillation"),
    ]
    assert [one.code for one in lookup(codes, "MENIERE")] == ["H81.01"]
    assert [one.code for one in lookup(codes, "femur frac neck")] == ["S72.001A"]
    assert [one.code for one in lookup(codes, "i48.")] == ["I48.0", "I48.91"]
    assert len(lookup(codes, "i48", limit=1)) == 1
    for words in ("", "  ", '"', "NEAR(", "diabetes AND", "a" * 5000, "'; DROP TABLE icd10cm"):
        assert all(one.code == "E11.9" for one in lookup(codes, words) if "diab" in words)
    assert describe(codes, ["I48.91", "X99"]) == {"I48.91": "Unspecified atrial fibrillation"}


def test_without_a_file_nothing_is_found_and_nothing_is_made(paths: PracticePaths) -> None:
    assert not has_codes(paths)
    assert lookup(paths, "fever") == []
    assert describe(paths, ["E11.9"]) == {}
    assert not paths.root.exists()


def test_malformed_lines_are_told_and_the_rest_is_kept(paths: PracticePaths, tmp_path: Path) -> None:
    source = tmp_path / "codes.csv"
    source.write_bytes(
        b"\xef\xbb\xbfcode,words\nE11.9,Type 2\nnonsense\nE11.9,again\nH81.01,M\xe9ni\xe8re\n"
        + b"A00,"
        + b"x" * 3000
        + b"\nB01,a\x00b\n"
    )
    paths.root.mkdir()
    report = import_codes(paths, source)
    assert report.codes == 2
    assert [line.number for line in report.bad_lines] == [3, 4, 6, 7]
    assert report.bad_count == 4
    assert "twice" in report.bad_lines[1].why
    assert lookup(paths, "meniere") == [Diagnosis("H81.01", "Ménière")]


def test_the_file_is_private_and_replaced_whole_or_not_at_all(codes: PracticePaths, tmp_path: Path) -> None:
    file = code_file(codes)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    before = file.read_bytes()
    empty = tmp_path / "empty.txt"
    empty.write_text("not a code list\n")
    with pytest.raises(StoreError, match=r"No code was found .* Line 1"):
        import_codes(codes, empty)
    with pytest.raises(StoreError, match="cannot be read"):
        import_codes(codes, tmp_path / "missing.txt")
    assert file.read_bytes() == before
    one = tmp_path / "one.txt"
    one.write_text("R079    Chest pain, unspecified\n")
    import_codes(codes, one)
    assert lookup(codes, "fibrillation") == []
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_a_damaged_file_says_how_to_make_it_anew(codes: PracticePaths) -> None:
    code_file(codes).write_bytes(b"no database at all" * 100)
    with pytest.raises(DamagedFile, match="carecoord codes import"):
        lookup(codes, "fibrillation")
