"""Tokens: asked about rarely, believed briefly, forgotten in time."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest

from orrery_hub import scopes
from orrery_hub.base import auth
from orrery_hub.base.accounts import Account
from orrery_hub.base.auth import TokenAuthenticator
from orrery_hub.base.db import now
from orrery_hub.base.metrics import Metrics
from orrery_hub.base.user import User
from orrery_hub.settings import Settings
from orrery_wire.errors import BackendUnavailable, TooMany
from tests.hub.services import CREATED, Service, TableHub


class Nobody:
    """Everybody is person 7, and every account is as old as it says."""

    async def read(self, name: str) -> Account | None:
        return Account(name, CREATED)

    async def identify(self, account: Account) -> int:
        return 7


def make_authenticator(hub: TableHub, seconds: float = 30) -> TokenAuthenticator:
    return TokenAuthenticator(hub, Metrics(), Nobody(), seconds=seconds)  # type: ignore[arg-type]


def test_a_thousand_requests_are_one_question() -> None:
    hub = TableHub()
    token = hub.add("ann")

    async def ask() -> list[User | None]:
        authenticator = make_authenticator(hub)
        return await asyncio.gather(*(authenticator.authenticate(token) for _ in range(1_000)))

    users = asyncio.run(ask())
    assert hub.question_count == 1
    assert {user.name for user in users if user} == {"ann"}


def test_an_answer_is_believed_for_a_while_only() -> None:
    hub = TableHub()
    token = hub.add("ann")

    async def ask() -> None:
        authenticator = make_authenticator(hub, 0.05)
        assert await authenticator.authenticate(token)
        hub.models.clear()
        assert await authenticator.authenticate(token)
        await asyncio.sleep(0.06)
        assert await authenticator.authenticate(token) is None

    asyncio.run(ask())


def test_guesses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_MAX_CACHED", 100)
    hub = TableHub()

    async def ask() -> tuple[int, int]:
        authenticator = make_authenticator(hub)
        token = hub.add("ann")
        assert await authenticator.authenticate(token)
        for n in range(500):
            assert await authenticator.authenticate(f"guess-{n}") is None
        assert await authenticator.authenticate(token)
        return len(authenticator._refused), hub.question_count

    # The guesses did not push out the token of a person, which was asked about once.
    assert asyncio.run(ask()) == (100, 501)


def test_guesses_take_turns_and_known_tokens_do_not_wait_for_them() -> None:
    hub = TableHub()
    token = hub.add("ann")
    most_questions = auth._STRANGER_QUESTIONS + auth._STRANGER_QUEUE

    async def ask() -> list[object]:
        authenticator = make_authenticator(hub, seconds=0.01)
        assert await authenticator.authenticate(token)
        await asyncio.sleep(0.02)
        gate, active = asyncio.Event(), 0
        real = hub.user_for_token

        async def slow(asked: str, **more: object) -> object:
            nonlocal active
            if asked != token:
                active += 1
                assert active <= auth._STRANGER_QUESTIONS
                await gate.wait()
                active -= 1
            return await real(asked, **more)

        hub.user_for_token = slow  # type: ignore[assignment]
        guesses = [
            asyncio.create_task(authenticator.authenticate(f"guess-{n}"))
            for n in range(most_questions + 10)
        ]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(authenticator.authenticate(token), 1)
        gate.set()
        return list(await asyncio.gather(*guesses, return_exceptions=True))

    answers = asyncio.run(ask())
    assert answers.count(None) == most_questions
    refused = [answer for answer in answers if isinstance(answer, TooMany)]
    assert len(refused) == 10
    assert refused[0].details["retry_after"] >= 1


def test_a_hub_that_is_away_is_not_a_stranger() -> None:
    hub = TableHub(away=True)

    async def ask() -> None:
        authenticator = make_authenticator(hub)
        with pytest.raises(BackendUnavailable):
            await authenticator.authenticate("any")
        hub.away = False
        token = hub.add("ann")
        assert await authenticator.authenticate(token)

    asyncio.run(ask())


def test_while_the_hub_is_away_the_answer_is_503(service: Service) -> None:
    ann = service.client("ann")
    service.hub.away = True
    response = ann.get("/me")
    assert (response.status_code, response.json()["code"]) == (503, "backend_unavailable")
    assert service.anonymous().get("/health").status_code == 200


@pytest.mark.parametrize(
    "model",
    [
        {"kind": "service", "name": "s", "scopes": [scopes.ACCESS]},
        {"kind": "user", "name": "ann", "scopes": sorted(scopes.NAMES)},
    ],
)
def test_neither_a_service_nor_a_token_without_access_comes_in(model: dict[str, object]) -> None:
    hub = TableHub(models={"t": model})
    assert asyncio.run(make_authenticator(hub).authenticate("t")) is None


def test_being_an_administrator_of_the_hub_gives_no_scope(service: Service) -> None:
    client = service.client("root", admin=True, holds=frozenset(scopes.carried_by("user")))
    assert client.get("/me").json()["admin"] is True
    assert client.get("/audit").status_code == 403


def test_a_refusal_is_believed_for_a_shorter_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that was just made may be asked about a moment before the hub knows it."""
    assert auth._REFUSAL_SECONDS <= 5
    monkeypatch.setattr(auth, "_REFUSAL_SECONDS", 0.05)
    hub = TableHub()

    async def ask() -> None:
        authenticator = make_authenticator(hub, 60)
        token = hub.add("ann")
        model = hub.models.pop(token)
        assert await authenticator.authenticate(token) is None
        hub.models[token] = model
        assert await authenticator.authenticate(token) is None
        await asyncio.sleep(0.06)
        assert await authenticator.authenticate(token)

    asyncio.run(ask())


