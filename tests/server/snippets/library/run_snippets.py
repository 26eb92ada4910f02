"""Runs snippets one after the other, each in a clean namespace, and writes what became of each as JSON.

Started as a process of its own by ``conftest.py``: ``run_snippets.py JOB``, where JOB names the snippets' code, the file
to write and the data for ``df``. One process runs many snippets, so that mlflow and pandas are imported once.
"""

from __future__ import annotations

import ast
import json
import linecache
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

OUTDATED = (DeprecationWarning, FutureWarning, PendingDeprecationWarning)


def run(name: str, cells: list[str], frame: str | None) -> dict[str, Any]:
    """Whether every cell of one snippet runs, what its last line gives, and which outdated calls it makes."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    if frame is not None:
        import pandas as pd

        namespace["df"] = pd.read_parquet(frame)
    start = time.perf_counter()
    failure, result = "", ""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            for number, cell in enumerate(cells):
                result = _cell(cell, f"<{name} {number}>", namespace)
        except Exception:  # noqa: BLE001 - whatever a snippet raises is its result
            failure = traceback.format_exc()
    outdated = [
        f"{w.category.__name__}: {w.message}"
        for w in seen
        if issubclass(w.category, OUTDATED) and w.filename.startswith(f"<{name} ")
    ]
    return {
        "failure": failure,
        "result": result,
        "outdated": outdated,
        "seconds": time.perf_counter() - start,
    }


def _cell(source: str, filename: str, namespace: dict[str, Any]) -> str:
    """Run a cell as a notebook does: the value of a last expression is what it shows."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    tree = ast.parse(source, filename)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, filename, "exec"), namespace)
    if last is None:
        return ""
    shown = compile(ast.Expression(last.value), filename, "eval")
    return repr(eval(shown, namespace))[:2_000]


def main(job: str) -> None:
    """Run a whole job."""
    import matplotlib as mpl
    import pandas as pd

    mpl.use("Agg")
    pd.set_option("display.max_columns", None, "display.width", 10_000)
    asked = json.loads(Path(job).read_text(encoding="utf-8"))
    done = {
        item["name"]: run(item["name"], item["cells"], item["frame"]) for item in asked["snippets"]
    }
    Path(asked["report"]).write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
