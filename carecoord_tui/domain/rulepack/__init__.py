"""Deadlines as data: every rule is a record of ``us.toml`` with its source, never an ``if``.

The loader turns the file into immutable :class:`Rule` values and checks them while doing so, so
that a slip in the data fails on load and names the rule. Nothing here computes a date; that is
``carecoord_tui.domain.deadlines``.

A date on a denial letter, in a payer contract or typed by the user always wins over a rule
(``deadlines.entered``). ``confirmed = False`` marks what was not checked against the primary text:
the screen shows "unconfirmed" beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache

from carecoord_tui.domain.vocabulary import PayerClass, Risk

Scalar = str | int | bool


class RuleError(ValueError):
    """A rule cannot be found or applied. The message is one sentence meant for the user."""


class RulePackError(ValueError):
    """The rule file itself is wrong. The message names the rule and the field."""


class TriggerDateKind(StrEnum):
    """What the date that starts (or, counting back, ends) the clock is the date of."""

    NOTICE = "notice"  # printed on the letter
    RECEIPT = "receipt"  # the letter, bill or complete information arrived
    SUBMIT = "submit"  # the request went out
    SERVICE = "service"  # the visit or service
    DISCHARGE = "discharge"
    END = "end"  # the last day of an authorization
    EVENT = "event"  # something the practice recorded


class Unit(StrEnum):
    """What is counted. Working days are business days on which the practice is open: own targets only."""

    HOUR = "hour"
    CALENDAR_DAY = "calendar_day"
    BUSINESS_DAY = "business_day"
    WORKING_DAY = "working_day"
    MONTH = "month"


class Direction(StrEnum):
    """Which way the clock counts from the trigger."""

    AFTER = "after"
    BEFORE = "before"


class Anchor(StrEnum):
    """Where counting starts: the trigger day, or the first of the month after it (full months)."""

    NONE = "none"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"


class MonthOverflow(StrEnum):
    """The date of "30 February": the last of that month, or the first of the one that follows."""

    LAST_DAY = "last_day"
    FIRST_OF_FOLLOWING = "first_of_following"


class Roll(StrEnum):
    """Where an own target on a closed day goes: it stays, or to the working day before or after."""

    NONE = "none"
    BACK = "back"
    FORWARD = "forward"


class Sense(StrEnum):
    """How the count is said: do it *within* n, do it *after* n, or allowed *from* n on."""

    WITHIN = "within"
    AFTER = "after"
    FROM = "from"


class FiledWhen(StrEnum):
    """What stops the clock: sending, or arrival at the other side."""

    SENT = "sent"
    RECEIVED = "received"


class OwedBy(StrEnum):
    """Whose clock it is. A payer's clock becomes "ask them" for the practice."""

    US = "us"
    PAYER = "payer"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a rule whose count depends on the patient's risk or on the lead time of the service."""

    n: int
    risk: Risk | None = None
    lead_business_days: int | None = None  # at least so many from the trigger to the service


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One deadline rule, as in ``us.toml``. Counts are in ``unit``; dates are practice-local."""

    id: str
    title: str
    trigger: str  # how the trigger is called on screen
    trigger_date_kind: TriggerDateKind
    act: str  # what has to happen, as the start of a sentence
    n: int
    unit: Unit
    binding: bool  # a deadline of law, payer or contract (``legal_on``); False: an own target
    citation: str
    confirmed: bool
    payer_class: tuple[PayerClass, ...] = ()  # empty: whoever pays
    when: tuple[tuple[str, Scalar], ...] = ()
    presumed_receipt_days: int = 0
    direction: Direction = Direction.AFTER
    anchor: Anchor = Anchor.NONE
    month_overflow: MonthOverflow = MonthOverflow.LAST_DAY
    roll: Roll = Roll.NONE
    sense: Sense = Sense.WITHIN
    warn_n: int | None = None
    filed_when: FiledWhen | None = None
    owed_by: OwedBy = OwedBy.US
    tiers: tuple[Tier, ...] = ()
    params: tuple[tuple[str, Scalar], ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    overridable: bool = True  # the practice may set its own count
    note: str = ""

    def __hash__(self) -> int:
        """By identity of the version only: cheap, because rules are keys of the deadline cache."""
        return hash((self.id, self.effective_from))

    def param(self, name: str) -> Scalar:
        """A further number or word of the rule, e.g. ``attempts``; ``RuleError`` when it has none."""
        for key, value in self.params:
            if key == name:
                return value
        raise RuleError(f"Rule {self.id} has no parameter {name!r}.")

    def in_force(self, on: date) -> bool:
        """True when ``on`` lies between the effective dates, both included; an open end is endless."""
        return (self.effective_from or date.min) <= on <= (self.effective_to or date.max)

    def applies_to(self, payer_class: PayerClass) -> bool:
        """True when the rule governs this payer class or does not care who pays."""
        return not self.payer_class or payer_class in self.payer_class

    def fits(self, facts: Mapping[str, Scalar]) -> bool:
        """True when no condition contradicts ``facts``; a fact not given does not decide."""
        return all(facts.get(key, value) == value for key, value in self.when)


@dataclass(frozen=True)
class RulePack:
    """All rules of one jurisdiction, versions included, in file order."""

    rules: tuple[Rule, ...]
    digest: str  # of the source text and the practice's changes

    @cached_property
    def _versions(self) -> dict[str, tuple[Rule, ...]]:
        versions: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            versions[rule.id] = (*versions.get(rule.id, ()), rule)
        return versions

    def ids(self) -> tuple[str, ...]:
        """Every rule id once, in file order."""
        return tuple(self._versions)

    def get(self, rule_id: str, on: date | None = None) -> Rule:
        """The version of a rule in force on ``on``; without a date the one that has no end.

        Raises ``RuleError`` for an unknown id or when no version was in force that day.
        """
        versions = self._versions.get(rule_id, ())
        if not versions:
            raise RuleError(f"There is no rule {rule_id!r}; 'carecoord rules list' shows every rule.")
        for rule in versions:
            if rule.effective_to is None if on is None else rule.in_force(on):
                return rule
        raise RuleError(f"Rule {rule_id} was not in force on {on}.")

    def find(
        self,
        topic: str = "",
        *,
        payer_class: PayerClass | None = None,
        on: date | None = None,
        **facts: Scalar,
    ) -> tuple[Rule, ...]:
        """Rules whose id is ``topic`` or below it (``"recall"``, ``"pa.federal"``), in file order.

        ``payer_class`` and ``facts`` (the keys of ``when``) narrow; without ``on`` only current versions.
        """
        return tuple(
            rule
            for rule in self.rules
            if (not topic or rule.id == topic or rule.id.startswith(topic + "."))
            and (rule.effective_to is None if on is None else rule.in_force(on))
            and (payer_class is None or rule.applies_to(payer_class))
            and rule.fits(facts)
        )

    def pa_decision(
        self, payer_class: PayerClass, *, expedited: bool, on: date, is_drug: bool = False
    ) -> Rule | None:
        """The payer's clock for deciding a prior authorization submitted on ``on``.

        None where no rule binds the payer: Original Medicare, self-pay, an unknown payer, and drugs
        (CMS-0057-F leaves them out). Ask after ``auth.submitted.none`` then.
        """
        found = self.find("pa", payer_class=payer_class, on=on, expedited=expedited, drug=is_drug)
        return found[0] if found else None

    def appeal(
        self, payer_class: PayerClass, *, on: date, level: int = 1, is_drug: bool = False
    ) -> Rule | None:
        """The filing clock of an appeal at ``level`` (1 is the first) for a denial dated ``on``.

        A drug of a Medicare plan goes by the levels of Part D. None where no rule is known: the last day then
        has to be entered from the letter.
        """
        found = self.find("appeal", payer_class=payer_class, on=on, level=level, drug=is_drug)
        return found[0] if found else None

    def with_overrides(self, changes: Mapping[str, Mapping[str, int]]) -> RulePack:
        """The pack with own counts: ``{rule_id: {"n" | "warn_n" | risk tier | parameter: count}}``.

        Versions no longer in force stay as they were. Raises ``RuleError`` for an unknown rule or field,
        a count below 0, or a rule that is law.
        """
        for rule_id in changes:
            if not self.get(rule_id).overridable:
                raise RuleError(
                    f"Rule {rule_id} is law and cannot be changed ({self.get(rule_id).citation})."
                )
        rules = tuple(
            _changed(rule, changes[rule.id]) if rule.id in changes and rule.effective_to is None else rule
            for rule in self.rules
        )
        edits = json.dumps({key: dict(value) for key, value in changes.items()}, sort_keys=True)
        return RulePack(rules, _sha256(f"{self.digest}\n{edits}".encode()))

    def fingerprint(self) -> str:
        """SHA-256 (hex) of the rule text and the practice's changes; the ledger is rebuilt when it moves."""
        return self.digest


