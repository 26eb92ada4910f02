"""Profile of a cluster: each lab is one pod, the hub service is a deployment of its own.

Secrets come from mounted files and by reference: none is generated here, and none stands in a pod's manifest. Labs share
no folder, so projects keep their data in object stores and their code in Git repositories. The authenticator is the
cluster's own: ``jupyterhub_config.py`` sets it after the call.
"""

from __future__ import annotations

from traitlets.config import Config

from orrery_hub.base.secret import mounted_secret
from orrery_hub.settings import Settings

SPAWNER = "orrery_hub.profiles.kubernetes_spawner.TokenSecretSpawner"
_HOME = "/home/jovyan"
_UID, _GID = 1000, 100


class ClusterSettingsError(Exception):
    """The settings do not fit a cluster; the message says which, and what to set."""


def configure(c: Config, settings: Settings) -> None:
    """Set how the hub finds its proxy, and what a lab's pod is.

    Raises:
        ClusterSettingsError: a project would lie in a folder of the hub's pod, or labs would not find the service.
        ValueError: a mounted secret is missing.
    """
    _check_places(settings)
    _hub(c, settings)
    _spawner(c, settings)


def _check_places(settings: Settings) -> None:
    for name in ("projects_lake", "projects_repository"):
        place = getattr(settings, name)
        if place.startswith(("/", "{home}", "file:")):
            raise ClusterSettingsError(
                f"ORRERY_{name.upper()}={place!r} is a folder, and labs in pods share none with each other."
                " Set the URL of an object store or a Git server, such as s3://lake/{slug}."
            )
    if not settings.service_url:
        raise ClusterSettingsError(
            "ORRERY_SERVICE_URL is not set: labs would look for the hub service in their own pods."
            " Set the address of its Service, such as http://orrery:9000."
        )


def _hub(c: Config, settings: Settings) -> None:
    c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{settings.hub_port or 8081}/"
    c.JupyterHub.hub_connect_url = settings.hub_connect_url
    c.JupyterHub.cookie_secret_file = str(settings.secrets / "jupyterhub_cookie_secret")
    # Pods and proxy outlive the hub's own pod, which is replaced at each upgrade.
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = settings.proxy_api_url
    c.ConfigurableHTTPProxy.auth_token = mounted_secret(settings.secrets, "proxy_auth_token")


def _spawner(c: Config, settings: Settings) -> None:
    c.JupyterHub.spawner_class = SPAWNER
    c.Spawner.environment.update({"HOME": _HOME})
    c.Spawner.ip = "0.0.0.0"  # noqa: S104  # inside a pod of its own, which the network policy guards
    c.Spawner.cmd = ["jupyterhub-singleuser"]
    c.Spawner.default_url = "/lab"
    pod = c.KubeSpawner
    pod.image = settings.lab_image
    pod.working_dir = _HOME
    # A volume of the person's own is all that a pod mounts: nothing is shared with another lab.
    pod.storage_pvc_ensure = True
    # KubeSpawner would delete the volume with the account or the named server; whose data it was decides that later.
    pod.delete_pvc = False
    pod.storage_capacity = settings.lab_storage
    pod.pvc_name_template = "home-{user_server}"
    pod.volumes = {"home": {"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}}}
    pod.volume_mounts = {"home": {"name": "home", "mountPath": _HOME}}
    # What the standard "restricted" of Kubernetes' Pod Security asks for.
    pod.uid, pod.gid, pod.fs_gid = _UID, _GID, _GID
    pod.privileged = False
    pod.allow_privilege_escalation = False
    pod.container_security_context = {
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    # Left out, Kubernetes mounts a token of its own API as soon as there is a service account.
    pod.automount_service_account_token = False
    # Kubernetes would put the address of every Service of the namespace into the environment.
    pod.extra_pod_config = {"enableServiceLinks": False}
