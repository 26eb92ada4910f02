"""Pools of one machine: servers are processes, and devices are told apart by their numbers."""

from __future__ import annotations

from pathlib import PurePosixPath

from orrery_hub.pools.backend import Backend, Server, refuse_reserved, unsupported
from orrery_hub.pools.schemas import DeviceTypeIn, Mount, PoolIn, ProfileIn, ProfileSpec
from orrery_wire.errors import Invalid
from orrery_wire.launch import Launch

_HERE = "on one machine"
# The variables by which CUDA and ROCm know the devices of a process; -1 is none.
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_CLUSTER_FIELDS = (
    "storage_bytes",
    "storage_limit_bytes",
    "node_selector",
    "node_affinity",
    "tolerations",
    "runtime_class",
    "priority_class",
    "queue_priority",
    "image_pull_policy",
    "secrets",
    "images",
    "default_image",
    "max_seconds",
)


class LocalBackend(Backend):
    """Counts devices, servers, processors and memory, and shows a process its devices alone.

    The operating system does not keep a process from more processors and memory than its profile says.
    """

    name = "local"
    has_images = False

    def check_pool(self, pool: PoolIn, device_type: DeviceTypeIn | None) -> None:
        """Refuse what only a cluster has."""
        for field, value in pool.spec:
            if value:
                raise unsupported(f"The field spec.{field}", _HERE)

    def check_profile(self, profile: ProfileIn, device_type: DeviceTypeIn | None) -> None:
        """Refuse what only a cluster has, and mounts that are no folders."""
        empty = ProfileSpec()
        for field in _CLUSTER_FIELDS:
            if getattr(profile.spec, field) != getattr(empty, field):
                raise unsupported(f"The field spec.{field}", _HERE)
        if profile.is_spot:
            raise unsupported("The field is_spot", _HERE)
        refuse_reserved(list(profile.spec.environment))
        for mount in (*profile.spec.mounts, *profile.spec.datasets):
            _check_mount(mount)

    def launch(self, server: Server) -> Launch:
        """Environment, script and links of the process."""
        spec = server.spec
        numbers = ",".join(map(str, server.device_ids))
        mounts = (*spec.mounts, *server.datasets)
        return Launch(
            lease=server.lease_id,
            profile=server.profile,
            name=server.name,
            start_timeout_seconds=spec.start_timeout_seconds,
            environment=server.environment | dict.fromkeys(_VISIBLE, numbers or "-1"),
            startup_script=server.startup_script,
            cpu_limit=spec.cpu_limit,
            memory_limit_bytes=spec.memory_limit_bytes,
            links={mount.path.lstrip("/"): mount.source for mount in mounts},
        )


def _check_mount(mount: Mount) -> None:
    problem: str | None = None
    if not mount.source.startswith("/"):
        problem = (
            f"{mount.source!r} is no absolute folder, and other volumes cannot be mounted here."
        )
    elif ".." in PurePosixPath(mount.path).parts or not mount.path.strip("/"):
        problem = f"{mount.path!r} does not lie in a person's home."
    if problem:
        raise Invalid(
            f"The mount {mount.name!r} cannot be made",
            reason=problem,
            remedy="Give a folder of this machine as the source, and a path below the home.",
        )
    if mount.is_read_only:
        raise unsupported(
            f"is_read_only of the mount {mount.name!r}",
            _HERE,
            "Set is_read_only to false, and protect the folder by its permissions.",
        )
