"""Who a user of JupyterHub is: the table of people, and the queries on it that every capability may use.

JupyterHub identifies a user by the name and offers no number that stays: a name can be deleted and given again, and
it can be changed. What it does offer is the moment at which an account was created, which stays through a change of
the name. So name and moment together are a person, and everything that belongs to somebody refers to the person's id.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from orrery_hub.base.contracts import Transfer
from orrery_hub.base.db import Table, UTCDateTime, now
from orrery_wire.errors import Conflict, Forbidden
from orrery_wire.names import normalize_user_name

_NAME_LENGTH = 255
_ACCOUNT = "account_id"
# Names without an account that one person may give; the rows are never removed.
_MAX_NAMED = 1_000


class PersonRow(Table):
    """A person. Rows are never removed, so an id never becomes somebody else's.

    ``hub_created`` is null for a person who was invited by name and whose account is not known yet. ``ended`` is when
    the account was seen to be gone; the name is free then, and the row's own says so. A person who was merged into
    another is the other one. ``invited_by`` is the id of the person who named somebody first whom nobody knew.
    ``offboarded`` is when an administrator began to end what the person has: from then on no account of the person is
    admitted, whether JupyterHub has deleted it yet or not. ``handed_over`` is when that was finished here.
    """

    __tablename__ = "person"
    __table_args__ = (Index(None, "hub_created"), Index(None, "invited_by"))
    id: Mapped[int] = mapped_column(primary_key=True)
    hub_name: Mapped[str] = mapped_column(String(_NAME_LENGTH), unique=True)
    hub_created: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_visit: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended: Mapped[datetime | None] = mapped_column(UTCDateTime)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    invited_by: Mapped[int | None]
    offboarded: Mapped[datetime | None] = mapped_column(UTCDateTime)
    handed_over: Mapped[datetime | None] = mapped_column(UTCDateTime)


def find(session: Session, name: str) -> PersonRow | None:
    """The person of a name, as JupyterHub has it or as it makes it at log-in: in small letters."""
    for candidate in dict.fromkeys((name, normalize_user_name(name))):
        row = session.scalar(select(PersonRow).where(PersonRow.hub_name == candidate))
        if row is not None:
            return current(session, row)
    return None


def find_or_invite(session: Session, name: str, *, by: int | None = None) -> PersonRow:
    """The person of a name; of a name that nobody has, the person who will have it.

    ``by`` is the id of the person who gives the name.

    Raises:
        Conflict: too many of those whom that person named have no account. Any name is refused then, for the answer
            does not say who exists.
    """
    if by is not None and _waiting_count(session, by) >= _MAX_NAMED:
        raise Conflict(
            "Nobody else can be named now",
            reason=f"{_MAX_NAMED:,} of the names that you gave belong to nobody who has used the hub.",
            remedy="Wait until some of these people have logged in, or let another owner do it.",
            details={"limit": _MAX_NAMED},
        )
    if (row := find(session, name)) is not None:
        return row
    row = _add(session, normalize_user_name(name), None)
    row.invited_by = by
    return row


def _waiting_count(session: Session, person: int) -> int:
    """Number of people whom a person named first and who have no account as far as is known."""
    query = select(func.count()).where(
        PersonRow.invited_by == person,
        PersonRow.hub_created.is_(None),
        PersonRow.first_visit.is_(None),
        PersonRow.merged_into.is_(None),
    )
    return session.scalar(query) or 0


def current(session: Session, row: PersonRow) -> PersonRow:
    """The person whom a row stands for: itself, or the one it was merged into."""
    while row.merged_into is not None:
        row = session.get_one(PersonRow, row.merged_into)
    return row


def can_act(row: PersonRow) -> bool:
    """Whether the person has an account as far as is known, and does not only stand on an invitation."""
    is_here = row.ended is None and row.offboarded is None
    return is_here and (row.hub_created or row.first_visit) is not None


def accounts(session: Session, person: PersonRow) -> list[PersonRow]:
    """The rows of a person, one for each account that is not known to be gone: the own, and those of merges."""
    rows, level = [person], [person.id]
    while level:
        query = select(PersonRow).where(PersonRow.merged_into.in_(level)).order_by(PersonRow.id)
        merged = session.scalars(query).all()
        rows += merged
        level = [row.id for row in merged]
    return [row for row in rows if row.ended is None]


def require_admitted(session: Session, row: PersonRow) -> None:
    """Refuse an account whose person was off-boarded, or ended while the account was merged into that person.

    Raises:
        Forbidden: that is so.
    """
    person = current(session, row)
    is_over = person is not row and person.ended is not None
    if row.offboarded is not None or person.offboarded is not None or is_over:
        raise Forbidden(
            "This account is not admitted any more",
            reason="Its person was off-boarded at this hub.",
            remedy="Ask an administrator of the hub for a new account.",
        )


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of people, by id."""
    query = select(PersonRow.id, PersonRow.hub_name).where(PersonRow.id.in_(set(ids)))
    return {id_: name for id_, name in session.execute(query)}  # noqa: C416  # rows, not pairs


def record_first_visit(session: Session, id: int) -> bool:
    """Record a visit; true for the first, and for exactly one of several concurrent first visits."""
    query = (
        update(PersonRow)
        .where(PersonRow.id == id, PersonRow.first_visit.is_(None))
        .values(first_visit=now())
        .returning(PersonRow.id)
    )
    return session.execute(query).first() is not None


