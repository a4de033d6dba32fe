"""Work in several processes, one thread each, that stops cleanly."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import joblib

Job = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


@contextmanager
def results_of(
    jobs: Iterable[Job], *, n_jobs: int, in_order: bool = False
) -> Iterator[Iterator[Any]]:
    """Give the results of `joblib.delayed` jobs as they are done; leaving early stops the others.

    Parameters
    ----------
    n_jobs
        Processes; 1 works in this one.
    in_order
        Whether the results come in the order of the jobs.
    """
    config = joblib.parallel_config(
        backend="loky", inner_max_num_threads=1, initializer=_leave_interrupts_to_the_parent
    )
    with config:
        parallel = joblib.Parallel(
            n_jobs=n_jobs,
            return_as="generator" if in_order else "generator_unordered",
            batch_size=1,
            pre_dispatch="2*n_jobs",  # beyond that, stopping early makes loky's thread fail
        )
        results = parallel(jobs)
        try:
            yield results
        finally:
            with warnings.catch_warnings():
                # joblib warns of results that nobody fetched; leaving them is what was asked for.
                warnings.simplefilter("ignore", UserWarning)
                if hasattr(results, "close"):
                    results.close()


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal; a worker in compiled code may crash from it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
