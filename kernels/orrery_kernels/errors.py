"""The exceptions of the SDK, magics and commands.

OrreryError
├── ServerUnavailable  no Jupyter server with Orrery can be reached
├── RequestError       the server answered with an error; ``code`` says which
├── AmbiguousName      a name fits several snippets
├── SnippetNotFound    a name fits no snippet
├── UsageError         an argument cannot be meant
├── BodyTooLarge       the placeholders of a snippet repeat each other beyond any use
├── Unreadable         a table cannot be handed over
├── RunFailed          a run ended without a result; ``code`` says why
└── Cancelled          a person stopped the run
"""

from __future__ import annotations

from collections.abc import Mapping


class OrreryError(Exception):
    """What failed, why, and what to do about it."""

    def __init__(self, message: str, *, reason: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return "\n  ".join(part for part in (self.message, self.reason, self.remedy) if part)


class ServerUnavailable(OrreryError):
    """No Jupyter server with Orrery can be reached."""


class RequestError(OrreryError):
    """The server answered with an error; ``status`` is that of HTTP."""

    def __init__(self, status: int, body: Mapping[str, object]) -> None:
        super().__init__(
            str(body.get("message") or f"The server answered with HTTP status {status}"),
            reason=str(body.get("reason") or ""),
            remedy=str(body.get("remedy") or ""),
        )
        self.status = status
        self.code = str(body.get("code") or "")
        details = body.get("details")
        self.details: Mapping[str, object] = details if isinstance(details, dict) else {}


class AmbiguousName(OrreryError):
    """A name fits several snippets."""


class SnippetNotFound(OrreryError):
    """A name fits no snippet."""


class UsageError(OrreryError):
    """An argument cannot be meant."""


class BodyTooLarge(OrreryError, ValueError):
    """The placeholders of a snippet repeat each other beyond any use."""


class Unreadable(OrreryError):
    """A table cannot be handed over."""


class RunFailed(OrreryError):
    """A run ended without a result."""

    def __init__(self, failure: Mapping[str, object]) -> None:
        super().__init__(
            str(failure.get("message") or "The run failed"),
            reason=str(failure.get("reason") or ""),
            remedy=str(failure.get("remedy") or ""),
        )
        self.code = str(failure.get("code") or "")


class Cancelled(OrreryError):
    """A person stopped the run."""
