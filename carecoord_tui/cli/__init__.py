"""The command line. Every command imports what it needs itself: ``--help`` stays instant.

:func:`main` is the program's entry point; it turns every error into one sentence and an exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from carecoord_tui.cli.failures import BROKEN_PIPE, INTERRUPTED, exit_code_of, report_crash, sentence_for
from carecoord_tui.cli.invocation import PASSPHRASE_VARIABLE, Invocation
from carecoord_tui.cli.output import note, prepare_streams
from carecoord_tui.cli.parser import parse

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (``sys.argv`` unless told) and return its exit code."""
    # Before anything else: no child and no thread may inherit it.
    given_secret = os.environ.pop(PASSPHRASE_VARIABLE, None)
    prepare_streams()
    try:
        options = parse(arguments)
        code = _guarded(Invocation(options, dict(os.environ), given_secret))
        sys.stdout.flush()
    except SystemExit as leaving:  # argparse, after help or a wrong command line
        return leaving.code if isinstance(leaving.code, int) else 0
    except BrokenPipeError:
        # The reader of the pipe has left; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code


def _guarded(invocation: Invocation) -> int:
    try:
        return invocation.options.run(invocation)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - said in one sentence, or reported as a crash
        sentence = sentence_for(error)
        if sentence is None:
            note(report_crash(error, invocation.paths.root))
            return 1
        note(sentence)
        return exit_code_of(error)
