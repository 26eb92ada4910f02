"""What every dialect is: a few templates, filled with literals, and nothing else from data."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from orrery_engine.codegen.quick_fixes import FIX_LABELS, Fix
from orrery_engine.number_forms import is_plain
from orrery_engine.quoting import native
from orrery_engine.schemas import ColumnProfile, NumberForm, Statistic, Value
from orrery_wire.errors import Invalid

_EXACT = 2**53  # up to here a float holds every whole number
NUMBERS = frozenset({"integer", "float", "decimal"})
ORDERED = NUMBERS | {"datetime", "date", "time", "duration", "text", "category", "boolean"}
ODD = frozenset({"binary", "nested", "mixed", "time", "duration", "null"})
"""Types whose values cross the border as texts that are no literal of theirs."""
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)

_NUMERIC: frozenset[Statistic] = frozenset(
    {"mean", "std", "quantiles", "histogram", "outliers", "skewness", "associations"}
)
_NUMERIC_FIXES: frozenset[Fix] = frozenset(
    {"clip_outliers", "fill_median", "infinite_to_missing", "log", "zero_to_missing"}
)
_IMPORTS = {
    "hashlib": "import hashlib",
    "secrets": "import secrets",
    "Decimal": "from decimal import Decimal",
    "duckdb": "import duckdb",
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "pl": "import polars as pl",
    "pa": "import pyarrow as pa",
    "pc": "import pyarrow.compute as pc",
    "F": "from pyspark.sql import functions as F",
}


@dataclass(frozen=True)
class CodeTarget:
    """The dataframe, and perhaps the column of it, that code is written for."""

    frame: str
    columns: tuple[ColumnProfile, ...]
    column: ColumnProfile | None
    table: str = ""
    dropped: tuple[ColumnProfile, ...] = ()
    """The columns that go, if there are several."""

    @property
    def required_column(self) -> ColumnProfile:
        """The column.

        Raises:
            Invalid: there is none.
        """
        if self.column is None:
            raise Invalid("This needs a column", remedy="Say which column the code is for.")
        return self.column

    @property
    def doubled(self) -> bool:
        """Whether another column has the same name."""
        return sum(column.name == self.required_column.name for column in self.columns) > 1


class Writer(ABC):
    """Writes code in one dialect."""

    statistics: ClassVar[Mapping[Statistic, str]]
    columns: ClassVar[Mapping[Fix, str]]
    """What the column becomes."""
    exact: ClassVar[Mapping[Fix, str]]
    """The same of numbers that floats do not hold: values that are there stay as they are."""
    tables: ClassVar[Mapping[Fix, str]]
    """What the table becomes, in a whole statement."""

    @abstractmethod
    def words(self, target: CodeTarget) -> dict[str, str]:
        """What stands in the templates' braces; every text of data is a literal."""

    @abstractmethod
    def show(self, target: CodeTarget) -> str:
        """The column."""

    @abstractmethod
    def value(self, target: CodeTarget, value: Value) -> str:
        """The rows that have the value there."""

    @abstractmethod
    def become(self, target: CodeTarget, expression: str) -> str:
        """The column is replaced by an expression."""

    def statistic(self, target: CodeTarget, statistic: Statistic) -> str:
        """The statistic of the column; of the table, if it is about the table."""
        column = target.column
        if statistic != "duplicates" and not (statistic == "associations" and column is None):
            kind = target.required_column.type
            if (statistic in _NUMERIC and kind not in NUMBERS) or (
                statistic in ("min", "max") and kind not in ORDERED
            ):
                raise Invalid(
                    f"There is no such statistic of a column of type {kind}",
                    reason=f"It was {statistic}.",
                    remedy="Choose a column of numbers, or another statistic.",
                )
        template = self.statistics[statistic]
        return self.fill(template, target)

    def fix(self, target: CodeTarget, fix: Fix) -> str:
        """The table without what the alert said."""
        if (fix in _NUMERIC_FIXES and target.required_column.type not in NUMBERS) or (
            fix == "infinite_to_missing" and target.required_column.type != "float"
        ):
            raise Invalid(
                f"{FIX_LABELS[fix]}: that is for numbers",
                reason=f"The column is of type {target.required_column.type}.",
                remedy="Choose another quick fix.",
            )
        if fix == "unify_spelling" and not target.required_column.spellings:
            raise Invalid(
                "Each value of this column is written in one way",
                remedy="Choose another quick fix.",
            )
        if fix in self.tables:
            return self.fill(self.tables[fix], target)
        expression = self._of_texts(target, fix)
        if expression is None:
            is_exact = is_beyond_floats(target.required_column) and fix in self.exact
            template = self.exact[fix] if is_exact else self.columns[fix]
            expression = template.format_map(self.words(target))
        return self.finish(self.become(target, expression))

    def _of_texts(self, target: CodeTarget, fix: Fix) -> str | None:
        """What texts become that are written in a form of their own; none if there is no such form."""
        text = target.column.text if target.column else None
        if text is None:
            return None
        if fix == "to_number" and text.number is not None and not is_plain(text.number):
            return self.numbers(target, text.number)
        if fix == "to_time" and text.date_form:
            return self.times(target, text.date_form)
        return None

    @abstractmethod
    def numbers(self, target: CodeTarget, form: NumberForm) -> str:
        """The numbers of texts of a form; any other text becomes missing."""

    @abstractmethod
    def times(self, target: CodeTarget, form: str) -> str:
        """The points in time of texts of a format of ``strptime``; any other text becomes missing."""

    def fill(self, template: str, target: CodeTarget) -> str:
        """The template with its words and what it imports."""
        return self.finish(template.format_map(self.words(target)))

    def finish(self, code: str) -> str:
        """The code as it goes into a cell."""
        return with_imports(code)


def is_beyond_floats(column: ColumnProfile) -> bool:
    """Whether floats do not hold all numbers of a column: decimals, and whole numbers beyond 2**53."""
    if column.type != "integer":
        return column.type == "decimal"
    ends = (native(own, column.type) for own in (column.minimum, column.maximum))
    return any(isinstance(own, int) and abs(own) > _EXACT for own in ends)


def placeholder_literals(column: ColumnProfile) -> tuple[Value, ...]:
    """The values that stand for a missing one, as the column holds them; days as ISO texts."""
    values = (native(top.value, column.type) for top in column.placeholders)
    if column.type == "float":
        return tuple(float(value) if isinstance(value, int) else value for value in values)
    return tuple(values)


def spelling_map(column: ColumnProfile) -> dict[str, str]:
    """Each spelling that is to go, and the one that takes its place."""
    return {
        str(variant.value): group.value for group in column.spellings for variant in group.variants
    }


def with_imports(code: str) -> str:
    """The code below the imports of the names that it uses; what stands in its literals is no name."""
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    lines = [line for name, line in _IMPORTS.items() if name in used]
    return "\n".join([*lines, code]) + "\n"


def quantile(column: ColumnProfile, share: float) -> Value:
    """What the profile says of it, if it does."""
    return next((item.value for item in column.quantiles if abs(item.share - share) < 1e-9), None)
