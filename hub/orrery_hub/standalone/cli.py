"""The commands of ``orrery`` that start, watch and stop the product on this machine.

Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orrery_hub.standalone.progress import Progress

if TYPE_CHECKING:
    from orrery_hub.standalone.home import Home
    from orrery_hub.standalone.state import Status


def _home() -> Home:
    from orrery_hub.standalone.home import Home

    return Home.of_environment()


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="Where to open it; 0 takes any free port.")  # fmt: skip
@click.option("--no-mlflow", is_flag=True, help="Leave MLflow out.")
@click.option("--foreground", is_flag=True, help="Stay until Ctrl+C, then stop everything.")
@click.option("--timeout", default=180.0, show_default=True, type=click.FloatRange(1), help="Seconds to wait for health.")  # fmt: skip
def up(port: int, no_mlflow: bool, foreground: bool, timeout: float) -> None:
    """Start the hub on this machine and wait until it is well."""
    from orrery_hub.standalone import launch, state

    began = time.monotonic()
    home = _home()
    with state.only_one(home.run / "command.lock", _wait_for_other):
        if state.supervised(home):
            _already(home, timeout)
        else:
            _start(home, port, no_mlflow, timeout)
            click.echo(f"Started in {time.monotonic() - began:.1f} s.")
    if foreground:
        with suppress(KeyboardInterrupt):
            click.echo("Ctrl+C stops everything.")
            while state.supervised(home):
                time.sleep(0.5)
        launch.stop(home)


@click.command()
def down() -> None:
    """Stop every part and every lab; the state is kept."""
    import signal

    from orrery_hub.standalone import launch, state

    home = _home()
    # It may be called in a lab's terminal, which it closes.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if not home.run.exists():
        click.echo("Nothing is running.")
        return
    with state.only_one(home.run / "command.lock", _wait_for_other):
        ran = state.supervised(home)
        with Progress("Stopping"):
            left = launch.stop(home)
        if left and not ran:
            click.echo(f"Cleared {left} processes without a supervisor.")
        elif not ran:
            click.echo("Nothing was running.")
    click.echo(f"Stopped. Everything is kept in {home.root}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same for programs.")
def status(as_json: bool) -> None:
    """Each part with its state, port, memory and time; exit code 1 unless all is well."""
    from orrery_hub.standalone import state
    from orrery_hub.standalone.report import lines

    home = _home()
    found = state.read(home) if state.supervised(home) else None
    if found is None:
        click.echo("{}" if as_json else "Orrery is not running. Start it with: orrery up")
        sys.exit(1)
    if as_json:
        click.echo(found.model_dump_json(indent=1))
    else:
        click.echo("\n".join(lines(home, found)))
    sys.exit(0 if found.ready else 1)


@click.command()
@click.argument("part", required=False)
@click.option("-n", "--lines", "count", default=50, show_default=True, help="How many of the last lines.")  # fmt: skip
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl+C.")
def logs(part: str | None, count: int, follow: bool) -> None:
    """What the parts write: all of them, or the one that is named."""
    from orrery_hub.standalone.launch import last_lines

    home = _home()
    files = {file.stem: file for file in sorted(home.logs.glob("*.log"))}
    if part is not None and part not in files:
        there = ", ".join(files) or "none yet"
        raise click.ClickException(f"There is no log of {part!r}. There are: {there}.")
    chosen = {part: files[part]} if part else files
    for name, file in chosen.items():
        click.secho(f"==> {name} <==", bold=True)
        click.echo("\n".join(last_lines(file, count)))
    if follow:
        with suppress(KeyboardInterrupt):
            _follow(chosen)


@click.command()
def doctor() -> None:
    """Name what is missing or wrong, and the command that mends it."""
    from orrery_hub.standalone.doctor import examine

    findings = examine(_home())
    for one in findings:
        click.secho("ok    " if one.ok else "WRONG ", fg="green" if one.ok else "red", nl=False)
        click.echo(f"{one.subject:<14} {one.detail}")
        if not one.ok:
            click.echo(f"{'':6}{'':<15}mend it with: {one.remedy}")
    wrong = sum(not one.ok for one in findings)
    click.echo("Everything is in place." if not wrong else f"To mend: {wrong}.")
    sys.exit(1 if wrong else 0)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Stop everything and forget all state: projects, snippets, home folders, experiments."""
    from orrery_hub.standalone import launch

    home = _home()
    if not home.root.exists():
        click.echo(f"There is nothing in {home.root}")
        return
    if not yes:
        click.confirm(f"Remove everything that Orrery keeps in {home.root}?", abort=True)
    launch.stop(home)
    try:
        left = home.forget()
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"Removed the state in {home.root}")
    if left:
        click.echo(f"Left alone, for it is not Orrery's: {', '.join(left)}")


