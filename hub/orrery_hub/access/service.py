"""Roles at the hub, their permissions, and what groups at the log-in provider give, for administrators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub import scopes
from orrery_hub.access import store
from orrery_hub.access.enforcement import Access
from orrery_hub.access.roles import (
    BY_NAME,
    ROLES,
    BuiltInRole,
    Overrides,
    has_permission,
    permissions_of,
)
from orrery_hub.access.schemas import (
    ClaimMapping,
    ClaimMappingIn,
    MyPermission,
    MyPermissions,
    MyProject,
    Permission,
    PersonRoles,
    PersonRolesQuery,
    RoleInfo,
    RoleName,
    RoleTable,
)
from orrery_hub.base.claims import claim_name, claim_parts
from orrery_hub.base.contracts import Memberships, RecordChange, Standing, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.base.user import User
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.schemas import Page, PageQuery

_AT_HUB = frozenset({"data-scientist", "ml-engineer", "production-engineer", "viewer"})
_IN_PROJECTS = frozenset({"owner", "editor", "viewer"})


class AccessService:
    """Reads and changes roles and mappings; ``access`` decides by them."""

    def __init__(
        self,
        database: Database,
        access: Access,
        memberships: Memberships,
        *,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._access = access
        self._memberships = memberships
        self._record = record

    def roles(self) -> RoleTable:
        """Every role with its permissions, and every permission."""
        with self._database.read() as session:
            overrides = store.overrides(session)
        return RoleTable(
            roles=tuple(self._role(role, overrides) for role in ROLES),
            permissions=tuple(_permission(scope) for scope in scopes.TABLE),
        )

    def set_permission(self, who: str, name: str, permission: str, *, allowed: bool) -> RoleInfo:
        """Give a role a permission, or take it away.

        Raises:
            NotFound: there is no such role or permission.
            Invalid: the role is fixed, or the permission is for administrators alone.
        """
        role, scope = _find_role(name), _find_scope(permission)
        if role.is_fixed or scope.about == "operate":
            raise Invalid(
                f"The role {name!r} cannot be changed in this",
                reason="An administrator has every permission, and nobody else has those to operate the hub.",
                remedy="Who administers is in ORRERY_ADMINS, ORRERY_LOGIN_ADMINS and JupyterHub's group"
                f" {scopes.ADMIN_GROUP}.",
            )
        with self._database.write() as session:
            overrides = store.overrides(session)
            before = has_permission(role, scope, overrides)
            if before != allowed:
                row = store.RolePermissionRow(role=name, permission=permission, is_allowed=allowed)
                session.merge(row)
                self._record(
                    session,
                    who,
                    "access.role.permission",
                    f"{name}/{permission}",
                    before={"allowed": before},
                    after={"allowed": allowed},
                )
            overrides = {**overrides, (name, permission): allowed}
        self._access.forget()
        return self._role(role, overrides)

    def people(self, query: PersonRolesQuery) -> Page[PersonRoles]:
        """One page of people with their roles."""
        with self._database.read() as session:
            rows, total = store.people(session, query)
            grants = self._access.grants_of_people(session, [row.id for row in rows])
        items = tuple(
            PersonRoles(person_id=row.id, name=row.hub_name, roles=grants[row.id]) for row in rows
        )
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def assign(self, who: str, person: int, role: RoleName) -> PersonRoles:
        """Give a person a role at the hub."""
        return self._assign(who, person, role, is_given=True)

    def unassign(self, who: str, person: int, role: RoleName) -> PersonRoles:
        """Take a role at the hub away from a person; without any other, the person has the default one."""
        return self._assign(who, person, role, is_given=False)

    def _assign(self, who: str, person: int, role: RoleName, *, is_given: bool) -> PersonRoles:
        with self._database.write() as session:
            row = _find_person(session, person)
            change = store.assign if is_given else store.unassign
            if change(session, row.id, role):
                verb = "give" if is_given else "take"
                self._record(
                    session,
                    who,
                    f"access.role.{verb}",
                    f"{row.id}/{row.hub_name}",
                    after={"role": role},
                )
            roles = self._person(session, row)
        self._access.forget()
        return roles

    def mappings(self, query: PageQuery) -> Page[ClaimMapping]:
        """One page of mappings, ordered by claim."""
        with self._database.read() as session:
            rows, total = store.mappings(session, query.offset, query.limit)
        items = tuple(_mapping(row, slug, people) for row, slug, people in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def add_mapping(self, who: str, request: ClaimMappingIn) -> ClaimMapping:
        """Let a group or an app role of the provider give a role.

        Raises:
            Invalid: the role is none of a project, or none at the hub.
            NotFound: there is no such project.
            Conflict: that is so already.
        """
        if request.role not in (_IN_PROJECTS if request.project else _AT_HUB):
            where = f"in the project {request.project!r}" if request.project else "at the hub"
            names = ", ".join(sorted(_IN_PROJECTS if request.project else _AT_HUB))
            raise Invalid(
                f"The role {request.role!r} is none {where}",
                reason=f"There are: {names}.",
                remedy="Choose one of them. Who administers is in ORRERY_LOGIN_ADMINS.",
            )
        claim = claim_name(request.kind, request.value)
        with self._database.write() as session:
            project = store.project_id(session, request.project) if request.project else None
            if request.project and project is None:
                raise NotFound(
                    f"There is no project {request.project!r}",
                    reason="It does not exist, or it was deleted.",
                    remedy="Check the name.",
                )
            if store.find_mapping(session, claim, project, request.role):
                raise Conflict(
                    "This mapping exists",
                    reason="The same group or role gives the same.",
                    remedy="Nothing has to be done.",
                )
            row = store.ClaimMappingRow(claim=claim, project_id=project, role=request.role)
            session.add(row)
            session.flush()
            self._record_mapping(session, who, "access.mapping.add", row, request.project)
            mapping = _mapping(row, request.project, len(store.people_with(session, [claim])))
        self._access.forget()
        return mapping

    def remove_mapping(self, who: str, id: int) -> None:
        """End a mapping; what it gave is taken away again."""
        with self._database.write() as session:
            row = session.get(store.ClaimMappingRow, id)
            if row is None:
                raise NotFound(
                    "There is no such mapping",
                    reason="None has that number.",
                    remedy="Look at the list of mappings.",
                )
            slug = store.project_slug(session, row.project_id)
            self._record_mapping(session, who, "access.mapping.remove", row, slug)
            session.delete(row)
        self._access.forget()

    def _record_mapping(
        self,
        session: Session,
        who: str,
        what: str,
        row: store.ClaimMappingRow,
        project: str | None,
    ) -> None:
        facts = {"claim": row.claim, "role": row.role, "project": project}
        key = "after" if what.endswith("add") else "before"
        self._record(session, who, what, str(row.id), project=project or "", **{key: facts})  # type: ignore[arg-type]

    def mine(self, user: User) -> MyPermissions:
        """What a person may do, by roles, and in which projects."""
        held = user.scopes | user.withheld
        with self._database.read() as session:
            stored = store.grants(session, user.person_id)
            grants = self._access.grants_of(
                session, user.person_id, is_administrator=self._is_administrator(user)
            )
            rows = self._memberships(session, user.person_id)
        allowed = self._allowed(user)
        return MyPermissions(
            name=user.name,
            roles=grants,
            permissions=tuple(
                MyPermission(
                    **_permission(scope).model_dump(),
                    is_allowed=scope.name in allowed,
                    is_in_token=scope.name in held,
                )
                for scope in scopes.TABLE
            ),
            projects=tuple(MyProject(slug=slug, role=role) for _, slug, role in rows),
            claims=tuple(sorted(frozenset[str]().union(*stored.claims.values()))),
        )

    def token_scopes(self, user: User) -> Sequence[scopes.Scope]:
        """What a token of a person may carry: what the person's roles allow."""
        allowed = self._allowed(user)
        return [scope for scope in scopes.TABLE if scope.name in allowed]

    def record_token(self, user: User, verb: str, name: str, carries: Sequence[str]) -> None:
        """Record that a person made or revoked a token."""
        with self._database.write() as session:
            facts = {"scopes": sorted(carries)}
            self._record(session, user.name, f"access.token.{verb}", name, after=facts)

    def record_share(self, user: User, verb: str, server: str, hours: int) -> None:
        """Record that a person shared a server by a link, or ended that."""
        with self._database.write() as session:
            facts: dict[str, object] = {"hours": hours} if hours else {}
            self._record(session, user.name, f"access.server.{verb}", server, after=facts)

    def _allowed(self, user: User) -> frozenset[str]:
        with self._database.read() as session:
            grants = self._access.grants_of(
                session, user.person_id, is_administrator=self._is_administrator(user)
            )
            overrides = store.overrides(session)
        return frozenset[str]().union(
            *(permissions_of(BY_NAME[grant.role], overrides) for grant in grants)
        )

    def _is_administrator(self, user: User) -> bool:
        has_scope = scopes.PLATFORM_ADMIN in user.scopes or user.admin
        standing = Standing(user.name, has_scope, user.groups)
        return self._access.is_administrator(standing)

    def _role(self, role: BuiltInRole, overrides: Overrides) -> RoleInfo:
        return RoleInfo(
            name=role.name,
            title=role.title,
            description=role.description,
            is_fixed=role.is_fixed,
            is_default=role.name == self._access.default_role,
            permissions=tuple(sorted(permissions_of(role, overrides))),
        )

    def _person(self, session: Session, row: PersonRow) -> PersonRoles:
        grants = self._access.grants_of(session, row.id)
        return PersonRoles(person_id=row.id, name=row.hub_name, roles=grants)


