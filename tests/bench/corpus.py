"""Snippets by the thousand, always the same ones, and what a person types to find some."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.method import SEED

_NOUNS = [
    "dataframe",
    "table",
    "column",
    "row",
    "index",
    "join",
    "merge",
    "pivot",
    "histogram",
    "scatter",
    "boxplot",
    "heatmap",
    "pipeline",
    "run",
    "model",
    "metric",
    "parameter",
    "artifact",
    "registry",
    "experiment",
    "tensor",
    "batch",
    "epoch",
    "loader",
    "optimizer",
    "loss",
    "bucket",
    "object",
    "parquet",
    "arrow",
    "query",
    "schema",
    "partition",
    "window",
    "quantile",
    "outlier",
    "imputer",
    "encoder",
    "scaler",
]
_VERBS = [
    "read",
    "write",
    "load",
    "save",
    "plot",
    "group",
    "filter",
    "sort",
    "count",
    "fill",
    "drop",
    "split",
    "train",
    "score",
    "log",
    "register",
    "serve",
    "sample",
    "profile",
    "compare",
    "explain",
    "tune",
    "cache",
    "stream",
    "export",
    "import",
    "convert",
    "validate",
]
_LANGUAGES = ("python", "python", "python", "r", "sql", "markdown", "julia")
WORDS = ("groupby", "histogram of loss", "read parquet", "register model", "encoder 77")


def typed() -> list[str]:
    """What the search field holds after each key."""
    return [word[:length] for word in WORDS for length in range(1, len(word) + 1)]


def snippets(count: int) -> list[dict[str, object]]:
    """That many snippets of the size of real ones."""
    pick = random.Random(SEED)  # data that repeats, not a secret
    found: list[dict[str, object]] = []
    for number in range(count):
        verb, noun, other = pick.choice(_VERBS), pick.choice(_NOUNS), pick.choice(_NOUNS)
        lines = [
            f"{pick.choice(_NOUNS)} = {pick.choice(_NOUNS)}.{pick.choice(_VERBS)}by("
            f"'{pick.choice(_NOUNS)}_{pick.randrange(500)}')"
            for _ in range(pick.randrange(4, 20))
        ]
        found.append(
            {
                "name": f"{verb.capitalize()} the {noun} of {other} {number}",
                "description": f"How to {verb} a {noun} with a {other}.",
                "tags": sorted({noun, pick.choice(_VERBS)}),
                "language": pick.choice(_LANGUAGES),
                "cells": [{"kind": "code", "source": "\n".join(lines)}],
            }
        )
    return found


def as_files(folder: Path, count: int) -> None:
    """The corpus as the backend `files` keeps it, without its history."""
    from orrery_server.snippets.backends.stored_version import StoredVersion
    from orrery_wire.snippets import SnippetIn

    folder.mkdir(parents=True)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for number, one in enumerate(snippets(count)):
        stored = StoredVersion.of(SnippetIn.model_validate(one), None, "bench")
        moment = first + timedelta(minutes=number)
        stored = stored.model_copy(update={"created": moment, "updated": moment})
        (folder / f"s{number:06}.json").write_bytes(stored.dump())
