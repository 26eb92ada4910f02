"""Every style sheet reaches the browser, by whichever of both lists a lab reads."""

from __future__ import annotations

import re
from pathlib import Path

STYLE = Path(__file__).resolve().parents[2] / "labextension" / "style"


def test_both_lists_name_every_style_sheet_in_one_order() -> None:
    lists = [
        re.findall(pattern, (STYLE / name).read_text("utf-8"))
        for name, pattern in (("index.css", r"url\('(.+?)'\)"), ("index.js", r"'\./(.+?)'"))
    ]
    assert lists[0] == lists[1]
    assert set(lists[0]) == {path.name for path in STYLE.glob("*.css")} - {"index.css"}
