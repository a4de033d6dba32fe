"""Delivers what is in the outbox, again and again until it is taken or given up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import httpx
import structlog
from sqlalchemy import Engine

from models.jobs.outbox import (
    LOOK_BACK_SECONDS,
    Notification,
    claim_due,
    note_delivered,
    note_failed,
    post_ended_jobs,
    untold_since,
)
from training.notifications.addresses import (
    Destination,
    Resolve,
    WebhookError,
    destination_of,
    look_up,
)
from training.notifications.signing import signed_headers

SECONDS = 5.0
BATCH = 20
AGENT = "cupromark"

_log = structlog.get_logger(__name__)


class Courier:
    """Tells the outside of jobs that ended.

    Parameters
    ----------
    engine
        Database of the jobs.
    urls, hosts
        Where notifications go, and the hosts that this is allowed for.
    secret
        Signs them.
    events
        Outcomes and states to tell about.
    clock
        Seconds since 1970.
    resolve, schemes, is_allowed
        As `destination_of` takes them.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        urls: Sequence[str],
        hosts: Sequence[str],
        secret: str,
        events: Sequence[str],
        clock: Callable[[], float] = time.time,
        resolve: Resolve = look_up,
        schemes: Sequence[str] = ("https",),
        is_allowed: Callable[[str], bool] | None = None,
    ) -> None:
        self._engine = engine
        self._urls = tuple(urls)
        self._hosts = tuple(hosts)
        self._secret = secret
        self._events = tuple(events)
        self._clock = clock
        self._resolve = resolve
        self._schemes = tuple(schemes)
        self._is_allowed = is_allowed
        self._since: float | None = None

    def run_once(self) -> int:
        """Post what ended, deliver what is due; give how many messages were taken.

        Raises
        ------
        BoardAway
            The database does not answer.
        """
        now = self._clock()
        since = untold_since(self._engine, now=now) if self._since is None else self._since
        # A clock that was set back takes the look back along.
        since = min(since, now - LOOK_BACK_SECONDS)
        post_ended_jobs(self._engine, self._urls, self._events, since=since, now=now)
        self._since = now - LOOK_BACK_SECONDS
        return self._deliver_due()

    def _deliver_due(self) -> int:
        """Deliver what is due, one after another: a receiver that is slow holds one claim alone."""
        taken = 0
        for _ in range(BATCH):
            message = claim_due(self._engine, now=self._clock())
            if message is None:
                break
            taken += self._deliver(message)
        return taken

    def _deliver(self, message: Notification) -> bool:
        try:
            destination = destination_of(
                message.url,
                self._hosts,
                resolve=self._resolve,
                schemes=self._schemes,
                is_allowed=self._is_allowed,
            )
            self._send(message, destination)
        except (WebhookError, httpx.HTTPError) as error:
            trouble = error.found if isinstance(error, WebhookError) else _words(error)
            note_failed(self._engine, message, trouble, now=self._clock())
            _log.warning("notification not taken", event_=message.event, reason=trouble)
            return False
        note_delivered(self._engine, message, now=self._clock())
        return True

    def _send(self, message: Notification, to: Destination) -> None:
        body = message.body.encode()
        address = f"[{to.address}]" if ":" in to.address else to.address
        headers = signed_headers(self._secret, message.message_id, body, now=self._clock()) | {
            "Host": f"{to.host}:{to.port}",
            "Content-Type": "application/json",
            "User-Agent": AGENT,
        }
        # Proxies of the environment and redirects would lead elsewhere than to what was checked.
        with (
            httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST",
                f"{to.scheme}://{address}:{to.port}{to.path}",
                content=body,
                headers=headers,
                extensions={"sni_hostname": to.host},
            ) as answer,
        ):
            if not answer.is_success:
                raise WebhookError(
                    f"{to.host} answered {answer.status_code}.",
                    needed="an answer between 200 and 299.",
                    remedy="see why the receiver refuses it.",
                )


def _words(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
