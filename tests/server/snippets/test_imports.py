"""What a snippet imports is told, also when it is not Python yet."""

from __future__ import annotations

import pytest

from orrery_server.snippets.imports import required
from orrery_wire.snippets import SnippetContent


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        (
            "import numpy as np, pandas.core\nfrom sklearn.svm import SVC",
            ("numpy", "pandas", "sklearn"),
        ),
        ("def f():\n    import torch", ("torch",)),
        ("import os, sys, json", ()),
        ("from . import here\nfrom .a import b", ()),
        ("# import nothing\nx = 'import this'", ()),
        ("%pip install x\nimport ${1:pandas}\nimport polars as pl", ("polars",)),
        ("import pandas as ${1:pd}\n$1.read_csv()", ("pandas",)),
        ("from duckdb import sql\nsql('$0", ("duckdb",)),
        ("import " * 3_000, ()),
        ("(" * 10_000 + "import", ()),
    ],
)
def test_modules(source: str, modules: tuple[str, ...]) -> None:
    content = SnippetContent.model_validate({"name": "A", "cells": [{"source": source}]})
    assert required(content) == modules


def test_only_code_in_python_imports() -> None:
    cells = [{"kind": "markdown", "source": "import numpy"}]
    assert required(SnippetContent.model_validate({"name": "A", "cells": cells})) == ()
    cells = [{"kind": "code", "source": "import numpy"}]
    other = {"name": "A", "cells": cells, "language": "julia"}
    assert required(SnippetContent.model_validate(other)) == ()
