"""``orrery pools``, ``orrery queue`` and ``orrery servers``. Exit codes: 0 done, 1 failed, 2 typed wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

from orrery_kernels.client import connect
from orrery_kernels.compute.service import Pools, Queue, Servers, expected
from orrery_kernels.console import (
    GROUP_SETTINGS,
    json_option,
    limit_option,
    offset_option,
    print_json,
    report_errors,
    yes_option,
)
from orrery_kernels.listing import Listing
from orrery_kernels.text import clean, moment, table
from orrery_wire.errors import OrreryError

if TYPE_CHECKING:
    from orrery_wire.types.compute import Lease, Ticket

T = TypeVar("T")

_GIB = 2**30
_DEFAULT = "(default)"


def _complete_profile(
    _ctx: click.Context, _param: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Names of profiles; nothing while no server answers at once."""
    try:
        listing = Pools(connect(timeout=2)).list()
    except OrreryError:
        return []
    return [
        CompletionItem(item["slug"], help=clean(item["name"]))
        for item in listing
        if item["slug"].startswith(begun)
    ]


_profile = click.argument("profile", shell_complete=_complete_profile)
_ticket = click.argument("ticket", type=click.IntRange(min=1), required=False)
_project = click.option("--project", default="", help="The project that the server works for.")


@click.group(context_settings=GROUP_SETTINGS)
def pools() -> None:
    """Show the pools that you may use, and what this server holds.

    \b
    orrery pools list
    orrery pools current
    """


@pools.command("list")
@json_option
@report_errors
def list_pools(as_json: bool) -> None:
    """List the profiles that this server may be started with, with what is free, and why not now."""
    _print(Pools().list(), as_json)


@pools.command("current")
@json_option
@report_errors
def current_lease(as_json: bool) -> None:
    """Show what this server holds of a pool."""
    lease = Pools().current()
    if as_json:
        print_json(lease)
    else:
        click.echo(_lease_fields(lease) if lease else "This server holds nothing of a pool")


def _lease_fields(lease: Lease) -> str:
    started = lease["started_at"]
    rows = [
        ("Server", lease["server"] or _DEFAULT),
        ("Pool", lease["pool"] or ""),
        ("Profile", lease["profile"] or ""),
        ("Project", lease["project"] or ""),
        ("Devices", lease["devices"]),
        ("CPUs", f"{lease['cpu']:g}"),
        ("Memory", f"{lease['memory_bytes'] / _GIB:g} GiB"),
        ("Started", moment(started) if started else ""),
    ]
    return table(("Field", "Value"), [row for row in rows if row[1] != ""])


@click.group(context_settings=GROUP_SETTINGS)
def queue() -> None:
    """Request devices, and see your place in the queue.

    \b
    orrery queue request one-a100
    orrery queue list
    orrery queue claim
    """


@queue.command("list")
@click.option("--ended", is_flag=True, help="Those that have ended too.")
@offset_option
@limit_option
@json_option
@report_errors
def list_queue(ended: bool, offset: int, limit: int, as_json: bool) -> None:
    """List your requests, with place, expected wait and cause."""
    _print(Queue().list(ended=ended, offset=offset, limit=limit), as_json)


@queue.command("show")
@click.argument("ticket", type=click.IntRange(min=1))
@json_option
@report_errors
def show(ticket: int, as_json: bool) -> None:
    """Show a request: its place, the expected wait, why it waits and what can be done."""
    _print_ticket(Queue().get(ticket), as_json)


@queue.command("request")
@_profile
@_project
@click.option("--server", help="The name of another server of yours; this one if not given.")
@click.option("--start", is_flag=True, help="Start without asking, as soon as there is room.")
@click.option("--low", is_flag=True, help="Let others pass.")
@json_option
@report_errors
def request(
    profile: str, project: str, server: str | None, start: bool, low: bool, as_json: bool
) -> None:
    """Request a profile for a server, which goes on as it is until you claim the offer.

    \b
    orrery queue request one-a100 --project churn
    orrery queue request one-a100 --start
    """
    ticket = Queue().request(
        profile, project=project, server=server, start=start, priority="low" if low else "normal"
    )
    _print_ticket(ticket, as_json)


@queue.command("claim")
@_ticket
@json_option
@report_errors
def claim(ticket: int | None, as_json: bool) -> None:
    """Take an offer: the server is started with the devices, and stopped before that if it runs.

    \b
    orrery queue claim
    orrery queue claim 12
    """
    _print_ticket(Queue().claim(ticket), as_json)


@queue.command("cancel")
@_ticket
@report_errors
def cancel(ticket: int | None) -> None:
    """Do not wait any more; an offer goes to the next."""
    click.echo(f"Cancelled request {Queue().cancel(ticket)}")


def _print_ticket(ticket: Ticket, as_json: bool) -> None:
    if as_json:
        print_json(ticket)
        return
    cause, until = ticket["cause"], ticket["claim_until"]
    rows = [
        ("Id", ticket["id"]),
        ("State", ticket["state"]),
        ("Pool", ticket["pool_name"]),
        ("Profile", ticket["profile"]),
        ("Server", ticket["server_name"] or _DEFAULT),
        ("Place", ticket["place"] or ""),
        ("Expected in", expected(ticket)),
        ("Claim until", moment(until) if until else ""),
        ("Why", cause["text"] if cause else ""),
        ("What to do", cause["remedy"] if cause else ""),
    ]
    click.echo(table(("Field", "Value"), [row for row in rows if row[1] != ""]))


@click.group(context_settings=GROUP_SETTINGS)
def servers() -> None:
    """List, start and stop your servers at the hub.

    \b
    orrery servers list
    orrery servers start training --profile one-a100
    orrery servers stop training
    """


@servers.command("list")
@json_option
@report_errors
def list_servers(as_json: bool) -> None:
    """List your servers; this one is marked."""
    _print(Servers().list(), as_json)


@servers.command("start")
@click.argument("name")
@click.option("--profile", default="", shell_complete=_complete_profile, help="What it gets.")
@_project
@report_errors
def start(name: str, profile: str, project: str) -> None:
    """Start another server; the empty name "" is the default one.

    \b
    orrery servers start training --profile one-a100 --project churn
    """
    Servers().start(name, profile=profile, project=project)
    click.echo(f"The server {clean(name) or _DEFAULT} starts")


@servers.command("stop")
@click.argument("name", required=False)
@yes_option
@report_errors
def stop(name: str | None, yes: bool) -> None:
    """Stop a server, this one if none is named; its kernels end, and its devices go to others.

    \b
    orrery servers stop training --yes
    """
    if not yes:
        shown = "this server" if name is None else f"the server {clean(name) or _DEFAULT}"
        click.confirm(f"Stop {shown}? Its kernels end.", abort=True, err=True)
    Servers().stop(name)
    click.echo("Stopped")


def _print(listing: Listing[T], as_json: bool) -> None:
    if as_json:
        print_json({"items": listing.items, "total": listing.total})
    else:
        click.echo(repr(listing))
