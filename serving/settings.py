"""What can be set about the service, and which combinations are refused at start.

Every setting is an environment variable with the prefix CUPROMARK_SERVE_, and is listed in
docs/serving.md. Nothing is read at import: `ServingSettings()` reads the environment.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.store_place import is_address

MIB = 1024 * 1024


class ServingSettings(BaseSettings):
    """Settings of one answering process."""

    model_config = SettingsConfigDict(
        env_prefix="CUPROMARK_SERVE_",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    host: str = "127.0.0.1"
    """Address to listen on. Anything but a loopback address needs API keys."""

    port: int = Field(default=8000, ge=0, le=65535)
    """TCP port to listen on; 0 takes a free one and prints it."""

    store: str = "var"
    """Where bundles are fetched from: the folder of a local store, or the address of an MLflow
    server."""

    bundle: str = "champion"
    """Which bundle is served: an alias or version in the store, or a folder that holds a bundle."""

    state: Path = Path("var/serving")
    """Folder of what the service itself keeps: verified bundles and, by default, its database."""

    cache: Path | None = None
    """Folder of verified bundles, from which the service starts when the store is down. By
    default `bundles` inside `state`."""

    watch_seconds: float = Field(default=5.0, gt=0, le=86_400)
    """Seconds between two looks at the alias; a change is proven and swapped in between requests.
    """

    database_url: SecretStr | None = None
    """SQLAlchemy URL of the database of keys and audit trail (SQLite or Postgres). By default
    `serving.db` inside `state`."""

    upgrade_database: bool | None = None
    """Bring the tables of the database up to date at start. By default done for SQLite; for
    Postgres `cupromark database upgrade` does it."""

    database_away_seconds: float = Field(default=300.0, ge=0)
    """How long known API keys go on being taken while the database does not answer."""

    jobs_database_url: SecretStr | None = None
    """SQLAlchemy URL of the database of jobs (SQLite or Postgres), the one that workers look at. By
    default `jobs.db` in the folder that `store` names, else in the folder that holds `state`."""

    mlflow_url: str | None = None
    """Address at which people open MLflow, for links from jobs to their runs."""

    open_mode: bool = False
    """Answer without any API key. Allowed on a loopback address only, and said loudly."""

    max_body_bytes: int = Field(default=16 * MIB, ge=1024)
    """Largest JSON body as it comes over the wire, in bytes."""

    max_decompressed_bytes: int = Field(default=32 * MIB, ge=1024)
    """Largest JSON body after its Content-Encoding is undone, in bytes."""

    max_upload_bytes: int = Field(default=64 * MIB, ge=1024)
    """Largest uploaded file (any body that is not JSON), in bytes, before and after its
    Content-Encoding is undone."""

    max_unpacked_bytes: int = Field(default=512 * MIB, ge=1024)
    """Largest size that an uploaded gzip or zip file may decompress to, in bytes."""

    max_uploads: int = Field(default=16, ge=1)
    """Most files that may be received or read at a time; beyond it the answer is 503."""

    upload_readers: int = Field(default=2, ge=1, le=64)
    """How many processes read uploaded files; they start with the first files and stay."""

    upload_seconds: float = Field(default=30.0, gt=0)
    """Longest time for reading one file, after which it is refused."""

    upload_memory_bytes: int = Field(default=2048 * MIB, ge=256 * MIB)
    """Memory that a process that reads files may take, in bytes."""

    max_json_depth: int = Field(default=16, ge=4, le=200)
    """How deeply arrays and objects may nest in a JSON body."""

    max_json_containers: int = Field(default=100_000, ge=100)
    """How many arrays and objects a JSON body may hold."""

    max_json_names: int = Field(default=400_000, ge=100)
    """How many names the objects of a JSON body may hold, together."""

    max_profiles: int = Field(default=1_000, ge=1)
    """Most profiles in one request."""

    max_genes: int = Field(default=60_000, ge=1)
    """Most genes of one profile."""

    max_drugs: int = Field(default=1_000, ge=1)
    """Most drugs that one request may name."""

    body_seconds: float = Field(default=30.0, gt=0)
    """Longest time that the body of a request may take to arrive; then 408."""

    body_pause_seconds: float = Field(default=10.0, gt=0)
    """Longest pause within the body of a request; then 408."""

    request_seconds: float = Field(default=60.0, gt=0)
    """Longest time for an answer, after which it is 503."""

    shutdown_seconds: float = Field(default=30.0, gt=0)
    """On SIGTERM, how long requests in flight may take to finish."""

    max_requests_in_flight: int = Field(default=1_000, ge=1)
    """Most requests at a time; beyond it the answer is 503."""

    rate_per_minute: int = Field(default=0, ge=0)
    """Requests that one API key may make in a minute; 0 for no limit. A key of its own limit
    keeps that."""

    public_rate_per_minute: int = Field(default=0, ge=0)
    """Requests that one address may make in a minute to routes that need no key; 0 for no limit."""

    failed_keys_per_minute: int = Field(default=60, ge=1)
    """Wrong API keys that one address may try in a minute; then 429."""

    key_cache_seconds: float = Field(default=2.0, ge=0, le=5)
    """Seconds between two looks at the keys: a revocation acts after at most about this time."""

    session_idle_seconds: float = Field(default=8 * 3600.0, ge=60, le=30 * 86_400)
    """A login at the pages that nobody used for this long is over."""

    session_seconds: float = Field(default=7 * 86_400.0, ge=60, le=90 * 86_400)
    """Longest time that a login at the pages holds, however much it is used."""

    secure_cookies: bool | None = None
    """Whether the cookie of a login is sent over TLS alone. By default everywhere but on a loopback
    address; without TLS, browsers cannot log in then."""

    idempotency_seconds: float = Field(default=600.0, ge=0)
    """How long the answer to a request with an Idempotency-Key is kept; 0 turns it off."""

    idempotency_bytes: int = Field(default=16 * MIB, ge=0)
    """Memory that stored answers may take together, in bytes; the oldest go first."""

    report_cache_bytes: int = Field(default=512 * MIB, ge=MIB)
    """Disk that reports of drugs may take inside `state`, in bytes; the least used go first."""

    two_person_rule: bool = False
    """Whether a drug is approved only when two different people have signed it off. One person's
    rejection is enough in any case."""

    sign_off_role: Literal["reviewer", "lead"] = "lead"
    """Who may sign a drug off: any reviewer (scope `review`), or leads alone (scopes `review` and
    `operate`)."""

    unapproved: Literal["answer", "withhold"] = "answer"
    """What becomes of predictions of drugs that nobody has approved yet: they are answered, saying
    so, or withheld like those of rejected drugs."""

    approval_seconds: float = Field(default=3.0, ge=0.1, le=60)
    """Seconds between two looks at the reviews: a rejection acts after at most about this time."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe log event that is written."""

    log_format: Literal["json", "text"] = "json"
    """Logs as JSON lines or as text for a terminal; both go to standard error."""

    drift: bool = True
    """Count profiles into histograms by gene, caller and day, to tell whether they still look like
    the training cohort; no profile is kept."""

    drift_least_profiles: int = Field(default=20, ge=10)
    """Fewest different profiles of a caller that are counted together: histograms of fewer are
    neither stored nor shown."""

    drift_store_seconds: float = Field(default=30.0, gt=0, le=3_600)
    """Seconds between two times that counts of drift go to the database."""

    drift_keep_days: int = Field(default=400, ge=1)
    """After how many days counts of drift are deleted."""

    drift_check_seconds: float = Field(default=600.0, gt=0, le=86_400)
    """Seconds between two looks at drift, for the metrics and for `drift_submit`."""

    drift_days: int = Field(default=7, ge=1, le=400)
    """How many days, today included, are looked at together."""

    drift_least_share: float = Field(default=0.1, gt=0, le=1)
    """Share of the measured genes that must have drifted for it to be called drift."""

    drift_submit: bool = False
    """Ask for a retraining when there is drift. The promotion gate decides about what it gives."""

    drift_cohort: str | None = None
    """Cohort of that retraining; by default the one that the bundle learned from."""

    drift_again_days: int = Field(default=7, ge=1)
    """After how many days a retraining may be asked for again because of the same bundle."""

    shadow_share: float = Field(default=0.0, ge=0, le=1)
    """Share of the requests that the challenger answers too, once the caller has the champion's
    answer; only sums of the differences are kept. 0 turns it off."""

    shadow_store_seconds: float = Field(default=30.0, gt=0, le=3_600)
    """Seconds between two times that sums of the shadow go to the database."""

    telemetry: bool = False
    """Send traces by OpenTelemetry (needs the extra `telemetry`; configured by its own OTEL_
    variables)."""

    cors_origins: tuple[str, ...] = ()
    """Origins (JSON list) whose pages may call the service from a browser; none by default."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks (JSON list) whose X-Forwarded-For and -Proto headers are believed."""

    oidc_issuer: str | None = None
    """Issuer of OpenID Connect tokens, accepted beside API keys (needs the extra `oidc`)."""

    oidc_audience: str | None = None
    """Audience that an OpenID Connect token must name."""

    oidc_scope_claim: str = "scope"
    """Claim of a token that lists what its bearer may do: words parted by blanks, or a list."""

    oidc_scope_prefix: str = "cupromark:"
    """What stands before a scope's name in that claim, as in `cupromark:predict`."""

    organization: str = "not stated"
    """Who runs this service, shown by /service-info."""

    organization_url: str | None = None
    """Address of whoever runs this service; by default the address of the service."""

    environment: str | None = None
    """Such as test or production, shown by /service-info."""

    contact_url: str | None = None
    """Where users of this service find help, shown by /service-info."""

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.open_mode and not self.is_loopback:
            raise ValueError(
                f"open mode answers everyone without a key, and {self.host} is not a loopback "
                "address: leave open_mode off and make a key with `cupromark keys create`, "
                "or listen on 127.0.0.1"
            )
        if "*" in self.trusted_proxies and not self.is_loopback:
            raise ValueError(
                "trusted_proxies must name addresses, not '*', when host is not loopback"
            )
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("oidc_issuer and oidc_audience belong together: give both or none")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def has_secure_cookies(self) -> bool:
        """Whether cookies are sent over TLS alone."""
        return not self.is_loopback if self.secure_cookies is None else self.secure_cookies

    @property
    def cache_folder(self) -> Path:
        """Folder of verified bundles."""
        return self.cache or self.state / "bundles"

    @property
    def effective_database_url(self) -> str:
        """SQLAlchemy URL of the database, with its password: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.state / 'serving.db'}"

    @property
    def effective_jobs_database_url(self) -> str:
        """SQLAlchemy URL of the database of jobs, with its password: never log it."""
        if self.jobs_database_url is not None:
            return self.jobs_database_url.get_secret_value()
        is_named = "store" in self.model_fields_set and not is_address(self.store)
        folder = Path(self.store) if is_named else self.state.parent
        return f"sqlite:///{folder / 'jobs.db'}"  # where workers look too
