"""``rules``: the deadline rules with their sources. Needs no practice."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from carecoord_tui.cli.failures import OK
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import say, write_json, write_rows
from carecoord_tui.cli.parser import Group
from carecoord_tui.cli.settings import add_form

if TYPE_CHECKING:
    from carecoord_tui.domain.rulepack import Rule

RISKS = ("high", "rising", "low")
DEFAULT_ZONE = "America/New_York"
UNCONFIRMED = "unconfirmed"


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    rules = commands.add("rules", None, "list and try out the deadline rules, each with its source")
    group = Group(rules, required=True)
    listed = group.add("list", run_list, "list every rule")
    add_form(listed)
    shown = group.add("show", run_show, "show one rule with all that it says")
    shown.add_argument("rule_id", metavar="ID", help="the rule, e.g. tcm.contact")
    add_form(shown)
    due = group.add("due", run_due, "work out the deadline that a rule sets")
    due.add_argument("rule_id", metavar="ID", help="the rule, e.g. tcm.contact")
    due.add_argument(
        "--from",
        dest="start",
        metavar="DATE",
        required=True,
        help="the day that starts the clock, e.g. 2026-11-25; with a time for hour clocks: 2026-11-25T09:30",
    )
    due.add_argument("--service", metavar="DATE", help="the date of service, for rules that depend on it")
    due.add_argument("--risk", choices=RISKS, help="the risk tier, for rules that depend on it")
    due.add_argument(
        "--timezone", metavar="ZONE", default=DEFAULT_ZONE, help=f"the practice's time zone ({DEFAULT_ZONE})"
    )
    add_form(due)


def run_list(invocation: Invocation) -> int:
    """Every rule that is in force or has a version that is."""
    from carecoord_tui.domain.rulepack import load_pack

    pack = load_pack()
    rules = [pack.get(rule_id) for rule_id in pack.ids()]
    if invocation.options.json:
        write_json([_as_json(rule) for rule in rules])
        return OK
    write_rows(
        (rule.id, rule.title, f"{rule.citation}{'' if rule.confirmed else f' ({UNCONFIRMED})'}")
        for rule in rules
    )
    return OK


def run_show(invocation: Invocation) -> int:
    """All that one rule says; with several versions, each of them."""
    from carecoord_tui.domain.rulepack import load_pack

    pack = load_pack()
    rule_id = invocation.options.rule_id
    pack.get(rule_id)  # an unknown rule is refused with words
    versions = [rule for rule in pack.rules if rule.id == rule_id]
    if invocation.options.json:
        write_json([_as_json(rule) for rule in versions])
        return OK
    for place, rule in enumerate(versions):
        if place:
            say()
        write_rows((name.replace("_", " "), text) for name, text in _said(rule))
    return OK


def run_due(invocation: Invocation) -> int:
    """The deadline of a rule for a given start; the practice's own closures play no part."""
    from carecoord_tui.domain.deadlines import due
    from carecoord_tui.domain.rulepack import load_pack
    from carecoord_tui.domain.vocabulary import Risk
    from carecoord_tui.store.settings import parse_zone

    options = invocation.options
    zone = parse_zone(options.timezone)
    risk = Risk(options.risk) if options.risk else None
    found = due(load_pack(), options.rule_id, options.start, options.service, zone, risk=risk)
    if options.json:
        write_json(found)
        return OK
    write_rows([("rule", str(found["rule_id"])), *_dates(found, zone), ("source", _source(found))])
    return OK


def _dates(found: dict[str, Any], zone: Any) -> list[tuple[str, str]]:
    from carecoord_tui.domain.date_words import format_full_day, format_time

    said: list[tuple[str, str]] = []
    if found["legal_at"]:
        at = datetime.fromisoformat(found["legal_at"]).astimezone(zone)
        said.append(("last moment", f"{format_full_day(at.date())}, {format_time(at.time())} ({zone.key})"))
    for label, key in (("last day", "legal_on"), ("do by", "target_on"), ("warn from", "warn_on")):
        if found[key]:
            said.append((label, format_full_day(date.fromisoformat(found[key]))))
    return said or [("due", "nothing: the rule asks for nothing here")]


def _source(found: dict[str, Any]) -> str:
    return f"{found['citation']}{'' if found['confirmed'] else f' ({UNCONFIRMED})'}"


def _as_json(rule: Rule) -> dict[str, Any]:
    return {field.name: _plain(getattr(rule, field.name)) for field in fields(rule)}


def _plain(value: Any) -> Any:
    """A field of a rule as JSON takes it: dates as ISO text, pairs as an object, tiers as objects."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {name: _plain(item) for name, item in value}
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _said(rule: Rule) -> list[tuple[str, str]]:
    """Name and text of every field that says something."""
    said = []
    for name, value in _as_json(rule).items():
        if value is None or (value in ("", [], {}, 0) and value is not False):
            continue
        if isinstance(value, bool):
            text = "yes" if value else "no"
        elif isinstance(value, dict):
            text = ", ".join(f"{key} = {item}" for key, item in value.items())
        elif isinstance(value, list):
            text = ", ".join(_tier(item) if isinstance(item, dict) else str(item) for item in value)
        else:
            text = str(value)
        said.append((name, text))
    return said


def _tier(tier: dict[str, Any]) -> str:
    when = ", ".join(
        f"{key.replace('_', ' ')} {item}" for key, item in tier.items() if key != "n" and item is not None
    )
    return f"{tier['n']} ({when})"
