"""Against an issuer on loopback, with keys made here."""

import base64
import hmac
import json
import subprocess
import sys
import threading
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from serving.access.authentication import Authenticator
from serving.access.callers import Scope
from serving.access.oidc import OidcSettings, OidcVerifier
from serving.access.oidc_keys import IssuerKeys
from serving.access.opening import open_access
from serving.errors import NotReadyError, SettingsError, UnauthenticatedError
from serving.settings import ServingSettings

AUDIENCE = "cupromark-api"


@cache  # making one takes a quarter of a second
def rsa_key(name, another=0):
    return RSAKey.generate_key(2048, {"kid": name})


class Issuer:
    """Publishes keys as an OpenID Connect provider does."""

    def __init__(self):
        self.keys = [rsa_key("rsa-1"), ECKey.generate_key("P-256", {"kid": "ec-1"})]
        self.fetches = []
        self.description = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetches.append(self.path)
                body = json.dumps(issuer.documents().get(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        serve = partial(self.server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()

    def documents(self):
        described = {"issuer": self.address, "jwks_uri": f"{self.address}/keys", **self.description}
        return {
            "/.well-known/openid-configuration": described,
            "/keys": {"keys": [key.as_dict(private=False) for key in self.keys]},
        }

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def verifier(issuer, clock):
    return OidcVerifier(OidcSettings(issuer.address, AUDIENCE), clock=clock, monotonic=clock)


@pytest.fixture
def sign(issuer, clock):
    def sign(*, alg="RS256", key=None, header=None, **changes):
        key = key or issuer.keys[0 if alg.startswith("RS") else 1]
        claims = {
            "iss": issuer.address, "aud": AUDIENCE, "sub": "user-7", "iat": int(clock()),
            "exp": int(clock()) + 300, "scope": "openid cupromark:predict", "email": "ada@x.test",
        }  # fmt: skip
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        header = {"alg": alg, "kid": key.kid or "own"} | (header or {})
        return jwt.encode(header, claims, key, algorithms=[alg])

    return sign


def digest(token):
    return token.encode()


def test_a_good_token_names_its_bearer_and_scopes(verifier, sign, clock):
    for alg in ("RS256", "ES256"):
        token = sign(alg=alg)
        assert verifier.known(digest(token)) is None
        caller = verifier.verify(token, digest(token))
        assert (caller.key_id, caller.name, caller.scopes) == (
            "oidc:user-7", "ada@x.test", {Scope.PREDICT},
        )  # fmt: skip
        assert verifier.known(digest(token)) == caller
    clock.advance(61)
    assert verifier.known(digest(token)) is None


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("cupromark:review cupromark:predict", {Scope.REVIEW, Scope.PREDICT}),
        (["cupromark:operate", "x", 7], {Scope.OPERATE}),
        ("cupromark:admin", set(Scope)),
        ("predict", set()),
        (7, set()),
        (None, set()),
    ],
)
def test_scopes_are_those_with_the_prefix(verifier, sign, claim, scopes):
    token = sign(scope=claim)
    assert verifier.verify(token, digest(token)).scopes == scopes


def test_a_minute_of_skew_is_allowed_and_no_more(verifier, sign, clock):
    early = sign(nbf=int(clock()) + 50)
    verifier.verify(early, digest(early))
    token = sign(exp=int(clock()) - 50)
    verifier.verify(token, digest(token))
    clock.advance(20)
    with pytest.raises(UnauthenticatedError, match="expired"):
        verifier.verify(token, digest(token))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"}, {"aud": None}, {"iss": "https://evil.test"}, {"iss": None},
        {"exp": None}, {"sub": None}, {"nbf": 1_800_000_000 + 3600}, {"exp": "soon"},
    ],
)  # fmt: skip
def test_claims_that_are_wrong_or_missing_are_refused(verifier, sign, changes):
    token = sign(**changes)
    with pytest.raises(UnauthenticatedError, match="not valid"):
        verifier.verify(token, digest(token))


