"""Both places that keep snippets keep the same promises: files, and the real hub service behind HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from orrery_server.snippets.backend import SnippetBackend
from orrery_server.snippets.backends.files import FileSnippets
from orrery_server.snippets.backends.hub import HubSnippets
from orrery_wire.errors import BackendUnavailable, Forbidden, TimedOut, Unauthenticated
from tests.server.served import Served
from tests.server.snippets.contract import SnippetBackendContract, wanted


class TestFiles(SnippetBackendContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Callable[[], SnippetBackend]:
        return lambda: FileSnippets(folder=str(tmp_path / "snippets"))


def at_hub(served: Served, monkeypatch: pytest.MonkeyPatch, user: str = "ann") -> HubSnippets:
    monkeypatch.setenv("ORRERY_HUB_URL", served.url)
    monkeypatch.setenv("JUPYTERHUB_USER", user)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", served.service.hub.add(user))
    return HubSnippets()


class TestHub(SnippetBackendContract):
    @pytest.fixture
    def store(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[], SnippetBackend]:
        return lambda: at_hub(served, monkeypatch)

    def test_two_people_see_only_what_is_theirs(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def test() -> None:
            ann, ben = at_hub(served, monkeypatch), at_hub(served, monkeypatch, "ben")
            assert (ann.user, ben.user) == ("ann", "ben")
            saved = await ann.save(wanted())
            assert [one.id for one in (await ann.changes("")).upserts] == [saved.id]
            assert (await ben.changes("")).upserts == ()
            await ann.close()
            await ben.close()

        asyncio.run(test())

    def test_a_hub_that_is_away_is_told_as_such(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = at_hub(served, monkeypatch)
        served.close()

        async def test() -> None:
            for asked in (store.changes(""), store.save(wanted()), store.delete("a")):
                with pytest.raises(BackendUnavailable) as caught:
                    await asked
                assert caught.value.remedy
            await store.close()

        asyncio.run(test())

    def test_a_hub_that_hangs_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "any")
            monkeypatch.setenv("ORRERY_HUB_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/api")

            async def test() -> None:
                store = HubSnippets(seconds=1)
                with pytest.raises(TimedOut):
                    await store.changes("")
                await store.close()

            asyncio.run(test())

    def test_a_wrong_token_is_refused_in_the_hubs_words(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_hub(served, monkeypatch)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "wrong")
        store = HubSnippets()

        async def test() -> None:
            with pytest.raises((Forbidden, Unauthenticated)):
                await store.changes("")
            await store.close()

        asyncio.run(test())

    def test_without_an_address_there_is_no_hub(self) -> None:
        with pytest.raises(BackendUnavailable, match="address"):
            HubSnippets()
