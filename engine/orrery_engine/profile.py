"""A profile from the first glance to the last alert; every step is told as soon as it is known."""

from __future__ import annotations

import difflib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

import polars as pl

from orrery_engine import alerts
from orrery_engine.protocol import EventWriter
from orrery_engine.readers import damage
from orrery_engine.readers.base import READING, Table
from orrery_engine.schemas import ColumnProfile, Duplicates, Options, Overview
from orrery_engine.stats import sampling
from orrery_engine.stats.bivariate import GLANCE, WIDE, Relations, relate
from orrery_engine.stats.duplicates import Rows
from orrery_engine.stats.univariate import profile_column
from orrery_wire.errors import Invalid

HEAD = 20
_HEAD_COLUMNS = 200
# Cells from which the first rows are summarised beforehand, how many of them, and of how many columns at most.
_LARGE = 15_000_000
_GLANCE = 5_000
_GLANCE_COLUMNS = 300


class Profile:
    """One table's profile in the making."""

    def __init__(
        self,
        table: Table,
        options: Options,
        writer: EventWriter,
        *,
        side: str = "source",
        share: tuple[float, float] = (0.05, 0.7),
    ) -> None:
        self.table = table
        self.options = options
        self.columns: tuple[ColumnProfile, ...] = ()
        self._writer = writer
        self._side = side
        self._share = share
        self._rows: Rows | None = None
        self._glances: dict[int, pl.Series] = {}
        self._chosen: pl.Series | None = None
        self._lock = threading.Lock()
        self._begun = time.monotonic()

    def run(self) -> None:
        """Run every stage of the profile, and send each result to the writer."""
        overview = self.first()
        overview = self._prepared(overview)
        self._require_target()
        self.summarise()
        self._writer.stage("relations", self._share[1])
        overview = self._refine(overview)
        self._writer.overview(overview)

    def _prepared(self, overview: Overview) -> Overview:
        """What is known once the source was read as a whole; the first rows of every column before that."""
        table = self.table
        cells = (table.rows or 0) * len(table.names)
        if (table.rows is None or cells > _LARGE) and len(table.names) <= _GLANCE_COLUMNS:
            self._glance()
        known = table.rows
        table.prepare()
        return overview if table.rows == known is not None else self.first()

    def _require_target(self) -> None:
        """Nobody waits for a profile that says at its end that it is not about what was asked."""
        names, target = self.table.names, self.options.target
        if target is None or target in names:
            return
        near = difflib.get_close_matches(target, names, n=3, cutoff=0.5) or names[:5]
        raise Invalid(
            f"There is no column {target!r} that could be the target.",
            remedy=f"Choose one of the columns, for example {', '.join(map(repr, near))}."
            if near
            else "This table has no columns.",
        )

    def first(self) -> Overview:
        """What is known before any column was looked at."""
        table = self.table
        overview = Overview(
            rows=table.rows,
            columns=len(table.names),
            bytes=table.bytes,
            sampling=table.sampling,
            head=table.head(HEAD, _HEAD_COLUMNS),
            names=table.names[:_HEAD_COLUMNS],
            notes=(*table.source_notes, *table.notes),
            reading=table.reading,
            sheet=table.sheet,
        )
        self._writer.overview(overview)
        return overview

    def summarise(self) -> None:
        """Stage 1: every column by itself."""
        self._writer.stage("summary", self._share[0])
        self.table.prepare()
        many = len(self.table.names)
        result: dict[int, ColumnProfile] = {}
        for done, profile in enumerate(self._profiles(), 1):
            result[profile.index] = profile
            self._writer.progress(self._between(done / many))
            self._writer.column(profile, self._side)
        self._writer.flush()
        self.columns = tuple(result[index] for index in range(many))

    def _between(self, share: float) -> float:
        begin, end = self._share
        return begin + (end - begin) * share

    def _glance(self) -> None:
        """The first rows of every column, so that there is something to see at once."""
        self._writer.stage("summary", self._share[0])
        for index in range(len(self.table.names)):
            try:
                series = self.table.start(index, _GLANCE)
            except READING:
                continue
            profile = self._profile(index, series)
            note = f"Of the first {len(series):,} rows; the rest is being read."
            self._writer.column(profile.model_copy(update={"note": note}), self._side)
        self._writer.flush()

    def _profiles(self) -> Iterator[ColumnProfile]:
        """The columns as they become known, roughly in order."""
        with ThreadPoolExecutor(self.table.threads) as pool:
            waiting = [pool.submit(self._column, index) for index in range(len(self.table.names))]
            try:
                for future in as_completed(waiting):
                    yield future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _column(self, index: int) -> ColumnProfile:
        """One column; what the source can say itself, else from its values."""
        try:
            own = self.table.summary(index, self.options)
            if own is not None:
                return own
            series = self.table.column(index)
            self._gathered(len(series)).add(index, series)
        except READING as problem:
            return self._unread(index, problem)
        if len(self.table.names) > WIDE:
            self._glances[index] = series.gather(self._places(len(series)))
        return self._profile(index, series)

    def _profile(self, index: int, series: pl.Series) -> ColumnProfile:
        table = self.table
        return profile_column(
            series,
            index,
            table.names[index],
            table.dtypes[index],
            self.options,
            type=table.types[index],
        )

    def _unread(self, index: int, problem: BaseException) -> ColumnProfile:
        """A column that cannot be read does not end the run."""
        table = self.table
        return ColumnProfile(
            index=index,
            name=table.names[index],
            type=table.types[index],
            dtype=table.dtypes[index],
            unread=True,
            note=f"This column could not be read: {damage.words(problem)}",
        )

    def _gathered(self, rows: int) -> Rows:
        with self._lock:
            if self._rows is None:
                self._rows = Rows(rows, len(self.table.names))
            return self._rows

    def _places(self, rows: int) -> pl.Series:
        """Indices of the sampled rows, the same for every column, so that values of one row stay together."""
        with self._lock:
            if self._chosen is None:
                self._chosen = pl.Series(sampling.pick(rows, min(rows, GLANCE)))
            return self._chosen

    def _refine(self, overview: Overview) -> Overview:
        """Stage 2: what columns tell of each other, and what a person should know."""
        table, sections = self.table, self.options.sections
        if time.monotonic() - self._begun < self.options.seconds:
            relations = relate(table, self.columns, self.options, self._glances)
        else:
            relations = Relations(
                notes=[f"Relations were left out: the {self.options.seconds:g} seconds are over."]
            )
        self._glances.clear()
        for index, value in relations.with_target.items():
            self._improve(index, association=value)
        overview = overview.model_copy(
            update={
                "missing": sum(column.missing for column in self.columns),
                "associations": relations.associations,
                "scatters": relations.scatters,
                "target": relations.target,
                "effects": relations.effects,
                "notes": (*overview.notes, *relations.notes),
            }
        )
        self._writer.progress(self._between(1.0) + (1 - self._share[1]) * 0.7)
        if "multivariate" in sections:
            overview = overview.model_copy(update=self._together())
        result = alerts.find(overview, self.columns, self.options)
        return overview.model_copy(update={"alerts": result})

    def _together(self) -> dict[str, object]:
        """Duplicates and what is missing together."""
        own = self.table.together(self.columns)
        if own is not None:
            return {"duplicates": own[0], "patterns": own[1]}
        if self._rows is None:
            return {"duplicates": Duplicates(rows=0)}
        return {
            "duplicates": self._rows.duplicates(self.table),
            "patterns": self._rows.patterns(),
        }

    def _improve(self, index: int, **more: object) -> None:
        """Tell a column again, with more."""
        better = self.columns[index].model_copy(update={"stage": "relations", **more})
        self.columns = (*self.columns[:index], better, *self.columns[index + 1 :])
        self._writer.column(better, self._side)
