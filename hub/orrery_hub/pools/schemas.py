"""Shapes of the pools' API with which administrators declare, and which no lab exchanges."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints, field_validator

from orrery_hub.pools.patterns import is_whole_match
from orrery_wire.json_types import JsonObject
from orrery_wire.names import Slug, Title
from orrery_wire.pools import (
    Environment,
    EnvironmentName,
    ImageTag,
    LaunchChoices,
    OptionalSlug,
    Script,
)
from orrery_wire.schemas import PageQuery, SearchText, Shape, StorableText

_COUNT = 1_000_000
_TEXT = 4_000
Count = Annotated[int, Field(ge=0, le=_COUNT)]
Bytes = Annotated[int, Field(ge=0, le=2**50)]
Cores = Annotated[float, Field(ge=0, le=10_000)]
# Kubernetes: a name with an optional prefix of a domain, and the value of a label.
_QUALIFIED = (
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
)
LabelName = Annotated[str, StringConstraints(pattern=_QUALIFIED)]
LabelValue = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$")
]
Labels = Annotated[dict[LabelName, LabelValue], Field(max_length=50)]
_DNS = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$"
DnsName = Annotated[str, StringConstraints(pattern=_DNS)]
# Without braces, which KubeSpawner would take for a template.
AbsolutePath = Annotated[str, StringConstraints(max_length=1_024, pattern=r"^/[^\u0000{}]*$")]
Resource = Annotated[str, StringConstraints(max_length=253, pattern=r"^[A-Za-z0-9./-]*$")]


class Toleration(Shape):
    """A taint of nodes that pods of a profile tolerate."""

    key: StorableText = Field(default="", max_length=317)
    operator: Literal["Equal", "Exists"] = "Equal"
    value: LabelValue = ""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""


class PoolSpec(Shape):
    """What belongs to every server of a pool, on Kubernetes."""

    node_selector: Labels = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = Field(default=(), max_length=20)
    queue_name: DnsName = Field(default="", description="Kueue's LocalQueue; empty: none.")


class SecretVariable(Shape):
    """An environment variable whose value Kubernetes takes from a Secret."""

    variable: EnvironmentName
    secret: DnsName = Field(min_length=1)
    key: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._-]+$")


class Mount(Shape):
    """A volume that is in every server of a profile."""

    name: Slug
    source: str = Field(
        min_length=1,
        max_length=1_024,
        pattern=r"^[^\u0000{}]+$",
        description="`pvc://claim/folder`, `nfs://server/folder`, or on one machine an absolute folder.",
    )
    path: AbsolutePath
    is_read_only: StrictBool = True


class Dataset(Mount):
    """A volume that a person may choose for a server."""

    description: StorableText = Field(default="", max_length=_TEXT)


class ProfileSpec(Shape):
    """The resources of a hardware profile, and what is in its servers."""

    cpu: Cores = Field(default=0, description="Cores that are guaranteed and counted.")
    cpu_limit: Cores | None = None
    memory_bytes: Bytes = Field(default=0, description="Memory that is guaranteed and counted.")
    memory_limit_bytes: Bytes | None = None
    storage_bytes: Bytes | None = Field(default=None, description="Ephemeral storage.")
    storage_limit_bytes: Bytes | None = None
    node_selector: Labels = Field(default_factory=dict)
    node_affinity: tuple[JsonObject, ...] = Field(
        default=(), max_length=20, description="Required node selector terms of Kubernetes."
    )
    tolerations: tuple[Toleration, ...] = Field(default=(), max_length=20)
    runtime_class: DnsName = ""
    priority_class: DnsName = ""
    queue_priority: DnsName = Field(default="", description="Kueue's WorkloadPriorityClass.")
    image_pull_policy: Literal["", "Always", "IfNotPresent", "Never"] = ""
    environment: Environment = Field(default_factory=dict)
    secrets: tuple[SecretVariable, ...] = Field(default=(), max_length=50)
    mounts: tuple[Mount, ...] = Field(default=(), max_length=50)
    datasets: tuple[Dataset, ...] = Field(default=(), max_length=50)
    startup_script: Script = Field(
        default="", description="Runs in every server of the profile, before the person's own."
    )
    images: tuple[Slug, ...] = Field(
        default=(), max_length=100, description="Empty: every image of the catalogue."
    )
    default_image: OptionalSlug = ""
    start_timeout_seconds: int = Field(default=300, ge=10, le=86_400)
    max_seconds: int | None = Field(
        default=None, ge=60, description="Kueue ends a server after so long."
    )
    may_set_environment: StrictBool = True
    may_set_startup_script: StrictBool = True

    @field_validator("mounts", "datasets")
    @classmethod
    def _distinct(cls, value: tuple[Mount, ...]) -> tuple[Mount, ...]:
        for names in ([item.name for item in value], [item.path for item in value]):
            if len(set(names)) < len(names):
                raise ValueError("two of them have the same name or the same path")
        return value


class DeviceTypeIn(Shape):
    """A type of device, and how many of it the cluster or the machine has."""

    slug: Slug
    name: Title
    resource: Resource = Field(
        default="", description="Kubernetes' name of it, such as `nvidia.com/mig-1g.10gb`."
    )
    mig_slice: str = Field(
        default="",
        pattern=r"^([1-7]g\.[0-9]{1,3}gb(\+me)?)?$",
        description="For a slice of a device: its size, such as `1g.10gb`.",
    )
    count: Count


class DeviceType(DeviceTypeIn):
    """A type of device with the use of it in all pools."""

    id: int
    in_pools: int = Field(ge=0, description="How many are in pools; the sum of the pools.")
    used: int = Field(ge=0)
    is_declared: bool


class PoolIn(Shape):
    """A pool: devices of one type, or servers without devices, for some people."""

    slug: Slug
    name: Title
    description: StorableText = Field(default="", max_length=_TEXT)
    device_type: OptionalSlug = Field(default="", description="Empty: a pool without devices.")
    devices: Count | None = Field(
        default=None, description="Null for the default pool, which has the rest of its type."
    )
    is_default: StrictBool = Field(
        default=False, description="It has what no other pool of its type has."
    )
    for_everyone: StrictBool = Field(
        default=False, description="True: no grant to a project is needed to use it."
    )
    max_servers: Count | None = Field(default=None, description="Null: any number.")
    devices_per_person: Count | None = Field(default=None, description="Null: any number.")
    spec: PoolSpec = Field(default_factory=PoolSpec)
    position: int = Field(default=0, ge=-1_000, le=1_000, description="Order of lists.")


class Pool(PoolIn):
    """A pool with the use of it."""

    id: int
    total_devices: int | None = Field(description="Null: a pool without devices.")
    used_devices: int = Field(ge=0)
    free_devices: int | None
    servers: int = Field(ge=0)
    is_draining: bool
    drain_reason: str
    is_declared: bool
    created: datetime
    updated: datetime


class DrainIn(Shape):
    """Why a pool is drained; people read it."""

    reason: str = Field(default="", max_length=400, pattern=r"^[^\u0000-\u001f]*$")


class GrantIn(Shape):
    """How much of a pool a project may use."""

    devices: Count | None = Field(default=None, description="Devices at once; null: any number.")


class Grant(GrantIn):
    """A project that may use a pool."""

    project: Slug
    name: str
    used_devices: int = Field(ge=0)
    since: datetime


class ProfileIn(Shape):
    """A hardware profile: what a server gets from a pool."""

    slug: Slug
    pool: Slug
    name: Title
    description: StorableText = Field(default="", max_length=_TEXT)
    devices: Count = 0
    is_spot: StrictBool = Field(
        default=False, description="Its nodes may be taken away at short notice."
    )
    is_hidden: StrictBool = Field(default=False, description="Nobody can start it.")
    position: int = Field(default=0, ge=-1_000, le=1_000)
    spec: ProfileSpec = Field(default_factory=ProfileSpec)


class Profile(ProfileIn):
    """A hardware profile as administrators see it."""

    id: int
    mig_slice: str
    is_declared: bool
    created: datetime
    updated: datetime


class ImageIn(Shape):
    """An image of the catalogue."""

    slug: Slug
    name: Title
    description: StorableText = Field(default="", max_length=_TEXT)
    reference: str = Field(
        min_length=1,
        max_length=512,
        pattern=r"^[a-z0-9]([A-Za-z0-9._:/-]*[A-Za-z0-9])?$",
        description="Registry and repository, without a tag.",
    )
    tag: ImageTag = Field(default="", description="The tag to use; empty with a digest.")
    digest: str = Field(default="", pattern=r"^(sha256:[0-9a-f]{64})?$")
    tag_pattern: StorableText = Field(
        default="",
        max_length=200,
        description="Regular expression that a whole tag has to match to be chosen; empty: the image's own only.",
    )
    labels: dict[StorableText, StorableText] = Field(
        default_factory=dict, max_length=30, description="Shown with it, such as `hardened: yes`."
    )
    is_hidden: StrictBool = Field(default=False, description="Not offered for a new start.")
    redirect_to: OptionalSlug = Field(
        default="", description="The image that a server gets at its next start in place of this."
    )
    position: int = Field(default=0, ge=-1_000, le=1_000)

    @field_validator("tag_pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            is_whole_match(value, "")
        except ValueError as problem:
            raise ValueError(
                f"it is no regular expression that is matched in linear time ({problem})"
            ) from None
        return value


class Image(ImageIn):
    """An image as administrators see it."""

    id: int
    is_declared: bool
    created: datetime
    updated: datetime


class CatalogueQuery(PageQuery):
    """Which pools, profiles or images, which page."""

    q: SearchText = Field(default="", max_length=400)
    sort: Literal["position", "name", "created"] = "position"
    descending: bool = False


class WithheldProfile(Shape):
    """A profile that a person is not shown, and why."""

    slug: Slug
    name: str
    pool_name: str
    reason: str


class LaunchPreview(LaunchChoices):
    """What a person sees before a start, and what the person does not see."""

    person: str
    closed: str = Field(
        default="", description="Why no server at all starts now; empty if they do."
    )
    withheld: tuple[WithheldProfile, ...] = ()
