"""What can go by the retention policy, and what stays whatever its age.

The champion, the challenger, the champion before (to go back to), every version with an alias, and
every bundle that the review desk has signed off stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.manifest import SHA256
from models.mlflow_pages import all_pages
from models.mlflow_session import mlflow_session
from models.store import BundleStore, StoredBundle
from training.promotion.kept_artifacts import artifact_bytes, folder_bytes
from training.promotion.retention_policy import RetentionPolicy
from training.tracking import PARENT_TAG

Kind = Literal["version", "model", "run", "cache", "job_log", "job"]
DAY = 86_400.0
PARTIAL = ".fetch-"
APPROVALS = "approvals_"  # tags of a version: names of drugs, by what reviewers decided of them
NO_DRUGS = frozenset(("approvals_at", "approvals_limits"))


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can go.

    Attributes
    ----------
    kind
        `version` with the model that it registered; `model` without a version, left by a removal
        that was stopped; `run` with its children; `cache`: a fetched bundle; `job_log`.
    name
        Version, id of the model, run or job, or name of the folder.
    why
        Why it can go.
    n_bytes
        What its files hold.
    cache
        Folder of fetched bundles that it lies in; None for what is no `cache`.
    """

    kind: Kind
    name: str
    why: str
    n_bytes: int
    cache: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Give what is told of it, by name."""
        return {"kind": self.kind, "name": self.name, "why": self.why, "bytes": self.n_bytes}


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that stays, and why."""

    version: str
    why: str


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """What can go, and which versions stay."""

    items: tuple[Item, ...]
    kept: tuple[Kept, ...]

    @property
    def n_bytes(self) -> int:
        """What all of it holds."""
        return sum(item.n_bytes for item in self.items)


def plan_retention(
    store: BundleStore,
    policy: RetentionPolicy,
    *,
    signed_off: Collection[str],
    now: float,
    caches: Sequence[Path] = (),
    in_use: Collection[str] = (),
) -> RetentionPlan:
    """Look through a store; nothing is changed but what a killed promotion left half done.

    Parameters
    ----------
    signed_off
        sha256 of the bundles about which the review desk has decided.
    now
        Seconds since 1970.
    caches
        Further folders of bundles that were fetched from this store, such as a worker's.
    in_use
        sha256 of fetched bundles that stay whatever becomes of their version.
    """
    previous = store.standing().previous
    versions = store.list()
    kept = {
        one.version: why
        for place, one in enumerate(versions)
        if (why := _why_kept(one, place, policy, previous, signed_off, now)) is not None
    }
    going = [one for one in versions if one.version not in kept]
    items = [
        *_version_items(store, going, policy),
        *_run_items(store, versions, kept, policy, now),
        *_model_items(store, versions, policy, now),
        *_cache_items(
            (store.cache, *caches),
            {*in_use, *(one.sha256 for one in versions if one.version in kept)},
            now,
        ),
    ]
    return RetentionPlan(tuple(items), tuple(Kept(*one) for one in kept.items()))


def _why_kept(
    stored: StoredBundle,
    place: int,
    policy: RetentionPolicy,
    previous: str | None,
    signed_off: Collection[str],
    now: float,
) -> str | None:
    """Say why a version stays; None where it can go. `place` counts from the newest."""
    if stored.aliases:
        return ", ".join(stored.aliases)
    if stored.version == previous:
        return "the champion before"
    if stored.sha256 in signed_off or _was_decided(stored):
        return "signed off"
    if place < policy.keep_newest:
        return f"among the newest {policy.keep_newest}"
    if now - stored.created_at < policy.keep_days * DAY:
        return f"younger than {policy.keep_days:g} days"
    return None


def _was_decided(stored: StoredBundle) -> bool:
    """Whether reviewers had decided when it was promoted: their desk may be out of reach here."""
    return any(
        names and tag.startswith(APPROVALS) and tag not in NO_DRUGS
        for tag, names in stored.tags.items()
    )


