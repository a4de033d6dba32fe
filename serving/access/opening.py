"""Access as a whole: made from the settings at start, closed at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from serving.access.audit import AuditLog
from serving.access.authentication import Authenticator, TokenVerifier
from serving.access.key_cache import KeyCache
from serving.access.key_store import KeyStore
from serving.access.rate_limits import RateLimiter
from serving.access.session_cache import SessionCache
from serving.access.session_cookies import SessionCookies
from serving.access.session_store import SessionStore
from serving.database.engine import Database, open_database
from serving.database.errors import DatabaseAwayError, DatabaseUnusableError
from serving.database.schema import prepare_database
from serving.errors import SettingsError

if TYPE_CHECKING:
    from serving.settings import ServingSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what.

    Attributes
    ----------
    database
        The service's database, which reviews and jobs use too.
    keys
        Makes and revokes keys.
    key_cache
        The keys in memory.
    authenticator
        Tells who calls.
    sessions, session_cache, cookies
        Logins of browsers: in the database, in memory, and the cookies that they are known by.
    audit
        Takes the lines of the audit trail.
    rates, public_rates
        Requests counted by key, and by address on routes that need no key.
    rate_per_minute, public_rate_per_minute
        The limits; 0 for none.
    open_mode
        Whether requests without a key are answered.
    """

    database: Database
    keys: KeyStore
    key_cache: KeyCache
    authenticator: Authenticator
    sessions: SessionStore
    session_cache: SessionCache
    cookies: SessionCookies
    audit: AuditLog
    rates: RateLimiter
    public_rates: RateLimiter
    rate_per_minute: int
    public_rate_per_minute: int
    open_mode: bool

    def start(self) -> None:
        """Read the keys and begin to keep them fresh; a database that is away is waited for.

        Raises
        ------
        SchemaError
            If the tables are of another release.
        DatabaseUnusableError
            If the file of the database is damaged, or no database.
        """
        try:
            self.key_cache.refresh()
        except DatabaseUnusableError:
            raise
        except DatabaseAwayError as error:
            log.warning("access.database_away", found=error.found, remedy="keys work once it is up")
        if self.open_mode:
            log.warning(
                "access.open_mode",
                found="requests from this computer are answered without an API key",
                remedy="switch it off with CUPROMARK_SERVE_OPEN_MODE=false",
            )
        self.key_cache.start()
        self.audit.start()

    def close(self) -> None:
        """Write down what waits, and close the database."""
        self.key_cache.close()
        self.audit.close()
        self.database.close()


def open_access(
    settings: ServingSettings,
    *,
    clock: Callable[[], float],
    monotonic: Callable[[], float],
    on_audit_dropped: Callable[[int], None] = lambda count: None,
) -> Access:
    """Put access together; nothing is read, written or started before `Access.start`.

    Parameters
    ----------
    clock
        Seconds since 1970.
    monotonic
        Seconds of a clock that never goes back.
    on_audit_dropped
        Told how many lines of the audit trail were dropped.

    Raises
    ------
    SettingsError
        If an issuer of tokens is set that cannot be used, or without the extra `oidc`.
    DatabaseAddressError
        If the address of the database cannot be used.
    """
    database = open_database(settings.effective_database_url)
    keys = KeyStore(database, clock=clock)
    key_cache = KeyCache(
        keys,
        monotonic=monotonic,
        prepare=lambda: prepare_database(database, upgrade=settings.upgrade_database),
        refresh_seconds=settings.key_cache_seconds,
        away_seconds=settings.database_away_seconds,
    )
    sessions = SessionStore(
        database,
        clock=clock,
        idle_seconds=settings.session_idle_seconds,
        longest_seconds=settings.session_seconds,
    )
    session_cache = SessionCache(
        sessions,
        key_cache,
        clock=clock,
        monotonic=monotonic,
        fresh_seconds=settings.key_cache_seconds,
        away_seconds=settings.database_away_seconds,
    )
    cookies = SessionCookies(secure=settings.has_secure_cookies)
    authenticator = Authenticator(
        key_cache,
        clock=clock,
        monotonic=monotonic,
        open_mode=settings.open_mode,
        allowed_origins=settings.cors_origins,
        failures_per_minute=settings.failed_keys_per_minute,
        tokens=_token_verifier(settings, clock, monotonic),
        logins=session_cache,
        cookies=cookies,
    )
    return Access(
        database=database,
        keys=keys,
        key_cache=key_cache,
        authenticator=authenticator,
        sessions=sessions,
        session_cache=session_cache,
        cookies=cookies,
        audit=AuditLog(database, on_dropped=on_audit_dropped),
        rates=RateLimiter(monotonic=monotonic),
        public_rates=RateLimiter(monotonic=monotonic),
        rate_per_minute=settings.rate_per_minute,
        public_rate_per_minute=settings.public_rate_per_minute,
        open_mode=settings.open_mode,
    )


def _token_verifier(
    settings: ServingSettings, clock: Callable[[], float], monotonic: Callable[[], float]
) -> TokenVerifier | None:
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    try:
        from serving.access.oidc import OidcSettings, OidcVerifier
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"An issuer of tokens is set, and the package {error.name} is not installed.",
            needed="the extra `oidc`.",
            remedy="install cupromark[oidc], or leave CUPROMARK_SERVE_OIDC_ISSUER out.",
        ) from error
    oidc = OidcSettings(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        scope_claim=settings.oidc_scope_claim,
        scope_prefix=settings.oidc_scope_prefix,
    )
    return OidcVerifier(oidc, clock=clock, monotonic=monotonic)
