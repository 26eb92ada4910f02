"""Whose account it is: deleted and given again, renamed, invited; nobody becomes somebody else."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import delete, select

from orrery_hub.audit.schemas import AuditQuery
from orrery_hub.audit.service import AuditService, record
from orrery_hub.base import people
from orrery_hub.base.accounts import Account, Accounts
from orrery_hub.base.db import Database
from orrery_hub.pools.store import LeaseRow
from orrery_hub.projects import store as projects
from orrery_hub.snippets import store as snippets
from orrery_wire.errors import BackendUnavailable

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
TRANSFERS = (projects.transfer, snippets.transfer)


class HubUsers:
    """JupyterHub's accounts, in pages of two."""

    def __init__(self) -> None:
        self.created: dict[str, datetime | None] = {}
        self.away = False
        self.hidden = False
        self._count = 0

    def add(self, name: str, created: datetime | None = None) -> Account:
        self._count += 1
        self.created[name] = created or MOMENT + timedelta(seconds=self._count)
        return Account(name, self.created[name])

    def rename(self, old: str, new: str) -> Account:
        self.created[new] = self.created.pop(old)
        return Account(new, self.created[new])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody listens")
        _, _, name = request.url.path.partition("/users/")
        if name:
            model = self._model(name) if name in self.created else None
            return httpx.Response(200, json=model) if model else httpx.Response(404)
        offset = int(request.url.params["offset"])
        names = sorted(self.created)
        items = [self._model(n) for n in names[offset:][:2]]
        following = {"offset": offset + 2} if offset + 2 < len(names) else None
        return httpx.Response(200, json={"items": items, "_pagination": {"next": following}})

    def _model(self, name: str) -> dict[str, str | None]:
        created = self.created[name]
        text = created.isoformat().replace("+00:00", "Z") if created else None
        return {"name": name} if self.hidden else {"name": name, "created": text}


class World:
    """A database, JupyterHub's accounts, and what the service thinks of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.hub = HubUsers()
        self._loop = asyncio.new_event_loop()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.hub), base_url="http://hub")
        self.renamed: list[int] = []
        self.accounts = Accounts(
            database,
            client,
            merges=TRANSFERS,
            renames=[lambda _, person: self.renamed.append(person)],
            record=record,
        )

    def comes(self, account: Account) -> int:
        return self._loop.run_until_complete(self.accounts.identify(account))

    def compare(self) -> None:
        self._loop.run_until_complete(self.accounts.reconcile())

    def confirm(self, *names: str) -> None:
        self._loop.run_until_complete(self.accounts.confirm(names))

    def invite(self, name: str) -> int:
        with self.database.write() as session:
            return people.find_or_invite(session, name).id

    def row(self, id: int) -> people.PersonRow:
        with self.database.read() as session:
            return session.get_one(people.PersonRow, id)

    def audited(self) -> list[str]:
        return [entry.what for entry in AuditService(self.database).page(AuditQuery()).items][::-1]

    def close(self) -> None:
        self._loop.close()


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with database.write() as session:
        session.execute(delete(LeaseRow))
        session.execute(delete(people.PersonRow))
    world = World(database)
    yield world
    world.close()


def test_the_same_account_is_the_same_person(world: World) -> None:
    ann, bob = world.hub.add("ann2"), world.hub.add("bob2")
    ids = [world.comes(account) for account in (ann, bob, ann)]
    assert ids[0] == ids[2] != ids[1]
    world.accounts.forget()
    assert world.comes(ann) == ids[0]
    assert world.audited() == []


@pytest.mark.parametrize("seen_between", [False, True])
def test_a_name_that_is_given_again_is_another_person(world: World, seen_between: bool) -> None:
    old = world.comes(world.hub.add("eve"))
    del world.hub.created["eve"]
    if seen_between:
        world.compare()
    new = world.comes(world.hub.add("eve"))
    assert new != old
    assert world.row(old).ended is not None
    assert world.row(old).hub_name == f"eve (deleted {old})"
    assert (world.row(new).hub_name, world.row(new).ended) == ("eve", None)
    assert world.audited() == ["people.end"]


def test_a_given_name_is_free_before_its_new_owner_comes(world: World) -> None:
    """Groups go by name: the background comparison must not give the new account the old one's."""
    old = world.comes(world.hub.add("eve"))
    world.hub.add("eve")
    world.confirm("eve")
    assert world.row(old).ended is not None


