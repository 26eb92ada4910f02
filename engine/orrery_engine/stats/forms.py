"""Which form the texts of a column have, and which of them may be personal data; of all rows, not of the first ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from orrery_engine.schemas import Top
from orrery_engine.stats.check_digits import luhn
from orrery_engine.stats.patterns import (
    CARD_WITHIN,
    EMAIL_WITHIN,
    MAY_BE_CARD_WITHIN,
    MAY_BE_PERSONAL,
    PERSONAL_FORMS,
    Form,
    forms_of,
)

Weights = NDArray[np.int64] | None

_LONGEST = 300  # characters of a text that may have a form; JSON may be longer
_LEAST = 0.4  # of the texts, for a form to be what they look like
_SURE = 0.7  # of the texts: no other form is looked for
_GLANCE = 96  # texts that say which forms are worth a look at all texts
_SLOW = 20_000  # texts that are looked at one by one
_CHECKED = (
    0.5  # of the texts of a form whose check digits must be right; by chance a tenth of cards are
)
_SEED = 20_261_121


class FormShare(NamedTuple):
    """A form and the share of texts that have it."""

    name: str = ""
    share: float = 0.0
    estimated: bool = False


def most_frequent(texts: pl.Series, weights: Weights, name: str, blank: int) -> FormShare:
    """The form that most of the texts have, and how many of those that are not blank, as a share.

    Args:
        texts: the texts of a column without missing ones.
        weights: the rows of each text, if each is there once.
        name: of the column; subset forms are looked for only where it speaks of them.
        blank: rows whose text is blank.
    """
    rows = (len(texts) if weights is None else int(weights.sum())) - blank
    if rows <= 0:
        return FormShare()
    glance = _glance(texts)
    best = FormShare()
    for form in forms_of(name):
        if not len(glance) or not _fits(form, glance).any():
            continue
        result = _share(form, texts, weights, rows)
        if result.share >= _SURE:
            return result
        if result.share > max(best.share, _LEAST - 1e-9):
            best = result
    return best


def _glance(texts: pl.Series) -> pl.Series:
    """Some texts from the whole column."""
    if len(texts) > _GLANCE:
        places = np.linspace(0, len(texts) - 1, _GLANCE).astype(np.int64)
        texts = texts.gather(places)
    return texts.filter(texts.str.len_bytes() > 0)


def _fits(form: Form, texts: pl.Series) -> pl.Series:
    mask = form.mask(texts)
    return mask if form.name == "json" else mask & (texts.str.len_chars() <= _LONGEST)


def _share(form: Form, texts: pl.Series, weights: Weights, rows: int) -> FormShare:
    """The share of a form in all texts; of one that is slow to check in a sample of many."""
    if form.unchecked is not None and len(texts) > _SLOW:
        chosen = np.random.default_rng(_SEED).choice(len(texts), _SLOW, replace=False)
        texts = texts.gather(np.sort(chosen))
        weights = None if weights is None else weights[np.sort(chosen)]
        present = texts.str.strip_chars().str.len_bytes() > 0
        rows = _count(present, weights)
        share = _count(_fits(form, texts), weights) / max(rows, 1)
        return FormShare(form.name, min(1.0, share), estimated=True)
    return FormShare(form.name, min(1.0, _count(_fits(form, texts), weights) / rows))


def _count(mask: pl.Series, weights: Weights) -> int:
    return int(mask.sum() or 0) if weights is None else int(weights[mask.to_numpy()].sum())


def personal(texts: pl.Series, weights: Weights, *, prose: bool) -> tuple[Top, ...]:
    """Forms of personal data, and the rows whose text has them; with ``prose`` cards are looked for inside texts, too."""
    counts = {"email": _within(texts, weights)}
    chosen = texts.str.contains(MAY_BE_PERSONAL).arg_true()
    if len(chosen):
        subset = texts.gather(chosen)
        rows = None if weights is None else weights[chosen.to_numpy()]
        for form in PERSONAL_FORMS:
            counts[form.name] = _personal_count(form, subset, rows)
    if prose:
        counts["credit_card"] = max(counts.get("credit_card", 0), _cards_within(texts, weights))
    return tuple(Top(value=name, count=count) for name, count in counts.items() if count)


def _personal_count(form: Form, texts: pl.Series, weights: Weights) -> int:
    """The rows of a form; none where check digits are right no more often than by chance.

    Of many texts whose digits are checked, estimated by a sample.
    """
    if form.unchecked is None:
        return _count(form.mask(texts), weights)
    alike = form.unchecked(texts).arg_true()
    subset = texts.gather(alike)
    rows = None if weights is None else weights[alike.to_numpy()]
    total = len(subset) if rows is None else int(rows.sum())
    share = _share(form, subset, rows, total).share if total else 0.0
    return round(share * total) if share >= _CHECKED else 0


def _within(texts: pl.Series, weights: Weights) -> int:
    """Rows whose text holds an e-mail address."""
    chosen = texts.str.contains("@", literal=True).arg_true()
    if not len(chosen):
        return 0
    rows = None if weights is None else weights[chosen.to_numpy()]
    return _count(texts.gather(chosen).str.contains(EMAIL_WITHIN), rows)


def _cards_within(texts: pl.Series, weights: Weights) -> int:
    """Rows whose text holds a card's number with the right last digit."""
    chosen = texts.str.contains(MAY_BE_CARD_WITHIN).arg_true().head(_SLOW)
    subset = texts.gather(chosen)
    right = [
        any(luhn(number) for number in numbers)
        for numbers in subset.str.extract_all(CARD_WITHIN).to_list()
    ]
    if sum(right) < _CHECKED * len(right):
        return 0
    rows = None if weights is None else weights[chosen.to_numpy()]
    return _count(pl.Series(right, dtype=pl.Boolean), rows)
