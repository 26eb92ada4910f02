"""A look for secrets before a transaction begins, whatever the lab says that it has done."""

from __future__ import annotations

import time
from collections.abc import Iterable

from orrery_wire.errors import OrreryError
from orrery_wire.secret_scan import secret_error
from orrery_wire.snippets import SnippetIn

# For all snippets of one request together.
CHECK_SECONDS = 5.0


def secret_problems(requests: Iterable[SnippetIn | None]) -> list[OrreryError | None]:
    """For each snippet why it is not saved: it holds what looks like a secret, or the time is over; None if it may be.

    Who set ``allow_secrets`` confirmed that it is to be saved all the same.
    """
    until = time.monotonic() + CHECK_SECONDS
    problems: list[OrreryError | None] = []
    for request in requests:
        try:
            problems.append(_problem(request, until))
        except OrreryError as problem:
            problems.append(problem)
    return problems


def require_no_secret(request: SnippetIn) -> None:
    """Refuse a snippet that holds what looks like a secret, unless that was confirmed.

    Raises:
        SecretFound: it holds one.
        TimedOut: it is too long to be looked through in time.
    """
    (problem,) = secret_problems([request])
    if problem is not None:
        raise problem


def _problem(request: SnippetIn | None, until: float) -> OrreryError | None:
    if request is None or request.allow_secrets:
        return None
    return secret_error(request, seconds=until - time.monotonic())
