"""What a person asks for: a source in words, and how to look at it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict, cast, get_args
from urllib.parse import quote, unquote

from orrery_engine.formats import WORKBOOKS
from orrery_engine.url_secrets import holds_secret
from orrery_kernels.errors import UsageError
from orrery_wire.types.eda import ChecksFormat, Nulls, Options, Section, SourceIn, SourceKind, Task

SECTIONS: tuple[Section, ...] = get_args(Section)
NULLS: tuple[Nulls, ...] = get_args(Nulls)
CHECKS: tuple[ChecksFormat, ...] = get_args(ChecksFormat)
STORES = ("abfs", "abfss", "az", "gcs", "gs", "http", "https", "s3", "s3a")
FULL_SECONDS = 900.0

_LONGEST = 4_000
_DAY = 86_400.0
# An address that an environment variable holds as a whole.
_NAMED = re.compile(r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}#")
_SQLITE = re.compile(r"^(sqlite(?:\+\w+)?):///(?!/|:memory:|$)", re.IGNORECASE)


class ProfileArguments(TypedDict, total=False):
    """The keyword arguments of ``ProfileOptions``."""

    target: str | None
    sample: int | None
    sections: Sequence[str]
    nulls: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """How to profile.

    Attributes:
        target: the column to be predicted.
        sample: look at so many rows at random.
        sections: what to look at, of ``SECTIONS``.
        nulls: what stands for a missing value in pairs of columns, of ``NULLS``.
        seconds: budget of time; the server's default if none, of the full report 900.
    """

    target: str | None = None
    sample: int | None = None
    sections: Sequence[str] = SECTIONS
    nulls: str = "skip"
    seconds: float | None = None

    def __post_init__(self) -> None:
        for section in self.sections:
            if section not in SECTIONS:
                raise UsageError(
                    f"There is no section {section!r}", remedy=f"There are: {', '.join(SECTIONS)}."
                )
        if self.nulls not in NULLS:
            raise UsageError(
                f"Missing values cannot be treated by {self.nulls!r}",
                remedy=f"There are: {', '.join(NULLS)}.",
            )
        if self.sample is not None and self.sample < 1:
            raise UsageError(f"A sample of {self.sample} rows cannot be taken")
        if self.seconds is not None and not 0 < self.seconds <= _DAY:
            raise UsageError(
                f"{self.seconds:g} seconds are no budget of time",
                remedy="Give more than none, and at most a day.",
            )

    def body(self, task: Task) -> Options:
        """The options as the server takes them; the full report takes its time, other tasks the server's default."""
        body = asdict(self) | {"sections": list(self.sections)}
        if self.seconds is None:
            del body["seconds"]
            if task == "report":
                body["seconds"] = FULL_SECONDS
        return cast("Options", body)


def parse_sections(words: str | None) -> Sequence[str]:
    """Sections with commas between them; all of them if nothing is said."""
    return [name.strip() for name in words.split(",") if name.strip()] if words else SECTIONS


def source_of(words: str) -> SourceIn:
    """A source in words.

    A path, ``lake://...``, an object store's address, or a database's with ``#table``. An Excel file may have ``#sheet``.

    Raises:
        UsageError: it cannot be meant, or holds a password.
    """
    if not words or len(words) > _LONGEST or not _can_be_named(words):
        raise UsageError("This is no source", remedy="Name a dataframe, a path, or an address.")
    scheme, sign, rest = words.partition("://")
    if _NAMED.match(words):
        return _table(words)
    if not sign:
        return _file(words)
    if scheme == "lake":
        return make_source("lake", rest, _last(rest))
    if scheme == "file":
        return _file(rest if rest.startswith("/") else f"/{rest}")
    if scheme in STORES:
        return make_source("url", words, _last(rest))
    return _table(words)


def make_source(
    kind: SourceKind, location: str, name: str, *, table: str = "", sheet: str = ""
) -> SourceIn:
    """A source as the server takes it."""
    return {
        "kind": kind,
        "location": location,
        "name": name,
        "table": table,
        "sheet": sheet,
        "reading": None,
    }


def _can_be_named(words: str) -> bool:
    try:
        return b"\x00" not in os.fsencode(words)
    except UnicodeEncodeError:
        return False


def exists(path: str | Path) -> bool:
    """Whether there is such a file or folder; nothing is where no name can be so."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _file(words: str) -> SourceIn:
    path, sheet = words, ""
    before, sign, after = words.rpartition("#")
    if sign and before.lower().endswith(WORKBOOKS) and not exists(words):
        path, sheet = before, after
    # As a shell does it: parts that lead up are resolved by their names.
    whole = os.path.normpath(Path.cwd() / os.path.expanduser(path))  # noqa: PTH111 - no such person is no failure
    return make_source("file", whole, Path(whole).name or words, sheet=sheet)


def _table(words: str) -> SourceIn:
    location, _, table = words.rpartition("#")
    if not location:
        raise UsageError(
            "No table is named", remedy="Write it behind the address: postgresql://host/shop#orders"
        )
    if holds_secret(location):
        raise UsageError(
            "The address holds a password",
            reason="An address is shown, and kept in the history of reports.",
            remedy="Put it into an environment variable and write its name: 'postgresql://me:${DB_PASSWORD}@host/shop#orders'",
        )
    # The server would look from the folder that it shows, not from here.
    location = _SQLITE.sub(lambda match: f"{match[1]}:///{quote(Path.cwd().as_posix())}/", location)
    return make_source("table", location, table, table=table)


def _last(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1] or path


def path_of(source: SourceIn) -> Path | None:
    """The file of this machine that a source is; None if it is none."""
    if source["kind"] == "file":
        return Path(source["location"])
    if source["kind"] == "table" and source["location"].lower().startswith("sqlite"):
        written = source["location"].partition(":///")[2].partition("?")[0]
        path = unquote(written)
        return None if "\x00" in path else Path("/" + path.lstrip("/"))
    return None


def below(source: SourceIn, root: str) -> SourceIn | None:
    """The source as a lab names it that shows the folder ``root``; None if it does not show it."""
    path = path_of(source)
    if path is None:
        return source
    if not root:
        return None
    for real, base in ((path, Path(root)), (path.resolve(), Path(root).resolve())):
        if real.is_relative_to(base):
            inside = real.relative_to(base).as_posix()
            location = inside if source["kind"] == "file" else _inside(source, inside)
            return {**source, "location": location}
    return None


def _inside(source: SourceIn, inside: str) -> str:
    scheme, _, rest = source["location"].partition(":///")
    _, mark, query = rest.partition("?")
    return f"{scheme}:///{quote(inside)}{mark}{query}"