def _version_items(
    store: BundleStore, going: Iterable[StoredBundle], policy: RetentionPolicy
) -> list[Item]:
    why = f"older than {policy.keep_days:g} days, and not among the newest {policy.keep_newest}"
    with mlflow_session(store.tracking_uri) as client:
        return [
            Item("version", one.version, why, artifact_bytes(client, model_uri(client, store, one)))
            for one in going
        ]


def _run_items(
    store: BundleStore,
    versions: Iterable[StoredBundle],
    kept: Collection[str],
    policy: RetentionPolicy,
    now: float,
) -> list[Item]:
    """List runs whose versions all go, and old ones that registered nothing, with children."""
    stays: dict[str, bool] = {}
    for one in versions:
        run_id = one.run_id or ""
        stays[run_id] = stays.get(run_id, False) or one.version in kept
    items = []
    with mlflow_session(store.tracking_uri) as client:
        children: dict[str, list[Any]] = {}
        for run in all_pages(client.search_runs, [store.experiment_id()]):
            children.setdefault(run.data.tags.get(PARENT_TAG, ""), []).append(run)
        for run in children.get("", []):
            run_id = str(run.info.run_id)
            if stays.get(run_id, _is_young_run(run, policy, now)):
                continue
            old = f"registered nothing, and is older than {policy.keep_run_days:g} days"
            family = [run, *children.get(run_id, [])]
            n_bytes = sum(artifact_bytes(client, one.info.artifact_uri) for one in family)
            why = "its version goes" if run_id in stays else old
            items.append(Item("run", run_id, why, n_bytes))
    return items


def _is_young_run(run: Any, policy: RetentionPolicy, now: float) -> bool:
    """Whether a run that registered nothing stays; what is still written has a day at least."""
    at, is_over = run.info.end_time or run.info.start_time, run.info.end_time is not None
    kept_days = policy.keep_run_days if is_over else max(policy.keep_run_days, 1)
    return bool(at / 1000 > now - kept_days * DAY)


def _model_items(
    store: BundleStore, versions: Iterable[StoredBundle], policy: RetentionPolicy, now: float
) -> list[Item]:
    """List models of no version: a removal, or a registration, was stopped."""
    oldest = now - max(policy.keep_days, 1) * DAY  # a registration may be under way
    with mlflow_session(store.tracking_uri) as client:
        registered = {model_id_of(client, store, one) for one in versions}
        return [
            Item(
                "model",
                str(model.model_id),
                "belongs to no version",
                artifact_bytes(client, model.artifact_location),
            )
            for model in all_pages(client.search_logged_models, [store.experiment_id()])
            if model.model_id not in registered and model.creation_timestamp / 1000 < oldest
        ]


def _cache_items(caches: Iterable[Path], hashes: Collection[str], now: float) -> list[Item]:
    items = []
    for cache in dict.fromkeys(one.resolve() for one in caches):
        for folder in sorted(_folders(cache)):
            why = _why_uncached(folder, hashes, now)
            if why is not None:
                items.append(Item("cache", folder.name, why, folder_bytes(folder), cache))
    return items


def _why_uncached(folder: Path, hashes: Collection[str], now: float) -> str | None:
    """Say why a folder of a cache can go; None where it stays."""
    if SHA256.fullmatch(folder.name) and folder.name not in hashes:
        return "fetched, and no version that stays"
    if folder.name.startswith(PARTIAL) and now - folder.stat().st_mtime > DAY:
        return "a fetch that was stopped"
    return None


def _folders(cache: Path) -> list[Path]:
    return [one for one in cache.iterdir() if one.is_dir()] if cache.is_dir() else []


def model_id_of(client: Any, store: BundleStore, stored: StoredBundle) -> str | None:
    """Id of the model that a version was registered from; None for another kind of source."""
    source = str(client.get_model_version(store.name, stored.version).source)
    return source.removeprefix("models:/") if source.startswith("models:/m-") else None


def model_uri(client: Any, store: BundleStore, stored: StoredBundle) -> str | None:
    """Where the files of a version are; None where MLflow does not know."""
    model_id = model_id_of(client, store, stored)
    return None if model_id is None else str(client.get_logged_model(model_id).artifact_location)
