"""From whatever went wrong to what a person can do about it; secrets of the source are never told."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from orrery_engine.schemas import Failure, Job, ResolvedSource
from orrery_wire.errors import OrreryError

_LONG = 600
_SHORTEST = 4
_QUERY = re.compile(r"(?<==)[^&\s]{4,}")
_USER = re.compile(r"//[^/@\s]*:[^/@\s]*@")


class OutOfMemoryError(OrreryError):
    """What was asked for does not fit into the memory that the worker may use."""

    code = "out_of_memory"


def secrets(job: Job) -> list[str]:
    """Everything in a job that may be a secret."""
    found: list[str] = []
    for resolved in (job.source, job.against):
        if resolved is not None:
            found += _of(resolved)
    return sorted({one for one in found if len(one) >= _SHORTEST}, key=len, reverse=True)


def _of(resolved: ResolvedSource) -> list[str]:
    found = [*resolved.options.values(), *resolved.secrets]
    try:
        parts = urlsplit(resolved.location)
        password = parts.password
    except ValueError:
        return found
    if password:
        found += [password, unquote(password)]
    return found + _QUERY.findall(parts.query) if resolved.reader == "table" else found


def scrub(text: str, hidden: Iterable[str]) -> str:
    """A text without the secrets."""
    for one in hidden:
        text = text.replace(one, "***")
    return _USER.sub("//***@", text)


def failure(problem: BaseException, hidden: Iterable[str] = ()) -> Failure:
    """What to tell of a problem."""
    hidden = list(hidden)
    code, message, reason, remedy = _told(problem)
    return Failure(
        code=code,
        message=scrub(message, hidden)[:_LONG],
        reason=scrub(reason, hidden)[:_LONG],
        remedy=remedy,
    )


def _said(problem: BaseException) -> str:
    """The first lines of what a library says, without its traces."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return " ".join(lines[:3]) or problem.__class__.__name__


def _told(problem: BaseException) -> tuple[str, str, str, str]:
    """Code, message, reason and remedy."""
    if isinstance(problem, OrreryError):
        return problem.code, problem.message, problem.reason, problem.remedy
    if isinstance(problem, MemoryError) or "out of memory" in str(problem).lower():
        return (
            "out_of_memory",
            "The profile needs more memory than it may use.",
            _said(problem),
            "Profile a sample, choose fewer sections, or allow more memory.",
        )
    if isinstance(problem, FileNotFoundError):
        return (
            "not_found",
            "There is no such file.",
            os.strerror(errno.ENOENT),
            "Check the name; the file may have been moved or removed.",
        )
    if "credentials" in f"{problem.__class__.__name__} {problem}".lower():
        return (
            "forbidden",
            "The store asks for credentials, and there are none that it takes.",
            _said(problem),
            "Set them in the environment of the lab's server, for S3 as AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, and start the server again.",
        )
    if isinstance(problem, PermissionError):
        return (
            "forbidden",
            "You may not read this.",
            _said(problem),
            "Ask the owner for the right to read it, or check the credentials.",
        )
    if getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or _full(problem):
        return (
            "storage_full",
            "The disk is full.",
            _said(problem),
            "Free some space, or profile a sample.",
        )
    if isinstance(problem, ModuleNotFoundError):
        return (
            "backend_unavailable",
            f"This needs {problem.name}, which is not installed.",
            _said(problem),
            f"Install it with: pip install {problem.name}",
        )
    if isinstance(problem, TimeoutError | ConnectionError):
        return (
            "backend_unavailable",
            "The source does not answer.",
            _said(problem),
            "Check the address and the network, and run it again.",
        )
    if isinstance(problem, AssertionError | AttributeError | NameError | KeyError):
        return (
            "internal_error",
            "The profile failed for a reason that Orrery did not foresee.",
            f"{problem.__class__.__name__}: {_said(problem)}",
            "Run it again; if it fails again, please report this text.",
        )
    return (
        "invalid",
        "The data could not be read.",
        _said(problem),
        "Check that the file is whole and of the kind that its name says.",
    )


def _full(problem: BaseException) -> bool:
    return "no space left on device" in str(problem).lower()
