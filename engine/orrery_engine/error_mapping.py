"""Failures for a person from the exceptions of libraries, without the secrets of the source."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from orrery_engine import plain_words
from orrery_engine.plain_words import PlainError
from orrery_engine.schemas import Failure, Job, ResolvedSource
from orrery_wire.errors import OrreryError

_LONG = 600
_SHORTEST = 4
_QUERY = re.compile(r"(?<==)[^&\s]{4,}")
# Folders before a name: whose they are is nobody else's business.
_FOLDERS = re.compile(r"(?<![\w:/])/(?:[^\s/'\"]+/)+")
_USER = re.compile(r"//[^/@\s]*:[^/@\s]*@")


class OutOfMemoryError(OrreryError):
    """What was asked for does not fit into the memory that the worker may use."""

    code = "out_of_memory"


def secrets(job: Job) -> list[str]:
    """Everything in a job that may be a secret."""
    texts: list[str] = []
    for resolved in (job.source, job.against):
        if resolved is not None:
            texts += _secrets_of(resolved)
    return sorted({text for text in texts if len(text) >= _SHORTEST}, key=len, reverse=True)


def _secrets_of(resolved: ResolvedSource) -> list[str]:
    secrets = [*resolved.options.values(), *resolved.secrets]
    try:
        parts = urlsplit(resolved.location)
        password = parts.password
    except ValueError:
        return secrets
    if password:
        secrets += [password, unquote(password)]
    return secrets + _QUERY.findall(parts.query) if resolved.reader == "table" else secrets


def scrub(text: str, hidden: Iterable[str]) -> str:
    """A text without the secrets."""
    for secret in hidden:
        text = text.replace(secret, "***")
    return _USER.sub("//***@", text)


def failure(problem: BaseException, hidden: Iterable[str] = ()) -> Failure:
    """What is said of a problem, without the secrets ``hidden``."""
    hidden = list(hidden)
    plain = _failure(problem)
    return Failure(
        code=plain.code,
        message=scrub(plain.message, hidden)[:_LONG],
        reason=scrub(plain.reason, hidden)[:_LONG],
        remedy=plain.remedy,
    )


@dataclass(frozen=True)
class _Rule:
    """What is said of a kind of problem: code, message, what to do, and why."""

    applies: Callable[[BaseException], bool]
    code: str
    message: str
    remedy: str
    words: Callable[[BaseException], str]

    def failure(self, problem: BaseException) -> Failure:
        """The failure; the problem's own text goes to the log."""
        plain_words.log(problem)
        return Failure(
            code=self.code,
            message=self.message,
            reason=self.words(problem),
            remedy=self.remedy,
        )


def _failure(problem: BaseException) -> Failure:
    if isinstance(problem, OrreryError):
        return Failure.of(problem)
    if isinstance(problem, ModuleNotFoundError):
        return _missing_module(problem)
    return next(rule for rule in _RULES if rule.applies(problem)).failure(problem)


def _missing_module(problem: ModuleNotFoundError) -> Failure:
    package = (problem.name or "").partition(".")[0]
    install = "'jupyter-orrery[lab]'" if package in _EXTRA_LAB else package
    return Failure(
        code="backend_unavailable",
        message=f"This needs {package}, which is not installed.",
        reason=f"There is no module {problem.name!r}." if problem.name else "",
        remedy=f"Install it with: pip install {install}",
    )


def _text(problem: BaseException) -> str:
    """The first lines of what the machine or a service says, without traces and folders."""
    if isinstance(problem, OSError) and problem.errno:
        return os.strerror(problem.errno)
    text = str(getattr(problem, "orig", None) or problem)
    lines = [line.strip() for line in text.partition("\nLINE ")[0].splitlines()]
    return " ".join([_FOLDERS.sub("", line) for line in lines if line][:3])


def _fixed(words: str) -> Callable[[BaseException], str]:
    return lambda problem: words


def _unforeseen(problem: BaseException) -> str:
    return f"It is an error of the kind {type(problem).__name__}; what it says is in the log of the lab's server."


def _speaks(problem: BaseException) -> bool:
    """Whether the words of a problem are for a person: ours, or those of the machine, a database or a store."""
    has_number = isinstance(problem, OSError) and bool(problem.errno)
    module = type(problem).__module__.partition(".")[0]
    return isinstance(problem, PlainError) or has_number or module in _SERVICES


def _is_out_of_memory(problem: BaseException) -> bool:
    text = str(problem).lower()
    return isinstance(problem, MemoryError) or any(sign in text for sign in _NO_MEMORY)


def _lacks_credentials(problem: BaseException) -> bool:
    return "credentials" in f"{problem.__class__.__name__} {problem}".lower()


def _is_disk_full(problem: BaseException) -> bool:
    full = getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    return full or "no space left on device" in str(problem).lower()


def _is(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda problem: isinstance(problem, kinds)


_UNFORESEEN = (AssertionError, AttributeError, NameError, KeyError)
# What speaks for a database or a store, by the modules of its exceptions.
_SERVICES = frozenset({"adlfs", "aiohttp", "botocore", "fsspec", "gcsfs", "s3fs", "sqlalchemy"})
_NO_MEMORY = ("out of memory", "could not allocate", "failed to allocate", "failed to pin block")
# Modules that the extra `lab` of the distribution brings.
_EXTRA_LAB = frozenset({"data_profiling", "matplotlib", "pandas", "s3fs", "sklearn"})
# The first that applies is taken; the last one always does.
_RULES = (
    _Rule(
        _is_out_of_memory,
        "out_of_memory",
        "The profile needs more memory than it may use.",
        "Profile a sample, choose fewer sections, or allow more memory.",
        _fixed("What has to be held at one time does not fit into it."),
    ),
    _Rule(
        _is(FileNotFoundError),
        "not_found",
        "There is no such file.",
        "Check the name; the file may have been moved or removed.",
        _fixed(os.strerror(errno.ENOENT)),
    ),
    _Rule(
        _lacks_credentials,
        "forbidden",
        "The store asks for credentials, and there are none that it takes.",
        "Set them in the environment of the lab's server, for S3 as AWS_ACCESS_KEY_ID and"
        " AWS_SECRET_ACCESS_KEY, and start the server again.",
        _fixed("It was asked without any, or with some that have expired."),
    ),
    _Rule(
        _is(PermissionError),
        "forbidden",
        "You may not read this.",
        "Ask the owner for the right to read it, or check the credentials.",
        _text,
    ),
    _Rule(
        _is_disk_full,
        "storage_full",
        "The disk is full.",
        "Free some space, or profile a sample.",
        _fixed(os.strerror(errno.ENOSPC)),
    ),
    _Rule(
        _is(TimeoutError, ConnectionError),
        "backend_unavailable",
        "The source does not answer.",
        "Check the address and the network, and run it again.",
        _text,
    ),
    _Rule(
        _speaks,
        "invalid",
        "The data could not be read.",
        "Check that the file is whole and of the kind that its name says.",
        _text,
    ),
    _Rule(
        _is(*_UNFORESEEN),
        "internal_error",
        "The profile failed for a reason that Orrery did not foresee.",
        "Run it again; if it fails again, please report it with that line of the log.",
        _unforeseen,
    ),
    _Rule(
        _is(BaseException),
        "invalid",
        "The data could not be read.",
        "Check that the file is whole and of the kind that its name says.",
        _fixed("What it holds is not what its kind of file allows; it may be damaged."),
    ),
)
