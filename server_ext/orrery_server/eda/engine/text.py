"""How texts look: lengths, words, forms."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_server.eda.engine.looks import LOOKED_AT, looks_like
from orrery_server.eda.engine.numbers import histogram
from orrery_server.eda.engine.values import shorten
from orrery_server.eda.schemas import TextProfile, Top

SEED = 20_261_121
_FEW = 5_000  # With so few different texts each is looked at, with its count.
_CHARACTERS = 1_500_000  # Otherwise about so many characters at random.
_LONGEST = 1_000
_FORM = 40
_WORDS = 15
_FORMS = 10
_SURE = 5


def describe(texts: pl.Series, distinct: int, name: str, *, deep: bool = True) -> TextProfile:
    """The texts of a column without missing ones; without words and forms unless ``deep``."""
    lengths = np.sort(texts.str.len_chars().to_numpy())
    mean = float(lengths.mean()) if len(lengths) else 0.0
    profile = TextProfile(
        shortest=int(lengths[0]) if len(lengths) else 0,
        longest=int(lengths[-1]) if len(lengths) else 0,
        mean_length=mean,
        lengths=histogram(lengths, whole=True, bins=30),
        blank=int((texts.str.strip_chars().str.len_bytes() == 0).sum()),
    )
    return _deep(profile, texts, distinct, name) if deep and len(texts) else profile


def _deep(profile: TextProfile, texts: pl.Series, distinct: int, name: str) -> TextProfile:
    """With words, forms and what the texts look like."""
    some, weights, scale = _some(texts, distinct, profile.mean_length)
    some = some.str.slice(0, _LONGEST)
    words = some.str.count_matches(r"\S+").to_numpy()
    kind, share = looks_like(some.head(LOOKED_AT).to_list(), name)
    return profile.model_copy(
        update={
            "mean_words": float(np.average(words, weights=weights)),
            "words": _words(some, weights, scale),
            "patterns": _forms(some, weights, scale),
            "looks_like": kind,
            "looks_like_share": share,
        }
    )


def _some(
    texts: pl.Series, distinct: int, mean: float
) -> tuple[pl.Series, NDArray[np.float64], float]:
    """Texts to look at, how often each counts, and what a count in them is worth in all rows."""
    if distinct <= _FEW < len(texts):
        counted = texts.alias("text").value_counts(name="rows").sort("rows", descending=True)
        return counted["text"], counted["rows"].to_numpy().astype(np.float64), 1.0
    many = int(min(len(texts), max(200, _CHARACTERS / max(1.0, mean)), 20_000))
    if many < len(texts):
        chosen = np.random.default_rng(SEED).choice(len(texts), many, replace=False)
        chosen.sort()
        return texts.gather(chosen), np.ones(many), len(texts) / many
    return texts, np.ones(many), 1.0


def _counted(
    keys: pl.Series, weights: NDArray[np.float64], scale: float, limit: int
) -> tuple[Top, ...]:
    """The keys that weigh most, the first in the alphabet among equals."""
    frame = pl.DataFrame({"key": keys, "rows": weights}).drop_nulls("key")
    found = frame.group_by("key").sum().sort(["rows", "key"], descending=[True, False])
    # What was met a few times in a sample is no measure of how often it is in all rows.
    found = found.filter(pl.col("rows") >= (1 if scale == 1.0 else _SURE)).head(limit)
    return tuple(
        Top(value=shorten(key), count=max(1, round(rows * scale)))
        for key, rows in found.iter_rows()
    )


def _words(some: pl.Series, weights: NDArray[np.float64], scale: float) -> tuple[Top, ...]:
    """The most frequent words, in small letters."""
    frame = pl.DataFrame(
        {"words": some.str.to_lowercase().str.extract_all(r"[\p{L}\p{N}_'\u2019-]+"), "rows": weights}
    ).explode("words")
    return _counted(frame["words"], frame["rows"].to_numpy(), scale, _WORDS)


def _forms(some: pl.Series, weights: NDArray[np.float64], scale: float) -> tuple[Top, ...]:
    """The most frequent forms."""
    forms = (
        some.str.slice(0, _FORM)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{L}--[A]]", "a")
        .str.replace_all(r"\p{Nd}", "9")
    )
    return _counted(forms, weights, scale, _FORMS)
