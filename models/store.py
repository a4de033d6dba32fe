"""Registered bundles: an MLflow registry, and a verified folder of those that were fetched.

MLflow is imported when it is first needed: importing this module costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.bundle import Bundle
from models.bundle_cache import fetched
from models.bundle_files import load_bundle, verify_bundle
from models.champions import (
    CHALLENGER,
    CHAMPION,
    NOBODY,
    PREVIOUS,
    Champions,
    Standing,
    all_versions,
    one_at_a_time,
)
from models.errors import StoreError
from models.golden import check_golden
from models.mlflow_session import download_bundle, log_bundle_model, mlflow_session

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "DRILL_TAG",
    "JOB_TAG",
    "NAME",
    "NOBODY",
    "PREVIOUS",
    "BundleStore",
    "StoredBundle",
    "local_store",
]

NAME = "cupromark"
JOB_TAG = "job"  # of a version: id of the job that registered it
DRILL_TAG = "drill"  # of a version: it is a fire drill of the gate, never to be promoted
# By this tag MLflow opens its pages for trained models, and not those for language models.
EXPERIMENT_KIND, TRAINING_KIND = "mlflow.experimentKind", "custom_model_development"


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """One registered version.

    Attributes
    ----------
    version
        Number of the version, as text.
    aliases
        Such as champion, challenger, previous_champion.
    sha256
        Hash of the bundle.
    run_id
        MLflow run that it was registered from.
    created_at
        Seconds since 1970, when it was registered.
    tags
        cohort, simulated, n_drugs, and whatever was passed on registration.
    """

    version: str
    aliases: tuple[str, ...]
    sha256: str
    run_id: str | None
    created_at: float
    tags: dict[str, str]


class BundleStore:
    """Bundles in an MLflow registry.

    Parameters
    ----------
    tracking_uri
        Of the MLflow server or database.
    name
        Of the registered model, and of the experiment when a run has to be made.
    cache
        Folder for fetched bundles, one a sha256.
    artifacts
        Where a new experiment keeps its artifacts; None leaves it to the server.
    """

    def __init__(
        self, tracking_uri: str, *, name: str = NAME, cache: Path, artifacts: str | None = None
    ) -> None:
        self.tracking_uri = tracking_uri
        self.name = name
        self.cache = Path(cache)
        self.artifacts = artifacts

    def experiment_id(self) -> str:
        """Experiment of this store, made if need be, with its artifacts in the right place."""
        with mlflow_session(self.tracking_uri) as client:
            return self._experiment_id(client)

    def register(
        self,
        folder: Path,
        *,
        run_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        is_challenger: bool = True,
    ) -> str:
        """Verify a bundle, log it as a pyfunc model and register it as the new challenger.

        A job registers once: asked again, after it was killed on the way, it gets the version that
        it has.

        Parameters
        ----------
        folder
            Of the bundle.
        run_id
            MLflow run to log it under; None makes a run for it.
        tags
            Kept with the version; `job` is the id of the job that registers it.
        is_challenger
            Whether it takes the alias `challenger`; without, the one that bears it keeps it.

        Returns
        -------
        str
            The new version.
        """
        manifest = verify_bundle(folder)
        described = {
            "bundle_sha256": manifest.sha256,
            "cohort": str(manifest.about["cohort"]),
            "simulated": str(manifest.about["simulated"]).lower(),
            "n_drugs": str(len(manifest.about["drugs"])),
            **(tags or {}),
        }
        job_id = described.get(JOB_TAG)
        before = None if job_id is None else self.registered_by_job(job_id)
        if before is not None:
            self._recognise(before, manifest.sha256)
            if is_challenger:
                self._challenge(before)
            return before.version
        with mlflow_session(self.tracking_uri) as client:
            if run_id is None:
                run_id = client.create_run(
                    self._experiment_id(client), run_name="register"
                ).info.run_id
                client.set_terminated(run_id)
            version = log_bundle_model(
                folder, client=client, run_id=run_id, name=self.name, tags=described
            )
            if is_challenger:
                client.set_registered_model_alias(self.name, CHALLENGER, version)
        return version

    def list(self) -> list[StoredBundle]:
        """Every registered version, newest first; empty when nothing was registered."""
        with mlflow_session(self.tracking_uri) as client:
            aliases = self._aliases(client)
            versions = all_versions(client, self.name)
        stored = [_stored(version, aliases) for version in versions]
        return sorted(stored, key=lambda bundle: int(bundle.version), reverse=True)

    def show(self, version_or_alias: str) -> StoredBundle:
        """One registered version, by number or alias; StoreError when there is none."""
        with mlflow_session(self.tracking_uri) as client:
            aliases = self._aliases(client)
            version = self._resolve(aliases, version_or_alias)
            return _stored(client.get_model_version(self.name, version), aliases)

    def find(self, alias: str) -> StoredBundle | None:
        """Version under an alias; None when there is none."""
        found = [stored for stored in self.list() if alias in stored.aliases]
        return found[0] if found else None

    def registered_by_job(self, job_id: str) -> StoredBundle | None:
        """Version that a job registered; None when it has not."""
        found = [stored for stored in self.list() if stored.tags.get(JOB_TAG) == job_id]
        return found[-1] if found else None

    def promote(self, version_or_alias: str, *, replacing: str | None = None) -> StoredBundle:
        """Make a version the champion; the one before is remembered for `rollback`.

        Parameters
        ----------
        replacing
            Version that must be champion until then, `NOBODY` where there must be none; None where
            it does not matter.

        Raises
        ------
        StoreError
            No such version, or somebody else is champion by now. Nothing is changed then.
        """
        with mlflow_session(self.tracking_uri) as client, one_at_a_time(self.tracking_uri):
            version = self._resolve(self._aliases(client), version_or_alias)
            client.get_model_version(self.name, version)
            Champions(client, self.name).promote(version, replacing=replacing)
        return self.show(version)

    def tag(self, version: str, tags: Mapping[str, str]) -> None:
        """Write tags to a version, in the place of those of the same names."""
        with mlflow_session(self.tracking_uri) as client:
            for key, value in tags.items():
                client.set_model_version_tag(self.name, version, key, value)

    def rollback(self) -> StoredBundle:
        """Make the champion before the present one champion again."""
        with mlflow_session(self.tracking_uri) as client, one_at_a_time(self.tracking_uri):
            version = Champions(client, self.name).rollback()
        return self.show(version)

    def standing(self) -> Standing:
        """Champions past and present, after mending what a killed process left half done."""
        with mlflow_session(self.tracking_uri) as client, one_at_a_time(self.tracking_uri):
            return Champions(client, self.name).mend()

    def fetch(self, version_or_alias: str = CHAMPION) -> Path:
        """Folder of a verified bundle in the cache; downloaded when it is not there, or damaged."""
        return self._fetch(self.show(version_or_alias))

    def load(self, version_or_alias: str = CHAMPION) -> Bundle:
        """Fetch a bundle, load it with its version, and have it give its golden answers again."""
        stored = self.show(version_or_alias)
        bundle = load_bundle(self._fetch(stored), version=stored.version)
        if bundle.golden is not None:
            check_golden(bundle)
        return bundle

    def _fetch(self, stored: StoredBundle) -> Path:
        def download(folder: Path) -> Path:
            with mlflow_session(self.tracking_uri) as client:
                return download_bundle(
                    folder, client=client, name=self.name, version=stored.version
                )

        return fetched(self.cache, stored.version, stored.sha256, download)

    def _experiment_id(self, client: MlflowClient) -> str:
        experiment = client.get_experiment_by_name(self.name)
        if experiment is not None:
            return str(experiment.experiment_id)
        return str(
            client.create_experiment(
                self.name, artifact_location=self.artifacts, tags={EXPERIMENT_KIND: TRAINING_KIND}
            )
        )

    def _aliases(self, client: MlflowClient) -> dict[str, str]:
        """Version by alias; empty when nothing was registered yet."""
        registered = client.search_registered_models(f"name='{self.name}'")
        return {a: str(v) for model in registered for a, v in model.aliases.items()}

    def _resolve(self, aliases: Mapping[str, str], version_or_alias: str) -> str:
        if version_or_alias.isdecimal():
            return version_or_alias
        if version_or_alias in aliases:
            return aliases[version_or_alias]
        known = ", ".join(f"{alias} (version {v})" for alias, v in sorted(aliases.items()))
        raise StoreError(
            f"No version of {self.name} is called {version_or_alias!r}.",
            needed=f"a version number or an alias: {known or 'none is set'}.",
            remedy="list the registered bundles, promote one, or train one first.",
        )

    def _recognise(self, stored: StoredBundle, sha256: str) -> None:
        """Refuse a job that comes with another bundle than it registered before."""
        if stored.sha256 != sha256:
            raise StoreError(
                f"The job registered another bundle before, as version {stored.version}.",
                needed="the same bundle, or another job.",
                remedy="use that version, or begin a new job.",
            )

    def _challenge(self, stored: StoredBundle) -> None:
        """Make a version that a job registered before the challenger, unless it came further."""
        standing = self.standing()
        if stored.version not in (standing.champion, *standing.past):
            with mlflow_session(self.tracking_uri) as client:
                client.set_registered_model_alias(self.name, CHALLENGER, stored.version)


def local_store(var: Path) -> BundleStore:
    """Store in a folder: SQLite, artifacts and fetched bundles below `var`."""
    folder = Path(var).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder) from error
    if not os.access(folder, os.W_OK):
        raise _unwritable(folder)
    return BundleStore(
        f"sqlite:///{folder / 'mlflow.db'}",
        cache=folder / "bundles",
        artifacts=(folder / "artifacts").as_uri(),
    )


def _unwritable(folder: Path) -> StoreError:
    return StoreError(
        f"{folder} cannot be written.",
        needed="a folder that can be written, for the database and the bundles.",
        remedy="name another folder, or change its permissions.",
    )


def _stored(version: ModelVersion, aliases: Mapping[str, str]) -> StoredBundle:
    number = str(version.version)
    tags = {str(key): str(value) for key, value in version.tags.items()}
    return StoredBundle(
        version=number,
        aliases=tuple(sorted(alias for alias, of in aliases.items() if of == number)),
        sha256=tags.pop("bundle_sha256", ""),
        run_id=version.run_id or None,
        created_at=version.creation_timestamp / 1000,
        tags=tags,
    )
