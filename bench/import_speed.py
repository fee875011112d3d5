"""How long an import takes against ``executemany``: ``python bench/import_speed.py 100000 [--rich]``.

The yardstick writes the very rows the import wrote into ``patient``, in one transaction, to an encrypted file
whose table has no index and no trigger. The import reads and checks the file, looks for duplicates, writes
the audit, the search and the ledger. Both are taken in one run. The ratio is of processor time, so that other
work on the machine counts for neither; the time on the clock, where two threads overlap, stands beside it.
The target is a ratio of at most 20.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlcipher3 import dbapi2

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import audit, dialect, keyfile, ledger
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.practice import Practice, open_practice

ZONE = ZoneInfo("America/New_York")
HEADER = (
    "MRN", "Last name", "First name", "DOB", "Sex", "Phone", "Address", "City", "State", "Zip",
    "Language", "Risk",
)  # fmt: skip
TARGET = 20
SYLLABLES = (
    "an", "ar", "bel", "ber", "car", "da", "del", "do", "el", "en", "fa", "gar", "gon", "ha", "in", "jo",
    "ka", "la", "le", "lo", "ma", "mar", "mi", "mo", "na", "no", "o", "per", "qui", "ra", "ro", "sa", "son",
    "ta", "ti", "to", "va", "vi", "za",
)  # fmt: skip


def write_list(path: Path, people: int, *, rich: bool) -> None:
    """A synthetic patient list; ``rich`` adds insurance, a next step for a third, and notes for a fifth."""
    chance = random.Random(2026)
    names = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title() for _ in range(9000)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*HEADER, *(("Payer", "Member ID", "Next step", "Due", "Notes") if rich else ())])
        for number in range(people):
            born = date(1930, 1, 1) + timedelta(chance.randrange(29_000))
            row = [
                f"M{number:07}", chance.choice(names), chance.choice(names), born.isoformat(),
                chance.choice("FM"),
                f"({chance.randrange(201, 990)}) {chance.randrange(200, 999)}-{chance.randrange(10_000):04}",
                f"{chance.randrange(1, 2000)} {chance.choice(names)} Street", chance.choice(names), "MA",
                f"{chance.randrange(1001, 2800):05}", chance.choice(("English", "Spanish", "")),
                chance.choice(("high", "rising", "low", "low", "")),
            ]  # fmt: skip
            if rich:
                due = (date(2026, 11, 1) + timedelta(chance.randrange(90))).isoformat()
                step = chance.random() < 0.33
                row += [
                    chance.choice(("Medicare", "Medicaid", "Cedar Health", "Blue Harbor")), f"ID{number:09}",
                    "Call about labs" if step else "", due if step else "",
                    "Prefers the afternoon." if chance.random() < 0.2 else "",
                ]  # fmt: skip
            writer.writerow(row)


def new_practice(folder: Path) -> Practice:
    paths, clock = PracticePaths(folder), RunningClock(parse_now("2026-11-30T08:00", ZONE))
    create_practice(paths, "bench passphrase", NewPractice(user_name="Bench", timezone=ZONE.key), clock)
    return open_practice(paths, keyfile.unlock(paths.keyfile, "bench passphrase"), clock)


class Taken(NamedTuple):
    """Seconds of processor time, and on the clock."""

    processor: float
    clock: float

    @classmethod
    def now(cls) -> Taken:
        return cls(time.process_time(), time.perf_counter())

    def __sub__(self, start: Taken) -> Taken:
        return Taken(self.processor - start.processor, self.clock - start.clock)

    def line(self, name: str, yardstick: Taken, remark: str = "") -> str:
        ratio = self.processor / yardstick.processor
        return f"{name:13}{self.processor:7.2f} s {ratio:5.1f}x   {self.clock:7.2f} s on the clock   {remark}"


def plain_insert(practice: Practice, path: Path) -> Taken:
    """The same patient rows through ``executemany`` into an encrypted file without indexes."""
    columns = [row[1] for row in practice.execute("PRAGMA table_info(patient)")]
    [(table,)] = practice.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'patient'")
    people = practice.execute(f"SELECT {', '.join(columns)} FROM patient ORDER BY id")  # noqa: S608
    path.unlink(missing_ok=True)
    connection = dbapi2.connect(str(path), isolation_level=None)
    try:
        dialect.configure(connection, os.urandom(32))
        connection.execute(re.sub(r",\s*UNIQUE \(mrn\)", "", table))
        assert not connection.execute("SELECT * FROM sqlite_master WHERE type = 'index'").fetchall()
        marks = ", ".join("?" * len(columns))
        start = Taken.now()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO patient VALUES ({marks})", people)  # noqa: S608
        connection.execute("COMMIT")
        return Taken.now() - start
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int, nargs="?", default=100_000)
    parser.add_argument("--rich", action="store_true", help="insurance, next steps and notes as well")
    parser.add_argument("--check", action="store_true", help="verify audit and ledger afterwards")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, other = Path(folder, "list.csv"), Path(folder, "plain.db")
        write_list(source, options.people, rich=options.rich)
        practice = new_practice(Path(folder, "practice"))
        start = Taken.now()
        report = import_patients(practice, source)
        first = Taken.now() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert report.counts.created == options.people, report.to_json()
        yardstick = min(plain_insert(practice, other) for _ in range(2))
        start = Taken.now()
        again = import_patients(practice, source)
        second = Taken.now() - start
        assert again.counts.unchanged == options.people, again.to_json()
        print(yardstick.line("executemany", yardstick))
        print(first.line("import", yardstick, f"{memory:.0f} MB at most"))
        print(second.line("import again", yardstick, "nothing changed"))
        if options.check:
            with practice.read() as connection:
                assert ledger.differences(connection, practice.context).is_equal
                assert audit.verify(connection, practice.audit_key()).broken_at is None
            print("audit whole, ledger equal to a rebuild")
        practice.close()
    return 0 if first.processor <= TARGET * yardstick.processor else 1


if __name__ == "__main__":
    sys.exit(main())
