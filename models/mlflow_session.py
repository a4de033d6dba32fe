"""Calls to MLflow that fail in seconds, say what to do, and leave its global settings alone."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from models.errors import StoreAwayError, StoreError

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

CONNECT_SECONDS = 3.0
PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
# MLflow's own defaults keep trying an unreachable server for four minutes.
ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
BUNDLE_ARTIFACT = "bundle"
# Type hints and an input example would make MLflow insist on one list of genes; the last one is
# SQLAlchemy's, about MLflow's own queries.
ADVICE = (
    "Add type hints to the `predict`",
    "An input example was not provided",
    "Any type hint is inferred as AnyType",
    "The ``noload`` loader strategy is deprecated",
)
# How MLflow words a server or a database that does not answer, or answers 5xx.
AWAY = (
    "failed with timeout exception",
    "failed with exception",
    "failed with error code 5",
    "(psycopg.OperationalError)",
    "database is locked",
)
NOISY_LOGGERS = ("mlflow", "alembic")
REQUIREMENTS = ("mlflow", "numpy", "pandas")


@contextmanager
def mlflow_session(tracking_uri: str) -> Iterator[MlflowClient]:
    """Client of a store; whatever goes wrong in MLflow becomes a StoreError.

    Settings that the user made in the environment win over ours.
    """
    _refuse_unreachable(tracking_uri)
    with _environment(), _without_advice(), _quiet(), _tracking_uri(tracking_uri):
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError  # MLflow lets it pass while it makes tables

        try:
            yield MlflowClient(tracking_uri, registry_uri=tracking_uri)
        except (MlflowException, SQLAlchemyError) as error:
            kind = StoreAwayError if _is_away(error) else StoreError
            raise kind(
                f"MLflow at {shown(tracking_uri)} refused: {_first_line(error)}",
                needed="a store that answers, and a version that it holds.",
                remedy="check the address and the version; list the registered bundles.",
            ) from error


def log_bundle_model(
    folder: Path,
    *,
    client: MlflowClient,
    run_id: str,
    name: str,
    tags: Mapping[str, str],
) -> str:
    """Log a bundle as a pyfunc model of a run and register it; return the version."""
    import mlflow.pyfunc

    status = client.get_run(run_id).info.status
    with tempfile.TemporaryDirectory() as scratch:
        # MLflow names the artifact after the folder that it comes from.
        bundle = shutil.copytree(folder, Path(scratch) / BUNDLE_ARTIFACT)
        with _run(run_id):
            logged = mlflow.pyfunc.log_model(
                name=BUNDLE_ARTIFACT,
                python_model=str(Path(__file__).with_name("pyfunc_model.py")),
                artifacts={BUNDLE_ARTIFACT: str(bundle)},
                pip_requirements=[f"{name}=={installed_version(name)}" for name in REQUIREMENTS],
                signature=_signature(),
            )
    client.update_run(run_id, status=status)  # leaving the run ended it, for all MLflow knows
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)
    version = client.create_model_version(
        name, source=logged.model_uri, run_id=run_id, tags=dict(tags), model_id=logged.model_id
    )
    return str(version.version)


def download_bundle(folder: Path, *, client: MlflowClient, name: str, version: str) -> Path:
    """Download the bundle of a registered version below a folder; return where it lies."""
    from mlflow.artifacts import download_artifacts

    downloaded = download_artifacts(
        artifact_uri=f"models:/{name}/{version}/artifacts/{BUNDLE_ARTIFACT}",
        dst_path=str(folder),
        tracking_uri=client.tracking_uri,
        registry_uri=client.tracking_uri,
    )
    return Path(downloaded)


def shown(uri: str) -> str:
    """Address without a password in it."""
    parts = urlsplit(uri)
    if parts.password is None:
        return uri
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")).geturl()


def _signature() -> ModelSignature:
    """Parameters only: which genes a profile holds is for the coverage rule to judge."""
    from mlflow.models import ModelSignature
    from mlflow.types import ParamSchema, ParamSpec

    return ModelSignature(
        params=ParamSchema(
            [
                ParamSpec("scale", "string", None),
                ParamSpec("drugs", "string", [], shape=(-1,)),
                ParamSpec("align", "string", "auto"),
                ParamSpec("level", "double", 0.8),
                ParamSpec("lineage", "string", None),
            ]
        )
    )


@contextmanager
def _run(run_id: str) -> Iterator[None]:
    """Make a run the active one, unless it is already."""
    import mlflow

    active = mlflow.active_run()
    if active is not None and active.info.run_id == run_id:
        yield
        return
    with mlflow.start_run(run_id=run_id, nested=active is not None):
        yield


@contextmanager
def _tracking_uri(uri: str) -> Iterator[None]:
    """Set MLflow's global address, by which it logs models; put back what was there."""
    import mlflow

    is_set: bool = mlflow.is_tracking_uri_set()  # type: ignore[no-untyped-call]
    before = mlflow.get_tracking_uri() if is_set else None
    mlflow.set_tracking_uri(uri)
    try:
        yield
    finally:
        # None stands for never having been set, which the annotation does not know.
        mlflow.set_tracking_uri(before)  # type: ignore[arg-type]


@contextmanager
def _without_advice() -> Iterator[None]:
    """Drop MLflow's advice, which it shows past any filter; other warnings come through."""
    with warnings.catch_warnings(record=True) as caught:
        for start in ADVICE:
            warnings.filterwarnings("ignore", message=f".*{start}")
        yield
    for warning in caught:
        if not any(start in str(warning.message) for start in ADVICE):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )


@contextmanager
def _environment() -> Iterator[None]:
    added = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MLflow's chatter off the terminal; its warnings stay."""
    loggers = [logging.getLogger(name) for name in NOISY_LOGGERS]
    levels = [logger.level for logger in loggers]
    import mlflow  # noqa: F401 - importing it sets the levels that are changed here

    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _refuse_unreachable(uri: str) -> None:
    """Knock at the door first: MLflow retries databases for minutes, whatever it is told."""
    parts = urlsplit(uri)
    scheme = parts.scheme.split("+")[0]
    if scheme not in PORTS or parts.hostname is None or scheme in getproxies():
        return
    try:
        port = parts.port or PORTS[scheme]
        socket.create_connection((parts.hostname, port), timeout=CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise StoreAwayError(
            f"MLflow at {shown(uri)} cannot be reached: {error}.",
            needed="a running server, or a database, at that address.",
            remedy="start it, correct the address, or use the local store.",
        ) from error


def _is_away(error: Exception) -> bool:
    """Whether the server was lost on the way, or is overloaded; its own refusals read otherwise."""
    return any(words in str(error) for words in AWAY)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
