"""What one file of a snippet holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from orrery_server.snippets.library_marks import Mark
from orrery_wire.names import Slug
from orrery_wire.schemas import Shape
from orrery_wire.snippets import (
    Scope,
    SnippetContent,
    SnippetIn,
    SnippetVersion,
    StoredSnippet,
)

_CONTENT = tuple(SnippetContent.model_fields)


class StoredVersion(Shape):
    """One version of a snippet on the disk. A file of a newer schema is not read as if it were of this one."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    version: int = Field(ge=1)
    scope: Scope
    project: Slug | None = None
    created: datetime
    created_by: str
    updated: datetime
    updated_by: str
    content: SnippetContent

    @classmethod
    def read(cls, path: Path) -> StoredVersion:
        """The file's snippet; ``OSError`` or ``ValidationError`` if there is none in it."""
        return cls.model_validate_json(path.read_bytes())

    @classmethod
    def of(cls, snippet_in: SnippetIn, old: StoredVersion | None, user: str) -> StoredVersion:
        """The next version."""
        now = datetime.now(UTC)
        return cls(
            version=old.version + 1 if old else 1,
            scope=snippet_in.scope,
            project=snippet_in.project if snippet_in.scope == "project" else None,
            created=old.created if old else now,
            created_by=old.created_by if old else user,
            updated=now,
            updated_by=user,
            content=_content(snippet_in),
        )

    def same(self, snippet_in: SnippetIn) -> bool:
        """Whether saving it would change nothing."""
        place = (snippet_in.scope, snippet_in.project if snippet_in.scope == "project" else None)
        return place == (self.scope, self.project) and _content(snippet_in) == self.content

    def dump(self) -> bytes:
        """The file's bytes."""
        return self.model_dump_json(by_alias=True, indent=1).encode()

    def shape(self, id: str, mark: Mark) -> StoredSnippet:
        """The snippet as the service gets it. Its parts were checked when they were read; 100,000 are many."""
        return StoredSnippet.model_construct(
            **{name: getattr(self.content, name) for name in _CONTENT},
            id=id,
            scope=self.scope,
            project=self.project,
            version=self.version,
            created=self.created,
            created_by=self.created_by,
            updated=self.updated,
            updated_by=self.updated_by,
            writable=True,
            favourite=mark.favourite,
            position=mark.position,
            uses=mark.uses,
            used=mark.used,
            seen_version=mark.seen_version,
        )

    def as_version(self) -> SnippetVersion:
        """This version as an entry of the history."""
        return SnippetVersion(
            version=self.version, saved=self.updated, saved_by=self.updated_by, content=self.content
        )


def _content(snippet_in: SnippetContent) -> SnippetContent:
    """What of a snippet has versions, without where it is kept."""
    return SnippetContent.model_construct(**{name: getattr(snippet_in, name) for name in _CONTENT})
