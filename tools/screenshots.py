"""Take the pictures of the documentation from a product that runs: ``python tools/screenshots.py ORRERY_HOME ADDRESS``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.chromium import chromium  # noqa: E402
from tests.ui.conftest import Person, expose  # noqa: E402

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
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 760}).new_page()
        password = (home / "secrets/user_password").read_text(encoding="ascii").strip()
        ada = Person(page, address, NAME, password)
        page.goto(f"{address}/hub/login")
        take(page, "login")
        ada.log_in()
        ada.open_lab()
        ada.run("projects:open-home")
        page.locator(".orrery-home").get_by_text("Sample project").first.wait_for()
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
        page.locator(".orrery-snippets [role=row][data-id]").first.click()
        ada.run("snippets:insert")
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
        profiles(ada)


def profiles(ada: Person) -> None:
    """The panel of profiles beside what was found in real data."""
    page = ada.page
    ada.open_lab()
    ada.new_notebook("orrery")
    ada.run("eda:open-panel")
    splitter(page)
    page.locator(".jp-Cell .cm-content").first.click()
    page.keyboard.type("import pandas as pd\n\nwine = pd.read_parquet('sample/lake/wine.parquet')")
    ada.run("notebook:run-cell-and-insert-below")
    page.wait_for_timeout(3_000)
    source = {"kind": "lake", "location": "breast_cancer.parquet", "name": "breast_cancer.parquet"}
    ada.run("eda:profile", source=source, options={"target": "target"})
    page.wait_for_timeout(6_000)
    take(page, "eda-panel")
    page.get_by_role("tab", name="Columns").click()
    take(page, "eda-profile")
    # Last week's wines and this week's: the same file, and a third of it that is another cultivar.
    page.keyboard.press("Escape")
    newer, older = changed(ada)
    ada.run("eda:compare", source=newer, against=older)
    page.wait_for_timeout(5_000)
    take(page, "eda-compare")


def changed(ada: Person) -> tuple[dict[str, str], dict[str, str]]:
    """Two versions of a file in the person's own folder, of which the newer one has drifted."""
    rows = [(n % 7 + n / 50, ("north", "south", "east")[n % 3], n % 11) for n in range(400)]
    head = "price,region,orders"
    old = [f"{price:.2f},{region},{orders}" for price, region, orders in rows]
    new = [f"{price * 1.6:.2f},{region},{orders},web" for price, region, orders in rows[60:]]
    files = {"sales_may.csv": [head, *old], "sales_june.csv": [f"{head},channel", *new]}
    for name, lines in files.items():
        model = {"type": "file", "format": "text", "content": "\n".join(lines)}
        ada.page.evaluate(
            "([name, model]) => window.jupyterapp.serviceManager.contents.save(name, JSON.parse(model))",
            [name, json.dumps(model)],
        )
    older, newer = ({"kind": "file", "location": name, "name": name} for name in files)
    return newer, older


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
