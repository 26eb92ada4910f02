"""Names that cross the network, each with the pattern that it must have."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints


def _one_line(max_length: int, forbidden: str = "") -> StringConstraints:
    """A line without control characters and without those ``forbidden``; blanks around it are taken off."""
    return StringConstraints(
        min_length=1,
        max_length=max_length,
        strip_whitespace=True,
        pattern=rf"^[^\x00-\x1f\x7f{forbidden}]+$",
    )


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""The identifier of a project, a pool or a library, in addresses and folders."""

Title = Annotated[str, _one_line(120)]
"""What a person calls something."""

Tag = Annotated[str, _one_line(48, ",")]
"""A word by which things are found; tags are listed with commas between them."""

UserName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f/]{1,255}$")]
ServerName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f/]{0,255}$")]
