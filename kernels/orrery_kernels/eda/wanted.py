"""What a person asks for: a source in words, and how to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orrery_kernels.errors import Misused

SECTIONS = ("preliminary", "univariate", "bivariate", "multivariate", "text")
NULLS = ("skip", "mean", "mode", "interpolate")
STORES = ("abfs", "abfss", "az", "gcs", "gs", "s3", "s3a")
_NOT_SQL = (*STORES, "lake", "http", "https", "file")


@dataclass(frozen=True, slots=True)
class How:
    """How to profile; what is not said has the server's default."""

    target: str | None = None
    sample: int | None = None
    sections: Sequence[str] = SECTIONS
    nulls: str = "skip"
    seconds: float = 120.0
    exact: bool = False

    def body(self) -> dict[str, Any]:
        """The options as the server takes them."""
        for section in self.sections:
            if section not in SECTIONS:
                raise Misused(
                    f"There is no section {section!r}", remedy=f"There are: {', '.join(SECTIONS)}."
                )
        if self.nulls not in NULLS:
            raise Misused(
                f"Missing values cannot be treated by {self.nulls!r}",
                remedy=f"There are: {', '.join(NULLS)}.",
            )
        return {
            "target": self.target,
            "sample": self.sample,
            "sections": list(self.sections),
            "nulls": self.nulls,
            "seconds": self.seconds,
            "exact": self.exact,
        }


def source_of(words: str) -> dict[str, Any]:
    """A source in words: a path, ``lake://...``, an object store's address, or a database's with ``#table``."""
    scheme, sign, rest = words.partition("://")
    if not sign:
        path = Path(words).expanduser()
        path = path if path.is_absolute() else Path.cwd() / path
        return {"kind": "file", "location": str(path), "name": path.name}
    if scheme == "lake":
        return {"kind": "lake", "location": rest, "name": rest.rsplit("/", 1)[-1]}
    if scheme in STORES or scheme in _NOT_SQL:
        return {"kind": "url", "location": words, "name": rest.rsplit("/", 1)[-1] or rest}
    location, _, table = words.rpartition("#")
    if not location:
        raise Misused(
            "No table is named", remedy="Write it behind the address: postgresql://host/shop#orders"
        )
    return {"kind": "table", "location": location, "table": table, "name": table}
