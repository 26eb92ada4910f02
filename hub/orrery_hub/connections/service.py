"""Connections: listed, created, changed, deleted and brought back, with permission checks. It never gives a secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from orrery_hub.base.contracts import Memberships, RecordChange, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.connections import store
from orrery_hub.connections.permissions import ConnectionPermissions
from orrery_hub.connections.places import SecretPlaces
from orrery_hub.connections.store import ConnectionRow, UseRow
from orrery_wire import connection_fields as fields
from orrery_wire.connections import Connection, ConnectionIn, ConnectionPatch, ConnectionQuery
from orrery_wire.errors import Conflict
from orrery_wire.masking import known_secrets
from orrery_wire.schemas import Page

PER_OWNER = 200


class ConnectionService:
    """The connections of all people. What a user may not see gives ``NotFound``."""

    def __init__(
        self,
        database: Database,
        memberships: Memberships,
        places: SecretPlaces,
        *,
        undelete_days: int = 30,
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._memberships = memberships
        self._places = places
        self._undelete_period = timedelta(days=undelete_days)
        self._record = record

    def list(self, user: User, query: ConnectionQuery) -> Page[Connection]:
        """One page of the connections that the user sees; of deleted ones those that the user may bring back."""
        with self._database.read() as session:
            may = self._permissions(session, user)
            project = may.id_by_slug.get(query.project, -1) if query.project else None
            sees = may.restores if query.deleted else may.sees
            rows, total = store.page(session, sees, query, project)
            items = tuple(self._shape(may, row) for row in rows)
        return Page(items=items, total=total, offset=query.offset, limit=query.limit)

    def get(self, user: User, id: int) -> Connection:
        """One connection.

        Raises:
            NotFound: the user sees none of that number.
        """
        with self._database.read() as session:
            may = self._permissions(session, user)
            return self._shape(may, may.find(session, id))

    def create(self, user: User, request: ConnectionIn) -> Connection:
        """Create a connection; its secrets go to the store of secrets first.

        Raises:
            Conflict: the owner has one of that name, or as many as there may be.
            Forbidden: the user may not create one for that audience.
            Invalid: the fields do not fit the kind.
            NotFound: the user is not a member of the project.
            SecretUnavailable: the store of secrets cannot be used.
        """
        with known_secrets(request.secrets.values()):
            fields.require_lake_in_project(request.kind, request.audience)
            spec, secrets = fields.check(request.kind, request.spec, request.secrets)
            with self._database.read() as session:
                self._permissions_for(session, user, request, spec)
            key = store.new_key(request.name)
            place, secret_key = self._places.write(f"{key}-1", secrets)
            try:
                with (
                    self._places.dropped_if_refused(secret_key),
                    self._database.write() as session,
                ):
                    may, project = self._permissions_for(session, user, request, spec)
                    row = _new_row(user, request, project, key, spec)
                    _require_room(session, row)
                    row.secrets = sorted(secrets)
                    store.use_secret(session, row, place, secret_key)
                    session.add(row)
                    session.flush()
                    self._note(session, user.name, "connections.create", row, may, is_after=True)
                    return self._shape(may, row)
            except IntegrityError:
                raise _taken(request.name) from None

    def update(self, user: User, id: int, request: ConnectionPatch) -> Connection:
        """Change a connection. Who uses it opens it anew if its fields or secrets change.

        Raises:
            Conflict: the owner has another of that name, or somebody else changed it meanwhile.
            Forbidden: the user may not change it.
            Invalid: the fields do not fit the kind, or stored secrets would go to another host.
            NotFound: the user sees no such connection.
            SecretUnavailable: the store of secrets cannot be used.
        """
        with known_secrets(filter(None, request.secrets.values())):
            secret: tuple[dict[str, str], str, str] | None = None
            if request.secrets:
                secret = self._write_secrets(user, id, request)
            written = secret[2] if secret else ""
            try:
                with self._places.dropped_if_refused(written), self._database.write() as session:
                    may = self._permissions(session, user)
                    row = may.find_writable(session, id)
                    before = _facts(row, may)
                    is_other = self._change(may, row, request, secret[0] if secret else None)
                    if secret is not None:
                        values, old_key, new_key = secret
                        if row.secret_key != old_key:
                            raise _changed_meanwhile(row)
                        row.secrets = sorted(values)
                        kind = self._places.current.kind
                        store.use_secret(session, row, kind, new_key if values else "")
                    if is_other or secret is not None:
                        store.end_uses(session, UseRow.connection_id == row.id)
                    row.updated = now()
                    session.flush()
                    self._note(
                        session,
                        user.name,
                        "connections.change",
                        row,
                        may,
                        before=before,
                        is_after=True,
                    )
                    return self._shape(may, row)
            except IntegrityError:
                raise _taken(request.name or "") from None

    def delete(self, user: User, id: int) -> None:
        """Delete a connection and end its uses; it can be brought back until it is removed for good."""
        with self._database.write() as session:
            may = self._permissions(session, user)
            row = may.find_writable(session, id)
            row.deleted, row.slot = now(), None
            store.end_uses(session, UseRow.connection_id == row.id)
            self._note(session, user.name, "connections.delete", row, may)

    def undelete(self, user: User, id: int) -> Connection:
        """Bring a deleted connection back, with its secret.

        Raises:
            Conflict: another has its name now.
            NotFound: the user sees no such connection.
        """
        name = ""
        try:
            with self._database.write() as session:
                may = self._permissions(session, user)
                row = may.find_writable(session, id, deleted=True)
                name = row.name
                if row.deleted is not None:
                    row.deleted, row.updated = None, now()
                    row.take_name()
                    session.flush()
                    self._note(session, user.name, "connections.undelete", row, may, is_after=True)
                return self._shape(may, row)
        except IntegrityError:
            raise _taken(name) from None

    def purge_now(self, user: User, id: int) -> None:
        """Remove a deleted connection for good, with its secret.

        Raises:
            Conflict: it is not deleted.
            NotFound: the user sees no such connection.
        """
        with self._database.write() as session:
            may = self._permissions(session, user)
            row = may.find_writable(session, id, deleted=True)
            if row.deleted is None:
                raise Conflict(
                    f"The connection {row.name!r} is in use",
                    reason="Only a deleted connection can be removed for good.",
                    remedy="Delete it first.",
                )
            self._note(session, user.name, "connections.purge", row, may)
            store.remove(session, row)

    def purge(self, before: datetime) -> None:
        """Remove for good the connections that were deleted before a point in time."""
        with self._database.write() as session:
            for row in store.purge(session, before):
                self._record(session, "orrery", "connections.purge", row.key, before=_facts(row))

    def _write_secrets(
        self, user: User, id: int, request: ConnectionPatch
    ) -> tuple[dict[str, str], str, str]:
        """Store the secrets as they will be; them, the key of before, and the new key."""
        with self._database.read() as session:
            may = self._permissions(session, user)
            row = may.find(session, id)
            may.require_write(row.audience, row.project_id)
        fields.require_secrets(row.kind, request.secrets)
        # All of them are sent: what is stored need not be read, which a lost store would refuse.
        is_complete = set(row.secrets) <= request.secrets.keys()
        stored = {} if is_complete else self._places.read(row)
        with known_secrets(stored.values()):
            merged = {n: v for n, v in {**stored, **request.secrets}.items() if v}
            spec = row.spec if request.spec is None else request.spec
            _, values = fields.check(row.kind, spec, merged)
            _, key = self._places.write(store.new_key(row.key[:80]), values)
        return values, row.secret_key, key

    def _change(
        self,
        may: ConnectionPermissions,
        row: ConnectionRow,
        request: ConnectionPatch,
        secrets: dict[str, str] | None,
    ) -> bool:
        """Take over what was sent; true if what the connection leads to is another."""
        if request.name is not None:
            row.name = request.name
            row.take_name()
        if request.description is not None:
            row.description = request.description
        is_other = False
        if request.read_only is not None:
            is_other = request.read_only != row.read_only
            row.read_only = request.read_only
        if request.spec is not None:
            spec, _ = fields.check(row.kind, request.spec, secrets or {})
            may.require_role(row.spec.get("dynamic_role"), spec.get("dynamic_role"))
            changed = fields.changed_destination(row.kind, row.spec, spec)
            fields.require_secrets_anew(changed, set(row.secrets) - request.secrets.keys())
            if changed and spec.get("dynamic_role"):
                # A user that the engine makes is good for the database of the administrator who chose the role.
                may.require_role("", spec["dynamic_role"])
            is_other = is_other or spec != row.spec
            row.spec = spec
        return is_other

    def _permissions(self, session: Session, user: User) -> ConnectionPermissions:
        return ConnectionPermissions(user, self._memberships(session, user.person_id))

    def _permissions_for(
        self, session: Session, user: User, request: ConnectionIn, spec: fields.Spec
    ) -> tuple[ConnectionPermissions, int | None]:
        """Permissions of a user who may create a connection, and the id of its project."""
        may = self._permissions(session, user)
        project = may.target_project(request.audience, request.project)
        may.require_write(request.audience, project)
        may.require_role("", spec.get("dynamic_role"))
        return may, project

    def _note(
        self,
        session: Session,
        who: str,
        what: str,
        row: ConnectionRow,
        may: ConnectionPermissions,
        *,
        before: dict[str, object] | None = None,
        is_after: bool = False,
    ) -> None:
        facts = _facts(row, may)
        self._record(
            session,
            who,
            what,
            row.key,
            project=may.slug_by_id.get(row.project_id or 0, ""),
            before=before if is_after else facts,
            after=facts if is_after else None,
        )

    def _shape(self, may: ConnectionPermissions, row: ConnectionRow) -> Connection:
        return Connection(
            id=row.id,
            name=row.name,
            kind=row.kind,
            audience=row.audience,
            project=may.slug_by_id.get(row.project_id) if row.project_id else None,
            description=row.description,
            read_only=row.read_only,
            spec=row.spec,
            secrets=tuple(row.secrets),
            has_dynamic_user=bool(row.spec.get("dynamic_role")),
            may_use=may.may_use(row),
            may_write=may.may_write(row.audience, row.project_id),
            created=row.created,
            updated=row.updated,
            deleted=row.deleted,
            purge_after=row.deleted + self._undelete_period if row.deleted else None,
        )


def _new_row(
    user: User, request: ConnectionIn, project: int | None, key: str, spec: fields.Spec
) -> ConnectionRow:
    moment = now()
    row = ConnectionRow(
        key=key,
        name=request.name,
        kind=request.kind,
        audience=request.audience,
        project_id=project,
        person_id=user.person_id if request.audience == "person" else None,
        description=request.description,
        read_only=request.read_only,
        spec=spec,
        secrets=[],
        secret_store="",
        secret_key="",
        created=moment,
        updated=moment,
    )
    row.take_name()
    return row


def _facts(row: ConnectionRow, may: ConnectionPermissions | None = None) -> dict[str, object]:
    """What the audit says about a connection: no field that a person filled in, but the name."""
    filled: Sequence[str] = sorted(name for name, value in row.spec.items() if value)
    return {
        "name": row.name,
        "kind": row.kind,
        "audience": row.audience,
        "project": may.slug_by_id.get(row.project_id or 0) if may else None,
        "read_only": row.read_only,
        "fields": filled,
        "secrets": row.secrets,
    }


def _require_room(session: Session, row: ConnectionRow) -> None:
    if store.count_of_owner(session, row) >= PER_OWNER:
        raise Conflict(
            "There can be no more connections",
            reason=f"A person, a project and the hub have {PER_OWNER} each, deleted ones included.",
            remedy="Delete one and remove it for good.",
            details={"limit": PER_OWNER},
        )


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is a connection {name!r} already",
        reason="A person, a project and the hub have one connection of a name each.",
        remedy="Choose another name.",
    )


def _changed_meanwhile(row: ConnectionRow) -> Conflict:
    return Conflict(
        f"Somebody else changed the connection {row.name!r} meanwhile",
        reason="Its secret is another one now.",
        remedy="Look at it, and enter the secret again if it is still to be changed.",
    )
