"""The hub's database for a command, whether the hub runs or not; what is wrong is said in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from orrery_hub.base.db import Database
    from orrery_hub.settings import Settings


@contextmanager
def hub_database(seconds: float = 60.0) -> Iterator[tuple[Settings, Database]]:
    """Settings and database, closed at the end; ``seconds`` is how long a query may take.

    Raises:
        ClickException: the settings are wrong, there is no database yet, or the command was refused.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from orrery_hub.base.db import Database
    from orrery_hub.settings import Settings, SettingsError
    from orrery_wire.errors import OrreryError

    try:
        settings = Settings.load()
        database = Database(settings.database(), seconds=seconds)
    except SettingsError as problem:
        raise click.ClickException(str(problem)) from None
    if database.file and not database.file.exists():
        raise click.ClickException(f"There is no hub yet: {database.file} does not exist.")
    try:
        yield settings, database
    except OrreryError as problem:
        raise click.ClickException(str(problem)) from None
    except SQLAlchemyError as problem:
        # Its text may hold values and addresses.
        raise click.ClickException(
            f"The database did not do that ({type(problem).__name__}). Is it the hub's, and of this version?"
        ) from None
    finally:
        database.close()
