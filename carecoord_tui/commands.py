"""The one registry of commands: what every key, palette entry and help line comes from.

A command is declared once. ``bindings`` makes Textual bindings of it, ``keymap_problems`` checks the
user's changes of keys, the help screen and the footer read the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding


class Scope(StrEnum):
    """Where a command works."""

    EVERYWHERE = "everywhere"
    ITEM = "on a row or its patient"
    LIST = "in a list"
    TODAY = "on Today"
    PATIENTS = "on Patients"
    REFERRALS = "on Referrals"
    INSURANCE = "on Insurance"
    DIRECTORY = "in the provider directory"
    PAYERS = "in the payer directory"
    WAITING = "in the waiting list"
    DECIDE = "where more is due than a day holds"
    RUN = "card by card"
    PAGE = "on the patient page"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a key does. ``keys`` are Textual key names, comma-separated; ``action`` a method name."""

    id: str
    keys: str
    action: str
    title: str  # footer and palette
    help: str
    scope: Scope
    in_footer: bool = False
    priority: bool = False  # works inside inputs and above dialogs
    in_palette: bool = True
    palette: str = ""  # what the palette calls it, where one looks for more words than the title has


_E, _I, _L = Scope.EVERYWHERE, Scope.ITEM, Scope.LIST

COMMANDS: tuple[Command, ...] = (
    Command("app.today", "1", "go('today')", "Today", "The ranked day: what now, and why.", _E),
    Command("app.patients", "2", "go('patients')", "Patients", "The caseload, filtered as you type.", _E),
    Command("app.referrals", "3", "go('referrals')", "Referrals", "Every open referral by stage, with its age against its limit.", _E),
    Command("app.insurance", "4", "go('insurance')", "Insurance", "Eligibility, authorizations, denials and billing against the clock.", _E),
    Command("app.directory", "O", "directory", "offices", "The provider directory: who takes which plan, and how fast they are.", _E),
    Command(
        "app.jump", "ctrl+k,f3", "jump", "Jump to patient",
        "Any patient by a few letters, birth date, MRN, phone digits or member ID; works in the middle of a form.",
        _E, priority=True,
    ),
    Command(
        "app.incoming_call", "f2", "incoming_call", "Incoming call",
        "The phone rings: who, about what, what you did; what is open below stays as it is.",
        _E, priority=True,
    ),
    Command("verb.contact", "c", "contact", "contact", "Log a contact: one key for the outcome, the next try is set. Where the payer answers it is called, c again calls the patient.", _I, True),
    Command("verb.done", "x", "done", "done", "Done; on an item a rule made, the act that settles it.", _I, True),
    Command("verb.move", "s", "move", "move", "Move to another date or until an event.", _I, True),
    Command("verb.why", "w", "why", "why", "Why it stands here: rule, citation, history, audit.", _I, True),
    Command("list.choose", "enter", "open", "page", "Open the patient page at this item.", _I, True, in_palette=False),
    Command("verb.follow_up", "f", "follow_up", "follow-up", "A new follow-up for this patient, once or recurring.", _I),
    Command("verb.referral", "r", "new_referral", "referral", "A new referral, prefilled from the last one to that specialty.", _I),
    Command("verb.appointment", "a", "appointment", "visit", "Book a visit; on a visit's row change it, or record how it went.", _I),
    Command("verb.insurance", "i", "insurance", "insurance", "Insurance: this record, or a new check, authorization, denial, estimate.", _I),
    Command("verb.track", "t", "track", "track", "Every step of the referral, who took it and when; both ends of its chain.", _I),
    Command("verb.document", "d", "document", "document", "Attach a file to the referral or the patient; read it, mark it reviewed.", _I),
    Command("verb.packet", "F", "packet", "packet", "Referral packet, on a denial the appeal letter: a PDF to fax and the text for a portal.", _I),
    Command("verb.note", "n", "note", "note", "Write a note.", _I),
    Command("verb.edit", "e", "edit", "edit", "Change the follow-up or the visit, else the patient; in the list of patients always the patient.", _I),
    Command("verb.waiting", "b", "waiting", "waiting on", "Say who owes the next step, and until when.", _I),
    Command("verb.copy", "y", "copy", "copy", "Copy a name, birth date, phone, member ID or code.", _I),
    Command("app.quick_add", "plus", "quick_add", "add", "One line: call Nguyen thu 2pm CGM assistance.", _E, True),
    Command("app.waiting", "W", "waiting_list", "waiting list", "Who is waited for, since when, promised when; one call settles several.", _E),
    Command("waiting.other", "v", "other_view", "by patient", "Grouped by who is waited for, or by patient.", Scope.WAITING, True),
    Command("app.decide", "K", "decide", "decide", "What is due below today's 25 people: move, spread, drop, or do it today anyway.", _E),
    Command("decide.all", "A", "mark_all", "mark all", "Mark everything listed; when all is marked, nothing again.", Scope.DECIDE),
    Command("decide.spread", "E", "spread", "spread", "Spread what is marked, else all, over the coming working days; the days are shown first.", Scope.DECIDE, True),
    Command("decide.today", "T", "today_anyway", "today anyway", "Do it today anyway: it stands on Today from now on.", Scope.DECIDE),
    Command("decide.drop", "D", "drop", "drop", "Drop follow-ups, with the reason kept in their note.", Scope.DECIDE, True),
    Command("list.mark", "space", "mark", "mark", "Mark this row; verbs then work on all marked rows.", _L),
    Command("verb.run", "o", "run", "run", "Go through this list card by card: one key records, the next comes.", _L),
    Command("verb.chase", "C", "chase", "by office", "What each office owes: one call, many patients.", _L),
    Command("referrals.board", "v", "other_view", "board", "Board by stage, or back to the table.", Scope.REFERRALS, True),
    Command("referrals.advance", "greater_than_sign,shift+right", "advance", "one stage on", "Take the card one stage on; it asks only for what that stage needs.", Scope.REFERRALS),
    Command("referrals.no_date", "D", "view('no_date')", "no date", "Sent, no appointment date.", Scope.REFERRALS),
    Command("referrals.quiet", "Q", "view('quiet')", "quiet", "Nothing done for a week.", Scope.REFERRALS),
    Command("referrals.no_report", "R", "view('no_report')", "no report", "Seen, no report yet.", Scope.REFERRALS),
    Command("referrals.urgent", "U", "view('urgent')", "urgent", "Urgent ones.", Scope.REFERRALS),
    Command("referrals.blocked", "B", "view('authorization')", "authorization", "Authorization missing, or ending before the visit.", Scope.REFERRALS),
    Command("referrals.ended", "E", "ended", "ended", "Ended referrals too.", Scope.REFERRALS),
    Command("referrals.measures", "M", "measures", "measures", "CMS50, loop closure, scheduling rate, days to appointment.", Scope.REFERRALS),
    Command("insurance.eligibility", "E", "lane('eligibility')", "eligibility", "Visits without a fresh check, by day.", Scope.INSURANCE),
    Command("insurance.authorizations", "A", "lane('authorizations')", "authorizations", "Authorizations by their next deadline.", Scope.INSURANCE),
    Command("insurance.denials", "D", "lane('denials')", "denials", "Denials by the day of their next step.", Scope.INSURANCE),
    Command("insurance.billing", "B", "lane('billing')", "billing", "Good-faith estimates owed, payment plans, bills, assistance. Estimates that were made stand on the patient page.", Scope.INSURANCE),
    Command("insurance.payers", "P", "payers", "payers", "The payer directory: phones, clocks and limits of the contract.", Scope.INSURANCE),
    Command("insurance.by_payer", "Y", "by_payer", "by payer", "What each payer owes: one hold, many patients.", Scope.INSURANCE),
    Command("insurance.measures", "M", "measures", "measures", "Turnaround, inside the clock, denials, appeals, overturned.", Scope.INSURANCE),
    Command("directory.new", "P", "new_provider", "new office", "Add a person or an organization.", Scope.DIRECTORY),
    Command("directory.edit", "e", "edit", "edit", "Change the highlighted one; enter does too.", Scope.DIRECTORY),
    Command("payers.new", "P", "new_provider", "new payer", "Add a payer.", Scope.PAYERS),
    Command("payers.edit", "e", "edit", "edit", "Change the highlighted payer: class, phones, clocks of its contract; enter does too.", Scope.PAYERS),
    Command("run.next", "space,right", "next_card", "next", "The next card; this one stays as it is.", Scope.RUN, True),
    Command("run.previous", "left", "previous_card", "previous", "The card before.", Scope.RUN),
    Command("list.filter", "slash", "filter", "filter", "Filter this list as you type.", _L),
    Command("list.rank", "full_stop", "rank_again", "re-rank", "Rank the list anew; while you work the order stands still.", _L),
    Command("view.pane", "p", "toggle_pane", "pane", "Show or hide the side pane.", _L),
    Command("patients.new", "N", "new_patient", "new patient", "Add a patient by hand.", _E),
    Command("page.next_tab", "right,tab", "tab(1)", "next tab", "The next tab of the page.", Scope.PAGE, in_palette=False),
    Command("page.previous_tab", "left,shift+tab", "tab(-1)", "previous tab", "The tab before.", Scope.PAGE, in_palette=False),
    Command("page.new_person", "P", "new_person", "related person", "Add a related person, and what they may be told.", Scope.PAGE),
    Command("page.care_team", "T", "care_team", "care team", "Add somebody who cares for the patient, from the directory or by name.", Scope.PAGE),
    Command(
        "page.edit_patient", "E", "edit_patient", "patient",
        "Change the patient: name, birth date, phones, address, language, coverage; from every tab.",
        Scope.PAGE, palette="Edit patient: name, phones, address",
    ),
    Command("page.contact_rules", "R", "contact_rules", "contact rules", "How the patient may be reached: confidential channel, safe contact, calling hours and time zone, a minor's consent.", Scope.PAGE),
    Command("page.new_history", "H", "new_history", "history", "Add a line of the history: a condition, a medication, an allergy.", Scope.PAGE),
    Command("patients.everybody", "A", "everybody", "everybody", "Also people discharged or deceased.", Scope.PATIENTS),
    Command("patient.status", "S", "status", "status", "On hold, discharged, deceased, or taken up again.", _I),
    Command("patient.merge", "m", "merge", "merge", "Two records of this person become one, after a preview: the two marked, or this and one you look for; undo takes it back.", _I),
    Command("app.import", "I", "import_file", "import", "Bring a list in, after a preview: patients, referrals, coverages, authorizations, visits, follow-ups, offices, a payer's answers.", _E),
    Command("app.export", "X", "export", "export", "Everything as a workbook or CSV files, or this patient as PDF or Markdown.", _E),
    Command("app.papers", "L", "papers", "papers", "The day's papers: Today, the huddle sheet, the handoff of a day off; text, Markdown, PDF.", _E),
    Command("app.snippets", "semicolon", "snippets", "snippets", "Short words that become whole texts in any note: ;vm and a space.", _E),
    Command("app.settings", "comma", "settings", "settings", "The practice, its closures, the outreach protocol, theme and keys.", _E),
    Command("app.undo", "u", "undo", "undo", "Take back your newest change; it says what that was.", _E),
    Command("app.redo", "ctrl+r", "redo", "redo", "Bring back what undo took back.", _E),
    Command("app.privacy", "z", "privacy", "mask names", "Mask names, numbers and birth dates while somebody looks on.", _E),
    Command("app.lock", "ctrl+l", "lock", "lock", "Lock the screen; the passphrase opens it again.", _E, priority=True),
    Command("app.palette", "ctrl+p", "command_palette", "palette", "Every command by its name; themes too.", _E, priority=True, in_palette=False),
    Command("app.help", "question_mark", "help", "help", "Every key of this screen.", _E, True),
    Command("app.back", "escape", "back", "back", "Clear the filter, close the pane, clear marks, go back.", _E, in_palette=False),
    Command("app.quit", "q", "quit", "quit", "Leave; everything is saved already.", _E),
    Command("app.quit_now", "ctrl+q", "quit", "quit", "Leave from anywhere.", _E, priority=True, in_palette=False),
)  # fmt: skip

