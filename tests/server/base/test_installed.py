"""One capability that cannot be used takes only itself away, says so where it is looked for, and what to do."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from traitlets import Int

from orrery_server.app import OrreryApp
from orrery_server.base import backend, installed
from orrery_server.base.installed import load_installed
from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.base.service import Service
from orrery_wire.errors import BackendUnavailable
from orrery_wire.schemas import Shape

OURS = ("compute", "data", "eda", "projects", "snippets")
GOOD = """
from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.base.service import Service
from orrery_wire.schemas import Page, Shape

class Thing(Shape):
    text: str

class Planted(Service):
    async def get(self) -> Thing:
        return Thing(text="x")

CAPABILITY = Capability(name="NAME", title="Planted", service=Planted, routes=(Route("GET", "NAME", Planted.get),))
"""
Plant = Callable[..., None]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Install a distribution that brings a capability, as pip would."""

    def forget() -> None:
        backend.installed.cache_clear()
        load_installed.cache_clear()

    def plant(name: str, code: str, distribution: str = "planted-one") -> None:
        site = tmp_path / distribution
        module = distribution.replace("-", "_")
        info = site / f"{module}-1.dist-info"
        info.mkdir(parents=True)
        (site / f"{module}.py").write_text(code.replace("NAME", name))
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(
            f"[orrery.capabilities]\n{name} = {module}:CAPABILITY\n"
        )
        monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(str(site))
        forget()

    yield plant
    monkeypatch.undo()
    forget()


def test_a_good_one_is_found(plant: Plant) -> None:
    plant("planted", GOOD)
    found = load_installed()
    assert tuple(one.name for one in found.capabilities) == (
        "compute",
        "data",
        "eda",
        "planted",
        "projects",
        "snippets",
    )
    assert found.off == ()


