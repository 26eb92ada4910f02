"""Connections of a lab: stored, tried, used in memory, and made from variables."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orrery_server.data import variables
from orrery_server.data.backends.local import LocalConnections
from orrery_server.data.leases import Leases
from orrery_server.data.schemas import ConnectionTest, VariableIn
from orrery_server.data.service import DataService
from orrery_wire.connections import ConnectionIn, ConnectionPatch, ConnectionQuery, Use
from orrery_wire.errors import (
    BackendUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
)
from tests.engine.lake.stores import Place
from tests.server.contexts import Events
from tests.server.data.conftest import s3_connection

CANARY = "canary-4711-secret"
POSTGRES = {"name": "shop", "kind": "postgresql", "spec": {"host": "db.example", "user": "ann"}}


def with_password(value: str = CANARY, **changes: Any) -> ConnectionIn:
    return ConnectionIn.model_validate({**POSTGRES, "secrets": {"password": value}, **changes})


@pytest.fixture
def local(tmp_path: Path) -> LocalConnections:
    return LocalConnections(folder=str(tmp_path / "connections"))


def texts(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_connections_life(local: LocalConnections, tmp_path: Path) -> None:
    made = await local.create(with_password())
    assert (made.secrets, "password" in made.spec) == (("password",), False)
    assert CANARY not in made.model_dump_json()
    assert CANARY.encode() not in texts(tmp_path)
    use = await local.use(made.id)
    assert use.secrets == {"password": CANARY}
    assert CANARY not in repr(use)
    changed = await local.update(made.id, ConnectionPatch(description="The shop", read_only=True))
    assert (changed.description, changed.read_only, changed.secrets) == (
        "The shop",
        True,
        ("password",),
    )
    await local.update(made.id, ConnectionPatch(secrets={"password": "another-1"}))
    assert (await local.use(made.id)).secrets == {"password": "another-1"}
    await local.update(made.id, ConnectionPatch(secrets={"password": None}))
    assert (await local.get(made.id)).secrets == ()
    await local.delete(made.id)
    with pytest.raises(NotFound):
        await local.use(made.id)
    assert (await local.list(ConnectionQuery(deleted=True))).total == 1
    assert (await local.undelete(made.id)).name == "shop"
    # A number is never given twice.
    assert (await local.create(with_password(name="other"))).id == made.id + 1


async def test_refusals_name_the_field_and_no_secret(local: LocalConnections) -> None:
    await local.create(with_password())
    refused: list[tuple[ConnectionIn, type[OrreryError], str]] = [
        (with_password(), Conflict, "shop"),
        (with_password(name="b", audience="project", project="x"), Invalid, "hub"),
        (with_password(name="b", spec={"host": "x y"}), Invalid, "spec.host"),
        (with_password(name="b", spec={"host": "x", "password": "p"}), Invalid, "secret"),
        (with_password(name="b", spec={"host": "x", "dynamic_role": "r"}), Invalid, "hub"),
        (with_password(name="b", secrets={"passwort": CANARY}), Invalid, "secrets.passwort"),
        (with_password(name="b", kind="lake", spec={}, secrets={}), Invalid, "project"),
    ]
    for request, kind, text in refused:
        with pytest.raises(kind) as problem:
            await local.create(request)
        said = json.dumps(problem.value.body())
        assert text in said
        assert CANARY not in said
    assert (await local.list(ConnectionQuery())).total == 1


async def test_a_refused_name_leaves_no_secret_behind(
    local: LocalConnections, tmp_path: Path
) -> None:
    await local.create(with_password())
    before = len(list((tmp_path / "connections" / "secrets").iterdir()))
    with pytest.raises(Conflict):
        await local.create(with_password())
    assert len(list((tmp_path / "connections" / "secrets").iterdir())) == before


async def test_a_damaged_file_is_said_and_stays(local: LocalConnections, tmp_path: Path) -> None:
    path = tmp_path / "connections" / "connections.json"
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(BackendUnavailable, match="cannot be read"):
        await local.create(with_password())
    assert path.read_text() == "{"


class Broker:
    """A place of uses that does as a test says."""

    def __init__(self, seconds: float = 600) -> None:
        self.seconds = seconds
        self.log: list[str] = []
        self.renewing: list[OrreryError | dict[str, Any]] = []

    def _use(self, lease: str, secrets: dict[str, str] | None) -> Use:
        return Use(
            lease=lease,
            connection=1,
            name="shop",
            kind="postgresql",
            read_only=False,
            expires=datetime.now(UTC) + timedelta(seconds=self.seconds),
            spec={},
            secrets=secrets,
        )

    async def use(self, _: int) -> Use:
        self.log.append("use")
        return self._use(f"lease-{self.log.count('use')}", {"password": CANARY})

    async def renew(self, lease: str) -> Use:
        self.log.append("renew")
        step = self.renewing.pop(0) if self.renewing else {}
        if isinstance(step, OrreryError):
            raise step
        return self._use(lease, step or None)

    async def release(self, lease: str) -> None:
        self.log.append(f"release {lease}")


def leases(broker: Broker, **more: Any) -> Leases:
    return Leases(broker, logging.getLogger("test"), **more)  # type: ignore[arg-type]


async def until(condition: Any, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_use_is_asked_for_once_and_released_at_the_end() -> None:
    broker = Broker()
    held = leases(broker)
    uses = await asyncio.gather(*(held.use(1) for _ in range(5)))
    assert {use.lease for use in uses} == {"lease-1"}
    await held.close()
    assert broker.log == ["use", "release lease-1"]


async def test_a_use_is_renewed_at_half_time_with_the_secrets_of_before() -> None:
    broker = Broker(seconds=0.2)
    held = leases(broker)
    first = await held.use(1)
    await until(lambda: broker.log.count("renew") >= 3)
    later = await held.use(1)
    assert (later.lease, later.secrets) == (first.lease, {"password": CANARY})
    assert later.expires > first.expires
    await held.close()


async def test_a_use_that_is_denied_is_dropped_and_asked_for_anew() -> None:
    for refusal in [NotFound("It has ended"), Forbidden("No")]:
        broker = Broker(seconds=0.2)
        broker.renewing = [refusal]
        held = leases(broker)
        first = await held.use(1)
        await until(lambda held=held, first=first: not held.holds(first))
        assert (await held.use(1)).lease == "lease-2"
        await held.close()


async def test_other_secrets_mean_another_lease() -> None:
    broker = Broker(seconds=0.2)
    broker.renewing = [{"password": "new"}]
    held = leases(broker)
    first = await held.use(1)
    await until(lambda: not held.holds(first))
    await held.close()


async def test_a_place_that_is_away_takes_the_use_when_it_expires() -> None:
    broker = Broker(seconds=0.3)
    broker.renewing = [BackendUnavailable("It is sealed")] * 100
    held = leases(broker)
    first = await held.use(1)
    await until(lambda: "renew" in broker.log)
    assert held.holds(first)
    await until(lambda: not held.holds(first))
    await held.close()


async def test_what_nobody_uses_is_released() -> None:
    broker = Broker(seconds=0.1)
    held = leases(broker, idle_seconds=0)
    await held.use(1)
    await until(lambda: "release lease-1" in broker.log)
    await held.close()


async def test_trying_says_in_words_what_is_wrong(service: DataService, bucket: Place) -> None:
    bucket.put({"a.csv": b"x"})
    good = s3_connection(bucket)
    tried = await service.try_connection(
        ConnectionTest(connection=ConnectionIn.model_validate(good))
    )
    assert (tried.is_ok, tried.text) == (True, "It answers; 1 entry at its top.")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({**good, "spec": {**good["spec"], "bucket": "no-such-bucket"}}, "is not there"),  # type: ignore[dict-item]
        ({**good, "spec": {**good["spec"], "endpoint": "http://127.0.0.1:9"}}, "cannot be reached"),  # type: ignore[dict-item]
        ({**good, "spec": {"bucket": ""}}, "names no bucket"),
        ({"name": "x", "kind": "http", "spec": {"url": "https://example.org"}}, "no list"),
        ({"name": "x", "kind": "postgresql", "spec": {"host": "127.0.0.1", "port": 9}, "secrets": {"password": CANARY}}, "cannot be reached"),
        ({"name": "x", "kind": "sqlite", "spec": {"path": "none.sqlite"}}, "cannot be opened"),
        ({"name": "x", "kind": "sqlalchemy", "spec": {"url": "oracle://h/d"}}, "does not know"),
    ]  # fmt: skip
    for sent, text in wrong:
        request = ConnectionTest(connection=ConnectionIn.model_validate(sent))
        answer = await service.try_connection(request)
        assert not answer.is_ok
        assert text in answer.text
        assert answer.problem is not None
        assert CANARY not in answer.model_dump_json()
    await service.stop()


async def test_an_edited_connection_is_tried_with_its_stored_secrets(
    service: DataService, bucket: Place
) -> None:
    made = await service.create_connection(ConnectionIn.model_validate(s3_connection(bucket)))
    sent = ConnectionIn.model_validate({**s3_connection(bucket), "secrets": {}})
    assert (await service.try_connection(ConnectionTest(connection=sent, id=made.id))).is_ok
    await service.stop()


async def test_events_name_no_connection(service: DataService, events: Events) -> None:
    made = await service.create_connection(with_password())
    await service.update_connection(made.id, ConnectionPatch(description="x"))
    await service.delete_connection(made.id)
    await service.undelete_connection(made.id)
    assert [data["action"] for _, data in events] == [
        "create-connection",
        "change-connection",
        "delete-connection",
        "undelete-connection",
    ]
    assert CANARY not in repr(events)
    assert "shop" not in repr(events)
    await service.stop()


ENVIRONMENT = {
    "PATH": "/bin",
    "WAREHOUSE_URL": f"postgresql+psycopg://ann:{CANARY}@db.example:6432/shop",
    "HOME_URL": "https://example.org",
    "AWS_ACCESS_KEY_ID": "AKIA1",
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "AWS_REGION": "eu-central-1",
    "S3_BUCKET": "sales",
    "PGHOST": "pg.example",
    "PGPASSWORD": CANARY,
    "PGUSER": "bob",
}


def test_variables_are_offered_by_name_alone() -> None:
    offered = variables.suggestions(ENVIRONMENT)
    assert [(item.name, item.kind, item.suggestion) for item in offered] == [
        ("AWS_ACCESS_KEY_ID", "s3", "s3"),
        ("PGHOST", "postgresql", "postgres"),
        ("WAREHOUSE_URL", "postgresql", "warehouse"),
    ]
    assert CANARY not in "".join(item.model_dump_json() for item in offered)


async def test_variables_become_connections(
    service: DataService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = await service.create_from_variable(VariableIn(variable="WAREHOUSE_URL", name="w"))
    assert (made.spec["host"], made.spec["port"], made.spec["database"], made.spec["user"]) == (
        "db.example",
        6432,
        "shop",
        "ann",
    )
    assert made.secrets == ("password",)
    s3 = await service.create_from_variable(VariableIn(variable="AWS_ACCESS_KEY_ID", name="s"))
    assert (s3.spec["bucket"], s3.secrets) == ("sales", ("access_key_id", "secret_access_key"))
    for name in ["PATH", "HOME_URL", "NONE"]:
        with pytest.raises(NotFound):
            await service.create_from_variable(VariableIn(variable=name, name="x"))
    await service.stop()
