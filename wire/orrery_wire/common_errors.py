"""Errors that several parts make alike."""

from __future__ import annotations

from collections.abc import Iterable

from orrery_wire.errors import (
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    OrreryError,
    TimedOut,
    TooLarge,
)

_MAX_FIELDS = 50


def too_large(limit: int, size: int | None = None) -> TooLarge:
    """The error for a request of more than ``limit`` bytes; ``size`` is what it has, if that is known."""
    has = "" if size is None else f"It has {size:,} bytes; "
    return TooLarge(
        "The request is too large",
        reason=f"{has}{'the' if has else 'The'} limit is {limit:,} bytes.",
        remedy="Send less at once.",
    )


def outcome_unknown(who: str, reason: str) -> TimedOut:
    """The error for a change that was sent to ``who`` and not answered: it may have been made."""
    return TimedOut(
        f"It is not known whether {who} has done this",
        reason=reason,
        remedy="Look whether it is done before you try again.",
    )


def invalid_fields(problems: Iterable[tuple[Iterable[object], str]]) -> Invalid:
    """The error for a request whose fields break a limit: each problem is the path of the field and what is wrong."""
    fields = [
        {"field": _encodable(".".join(map(str, path))), "problem": _encodable(text)}
        for path, text in problems
    ]
    return Invalid(
        "Some of what was sent cannot be used",
        reason="; ".join(f"{f['field'] or 'body'}: {f['problem']}" for f in fields[:5]),
        remedy="Correct the named fields and send it again.",
        details={"fields": fields[:_MAX_FIELDS]},
    )


def unexpected(part: str) -> OrreryError:
    """The error for an exception that no code of ``part`` expected; it reveals no details."""
    return OrreryError(
        f"{part} failed in a way that nobody foresaw",
        reason="The log has the details under the request id.",
        remedy="Try again; if it stays, report it with the request id.",
    )


def of_status(status: int, part: str) -> OrreryError:
    """The error for an HTTP status that the web framework of ``part`` chose by itself."""
    if status in (401, 403):
        return Forbidden("You may not do this", remedy="Log in and try again.")
    if status == 404:
        return NotFound("There is no such address", remedy="Check the address, or update Orrery.")
    if status == 405:
        return MethodNotAllowed("This address does not take that method")
    if 400 <= status < 500:
        return Invalid("The request cannot be understood", remedy="Send it as JSON.")
    return unexpected(part)


def _encodable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which no response could hold."""
    return text.encode("utf-8", "replace").decode()
