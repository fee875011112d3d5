"""Everything the store can refuse, each as one clear sentence.

The message of a ``StoreError`` may be shown and logged as it is: it names files and what to do, and
never holds patient data, a passphrase or a key.
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of everything the store refuses; ``str(error)`` is one sentence for the user."""

    default = "The practice's files could not be used."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.default)


class NoPractice(StoreError):
    """Nothing has been set up in this folder yet."""

    default = "There is no practice here yet; run `carecoord init` or `carecoord` to make one."


class MissingFile(StoreError):
    """One file of a practice is gone while the others are there."""

    default = "A file of this practice is missing; put it back or restore a backup."


class AlreadyThere(StoreError):
    """Something would be overwritten that must not be."""

    default = "There is already a practice here; nothing was changed."


class WrongPassphrase(StoreError):
    """The secret opens neither slot of the key file."""

    default = "That passphrase or recovery code does not open this practice."


class TryLater(StoreError):
    """Too many wrong tries in a row; ``seconds`` are left until the next may be made."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        unit = "second" if seconds == 1 else "seconds"
        super().__init__(f"Too many wrong tries: the next one can be made in {seconds} {unit}.")


class Locked(StoreError):
    """The screen is locked and the key is not in memory."""

    default = "The screen is locked: the passphrase opens it again."


class WeakPassphrase(StoreError):
    """A new passphrase that is too easy to guess or would be mistaken for something else."""

    default = "A passphrase needs at least 8 characters."


class DamagedFile(StoreError):
    """A file of ours that was cut short or altered."""

    default = "A file of this practice is damaged; nothing was changed. Restore a backup."


class ForeignFile(StoreError):
    """A file in our place that is not ours, or belongs to another practice."""

    default = "This file does not belong to this practice; nothing was changed."


class TooNew(StoreError):
    """Written by a newer version of the program."""

    default = "This practice was written by a newer version of carecoord; update the program to open it."


class UnsafeFolder(StoreError):
    """A folder where an encrypted database must not live."""

    default = "This folder is not safe for a practice; choose a private folder on this computer's own disk."


class ReadOnly(StoreError):
    """The file or folder cannot be written."""

    default = "The practice's folder cannot be written to; nothing was saved. Check its permissions."


class DiskFull(StoreError):
    """No space left; the transaction was rolled back."""

    default = "The disk is full; nothing was saved. Free some space and try again."


class Busy(StoreError):
    """Another window or command holds what is needed."""

    default = "Another carecoord window is using this practice; try again in a moment."


class Conflict(StoreError):
    """The record changed in another window since it was read."""

    default = "This record was changed in another window; nothing was saved. Look at it again and repeat."


class MergedAway(StoreError):
    """Work on a record of a person that was merged into another one."""

    default = "This record was merged into another one: open that person. Nothing was changed."


class Superseded(StoreError):
    """An undo whose record has changed since."""

    default = "This was changed again since, so it cannot be undone; nothing was changed."


class InterruptedRestore(StoreError):
    """A restore was cut off half way; ``restore.finish_interrupted`` completes it."""

    default = "A restore was interrupted; run `carecoord restore` again to finish it."


class BackupFailed(StoreError):
    """A backup that could not be proved good; it was not kept."""

    default = "The backup could not be verified and was not kept; the practice itself is unchanged."