def _permission(scope: scopes.Scope) -> Permission:
    return Permission(name=scope.name, description=scope.description, kind=scope.about)


def _mapping(row: store.ClaimMappingRow, slug: str | None, people: int) -> ClaimMapping:
    kind, value = claim_parts(row.claim)
    return ClaimMapping(
        id=row.id,
        kind=kind,
        value=value,
        project=slug,
        role=row.role,
        people=people,
    )


def _find_role(name: str) -> BuiltInRole:
    if role := BY_NAME.get(name):
        return role
    raise NotFound(
        f"There is no role {name!r}",
        reason=f"There are: {', '.join(BY_NAME)}.",
        remedy="Check the name.",
    )


def _find_scope(name: str) -> scopes.Scope:
    for scope in scopes.TABLE:
        if scope.name == name:
            return scope
    raise NotFound(
        f"There is no permission {name!r}",
        reason="No route asks for it.",
        remedy="Look at the table of roles.",
    )


def _find_person(session: Session, person: int) -> PersonRow:
    row = session.get(PersonRow, person, with_for_update=True)
    if row is None or row.merged_into is not None or row.ended is not None:
        raise NotFound(
            "There is no such person",
            reason="Nobody has that number, or the account is gone.",
            remedy="Look at the list of people.",
        )
    return row
