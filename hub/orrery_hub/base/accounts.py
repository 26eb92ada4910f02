"""The accounts of JupyterHub, and which person each of them is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from orrery_hub.base import people
from orrery_hub.base.contracts import RecordChange, Renamed, Transfer, no_record
from orrery_hub.base.db import Database
from orrery_hub.base.hub_models import Activity
from orrery_hub.base.people import PersonRow
from orrery_wire.errors import BackendUnavailable, Forbidden
from orrery_wire.names import is_user_name, path_of

log = logging.getLogger("orrery_hub.accounts")

PAGE = 200
_PAGINATION = {"Accept": "application/jupyterhub-pagination+json"}
_ASK_SECONDS = 5.0
_MAX_CACHED = 50_000
# A merge on the command line of this machine is followed after so long.
_BELIEVED_SECONDS = 4.0
# From how many names on it is cheaper to read every account than one account after the other: this many, and of a hub
# with many accounts one in so many.
_MANY = 20
_SHARE = 10
# So many people are bound to their accounts in one transaction, which has to end within the database's time limit.
_PIECE = 200


@dataclass(frozen=True)
class Account:
    """An account of JupyterHub: a name, and when it was created; None where JupyterHub has forgotten it.

    Those two are the account; whether it administers and its groups are what was so when it was read.
    """

    name: str
    created: datetime | None
    admin: bool = field(default=False, compare=False)
    groups: frozenset[str] = field(default_factory=frozenset, compare=False)


def account_of(model: Mapping[str, Any]) -> Account:
    """The account in JupyterHub's model of a user.

    Raises:
        BackendUnavailable: the model does not say when the account was created.
    """
    if "created" not in model:
        raise BackendUnavailable(
            "The hub cannot say who you are",
            reason="JupyterHub does not let the hub service see when an account was created.",
            remedy="Ask an administrator of the hub to give the role of the service the scope read:users.",
        )
    groups = frozenset(model.get("groups") or ())
    moment = _moment(model["created"])
    return Account(str(model["name"]), moment, bool(model.get("admin")), groups)


def _moment(text: str | None) -> datetime | None:
    moment = datetime.fromisoformat(text) if text else None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment


class Accounts:
    """Asks JupyterHub about accounts, and keeps the table of people true to the answers."""

    def __init__(
        self,
        database: Database,
        hub: httpx.AsyncClient,
        *,
        merges: Sequence[Transfer] = (),
        renames: Sequence[Renamed] = (),
        record: RecordChange = no_record,
    ) -> None:
        self._database = database
        self._hub = hub
        self._merges = merges
        self._renames = renames
        self._record = record
        self._ids: dict[Account, tuple[float, int]] = {}
        self._turn = asyncio.Lock()
        self._activity: dict[str, Activity] = {}

    def activity(self, name: str) -> Activity | None:
        """What JupyterHub said of an account minutes ago at most; None before it was asked."""
        return self._activity.get(name)

    async def read(self, name: str) -> Account | None:
        """The account of a name; None if JupyterHub has none.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        if not is_user_name(name):
            return None
        try:
            response = await self._hub.get(f"/{path_of('users', name)}", timeout=_ASK_SECONDS)
            if response.status_code == httpx.codes.NOT_FOUND:
                return None
            return account_of(response.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as problem:
            raise _no_answer() from problem

    async def read_all(self) -> list[Account]:
        """Every account, in pages.

        Raises:
            BackendUnavailable: JupyterHub does not answer.
        """
        accounts: list[Account] = []
        activity: dict[str, Activity] = {}
        offset: int | None = 0
        try:
            while offset is not None:
                query = {"offset": offset, "limit": PAGE}
                response = await self._hub.get("/users", params=query, headers=_PAGINATION)
                page = response.raise_for_status().json()
                items = page["items"]
                accounts += [account_of(item) for item in items]
                for item in items:
                    activity[str(item["name"])] = Activity(
                        bool(item.get("admin")), _moment(item.get("last_activity"))
                    )
                offset = offset + len(items) if page["_pagination"]["next"] and items else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
            raise _no_answer() from problem
        self._activity = activity
        return accounts

    async def identify(self, account: Account) -> int:
        """The id of the person whose account it is; a new person, if it is nobody's.

        Raises:
            BackendUnavailable: JupyterHub or the database does not answer.
            Forbidden: the person was off-boarded.
        """
        if (id_ := self._remembered(account)) is not None:
            return id_
        async with self._turn:
            if (id_ := self._remembered(account)) is None:
                id_ = await self._identify(account)
        return id_

    def _remembered(self, account: Account) -> int | None:
        until, id_ = self._ids.get(account, (0.0, None))
        return id_ if until > time.monotonic() else None

    def forget(self) -> None:
        """Look everybody up again, after people were merged; safe to call from any thread."""
        self._ids = {}

    async def confirm(self, names: Iterable[str]) -> None:
        """Compare the people of some names with their accounts."""
        unique = set(names)
        if len(unique) > max(_MANY, len(self._activity) // _SHARE):
            accounts = {account.name: account for account in await self.read_all()}
            matches = [accounts[name] for name in unique & accounts.keys()]
        else:
            answers = [await self.read(name) for name in sorted(unique)]
            matches = [account for account in answers if account is not None]
        if matches:
            async with self._turn:
                await asyncio.to_thread(self._bind, matches)

    async def reconcile(self) -> None:
        """Compare everybody with JupyterHub's accounts: who was renamed, and whose account is gone."""
        accounts = await self.read_all()
        async with self._turn:
            await asyncio.to_thread(self._bind, accounts)
            lost = await asyncio.to_thread(self._lost, {account.name for account in accounts})
        by_moment: dict[datetime, list[Account]] = {}
        for account in accounts:
            if account.created is not None:
                by_moment.setdefault(account.created, []).append(account)
        for name, created in lost:
            # Accounts that come and go while pages are read shift what is on the next page.
            if await self.read(name) is not None:
                continue
            successors = by_moment.get(created, [])
            if len(successors) == 1 and created.microsecond:
                with contextlib.suppress(Forbidden):  # of somebody who was off-boarded
                    await self.identify(successors[0])
            async with self._turn:
                await asyncio.to_thread(self._end, name, created)

    async def _identify(self, account: Account) -> int:
        id_ = await asyncio.to_thread(self._known, account)
        if id_ is None:
            former = await asyncio.to_thread(self._former, account)
            is_renamed = former is not None and await self._is_renamed(former, account)
            id_ = await asyncio.to_thread(self._store, account, former if is_renamed else None)
        if len(self._ids) >= _MAX_CACHED:
            self._ids = {}
        self._ids[account] = (time.monotonic() + _BELIEVED_SECONDS, id_)
        return id_

    def _known(self, account: Account) -> int | None:
        """The id of the person whose account it was when last seen; None if that is to be decided."""
        with self._database.read() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.hub_name == account.name))
            if row is None or row.ended is not None or row.hub_created is None:
                return None
            if row.hub_created != account.created:
                return None
            people.require_admitted(session, row)
            return people.current(session, row).id

    def _former(self, account: Account) -> tuple[int, str] | None:
        """Who may have had the account under another name: id and name; None if nobody, or if several may."""
        with self._database.read() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.hub_name == account.name))
            if (
                row is not None
                and row.hub_created is not None
                and row.hub_created == account.created
            ):
                return None
            rows = people.same_creation(session, account.created)
            if len(rows) > 1:
                log.warning("the account %r was created with %d others", account.name, len(rows))
            return (rows[0].id, rows[0].hub_name) if len(rows) == 1 else None

    async def _is_renamed(self, former: tuple[int, str], account: Account) -> bool:
        """Whether the account is the former one under another name: that is gone, and no third one is as old."""
        old = await self.read(former[1])
        if old is not None and old.created == account.created:
            return False
        twins = [other for other in await self.read_all() if other.created == account.created]
        if len(twins) != 1:
            log.warning("%d accounts were created when %r was", len(twins), account.name)
        return len(twins) == 1

    def _store(self, account: Account, former: tuple[int, str] | None) -> int:
        with self._database.write() as session:
            renamed = session.get(PersonRow, former[0]) if former else None
            row = self._identified(session, account, renamed)
            return row.id

    def _identified(
        self, session: Session, account: Account, renamed: PersonRow | None
    ) -> PersonRow:
        holder = session.scalar(select(PersonRow).where(PersonRow.hub_name == account.name))
        if renamed is not None:
            people.require_admitted(session, renamed)
        elif holder is not None and people.is_account(holder, account.created):
            people.require_admitted(session, holder)
        old_name = renamed.hub_name if renamed is not None else ""
        if renamed is not None and holder is not None and holder.hub_created is None:
            # Somebody was invited by the name that this person has now.
            people.merge(session, holder, renamed, self._merges)
            self._record(session, "orrery", "people.merge", f"{holder.id}/{renamed.id}")
            holder = None
        row = people.identify(session, account.name, account.created, renamed=renamed)
        if holder is not None and holder.hub_name != account.name:
            self._record_loss(session, holder, account.name)
        if renamed is not None:
            log.info("person %d was renamed", row.id)
            for follow in self._renames:
                follow(session, row.id)
            self._record(session, "orrery", "people.rename", f"{old_name}/{row.hub_name}")
        return row

    def _bind(self, accounts: Sequence[Account]) -> None:
        """Note the accounts of people who were invited; end those whose name another account has by now.

        That account is nobody's yet, and through the name it would get what is the other's.
        """
        by_name = {account.name: account for account in accounts}
        with self._database.read() as session:
            # Columns, for to make objects of ten thousand people takes a large part of a second.
            live = select(PersonRow.id, PersonRow.hub_name, PersonRow.hub_created).where(
                PersonRow.ended.is_(None)
            )
            if len(by_name) <= _MANY:
                live = live.where(PersonRow.hub_name.in_(by_name))
            pending = [
                id_
                for id_, name, created in session.execute(live)
                if name in by_name and created != by_name[name].created
            ]
        for start in range(0, len(pending), _PIECE):
            self._bind_some(pending[start : start + _PIECE], by_name)

    def _bind_some(self, ids: Sequence[int], by_name: Mapping[str, Account]) -> None:
        """The same for a few people, in a transaction of their own: others change things in between."""
        with self._database.write() as session:
            for row in session.scalars(select(PersonRow).where(PersonRow.id.in_(ids))).all():
                account = by_name.get(row.hub_name)
                if account is None or row.hub_created == account.created:
                    continue
                if people.same_creation(session, account.created):
                    continue  # somebody was renamed; that is decided when the person comes
                if people.is_account(row, account.created):
                    row.hub_created = account.created
                else:
                    people.lose_account(session, row)
                    self._record_loss(session, row, account.name)

    def _lost(self, names: set[str]) -> list[tuple[str, datetime]]:
        """The people whose name no account has, as name and moment of their account."""
        query = select(PersonRow.hub_name, PersonRow.hub_created).where(
            PersonRow.ended.is_(None), PersonRow.hub_created.is_not(None)
        )
        with self._database.read() as session:
            rows = session.execute(query)
            return [(name, moment) for name, moment in rows if moment and name not in names]

    def _end(self, name: str, created: datetime) -> None:
        with self._database.write() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.hub_name == name))
            if row is not None and row.hub_created == created and row.ended is None:
                people.lose_account(session, row)
                self._record_loss(session, row, name)

    def _record_loss(self, session: Session, row: PersonRow, name: str) -> None:
        log.info("the account of person %d is gone", row.id)
        if row.ended is not None:
            self._record(session, "orrery", "people.end", f"{row.id}/{name}")
            return
        # The person goes on under the name of another account that is theirs.
        for follow in self._renames:
            follow(session, row.id)
        self._record(session, "orrery", "people.rename", f"{name}/{row.hub_name}")


def _no_answer() -> BackendUnavailable:
    return BackendUnavailable(
        "The hub cannot say who you are",
        reason="JupyterHub did not answer the hub service.",
        remedy="Try again in a moment.",
    )
