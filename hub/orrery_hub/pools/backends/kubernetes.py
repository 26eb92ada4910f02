"""Pools of a cluster: servers are pods, which KubeSpawner makes from the overrides that a launch carries.

Labels have literal values: KubeSpawner expands templates in them, and knows no project and no pool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from orrery_hub.pools.backend import Backend, Server, refuse_reserved
from orrery_hub.pools.schemas import DeviceTypeIn, Mount, PoolIn, ProfileIn, Toleration
from orrery_wire.errors import Invalid
from orrery_wire.json_types import JsonObject
from orrery_wire.launch import Launch

_QUEUE = "kueue.x-k8s.io/queue-name"
_QUEUE_PRIORITY = "kueue.x-k8s.io/priority-class"
_QUEUE_SECONDS = "kueue.x-k8s.io/max-exec-time-seconds"
# The taints that Google's and Microsoft's clusters give to nodes that may be taken away.
_SPOT = (
    {
        "key": "cloud.google.com/gke-spot",
        "operator": "Equal",
        "value": "true",
        "effect": "NoSchedule",
    },
    {
        "key": "kubernetes.azure.com/scalesetpriority",
        "operator": "Equal",
        "value": "spot",
        "effect": "NoSchedule",
    },
)
_DNS = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class KubernetesBackend(Backend):
    """Pods with node selectors, tolerations, resources, volumes and Kueue's labels."""

    name = "kubernetes"
    has_images = True

    def check_pool(self, pool: PoolIn, device_type: DeviceTypeIn | None) -> None:
        """Refuse devices that Kubernetes does not know by a name."""
        if device_type is not None and not device_type.resource:
            raise Invalid(
                f"The type {device_type.slug!r} has no name in Kubernetes",
                reason="A pod asks for devices by the name of a resource.",
                remedy="Give the type a resource, such as nvidia.com/gpu.",
            )

    def check_profile(self, profile: ProfileIn, device_type: DeviceTypeIn | None) -> None:
        """Refuse volumes that are none of Kubernetes', and limits below what is guaranteed."""
        spec = profile.spec
        refuse_reserved([*spec.environment, *(item.variable for item in spec.secrets)])
        for mount in (*spec.mounts, *spec.datasets):
            _volume(mount)
        for name, least, most in (
            ("cpu", spec.cpu, spec.cpu_limit),
            ("memory", spec.memory_bytes, spec.memory_limit_bytes),
            ("storage", spec.storage_bytes, spec.storage_limit_bytes),
        ):
            if least is not None and most is not None and most < least:
                raise Invalid(
                    f"The limit of {name} is less than what is guaranteed",
                    reason="Kubernetes refuses such a pod.",
                    remedy="Raise the limit, or leave it out.",
                )

    def launch(self, server: Server) -> Launch:
        """The overrides of KubeSpawner's traits; the environment is not among them, for KubeSpawner would expand it."""
        spec = server.spec
        return Launch(
            lease=server.lease_id,
            profile=server.profile,
            name=server.name,
            start_timeout_seconds=spec.start_timeout_seconds,
            environment=server.environment,
            startup_script=server.startup_script,
            cpu_limit=spec.cpu_limit,
            memory_limit_bytes=spec.memory_limit_bytes,
            overrides=_resources(server) | _placement(server) | _volumes(server) | _texts(server),
        )


def _resources(server: Server) -> JsonObject:
    spec = server.spec
    limits: dict[str, str] = {}
    guarantees: dict[str, str] = {}
    if server.devices and server.resource:
        limits[server.resource] = guarantees[server.resource] = str(server.devices)
    if spec.storage_limit_bytes is not None:
        limits["ephemeral-storage"] = str(spec.storage_limit_bytes)
    if spec.storage_bytes is not None:
        guarantees["ephemeral-storage"] = str(spec.storage_bytes)
    # What a profile leaves out stays as the hub's configuration has it.
    traits = {
        "cpu_guarantee": spec.cpu or None,
        "cpu_limit": spec.cpu_limit,
        "mem_guarantee": spec.memory_bytes or None,
        "mem_limit": spec.memory_limit_bytes,
        "extra_resource_limits": limits,
        "extra_resource_guarantees": guarantees,
    }
    return {name: value for name, value in traits.items() if value is not None}


