"""Names that cross the network, each with the pattern that it must have."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""The identifier of a project, a pool or a library, in addresses and folders."""

Title = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
"""What a person calls something: one line."""

UserName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f/]{1,255}$")]
ServerName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f/]{0,255}$")]
