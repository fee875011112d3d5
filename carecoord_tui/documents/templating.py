"""Templates of papers: Markdown with fields, the practice's own copy before the shipped one.

A field's value is text and nothing else: every character of it that Markdown could read as a sign becomes a
character reference, which CommonMark never takes for structure. Templates run in Jinja2's sandbox.
"""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.loaders import FunctionLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.paths import config_file
from carecoord_tui.store.errors import StoreError

MAX_TEMPLATE = 100_000  # characters; a letter has two thousand
MAX_VALUE = 4_000  # characters of one field
TEMPLATES = ("referral_packet_cover.md", "referral_letter.md", "referral_details.md")
"""The templates of a referral packet."""
APPEAL_LETTER = "appeal_letter.md"
PATIENT = "patient.md"
TODAY, HUDDLE, HANDOFF = "today.md", "huddle.md", "handoff.md"
"""The day's papers."""
KNOWN = (*TEMPLATES, APPEAL_LETTER, PATIENT, TODAY, HUDDLE, HANDOFF)
"""Every template there is; no other file can be read or included."""

Fields = Mapping[str, object]
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")


class TemplateProblem(StoreError):
    """A template that cannot be used; the sentence names file, line and field, never a value."""

    default = "A template could not be used."


@dataclass(frozen=True, slots=True)
class Source:
    """A template's text. ``origin`` is how messages call it."""

    name: str
    text: str
    origin: str


def own_templates() -> Path:
    """Where the practice's own copies lie, beside the config file; the folder need not exist."""
    return config_file().parent / "templates"


def load(name: str, folder: Path | None = None) -> Source:
    """The own copy in ``folder`` (by default :func:`own_templates`), else the shipped template.

    Raises TemplateProblem for a name that is none, and for an own copy that is no readable text.
    """
    if name not in KNOWN:
        raise TemplateProblem(f"There is no template {name[:60]}; there are {', '.join(KNOWN)}.")
    own = (folder or own_templates()) / name
    if own.is_file():
        return Source(name, _read_own(own), f"your own {name}")
    shipped = resources.files("carecoord_tui.documents") / "templates" / name
    return Source(name, shipped.read_text(encoding="utf-8"), name)


def _read_own(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(MAX_TEMPLATE + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateProblem(
            f"The template {path} cannot be read as UTF-8 text: save it so, or move it away to use the"
            " shipped one."
        ) from error
    if len(text) > MAX_TEMPLATE:
        raise TemplateProblem(f"The template {path} is longer than {MAX_TEMPLATE:,} characters: shorten it.")
    return text


def fill(name: str, fields: Fields, folder: Path | None = None) -> str:
    """The template's Markdown with its fields filled in. Raises TemplateProblem with one sentence."""
    source = load(name, folder)
    environment = _environment(folder)
    try:
        return environment.get_template(name).render(fields)
    except UndefinedError as error:
        raise TemplateProblem(_missing(source, error, fields)) from error
    except TemplateSyntaxError as error:
        origin = load(error.name, folder).origin if error.name in KNOWN else source.origin
        reason = (error.message or "it cannot be read").rstrip(".")
        raise TemplateProblem(f"{_place(origin, error.lineno)}: {reason}.") from error
    except SecurityError as error:
        where = _place(source.origin, _line_of(source, error))
        raise TemplateProblem(f"{where}: a template may show fields, not run programs.") from error
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        where = _place(source.origin, _line_of(source, error))
        raise TemplateProblem(f"{where}: this cannot be worked out ({type(error).__name__}).") from error


def escape(value: object) -> str:
    """A value as Markdown that shows exactly its characters, on one line; None is empty."""
    text = clean_text("" if value is None else str(value), MAX_VALUE)
    return _SIGN.sub(lambda match: f"&#{ord(match[0])};", text)


def field_names(fields: Fields) -> list[str]:
    """Every field a template may use, dotted: ``patient.name``; of a list's lines ``coverages[].plan``."""
    return sorted(_names(fields, ""))


def _names(value: object, prefix: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _names(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list | tuple):
        yield f"{prefix}[]"
        if value and isinstance(value[0], Mapping):
            yield from _names(value[0], f"{prefix}[]")
    else:
        yield prefix


# --- Jinja2 ---------------------------------------------------------------------------------------


class _Missing(StrictUndefined):
    """A field that is not there; the error's message is its bare name."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return str(self._undefined_name or "")


def _environment(folder: Path | None) -> ImmutableSandboxedEnvironment:
    def source_of(name: str) -> tuple[str, str, None]:
        if name not in KNOWN:
            raise TemplateNotFound(name)
        return load(name, folder).text, name, None

    return ImmutableSandboxedEnvironment(
        loader=FunctionLoader(source_of),
        undefined=_Missing,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # that is HTML's; ``finalize`` escapes for Markdown, without exception
    )


def _finalize(value: object) -> str:
    if isinstance(value, StrictUndefined):
        str(value)  # raises UndefinedError
    return escape(value)


def _missing(source: Source, error: UndefinedError, fields: Fields) -> str:
    """Which field on which line, and the field that may have been meant."""
    number = _line_of(source, error)
    name = error.message or "?"
    line = source.text.splitlines()[number - 1] if 0 < number <= source.text.count("\n") + 1 else ""
    found = re.search(rf"[\w.]*\b{re.escape(name)}\b", line)
    asked = found[0] if found else name
    known = [one.replace("[]", "") for one in field_names(fields)]
    close = difflib.get_close_matches(asked, known, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"{_place(source.origin, number)}: there is no field {asked[:60]}.{hint}"


def _place(origin: str, line: int) -> str:
    return f"The template {origin}, line {line}" if line else f"The template {origin}"


def _line_of(source: Source, error: BaseException) -> int:
    """The template's line an error was raised from; 0 when its frames do not say."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == source.name), 0)
