"""What `orrery pools`, `orrery queue`, `orrery servers` and their magics do, say and return."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from IPython.core.error import UsageError as ShellUsageError
from IPython.core.interactiveshell import InteractiveShell

from orrery_kernels.compute.commands import pools, queue, servers
from orrery_kernels.compute.service import Servers, expected
from orrery_kernels.errors import UsageError
from tests.kernels.stub import Stub, answer_json

WHEN = "2026-11-21T02:00:00Z"


def run(group: click.Group, *words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(group, list(words), input=stdin)


def profile(**other: Any) -> dict[str, Any]:
    return {
        "slug": "one-a100",
        "name": "One A100",
        "pool": "training",
        "pool_name": "Training",
        "devices": 1,
        "cpu": 8.0,
        "memory_bytes": 64 * 2**30,
        "pool_devices": 6,
        "free_devices": 2,
        "price_micros": 1_250_000,
        "currency": "EUR",
        "reason": "",
        "images": [],
        "datasets": [{"name": "wine"}],
        "may_set_environment": True,
        "may_set_startup_script": False,
        **other,
    }


def ticket(id: int = 7, **other: Any) -> dict[str, Any]:
    return {
        "id": id,
        "state": "waiting",
        "pool_name": "Training",
        "profile": "one-a100",
        "server_name": "",
        "place": 3,
        "wait": {"low_seconds": 61, "high_seconds": 600},
        "cause": {"kind": "capacity", "text": "All devices are in use.", "remedy": "Wait."},
        "claim_until": None,
        **other,
    }


def server(name: str = "", **other: Any) -> dict[str, Any]:
    times = {"started": WHEN, "last_activity": None}
    return {"name": name, "is_current": False, "state": "ready", **times, **other}


LAST = {
    "profile": "small",
    "project": "",
    "image": "torch",
    "tag": "2",
    "environment": {},
    "startup_script": "",
    "datasets": ["wine", "iris"],
}
PLAIN = {"image": "", "tag": "", "environment": {}, "startup_script": "", "datasets": []}
# What was chosen for this server last, as far as the profile takes it.
TAKEN = PLAIN | {"datasets": ["wine"]}
LEASE = {
    "server": "",
    "pool": "training",
    "profile": "one-a100",
    "project": None,
    "devices": 1,
    "cpu": 8.0,
    "memory_bytes": 64 * 2**30,
    "started_at": WHEN,
}


def page(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items), "total": len(items), "offset": 0, "limit": 50}


@pytest.fixture(autouse=True)
def answers(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tables are as wide as the terminal, and the last column gives way.
    monkeypatch.setenv("COLUMNS", "120")
    choices = {
        "is_required": True,
        "last": LAST,
        "profiles": [profile(), profile(slug="full", reason="Full.")],
    }
    stub.answers.update(
        {
            "GET compute/launch": answer_json(200, choices),
            "GET compute/leases": answer_json(200, page(LEASE, LEASE | {"server": "two"})),
            "GET compute/servers": answer_json(
                200, {"items": [server(is_current=True), server("two")]}
            ),
            "POST compute/servers": answer_json(204, None),
            "POST compute/servers/stop": answer_json(204, None),
            "GET compute/tickets": answer_json(200, page(ticket())),
            "GET compute/tickets/7": answer_json(200, ticket()),
            "POST compute/tickets": answer_json(201, ticket(8)),
            "POST compute/tickets/7/claim": answer_json(200, ticket(state="claimed", place=None)),
            "DELETE compute/tickets/7": answer_json(204, None),
        }
    )
    stub.default = answer_json(404, {"code": "not_found", "message": "There is none"})


def last(stub: Stub) -> tuple[str, Any]:
    method, path, _, body = stub.asked[-1]
    return f"{method} {path.partition('/orrery/')[2]}", body


def test_pools_as_table_and_as_json() -> None:
    listed = run(pools, "list").output
    assert all(word in listed for word in ("one-a100", "2 of 6", "1.25 EUR/h", "Full."))
    assert "can be started" in listed
    assert json.loads(run(pools, "list", "--json").output)["total"] == 2


def test_what_this_server_holds(stub: Stub) -> None:
    shown = run(pools, "current").output
    assert all(word in shown for word in ("(default)", "training", "64 GiB", "2026-11-21T02:00:00"))
    assert json.loads(run(pools, "current", "--json").output)["server"] == ""
    stub.answers["GET compute/servers"] = answer_json(200, {"items": []})
    assert "holds nothing of a pool" in run(pools, "current").output


def test_requests_are_listed_and_shown(stub: Stub) -> None:
    listed = run(queue, "list").output
    assert all(word in listed for word in ("waiting", "2 to 10 min", "All devices are in use."))
    assert last(stub)[0] == "GET compute/tickets?is_open=true&offset=0&limit=50"
    run(queue, "list", "--ended")
    assert last(stub)[0] == "GET compute/tickets?offset=0&limit=50"
    shown = run(queue, "show", "7").output
    assert all(word in shown for word in ("Place", "2 to 10 min", "Wait."))
    assert json.loads(run(queue, "show", "7", "--json").output)["place"] == 3
    assert run(queue, "show", "9").exit_code == 1


def test_an_offer_says_until_when(stub: Stub) -> None:
    offer = ticket(state="offered", place=None, wait=None, cause=None, claim_until=WHEN)
    stub.answers["GET compute/tickets"] = answer_json(200, page(offer))
    assert "claim it until 2026-11-21T02:00:00Z" in run(queue, "list").output


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0, 59, "0 to 1 min"), (60, 60, "1 min"), (3000, 7201, "50 to 121 min")]
)  # fmt: skip
def test_a_wait_is_a_range(low: int, high: int, text: str) -> None:
    item: Any = ticket(wait={"low_seconds": low, "high_seconds": high})
    assert expected(item) == text


def test_a_request_is_for_this_server_unless_another_is_named(stub: Stub) -> None:
    assert "Training" in run(queue, "request", "one-a100", "--project", "churn").output
    options = TAKEN | {"profile": "one-a100", "project": "churn"}
    body: dict[str, Any] = {"options": options, "auto_claim": False}
    assert last(stub) == ("POST compute/tickets", body | {"priority": "normal"})
    run(queue, "request", "one-a100", "--server", "", "--start", "--low")
    options = PLAIN | {"profile": "one-a100", "project": ""}
    body = {"options": options, "auto_claim": True, "priority": "low"}
    assert last(stub) == ("POST compute/tickets", body | {"server_name": ""})


def test_the_only_request_need_not_be_named(stub: Stub) -> None:
    assert "Cancelled request 7" in run(queue, "cancel").output
    assert last(stub)[0] == "DELETE compute/tickets/7"
    nothing = run(queue, "claim")
    assert (nothing.exit_code, "No request is offered" in nothing.output) == (2, True)
    stub.answers["GET compute/tickets"] = answer_json(200, page(ticket(state="offered")))
    assert "claimed" in run(queue, "claim").output
    stub.answers["GET compute/tickets"] = answer_json(200, page(ticket(), ticket(8)))
    several = run(queue, "cancel")
    assert (several.exit_code, "2 requests could be meant" in several.output) == (2, True)


def test_servers_are_listed_started_and_stopped(stub: Stub) -> None:
    assert "this server" in run(servers, "list").output
    assert "starts" in run(servers, "start", "two", "--profile", "full").output
    assert last(stub) == (
        "POST compute/servers",
        {"server_name": "two", "options": PLAIN | {"profile": "full", "project": ""}},
    )
    assert run(servers, "start", "two", "--project", "churn").exit_code == 2
    assert run(servers, "stop", "two", stdin="n\n").exit_code == 1
    assert last(stub)[0] == "POST compute/servers"
    # The default server has an empty name, and is not "this one".
    for words, name in (((), None), (("",), ""), (("two",), "two")):
        assert "Stopped" in run(servers, "stop", "--yes", *words).output
        assert last(stub) == ("POST compute/servers/stop", {"server_name": name})


def test_a_project_needs_a_profile() -> None:
    with pytest.raises(UsageError, match="needs a profile"):
        Servers().start("two", project="churn")


def test_magics_run_the_commands(
    shell: InteractiveShell,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell.run_line_magic("load_ext", "jupyter_orrery")
    for line, word in {
        "pool": "64 GiB",
        "pool list": "can be started",
        "queue": "2 to 10 min",
        "queue show 7": "Wait.",
        "servers": "this server",
    }.items():
        name, _, rest = line.partition(" ")
        shell.run_line_magic(name, rest)
        assert word in capsys.readouterr().out, line
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(ShellUsageError, match="--yes"):
        shell.run_line_magic("servers", "stop")
    shell.run_line_magic("pool", "--help")
    assert "Usage: %pool " in capsys.readouterr().out
    magics = shell.magics_manager.registry["ComputeMagics"]
    assert "list" in magics.complete("%pool l", "l")
    assert "one-a100" in magics.complete("%queue request one", "one")
