"""Connections of one person without a hub: a JSON file in the Jupyter data directory, secrets encrypted beside it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from jupyter_core.paths import jupyter_data_dir
from pydantic import Field, ValidationError
from traitlets import Int, Unicode, default

from orrery_server.base import files
from orrery_server.data.backend import ConnectionBackend
from orrery_wire import connection_fields as fields
from orrery_wire import connections as shapes
from orrery_wire.errors import BackendUnavailable, Conflict, Invalid, NotFound
from orrery_wire.masking import known_secrets
from orrery_wire.names import Slug
from orrery_wire.schemas import Page, Shape
from orrery_wire.secret_files import FileSecretStore

_USE_SECONDS = 600
_MOST = 200


class StoredConnection(Shape):
    """A connection as the file has it; ``secret_key`` names the encrypted file with its secrets."""

    id: int
    name: Slug
    kind: shapes.ConnectionKind
    description: str = ""
    read_only: bool = False
    spec: dict[str, bool | int | str]
    secrets: tuple[str, ...] = ()
    secret_key: str = ""
    created: datetime
    updated: datetime
    deleted: datetime | None = None


class ConnectionFile(Shape):
    """The content of ``connections.json``; a number is never given twice."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    last_id: int = 0
    connections: tuple[StoredConnection, ...] = ()

    def replace(self, connection: StoredConnection) -> ConnectionFile:
        """The content with a connection in the place of its older state."""
        others = tuple(other for other in self.connections if other.id != connection.id)
        last = max(self.last_id, connection.id)
        return self.model_copy(update={"connections": (*others, connection), "last_id": last})


