"""Groups at JupyterHub that Orrery is about to create, and those that an earlier version made without a mark.

JupyterHub creates a group in one call and takes its mark in a second. What is noted here before the first makes sure
that a group without a mark is Orrery's own after a crash between the two, and never an operator's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import String, Text, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from orrery_hub.base.db import Database, Table


class GroupClaimRow(Table):
    """A group that is being created (no members noted), or one of an earlier version with its members as JSON."""

    __tablename__ = "group_claim"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    members: Mapped[str | None] = mapped_column(Text)


class GroupClaims:
    """The notes; each method is a transaction of its own and blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str) -> None:
        """Note that a group is about to be created."""
        with self._database.write() as session:
            session.merge(GroupClaimRow(name=name, members=None))

    def is_begun(self, name: str) -> bool:
        """Whether Orrery was about to create it when it stopped."""
        with self._database.read() as session:
            row = session.get(GroupClaimRow, name)
            return row is not None and row.members is None

    def end(self, name: str) -> None:
        """Forget what was noted: the group carries the mark, or turned out to be somebody else's."""
        with self._database.write() as session:
            session.execute(delete(GroupClaimRow).where(GroupClaimRow.name == name))

    def unmarked(self) -> Mapping[str, frozenset[str]]:
        """The groups of an earlier version, with the members that it had given them."""
        with self._database.read() as session:
            rows = session.scalars(
                select(GroupClaimRow).where(GroupClaimRow.members.is_not(None))
            ).all()
            return {row.name: frozenset(json.loads(row.members or "[]")) for row in rows}
