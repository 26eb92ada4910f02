"""Text with delimiters, cell by cell as it is written; what columns mean is guessed from the first rows and said to be."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa

from orrery_engine.preview import packed
from orrery_engine.preview.budget import Budget
from orrery_engine.preview.document import MANY_COLUMNS, Column, SequentialDocument, Total
from orrery_engine.preview.formats.values import groups
from orrery_engine.preview.sparse import SparseFile
from orrery_engine.readers.text import contents, encodings, returns, types
from orrery_engine.readers.text.absent import ABSENT
from orrery_engine.readers.text.dialect import is_remark, parser
from orrery_engine.schemas.reading import ReaderOptions
from orrery_wire.errors import Invalid

HEAD = 256 * 1024
_SNIFFED = 48 * 1024  # characters that show how the text is written
_LONGEST_LINE = 16 * 2**20
_STEP = 256 * 1024
_JUDGED = 500


class DelimitedDocument(SequentialDocument):
    """One file of text."""

    def __init__(self, file: SparseFile, ending: str, options: ReaderOptions) -> None:
        super().__init__()
        self._file = file
        self._options = options
        self._packing = packed.packing(file.read_range(0, 8))
        sample, whole = self._sample()
        contents.refuse_others(sample)
        self._encoding = encodings.detect(sample, options.encoding)
        self.facts.note(self._encoding.note())
        text = sample[self._encoding.mark :].decode(self._encoding.name, "replace")
        shown = text[:_SNIFFED]
        is_all = whole and len(shown) == len(text)
        self._dialect, self._has_ends = returns.sniffed(shown, is_all, options, ending)
        self.facts.note(*contents.doubts(shown), *self._dialect.notes)
        self._ragged = 0
        if self._dialect.width > MANY_COLUMNS:
            raise Invalid(f"The first line has {self._dialect.width:,} columns")
        self._describe()
        self._estimate(sample, whole)

    def _sample(self) -> tuple[bytes, bool]:
        """The first bytes, unpacked, and whether these are all."""
        try:
            content = packed.opened(self._file, self._packing)
            data = bytearray()
            while len(data) < HEAD and (piece := content.read(HEAD - len(data))):
                data += piece
            while len(data) < _LONGEST_LINE and b"\n" not in data and b"\r" not in data:
                if not (piece := content.read(HEAD)):
                    break
                data += piece
            return bytes(data), len(data) < HEAD
        except packed.DAMAGE as problem:
            raise Invalid(
                "The packed file cannot be read",
                reason="It is damaged or was cut short: it cannot be unpacked.",
                remedy="Fetch it again, or unpack it with the program that packed it.",
            ) from problem

    def _describe(self) -> None:
        """Find out what the columns are, by the first rows."""
        first: list[list[str]] = []
        for record in self._records():
            first.append(record)
            if len(first) >= _JUDGED or self._file.tell() > 2 * HEAD:
                break
        tried = types.candidates(self._marked(first))
        columns = []
        for place, name in enumerate(self._dialect.names):
            texts = [row[place] for row in first if place < len(row)]
            texts = [text for text in texts if text and text not in ABSENT]
            kind = next(item for item in tried if item.fits(texts)) if texts else types.UNSEEN
            columns.append(Column(name, kind.name, kind.name if texts else "text", is_guessed=True))  # type: ignore[arg-type]
        self.columns = tuple(columns)
        dialect = self._dialect
        self.facts.reading = self._options.model_copy(
            update={
                "delimiter": dialect.delimiter or None,
                "quote": dialect.quote,
                "escape": dialect.escape,
                "encoding": self._encoding.name,
                "skip": dialect.skip,
                "header": dialect.header,
                "comment": dialect.comment or dialect.remark,
            }
        )

    def _marked(self, rows: Sequence[Sequence[str]]) -> ReaderOptions:
        """The options with the signs of numbers that the first rows show."""
        if self._options.decimal is not None or self._options.thousands is not None:
            return self._options
        width = self._dialect.width
        columns = [
            [row[place] for row in rows if place < len(row) and row[place]]
            for place in range(width)
        ]
        decimal, thousands = types.marks(columns)
        return self._options.model_copy(update={"decimal": decimal, "thousands": thousands})

    def _estimate(self, sample: bytes, whole: bool) -> None:
        """Count the rows of a short text, and estimate those of a long one from the length of the first."""
        if whole:
            # All of it is here, so its rows are counted.
            self.total = Total(sum(1 for _ in self._records()), "exact")
        if whole or self._packing:
            return
        lines = sample.count(b"\n") or sample.count(b"\r")
        if lines > 1:
            above = self._dialect.skip + self._dialect.header
            self.total = Total(
                max(0, round(self._file.size * lines / len(sample)) - above), "estimate"
            )

    def use(self, budget: Budget) -> None:
        """Read within these limits from now on."""
        self._file.budget = budget

    def _begin(self) -> Iterator[pa.RecordBatch]:
        width = max(1, self._dialect.width)
        for group in groups(self._records()):
            self._file.budget.check()
            yield self._batch(group, width)

    def _batch(self, rows: Sequence[Sequence[str]], width: int) -> pa.RecordBatch:
        regular = []
        for row in rows:
            if len(row) == width:
                regular.append(row)
                continue
            self._ragged += 1
            padded = [*row[: width - 1], (self._dialect.delimiter or " ").join(row[width - 1 :])]
            regular.append([*padded, *[""] * (width - len(padded))])
        if self._ragged:
            self.facts.note(
                "Some rows have another number of fields: what they lack is missing, and what they have more stands"
                " in the last column."
            )
        columns = zip(*regular, strict=True) if regular else [()] * width
        arrays = [
            pa.array([text or None for text in texts], pa.large_string()) for texts in columns
        ]
        return pa.RecordBatch.from_arrays(arrays, names=[str(place) for place in range(width)])

    def _records(self) -> Iterator[list[str]]:
        """The records below the names."""
        dialect = self._dialect
        if not dialect.width:
            return
        left = dialect.header
        lines = self._lines_of_table()
        try:
            for record in parser(lines, dialect):
                if not dialect.keeps_empty and not any(field.strip() for field in record):
                    continue
                if left:
                    left -= 1
                    continue
                yield record
        except csv.Error:
            self.facts.note(
                "The rest is not shown: a quotation mark is opened and not closed within 16 MiB. Say another quote"
                " if it is none."
            )

    def _lines_of_table(self) -> Iterator[str]:
        """Lines below those that are skipped, without comments, as the parser takes them."""
        dialect = self._dialect
        for number, line in enumerate(self._lines()):
            if number < dialect.skip:
                continue
            if dialect.comment and line.startswith(dialect.comment):
                continue
            if is_remark(line, dialect, dialect.width):
                continue
            yield dialect.line(line)

    def _lines(self) -> Iterator[str]:
        """Lines of the text with their ends."""
        rest = ""
        for text in self._texts(packed.opened(self._file, self._packing)):
            *lines, rest = (rest + text).split("\n") if rest else text.split("\n")
            for line in lines:
                yield line + "\n"
            if len(rest) > _LONGEST_LINE:
                raise Invalid(
                    "A line is too long to be shown",
                    reason=f"It has more than {_LONGEST_LINE // 2**20} MiB.",
                    remedy="Check that the file is text with a record a line.",
                )
        if rest:
            yield rest

    def _texts(self, content: IO[bytes]) -> Iterator[str]:
        """The text piece by piece."""
        decoder = codecs.getincrementaldecoder(self._encoding.name)("replace")
        ends = returns.BareReturns("\n") if self._has_ends else None
        left = self._encoding.mark
        while True:
            try:
                piece = content.read1(_STEP) if hasattr(content, "read1") else content.read(_STEP)
            except packed.DAMAGE as problem:
                if not self._packing:
                    raise
                self.facts.note(
                    f"The packed file is damaged or cut short: what follows cannot be unpacked ({type(problem).__name__})."
                )
                piece = b""
            is_end = not piece
            if left:
                piece, left = piece[left:], max(0, left - len(piece))
            text = decoder.decode(piece, final=is_end)
            yield ends.replaced(text, final=is_end) if ends else text
            if is_end:
                return
