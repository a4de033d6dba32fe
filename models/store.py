"""Registered bundles: an MLflow registry, and a verified folder of those that were fetched.

MLflow is imported when it is first needed: importing this module costs nothing.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.bundle import Bundle
from models.bundle_files import load_bundle, verify_bundle
from models.errors import BundleError, StoreError
from models.golden import check_golden
from models.manifest import SHA256
from models.mlflow_session import download_bundle, log_bundle_model, mlflow_session

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

NAME = "cupromark"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous_champion"
HISTORY_TAG = "champion_history"  # versions that were champion, oldest first
HISTORY_LENGTH = 50
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
        self, folder: Path, *, run_id: str | None = None, tags: Mapping[str, str] | None = None
    ) -> str:
        """Verify a bundle, log it as a pyfunc model and register it as the new challenger.

        Parameters
        ----------
        folder
            Of the bundle.
        run_id
            MLflow run to log it under; None makes a run for it.
        tags
            Kept with the version.

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
        with mlflow_session(self.tracking_uri) as client:
            if run_id is None:
                run_id = client.create_run(
                    self._experiment_id(client), run_name="register"
                ).info.run_id
                client.set_terminated(run_id)
            version = log_bundle_model(
                folder, client=client, run_id=run_id, name=self.name, tags=described
            )
            client.set_registered_model_alias(self.name, CHALLENGER, version)
        return version

    def list(self) -> list[StoredBundle]:
        """Every registered version, newest first; empty when nothing was registered."""
        with mlflow_session(self.tracking_uri) as client:
            aliases = self._aliases(client)
            versions: list[ModelVersion] = []
            token = None
            while token is None or token:
                page = client.search_model_versions(
                    f"name='{self.name}'", max_results=1000, page_token=token
                )
                versions += page
                token = page.token or ""
        stored = [_stored(version, aliases) for version in versions]
        return sorted(stored, key=lambda bundle: int(bundle.version), reverse=True)

    def show(self, version_or_alias: str) -> StoredBundle:
        """One registered version, by number or alias; StoreError when there is none."""
        with mlflow_session(self.tracking_uri) as client:
            aliases = self._aliases(client)
            version = self._resolve(aliases, version_or_alias)
            return _stored(client.get_model_version(self.name, version), aliases)

    def promote(self, version_or_alias: str) -> StoredBundle:
        """Make a version the champion; the one before is remembered for `rollback`."""
        with mlflow_session(self.tracking_uri) as client:
            aliases = self._aliases(client)
            version = self._resolve(aliases, version_or_alias)
            client.get_model_version(self.name, version)
            champion = aliases.get(CHAMPION)
            if champion is not None and champion != version:
                self._remember(client, [*self._history(client), champion])
            client.set_registered_model_alias(self.name, CHAMPION, version)
            if aliases.get(CHALLENGER) == version:
                client.delete_registered_model_alias(self.name, CHALLENGER)
        return self.show(version)

    def rollback(self) -> StoredBundle:
        """Make the champion before the present one champion again."""
        with mlflow_session(self.tracking_uri) as client:
            history = self._history(client)
            if not history:
                raise StoreError(
                    f"No version of {self.name} was champion before the present one.",
                    needed="at least two promotions.",
                    remedy="promote another version instead.",
                )
            self._remember(client, history[:-1])
            client.set_registered_model_alias(self.name, CHAMPION, history[-1])
        return self.show(history[-1])

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
        if not SHA256.fullmatch(stored.sha256):  # it becomes the name of a folder
            raise StoreError(
                f"Version {stored.version} does not say which bundle it holds.",
                needed="the tag bundle_sha256, as registration sets it.",
                remedy="register the bundle again with BundleStore.register.",
            )
        folder = self.cache / stored.sha256
        if _is_whole(folder, stored.sha256):
            return folder
        try:
            self._download(stored, folder)
        except OSError as error:
            raise StoreError(
                f"Version {stored.version} cannot be kept in {self.cache}: "
                f"{error.strerror or error}.",
                needed="a cache folder that can be written, with enough space.",
                remedy="mend that, or name another cache.",
            ) from error
        return folder

    def _download(self, stored: StoredBundle, folder: Path) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".fetch-") as partial:
            with mlflow_session(self.tracking_uri) as client:
                downloaded = download_bundle(
                    Path(partial), client=client, name=self.name, version=stored.version
                )
            if verify_bundle(downloaded).sha256 != stored.sha256:
                raise StoreError(
                    f"Version {stored.version} holds another bundle than the one registered.",
                    needed=f"the bundle with sha256 {stored.sha256[:12]}.",
                    remedy="use another version, and find out who changed the artifacts.",
                )
            if _is_whole(folder, stored.sha256):  # another process was faster
                return
            shutil.rmtree(folder, ignore_errors=True)
            downloaded.rename(folder)

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

    def _history(self, client: MlflowClient) -> tuple[str, ...]:
        registered = client.search_registered_models(f"name='{self.name}'")
        past = [model.tags.get(HISTORY_TAG, "") for model in registered]
        return tuple(version for listed in past for version in listed.split(",") if version)

    def _remember(self, client: MlflowClient, history: Sequence[str]) -> None:
        kept = history[-HISTORY_LENGTH:]
        client.set_registered_model_tag(self.name, HISTORY_TAG, ",".join(kept))
        if kept:
            client.set_registered_model_alias(self.name, PREVIOUS, kept[-1])
        else:
            client.delete_registered_model_alias(self.name, PREVIOUS)


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


def _is_whole(folder: Path, sha256: str) -> bool:
    try:
        return verify_bundle(folder).sha256 == sha256
    except BundleError:
        return False


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
