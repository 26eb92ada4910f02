"""Spawners that hold a lease: what they ask, what they start with, and upstream's traps."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from jupyterhub.spawner import SimpleLocalProcessSpawner, SpawnException
from kubespawner import KubeSpawner
from traitlets.config import Config

from orrery_hub.base import db
from orrery_hub.pools.backend import Server
from orrery_hub.pools.backends.kubernetes import KubernetesBackend
from orrery_hub.pools.schemas import LabelValue, PoolSpec, ProfileSpec
from orrery_hub.profiles import launch_client, leased
from orrery_hub.profiles.lab_process import LabProcessSpawner, make_links
from orrery_hub.profiles.leased import _reports
from orrery_wire.errors import Conflict, OrreryError, StorageFull, TimedOut, TooMany
from orrery_wire.launch import Launch
from orrery_wire.pools import LaunchChoices, ProfileChoice
from tests.hub.profiles.test_kubernetes import configured, plain, spawner_of

URL = "http://orrery.test/api"


class Hub:
    """The hub service: answers by path, or is away."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, str]] = []
        self.answers: dict[str, Any] = {}
        self.away = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens")
        verb = request.url.path.rpartition("/")[2]
        body = json.loads(request.content)
        self.calls.append((verb, body, request.headers["Authorization"]))
        answer = self.answers.get(verb)
        if isinstance(answer, OrreryError):
            return httpx.Response(answer.status, json=answer.body())
        if answer is None:
            return httpx.Response(204)
        return httpx.Response(200, content=answer.model_dump_json())

    def verbs(self) -> list[str]:
        return [verb for verb, _, _ in self.calls]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub()
    client = httpx.AsyncClient

    def mocked(**_: Any) -> httpx.AsyncClient:
        return client(transport=httpx.MockTransport(hub.answer))

    launch_client.client_of.cache_clear()
    monkeypatch.setattr(launch_client.httpx, "AsyncClient", mocked)
    monkeypatch.setattr(launch_client, "_RETRY_SECONDS", 0.01)
    yield hub
    launch_client.client_of.cache_clear()


def person(name: str = "ann") -> Any:
    created = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    groups = [SimpleNamespace(name="team")]
    orm_user = SimpleNamespace(created=created, admin=False, groups=groups)
    return SimpleNamespace(
        name=name, id=1, url=f"/user/{name}/", escaped_name=name, orm_user=orm_user
    )


