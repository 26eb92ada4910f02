"""Projects at the real hub service: the server says what the hub says, in shapes and in refusals."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable

import pytest
from tornado.httpclient import HTTPClientError, HTTPResponse

from orrery_server.projects.backends.hub import HubProjects
from orrery_wire.errors import (
    BackendUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
)
from orrery_wire.projects import CurrentIn, MemberIn, MemberQuery, ProjectIn, ProjectQuery
from orrery_wire.snippets import SnippetIn
from tests.server.served import Served


@pytest.fixture
def person(served: Served, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], HubProjects]:
    def make(name: str) -> HubProjects:
        monkeypatch.setenv("ORRERY_HUB_URL", served.url)
        monkeypatch.setenv("JUPYTERHUB_USER", name)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", served.service.hub.add(name))
        return HubProjects()

    return make


def test_a_project_of_two(person: Callable[[str], HubProjects]) -> None:
    async def test() -> None:
        ann, ben = person("ann"), person("ben")
        made = await ann.create(ProjectIn(slug="p", name="P", description="ours"))
        assert (made.role, made.members) == ("owner", 1)
        assert re.search(r"/p-[0-9a-f]+/lake$", made.lake)
        with pytest.raises(Conflict):
            await ben.create(ProjectIn(slug="p", name="P"))
        for asked in (ben.get("p"), ben.members("p", MemberQuery()), ben.delete("p")):
            with pytest.raises(NotFound):
                await asked
        member = await ann.set_role("p", "ben", MemberIn(role="viewer"))
        assert member is not None
        assert member.role == "viewer"
        assert (await ben.get("p")).role == "viewer"
        with pytest.raises(Forbidden):
            await ben.set_role("p", "cleo", MemberIn(role="editor"))
        people = await ann.members("p", MemberQuery(q="be"))
        assert [one.user for one in people.items] == ["ben"]
        chosen = await ben.switch(CurrentIn(slug="p"))
        assert chosen.project is not None
        assert await ben.current() == chosen
        assert "p" in [one.slug for one in (await ben.list(ProjectQuery(q="p"))).items]
        await ann.remove_member("p", "ben")
        assert (await ben.current()).project is None
        await ann.delete("p")
        with pytest.raises(NotFound):
            await ann.get("p")
        await ann.close()
        await ben.close()

    asyncio.run(test())


def test_no_name_of_a_member_reaches_the_project(
    person: Callable[[str], HubProjects], served: Served
) -> None:
    async def test() -> None:
        ann = person("ann")
        await ann.create(ProjectIn(slug="victim", name="V"))
        for name in (".", "..", ""):
            with pytest.raises(Invalid):
                await ann.remove_member("victim", name)
            with pytest.raises(Invalid):
                await ann.set_role("victim", name, MemberIn(role="owner"))
        # The client sends every other name as it is; the hub refuses what nobody can be called.
        for name in ("...", "a\u200bb", "\u202ea", " a", "a ", "a\n", "x" * 256):
            with pytest.raises(Invalid):
                await ann.set_role("victim", name, MemberIn(role="owner"))
        with pytest.raises(OrreryError):
            await ann.set_role("victim", "../..", MemberIn(role="owner"))
        assert (await ann.get("victim")).members == 1
        await ann.close()

    asyncio.run(test())


def test_who_is_invited_again_keeps_the_role(person: Callable[[str], HubProjects]) -> None:
    async def test() -> None:
        ann = person("ann")
        await ann.create(ProjectIn(slug="again", name="A"))
        invitation = MemberIn(role="editor", create_only=True)
        assert (await ann.set_role("again", "Ben", invitation)).user == "ben"
        for name in ("ann", "ANN", "Ann", "ben", "BEN"):
            with pytest.raises(Conflict) as caught:
                await ann.set_role("again", name, invitation)
            assert name.lower() in caught.value.message
            assert caught.value.details["current"]["user"] == name.lower()
        roles = {m.user: m.role for m in (await ann.members("again", MemberQuery())).items}
        assert roles == {"ann": "owner", "ben": "editor"}
        await ann.close()

    asyncio.run(test())


def test_without_an_address_there_is_no_hub() -> None:
    with pytest.raises(BackendUnavailable, match="address"):
        HubProjects()


@pytest.fixture
def at_hub(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A Jupyter server that is started from here on is one of the hub's."""
    monkeypatch.setenv("ORRERY_HUB_URL", served.url)
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", served.service.hub.add("ann"))
    return served


async def test_a_server_of_the_hub_shows_what_the_hub_has(
    at_hub: Served,
    jp_fetch: Callable[..., Awaitable[HTTPResponse]],
    draft: Callable[..., SnippetIn],
) -> None:
    status = json.loads((await jp_fetch("orrery", "status")).body)
    assert (status["hub"], status["user"]) == (True, "ann")
    home = json.loads((await jp_fetch("orrery", "projects", "home")).body)
    assert home["hub"]
    assert home["project"]["slug"] == "sample"
    made = await jp_fetch("orrery", "snippets", method="POST", body=draft("Own").model_dump_json())
    assert json.loads(made.body)["created_by"] == "ann"
    away = json.loads(
        (await jp_fetch("orrery", "snippets", params={"q": "own", "scope": "mine"})).body
    )
    assert away["total"] == 1
    at_hub.close()
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("orrery", "snippets", method="POST", body=draft("Two").model_dump_json())
    assert caught.value.code == 503
    await jp_fetch("orrery", "snippets")
    left = json.loads(
        (await jp_fetch("orrery", "snippets", params={"q": "own", "scope": "mine"})).body
    )
    assert left["total"] == 1
