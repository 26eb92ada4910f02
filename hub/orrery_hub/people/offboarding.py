"""Off-boarding: everything that a person has is ended or named, in one action that can be repeated.

The account at JupyterHub is deleted: that ends servers, tokens, browser sessions and shares in one call, and the
service needs no right to act as somebody. Data stays: whose it is, and where it lies, is reported.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import httpx
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import Leases, Leave, LeavingItem, RecordChange, Transfer, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow
from orrery_hub.people.schemas import Offboarding, OffboardingIn, OffboardingItem
from orrery_wire.errors import BackendUnavailable, Conflict, NotFound
from orrery_wire.json_types import JsonObject
from orrery_wire.names import path_of

_STOP_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_PAGE = 200

Ask = Callable[[str, str], Awaitable[httpx.Response]]


def leaving_leases(leases: Leases) -> Leave:
    """What ends the leases of somebody who leaves."""

    def leave(session: Session, person: int) -> Sequence[LeavingItem]:
        held = leases.open(session, person_id=person)
        for lease in held:
            leases.end(session, lease.id, "the person has left")
        detail = "Devices and memory that servers hold or that are reserved."
        return (LeavingItem("leases", len(held), False, detail),)

    return leave


class Offboarder:
    """Ends what a person has; ``leaves`` are what every capability does for that.

    ``home`` says where the data of an account lies, ``log_in`` what lets the person log in again.
    """

    def __init__(
        self,
        database: Database,
        hub: httpx.AsyncClient,
        *,
        leaves: Sequence[Leave] = (),
        transfers: Sequence[Transfer] = (),
        record: RecordChange = no_record,
        home: Callable[[str], str] = lambda name: name,
        log_in: str = "",
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._leaves = leaves
        self._transfers = transfers
        self._record = record
        self._home = home
        self._log_in = log_in
        self._on_end = on_end

    async def plan(self, person: int) -> Offboarding:
        """What off-boarding would end, and what it would leave; changes nothing."""
        name = await asyncio.to_thread(self._name, person)
        items = await self._at_hub(name, "planned")
        items += await asyncio.to_thread(self._in_orrery, person, None)
        return self._report(person, name, items, is_done=False)

    async def run(self, who: str, person: int, request: OffboardingIn) -> Offboarding:
        """Off-board a person; once more does what failed before.

        Raises:
            NotFound: there is no such person, or nobody to take over.
            Conflict: it is the person who asks, or the one who is to take over cannot.
            BackendUnavailable: JupyterHub does not answer, or did not delete the account; nothing else was done.
        """
        name = await asyncio.to_thread(self._check, who, person, request.successor)
        items = await self._at_hub(name, "done")
        await self._delete_account(name)
        items += await asyncio.to_thread(self._in_orrery, person, (who, request.successor))
        self._on_end()
        return self._report(person, name, items, is_done=True)

    def _name(self, person: int) -> str:
        with self._database.read() as session:
            return _find(session, person).hub_name

    def _check(self, who: str, person: int, successor: int | None) -> str:
        with self._database.read() as session:
            row = _find(session, person)
            if row.hub_name == who:
                raise Conflict(
                    "You cannot off-board yourself",
                    reason="Your own log-in would end half way.",
                    remedy="Ask another administrator of the hub.",
                )
            if successor is not None:
                taker = _find(session, successor)
                if taker is row or not people.can_act(taker):
                    raise Conflict(
                        f"{taker.hub_name!r} cannot take over",
                        reason="It is the same person, the account is gone, or it is an invitation.",
                        remedy="Name a person who has an account.",
                    )
            return row.hub_name

    async def _at_hub(self, name: str, state: str) -> list[OffboardingItem]:
        """What ends with the account at JupyterHub."""
        model = await self._read("users", name)
        if model is None:
            return [_item("account", 0, "none", "JupyterHub has no such account any more.")]
        servers = sorted(model.get("servers") or {})
        tokens = (await self._read("users", name, "tokens") or {}).get("api_tokens", [])
        granted = await self._count("shares", name)
        received = await self._count("users", name, "shared")
        titles = ", ".join(server or "the default server" for server in servers)
        return [
            _item("account", 1, state, "Deleted at JupyterHub; the name is another person's then."),
            _item("servers", len(servers), state if servers else "none", titles),
            _item("tokens", len(tokens), state, "Personal access tokens and browser sessions."),
            _item("shares", granted + received, state, "Servers shared by and with the person."),
        ]

    async def _count(self, *path: str) -> int:
        model = await self._read(*path, query={"limit": _PAGE})
        if model is None:
            return 0
        total = (model.get("_pagination") or {}).get("total")
        return int(total) if total is not None else len(model.get("items") or ())

    async def _read(self, *path: str, query: dict[str, int] | None = None) -> JsonObject | None:
        response = await self._ask("GET", f"/{path_of(*path)}", query)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        if not response.is_success:
            raise _refused(response)
        model: JsonObject = response.json()
        return model

    async def _ask(
        self, method: str, address: str, query: dict[str, int] | None = None
    ) -> httpx.Response:
        try:
            return await self._hub.request(method, address, params=query)
        except httpx.HTTPError as problem:
            raise BackendUnavailable(
                "Nobody was off-boarded",
                reason="JupyterHub did not answer.",
                remedy="Try again in a moment.",
            ) from problem

    async def _delete_account(self, name: str) -> None:
        """Delete the account; a server that is stopping just now is waited for."""
        deadline = asyncio.get_running_loop().time() + _STOP_SECONDS
        while True:
            response = await self._ask("DELETE", f"/{path_of('users', name)}")
            if response.is_success or response.status_code == httpx.codes.NOT_FOUND:
                return
            is_stopping = response.status_code == httpx.codes.BAD_REQUEST
            if not is_stopping or asyncio.get_running_loop().time() > deadline:
                raise _refused(response)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _in_orrery(
        self, person: int, execution: tuple[str, int | None] | None
    ) -> list[OffboardingItem]:
        """What every capability ends or leaves; without ``execution`` (who, successor) nothing is changed."""
        with self._database.write() as session:
            row = _find(session, person, with_ended=execution is not None)
            name = row.hub_name
            if execution and execution[1] is not None:
                for transfer in self._transfers:
                    transfer(session, person, execution[1])
            parts = [part for leave in self._leaves for part in leave(session, person)]
            items = [_of_capability(part, is_done=execution is not None) for part in parts]
            items.append(_item("home", 1, "left", self._home(name)))
            items.append(_item("log-in", 1, "left", self._log_in))
            if execution is None:
                session.rollback()
                return items
            who, successor = execution
            people.end(session, row)
            counts: dict[str, object] = {item.what: item.count for item in items}
            after = counts | {"successor": successor}
            self._record(session, who, "people.offboard", f"{person}/{name}", after=after)
        return items

    @staticmethod
    def _report(
        person: int, name: str, items: Sequence[OffboardingItem], *, is_done: bool
    ) -> Offboarding:
        return Offboarding(person_id=person, name=name, is_done=is_done, items=tuple(items))


def _of_capability(part: LeavingItem, *, is_done: bool) -> OffboardingItem:
    if not part.number:
        state = "none"
    elif part.is_left:
        state = "left"
    else:
        state = "done" if is_done else "planned"
    return _item(part.what, part.number, state, part.detail)


def _item(what: str, count: int, state: str, detail: str) -> OffboardingItem:
    values = {"what": what, "count": count, "state": state, "detail": detail}
    return OffboardingItem.model_validate(values)


def _find(session: Session, person: int, *, with_ended: bool = False) -> PersonRow:
    row = session.get(PersonRow, person)
    is_there = row is not None and row.merged_into is None and (with_ended or row.ended is None)
    if row is None or not is_there:
        raise NotFound(
            "There is no such person",
            reason="Nobody has that number, or the account is gone already.",
            remedy="Look at the list of people.",
        )
    return row


def _refused(response: httpx.Response) -> BackendUnavailable:
    return BackendUnavailable(
        "The person was not off-boarded",
        reason=f"JupyterHub answered {response.status_code} to"
        f" {response.request.method} {response.request.url.path}.",
        remedy="Stop the person's servers in JupyterHub's admin page, and try again. The hub service's role needs"
        " delete:users, read:shares and read:tokens.",
    )
