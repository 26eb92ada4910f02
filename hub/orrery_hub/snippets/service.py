"""Snippets at the hub: visibility, permissions, versions, and the feed of changes."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import Memberships, RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.scopes import PUBLISH
from orrery_hub.snippets import store
from orrery_hub.snippets.permissions import SnippetPermissions
from orrery_hub.snippets.quota import Quota
from orrery_hub.snippets.secret_check import require_no_secret, secret_problems
from orrery_wire.errors import Conflict, Forbidden, Invalid, OrreryError, StorageFull
from orrery_wire.json_types import JsonObject
from orrery_wire.snippets import (
    Changes,
    ChangesQuery,
    Marks,
    Scope,
    SnippetContent,
    SnippetIn,
    SnippetVersion,
    SnippetWrite,
    StoredSnippet,
    Versions,
    WriteFailure,
    WriteResult,
    Writes,
    WritesIn,
)

# Characters of snippets in one response of the feed, which holds at least one snippet.
FEED_CHARACTERS = 4_000_000
_CURSOR = re.compile(r"^(\d{1,18})-([0-9a-f]{16})$")


class SnippetService:
    """The snippets of all users. A snippet that a user may not see gives ``NotFound``.

    ``quota`` limits the bytes that are stored; without one they are unlimited.
    """

    def __init__(
        self,
        database: Database,
        memberships: Memberships,
        *,
        keep_versions: int = 100,
        quota: Quota | None = None,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._memberships = memberships
        self._keep_versions = keep_versions
        self._quota = quota
        self._record = record

    def changes(self, user: User, query: ChangesQuery) -> Changes:
        """What changed for the user since a cursor; everything if the cursor is no longer valid."""
        with self._database.read() as session:
            permissions = self._permissions(session, user)
            counters = store.counters(session)
            until = counters[store.REVISION]
            fingerprint = permissions.fingerprint(counters[store.EPOCH])
            after = _revision_in(query.cursor, fingerprint, counters[store.FLOOR], until)
            if after == until:
                return Changes(
                    upserts=(),
                    removed=(),
                    cursor=query.cursor,
                    may_publish=user.may(PUBLISH),
                )
            changes = store.changes_since(
                session, permissions.audience, after or 0, until, query.limit + 1
            )
            page = _first_within_limit(session, changes[: query.limit])
            upserts, removed = self._split_visible(session, permissions, [key for _, key in page])
        more = len(page) < len(changes)
        return Changes(
            upserts=upserts,
            removed=() if not after else removed,
            cursor=f"{page[-1][0] if more else until}-{fingerprint}",
            more=more,
            reset=after is None and bool(query.cursor),
            may_publish=user.may(PUBLISH),
        )

    def save(self, user: User, request: SnippetIn, id: str | None = None) -> StoredSnippet:
        """Save a new snippet or a new version; once it returns, a crash cannot lose it.

        Saving unchanged content makes no version, so a save whose response was lost can be repeated.

        Raises:
            Conflict: somebody else saved meanwhile; ``details`` has ``current`` and ``base``.
            Forbidden: the user sees the snippet or its target, but may not write there.
            NotFound: there is no such snippet or project for the user.
            SecretFound: the text holds what looks like a secret, and that was not allowed.
            TooLarge: the person or the project stores as much as may be.
        """
        require_no_secret(request)
        with self._database.write() as session:
            revision = store.next_revision(session)
            return self._save(session, self._permissions(session, user), revision, request, id)

    def delete(self, user: User, id: str) -> None:
        """Delete a snippet; it can be restored until it is purged."""
        with self._database.write() as session:
            revision = store.next_revision(session)
            self._delete(session, self._permissions(session, user), revision, id)

    def undelete(self, user: User, id: str) -> StoredSnippet:
        """Restore a deleted snippet, with its versions and all users' marks."""
        with self._database.write() as session:
            revision = store.next_revision(session)
            return self._undelete(session, self._permissions(session, user), revision, id)

    def write_many(self, user: User, request: WritesIn) -> Writes:
        """Save, delete and restore many snippets in one transaction; what is refused changes nothing else."""
        problems = secret_problems(write.content for write in request.items)
        with self._database.write() as session:
            store.next_revision(session)
            permissions = self._permissions(session, user)
            items = tuple(
                self._write_one(session, permissions, write)
                if problem is None
                else WriteResult(failure=_failure(problem))
                for write, problem in zip(request.items, problems, strict=True)
            )
            return Writes(items=items)

    def _write_one(
        self, session: Session, permissions: SnippetPermissions, write: SnippetWrite
    ) -> WriteResult:
        try:
            with session.begin_nested():
                revision = store.next_revision(session)
                if write.content is not None:
                    return WriteResult(
                        snippet=self._save(session, permissions, revision, write.content, write.id)
                    )
                id_ = write.id or ""
                if write.action == "undelete":
                    return WriteResult(snippet=self._undelete(session, permissions, revision, id_))
                self._delete(session, permissions, revision, id_, write.base_version)
                return WriteResult()
        except StorageFull:
            raise
        except OrreryError as error:
            if isinstance(error, Forbidden | Conflict):
                self._record(
                    session,
                    permissions.user.name,
                    f"snippets.{write.action}",
                    write.id or "",
                    outcome="forbidden" if isinstance(error, Forbidden) else "conflict",
                )
            return WriteResult(failure=_failure(error))

    def _save(
        self,
        session: Session,
        permissions: SnippetPermissions,
        revision: int,
        request: SnippetIn,
        id: str | None,
    ) -> StoredSnippet:
        user = permissions.user
        project_id = permissions.target_project(request)
        row = _new_row(user, revision) if id is None else permissions.find_writable(session, id)
        permissions.require_write(request, project_id, row.author_id)
        if id is not None:
            if _is_unchanged(session, row, request, project_id):
                return self._to_shape(session, permissions, row)
            self._check_base(session, permissions, row, request)
            if (row.scope, row.project_id) != (request.scope, project_id):
                store.add_removal(session, row, revision)
                revision = store.next_revision(session)
        before = _facts(permissions, row)
        project = permissions.slug_by_id.get(project_id or 0, "")
        content = _content_json(request)
        pruned = self._write(
            session, row, request.scope, content, project_id, user.person_id, revision
        )
        if self._quota is not None:
            self._quota.charge(session, row, len(content.encode()), pruned, project)
        self._record(
            session,
            user.name,
            "snippets.publish" if request.scope == "everyone" else "snippets.save",
            row.id,
            project=project,
            before=before,
            after=_facts(permissions, row),
        )
        return self._to_shape(session, permissions, row)

    def _delete(
        self,
        session: Session,
        permissions: SnippetPermissions,
        revision: int,
        id: str,
        base_version: int | None = None,
    ) -> None:
        row = permissions.find_writable(session, id)
        if base_version not in (None, row.version):
            updated_by = people.names(session, [row.updated_by_id])[row.updated_by_id]
            raise Conflict(
                "Somebody else saved this snippet meanwhile",
                reason=f"{updated_by} saved version {row.version}; version {base_version} was to be deleted.",
                remedy="Look at it, and delete it if you still want to.",
            )
        row.deleted = now()
        row.revision = revision
        self._record(
            session,
            permissions.user.name,
            "snippets.delete",
            id,
            project=permissions.slug_by_id.get(row.project_id or 0, ""),
            before=_facts(permissions, row),
        )

    def _undelete(
        self, session: Session, permissions: SnippetPermissions, revision: int, id: str
    ) -> StoredSnippet:
        row = permissions.find_writable(session, id, deleted=True)
        if row.deleted is not None:
            row.deleted = None
            row.revision = revision
            self._record(
                session,
                permissions.user.name,
                "snippets.undelete",
                id,
                project=permissions.slug_by_id.get(row.project_id or 0, ""),
                after=_facts(permissions, row),
            )
        return self._to_shape(session, permissions, row)

    def find(self, user: User, id: str) -> StoredSnippet:
        """A snippet as the user sees it."""
        with self._database.read() as session:
            permissions = self._permissions(session, user)
            return self._to_shape(session, permissions, permissions.find_visible(session, id))

    def share(
        self, user: User, id: str, scope: Scope, version: int, *, allow_secrets: bool = False
    ) -> StoredSnippet:
        """Move a version that the user looked at to everyone, or back to its author's own.

        Raises:
            Conflict: somebody saved another version meanwhile.
            Forbidden: the user may not write it, or not there.
            Invalid: it was saved when other names were allowed.
            SecretFound: the text holds what looks like a secret, and that was not allowed.
        """
        content = self.find(user, id).model_dump(include=set(SnippetContent.model_fields))
        try:
            request = SnippetIn(
                **content, scope=scope, base_version=version, allow_secrets=allow_secrets
            )
        except ValidationError:
            raise Invalid(
                "The snippet cannot be shared as it is",
                reason="Its name, a tag or a prefix is one that is not allowed any more.",
                remedy="Save it in your lab under a name of today, then come back.",
            ) from None
        return self.save(user, request, id)

    def versions(self, user: User, id: str) -> Versions:
        """Every stored version that was saved for the user to see, newest first."""
        with self._database.read() as session:
            permissions = self._permissions(session, user)
            row = permissions.find_visible(session, id)
            audience = permissions.audience
            rows = [v for v in store.versions(session, id) if audience.includes_version(row, v)]
            names = people.names(session, (version.saved_by_id for version in rows))
        return Versions(
            items=tuple(
                SnippetVersion(
                    version=version.version,
                    saved=version.saved,
                    saved_by=names[version.saved_by_id],
                    content=SnippetContent.model_validate_json(version.content),
                )
                for version in rows
            )
        )

    def mark(self, user: User, id: str, marks: Marks) -> StoredSnippet:
        """Change the user's own marks; no other user sees them, and no version is made."""
        with self._database.write() as session:
            revision = store.next_revision(session)
            permissions = self._permissions(session, user)
            row = permissions.find_visible(session, id)
            marks_row = store.mark_for_update(session, user.person_id, id, revision)
            if marks.favourite is not None:
                marks_row.favourite = marks.favourite
            if "position" in marks.model_fields_set:
                marks_row.position = marks.position
            if marks.used:
                marks_row.uses += 1
                marks_row.used = now()
            if marks.seen:
                marks_row.seen_version = row.version
            self._record(
                session,
                user.name,
                "snippets.mark",
                id,
                project=permissions.slug_by_id.get(row.project_id or 0, ""),
                after=marks.model_dump(exclude_unset=True),
            )
            return self._to_shape(session, permissions, row)

    def purge(self, before: datetime) -> int:
        """Remove permanently the snippets that were deleted before a point in time; returns how many."""
        with self._database.write() as session:
            store.next_revision(session)
            removed = store.purge(session, before)
            for id_ in removed:
                self._record(session, "orrery", "snippets.purge", id_)
        if self._quota is not None:
            self._quota.forget()
        return len(removed)

    def _permissions(self, session: Session, user: User) -> SnippetPermissions:
        return SnippetPermissions(user, self._memberships(session, user.person_id))

    def _split_visible(
        self, session: Session, permissions: SnippetPermissions, ids: Sequence[str]
    ) -> tuple[tuple[StoredSnippet, ...], tuple[str, ...]]:
        """The snippets that the user sees now, and the ids of those the user no longer sees."""
        audience = permissions.audience
        rows = store.load(session, permissions.user.person_id, ids)
        names = people.names(
            session, (id_ for row, _, _ in rows for id_ in (row.author_id, row.updated_by_id))
        )
        seen = {
            row.id: _stored_snippet(permissions, row, names, text, marks_row)
            for row, text, marks_row in rows
            if row.deleted is None and audience.includes(row)
        }
        return tuple(seen.values()), tuple(key for key in dict.fromkeys(ids) if key not in seen)

    def _check_base(
        self,
        session: Session,
        permissions: SnippetPermissions,
        row: store.SnippetRow,
        request: SnippetIn,
    ) -> None:
        if request.base_version in (None, row.version):
            return
        number = request.base_version or 0
        # No version has a higher number, and a database cannot hold every number that JSON can.
        base = store.version(session, row.id, number) if number < row.version else None
        if base is not None and not permissions.audience.includes_version(row, base):
            base = None
        updated_by = people.names(session, [row.updated_by_id])[row.updated_by_id]
        raise Conflict(
            "Somebody else saved this snippet meanwhile",
            reason=f"{updated_by} saved version {row.version}; you edited version {request.base_version}.",
            remedy="Compare both, take over what you need and save again.",
            details={
                "current": self._to_shape(session, permissions, row).model_dump(mode="json"),
                "base": SnippetContent.model_validate_json(base.content).model_dump(mode="json")
                if base
                else None,
            },
        )

    def _write(
        self,
        session: Session,
        row: store.SnippetRow,
        scope: Scope,
        content: str,
        project_id: int | None,
        who: int,
        revision: int,
    ) -> Sequence[tuple[int | None, int]]:
        """Add a version; what is pruned for it, as project id and bytes."""
        moment = now()
        row.scope, row.project_id = scope, project_id
        row.version += 1
        row.updated, row.updated_by_id, row.revision = moment, who, revision
        session.add(row)
        session.flush()
        session.add(
            store.VersionRow(
                snippet_id=row.id,
                version=row.version,
                scope=row.scope,
                project_id=row.project_id,
                saved=moment,
                saved_by_id=who,
                content=content,
            )
        )
        store.mark_for_update(session, who, row.id, revision).seen_version = row.version
        session.flush()
        return store.delete_old_versions(session, row, self._keep_versions)

    def _to_shape(
        self, session: Session, permissions: SnippetPermissions, row: store.SnippetRow
    ) -> StoredSnippet:
        session.flush()
        text = store.content(session, row.id, row.version)
        marks_row = store.mark(session, permissions.user.person_id, row.id)
        names = people.names(session, (row.author_id, row.updated_by_id))
        return _stored_snippet(permissions, row, names, text or "", marks_row)


