"""Tokens of OpenID Connect beside API keys: signed by an issuer that the settings name.

Only this module imports joserfc (which comes with the extra `oidc`), and only where an issuer is
set. Of the issuer, nothing but two documents is fetched, from its own host: what it publishes about
itself, and its public keys.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from serving.access.callers import Caller, Scope, held_scopes
from serving.access.credentials import expired_error, malformed_error, refused_error
from serving.access.oidc_keys import IssuerKeys

# Public-key signatures alone: with HS256 a public key would serve as the secret, `none` signs
# nothing.
ALGORITHMS = ["RS256", "ES256"]
SKEW_SECONDS = 60
REMEMBERED_SECONDS = 60.0
MOST_REMEMBERED = 10_000
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """What tokens must be like.

    Attributes
    ----------
    issuer
        Value of `iss`, and address below which the issuer describes itself.
    audience
        What `aud` must name.
    scope_claim
        Claim that lists scopes.
    scope_prefix
        What stands before a scope's name there.
    """

    issuer: str
    audience: str
    scope_claim: str = "scope"
    scope_prefix: str = "cupromark:"


class OidcVerifier:
    """Verifies tokens, and remembers for a minute those that it has verified.

    Parameters
    ----------
    settings
        What tokens must be like.
    clock
        Seconds since 1970: tokens begin and expire by it, give or take a minute.
    monotonic
        Seconds of a clock that never goes back.
    keys
        The issuer's public keys; fetched from the issuer when None.
    """

    def __init__(
        self,
        settings: OidcSettings,
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        keys: IssuerKeys | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._monotonic = monotonic
        self._keys = keys or IssuerKeys(settings.issuer, monotonic=monotonic)
        self._remembered: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    def known(self, digest: bytes) -> Caller | None:
        """Give the caller of a token that was verified within the last minute."""
        caller, until = self._remembered.get(digest, (None, 0.0))
        return caller if until > self._monotonic() else None

    def verify(self, token: str, digest: bytes) -> Caller:
        """Verify a token: signature, algorithm, issuer, audience and times.

        Raises
        ------
        UnauthenticatedError
            If it is no token, or not a good one.
        NotReadyError
            If the issuer's keys are not known and cannot be fetched.
        """
        if token.count(".") != 2:
            raise malformed_error()
        claims = self._verified_claims(token)
        caller = self._caller(claims)
        while len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        self._remembered[digest] = (caller, self._monotonic() + REMEMBERED_SECONDS)
        return caller

    def _verified_claims(self, token: str) -> Mapping[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            claims = self._decode(token).claims
            registry.validate(claims)
        except ExpiredTokenError:
            raise expired_error() from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise refused_error() from None
        return claims

    def _decode(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._key_set(self._keys.current()), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            newer = self._keys.newer()  # the issuer may have begun to sign with another key
            if newer is None:
                raise
            return jwt.decode(token, self._key_set(newer), algorithms=ALGORITHMS)

    def _key_set(self, keys: list[dict[str, Any]]) -> KeySet:
        # Only keys of public-key signatures, whatever else the issuer publishes.
        usable = [key for key in keys if key.get("kty") in ("RSA", "EC")]
        return KeySet.import_key_set({"keys": usable})

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        listed = claims.get(self._settings.scope_claim)
        words = listed.split() if isinstance(listed, str) else listed
        words = [w for w in words if isinstance(w, str)] if isinstance(words, list) else []
        prefix = self._settings.scope_prefix
        named = {word.removeprefix(prefix) for word in words if word.startswith(prefix)}
        subject = str(claims["sub"])[:LONGEST_NAME]
        name = next(
            (claims[c] for c in ("email", "name") if isinstance(claims.get(c), str)), subject
        )
        return Caller(
            key_id=f"oidc:{subject}",
            name=name[:LONGEST_NAME],
            scopes=held_scopes([scope for scope in Scope if scope.value in named]),
            expires_at=float(claims["exp"]) + SKEW_SECONDS,
        )
