"""Every style sheet reaches the browser, by whichever of both lists a lab reads."""

from __future__ import annotations

import re
from pathlib import Path

STYLE = Path(__file__).resolve().parents[2] / "labextension" / "style"


def imported(name: str) -> list[str]:
    """The style sheets that one imports, and those that these import."""
    sheets: list[str] = []
    for sheet in re.findall(r"@import url\('(.+?)'\)", (STYLE / name).read_text("utf-8")):
        sheets += [sheet, *imported(sheet)]
    return sheets


def test_every_style_sheet_is_imported_once() -> None:
    sheets = imported("index.css")
    assert len(sheets) == len(set(sheets))
    assert set(sheets) == {path.name for path in STYLE.glob("*.css")} - {"index.css"}


def test_the_script_imports_the_same_sheet_as_a_page() -> None:
    assert (STYLE / "index.js").read_text("utf-8").split() == ["import", "'./index.css';"]
