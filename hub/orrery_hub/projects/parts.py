"""What every part of the service of projects stands on: the database, limits, and projects as shapes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.projects import store
from orrery_hub.projects.locations import Locations
from orrery_wire.errors import Conflict, NotFound
from orrery_wire.project_labels import ServiceLink
from orrery_wire.projects import Project, Role


class ProjectBase:
    """What the parts have in common; see ``ProjectService`` for its arguments."""

    def __init__(
        self,
        database: Database,
        locations: Locations,
        *,
        default: tuple[str, str] | None = None,
        default_role: Role = "editor",
        undelete_days: int = 30,
        projects_per_person: int = 100,
        record: RecordChange = no_record,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._locations = locations
        self._default = default
        self._default_role = default_role
        self._undelete_period = timedelta(days=undelete_days)
        self._projects_per_person = projects_per_person
        self._record = record
        self._on_change = on_change
        self._visited: set[int] = set()

    def shape_of(self, session: Session, row: store.ProjectRow, person: int) -> Project:
        """A project as one of its members sees it."""
        member = session.get_one(store.MemberRow, (row.id, person))
        return self._shape(row, member.role, store.member_count(session, row), member.is_pinned)

    def _shape(
        self,
        row: store.ProjectRow | store.ListedProject,
        role: Role,
        members: int,
        is_pinned: bool,
    ) -> Project:
        return Project(
            slug=row.slug,
            name=row.name,
            description=row.description,
            role=role,
            members=members,
            category=row.category or None,
            labels=tuple(json.loads(row.labels)),
            links=tuple(ServiceLink(**link) for link in json.loads(row.links)),
            archived=row.archived,
            pinned=is_pinned,
            lake=self._locations.lake(row.key),
            repository=self._locations.repository(row.key),
            created=row.created,
            updated=row.updated,
            deleted=row.deleted,
            purge_after=row.deleted + self._undelete_period if row.deleted else None,
        )

    def _require_room(self, session: Session, person: int, name: str = "") -> None:
        """Refuse one more project of a person who owns as many as a person may; ``name`` if it is not who asks.

        Raises:
            Conflict: that is so.
        """
        limit = self._projects_per_person
        if store.owned_count(session, person) < limit:
            return
        raise Conflict(
            f"{name!r} cannot own one more project" if name else "You cannot own one more project",
            reason=f"A person may own {limit:,}, deleted ones included.",
            remedy="Leave one, or delete one and remove it for good (`orrery projects purge`); or ask an administrator"
            " of the hub for more (ORRERY_PROJECTS_PER_PERSON).",
            details={"limit": limit},
        )


def audit_facts(row: store.ProjectRow) -> dict[str, object]:
    """What the audit says about a project: its description may hold anything, so only its length."""
    return {
        "name": row.name,
        "description_length": len(row.description),
        "category": row.category,
        "labels": json.loads(row.labels),
        "link_count": len(json.loads(row.links)),
    }


def require(row: store.ProjectRow | None, slug: str) -> store.ProjectRow:
    """The project of a slug, for an administrator.

    Raises:
        NotFound: there is none.
    """
    if row is None:
        raise NotFound(
            f"There is no project {slug!r}",
            reason="It does not exist, or it was removed for good.",
            remedy="Look at the list of projects.",
        )
    return row
