"""Projects, their members and the current project of each server, with permission checks."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.people import PersonRow
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.lookup import find_owned, find_visible, not_owner
from orrery_hub.projects.schemas import ManagedProject, ManagedProjectQuery, OwnerlessProject
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.names import RESERVED_SLUGS
from orrery_wire.project_labels import ServiceLink
from orrery_wire.projects import (
    Current,
    Me,
    Member,
    MemberQuery,
    Membership,
    Project,
    ProjectIn,
    ProjectPatch,
    ProjectQuery,
    Role,
)
from orrery_wire.schemas import Page, PageQuery

log = logging.getLogger("orrery_hub.projects")

# Servers for which one person may have chosen a project.
_MAX_SERVERS = 1_000
_DAY = timedelta(days=1)
# Paths below /projects that are not project slugs.


class ProjectService:
    """Projects and their members. Users who are not members get ``NotFound``.

    ``default`` is the (slug, name) of the project that every user joins as ``default_role``, or None.
    ``undelete_days`` is how long a deleted project can be brought back; ``projects_per_person`` how many a person may
    own, deleted projects included, and those not that somebody else made the person an owner of unasked. In 24 hours a
    person creates twice as many at most, purged projects included: their folders and storage keys stay.
    ``record`` writes an audit entry; ``on_change`` is called after a change of membership.
    """

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

    def me(self, user: User) -> Me:
        """The user with scopes and projects."""
        self._on_first_visit(user)
        with self._database.read() as session:
            rows = store.memberships(session, user.person_id)
        return Me(
            name=user.name,
            admin=user.admin,
            scopes=tuple(sorted(user.scopes)),
            projects=tuple(Membership(slug=slug, role=role) for _, slug, role in rows),
        )

    def list(self, user: User, query: ProjectQuery) -> Page[Project]:
        """One page of the projects that the user is a member of."""
        self._on_first_visit(user)
        with self._database.read() as session:
            rows, total = store.list_for_member(session, user.person_id, query)
        items = tuple(self._shape(row, row.role, row.members, row.is_pinned) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, user: User, slug: str) -> Project:
        """One project."""
        with self._database.read() as session:
            row, _ = find_visible(session, user, slug)
            return self.shape_of(session, row, user.person_id)

    def create(self, user: User, request: ProjectIn) -> Project:
        """Create a project with the user as owner.

        Raises:
            Conflict: a project, possibly a deleted one, has the slug, or the user owns as many as a person may.
            Invalid: the slug is reserved, or the description holds a NUL character.
        """
        _check_description(request.description)
        if request.slug in RESERVED_SLUGS:
            raise Invalid(
                f"A project cannot be called {request.slug!r}",
                reason="The word has another meaning in addresses.",
                remedy="Choose another short name.",
            )
        if self._default and request.slug == self._default[0]:
            raise self._slug_taken(user, request.slug)
        moment = now()
        try:
            with self._database.write() as session:
                self._require_room(session, user.person_id)
                self._require_calm(session, user.person_id, moment)
                row = self._add(
                    session,
                    request.slug,
                    request.name,
                    request.description,
                    moment,
                    creator=user.person_id,
                )
                store.set_role(session, row, user.person_id, "owner")
                store.schedule_sync(session, row.key)
                self._record(
                    session,
                    user.name,
                    "projects.create",
                    row.slug,
                    project=row.slug,
                    after=_facts(row),
                )
                project, key = self.shape_of(session, row, user.person_id), row.key
        except IntegrityError:
            raise self._slug_taken(user, request.slug) from None
        self._locations.make(key)
        self._on_change()
        return project

    def update(self, user: User, slug: str, request: ProjectPatch) -> Project:
        """Change name, description, category, labels or links; owners only."""
        _check_description(request.description or "")
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            store.agree(session, row, user.person_id)
            before, facts = _content(row), _facts(row)
            _change(row, request)
            if _content(row) != before:
                row.updated = now()
                self._record(
                    session,
                    user.name,
                    "projects.change",
                    slug,
                    project=slug,
                    before=facts,
                    after=_facts(row),
                )
            return self.shape_of(session, row, user.person_id)

    def delete(self, user: User, slug: str) -> None:
        """Delete a project; owners only. Its folders are left alone."""
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            row.deleted = now()
            store.schedule_sync(session, row.key)
            self._record(
                session, user.name, "projects.delete", slug, project=slug, before=_facts(row)
            )
        self._on_change()

    def undelete(self, user: User, slug: str) -> Project:
        """Bring a deleted project back, with its members; owners only."""
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug, with_deleted=True)
            store.agree(session, row, user.person_id)
            is_change = row.deleted is not None
            if is_change:
                row.deleted = None
                row.updated = now()
                store.schedule_sync(session, row.key)
                self._record(
                    session, user.name, "projects.undelete", slug, project=slug, after=_facts(row)
                )
            project = self.shape_of(session, row, user.person_id)
        if is_change:
            self._on_change()
        return project

    def members(self, user: User, slug: str, query: MemberQuery) -> Page[Member]:
        """One page of a project's members; for every member."""
        with self._database.read() as session:
            row, _ = find_visible(session, user, slug)
            rows, total = store.members(session, row, query)
        items = tuple(_member_shape(member, name) for member, name in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def set_role(
        self, user: User, slug: str, name: str, role: Role, *, create_only: bool = False
    ) -> Member:
        """Add a member or change the role; owners only.

        A name that JupyterHub does not know yet is accepted, so the answer does not reveal who exists.

        Raises:
            Conflict: the last owner would be none any more, with ``create_only`` the person is a member already, or
                the person owns as many projects as a person may.
        """
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug)
            store.agree(session, row, user.person_id)
            person = people.find(session, name)
            old = store.member(session, row, person.id) if person else None
            if person is None or old is None:
                person = people.find_or_invite(session, name, by=user.person_id)
            if old and create_only:
                raise _already_member(old, person.hub_name)
            if old and old.role == old.own_role == role:
                return _member_shape(old, person.hub_name)
            if old and old.provider_role and _is_lower(role, old.provider_role):
                raise _by_provider(person.hub_name, old.provider_role)
            if role == "owner":
                self._require_room(session, person.id, person.hub_name)
            else:
                _require_other_owner(session, row, person)
            before = {"role": old.role} if old else None
            is_own = person.id == user.person_id
            member = store.set_role(session, row, person.id, role, is_agreed=is_own)
            saved = _member_shape(member, person.hub_name)
            store.schedule_sync(session, row.key)
            self._record(
                session,
                user.name,
                f"projects.member.{role}",
                f"{slug}/{person.hub_name}",
                project=slug,
                before=before,
                after={"role": role, "person_id": person.id},
            )
        self._on_change()
        return saved

    def remove_member(self, user: User, slug: str, name: str) -> None:
        """Remove a member (owners only), or leave. Removing someone who is no member does nothing.

        A deleted project can be left too: who was made an owner of it unasked would have it count for ever.
        """
        with self._database.write() as session:
            person = people.find(session, name)
            is_own = person is not None and person.id == user.person_id
            row, role = find_visible(session, user, slug, lock=True, with_deleted=is_own)
            if role != "owner" and (person is None or person.id != user.person_id):
                raise not_owner(slug)
            old = store.member(session, row, person.id) if person else None
            if person is None or old is None:
                return
            if old.provider_role:
                raise _by_provider(person.hub_name, old.provider_role)
            _require_other_owner(session, row, person)
            former_role = old.role
            store.remove_member(session, row, person.id)
            store.schedule_sync(session, row.key)
            self._record(
                session,
                user.name,
                "projects.member.remove",
                f"{slug}/{person.hub_name}",
                project=slug,
                before={"role": former_role, "person_id": person.id},
            )
        self._on_change()

    def current(self, user: User, server: str) -> Current:
        """The current project of a server: the chosen one; before any choice, the default project.

        A chosen project that the user lost is none, never the default: it would take what is meant for few.
        """
        self._on_first_visit(user)
        with self._database.read() as session:
            chosen = session.get(store.CurrentRow, (user.person_id, server))
            if chosen is None:
                row = store.find_default(session, self._default[0]) if self._default else None
            else:
                row = (
                    session.get(store.ProjectRow, chosen.project_id) if chosen.project_id else None
                )
            is_usable = row is not None and not row.deleted and not row.archived
            member = store.member(session, row, user.person_id) if row and is_usable else None
            if row is None or member is None:
                return Current(project=None)
            return Current(project=self.shape_of(session, row, user.person_id))

    def switch(self, user: User, server: str, slug: str | None) -> Current:
        """Change the current project of a server, or clear it with ``slug=None``."""
        with self._database.write() as session:
            row = find_visible(session, user, slug)[0] if slug is not None else None
            if row is not None and row.archived:
                raise _is_archived(row)
            is_known = session.get(store.CurrentRow, (user.person_id, server)) is not None
            if not is_known and store.server_count(session, user.person_id) >= _MAX_SERVERS:
                raise Conflict(
                    "The project of one more server cannot be chosen",
                    reason=f"You have chosen a project for {_MAX_SERVERS:,} servers.",
                    remedy="Use a server with a name that you have used before.",
                    details={"limit": _MAX_SERVERS},
                )
            session.merge(
                store.CurrentRow(
                    person_id=user.person_id, server=server, project_id=row.id if row else None
                )
            )
            self._record(
                session,
                user.name,
                "projects.choose",
                slug or "",
                project=slug or "",
                after={"server": server, "project": slug},
            )
            project = self.shape_of(session, row, user.person_id) if row else None
        if row is not None:
            self._locations.make(row.key)
        return Current(project=project)

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

    def _require_calm(self, session: Session, person: int, moment: datetime) -> None:
        """Refuse one more project of a person who created twice as many in 24 hours as a person may own.

        Raises:
            Conflict: that is so.
        """
        limit = 2 * self._projects_per_person
        # What a clock that was ahead has dated into the future counts for a day more, and not until then.
        if store.given_count(session, person, moment - _DAY, moment + _DAY) >= limit:
            raise Conflict(
                "You cannot create one more project today",
                reason=f"A person may create {limit:,} in 24 hours; those that were removed for good count too.",
                remedy="Wait, or ask an administrator of the hub for more (ORRERY_PROJECTS_PER_PERSON).",
                details={"limit": limit},
            )

    def _slug_taken(self, user: User, slug: str) -> Conflict:
        """Why a slug cannot be given; who may bring its project back is told so, and nobody else."""
        message = f"There can be no second project {slug!r}"
        with self._database.read() as session:
            row = store.find(session, slug, with_deleted=True)
            if row and row.deleted and store.role_of(session, row, user.person_id) == "owner":
                return Conflict(
                    message,
                    reason=f"The deleted project {row.name!r} has that short name, and you own it.",
                    remedy=f"Bring it back (Bring Back on a project page, or `orrery projects undelete {slug}`),"
                    " or choose another short name.",
                    details={"undelete": slug},
                )
        return Conflict(
            message,
            reason="A project has that short name, had it until lately, or it is for the project that everybody joins.",
            remedy="Choose another short name.",
        )

    def purge_now(self, user: User, slug: str) -> None:
        """Remove a deleted project permanently, with its snippets; owners only. Its folders are left alone.

        Raises:
            Conflict: the project is in use.
        """
        with self._database.write() as session:
            row, _ = find_owned(session, user, slug, with_deleted=True)
            if row.deleted is None:
                raise Conflict(
                    f"The project {slug!r} is in use",
                    reason="Only a deleted project can be removed for good.",
                    remedy="Delete it first.",
                )
            self._record(
                session,
                user.name,
                "projects.purge",
                f"{slug}/{row.key}",
                project=slug,
                before=_facts(row),
            )
            session.delete(row)

    def purge(self, before: datetime) -> None:
        """Remove permanently the projects that were deleted before a point in time."""
        with self._database.write() as session:
            for row in store.purge(session, before):
                self._record(
                    session,
                    "orrery",
                    "projects.purge",
                    f"{row.slug}/{row.key}",
                    project=row.slug,
                    before=_facts(row),
                )

    def ownerless(self, query: PageQuery) -> Page[OwnerlessProject]:
        """One page of the projects that nobody can change any more, for an administrator."""
        with self._database.read() as session:
            rows, total = store.ownerless(session, query)
            items = tuple(
                OwnerlessProject(
                    slug=row.slug,
                    name=row.name,
                    members=count,
                    deleted=row.deleted,
                )
                for row, count in rows
            )
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def list_for_admin(self, query: ManagedProjectQuery) -> Page[ManagedProject]:
        """One page of all projects of the hub, for an administrator."""
        with self._database.read() as session:
            rows, total = store.list_for_admin(session, query)
        items = tuple(self._managed(row, count, owners) for row, count, owners in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def members_for_admin(self, slug: str, query: MemberQuery) -> Page[Member]:
        """One page of a project's members, for an administrator; of a deleted project too."""
        with self._database.read() as session:
            row = _require(store.find(session, slug, with_deleted=True), slug)
            rows, total = store.members(session, row, query)
        items = tuple(_member_shape(member, name) for member, name in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def restore(self, who: str, slug: str) -> ManagedProject:
        """Bring a deleted project back, with its members, for an administrator (``who``)."""
        with self._database.write() as session:
            row = _require(store.find(session, slug, lock=True, with_deleted=True), slug)
            is_change = row.deleted is not None
            if is_change:
                row.deleted = None
                row.updated = now()
                store.schedule_sync(session, row.key)
                self._record(
                    session, who, "projects.undelete", slug, project=slug, after=_facts(row)
                )
            restored = self._managed(row, store.member_count(session, row), ())
        if is_change:
            self._on_change()
        return restored

    def _managed(self, row: store.ProjectRow, count: int, owners: Sequence[str]) -> ManagedProject:
        return ManagedProject(
            slug=row.slug,
            name=row.name,
            members=count,
            owners=tuple(owners),
            created=row.created,
            updated=row.updated,
            deleted=row.deleted,
            purge_after=row.deleted + self._undelete_period if row.deleted else None,
        )

    def recover(self, who: str, slug: str, name: str) -> Member:
        """Give a project without an owner to somebody; ``who`` is the administrator who does it.

        Raises:
            NotFound: there is no such project, or nobody with the name has an account.
            Conflict: the project has an owner, who can act.
        """
        with self._database.write() as session:
            row, person = _recoverable(session, slug, name)
            member = store.set_role(session, row, person.id, "owner", is_agreed=False)
            saved = _member_shape(member, person.hub_name)
            store.schedule_sync(session, row.key)
            self._record(
                session,
                who,
                "projects.recover",
                f"{slug}/{person.hub_name}",
                project=slug,
                after={"role": "owner", "person_id": person.id},
            )
        self._on_change()
        return saved

    def check_recover(self, slug: str, name: str) -> None:
        """Raise what ``recover`` would raise, and change nothing."""
        with self._database.read() as session:
            _recoverable(session, slug, name)

    def is_deleted(self, slug: str) -> bool:
        """Whether a project is deleted, for an administrator.

        Raises:
            NotFound: there is no such project.
        """
        with self._database.read() as session:
            row = _require(store.find(session, slug, with_deleted=True), slug)
            return row.deleted is not None

    def _on_first_visit(self, user: User) -> None:
        """On the first visit of a user: join the default project and synchronise groups."""
        if user.person_id in self._visited:
            return
        key = None
        with self._database.write() as session:
            first = people.record_first_visit(session, user.person_id)
            if first:
                # JupyterHub refuses unknown group members; since this visit it knows the user.
                store.schedule_all(session, user.person_id)
            if first or user.admin:
                key = self._join_default(session, user, first)
        self._visited.add(user.person_id)
        if key:
            self._locations.make(key)
        self._on_change()

    def _join_default(self, session: Session, user: User, first: bool) -> str | None:
        """Make the user a member of the default project; its storage key if somebody joined."""
        if not self._default:
            return None
        slug, name = self._default
        if not store.slug_exists(session, slug):
            try:
                with session.begin_nested():
                    row = self._add(session, slug, name, "", now(), is_default=True)
                    store.mark_default(session, row)
            except IntegrityError:
                pass  # a concurrent first visit created it
        default = store.find_default(session, slug, lock=True)
        if default is None:
            if store.find(session, slug) is not None:
                log.warning(
                    "nobody joins %r: it is a person's own project (ORRERY_DEFAULT_PROJECT)", slug
                )
            return None
        row = default
        role = store.role_of(session, row, user.person_id)
        if user.admin and not store.owner_count(session, row):
            store.set_role(session, row, user.person_id, "owner", is_agreed=False)
        elif first and role is None:
            store.set_role(session, row, user.person_id, self._default_role)
        else:
            return row.key if first else None
        store.schedule_sync(session, row.key)
        self._record(session, user.name, "projects.join", slug, project=slug)
        return row.key

    @staticmethod
    def _add(
        session: Session,
        slug: str,
        name: str,
        description: str,
        moment: datetime,
        *,
        creator: int | None = None,
        is_default: bool = False,
    ) -> store.ProjectRow:
        row = store.ProjectRow(
            id=store.new_id(session),
            slug=slug,
            key=store.new_key(session, slug, plain=is_default, given_to=creator),
            name=name,
            description=description,
            created=moment,
            updated=moment,
            category="",
            labels="[]",
            links="[]",
        )
        session.add(row)
        session.flush()
        return row

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


def _content(row: store.ProjectRow) -> tuple[str, ...]:
    return (row.name, row.description, row.category, row.labels, row.links)


def _recoverable(session: Session, slug: str, name: str) -> tuple[store.ProjectRow, PersonRow]:
    row = store.find(session, slug, lock=True, with_deleted=True)
    person = people.find(session, name)
    if row is None or person is None or not people.can_act(person):
        raise NotFound(
            f"The project {slug!r} cannot be given to {name!r}",
            reason="There is no such project, or nobody of that name has used the hub.",
            remedy="Look at the list of projects without an owner, and at the list of people.",
        )
    if store.owner_count(session, row):
        raise Conflict(
            f"The project {slug!r} has an owner",
            reason="Only its owners change who is a member.",
            remedy="Ask an owner of the project.",
        )
    return row, person


def _require(row: store.ProjectRow | None, slug: str) -> store.ProjectRow:
    if row is None:
        raise NotFound(
            f"There is no project {slug!r}",
            reason="It does not exist, or it was removed for good.",
            remedy="Look at the list of projects.",
        )
    return row


def _change(row: store.ProjectRow, request: ProjectPatch) -> None:
    """Take over what was sent; labels once each, in their order."""
    row.name = row.name if request.name is None else request.name
    if request.description is not None:
        row.description = request.description
    if request.category is not None:
        row.category = request.category
    if request.labels is not None:
        row.labels = json.dumps(list(dict.fromkeys(request.labels)), ensure_ascii=False)
    if request.links is not None:
        links = [link.model_dump(mode="json") for link in request.links]
        row.links = json.dumps(links, ensure_ascii=False)


def _is_archived(row: store.ProjectRow) -> Conflict:
    return Conflict(
        f"The project {row.slug!r} is archived",
        reason="Nobody works in an archived project.",
        remedy="An owner of it can restore it.",
    )


def _facts(row: store.ProjectRow) -> dict[str, object]:
    """What the audit says about a project: its description may hold anything, so only its length."""
    return {
        "name": row.name,
        "description_length": len(row.description),
        "category": row.category,
        "labels": json.loads(row.labels),
        "link_count": len(json.loads(row.links)),
    }


def _require_other_owner(session: Session, row: store.ProjectRow, person: PersonRow) -> None:
    """Refuse what would leave a project to nobody; an owner who never had an account is nobody."""
    if store.role_of(session, row, person.id) != "owner":
        return
    if store.owner_count(session, row) - people.can_act(person) < 1:
        raise Conflict(
            "A project needs an owner",
            reason=f"{person.hub_name!r} is the last owner of {row.slug!r} who has an account.",
            remedy="Make somebody else an owner first, or delete the project.",
        )


def _is_lower(role: Role, other: Role) -> bool:
    return store.RANKS.index(role) < store.RANKS.index(other)


def _by_provider(name: str, role: Role) -> Conflict:
    return Conflict(
        f"The log-in provider makes {name!r} {role} of this project",
        reason="A group or role there is mapped to the project, so it would come back at the next log-in.",
        remedy="Ask an administrator of the hub to change the mapping, or the group at the provider.",
    )


def _member_shape(row: store.MemberRow, name: str) -> Member:
    return Member(user=name, role=row.role, since=row.since)


def _already_member(row: store.MemberRow, name: str) -> Conflict:
    return Conflict(
        f"{name!r} is a member already",
        reason=f"The role is {row.role}.",
        remedy="Nothing has to be done, or change the role in the list of members.",
        details={"current": _member_shape(row, name).model_dump(mode="json")},
    )


def _check_description(description: str) -> None:
    if "\x00" in description:
        raise Invalid(
            "The description cannot be used",
            reason="It holds a NUL character.",
            remedy="Remove the character.",
        )
