"""Options for a cohort of the user's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.options import UsageError, checked_scale

if TYPE_CHECKING:
    from training.cohort import TableCohort

OwnExpression = Annotated[Path | None, typer.Option(help="Your expression, for --cohort table.")]
OwnResponse = Annotated[
    Path | None, typer.Option(help="Your responses or labels, for --cohort table.")
]
OwnScale = Annotated[str | None, typer.Option(help="Scale of your expression.")]


def table_cohort(
    cohort: str,
    expression: Path | None,
    response: Path | None,
    scale: str | None,
    platform_map: Path | None,
) -> TableCohort | None:
    """Give the user's own files for `--cohort table`, and nothing for another cohort.

    Raises
    ------
    UsageError
        `table` without all of them, or another cohort with one of them.
    """
    from training.cohort import GEO_PREFIX, TABLE, TableCohort

    own = {"--expression": expression, "--response": response, "--scale": scale}
    if cohort != TABLE:
        if cohort.startswith(GEO_PREFIX):  # its file does not say what its values are
            del own["--scale"]
            _refuse_own_files(cohort, [*own.items()])
        else:
            _refuse_own_files(cohort, [*own.items(), ("--platform-map", platform_map)])
        return None
    if expression is None or response is None or scale is None:
        raise UsageError(
            f"--cohort table came without {', '.join(n for n, v in own.items() if v is None)}.",
            needed="your expression, what its values are, and your responses or labels.",
            remedy="for example: cupromark train --cohort table --expression expression.csv "
            "--scale log2_tpm --response labels.csv",
        )
    return TableCohort(expression, response, checked_scale(scale), platform_map=platform_map)


def _refuse_own_files(cohort: str, options: Sequence[tuple[str, object]]) -> None:
    given = [name for name, value in options if value is not None]
    if given:
        raise UsageError(
            f"{', '.join(given)} came with --cohort {cohort}, which has files of its own.",
            needed="--cohort table for files of yours.",
            remedy="leave these options out, or name the cohort `table`.",
        )
