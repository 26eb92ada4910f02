"""Commands of ``orrery`` that start, watch and stop the product on this machine.

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
from orrery_hub.standalone.shell import typed

if TYPE_CHECKING:
    from orrery_hub.settings import Settings
    from orrery_hub.standalone.home import Home
    from orrery_hub.standalone.state import Status


def _home() -> Home:
    from orrery_hub.standalone.home import Home

    return Home.from_environment()


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535), help="Where to open it; 0 takes any free port.")  # fmt: skip
@click.option("--base-url", default=None, help="Path below which it answers, such as /jhub/.")
@click.option("--public-url", default=None, help="Address that people open, when a server in front does TLS.")  # fmt: skip
@click.option("--no-mlflow", is_flag=True, help="Leave MLflow out.")
@click.option(
    "--no-openbao", is_flag=True, help="Leave OpenBao out; secrets are in encrypted files."
)
@click.option("--foreground", is_flag=True, help="Stay until Ctrl+C, then stop everything.")
@click.option("--timeout", default=180.0, show_default=True, type=click.FloatRange(1), help="Seconds to wait for health.")  # fmt: skip
def up(
    port: int,
    base_url: str | None,
    public_url: str | None,
    no_mlflow: bool,
    no_openbao: bool,
    foreground: bool,
    timeout: float,
) -> None:
    """Start the hub on this machine and wait until it is healthy."""
    from orrery_hub.standalone import launch, state

    started = time.monotonic()
    home = _home()
    settings = _settings(home, base_url, public_url)
    with state.exclusive_lock(home.run / "command.lock", _wait_for_other):
        if launch.end_hung_supervisor(home):
            click.echo("The supervisor did not answer any more and was ended; labs go on.")
        if state.is_supervised(home):
            _report_running(home, timeout)
        else:
            left_out = {"mlflow": no_mlflow, "openbao": no_openbao or bool(settings.vault_url)}
            _start(home, port, {n for n, is_out in left_out.items() if is_out}, timeout, settings)
            click.echo(f"Started in {time.monotonic() - started:.1f} s.")
    if foreground:
        with suppress(KeyboardInterrupt):
            click.echo("Ctrl+C stops everything.")
            while state.is_supervised(home):
                time.sleep(0.5)
        launch.stop(home)


@click.command()
def down() -> None:
    """Stop every process and every lab; keep the state."""
    import signal

    from orrery_hub.standalone import launch, state

    home = _home()
    # It may run in a lab's terminal, which it closes.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if not home.run.exists():
        click.echo("Nothing is running.")
        return
    with state.exclusive_lock(home.run / "command.lock", _wait_for_other):
        was_running = state.is_supervised(home)
        with Progress("Stopping"):
            remaining = launch.stop(home)
        if remaining and not was_running:
            processes = "process" if remaining == 1 else "processes"
            click.echo(f"Cleared {remaining} {processes} without a supervisor.")
        elif not was_running:
            click.echo("Nothing was running.")
    click.echo(f"Stopped. Everything is kept in {home.root}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(as_json: bool) -> None:
    """State, port, memory and uptime of each process; exit code 1 unless all are healthy."""
    from orrery_hub.standalone import state
    from orrery_hub.standalone.report import status_lines

    home = _home()
    current = state.read_current(home)
    if current is None:
        click.echo("{}" if as_json else f"Orrery is not running. Start it with: {typed('up')}")
        sys.exit(1)
    if as_json:
        click.echo(current.model_dump_json(indent=1))
    else:
        click.echo("\n".join(status_lines(home, current)))
    sys.exit(0 if current.ready and not current.is_stale else 1)


@click.command()
@click.argument("name", required=False)
@click.option("-n", "--lines", "count", default=50, show_default=True, help="How many lines.")  # fmt: skip
@click.option("-f", "--follow", is_flag=True, help="Follow until Ctrl+C.")
def logs(name: str | None, count: int, follow: bool) -> None:
    """Show the logs of all processes, or of the process NAME; labs/NAME is the log of a person's lab."""
    from orrery_hub.standalone.launch import last_lines

    home = _home()
    files = {file.stem: file for file in sorted(home.logs.glob("*.log"))}
    if name is not None and name.startswith("labs/"):
        files = {f"labs/{file.stem}": file for file in sorted(home.logs.glob("labs/*.log"))}
    if name is not None and name not in files:
        names = ", ".join(files) or "none yet"
        raise click.ClickException(f"There is no log of {name!r}. There are: {names}.")
    selected = {name: files[name]} if name else files
    for title, file in selected.items():
        click.secho(f"==> {title} <==", bold=True)
        click.echo("\n".join(last_lines(file, count)))
    if follow:
        with suppress(KeyboardInterrupt):
            _follow(selected)


