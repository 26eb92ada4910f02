"""Log-ins with a scope of their own, for some minutes, in the memory of the service only."""

from __future__ import annotations

import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass

_MAX_STEP_UPS = 1_000


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

    def is_page_key(self, key: str) -> bool:
        """Whether a page was drawn for this log-in."""
        return hmac.compare_digest(key.encode("utf-8", "replace"), self.page_key.encode())


class StepUps:
    """Log-ins by a random name; a restart of the service ends them all."""

    def __init__(self) -> None:
        self._by_name: OrderedDict[str, StepUp] = OrderedDict()

    def add(self, token: str, scope: str, seconds: float) -> str:
        """Remember a log-in for so many seconds; its name. The oldest makes room for it."""
        name = secrets.token_urlsafe(32)
        self._by_name[name] = StepUp(
            token, scope, secrets.token_urlsafe(32), time.monotonic() + seconds
        )
        while len(self._by_name) > _MAX_STEP_UPS:
            self._by_name.popitem(last=False)
        return name

    def find(self, name: str) -> StepUp | None:
        """The log-in of a name, unless its time is over."""
        step_up = self._by_name.get(name)
        if step_up and step_up.deadline <= time.monotonic():
            del self._by_name[name]
            return None
        return step_up
