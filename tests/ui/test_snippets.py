"""Snippets as a person meets them, in a real browser on the running product."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Person
from tests.ui.panel import (
    PANEL,
    find,
    focus_cell,
    insert,
    make,
    row,
    rows,
    run_cell,
    search,
    wait_for_version,
)

pytestmark = [pytest.mark.ui, pytest.mark.timeout(240)]

Enter = Callable[[str], Person]


def test_a_placeholder_is_filled_and_the_cell_runs_on_the_sample_data(ada: Person) -> None:
    search(ada, "lake-parquet")
    insert(ada, "Read a Parquet file of the lake")
    expect(ada.page.locator(".jp-Cell .cm-content").first).to_contain_text("read_parquet")
    ada.shot("placeholder-first")
    # The first stop is the name of the dataframe: typing replaces it, and its mirror follows.
    ada.page.keyboard.type("wines")
    ada.page.keyboard.press("Tab")
    ada.page.wait_for_timeout(300)
    ada.shot("placeholder-choice")
    # The tables of the current project's lake are offered, the first of them at first.
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("Tab")
    source = ada.cell()
    assert "wines = pd.read_parquet(" in source
    assert "wines.head()" in source
    assert "diabetes.parquet" in source
    output = run_cell(ada)
    assert "bmi" in output, output
    ada.shot("placeholder-ran")


def test_an_insertion_is_one_undo_step(ada: Person) -> None:
    make(ada, name="Undo me", cells="first = 1\nsecond = first + 1")
    search(ada, "Undo me")
    focus_cell(ada)
    ada.page.keyboard.type("before ")
    insert(ada, "Undo me")
    expect(ada.page.locator(".jp-Cell .cm-content").first).to_contain_text("second")
    focus_cell(ada)
    ada.page.keyboard.press("Control+z")
    assert ada.cell().strip() == "before"


def test_markdown_and_code_stay_apart_and_leave_together(ada: Person) -> None:
    make(
        ada,
        name="Two kinds",
        cells=[
            {"kind": "markdown", "source": "## A title"},
            {"kind": "code", "source": "value = 41 + 1\nvalue"},
        ],
    )
    search(ada, "Two kinds")
    insert(ada, "Two kinds")
    expect(ada.page.locator(".jp-Cell", has_text="value = 41 + 1").first).to_be_visible()
    found = [(c["type"], c["source"]) for c in ada.cells()]
    assert ("markdown", "## A title") in found
    assert ("code", "value = 41 + 1\nvalue") in found


def test_a_prefix_completes_to_the_whole_snippet(ada: Person) -> None:
    make(
        ada,
        name="Completes",
        prefix="zzcomplete",
        syntax="vscode",
        cells="total = sum(${1:values})$0",
    )
    expect(row(ada, "Completes")).to_be_visible()
    focus_cell(ada)
    ada.page.keyboard.type("zzcomp")
    ada.page.keyboard.press("Tab")
    # What is offered alone is taken at once.
    offered = ada.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
    taken = ada.page.locator(".jp-Cell .cm-content", has_text="total = sum")
    expect(offered.or_(taken).first).to_be_visible()
    if not taken.count():
        ada.page.keyboard.press("Enter")
    expect(ada.page.locator(".jp-Cell .cm-content").first).to_contain_text("total = sum(values)")
    ada.page.keyboard.type("numbers")
    assert ada.cell() == "total = sum(numbers)"


def test_a_prefix_comes_before_what_the_kernel_knows(ada: Person) -> None:
    make(
        ada,
        name="Principal components",
        prefix="princomp",
        description="Two axes of a table.",
        cells="axes = 2",
    )
    focus_cell(ada)
    ada.page.keyboard.type("prin")
    ada.page.keyboard.press("Tab")
    offered = ada.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
    taken = ada.page.locator(".jp-Cell .cm-content", has_text="axes = 2")
    expect(offered.or_(taken).first).to_be_visible()
    if not taken.count():
        expect(offered.first).to_have_attribute(
            "title", "Principal components · Two axes of a table."
        )
        ada.shot("completion")
        ada.page.keyboard.press("Enter")
    expect(taken.first).to_be_visible()


def test_near_snippets_are_said_to_be_near(ada: Person) -> None:
    focus_cell(ada)
    before = ada.cells()
    search(ada, "how do I read a csv file from mars")
    note = ada.page.get_by_text("No snippet has all these words. Nearest:")
    expect(note).to_be_visible()
    expect(rows(ada).first).to_contain_text("CSV")
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_timeout(300)
    assert ada.cells() == before
    ada.shot("nearest")
    search(ada, "correlation heatmap")
    expect(note).to_have_count(0)
    expect(rows(ada).first).to_contain_text("Heat map of correlations")
    search(ada, "")


def test_code_in_markdown_gets_a_fence(ada: Person) -> None:
    make(ada, name="Fenced", cells="answer = 42")
    ada.run("notebook:change-cell-to-markdown")
    focus_cell(ada)
    search(ada, "Fenced")
    insert(ada, "Fenced")
    expect(ada.page.locator(".jp-Cell", has_text="answer = 42").first).to_be_visible()
    assert "```python\nanswer = 42\n```" in ada.cells()[0]["source"]


def test_another_language_asks_first(ada: Person) -> None:
    make(ada, name="Other tongue", language="r", cells="x <- c(1, 2)")
    search(ada, "Other tongue")
    insert(ada, "Other tongue")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_be_visible()
    ada.shot("language-guard")
    assert ada.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Cancel").click()
    assert ada.cell() == ""


def test_cells_are_saved_edited_versioned_and_restored(ada: Person) -> None:
    focus_cell(ada)
    ada.page.keyboard.type("# Mean of a column\nmean = 1 + 1")
    ada.run("snippets:save-cells")
    form = ada.page.locator(".orrery-snippets-form")
    expect(form).to_be_visible()
    form.get_by_label("Name").fill("Mean of a column, v1")
    ada.shot("editor-light")
    assert ada.axe(".orrery-snippets-editor") == []
    ada.page.keyboard.press("Control+s")
    search(ada, "Mean of a column")
    expect(row(ada, "Mean of a column, v1")).to_be_visible()
    form.get_by_label("Name").fill("Mean of a column, v2")
    ada.page.keyboard.press("Control+s")
    expect(row(ada, "Mean of a column, v2")).to_be_visible()
    row(ada, "Mean of a column, v2").click()
    ada.run("snippets:history")
    restore = ada.page.get_by_role("button", name="Restore this version")
    ada.page.get_by_text("Version 1").first.click()
    expect(restore).to_be_enabled()
    ada.shot("history")
    assert ada.axe("#jp-main-dock-panel .jp-MainAreaWidget:not(.lm-mod-hidden)") == []
    restore.click()
    expect(row(ada, "Mean of a column, v1")).to_be_visible()


def test_a_deleted_snippet_comes_back_by_its_notification(ada: Person) -> None:
    make(ada, name="Gone and back", cells="1")
    search(ada, "Gone and back")
    row(ada, "Gone and back").click()
    ada.page.keyboard.press("Delete")
    expect(row(ada, "Gone and back")).to_have_count(0)
    ada.page.get_by_role("button", name="Undo").click()
    expect(row(ada, "Gone and back")).to_be_visible()


def test_a_secret_is_not_saved_without_a_decision(ada: Person) -> None:
    focus_cell(ada)
    key = "AKIA" + "IOSFODNN7EXAMPLQ"
    ada.page.keyboard.type(f"aws_key = '{key}'")
    ada.run("snippets:save-cells")
    ada.page.locator(".orrery-snippets-form").get_by_label("Name").fill("Holds a key")
    ada.page.keyboard.press("Control+s")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Save a secret?")
    expect(dialog).not_to_contain_text(key)
    ada.shot("secret")
    assert ada.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Go Back").click()
    search(ada, "Holds a key")
    # Others are listed as the nearest.
    expect(row(ada, "Holds a key")).to_have_count(0)


def test_the_keyboard_alone_is_enough(ada: Person) -> None:
    make(ada, name="Keys only", cells="by_keys = True")
    ada.run("snippets:open-panel")
    expect(ada.page.get_by_role("searchbox", name=re.compile("Search snippets"))).to_be_focused()
    # Down at once: the list that the words leave arrives when the focus is in it already.
    ada.page.keyboard.type("Keys only")
    ada.page.keyboard.press("ArrowDown")
    expect(rows(ada)).to_have_count(1)
    expect(row(ada, "Keys only")).to_be_focused()
    # Enter opens, and inserts nothing: that has keys of its own.
    ada.page.keyboard.press("Enter")
    expect(row(ada, "Keys only")).to_have_attribute("aria-expanded", "true")
    assert ada.cell() == ""
    ada.page.keyboard.press("Enter")
    expect(row(ada, "Keys only")).to_have_attribute("aria-expanded", "false")
    ada.page.keyboard.press("Control+Enter")
    expect(ada.page.locator(".jp-Cell .cm-content").first).to_contain_text("by_keys = True")
    ada.run("snippets:open-panel")
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("F2")
    expect(ada.page.locator(".orrery-snippets-form")).to_be_visible()


def test_dragging_a_row_into_the_notebook_inserts_it(ada: Person) -> None:
    make(ada, name="Drag me", cells="dragged = True")
    search(ada, "Drag me")
    source = row(ada, "Drag me").bounding_box()
    target = ada.page.locator(".jp-Cell .cm-content").first.bounding_box()
    assert source is not None
    assert target is not None
    ada.page.mouse.move(source["x"] + 60, source["y"] + 10)
    ada.page.mouse.down()
    ada.page.mouse.move(source["x"] + 120, source["y"] + 20, steps=5)
    ada.page.mouse.move(target["x"] + 40, target["y"] + 8, steps=15)
    ada.shot("drag")
    ada.page.mouse.up()
    inserted = ada.page.locator(".jp-Cell .cm-content", has_text="dragged = True")
    expect(inserted.first).to_be_visible()
    assert any("dragged = True" in cell["source"] for cell in ada.cells())


def test_files_are_imported_with_a_report(ada: Person) -> None:
    content = {
        "Imported one": {"prefix": "imp1", "body": ["imported = 1"], "description": "From a file"},
        "No body": {"prefix": "x"},
    }
    with ada.page.expect_file_chooser() as chooser:
        ada.begin("snippets:import")
    chooser.value.set_files(
        [
            {
                "name": "mine.code-snippets",
                "mimeType": "application/json",
                "buffer": json.dumps(content).encode(),
            }
        ]
    )
    dialog = ada.page.locator(".jp-Dialog")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog).to_contain_text("No body")
    ada.shot("import-report")
    assert ada.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Close").click()
    search(ada, "Imported one")
    expect(row(ada, "Imported one")).to_be_visible()


def test_the_library_dialog_lists_what_comes_with_orrery(ada: Person) -> None:
    ada.begin("snippets:libraries")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("comes with Orrery")
    ada.shot("libraries")
    assert ada.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Close").click()


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_the_panel_is_readable_in_every_theme(ada: Person, theme: str) -> None:
    ada.theme(theme)
    search(ada, "")
    rows(ada).nth(1).hover()
    ada.page.wait_for_timeout(900)
    ada.shot(f"panel-{theme}")
    rows(ada).nth(1).click()
    ada.page.keyboard.press("ArrowRight")
    ada.page.wait_for_timeout(500)
    ada.shot(f"panel-expanded-{theme}")
    assert ada.axe(PANEL) == []


def test_a_colleague_sees_a_project_snippet_and_a_change_of_it(person: Enter) -> None:
    ada, grace = person("ada"), person("grace")
    made = make(ada, name="Ours together", cells="ours = 1", scope="project", project="sample")
    grace.run("snippets:open-panel")
    expect(rows(grace).first).to_be_visible()
    find(grace, "Ours together")
    expect(row(grace, "Ours together")).to_be_visible()
    row(grace, "Ours together").click()
    grace.page.keyboard.press("ArrowRight")
    # Both are editors of the sample project: each opens it, Grace saves first, Ada is told.
    for one in (ada, grace):
        one.run("snippets:edit", id=made["id"])
        expect(one.page.locator(".orrery-snippets-form")).to_be_visible()
    grace.page.locator(".orrery-snippets-form").get_by_label("Description").fill("By Grace")
    grace.page.keyboard.press("Control+s")
    wait_for_version(grace, made["id"], 2)
    ada.page.locator(".orrery-snippets-form").get_by_label("Name").fill("Ours, by Ada")
    ada.page.keyboard.press("Control+s")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("was changed by somebody else")
    ada.shot("conflict")
    assert ada.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Save the result").click()
    expect(dialog).to_have_count(0)
    find(grace, "Ours, by Ada")
    expect(row(grace, "Ours, by Ada")).to_be_visible()
    expect(row(grace, "Ours, by Ada")).to_contain_text("Updated")
    grace.shot("updated-badge")


def test_what_is_mine_is_nobody_elses(person: Enter) -> None:
    ada, grace = person("ada"), person("grace")
    made = make(ada, name="Private thought", cells="secret_plan = 1")
    grace.run("snippets:open-panel")
    expect(rows(grace).first).to_be_visible()
    search(grace, "secret_plan")
    expect(rows(grace)).to_have_count(0)
    status, _ = grace.ask("GET", f"snippets/{made['id']}")
    assert status == 404
