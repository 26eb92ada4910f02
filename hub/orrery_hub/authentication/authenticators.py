"""The authenticators of JupyterHub for log-in providers: OpenID Connect, and GitHub.

Both keep what is not the provider's: JupyterHub replaces all groups of a person at each log-in and refresh by those
of the authenticator, before any hook is asked. So the answer here holds the groups of Orrery and of operators too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.oauth2 import OAuthLoginHandler
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError
from traitlets import Bool, Unicode

from orrery_hub.authentication.claims import ClaimsError, groups_and_roles
from orrery_hub.base.claims import Kind, claim_name, is_claim
from orrery_wire.json_types import JsonObject

# Algorithms with a public key; with a shared one, whoever knows the client's secret could write tokens.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_LEEWAY_SECONDS = 60
_SUBJECT = "orrery_subject"


class KeepsOwnGroups:
    """For an authenticator that manages groups: a person keeps the groups that are not the provider's.

    The provider's own identifier of a person is remembered too. A name at a provider can be given up and taken by
    somebody else, who is not to become the person of before.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        this: Any = self
        # As configured: JupyterHub adds every account that there is to these sets.
        self._named = frozenset(this.admin_users | this.allowed_users)

    async def authenticate(self, handler: Any, data: Any = None, **more: Any) -> Any:
        """Who logs in, with all groups."""
        model = await super().authenticate(handler, data, **more)  # type: ignore[misc]
        return await self._reconcile(model)

    async def refresh_user(self, user: Any, handler: Any = None, **more: Any) -> Any:
        """What changed of somebody who is logged in, with all groups; true for nothing, false to log in again."""
        model = await super().refresh_user(user, handler, **more)  # type: ignore[misc]
        return await self._reconcile(model) if isinstance(model, dict) else model

    def _may_adopt(self, name: str) -> bool:
        """Whether an account that was there before the provider is whose name at the provider it has.

        So it is where an administrator named it, or says so of all accounts. Otherwise whoever comes first would have it.
        """
        this: Any = self
        return bool(this.adopts_accounts) or name in self._named

    def subject_of(self, info: Mapping[str, object]) -> str:
        """The provider's identifier of a person, which is never given twice."""
        raise NotImplementedError

    async def _reconcile(self, model: JsonObject) -> JsonObject:
        this: Any = self
        state = model["auth_state"]
        state[_SUBJECT] = self.subject_of(state[this.user_auth_state_key])
        user = this.parent.users.get(this.normalize_username(model["name"]))
        if user is None:
            return model
        former = await user.get_auth_state() or {}
        if _SUBJECT not in former and not self._may_adopt(user.name):
            raise HTTPError(
                403,
                "You cannot be logged in: there is an account of your name already, and nobody has logged in to it"
                " by this log-in provider. An administrator can say that it is yours (ORRERY_LOGIN_ADOPTS_ACCOUNTS),"
                " or delete it.",
            )
        if former.get(_SUBJECT, state[_SUBJECT]) != state[_SUBJECT]:
            raise HTTPError(
                403,
                "You cannot be logged in: your name at the log-in provider belonged to somebody else before, who has"
                " an account here. An administrator can rename or delete that account.",
            )
        own = {group.name for group in user.groups if not is_claim(group.name)}
        model["groups"] = sorted(own.union(model["groups"]))
        return model


class DiscoveryLoginHandler(OAuthLoginHandler):  # type: ignore[misc]  # it has no types
    """Finds out where the provider answers before it sends a browser there."""

    async def get(self) -> None:
        """Redirect to the provider."""
        await self.authenticator.discover()
        super().get()


