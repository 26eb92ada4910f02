"""Gives a connection with its secret to a person's server, for a few minutes at a time, and takes it back.

Only the server's own token may, as JupyterHub knows it: a person's other tokens, and those of other servers, are refused.
A use ends by itself ``TTL`` after its last renewal, and within a minute of the end of its server or of the right to it.
What the secrets engine issued for it is revoked then; a fixed password cannot be taken back, only changed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from orrery_hub.base.capability import Rights
from orrery_hub.base.contracts import Memberships, RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.hub_models import Server
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.servers import ServerList
from orrery_hub.base.user import User
from orrery_hub.connections import store
from orrery_hub.connections.permissions import ConnectionPermissions
from orrery_hub.connections.places import SecretPlaces
from orrery_hub.connections.store import ConnectionRow, UseRow
from orrery_wire.connections import SecretPlace, Use
from orrery_wire.errors import Conflict, Forbidden, NotFound, OrreryError, TooMany
from orrery_wire.masking import known_secrets
from orrery_wire.secret_store import Issued, SecretUnavailable

log = logging.getLogger("orrery_hub.connections")

TTL = timedelta(minutes=10)
INTERVAL_SECONDS = 10.0
# So soon again while the store cannot be used: it may be starting.
_AGAIN_SECONDS = 2.0
PER_PERSON = 100
USE_SCOPE = "custom:orrery:connections:use"
# How often JupyterHub is asked who the people with uses are now.
RIGHTS_SECONDS = 25.0
# A picture of the servers that is older says nothing about which of them have stopped.
_FRESH_SECONDS = 30.0
# A server that is not in the picture is looked for again once a picture is so old.
_ASK_SECONDS = 1.0
# The store whose engine makes users of databases.
_ENGINE = "openbao"


class Broker:
    """Uses of connections; ``servers`` says which servers run."""

    def __init__(
        self,
        database: Database,
        memberships: Memberships,
        places: SecretPlaces,
        servers: ServerList,
        metrics: Metrics,
        rights: Rights,
        *,
        record: RecordChange = no_record,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._memberships = memberships
        self._places = places
        self._servers = servers
        self._metrics = metrics
        self._rights = rights
        self._record = record
        self._clock = clock
        self._place: SecretPlace | None = None
        self._is_owner = True
        self._ask_rights_at = 0.0

    async def use(self, user: User, id: int, server_name: str) -> Use:
        """Give a connection to the server of the user that asks.

        Raises:
            Conflict: no such server of the user runs.
            Forbidden: the user may see the connection and not use it, or it is not the server itself that asks.
            NotFound: the user sees no such connection.
            SecretUnavailable: the secret cannot be had.
            TooMany: the user's servers use as many as they may.
        """
        _require_own_token(user, server_name)
        server = self._running(user, server_name)
        age = self._servers.age_seconds()
        if server is None and (age is None or age > _ASK_SECONDS):
            await self._servers.refresh()
            server = self._running(user, server_name)
        return await asyncio.to_thread(self._begin, user, id, server_name, server)

    def renew(self, user: User, lease: str) -> Use:
        """Let a use go on, if the user still has the right to it; values are read anew.

        Raises:
            Forbidden: the user may not use the connection any more, and the use has ended; or another server asks.
            NotFound: there is no such use, it has ended, or the connection is gone.
            SecretUnavailable: the secret cannot be had now; the use ends when its time is over.
        """
        with self._database.read() as session:
            _require_own_token(user, _own(session, user, lease).server_name)
        try:
            with self._database.read() as session:
                use, row = self._find(session, user, lease)
            if self._running(user, use.server_name) is None:
                raise _no_use()
        except (Forbidden, NotFound):
            # The right is gone for good: what was issued is revoked with the next look.
            self._end(UseRow.lease == lease, UseRow.person_id == user.person_id)
            raise
        seconds = int(TTL.total_seconds())
        values: Mapping[str, str] | None = None
        if use.engine_lease:
            seconds = self._places.of(_ENGINE).renew(use.engine_lease, seconds)
        else:
            values = self._places.read(row)
        with known_secrets((values or {}).values()):
            expires = self._clock() + min(TTL, timedelta(seconds=seconds))
            with self._database.write() as session:
                use, row = self._find(session, user, lease)
                use.expires = expires
            return _shape(use, row, expires, values)

    def release(self, user: User, lease: str) -> None:
        """End a use of the user.

        Raises:
            Forbidden: it is another server that asks.
            NotFound: there is no such use, or it has ended.
        """
        with self._database.write() as session:
            use = _own(session, user, lease)
            _require_own_token(user, use.server_name)
            use.ended = self._clock()
            key = session.scalar(
                select(ConnectionRow.key).where(ConnectionRow.id == use.connection_id)
            )
            facts = {"server": use.server_name}
            self._record(session, user.name, "connections.release", key or "", after=facts)

    async def run(self) -> None:
        """End the uses of servers that have stopped, revoke and remove what has ended, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
                await self.end_withheld()
            except (OrreryError, SQLAlchemyError) as problem:
                self._metrics.background.labels("connections", "failed").inc()
                log.warning("uses of connections cannot be looked at now: %s", problem)
            else:
                self._metrics.background.labels("connections", "done").inc()
            is_well = self._place is not None and self._place.state == "ready"
            await asyncio.sleep(INTERVAL_SECONDS if is_well else _AGAIN_SECONDS)

    def look(self) -> None:
        """End, revoke and remove once."""
        self._place = self._places.status()
        self._end_stale()
        self._end_without_right()
        if self._place.state != "ready":
            return  # nothing can be removed, and it is not known whose it is
        self._is_owner = self._places.claim()
        if self._is_owner:
            self._revoke_ended()
            self._places.sweep()

    async def end_withheld(self) -> None:
        """End the uses of people whose roles at the hub do not let them use connections any more, once in a while.

        Raises:
            BackendUnavailable: JupyterHub does not answer; nothing has ended.
        """
        if time.monotonic() < self._ask_rights_at:
            return
        self._ask_rights_at = time.monotonic() + RIGHTS_SECONDS
        people = await asyncio.to_thread(self._people)
        for account, person in people - await self._rights.who_may(people, USE_SCOPE):
            log.info("uses of %s end: no role allows them any more", account)
            await asyncio.to_thread(self._end, UseRow.person_id == person)

    def _people(self) -> set[tuple[str, int]]:
        with self._database.read() as session:
            return {(account, use.person_id) for use, account in store.open_uses(session)}

    def notices(self) -> Sequence[str]:
        """What an operator has to know, as of the last look."""
        place = self._place
        if not self._is_owner:
            return (
                "The vault belongs to another hub, so secrets and database users that are not needed any more "
                "stay in it. If that hub is gone for good, run `orrery secrets claim` here.",
            )
        if place is None or place.state == "ready":
            return ()
        return (f"Secrets of connections cannot be used: {place.text}",)

    def _running(self, user: User, name: str) -> Server | None:
        servers = (s for s in self._servers.all() if s.user == user.name and s.name == name)
        return next((server for server in servers if server.state != "stopping"), None)

    def _begin(self, user: User, id: int, server_name: str, server: Server | None) -> Use:
        """Read or issue the secret outside of any transaction, and note the use before it is given."""
        with self._database.read() as session:
            row = self._permissions(session, user).find_usable(session, id)
            # Before the engine makes a user for nothing; it is looked at again when the use is noted.
            _require_room(session, user)
        if server is None:
            raise _no_server(server_name)
        values, issued = self._secret(row)
        with known_secrets(values.values()):
            seconds = issued.seconds if issued else TTL.total_seconds()
            expires = self._clock() + min(TTL, timedelta(seconds=seconds))
            try:
                return self._note(user, row.id, server, values, issued, expires)
            except BaseException:
                if issued is not None:
                    self._places.of(_ENGINE).revoke(issued.lease)
                raise

    def _secret(self, row: ConnectionRow) -> tuple[Mapping[str, str], Issued | None]:
        if role := row.spec.get("dynamic_role"):
            issued = self._places.current.issue(str(role), int(TTL.total_seconds()))
            return issued.values, issued
        return self._places.read(row), None

    def _note(
        self,
        user: User,
        id: int,
        server: Server,
        values: Mapping[str, str],
        issued: Issued | None,
        expires: datetime,
    ) -> Use:
        with self._database.write() as session:
            row = self._permissions(session, user).find_usable(session, id)
            _require_room(session, user, lock=True)
            use = UseRow(
                lease=secrets.token_hex(16),
                connection_id=row.id,
                person_id=user.person_id,
                account_id=store.account_id(session, user.name),
                server_name=server.name,
                server_started=server.started,
                engine_lease=issued.lease if issued else "",
                began=self._clock(),
                expires=expires,
            )
            session.add(use)
            session.flush()
            slugs = {key: slug for key, slug, _ in self._memberships(session, user.person_id)}
            self._record(
                session,
                user.name,
                "connections.use",
                row.key,
                project=slugs.get(row.project_id or 0, ""),
                after={"name": row.name, "kind": row.kind, "server": server.name},
            )
            return _shape(use, row, expires, values)

    def _find(self, session: Session, user: User, lease: str) -> tuple[UseRow, ConnectionRow]:
        """A use that goes on, and its connection.

        Raises:
            Forbidden: the user has no right to it any more.
            NotFound: it has ended, or the user does not see the connection any more.
        """
        use = _own(session, user, lease)
        if use.expires <= self._clock():
            raise _no_use()
        row = self._permissions(session, user).find_usable(session, use.connection_id or 0)
        return use, row

    def _permissions(self, session: Session, user: User) -> ConnectionPermissions:
        return ConnectionPermissions(user, self._memberships(session, user.person_id))

    def _end(self, *conditions: object) -> None:
        with self._database.write() as session:
            store.end_uses(session, *conditions)  # type: ignore[arg-type]

    def _end_stale(self) -> None:
        """End what has expired, and what belongs to a server that has stopped or was started anew."""
        age = self._servers.age_seconds()
        is_known = age is not None and age < _FRESH_SECONDS
        running = {
            (s.user, s.name): s.started for s in self._servers.all() if s.state != "stopping"
        }
        moment = self._clock()
        with self._database.read() as session:
            stale = []
            for use, account in store.open_uses(session):
                place = (account, use.server_name)
                started = running.get(place)
                is_other = bool(started and use.server_started and started != use.server_started)
                has_stopped = is_known and (place not in running or is_other)
                if use.expires <= moment or has_stopped:
                    stale.append(use.lease)
        if stale:
            self._end(UseRow.lease.in_(stale))

    def _end_without_right(self) -> None:
        """End the uses of connections that their people may not use any more."""
        with self._database.read() as session:
            lost = []
            may: dict[int, ConnectionPermissions] = {}
            for use, account in store.open_uses(session):
                if use.person_id not in may:
                    user = User(account, use.person_id)
                    may[use.person_id] = self._permissions(session, user)
                try:
                    may[use.person_id].find_usable(session, use.connection_id or 0)
                except (Forbidden, NotFound):
                    lost.append(use.lease)
        if lost:
            self._end(UseRow.lease.in_(lost))

    def _revoke_ended(self) -> None:
        """Revoke what was issued for uses that have ended; a row stays until the store has done it."""
        with self._database.read() as session:
            # In no order: those that cannot be revoked do not stand before the others for ever.
            query = select(UseRow).where(UseRow.ended.is_not(None)).order_by(func.random())
            uses = session.scalars(query.limit(500)).all()
        done = []
        for use in uses:
            try:
                if use.engine_lease:
                    self._places.of(_ENGINE).revoke(use.engine_lease)
            except SecretUnavailable as problem:
                log.warning("a lease could not be revoked, and will be: %s", problem.reason)
                if problem.details["state"] in ("away", "sealed"):
                    break  # and so will be all others
                continue
            done.append(use.lease)
        with self._database.write() as session:
            for use in session.scalars(select(UseRow).where(UseRow.lease.in_(done))):
                session.delete(use)


