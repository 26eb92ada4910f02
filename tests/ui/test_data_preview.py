"""What a file holds, shown in its tab without a kernel: rows with what they are rows of, order, filters, statistics."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Person

pytestmark = [pytest.mark.ui, pytest.mark.timeout(300)]

Enter = Callable[[str], Person]
SAVE = """async ([path, content]) => {
  const { contents } = window.jupyterapp.serviceManager;
  await contents.save(path, { type: 'file', format: 'text', content });
}"""
OPEN = "path => window.jupyterapp.commands.execute('data:open', { location: 'files', path })"


def test_a_file_shows_its_rows_and_its_damage(person: Enter) -> None:
    ada = person("ada")
    name = f"preview-{uuid.uuid4().hex[:8]}"
    rows = "".join(f"{number},city {number % 7},{number / 4}\n" for number in range(5_000))
    ada.page.evaluate(SAVE, [f"{name}.csv", f"id,city,amount\n{rows}"])
    ada.page.evaluate(SAVE, [f"{name}.parquet", "PAR1 and nothing more"])
    ada.page.evaluate(OPEN, f"{name}.csv")
    tab = ada.page.locator(".orrery-data-details:visible")
    grid = tab.get_by_role("grid")
    expect(grid).to_have_attribute("aria-colcount", "3")
    expect(grid).to_have_attribute("aria-rowcount", "201")
    expect(tab).to_contain_text("The first 200 of 5,000 rows")
    grid.focus()
    ada.page.keyboard.press("ArrowDown")
    expect(tab).to_contain_text("integer (by the first rows)")
    tab.get_by_role("button", name="Sort by Column").click()
    expect(tab.get_by_role("button", name="All Rows")).to_be_enabled()
    tab.get_by_role("button", name="All Rows").click()
    expect(tab.get_by_role("button", name="All Rows")).to_be_disabled()
    expect(tab.get_by_role("button", name="Profile")).to_be_visible()
    if shot := os.environ.get("PREVIEW_SCREENSHOT"):
        ada.page.screenshot(path=shot)
    ada.page.evaluate(OPEN, f"{name}.parquet")
    expect(ada.page.locator(".orrery-data-details:visible")).to_contain_text("Its end is missing")
