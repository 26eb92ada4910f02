"""Actions on many objects at once, which capabilities offer and the administration runs in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BulkItem:
    """One object of a job: who has it done, its id or name, what the job was given beside the objects, and when.

    A name that was given after the job ``began`` is not the one that the job means.
    """

    who: str
    target: str
    arguments: Mapping[str, str]
    began: datetime


# Says in a few words what it did, or would do; raises an `OrreryError` for what cannot be done.
Step = Callable[[BulkItem], Awaitable[str]]


@dataclass(frozen=True)
class BulkAction:
    """An action: ``check`` is the dry run of one object, ``apply`` does it.

    A job that was interrupted goes on with the object that it was at, so ``apply`` may be called twice for one: what
    is done already is no error. A job must be given the ``arguments``, and may be given the ``options``.
    """

    name: str
    title: str
    check: Step
    apply: Step
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