@pytest.mark.parametrize("how", ["visit", "comparison"])
def test_a_renamed_account_is_the_same_person(world: World, how: str) -> None:
    id_ = world.comes(world.hub.add("eve"))
    renamed = world.hub.rename("eve", "eva")
    if how == "comparison":
        world.compare()
        assert world.row(id_).hub_name == "eva"
    assert world.comes(renamed) == id_
    assert (world.row(id_).hub_name, world.row(id_).ended) == ("eva", None)
    assert world.audited() == ["people.rename"]
    assert world.renamed == [id_]
    # The old name is anybody's.
    assert world.comes(world.hub.add("eve")) != id_


def test_two_who_swap_their_names_stay_who_they_are(world: World) -> None:
    eve, fay = world.hub.add("eve"), world.hub.add("fay")
    ids = (world.comes(eve), world.comes(fay))
    world.hub.created |= {"eve": fay.created, "fay": eve.created}
    assert world.comes(Account("fay", eve.created)) == ids[0]
    assert world.comes(Account("eve", fay.created)) == ids[1]
    assert [world.row(id_).hub_name for id_ in ids] == ["fay", "eve"]
    assert [world.row(id_).ended for id_ in ids] == [None, None]


def test_a_chain_of_renames_stays_one_person(world: World) -> None:
    id_ = world.comes(world.hub.add("n0"))
    for number in range(5):
        assert world.comes(world.hub.rename(f"n{number}", f"n{number + 1}")) == id_


@pytest.mark.parametrize(
    "case", ["old name is there", "a third is as old", "whole seconds", "no moment"]
)
def test_where_a_rename_is_not_certain_nobody_is_merged(world: World, case: str) -> None:
    moment = MOMENT.replace(microsecond=0) if case == "whole seconds" else MOMENT
    eve = world.hub.add("eve", moment)
    if case == "no moment":
        world.hub.created["eve"] = None
        eve = Account("eve", None)
    id_ = world.comes(eve)
    if case != "old name is there":
        del world.hub.created["eve"]
    if case == "a third is as old":
        world.hub.add("gus", moment)
    world.hub.created["fay"] = eve.created
    assert world.comes(Account("fay", eve.created)) != id_
    world.compare()
    assert "people.rename" not in world.audited()
    assert "people.merge" not in world.audited()


def test_who_was_invited_is_whoever_gets_the_name(world: World) -> None:
    id_ = world.invite("Guest")
    assert world.row(id_).hub_name == "guest"
    assert world.comes(world.hub.add("guest")) == id_
    assert world.invite("guest") == id_
    # An invitation is for the account of then: it does not go to one that has the name later.
    again = world.comes(world.hub.add("guest"))
    assert again != id_
    assert world.invite("GUEST") == again


def test_an_invited_name_that_existed_is_bound_at_once(world: World) -> None:
    world.hub.add("guest")
    id_ = world.invite("guest")
    world.confirm("guest", "nobody")
    assert world.row(id_).hub_created == world.hub.created["guest"]
    assert world.comes(world.hub.add("guest")) != id_


def test_a_visit_before_the_account_was_made_was_somebody_elses(world: World) -> None:
    """As after an upgrade: a person is known by the name and the first visit alone."""
    id_ = world.invite("eve")
    with world.database.write() as session:
        session.get_one(people.PersonRow, id_).first_visit = MOMENT
    assert world.comes(world.hub.add("eve", MOMENT + timedelta(days=1))) != id_
    assert world.comes(Account(f"eve (deleted {id_})", MOMENT)) != id_


