"""What lists of other capabilities show of projects; see ``base.contracts.ProjectFacts``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from orrery_hub.projects.store import CurrentRow, MemberRow, ProjectRow
from orrery_wire.projects import Role

_IN_USE = ProjectRow.deleted.is_(None)


class Facts:
    """Reads the tables of projects in the caller's transaction."""

    def count(self, person: InstrumentedAttribute[int]) -> ColumnElement[int]:
        """The number of projects in use that a person is a member of."""
        return (
            select(func.count())
            .select_from(MemberRow)
            .join(ProjectRow, ProjectRow.id == MemberRow.project_id)
            .where(MemberRow.person_id == person, _IN_USE)
            .scalar_subquery()
        )

    def has_member(self, person: InstrumentedAttribute[int], slug: str) -> ColumnElement[bool]:
        """Whether a person is a member of a project."""
        members = (
            select(MemberRow.person_id)
            .join(ProjectRow, ProjectRow.id == MemberRow.project_id)
            .where(ProjectRow.slug == slug.replace("\x00", "\ufffd"))
        )
        return person.in_(members)

    def of_people(
        self, session: Session, people: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[str, Role]]]:
        """Slug and role for every project in use of each of some people."""
        query = (
            select(MemberRow.person_id, ProjectRow.slug, MemberRow.role)
            .join(ProjectRow, ProjectRow.id == MemberRow.project_id)
            .where(MemberRow.person_id.in_(people), _IN_USE)
            .order_by(ProjectRow.slug)
        )
        memberships: dict[int, list[tuple[str, Role]]] = defaultdict(list)
        for person, slug, role in session.execute(query):
            memberships[person].append((slug, role))
        return memberships

    def of_servers(self, session: Session, people: Sequence[int]) -> Mapping[tuple[int, str], str]:
        """The slug of the project that each server of some people works in."""
        query = (
            select(CurrentRow.person_id, CurrentRow.server, ProjectRow.slug)
            .join(ProjectRow, ProjectRow.id == CurrentRow.project_id)
            .where(CurrentRow.person_id.in_(people), _IN_USE)
        )
        return {(person, server): slug for person, server, slug in session.execute(query)}
