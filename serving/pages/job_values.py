"""What the pages of jobs hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from models.jobs.job import UNDER_WAY, Executor, Job, LogLine
from models.jobs.spec import WHOLE
from serving.errors import InvalidRequestError
from serving.jobs.answers import moment
from serving.jobs.queries import JobQuery
from serving.pages.job_words import (
    FIGURE_WORDS,
    SHORT_OUTCOMES,
    drugs_of,
    field_words,
    figure_words,
    gate_rows,
    length_words,
    moment_words,
    plain_name,
    said_of,
    steps_of,
    title_of,
)
from serving.services import Services

Values = dict[str, Any]
ROWS, TAIL_LINES = 25, 300
FILTERS = ("state", "kind")
MOMENTS = ("submitted_at", "started_at", "ended_at")


def jobs_page(services: Services, given: Mapping[str, str]) -> Values:
    """Values of the list.

    Raises
    ------
    InvalidRequestError
        The address was not made by this page.
    BoardAway
        The database of jobs does not answer.
    """
    query = _query({name: value for name, value in given.items() if value})
    page, executors, counts = services.jobs.ask(
        lambda board: (
            board.list(state=query.state, kind=query.kind, limit=ROWS, before=query.cursor),
            board.executors(),
            board.counts(),
        )
    )
    asked = query.model_dump(include=set(FILTERS), exclude_none=True)
    older = None if page.next is None else f"/jobs?{urlencode({**asked, 'cursor': page.next})}"
    served = services.bundles.current()
    return {
        "rows": [job_values(job, services.clock()) for job in page.jobs],
        "asked": asked,
        "counts": {str(state): count for state, count in counts.items()},
        "n_jobs": sum(counts.values()),
        "workers": [_worker(one, services.clock()) for one in executors],
        "is_first": query.cursor is None,
        "newest": f"/jobs?{urlencode(asked)}" if asked else "/jobs",
        "older": older,
        "cohort_now": "" if served is None else served.bundle.cohort,
        "ranges": WHOLE,
    }


def job_page(services: Services, job_id: str) -> Values:
    """Values of one job; UnknownJob where there is none."""
    job, lines = services.jobs.ask(
        lambda board: (board.get(job_id), board.tail(job_id, TAIL_LINES))
    )
    return {
        "job": job_values(job, services.clock()),
        "lines": [_line(line) for line in lines],
        "last": lines[-1].number if lines else 0,
        "first": lines[0].number if lines else 0,
    }


def job_values(job: Job, now: float) -> Values:
    """Give a job in words."""
    times = {name: getattr(job, name) for name in MOMENTS}
    return {
        "id": job.job_id,
        "title": title_of(job.spec),
        "drugs": drugs_of(job.spec),
        "is_drill": job.spec.drill is not None,
        "spec": field_words(job.spec),
        "state": str(job.state),
        "is_over": job.state.is_over,
        "is_moving": job.state in UNDER_WAY,
        "steps": steps_of(job),
        "percent": job.percent,
        "left": length_words(job.seconds_left),
        "said": said_of(job),
        "outcome": job.outcome,
        "short_outcome": SHORT_OUTCOMES.get(job.outcome or "", job.outcome),
        "gate": gate_rows(job.reasons),
        "figures": [
            (FIGURE_WORDS.get(name, plain_name(name)), figure_words(value))
            for name, value in job.figures.items()
        ],
        "can": job.can,
        "mlflow_url": job.mlflow_url,
        "run_id": job.run_id,
        "version": job.version,
        "submitted_by": job.submitted_by,
        "executor_id": job.executor_id,
        "attempt": job.attempt,
        "took": _took(job, now),
        **{name: None if at is None else moment_words(at) for name, at in times.items()},
        **{f"{name}_iso": moment(at) for name, at in times.items()},
    }


def _query(given: Mapping[str, str]) -> JobQuery:
    try:
        return JobQuery.model_validate(given)
    except ValidationError:
        raise InvalidRequestError(
            "The address of this page names a filter that there is not, or cannot be read.",
            needed="an address that this page made.",
            remedy="begin again at /jobs.",
        ) from None


def _worker(executor: Executor, now: float) -> Values:
    return {
        "id": executor.executor_id,
        "host": executor.host,
        "job_id": executor.job_id,
        "silent": length_words(max(0.0, now - executor.beat_at)),
    }


def _line(line: LogLine) -> Values:
    at = datetime.fromtimestamp(line.at, UTC)
    return {"number": line.number, "at": f"{at:%H:%M:%S}", "level": line.level, "text": line.text}


def _took(job: Job, now: float) -> str:
    if job.started_at is None:
        return ""
    return length_words(max(0.0, (now if job.ended_at is None else job.ended_at) - job.started_at))
