"""Segments and envelopes: what senders do to files, and a sentence with a place for what cannot be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.x12.claims import read_claims
from carecoord_tui.exchange.x12.eligibility import read_eligibility
from carecoord_tui.exchange.x12.segments import Segment, SegmentReader
from tests.exchange.x12.make import ISA, eligibility, interchange, remittance, write

COPAY = "EB*B*IND*98^50*HM*GOLD*27*25.00*****Y"


def segments(folder: Path, content: str | bytes) -> list[Segment]:
    return list(SegmentReader(write(folder, content)))


def refusal(folder: Path, content: str | bytes) -> str:
    """The sentence; the file is read to where it breaks."""
    with pytest.raises(AnswerFileError) as caught:
        list(read_eligibility(write(folder, content)))
    message = str(caught.value)
    assert message.startswith("payer.x12")
    assert message.isprintable()
    assert "ALVAREZ" not in message
    return message


# --- what is read although it is unusual ---------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        eligibility(COPAY),
        eligibility(COPAY, between="\n"),
        eligibility(COPAY, between="\r\n   "),
        eligibility(COPAY, terminator="\n"),
        eligibility(COPAY, terminator="\r\n"),
        eligibility(COPAY, terminator="\x1c"),
        eligibility(COPAY, terminator="'", component=">"),
        "\ufeff" + eligibility(COPAY),
        "\n  " + eligibility(COPAY),
        eligibility(COPAY) + "\r\n\x1a",
        eligibility(COPAY).rstrip("~"),
        eligibility(COPAY).replace("*", "|"),
        eligibility(COPAY).replace("          ", "").replace("SENDER         ", "SENDER"),
        eligibility(COPAY).replace("GOLD*27", "GO\nLD*27"),
        eligibility(COPAY).replace("~", "~~"),
    ],
    ids=[
        *("plain", "newlines", "indented", "newline ends", "crlf ends", "control ends", "quote ends", "bom"),
        *("blank start", "padding", "last end missing", "pipes", "unpadded ISA", "wrapped", "doubled ends"),
    ],
)
def test_the_same_answer_however_it_is_written(tmp_path: Path, content: str) -> None:
    (member,) = read_eligibility(write(tmp_path, content)).answers()
    (line,) = member.lines
    assert (member.person.name, member.person.id) == ("ROSA M ALVAREZ", "ACM123")
    assert (str(line.amount), line.plan, line.service_types) == ("25.00", "GOLD", ("98", "50"))
    assert (line.where.id, line.where.segment) == ("EB", 15)


def test_numbers_and_positions_are_those_of_the_file(tmp_path: Path) -> None:
    content = "\ufeff" + eligibility(COPAY, between="\r\n  ")
    raw = content.encode()
    found = segments(tmp_path, content)
    assert [segment.number for segment in found] == list(range(1, len(found) + 1))
    for segment in found:
        assert raw[segment.position :].startswith(segment.id.encode() + b"*")


def test_positions_hold_across_chunks(tmp_path: Path) -> None:
    content = remittance(*(f"CLP*{number}*1*10.00*10.00**12*P" for number in range(12_000)))
    assert len(content) > 3 * 64 * 1024
    for segment in segments(tmp_path, content):
        assert content[segment.position :].startswith(f"{segment.id}*")


def test_each_interchange_has_its_own_separators(tmp_path: Path) -> None:
    first = eligibility(COPAY)
    second = eligibility("EB*C*FAM*30*HM*GOLD*29*900*****N", terminator="\n").replace("*", "|")
    reader = read_eligibility(write(tmp_path, first + second))
    assert [str(member.lines[0].amount) for member in reader.answers()] == ["25.00", "900"]
    assert len(reader.facts.controls) == 2


def test_no_repetition_separator_in_the_old_version(tmp_path: Path) -> None:
    content = eligibility("EB*B**98", version="00401", repetition="U")
    (member,) = read_eligibility(write(tmp_path, content)).answers()
    assert member.lines[0].service_types == ("98",)
    content = eligibility("EB*B**98^50", version="00401", repetition="U")
    (member,) = read_eligibility(write(tmp_path, content)).answers()
    assert member.lines[0].service_types == ("98^50",)
    assert "no code" in str(member.problems[0])


def test_names_with_accents_in_either_encoding(tmp_path: Path) -> None:
    for codec in ("utf-8", "cp1252"):
        content = eligibility(COPAY).replace("ALVAREZ", "ÁLVAREZ").encode(codec)
        reader = read_eligibility(write(tmp_path, content))
        (member,) = reader.answers()
        assert member.person.last == "ÁLVAREZ"
        assert reader.facts.encoding == codec


def test_control_characters_do_not_reach_the_record(tmp_path: Path) -> None:
    content = eligibility(COPAY).replace("ALVAREZ", "ALV\x1b[31mAREZ\u202e")
    (member,) = read_eligibility(write(tmp_path, content)).answers()
    assert member.person.last == "ALV[31mAREZ"


def test_counts_that_disagree_are_said_and_read_on(tmp_path: Path) -> None:
    content = eligibility(COPAY).replace("SE*14*0001", "SE*20*0002").replace("GE*1*1", "GE*2*9")
    content = content.replace("IEA*1*000000001", "IEA*3*000000009")
    reader = read_eligibility(write(tmp_path, content))
    assert len(list(reader.answers())) == 1
    said = [str(problem) for problem in reader.facts.problems]
    assert len(said) == 6
    assert said[0] == "segment 16 (SE): it says 20 segments, 14 are there; some may be missing."


@pytest.mark.parametrize("stated", ["\u00b2", "9" * 5_000, "-14", "1.4", ""])
def test_a_count_that_is_no_number_is_said_and_not_repeated(tmp_path: Path, stated: str) -> None:
    reader = read_eligibility(write(tmp_path, eligibility(COPAY).replace("SE*14*", f"SE*{stated}*")))
    assert len(list(reader.answers())) == 1
    (said,) = reader.facts.problems
    assert str(said) == ("segment 16 (SE): it says no number of segments, 14 are there; some may be missing.")


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ("empty",)),
        ("   \n", ("empty",)),
        (b"\0\0\0", ("empty",)),
        ("<?xml version='1.0'?><a/>", ("XML",)),
        ('{"resourceType": "Bundle"}', ("JSON",)),
        (b"PK\x03\x04rest", ("workbook",)),
        (b"%PDF-1.7", ("PDF",)),
        ("MSH|^~\\&|A|B", ("HL7 v2",)),
        ("UNB+UNOA:1", ("EDIFACT",)),
        (eligibility(COPAY).encode("utf-16"), ("UTF-16",)),
        ("Name,DOB\nRosa,1955", ("not X12",)),
        (
            eligibility(COPAY)[len(ISA.format(repetition="^", version="00501", component=":")) + 1 :],
            ("no ISA",),
        ),
        ("ISA*00*", ("ISA", "16 elements")),
        ("ISA", ("not X12",)),
    ],
)
def test_another_kind_of_file(tmp_path: Path, content: str | bytes, words: tuple[str, ...]) -> None:
    message = refusal(tmp_path, content)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("component", "terminator", "repetition", "words"),
    [
        ("*", "~", "^", "two separators"),
        (":", ":", "^", "two separators"),
        (":", "*", "^", "two separators"),
        (":", "~", ":", "two separators"),
        ("A", "~", "^", "a letter, digit or blank"),
        (":", "7", "^", "a letter, digit or blank"),
        (":", " ", "^", "a letter, digit or blank"),
        (":", "é", "^", "no plain ASCII"),
    ],
)
def test_separators_that_clash(
    tmp_path: Path, component: str, terminator: str, repetition: str, words: str
) -> None:
    content = eligibility(COPAY, component=component, terminator=terminator, repetition=repetition)
    message = refusal(tmp_path, content)
    assert words in message
    assert "segment 1 (ISA) at byte 0" in message


@pytest.mark.parametrize("kind", ["270", "276", "278", "834", "835", "837", "997", "999", "XYZ", ""])
def test_the_wrong_kind_of_x12_names_segment_and_position(tmp_path: Path, kind: str) -> None:
    content = interchange(kind, "BHT*0022*11")
    message = refusal(tmp_path, content)
    assert f"segment 3 (ST) at byte {content.index('ST*')}" in message
    assert kind in message
    if kind == "835":
        assert "carecoord import denials" in message


def test_every_way_of_cutting_a_file_is_refused(tmp_path: Path) -> None:
    content = eligibility(COPAY)
    whole = len(content) - 1  # without its last terminator it is complete
    for end in range(3, whole):
        refusal(tmp_path, content[:end])
    assert "ends here without its SE" in refusal(tmp_path, content[: content.index("SE*")])
    assert "segment 15 (EB)" in refusal(tmp_path, content[: content.index("*HM*")])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("GS*", "XX*", "segment 2 (XX)"),
        ("SE*14*0001~", "", "segment 16 (GE)"),
        ("SE*14*0001~", "SE*14*0001~EB*1~", "outside any transaction"),
        ("SE*14*0001~", "ST*271*2~SE*2*2~", "segment 16 (ST)"),
        ("GE*1*1~", "", "segment 17 (IEA)"),
        ("ST*271", "SE*1*1~ST*271", "segment 3 (SE)"),
        ("EB*B", "ISA*B", "segment 15 (ISA)"),
        ("EB*B", "<tag>*B", "not the name of a segment"),
        ("IEA*1*000000001~", "IEA*1*000000001~hello", "after the end"),
        ("IEA*1*000000001~", "", "without its IEA"),
    ],
)
def test_broken_order_is_refused_with_its_segment(tmp_path: Path, old: str, new: str, words: str) -> None:
    content = eligibility(COPAY)
    assert content.count(old) == 1
    assert words in refusal(tmp_path, content.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"), [("EB*B", "MSG*CALL~HIV positive*EB*B"), ("ST*271", "ST*HIV positive")]
)
def test_a_refusal_quotes_nothing_about_a_person(tmp_path: Path, old: str, new: str) -> None:
    """It may be logged."""
    message = refusal(tmp_path, eligibility(COPAY).replace(old, new))
    assert "HIV" not in message and "positive" not in message
    assert re.search(r"segment \d+ \((\?|ST)\) at byte \d+: ", message)


def test_a_group_without_transaction_is_refused(tmp_path: Path) -> None:
    content = interchange("271")
    start, end = content.index("ST*"), content.index("GE*")
    assert "holds no 271" in refusal(tmp_path, content[:start] + content[end:])


def test_a_segment_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    content = eligibility("MSG*" + "x" * 5_000_000)
    assert "no segment ends within" in refusal(tmp_path, content)


def test_progress_reaches_the_size_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, remittance(*(f"CLP*{number}*1*1*1" for number in range(20_000))))
    seen: list[tuple[int, int]] = []
    list(read_claims(path, lambda done, total: seen.append((done, total))))
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
