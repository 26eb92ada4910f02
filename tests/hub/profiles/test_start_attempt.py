"""Starts that fail and servers that end by themselves: each is reported once, with its cause, and nothing else is."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.spawner import SimpleLocalProcessSpawner, SpawnException

from orrery_hub.profiles.lab_process import LabProcessSpawner, last_lines
from orrery_hub.profiles.leased import _reports
from orrery_wire.errors import Conflict
from orrery_wire.launch import Launch
from tests.hub.base.pod_faults import FAULTS
from tests.hub.profiles.test_leased import GRANTED, Hub, cluster_spawner, hub, local

__all__ = ["cluster_spawner", "hub", "local"]

LAUNCH = Launch(lease=7, profile="gpu", name="GPU", environment={"API_KEY": "canary-1234567"})


class Jupyter:
    """What JupyterHub does around a start (`User.spawn`, `_wait_up` and `stop`), with its time limits."""

    def __init__(self, spawner: Any) -> None:
        self.spawner = spawner

    async def start(self) -> None:
        """Start, and end what fails."""
        spawner = self.spawner
        try:
            await spawner.run_pre_spawn_hook()
            await asyncio.wait_for(spawner.start(), timeout=spawner.start_timeout)
        except Exception:
            await self.stop()
            raise
        spawner._waiting_for_response = True

    async def wait(self, *, answers: bool) -> None:
        """Wait for the server's answer."""
        if not answers:
            await asyncio.sleep(self.spawner.http_timeout)
            await self.stop()
        self.spawner._waiting_for_response = False

    async def stop(self) -> None:
        """Stop, and clean up."""
        if await self.spawner.poll() is None:
            await self.spawner.stop()
        self.spawner.run_post_stop_hook()
        self.spawner.clear_state()
        await asyncio.gather(*_reports)


def failures(hub: Hub) -> list[dict[str, Any]]:
    return [body for verb, body, _ in hub.calls if verb == "failed"]


def ended(hub: Hub) -> list[str]:
    return [body["reason"] for verb, body, _ in hub.calls if verb == "ended"]


Real = Callable[[str], LabProcessSpawner]


