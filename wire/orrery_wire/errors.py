"""Exception hierarchy and its JSON body.

    OrreryError                 internal_error        500
    ├── Invalid                 invalid               400
    │   └── SecretFound         secret_found          422
    ├── Unauthenticated         unauthenticated       401
    ├── Forbidden               forbidden             403
    ├── NotFound                not_found             404
    ├── MethodNotAllowed        method_not_allowed    405
    ├── Conflict                conflict              409
    ├── TooLarge                too_large             413
    ├── TooMany                 too_many              429
    ├── Cancelled               cancelled             499
    ├── BackendUnavailable      backend_unavailable   503
    ├── TimedOut                timed_out             504
    └── StorageFull             storage_full          507

Services raise; the HTTP edge of the hub service and of the lab's server translates, once each; a client of either gets
the exception back with ``OrreryError.from_body``. The browser's ``base/errors.ts`` has the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from orrery_wire.json_types import JsonObject


class OrreryError(Exception):
    """A failure that a person can read: what failed, why, and what to do about it."""

    code: str = "internal_error"
    status: int = 500

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        remedy: str = "",
        details: JsonObject | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.remedy = remedy
        self.details = details or {}

    def __str__(self) -> str:
        return "\n  ".join(part for part in (self.message, self.reason, self.remedy) if part)

    @classmethod
    def from_body(cls, body: Mapping[str, object], status: int | None = None) -> Self:
        """The exception that an error body describes.

        Args:
            body: the JSON object; fields that are missing are empty.
            status: the HTTP status of the response; given to the exception if its code belongs to no subclass.
        """
        code = str(body.get("code") or cls.code)
        kind = cls._classes().get(code, cls)
        details = body.get("details")
        error = kind(
            str(body.get("message") or _no_message(status)),
            reason=str(body.get("reason") or ""),
            remedy=str(body.get("remedy") or ""),
            details=details if isinstance(details, dict) else None,
        )
        error.code = code
        if kind is cls and status is not None:
            error.status = status
        return error

    @classmethod
    def _classes(cls) -> dict[str, type[Self]]:
        """This class and its subclasses by the code that each defines."""
        classes = {cls.code: cls} if "code" in vars(cls) else {}
        for subclass in cls.__subclasses__():
            classes |= subclass._classes()
        return classes

    def body(self, request_id: str = "") -> JsonObject:
        """The JSON object that leaves the server; it never holds a traceback or a secret."""
        return {
            "code": self.code,
            "message": self.message,
            "reason": self.reason,
            "remedy": self.remedy,
            "details": self.details,
            "request_id": request_id,
        }


class Invalid(OrreryError):
    """What was sent cannot be understood or breaks a stated limit."""

    code = "invalid"
    status = 400


class SecretFound(Invalid):
    """The text holds what looks like a secret; ``details["findings"]`` says where."""

    code = "secret_found"
    status = 422


class Unauthenticated(OrreryError):
    """Nobody is known to be asking."""

    code = "unauthenticated"
    status = 401


class Forbidden(OrreryError):
    """The person is known, and may not do this."""

    code = "forbidden"
    status = 403


class NotFound(OrreryError):
    """There is no such thing, or it is not for this person to see."""

    code = "not_found"
    status = 404


class MethodNotAllowed(OrreryError):
    """The address exists, and does not take this HTTP method."""

    code = "method_not_allowed"
    status = 405


class Conflict(OrreryError):
    """Somebody else was there first; ``details["current"]`` is what is there now."""

    code = "conflict"
    status = 409


class TooLarge(OrreryError):
    """More was sent than is accepted."""

    code = "too_large"
    status = 413


class TooMany(OrreryError):
    """Too much at once; trying later will work."""

    code = "too_many"
    status = 429


class Cancelled(OrreryError):
    """The person stopped it."""

    code = "cancelled"
    status = 499


class BackendUnavailable(OrreryError):
    """The engine behind a capability is off, out of reach, or not installed."""

    code = "backend_unavailable"
    status = 503

    def __init__(self, message: str, *, install: str = "", **more: Any) -> None:
        if install:
            more.setdefault("remedy", f"Install it with: pip install {install}")
        super().__init__(message, **more)
        self.install = install


class TimedOut(OrreryError):
    """It took longer than its time limit and was stopped."""

    code = "timed_out"
    status = 504


class StorageFull(OrreryError):
    """The disk is full or read-only; what was there before is untouched."""

    code = "storage_full"
    status = 507


def _no_message(status: int | None) -> str:
    return f"The server answered with HTTP status {status}" if status else "It failed"