@pytest.fixture
def local(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LabProcessSpawner:
    """The spawner of one machine, whose processes are not started."""
    (tmp_path / "token").write_text("launcher-token\n")

    async def start(spawner: Any) -> tuple[str, int]:
        return ("127.0.0.1", 1)

    monkeypatch.setattr(SimpleLocalProcessSpawner, "start", start)
    monkeypatch.setattr("orrery_hub.profiles.lab_process.start_mark", lambda _: "mark")
    spawner = LabProcessSpawner(
        user=person(),
        hub=None,
        parent=None,
        _deprecated_db_session=None,
        launch_url=URL,
        launch_token_file=str(tmp_path / "token"),
        launch_seconds=0.2,
        home_dir=str(tmp_path / "home"),
        cmd=["lab"],
    )
    spawner.user_options = {"profile": "gpu"}
    return spawner


def go(spawner: Any, *, stop: bool = False) -> None:
    """What JupyterHub does for a start, and after a stop."""

    async def run() -> None:
        await spawner.run_pre_spawn_hook()
        await spawner.start()
        if stop:
            spawner.run_post_stop_hook()
        await asyncio.gather(*_reports)

    asyncio.run(run())


GRANTED = Launch(
    lease=7,
    profile="gpu",
    name="GPU",
    start_timeout_seconds=900,
    environment={"CUDA_VISIBLE_DEVICES": "1", "TEXT": "{username} {"},
    startup_script="echo ready",
    memory_limit_bytes=1 << 30,
)


def test_a_lease_goes_with_the_server(local: LabProcessSpawner, hub: Hub) -> None:
    hub.answers["leases"] = GRANTED
    go(local)
    verb, body, token = hub.calls[0]
    assert (verb, token) == ("leases", "Bearer launcher-token")
    assert body["options"] == {"profile": "gpu"}
    assert (body["user"], body["created"][:10]) == ("ann", "2026-01-02")
    assert (body["admin"], body["groups"]) == (False, ["team"])
    verb, body, _ = hub.calls[1]
    since = body.pop("at")
    assert (verb, body) == ("started", {"user": "ann", "server": "", "lease": 7})
    assert abs((datetime.fromisoformat(since) - db.now()).total_seconds()) < 60
    assert local.start_timeout == 900
    assert local.mem_limit == 1 << 30
    assert local.cmd[-2:] == ["orrery-start", "lab"]
    assert local.get_state()["lease_id"] == 7
    # The next start of the hub knows the lease by the state, and ends it.
    state = json.loads(json.dumps(local.get_state()))
    local._lease_id = local._started_at = None
    local.load_state(state)
    local.clear_state()  # as soon as the process is seen dead

    async def stop() -> None:
        local.run_post_stop_hook()
        await asyncio.gather(*_reports)

    asyncio.run(stop())
    verb, body, _ = hub.calls[-1]
    assert (verb, body["lease"], body["reason"]) == ("ended", 7, "stopped")
    assert body["started"] == since
    assert "lease_id" not in local.get_state()


@pytest.mark.parametrize(
    ("failures", "runs_on", "is_gone"),
    [(0, False, True), (2, True, True), (9, False, True), (9, True, False)],
    ids=["stops", "stops at last", "was dead", "runs on"],
)
def test_a_stop_that_fails_is_tried_again_and_what_may_run_on_is_reported(
    local: LabProcessSpawner,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    failures: int,
    runs_on: bool,
    is_gone: bool,
) -> None:
    hub.answers["leases"] = Launch(lease=7, profile="gpu")
    attempts: list[None] = []

    async def stop(_: Any, now: bool = False) -> None:
        attempts.append(None)
        if len(attempts) <= failures:
            raise OSError("the API does not answer")

    async def poll(_: Any) -> int | None:
        return None if runs_on else 0

    monkeypatch.setattr(SimpleLocalProcessSpawner, "stop", stop)
    monkeypatch.setattr(SimpleLocalProcessSpawner, "poll", poll)
    monkeypatch.setattr(leased, "_STOP_PAUSES", (0.0, 0.0, 0.0))

    async def run() -> None:
        await local.run_pre_spawn_hook()
        await local.start()
        with contextlib.suppress(OSError):
            await local.stop()
        local.run_post_stop_hook()
        await asyncio.gather(*_reports)

    asyncio.run(run())
    (report,) = [body for verb, body, _ in hub.calls if verb == "ended"]
    assert report["is_gone"] is is_gone
    assert len(attempts) == {0: 1, 2: 3, 9: 4 if runs_on else 1}[failures]


def sent(spawner: Any, **form: str) -> Any:
    """What becomes of a form, as JupyterHub sends it."""
    values = {"orrery_form": ["1"]} | {name: [value] for name, value in form.items()}
    return asyncio.run(spawner.run_options_from_form(values))


def test_a_form_starts_now_and_moves_later_once(local: LabProcessSpawner, hub: Hub) -> None:
    hub.answers["leases"] = GRANTED
    local.user_options = sent(local, profile="small", then="gpu")
    assert local.user_options == {"profile": "small"}
    for then in ("gpu", ""):  # JupyterHub starts it again with the options of before
        hub.calls.clear()
        go(local)
        assert (hub.calls[0][0], hub.calls[0][1]["then"]) == ("leases", then)


def test_a_request_is_given_up_on_the_page(local: LabProcessSpawner, hub: Hub) -> None:
    with pytest.raises(SpawnException) as caught:
        sent(local, profile="small", cancel="12")
    assert (caught.value.status_code, caught.value.reason) == (202, "cancelled")
    verb, body, _ = hub.calls[0]
    assert (verb, body["ticket"], body["user"]) == ("cancel", 12, "ann")
    hub.answers["cancel"] = Conflict("No such request", reason="<i>", remedy="Load it again.")
    with pytest.raises(SpawnException, match="No such request"):
        sent(local, cancel="12")


def test_a_refusal_says_what_why_and_what_to_do(local: LabProcessSpawner, hub: Hub) -> None:
    hub.answers["leases"] = Conflict("No device", reason="<b>2</b> of 2.", remedy="Wait.")
    with pytest.raises(SpawnException) as caught:
        go(local)
    problem = caught.value
    # A refusal: JupyterHub counts no failure, at which it would stop by itself after a few.
    assert (problem.status_code, problem.reason) == (409, "conflict")
    assert problem.message == "No device. <b>2</b> of 2. Wait."
    assert "&lt;b&gt;" in problem.message_html
    assert hub.verbs() == ["leases"]


def test_without_profiles_everything_is_as_it_was(local: LabProcessSpawner, hub: Hub) -> None:
    hub.answers["leases"] = Launch(lease=None)
    go(local, stop=True)
    assert hub.verbs() == ["leases"]
    assert local.cmd == ["lab"]
    assert "lease_id" not in local.get_state()
    hub.away = True
    go(local)  # it is known that there are no profiles


def test_a_service_that_never_answered_lets_nothing_start(
    local: LabProcessSpawner, hub: Hub
) -> None:
    hub.away = True
    with pytest.raises(SpawnException, match="does not answer") as caught:
        go(local)
    assert caught.value.status_code == 503
    hub.away = False
    hub.answers["leases"] = GRANTED
    go(local)
    hub.away = True
    with pytest.raises(SpawnException):
        go(local)  # there are profiles


def test_a_report_is_repeated_until_it_is_taken(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orrery_hub.profiles.leased._REPORT_SECONDS", 0.01)
    hub.answers["leases"] = GRANTED

    async def run() -> None:
        await local.run_pre_spawn_hook()
        hub.away = True
        local.run_post_stop_hook()
        await asyncio.sleep(0.3)
        hub.away = False
        await asyncio.gather(*_reports)

    asyncio.run(run())
    # Nothing was started, and nobody gave it up: that is a failure too.
    assert sorted(hub.verbs()) == ["ended", "failed", "leases"]


def test_a_report_outlasts_an_outage(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        hub.away = sum(slept) < 1800

    monkeypatch.setattr("orrery_hub.profiles.leased.asyncio.sleep", sleep)
    hub.answers["leases"] = GRANTED

    async def run() -> None:
        await local.run_pre_spawn_hook()
        hub.away = True
        local.run_post_stop_hook()
        await asyncio.gather(*_reports)

    asyncio.run(run())
    assert "ended" in hub.verbs()
    assert max(slept) == 60


@pytest.mark.parametrize("kind", [TooMany, StorageFull, TimedOut])
def test_a_report_is_repeated_while_the_service_has_no_room(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch, kind: type[OrreryError]
) -> None:
    monkeypatch.setattr("orrery_hub.profiles.leased._REPORT_SECONDS", 0.01)
    hub.answers |= {"leases": GRANTED, "ended": kind("Not now")}

    async def run() -> None:
        await local.run_pre_spawn_hook()
        local.run_post_stop_hook()
        await asyncio.sleep(0.2)
        del hub.answers["ended"]
        before = len(hub.calls)
        await asyncio.gather(*_reports)
        assert len(hub.calls) == before + 1

    asyncio.run(run())
    assert hub.verbs().count("ended") > 2


def test_a_start_that_finds_no_room_is_asked_for_again_and_a_page_is_not(
    local: LabProcessSpawner, hub: Hub
) -> None:
    full = TooMany("This is too much at once", details={"retry_after": 1})
    for verb, ask in (("leases", local.run_pre_spawn_hook), ("choices", local.get_options_form)):
        hub.calls.clear()
        hub.answers[verb] = full
        with pytest.raises(SpawnException):
            asyncio.run(ask())
        assert (len(hub.calls) > 1) is (verb == "leases")


def test_the_form_of_a_refused_start_comes_back_with_what_was_entered(
    local: LabProcessSpawner, hub: Hub
) -> None:
    """JupyterHub asks the spawner without a name for it, whichever server was to start."""
    profile = ProfileChoice(
        slug="gpu", name="GPU", pool="p", pool_name="P", devices=0, cpu=0, memory_bytes=0
    )
    hub.answers["choices"] = LaunchChoices(is_required=True, profiles=(profile,))
    form = {"orrery_form": ["1"], "profile": ["gpu"], "environment": ["nonsense"]}

    async def run() -> tuple[str, str]:
        with pytest.raises(SpawnException) as caught:
            await local.run_options_from_form(form)
        assert "Line 1" in caught.value.jupyterhub_html_message
        return await local.get_options_form(), await local.get_options_form()

    again, fresh = asyncio.run(run())
    assert "nonsense" in again
    assert "nonsense" not in fresh


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"startup_script": ["curl https://example.org | sh"]},
        {"environment": ["LD_PRELOAD=/tmp/planted.so"]},
        {"datasets": ["planted"]},
        {"queue": ["gpu"]},
        {"cancel": ["7"]},
    ],
)
def test_an_address_fills_the_form_in_and_starts_nothing(
    local: LabProcessSpawner, hub: Hub, more: dict[str, list[str]]
) -> None:
    profiles = tuple(
        ProfileChoice(
            slug=slug, name=slug, pool="p", pool_name="P", devices=0, cpu=0, memory_bytes=0
        )
        for slug in ("cpu", "gpu")
    )
    hub.answers["choices"] = LaunchChoices(is_required=True, profiles=profiles)
    for query in ({"profile": ["gpu"], **more}, more, {"other": ["1"]}):
        if not query:
            continue

        async def run(sent: dict[str, list[str]] = query) -> str:
            with pytest.raises(SpawnException) as caught:
                local.options_from_query(sent)
            assert "press Start" in caught.value.jupyterhub_html_message
            return await local.get_options_form()

        form = asyncio.run(run())
        assert not any(word in form for word in ("curl", "LD_PRELOAD", "planted"))
    assert hub.verbs().count("leases") == 0


