"""DuckDB's reader of JSON for regular records, and how what it read is compared with what is there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.readers.columns import partitioned
from orrery_engine.readers.json import digits
from orrery_engine.readers.json.values import Layout
from orrery_engine.readers.text import tallies, types
from orrery_engine.readers.text.types import TextType
from orrery_engine.readers.text.utf8 import Utf8File

SAMPLE = 20_480
ALL = -1
_COMPARED = 30  # files whose columns are compared
_EXACT = 2**53
_TIMES = ("DATE", "TIME", "TIMESTAMP")
_KINDS = {
    "UBIGINT": "int",
    "BIGINT": "int",
    "HUGEINT": "int",
    "DOUBLE": "float",
    "VARCHAR": "str",
    "BOOLEAN": "bool",
    "ARRAY": "list",
    "OBJECT": "dict",
}
# DuckDB gives a key that differs from another in capitals only a name like this.
_RENAMED = re.compile(r"(.+)_[0-9]+")


@dataclass(frozen=True)
class Part:
    """A file of the table.

    Attributes:
        file: its content.
        layout: how its values stand in it.
        folders: values of the columns that its folders are named after.
    """

    file: Utf8File
    layout: Layout
    folders: Mapping[str, str | None] = field(default_factory=dict)


class InexactError(Exception):
    """What DuckDB reads is not what is there."""


class QuickReader:
    """Statements that read regular records: lists of them, or one a line."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def describe(self, connection: duckdb.DuckDBPyConnection, sample: int) -> dict[str, str]:
        """Names and types of the columns in the files, by so many of their values.

        Raises:
            InexactError: DuckDB does not see records, or not all of their digits.
        """
        described = connection.execute(f"DESCRIBE FROM {self._call(self._parts, sample)}")
        columns = {str(row[0]): str(row[1]) for row in described.fetchall()}
        if columns == {"json": "JSON"} or "HUGEINT" in columns.values():
            raise InexactError
        if "filename" in columns or len({name.lower() for name in columns}) < len(columns):
            raise InexactError
        return columns

    def _call(
        self, parts: Sequence[Part], sample: int, columns: Mapping[str, str] | None = None
    ) -> str:
        """The call of DuckDB's reader; paths are ours and quoted, options are constants."""
        options = {
            "maximum_depth": "2",
            "map_inference_threshold": "-1",
            "field_appearance_threshold": "0",
            "maximum_object_size": str(64 * 2**20),
            "sample_size": str(sample),
        }
        if columns is not None:
            stored = [f"{sql_text(name)}: {sql_text(_stored(of))}" for name, of in columns.items()]
            options |= {"columns": "{" + ", ".join(stored) + "}", "records": "true"}
            options["filename"] = "true"
        packings = {part.file.packing for part in parts}
        if len(packings) > 1:
            raise InexactError
        if packing := packings.pop():
            options["compression"] = sql_text(packing)
        if len(parts) > 1:
            options["union_by_name"] = "true"
        paths = ", ".join(sql_text(str(part.file.path)) for part in parts)
        listed = ", ".join(f"{key} = {text}" for key, text in options.items())
        return f"read_json([{paths}], {listed})"

    def query(self, columns: Mapping[str, str], kinds: Mapping[int, TextType]) -> str:
        """All columns, each named by its place; those of folders are the last ones.

        Args:
            columns: names and types in the files.
            kinds: what columns of texts stand for, by place.
        """
        selected = [
            kinds[place].cast(sql_name(name), place)
            if kinds.get(place, types.TEXT) is not types.TEXT
            else sql_name(name)
            for place, name in enumerate(columns)
        ]
        selected += [self._folder(name) for name in self.folders(columns)]
        listed = ", ".join(f'{column} AS "{place}"' for place, column in enumerate(selected))
        return f"SELECT {listed} FROM {self._call(self._parts, SAMPLE, columns)}"  # noqa: S608 - names and paths are quoted

    def folders(self, stored: Mapping[str, object]) -> list[str]:
        """The columns that folders are named after and files do not hold."""
        names = dict.fromkeys(name for part in self._parts for name in part.folders)
        return [name for name in names if name not in stored]

    def _folder(self, name: str) -> str:
        texts = [part.folders.get(name) for part in self._parts]
        paths = ", ".join(sql_text(str(part.file.path)) for part in self._parts)
        listed = ", ".join("NULL" if text is None else sql_text(text) for text in texts)
        kind = partitioned(texts).type
        of = "BIGINT" if kind == pa.int64() else "DATE" if kind == pa.date32() else "VARCHAR"
        return f"CAST(map([{paths}], [{listed}]::VARCHAR[])[filename] AS {of})"

    def folder_values(self, part: Part) -> dict[str, int | str | None]:
        """The values of a file's folders."""
        result: dict[str, int | str | None] = {}
        for name, text in part.folders.items():
            counts = partitioned([own.folders.get(name) for own in self._parts]).type == pa.int64()
            result[name] = int(text) if counts and text is not None else text
        return result

    def compare(
        self, connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str], out: Path
    ) -> None:
        """What was read with what is there: names, and floats with integers that they cannot hold.

        Raises:
            InexactError: they differ.
        """
        tests = [
            f'coalesce(bool_or(abs("{place}") >= {_EXACT} AND isfinite("{place}")), false)'
            for place, of in enumerate(columns.values())
            if of == "DOUBLE"
        ]
        # What no float holds comes out as infinite.
        tests += [
            f'coalesce(bool_or(isinf("{place}")), false)'
            for place, of in enumerate(columns.values())
            if of == "DOUBLE"
        ]
        lower = {name.lower() for name in columns}
        tests += [
            f'count("{place}") = 0'
            for place, name in enumerate(columns)
            if (match := _RENAMED.fullmatch(name)) and match[1].lower() in lower
        ]
        if not tests:
            return
        query = f"SELECT {', '.join(tests)} FROM {_written(out)}"  # noqa: S608 - a path of ours
        if any(connection.execute(query).fetchall()[0]):
            raise InexactError

    def compare_rows(self, connection: duckdb.DuckDBPyConnection, out: Path) -> None:
        """How many rows were read with the number of lines.

        Raises:
            InexactError: they differ.
        """
        if any(part.layout != "lines" for part in self._parts):
            return
        expected = sum(tallies.filled_lines(part.file.path) for part in self._parts)
        query = f"SELECT count(*) FROM {_written(out)}"  # noqa: S608 - a path of ours
        if connection.execute(query).fetchall() != [(expected,)]:
            raise InexactError

    def compare_digits(self, columns: Mapping[str, str]) -> None:
        """Numbers with a point, which DuckDB takes for floats, with what floats hold.

        Raises:
            InexactError: there are longer ones.
        """
        if not any(of == "DOUBLE" or is_nested(of) for of in columns.values()):
            return
        if any(digits.has_others(part.file.path) for part in self._parts):
            raise InexactError

    def mixtures(
        self, connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str], out: Path
    ) -> dict[int, dict[str, int]]:
        """Of columns that DuckDB has no type for, how many values are of which Python type."""
        result: dict[int, dict[str, int]] = {}
        for place, of in enumerate(columns.values()):
            if of != "JSON":
                continue
            query = (
                f'SELECT json_type("{place}"), count(*) FROM {_written(out)}'  # noqa: S608 - a path of ours
                f' WHERE "{place}" IS NOT NULL GROUP BY 1'
            )
            kinds: dict[str, int] = {}
            for kind, rows in connection.execute(query).fetchall():
                name = _KINDS.get(str(kind), "str")
                kinds[name] = kinds.get(name, 0) + int(rows)
            result[place] = kinds
        return result

    def lacking(self, connection: duckdb.DuckDBPyConnection, width: int) -> tuple[str, ...]:
        """What to say of files that lack columns which others have."""
        if len(self._parts) < 2:
            return ()
        compared = self._parts[:_COMPARED]
        lack = sum(self._lacks(connection, part, width) for part in compared)
        files = f"{len(compared)} files"
        if len(compared) < len(self._parts):
            files = f"the first {files}"
        return (f"{lack} of {files} lack columns that others have.",) if lack else ()

    def _lacks(self, connection: duckdb.DuckDBPyConnection, part: Part, width: int) -> bool:
        """Whether a file has fewer columns, by its first values and then by all of them."""
        for sample in (SAMPLE, ALL):
            described = connection.execute(f"DESCRIBE FROM {self._call([part], sample)}")
            if len(described.fetchall()) >= width:
                return False
        return True


def is_nested(of: str) -> bool:
    """Whether a type of DuckDB is one of lists or records."""
    return of.endswith("]") or of.startswith(("STRUCT", "MAP"))


def is_text(of: str) -> bool:
    """Whether a type of DuckDB is one of texts: what it takes for times is judged by our own rule."""
    return of in ("VARCHAR", "UUID") or of.startswith(_TIMES)


def _stored(of: str) -> str:
    """The type that values are read as: what is nested stays JSON, so that nothing in it is rounded."""
    if is_nested(of):
        return "JSON"
    return "VARCHAR" if is_text(of) or of == '"NULL"' else of


def _written(out: Path) -> str:
    return f"read_parquet({sql_text(str(out))})"
