"""Values that stand for a missing one: -999 among ages, 1900-01-01 among birthdays, "Unknown" among cities.

A number or a day is taken for one only where it lies apart from all other values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.schemas import Top
from orrery_engine.stats.values import shorten, value

_LOW = (-1, -9, -88, -99, -888, -999, -9_999, -99_999, -999_999, -(2**15), -(2**31), -(2**63))
_HIGH = (
    *(99, 888, 999, 8_888, 9_999, 99_999, 999_999, 9_999_999, 99_999_999, 999_999_999),
    *(2**15 - 1, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, 10**20, 10**30),
)
_EARLY = (
    *("0001-01-01", "1111-11-11", "1601-01-01", "1753-01-01", "1800-01-01", "1899-12-30"),
    *("1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01", "1970-01-01"),
)
_LATE = (
    *("2050-12-31", "2099-12-31", "2100-01-01", "2199-12-31", "2262-04-11", "2999-12-31"),
    *("3000-01-01", "7999-12-31", "8888-12-31", "9999-01-01", "9999-12-30", "9999-12-31"),
)
_STRONG = -999  # so low that it needs no second row where all others are positive
_FAR = 10  # ranges of the others beyond which one row is enough
_FEW = 10
_YEAR = 365

_WORDS = (
    r"unknown|unk|unknwn|undefined|undetermined|unspecified|unassigned"
    r"|not (?:known|available|applicable|specified|provided|given|stated|recorded|reported|set|disclosed)"
    r"|no (?:data|value|answer|response|information|info)|missing(?: value| data)?|blank|empty"
    r"|to be (?:determined|decided|defined|confirmed|announced)|tbd|tba|tbc|tbn"
    r"|none|nil|null|nan|nat|n[./ ]?a\.?|n\.a|na|#n/?a|#null!?|#div/0!|#value!|#ref!|#name\?|#num!"
    r"|\(blank\)|\(null\)|\(none\)|\(empty\)|\(missing\)|\(unknown\)|<na>|<null>|<none>|\[null\]|\\n"
    r"|\?+|-+|_+|\.{1,3}|\u2013|\u2014"
    r"|k\.? ?a\.?|keine angabe|unbekannt|inconnu|non renseign\u00e9|desconocido|sin datos|s/d|sconosciuto"
)
_PLACEHOLDER = rf"(?i)\A\s*(?:{_WORDS})\s*\z"
_LONGEST = 40
_CODE = re.compile(r"[A-Z]{2}")
_MOST = 20


def of_numbers(ordered: NDArray[Any]) -> tuple[Top, ...]:
    """Numbers that stand for a missing one, of finite numbers in order."""
    lows = [item for item in _LOW if _has(ordered, item)]
    highs = [item for item in _HIGH if _has(ordered, item)]
    if not lows and not highs:
        return ()
    low, high = _ends(ordered, lows, highs)
    rest = ordered[low:high]
    if len(rest) < 3:
        return ()
    first, last = float(rest[0]), float(rest[-1])
    chosen = [
        *(item for item in lows if item < first and _is_low(ordered, item, first, last)),
        *(item for item in highs if item > last and _is_high(ordered, item, first, last)),
    ]
    return tuple(Top(value=value(item), count=_count(ordered, item)) for item in chosen)


def _has(ordered: NDArray[Any], item: int) -> bool:
    return len(ordered) > 0 and ordered[0] <= item <= ordered[-1] and _count(ordered, item) > 0


def _count(ordered: NDArray[Any], item: int) -> int:
    # Of another type than the array the item would cost a copy of the array.
    sought = np.asarray(item, dtype=ordered.dtype)
    begin = np.searchsorted(ordered, sought, side="left")
    return int(np.searchsorted(ordered, sought, side="right") - begin)


def _ends(ordered: NDArray[Any], lows: Sequence[int], highs: Sequence[int]) -> tuple[int, int]:
    """Where the values begin and end that are no candidates."""
    low, high = 0, len(ordered)
    for item in sorted(lows):
        if low < high and ordered[low] == item:
            low = int(np.searchsorted(ordered, item, side="right"))
    for item in sorted(highs, reverse=True):
        if low < high and ordered[high - 1] == item:
            high = int(np.searchsorted(ordered, item, side="left"))
    return low, high


def _is_low(ordered: NDArray[Any], item: int, first: float, last: float) -> bool:
    """Whether a value below all others lies apart from them."""
    count, spread, gap = _count(ordered, item), last - first, first - item
    if item == -1:
        steps = np.unique(ordered[: 100_000 : max(1, len(ordered) // 1_000)])
        whole = first >= 0 and bool((steps == np.floor(steps)).all())
        return whole and spread > _FEW and count >= max(2, len(ordered) / 100)
    if first >= 0:
        return item <= _STRONG or gap > spread or count >= 2
    return gap > spread and (count >= 2 or item <= _STRONG or gap > _FAR * spread)


def _is_high(ordered: NDArray[Any], item: int, first: float, last: float) -> bool:
    """Whether a value above all others lies apart from them."""
    count, spread, gap = _count(ordered, item), last - first, item - last
    return gap > spread and (count >= 2 or gap > _FAR * spread)


def of_days(days: NDArray[np.int64]) -> tuple[Top, ...]:
    """Days that stand for a missing one; ``days`` are those since 1970, in order."""
    early = [item for item in map(_day, _EARLY) if _has(days, item)]
    late = [item for item in map(_day, _LATE) if _has(days, item)]
    if not early and not late:
        return ()
    low, high = _ends(days, early, late)
    rest = days[low:high]
    if not len(rest):
        return ()
    first, last = int(rest[0]), int(rest[-1])
    usual = len(rest) / max(1, int(np.count_nonzero(np.diff(rest))) + 1)
    chosen = [
        item
        for item in (*early, *late)
        if not first <= item <= last
        and _is_apart(max(first - item, item - last), last - first, _count(days, item), usual)
    ]
    return tuple(
        Top(value=date.fromordinal(_EPOCH + item).isoformat(), count=_count(days, item))
        for item in chosen
    )


_EPOCH = date(1970, 1, 1).toordinal()


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


def _is_apart(gap: int, spread: int, count: int, usual: float) -> bool:
    """Whether a day is farther from the others than these from each other, or is there far more often than they are."""
    return gap > _YEAR and (gap > spread or count >= max(3, 3 * usual))


def of_texts(texts: pl.Series, weights: NDArray[np.int64] | None) -> tuple[Top, ...]:
    """Texts that say that a value is missing, as they are written; with weights if each text is there once."""
    short = texts.str.len_bytes() <= _LONGEST
    mask = short & texts.str.contains(_PLACEHOLDER)
    chosen = mask.arg_true()
    if not len(chosen) or len(chosen) == len(texts):
        return ()
    rows = np.ones(len(chosen), np.int64) if weights is None else weights[chosen.to_numpy()]
    counted = (
        pl.DataFrame({"text": texts.gather(chosen), "rows": rows})
        .group_by("text")
        .sum()
        .sort(["rows", "text"], descending=[True, False])
    )
    candidates = [
        Top(value=shorten(text), count=int(count))
        for text, count in counted.iter_rows()
        if len(text) <= _LONGEST
    ]
    others = texts.filter(~mask).head(1_000).to_list()
    return tuple(_plausible(candidates, others))[:_MOST]


def _plausible(candidates: Sequence[Top], others: Sequence[str]) -> Iterator[Top]:
    """Without a sign among signs (`+`, `-`), and without Namibia among codes of two letters."""
    codes = sum(bool(_CODE.fullmatch(text)) for text in others) > len(others) / 2
    signs = all(not any(sign.isalnum() for sign in text) for text in others)
    for top in candidates:
        text = str(top.value).strip()
        if text == "NA" and codes:
            continue
        if signs and not any(sign.isalnum() for sign in text):
            continue
        yield top
