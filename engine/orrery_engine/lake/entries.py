"""What a listing is made of."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orrery_wire.errors import Invalid

EntryKind = Literal["folder", "file"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder of a store.

    An object store can have a file and a folder of one path: both are entries.

    Attributes:
        path: from the root of the store, without a slash at either end.
        size: bytes; None for a folder.
        modified: with a time zone; None where the store does not say.
        etag: changes with the content; empty where the store has none.
        problem: why it cannot be opened by its path; empty if it can.
    """

    path: str
    kind: EntryKind
    size: int | None = None
    modified: datetime | None = None
    etag: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some entries of a folder, in the order of the store.

    Attributes:
        next: where the next page begins; empty after the last.
        scanned: how many entries were looked at for this page.
    """

    entries: tuple[Entry, ...]
    next: str = ""
    scanned: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins.

    A store gives a folder in parts; of each part the folders come first, then the files, each in order. So a page
    can end among the folders of a part whose files are still to come.

    Attributes:
        folder: the last folder that was given; all before it were.
        file: the last file that was given; all before it were.
        complete: up to this path both were given.
    """

    folder: str = ""
    file: str = ""
    complete: str = ""

    def token(self) -> str:
        """The position as a text that a client sends back."""
        text = json.dumps([self.folder, self.file, self.complete], ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")

    @classmethod
    def parse(cls, token: str) -> Position:
        """The position that a text means; the beginning for an empty one.

        Raises:
            Invalid: no listing gave this text.
        """
        if not token:
            return cls()
        try:
            text = base64.b64decode(token, altchars=b"-_", validate=True)
            parts = json.loads(text.decode("utf-8", "surrogatepass"))
        except (binascii.Error, UnicodeDecodeError, ValueError, RecursionError):
            parts = None
        if (
            not isinstance(parts, list)
            or len(parts) != 3
            or not all(isinstance(part, str) for part in parts)
        ):
            raise Invalid(
                "The place in the list is not known",
                reason="It is not one that a list of this service gave.",
                remedy="Begin the list anew.",
            )
        return cls(*parts)

    def is_given(self, path: str, *, is_folder: bool) -> bool:
        """Whether a page before had this entry."""
        last = self.folder if is_folder else self.file
        return bool(last) and in_order(path) <= in_order(last)


def in_order(path: str) -> bytes:
    """What stores order paths by: the bytes of their names."""
    return path.encode("utf-8", "surrogatepass")
