"""One call of JupyterHub's API with a person's own token, as a page of the hub makes it after a step up."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from orrery_wire.errors import BackendUnavailable, Forbidden
from orrery_wire.json_types import JsonObject
from orrery_wire.names import path_of


async def call_hub(
    hub: httpx.AsyncClient,
    method: str,
    token: str | None,
    *path: str,
    body: Mapping[str, object] | None = None,
    server: str | None = None,
    query: Mapping[str, int] | None = None,
) -> JsonObject:
    """The answer as JSON; without a token the client's own, which is the service's.

    ``server`` is the last part of the path; a person's default server has an empty name.

    Raises:
        BackendUnavailable: JupyterHub does not answer.
        Forbidden: it refuses.
    """
    headers = {"Authorization": f"token {token}"} if token else None
    address = f"/{path_of(*path)}"
    if server is not None:
        address += f"/{path_of(server) if server else ''}"
    try:
        response = await hub.request(method, address, json=body, headers=headers, params=query)
    except httpx.HTTPError as problem:
        raise BackendUnavailable(
            "It cannot be done now",
            reason="JupyterHub did not answer the hub service.",
            remedy="Try again in a moment.",
        ) from problem
    if not response.is_success:
        raise Forbidden(
            "JupyterHub refused it",
            reason=f"It answered {response.status_code}: it allows no more than you may, and for no longer than the"
            " hub allows.",
            remedy="Choose less, or ask an administrator of the hub.",
        )
    model: JsonObject = response.json() if response.content else {}
    return model
