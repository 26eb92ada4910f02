"""What the hub tells a person: posted once, replaced, dismissed, withdrawn, and nobody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from orrery_hub.base import notices
from orrery_hub.base.db import Database, now
from orrery_hub.base.notices import Broadcast, Draft
from orrery_hub.notices.service import NoticeService
from orrery_wire.errors import NotFound
from orrery_wire.notices import NoticeQuery
from tests.hub.services import Service, make_user

ANN, BEN = make_user("ann"), make_user("ben")


def draft(key: str = "claim:1", **more: Any) -> Draft:
    values: dict[str, Any] = {"person_id": ANN.person_id, "kind": "claim", "message": "Yours"}
    return Draft(**{"key": key, **values, **more})


def put(database: Database, *drafts: Draft) -> None:
    with database.write() as session:
        for item in drafts:
            notices.put(session, item)


def keys(database: Database, server: str = "", person: int = ANN.person_id) -> list[str]:
    with database.read() as session:
        return [row.key for row in notices.current(session, person, server)]


def test_a_notice_is_replaced_by_one_with_its_key(database: Database) -> None:
    put(database, draft(), draft(message="Still yours"), draft("claim:2"))
    items = NoticeService(database).list(ANN, NoticeQuery()).items
    assert sorted(item.message for item in items) == ["Still yours", "Yours"]
    assert keys(database, person=BEN.person_id) == []


def test_a_server_shows_its_own_notices_and_those_of_every_server(database: Database) -> None:
    put(database, draft("all"), draft("default", server=""), draft("gpu", server="gpu"))
    assert set(keys(database)) == {"all", "default"}
    assert set(keys(database, "gpu")) == {"all", "gpu"}


def test_what_was_dismissed_comes_back_only_when_it_says_something_else(
    database: Database,
) -> None:
    service = NoticeService(database)
    put(database, draft())
    (notice,) = service.list(ANN, NoticeQuery()).items
    with pytest.raises(NotFound):
        service.dismiss(BEN, notice.id)
    service.dismiss(ANN, notice.id)
    put(database, draft())
    assert keys(database) == []
    put(database, draft(message="Something else"))
    assert keys(database) == ["claim:1"]


def test_what_was_announced_is_shown_for_an_hour_and_then_removed(database: Database) -> None:
    moment = now()
    put(
        database,
        draft("soon", deadline=moment + timedelta(minutes=5)),
        draft("just now", deadline=moment - timedelta(minutes=59)),
        draft("long ago", deadline=moment - timedelta(minutes=61)),
        draft("whenever"),
    )
    assert set(keys(database)) == {"soon", "just now", "whenever"}
    with database.write() as session:
        notices.purge(session)
        notices.withdraw(session, ANN.person_id, "soon")
        notices.withdraw(session, BEN.person_id, "whenever")
        notices.withdraw(session, ANN.person_id, "never posted")
    assert set(keys(database)) == {"just now", "whenever"}


def test_two_processes_that_post_the_same_notice_post_it_once(database: Database) -> None:
    def post(number: int) -> None:
        with database.write() as session:
            for key in ("a", "b", "c"):
                notices.put(session, draft(key, message=f"Of {number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(post, range(8)))
    assert sorted(keys(database)) == ["a", "b", "c"]


def test_notices_over_http(service: Service) -> None:
    ann, ben = service.client("ann"), service.client("ben")

    def items(client: httpx.Client, server: str = "") -> list[dict[str, Any]]:
        body = client.get("/notices", params={"server": server}).raise_for_status().json()
        assert body["poll_seconds"] >= 1
        return list(body["items"])

    ann.get("/me").raise_for_status()
    people = service.client("root", admin=True).get("/people", params={"q": "ann"}).json()
    (person,) = (item["id"] for item in people["items"] if item["name"] == "ann")
    put(service.database, draft(person_id=person, server="gpu", subject="7", action="claim"))
    assert (items(ann), items(ben, "gpu")) == ([], [])
    (notice,) = items(ann, "gpu")
    assert (notice["subject"], notice["action"], notice["level"]) == ("7", "claim", "info")
    assert ben.delete(f"/notices/{notice['id']}").status_code == 404
    assert ann.delete(f"/notices/{notice['id']}").status_code == 204
    assert items(ann, "gpu") == []
    audit = service.client("root", admin=True).get("/audit", params={"what": "notices.dismiss"})
    assert [entry["who"] for entry in audit.json()["items"]] == ["ann"]


def test_what_everybody_is_told_is_dismissed_by_each_and_goes_when_it_is_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Broadcast] = [
        Broadcast("message", "1", "x" * 2_000, reason="y" * 600),
        Broadcast("maintenance", "m", "Soon", deadline=now() + timedelta(hours=1)),
    ]
    service = NoticeService(database, announces=[lambda _: said[:1], lambda _: said[1:]])

    def listed(user: Any) -> list[Any]:
        return list(service.list(user, NoticeQuery(server="any")).items)

    for user in (ANN, BEN):
        assert {item.subject for item in listed(user)} == {"1", "m"}
    long = next(item for item in listed(ANN) if item.subject == "1")
    assert (len(long.message), len(long.reason)) == (2_000, 600)
    service.dismiss(ANN, long.id)
    with pytest.raises(NotFound):
        service.dismiss(BEN, next(item.id for item in listed(ANN)))
    assert [item.subject for item in listed(ANN)] == ["m"]
    assert len(listed(BEN)) == 2
    # Nothing is written while nothing changes.
    monkeypatch.setattr(database, "write", None)
    listed(ANN)
    monkeypatch.undo()
    # It stays dismissed however long it holds, and comes back when it says something else.
    moment = now()
    monkeypatch.setattr("orrery_hub.base.db.now", lambda: moment + timedelta(days=60))
    service.purge()
    assert "1" not in {item.subject for item in listed(ANN)}
    monkeypatch.undo()
    said[0] = Broadcast("message", "1", "x" * 2_000, reason="z")
    assert {item.subject for item in listed(ANN)} == {"1", "m"}
    del said[:]
    assert (listed(ANN), listed(BEN)) == ([], [])
    put(database, draft())
    assert [item.message for item in listed(ANN)] == ["Yours"]


def test_labs_that_ask_at_once_are_told_once(database: Database) -> None:
    said = [Broadcast("message", str(number), "Hello") for number in range(3)]
    service = NoticeService(database, announces=[lambda _: said])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: service.list(ANN, NoticeQuery()).items, range(8)))
    assert [len(items) for items in answers] == [3] * 8
