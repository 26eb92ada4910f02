"""The identity token of a provider counts only if it was signed by it, for this hub, now."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError

from orrery_hub.authentication.authenticators import GitHubAuthenticator, OIDCAuthenticator

ISSUER = "https://login.example.org"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """What the provider publishes, and how often it was read."""

    def __init__(self) -> None:
        self.kid = "k1"
        self.issuer = ISSUER
        self.userinfo: dict[str, Any] | None = None
        self.read: list[str] = []

    async def fetch(self, address: str, *_: object, **__: object) -> dict[str, Any]:
        path = address.removeprefix(ISSUER)
        self.read.append(path)
        if path == "/.well-known/openid-configuration":
            more = {} if self.userinfo is None else {"userinfo_endpoint": f"{ISSUER}/me"}
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{ISSUER}/auth",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/jwks",
                **more,
            }
        if path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return {"keys": [key | {"kid": self.kid, "alg": "RS256"}]}
        return dict(self.userinfo or {})


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def authenticator(provider: Provider) -> OIDCAuthenticator:
    authenticator = OIDCAuthenticator(issuer=ISSUER, client_id="orrery")
    authenticator.httpfetch = provider.fetch
    return authenticator


def token(key: Any = KEY, kid: str = "k1", algorithm: str = "RS256", **claims: Any) -> str:
    moment = int(time.time())
    body = {"iss": ISSUER, "aud": "orrery", "sub": "7", "iat": moment, "exp": moment + 300}
    body = {name: value for name, value in (body | claims).items() if value is not None}
    return jwt.encode(body, key, algorithm, headers={"kid": kid})


def claims(authenticator: OIDCAuthenticator, id_token: str) -> dict[str, Any]:
    info = {"id_token": id_token, "access_token": "a", "token_type": "Bearer"}
    return asyncio.run(authenticator.token_to_user(info))


def test_a_good_token_is_believed(authenticator: OIDCAuthenticator) -> None:
    assert claims(authenticator, token(groups=["/a"]))["groups"] == ["/a"]
    assert authenticator.authorize_url == f"{ISSUER}/auth"


@pytest.mark.parametrize(
    "bad",
    [
        {"key": OTHER},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"sub": None},
        {"exp": None},
        {"key": "shared-secret-that-is-long-enough-for-it", "algorithm": "HS256"},
        {"key": "", "algorithm": "none"},
        {"kid": "unknown"},
    ],
    ids=lambda bad: " ".join(bad),
)
def test_a_forged_token_is_not(authenticator: OIDCAuthenticator, bad: dict[str, Any]) -> None:
    with pytest.raises(HTTPError) as problem:
        claims(authenticator, token(**bad))
    assert problem.value.status_code == 403


def test_an_old_token_asks_for_another_log_in(authenticator: OIDCAuthenticator) -> None:
    with pytest.raises(HTTPClientError) as problem:
        claims(authenticator, token(exp=int(time.time()) - 3600))
    assert problem.value.code == 401


def test_a_new_key_is_read_and_the_rest_once(
    authenticator: OIDCAuthenticator, provider: Provider
) -> None:
    claims(authenticator, token())
    claims(authenticator, token())
    provider.kid = "k2"
    claims(authenticator, token(kid="k2"))
    assert provider.read == ["/.well-known/openid-configuration", "/jwks", "/jwks"]


def test_userinfo_counts_for_the_same_person_only(
    authenticator: OIDCAuthenticator, provider: Provider
) -> None:
    provider.userinfo = {"sub": "7", "groups": ["/b"]}
    assert claims(authenticator, token())["groups"] == ["/b"]
    provider.userinfo["sub"] = "8"
    with pytest.raises(HTTPError, match="two different people"):
        claims(authenticator, token())


def test_a_provider_that_is_another_one_is_refused(
    authenticator: OIDCAuthenticator, provider: Provider
) -> None:
    provider.issuer = "https://evil.example"
    with pytest.raises(HTTPError, match="another one"):
        claims(authenticator, token())


def test_a_provider_that_is_away_is_told(authenticator: OIDCAuthenticator) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise HTTPClientError(599, "timed out")

    authenticator.httpfetch = fail
    with pytest.raises(HTTPError) as problem:
        claims(authenticator, token())
    assert problem.value.status_code == 503


def test_only_a_verified_address_is_a_name(authenticator: OIDCAuthenticator) -> None:
    authenticator.username_claim = "email"
    info = {"email": "a@example.org", "email_verified": True}
    assert authenticator.user_info_to_username(info) == "a@example.org"
    for value in (False, None, "true"):
        with pytest.raises(HTTPError, match="not verified"):
            authenticator.user_info_to_username(info | {"email_verified": value})


def test_teams_of_github_are_groups_by_their_full_names() -> None:
    teams = [{"organization": {"login": org}, "slug": "dev"} for org in ("a", "b")]
    groups = asyncio.run(GitHubAuthenticator().get_user_groups({"teams": teams}))
    assert groups == {"idp:group:a", "idp:group:a/dev", "idp:group:b", "idp:group:b/dev"}