BROKEN = {
    "cannot be imported": ("planted", "import no_such_library_at_all\n", "no_such_library_at_all"),
    "is not Python": ("planted", "def\n", "SyntaxError"),
    "ends the process": ("planted", "import sys\nsys.exit('not here')\n", "not here"),
    "raises": ("planted", "1 / 0\n", "ZeroDivisionError"),
    "has no manifest": ("planted", "", "CAPABILITY"),
    "is no manifest": ("planted", "CAPABILITY = 1\n", "not the manifest"),
    "has another name": ("planted", GOOD.replace("name=\"NAME\"", "name='other'"), "not the manifest"),
    "answers elsewhere": ("planted", GOOD.replace('"GET", "NAME"', '"GET", "snippets/x"'), "outside"),
    "has a service that is none": ("planted", GOOD.replace("service=Planted", "service=int"), "no Service"),
    "has a route that cannot be served": ("planted", GOOD.replace("-> Thing", "-> int"), "not a response"),
    "takes a name of Orrery's own": ("status", GOOD, "Orrery's own"),
    "has a name that is none": ("a-b", GOOD.replace("NAME", "planted"), "small letters"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_one_that_cannot_be_loaded_takes_only_itself_away(plant: Plant, kind: str) -> None:
    name, code, said = BROKEN[kind]
    plant(name, code)
    found = load_installed()
    assert tuple(one.name for one in found.capabilities) == OURS
    (off,) = found.off
    assert off.name == name
    assert said in off.reason
    assert "planted-one" in off.reason
    assert "planted-one" in off.remedy


@pytest.mark.parametrize("name", ["planted", "snippets"])
def test_two_distributions_with_one_name_are_refused(plant: Plant, name: str) -> None:
    plant(name, GOOD)
    plant(name, GOOD, "planted-two")
    (off,) = load_installed().off
    assert off.name == name
    assert "planted-one and planted-two" in off.reason.replace("jupyter-orrery and ", "")
    assert not any(one.name == name for one in load_installed().capabilities)


class Thing(Shape):
    """What the planted one answers with."""

    text: str


class Planted(Service):
    """Fails where it is told to."""

    number = Int(1, min=1).tag(config=True)
    fails: str = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.fails == "setting":
            self.number = 0
        if self.fails == "construction":
            raise BackendUnavailable("No address", reason="It is not set.", remedy="Set it.")

    async def start(self) -> None:
        """Fail, or hang, or do well."""
        if self.fails == "start":
            raise RuntimeError("no start")
        if self.fails == "hanging start":
            await asyncio.sleep(600)

    async def stop(self) -> None:
        """Fail if told to."""
        if self.fails == "stop":
            raise RuntimeError("no stop")

    async def get(self, name: str = "") -> Thing:
        """A thing."""
        return Thing(text="x")


PLANTED = Capability(
    name="aplanted",
    title="Planted",
    service=Planted,
    routes=(Route("GET", "aplanted", Planted.get),),
)
FAILURES = {
    "setting": "number",
    "construction": "It is not set.",
    "events": "no-such-file.yaml",
    "start": "no start",
    "hanging start": "TimeoutError",
}


@pytest.fixture
def failing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What fails; the planted one comes before all others."""
    kind = str(request.param)
    monkeypatch.setattr(Planted, "fails", kind)
    monkeypatch.setattr("orrery_server.app._START_SECONDS", 2.0)
    planted = PLANTED
    if kind == "events":
        planted = Capability("aplanted", "Planted", Planted, PLANTED.routes, "no-such-file.yaml")
    found = installed.capabilities()
    monkeypatch.setattr("orrery_server.app.capabilities", lambda: (planted, *found))
    monkeypatch.setattr("orrery_server.base.status.capabilities", lambda: (planted, *found))
    return kind


Ask = Callable[[str], Any]


@pytest.fixture
def ask(
    failing: str, jp_serverapp: ServerApp, http_server_client: AsyncHTTPClient, jp_base_url: str
) -> Ask:
    async def ask(path: str) -> HTTPResponse:
        headers = {"Authorization": f"token {jp_serverapp.identity_provider.token}"}
        return await http_server_client.fetch(
            f"{jp_base_url}orrery/{path}", headers=headers, raise_error=False
        )

    return ask


def app_of(server: ServerApp) -> OrreryApp:
    app = server.web_app.settings["orrery"]
    assert isinstance(app, OrreryApp)
    return app


@pytest.mark.parametrize("failing", FAILURES, indirect=True)
async def test_one_that_fails_in_the_server_is_off(
    ask: Ask, failing: str, jp_serverapp: ServerApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_of(jp_serverapp)
    await app._start_jupyter_server_extension(jp_serverapp)
    for path in ("aplanted", "aplanted/some/thing?x=1")[: 1 if "start" in failing else 2]:
        answer = await ask(path)
        said = json.loads(answer.body)
        assert (answer.code, said["code"]) == (503, "backend_unavailable")
        assert said["message"] == "Planted is off"
        assert FAILURES[failing] in said["reason"]
        assert said["remedy"]
    status = json.loads((await ask("status")).body)
    assert status["capabilities"] == list(OURS)
    (off,) = status["off"]
    assert (off["name"], off["title"], FAILURES[failing] in off["reason"]) == (
        "aplanted",
        "Planted",
        True,
    )
    for path in ("snippets", "projects", "eda/runs", "projects/home", "openapi.json"):
        assert (await ask(path)).code == 200, path
    if "start" in failing:  # what is logged before belongs to no test
        assert "aplanted is off" in caplog.text


@pytest.mark.parametrize("failing", ["stop"], indirect=True)
async def test_one_that_does_not_stop_lets_the_others_stop(
    ask: Ask, failing: str, jp_serverapp: ServerApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_of(jp_serverapp)
    stopped: list[str] = []
    for name, service in app.services.items():
        if name != "aplanted":
            original = service.stop

            async def stop(name: str = name, original: Any = original) -> None:
                stopped.append(name)
                await original()

            service.stop = stop  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR):
        await app.stop_extension()
    assert sorted(stopped) == ["compute", "data", "eda", "projects", "snippets", "status"]
    assert "aplanted did not stop" in caplog.text


@pytest.mark.parametrize("failing", ["setting"], indirect=True)
async def test_strangers_learn_nothing_of_what_is_off(
    failing: str, jp_serverapp: ServerApp, http_server_client: AsyncHTTPClient, jp_base_url: str
) -> None:
    answer = await http_server_client.fetch(f"{jp_base_url}orrery/aplanted", raise_error=False)
    assert answer.code == 401
    assert b"off" not in answer.body
