"""Pools, queue and servers from Python; the SDK, magics and commands all call this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from orrery_kernels.client import Service
from orrery_kernels.errors import UsageError
from orrery_kernels.listing import Listing
from orrery_kernels.text import moment
from orrery_wire.types.base import Page
from orrery_wire.types.compute import (
    ComputeCalls,
    LaunchChoices,
    LaunchOptions,
    Lease,
    OwnServer,
    OwnServers,
    ProfileChoice,
    StartIn,
    Ticket,
    TicketIn,
)

# JupyterHub answers after ten seconds at most, and goes on.
START_SECONDS = 60.0
_GIB = 2**30
_MICROS = 1_000_000
_MINUTE = 60
_DEFAULT = "(default)"


class ProfileList(Listing[ProfileChoice]):
    """The profiles that a server may be started with."""

    head = ("Profile", "Pool", "Devices", "CPUs", "Memory", "Free", "Price", "Now")
    noun = "profiles"

    def __init__(self, choices: LaunchChoices) -> None:
        notes = () if choices["is_required"] else ("No profile is declared: servers just start.",)
        super().__init__(choices["profiles"], notes=notes)

    def cells(self, item: ProfileChoice) -> tuple[object, ...]:
        """The cells of the row of a profile."""
        free, price = item["free_devices"], item["price_micros"]
        return (
            item["slug"],
            item["pool_name"],
            item["devices"],
            f"{item['cpu']:g}",
            f"{item['memory_bytes'] / _GIB:g} GiB",
            "" if free is None else f"{free} of {item['pool_devices']}",
            "" if price is None else f"{price / _MICROS:.2f} {item['currency']}/h",
            item["reason"] or "can be started",
        )


class TicketList(Listing[Ticket]):
    """One page of requests for devices."""

    head = ("Id", "State", "Place", "Expected", "Pool", "Profile", "Server", "Why")
    noun = "requests"

    def __init__(self, page: Page[Ticket]) -> None:
        super().__init__(page["items"], page["total"])

    def cells(self, item: Ticket) -> tuple[object, ...]:
        """The cells of the row of a request."""
        until, cause = item["claim_until"], item["cause"]
        why = f"claim it until {moment(until)}" if until else (cause["text"] if cause else "")
        return (
            item["id"],
            item["state"],
            item["place"] or "",
            expected(item),
            item["pool_name"],
            item["profile"],
            item["server_name"] or _DEFAULT,
            why,
        )


class ServerList(Listing[OwnServer]):
    """The servers of the person."""

    head = ("Server", "State", "Started", "Active", "")
    noun = "servers"

    def __init__(self, servers: OwnServers) -> None:
        super().__init__(servers["items"])

    def cells(self, item: OwnServer) -> tuple[object, ...]:
        """The cells of the row of a server."""
        times = [moment(time) if time else "" for time in (item["started"], item["last_activity"])]
        mark = "this server" if item["is_current"] else ""
        return item["name"] or _DEFAULT, item["state"], *times, mark


def expected(ticket: Ticket) -> str:
    """The range of the expected wait in minutes; empty if the request does not wait."""
    wait = ticket["wait"]
    if wait is None:
        return ""
    low, high = (-(-wait[end] // _MINUTE) for end in ("low_seconds", "high_seconds"))
    return f"{low} to {high} min" if low != high else f"{high} min"


def launch_options(profile: str, project: str, choices: LaunchChoices | None) -> LaunchOptions:
    """A profile for a project, with what was chosen for this server last, as far as the profile takes it.

    The server adds environment and startup script, which code does not see.
    """
    options: LaunchOptions = {
        "profile": profile,
        "project": project,
        "image": "",
        "tag": "",
        "environment": {},
        "startup_script": "",
        "datasets": [],
    }
    last = choices["last"] if choices else None
    items = choices["profiles"] if choices else []
    choice = next((item for item in items if item["slug"] == profile), None)
    if last is None or choice is None:
        return options
    if last["image"] in choice["images"]:
        options["image"], options["tag"] = last["image"], last["tag"]
    known = {dataset["name"] for dataset in choice["datasets"]}
    options["datasets"] = [name for name in last["datasets"] if name in known]
    return options


class _ComputeService(Service):
    """What the parts of compute share. Every method raises ``OrreryError``."""

    @property
    def calls(self) -> ComputeCalls:
        """The server's routes of compute."""
        return ComputeCalls(self.client)


