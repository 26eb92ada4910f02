"""The Data panel as a person meets it: open, expand, filter, insert code that runs, axe."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.ui.conftest import Person

pytestmark = [pytest.mark.ui, pytest.mark.timeout(300)]

PANEL = "#orrery-data"
Enter = Callable[[str], Person]


@pytest.fixture
def ada(person: Enter) -> Person:
    """Somebody with a notebook and the panel open."""
    ada = person("ada")
    ada.notebook()
    ada.run("data:open-panel")
    expect(row(ada, "Files")).to_be_visible()
    return ada


def row(person: Person, name: str) -> Locator:
    exact = re.compile(f"^{re.escape(name)}$")
    named = person.page.locator(".orrery-row-name", has_text=exact)
    return person.page.locator(f"{PANEL} .orrery-row[data-kind]").filter(has=named)


def save(person: Person, path: str, text: str) -> None:
    person.page.evaluate(
        """async ([path, content]) => {
          const { contents } = window.jupyterapp.serviceManager;
          const [folder] = path.split('/');
          await contents.save(folder, { type: 'directory' });
          await contents.save(path, { type: 'file', format: 'text', content });
        }""",
        [path, text],
    )


@pytest.fixture
def folder(ada: Person) -> str:
    """A folder of the lab that no other test has, with a table in it."""
    name = f"data-{uuid.uuid4().hex[:8]}"
    save(ada, f"{name}/orders.csv", "id,city\n1,Lyon\n2,Nice\n")
    save(ada, f"{name}/notes.txt", "x")
    ada.run("data:refresh")
    return name


def expand(person: Person, name: str) -> None:
    """Show what is below a row, which an earlier test may have left open."""
    if row(person, name).get_attribute("aria-expanded") == "false":
        row(person, name).click()
    expect(row(person, name)).to_have_attribute("aria-expanded", "true")


def collapse(person: Person, name: str) -> None:
    """Show nothing below a row, which an earlier test may have left open."""
    if row(person, name).get_attribute("aria-expanded") == "true":
        row(person, name).click()
    expect(row(person, name)).to_have_attribute("aria-expanded", "false")


def test_expand_filter_insert_and_run(ada: Person, folder: str) -> None:
    expand(ada, "Files")
    expand(ada, folder)
    expect(row(ada, "orders.csv")).to_be_visible()
    expect(row(ada, "orders.csv")).to_have_attribute("aria-level", "3")
    orders = row(ada, "orders.csv")
    orders.hover()
    orders.get_by_role("button", name="Put code that loads it").click()
    expect(ada.page.locator(".jp-NotebookPanel:visible")).to_contain_text("read_csv")
    assert ada.cell() == f"import pandas as pd\n\ndf = pd.read_csv('{folder}/orders.csv')"
    ada.run("notebook:run-all-cells")
    ada.page.wait_for_function(
        """() => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[0];
          return cell.model.executionCount > 0 && !cell.model.outputs.length; }"""
    )
    ada.page.locator(f"{PANEL} .jp-FilterBox input").fill("orders")
    expect(row(ada, "orders.csv")).to_have_count(0)
    ada.page.locator(f"{PANEL} .jp-FilterBox input").fill("")
    expect(row(ada, folder)).to_be_visible()


def test_a_connection_is_tried_added_and_taken_away(ada: Person, folder: str) -> None:
    name = f"c-{uuid.uuid4().hex[:8]}"
    collapse(ada, "Files")  # whose folder has the same files
    ada.begin("data:connect")
    form = ada.page.locator(".orrery-data-form")
    form.get_by_label("Kind").select_option("folder")
    form.locator("[name=name]").fill(name)
    form.locator("[name=path]").fill("no-such-folder")
    form.get_by_role("button", name="Test").click()
    expect(form.locator(".orrery-data-test .orrery-problem")).to_contain_text("is not there")
    form.locator("[name=path]").fill(folder)
    form.get_by_role("button", name="Test").click()
    expect(form.locator(".orrery-data-test")).to_contain_text("2 entries at its top")
    assert not ada.axe(".jp-Dialog")
    ada.page.get_by_role("button", name="Add", exact=True).click()
    row(ada, name).click()
    expect(row(ada, "orders.csv")).to_be_visible()
    row(ada, "orders.csv").click()
    tab = ada.page.locator(".orrery-data-details:visible")
    expect(tab).to_contain_text("22 bytes")
    tab.get_by_role("button", name="Explain my access").click()
    expect(tab).to_contain_text("You can see this")
    assert not ada.axe(".orrery-data-details")
    row(ada, name).click(button="right")
    ada.page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Delete Connection$")).click()
    expect(row(ada, name)).to_have_count(0)
    ada.page.get_by_role("button", name="Undo").click()
    expect(row(ada, name)).to_be_visible()
    status, page = ada.ask("GET", f"data/connections?name={name}")
    assert status == 200
    assert ada.ask("DELETE", f"data/connections/{page['items'][0]['id']}")[0] == 204


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_no_barrier(ada: Person, folder: str, theme: str) -> None:
    ada.theme(theme)
    expand(ada, "Files")
    expect(row(ada, folder)).to_be_visible()
    assert not ada.axe(PANEL)
    ada.shot(f"data-{theme}")
