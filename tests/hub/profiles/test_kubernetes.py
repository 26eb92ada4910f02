"""The profile of a cluster, by the manifests that it makes; no cluster is asked.

The client of Kubernetes has seven hundred modules: they are imported by the tests, and not by each worker.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from orrery_hub.config import configure
from orrery_hub.profiles.kubernetes import SPAWNER, ClusterSettingsError
from orrery_hub.settings import Settings

CANARIES = {
    "service_api_token": "canary-service-1",
    "proxy_auth_token": "canary-proxy-2",
    "launcher_token": "canary-launcher-4",
    "server": "canary-server-3",
}
CLUSTER = {
    "profile": "kubernetes",
    "service_url": "http://orrery:9000/",
    "projects_lake": "s3://lake/{slug}",
    "projects_repository": "https://git.example/{slug}.git",
    "lab_image": "registry.example/lab@sha256:0",
}


def settings_of(home: Path, **more: Any) -> Settings:
    values = Settings(home=home, **{**CLUSTER, **more})
    values.secrets.mkdir(parents=True, exist_ok=True)
    for name in ("service_api_token", "proxy_auth_token", "launcher_token"):
        (values.secrets / name).write_text(CANARIES[name] + "\n")
    return values


def configured(home: Path, **more: Any) -> Config:
    c = Config()
    c.JupyterHub.services, c.JupyterHub.load_roles = [], []
    configure(c, settings_of(home, **more))
    return c


class Api:
    """Kubernetes' API, as much as a Secret needs."""

    def __init__(self, *problems: int) -> None:
        self.problems = list(problems)
        self.calls: list[tuple[str, Any]] = []

    async def create_namespaced_secret(self, namespace: str, secret: Any) -> None:
        self.calls.append((f"create {namespace}", secret))
        if self.problems:
            from kubernetes_asyncio.client.rest import ApiException

            raise ApiException(status=self.problems.pop())

    async def replace_namespaced_secret(self, name: str, namespace: str, secret: Any) -> None:
        self.calls.append((f"replace {namespace}/{name}", secret))


Pod = Callable[..., dict[str, Any]]


def spawner_of(c: Config, monkeypatch: pytest.MonkeyPatch, user: str = "ann") -> Any:
    """A spawner as JupyterHub has it, with no cluster behind it."""
    from orrery_hub.profiles.kubernetes_spawner import TokenSecretSpawner

    for name in ("load_config", "shared_client"):
        monkeypatch.setattr(f"kubespawner.spawner.{name}", lambda *_, **__: Api())
    person = SimpleNamespace(name=user, id=1, url=f"/user/{user}/", escaped_name=user)
    spawner = TokenSecretSpawner(config=c, _mock=True, user=person, parent=None)
    spawner.api_token = CANARIES["server"]
    return spawner


