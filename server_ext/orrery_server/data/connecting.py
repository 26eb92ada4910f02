"""Routes of connections: stored at the hub or here, tried before they are stored, made from variables of the server."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from orrery_engine.lake.opening import open_store
from orrery_server.data import opening, variables
from orrery_server.data.core import DataCore
from orrery_server.data.databases import Database
from orrery_server.data.locations import problem_of
from orrery_server.data.schemas import ConnectionTest, TestResult, VariableIn, Variables
from orrery_wire import connection_fields as fields
from orrery_wire import connections as shapes
from orrery_wire.connection_kinds import secret_fields
from orrery_wire.errors import OrreryError
from orrery_wire.masking import known_secrets
from orrery_wire.schemas import Page

ConnectionId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class ConnectionRoutes(DataCore):
    """What can be done with connections. No answer holds a secret."""

    async def list_connections(self, query: shapes.ConnectionQuery) -> Page[shapes.Connection]:
        """One page of the connections that the person sees."""
        return await self._backend.list(query)

    async def kinds(self) -> shapes.Kinds:
        """The kinds of connections, each with the JSON schema of its fields."""
        return fields.kinds()

    async def secret_place(self) -> shapes.SecretPlace:
        """Where secrets are stored, and whether they can be used now."""
        return await self._backend.secret_place()

    async def get_connection(self, number: ConnectionId) -> shapes.Connection:
        """One connection, without its secrets."""
        return await self._backend.get(number)

    async def create_connection(self, connection: shapes.ConnectionIn) -> shapes.Connection:
        """A new connection; its secrets are never shown again."""
        with known_secrets(connection.secrets.values()):
            created = await self._backend.create(connection)
        self._emit_event("create-connection", connection=created.id, kind=created.kind)
        return created

    async def update_connection(
        self, number: ConnectionId, patch: shapes.ConnectionPatch
    ) -> shapes.Connection:
        """A connection with what was sent changed; what is open of it is opened anew."""
        with known_secrets(value for value in patch.secrets.values() if value):
            saved = await self._backend.update(number, patch)
        await self._locations.forget(number)
        self._emit_event("change-connection", connection=number, kind=saved.kind)
        return saved

    async def delete_connection(self, number: ConnectionId) -> None:
        """Take a connection away; it can be brought back."""
        await self._backend.delete(number)
        await self._locations.forget(number)
        self._emit_event("delete-connection", connection=number)

    async def undelete_connection(self, number: ConnectionId) -> shapes.Connection:
        """Bring a deleted connection back, with its secrets."""
        connection = await self._backend.undelete(number)
        self._emit_event("undelete-connection", connection=number, kind=connection.kind)
        return connection

    async def try_connection(self, trial: ConnectionTest) -> TestResult:
        """Open a connection as it would be stored; what is wrong comes in words."""
        began = time.monotonic()
        try:
            text = await self._try(trial)
        except OrreryError as problem:
            return TestResult(
                is_ok=False,
                text=problem.message,
                seconds=time.monotonic() - began,
                problem=problem_of(problem),
            )
        return TestResult(is_ok=True, text=text, seconds=time.monotonic() - began)

    async def _try(self, trial: ConnectionTest) -> str:
        """What was seen of the connection; raises as what is wrong says."""
        sent = trial.connection
        secrets = {name: value for name, value in sent.secrets.items() if value}
        with known_secrets(secrets.values()):
            if trial.id is not None:
                stored = await self._leases.use(trial.id)
                secrets = {**(stored.secrets or {}), **secrets}
            with known_secrets(secrets.values()):
                spec, values = fields.check(sent.kind, sent.spec, _of_kind(sent.kind, secrets))
                use = shapes.Use(
                    lease="",
                    connection=trial.id or 0,
                    name=sent.name,
                    kind=sent.kind,
                    read_only=sent.read_only,
                    expires=datetime.now(UTC) + timedelta(minutes=1),
                    spec=spec,
                    secrets=values,
                )
                return await self._open_once(use)

    async def _open_once(self, use: shapes.Use) -> str:
        root = self.context.root
        if opening.is_database(use.kind):
            database = Database(*opening.database_of(use, root))
            try:
                top = await database.catalog(lambda catalog: catalog.page(limit=50))
            finally:
                database.close()
            count = f"{len(top.nodes)}{'+' if top.next else ''}"
            return f"It answers; {count} {'schema' if count == '1' else 'schemas'} can be seen."
        lake = await self.context.lake() if use.kind == "lake" else None
        page = await open_store(*opening.store_of(use, root, lake)).page("", limit=50)
        if not page.entries:
            return "It answers; there is nothing in it, or nothing that these keys may see."
        count = f"{len(page.entries)}{'+' if page.next else ''}"
        return f"It answers; {count} {'entry' if count == '1' else 'entries'} at its top."

    async def list_variables(self) -> Variables:
        """Names of environment variables of this server that describe a connection; never their values."""
        return Variables(items=variables.suggestions(os.environ))

    async def create_from_variable(self, request: VariableIn) -> shapes.Connection:
        """A connection from variables of this server, whose secret values are stored apart."""
        return await self.create_connection(
            variables.connection(os.environ, request.variable, request.name)
        )


def _of_kind(kind: str, secrets: dict[str, str]) -> dict[str, str]:
    """The secrets that a kind has; a user that was made for a use is none of them."""
    names = secret_fields(kind)
    return {name: value for name, value in secrets.items() if name in names}
