"""The contract of the places where servers run: what of a profile a place can do, and what a server starts with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from orrery_hub.pools.schemas import Dataset, DeviceTypeIn, PoolIn, PoolSpec, ProfileIn, ProfileSpec
from orrery_wire.errors import Invalid
from orrery_wire.launch import Launch

# What the hub, Kubernetes and this package set, and what says which devices a server may see.
_RESERVED_PREFIXES = ("JUPYTERHUB_", "JPY_", "ORRERY_", "KUBERNETES_")
_RESERVED = frozenset(
    [
        "CUDA_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES",
        "HOME",
        "NVIDIA_VISIBLE_DEVICES",
        "ROCR_VISIBLE_DEVICES",
    ]
)


def reserved_variables(names: Sequence[str]) -> list[str]:
    """The names of environment variables that nobody chooses."""
    return [name for name in names if name in _RESERVED or name.startswith(_RESERVED_PREFIXES)]


@dataclass(frozen=True)
class Server:
    """A server that holds a lease and is about to start."""

    lease_id: int
    profile: str
    name: str
    pool: str
    project: str
    spec: ProfileSpec
    pool_spec: PoolSpec = field(default_factory=PoolSpec)
    resource: str = ""
    devices: int = 0
    device_ids: tuple[int, ...] = ()
    is_spot: bool = False
    image: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    startup_script: str = ""
    datasets: tuple[Dataset, ...] = ()


class Backend(ABC):
    """One kind of place. It holds no state: what is in use is counted in the database."""

    name: ClassVar[str]
    has_images: ClassVar[bool]

    @abstractmethod
    def check_pool(self, pool: PoolIn, device_type: DeviceTypeIn | None) -> None:
        """Refuse a pool that this place cannot offer.

        Raises:
            Invalid: which field, and what to do.
        """

    @abstractmethod
    def check_profile(self, profile: ProfileIn, device_type: DeviceTypeIn | None) -> None:
        """Refuse a profile with a field that this place would ignore.

        Raises:
            Invalid: which field, and what to do.
        """

    @abstractmethod
    def launch(self, server: Server) -> Launch:
        """What the server starts with."""


def refuse_reserved(names: Sequence[str]) -> None:
    """Refuse environment variables that nobody chooses.

    Raises:
        Invalid: there are such.
    """
    if reserved := reserved_variables(names):
        raise Invalid(
            f"{', '.join(sorted(reserved))} cannot be set",
            reason="The hub sets these variables for every server.",
            remedy="Leave them out.",
        )


def unsupported(what: str, place: str, remedy: str = "Leave it out.") -> Invalid:
    """The error for a field that a place would ignore."""
    return Invalid(
        f"{what} has no effect {place}", reason="It would be ignored silently.", remedy=remedy
    )
