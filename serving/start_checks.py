"""What is looked at before the service starts, and what is said when it must not."""

from __future__ import annotations

import os
import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.default_secrets import refuse_default_password, refuse_default_secrets
from models.store_place import is_address
from serving.access.key_store import KeyStore
from serving.database.engine import open_database
from serving.database.errors import DatabaseAwayError, DatabaseUnusableError
from serving.database.schema import prepare_database
from serving.errors import SettingsError
from serving.settings import ServingSettings


def read_settings(**given: Any) -> ServingSettings:
    """Read the settings from the environment; what is given, and not None, goes before it.

    Raises
    ------
    SettingsError
        A setting is unknown or wrong, or settings contradict each other.
    """
    _refuse_unknown_variables()
    try:
        return ServingSettings(
            **{name: value for name, value in given.items() if value is not None}
        )
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(
            f"The settings cannot be used: {found}.",
            needed="settings as docs/serving.md lists them.",
            remedy="mend the options, or the CUPROMARK_SERVE_ variables of those names.",
        ) from None


def _refuse_unknown_variables() -> None:
    """Refuse a variable that would be passed over: a limit misspelt would be no limit."""
    prefix = ServingSettings.model_config["env_prefix"]
    given = [name.upper() for name in os.environ if name.upper().startswith(prefix)]
    known = {prefix + name.upper() for name in ServingSettings.model_fields}
    unknown = sorted(set(given) - known)
    if not unknown:
        return
    near = get_close_matches(unknown[0], known, n=1)
    raise SettingsError(
        f"There is no such setting: {', '.join(unknown)[:200]}.",
        needed="settings as docs/serving.md lists them.",
        remedy=f"did you mean {near[0]}?" if near else "take it out of the environment.",
    )


def check_writable(folder: Path) -> None:
    """Make the folder of the service's state.

    Raises
    ------
    SettingsError
        It cannot be made, or not be written.
    """
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)  # another service may look at the same moment
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be written: {error.strerror}.",
            needed="a folder that can be written, for keys, audit trail and fetched bundles.",
            remedy="name another one with --state, or change its permissions.",
        ) from error


def refuse_unsafe_secrets(settings: ServingSettings) -> None:
    """Refuse passwords that protect nothing: of databases elsewhere, and of MLflow's server.

    Raises
    ------
    SecretsError
        One is empty, short or a placeholder.
    """
    refuse_default_password("CUPROMARK_SERVE_DATABASE_URL", settings.effective_database_url)
    if settings.jobs_database_url is not None:
        jobs = settings.jobs_database_url.get_secret_value()
        refuse_default_password("CUPROMARK_SERVE_JOBS_DATABASE_URL", jobs)
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if password is not None and is_address(settings.store):
        refuse_default_secrets({"MLFLOW_TRACKING_PASSWORD": password})


def with_open_mode(settings: ServingSettings) -> ServingSettings:
    """Open the service where nobody said otherwise: on a loopback address, while no key exists."""
    if "open_mode" in settings.model_fields_set or not settings.is_loopback:
        return settings
    if settings.oidc_issuer is not None or _may_have_keys(settings):
        return settings
    return settings.model_copy(update={"open_mode": True})


def _may_have_keys(settings: ServingSettings) -> bool:
    database = open_database(settings.effective_database_url)
    try:
        prepare_database(database, upgrade=settings.upgrade_database)
        return bool(KeyStore(database, clock=time.time).list())
    except DatabaseUnusableError:
        raise
    except DatabaseAwayError:
        return True
    finally:
        database.close()