@click.command()
def password() -> None:
    """Show how to log in."""
    home = _home()
    if not home.secrets.exists():
        raise click.ClickException("There is no password yet. Start Orrery first: orrery up")
    click.echo("\n".join(_logins(home)))


def _start(home: Home, port: int, no_mlflow: bool, timeout: float) -> None:
    from orrery_hub.standalone import launch, managed_process, sample
    from orrery_hub.standalone.doctor import urgent

    home.prepare()
    if missing := urgent(home):
        text = "\n".join(f"{one.subject}: {one.detail}\n    {one.remedy}" for one in missing)
        raise click.ClickException(f"Something is missing.\n{text}")
    names = tuple(name for name in managed_process.TABLE if not (no_mlflow and name == "mlflow"))
    for name in [name for name in names if not managed_process.installed(name)]:
        click.echo(
            f"Without {managed_process.TABLE[name].title}: pip install 'jupyter-orrery[lab]' adds it."
        )
        names = tuple(one for one in names if one != name)
    try:
        launch.start(home, names, port, click.echo)
        with Progress("Sample project's files", quiet=sample.has_files(home)):
            sample.make_files(home)
        found = _await(home, timeout)
        with Progress("Sample project's snippets", quiet=sample.is_registered(home)):
            sample.register(home, found.address)
    except (launch.StartError, sample.SampleError) as problem:
        launch.stop(home)
        raise click.ClickException(f"{problem}\nEverything was stopped again.") from None
    except KeyboardInterrupt:
        launch.stop(home)
        raise click.ClickException("Interrupted; everything was stopped again.") from None
    _tell(home, found.address)


def _already(home: Home, timeout: float) -> None:
    from orrery_hub.standalone import launch, state

    found = state.read(home)
    try:
        if found is None or not found.ready:
            found = _await(home, timeout)
    except launch.StartError as problem:
        raise click.ClickException(f"Orrery runs, but not well. {problem}") from None
    click.echo(f"Orrery is running already: {found.address}")
    click.echo("\n".join(_logins(home) if sys.stdout.isatty() else [_HOW]))


def _await(home: Home, timeout: float) -> Status:
    from orrery_hub.standalone import launch

    return launch.wait(
        home, timeout, lambda _, part: Progress.done(part.title, part.seconds or 0.0)
    )


_HOW = "How to log in: orrery password"


def _tell(home: Home, address: str) -> None:
    click.echo()
    click.secho(f"Orrery is at {address}", bold=True)
    click.echo("\n".join(_logins(home) if sys.stdout.isatty() else [_HOW]))


def _logins(home: Home) -> list[str]:
    return [
        f"Administrator: user name admin, password {home.password('admin')}",
        f"Anybody else:  any user name, password {home.password('user')}",
    ]


def _wait_for_other(pid: str) -> None:
    click.echo(f"Another orrery command is at work (process {pid or 'unknown'}); waiting for it.")


def _follow(files: dict[str, Path]) -> None:
    places = {name: file.stat().st_size for name, file in files.items()}
    while True:
        for name, file in files.items():
            size = file.stat().st_size
            if size < places[name]:
                places[name] = 0  # it was shortened
            with file.open("rb") as stream:
                stream.seek(places[name])
                for line in stream.read().decode("utf-8", "replace").splitlines():
                    click.echo(f"{name}: {line}" if len(files) > 1 else line)
                places[name] = stream.tell()
        time.sleep(0.5)
