"""Where snippets come from and go to besides a cell: consoles, files, dragged cells, keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Person
from tests.ui.panel import PANEL, focus_cell, insert, make, row, search

pytestmark = [pytest.mark.ui, pytest.mark.timeout(240)]


def test_a_console_gets_it_at_its_prompt(ada: Person) -> None:
    make(ada, name="To the prompt", cells="in_console = 6 * 7")
    ada.run("console:create", kernelPreference={"name": "python3"}, activate=True)
    prompt = ada.page.locator(".jp-CodeConsole-promptCell .cm-content")
    expect(prompt).to_be_visible()
    search(ada, "To the prompt")
    insert(ada, "To the prompt")
    expect(prompt).to_contain_text("in_console = 6 * 7")


def test_a_file_gives_its_selection_and_gets_snippets_back(ada: Person) -> None:
    ada.run("fileeditor:create-new", fileExt="py", iconName="ui-components:python")
    content = ada.page.locator(".jp-FileEditor:visible .cm-content")
    content.click()
    ada.page.keyboard.type("def double(x): return 2 * x")
    ada.page.keyboard.press("Control+a")
    ada.run("snippets:save-selection")
    form = ada.page.locator(".orrery-snippets-form")
    expect(form).to_be_visible()
    form.get_by_label("Name").fill("Doubles a number")
    ada.page.keyboard.press("Control+s")
    search(ada, "Doubles a number")
    expect(row(ada, "Doubles a number")).to_be_visible()
    ada.run("fileeditor:create-new", fileExt="md", iconName="ui-components:markdown")
    expect(ada.page.locator(".jp-FileEditor:visible .cm-content")).to_be_visible()
    insert(ada, "Doubles a number")
    expect(ada.page.locator(".jp-FileEditor:visible .cm-content")).to_contain_text("```python")


def test_cells_dragged_onto_the_panel_become_a_draft(ada: Person) -> None:
    focus_cell(ada)
    ada.page.keyboard.type("dropped = [1, 2, 3]")
    ada.page.keyboard.press("Escape")
    handle = ada.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputPrompt").first
    source, target = handle.bounding_box(), ada.page.locator(PANEL).bounding_box()
    assert source is not None
    assert target is not None
    ada.page.mouse.move(source["x"] + 10, source["y"] + 10)
    ada.page.mouse.down()
    ada.page.mouse.move(source["x"] - 20, source["y"] + 20, steps=5)
    ada.page.mouse.move(target["x"] + 100, target["y"] + 200, steps=15)
    ada.shot("drag-cell-onto-panel")
    ada.page.mouse.up()
    form = ada.page.locator(".orrery-snippets-form")
    expect(form).to_be_visible()
    expect(form).to_contain_text("dropped = [1, 2, 3]")


def test_a_snippet_is_written_with_the_keyboard_alone(ada: Person) -> None:
    ada.run("snippets:new")
    form = ada.page.locator(".orrery-snippets-form")
    expect(form.get_by_label("Name")).to_be_focused()
    ada.page.keyboard.type("Written by keys")
    code = form.locator(".cm-content").first
    for _ in range(30):
        if code.evaluate("node => node === document.activeElement"):
            break
        ada.page.keyboard.press("Tab")
    expect(code).to_be_focused()
    ada.page.keyboard.type("typed = True")
    ada.page.keyboard.press("Control+s")
    search(ada, "Written by keys")
    expect(row(ada, "Written by keys")).to_be_visible()


def test_keys_of_its_own_insert_a_snippet(ada: Person) -> None:
    make(ada, name="By its keys", cells="by_its_keys = 1")
    search(ada, "By its keys")
    row(ada, "By its keys").click()
    ada.begin("snippets:shortcut")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog.get_by_label("Keys")).to_be_focused()
    ada.page.keyboard.press("Control+Alt+8")
    ada.shot("shortcut")
    assert ada.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Assign").click()
    expect(dialog).to_have_count(0)
    focus_cell(ada)
    ada.page.keyboard.press("Control+Alt+8")
    expect(ada.page.locator(".jp-Cell .cm-content").first).to_contain_text("by_its_keys = 1")


def test_what_the_kernel_lacks_is_told_with_a_way_to_get_it(ada: Person) -> None:
    make(ada, name="Needs more", cells="import orrery_has_no_such_module")
    search(ada, "Needs more")
    row(ada, "Needs more").click()
    ada.page.keyboard.press("ArrowRight")
    panel = ada.page.locator(PANEL)
    expect(panel).to_contain_text("The kernel lacks orrery_has_no_such_module.")
    ada.shot("missing-module")
    panel.get_by_role("button", name=re.compile("Install with")).click()
    expect(ada.page.locator(".jp-Cell", has_text="%pip install").first).to_be_visible()
    assert any(one["source"] == "%pip install orrery_has_no_such_module" for one in ada.cells()), (
        ada.cells()
    )
