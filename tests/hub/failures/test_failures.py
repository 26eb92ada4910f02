"""The board of failures: kept without secrets, listed for administrators, told to the person and to nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from orrery_hub.audit.service import record
from orrery_hub.base import notices
from orrery_hub.base.cause_texts import TEXTS
from orrery_hub.base.db import Database
from orrery_hub.failures import messages, store
from orrery_hub.failures.schemas import CauseQuery, FailureQuery
from orrery_hub.failures.service import FailureService, recent
from orrery_hub.failures.store import LaunchFailureRow
from orrery_wire.errors import NotFound
from orrery_wire.failures import FailureIn
from tests.hub.leases import BEGIN, Clock, Farm, clock
from tests.hub.services import Service, make_user

__all__ = ["clock"]

ANN, BEN = make_user("ann"), make_user("ben")


def report(user: str = "ann", **more: Any) -> FailureIn:
    values: dict[str, Any] = {
        "user": user,
        "created": None,
        "stage": "start",
        "kind": "image",
        "detail": "Back-off pulling image",
        "began": BEGIN,
        "at": BEGIN + timedelta(seconds=40),
    }
    return FailureIn(**values | more)


class Board:
    """A board with a pool, whose clock a test moves."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.farm = Farm(database)
        self.service = FailureService(database, keep_days=30, record=record)

    def fail(self, user: str = "ann", **more: Any) -> int:
        """A server that failed just now; the result is the failure."""
        moment = self.clock.moment
        values = {"began": moment - timedelta(seconds=40), "at": moment} | more
        self.service.report(make_user(user).person_id, report(user, **values))
        with self.database.read() as session:
            return session.scalar(select(func.max(LaunchFailureRow.id))) or 0

    def ids(self, **query: Any) -> list[int]:
        return [item.id for item in self.service.list(FailureQuery(**query)).items]

    def told(self, server: str = "") -> list[notices.NoticeRow]:
        with self.database.read() as session:
            return list(notices.current(session, ANN.person_id, server))


@pytest.fixture
def board(database: Database, clock: Clock) -> Board:
    return Board(database, clock)


def test_a_failure_is_kept_with_what_the_server_held(board: Board) -> None:
    lease = board.farm.start("ann", board.clock.moment)
    server = board.farm.server_of(lease)
    id_ = board.fail(
        server=server,
        lease=lease,
        node="node-7",
        exit_status=1,
        events=("Warning Failed: Back-off",),
        detail="GET /api?token=canary-1&x=1",
        log=(
            "AWS_SECRET_ACCESS_KEY=canary-2",
            "{'db_password': 'canary-3'}",
            "ghp_" + "c4n4ryC4n4ry" * 3,
            "the token is wrong: bye",
        ),
    )
    failure = board.service.get(id_)
    assert (failure.person, failure.server, failure.pool) == ("ann", server, "gpu")
    assert (failure.profile, failure.node, failure.exit_status) == ("gpu-large", "node-7", 1)
    assert failure.cause.text == TEXTS["image"][0]
    assert failure.cause.values == {"detail": "GET /api?token=••••••&x=1"}
    assert failure.events == ("Warning Failed: Back-off",)
    assert failure.log[-1] == "the token is wrong: bye"
    assert not [line for line in failure.log if "canary" in line or "c4n4ry" in line]
    # A lease of another is believed of nobody.
    other = board.service.get(board.fail("ben", server=server, lease=lease))
    assert (other.pool, other.profile) == ("", "")


def test_a_report_that_is_sent_again_is_one_failure(board: Board) -> None:
    first = board.fail()
    assert board.fail() == first
    board.clock.go(60)
    assert board.fail() != first
    # A clock of another machine that is ahead: nothing is reported before it happens.
    early = board.service.get(board.fail(at=board.clock.moment + timedelta(days=9)))
    assert early.at == board.clock.moment


def test_the_list_is_narrowed_and_ordered_on_the_server(board: Board) -> None:
    lease = board.farm.start("ann", board.clock.moment)
    held: dict[str, Any] = {"server": board.farm.server_of(lease), "lease": lease}
    first = board.fail(kind="disk", node="b", **held)
    board.clock.go(7_200)
    second = board.fail("ben", kind="image", node="a", stage="answer")
    third = board.fail(kind="image", node="c", detail="x%y")
    assert board.ids() == [third, second, first]
    for query, ids in (
        ({"kind": "image"}, [third, second]),
        ({"person": "ben"}, [second]),
        ({"pool": "gpu"}, [first]),
        ({"profile": "gpu-large"}, [first]),
        ({"pool": "none"}, []),
        ({"stage": "answer"}, [second]),
        ({"hours": 1}, [third, second]),
        ({"since": BEGIN, "until": BEGIN + timedelta(hours=1)}, [first]),
        ({"q": "ANN x"}, [third]),
        ({"q": "%y"}, [third]),
        ({"q": "\x00"}, []),
        ({"sort": "node", "descending": False}, [second, first, third]),
        ({"sort": "person", "descending": True}, [second, third, first]),
        ({"sort": "kind", "descending": False}, [first, second, third]),
        ({"sort": "pool", "descending": True}, [first, third, second]),
        ({"limit": 1, "offset": 1}, [second]),
    ):
        assert board.ids(**query) == ids, query
    page = board.service.list(FailureQuery(limit=1))
    assert (page.total, len(page.items)) == (3, 1)
    causes = board.service.causes(CauseQuery()).items
    assert [(c.kind, c.failures, c.people, c.open) for c in causes] == [
        ("image", 2, 2, 2),
        ("disk", 1, 1, 1),
    ]
    assert causes[0].last_at == board.clock.moment
    assert [c.kind for c in board.service.causes(CauseQuery(q="ben")).items] == ["image"]