def _placement(server: Server) -> JsonObject:
    spec = server.spec
    tolerations = [*map(_toleration, (*server.pool_spec.tolerations, *spec.tolerations))]
    if server.is_spot:
        tolerations += _SPOT
    labels = {"orrery/lease": str(server.lease_id)}
    if server.pool_spec.queue_name:
        labels[_QUEUE] = server.pool_spec.queue_name
        if spec.queue_priority:
            labels[_QUEUE_PRIORITY] = spec.queue_priority
        if spec.max_seconds is not None:
            labels[_QUEUE_SECONDS] = str(spec.max_seconds)
    overrides: JsonObject = {
        "node_selector": {**server.pool_spec.node_selector, **spec.node_selector},
        "node_affinity_required": [*spec.node_affinity],
        "tolerations": tolerations,
        "extra_labels": labels,
        # Left out, Kubernetes mounts a token of its own API as soon as there is a service account.
        "automount_service_account_token": False,
    }
    if spec.priority_class:
        overrides["priority_class_name"] = spec.priority_class
    if spec.runtime_class:
        overrides["extra_pod_config"] = {"runtimeClassName": spec.runtime_class}
    return overrides


def _toleration(toleration: Toleration) -> dict[str, str]:
    return {name: value for name, value in toleration.model_dump().items() if value}


def _volumes(server: Server) -> JsonObject:
    volumes, mounts = {}, {}
    for number, mount in enumerate((*server.spec.mounts, *server.datasets)):
        name = f"mount-{number}"
        volume, folder = _volume(mount)
        volumes[name] = {"name": name, **volume}
        mounts[name] = {"name": name, "mountPath": mount.path, "readOnly": mount.is_read_only}
        if folder:
            mounts[name]["subPath"] = folder
    return {"volumes": volumes, "volume_mounts": mounts} if volumes else {}


def _volume(mount: Mount) -> tuple[JsonObject, str]:
    """The volume of a mount, and the folder in it.

    Raises:
        Invalid: the source is no volume claim and no NFS folder.
    """
    address = urlsplit(mount.source)
    host, path = address.netloc, address.path
    if address.scheme == "pvc" and _DNS.fullmatch(host):
        return {
            "persistentVolumeClaim": {"claimName": host, "readOnly": mount.is_read_only}
        }, path.strip("/")
    if address.scheme == "nfs" and host and path.startswith("/"):
        return {"nfs": {"server": host, "path": path, "readOnly": mount.is_read_only}}, ""
    raise Invalid(
        f"The mount {mount.name!r} cannot be made",
        reason=f"{mount.source!r} names no volume that a pod can mount.",
        remedy="Give pvc://claim/folder or nfs://server/folder as its source.",
    )


def _texts(server: Server) -> JsonObject:
    overrides: JsonObject = {
        # Annotations, for a name that ends in a hyphen is no value of a label.
        "extra_annotations": {name: value for name, value in _annotations(server) if value},
        "environment": {
            item.variable: {
                "name": item.variable,
                "valueFrom": {"secretKeyRef": {"name": item.secret, "key": item.key}},
            }
            for item in server.spec.secrets
        },
    }
    if server.image:
        overrides["image"] = server.image
    if server.spec.image_pull_policy:
        overrides["image_pull_policy"] = server.spec.image_pull_policy
    return overrides


def _annotations(server: Server) -> Iterator[tuple[str, str]]:
    yield "orrery/pool", server.pool
    yield "orrery/profile", server.profile
    yield "orrery/project", server.project