@click.command()
def doctor() -> None:
    """Check this machine, and name the command that fixes each problem."""
    from orrery_hub.standalone.doctor import run_checks

    findings = run_checks(_home())
    for finding in findings:
        click.secho(
            "ok    " if finding.ok else "WRONG ", fg="green" if finding.ok else "red", nl=False
        )
        click.echo(f"{finding.subject:<14} {finding.detail}")
        if not finding.ok:
            click.echo(f"{'':6}{'':<15}fix it with: {finding.remedy}")
    problem_count = sum(not finding.ok for finding in findings)
    click.echo("Everything is in place." if not problem_count else f"Problems: {problem_count}.")
    sys.exit(1 if problem_count else 0)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Stop everything and delete all state: projects, snippets, home folders, experiments."""
    from orrery_hub.standalone import launch

    home = _home()
    if not home.root.exists():
        click.echo(f"There is nothing in {home.root}")
        return
    if not yes:
        click.confirm(f"Remove everything that Orrery keeps in {home.root}?", abort=True)
    launch.stop(home)
    try:
        remaining = home.delete_state()
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"Removed the state in {home.root}")
    if remaining:
        click.echo(f"Left alone, because it is not Orrery's: {', '.join(remaining)}")


@click.command()
def password() -> None:
    """Show how to log in."""
    home = _home()
    if not home.secrets.exists():
        raise click.ClickException(f"There is no password yet. Start Orrery first: {typed('up')}")
    click.echo("\n".join(_credentials(home)))


def _settings(home: Home, base_url: str | None, public_url: str | None) -> Settings:
    """The settings of a start: those of the environment, and the options before them."""
    from orrery_hub.settings import Settings, SettingsError

    options = {"base_url": base_url, "public_url": public_url}
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings.load(home=home.root, **given)
    except SettingsError as problem:
        raise click.ClickException(str(problem)) from None


def _start(home: Home, port: int, left_out: set[str], timeout: float, settings: Settings) -> None:
    from orrery_hub.standalone import launch, managed_process, sample
    from orrery_hub.standalone.doctor import startup_problems

    home.prepare()
    if problems := startup_problems(home):
        text = "\n".join(
            f"{finding.subject}: {finding.detail}\n    {finding.remedy}" for finding in problems
        )
        raise click.ClickException(f"Something is missing.\n{text}")
    names = tuple(name for name in managed_process.TABLE if name not in left_out)
    for missing in [name for name in names if not managed_process.is_installed(name)]:
        entry = managed_process.TABLE[missing]
        click.echo(f"Without {entry.title}: pip install 'jupyter-orrery[{entry.extra}]' adds it.")
        names = tuple(name for name in names if name != missing)
    try:
        launch.start(home, names, port, click.echo, settings)
        with Progress("Sample project's files", quiet=sample.has_files(home)):
            sample.create_files(home, settings.default_project)
        status = _wait_until_ready(home, timeout)
        if settings.has_shared_passwords:
            with Progress("Sample project's snippets", quiet=sample.is_registered(home)):
                sample.register(home, status.local, settings.admins[0], settings.default_project)
        else:
            click.echo("Without the sample project's snippets: they are saved by an administrator with a password.")  # fmt: skip
    except (launch.StartError, sample.SampleError) as problem:
        launch.stop(home)
        raise click.ClickException(f"{problem}\nEverything was stopped again.") from None
    except KeyboardInterrupt:
        launch.stop(home)
        raise click.ClickException("Interrupted; everything was stopped again.") from None
    _show_address(home, status.address)


def _report_running(home: Home, timeout: float) -> None:
    from orrery_hub.standalone import launch, state

    current = state.read_current(home)
    try:
        if current is None or not current.ready:
            current = _wait_until_ready(home, timeout)
    except launch.StartError as problem:
        raise click.ClickException(f"Orrery runs, but not well. {problem}") from None
    click.echo(f"Orrery is running already: {current.address}")
    _show_login(home)


def _wait_until_ready(home: Home, timeout: float) -> Status:
    from orrery_hub.standalone import launch

    return launch.wait_until_ready(
        home, timeout, lambda _, process: Progress.done(process.title, process.seconds or 0.0)
    )


def _show_address(home: Home, address: str) -> None:
    click.echo()
    click.secho(f"Orrery is at {address}", bold=True)
    _show_login(home)


def _show_login(home: Home) -> None:
    """Say whom to log in as; passwords are for a screen, not for a log that keeps them."""
    if not _settings(home, None, None).has_shared_passwords:
        click.echo("Log in as ORRERY_LOGIN says.")
    elif sys.stdout.isatty():
        click.echo("\n".join(_credentials(home)))
        click.echo(f"To see this again: {typed('password')}; to stop: {typed('down')}")
    else:
        click.echo("Log in as admin, or under any other user name.")
        click.echo(f"For the passwords: {typed('password')}")


def _credentials(home: Home) -> list[str]:
    return [
        f"Log in as admin with the password {home.password('admin')}",
        f"or under any other user name with {home.password('user')}",
    ]


def _wait_for_other(pid: str) -> None:
    click.echo(f"Another orrery command is running (process {pid or 'unknown'}); waiting for it.")


def _follow(files: dict[str, Path]) -> None:
    offsets = {name: file.stat().st_size for name, file in files.items()}
    while True:
        for name, file in files.items():
            size = file.stat().st_size
            if size < offsets[name]:
                offsets[name] = 0  # it was truncated
            with file.open("rb") as stream:
                stream.seek(offsets[name])
                for line in stream.read().decode("utf-8", "replace").splitlines():
                    click.echo(f"{name}: {line}" if len(files) > 1 else line)
                offsets[name] = stream.tell()
        time.sleep(0.5)
