"""How long a wrong passphrase makes the next try wait. The passphrase's own cost does the rest."""

from __future__ import annotations

from datetime import datetime, timedelta

FREE_TRIES = 3  # a slip of the finger, a second one, caps lock
LONGEST = timedelta(minutes=5)
_FIRST = timedelta(seconds=2)


def wait_after(failures: int) -> timedelta:
    """The wait after failures in a row: none for three, then 2 s, doubled each time, 5 minutes at most."""
    if failures <= FREE_TRIES:
        return timedelta(0)
    doubled = min(failures - FREE_TRIES - 1, 20)
    return min(_FIRST * (1 << doubled), LONGEST)


def wait_left(failures: int, last_failed_at: datetime, now: datetime) -> timedelta:
    """What is left of the wait at ``now`` (aware times), from nothing to the whole wait.

    A last failure ahead of ``now`` says that the clock was set back; it counts as failed just now. Whoever
    asks must then keep ``now`` as the beginning of the wait, or it would never end.
    """
    whole = wait_after(failures)
    return max(timedelta(0), min(whole, last_failed_at + whole - now))