def is_account(row: PersonRow, created: datetime | None) -> bool:
    """Whether an account that has the person's name, and was created then, is the person's.

    A person without a known account is whoever has the name, unless the name was in use here before the account was
    created: then it belonged to an account that is gone.
    """
    if row.ended is not None:
        return (
            False  # its name says that the account is gone, and an account may have that for a name
        )
    if row.hub_created is not None or created is None:
        return row.hub_created == created
    return row.first_visit is None or row.first_visit >= created


def same_creation(session: Session, created: datetime | None) -> list[PersonRow]:
    """The rows whose account was created at a moment, also of people who were merged into others.

    None where the moment has no fraction of a second: such a database of JupyterHub keeps whole seconds, in which
    several accounts are created.
    """
    if created is None or created.microsecond == 0:
        return []
    return list(session.scalars(select(PersonRow).where(PersonRow.hub_created == created)))


def end(session: Session, row: PersonRow) -> None:
    """Note that the account of a person is gone; the name is free for another person."""
    row.ended = row.ended or now()
    row.hub_name = _free_label(session, row.hub_name, f"deleted {row.id}")


def former_name(row: PersonRow) -> str:
    """The name that the account of a person has, or had when it was seen to be gone."""
    return row.hub_name.removesuffix(f" (deleted {row.id})") if row.ended else row.hub_name


def lose_account(session: Session, row: PersonRow) -> bool:
    """Note that the account of a row is gone; true if that is the end of the person.

    A person who has another account, through a merge, goes on under that: the row takes its name, and the row of the
    other account stands for the one that is gone.
    """
    other = _other_account(session, row) if row.merged_into is None else None
    if other is None:
        end(session, row)
        session.flush()
        return row.merged_into is None
    name, created = other.hub_name, other.hub_created
    end(session, other)
    other.hub_created = row.hub_created
    session.flush()  # the name is free now
    row.hub_name, row.hub_created = name, created
    session.flush()
    _swap_accounts(session, row, other)
    return False


def account_columns() -> list[Column[int]]:
    """The columns of all tables that refer to a row for its account, and not for the person."""
    tables = Table.metadata.sorted_tables
    return [table.c[_ACCOUNT] for table in tables if _ACCOUNT in table.c]


def _swap_accounts(session: Session, row: PersonRow, other: PersonRow) -> None:
    """Let what belongs to the accounts of two rows follow them: servers run on under the account that is left.

    An account has one of many things, so that a third row stands in while two accounts change places.
    """
    third = PersonRow(hub_name=_free_label(session, row.hub_name, "moving"), ended=now())
    session.add(third)
    session.flush()
    for column in account_columns():
        for source, target in ((row, third), (other, row), (third, other)):
            moved = update(column.table).where(column == source.id).values({column: target.id})
            session.execute(moved)
    session.delete(third)
    session.flush()


def _other_account(session: Session, row: PersonRow) -> PersonRow | None:
    """A row that was merged into this one, at whatever remove, and whose account is there as far as is known."""
    merged = [row.id]
    while merged:
        query = select(PersonRow).where(PersonRow.merged_into.in_(merged)).order_by(PersonRow.id)
        rows = session.scalars(query.with_for_update()).all()
        for other in rows:
            if other.ended is None and other.hub_created is not None:
                return other
        merged = [other.id for other in rows]
    return None


def merge(
    session: Session, source: PersonRow, target: PersonRow, transfers: Sequence[Transfer]
) -> None:
    """Give everything of one person to another, who is both from now on."""
    for transfer in transfers:
        transfer(session, source.id, target.id)
    source.merged_into = target.id
    if source.hub_created is None:
        source.ended = now()
        source.hub_name = _free_label(session, source.hub_name, f"merged {source.id}")
    session.flush()


def identify(
    session: Session, name: str, created: datetime | None, *, renamed: PersonRow | None = None
) -> PersonRow:
    """The person of an account; ``renamed`` is who had it under another name.

    Another person who has the name in this table has lost the account, and keeps everything else.
    """
    row = session.scalar(select(PersonRow).where(PersonRow.hub_name == name))
    if row is not None and renamed is None and is_account(row, created):
        row.hub_created = created
        return current(session, row)
    if row is not None and row is not renamed:
        lose_account(session, row)
    if renamed is None:
        return _add(session, name, created)
    renamed.hub_name, renamed.ended = name, None
    session.flush()
    return current(session, renamed)


def _free_label(session: Session, name: str, label: str) -> str:
    """The name with a label, which nobody else has for a name: people may be invited by any name, this one too."""
    labelled = _labelled(name, label)
    while session.scalar(select(PersonRow.id).where(PersonRow.hub_name == labelled)) is not None:
        labelled = _labelled(name, f"{label}, {secrets.token_hex(4)}")
    return labelled


def _labelled(name: str, label: str) -> str:
    suffix = f" ({label})"
    return name[: _NAME_LENGTH - len(suffix)] + suffix


def _add(session: Session, name: str, created: datetime | None) -> PersonRow:
    row = PersonRow(hub_name=name, hub_created=created)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # a concurrent request added it
        return session.scalars(select(PersonRow).where(PersonRow.hub_name == name)).one()
    return row
