"""Texts for anything that might become part of a path. ``CANARY`` is a file that they try to reach."""

from __future__ import annotations

from collections.abc import Iterator

CANARY = "orrery-canary.txt"
SAID = "the-canary-was-read-7f3a"

_UP = (
    "../",
    "..\\",
    "%2e%2e/",
    "%2e%2e%2f",
    "..%2f",
    "..%5c",
    "%252e%252e%252f",
    "..%252f",
    "%c0%ae%c0%ae/",
    "%c0%ae%c0%ae%c0%af",
    "..%c0%af",
    "..%ef%bc%8f",
    "\uff0e\uff0e/",
    "\uff0e\uff0e\uff0f",
    "..\u2215",
    "..\u2044",
    "....//",
    "..././",
    "..;/",
    ".../",
    "./../",
    ".//..//",
    "..\x00/",
)

_ABSOLUTE = (
    "/etc/passwd",
    "//etc/passwd",
    "\\etc\\passwd",
    "/proc/self/environ",
    "/proc/self/cwd/" + CANARY,
    "/proc/self/root/etc/passwd",
    "/dev/null",
    "/dev/stdin",
    "/dev/fd/0",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "C:\\Windows\\win.ini",
    "C:/Windows/win.ini",
    "c:win.ini",
    "\\\\evil.invalid\\share\\x",
    "//evil.invalid/share/x",
    "\\\\?\\C:\\x",
    "\\\\.\\pipe\\x",
    "~",
    "~/",
    "~root",
    "~root/.ssh/id_rsa",
    "$HOME/x",
    "${HOME}/x",
    "%HOME%\\x",
)

_NAMES = (
    ".",
    "..",
    "...",
    "",
    " ",
    ". ",
    " .",
    ".. ",
    "/",
    "\\",
    "//",
    ".git",
    ".git/config",
    ".GIT/config",
    "git~1/config",
    ".ssh",
    ".ipython/profile_default/startup/x.py",
    ".jupyter/jupyter_server_config.py",
    ".bashrc",
    "CON",
    "NUL",
    "aux.json",
    "COM1",
    "x:y",
    "x:$DATA",
    "x::$INDEX_ALLOCATION",
    "x\x00",
    "x\x00.json",
    "x\n",
    "x\r\ny",
    "\x7f",
    "-",
    "--",
    "-rf",
    "--help",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "x" * 256,
    "x" * 5_000,
    "x/" * 600 + "x",
    "../" * 400,
    "\u202e.nosj",
    "e\u0301",
    "\u00e9",
    "\ud800",
    "\U0001f600",
    "\ufeffx",
    "%00",
    "%",
    "%zz",
    "library:bundled:../../" + CANARY,
    "library:../" + CANARY + ":x",
    "library::x",
    "library:bundled:%2e%2e%2f" + CANARY,
    "a/../" + CANARY,
    "a/..%2f" + CANARY,
    "users-x/../users",
)


def paths() -> Iterator[str]:
    """Every text, at least 120."""
    for up in _UP:
        yield up * 3 + CANARY
        yield up + CANARY
    yield from _ABSOLUTE
    yield from _NAMES