def _require_own_token(user: User, server_name: str) -> None:
    """Refuse every token but that of the server itself: JupyterHub gives it, and no wider one, this scope.

    Raises:
        Forbidden: that is so.
    """
    if not user.may(f"access:servers!server={user.name}/{server_name}"):
        raise Forbidden(
            "Only the server itself uses a connection",
            reason="The token is not the one that JupyterHub gave to this server.",
            remedy="Open the connection in the lab; restart the server if it is the lab that says so.",
        )


def _require_room(session: Session, user: User, *, lock: bool = False) -> None:
    if store.use_count(session, user.person_id, lock=lock) >= PER_PERSON:
        raise TooMany(
            "Your servers use too many connections at once",
            reason=f"A person's servers use {PER_PERSON} at most.",
            remedy="Close one, or stop a server that is not needed.",
            details={"limit": PER_PERSON},
        )


def _own(session: Session, user: User, lease: str) -> UseRow:
    use = session.get(UseRow, lease)
    if use is None or use.person_id != user.person_id or use.ended is not None:
        raise _no_use()
    return use


def _shape(
    use: UseRow, row: ConnectionRow, expires: datetime, values: Mapping[str, str] | None
) -> Use:
    return Use(
        lease=use.lease,
        connection=row.id,
        name=row.name,
        kind=row.kind,
        read_only=row.read_only,
        expires=expires,
        spec=row.spec,
        secrets=None if values is None else dict(values),
    )


def _no_use() -> NotFound:
    return NotFound(
        "The connection is not in use any more",
        reason="Its time is over, its server has stopped, or it was changed or closed.",
        remedy="Open the connection again.",
    )


def _no_server(name: str) -> Conflict:
    return Conflict(
        "Only a running server uses a connection",
        reason=f"You have no server {name!r} that runs." if name else "Your server does not run.",
        remedy="Start the server, or name the one that asks.",
    )
