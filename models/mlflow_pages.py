"""All pages of what a search of MLflow finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def all_pages(search: Callable[..., Any], experiment_ids: list[str]) -> list[Any]:
    """Everything that a search of MLflow finds.

    Parameters
    ----------
    search
        A method of MLflow's client that is called with the ids and `page_token`, and gives a page
        of at most as many as it likes.
    """
    found: list[Any] = []
    token = None
    while token is None or token:
        page = search(experiment_ids, page_token=token)
        found += page
        token = page.token or ""
    return found
