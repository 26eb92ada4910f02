"""The code of the page of the SDK runs, block after block, in a kernel of a real lab."""

from __future__ import annotations

import re
from pathlib import Path

from tests.kernels.lab import Lab

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sdk.md"


def test_every_block_runs(lab: Lab) -> None:
    kernel = lab.kernel()
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        reply = kernel.run(block)
        assert reply.status == "ok", f"{block}\n{reply.text[-3_000:]}"
    assert "There is no snippet 'no such snippet'" in reply.text
    shown = kernel.run(
        "print(code, paths, profile.columns['price'].mean, orrery.status()['user'], suite.keys())"
    ).text
    assert "flowers.groupby('kind')" in shown
    assert "2.75" in shown
    assert (lab.folder / "home" / "profile.html").exists()
    assert kernel.run("project['slug']").text == "'customer-churn'"
    listed = kernel.run("orrery.snippets.list('mean', tag='sdk')")
    assert "1 of 1 snippets" in listed.text
    assert "<table>" in listed.html
    assert kernel.run("orrery.snippets.insert('mean-group', df='wine')").next_cell == (
        "wine.groupby('kind').mean(numeric_only=True)"
    )