def invalidate_cursors(database: Database) -> None:
    """Make every cursor start from the beginning, after an older copy of the database took its place."""
    with database.write() as session:
        store.set_counter(session, store.EPOCH, secrets.randbits(62))


def _revision_in(cursor: str, fingerprint: str, floor: int, until: int) -> int | None:
    """The revision in a cursor; None if the cursor is not valid for the user any more."""
    parts = _CURSOR.match(cursor)
    if not parts or parts[2] != fingerprint:
        return None
    after = int(parts[1])
    return after if floor <= after <= until else None


def _first_within_limit(session: Session, changes: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The first changes, up to ``FEED_CHARACTERS``."""
    sizes = store.content_lengths(session, {key for _, key in changes})
    page: list[tuple[int, str]] = []
    characters = 0
    for pair in changes:
        characters += sizes.get(pair[1], 0)
        if page and characters > FEED_CHARACTERS:
            break
        page.append(pair)
    return page


def _new_row(user: User, revision: int) -> store.SnippetRow:
    moment = now()
    return store.SnippetRow(
        id=uuid.uuid4().hex,
        scope="mine",
        author_id=user.person_id,
        version=0,
        revision=revision,
        created=moment,
        updated=moment,
        updated_by_id=user.person_id,
    )


def _facts(permissions: SnippetPermissions, row: store.SnippetRow) -> dict[str, object] | None:
    """What the audit says about a stored snippet: never its text or name."""
    if not row.version:
        return None
    project = permissions.slug_by_id.get(row.project_id or 0)
    return {"version": row.version, "scope": row.scope, "project": project}


def _failure(error: OrreryError) -> WriteFailure:
    return WriteFailure(
        code=error.code, message=error.message, reason=error.reason, remedy=error.remedy
    )


def _content_json(request: SnippetIn) -> str:
    """The versioned content as JSON."""
    return request.model_dump_json(include=set(SnippetContent.model_fields))


def _is_unchanged(
    session: Session, row: store.SnippetRow, request: SnippetIn, project_id: int | None
) -> bool:
    return (row.scope, row.project_id) == (request.scope, project_id) and store.content(
        session, row.id, row.version
    ) == _content_json(request)


def _stored_snippet(
    permissions: SnippetPermissions,
    row: store.SnippetRow,
    names: Mapping[int, str],
    text: str,
    marks_row: store.MarkRow | None,
) -> StoredSnippet:
    content: JsonObject = json.loads(text)
    return StoredSnippet(
        **content,
        id=row.id,
        scope=row.scope,
        project=permissions.slug_by_id.get(row.project_id) if row.project_id else None,
        version=row.version,
        created=row.created,
        created_by=names[row.author_id],
        updated=row.updated,
        updated_by=names[row.updated_by_id],
        writable=permissions.may_write(row.scope, row.project_id, row.author_id),
        favourite=marks_row.favourite if marks_row else False,
        position=marks_row.position if marks_row else None,
        uses=marks_row.uses if marks_row else 0,
        used=marks_row.used if marks_row else None,
        seen_version=marks_row.seen_version if marks_row else None,
    )
