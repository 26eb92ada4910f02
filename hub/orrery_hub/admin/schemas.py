"""Shapes of the administration's API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from orrery_hub.base.hub_models import ServerState
from orrery_wire.schemas import Moment, PageQuery, SearchText, Shape, StorableText

MAX_TARGETS = 10_000

Sort = Literal["user", "project", "started", "last_activity", "state"]
Status = Literal["ok", "degraded", "failing", "unknown"]
JobState = Literal["queued", "running", "done", "cancelled"]
ItemState = Literal["pending", "done", "failed", "cancelled"]
Level = Literal["info", "warning"]
Place = Literal["login", "spawn", "lab"]


class RunningServer(Shape):
    """A server that starts, runs or stops."""

    id: str = Field(description="Person and name of the server, as in an address.")
    user: str
    person_id: int | None = Field(description="Null for an account that the service has not seen.")
    name: str = Field(description="Empty for the default server.")
    display_name: str
    state: ServerState
    project: str | None = Field(
        description="The project that it is charged to; without a pool, the one that its lab works in."
    )
    pool: str = Field(description="The pool that it holds a place of; empty for none.")
    profile: str = Field(description="The profile that was chosen when it was started, if any.")
    started: datetime | None
    last_activity: datetime | None
    url: str


class ServerQuery(PageQuery):
    """Which servers, which page, in which order."""

    q: SearchText = Field(
        default="", max_length=255, description="Words that person, name, project or pool hold."
    )
    state: ServerState | None = None
    sort: Sort = "user"
    descending: bool = False


class Part(Shape):
    """A part of the product and how it is."""

    name: str
    title: str
    status: Status
    text: str = Field(description="What it says of itself, in a few words.")
    milliseconds: float | None = Field(default=None, description="How long it took to answer.")


class Work(Shape):
    """Work that the service does by itself: how often since it started."""

    name: str
    done: int
    failed: int


class Parts(Shape):
    """Every part, and the work in the background."""

    parts: tuple[Part, ...]
    work: tuple[Work, ...]
    version: str
    started: datetime


class Action(Shape):
    """Something that can be done to many objects at once."""

    name: str
    title: str
    arguments: tuple[str, ...]


class JobIn(Shape):
    """A job to begin: an action, the objects by id or name, and what the action needs beside them."""

    action: StorableText = Field(min_length=1, max_length=64)
    targets: tuple[Annotated[StorableText, Field(min_length=1, max_length=255)], ...] = Field(
        min_length=1, max_length=MAX_TARGETS
    )
    arguments: dict[StorableText, Annotated[StorableText, Field(max_length=255)]] = Field(
        default_factory=dict, max_length=8
    )
    is_dry_run: StrictBool = Field(
        default=True, description="True says what would be done, and changes nothing."
    )


class Job(Shape):
    """An action on many objects, which goes on when nobody looks, and after a restart of the service."""

    id: int
    action: str
    title: str
    who: str
    is_dry_run: bool
    state: JobState
    total: int
    done: int
    failed: int
    created: datetime
    started: datetime | None
    ended: datetime | None


class JobItem(Shape):
    """What became of one object of a job."""

    position: int
    target: str
    state: ItemState
    message: str


class JobItemQuery(PageQuery):
    """Which objects of a job, which page."""

    state: ItemState | None = None


class AnnouncementIn(Shape):
    """A text for everybody, and where and when it is shown."""

    text: StorableText = Field(min_length=1, max_length=2_000)
    level: Level = "info"
    places: tuple[Place, ...] = Field(
        min_length=1,
        max_length=3,
        description="What is shown at log-in and spawn can be read by whoever reaches the hub.",
    )
    starts: Moment | None = Field(default=None, description="Null shows it at once.")
    ends: Moment | None = Field(default=None, description="Null shows it until it is deleted.")


class Announcement(Shape):
    """A text for everybody."""

    id: int
    text: str
    level: Level
    places: tuple[Place, ...]
    starts: datetime
    ends: datetime | None
    is_shown: bool = Field(description="Whether it is shown now.")
    created_by: str


class PublicAnnouncement(Shape):
    """What a page shows of an announcement."""

    text: str
    level: Level


class MaintenanceIn(Shape):
    """Whether new servers may start, and why not."""

    blocks_spawns: StrictBool
    message: StorableText = Field(
        default="", max_length=500, description="Why, for whoever wants to start one."
    )
    starts: Moment | None = Field(default=None, description="Null blocks at once.")
    ends: Moment | None = Field(
        default=None, description="When it ends by itself; null ends it by hand only."
    )


class Maintenance(MaintenanceIn):
    """Whether new servers may start."""

    is_active: bool = Field(description="Whether it is so now.")
    changed: datetime | None
    changed_by: str
