"""The authenticated user of a request."""

from __future__ import annotations

from dataclasses import dataclass, field

# The process that starts servers, as the hub service knows it. No account can have a name with a slash.
LAUNCHER = "jupyterhub/launcher"
# Its number: no person has it.
NOBODY = 0


@dataclass(frozen=True)
class User:
    """The owner of a token, as JupyterHub knows it, with the scopes of the token that the person's roles allow.

    ``withheld`` are the scopes of the token that no role of the person allows. ``groups`` are those of the account at
    JupyterHub, by which it may administer.

    What belongs to somebody refers to ``person_id``; the name is for people to read.
    """

    name: str
    person_id: int
    admin: bool = False
    scopes: frozenset[str] = field(default_factory=frozenset)
    withheld: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)

    def may(self, scope: str) -> bool:
        """Whether the token carries a scope."""
        return scope in self.scopes
