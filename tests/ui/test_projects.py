"""Projects, the switcher and Home as a person meets them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Person

pytestmark = [pytest.mark.ui, pytest.mark.timeout(240)]

Enter = Callable[[str], Person]


def choose(person: Person, label: str) -> None:
    """Go down the open list to an entry, and take it."""
    active = person.page.locator("[role=option][aria-selected=true]")
    for _ in range(12):
        if label in (active.first.text_content() or ""):
            break
        person.page.keyboard.press("ArrowDown")
    person.page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_home_shows_the_project_and_where_to_go(person: Enter, theme: str) -> None:
    ada = person("ada")
    ada.theme(theme)
    ada.run("projects:open-home")
    home = ada.page.locator(".orrery-HomeView-page")
    expect(home).to_contain_text("Sample project")
    ada.page.wait_for_timeout(500)
    ada.shot(f"home-{theme}")
    assert ada.axe(".orrery-HomeView-page") == []


def test_the_launcher_has_a_section_for_orrery(person: Enter) -> None:
    ada = person("ada")
    section = ada.page.locator(".jp-Launcher-section", has_text="Orrery")
    expect(section.first).to_be_visible()
    ada.shot("launcher")


def test_a_project_is_made_and_left_with_the_keyboard(person: Enter) -> None:
    ada = person("ada")
    page = ada.page
    ada.begin("projects:switch")
    listbox = page.get_by_role("listbox", name="Projects")
    expect(listbox).to_be_visible()
    expect(listbox).to_contain_text("Sample project")
    ada.shot("switcher")
    assert ada.axe(".orrery-ProjectPicker") == []
    choose(ada, "No project")
    expect(page.locator("#jp-top-panel, #jp-top-bar").first).to_contain_text("No project")
    expect(listbox).to_have_count(0)
    page.wait_for_timeout(1_000)
    ada.begin("projects:switch")
    expect(listbox).to_contain_text("Sample project")
    choose(ada, "Sample project")
    expect(page.get_by_role("button", name=re.compile("Sample project")).first).to_be_visible()


def test_the_sample_data_is_in_the_file_browser(person: Enter) -> None:
    ada = person("ada")
    ada.run("filebrowser:open-path", path="sample/lake")
    listing = ada.page.locator(".jp-DirListing-content")
    for name in ("wine.csv", "wine.parquet", "iris.csv", "digits.parquet"):
        expect(listing).to_contain_text(name)
    ada.shot("lake")
