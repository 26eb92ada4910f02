"""What the services of datasets have in common: the database, whose projects which are, and the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Memberships, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.user import User
from orrery_hub.datasets import store
from orrery_hub.datasets.permissions import DatasetPermissions
from orrery_hub.datasets.tables import DatasetRow
from orrery_wire.errors import TooLarge

Facts = dict[str, object]


@dataclass(frozen=True)
class DatasetContext:
    """``person_bytes`` and ``project_bytes`` are what the versions of a person's own and of a project's may take here."""

    database: Database
    memberships: Memberships
    record: RecordChange = no_record
    undelete_days: int = 30
    person_bytes: int = 256 * 1024 * 1024
    project_bytes: int = 1024 * 1024 * 1024

    @property
    def undelete_period(self) -> timedelta:
        """How long a deleted dataset can be brought back."""
        return timedelta(days=self.undelete_days)

    def permissions(self, session: Session, user: User) -> DatasetPermissions:
        """What a user may do now."""
        return DatasetPermissions(user, self.memberships(session, user.person_id))

    def note(
        self,
        session: Session,
        may: DatasetPermissions,
        what: str,
        row: DatasetRow,
        *,
        before: Facts | None = None,
        after: Facts | None = None,
    ) -> None:
        """Record a change of a dataset in the audit."""
        project = may.slug(row)
        self.record(
            session, may.user.name, what, row.key, project=project, before=before, after=after
        )

    def require_room(self, session: Session, row: DatasetRow, added_bytes: int) -> None:
        """Refuse what would take more bytes than its project or person may.

        Raises:
            TooLarge: that is so.
        """
        is_project = row.audience == "project"
        limit = self.project_bytes if is_project else self.person_bytes
        taken = store.stored_bytes(session, row)
        if taken + added_bytes > limit:
            setting = "ORRERY_PROJECT_STORED_BYTES" if is_project else "ORRERY_PERSON_STORED_BYTES"
            raise TooLarge(
                "There is no room left for what is known of this version",
                reason=f"Columns, lists of files, profiles and checks take {taken:,} of {limit:,} bytes, with deleted"
                f" datasets, and this is {added_bytes:,} more.",
                remedy="Nothing was changed. Remove datasets for good that are not needed; or ask an administrator of the"
                f" hub for more room ({setting}).",
                details={"stored_bytes": taken, "limit_bytes": limit},
            )


def facts(row: DatasetRow, may: DatasetPermissions) -> Facts:
    """What the audit says about a dataset."""
    return {
        "name": row.name,
        "audience": row.audience,
        "project": may.slug(row) or None,
        "owner": row.owner_id,
        "tags": len(row.tags),
        "archived": row.archived is not None,
    }