@lru_cache(maxsize=4)
def load_pack(name: str = "us") -> RulePack:
    """The rule pack shipped as ``<name>.toml``, read once per process; ``RulePackError`` if it is wrong."""
    import pkgutil  # imported here, and not importlib.resources: on start that costs more than the parsing

    source = pkgutil.get_data(__name__, f"{name}.toml")
    if source is None:
        raise RulePackError(f"The rule file {name}.toml cannot be read from this installation.")
    return parse_pack(source)


def parse_pack(source: bytes) -> RulePack:
    """Read a rule file (UTF-8 TOML, an array ``rule``); raises ``RulePackError``."""
    import tomllib

    try:
        document = tomllib.loads(source.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulePackError(f"The rule file cannot be read: {error}.") from error
    rules = tuple(_parse_rule(table) for table in document.get("rule", ()))
    _check_versions(rules)
    return RulePack(rules, _sha256(source))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_ENUMS: dict[str, type[StrEnum]] = {
    "trigger_date_kind": TriggerDateKind,
    "unit": Unit,
    "direction": Direction,
    "anchor": Anchor,
    "month_overflow": MonthOverflow,
    "roll": Roll,
    "sense": Sense,
    "filed_when": FiledWhen,
    "owed_by": OwedBy,
}
_TYPES: dict[str, type] = {
    "id": str, "title": str, "trigger": str, "act": str, "citation": str, "note": str,
    "n": int, "presumed_receipt_days": int, "warn_n": int,
    "binding": bool, "confirmed": bool, "overridable": bool,
    "effective_from": date, "effective_to": date,
}  # fmt: skip
_REQUIRED = tuple(spec.name for spec in fields(Rule) if spec.default is MISSING)


def _parse_rule(table: Mapping[str, object]) -> Rule:
    name = table.get("id", "without an id")
    missing = [key for key in _REQUIRED if key not in table]
    if missing:
        raise RulePackError(f"Rule {name}: missing {', '.join(missing)}.")
    values: dict[str, object] = {}
    for key, value in table.items():
        try:
            values[key] = _parse_value(key, value)
        except (ValueError, TypeError) as error:
            raise RulePackError(f"Rule {name}, field {key}: {error}.") from error
    rule = Rule(**values)  # type: ignore[arg-type]  # every value was converted by its key
    _check_rule(rule)
    return rule


def _parse_value(key: str, value: object) -> object:
    if key in _ENUMS:
        return _ENUMS[key](str(value))
    if key in _TYPES:
        if type(value) is not _TYPES[key]:  # exact: a bool is no count
            raise TypeError(f"{value!r} is not of type {_TYPES[key].__name__}")
        return value
    if key == "payer_class" and isinstance(value, list):
        return tuple(PayerClass(item) for item in value)
    if key in ("when", "params") and isinstance(value, dict):
        return tuple(value.items())
    if key == "tiers" and isinstance(value, list):
        return tuple(_parse_tier(item) for item in value)
    raise ValueError("unknown field or wrong shape")


def _parse_tier(item: Mapping[str, object]) -> Tier:
    values = dict(item)
    if "risk" in values:
        values["risk"] = Risk(str(values["risk"]))
    return Tier(**values)  # type: ignore[arg-type]  # a wrong key raises TypeError, reported by the caller


def _check_rule(rule: Rule) -> None:
    """Refuse combinations that could not be computed or would be said wrongly."""
    problems = {
        "a count is below 0": min(rule.n, rule.presumed_receipt_days, rule.warn_n or 0) < 0,
        "working days belong to own targets": rule.binding and rule.unit is Unit.WORKING_DAY,
        "a law cannot move for closed days of one practice": rule.binding and rule.roll is not Roll.NONE,
        "filed_when belongs to binding rules": not rule.binding and rule.filed_when is not None,
        "hour clocks run forward from a time": rule.unit is Unit.HOUR
        and (rule.direction is Direction.BEFORE or rule.anchor is not Anchor.NONE or rule.warn_n is not None),
        "effective_to is before effective_from": (rule.effective_from or date.min)
        > (rule.effective_to or date.max),
    }
    for problem, found in problems.items():
        if found:
            raise RulePackError(f"Rule {rule.id}: {problem}.")


def _check_versions(rules: Iterable[Rule]) -> None:
    """Versions of one id must follow each other in time, and one must be current."""
    last: dict[str, Rule] = {}
    for rule in rules:
        before = last.get(rule.id)
        if before and not (
            before.effective_to and rule.effective_from and before.effective_to < rule.effective_from
        ):
            raise RulePackError(f"Rule {rule.id}: two versions are in force at once or out of order.")
        last[rule.id] = rule
    ended = [rule.id for rule in last.values() if rule.effective_to]
    if ended:
        raise RulePackError(f"Rule {ended[0]}: the last version has an end date.")


def _changed(rule: Rule, counts: Mapping[str, int]) -> Rule:
    """``rule`` with other counts; see :meth:`RulePack.with_overrides`."""
    for key, count in counts.items():
        if count < 0:
            raise RuleError(f"Rule {rule.id}: {key} must be 0 or more, not {count}.")
        if key == "n":
            rule = replace(rule, n=count)
        elif key == "warn_n" and rule.warn_n is not None:
            rule = replace(rule, warn_n=count)
        elif any(tier.risk == key for tier in rule.tiers):
            tiers = (replace(tier, n=count) if tier.risk == key else tier for tier in rule.tiers)
            rule = replace(rule, tiers=tuple(tiers))
        elif type(dict(rule.params).get(key)) is int:  # exact: a yes or no is no count
            params = ((name, count if name == key else value) for name, value in rule.params)
            rule = replace(rule, params=tuple(params))
        else:
            raise RuleError(f"Rule {rule.id} has no count {key!r} to change.")
    return rule