def test_a_renamed_person_takes_over_what_the_new_name_was_invited_to(world: World) -> None:
    id_ = world.comes(world.hub.add("eve"))
    with world.database.write() as session:
        project = projects.ProjectRow(
            slug="s", key="s", name="S", description="", created=MOMENT, updated=MOMENT
        )
        session.add(project)
        session.flush()
        invited = people.find_or_invite(session, "eva").id
        projects.set_role(session, project, invited, "editor")
    assert world.comes(world.hub.rename("eve", "eva")) == id_
    with world.database.read() as session:
        assert [role for _, _, role in projects.memberships(session, id_)] == ["editor"]
    assert world.invite("eva") == id_
    assert world.audited() == ["people.merge", "people.rename"]


def test_a_comparison_ends_nobody_whose_account_is_there(world: World) -> None:
    ids = [world.comes(world.hub.add(f"u{number}")) for number in range(7)]
    waiting = world.invite("not-yet")
    del world.hub.created["u3"]
    for _ in range(2):
        world.compare()
    assert [id_ for id_ in ids if world.row(id_).ended] == [ids[3]]
    assert world.row(waiting).ended is None
    assert world.audited().count("people.end") == 1 + _others(world)


def _others(world: World) -> int:
    """The people of the fixtures, whom this JupyterHub does not have."""
    with world.database.read() as session:
        rows = session.query(people.PersonRow).filter(people.PersonRow.id >= 1_000)
        return sum(row.ended is not None for row in rows if not row.hub_name.startswith("u3"))


def test_an_absent_or_secretive_hub_is_said_and_changes_nothing(world: World) -> None:
    id_ = world.comes(world.hub.add("eve"))
    account = world.hub.add("eve")
    for attribute in ("away", "hidden"):
        setattr(world.hub, attribute, True)
        with pytest.raises(BackendUnavailable) as caught:
            world.compare()
        assert caught.value.remedy
        assert world.row(id_).ended is None
        setattr(world.hub, attribute, False)
    assert world.comes(account) != id_


def test_many_first_visits_at_once_are_one_person(world: World) -> None:
    account = world.hub.add("eve")

    async def visit() -> list[int]:
        return await asyncio.gather(*(world.accounts.identify(account) for _ in range(50)))

    assert len(set(world._loop.run_until_complete(visit()))) == 1


@pytest.mark.parametrize("label", ["deleted", "merged"])
def test_no_invitation_takes_the_label_of_who_is_gone(world: World, label: str) -> None:
    number = world.invite("mona") if label == "merged" else world.comes(world.hub.add("mona"))
    taken = [f"mona ({label} {n})" for n in range(number + 3)]
    for name in taken:
        world.invite(name)
    if label == "merged":
        other = world.comes(world.hub.add("nora"))
        world.hub.rename("nora", "mona")
        assert world.comes(Account("mona", world.hub.created["mona"])) == other
    else:
        del world.hub.created["mona"]
        world.compare()
        assert world.comes(world.hub.add("mona")) != number
    name = world.row(number).hub_name
    assert name.startswith(f"mona ({label} {number}")
    assert name not in taken


def merge(world: World, source: int, target: int) -> None:
    with world.database.write() as session:
        giver, taker = (session.get_one(people.PersonRow, id_) for id_ in (source, target))
        people.merge(session, giver, taker, TRANSFERS)
    world.accounts.forget()


@pytest.mark.parametrize("how", ["visit", "comparison"])
@pytest.mark.parametrize("merges", [1, 2])
def test_a_merged_account_that_is_renamed_is_the_same_person(
    world: World, how: str, merges: int
) -> None:
    ids = [world.comes(world.hub.add(f"m{number}")) for number in range(merges + 1)]
    for source, target in itertools.pairwise(ids):
        merge(world, source, target)
    renamed = world.hub.rename("m0", "other")
    if how == "comparison":
        world.compare()
    assert world.comes(renamed) == ids[-1]
    assert (world.row(ids[0]).hub_name, world.row(ids[-1]).hub_name) == ("other", f"m{merges}")
    assert world.renamed == [ids[-1]]