RESERVED_KEYS = ("j", "k", "g", "G", "up", "down", "home", "end", "pageup", "pagedown", "ctrl+s")
"""Keys of lists and forms, which the widget in focus takes before any command could."""

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}


def bindings(*scopes: Scope) -> list[Binding]:
    """Textual bindings of every command of these scopes."""
    return [
        Binding(
            command.keys,
            command.action,
            command.title,
            id=command.id,
            show=command.in_footer,
            priority=command.priority,
            tooltip=command.help,
        )
        for command in COMMANDS
        if command.scope in scopes and command.id != "list.choose"  # the list itself binds enter
    ]


_SHARED = frozenset({Scope.EVERYWHERE, Scope.ITEM})
"""Scopes that stand together with any other; of the rest a list stands with all but cards."""


_NO_PATIENTS = frozenset({Scope.DIRECTORY, Scope.PAYERS})
"""Where no row is a patient's: the verbs of rows do not work there."""


def _can_meet(one: Scope, other: Scope) -> bool:
    if Scope.ITEM in (one, other) and not _NO_PATIENTS.isdisjoint((one, other)):
        return False
    if one is other or one in _SHARED or other in _SHARED:
        return True
    return Scope.LIST in (one, other) and Scope.RUN not in (one, other)


def keymap_problems(keymap: Mapping[str, str]) -> list[str]:
    """What is wrong with the user's keys: unknown ids and keys that two commands would share."""
    problems = [
        f"keys.{name}: there is no command of that name; carecoord keys lists them."
        for name in keymap
        if name not in BY_ID
    ]
    owners: dict[str, list[Command]] = {}
    for command in sorted(COMMANDS, key=lambda one: one.id in keymap):  # blame what the user changed
        for key in (name.strip() for name in keymap.get(command.id, command.keys).split(",")):
            holders = owners.setdefault(key, [])
            other = next((one.id for one in holders if _can_meet(one.scope, command.scope)), "")
            if key in RESERVED_KEYS:
                other = "lists and forms, where it cannot be changed"
            if other:
                problems.append(f"keys.{command.id}: the key {key} already belongs to {other}.")
            holders.append(command)
    return problems


_SHOWN = {
    "plus": "+",
    "slash": "/",
    "question_mark": "?",
    "full_stop": ".",
    "semicolon": ";",
    "comma": ",",
    "escape": "esc",
    "space": "space",
    "greater_than_sign": ">",
    "shift+right": "shift+→",
}


def key_label(keys: str) -> str:
    """Keys as people read them: ``ctrl+k,f3`` is ``ctrl+k F3``."""
    shown = []
    for key in keys.split(","):
        name = _SHOWN.get(key, key)
        shown.append(name.upper() if len(name) == 2 and name[0] == "f" and name[1].isdigit() else name)
    return " ".join(shown)


def footer_commands(scopes: Iterable[Scope]) -> list[Command]:
    """The commands a footer names, in order."""
    wanted = set(scopes)
    return [command for command in COMMANDS if command.in_footer and command.scope in wanted]
