"""The cookies of a login: their names, what browsers are told about them, and reading them.

`SameSite=Lax`: a link in an e-mail or a notebook opens the page that it names, and no page of
another site sends anything with the cookie. `Strict` would greet whoever follows a link with the
login.
"""

from __future__ import annotations

from dataclasses import dataclass

from serving.access.credentials import RawHeaders
from serving.access.session_tokens import is_secret

SESSION, LOGIN = "cupromark-session", "cupromark-login"
LOGIN_SECONDS = 3600  # how long the form may stand open


@dataclass(frozen=True, slots=True)
class SessionCookies:
    """Names and attributes of the cookies.

    Attributes
    ----------
    secure
        Sent over TLS alone, and under a name that browsers let nobody but this very host set.
    """

    secure: bool

    @property
    def session(self) -> str:
        """Name of the cookie that says who is logged in."""
        return self._name(SESSION)

    @property
    def login(self) -> str:
        """Name of the cookie that ties the form of the login to the browser that shows it."""
        return self._name(LOGIN)

    def set_session(self, secret: str, *, seconds: float) -> str:
        """Write the header that hands a login to a browser."""
        return self._set(self.session, secret, int(seconds))

    def set_login(self, secret: str) -> str:
        """Write the header that goes with the form of the login."""
        return self._set(self.login, secret, LOGIN_SECONDS)

    def clear_session(self) -> str:
        """Write the header that has a browser forget a login."""
        return self._set(self.session, "", 0)

    def clear_login(self) -> str:
        """Write the header that has a browser forget the form."""
        return self._set(self.login, "", 0)

    def read_session(self, headers: RawHeaders) -> str | None:
        """Find the secret of a login in the headers of a request, as ASGI gives them."""
        return _read(headers, self.session)

    def read_login(self, headers: RawHeaders) -> str | None:
        """Find the secret of the form in the headers of a request."""
        return _read(headers, self.login)

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    def _set(self, name: str, value: str, seconds: int) -> str:
        secure = "; Secure" if self.secure else ""
        return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _read(headers: RawHeaders, name: str) -> str | None:
    """Find a cookie; None where it is not there, comes twice, or holds no secret.

    Of two cookies of a name one was set by somebody else, and which one cannot be told.
    """
    start = f"{name}=".encode("ascii")
    found = [
        cookie.strip()[len(start) :].decode("latin-1")
        for header, value in headers
        if header == b"cookie"
        for cookie in value.split(b";")
        if cookie.strip().startswith(start)
    ]
    return found[0] if len(found) == 1 and is_secret(found[0]) else None
