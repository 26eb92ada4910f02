"""The code that is shown to a person: it was run on the source first, or it reads as the profile did.

The shortest code is tried first; what it gets wrong is said in the next attempt, and so on until it gives what was
read. Where no attempt does, Orrery's own reader is offered, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from orrery_engine.codegen import loading
from orrery_engine.codegen.facts import Column, Facts, Plan
from orrery_engine.formats import FileFormat
from orrery_engine.offers import proof
from orrery_engine.offers.excerpts import excerpt, is_in_lines
from orrery_engine.offers.proof import Difference, Table
from orrery_engine.offers.snippets import snippet
from orrery_engine.readers import base
from orrery_engine.readers.text import encodings
from orrery_engine.schemas import (
    Code,
    CodeIn,
    CodeJob,
    ColumnProfile,
    Dialect,
    Job,
    ReaderOptions,
    ResolvedSource,
    SourceIn,
)
from orrery_wire.errors import Invalid

OpenTable = Callable[[ResolvedSource | None, Job], base.Table]

_VARIANTS = 3
_UNPROVEN = "# Too large to be run beforehand; such a file carries its types.\n"


def code(job: Job, request: CodeJob, open_table: OpenTable) -> Code:
    """The code that is needed, after it was run.

    Raises:
        Invalid: the dialect or the column's type has nothing like it, or it does not do what it promises.
        NotFound: there is no such column, alert or quick fix.
    """
    code_in, source = request.request, request.source
    if code_in.what != "load":
        return Code(code=snippet(request))
    if source.kind == "frame":
        return Code(code=f"{code_in.frame}\n")
    if source.kind == "table" or job.source is None:
        return Code(code=loading.load_table(source, code_in.dialect, code_in.frame))
    return Code(code=_load(job, request, job.source, open_table))


def _load(job: Job, request: CodeJob, resolved: ResolvedSource, open_table: OpenTable) -> str:
    """Code that loads a file, run on it; of a large text on its beginning."""
    code_in = request.request
    location = _as_path(request.location or request.source.location)
    part = excerpt(resolved, Path(job.scratch))
    readable = resolved if part is None else resolved.model_copy(update={"location": str(part)})
    table = open_table(readable, job)
    try:
        table.prepare()
        facts = facts_of(table, readable)
        if part is not None:
            facts = _with_types(facts, request.columns)
        if table.sampling is not None:
            shown = replace(facts, location=location)
            return _UNPROVEN + loading.load_file(shown, code_in.dialect, code_in.frame)
        loader = Loader(
            request.source, facts, location, table_of(table), code_in, is_part=part is not None
        )
        return loader.code()
    finally:
        table.close()


def _as_path(location: str) -> str:
    """The location as nobody takes it for an address: libraries read ``file:/x.csv`` as one, in a folder of that name."""
    first = location.partition("/")[0]
    return f"./{location}" if ":" in first and "://" not in location else location


def _with_types(facts: Facts, columns: Sequence[ColumnProfile]) -> Facts:
    """The facts with the types of the whole data, where a profile knows them."""
    if [column.name for column in columns] != facts.names:
        return facts
    pairs = zip(facts.columns, columns, strict=True)
    return replace(
        facts, columns=tuple(replace(column, type=known.type) for column, known in pairs)
    )


def facts_of(table: base.Table, resolved: ResolvedSource) -> Facts:
    """What is known of a file that is open."""
    location = resolved.location
    path = Path(location)
    is_pattern = not path.is_file() and any(sign in location for sign in "*?[")
    many = path.is_dir() or is_pattern or location.endswith("/")
    packing = encodings.packing(path) if path.is_file() and resolved.format != "excel" else ""
    return Facts(
        location=location,
        format=require_file(resolved),
        packing=packing,
        many=many,
        sheet=table.sheet,
        reading=table.reading or ReaderOptions(),
        columns=tuple(
            Column(
                name,
                table.types[place],
                table.forms.get(place, ""),
                is_unsigned="uint64" in table.dtypes[place].lower(),
            )
            for place, name in enumerate(table.names)
        ),
        in_lines=resolved.format == "json" and is_in_lines(path),
    )


def require_file(resolved: ResolvedSource) -> FileFormat:
    """The format of a file.

    Raises:
        Invalid: it is a table of a database.
    """
    if resolved.format == "database":
        raise Invalid("This is no file", remedy="Take the code for the table.")
    return resolved.format


def table_of(table: base.Table) -> Table:
    """Everything that was read."""
    columns = tuple(table.column(place) for place in range(len(table.names)))
    return Table(table.names, columns)


@dataclass(frozen=True)
class Loader:
    """Writes the code that loads a file.

    Attributes:
        source: as it was named.
        facts: what is known of it, at the place where it can be read now.
        location: where a kernel finds it.
        expected: what was read.
        code_in: dialect and variable.
        is_part: whether only the beginning was read: then each type is said, for the rest may look otherwise.
    """

    source: SourceIn
    facts: Facts
    location: str
    expected: Table
    code_in: CodeIn
    is_part: bool = False

    def code(self) -> str:
        """The shortest code that gives what was read.

        Raises:
            Invalid: the dialect has no way to read it.
        """
        if self.code_in.dialect == "spark" and self.facts.format in ("parquet", "json"):
            return self._written(Plan(), "spark", self.location)
        every = frozenset(range(len(self.facts.columns)))
        why, tried = "It has no reader for such a file.", set[str]()
        for variant in range(_VARIANTS):
            plan: Plan | None = Plan(every if self.is_part else frozenset(), variant=variant)
            while plan is not None:
                code = self._written(plan, self._proven, self.facts.location)
                if code in tried or not code:
                    break
                tried.add(code)
                difference = self._attempt(code)
                if not difference:
                    return self._written(plan, self.code_in.dialect, self.location)
                why = difference.text(self.facts.names)
                plan = _more(plan, difference, every)
        return loading.load_with_reader(
            self.source, self.location, self.code_in.dialect, self.code_in.frame, why
        )

    @property
    def _proven(self) -> Dialect:
        """What is run: of Spark the part that pandas does."""
        return "pandas" if self.code_in.dialect == "spark" else self.code_in.dialect

    def _written(self, plan: Plan, dialect: Dialect, location: str) -> str:
        facts = replace(self.facts, plan=plan, location=location)
        return loading.load_file(facts, dialect, self.code_in.frame)

    def _attempt(self, code: str) -> Difference:
        """Run code, and say how its table differs; whatever it raises is such a difference."""
        try:
            result = proof.loaded(code, self._proven, self.code_in.frame, self.facts.location)
        except proof.RowNamesError:
            return Difference(names=True)
        except (Exception, pl.exceptions.PanicException) as problem:  # noqa: BLE001 - what libraries raise
            error = proof.reason(problem).replace(self.facts.location, "the file")
            return Difference(error=error)
        types = [column.type for column in self.facts.columns]
        return proof.compare(result, self.expected, types, self._proven)


def _more(plan: Plan, difference: Difference, every: frozenset[int]) -> Plan | None:
    """The plan that says what went wrong, then all there is to say; none after that."""
    if difference.names or difference.columns - plan.columns:
        columns = plan.columns | difference.columns
        better = replace(plan, names=plan.names or difference.names, columns=columns)
        if better != plan:
            return better
    if (difference.columns or difference.rows is not None) and not plan.na:
        return replace(plan, na=True)
    full = Plan(every, names=True, na=True, variant=plan.variant)
    return full if full != plan else None
