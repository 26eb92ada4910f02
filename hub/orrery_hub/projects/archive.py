"""Archiving projects, pinning them, and what is in them in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import CountInProject, RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.projects.lookup import find_owned, find_visible
from orrery_hub.projects.service import ProjectService
from orrery_hub.projects.store import MemberRow
from orrery_wire.project_labels import Count, ProjectCounts
from orrery_wire.projects import Project


class ArchiveService:
    """Archives and restores projects, pins them for a person, and counts; ``counts`` are what every capability has."""

    def __init__(
        self,
        database: Database,
        projects: ProjectService,
        *,
        counts: Sequence[CountInProject] = (),
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._projects = projects
        self._counts = counts
        self._record = record

    def archive(self, user: User, slug: str) -> Project:
        """Make a project read only and take it out of the lists; owners only."""
        return self._set_archived(user, slug, is_archived=True)

    def restore(self, user: User, slug: str) -> Project:
        """Bring an archived project back; owners only."""
        return self._set_archived(user, slug, is_archived=False)

    def _set_archived(self, user: User, slug: str, *, is_archived: bool) -> Project:
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            if (row.archived is not None) != is_archived:
                row.archived = now() if is_archived else None
                row.updated = now()
                what = "projects.archive" if is_archived else "projects.restore"
                self._record(session, user.name, what, slug, project=slug)
            return self._projects.shape_of(session, row, user.person_id)

    def pin(self, user: User, slug: str, *, is_pinned: bool) -> Project:
        """Show a project first in the lists of the user, or no longer."""
        with self._database.write() as session:
            row, _ = find_visible(session, user, slug)
            member = session.get_one(MemberRow, (row.id, user.person_id))
            if member.is_pinned != is_pinned:
                member.is_pinned = is_pinned
                session.flush()
                what = "projects.pin" if is_pinned else "projects.unpin"
                self._record(session, user.name, what, slug, project=slug)
            return self._projects.shape_of(session, row, user.person_id)

    def counts(self, user: User, slug: str) -> ProjectCounts:
        """How many members, snippets and so on a project has."""
        with self._database.read() as session:
            row, _ = find_visible(session, user, slug)
            return ProjectCounts(slug=slug, counts=self._count(session, row.id))

    def _count(self, session: Session, project: int) -> tuple[Count, ...]:
        pairs = [pair for count in self._counts for pair in count(session, project).items()]
        return tuple(Count(what=what, count=number) for what, number in pairs)