class Clock:
    """The time that the authenticator sees."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(auth, "time", self)

    def monotonic(self) -> float:
        return self.now


def test_a_deleted_user_is_out_after_the_settings_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().token_cache_seconds < 5
    clock = Clock(monkeypatch)
    hub = TableHub()
    token = hub.add("ann")
    authenticator = make_authenticator(hub, 4)

    async def ask() -> None:
        for _ in range(50):
            assert await authenticator.authenticate(token)
            clock.now += 1
        hub.models.clear()
        clock.now += 4
        for _ in range(50):
            assert await authenticator.authenticate(token) is None

    asyncio.run(ask())


def test_while_the_hub_is_away_only_who_was_admitted_lately_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    hub = TableHub()
    token, other = hub.add("ann"), hub.add("bob")
    authenticator = make_authenticator(hub, 4)

    async def ask() -> None:
        assert await authenticator.authenticate(token)
        hub.away = True
        for _ in range(29):
            clock.now += 1
            assert await authenticator.authenticate(token)
            with pytest.raises(BackendUnavailable):
                await authenticator.authenticate(other)
        clock.now += 2
        with pytest.raises(BackendUnavailable):
            await authenticator.authenticate(token)
        hub.away = False
        assert await authenticator.authenticate(token)

    asyncio.run(ask())


def test_a_token_without_the_moment_of_the_account_is_asked_about_once() -> None:
    hub = TableHub()
    token = hub.add("ann")
    del hub.models[token]["created"]

    class Counting(Nobody):
        reads = 0
        accounts: ClassVar[list[Account]] = []

        async def read(self, name: str) -> Account | None:
            self.reads += 1
            return await super().read(name)

        async def identify(self, account: Account) -> int:
            self.accounts.append(account)
            return 7

    counting = Counting()
    authenticator = TokenAuthenticator(hub, Metrics(), counting, seconds=0)  # type: ignore[arg-type]

    async def ask() -> None:
        for _ in range(5):
            assert await authenticator.authenticate(token)

    asyncio.run(ask())
    assert (counting.reads, hub.question_count) == (1, 5)
    assert set(counting.accounts) == {Account("ann", CREATED)}


@pytest.mark.parametrize("is_dead", [True, False])
def test_a_token_of_before_is_not_the_one_of_a_name_that_was_given_again(is_dead: bool) -> None:
    """Between two questions, the account of the token was deleted and the name given again."""
    hub = TableHub()
    token = hub.add("ann")
    del hub.models[token]["created"]

    class Recreating(Nobody):
        async def read(self, name: str) -> Account | None:
            if is_dead:
                hub.models.clear()
            return Account(name, now())

    authenticator = TokenAuthenticator(hub, Metrics(), Recreating())  # type: ignore[arg-type]
    user = asyncio.run(authenticator.authenticate(token))
    assert (user is None) == is_dead
