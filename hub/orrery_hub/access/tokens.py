"""Personal access tokens: JupyterHub's own, asked for with the person's token and never with the service's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from orrery_hub.access.hub_call import call_hub
from orrery_hub.base.db import now
from orrery_hub.scopes import ACCESS
from orrery_wire.errors import NotFound

# What a step up on the page of tokens asks for.
TOKENS = "tokens!user"
# JupyterHub's name for tokens that a person, and no log-in at a service, asked for.
_OWN = "JupyterHub"


@dataclass(frozen=True)
class PersonalToken:
    """A token without its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: datetime
    last_used: datetime | None
    expires: datetime | None


@dataclass(frozen=True)
class NewToken:
    """A token with its secret, which nobody can read again."""

    secret: str
    token: PersonalToken


class HubTokens:
    """JupyterHub's token API, for one person after the other; ``hub`` is a client whose own token is not used."""

    def __init__(self, hub: httpx.AsyncClient) -> None:
        self._hub = hub

    async def list(self, user: str, token: str) -> Sequence[PersonalToken]:
        """The tokens that the person asked for, the newest first."""
        model = await call_hub(self._hub, "GET", token, "users", user, "tokens")
        tokens = [_token(item) for item in model["api_tokens"] if item["oauth_client"] == _OWN]
        return sorted(tokens, key=lambda item: item.created, reverse=True)

    async def create(
        self, user: str, token: str, name: str, scopes: Sequence[str], days: int
    ) -> NewToken:
        """A new token, which carries access to the hub service and the scopes, and ends after some days."""
        body = {
            "note": name,
            "scopes": [ACCESS, *scopes],
            "expires_in": int(timedelta(days=days).total_seconds()),
        }
        model = await call_hub(self._hub, "POST", token, "users", user, "tokens", body=body)
        return NewToken(model["token"], _token(model))

    async def revoke(self, user: str, token: str, id: str) -> PersonalToken:
        """End a token at once."""
        for item in await self.list(user, token):
            if item.id == id:
                await call_hub(self._hub, "DELETE", token, "users", user, "tokens", id)
                return item
        raise NotFound(
            "There is no such token",
            reason="It has ended, or it was revoked already.",
            remedy="Open the page again.",
        )


def _token(model: Mapping[str, Any]) -> PersonalToken:
    scopes = sorted(scope.partition("!")[0] for scope in model["scopes"])
    own = tuple(scope for scope in dict.fromkeys(scopes) if scope.startswith("custom:orrery:"))
    return PersonalToken(
        id=str(model["id"]),
        name=str(model["note"] or ""),
        scopes=own,
        created=_moment(model["created"]) or now(),
        last_used=_moment(model["last_activity"]),
        expires=_moment(model["expires_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