class LocalConnections(ConnectionBackend):
    """The person's own connections."""

    folder = Unicode(
        help="Where `connections.json` and the encrypted secrets lie; `orrery/data` in the Jupyter data directory."
    ).tag(config=True)
    undelete_days = Int(
        30, min=0, help="For how many days a deleted connection can be brought back."
    ).tag(config=True)

    @default("folder")
    def _default_folder(self) -> str:
        return str(Path(jupyter_data_dir(), "orrery", "data"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        root = Path(self.folder).expanduser().absolute()
        self._path = root / "connections.json"
        self._secrets = FileSecretStore(root / "secrets", root / "keys", "this machine's disk")
        self._leases: dict[str, int] = {}

    async def list(self, query: shapes.ConnectionQuery) -> Page[shapes.Connection]:
        return await asyncio.to_thread(self._list, query)

    async def get(self, id: int) -> shapes.Connection:
        return self._shape(await asyncio.to_thread(self._find, id))

    async def create(self, connection: shapes.ConnectionIn) -> shapes.Connection:
        return await asyncio.to_thread(self._create, connection)

    async def update(self, id: int, patch: shapes.ConnectionPatch) -> shapes.Connection:
        return await asyncio.to_thread(self._update, id, patch)

    async def delete(self, id: int) -> None:
        await asyncio.to_thread(self._mark_deleted, id, datetime.now(UTC))

    async def undelete(self, id: int) -> shapes.Connection:
        return self._shape(await asyncio.to_thread(self._mark_deleted, id, None))

    async def secret_place(self) -> shapes.SecretPlace:
        return await asyncio.to_thread(self._secret_place)

    async def use(self, id: int) -> shapes.Use:
        lease = secrets.token_hex(16)
        use = await asyncio.to_thread(self._use, id, lease)
        self._leases[lease] = id
        return use

    async def renew(self, lease: str) -> shapes.Use:
        if lease not in self._leases:
            raise NotFound("The use of the connection has ended", remedy="Open it again.")
        return await asyncio.to_thread(self._use, self._leases[lease], lease)

    async def release(self, lease: str) -> None:
        self._leases.pop(lease, None)

    def _secret_place(self) -> shapes.SecretPlace:
        if not self._path.with_name("keys").exists():
            # No secret was stored yet: to ask about it makes no key.
            text = "Encrypted files on this machine's disk; their key is in a file beside them."
            return shapes.SecretPlace(kind="file", state="ready", text=text)
        state, text = self._secrets.state()
        return shapes.SecretPlace(kind="file", state=state, text=text)

    def _use(self, id: int, lease: str) -> shapes.Use:
        stored = self._find(id)
        return shapes.Use(
            lease=lease,
            connection=id,
            name=stored.name,
            kind=stored.kind,
            read_only=stored.read_only,
            expires=datetime.now(UTC) + timedelta(seconds=_USE_SECONDS),
            spec=stored.spec,
            secrets=self._secrets.read(stored.secret_key) if stored.secret_key else {},
        )

    def _list(self, query: shapes.ConnectionQuery) -> Page[shapes.Connection]:
        words = query.q.casefold().split()
        items = [
            self._shape(stored)
            for stored in sorted(self._read().connections, key=lambda stored: stored.name)
            if (stored.deleted is not None) == query.deleted
            and query.name in ("", stored.name)
            and query.kind in (None, stored.kind)
            and query.audience in (None, "person")
            and not query.project
            and all(word in f"{stored.name} {stored.description}".casefold() for word in words)
        ]
        chosen = tuple(items[query.offset : query.offset + query.limit])
        return Page(items=chosen, total=len(items), offset=query.offset, limit=query.limit)

    def _create(self, connection: shapes.ConnectionIn) -> shapes.Connection:
        if connection.audience != "person":
            raise Invalid(
                "A lab without a hub has connections of one person alone",
                remedy="Leave out for whom it is.",
            )
        with known_secrets(connection.secrets.values()):
            fields.require_lake_in_project(connection.kind, connection.audience)
            spec, values = fields.check(connection.kind, connection.spec, connection.secrets)
            _require_no_role(spec)
            key = self._write_secrets(connection.name, values)

            def add(content: ConnectionFile) -> StoredConnection:
                _require_free(content.connections, connection.name)
                if len(content.connections) >= _MOST:
                    raise Conflict(
                        "There can be no more connections",
                        reason=f"There are {_MOST}, deleted ones included.",
                        remedy="Change one that is not used any more.",
                    )
                now = datetime.now(UTC)
                return StoredConnection(
                    id=content.last_id + 1,
                    name=connection.name,
                    kind=connection.kind,
                    description=connection.description,
                    read_only=connection.read_only,
                    spec=spec,
                    secrets=tuple(sorted(values)),
                    secret_key=key,
                    created=now,
                    updated=now,
                )

            return self._shape(self._change(add, new_key=key))

    def _update(self, id: int, patch: shapes.ConnectionPatch) -> shapes.Connection:
        sent = {name: value for name, value in patch.secrets.items() if value}
        with known_secrets(sent.values()):
            before = self._find(id)
            fields.require_secrets(before.kind, patch.secrets)
            old = self._stored_secrets(before, patch)
            with known_secrets(old.values()):
                merged = {**old, **patch.secrets}
                values = {name: value for name, value in merged.items() if value}
                spec = before.spec if patch.spec is None else patch.spec
                checked, values = fields.check(before.kind, spec, values)
                _require_no_role(checked)
                changed = fields.changed_destination(before.kind, before.spec, checked)
                fields.require_secrets_anew(changed, set(before.secrets) - patch.secrets.keys())
                key = before.secret_key
                if patch.secrets:
                    key = self._write_secrets(before.name, values)

                def change(content: ConnectionFile) -> StoredConnection:
                    stored = _find_in(content, id)
                    if stored.updated != before.updated:
                        raise Conflict(
                            f"Another lab changed the connection {stored.name!r} meanwhile",
                            remedy="Look at it, and change it again if that is still needed.",
                        )
                    name = patch.name or stored.name
                    others = (other for other in content.connections if other.id != id)
                    _require_free(others, name)
                    changes = {"name": name, "spec": checked, "updated": datetime.now(UTC)}
                    if patch.description is not None:
                        changes["description"] = patch.description
                    if patch.read_only is not None:
                        changes["read_only"] = patch.read_only
                    if patch.secrets:
                        changes |= {"secrets": tuple(sorted(values)), "secret_key": key}
                    return stored.model_copy(update=changes)

                saved = self._change(change, new_key=key if patch.secrets else "")
                if patch.secrets and before.secret_key:
                    self._secrets.delete(before.secret_key)
                return self._shape(saved)

    def _stored_secrets(
        self, stored: StoredConnection, patch: shapes.ConnectionPatch
    ) -> dict[str, str]:
        """The secrets of before, where not all of them are sent anew."""
        if not stored.secret_key or set(stored.secrets) <= patch.secrets.keys():
            return {}
        return self._secrets.read(stored.secret_key)

    def _write_secrets(self, name: str, values: dict[str, str]) -> str:
        if not values:
            return ""
        key = f"{name[:60]}-{secrets.token_hex(8)}"
        self._secrets.write(key, values)
        return key

    def _mark_deleted(self, id: int, at: datetime | None) -> StoredConnection:
        def change(content: ConnectionFile) -> StoredConnection:
            stored = _find_in(content, id, deleted=at is None)
            if at is None:
                others = (other for other in content.connections if other.id != id)
                _require_free(others, stored.name)
            return stored.model_copy(update={"deleted": at})

        return self._change(change)

    def _change(
        self, change: Callable[[ConnectionFile], StoredConnection], new_key: str = ""
    ) -> StoredConnection:
        """Write what ``change`` makes of the content; a new secret goes again if that is refused."""
        try:
            with files.locked(self._path.with_name(".connections.lock")):
                content = self._purged(self._read())
                saved = change(content)
                text = content.replace(saved).model_dump_json(by_alias=True, indent=1)
                files.write(self._path, text.encode())
                return saved
        except BaseException:
            if new_key:
                self._secrets.delete(new_key)
            raise

    def _purged(self, content: ConnectionFile) -> ConnectionFile:
        """The content without what was deleted too long ago to come back; the secrets of that are removed."""
        limit = datetime.now(UTC) - timedelta(days=self.undelete_days)
        expired = [c for c in content.connections if c.deleted is not None and c.deleted < limit]
        for stored in expired:
            if stored.secret_key:
                self._secrets.delete(stored.secret_key)
        left = tuple(stored for stored in content.connections if stored not in expired)
        return content.model_copy(update={"connections": left})

    def _find(self, id: int) -> StoredConnection:
        return _find_in(self._read(), id)

    def _read(self) -> ConnectionFile:
        try:
            return ConnectionFile.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return ConnectionFile()
        except (OSError, ValidationError) as problem:
            raise BackendUnavailable(
                "The connections of this lab cannot be read",
                reason=f"{self._path.name} is damaged or cannot be opened.",
                remedy="Restore the file from a backup, or move it away to begin anew.",
            ) from problem

    def _shape(self, stored: StoredConnection) -> shapes.Connection:
        days = timedelta(days=self.undelete_days)
        return shapes.Connection(
            **stored.model_dump(exclude={"secret_key"}),
            audience="person",
            project=None,
            has_dynamic_user=False,
            may_use=True,
            may_write=True,
            purge_after=stored.deleted + days if stored.deleted else None,
        )


def _find_in(content: ConnectionFile, id: int, *, deleted: bool = False) -> StoredConnection:
    for stored in content.connections:
        if stored.id == id and (stored.deleted is None or deleted):
            return stored
    raise NotFound("There is no such connection", remedy="Refresh the list.")


def _require_free(others: Sequence[StoredConnection] | Any, name: str) -> None:
    if any(other.name == name and other.deleted is None for other in others):
        raise Conflict(
            f"There is a connection {name!r} already",
            remedy="Choose another name.",
        )


def _require_no_role(spec: dict[str, bool | int | str]) -> None:
    if spec.get("dynamic_role"):
        raise Invalid(
            "Users for each use need a hub",
            reason="A database user is made by the secrets engine of a hub's OpenBao or Vault.",
            remedy="Leave the role empty, and enter a user and a password.",
        )
