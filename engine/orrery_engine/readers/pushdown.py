"""Statements that let a database say itself what is in a column; no row leaves it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from orrery_engine.schemas import Histogram, Outliers, Quantile, Spelling, Top
from orrery_engine.stats import numeric
from orrery_engine.stats.values import finite, value

Facts = dict[str, Any]
Element = sa.ColumnElement[Any]
_BINS = 30
_NUMBERS = ("integer", "decimal")
_SIGNIFICANT, _DIGITS = re.compile("[^0-9]"), 15
_LARGEST = 1.7976931348623157e308
# Beyond this a fourth power leaves the range of floats.
_HUGE = 1e70


class Column:
    """One column of a table in a database, and the statements on it."""

    def __init__(
        self,
        connection: sa.Connection,
        table: sa.TableClause,
        column: Element,
        *,
        as_text: bool = False,
    ) -> None:
        """Statements on a column; ``as_text``: its values are shown as the database writes them."""
        self._connection = connection
        self._table = table
        self._column = column
        self._as_text = as_text
        # Where there is a value.
        self._present: Element = column.is_not(None)
        self.dialect = connection.dialect.name

    def _first_row(self, *columns: Element, where: Element | None = None) -> Sequence[Any]:
        query = sa.select(*columns).select_from(self._table)
        query = query if where is None else query.where(where)
        return tuple(self._connection.execute(query).one())

    def _shown(self, element: Element) -> Element:
        return sa.cast(element, sa.Text) if self._as_text else element

    def counts(self) -> Facts:
        """Rows and missing ones."""
        rows, present = self._first_row(sa.func.count(), sa.func.count(self._column))
        return {"count": int(rows), "missing": int(rows - present)}

    def rows_of(self, values: Sequence[str]) -> dict[str, int]:
        """The rows of each of these texts."""
        query = (
            sa.select(self._column, sa.func.count())
            .select_from(self._table)
            .where(self._column.in_(list(values)))
            .group_by(self._column)
        )
        return {str(text): int(count) for text, count in self._connection.execute(query).all()}

    def distinct(self) -> Facts:
        """How many different values, and how many occur once."""
        groups = (
            sa.select(sa.func.count().label("rows"))
            .select_from(self._table)
            .where(self._present)
            .group_by(self._column)
            .subquery()
        )
        single = sa.case((groups.c.rows == 1, 1), else_=0)
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(single), 0))
        result = self._connection.execute(query.select_from(groups)).one()
        return {"distinct": int(result[0]), "singles": int(result[1])}

    def top(self, distinct: int) -> Facts:
        """The most frequent values."""
        rows = sa.func.count()
        query = (
            sa.select(self._shown(self._column), rows)
            .select_from(self._table)
            .where(self._present)
            .group_by(self._column)
            .order_by(rows.desc(), self._column)
            .limit(numeric.TOPS)
        )
        result = self._connection.execute(query).all()
        if not result or (result[0][1] == 1 and distinct > numeric.TOPS):
            return {"top": ()}
        return {"top": tuple(Top(value=value(item), count=int(count)) for item, count in result)}

    def extremes(self) -> Facts:
        """The least and the greatest value."""
        low, high = self._first_row(
            self._shown(sa.func.min(self._column)), self._shown(sa.func.max(self._column))
        )
        return {"minimum": value(low), "maximum": value(high)}

    def truth(self) -> Facts:
        """How many values are true and how many false."""
        item = sa.case((self._column.is_(sa.true()), 1), else_=0)
        if self.dialect == "sqlite":
            item = sa.case((self._column == 1, 1), else_=0)
        trues, present = self._first_row(
            sa.func.coalesce(sa.func.sum(item), 0), sa.func.count(self._column)
        )
        counts = [(True, int(trues)), (False, int(present - trues))]
        values_present = sorted((count for count in counts if count[1]), key=lambda item: -item[1])
        return {
            "trues": int(trues),
            "distinct": len(values_present),
            "singles": sum(1 for _, count in values_present if count == 1),
            "minimum": min((item for item, _ in values_present), default=None),
            "maximum": max((item for item, _ in values_present), default=None),
            "mean": trues / present if present else None,
            "top": tuple(Top(value=item, count=count) for item, count in values_present),
        }

    def lengths(self) -> Facts:
        """How long texts are."""
        size = sa.func.length(self._column)
        blank = sa.case((sa.func.trim(self._column) == "", 1), else_=0)
        result = self._first_row(
            sa.func.min(size), sa.func.max(size), sa.func.avg(size), sa.func.sum(blank)
        )
        return {
            "shortest": int(result[0] or 0),
            "longest": int(result[1] or 0),
            "mean_length": float(result[2] or 0.0),
            "blank": int(result[3] or 0),
        }

    def ranked(self, places: Sequence[int], usable: Element) -> dict[int, Any]:
        """The values at some places of the order, from 0."""
        ordered = (
            sa.select(
                self._column.label("value"),
                sa.func.row_number().over(order_by=self._column).label("place"),
            )
            .select_from(self._table)
            .where(usable)
            .subquery()
        )
        query = sa.select(ordered.c.place, ordered.c.value)
        query = query.where(ordered.c.place.in_([place + 1 for place in places]))
        return {int(place) - 1: item for place, item in self._connection.execute(query)}


class Numbers(Column):
    """A column of numbers; its statistics are of the finite ones."""

    def __init__(
        self, connection: sa.Connection, table: sa.TableClause, column: Element, *, floats: bool
    ) -> None:
        super().__init__(connection, table, column)
        self._floats = floats
        self._usable = self._finite() if floats else column.is_not(None)
        if floats and self.dialect == "postgresql":
            self._present = sa.and_(self._present, sa.not_(self._is_nan()))

    def _is_nan(self) -> Element:
        """Where there is a not-a-number, which PostgreSQL holds to be equal to itself."""
        return sa.cast(self._column, sa.Double) == sa.cast(sa.literal("NaN"), sa.Double)

    def _finite(self) -> Element:
        """Where there is a finite number."""
        present = self._column.is_not(None)
        if self.dialect == "postgresql":
            strange = [
                sa.cast(sa.literal(item), sa.Double) for item in ("NaN", "Infinity", "-Infinity")
            ]
            return sa.and_(present, sa.cast(self._column, sa.Double).not_in(strange))
        largest = sa.literal(_LARGEST, sa.Double)
        return sa.and_(present, self._column <= largest, self._column >= -largest)

    def strange(self, missing: int, rows: int) -> Facts:
        """Not-a-numbers, which are missing, infinite ones, and negatives, which minus infinity is."""
        counts = self._first_row(
            *(sa.func.sum(sa.case((fits, 1), else_=0)) for fits in (self._usable, self._column < 0))
        )
        usable, negatives = (int(count or 0) for count in counts)
        if not self._floats or usable == rows - missing:
            return {"usable": usable, "negatives": negatives}
        nan = 0
        if self.dialect == "postgresql":
            nan = int(self._first_row(sa.func.count(), where=self._is_nan())[0])
        infinite = rows - missing - nan - usable
        return {
            "usable": usable,
            "negatives": negatives,
            "nan": nan,
            "infinite": infinite,
            "missing": missing + nan,
        }

    def shape(self, usable: int) -> Facts:
        """Extremes, moments and zeros."""
        column = self._column
        # Not the database's own mean: PostgreSQL squares on the way to it, and large numbers overflow.
        low, high, total, zeros = self._first_row(
            sa.func.min(column),
            sa.func.max(column),
            sa.func.sum(sa.cast(column, sa.Double)),
            sa.func.sum(sa.case((column == 0, 1), else_=0)),
            where=self._usable,
        )
        mean = float(total) / usable
        result: Facts = {
            "minimum": value(low),
            "maximum": value(high),
            "mean": finite(mean),
            "total": finite(total),
            "zeros": int(zeros or 0),
        }
        largest = max(abs(float(low)), abs(float(high)))
        if result["mean"] is not None and largest < _HUGE:
            result |= self._powers(mean, usable)
        return result

    def _powers(self, mean: float, usable: int) -> Facts:
        """Spread and shape from the distances to the mean."""
        away = sa.cast(self._column, sa.Double) - sa.literal(mean, sa.Double)
        second, third, fourth = self._first_row(
            sa.func.sum(away * away),
            sa.func.sum(away * away * away),
            sa.func.sum(away * away * away * away),
            where=self._usable,
        )
        second = float(second)
        return {
            "std": finite(math.sqrt(second / (usable - 1))) if usable > 1 else None,
            "skewness": numeric.skewness(usable, second, float(third)),
            "kurtosis": numeric.kurtosis(usable, second, float(fourth)),
        }

    def order(self, usable: int) -> Facts:
        """Quantiles of a column by linear interpolation between two of its ``usable`` values."""
        expected = {}
        for share in numeric.SHARES:
            place = share * (usable - 1)
            expected[share] = (int(place), min(int(place) + 1, usable - 1), place - int(place))
        places = sorted({place for low, high, _ in expected.values() for place in (low, high)})
        present = self.ranked(places, self._usable)
        quantiles = {}
        for share, (below, above, part) in expected.items():
            low, high = present[below], present[above]
            same = not part or low == high
            quantiles[share] = low if same else float(low) + (float(high) - float(low)) * part
        return {
            "quantiles": tuple(
                Quantile(share=share, value=value(item)) for share, item in quantiles.items()
            )
        }

    def spread(self, facts: Facts) -> Facts:
        """Histogram and outliers, counted in one more scan."""
        low, high = float(facts["minimum"]), float(facts["maximum"])
        whole = not self._floats and numeric.can_count(low, high)
        edges = numeric.edges(low, high, facts["usable"], whole=whole, bins=_BINS)
        shares = {item.share: float(item.value) for item in facts["quantiles"]}
        reach = 1.5 * (shares[0.75] - shares[0.25])
        fences = shares[0.25] - reach, shares[0.75] + reach
        if not all(map(math.isfinite, fences)):
            return {}
        column = self._column
        below = [sa.func.sum(_if(column < edge)) for edge in edges[1:-1].tolist()]
        outside = [sa.func.sum(_if(column < fences[0])), sa.func.sum(_if(column > fences[1]))]
        counted = [int(count) for count in self._first_row(*outside, *below, where=self._usable)]
        counts = np.diff(counted[2:], prepend=0, append=facts["usable"])
        return {
            "histogram": Histogram(
                edges=tuple(edges.tolist()), counts=tuple(counts.tolist()), whole=whole
            ),
            "outliers": Outliers(
                low=counted[0], high=counted[1], fence_low=fences[0], fence_high=fences[1]
            ),
        }


def is_beyond_floats(facts: Facts) -> bool:
    """Whether a column holds numbers with more digits than floats."""
    ends = [
        str(facts.get(name)) for name in ("minimum", "maximum") if facts.get("type") in _NUMBERS
    ]
    return any(len(_SIGNIFICANT.sub("", end).strip("0")) > _DIGITS for end in ends)


def _if(condition: Element) -> Element:
    return sa.case((condition, 1), else_=0)


def recounted(judged: Facts, column: Column) -> Facts:
    """Placeholders and spellings that a sample showed, with the rows that they have in the whole table."""
    groups: tuple[Spelling, ...] = judged.get("spellings", ())
    texts = [str(top.value) for top in judged["placeholders"]]
    texts += [text for group in groups for text in (group.value, *_texts(group))]
    rows = column.rows_of(texts) if texts else {}

    def counted(top: Top) -> Top:
        return top.model_copy(update={"count": rows.get(str(top.value), top.count)})

    return {
        "placeholders": tuple(counted(top) for top in judged["placeholders"]),
        "spellings": tuple(
            group.model_copy(
                update={
                    "count": rows.get(group.value, group.count),
                    "variants": tuple(counted(top) for top in group.variants),
                }
            )
            for group in groups
        ),
    }


def _texts(group: Spelling) -> list[str]:
    return [str(top.value) for top in group.variants]
