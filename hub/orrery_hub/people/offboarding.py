"""Off-boarding: everything that a person has is ended or named, in one action that can be repeated.

The order is what makes it safe. First no account of the person is admitted any more, so that nothing new begins. Then
the servers stop and the accounts at JupyterHub are deleted: that ends tokens, browser sessions and shares, and the
service needs no right to act as somebody. Then what nobody can take over ends: leases, requests, roles. Only what is
left is handed to a successor, and what nobody takes is reported with the place where it lies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.bulk import BulkAction, BulkItem
from orrery_hub.base.contracts import Leases, Leave, LeavingItem, RecordChange, Transfer, no_record
from orrery_hub.base.db import Database, now
from orrery_hub.base.people import PersonRow
from orrery_hub.people.hub_accounts import AtHub, HubAccounts, LeavingAccount
from orrery_hub.people.schemas import Offboarding, OffboardingIn, OffboardingItem
from orrery_wire.errors import Conflict, Invalid, NotFound

_MAX_ID = 2**31 - 1
# How long servers may take to stop: while somebody waits for the answer, and in a job.
_STOP_SECONDS = 20.0
_JOB_STOP_SECONDS = 300.0


async def _follow_nobody() -> None:
    """Nobody was renamed."""


def leaving_leases(leases: Leases) -> Leave:
    """What ends the leases of somebody who leaves."""

    def leave(session: Session, person: int) -> Sequence[LeavingItem]:
        held = leases.open(session, person_id=person)
        ended = [lease for lease in held if not lease.is_left_running]
        for lease in ended:
            leases.end(session, lease.id, "the person has left")
        detail = "Devices and memory that servers hold or that are reserved."
        items = [LeavingItem("leases", len(ended), False, detail)]
        if left := len(held) - len(ended):
            detail = "Held by servers that could not be stopped and may run on: remove their processes or pods by hand."
            items.append(LeavingItem("leases_left", left, True, detail))
        return tuple(items)

    return leave


class Offboarder:
    """Ends what a person has.

    ``leaves`` end what nobody can take over, ``transfers`` give the rest to a successor, and ``content_leaves`` end or
    name what is left then. ``home`` says where the data of an account lies, ``log_in`` what lets the person log in
    again. ``on_change`` is called when an account is not admitted any more, ``follow`` to learn from JupyterHub who was
    renamed.
    """

    def __init__(
        self,
        database: Database,
        accounts: HubAccounts,
        *,
        leaves: Sequence[Leave] = (),
        content_leaves: Sequence[Leave] = (),
        transfers: Sequence[Transfer] = (),
        record: RecordChange = no_record,
        home: Callable[[str], str] = lambda name: name,
        log_in: str = "",
        on_change: Callable[[], None] = lambda: None,
        follow: Callable[[], Awaitable[None]] = _follow_nobody,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._leaves = leaves
        self._content_leaves = content_leaves
        self._transfers = transfers
        self._record = record
        self._home = home
        self._log_in = log_in
        self._on_change = on_change
        self._follow = follow

    async def plan(self, person: int) -> Offboarding:
        """What off-boarding would end, and what it would leave; changes nothing."""
        name, accounts = await asyncio.to_thread(self._look, person)
        items = _items_of_hub(
            [await self._accounts.look(account) for account in accounts], "planned"
        )
        items += await asyncio.to_thread(self._in_orrery, person, None)
        return self._report(person, name, items, is_done=False)

    async def run(
        self,
        who: str,
        person: int,
        request: OffboardingIn,
        *,
        stop_seconds: float = _STOP_SECONDS,
    ) -> Offboarding:
        """Off-board a person; once more goes on with what was not finished.

        Raises:
            NotFound: there is no such person, or nobody to take over.
            Conflict: it is the person who asks, or the one who is to take over cannot.
            BackendUnavailable: JupyterHub does not answer, or servers do not stop; what was done stays done, and the
                person is not admitted.
        """
        name, accounts = await asyncio.to_thread(self._check, who, person, request.successor)
        present = [await self._accounts.look(account) for account in accounts]
        if any(not (account.is_there or account.is_another) for account in present):
            # Deleted, or renamed a moment ago: the person would come back under the other name.
            await self._follow()
            name, accounts = await asyncio.to_thread(self._check, who, person, request.successor)
            present = [await self._accounts.look(account) for account in accounts]
        await asyncio.to_thread(self._refuse_accounts, who, person)
        self._on_change()
        for account in present:
            if account.is_there:
                await self._accounts.end(account.account, stop_seconds)
        items = _items_of_hub(present, "done")
        items += await asyncio.to_thread(self._in_orrery, person, (who, request.successor))
        self._on_change()
        return self._report(person, name, items, is_done=True)

    def bulk_action(self) -> BulkAction:
        """The same for many people, as a job, which has progress and goes on after a restart."""

        async def check(item: BulkItem) -> str:
            person, request = _person_of(item.target), _request_of(item)
            await asyncio.to_thread(self._check, item.who, person, request.successor)
            plan = await self.plan(person)
            return f"{plan.name}: {_summary(plan)}."

        async def apply(item: BulkItem) -> str:
            person, request = _person_of(item.target), _request_of(item)
            if await asyncio.to_thread(self._is_over, person):
                return "Off-boarded already."
            report = await self.run(item.who, person, request, stop_seconds=_JOB_STOP_SECONDS)
            return f"{_summary(report)}."

        name, title = "people.offboard", "Off-board people"
        return BulkAction(name, title, check, apply, options=("successor",))

    def _is_over(self, person: int) -> bool:
        with self._database.read() as session:
            row = session.get(PersonRow, person)
            return row is not None and row.handed_over is not None

    def _look(self, person: int) -> tuple[str, Sequence[LeavingAccount]]:
        with self._database.read() as session:
            row = _find(session, person)
            return people.former_name(row), _leaving(session, row)

    def _check(
        self, who: str, person: int, successor: int | None
    ) -> tuple[str, Sequence[LeavingAccount]]:
        with self._database.read() as session:
            row = _find(session, person)
            accounts = _leaving(session, row)
            if who in {account.name for account in accounts}:
                raise Conflict(
                    "You cannot off-board yourself",
                    reason="Your own log-in would end half way.",
                    remedy="Ask another administrator of the hub.",
                )
            if successor is not None:
                _require_taker(session, row, successor)
            return people.former_name(row), accounts

    def _refuse_accounts(self, who: str, person: int) -> None:
        """Admit no account of the person from now on."""
        with self._database.write() as session:
            row = _find(session, person)
            rows = people.accounts(session, row)
            for account in {row, *rows}:
                account.offboarded = account.offboarded or now()
            names = sorted(account.hub_name for account in rows)
            after: dict[str, object] = {"accounts": names}
            on = f"{person}/{people.former_name(row)}"
            self._record(session, who, "people.offboard.begin", on, after=after)

    def _in_orrery(
        self, person: int, execution: tuple[str, int | None] | None
    ) -> list[OffboardingItem]:
        """What every capability ends or leaves; without ``execution`` (who, successor) nothing is changed."""
        with self._database.write() as session:
            row = _lock(session, person, execution[1] if execution else None)
            name = people.former_name(row)
            # Of who was deleted at JupyterHub before, only the last account's name is known.
            rows = people.accounts(session, row) or [row]
            parts = [part for leave in self._leaves for part in leave(session, person)]
            if execution and execution[1] is not None:
                for transfer in self._transfers:
                    transfer(session, person, execution[1])
            parts += [part for leave in self._content_leaves for part in leave(session, person)]
            items = [_of_capability(part, is_done=execution is not None) for part in parts]
            homes = " ".join(self._home(people.former_name(account)) for account in rows)
            items.append(_item("home", len(rows), "left", homes))
            items.append(_item("log-in", len(rows), "left", self._log_in))
            if execution is None:
                session.rollback()
                return items
            who, successor = execution
            for account in rows:
                if account.ended is None:
                    people.end(session, account)
            row.handed_over = now()
            counts: dict[str, object] = {item.what: item.count for item in items}
            after = counts | {"successor": successor}
            self._record(session, who, "people.offboard", f"{person}/{name}", after=after)
        return items

    @staticmethod
    def _report(
        person: int, name: str, items: Sequence[OffboardingItem], *, is_done: bool
    ) -> Offboarding:
        return Offboarding(person_id=person, name=name, is_done=is_done, items=tuple(items))


def _leaving(session: Session, row: PersonRow) -> Sequence[LeavingAccount]:
    rows = people.accounts(session, row)
    return [LeavingAccount(account.hub_name, account.hub_created) for account in rows]


def _items_of_hub(accounts: Sequence[AtHub], state: str) -> list[OffboardingItem]:
    """What ends with the accounts at JupyterHub, in sum."""
    there = [account for account in accounts if account.is_there]
    names = ", ".join(account.account.name for account in there)
    detail = f"{names}: deleted at JupyterHub; the name is another person's then."
    others = [account.account.name for account in accounts if account.is_another]
    items = [
        _item("account", len(there), state, detail)
        if there
        else _item("account", 0, "none", "JupyterHub has no such account any more.")
    ]
    if others:
        words = "has been deleted and given again at JupyterHub: that account is another person's."
        items.append(_item("name", len(others), "left", f"{', '.join(others)} {words}"))
    if not there:
        return items
    servers = [(item.account.name, server) for item in there for server in item.servers]
    titles = ", ".join(f"{server or 'the default server'} of {name}" for name, server in servers)
    tokens, shares = sum(item.tokens for item in there), sum(item.shares for item in there)
    return [
        *items,
        _item("servers", len(servers), state if servers else "none", titles),
        _item("tokens", tokens, state, "Personal access tokens and browser sessions."),
        _item("shares", shares, state, "Servers shared by and with the person."),
    ]


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


def _summary(report: Offboarding) -> str:
    parts = [f"{item.count} {item.what}" for item in report.items if item.state != "none"]
    return ", ".join(parts)


def _request_of(item: BulkItem) -> OffboardingIn:
    successor = item.arguments.get("successor", "")
    return OffboardingIn(successor=_person_of(successor) if successor else None)


def _person_of(target: str) -> int:
    if not target.isdecimal() or not 1 <= int(target[:12]) <= _MAX_ID:
        raise Invalid(
            f"{target!r} is no person",
            reason="A person is a number here, for a name may be given again.",
            remedy="Take the number from the list of people.",
        )
    return int(target)


def _find(session: Session, person: int, *, lock: bool = False) -> PersonRow:
    """The person to off-board: also one whose account is gone, as long as something may be left here."""
    row = session.get(PersonRow, person, with_for_update=lock, populate_existing=lock)
    if row is None or row.merged_into is not None or row.handed_over is not None:
        raise NotFound(
            "There is no such person",
            reason="Nobody has that number, or the person was off-boarded already.",
            remedy="Look at the list of people.",
        )
    return row


def _require_taker(session: Session, row: PersonRow, successor: int, *, lock: bool = False) -> None:
    """Refuse to hand over to a person who cannot take it.

    Raises:
        NotFound: there is no such person.
        Conflict: that person has no account, or is the one who leaves.
    """
    taker = session.get(PersonRow, successor, with_for_update=lock, populate_existing=lock)
    if taker is None:
        raise NotFound(
            "There is nobody to take over",
            reason="Nobody has that number.",
            remedy="Look at the list of people.",
        )
    if taker is row or taker.merged_into is not None or not people.can_act(taker):
        raise Conflict(
            f"{taker.hub_name!r} cannot take over",
            reason="It is the same person, the account is gone or another person's, or it is an invitation.",
            remedy="Name a person who has an account.",
        )


def _lock(session: Session, person: int, successor: int | None) -> PersonRow:
    """The person, with the one who takes over: neither leaves or is merged while the one gives to the other."""
    if successor is None:
        return _find(session, person, lock=True)
    # Everybody locks in the same order: two who leave and name each other never wait for each other.
    if successor < person:
        session.get(PersonRow, successor, with_for_update=True)
    row = _find(session, person, lock=True)
    _require_taker(session, row, successor, lock=True)
    return row
