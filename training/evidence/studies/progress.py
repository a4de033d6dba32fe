"""Progress of a study on the terminal: one bar, which moves once the number of parts is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def study_progress(console: Console, description: str) -> Iterator[Callable[[int, int], None]]:
    """Bar on the console; gives what a study tells (parts done, parts in all)."""
    shown: dict[str, Any] = {"console": console, "transient": True}
    shown["disable"] = not console.is_terminal
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), **shown) as progress:
        task = progress.add_task(description, total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield tell