def test_what_is_handled_is_marked_once_and_opened_again(board: Board) -> None:
    id_, other = board.fail(), board.fail("ben")
    assert not board.service.is_handled(id_)
    assert board.service.handle("ben", id_)
    assert not board.service.handle("ann", id_)
    failure = board.service.get(id_)
    assert (failure.handled_by, failure.handled_at) == ("ben", board.clock.moment)
    assert board.ids(state="open") == [other]
    assert board.ids(state="handled") == [id_]
    with pytest.raises(NotFound):
        board.service.handle("ann", 999_999)


def test_the_person_is_told_until_the_server_runs(board: Board) -> None:
    board.fail()
    (notice,) = board.told()
    assert (notice.kind, notice.level, notice.message) == (
        "failure",
        "error",
        "Your server did not start.",
    )
    assert (notice.reason, notice.remedy) == TEXTS["image"]
    assert len(board.told("any")) == 1  # whichever server the person has open
    lease = board.farm.start("ann", board.clock.go(60))
    server = board.farm.server_of(lease)
    board.fail(server=server)
    board.clock.go(1)
    board.fail(server=server, stage="run", kind="memory")
    assert len(board.told()) == 3
    with board.database.write() as session:
        messages.forget(session, lease)
    # That it did not start is over; that it ended is not.
    assert {row.message for row in board.told()} == {
        "Your server did not start.",
        f"Your server {server} has ended by itself.",
    }


def test_before_the_next_start_a_person_sees_what_failed_lately(board: Board) -> None:
    def seen(account: int = ANN.person_id) -> list[tuple[str, bool, str]]:
        with board.database.read() as session:
            return [(f.server, f.is_start, f.reason) for f in recent(session, account)]

    board.fail(server="a", kind="disk")
    board.clock.go(60)
    board.fail(server="a", kind="image")
    board.fail("ben", server="b")
    assert seen() == [("a", True, TEXTS["image"][0])]
    lease = board.farm.start("ann", board.clock.go(60), server_name="a")
    assert seen() == []
    board.clock.go(60)
    board.fail(server="a", lease=lease, stage="run", kind="memory")
    assert seen() == [("a", False, TEXTS["memory"][0])]
    board.clock.go(25 * 3_600)
    assert seen() == []


def test_old_failures_go_and_those_of_a_person_follow_it(board: Board) -> None:
    old = board.fail()
    board.clock.go(31 * 86_400)
    new = board.fail()
    board.service.purge()
    assert board.ids() == [new] != [old]
    with board.database.write() as session:
        store.transfer(session, ANN.person_id, BEN.person_id)
        (row,) = session.scalars(select(LaunchFailureRow))
        assert (row.account_id, row.person_id) == (ANN.person_id, BEN.person_id)


@pytest.fixture
def launcher(service: Service) -> httpx.Client:
    client = service.anonymous()
    client.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
    return client


def test_over_http(service: Service, launcher: httpx.Client) -> None:
    root, ann = service.client("root", admin=True), service.client("ann")
    ann.get("/me").raise_for_status()
    root.get("/me").raise_for_status()
    created = service.hub.account("ann").isoformat()
    body = report(server="gpu", log=("last words",)).model_dump(mode="json")
    body |= {"began": "2020-01-02T03:04:05Z", "at": "2020-01-02T03:05:05Z"}
    assert launcher.post("/launch/failed", json=body | {"created": created}).status_code == 204
    (item,) = root.get("/failures", params={"q": "gpu"}).json()["items"]
    assert "log" not in item
    path = f"/failures/{item['id']}"
    assert root.get(path).json()["log"] == ["last words"]
    for _ in range(2):
        changed = root.patch(path, json={"is_handled": True}).raise_for_status().json()
    assert changed["handled_by"] == "root"
    assert root.patch(path, json={"is_handled": False}).json()["handled_at"] is None
    entries = root.get("/audit", params={"who": "root", "limit": 50}).json()["items"]
    assert [e["what"] for e in entries if e["what"].startswith("failures.")] == [
        "failures.reopen",
        "failures.handle",
    ]
    assert "last words" not in root.get("/audit/export", params={"format": "csv"}).text
    (cause,) = root.get("/failures/causes").json()["items"]
    assert (cause["kind"], cause["failures"]) == ("image", 1)
    (notice,) = ann.get("/notices", params={"server": "other"}).json()["items"]
    assert (notice["kind"], notice["message"]) == ("failure", "Your server gpu did not start.")
    # It was years ago.
    assert ann.get("/me/launch").json()["failures"] == []
    for bad in ({"kind": "gremlins"}, {"stage": ""}, {"log": ["x\x00"]}, {"log": ["x"] * 201}):
        assert launcher.post("/launch/failed", json=body | bad).status_code in (400, 422), bad


def test_many_are_marked_at_once(service: Service, launcher: httpx.Client) -> None:
    root = service.client("root", admin=True)
    root.get("/me").raise_for_status()
    for number in range(3):
        body = report("ann", server=f"s{number}").model_dump(mode="json")
        body["created"] = service.hub.account("ann").isoformat()
        launcher.post("/launch/failed", json=body).raise_for_status()
    actions = root.get("/admin/actions").raise_for_status().json()
    assert "failures.handle" in str(actions)
