"""Secrets that must not be used: none at all, placeholders, and those that anyone would try."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from models.errors import SecretsError

LEAST_LENGTH = 16
# What example files and other people's manuals hold; compared without case, dashes and blanks.
WELL_KNOWN = frozenset(
    (
        *("changeme", "changeit", "replaceme", "todo", "secret", "password", "passw0rd", "letmein"),
        *("admin", "administrator", "root", "default", "example", "test", "qwerty"),
        *("postgres", "mlflow", "cupromark", "minio", "minioadmin", "weed"),
    )
)
LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})


def refuse_default_secrets(secrets: Mapping[str, str]) -> None:
    """Refuse to go on with a secret that protects nothing.

    Parameters
    ----------
    secrets
        Secret by the name of its setting. No value is ever part of a message.

    Raises
    ------
    SecretsError
        One is empty, a well-known placeholder, a repeated character or shorter than 16 characters.
    """
    faults = [f"{name} {fault}" for name, value in secrets.items() if (fault := fault_of(value))]
    if faults:
        raise SecretsError(
            f"Unsafe secrets: {'; '.join(faults)}.",
            needed=f"random secrets of {LEAST_LENGTH} characters or more, each its own.",
            remedy="make each with `openssl rand -hex 32` and put it into .env.",
        )


def refuse_default_password(setting: str, address: str) -> None:
    """Refuse the address of a database on another machine with a password that protects nothing.

    An address without a password, or on this machine, is left to whoever runs the database;
    a placeholder is refused everywhere.
    """
    parts = urlsplit(address)
    if parts.password is None:
        return
    password = unquote(parts.password)
    if (parts.hostname or "") not in LOOPBACK or _bare(password) == "changeme":
        refuse_default_secrets({f"password in {setting}": password})


def fault_of(secret: str) -> str | None:
    """Say what is wrong with a secret, without repeating it; None when nothing is."""
    if not secret:
        return "is empty"
    if _bare(secret) in WELL_KNOWN:
        return "is a placeholder or a word that everyone tries"
    if len(secret) < LEAST_LENGTH:
        return f"has fewer than {LEAST_LENGTH} characters"
    if len(set(secret)) < LEAST_LENGTH // 4:
        return "repeats a few characters"
    return None


def _bare(secret: str) -> str:
    return "".join(character for character in secret.lower() if character.isalnum())