def lease(account: int, person: int, reason: str) -> LeaseRow:
    """The lease of a running server of an account, which the reason names."""
    return LeaseRow(
        account_id=account,
        person_id=person,
        server_name="",
        devices=0,
        cpu=0,
        memory_bytes=0,
        is_spot=False,
        device_ids=[],
        options={},
        state="running",
        reserved_at=MOMENT,
        seen_at=MOMENT,
        end_reason=reason,
    )


def lease_accounts(world: World) -> dict[str, int]:
    with world.database.read() as session:
        return {row.end_reason: row.account_id for row in session.scalars(select(LeaseRow))}


def test_leases_tickets_and_uses_are_of_accounts() -> None:
    assert {column.table.name for column in people.account_columns()} == {
        "connection_use",
        "launch_failure",
        "lease",
        "ticket",
    }


@pytest.mark.parametrize("how", ["comparison", "name given again", "name given again, no visit"])
@pytest.mark.parametrize("merges", [1, 2])
def test_who_loses_one_of_two_accounts_goes_on_under_the_other(
    world: World, how: str, merges: int
) -> None:
    names = [f"m{number}" for number in range(merges + 1)]
    ids = [world.comes(world.hub.add(name)) for name in names]
    for source, target in itertools.pairwise(ids):
        merge(world, source, target)
    with world.database.write() as session:
        session.add_all(
            lease(id_, ids[-1], name) for id_, name in ((ids[0], "m0"), (ids[-1], names[-1]))
        )
    for name in names[1:]:
        del world.hub.created[name]
    if how != "comparison":
        stranger = world.hub.add(names[-1])
        if how == "name given again":
            assert world.comes(stranger) not in ids
        else:
            world.confirm(names[-1])
    world.compare()
    world.accounts.forget()
    person = world.row(ids[-1])
    assert (person.hub_name, person.ended, people.can_act(person)) == ("m0", None, True)
    assert person.hub_created == world.hub.created["m0"]
    assert world.comes(Account("m0", world.hub.created["m0"])) == person.id
    assert person.id in world.renamed
    # Of two servers of one name, the one of the account that is left is known by it, and the other one by no account.
    accounts = lease_accounts(world)
    assert accounts["m0"] == ids[-1]
    assert accounts[names[-1]] in ids[:-1]
    # The last account gone is the end of the person.
    del world.hub.created["m0"]
    world.compare()
    assert world.row(person.id).ended is not None


def test_both_accounts_gone_at_once_is_the_end(world: World) -> None:
    for names in (("y", "z"), ("z", "y")):
        old, new = (world.comes(world.hub.add(name)) for name in names)
        merge(world, old, new)
        for name in names:
            del world.hub.created[name]
        world.compare()
        assert world.row(new).ended is not None
        assert world.row(old).ended is not None


@pytest.mark.parametrize("interrupted", [False, True])
def test_many_people_get_their_accounts_in_bounded_pieces(
    world: World, monkeypatch: pytest.MonkeyPatch, interrupted: bool
) -> None:
    """A transaction has a time limit: what is too much for it would fail again at each retry."""
    monkeypatch.setattr("orrery_hub.base.accounts._PIECE", 3)
    names = [f"p{number}" for number in range(10)]
    ids = [world.invite(name) for name in names]
    for name in names:
        world.hub.add(name)
    sizes: list[int] = []
    bind = world.accounts._bind_some

    def count(pending: Sequence[int], accounts: Mapping[str, Account]) -> None:
        sizes.append(len(pending))
        if interrupted and len(sizes) == 2:
            raise BackendUnavailable("The database is busy", reason="Too much.", remedy="Again.")
        bind(pending, accounts)

    monkeypatch.setattr(world.accounts, "_bind_some", count)
    if interrupted:
        with pytest.raises(BackendUnavailable):
            world.compare()
    world.compare()
    assert sizes == ([3, 3, 3, 3, 1] if interrupted else [3, 3, 3, 1])
    assert [world.row(id_).hub_created for id_ in ids] == [world.hub.created[n] for n in names]
