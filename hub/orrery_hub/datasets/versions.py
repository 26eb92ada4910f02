"""Versions of datasets: added, published, archived and restored; what a version holds never changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.db import now
from orrery_hub.base.user import User
from orrery_hub.datasets import shapes, store
from orrery_hub.datasets.context import DatasetContext, Facts
from orrery_hub.datasets.permissions import DatasetPermissions
from orrery_hub.datasets.tables import DatasetRow, ParentRow, ProfileRow, VersionRow
from orrery_wire.datasets import (
    DatasetPart,
    DatasetProfile,
    DatasetVersion,
    DatasetVersionDetail,
    DatasetVersionIn,
    DatasetVersionQuery,
    VersionRef,
)
from orrery_wire.errors import Conflict, NotFound, SecretFound
from orrery_wire.schemas import Page, PageQuery
from orrery_wire.secret_scan import findings
from orrery_wire.snippets import SnippetCell

PER_DATASET = 10_000
_SCAN_SECONDS = 5.0


class VersionService:
    """The versions of all datasets. What a user may not see gives ``NotFound``."""

    def __init__(self, context: DatasetContext) -> None:
        self._context = context
        self._database = context.database

    def list(self, user: User, id: int, query: DatasetVersionQuery) -> Page[DatasetVersion]:
        """One page of the versions of a dataset, newest first."""
        with self._database.read() as session:
            row = self._context.permissions(session, user).find(session, id)
            rows, total = store.versions(session, row.id, query)
            items = shapes.versions(session, rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, user: User, id: int, number: int) -> DatasetVersionDetail:
        """A version with its columns and parents."""
        with self._database.read() as session:
            may = self._context.permissions(session, user)
            _, version = may.find_version(session, id, number)
            return shapes.version(session, may, version)

    def parts(self, user: User, id: int, number: int, query: PageQuery) -> Page[DatasetPart]:
        """One page of the files of a version, in the order of their paths.

        Raises:
            NotFound: there is no such version, or its files were too many to be stored.
        """
        with self._database.read() as session:
            row, version = self._context.permissions(session, user).find_version(
                session, id, number
            )
            if not version.has_parts:
                raise NotFound(
                    f"The files of version {number} of {row.name!r} are not stored here",
                    reason=f"It has {version.part_count:,} of them.",
                    remedy="List them where they lie.",
                )
            items = shapes.parts(version)
        part = items[query.offset : query.offset + query.limit]
        return Page(items=part, total=len(items), offset=query.offset, limit=query.limit)

    def add(self, user: User, id: int, request: DatasetVersionIn) -> DatasetVersionDetail:
        """Add a version; the newest one itself, if it has that content from that source.

        Raises:
            Conflict: the dataset is archived, or has as many versions as there may be.
            Forbidden: the user may not change it.
            NotFound: the user sees no such dataset, or not a version that it came from.
            SecretFound: its SQL holds what looks like a secret, and that was not allowed.
            TooLarge: the project or the person stores as much as may be.
        """
        _require_no_secret(request)
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row = may.find_writable(session, id)
            parents = [self._parent(session, may, ref) for ref in request.parents]
            newest = store.version(session, row.id, row.last_number)
            if newest is not None and _is_same(session, newest, request, parents):
                return shapes.version(session, may, newest)
            _require_open(row)
            version = _new_version(user, row, request)
            self._context.require_room(session, row, version.stored_bytes)
            session.add(version)
            session.flush()
            session.add_all(_parent_rows(version, parents))
            row.last_number, row.updated = version.number, version.created
            session.flush()
            self._context.note(session, may, "datasets.version", row, after=_facts(version))
            return shapes.version(session, may, version)

    def publish(self, user: User, id: int, number: int) -> DatasetVersionDetail:
        """Say that a version is to be used; it stays so, unless it is archived.

        Raises:
            Conflict: it is archived.
        """

        def change(version: VersionRow) -> None:
            if version.archived is not None:
                raise Conflict(
                    f"Version {number} is archived",
                    reason="What is archived is not for use.",
                    remedy="Restore it first.",
                )
            version.published = version.published or now()

        return self._set_state(user, id, number, "datasets.publish", change)

    def archive(self, user: User, id: int, number: int) -> DatasetVersionDetail:
        """Take a version out of use; it stays readable by its number."""

        def change(version: VersionRow) -> None:
            version.archived = version.archived or now()

        return self._set_state(user, id, number, "datasets.archive", change)

    def restore(self, user: User, id: int, number: int) -> DatasetVersionDetail:
        """Bring an archived version back as it was, published or not."""

        def change(version: VersionRow) -> None:
            version.archived = None

        return self._set_state(user, id, number, "datasets.restore", change)

    def profile(self, user: User, id: int, number: int) -> DatasetProfile:
        """The profile of a version.

        Raises:
            NotFound: there is no such version, or it has none.
        """
        with self._database.read() as session:
            row, version = self._context.permissions(session, user).find_version(
                session, id, number
            )
            stored = session.get(ProfileRow, version.id)
            if stored is None:
                raise NotFound(
                    f"Version {number} of {row.name!r} has no profile",
                    reason="None was made of it, or it could not be read then.",
                    remedy="Profile it, and store the result.",
                )
            return DatasetProfile(profile=stored.profile)

    def save_profile(
        self, user: User, id: int, number: int, request: DatasetProfile
    ) -> DatasetVersionDetail:
        """Store the profile of a version, which is made after the version; it never changes then.

        Raises:
            Conflict: it has another profile.
            TooLarge: the project or the person stores as much as may be.
        """
        size = len(json.dumps(request.profile))
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row, version = may.find_version(session, id, number, write=True)
            stored = session.get(ProfileRow, version.id)
            if stored is None:
                self._context.require_room(session, row, size)
                profile = ProfileRow(
                    version_id=version.id,
                    profile=request.profile,
                    stored_bytes=size,
                    saved=now(),
                )
                session.add(profile)
                after: Facts = {"number": number, "profile_bytes": size}
                self._context.note(session, may, "datasets.profile", row, after=after)
                session.flush()
            elif stored.profile != request.profile:
                raise Conflict(
                    f"Version {number} of {row.name!r} has a profile already",
                    reason="A version never changes, and its profile goes with it.",
                    remedy="Look at that one. If the data is other data now, add a version.",
                )
            return shapes.version(session, may, version)

    def _set_state(
        self,
        user: User,
        id: int,
        number: int,
        what: str,
        change: Callable[[VersionRow], None],
    ) -> DatasetVersionDetail:
        with self._database.write() as session:
            may = self._context.permissions(session, user)
            row, version = may.find_version(session, id, number, write=True)
            before = version.state
            change(version)
            if version.state != before:
                row.updated = now()
                facts: Facts = {"number": number, "state": before}
                after = facts | {"state": version.state}
                self._context.note(session, may, what, row, before=facts, after=after)
            return shapes.version(session, may, version)

    @staticmethod
    def _parent(session: Session, may: DatasetPermissions, ref: VersionRef) -> VersionRow:
        return may.find_version(session, ref.dataset, ref.number)[1]


def _new_version(user: User, row: DatasetRow, request: DatasetVersionIn) -> VersionRow:
    content = request.model_dump(mode="json", include={"source", "location", "columns"})
    parts = sorted([part.path, part.size_bytes, part.digest] for part in request.parts or ())
    has_parts = request.parts is not None
    return VersionRow(
        dataset_id=row.id,
        number=row.last_number + 1,
        digest=request.content_digest,
        mode=request.mode,
        source_kind=request.source.kind,
        **content,
        column_count=len(request.columns),
        row_count=request.row_count,
        size_bytes=_size(request),
        part_count=len(parts) if has_parts else request.part_count,
        parts=parts if has_parts else None,
        has_parts=has_parts,
        note=request.note,
        stored_bytes=len(json.dumps([content, parts, request.note])),
        created=now(),
        created_by_id=user.person_id,
    )


def _size(request: DatasetVersionIn) -> int | None:
    if request.size_bytes is None and request.parts is not None:
        return sum(part.size_bytes for part in request.parts)
    return request.size_bytes


def _parent_rows(version: VersionRow, parents: Sequence[VersionRow]) -> list[ParentRow]:
    return [
        ParentRow(
            version_id=version.id,
            position=position,
            parent_id=parent.id,
            number=parent.number,
            digest=parent.digest,
        )
        for position, parent in enumerate(parents)
    ]


def _is_same(
    session: Session,
    newest: VersionRow,
    request: DatasetVersionIn,
    parents: Sequence[VersionRow],
) -> bool:
    """Whether a request is for what the newest version is: sent once more, or made anew from what did not change."""
    content = request.model_dump(mode="json", include={"source", "location", "columns"})
    stored = {name: getattr(newest, name) for name in content}
    before = [row.parent_id for row, _ in store.parents(session, newest)]
    return (
        newest.archived is None
        and newest.digest == request.content_digest
        and newest.mode == request.mode
        and stored == content
        and before == [parent.id for parent in parents]
    )


def _require_open(row: DatasetRow) -> None:
    if row.archived is not None:
        raise Conflict(
            f"The dataset {row.name!r} is archived",
            reason="It gets no new versions.",
            remedy="Restore it first.",
        )
    if row.last_number >= PER_DATASET:
        raise Conflict(
            f"The dataset {row.name!r} can have no more versions",
            reason=f"A dataset has {PER_DATASET:,} at most.",
            remedy="Go on in a new dataset, with the newest version as its parent.",
            details={"limit": PER_DATASET},
        )


def _require_no_secret(request: DatasetVersionIn) -> None:
    """Refuse SQL that holds what looks like a secret, unless that was confirmed."""
    if request.source.kind != "query" or request.allow_secrets:
        return
    secrets = findings([SnippetCell(source=request.source.sql)], seconds=_SCAN_SECONDS)
    if secrets:
        raise SecretFound(
            "The SQL holds what looks like a secret",
            reason=f"{secrets[0].kind} in line {secrets[0].line}: {secrets[0].excerpt}",
            remedy="Take it out, for example into a connection; or save it all the same.",
            details={"findings": [finding.model_dump() for finding in secrets]},
        )


def _facts(version: VersionRow) -> Facts:
    """What the audit says about a version: no path, no SQL."""
    return {
        "number": version.number,
        "digest": version.digest,
        "mode": version.mode,
        "source": version.source_kind,
    }