def plain(model: Any) -> Any:
    from kubernetes_asyncio.client import ApiClient

    return ApiClient.sanitize_for_serialization(ApiClient.__new__(ApiClient), model)


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The pod of a lab, as it is sent to the cluster."""
    spawner = spawner_of(configured(tmp_path), monkeypatch)
    pod: dict[str, Any] = plain(asyncio.run(spawner.get_pod_manifest()))
    return pod


def environment(manifest: dict[str, Any]) -> dict[str, Any]:
    (container,) = manifest["spec"]["containers"]
    return {entry["name"]: entry for entry in container["env"]}


def test_no_secret_stands_in_a_manifest(manifest: dict[str, Any]) -> None:
    from orrery_hub.profiles.kubernetes_spawner import TOKENS

    text = json.dumps(manifest)
    assert not [canary for canary in CANARIES.values() if canary in text]
    entries = environment(manifest)
    for name in TOKENS:
        assert entries[name] == {
            "name": name,
            "valueFrom": {
                "secretKeyRef": {"name": f"{manifest['metadata']['name']}-tokens", "key": name}
            },
        }


def test_a_lab_finds_the_service_at_its_address(manifest: dict[str, Any], tmp_path: Path) -> None:
    url = environment(manifest)["ORRERY_HUB_URL"]["value"]
    assert url == "http://orrery:9000/services/orrery/api"
    (service,) = configured(tmp_path).JupyterHub.services
    assert service["url"] == "http://orrery:9000"
    assert service["api_token"] == CANARIES["service_api_token"]
    assert "command" not in service
    assert "environment" not in service


def test_a_pod_mounts_its_own_volume_and_nothing_else(manifest: dict[str, Any]) -> None:
    (volume,) = manifest["spec"]["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"].startswith("home-ann")
    (container,) = manifest["spec"]["containers"]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/home/jovyan"]
    assert "hostPath" not in json.dumps(manifest)
    assert str(Path.home()) not in json.dumps(environment(manifest))


def test_two_labs_are_two_pods_with_two_volumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    c = configured(tmp_path)
    labs = [spawner_of(c, monkeypatch, user) for user in ("ann", "bob", "ann--x", "Ann", "a.nn")]
    for attribute in ("pod_name", "pvc_name", "token_secret_name"):
        assert len({getattr(one, attribute) for one in labs}) == len(labs)


def test_a_pod_is_restricted(manifest: dict[str, Any]) -> None:
    """Kubernetes' Pod Security standard of that name, field by field."""
    spec = manifest["spec"]
    (container,) = spec["containers"]
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] == 1000
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not context.get("privileged")
    assert not any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC"))
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert not spec.get("initContainers")
    assert container["image"] == CLUSTER["lab_image"]


def test_the_secret_belongs_to_its_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kubernetes_asyncio.client.rest import ApiException

    from orrery_hub.profiles.kubernetes_spawner import TOKENS, create_token_secret

    for problems, verbs in (((), ["create"]), ((409,), ["create", "replace"])):
        spawner = spawner_of(configured(tmp_path), monkeypatch)
        spawner.api = Api(*problems)
        pod = {"metadata": {"name": spawner.pod_name, "uid": "u-1"}}
        assert spawner.after_pod_created_hook is create_token_secret
        asyncio.run(create_token_secret(spawner, pod))
        assert [call.partition(" ")[0] for call, _ in spawner.api.calls] == verbs
        secret = plain(spawner.api.calls[-1][1])
        assert secret["stringData"] == dict.fromkeys(TOKENS, CANARIES["server"])
        (owner,) = secret["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["uid"]) == ("Pod", spawner.pod_name, "u-1")
    spawner.api = Api(403)
    with pytest.raises(ApiException):
        asyncio.run(create_token_secret(spawner, pod))


def test_the_hub_leaves_pods_and_proxy_alone(tmp_path: Path) -> None:
    c = configured(tmp_path)
    assert c.JupyterHub.spawner_class == SPAWNER
    assert (c.JupyterHub.cleanup_servers, c.JupyterHub.cleanup_proxy) == (False, False)
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.ConfigurableHTTPProxy.auth_token == CANARIES["proxy_auth_token"]
    assert c.JupyterHub.hub_connect_url == "http://hub:8081"
    for section, trait in (("JupyterHub", "authenticator_class"), ("Authenticator", "allow_all")):
        assert trait not in c[section]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"projects_lake": "{home}/projects/{slug}/lake"}, "ORRERY_PROJECTS_LAKE"),
        ({"projects_repository": "/srv/{slug}.git"}, "ORRERY_PROJECTS_REPOSITORY"),
        ({"projects_lake": "file:///srv/{slug}"}, "object store"),
        ({"service_url": ""}, "ORRERY_SERVICE_URL"),
    ],
)
def test_what_does_not_fit_a_cluster_is_refused(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    with pytest.raises(ClusterSettingsError, match=words):
        configured(tmp_path, **change)


@pytest.mark.parametrize("name", ["service_api_token", "proxy_auth_token", "launcher_token"])
@pytest.mark.parametrize("content", [None, " \n"])
def test_a_secret_that_is_not_mounted_is_named(
    tmp_path: Path, name: str, content: str | None
) -> None:
    settings = settings_of(tmp_path)
    if content is None:
        (settings.secrets / name).unlink()
    else:
        (settings.secrets / name).write_text(content)
    with pytest.raises(ValueError, match=name):
        configure(Config(), settings)
