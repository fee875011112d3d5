"""Dollars and percentages as a coordinator types and reads them: exact, never a float, nothing guessed.

Amounts are ``Decimal`` dollars in whole cents. A blank field is unknown (None), which is not zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal("1000000.00")
"""An amount above it is a mistyped one: no estimate, bill or plan of an office visit is larger."""

_HUNDRED = Decimal(100)
_MAX_TEXT = 40
_DOLLARS = re.compile(r"\$? ?(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]{1,2})?|\.[0-9]{1,2})")
_NEGATIVE = re.compile(r"\$? ?[-\u2212\u2013].*|\(.*\)|.*[0-9] ?[-\u2212\u2013]")
_PERCENT = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})(?P<sign> ?%)?")


class MoneyError(ValueError):
    """The text or value is no amount or percentage; the message is one sentence for who typed it."""


@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage as typed. ``share`` is 0 to 1; ``echo`` says what was understood."""

    share: Decimal
    echo: str
    is_ambiguous: bool = False  # it could have meant another one: the screen shows ``echo`` before saving


def cents(amount: Decimal) -> Decimal:
    """Whole cents, half a cent up: the one rounding of this program."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def check_amount(amount: Decimal, what: str) -> None:
    """Raise MoneyError, naming ``what``, unless the amount is 0 to ``MOST`` in whole cents."""
    if not amount.is_finite() or amount < 0:
        raise MoneyError(f"The {what} cannot be less than zero: check the amount.")
    if amount > MOST:
        raise MoneyError(f"The {what} is more than {format_money(MOST)}: check the amount.")
    if amount != cents(amount):
        raise MoneyError(f"The {what} has a part of a cent: check the amount.")


def parse_money(text: str) -> Decimal | None:
    """Dollars from ``410``, ``$1,234.50`` or ``.50``; None for a blank field.

    Raises MoneyError for a negative amount, one above ``MOST``, and everything that could be read in
    two ways: ``12,5``, ``1.234,50``, ``12.345``, ``1e3``.
    """
    typed = text.strip()
    if not typed:
        return None
    if len(typed) > _MAX_TEXT:
        raise MoneyError("The amount is too long: type dollars and cents, such as 1,234.50.")
    if _NEGATIVE.fullmatch(typed):
        raise MoneyError("An amount cannot be negative: type it without the minus sign or brackets.")
    found = _DOLLARS.fullmatch(typed)
    if found is None:
        raise MoneyError("The amount is not understood: type dollars and cents, such as 1,234.50.")
    amount = cents(Decimal(found["number"].replace(",", "")))
    if amount > MOST:
        raise MoneyError(
            f"{format_money(amount)} is more than {format_money(MOST)}: check the point and the zeros."
        )
    return amount


def parse_percent(text: str) -> Percent | None:
    """A percentage from ``30 %`` or ``30``; None for a blank field.

    A bare number of at most 1 (``0.3``) can be a share or a percentage: it is read as a share, which is
    what a payer's answer uses, ``is_ambiguous`` is set and ``echo`` tells how to type the other one.
    Raises MoneyError for anything outside 0 to 100 %.
    """
    typed = text.strip()
    if not typed:
        return None
    if _NEGATIVE.fullmatch(typed):
        raise MoneyError("A percentage cannot be negative: type it without the minus sign.")
    found = _PERCENT.fullmatch(typed)
    if found is None:
        raise MoneyError("The percentage is not understood: type it as 30 %.")
    number = Decimal(found["number"])
    if number > _HUNDRED:
        raise MoneyError("A percentage cannot be more than 100 %: check the number.")
    if found["sign"] is None and 0 < number <= 1:
        read = format_percent(number)
        return Percent(number, f"{read} ({typed} read as a share; type {_plain(number)} % for that)", True)
    share = number / _HUNDRED
    return Percent(share, format_percent(share))


def format_money(amount: Decimal) -> str:
    """``$1,234.50``."""
    return f"${cents(amount):,.2f}"


def format_percent(share: Decimal) -> str:
    """``30 %`` for 0.3, ``12.5 %`` for 0.125."""
    return f"{_plain(share * _HUNDRED)} %"


def _plain(number: Decimal) -> str:
    """Without an exponent or zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