def part(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_the_public_key_is_no_secret_to_sign_with(verifier, issuer, sign):
    payload = sign().split(".")[1]
    header = part(b'{"alg":"HS256","kid":"rsa-1"}')
    for public in (issuer.keys[0].as_pem(private=False), issuer.keys[0].as_der(private=False)):
        mac = hmac.new(public, f"{header}.{payload}".encode(), "sha256").digest()
        forged = f"{header}.{payload}.{part(mac)}"
        with pytest.raises(UnauthenticatedError):
            verifier.verify(forged, digest(forged))


def test_a_token_without_a_signature_is_refused(verifier, sign):
    payload = sign().split(".")[1]
    for algorithm in ("none", "None", "RS256", "HS256"):
        header = part(f'{{"alg":"{algorithm}","kid":"rsa-1"}}'.encode())
        for signature in ("", part(b"{}")):
            forged = f"{header}.{payload}.{signature}"
            with pytest.raises(UnauthenticatedError):
                verifier.verify(forged, digest(forged))


def test_another_key_of_the_same_name_is_refused(verifier, sign):
    token = sign(key=rsa_key("rsa-1", 1))
    with pytest.raises(UnauthenticatedError):
        verifier.verify(token, digest(token))


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "....", "é.é.é", "e30.e30.e30"])
def test_what_is_no_token_is_refused(verifier, token):
    with pytest.raises(UnauthenticatedError):
        verifier.verify(token, digest(token))


def test_a_new_key_of_the_issuer_is_fetched_but_not_for_every_forgery(
    verifier, issuer, sign, clock
):
    token = sign()
    verifier.verify(token, digest(token))
    issuer.keys.append(rsa_key("rsa-2"))
    clock.advance(31)
    rotated = sign(key=issuer.keys[-1])
    verifier.verify(rotated, digest(rotated))
    before = len(issuer.fetches)
    for _ in range(5):
        forged = sign(key=rsa_key("rsa-9"))
        with pytest.raises(UnauthenticatedError):
            verifier.verify(forged, digest(forged))
    assert len(issuer.fetches) == before


def test_keys_are_taken_from_the_issuers_own_host_alone(issuer, clock):
    issuer.description = {"jwks_uri": "http://192.0.2.1/keys"}
    with pytest.raises(NotReadyError):
        IssuerKeys(issuer.address, monotonic=clock).current()
    assert issuer.fetches == ["/.well-known/openid-configuration"]


def test_an_issuer_that_calls_itself_otherwise_is_not_believed(issuer, clock):
    issuer.description = {"issuer": "https://evil.test"}
    with pytest.raises(NotReadyError):
        IssuerKeys(issuer.address, monotonic=clock).current()


def test_known_keys_go_on_while_the_issuer_is_away_for_a_day(issuer, clock):
    keys = IssuerKeys(issuer.address, monotonic=clock)
    known = keys.current()
    issuer.stop()
    clock.advance(86_000)
    assert keys.current() == known
    clock.advance(500)
    with pytest.raises(NotReadyError):
        keys.current()


@pytest.mark.parametrize("address", ["http://issuer.test", "ftp://127.0.0.1", "issuer.test", ""])
def test_an_issuer_without_https_is_refused_at_start(address, clock):
    with pytest.raises(SettingsError):
        IssuerKeys(address, monotonic=clock)


def test_tokens_and_keys_stand_side_by_side(cache, store, verifier, sign, clock):
    authenticator = Authenticator(cache, clock=clock, monotonic=clock, tokens=verifier)
    key, _ = store.create("clinic", ["predict"], created_by="ada")
    for credential, name in ((sign(), "ada@x.test"), (key.text, "clinic"), (sign(), "ada@x.test")):
        headers = [(b"authorization", b"Bearer " + credential.encode())]
        assert authenticator.authenticate(headers, "127.0.0.1").name == name


def test_without_an_issuer_nothing_of_it_is_imported():
    program = (
        "import sys, serving.access.requirement, serving.access.opening;"
        "print([name for name in ('joserfc', 'authlib', 'alembic', 'psycopg', 'limits', 'mlflow',"
        "'pandas', 'httpx') if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_settings_name_the_issuer(issuer, sign, tmp_path, clock):
    settings = ServingSettings(
        state=tmp_path, oidc_issuer=issuer.address, oidc_audience=AUDIENCE, oidc_scope_claim="roles"
    )
    access = open_access(settings, clock=clock, monotonic=clock)
    headers = [(b"authorization", b"Bearer " + sign(roles=["cupromark:review"]).encode())]
    assert access.authenticator.authenticate(headers, "127.0.0.1").scopes == {Scope.REVIEW}
    access.close()


def test_without_the_extra_the_settings_are_refused(tmp_path, clock, monkeypatch):
    monkeypatch.setitem(sys.modules, "joserfc", None)
    monkeypatch.delitem(sys.modules, "serving.access.oidc")
    settings = ServingSettings(state=tmp_path, oidc_issuer="https://x.test", oidc_audience="a")
    with pytest.raises(SettingsError, match="oidc"):
        open_access(settings, clock=clock, monotonic=clock)
