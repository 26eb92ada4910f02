"""Tables of roles at the hub, of claims and of their mappings; the caller owns the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    String,
    column,
    delete,
    func,
    literal,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.access.schemas import PersonRolesQuery
from orrery_hub.base.contracts import LeavingItem
from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_hub.base.people import PersonRow

# Of the projects' table no more than what a mapping refers to.
_PROJECT = table("project", column("id"), column("slug"), column("deleted"))


class RolePermissionRow(Table):
    """A permission of a role that an administrator decided on, against the default."""

    __tablename__ = "role_permission"
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    permission: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_allowed: Mapped[bool] = mapped_column(Boolean)


class PersonRoleRow(Table):
    """A role at the hub that an administrator gave to a person."""

    __tablename__ = "person_role"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class PersonClaimRow(Table):
    """A claim of the log-in provider about an account of a person, as JupyterHub had it last."""

    __tablename__ = "person_claim"
    __table_args__ = (Index(None, "claim"),)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(255), primary_key=True)
    claim: Mapped[str] = mapped_column(String(255), primary_key=True)


class ClaimMappingRow(Table):
    """What a claim gives: a role in a project, or without a project a role at the hub."""

    __tablename__ = "claim_mapping"
    __table_args__ = (Index(None, "claim"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    claim: Mapped[str] = mapped_column(String(255))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(32))


class Grants(NamedTuple):
    """What the database says about a person: roles given, roles by claim (role, claim), claims by account."""

    assigned: tuple[str, ...]
    by_claim: tuple[tuple[str, str], ...]
    claims: dict[str, frozenset[str]]


def overrides(session: Session) -> dict[tuple[str, str], bool]:
    """What administrators decided, by role and permission."""
    rows = session.scalars(select(RolePermissionRow))
    return {(row.role, row.permission): row.is_allowed for row in rows}


def grants(session: Session, person: int) -> Grants:
    """Roles and claims of a person."""
    return grants_of(session, [person])[person]


def grants_of(session: Session, people: Sequence[int]) -> dict[int, Grants]:
    """Roles and claims of each of some people, in one query for all of them."""
    owner = PersonClaimRow.person_id
    query: Any = union_all(
        select(PersonRoleRow.person_id, literal("assigned"), PersonRoleRow.role, null()).where(
            PersonRoleRow.person_id.in_(people)
        ),
        select(owner, literal("mapped"), ClaimMappingRow.role, ClaimMappingRow.claim)
        .join(ClaimMappingRow, PersonClaimRow.claim == ClaimMappingRow.claim)
        .where(owner.in_(people), ClaimMappingRow.project_id.is_(None)),
        select(owner, literal("claim"), PersonClaimRow.account, PersonClaimRow.claim).where(
            owner.in_(people)
        ),
    )
    assigned: defaultdict[int, set[str]] = defaultdict(set)
    by_claim: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
    claims: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for person, kind, name, claim in session.execute(query):
        if kind == "assigned":
            assigned[person].add(name)
        elif kind == "mapped":
            by_claim[person].add((name, claim))
        else:
            claims[person][name].add(claim)
    return {
        person: Grants(
            tuple(sorted(assigned[person])),
            tuple(sorted(by_claim[person])),
            {account: frozenset(names) for account, names in claims[person].items()},
        )
        for person in people
    }


def set_claims(session: Session, person: int, account: str, claims: frozenset[str]) -> None:
    """Replace the claims about an account."""
    session.execute(
        delete(PersonClaimRow).where(
            PersonClaimRow.person_id == person, PersonClaimRow.account == account
        )
    )
    session.add_all(
        PersonClaimRow(person_id=person, account=account, claim=claim) for claim in sorted(claims)
    )
    session.flush()


def forget_claims(session: Session, person: int) -> None:
    """Forget the claims about a person, which are read again with the next request."""
    session.execute(delete(PersonClaimRow).where(PersonClaimRow.person_id == person))


def project_roles(session: Session, person: int) -> Sequence[tuple[int, str]]:
    """The roles in projects, by id, that the claims about a person give."""
    query = (
        select(ClaimMappingRow.project_id, ClaimMappingRow.role)
        .join(PersonClaimRow, PersonClaimRow.claim == ClaimMappingRow.claim)
        .where(PersonClaimRow.person_id == person, ClaimMappingRow.project_id.is_not(None))
    )
    rows = session.execute(query)
    return [(project, role) for project, role in rows if project is not None]


def people_with(session: Session, claims: Iterable[str] | None = None) -> list[int]:
    """The people about whom one of some claims was made; without an argument, about whom any was."""
    query = select(PersonClaimRow.person_id).distinct().order_by(PersonClaimRow.person_id)
    if claims is not None:
        query = query.where(PersonClaimRow.claim.in_(set(claims)))
    return list(session.scalars(query))


def assign(session: Session, person: int, role: str) -> bool:
    """Give a role; false if the person has it."""
    if session.get(PersonRoleRow, (person, role)) is not None:
        return False
    session.add(PersonRoleRow(person_id=person, role=role, since=now()))
    session.flush()
    return True


def unassign(session: Session, person: int, role: str) -> bool:
    """Take a role away; false if the person does not have it."""
    row = session.get(PersonRoleRow, (person, role))
    if row is not None:
        session.delete(row)
        session.flush()
    return row is not None


def people(session: Session, query: PersonRolesQuery) -> tuple[Sequence[PersonRow], int]:
    """One page of people who have an account or were invited, ordered by name, and the total."""
    statement = select(PersonRow).where(PersonRow.ended.is_(None), PersonRow.merged_into.is_(None))
    if query.role:
        holders = select(PersonRoleRow.person_id).where(PersonRoleRow.role == query.role)
        statement = statement.where(PersonRow.id.in_(holders))
    for word in query.q.split():
        statement = statement.where(PersonRow.hub_name.icontains(word, autoescape=True))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.order_by(PersonRow.hub_name).offset(query.offset).limit(query.limit)
    return session.scalars(page).all(), total


def mappings(
    session: Session, offset: int, limit: int
) -> tuple[list[tuple[ClaimMappingRow, str | None, int]], int]:
    """One page of mappings with the project's slug and how many people have the claim, and the total."""
    total = session.scalar(select(func.count()).select_from(ClaimMappingRow)) or 0
    count = (
        select(func.count(PersonClaimRow.person_id.distinct()))
        .where(PersonClaimRow.claim == ClaimMappingRow.claim)
        .scalar_subquery()
    )
    query = (
        select(ClaimMappingRow, _PROJECT.c.slug, count)
        .outerjoin(_PROJECT, _PROJECT.c.id == ClaimMappingRow.project_id)
        .order_by(ClaimMappingRow.claim, ClaimMappingRow.id)
    )
    rows = session.execute(query.offset(offset).limit(limit))
    return [(row, slug, number) for row, slug, number in rows], total