class OIDCAuthenticator(KeepsOwnGroups, GenericOAuthenticator):  # type: ignore[misc]  # it has no types
    """Logs in by any OpenID Connect provider, of which only the issuer is configured.

    The identity token counts by its signature, issuer and audience. What the provider's userinfo endpoint says is
    added, if it says it about the same person.
    """

    login_handler = DiscoveryLoginHandler
    adopts_accounts = Bool(
        help="Whether an account that nobody logged in to by the provider is of who has its name there."
    ).tag(config=True)
    issuer = Unicode(help="The provider's issuer, below which its configuration is published.").tag(
        config=True
    )
    groups_claim = Unicode("groups", help="The claim with the groups; empty for none.").tag(
        config=True
    )
    roles_claim = Unicode("roles", help="The claim with the app roles; empty for none.").tag(
        config=True
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._metadata: JsonObject = {}
        self._keys: dict[str, jwt.PyJWK] = {}

    async def discover(self) -> JsonObject:
        """What the provider publishes about itself, read once.

        Raises:
            HTTPError: it does not answer, or it is another one.
        """
        if self._metadata:
            return self._metadata
        metadata = await self._read(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if str(metadata.get("issuer", "")).rstrip("/") != self.issuer.rstrip("/"):
            self.log.error("the issuer %s says it is %s", self.issuer, metadata.get("issuer"))
            raise HTTPError(502, "The log-in provider says it is another one than configured.")
        self.authorize_url = metadata["authorization_endpoint"]
        self.token_url = metadata["token_endpoint"]
        self._metadata = metadata
        return metadata

    async def get_token_info(self, handler: Any, params: Any) -> JsonObject:
        """The tokens for a code or a refresh token."""
        await self.discover()
        info: JsonObject = await super().get_token_info(handler, params)
        return info

    async def token_to_user(self, token_info: Mapping[str, Any]) -> JsonObject:
        """The claims about a person.

        Raises:
            HTTPClientError: the identity token's time is over.
            HTTPError: it is not to be believed.
        """
        metadata = await self.discover()
        claims: JsonObject = {}
        if token := token_info.get("id_token"):
            claims = await self._verify(token)
        if endpoint := metadata.get("userinfo_endpoint"):
            headers = self.build_userdata_request_headers(
                token_info["access_token"], token_info.get("token_type") or "Bearer"
            )
            more = await self.httpfetch(endpoint, "reading who logs in", headers=headers)
            if claims and more.get("sub") != claims["sub"]:
                raise HTTPError(403, "The log-in provider speaks of two different people.")
            claims |= more
        if not claims.get("sub"):
            raise HTTPError(403, "The log-in provider does not say who you are.")
        return claims

    async def _verify(self, token: str) -> JsonObject:
        metadata = self._metadata
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid", ""))
            claims: JsonObject = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self.client_id,
                issuer=metadata["issuer"],
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            # The base class then asks for fresh tokens, or for another log-in.
            raise HTTPClientError(401, "the identity token has expired") from None
        except jwt.PyJWTError as problem:
            self.log.warning("an identity token of %s is refused: %s", self.issuer, problem)
            raise HTTPError(
                403, "The log-in provider's answer is not to be believed; the hub's log says why."
            ) from None
        return claims

    async def _key(self, kid: str) -> jwt.PyJWK:
        """The provider's key of a name; read again when it has a new one."""
        if kid not in self._keys:
            key_set = jwt.PyJWKSet.from_dict(await self._read(self._metadata["jwks_uri"]))
            self._keys = {key.key_id or "": key for key in key_set.keys}
        if kid not in self._keys:
            raise jwt.InvalidKeyError(f"the provider has no key {kid!r}")
        return self._keys[kid]

    async def _read(self, address: str) -> JsonObject:
        try:
            answer: JsonObject = await self.httpfetch(address, "reading the provider")
        except (HTTPClientError, HTTPError, OSError, ValueError) as problem:
            self.log.error("the log-in provider cannot be read at %s: %s", address, problem)
            raise HTTPError(
                503, "The log-in provider does not answer. Try again in a moment."
            ) from None
        return answer

    def user_info_to_username(self, user_info: Mapping[str, Any]) -> str:
        """The name of a person; an address of mail counts only if the provider has verified it."""
        if self.username_claim == "email" and user_info.get("email_verified") is not True:
            raise HTTPError(
                403,
                "You cannot be logged in: the log-in provider has not verified your address of mail.",
            )
        name: str = super().user_info_to_username(user_info)
        return name

    async def get_user_groups(self, auth_state: Mapping[str, Any]) -> frozenset[str]:
        """Groups and app roles, as JupyterHub's groups with the provider's prefix."""
        try:
            return groups_and_roles(
                auth_state[self.user_auth_state_key],
                groups_claim=self.groups_claim,
                roles_claim=self.roles_claim,
            )
        except ClaimsError as problem:
            self.log.error("%s", problem)  # the message is for the person too
            raise HTTPError(403, str(problem).replace("%", "%%")) from None

    def subject_of(self, info: Mapping[str, object]) -> str:
        """The subject, which the provider never gives twice."""
        return str(info["sub"])


class GitHubAuthenticator(KeepsOwnGroups, GitHubOAuthenticator):  # type: ignore[misc]  # it has no types
    """Logs in by GitHub; groups are organisations (``org``) and their teams (``org/team``)."""

    adopts_accounts = Bool(
        help="Whether an account that nobody logged in to by the provider is of who has its name there."
    ).tag(config=True)

    async def get_user_groups(self, auth_state: Mapping[str, Any]) -> frozenset[str]:
        """Organisations and teams, as JupyterHub's groups with the provider's prefix."""
        kind: Kind = "group"
        names: set[str] = set()
        for team in auth_state.get("teams") or ():
            organisation = team["organization"]["login"]
            names |= {organisation, f"{organisation}/{team['slug']}"}
        return frozenset(claim_name(kind, name) for name in names)

    def subject_of(self, info: Mapping[str, object]) -> str:
        """GitHub's number of the account; its name can be given up and taken by somebody else."""
        return str(info["id"])
