"""The command line: composes the packages, holds no logic.

Heavy packages are imported inside the commands, so that `cupromark --help` answers at once.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import typer

from cupromark.commands import (
    claims,
    data,
    database,
    drift,
    evidence,
    evidence_checks,
    evidence_studies,
    explanation,
    job_actions,
    jobs,
    keys,
    models,
    notifications,
    prediction,
    promote,
    report,
    retention,
    reviews,
    schedules,
    serve,
    shadow,
    training,
    worker,
)
from cupromark.groups import app
from cupromark.options import INTERRUPTED, USER_ERROR, UsageError
from cupromark.printing import print_error
from features.errors import CupromarkError

MODULES = (  # imported: thereby registered
    training,
    prediction,
    explanation,
    report,
    models,
    promote,
    retention,
    data,
    evidence,
    evidence_studies,
    evidence_checks,
    claims,
    keys,
    database,
    reviews,
    drift,
    shadow,
    serve,
    jobs,
    schedules,
    notifications,
    job_actions,
    worker,
)
# In the order in which a newcomer needs them; a command that is not named comes last.
ORDER = ("quickstart", "train", "predict", "explain", "validate", "report", "serve", "mlflow")
RANK = {name: rank for rank, name in enumerate(ORDER)}
app.registered_commands.sort(
    key=lambda command: RANK.get(getattr(command.callback, "__name__", ""), len(RANK))
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake ends in one message and exit code 2, never a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        # Without --json Typer itself shows how a command is used, and ends the process.
        sys.exit(app(given, prog_name="cupromark", standalone_mode=not as_json))
    except CupromarkError as error:
        print_error(error, as_json=as_json)
        sys.exit(USER_ERROR)
    except typer.TyperException as error:
        print_error(_usage_error(error), as_json=as_json)
        sys.exit(USER_ERROR)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC):
            raise
        if error.errno == errno.ENOSPC:
            typer.echo("Error: standard output cannot be written: no space is left.", err=True)
            typer.echo("  What to do: make room, or name a file with --out.", err=True)
        # Whoever read our output has had enough, or no room is left: nothing more goes there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(USER_ERROR if error.errno == errno.ENOSPC else 1)


def _usage_error(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "cupromark"
    return UsageError(
        error.format_message(),
        needed="a command with the options that it takes.",
        remedy=f"see {command} --help.",
    )
