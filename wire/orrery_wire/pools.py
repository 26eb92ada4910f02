"""Shapes of pools that hub and server exchange: what may be started, what was chosen, what is held."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from orrery_wire.names import ServerName, Slug
from orrery_wire.schemas import PageQuery, SearchText, Shape

# Patterns without look-around, anchored at both ends: `re.match` alone would take what follows too.
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
EnvironmentValue = Annotated[str, StringConstraints(max_length=4_096, pattern=r"^[^\u0000]*$")]
Environment = Annotated[dict[EnvironmentName, EnvironmentValue], Field(max_length=100)]
Script = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\u0000]*$")]
OptionalSlug = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,62})?$")]
ImageTag = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$")]

LeaseState = Literal["reserved", "running", "ended"]
# A request in the queue that has not ended.
OpenState = Literal["waiting", "offered", "claimed"]
# Why a profile cannot be started now; empty if it can.
Cause = Literal[
    "",
    "no_device",
    "draining",
    "server_limit",
    "person_limit",
    "project_limit",
    "project",
    "budget",
    "queue",
]


class LaunchOptions(Shape):
    """What a person chooses for a server before it starts."""

    profile: Slug
    project: OptionalSlug = Field(
        default="", description="The project that the server works for and that pays for it."
    )
    image: OptionalSlug = Field(default="", description="Empty: the profile's default image.")
    tag: ImageTag = Field(default="", description="Empty: the image's own tag.")
    environment: Environment = Field(default_factory=dict)
    startup_script: Script = Field(
        default="", description="Shell commands that run before the server starts."
    )
    datasets: tuple[Slug, ...] = Field(
        default=(), max_length=20, description="Datasets of the profile to mount, by name."
    )


class WaitEstimate(Shape):
    """Place in the queue of a pool, and the range of the expected wait; null where that is not known."""

    place: int = Field(ge=1)
    low_seconds: int | None = Field(default=None, ge=0)
    high_seconds: int | None = Field(default=None, ge=0)


class OpenRequest(Shape):
    """A request in the queue that has not ended, as its person sees it before a start."""

    id: int
    server_name: str = Field(description="Empty for the default server.")
    profile: str
    pool_name: str
    state: OpenState
    is_move: bool = Field(description="The server runs with something else meanwhile.")
    wait: WaitEstimate | None = Field(default=None, description="Null unless it waits.")
    reason: str = Field(default="", description="Why it waits, in words.")
    remedy: str = ""
    claim_until: datetime | None = Field(
        default=None, description="Until when what it needs is held; null unless it is offered."
    )


class LastFailure(Shape):
    """A server of the person that did not start, or ended by itself, a short while ago."""

    server: str = Field(description="Empty for the default server.")
    is_start: bool = Field(
        description="It did not start, and has not run since; false: it ran, and ended by itself."
    )
    reason: str = Field(description="Why, in words.")
    remedy: str = ""
    at: datetime


class DatasetChoice(Shape):
    """A dataset that can be mounted into a server."""

    name: Slug
    description: str = ""
    path: str = Field(description="Where it is in the server.")
    is_read_only: bool = True


class ImageChoice(Shape):
    """An image of the catalogue that a server can be started from."""

    slug: Slug
    name: str
    description: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    tag: str = Field(description="The tag that is used if none is chosen.")
    tag_pattern: str = Field(
        default="",
        description="Regular expression of the tags that may be chosen; empty: none but the image's own.",
    )


class ProfileChoice(Shape):
    """A hardware profile as a person sees it before a start."""

    slug: Slug
    name: str
    description: str = ""
    pool: Slug
    pool_name: str
    device_type: str = Field(default="", description="Empty: a profile without devices.")
    mig_slice: str = ""
    devices: int = Field(ge=0)
    cpu: float = Field(ge=0, description="Cores that are guaranteed.")
    memory_bytes: int = Field(ge=0, description="Memory that is guaranteed.")
    is_spot: bool = False
    pool_devices: int | None = Field(default=None, description="Null: the pool has no limit.")
    used_devices: int = Field(default=0, ge=0)
    free_devices: int | None = Field(default=None, description="Null: the pool has no limit.")
    price_micros: int | None = Field(
        default=None, description="Price of an hour, in millionths; null: no rate is set."
    )
    currency: str = ""
    budget_left_micros: int | None = Field(
        default=None, description="What is left of the budget, in millionths; null: no budget."
    )
    cause: Cause = ""
    reason: str = Field(default="", description="Why it cannot be started now, in words.")
    remedy: str = ""
    is_held: bool = Field(
        default=False,
        description="What it needs is held for this server: the person's turn has come.",
    )
    may_queue: bool = Field(default=False, description="A ticket can be had for it.")
    wait: WaitEstimate | None = None
    projects: tuple[Slug, ...] = Field(
        default=(), description="Projects of the person that the server can work for."
    )
    needs_project: bool = Field(
        default=False, description="Only what works for one of those projects may use the pool."
    )
    images: tuple[Slug, ...] = ()
    default_image: OptionalSlug = ""
    datasets: tuple[DatasetChoice, ...] = ()
    may_set_environment: bool = True
    may_set_startup_script: bool = True


class LaunchChoices(Shape):
    """What a person may start."""

    is_required: bool = Field(
        description="False: no profile is declared, and a server just starts."
    )
    profiles: tuple[ProfileChoice, ...] = ()
    images: tuple[ImageChoice, ...] = ()
    last: LaunchOptions | None = Field(
        default=None, description="What was chosen for this server the last time."
    )
    requests: tuple[OpenRequest, ...] = Field(
        default=(), description="What the person waits for, for this server and others."
    )
    failures: tuple[LastFailure, ...] = Field(
        default=(), description="The person's servers that failed in the last day, newest first."
    )


class Lease(Shape):
    """Devices, processors and memory that a server holds, from its start to its end."""

    id: int
    user: str
    server: ServerName
    project: str | None
    pool: str | None
    profile: str | None
    devices: int
    cpu: float
    memory_bytes: int
    is_spot: bool
    device_ids: tuple[int, ...] = ()
    state: LeaseState
    reserved_at: datetime
    reserved_until: datetime | None = None
    started_at: datetime | None = None
    seen_at: datetime
    ended_at: datetime | None = None
    end_reason: str = ""


class LeaseQuery(PageQuery):
    """Which leases, which page."""

    q: SearchText = Field(
        default="", max_length=400, description="Words of names of people and servers."
    )
    pool: OptionalSlug = ""
    project: OptionalSlug = ""
    state: Literal["", "open", "reserved", "running", "ended"] = Field(
        default="open", description="Empty: all; `open`: reserved and running."
    )
    sort: Literal["started", "ended", "user", "devices"] = "started"
    descending: bool = True
