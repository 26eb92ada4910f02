"""CSV and its kin as a table: read as text, typed over whole columns, and counted against the file.

The quick way is one pass of DuckDB's parser with the dialect that was found and strict casts. Whatever does
not come out of it exactly (a line of another length, a text that is no number after all, a number of rows
that is not that of the file) is read again in a slower way, and what was assumed or left out is said.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.readers import convert, duck
from orrery_engine.readers.columns import plain_partitions
from orrery_engine.readers.staged import StagedTable
from orrery_engine.readers.text import (
    contents,
    dates,
    dumps,
    escapes,
    records,
    returns,
    sniffing,
    strays,
    tallies,
    types,
    typing,
)
from orrery_engine.readers.text.absent import ABSENT, NOT_NUMBERS, AbsentWords, has_nulls
from orrery_engine.readers.text.dialect import SINGLE, Dialect
from orrery_engine.readers.text.types import TextType
from orrery_engine.readers.text.utf8 import LONGEST_LINE, Utf8File, Utf8Files
from orrery_engine.schemas import Job, ReaderOptions
from orrery_wire.errors import Invalid

_GLIMPSE = 5_000  # rows by which types are tried first
_SHARE = 0.45  # Of the budget of time, before only the first rows are read.
_LEAST = 3.0
_MOST_COLUMNS = 20_000
_LATER = 100  # texts of a column that begins with missing values


@dataclass(frozen=True)
class _Part:
    """A file of the table.

    Attributes:
        file: its content.
        sniffed: how it is written, by its beginning.
        names: of its columns; more than were found at first if some lines have more fields.
        places: for each of its columns, which column of the table it is.
        pieces: Parquet files with its texts, if it was read in the careful way.
        constants: values of the columns that its folders are named after.
    """

    file: Utf8File
    sniffed: Dialect
    names: tuple[str, ...]
    places: tuple[int, ...] = ()
    pieces: tuple[Path, ...] = ()
    constants: tuple[tuple[str, str | None], ...] = ()


class TextTable(StagedTable):
    """Delimited text in one file or several."""

    def __init__(
        self,
        paths: Sequence[Path],
        options: ReaderOptions,
        job: Job,
        size: int,
        partitions: Sequence[Mapping[str, str | None]] = (),
    ) -> None:
        """Look at the beginnings of files.

        Args:
            paths: files on this machine.
            options: what a person chose.
            job: limits, and the folder for what is written on the way.
            size: bytes of all files.
            partitions: for each file the values that its folders are named after, by column.
        """
        super().__init__(job, size)
        self._options = options
        self._scratch = Path(job.scratch)
        self._files = Utf8Files(self._scratch)
        self._remarks: list[str] = []
        self._types: list[TextType] = []
        self._tried: tuple[TextType, ...] = ()
        self._parts: list[_Part] = []
        self._encoding, self._lack = "utf-8", ""
        self._absent = AbsentWords(self._na)
        self._careful, self._is_cut, self._comment = False, False, ""
        folders = partitions or [{}] * len(paths)
        filled = [own for own in zip(paths, folders, strict=True) if own[0].stat().st_size]
        if not filled:
            self.rows = 0
            return
        try:
            parts = [self._part(path) for path, _ in filled]
            constants = plain_partitions([own for _, own in filled])
            self._parts = self._united(
                [replace(part, constants=own) for part, own in zip(parts, constants, strict=True)]
            )
            if not self.names:
                self.rows = 0
                return
            self._glimpse()
        except BaseException:
            self.close()
            raise

    # What is in the files

    def _part(self, path: Path) -> _Part:
        """A file, and what was found out about it."""
        file = self._files.file(path, self._options.encoding)
        if not file.whole and "\n" not in file.beginning:
            raise Invalid(
                "The CSV could not be read.",
                reason=f"Its first line has more than {LONGEST_LINE // 2**20} MiB.",
                remedy="Check that it is text with a record a line.",
            )
        if dumps.NULL in self._na and not self._options.escape:
            file = self._files.as_quoted(file)
        ending = sniffing.ending(path)
        dialect, has_ends = returns.sniffed(file.beginning, file.whole, self._options, ending)
        if has_ends:
            file = self._files.with_ends(file)
        first = file.beginning.partition("\n")[0]
        if file.mark and (dialect.skip or dialect.comment or not first.strip()):
            file = self._files.unmarked(file)
        if dialect.width > _MOST_COLUMNS:
            raise Invalid(
                f"The first line has {dialect.width:,} columns.",
                reason=f"At most {_MOST_COLUMNS:,} columns of a CSV file can be profiled.",
                remedy="Turn the table so that these are rows, or keep it as Parquet.",
            )
        self._remark(*file.notes, *contents.doubts(file.beginning), *dialect.notes)
        self._encoding = file.encoding
        return _Part(file, dialect, dialect.names)

    def _mend_encodings(self) -> bool:
        """Whether files were not the UTF-8 that their beginning is; they are written anew then."""
        mended = [(part, self._files.mended(part.file)) for part in self._parts]
        self._parts = [replace(part, file=file) if file else part for part, file in mended]
        changed = [file for _, file in mended if file]
        for file in changed:
            self._encoding = file.encoding
            self._remark(*file.notes)
        return bool(changed)

    def _all_notes(self) -> tuple[str, ...]:
        # What a person chose to be missing needs no word.
        absent = self._absent.note() if self._options.na is None else ""
        return (*self._remarks, *(note for note in (self._lack, absent) if note))

    def _remark(self, *notes: str) -> None:
        self._remarks += [note for note in notes if note not in self._remarks]

    def _united(self, parts: Sequence[_Part]) -> list[_Part]:
        """The files with the places of their columns: equal names are one column, in the order of their occurrence."""
        order: dict[tuple[str, int], int] = {}
        united = []
        for part in parts:
            seen: dict[str, int] = {}
            places = []
            for name in part.names:
                seen[name] = seen.get(name, 0) + 1
                places.append(order.setdefault((name, seen[name]), len(order)))
            united.append(replace(part, places=tuple(places)))
        lack = sum(len(part.places) < len(order) for part in united)
        self._lack = f"{lack} of {len(parts)} files lack columns that others have." if lack else ""
        stored = tuple(name for name, _ in order)
        named = dict.fromkeys(name for part in parts for name, _ in part.constants)
        self.names = (*stored, *(name for name in named if name not in stored))
        return united

    def close(self) -> None:
        """Let go of the files, and of the room on the disk."""
        super().close()
        self._files.close()

    # The texts as a relation of DuckDB

    def _relation(self, parts: Sequence[_Part], na: Sequence[str] | None = None) -> str:
        """A statement that gives all texts, under the names of their places; those in ``na`` are missing."""
        na = self._na if na is None else na
        groups: dict[object, list[_Part]] = {}
        for part in parts:
            key = (
                replace(part.sniffed, notes=(), names=()),
                part.file.packing,
                part.places,
                part.constants,
            )
            groups.setdefault(key, []).append(part)
        selects = [
            f"SELECT {self._selection(subset[0])} FROM {source}"  # noqa: S608 - paths are ours and quoted
            for subset in groups.values()
            for source in self._sources(subset, na)
        ]
        return " UNION ALL ".join(selects)

    def _selection(self, part: _Part) -> str:
        own = {place: sql_name(str(number)) for number, place in enumerate(part.places)}
        for name, text in part.constants:
            if text is not None:
                # A name that a file holds as a column is that column.
                own.setdefault(self.names.index(name), f"{sql_text(text)}::VARCHAR")
        return ", ".join(
            f'{own.get(place, "NULL::VARCHAR")} AS "{place}"' for place in range(len(self.names))
        )

    def _sources(self, parts: Sequence[_Part], na: Sequence[str]) -> list[str]:
        read = [part for part in parts if not part.pieces]
        calls = [self._csv(read, na)] if read else []
        pieces = [piece for part in parts for piece in part.pieces]
        return calls + ([self._carefully_read(pieces, parts[0], na)] if pieces else [])

    def _csv(self, parts: Sequence[_Part], na: Sequence[str]) -> str:
        dialect = parts[0].sniffed
        # A word with the sign of escapes is refused here.
        plain = [text for text in na if not dialect.escape or dialect.escape not in text]
        options = {
            "auto_detect": "false",
            "header": "false",
            "delim": sql_text(dialect.delimiter or SINGLE),
            "quote": sql_text(dialect.quote),
            "escape": sql_text(dialect.escape or dialect.quote),
            "skip": str(dialect.skip + dialect.header),
            "max_line_size": str(LONGEST_LINE),
            # By itself it takes a piece of sixteen of the longest lines, which a small memory has no room for.
            "buffer_size": str(2 * LONGEST_LINE),
            "nullstr": "[" + ", ".join(sql_text(text) for text in ("", *plain)) + "]",
            "columns": "{"
            + ", ".join(f"'{place}': 'VARCHAR'" for place in range(dialect.width))
            + "}",
        }
        if dialect.comment:
            options["comment"] = sql_text(dialect.comment)
        if parts[0].file.packing:
            options["compression"] = sql_text(parts[0].file.packing)
        paths = ", ".join(sql_text(str(part.file.path)) for part in parts)
        listed = ", ".join(f"{key} = {value}" for key, value in options.items())
        source = f"read_csv([{paths}], {listed})"
        others = [text for text in na if text not in plain]
        return _without(source, others, dialect.width) if others else source

    def _carefully_read(self, pieces: Sequence[Path], part: _Part, na: Sequence[str]) -> str:
        """The same texts from Parquet, without those that stand for nothing."""
        paths = ", ".join(sql_text(str(piece)) for piece in pieces)
        source = f"read_parquet([{paths}], union_by_name = true)"
        return _without(source, ("", *na), len(part.places))

    @property
    def _na(self) -> tuple[str, ...]:
        return ABSENT if self._options.na is None else self._options.na

    # Reading

    def _glimpse(self) -> None:
        """The first rows, and what the columns seem to be."""
        with self._duckdb.connected() as connection:
            texts = self._first_texts(connection)
            columns = [
                [item for item in texts.column(place).to_pylist() if item is not None]
                for place in range(len(self.names))
            ]
            self._options = self._with_marks(columns)
            self._tried = types.candidates(self._options)
            self._types = [self._first_type(column) for column in columns]
            if self._options.decimal is None:
                # What a person chose needs no word.
                signs = {part.sniffed.delimiter for part in self._parts}
                self._remark(*types.points_note(signs, self.names, self._types, columns))
            connection.register("texts", texts)
            try:
                typed = connection.sql(typing.select("texts", self._types)).to_arrow_table()
            except duckdb.Error:
                self._types = typing.choose(
                    connection, "texts", typing.possible(self._tried, columns)
                )
                typed = connection.sql(typing.select("texts", self._types)).to_arrow_table()
        self._first = typed
        self.types = tuple(convert.kind(item.type) for item in typed.schema)
        self.dtypes = tuple(str(item.type) for item in typed.schema)
        self._name_texts()
        self.notes, self.reading = self._all_notes(), self._how()
        self.forms = self._forms()

    def _first_texts(self, connection: duckdb.DuckDBPyConnection) -> pa.Table:
        """The first rows as texts; files that are not regular are read carefully from here on."""
        if any(map(_is_beyond_duckdb, self._parts)):
            self._careful = True
            self._remark_escapes()
            self._read_carefully(rows=_GLIMPSE)
        for _ in range(2):
            try:
                query = f"SELECT * FROM ({self._relation(self._parts, ())}) LIMIT {_GLIMPSE}"  # noqa: S608 - quoted
                return self._absent.take_out(connection.sql(query).to_arrow_table(), self.names)
            except duck.REFUSALS:
                self._careful = True
                self._read_carefully(rows=_GLIMPSE)
        raise AssertionError("texts in Parquet files are always read")

    def _remark_escapes(self) -> None:
        """Say that a sign of escapes was kept where others leave it out."""
        for part in self._parts:
            if _has_other_escapes(part):
                self._remark(escapes.kept_note(part.sniffed.escape))

    def _with_marks(self, columns: Sequence[Sequence[str]]) -> ReaderOptions:
        """The options with the decimal sign and that between thousands, if the numbers show them."""
        if self._options.decimal is not None or self._options.thousands is not None:
            return self._options
        decimal, thousands = types.marks(columns)
        if (decimal, thousands) == (".", ""):
            return self._options
        use = "decimal signs" if decimal == "," else "signs between thousands"
        self._remark(f"Commas in numbers were read as {use}.")
        return self._options.model_copy(update={"decimal": decimal, "thousands": thousands})

    def _first_type(self, column: Sequence[str]) -> TextType:
        """The first type that the first texts look like."""
        if not column:
            return types.UNSEEN
        fitting = next(kind for kind in self._tried if kind.fits(column))
        if not fitting.form:
            return fitting
        rivals = [own for own in dates.rivals(fitting, self._tried) if own.fits(column)]
        return dates.first_choice([fitting, *rivals], column, self._tried)

    def _name_texts(self) -> None:
        """Texts are VARCHAR, as DuckDB calls what it was told to read."""
        self.dtypes = tuple(
            "VARCHAR" if kind.name == "text" else dtype
            for kind, dtype in zip(self._types, self.dtypes, strict=True)
        )

    def _stage(self) -> None:
        """All rows, by the quick way or the careful one."""
        seconds = self._job.options.seconds * _SHARE
        with self._duckdb.connected() as connection:
            whole = None if self._careful else self._quickly(connection, seconds)
            if whole is None and self._mend_encodings() and not self._careful:
                whole = self._quickly(connection, seconds)
            if whole is None:
                self._read_carefully()
                whole = self._by_texts(connection, seconds)
            self._settle_dates(connection, seconds)
            self._remark_not_numbers(connection)
            whole = whole and not self._is_cut
            has_names = bool(self._parts[0].sniffed.header)
            self._remark(
                *strays.of_table(connection, self._out, self.names, has_names, whole=whole)
            )
        if self._options.na is None and has_nulls(self._out):
            for part in self._parts:
                self._absent.search(part.file.path, part.sniffed)
        if self._options.comment:
            self._remark_comments()
        self._remark(*typing.notes(self._types, self.names))
        self._settle(whole=whole)
        self.dtypes = self._whole().dtypes
        self.notes, self.reading = self._all_notes(), self._how()
        self.forms = self._forms()
        self._name_texts()

    def _quickly(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> bool | None:
        """By DuckDB's parser: whether all rows were read; nothing if what came out is not what is there."""
        source = f"({self._relation(self._parts)})"
        try:
            whole = self._copied(connection, typing.select(source, self._types), seconds)
        except duck.REFUSALS as problem:
            if types.MISMATCH not in str(problem):
                return None
            try:
                whole = self._by_texts(connection, seconds)
            except duck.REFUSALS:
                return None
        return None if whole and not self._is_complete(connection) else whole

    def _is_complete(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there are as many rows as the files have records, and no record has an empty field too many."""
        counts = [tallies.tally(part.file.path, part.sniffed) for part in self._parts]
        if any(tally.escapes for tally in counts):
            self._remark(escapes.kept_note(self._parts[0].sniffed.escape))
        if any(tally.surplus or tally.escapes or tally.marks for tally in counts):
            return False
        if any(tally.empty for tally in counts):
            self._parts = [
                replace(part, sniffed=replace(part.sniffed, keeps_empty=tally.quoted))
                for part, tally in zip(self._parts, counts, strict=True)
            ]
            return False
        inside = sum(tally.inside for tally in counts if tally.alike * 2 > tally.inside)
        if inside:
            self._remark(records.inside_note(inside))
        expected = sum(tally.records for tally in counts)
        query = f"SELECT count(*) FROM read_parquet({sql_text(str(self._out))})"  # noqa: S608 - a path of ours
        return connection.execute(query).fetchall() == [(expected,)]

    def _remark_not_numbers(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Name what floats hold as not-a-number and no word for missing values is, such as -nan."""
        floats = [place for place, kind in enumerate(self._types) if kind.name == "float"]
        if not floats:
            return
        held = ", ".join(f'coalesce(bool_or(isnan("{place}")), false)' for place in floats)
        source = f"read_parquet({sql_text(str(self._out))})"
        result = connection.execute(f"SELECT {held} FROM {source}").fetchall()[0]  # noqa: S608 - a path of ours
        named = [self.names[place] for place, holds in zip(floats, result, strict=True) if holds]
        if not named:
            return
        words = AbsentWords([word for word in NOT_NUMBERS if word not in self._na])
        for part in self._parts:
            words.search(part.file.path, part.sniffed)
        written = ", ".join(words.words()) or "not a number"
        self._remark(f"{typing.listed(named)}: what is written as {written} counts as missing.")

    def _remark_comments(self) -> None:
        """Say how many lines were left out because of the sign that a person chose."""
        counts = [
            tallies.comments(part.file.path, part.sniffed)
            for part in self._parts
            if part.sniffed.comment
        ]
        left_out, alike = (sum(own[place] for own in counts) for place in (0, 1))
        if not left_out:
            return
        sign = self._options.comment
        of = "1 line begins" if left_out == 1 else f"{left_out:,} lines begin"
        were = "was left out as a comment" if left_out == 1 else "were left out as comments"
        split = f"; {alike:,} of them split like the table" if alike else ""
        self._remark(f"{of} with {sign!r} and {were}{split}.")

    def _by_texts(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> bool:
        """All rows as texts first, so that the type of a column is one that all of its texts are of."""
        texts = self._scratch / f"texts-{uuid.uuid4().hex}.parquet"
        self._temporary.append(texts)
        whole = self._copied(connection, self._relation(self._parts), seconds, texts)
        source = f"read_parquet({sql_text(str(texts))})"
        # The first texts that are there rule most types out, so that few are tried on all of them.
        sample = connection.sql(f"SELECT * FROM {source} LIMIT {_GLIMPSE}").to_arrow_table()  # noqa: S608 - a path of ours
        columns = [
            [item for item in column.to_pylist() if item is not None] for column in sample.columns
        ]
        for place, column in enumerate(columns):
            if not column:
                query = f'SELECT "{place}" FROM {source} WHERE "{place}" IS NOT NULL LIMIT {_LATER}'  # noqa: S608 - a path of ours
                columns[place] = [text for (text,) in connection.execute(query).fetchall()]
        self._types = typing.choose(connection, source, typing.possible(self._tried, columns))
        connection.execute(
            f"COPY ({typing.select(source, self._types)}) TO {sql_text(str(self._out))} (FORMAT parquet)"
        )
        texts.unlink()
        return whole

    def _read_carefully(self, rows: int | None = None) -> None:
        """Every record, whatever its number of fields; ``rows`` of each file at most."""
        seconds = self._job.options.seconds * _SHARE / len(self._parts)
        parts = []
        for part in self._parts:
            out = self._scratch / f"careful-{uuid.uuid4().hex}"
            result = records.read(part.file.path, part.sniffed, out, max(_LEAST, seconds), rows)
            self._temporary += result.pieces
            if rows is None:
                self._is_cut = self._is_cut or result.cut
                self._remark(*result.notes())
                if result.remarks and not result.alike:
                    self._comment = result.sign
            names = part.sniffed.names
            more = tuple(f"column_{place + 1}" for place in range(len(names), result.width))
            parts.append(replace(part, names=names + more, pieces=tuple(result.pieces)))
        self._parts = self._united(parts)
        self._types += [types.TEXT] * (len(self.names) - len(self._types))

    def _settle_dates(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        """Dates in the most likely of the orders that fit all of them, and what could be otherwise."""
        written = f"read_parquet({sql_text(str(self._out))})"
        choices = dates.Dates(connection, written, self._types, self._tried).choices()
        likely = [*self._types]
        for place, own in choices.items():
            likely[place] = own.kind
        if likely != self._types:
            source = f"({self._relation(self._parts)})"
            try:
                whole = self._copied(connection, typing.select(source, likely), seconds)
                self._types = likely
            except duck.REFUSALS:
                whole = self._copied(connection, typing.select(source, self._types), seconds)
                choices = {}
            self._is_cut = self._is_cut or not whole
        settled = dates.Dates(connection, written, self._types, self._tried)
        self._remark(*settled.notes(self.names, choices))

    def _how(self) -> ReaderOptions:
        """How it is read, as it was found out or chosen."""
        first = self._parts[0].sniffed if self._parts else Dialect("")
        return self._options.model_copy(
            update={
                "delimiter": first.delimiter or None,
                "quote": first.quote,
                "escape": first.escape,
                "encoding": self._encoding,
                "decimal": self._options.decimal or ".",
                "thousands": self._options.thousands or "",
                "header": first.header,
                "skip": first.skip,
                "comment": first.comment or self._comment,
                "na": self._na,
            }
        )

    def _forms(self) -> dict[int, str]:
        """The formats of times that are not ISO 8601, by column."""
        return {place: kind.form for place, kind in enumerate(self._types) if kind.form}

    def _copied(
        self,
        connection: duckdb.DuckDBPyConnection,
        query: str,
        seconds: float,
        out: Path | None = None,
    ) -> bool:
        """Write rows; the first ones only, and false, if the time does not suffice for all."""
        out = out or self._out
        if duck.copied(connection, query, out, seconds):
            return True
        duck.copy_first(connection, query, out, max(_LEAST, seconds), len(self.names))
        return False


def _without(source: str, absent: Sequence[str], width: int) -> str:
    """The texts of a source without those that stand for nothing."""
    words = ", ".join(map(sql_text, absent))
    columns = ", ".join(
        f'CASE WHEN "{place}" IN ({words}) THEN NULL ELSE "{place}" END AS "{place}"'
        for place in range(width)
    )
    return f"(SELECT {columns} FROM {source})"  # noqa: S608 - names are numbers, texts are quoted


def _is_beyond_duckdb(part: _Part) -> bool:
    """Whether the beginning of a file holds what DuckDB's parser leaves out or keeps where it should not."""
    # It leaves blanks out before quotes only.
    return part.sniffed.spaced or "\n\ufeff" in part.file.beginning or _has_other_escapes(part)


def _has_other_escapes(part: _Part) -> bool:
    dialect = part.sniffed
    return bool(dialect.escape) and escapes.has_others(
        part.file.beginning.encode("utf-8", "replace"),
        dialect.quote,
        dialect.escape,
        dialect.delimiter,
    )
