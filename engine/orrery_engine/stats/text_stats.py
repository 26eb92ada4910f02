"""How texts look: lengths, words, forms."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine import date_forms, number_forms
from orrery_engine.schemas import TextProfile, Top
from orrery_engine.stats import forms
from orrery_engine.stats.numeric import histogram, in_order
from orrery_engine.stats.values import shorten

SEED = 20_261_121
_CHARACTERS = 1_500_000  # Of more, so many at random are looked at.
_LONGEST = 1_000
_FORM = 40
_WORDS = 15
_FORMS = 10
_SURE = 5
_WRITTEN = ("date", "number")  # forms with several ways to write
_PROSE = 3  # words of a text on average from which a card's number is looked for within


def describe(
    texts: pl.Series, weights: NDArray[np.int64] | None, name: str, *, deep: bool = True
) -> TextProfile:
    """The texts of a column without missing ones; with weights if each is there once.

    Without words and forms unless ``deep``.
    """
    if not len(texts):
        return TextProfile(shortest=0, longest=0, mean_length=0.0, blank=0)
    lengths = texts.str.len_chars().cast(pl.Int64)
    bare = texts.str.strip_chars().str.len_bytes()
    blank = bare == 0
    padded = (bare != texts.str.len_bytes()) & ~blank
    if weights is None:
        ordered, counts = in_order(lengths.to_numpy()), None
    else:
        order = lengths.arg_sort().to_numpy()
        ordered, counts = lengths.to_numpy()[order], weights[order]
    profile = TextProfile(
        shortest=int(ordered[0]),
        longest=int(ordered[-1]),
        mean_length=float(np.average(ordered, weights=counts)),
        lengths=histogram(ordered, whole=True, bins=30, weights=counts),
        blank=_rows(blank, weights),
        padded=_rows(padded, weights),
    )
    return _deep(profile, texts, weights, name) if deep else profile


def _rows(mask: pl.Series, weights: NDArray[np.int64] | None) -> int:
    """The rows that a mask is true of."""
    return int(mask.sum() if weights is None else weights[mask.to_numpy()].sum())


def _deep(
    profile: TextProfile, texts: pl.Series, counts: NDArray[np.int64] | None, name: str
) -> TextProfile:
    """With words, forms and what the texts look like."""
    subset, weights, scale = _subset(texts, counts, profile.mean_length)
    subset = subset.str.slice(0, _LONGEST)
    words = subset.str.count_matches(r"\S+").to_numpy()
    mean_words = float(np.average(words, weights=weights))
    form = forms.most_frequent(texts, counts, name, profile.blank)
    written = subset.unique(maintain_order=True).to_list() if form.name in _WRITTEN else []
    number = number_forms.form_of(written) if form.name == "number" else None
    # Codes with leading zeros, or numbers of too many units: nothing that could be counted with.
    is_code = form.name == "number" and number is None
    return profile.model_copy(
        update={
            "mean_words": mean_words,
            "words": _words(subset, weights, scale),
            "patterns": _forms(subset, weights, scale),
            "looks_like": "" if is_code else form.name,
            "looks_like_share": 0.0 if is_code else form.share,
            "number": number,
            "date_form": date_forms.date_form(written) if form.name == "date" else "",
            "personal": forms.personal(texts, counts, prose=mean_words >= _PROSE),
            "estimated": scale != 1.0 or form.estimated,
        }
    )


def _subset(
    texts: pl.Series, counts: NDArray[np.int64] | None, mean: float
) -> tuple[pl.Series, NDArray[np.float64], float]:
    """Texts to look at, how often each counts, and what a count in them is worth in all rows."""
    weights = np.ones(len(texts)) if counts is None else counts.astype(np.float64)
    many = int(min(len(texts), max(200, _CHARACTERS / max(1.0, mean)), 20_000))
    if many == len(texts):
        return texts, weights, 1.0
    chosen = np.random.default_rng(SEED).choice(len(texts), many, replace=False)
    chosen.sort()
    weights = weights[chosen]
    total = len(texts) if counts is None else int(counts.sum())
    return texts.gather(chosen), weights, float(total / weights.sum())


def _counted(
    keys: pl.Series, weights: NDArray[np.float64], scale: float, limit: int
) -> tuple[Top, ...]:
    """The keys that weigh most, the first in the alphabet among equals."""
    frame = pl.DataFrame({"key": keys, "rows": weights}).drop_nulls("key")
    result = frame.group_by("key").sum().sort(["rows", "key"], descending=[True, False])
    # What was met a few times in a sample is no measure of how often it is in all rows.
    result = result.filter(pl.col("rows") >= (1 if scale == 1.0 else _SURE)).head(limit)
    return tuple(
        Top(value=shorten(key), count=max(1, round(rows * scale)))
        for key, rows in result.iter_rows()
    )


def _words(texts: pl.Series, weights: NDArray[np.float64], scale: float) -> tuple[Top, ...]:
    """The most frequent words, in small letters."""
    frame = pl.DataFrame(
        {
            "words": texts.str.to_lowercase().str.extract_all(r"[\p{L}\p{N}_'\u2019-]+"),
            "rows": weights,
        }
    ).explode("words")
    return _counted(frame["words"], frame["rows"].to_numpy(), scale, _WORDS)


def _forms(texts: pl.Series, weights: NDArray[np.float64], scale: float) -> tuple[Top, ...]:
    """The most frequent forms."""
    forms = (
        texts.str.slice(0, _FORM)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{L}--[A]]", "a")
        .str.replace_all(r"\p{Nd}", "9")
    )
    return _counted(forms, weights, scale, _FORMS)
