"""Take the pictures of the documentation from a product that runs: ``python tools/screenshots.py ORRERY_HOME ADDRESS``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.ui.conftest import FLAGS, Person, expose  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NAME = "ada"


def take(page: Page, name: str) -> None:
    """One picture."""
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(name)


def main(home: Path, address: str) -> None:
    """All of them, in the order of the first ten minutes."""
    IMAGES.mkdir(exist_ok=True)
    expose(home, NAME)
    binary = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 760}).new_page()
        password = (home / "secrets/user_password").read_text(encoding="ascii").strip()
        ada = Person(page, address, NAME, password)
        page.goto(f"{address}/hub/login")
        take(page, "login")
        ada.log_in()
        ada.open_lab()
        ada.run("projects:open-home")
        page.locator(".orrery-HomeView-page").get_by_text("Sample project").first.wait_for()
        take(page, "home")
        ada.new_notebook("orrery")
        ada.run("snippets:open-panel")
        page.mouse.move(320, 500)
        page.mouse.down()
        page.mouse.up()
        splitter(page)
        take(page, "panel")
        page.get_by_role("searchbox").fill("lake-parquet")
        page.wait_for_timeout(700)
        page.locator(".orrery-snippets [role=row][data-id]").first.dblclick()
        page.wait_for_timeout(700)
        page.keyboard.type("wines")
        page.keyboard.press("Tab")
        take(page, "placeholder")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        ada.run("notebook:run-cell-and-insert-below")
        page.wait_for_timeout(4_000)
        page.get_by_role("searchbox").fill("")
        take(page, "lab")
        page.get_by_role("searchbox").fill("lake-parquet")
        page.wait_for_timeout(700)
        page.locator(".orrery-snippets [role=row][data-id]").first.click()
        ada.run("snippets:duplicate", edit=True)
        page.locator(".orrery-snippets-form").wait_for()
        page.mouse.move(900, 30)
        take(page, "editor")
        browser.close()


def splitter(page: Page) -> None:
    """Make the side panel as wide as a person makes it who uses it."""
    handle = page.locator("#jp-main-split-panel > .lm-SplitPanel-handle").first.bounding_box()
    if handle:
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + 300
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 110, y, steps=6)
        page.mouse.up()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].rstrip("/"))
