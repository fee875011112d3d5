"""Changing one's own settings file: what is changed is changed, every other line stays as it was written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from carecoord_tui.config import SIZE_LIMIT
from carecoord_tui.store.files import make_private_folder, write_private

_MARK = "\ufeff"  # Windows editors put it first


class ConfigWriteError(Exception):
    """The file cannot be changed; the text is one sentence, and nothing was changed."""


def change_config(path: Path, changes: Mapping[str, str | bool | None]) -> None:
    """Set top-level settings (None takes one out) and replace the file at once; makes it when it is missing.

    Comments, order and the other settings stay. What a link points to is replaced, not the link. Raises
    ConfigWriteError for a file that is no TOML, or cannot be read or written.
    """
    target = path.resolve()
    try:
        after = _changed(_content(target), changes)
        make_private_folder(target.parent)
        write_private(target, after.encode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigWriteError(f"{path}: is not UTF-8 text; nothing was changed.") from error
    except (TOMLKitError, tomllib.TOMLDecodeError) as error:
        raise ConfigWriteError(f"{path}: is not valid TOML ({error}); nothing was changed.") from error
    except OSError as error:
        reason = error.strerror or "input or output error"
        raise ConfigWriteError(f"{path}: cannot be written ({reason}); nothing was changed.") from error


def _content(file: Path) -> str:
    if not file.exists():
        return ""
    with file.open("rb") as source:
        data = source.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise OSError(0, f"it is larger than {SIZE_LIMIT // 1024} KB, so it is no settings file")
    return data.decode("utf-8")


def _changed(text: str, changes: Mapping[str, str | bool | None]) -> str:
    mark, bare = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    document = tomlkit.parse(bare)
    wanted = tomllib.loads(bare)
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
            wanted.pop(name, None)
        else:
            document[name] = wanted[name] = value
    changed = tomlkit.dumps(document)
    if tomllib.loads(changed) != wanted:  # an unusual file that cannot be changed without touching more
        raise OSError(0, "its layout cannot be kept; change it in an editor")
    return mark + changed
