"""The first ten minutes, word for word, by keyboard, by somebody who was never here before.

Each numbered sentence of README.md and docs/first-steps.md stands here beside what plays it, so a sentence that was
changed has to be played anew.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.elsewhere import product_elsewhere

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.ui, pytest.mark.timeout(280)]
SETS = ("breast_cancer", "diabetes", "digits", "iris", "wine")
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def items(path: str, heading: str) -> list[str]:
    """The numbered items below a heading: one line each, without pictures and marks of emphasis."""
    text = (ROOT / path).read_text(encoding="utf-8").partition(heading)[2].partition("\n#")[0]
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    found = re.findall(r"^\d+\. (.*?)(?=^\d+\. |^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    return [" ".join(item.replace("*", "").split()) for item in found]


ACTIVE = """() => {
  const { activeElement: at } = document;
  return `${at.tagName} ${at.getAttribute('aria-label') ?? at.title ?? at.className}`.slice(0, 60);
}"""


class Newcomer:
    """Somebody with a keyboard."""

    def __init__(self, page: Page, product: Any) -> None:
        self.page = page
        self.product = product
        self.name = f"new{uuid.uuid4().hex[:6]}"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def palette(self, words: str) -> None:
        """Run the command of the palette that these words find."""
        palette = self.page.locator(".jp-ModalCommandPalette")
        search = palette.locator("input")
        # It closes when something else, such as a folder that has just been listed, takes the focus.
        for _ in range(10):
            self.press("Control+Shift+c")
            self.page.wait_for_timeout(200)
            if not palette.locator("input:focus").count():
                continue
            self.type(words)
            self.page.wait_for_timeout(200)
            if palette.locator("input:focus").count() and search.input_value() == words:
                break
        name = words.partition(": ")[2] or words
        active = palette.locator(
            ".lm-CommandPalette-item.lm-mod-active .lm-CommandPalette-itemLabel"
        )
        for _ in range(20):
            expect(active).to_be_visible()
            if active.inner_text() == name:
                break
            self.press("ArrowDown")
        self.press("Enter")
        expect(palette).to_be_hidden()

    def tab_to(self, target: Locator) -> None:
        """Press Tab until an element has the focus."""
        expect(target).to_be_visible()
        way: list[str] = []
        for _ in range(120):
            if target.evaluate("node => node.contains(document.activeElement)"):
                return
            self.press("Tab")
            way.append(str(self.page.evaluate(ACTIVE)))
        raise AssertionError(f"Tab does not lead to {target}, but to {way}")

    def start(self) -> None:
        said = self.product.orrery("up").stdout
        assert self.product.address in said
        assert "Log in as admin, or under any other user name" in said
        assert "orrery password" in said
        self.page.goto(self.product.address)
        expect(self.page.get_by_role("heading", name="Log in to Orrery")).to_be_visible()
        expect(self.page.get_by_label("User name")).to_be_focused()
        expect(self.page.locator("form")).to_contain_text("admin administers the hub")
        self.type(self.name)
        self.press("Tab")
        self.type(self.product.password(self.name))
        self.press("Enter")
        self.page.wait_for_url(re.compile(r"/user/.+/lab"), timeout=90_000)
        self.page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)

    def look_around(self) -> None:
        home = self.page.get_by_role("tab", name="Orrery Home")
        expect(home).to_have_attribute("aria-selected", "true", timeout=60_000)
        switcher = self.page.locator(".orrery-project-switcher-name")
        expect(switcher).to_have_text("Sample project")
        expect(
            self.page.locator(".jp-SideBar.jp-mod-left [data-id='orrery-snippets']")
        ).to_be_visible()
        # Nobody worked on anything here yet.
        recent = self.page.locator("section[aria-labelledby=orrery-home-recent]")
        expect(recent).to_contain_text("that you work on appear here")

    def look_at_data(self) -> None:
        self.tab_to(self.page.get_by_role("button", name="Lake Data of Sample project"))
        self.press("Enter")
        listing = self.page.locator(".jp-FileBrowser .jp-DirListing-itemText")
        for name in (f"{name}.{kind}" for name in SETS for kind in ("csv", "parquet")):
            expect(listing.filter(has_text=name)).to_have_count(1)
        crumbs = self.page.locator(".jp-FileBrowser-crumbs")
        expect(crumbs).to_contain_text("lake")
        # The lake is everybody's: the notebook goes to the own folder.
        crumbs.locator(".jp-BreadCrumbs-home").click()
        expect(listing.filter(has_text=re.compile("^sample$"))).to_be_visible()

    def open_notebook(self) -> None:
        self.palette("New Notebook")
        dialog = self.page.locator(".jp-Dialog")
        expect(dialog.locator("select")).to_contain_text("Python (Orrery)")
        chosen = dialog.locator("select").evaluate("node => node.selectedOptions[0].textContent")
        assert chosen == "Python (Orrery)"
        self.press("Enter")
        kernel = self.page.locator(f"{NOTEBOOK} .jp-Toolbar-kernelName")
        expect(kernel).to_contain_text("Python (Orrery)")
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_selector(
            f"{NOTEBOOK} .jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000
        )

    def insert(self) -> None:
        self.palette("Snippets: Show Panel")
        panel = self.page.locator(".orrery-snippets")
        expect(panel.get_by_role("searchbox").first).to_be_focused()
        self.type("lake-parquet")
        self.press("Enter")
        expect(self.page.locator(f"{NOTEBOOK} .cm-content").first).to_contain_text("read_parquet")
        assert self.page.evaluate("() => getSelection().toString()") == "df"

    def fill(self) -> None:
        self.press("Tab")
        expect(self.page.locator(".cm-orrery-choices")).to_contain_text("wine")
        for _ in range(8):
            active = self.page.locator(".cm-orrery-choices [aria-selected=true]")
            if active.inner_text() == "wine":
                break
            self.press("ArrowDown")
        self.press("Enter", "Tab", "Shift+Enter")
        expect(self.page.locator(f"{NOTEBOOK} .jp-OutputArea-output").first).to_contain_text(
            "alcohol", timeout=60_000
        )

    def profile(self) -> None:
        self.palette("Auto-EDA: Show Panel")
        panel = self.page.locator(".orrery-eda")
        frame = panel.locator(".orrery-row-name", has_text=re.compile("^df$"))
        expect(frame).to_be_visible()
        expect(panel.locator(".orrery-row-name", has_text="wine.parquet")).to_be_visible()
        expect(panel.get_by_role("searchbox").first).to_be_focused()
        self.press("ArrowDown")
        expect(panel.locator("[role=row]:focus")).to_contain_text("df")
        self.press("Enter")
        view = self.page.locator(".orrery-eda-view:visible")
        expect(view.get_by_role("button", name="Run again")).to_have_attribute(
            "aria-disabled", "false", timeout=60_000
        )
        fix = view.get_by_role("button", name=re.compile("^(Clip|Drop|Fill|Change|Make)")).first
        self.tab_to(fix)
        self.press("Enter")
        code = self.page.locator(".jp-NotebookPanel .jp-Cell .cm-content", has_text="quantile")
        expect(code).to_have_count(1)

    def new_cell(self, code: str) -> None:
        """A cell at the end of the notebook, in edit mode, with this code."""
        self.page.get_by_role("tab", name=re.compile("Untitled")).click()
        self.page.locator(f"{NOTEBOOK} .jp-Cell").last.click()
        self.press("Escape", "b", "Enter")
        self.type(code)

    def run_cell(self, code: str, seen: str) -> None:
        self.new_cell(code)
        self.press("Shift+Enter")
        outputs = self.page.locator(f"{NOTEBOOK} .jp-OutputArea-output")
        expect(outputs.filter(has_text=seen).last).to_be_visible(timeout=30_000)

    def save_own(self) -> None:
        self.new_cell("wines_of_mine = 42")
        self.press("Control+a")
        cell = self.page.locator(f"{NOTEBOOK} .jp-Cell .cm-line", has_text="wines_of_mine")
        cell.click(button="right", position={"x": 30, "y": 5})
        menu = self.page.locator(".lm-Menu-item:visible")
        menu.filter(has_text=re.compile("^Orrery")).click()
        menu.filter(has_text="Save Selection as Snippet").click()
        form = self.page.locator(".orrery-snippets-form")
        expect(form.locator(".cm-content").first).to_contain_text("wines_of_mine = 42")
        self.tab_to(form.get_by_label("Name"))
        self.press("Control+a")
        self.type(f"Wine of {self.name}")
        self.tab_to(form.get_by_label("Prefix"))
        self.type("mywine")
        self.press("Control+s")
        self.wait_until_saved("mine")
        self.new_cell("mywi")
        self.press("Tab")
        offered = self.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
        taken = self.page.locator(f"{NOTEBOOK} .jp-Cell .cm-line", has_text="wines_of_mine = 42")
        expect(offered.or_(taken.nth(1)).first).to_be_visible()
        self.press("Escape")

    def share(self) -> None:
        self.page.get_by_role("tab", name=re.compile("^Wine of")).click()
        scope = self.page.locator(".orrery-snippets-form").get_by_label("Share with")
        self.tab_to(scope)
        for _ in range(4):
            if scope.evaluate("node => node.selectedOptions[0].textContent").endswith(
                "Sample project"
            ):
                break
            self.press("ArrowDown")
        self.press("Control+s")
        self.wait_until_saved("project")

    def wait_until_saved(self, scope: str) -> None:
        """Until the own snippet is there with this scope, as a terminal of the lab says."""
        for _ in range(50):
            if scope in self.scopes():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"no snippet of the scope {scope!r}")

    def scopes(self) -> list[str]:
        answer = self.page.request.get(
            f"{self.product.address}/user/{self.name}/orrery/snippets",
            params={"q": "wines_of_mine"},
        )
        assert answer.ok, answer.text()
        return [snippet["scope"] for snippet in answer.json()["items"]]

    def use_magics(self) -> None:
        self.run_cell("%snip list parquet", "lake-parquet")
        self.new_cell("%snip lake-parquet")
        self.press("Shift+Enter")
        code = self.page.locator(f"{NOTEBOOK} .jp-Cell .cm-content", has_text="read_parquet")
        expect(code).to_have_count(2)

    def profile_a_file(self) -> None:
        self.palette("Orrery Home")
        self.tab_to(self.page.get_by_role("button", name="Lake Data of Sample project"))
        self.press("Enter")
        listing = self.page.locator(".jp-FileBrowser .jp-DirListing-item", has_text="iris.csv")
        listing.click(button="right")
        menu = self.page.locator(".lm-Menu-item:visible")
        menu.filter(has_text=re.compile("^Orrery")).click()
        expect(menu.filter(has_text=re.compile("^Profile$")).first).to_be_visible()
        self.press("Escape", "Escape")

    def train(self) -> None:
        """What its cells do is tested by the file of the sample project."""
        self.palette("Open from Path…")
        expect(self.page.locator(".jp-Dialog input")).to_be_focused()
        self.type("sample/code/train_wine.ipynb")
        self.press("Enter")
        kernel = self.page.locator(f"{NOTEBOOK} .jp-Toolbar-kernelName")
        expect(kernel).to_contain_text("Python (Orrery)")
        self.wait_for_kernel()
        self.palette("Orrery Home")
        address = self.page.get_by_role("link", name="MLflow").get_attribute("href")
        assert address
        assert address.endswith("/#/experiments")


Play = Callable[[Newcomer], None]
# What each item says, and what plays it.
FIRST_STEPS: dict[str, Play] = {
    "Start. `make up` ends with an address such as `http://127.0.0.1:8000`, whom to log in as, and how to get the password. Open it and log in; the page says it once more.": Newcomer.start,
    "The lab opens with Orrery Home. The project switcher in the top bar says that the Sample project is current; the Snippets icon is on the left.": Newcomer.look_around,
    "Look at the data. In the file browser, `sample/lake` has five real data sets, each as CSV and Parquet: wine, breast cancer, diabetes, digits and iris.": Newcomer.look_at_data,
    "Open a notebook with the kernel Python (Orrery).": Newcomer.open_notebook,
    "Open Snippets on the left and type `lake-parquet`. Rest the pointer on a row to see its code. Press Enter in the search field to insert the first match.": Newcomer.insert,
    "Fill the placeholders. The first stop is selected: the name of the dataframe. Keep it and press Tab: choose `wine` from the list with the arrow keys and Enter, press Tab once more. Run the cell with Shift+Enter.": Newcomer.fill,
    "Know the data. Open Auto-EDA on the right: the dataframe that you just loaded is listed, and so are the files of the lake. Click one: what is in each column, what ties them together and what should worry you. Click a button of an alert, and the code that mends it is in the notebook. [More](eda.md).": Newcomer.profile,
    "Save your own. Select some code, right-click, Orrery → Save Selection as Snippet. Give it a prefix, such as `mywine`; typing the prefix in any cell now offers it.": Newcomer.save_own,
    "Share it. Edit the snippet and choose the project under Share with: everybody in the project sees it.": Newcomer.share,
    "Use the keyboard instead. In a cell: `%snip list parquet`, then `%snip` and the name.": Newcomer.use_magics,
    "Train something. `sample/code/train_wine.ipynb` opens with the kernel Python (Orrery), trains a model on the wine data and logs it to MLflow. Home has a link to its experiments there.": Newcomer.train,
}
# What each item says, and which of the steps above play it.
README: dict[str, tuple[Play, ...]] = {
    "Open the address and log in; the lab opens with Orrery Home, in the Sample project.": (
        Newcomer.start,
        Newcomer.look_around,
    ),
    "`sample/lake` in the file browser has five real data sets; open a notebook with the kernel Python (Orrery).": (
        Newcomer.look_at_data,
        Newcomer.open_notebook,
    ),
    "Open Snippets on the left, type `lake-parquet`, press Enter: the snippet is in the cell, with its first blank selected.": (
        Newcomer.insert,
    ),
    "Press Tab for the next blank, choose a data set, press Tab once more, run the cell.": (
        Newcomer.fill,
    ),
    "Open Auto-EDA on the right: the dataframe is listed. Click it, and click an alert's button: the code that mends it is in the notebook. Any data file of the file browser has Orrery → Profile in its menu.": (
        Newcomer.profile,
        Newcomer.profile_a_file,
    ),
    "Select code of your own, right-click, Orrery → Save Selection as Snippet; under Share with, choose the project, and your colleagues have it too.": (
        Newcomer.save_own,
        Newcomer.share,
    ),
    "In a cell: `%eda df` or `%snip list mlflow`. In a terminal: `orrery eda FILE` or `orrery snippets list`.": (
        Newcomer.use_magics,
    ),
}


@pytest.fixture(
    scope="module",
    params=["plain", pytest.param("elsewhere", marks=[pytest.mark.slow, pytest.mark.timeout(600)])],
)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The product as everybody starts it, and below a path and on PostgreSQL."""
    if request.param == "plain":
        yield request.getfixturevalue("product")
        return
    with product_elsewhere(tmp_path_factory.mktemp("elsewhere") / "home") as product:
        yield product


@pytest.fixture(scope="module")
def newcomer(browser: Browser, installation: Any) -> Iterator[Newcomer]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Newcomer(context.new_page(), installation)
    context.close()


def test_the_first_ten_minutes_are_true(newcomer: Newcomer) -> None:
    assert items("docs/first-steps.md", "# The first ten minutes") == list(FIRST_STEPS)
    assert items("README.md", "## The first ten minutes") == list(README)
    for play in FIRST_STEPS.values():
        play(newcomer)
    played = set(FIRST_STEPS.values())
    for plays in README.values():
        for play in plays:
            if play not in played:
                play(newcomer)
