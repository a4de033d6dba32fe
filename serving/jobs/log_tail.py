"""The end of a job's log, found by the numbers of its lines, which have no holes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.jobs.job import LogLine

if TYPE_CHECKING:
    from models.jobs.board import JobBoard


def log_tail(board: JobBoard, job_id: str, n_lines: int) -> list[LogLine]:
    """Read the last lines of a log, oldest first.

    Raises
    ------
    UnknownJob
        There is no such job.
    """
    known = board.log(job_id, limit=n_lines + 1)
    if len(known) <= n_lines:
        return known
    last = _last_number(board, job_id, known[-1].number)
    # Lines may have come meanwhile: of those the newest are wanted.
    return board.log(job_id, after=last - n_lines, limit=1000)[-n_lines:]


def _last_number(board: JobBoard, job_id: str, known: int) -> int:
    """Find the largest number, in steps that double and then halve; `known` is one that exists."""
    beyond = 2 * known
    while board.log(job_id, after=beyond - 1, limit=1):
        known, beyond = beyond, 2 * beyond
    while beyond - known > 1:
        middle = (known + beyond) // 2
        if board.log(job_id, after=middle - 1, limit=1):
            known = middle
        else:
            beyond = middle
    return known
