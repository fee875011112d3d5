"""A 10 MB remittance: memory follows what is denied, never the size of the file. Counted, not timed."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.exchange.answer_report import AnswerKind, Fate
from carecoord_tui.exchange.import_answers import AnswerImport
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Coverage, Denial, ImportRecord, Patient, Payer
from tests.exchange.x12.make import ISA

pytestmark = pytest.mark.slow

MB = 1_000_000
PEOPLE = 500
MOST_MB = 150
"""What the import of a large file may add to an idle program."""


@pytest.fixture(autouse=True)
def people(practice: Practice) -> None:
    with practice.change("people") as session:
        session.add(Payer(name="Acme Health"))
        found = [
            Patient(family_name=f"Family{number}", given_name="Given", birth_date=date(1960, 1, 1))
            for number in range(PEOPLE)
        ]
        session.add_all(found)
        session.flush()
        session.add_all(
            Coverage(patient_id=person.id, payer_id=1, member_id=f"MEM{number}")
            for number, person in enumerate(found)
        )


def claim(number: int, *, is_denied: bool) -> Iterator[str]:
    """One claim as in the published sample: eight segments."""
    who = number % PEOPLE
    status, paid = ("4", "0") if is_denied else ("1", "56.52")
    yield f"CLP*OUR{number}*{status}*56.70*{paid}*0*MC*PAYER{number:09d}*53"
    yield f"NM1*QC*1*FAMILY{who}*GIVEN****MI*MEM{who}"
    yield "NM1*82*2*AN AGENCY*****FI*346608640"
    yield "REF*F8*A76B04054"
    yield f"SVC*HC:H0005:HF:H9*56.70*{paid}**6"
    yield "DTM*472*20040205"
    yield "CAS*CO*29*56.70*0" if is_denied else "CAS*CO*42*0.18*0"
    yield f"REF*6R*OUR{number}"


def remittance(path: Path, size: int, *, denied_of: int) -> int:
    """Write an 835 of at least ``size`` bytes, every ``denied_of``-th claim denied; returns the denials."""
    head = [
        ISA.format(repetition="^", version="00501", component=":"),
        "GS*HP*S*R*20261101*1200*1*X*005010X221A1",
        "ST*835*0001",
        "BPR*I*100.00*C*CHK************20261101",
        "TRN*1*CHECK1*1",
        "N1*PR*ACME HEALTH",
        "N1*PE*OUR PRACTICE",
        "LX*1",
    ]
    segments = len(head) - 2
    number = denials = 0
    with path.open("w", encoding="ascii", newline="") as out:
        out.write("".join(f"{line}~\n" for line in head))
        while out.tell() < size:
            is_denied = number % denied_of == 0
            lines = list(claim(number, is_denied=is_denied))
            out.write("".join(f"{line}~\n" for line in lines))
            number, segments, denials = number + 1, segments + len(lines), denials + is_denied
        out.write(f"SE*{segments + 1}*0001~\nGE*1*1~\nIEA*1*000000001~\n")
    return denials


@contextmanager
def peak_of() -> Iterator[Callable[[], int]]:
    """Bytes that Python held at most since the start."""
    gc.collect()
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_reading_holds_what_is_denied_and_not_the_file(practice: Practice, tmp_path: Path) -> None:
    peaks = []
    for size in (MB, 5 * MB):
        path = tmp_path / f"{size}.835"
        assert remittance(path, size, denied_of=size) == 1  # the first claim alone
        with peak_of() as peak:
            report = AnswerImport(practice, path, AnswerKind.DENIALS).compare()
            peaks.append(peak())
        assert report.count(Fate.NEW) == 1
        assert not report.problems
    assert peaks[1] < peaks[0] + MB // 2


def test_ten_megabytes_are_read_and_written_within_bounds(practice: Practice, tmp_path: Path) -> None:
    path = tmp_path / "large.835"
    denials = remittance(path, 10 * MB, denied_of=4)
    told: list[tuple[str, int, int]] = []
    alive: list[int] = []

    def progress(phase: str, done: int, total: int) -> None:
        told.append((phase, done, total))
        if phase == "Saving" and done % 2_000 == 0:
            alive.append(sum(isinstance(one, Denial | ImportRecord) for one in gc.get_objects()))

    with peak_of() as peak:
        found = AnswerImport(practice, path, AnswerKind.DENIALS, progress=progress)
        assert found.compare(progress=progress).count(Fate.NEW) == denials
        looked_at = peak()
    assert looked_at < MOST_MB * MB // 2

    with pytest.raises(ImportCancelled):
        found.write(
            progress=progress, cancelled=lambda: told[-1][1] > denials // 2 and told[-1][0] == "Saving"
        )
    assert practice.execute("SELECT count(*) FROM denial") == [(0,)]
    assert practice.execute("SELECT count(*) FROM import_record") == [(0,)]

    with peak_of() as peak:
        assert found.write(progress=progress).count(Fate.NEW) == denials
        assert looked_at + peak() < MOST_MB * MB
    assert practice.execute("SELECT count(*) FROM denial") == [(denials,)]
    assert max(alive) < 500  # rows are let go as soon as they are written
    phases = dict.fromkeys(phase for phase, *_ in told)
    assert list(phases) == ["Reading rows", "Comparing with the practice", "Saving"]
    steps = [done for phase, done, total in told if phase == "Reading rows" and total]
    assert steps == sorted(steps)
    assert len(steps) > 100
