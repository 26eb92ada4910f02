"""``orrery secrets``: where the secrets of connections are on this machine, and a new key for encrypted files."""

from __future__ import annotations

import click


@click.group()
def secrets() -> None:
    """Secrets of connections: where they are, and their encryption."""


@secrets.command()
def where() -> None:
    """Say where secrets are stored on this machine."""
    from orrery_hub.standalone import state
    from orrery_hub.standalone.home import Home
    from orrery_hub.standalone.report import secrets_line

    home = Home.from_environment()
    click.echo(secrets_line(home, state.read_current(home)))


@secrets.command()
def rotate() -> None:
    """Encrypt all secrets in files by a new key, and remove the old one; the product may run meanwhile."""
    from orrery_hub.connections.places import file_store
    from orrery_hub.settings import Settings, SettingsError
    from orrery_hub.standalone.home import Home
    from orrery_wire.errors import OrreryError

    try:
        count = file_store(Settings.load(home=Home.from_environment().root)).rotate()
    except (OrreryError, SettingsError) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"Encrypted {count:,} secrets by a new key; the old key is removed.")


@secrets.command()
def claim() -> None:
    """Let this hub remove what is not needed any more from a vault that another hub, which is gone, has used."""
    from orrery_hub.connections.identity import HubIdentity
    from orrery_hub.standalone.home import Home

    HubIdentity(Home.from_environment().root).request_takeover()
    click.echo("The hub service takes the vault over within seconds, if it runs.")
