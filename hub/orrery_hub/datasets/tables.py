"""Tables of datasets, their versions, and what is known of these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orrery_hub.base.db import Table, UTCDateTime
from orrery_wire.datasets import DatasetAudience, Direction, Mode, UseKind, VersionState


class DatasetRow(Table):
    """A dataset.

    ``slot`` is audience and name, null for a deleted dataset, whose name is free. ``owner_id`` is who answers for it, and
    whose it is outside projects. One of a project that was removed for good has no project, and is removed next.
    """

    __tablename__ = "dataset"
    __table_args__ = (
        Index(None, "project_id"),
        Index(None, "owner_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    slot: Mapped[str | None] = mapped_column(String(160), unique=True)
    name: Mapped[str] = mapped_column(String(63))
    audience: Mapped[DatasetAudience] = mapped_column(String(16))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    description: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(JSON)
    # The number of the newest version that there ever was.
    last_number: Mapped[int]
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    archived: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted: Mapped[datetime | None] = mapped_column(UTCDateTime)

    def take_name(self) -> None:
        """Take the slot of the name; the database refuses one that is taken."""
        number = self.project_id if self.audience == "project" else self.owner_id
        self.slot = f"{self.audience}:{number or 0}/{self.name}"


class VersionRow(Table):
    """A version. Only ``published`` and ``archived`` change; ``stored_bytes`` is what its columns and parts take here."""

    __tablename__ = "dataset_version"
    __table_args__ = (
        UniqueConstraint("dataset_id", "number"),
        Index(None, "digest"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(80))
    mode: Mapped[Mode] = mapped_column(String(16))
    source_kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    location: Mapped[dict[str, Any]] = mapped_column(JSON)
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSON, deferred=True)
    column_count: Mapped[int]
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    part_count: Mapped[int] = mapped_column(BigInteger)
    # The list of its files, null where they were too many.
    parts: Mapped[list[list[Any]] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    has_parts: Mapped[bool]
    note: Mapped[str]
    stored_bytes: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published: Mapped[datetime | None] = mapped_column(UTCDateTime)
    archived: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def state(self) -> VersionState:
        """Whether it is a draft, published or archived."""
        if self.archived is not None:
            return "archived"
        return "draft" if self.published is None else "published"


class ParentRow(Table):
    """A version that another came from; number and digest stay when the parent is removed for good."""

    __tablename__ = "dataset_parent"
    __table_args__ = (Index(None, "parent_id"),)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_version.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("dataset_version.id", ondelete="SET NULL")
    )
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(80))


class ProfileRow(Table):
    """The profile of a version; it is written once."""

    __tablename__ = "dataset_profile"
    version_id: Mapped[int] = mapped_column(
        ForeignKey("dataset_version.id", ondelete="CASCADE"), primary_key=True
    )
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    stored_bytes: Mapped[int] = mapped_column(BigInteger)
    saved: Mapped[datetime] = mapped_column(UTCDateTime)


class UseRow(Table):
    """What read or wrote a version. ``hour_count`` is in how many hours; once more in the same hour changes nothing."""

    __tablename__ = "dataset_use"
    __table_args__ = (
        UniqueConstraint("version_id", "kind", "ref", "direction"),
        Index(None, "kind", "ref"),
        Index(None, "person_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("dataset_version.id", ondelete="CASCADE"))
    kind: Mapped[UseKind] = mapped_column(String(16))
    ref: Mapped[str] = mapped_column(String(500))
    direction: Mapped[Direction] = mapped_column(String(8))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first: Mapped[datetime] = mapped_column(UTCDateTime)
    last: Mapped[datetime] = mapped_column(UTCDateTime)
    hour_count: Mapped[int]


class CheckRow(Table):
    """What came of a suite of checks on a version."""

    __tablename__ = "dataset_check"
    __table_args__ = (Index(None, "version_id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("dataset_version.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    is_passed: Mapped[bool]
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    stored_bytes: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class FeatureSetRow(Table):
    """A named view of a dataset; ``number`` is the version that it is bound to, null the newest that is published."""

    __tablename__ = "dataset_feature_set"
    dataset_id: Mapped[int] = mapped_column(
        ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    number: Mapped[int | None]
    description: Mapped[str]
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int]
    updated: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
