"""The person's own marks in one JSON file: favourites, order, uses, what was seen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from orrery_server.base import files
from orrery_wire.schemas import Shape
from orrery_wire.snippets import Marks

SCHEMA = 1


class Mark(Shape):
    """What the person noted on one snippet."""

    favourite: bool = False
    position: float | None = None
    uses: int = Field(default=0, ge=0)
    used: datetime | None = None
    seen_version: int | None = None

    def with_(self, marks: Marks, version: int) -> Mark:
        """These marks with the ones that were sent; what was not sent stays."""
        return Mark(
            favourite=self.favourite if marks.favourite is None else marks.favourite,
            position=marks.position if "position" in marks.model_fields_set else self.position,
            uses=self.uses + marks.used,
            used=datetime.now(UTC) if marks.used else self.used,
            seen_version=version if marks.seen else self.seen_version,
        )


# Not checked: a shape is built when the first snippet is shown, not while the server starts.
UNMARKED = Mark.model_construct()


class _File(Shape):
    schema_: int = Field(alias="schema")
    marks: dict[str, Mark]


class MarksFile:
    """The marks of one person, read again when another server wrote them."""

    def __init__(self, path: Path, aside: Path) -> None:
        self._path = path
        self._aside = aside
        self._stamp: tuple[int, int, int] | None = None
        self._marks: dict[str, Mark] = {}
        self.damaged: Path | None = None

    def read(self) -> Mapping[str, Mark]:
        """The marks as they are on the disk now. A file that cannot be read is kept aside."""
        stamp = self._stamped()
        if stamp is None:
            self._stamp, self._marks = None, {}
        elif stamp != self._stamp:
            self._marks = self._load()
            self._stamp = stamp
        return self._marks

    @contextmanager
    def change(self) -> Iterator[dict[str, Mark]]:
        """The marks to change; kept for good when the block ends. The caller holds the lock.

        Raises:
            StorageFull: nothing was kept.
        """
        changed = dict(self.read())
        yield changed
        if changed != self._marks:
            self._keep(changed)

    def _keep(self, marks: dict[str, Mark]) -> None:
        content = {
            key: mark.model_dump(mode="json", exclude_defaults=True)
            for key, mark in marks.items()
            if mark != UNMARKED
        }
        text = json.dumps({"schema": SCHEMA, "marks": content}, ensure_ascii=False)
        files.write(self._path, text.encode())
        self._marks, self._stamp = marks, self._stamped()

    def _load(self) -> dict[str, Mark]:
        try:
            content = _File.model_validate_json(self._path.read_bytes())
            if content.schema_ == SCHEMA:
                return content.marks
        except (OSError, ValidationError):
            pass
        self.damaged = files.set_aside(self._path, self._aside) or self._path
        return {}

    def _stamped(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
