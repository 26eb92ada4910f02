"""What ``%eda`` leaves in a notebook can be read where nothing runs: exported, and on pages that show notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter

from tests.kernels.lab import Kernel

CELLS = (
    "import pandas as pd\ndf = pd.DataFrame({'<b>a</b>': [1, 2, None], 'w': ['<script>x()</script>', 'y', 'y']})",
    "%eda df",
    "%eda --compare df df",
    "%%eda\ndf.head(2)",
)
# What pages that show notebooks take away.
REMOVED = re.compile(
    r"<(script|style|iframe|object|embed|svg|link|meta|form|input)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def notebook(kernel: Kernel) -> nbformat.NotebookNode:
    """A notebook that was run in the kernel of a lab."""
    found = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in CELLS])
    for number, cell in enumerate(found.cells, 1):
        cell.execution_count = number
        cell.outputs = kernel.outputs(cell.source)
    return found


def test_outputs_are_static(notebook: nbformat.NotebookNode) -> None:
    shown = [
        output
        for cell in notebook.cells[1:]
        for output in cell.outputs
        if output.output_type == "execute_result" and "text/markdown" in output.data
    ]
    assert len(shown) == 3
    for output in shown:
        assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
        assert not REMOVED.search(output.data["text/html"])
        styles = re.findall('style="(.*?)"', output.data["text/html"])
        assert set(styles) == {"text-align:left", "text-align:right"}
        assert "<b>a</b>" not in output.data["text/html"]
        assert "<" not in re.sub(r"`[^`\n]*`", "", output.data["text/markdown"])
    nbformat.validate(notebook)


def test_exports(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "Profile of df" in page
    assert "<script>x()" not in page
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    assert "Profile of df" in text


def test_runs_without_a_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a scheduler runs it: no server, no magics loaded."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("ORRERY_CONNECTION_FILE", raising=False)
    found = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("import polars as pl\ndf = pl.DataFrame({'a': [1, 2, 2]})"),
            nbformat.v4.new_code_cell(
                "from orrery_kernels import eda\nfound = eda.profile(df)\nfound"
            ),
            nbformat.v4.new_code_cell("%load_ext orrery_kernels\n%eda -q df"),
        ]
    )
    NotebookClient(found, timeout=120, kernel_name="python3").execute()
    for cell in found.cells[1:]:
        (shown,) = [one for one in cell.outputs if one.output_type == "execute_result"]
        assert "Profile of df" in shown.data["text/html"]
        assert "3 rows, 1 columns" in shown.data["text/plain"]
