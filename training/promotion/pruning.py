"""Carrying a retention plan out.

What names a thing goes last, so that a removal that was stopped is found and finished by the next
one; but a version goes before its files, so that nobody is sent to files that are gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from models.champions import one_at_a_time
from models.mlflow_pages import all_pages
from models.mlflow_session import mlflow_session
from models.store import BundleStore
from training.promotion.kept_artifacts import remove_artifacts
from training.promotion.retention import Item, RetentionPlan, model_id_of
from training.tracking import PARENT_TAG

Removed = Callable[[Item], None]


def carry_out(
    store: BundleStore, plan: RetentionPlan, *, removed: Removed = lambda item: None
) -> tuple[Item, ...]:
    """Remove what a plan names; gives what was removed.

    A version that somebody gave an alias since stays, and so does its run.

    Parameters
    ----------
    removed
        Told after every item.
    """
    done: list[Item] = []
    spared_runs: set[str] = set()
    steps: dict[str, Callable[[Item], bool]] = {
        "version": lambda item: _remove_version(store, item, spared_runs),
        "run": lambda item: _remove_run(store, item, spared_runs),
        "model": lambda item: _remove_model(store, item.name),
        "cache": _remove_cache,
    }
    for item in plan.items:
        if item.kind in steps and steps[item.kind](item):
            done.append(item)
            removed(item)
    return tuple(done)


def _remove_version(store: BundleStore, item: Item, spared_runs: set[str]) -> bool:
    with one_at_a_time(store.tracking_uri):
        stored = store.show(item.name)
        if stored.aliases:
            spared_runs.add(stored.run_id or "")
            return False
        with mlflow_session(store.tracking_uri) as client:
            model_id = model_id_of(client, store, stored)
            client.delete_model_version(store.name, stored.version)
    return model_id is None or _remove_model(store, model_id)


def _remove_model(store: BundleStore, model_id: str) -> bool:
    with mlflow_session(store.tracking_uri) as client:
        remove_artifacts(client, client.get_logged_model(model_id).artifact_location)
        client.delete_logged_model(model_id)
    return True


def _remove_run(store: BundleStore, item: Item, spared_runs: set[str]) -> bool:
    if item.name in spared_runs:
        return False
    with mlflow_session(store.tracking_uri) as client:
        for run in [*_children(client, store, item.name), client.get_run(item.name)]:
            remove_artifacts(client, run.info.artifact_uri)
            client.delete_run(run.info.run_id)
    return True


def _children(client: Any, store: BundleStore, run_id: str) -> list[Any]:
    wanted = f"tags.`{PARENT_TAG}` = '{run_id}'"

    def search(experiment_ids: list[str], *, page_token: str | None) -> Any:
        return client.search_runs(experiment_ids, wanted, page_token=page_token)

    return all_pages(search, [store.experiment_id()])


def _remove_cache(item: Item) -> bool:
    if item.cache is not None:
        shutil.rmtree(item.cache / item.name, ignore_errors=True)
    return item.cache is not None
