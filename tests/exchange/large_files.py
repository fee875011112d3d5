"""Lists of 20,000 rows made for the tests: people, and what is recorded of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

ROWS = 20_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DAY = date(2026, 11, 2)


def _name(number: int) -> str:
    """A name of letters alone, another for each number."""
    found = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        found = _LETTERS[rest] + found
    return found.capitalize()


def _who(number: int) -> str:
    born = date(1930, 1, 1) + timedelta(days=number % 30_000)
    return f"M{number:06d},Fam{_name(number)},Given{_name(number * 7)},{born.isoformat()}"


def _patients(number: int) -> str:
    phone = f"(555) {200 + number // 10_000:03d}-{number % 10_000:04d}"
    return f"{_who(number)},{phone},Aetna,W{number:08d},Call about the lab,2026-12-{number % 28 + 1:02d}"


def _referrals(number: int) -> str:
    ordered = _DAY + timedelta(days=number % 20)
    return f"{_who(number)},Cardiology,Dr Fam{_name(number % 50)},{ordered.isoformat()},Sent"


def _follow_ups(number: int) -> str:
    who = _who(number).rpartition(",")[0]  # with a birth date it would be taken for a list of people
    return f"{who},Fax the form,2026-12-{number % 28 + 1:02d},Open,"


def _appointments(number: int) -> str:
    at = f"{8 + number % 9:02d}:{number % 60:02d}"
    return f"{_who(number)},2026-12-{number % 28 + 1:02d},{at},Follow-up,Booked"


_LISTS = {
    "patients": ("MRN,Last name,First name,DOB,Phone,Payer,Member ID,Next step,Due", _patients),
    "referrals": ("MRN,Last name,First name,DOB,Specialty,Referred to,Referral date,Status", _referrals),
    "follow-ups": ("MRN,Last name,First name,Task,Due,Status,Notes", _follow_ups),
    "appointments": ("MRN,Last name,First name,DOB,Date,Time,Type,Status", _appointments),
}


def write_list(folder: Path, kind: str, rows: int = ROWS) -> Path:
    """A list of this kind, a row for each person."""
    header, row = _LISTS[kind]
    path = folder / f"{kind}.csv"
    path.write_text("\n".join([header, *map(row, range(rows))]) + "\n", encoding="utf-8")
    return path
