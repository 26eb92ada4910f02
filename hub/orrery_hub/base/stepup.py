"""Log-ins with a scope of their own, for some minutes, in the memory of the service only."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass

from orrery_wire.errors import TooMany

# So many of one person, the oldest of which make room, and so many of all, from which on nobody steps up.
_MAX_OF_PERSON = 10
_MAX_STEP_UPS = 20_000


@dataclass(frozen=True)
class Purpose:
    """Why a person steps up: the kind of the cookie, the scopes that the page needs, separated by spaces, and for how
    long.
    """

    cookie: str
    scope: str
    seconds: int


@dataclass(frozen=True)
class StepUp:
    """A token with more scopes, and the key that its page, a form or a script, has to send back."""

    token: str
    scope: str
    page_key: str
    deadline: float
    owner: str = ""

    def is_page_key(self, key: str) -> bool:
        """Whether a page was drawn for this log-in."""
        return hmac.compare_digest(key.encode("utf-8", "replace"), self.page_key.encode())


class StepUps:
    """Log-ins by a random name; a restart of the service ends them all.

    Each person has a number of them: whoever logs in again and again ends own ones, and never those of others.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, StepUp] = {}
        self._names: dict[str, list[str]] = {}

    def add(self, token: str, scope: str, seconds: float, owner: str) -> str:
        """Remember a log-in of a person (``owner``) for so many seconds; its name. The person's oldest makes room.

        Raises:
            TooMany: all people together have too many, none of which has ended.
        """
        name = secrets.token_urlsafe(32)
        for former in self._names.get(owner, [])[: 1 - _MAX_OF_PERSON]:
            self._remove(former)
        if len(self._by_name) >= _MAX_STEP_UPS:
            self._remove_ended()
        if len(self._by_name) >= _MAX_STEP_UPS:
            raise TooMany(
                "Nobody can log in to these pages now",
                reason="Too many people have done so in the last hours.",
                remedy="Try again in some minutes; the service forgets all of them when it is restarted.",
            )
        deadline = time.monotonic() + seconds
        self._by_name[name] = StepUp(token, scope, secrets.token_urlsafe(32), deadline, owner)
        self._names.setdefault(owner, []).append(name)
        return name

    def find(self, name: str) -> StepUp | None:
        """The log-in of a name, unless its time is over."""
        step_up = self._by_name.get(name)
        if step_up and step_up.deadline <= time.monotonic():
            self._remove(name)
            return None
        return step_up

    def _remove_ended(self) -> None:
        moment = time.monotonic()
        for name in [name for name, step in self._by_name.items() if step.deadline <= moment]:
            self._remove(name)

    def _remove(self, name: str) -> None:
        owner = self._by_name.pop(name).owner
        names = self._names[owner]
        names.remove(name)
        if not names:
            del self._names[owner]