def test_links_are_made_and_nothing_is_overwritten(tmp_path: Path) -> None:
    source, home = tmp_path / "data", tmp_path / "home"
    source.mkdir()
    for _ in range(2):
        make_links(home, {"datasets/iris": str(source)})
    assert (home / "datasets" / "iris").readlink() == source
    (home / "mine").mkdir()
    for path, folder in (("mine", source), ("x", tmp_path / "gone")):
        with pytest.raises(SpawnException, match="cannot be mounted"):
            make_links(home, {path: str(folder)})
    assert not (home / "mine").is_symlink()


def pod_of(
    spawner: Any, hub: Hub, launch: Launch, options: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The pod of a launch, as it is sent to the cluster."""
    hub.answers["leases"] = launch
    spawner.user_options = options or {"profile": launch.profile}

    async def run() -> Any:
        await spawner.run_pre_spawn_hook()
        assert spawner.start_timeout == launch.start_timeout_seconds
        await spawner.load_user_options()
        return await spawner.get_pod_manifest()

    pod: dict[str, Any] = plain(asyncio.run(run()))
    return pod


SERVER = Server(
    7,
    "big",
    "Big",
    "gpu",
    "churn-",
    ProfileSpec(
        cpu=2,
        cpu_limit=4,
        memory_bytes=1 << 30,
        memory_limit_bytes=1 << 31,
        storage_limit_bytes=1 << 33,
        node_selector={"zone": "a"},
        tolerations=({"key": "own", "operator": "Exists"},),  # type: ignore[arg-type]
        runtime_class="nvidia",
        priority_class="interactive",
        queue_priority="high",
        image_pull_policy="Always",
        secrets=({"variable": "KEY", "secret": "s3", "key": "key"},),  # type: ignore[arg-type]
        mounts=({"name": "data", "source": "pvc://data/iris", "path": "/data"},),  # type: ignore[arg-type]
        max_seconds=3_600,
        start_timeout_seconds=900,
    ),
    pool_spec=PoolSpec(
        node_selector={"nvidia.com/gpu.product": "A100"},
        tolerations=({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},),  # type: ignore[arg-type]
        queue_name="gpu-a",
    ),
    resource="nvidia.com/mig-1g.10gb",
    devices=1,
    is_spot=True,
    image="registry.example/lab:2026.11",
    environment={"TEXT": "{project} {", "OMP_NUM_THREADS": "4"},
)


Pod = Callable[..., dict[str, Any]]


@pytest.fixture
def cluster_spawner(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    def make(**traits: Any) -> Any:
        c = configured(tmp_path)
        c.LeasedSpawner.launch_seconds = 0.2
        c.KubeSpawner.update(Config(traits))
        spawner = spawner_of(c, monkeypatch)
        spawner.user.orm_user = person().orm_user
        return spawner

    return make


def test_the_pod_of_a_profile(cluster_spawner: Callable[..., Any], hub: Hub) -> None:
    """Field by field; labels have literal values, and nothing of a person's text is taken for a template."""
    pod = pod_of(cluster_spawner(), hub, KubernetesBackend().launch(SERVER))
    spec, labels = pod["spec"], pod["metadata"]["labels"]
    (container,) = spec["containers"]
    assert container["image"] == "registry.example/lab:2026.11"
    assert container["imagePullPolicy"] == "Always"
    assert container["resources"] == {
        "limits": {
            "cpu": 4.0,
            "memory": 1 << 31,
            "nvidia.com/mig-1g.10gb": "1",
            "ephemeral-storage": str(1 << 33),
        },
        "requests": {"cpu": 2.0, "memory": 1 << 30, "nvidia.com/mig-1g.10gb": "1"},
    }
    assert spec["nodeSelector"] == {"nvidia.com/gpu.product": "A100", "zone": "a"}
    keys = [toleration["key"] for toleration in spec["tolerations"]]
    assert keys[:2] == ["nvidia.com/gpu", "own"]
    assert {"cloud.google.com/gke-spot", "kubernetes.azure.com/scalesetpriority"} <= set(keys)
    assert (spec["priorityClassName"], spec["runtimeClassName"]) == ("interactive", "nvidia")
    assert spec["enableServiceLinks"] is False
    assert labels["kueue.x-k8s.io/queue-name"] == "gpu-a"
    assert labels["kueue.x-k8s.io/priority-class"] == "high"
    assert labels["kueue.x-k8s.io/max-exec-time-seconds"] == "3600"
    assert labels["orrery/lease"] == "7"
    assert pod["metadata"]["annotations"]["orrery/project"] == "churn-"
    variables = {entry["name"]: entry for entry in container["env"]}
    assert variables["TEXT"]["value"] == "{project} {"
    assert variables["KEY"]["valueFrom"]["secretKeyRef"] == {"name": "s3", "key": "key"}
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    assert volumes.keys() == {"home", "mount-0"}
    claim = {"claimName": "data", "readOnly": True}
    assert volumes["mount-0"]["persistentVolumeClaim"] == claim
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    assert mounts["/data"]["subPath"] == "iris"


def test_trap_4_the_time_to_start_is_not_an_override(
    cluster_spawner: Callable[..., Any], hub: Hub
) -> None:
    """The hub reads it before a profile is applied, so it is set in the hook (``pod_of`` looks)."""
    launch = KubernetesBackend().launch(SERVER)
    assert "start_timeout" not in launch.overrides
    pod_of(cluster_spawner(start_timeout=60), hub, launch)


def test_trap_5_no_token_of_kubernetes_is_mounted(
    cluster_spawner: Callable[..., Any], hub: Hub
) -> None:
    spawner = cluster_spawner(service_account="nb", automount_service_account_token=None)
    pod = pod_of(spawner, hub, KubernetesBackend().launch(SERVER))
    assert pod["spec"]["serviceAccountName"] == "nb"
    assert pod["spec"]["automountServiceAccountToken"] is False


def test_trap_6_a_template_in_a_label_never_reaches_kubespawner(
    cluster_spawner: Callable[..., Any], hub: Hub
) -> None:
    from pydantic import TypeAdapter, ValidationError

    for value in ("lq-{project}", "{", "a b"):
        with pytest.raises(ValidationError):
            TypeAdapter(LabelValue).validate_python(value)
        with pytest.raises(ValidationError):
            PoolSpec(queue_name=value)
    # What upstream does with it, which is why.
    broken = cluster_spawner(extra_labels={"queue": "lq-{project}"})
    with pytest.raises(KeyError, match="project"):
        pod_of(broken, hub, KubernetesBackend().launch(SERVER))


def test_trap_9_only_the_profile_of_the_lease_can_be_made(
    cluster_spawner: Callable[..., Any], hub: Hub
) -> None:
    """Whatever was sent to the hub's API: the pod is that of the lease."""
    launch = KubernetesBackend().launch(SERVER)
    sent = {"profile": "big", "image": "evil", "kubespawner_override": {"privileged": True}}
    pod = pod_of(cluster_spawner(), hub, launch, sent)
    (container,) = pod["spec"]["containers"]
    assert container["image"] == "registry.example/lab:2026.11"
    assert not container["securityContext"].get("privileged")
    # KubeSpawner by itself takes no profile and starts with its defaults.
    bare = KubeSpawner(_mock=True, user=person(), parent=None, profile_list=lambda _: [])
    bare.user_options = {}
    asyncio.run(bare.load_user_options())


def test_trap_10_who_gets_no_device_holds_no_place_among_those_who_start(
    cluster_spawner: Callable[..., Any], hub: Hub
) -> None:
    """The refusal comes before a pod, at once, and is none of the failures at which JupyterHub stops."""
    spawner = cluster_spawner()
    hub.answers["leases"] = Conflict("No device", reason="All are in use.", remedy="Wait.")
    with pytest.raises(SpawnException):
        asyncio.run(spawner.run_pre_spawn_hook())
    assert spawner.launch is None


def test_a_failed_start_leaves_nothing_for_the_next(
    cluster_spawner: Callable[..., Any], hub: Hub
) -> None:
    """jupyterhub#3592: overrides of a profile that stay on the spawner."""
    first = cluster_spawner()
    pod_of(first, hub, KubernetesBackend().launch(SERVER))
    second = cluster_spawner()
    plain_launch = KubernetesBackend().launch(
        Server(8, "cpu", "CPU", "cpu", "", ProfileSpec(start_timeout_seconds=60))
    )
    pod = pod_of(second, hub, plain_launch)
    assert "nodeSelector" not in pod["spec"] or pod["spec"]["nodeSelector"] == {}
    assert [volume["name"] for volume in pod["spec"]["volumes"]] == ["home"]
    (container,) = pod["spec"]["containers"]
    assert "nvidia.com/mig-1g.10gb" not in json.dumps(container)


def test_without_profiles_a_pod_is_as_it_was(cluster_spawner: Callable[..., Any], hub: Hub) -> None:
    spawner = cluster_spawner()
    hub.answers["leases"] = Launch(lease=None)
    spawner.user_options = {"profile": "of-before"}

    async def run() -> Any:
        await spawner.run_pre_spawn_hook()
        await spawner.load_user_options()
        return await spawner.get_pod_manifest()

    assert plain(asyncio.run(run()))["spec"]["automountServiceAccountToken"] is False


def test_forms_are_remembered_within_bounds(
    local: LabProcessSpawner, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.answers["leases"] = GRANTED
    leased._sent_forms.clear()
    with pytest.raises(SpawnException) as caught:
        sent(local, profile="small", startup_script="x" * 1_000_001)
    assert "characters" in caught.value.jupyterhub_html_message
    assert not leased._sent_forms
    assert sent(local, profile="small", startup_script="x" * 20_000)["startup_script"]
    assert len(leased._sent_forms) == 1
    sent(local, profile="small", environment="\n".join(f"A{n}={'x' * 3000}" for n in range(60)))
    assert not leased._sent_forms, "too long to remember, and taken"
    monkeypatch.setattr(leased, "_MAX_SENT_FORMS", 3)
    for number in range(9):
        leased._sent_forms[f"user-{number}"] = leased._sent_forms.get("", (local, None))  # type: ignore[assignment]
    sent(local, profile="small")
    assert len(leased._sent_forms) == 3
    assert local.user.name in leased._sent_forms
    leased._sent_forms.clear()
