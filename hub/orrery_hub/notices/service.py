"""The notices of a person, for the person's own labs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub.base import notices
from orrery_hub.base.contracts import Announce, RecordChange, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.notices import Broadcast, NoticeRow
from orrery_hub.base.user import User
from orrery_wire.errors import NotFound
from orrery_wire.notices import Notice, NoticeQuery, Notices

# A notice of what happens within a minute is seen in time; thousands of labs ask without being felt.
POLL_SECONDS = 10


class NoticeService:
    """Lists and dismisses notices. ``announces`` say what everybody is told."""

    def __init__(
        self,
        database: Database,
        *,
        announces: Sequence[Announce] = (),
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._announces = announces
        self._record = record

    def list(self, user: User, query: NoticeQuery) -> Notices:
        """What a server of the user has to show now."""
        with self._database.read() as session:
            broadcasts = self._broadcasts(session)
            has_broadcasts = notices.has_broadcasts(session, user.person_id, broadcasts)
        if not has_broadcasts:
            with self._database.write() as session:
                notices.tell(session, user.person_id, broadcasts)
        texts = {broadcast.key: broadcast for broadcast in broadcasts}
        with self._database.read() as session:
            rows = notices.current(session, user.person_id, query.server)
            items = tuple(_shape(row, texts.get(row.key)) for row in rows)
        return Notices(items=items, poll_seconds=POLL_SECONDS)

    def dismiss(self, user: User, id: int) -> None:
        """Do not show a notice any more, in any server.

        Raises:
            NotFound: the user has no such notice.
        """
        with self._database.write() as session:
            if not notices.dismiss(session, user.person_id, id):
                raise NotFound(
                    "There is no such notice",
                    reason="It was withdrawn, or it is not yours.",
                    remedy="Look at the notices again.",
                )
            self._record(session, user.name, "notices.dismiss", str(id))

    def purge(self) -> None:
        """Remove what nobody sees any more."""
        with self._database.write() as session:
            notices.purge(session, self._broadcasts(session))

    def _broadcasts(self, session: Session) -> Sequence[Broadcast]:
        return [item for announce in self._announces for item in announce(session)]


def _shape(row: NoticeRow, broadcast: Broadcast | None) -> Notice:
    words = broadcast or row
    return Notice(
        id=row.id,
        kind=row.kind,
        level=row.level,
        message=words.message,
        reason=words.reason,
        remedy=words.remedy,
        server=row.server,
        subject=row.subject,
        action=row.action,
        created=row.created,
        deadline=row.deadline,
    )