@pytest.fixture
def real(
    hub: Hub, local: LabProcessSpawner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Real:
    """The spawner of one machine, which runs a line of Python in the place of a lab."""
    hub.answers["leases"] = LAUNCH

    def make(code: str) -> LabProcessSpawner:
        local.cmd = [sys.executable, "-c", code]
        local.log_folder = str(tmp_path / "labs")
        local.http_timeout = local.start_timeout = 1
        local.api_token = "canary-token"
        (tmp_path / "home").mkdir(exist_ok=True)
        return local

    monkeypatch.setattr(SimpleLocalProcessSpawner, "start", start_process)
    return make


async def start_process(spawner: Any) -> tuple[str, int]:
    """What JupyterHub's local spawner does, without its environment."""
    spawner.proc = subprocess.Popen(  # noqa: ASYNC220  # as JupyterHub does
        spawner.cmd, start_new_session=True, cwd=spawner.home_dir, **spawner.popen_kwargs
    )
    spawner.pid = spawner.proc.pid
    return ("127.0.0.1", 1)


CRASH = """
import sys
print("starting with canary-1234567 and canary-token")
print("\\x1b[31mModuleNotFoundError: No module named 'nowhere'\\x1b[0m", file=sys.stderr)
sys.exit(3)
"""


def test_a_lab_that_crashes_is_reported_with_its_last_lines(real: Real, hub: Hub) -> None:
    hub_ = Jupyter(real(CRASH))

    async def run() -> None:
        await hub_.start()
        hub_.spawner.proc.wait()
        await hub_.wait(answers=False)

    asyncio.run(run())
    (failure,) = failures(hub)
    assert (failure["stage"], failure["kind"], failure["exit_status"]) == ("answer", "software", 3)
    assert (failure["user"], failure["lease"], failure["profile"]) == ("ann", 7, "gpu")
    assert failure["detail"] == "ModuleNotFoundError: No module named 'nowhere'"
    assert failure["log"][-1] == failure["detail"]
    assert "canary" not in json.dumps(failure)
    assert ended(hub) == ["A program or package that the server needs is missing or broken."]
    file = hub_.spawner.log_file
    assert file.stat().st_mode & 0o777 == 0o600
    assert "canary-1234567" in file.read_text()  # it is the person's own


def test_a_lab_that_never_answers_and_one_that_dies_later(real: Real, hub: Hub) -> None:
    hub_ = Jupyter(real("import time; print('up', flush=True); time.sleep(60)"))

    async def silent() -> None:
        await hub_.start()
        while not hub_.spawner.log_file.read_text():
            await asyncio.sleep(0.02)
        await hub_.wait(answers=False)

    asyncio.run(silent())
    assert [(f["stage"], f["kind"], f["log"]) for f in failures(hub)] == [
        ("answer", "no_answer", ["up"])
    ]
    hub.calls.clear()

    async def dies() -> None:
        await hub_.start()
        await hub_.wait(answers=True)
        hub_.spawner.proc.kill()
        hub_.spawner.proc.wait()
        await hub_.stop()

    asyncio.run(dies())
    (failure,) = failures(hub)
    assert (failure["stage"], failure["kind"], failure["exit_status"]) == ("run", "ended", -9)
    assert failure["detail"] == "ended by signal 9 (SIGKILL)"


@pytest.mark.parametrize("how", ["stopped", "left", "given up", "refused", "no service"])
def test_what_is_no_failure_is_not_reported(real: Real, hub: Hub, how: str) -> None:
    hub_ = Jupyter(real("pass" if how == "left" else "import time; time.sleep(60)"))

    async def run() -> None:
        if how == "refused":
            hub.answers["leases"] = Conflict("No device", reason="2 of 2.", remedy="Wait.")
            with pytest.raises(SpawnException):
                await hub_.start()
            return
        await hub_.start()
        if how == "left":
            hub_.spawner.proc.wait()
        if how == "given up":  # JupyterHub cancels the wait, and stops
            hub_.spawner._waiting_for_response = False
        else:
            await hub_.wait(answers=True)
        if how == "no service":
            hub_.spawner.launch_url = ""
        await hub_.stop()

    asyncio.run(run())
    assert failures(hub) == []


def test_a_start_that_takes_too_long_and_one_that_is_given_up(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.answers["leases"] = LAUNCH

    async def hang(_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(SimpleLocalProcessSpawner, "start", hang)
    local.start_timeout = 1
    hub_ = Jupyter(local)
    with pytest.raises(TimeoutError):
        asyncio.run(hub_.start())
    (failure,) = failures(hub)
    assert (failure["stage"], failure["kind"]) == ("start", "time_limit")
    hub.calls.clear()

    async def give_up() -> None:
        task = asyncio.create_task(hub_.start())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait({task})
        await hub_.stop()

    asyncio.run(give_up())
    assert failures(hub) == []
    assert ended(hub) == ["stopped"]


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (FileNotFoundError(2, "No such file or directory", "lab"), "configuration"),
        (OSError(28, "No space left on device"), "disk"),
        (KeyError("x"), "unknown"),
        (SpawnException("x cannot be mounted", reason="mount"), "mount"),
    ],
    ids=["program", "disk", "bug", "mount"],
)
def test_what_a_start_raises_is_its_cause(
    local: LabProcessSpawner,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    kind: str,
) -> None:
    hub.answers["leases"] = LAUNCH

    async def fail(_: Any) -> None:
        raise problem

    monkeypatch.setattr(SimpleLocalProcessSpawner, "start", fail)
    with pytest.raises(type(problem)):
        asyncio.run(Jupyter(local).start())
    (failure,) = failures(hub)
    assert (failure["stage"], failure["kind"]) == ("start", kind)
    assert failure["exit_status"] is not None or failure["detail"]


def test_links_that_cannot_be_made_are_a_failure(local: LabProcessSpawner, hub: Hub) -> None:
    hub.answers["leases"] = LAUNCH.model_copy(update={"links": {"data": "/nowhere-at-all"}})
    with pytest.raises(SpawnException):
        asyncio.run(Jupyter(local).start())
    (failure,) = failures(hub)
    assert failure["kind"] == "mount"
    assert "/nowhere-at-all" in failure["detail"]


def test_a_service_that_is_away_is_told_when_it_is_back(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orrery_hub.profiles.leased._REPORT_SECONDS", 0.05)
    hub.away = True

    async def run() -> None:
        hub_ = Jupyter(local)
        with pytest.raises(SpawnException):
            await hub_.spawner.run_pre_spawn_hook()
        asyncio.get_running_loop().call_later(0.2, lambda: setattr(hub, "away", False))
        await hub_.stop()

    asyncio.run(run())
    assert [(f["stage"], f["kind"], f["lease"]) for f in failures(hub)] == [
        ("prepare", "hub_service", None)
    ]


def test_a_server_that_ended_while_the_hub_was_away(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_: Any) -> int:
        return 1

    monkeypatch.setattr(SimpleLocalProcessSpawner, "poll", gone)
    for server, count in ((object(), 1), (None, 0)):  # it ran, or it had stopped before
        # As JupyterHub gives it, without its database.
        local._trait_values["orm_spawner"] = SimpleNamespace(server=server, name="")
        local.load_state({"lease_id": 7})
        hub.calls.clear()
        asyncio.run(Jupyter(local).stop())
        assert [(f["stage"], f["lease"]) for f in failures(hub)] == [("run", 7)] * count


def test_the_last_lines_of_a_long_log(tmp_path: Path) -> None:
    file = tmp_path / "log"
    assert last_lines(file) == ()
    file.write_bytes(b"\xff" + "".join(f"line {n}\n" for n in range(10_000)).encode())
    lines = last_lines(file)
    assert lines[-1] == "line 9999"
    assert lines[0].startswith("line ")
    assert sum(map(len, lines)) < 16_384


class Cluster:
    """The API of Kubernetes, as much as a log needs."""

    def __init__(self, log: str | int) -> None:
        self.log = log
        self.asked: list[dict[str, Any]] = []

    async def read_namespaced_pod_log(self, *_: Any, **more: Any) -> str:
        from kubernetes_asyncio.client.rest import ApiException

        self.asked.append(more)
        if isinstance(self.log, int):
            raise ApiException(status=self.log, reason="Forbidden")
        return self.log


def in_cluster(
    spawner: Any, monkeypatch: pytest.MonkeyPatch, pod: Any, events: Any, log: str | int
) -> Cluster:
    """A spawner that knows a pod and its events."""
    cluster = Cluster(log)
    key = f"{spawner.namespace}/{spawner.pod_name}"
    pods = SimpleNamespace(pods={key: pod} if pod else {})
    kind = type(spawner)
    monkeypatch.setattr(kind, "pod_reflector", pods)
    monkeypatch.setattr(kind, "events", list(events))
    spawner.api = cluster
    return cluster


def test_a_pod_is_looked_at_before_it_is_removed(
    cluster_spawner: Callable[..., Any], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubespawner import KubeSpawner

    hub.answers["leases"] = GRANTED
    spawner = cluster_spawner(start_timeout=1)
    fault = next(f for f in FAULTS if f.truth == "image" and f.pod and f.events)
    in_cluster(spawner, monkeypatch, fault.pod, fault.events, "")
    order = []

    async def hang(_: Any) -> None:
        await asyncio.sleep(60)

    async def running(_: Any) -> None:
        return None

    async def stop(_: Any, now: bool = False) -> None:
        order.append("removed")
        monkeypatch.setattr(type(spawner), "pod_reflector", SimpleNamespace(pods={}))

    monkeypatch.setattr(KubeSpawner, "start", hang)
    monkeypatch.setattr(KubeSpawner, "stop", stop)
    monkeypatch.setattr(KubeSpawner, "poll", running)
    hub.answers["leases"] = GRANTED.model_copy(update={"start_timeout_seconds": 1})
    with pytest.raises(TimeoutError):
        asyncio.run(Jupyter(spawner).start())
    assert order == ["removed"]
    (failure,) = failures(hub)
    assert (failure["stage"], failure["kind"]) == ("start", "image")
    assert any(str(fault.events[-1]["message"])[:40] in line for line in failure["events"])


def test_what_kubernetes_refuses_to_create_is_the_cause(
    cluster_spawner: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes_asyncio.client.rest import ApiException

    spawner = cluster_spawner()
    in_cluster(spawner, monkeypatch, None, (), "")
    for body, kind in (
        (json.dumps({"code": 403, "message": "exceeded quota: team"}), "quota"),
        ("no JSON", "policy"),
    ):
        problem = ApiException(status=403, reason="Forbidden")
        problem.body = body.encode()
        evidence = asyncio.run(spawner.evidence(problem))
        assert evidence.cause is not None
        assert evidence.cause.kind == kind
    assert asyncio.run(spawner.evidence(KeyError())).cause is None


def test_the_log_of_a_container_that_crashed_is_that_of_its_last_run(
    cluster_spawner: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended_state = {"terminated": {"exitCode": 1, "reason": "Error"}}
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    for state, last, log, previous, lines in (
        (waiting, ended_state, "one\ntwo", True, ("one", "two")),
        (ended_state, {}, "one", False, ("one",)),
        (ended_state, {}, 403, False, ("The log could not be read from Kubernetes: Forbidden",)),
        ({"waiting": {"reason": "ImagePullBackOff"}}, {}, "never", None, ()),
    ):
        spawner = cluster_spawner()
        container = {"name": "notebook", "state": state, "lastState": last}
        pod = {"spec": {"nodeName": "n1"}, "status": {"containerStatuses": [container]}}
        cluster = in_cluster(spawner, monkeypatch, pod, (), log)
        evidence = asyncio.run(spawner.evidence(None))
        assert (evidence.node, evidence.log) == ("n1", lines)
        assert [asked["previous"] for asked in cluster.asked] == (
            [] if previous is None else [previous]
        )
