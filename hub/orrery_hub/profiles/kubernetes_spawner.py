"""KubeSpawner whose pods take the tokens of a server from a Kubernetes Secret.

KubeSpawner writes them into the manifest, where everybody reads them who may look at pods. Here the manifest names a
Secret, which belongs to the pod and goes with it. The hub's own role in the namespace needs ``create``, ``update`` and
nothing else of secrets. Of a pod that fails, what Kubernetes says of it is read before it is removed, and its last lines of
log, for which the role needs ``get`` of ``pods/log``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Literal

from aiohttp import ClientError
from kubernetes_asyncio.client.models import V1ObjectMeta, V1Secret
from kubernetes_asyncio.client.rest import ApiException
from kubespawner import KubeSpawner
from kubespawner.objects import make_owner_reference
from traitlets import default

from orrery_hub.base import pod_causes
from orrery_hub.profiles.leased import LeasedSpawner
from orrery_hub.profiles.start_attempt import Evidence
from orrery_wire.json_types import JsonObject

TOKENS = ("JPY_API_TOKEN", "JUPYTERHUB_API_TOKEN")
_CONFLICT = 409
# As KubeSpawner calls it.
_CONTAINER = "notebook"
_LOG_SECONDS = 5.0
_LOG_LINES = 100
_LOG_BYTES = 16_384


async def profile_list(spawner: TokenSecretSpawner) -> list[JsonObject]:
    """What KubeSpawner may make of a server: the profile of its lease, which the hub service has checked, or nothing."""
    launch = spawner.launch
    if launch is None:
        return []
    return [
        {
            "slug": launch.profile,
            "display_name": launch.name,
            "kubespawner_override": launch.overrides,
        }
    ]


class TokenSecretSpawner(LeasedSpawner, KubeSpawner):  # type: ignore[misc]  # kubespawner has no types
    """One pod for each lab, with a Secret that holds its tokens."""

    @default("options_form")
    def _no_options_form(self) -> str:
        return ""  # KubeSpawner's would offer an empty list

    @default("profile_list")
    def _profile_list_of_lease(self) -> Any:
        return profile_list

    async def load_user_options(self) -> None:
        """Apply the profile of the lease."""
        options = dict(self.user_options or {})
        if self.launch is not None:
            self.user_options = options | {"profile": self.launch.profile}
        elif self.profile_list is profile_list:
            # Chosen when there were profiles, and kept by JupyterHub as the default of later starts.
            self.user_options = {k: v for k, v in options.items() if k != "profile"}
        await super().load_user_options()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_trait("after_pod_created_hook", create_token_secret)

    async def evidence(self, problem: BaseException | None) -> Evidence:
        """What Kubernetes says of the pod, and the last lines of its container."""
        reflector = self.pod_reflector
        pod = reflector.pods.get(f"{self.namespace}/{self.pod_name}") if reflector else None
        events: Sequence[JsonObject] = self.events
        refusal = refusal_of(problem)
        cause = pod_causes.classify(pod, events, refusal=refusal) if pod or refusal else None
        return Evidence(
            cause=cause,
            node=str(((pod or {}).get("spec") or {}).get("nodeName") or ""),
            events=pod_causes.lines_of(pod, events),
            log=await self._last_lines(pod_causes.log_of(pod, _CONTAINER)),
        )

    async def _last_lines(self, which: Literal["current", "previous"] | None) -> tuple[str, ...]:
        if which is None:
            return ()
        try:
            async with asyncio.timeout(_LOG_SECONDS):
                text = await self.api.read_namespaced_pod_log(
                    self.pod_name,
                    self.namespace,
                    container=_CONTAINER,
                    previous=which == "previous",
                    tail_lines=_LOG_LINES,
                    limit_bytes=_LOG_BYTES,
                )
        except (ApiException, ClientError, TimeoutError) as problem:
            reason = getattr(problem, "reason", "") or type(problem).__name__
            return (f"The log could not be read from Kubernetes: {reason}",)
        return tuple(str(text).splitlines())

    @property
    def token_secret_name(self) -> str:
        """The name of the Secret of this server's pod."""
        return f"{self.pod_name}-tokens"

    def get_env(self) -> JsonObject:
        """The environment of the pod: tokens by reference."""
        environment: JsonObject = super().get_env()
        for name in environment.keys() & set(TOKENS):
            reference = {"name": self.token_secret_name, "key": name}
            environment[name] = {"name": name, "valueFrom": {"secretKeyRef": reference}}
        return environment

    def token_secret(self, owner: Any) -> V1Secret:
        """The Secret with the tokens of this server, owned by its pod."""
        return V1Secret(
            metadata=V1ObjectMeta(
                name=self.token_secret_name,
                labels=self._build_common_labels({}),
                owner_references=[owner],
            ),
            type="Opaque",
            string_data=dict.fromkeys(TOKENS, str(self.api_token)),
        )


def refusal_of(problem: BaseException | None) -> JsonObject | None:
    """The ``Status`` with which Kubernetes refused to create something; None if it did not."""
    if not isinstance(problem, ApiException):
        return None
    try:
        status = json.loads(problem.body or "")
    except ValueError:
        status = None
    if isinstance(status, dict):
        return status
    return {"code": problem.status, "message": problem.reason}


async def create_token_secret(spawner: TokenSecretSpawner, pod: JsonObject) -> None:
    """Create the Secret of a pod that was created; until then Kubernetes lets its container wait."""
    metadata = pod["metadata"]
    secret = spawner.token_secret(make_owner_reference(metadata["name"], metadata["uid"]))
    async with asyncio.timeout(spawner.k8s_api_request_retry_timeout):
        try:
            await spawner.api.create_namespaced_secret(spawner.namespace, secret)
        except ApiException as problem:
            if problem.status != _CONFLICT:
                raise
            # That of a former pod of the same name, which Kubernetes has not removed yet.
            await spawner.api.replace_namespaced_secret(
                spawner.token_secret_name, spawner.namespace, secret
            )
