"""What the page of a login says: whose it is, what it allows, and when it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from serving.access.callers import Scope
from serving.access.credentials import read_credential
from serving.access.session_tokens import secret_digest
from serving.services import Services

MEANINGS: dict[Scope, str] = {
    Scope.PREDICT: "ask for predictions and explanations, read findings",
    Scope.REVIEW: "judge findings; together with operate, sign drugs off",
    Scope.OPERATE: "metrics, and what whoever runs the service needs",
    Scope.ADMIN: "all of these, and making and revoking keys",
}


def session_page(services: Services, request: Request) -> dict[str, Any]:
    """Values of the page; without a login it says what speaks for the visitor instead.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    access, headers = services.access, request.scope["headers"]
    secret = None if read_credential(headers) is not None else access.cookies.read_session(headers)
    session = None if secret is None else access.sessions.read(secret_digest(secret))
    values: dict[str, Any] = {"session": session, "meanings": MEANINGS}
    if session is None:
        return values
    return values | {
        "n_others": access.sessions.count(session.key_id) - 1,
        "created": _moment(session.created_at),
        "ends": _moment(session.expires_at),
        "idle": _span(access.sessions.idle_seconds),
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %B %Y, %H:%M UTC")


def _span(seconds: float) -> str:
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.0f} seconds"
