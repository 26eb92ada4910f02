"""The hub service in this process, in front of a JupyterHub that is only a table of tokens."""

from __future__ import annotations

import asyncio
import threading
import zlib
from collections.abc import Callable, Coroutine, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args

import httpx
from fastapi import FastAPI
from fastapi._compat import v2
from fastapi.dependencies import models
from pydantic import TypeAdapter
from sqlalchemy import event
from tornado.web import HTTPError

from orrery_hub import scopes
from orrery_hub.app import build
from orrery_hub.base.accounts import Accounts
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.base.user import User
from orrery_hub.settings import Settings

PREFIX = "/services/orrery"
Result = TypeVar("Result")
USER = frozenset(scopes.carried_by("user"))
ADMIN = frozenset(scopes.carried_by("admin"))


CREATED = datetime(2024, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
# The people of `make_user`, and the databases in which each of them has an account.
_numbers: dict[str, int] = {}
_databases: list[Database] = []


def make_user(name: str, *, admin: bool = False) -> User:
    """A user with an account, who has the same number in every database of `with_people`."""
    if name not in _numbers:
        _numbers[name] = 1_000 * (1 + len(_numbers))  # the database counts on from the last
        for database in _databases:
            _add_people(database, [name])
    return User(name, _numbers[name], admin, ADMIN if admin else USER)


@contextmanager
def with_people(database: Database) -> Iterator[Database]:
    """The database with everybody of `make_user`, also those who are made later."""
    _add_people(database, _numbers)
    _databases.append(database)
    yield database
    _databases.remove(database)


def unsynced(database: Database) -> Database:
    """The same without waiting for the disk: nobody pulls the plug while a test runs in this process."""
    if database.file:
        event.listen(database.engine, "connect", _do_not_wait)
    return database


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def created_of(name: str) -> datetime:
    """When JupyterHub created the account of a name: the same for `make_user` and `TableHub`, in whatever order.

    Otherwise somebody of a test would be nobody in a worker where another test has a user of that name.
    """
    return CREATED + timedelta(seconds=zlib.crc32(name.encode()) % 10_000_000)


def _add_people(database: Database, names: Iterable[str]) -> None:
    with database.write() as session:
        session.add_all(
            PersonRow(
                id=_numbers[name],
                hub_name=name,
                hub_created=created_of(name),
            )
            for name in names
        )


@dataclass
class TableHub:
    """Answers about tokens as JupyterHub does, counts the questions, and can be away."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: dict[str, datetime] = field(default_factory=dict)
    # Servers in JupyterHub's words, by the person's name.
    servers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    away: bool = False
    question_count: int = 0
    token_count: int = 0
    base_url: str = PREFIX + "/"
    api_url: str = "http://127.0.0.1:9/hub/api"
    api_token: str = "service-token"
    hub_prefix: str = "/hub/"
    oauth_client_id: str = "service-orrery"
    oauth_redirect_uri: str = PREFIX + "/oauth_callback"
    oauth_authorization_url: str = "/hub/api/oauth2/authorize"
    access_scopes: frozenset[str] = frozenset({scopes.ACCESS})

    def add(
        self,
        name: str,
        *,
        admin: bool = False,
        holds: frozenset[str] | None = None,
        groups: Iterable[str] = (),
        session: str | None = None,
    ) -> str:
        carried = holds
        if carried is None:  # as the token of the person's first server
            carried = (ADMIN if admin else USER) | {f"access:servers!server={name}/"}
        self.token_count += 1
        token = f"token-{self.token_count}"
        self.models[token] = {
            "kind": "user",
            "name": name,
            "created": self.account(name).isoformat(),
            "admin": admin,
            "groups": [*groups],
            "scopes": [scopes.ACCESS, *carried],
            "session_id": session,
        }
        return token

    def account(self, name: str) -> datetime:
        """When the account of a name was created; created now, if it is not there."""
        return self.created.setdefault(name, created_of(name))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """JupyterHub's REST API, as far as it is about accounts."""
        if self.away:
            raise httpx.ConnectError("nobody listens")
        admins = {model["name"] for model in self.models.values() if model["admin"]}
        groups = {model["name"]: model["groups"] for model in self.models.values()}
        models = [
            {
                "name": n,
                "created": t.isoformat(),
                "admin": n in admins,
                "groups": groups.get(n, []),
                "servers": {server["name"]: server for server in self.servers.get(n, [])},
            }
            for n, t in self.created.items()
        ]
        _, _, rest = request.url.path.partition("/users/")
        name, _, part = rest.partition("/")
        if request.method == "DELETE" and part:
            return self._stop(rest, name, part)
        if request.method == "DELETE":
            if any(
                server["name"] or server.get("pending") for server in self.servers.get(name, [])
            ):
                return httpx.Response(500)  # it stops no server but the default one that runs
            return httpx.Response(204 if self.created.pop(name, None) else 404)
        if request.url.params.get("state") == "active":
            items = [{"name": n, "servers": dict(enumerate(s))} for n, s in self.servers.items()]
            return httpx.Response(200, json={"items": items, "_pagination": {"next": None}})
        if "/shares/" in request.url.path or part:
            known = {"api_tokens": [], "items": [], "_pagination": {"total": 0}}
            return httpx.Response(200, json=known)
        if not name:
            return httpx.Response(200, json={"items": models, "_pagination": {"next": None}})
        (model,) = [model for model in models if model["name"] == name] or [None]
        return httpx.Response(200, json=model) if model else httpx.Response(404)

    def _stop(self, rest: str, name: str, part: str) -> httpx.Response:
        self.stopped.append(rest)
        server = part.partition("/")[2]
        running = self.servers.get(name, [])
        for model in [model for model in running if model["name"] == server]:
            if model.get("stubborn", 0):
                model["stubborn"] -= 1
                model["pending"] = "stop"
                return httpx.Response(202)
            running.remove(model)
        return httpx.Response(204)

    async def user_for_token(self, token: str, **_: object) -> dict[str, Any] | None:
        self.question_count += 1
        if self.away:
            raise HTTPError(500, "Failed to connect to Hub API")
        return self.models.get(token)

    def check_scopes(self, required: frozenset[str], model: dict[str, Any]) -> bool:
        return bool(required & set(model["scopes"]))

    def generate_pkce_code_challenge(self) -> tuple[str, str, str]:
        return "verifier", "challenge", "S256"

    async def token_for_code(self, code: str, *, code_verifier: str, sync: bool) -> str:
        if code_verifier != "verifier" or code not in self.models:
            raise HTTPError(500, "Failed to check authorization")
        return code


_adapters: dict[Hashable, TypeAdapter[Any]] = {}


def _adapter(kind: Any, **options: Any) -> TypeAdapter[Any]:
    """The adapter of an annotation; nearly half of the time that an application takes is making the same ones again."""
    annotation, *metadata = get_args(kind)
    key = (annotation, repr(metadata), repr(options))
    if key not in _adapters:
        _adapters[key] = TypeAdapter(kind, **options)
    return _adapters[key]


v2.TypeAdapter = _adapter  # type: ignore[attr-defined, misc, assignment]


def _forget_applications() -> None:
    """Let go of what FastAPI remembers of functions: thirty applications otherwise, which the collector walks through."""
    for value in vars(models).values():
        if clear := getattr(value, "cache_clear", None):
            clear()


class Loop(httpx.BaseTransport):
    """Carries the requests of ordinary code to an ASGI app in a thread of its own."""

    def __init__(self, app: FastAPI) -> None:
        self.inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.begin()

    def begin(self) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What a coroutine of the service gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.run(self._carry(request))

    async def _carry(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(
            httpx.Request(
                request.method, request.url, headers=request.headers, content=request.read()
            )
        )
        content = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class _Inline(asyncio.SelectorEventLoop):
    """A loop in which what goes to a worker thread runs at once: nobody waits for it where one request is under way."""

    def run_in_executor(  # type: ignore[override]
        self, executor: object, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """The result, which is there already."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as problem:  # noqa: BLE001 - whoever awaits it gets it
            future.set_exception(problem)
        return future


class OneByOne(Loop):
    """The same without a thread, for thousands of requests one after the other: a fifth of their time is saved."""

    def begin(self) -> None:
        self.loop = _Inline()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    def stop(self) -> None:
        self.loop.close()


class Service:
    """The service and those who talk to it."""

    def __init__(
        self, home: Path, database: Database, *, threads: bool = True, **settings: Any
    ) -> None:
        _forget_applications()
        self.settings = Settings(home=home, **{"named_servers": 20, **settings})
        self.hub = TableHub()
        self.database = database
        self.app: FastAPI = build(self.settings, database, self.hub)  # type: ignore[arg-type]
        self.accounts: Accounts = self.app.state.authenticator._accounts
        # The one client of all capabilities.
        self.accounts._hub._transport = httpx.MockTransport(self.hub.answer)
        self.loop = Loop(self.app) if threads else OneByOne(self.app)

    def anonymous(self) -> httpx.Client:
        return httpx.Client(transport=self.loop, base_url=f"http://testserver{PREFIX}/api")

    def browser(self) -> httpx.Client:
        return httpx.Client(transport=self.loop, base_url="http://testserver")

    def client(
        self,
        name: str,
        *,
        admin: bool = False,
        holds: frozenset[str] | None = None,
        groups: Iterable[str] = (),
    ) -> httpx.Client:
        client = self.anonymous()
        token = self.hub.add(name, admin=admin, holds=holds, groups=groups)
        client.headers["Authorization"] = f"Bearer {token}"
        return client
