"""The words for the snippets panel that its browser tests share."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator

from tests.ui.conftest import Person

PANEL = ".orrery-snippets"


def rows(person: Person) -> Locator:
    return person.page.locator(f"{PANEL} [role=row][data-id]")


def row(person: Person, name: str) -> Locator:
    return rows(person).filter(has=person.page.locator(".orrery-row-name", has_text=name))


def search(person: Person, words: str) -> None:
    person.page.get_by_role("searchbox", name=re.compile("Search snippets")).fill(words)
    person.page.wait_for_timeout(300)


def find(person: Person, name: str) -> None:
    """Look for a snippet of somebody else; a server asks the hub for what others changed at most every two seconds."""
    for _ in range(30):
        person.run("snippets:refresh")
        search(person, name)
        if row(person, name).count():
            return
        person.page.wait_for_timeout(200)
    raise AssertionError(f"{person.name} does not see {name!r}")


def wait_for_version(person: Person, snippet: str, version: int) -> None:
    """Until a snippet was saved so often."""
    for _ in range(100):
        if person.ask("GET", f"snippets/{snippet}")[1]["version"] >= version:
            return
        person.page.wait_for_timeout(100)
    raise AssertionError(f"version {version} was not saved")


def insert(person: Person, name: str) -> None:
    """Insert a snippet by the button of its row."""
    row(person, name).hover()
    row(person, name).get_by_role("button", name=re.compile("^Insert")).click()


def make(person: Person, **content: Any) -> dict[str, Any]:
    """A snippet made through the lab's own wire; the panel is told to look again."""
    content.setdefault("language", "python")
    if isinstance(content.get("cells"), str):
        content["cells"] = [{"kind": "code", "source": content["cells"]}]
    made = person.ask("POST", "snippets", content)
    assert made[0] == 201, made
    person.run("snippets:refresh")
    return dict(made[1])


def focus_cell(person: Person, index: int = 0) -> None:
    person.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").nth(
        index
    ).click()


def run_cell(person: Person) -> str:
    """Run the active cell and give the text of its outputs."""
    person.run("notebook:run-cell")
    person.page.wait_for_function(
        """() => {
          const cell = window.jupyterapp.shell.currentWidget.content.activeCell;
          return cell.model.executionCount !== null && cell.model.executionState === 'idle';
        }""",
        timeout=60_000,
    )
    return str(
        person.page.evaluate(
            "() => JSON.stringify(window.jupyterapp.shell.currentWidget.content.activeCell.model.outputs.toJSON())"
        )
    )
