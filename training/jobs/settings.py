"""What can be set about a worker.

Every setting is an environment variable with the prefix CUPROMARK_WORKER_, and is listed in
docs/jobs.md. Nothing is read at import: `WorkerSettings()` reads the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.default_secrets import refuse_default_secrets
from models.jobs.database import jobs_database_in
from models.store_place import store_folder
from training.notifications.addresses import check_url

GIB = 1024**3
WebhookEvent = Literal["promoted", "refused", "registered", "nothing_new", "failed", "cancelled"]


class WorkerSettings(BaseSettings):
    """Settings of one worker."""

    model_config = SettingsConfigDict(
        env_prefix="CUPROMARK_WORKER_",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    database_url: str | None = None
    """Database of the jobs: sqlite:///file or postgresql://user:password@host:5432/name. By default
    `jobs.db` in the store's folder, or in var where the store is an address."""

    store: str = "var"
    """Where bundles are registered: the folder of a local store, or the address of an MLflow
    server."""

    state: Path = Path("var/worker")
    """Folder of what the worker itself keeps: its id, and finished drugs of jobs under way."""

    executor_id: str | None = Field(default=None, min_length=1, max_length=200)
    """Name of the worker, the same after a restart. By default the host's name with a random end,
    made once and kept in `state`."""

    heartbeat_seconds: float = Field(default=10.0, ge=1, le=600)
    """A worker that gave no sign of life for so long loses its job to another one."""

    poll_seconds: float = Field(default=0.5, ge=0.05, le=60)
    """How often it looks for a new job."""

    memory_bytes_per_child: int = Field(default=4 * GIB, ge=256 * 1024**2)
    """What the process of a job and those that it starts may hold in memory together; beyond that
    they are ended and the job fails as out of memory."""

    processes: int | None = Field(default=None, ge=1, le=1024)
    """Processes of a training, one thread each; one a core by default. Their number changes no
    result."""

    stop_seconds: float = Field(default=2.0, ge=0.1, le=4.0)
    """Time that the process of a cancelled job has between SIGTERM and SIGKILL."""

    longest_wait_seconds: float = Field(default=60.0, ge=1, le=3600)
    """Longest pause between two attempts at something that is away, such as MLflow; pauses double
    from one second."""

    keep_days: float = Field(default=7.0, ge=0)
    """Finished drugs of jobs that failed or were cancelled are kept so long, for resuming."""

    policies: Path = Path("var/policies")
    """Folder of promotion policies that jobs name, each `<name>.json`."""

    webhook_urls: tuple[str, ...] = ()
    """Addresses (JSON list, https) that are told when a job ends; docs/schedules.md."""

    webhook_hosts: tuple[str, ...] = ()
    """Hosts (JSON list) that notifications may go to: every one of `webhook_urls` by name."""

    webhook_secret: SecretStr | None = None
    """Signs notifications; 16 characters or more."""

    webhook_events: tuple[WebhookEvent, ...] = ("promoted", "refused", "failed")
    """What is told (JSON list): promoted, refused, registered, nothing_new, failed, cancelled."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe lines of the worker's own log."""

    log_format: Literal["text", "json"] = "text"
    """Form of these lines."""

    @model_validator(mode="after")
    def _check_webhooks(self) -> Self:
        if not self.webhook_urls:
            return self
        if self.webhook_secret is None:
            raise ValueError("webhook_urls need a webhook_secret that signs what is sent")
        refuse_default_secrets({"webhook_secret": self.webhook_secret.get_secret_value()})
        for url in self.webhook_urls:
            check_url(url, self.webhook_hosts)
        return self

    @property
    def jobs_database(self) -> str:
        """Address of the database of the jobs."""
        return self.database_url or jobs_database_in(store_folder(self.store))
