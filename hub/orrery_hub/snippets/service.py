"""What a snippet at the hub means: who sees it, who may write it, and that nothing saved is lost."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.snippets import store
from orrery_hub.snippets.permissions import Rights, read_only
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.snippets import (
    Changes,
    ChangesQuery,
    Marks,
    SnippetContent,
    SnippetIn,
    SnippetVersion,
    StoredSnippet,
    Versions,
)

Memberships = Callable[
    [Session, str], Sequence[tuple[int, str, Literal["owner", "editor", "viewer"]]]
]
Record = Callable[[Session, str, str, str], None]

# One answer of the feed carries at most so many characters of snippets, and at least one snippet.
FEED_CHARACTERS = 4_000_000
_CURSOR = re.compile(r"^(\d{1,18})-([0-9a-f]{16})$")


class SnippetService:
    """The snippets of everybody. What one may not see does not exist for one."""

    def __init__(
        self,
        database: Database,
        memberships: Memberships,
        *,
        keep_versions: int = 100,
        record: Record = lambda session, who, what, on: None,
    ) -> None:
        self._database = database
        self._memberships = memberships
        self._keep_versions = keep_versions
        self._record = record

    def changes(self, person: User, query: ChangesQuery) -> Changes:
        """What changed, for the person, since a cursor; everything if the cursor is no longer good."""
        with self._database.read() as session:
            rights = self._rights(session, person)
            counters = store.counters(session)
            until = counters[store.REVISION]
            mark = rights.mark(counters[store.EPOCH])
            after = _after(query.cursor, mark, counters[store.FLOOR], until)
            if after == until:
                return Changes(upserts=(), removed=(), cursor=query.cursor)
            found = store.since(session, rights.audience, after or 0, until, query.limit + 1)
            page = _fitting(session, found[: query.limit])
            upserts, removed = self._sorted(session, rights, [key for _, key in page])
        more = len(page) < len(found)
        return Changes(
            upserts=upserts,
            removed=() if not after else removed,
            cursor=f"{page[-1][0] if more else until}-{mark}",
            more=more,
            reset=after is None and bool(query.cursor),
        )

    def save(self, person: User, wanted: SnippetIn, id: str | None = None) -> StoredSnippet:
        """Keep a new snippet or a new version; when it returns, a crash cannot lose it.

        Saving what is already there makes no version, so that a save whose answer was lost can be repeated.

        Raises:
            Conflict: somebody else saved meanwhile; ``details`` has ``current`` and ``base``.
            Forbidden: the person sees it, or the place, but may not write there.
            NotFound: there is no such snippet or project for the person.
        """
        with self._database.write() as session:
            revision = store.next_revision(session)
            rights = self._rights(session, person)
            project_id = _place(rights, wanted)
            row = _new(person, revision) if id is None else _writable(session, rights, id)
            _check_target(rights, wanted, project_id, row)
            if id is not None:
                if _same(session, row, wanted, project_id):
                    return self._shape(session, rights, row)
                self._check_base(session, rights, row, wanted)
                if (row.scope, row.project_id) != (wanted.scope, project_id):
                    _leave(session, row, revision)
                    revision = store.next_revision(session)
            self._write(session, row, wanted, project_id, person.name, revision)
            self._record(session, person.name, "snippets.save", row.id)
            return self._shape(session, rights, row)

    def delete(self, person: User, id: str) -> None:
        """Take a snippet away; it can be brought back for some weeks."""
        with self._database.write() as session:
            revision = store.next_revision(session)
            row = _writable(session, self._rights(session, person), id)
            row.deleted = now()
            row.revision = revision
            self._record(session, person.name, "snippets.delete", id)

    def undelete(self, person: User, id: str) -> StoredSnippet:
        """Bring a deleted snippet back, with its versions and everybody's marks."""
        with self._database.write() as session:
            revision = store.next_revision(session)
            rights = self._rights(session, person)
            row = _writable(session, rights, id, deleted=True)
            if row.deleted is not None:
                row.deleted = None
                row.revision = revision
                self._record(session, person.name, "snippets.undelete", id)
            return self._shape(session, rights, row)

    def versions(self, person: User, id: str) -> Versions:
        """Every version that is kept, newest first."""
        with self._database.read() as session:
            _seen(session, self._rights(session, person), id)
            rows = store.versions(session, id)
        return Versions(
            items=tuple(
                SnippetVersion(
                    version=row.version,
                    saved=row.saved,
                    saved_by=row.saved_by,
                    content=SnippetContent.model_validate_json(row.content),
                )
                for row in rows
            )
        )

    def mark(self, person: User, id: str, marks: Marks) -> StoredSnippet:
        """Note the person's own marks; nobody else sees them and no version is made."""
        with self._database.write() as session:
            revision = store.next_revision(session)
            rights = self._rights(session, person)
            row = _seen(session, rights, id)
            note = store.marked(session, person.name, id, revision)
            if marks.favourite is not None:
                note.favourite = marks.favourite
            if "position" in marks.model_fields_set:
                note.position = marks.position
            if marks.used:
                note.uses += 1
                note.used = now()
            if marks.seen:
                note.seen_version = row.version
            return self._shape(session, rights, row)

    def purge(self, before: datetime) -> int:
        """Remove for good what was deleted before a moment; how many snippets that were."""
        with self._database.write() as session:
            store.next_revision(session)
            return store.purge(session, before)

    def forget_cursors(self) -> None:
        """Make every cursor begin anew, as after an older copy of the database was put in its place."""
        with self._database.write() as session:
            store.set_counter(session, store.EPOCH, secrets.randbits(62))

    def _rights(self, session: Session, person: User) -> Rights:
        return Rights(person, self._memberships(session, person.name))

    def _sorted(
        self, session: Session, rights: Rights, ids: Sequence[str]
    ) -> tuple[tuple[StoredSnippet, ...], tuple[str, ...]]:
        """What of it the person sees now, and what no longer."""
        audience = rights.audience
        rows = store.load(session, rights.person.name, ids)
        seen = {
            row.id: _stored(rights, row, text, note)
            for row, text, note in rows
            if row.deleted is None and audience.holds(row)
        }
        return tuple(seen.values()), tuple(key for key in dict.fromkeys(ids) if key not in seen)

    def _check_base(
        self, session: Session, rights: Rights, row: store.SnippetRow, wanted: SnippetIn
    ) -> None:
        if wanted.base_version in (None, row.version):
            return
        base = store.content(session, row.id, wanted.base_version or 0)
        raise Conflict(
            "Somebody else saved this snippet meanwhile",
            reason=f"{row.updated_by} saved version {row.version}; you edited version {wanted.base_version}.",
            remedy="Compare both, take over what you need and save again.",
            details={
                "current": self._shape(session, rights, row).model_dump(mode="json"),
                "base": json.loads(base) if base else None,
            },
        )

    def _write(
        self,
        session: Session,
        row: store.SnippetRow,
        wanted: SnippetIn,
        project_id: int | None,
        who: str,
        revision: int,
    ) -> None:
        moment = now()
        row.scope, row.project_id = wanted.scope, project_id
        row.version += 1
        row.updated, row.updated_by, row.revision = moment, who, revision
        session.add(row)
        session.flush()
        session.add(
            store.VersionRow(
                snippet_id=row.id,
                version=row.version,
                saved=moment,
                saved_by=who,
                content=_text(wanted),
            )
        )
        store.marked(session, who, row.id, revision).seen_version = row.version
        session.flush()
        store.forget_versions(session, row, self._keep_versions)

    def _shape(self, session: Session, rights: Rights, row: store.SnippetRow) -> StoredSnippet:
        session.flush()
        text = store.content(session, row.id, row.version)
        return _stored(rights, row, text or "", store.mark(session, rights.person.name, row.id))