class Pools(_ComputeService):
    """The pools that the person may use, by their profiles."""

    def list(self) -> ProfileList:
        """The profiles that this server may be started with, with what is free, the price, and why not now."""
        return ProfileList(self.calls.launch_choices())

    def current(self) -> Lease | None:
        """What this server holds of a pool; None if it holds nothing."""
        calls = self.calls
        own = [server["name"] for server in calls.list_servers()["items"] if server["is_current"]]
        if not own:
            return None
        leases = calls.list_leases({"state": "open", "limit": 200})["items"]
        return next((lease for lease in leases if lease["server"] == own[0]), None)


class Queue(_ComputeService):
    """The person's requests for devices. A request is named by its id; None is the only one it can be."""

    def list(self, *, ended: bool = False, offset: int = 0, limit: int = 50) -> TicketList:
        """One page of requests, newest first.

        Args:
            ended: those that have ended too.
            offset: how many to pass over.
            limit: how many at most, up to 200.
        """
        return TicketList(
            self.calls.list_tickets({"is_open": not ended, "offset": offset, "limit": limit})
        )

    def get(self, ticket: int) -> Ticket:
        """One request, with its place, the expected wait and why it waits."""
        return self.calls.get_ticket(ticket)

    def request(
        self,
        profile: str,
        *,
        project: str = "",
        server: str | None = None,
        start: bool = False,
        priority: Literal["low", "normal"] = "normal",
    ) -> Ticket:
        """Request a profile for a server, which goes on as it is until the offer is claimed.

        Args:
            profile: the name of the profile.
            project: the project that the server works for.
            server: the name of the server, empty for the default one; None for this one.
            start: claim the offer without asking: the server is stopped and started anew as soon as there is room.
            priority: `low` lets others pass.
        """
        # What was chosen last is known of this server.
        choices = self.calls.launch_choices() if server is None else None
        options = launch_options(profile, project, choices)
        body: TicketIn = {"options": options, "auto_claim": start, "priority": priority}
        if server is not None:
            body["server_name"] = server
        return self.calls.request(body)

    def claim(self, ticket: int | None = None) -> Ticket:
        """Take the offer of a request: its server is started, and stopped before that if it runs elsewhere."""
        id_ = self._only(ticket, lambda item: item["state"] == "offered", "is offered")
        return self.calls.claim(id_, timeout=START_SECONDS)

    def cancel(self, ticket: int | None = None) -> int:
        """Do not wait any more; the id of the request."""
        id_ = self._only(ticket, lambda _: True, "is open")
        self.calls.cancel(id_)
        return id_

    def _only(self, ticket: int | None, may_be: Callable[[Ticket], bool], words: str) -> int:
        """The id of the request that is meant.

        Raises:
            UsageError: none is named, and there is none or several.
        """
        if ticket is not None:
            return ticket
        ids = [item["id"] for item in self.list(limit=200) if may_be(item)]
        if len(ids) != 1:
            many = f"{len(ids)} requests could be meant"
            raise UsageError(
                many if ids else f"No request {words}",
                remedy="Name it by its id; orrery queue list shows them.",
            )
        return ids[0]


class Servers(_ComputeService):
    """The person's servers. A server is named by its name, empty for the default one."""

    def list(self) -> ServerList:
        """The servers that start, run or stop; this one is marked."""
        return ServerList(self.calls.list_servers())

    def start(self, name: str, *, profile: str = "", project: str = "") -> None:
        """Start another server.

        Args:
            name: its name, empty for the default one.
            profile: what it is started with; what it was started with last, if not given.
            project: the project that it works for.
        """
        body: StartIn = {"server_name": name}
        if profile:
            body["options"] = launch_options(profile, project, None)
        elif project:
            raise UsageError("A project needs a profile", remedy="Name the profile too.")
        self.calls.start_server(body, timeout=START_SECONDS)

    def stop(self, name: str | None = None) -> None:
        """Stop a server, this one if none is named: then the program that calls this ends too."""
        self.calls.stop_server({"server_name": name})
