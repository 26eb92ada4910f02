"""What the lab translates by itself: titles, menus and toolbars of the settings schemas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SCHEMAS = sorted(Path(__file__).parents[2].glob("labextension/schema/*.json"))


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_a_schema_names_the_domain_of_the_language_packs(schema: Path) -> None:
    # Without it the server looks for the words among those of JupyterLab itself.
    content = json.loads(schema.read_text())
    assert content["jupyter.lab.internationalization"] == {"domain": "orrery"}


def test_there_are_schemas() -> None:
    assert len(SCHEMAS) >= 4
