"""The git command, run so that neither an address nor a repository can make it do anything else.

No shell, no prompt, no hooks, no submodules, no helper programs named by a repository; a time limit, and a
limit on what it may put on the disk.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from orrery_wire.errors import BackendUnavailable, Invalid, OrreryError, TimedOut, TooLarge

SCHEMES = ("https", "ssh", "file")

_SAFE = (
    "-c",
    "protocol.ext.allow=never",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "submodule.recurse=false",
    "-c",
    "core.symlinks=false",
)
_REF = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$")
_CREDENTIALS = re.compile(r"(://)[^/@\s]+@")


def checked_url(url: str) -> str:
    """The address, if git may be given it.

    Raises:
        Invalid: another scheme, a password in it, or a host that git would take for an option.
    """
    remedy = "Give an address such as https://example.org/team/snippets.git"
    if not url.isprintable() or any(c.isspace() for c in url):
        raise Invalid("That is no address", reason="It holds blanks or signs.", remedy=remedy)
    try:
        parts = urlsplit(url)
        host, password, user = parts.hostname or "", parts.password, parts.username
        _ = parts.port
    except ValueError as problem:
        raise Invalid("That is no address", reason=str(problem), remedy=remedy) from None
    if parts.scheme not in SCHEMES:
        raise Invalid(
            "Git repositories are reached by https, ssh or file",
            reason=f"The address begins with {parts.scheme or 'no scheme'!r}.",
            remedy=remedy,
        )
    if password is not None or (user is not None and parts.scheme != "ssh"):
        raise Invalid(
            "The address may not hold a password or token",
            reason="It would be kept in a file and shown in lists.",
            remedy="Store it with git's credential helper, and leave it out of the address.",
        )
    if host.startswith("-") or (user or "").startswith("-"):
        raise Invalid("That is no address", reason="A host cannot begin with '-'.", remedy=remedy)
    if not host and parts.scheme != "file":
        raise Invalid("That is no address", reason="It names no host.", remedy=remedy)
    if parts.scheme == "file" and (host or not parts.path.startswith("/")):
        raise Invalid("That is no address", reason="A file address is file:///folder.")
    return url


def checked_ref(ref: str) -> str:
    """The branch or tag, if it is a name and not an option or a range; Invalid otherwise."""
    if not _REF.match(ref) or ".." in ref:
        raise Invalid("That is no name of a branch or tag", remedy="Give a name such as main.")
    return ref


async def run(
    *arguments: str,
    cwd: Path | None = None,
    seconds: float = 60,
    feed: bytes = b"",
    watch: Path | None = None,
    max_bytes: int = 0,
    max_output: int = 64 * 1024 * 1024,
) -> bytes:
    """What git printed. Ends it, with its children, when it is cancelled, slow or greedy.

    Raises:
        BackendUnavailable: git is not installed, or refused; the reason is what it said.
        TimedOut: it took longer than ``seconds``.
        TooLarge: the folder ``watch`` outgrew ``max_bytes``, or it printed more than ``max_output``.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            *_SAFE,
            *arguments,
            cwd=cwd,
            env=_environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise BackendUnavailable(
            "git is not installed", remedy="Install git, then try again."
        ) from None
    watcher = asyncio.create_task(_grows(watch, max_bytes)) if watch else None
    talk = asyncio.create_task(_talk(process, feed, max_output))
    try:
        async with asyncio.timeout(seconds):
            waited = {talk, watcher} if watcher else {talk}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():
                raise _too_large(max_bytes)
            out, errors = talk.result()
    except TimeoutError:
        raise TimedOut(
            "git took too long",
            reason=f"It was stopped after {seconds:.0f} s.",
            remedy="Check the address and the network, then try again.",
        ) from None
    finally:
        await _end(process, talk, watcher)
    if process.returncode != 0:
        raise _refused(errors)
    if watch and await asyncio.to_thread(_size, watch) > max_bytes:
        raise _too_large(max_bytes)
    return out


async def _talk(
    process: asyncio.subprocess.Process, feed: bytes, max_output: int
) -> tuple[bytes, bytes]:
    """Feed it and read both its voices, so that none of the three can block another."""
    out, errors, _ = await asyncio.gather(
        _read(process.stdout, max_output), _read(process.stderr, 1024 * 1024), _send(process, feed)
    )
    await process.wait()
    return out, errors


async def _read(stream: asyncio.StreamReader | None, limit: int) -> bytes:
    parts, size = [], 0
    while stream and (part := await stream.read(65536)):
        size += len(part)
        if size > limit:
            raise TooLarge(
                "The repository is too large",
                reason=f"Reading it gave more than {limit / 1e6:,.0f} MB.",
                remedy="Name a folder of it that is smaller.",
            )
        parts.append(part)
    return b"".join(parts)


async def _send(process: asyncio.subprocess.Process, feed: bytes) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(feed)
        await process.stdin.drain()
    process.stdin.close()


async def _grows(folder: Path, limit: int) -> None:
    """Return once a folder has more than ``limit`` bytes."""
    while await asyncio.to_thread(_size, folder) <= limit:  # noqa: ASYNC110  # a folder tells nobody
        await asyncio.sleep(0.3)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        "The repository is too large",
        reason=f"It has more than {limit / 1e6:,.0f} MB.",
        remedy="Use a smaller repository.",
    )


def _size(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(Path(root, name)).st_size
    return total


async def _end(
    process: asyncio.subprocess.Process,
    talk: asyncio.Task[tuple[bytes, bytes]],
    watcher: asyncio.Task[None] | None,
) -> None:
    for task in (talk, watcher):
        if task:
            task.cancel()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    await asyncio.gather(*(t for t in (talk, watcher) if t), return_exceptions=True)


def _refused(output: bytes) -> OrreryError:
    """What git said last, without the address's user."""
    lines = [
        line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()
    ]
    reason = _CREDENTIALS.sub(r"\1", " ".join(lines[-3:]))[:1000]
    return BackendUnavailable(
        "git could not do it",
        reason=reason or "It gave no reason.",
        remedy="Check the address, the branch and your access to the repository.",
    )


def _environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {
        **inherited,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "LC_ALL": "C",
    }