def _after(cursor: str, mark: str, floor: int, until: int) -> int | None:
    """The revision in a cursor, or nothing if the cursor is of another time."""
    parts = _CURSOR.match(cursor)
    if not parts or parts[2] != mark:
        return None
    after = int(parts[1])
    return after if floor <= after <= until else None


def _fitting(session: Session, found: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """As many of the changes as one answer carries."""
    sizes = store.sizes(session, {key for _, key in found})
    page: list[tuple[int, str]] = []
    characters = 0
    for pair in found:
        characters += sizes.get(pair[1], 0)
        if page and characters > FEED_CHARACTERS:
            break
        page.append(pair)
    return page


def _new(person: User, revision: int) -> store.SnippetRow:
    moment = now()
    return store.SnippetRow(
        id=uuid.uuid4().hex,
        scope="mine",
        author=person.name,
        version=0,
        revision=revision,
        created=moment,
        updated=moment,
        updated_by=person.name,
    )


def _leave(session: Session, row: store.SnippetRow, revision: int) -> None:
    """Tell those who see a snippet only where it was to forget it."""
    session.add(
        store.GoneRow(
            revision=revision,
            snippet_id=row.id,
            scope=row.scope,
            project_id=row.project_id,
            author=row.author,
            gone=now(),
        )
    )


def _place(rights: Rights, wanted: SnippetIn) -> int | None:
    """The id of the project that a snippet is to lie in."""
    if wanted.scope != "project":
        return None
    if wanted.project is None:
        raise Invalid(
            "The snippet cannot be saved",
            reason="With the scope `project` it needs the name of a project.",
            remedy="Choose a project.",
        )
    if (found := rights.ids.get(wanted.project)) is None:
        raise NotFound(
            f"There is no project {wanted.project!r}",
            reason="It does not exist, or you are not a member of it.",
            remedy="Choose one of your projects.",
        )
    return found


def _check_target(
    rights: Rights, wanted: SnippetIn, project_id: int | None, row: store.SnippetRow
) -> None:
    if not rights.writes(wanted.scope, project_id, row.author):
        raise read_only(wanted.scope, wanted.project)


def _seen(session: Session, rights: Rights, id: str, *, deleted: bool = False) -> store.SnippetRow:
    row = store.find(session, id, rights.audience, deleted=deleted)
    if row is None:
        raise NotFound(
            "There is no such snippet",
            reason="It does not exist, was deleted, or is not yours to see.",
            remedy="Refresh the list.",
        )
    return row


def _writable(
    session: Session, rights: Rights, id: str, *, deleted: bool = False
) -> store.SnippetRow:
    row = _seen(session, rights, id, deleted=deleted)
    if not rights.writes(row.scope, row.project_id, row.author):
        raise read_only(row.scope, rights.slugs.get(row.project_id or 0))
    return row


def _text(wanted: SnippetIn) -> str:
    """What of it has versions, as JSON."""
    return wanted.model_dump_json(include=set(SnippetContent.model_fields))


def _same(
    session: Session, row: store.SnippetRow, wanted: SnippetIn, project_id: int | None
) -> bool:
    return (row.scope, row.project_id) == (wanted.scope, project_id) and store.content(
        session, row.id, row.version
    ) == _text(wanted)


def _stored(
    rights: Rights, row: store.SnippetRow, text: str, note: store.MarkRow | None
) -> StoredSnippet:
    kept: dict[str, Any] = json.loads(text)
    return StoredSnippet(
        **kept,
        id=row.id,
        scope=row.scope,
        project=rights.slugs.get(row.project_id) if row.project_id else None,
        version=row.version,
        created=row.created,
        created_by=row.author,
        updated=row.updated,
        updated_by=row.updated_by,
        writable=rights.writes(row.scope, row.project_id, row.author),
        favourite=note.favourite if note else False,
        position=note.position if note else None,
        uses=note.uses if note else 0,
        used=note.used if note else None,
        seen_version=note.seen_version if note else None,
    )