def find_mapping(
    session: Session, claim: str, project: int | None, role: str
) -> ClaimMappingRow | None:
    """The mapping that says so; None if there is none."""
    query = select(ClaimMappingRow).where(
        ClaimMappingRow.claim == claim,
        ClaimMappingRow.project_id.is_(None)
        if project is None
        else ClaimMappingRow.project_id == project,
        ClaimMappingRow.role == role,
    )
    return session.scalar(query)


def project_id(session: Session, slug: str) -> int | None:
    """The id of a project that is in use; None if there is none of that slug."""
    query = select(_PROJECT.c.id).where(_PROJECT.c.slug == slug, _PROJECT.c.deleted.is_(None))
    return session.scalar(query)


def project_slug(session: Session, id: int | None) -> str | None:
    """The slug of a project; None for none."""
    if id is None:
        return None
    return session.scalar(select(_PROJECT.c.slug).where(_PROJECT.c.id == id))


def leave(session: Session, person: int) -> Sequence[LeavingItem]:
    """Take every role at the hub away from somebody who leaves."""
    rows = session.execute(
        delete(PersonRoleRow).where(PersonRoleRow.person_id == person).returning(PersonRoleRow.role)
    )
    forget_claims(session, person)
    roles = sorted(rows.scalars())
    return (LeavingItem("roles", len(roles), False, ", ".join(roles)),)
