"""The Auto-EDA panel as a person meets it, in a real browser on the running product."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, Locator, expect

from tests.ui.conftest import Person

pytestmark = [pytest.mark.ui, pytest.mark.timeout(300)]

PANEL = "#orrery-eda"
BY = "\N{MULTIPLICATION SIGN}"
Enter = Callable[[str], Person]
CSV = "id,city,price\n" + "".join(
    f"{n},{'Lyon' if n % 3 else 'Nice'},{n * 1.5}\n" for n in range(50)
)
# A profile of it lasts long enough to be seen going on.
LARGE = """
import numpy as np, pandas as pd
rng = np.random.default_rng(0)
pairs = rng.integers(0, 50, size=(3_000_000, 60), dtype='int8')
pd.DataFrame(pairs).add_prefix('n').to_parquet('{path}')
"""

# The tab of a run is in the layout, and what it is opened with again is kept.
RUN_IS_KEPT = "Object.keys(data).some(key => key.startsWith('orrery-eda:') && dock.includes(key))"


@pytest.fixture
def ada(person: Enter) -> Person:
    """Somebody outside every project, with the panel open."""
    ada = person("ada")
    ada.run("eda:open-panel")
    expect(footer(ada)).to_contain_text("report")
    return ada


@pytest.fixture
def table(ada: Person) -> str:
    """The name of a CSV file in the person's folder that no other test has."""
    name = f"panel-{uuid.uuid4().hex[:8]}.csv"
    save(ada, name, CSV)
    return name


def save(person: Person, path: str, text: str) -> None:
    person.page.evaluate(
        """async ([path, content]) => {
          await window.jupyterapp.serviceManager.contents.save(
            path, { type: 'file', format: 'text', content });
        }""",
        [path, text],
    )


def rows(person: Person, kind: str) -> Locator:
    return person.page.locator(f"{PANEL} .orrery-row[data-kind={kind}]")


def row(person: Person, kind: str, name: str) -> Locator:
    exact = re.compile(f"^{re.escape(name)}$")
    named = person.page.locator(".orrery-row-name", has_text=exact)
    return rows(person, kind).filter(has=named)


def footer(person: Person) -> Locator:
    return person.page.locator(f"{PANEL} .orrery-status")


def search(person: Person) -> Locator:
    """The filter field of the panel, which is a component of the lab with its own shadow tree."""
    return person.page.locator(f"{PANEL} .jp-FilterBox input")


def tab(person: Person) -> Locator:
    return person.page.locator(".orrery-eda-view:visible")


def finished(person: Person) -> None:
    again = tab(person).get_by_role("button", name="Run again")
    expect(again).to_have_attribute("aria-disabled", "false", timeout=60_000)


def refresh(person: Person) -> None:
    person.run("eda:refresh")


def profile(person: Person, path: str) -> None:
    person.run("eda:profile", source={"kind": "file", "location": path})
    expect(tab(person)).to_be_visible()
    finished(person)


def file(person: Person, name: str) -> Locator:
    exact = re.compile(f"^{re.escape(name)}$")
    named = person.page.locator(".jp-DirListing-itemText", has_text=exact)
    return person.page.locator("#filebrowser .jp-DirListing-item").filter(has=named)


def menu(person: Person, label: str) -> Locator:
    exact = re.compile(f"^{re.escape(label)}$")
    labels = person.page.locator(".lm-Menu-itemLabel", has_text=exact)
    return person.page.locator(".lm-Menu-item:visible").filter(has=labels)


def submenu(person: Person) -> None:
    """Open the submenu that holds the entries of all capabilities."""
    menu(person, "Orrery").click()


def execute(person: Person, code: str, *, wait: bool = True) -> None:
    """Run code in the last cell of the notebook in front."""
    person.page.evaluate(
        """async ([source, wait]) => {
          const { content } = window.jupyterapp.shell.currentWidget;
          content.activeCellIndex = content.widgets.length - 1;
          content.activeCell.model.sharedModel.setSource(source);
          const done = window.jupyterapp.commands.execute('notebook:run-cell-and-insert-below');
          if (wait) { await done; }
        }""",
        [code, wait],
    )


def test_a_file_of_the_browser_is_profiled_and_two_are_compared(ada: Person, table: str) -> None:
    later = f"later-{table}"
    save(ada, later, CSV.replace("Nice", "Metz"))
    save(ada, f"{table}.py", "1")
    ada.run("filebrowser:refresh")
    ada.run("filebrowser:activate")

    file(ada, f"{table}.py").click(button="right")
    submenu(ada)
    expect(menu(ada, "Profile")).to_have_class(re.compile("lm-mod-disabled"))
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Escape")

    file(ada, table).click(button="right")
    submenu(ada)
    expect(menu(ada, "Compare Data")).to_have_class(re.compile("lm-mod-disabled"))
    menu(ada, "Profile").click()
    expect(tab(ada).get_by_role("heading", name=table)).to_be_visible()
    finished(ada)

    file(ada, later).click()
    file(ada, table).click(modifiers=["ControlOrMeta"])
    file(ada, later).click(button="right")
    submenu(ada)
    menu(ada, "Compare Data").click()
    expect(tab(ada)).to_contain_text("compared with")
    title = ada.page.locator(
        "#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabLabel"
    )
    # The one that was written first is the reference, whichever was clicked first.
    expect(title.first).to_have_text(re.compile(f"^{re.escape(table)} → later-"))
    expect(title.first.locator("..")).to_have_attribute(
        "title", re.compile(re.escape(f"{table} → {later}"))
    )


def test_dataframes_are_listed_after_each_cell_even_while_one_runs(ada: Person) -> None:
    ada.new_notebook()
    execute(ada, "import pandas as pd, polars as pl\nsales = pd.DataFrame({'a': range(1000)})")
    expect(row(ada, "frame", "sales")).to_contain_text(f"1,000 {BY} 1")
    execute(ada, "lazy = pl.LazyFrame({'x': [1], 'y': [2]})\nsmall = sales.head(7)")
    expect(row(ada, "frame", "small")).to_contain_text(f"7 {BY} 1")
    expect(row(ada, "frame", "lazy")).to_contain_text("2 columns")
    execute(ada, "del small")
    expect(row(ada, "frame", "small")).to_have_count(0)

    execute(ada, "sales.head(3)")
    ada.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex -= 1; }"
    )
    button = ada.page.locator(".jp-cell-toolbar:visible [data-jp-item-name='eda-profile'] *").first
    expect(button).to_be_visible()
    ada.page.locator(".jp-OutputArea-output:visible").last.click(button="right")
    submenu(ada)
    expect(menu(ada, "Profile sales")).to_be_visible()
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Escape")

    execute(ada, "import time\nwhile True:\n    time.sleep(0.01)", wait=False)
    ada.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    row(ada, "frame", "sales").click()
    expect(tab(ada).get_by_role("heading", name="sales")).to_be_visible()
    finished(ada)
    expect(tab(ada)).to_contain_text("1,000")
    busy = ada.page.evaluate(
        """() => [...window.jupyterapp.serviceManager.sessions.running()].length > 0"""
    )
    assert busy, "the cell was interrupted to profile beside it"


def test_the_dataframes_are_those_of_the_console_when_it_is_in_front(ada: Person) -> None:
    ada.new_notebook()
    execute(ada, "import pandas as pd\nof_the_notebook = pd.DataFrame({'a': [1]})")
    expect(row(ada, "frame", "of_the_notebook")).to_be_visible()
    ada.run("console:create", kernelPreference={"name": "python3"})
    expect(row(ada, "frame", "of_the_notebook")).to_have_count(0)
    ada.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'"
    )
    ada.run(
        "console:inject",
        activate=True,
        code="import polars as pl; of_the_console = pl.DataFrame({'a': [1]})",
        path=ada.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.path"),
    )
    expect(row(ada, "frame", "of_the_console")).to_be_visible()


def test_a_restarted_kernel_is_asked_anew(ada: Person) -> None:
    ada.new_notebook()
    execute(ada, "import pandas as pd\nbefore = pd.DataFrame({'a': [1]})")
    expect(row(ada, "frame", "before")).to_be_visible()
    ada.page.evaluate(
        "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )
    execute(ada, "import pandas as pd\nafter = pd.DataFrame({'a': [1]})")
    expect(row(ada, "frame", "after")).to_be_visible()
    expect(row(ada, "frame", "before")).to_have_count(0)


def test_the_history_is_searched_opened_downloaded_and_deleted_by_keyboard(
    ada: Person, table: str, tmp_path: Path
) -> None:
    profile(ada, table)
    field = search(ada)
    field.fill(table)
    expect(rows(ada, "run")).to_have_count(1)
    expect(rows(ada, "source")).to_have_count(1)
    ada.run("application:close-all")

    field.press("ArrowDown")
    ada.page.keyboard.press("End")
    expect(row(ada, "run", table)).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(tab(ada).get_by_role("heading", name=table)).to_be_visible()

    kept = {}
    for label in ("HTML", "JSON", "Markdown"):
        row(ada, "run", table).click(button="right")
        with ada.page.expect_download() as download:
            menu(ada, f"Download as {label}").click()
        place = tmp_path / download.value.suggested_filename
        download.value.save_as(place)
        kept[label] = place.read_text(encoding="utf-8")
    assert "<html" in kept["HTML"]
    assert kept["Markdown"].startswith("# Profile of ")
    assert json.loads(kept["JSON"])["result"]["overview"]["rows"] == 50

    row(ada, "run", table).focus()
    ada.page.keyboard.press("Delete")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text(f'Delete "{table}"?')
    assert ada.axe(".jp-Dialog") == []
    ada.page.keyboard.press("Escape")
    expect(rows(ada, "run")).to_have_count(1)
    row(ada, "run", table).focus()
    ada.page.keyboard.press("Delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(rows(ada, "run")).to_have_count(0)
    # What is no longer there is shown no longer either.
    expect(tab(ada)).to_have_count(0)
    expect(ada.page.locator(PANEL)).to_contain_text("No report matches.")
    field.press("Escape")
    expect(field).to_have_value("")


def test_two_rows_are_compared(ada: Person, table: str) -> None:
    other = f"other-{table}"
    save(ada, other, CSV.replace("price", "cost"))
    search(ada).fill(table)
    refresh(ada)
    row(ada, "source", other).click(modifiers=["ControlOrMeta"])
    expect(footer(ada).get_by_role("button", name="Compare the Two")).to_have_count(0)
    row(ada, "source", table).click(modifiers=["ControlOrMeta"])
    expect(footer(ada)).to_contain_text("2 selected")
    footer(ada).get_by_role("button", name="Compare the Two").click()
    expect(tab(ada)).to_contain_text("compared with")
    expect(tab(ada)).to_contain_text("cost")
    expect(row(ada, "run", f"{table} → {other}")).to_be_visible()


def test_the_toolbar_of_a_cell_profiles_the_dataframe_that_it_shows(ada: Person) -> None:
    ada.new_notebook()
    button = ada.page.locator(".jp-Notebook:visible [data-jp-item-name=eda-profile]:visible")
    execute(ada, "import pandas as pd\nsales = pd.DataFrame({'a': range(9)})\nsales")
    ada.page.locator(".jp-Notebook:visible .jp-CodeCell").first.click()
    button.click()
    expect(tab(ada)).to_contain_text("sales")
    expect(tab(ada)).to_contain_text("9 rows")


def test_loading_code_comes_from_a_file_and_from_a_row(ada: Person, table: str) -> None:
    ada.new_notebook()
    ada.run("filebrowser:refresh")
    ada.run("filebrowser:activate")
    file(ada, table).click(button="right")
    submenu(ada)
    menu(ada, "Insert Loading Code").click()
    cells = ada.page.locator(".jp-Notebook:visible .jp-CodeCell .cm-content")
    # By its way from the notebook, which lies in the same folder: nothing of this machine is in it.
    expect(cells.last).to_contain_text(f"('{table}'")
    expect(cells.last).not_to_contain_text(f"/{table}")
    expect(cells.last).to_contain_text("df = pd.read_csv")
    ada.run("eda:open-panel")
    search(ada).fill(table)
    refresh(ada)
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row(ada, "source", table).click(button="right")
    menu(ada, "Copy Path").click()
    assert ada.page.evaluate("navigator.clipboard.readText()") == table


def test_data_are_compared_with_what_a_profile_of_them_kept(ada: Person, table: str) -> None:
    profile(ada, table)
    save(ada, table, CSV.replace("Nice", "Metz"))
    search(ada).fill(table)
    # A run that still goes on has kept nothing yet.
    expect(row(ada, "run", table)).to_contain_text(re.compile("now|ago"))
    row(ada, "run", table).click(button="right")
    menu(ada, "Compare with Now").click()
    expect(tab(ada)).to_contain_text(re.compile(rf"compared with {re.escape(table)}, .* UTC"))
    finished(ada)
    drifted = tab(ada).get_by_role("row", name=re.compile("city .* Drifted"))
    expect(drifted).to_be_visible()
    ada.shot("eda-compare-now")
    # The second time reads the data again, and the profile as little as the first time.
    tab(ada).get_by_role("button", name="Run again").click()
    finished(ada)
    expect(rows(ada, "run").filter(has_text="UTC")).to_have_count(2)
    expect(drifted).to_be_visible()

    profile(ada, table)
    expect(row(ada, "run", table)).to_have_count(2)
    # What was selected for the menu no longer is.
    row(ada, "source", table).focus()
    ada.page.keyboard.press("Escape")
    row(ada, "run", table).last.click(modifiers=["ControlOrMeta"])
    footer(ada).get_by_role("button", name="Compare with Now").click()
    finished(ada)
    expect(drifted).to_be_visible()


def test_two_profiles_of_a_file_are_compared_when_it_is_gone(ada: Person, table: str) -> None:
    search(ada).fill(table)
    for text in (CSV, CSV.replace("Nice", "Metz")):
        save(ada, table, text)
        profile(ada, table)
        expect(row(ada, "run", table).first).to_contain_text(re.compile("now|ago"))
    expect(row(ada, "run", table)).to_have_count(2)
    ada.page.evaluate("path => window.jupyterapp.serviceManager.contents.delete(path)", table)
    refresh(ada)
    expect(rows(ada, "run")).to_have_count(2)
    row(ada, "run", table).first.click(modifiers=["ControlOrMeta"])
    row(ada, "run", table).last.click(modifiers=["ControlOrMeta"])
    footer(ada).get_by_role("button", name="Compare the Two").click()
    finished(ada)
    expect(tab(ada)).to_contain_text(re.compile(r"UTC.*compared with.*UTC", re.DOTALL))
    expect(tab(ada).get_by_role("row", name=re.compile("city .* Drifted"))).to_be_visible()
    expect(rows(ada, "run").filter(has_text="UTC")).to_have_count(1)
    ada.shot("eda-compare-kept")


def test_the_form_asks_where_and_how(ada: Person, table: str) -> None:
    ada.begin("eda:new")
    dialog = ada.page.locator(".jp-Dialog")
    dialog.get_by_role("button", name="Profile").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say where the data are")
    assert ada.axe(".jp-Dialog") == []
    ada.shot("eda-form")
    dialog.get_by_label("Location").fill(table)
    dialog.get_by_label("Target").fill("city")
    dialog.get_by_label("Rows to look at").fill("20")
    dialog.get_by_label("Text", exact=True).uncheck()
    dialog.get_by_role("button", name="Profile").click()
    expect(tab(ada).get_by_role("heading", name=table)).to_be_visible()
    finished(ada)
    expect(tab(ada).get_by_role("tab", name=re.compile("^Target"))).to_be_visible()
    expect(tab(ada)).to_contain_text("20")

    search(ada).fill(table)
    # Only of what was profiled the columns are known.
    expect(row(ada, "source", table)).to_contain_text(re.compile("now|ago"))
    row(ada, "source", table).click(button="right")
    menu(ada, "Profile with Options…").click()
    target = dialog.get_by_label("Target")
    names = dialog.locator(f"datalist[id='{target.get_attribute('list')}'] option")
    expect(names).to_have_count(3)
    dialog.get_by_role("button", name="Cancel").click()


def test_a_run_is_found_again_after_a_reload_told_of_and_cancelled(ada: Person) -> None:
    path = f"large-{uuid.uuid4().hex[:8]}.parquet"
    # A workspace of its own: what is restored by the reload is what this test opened.
    ada.discard()
    ada.open_lab()
    ada.run("eda:open-panel")
    ada.new_notebook()
    execute(ada, LARGE.format(path=path))
    ada.page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.content.widgets[0].model.executionState === 'idle'""",
        timeout=120_000,
    )
    # What is not saved would hold the reload up.
    ada.page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.context.save(); }")
    ada.run(
        "eda:profile",
        source={"kind": "file", "location": path},
        options={"seconds": 600},
    )
    expect(tab(ada)).to_be_visible()
    running = row(ada, "run", path)
    expect(running.locator("progress")).to_be_visible()
    ada.wait_for_layout(RUN_IS_KEPT)

    ada.page.reload()
    ada.wait_for_lab()
    expect(tab(ada).get_by_role("heading", name=path)).to_be_visible(timeout=30_000)
    expect(running.locator("progress")).to_be_visible()
    ada.run("launcher:create")
    note = ada.page.locator(".Toastify__toast", has_text=f"Profiling {path}")
    expect(note).to_be_visible()
    ada.shot("eda-running")
    # The lab's own count of notifications: its toast of one that goes while it moves may stay on the screen.
    count = ada.page.locator(".jp-Notification-Status")
    before = int(re.findall(r"\d+", count.inner_text())[0])
    note.get_by_role("button", name="Cancel").click()
    expect(running).to_have_attribute("data-state", "cancelled")
    expect(count).to_contain_text(str(before - 1))


def test_home_leads_to_the_panel_and_to_what_was_profiled(ada: Person, table: str) -> None:
    profile(ada, table)
    ada.run("application:close-all")
    ada.run("filebrowser:activate")
    ada.run("projects:open-home")
    home = ada.page.locator(".orrery-home")
    home.get_by_role("button", name="Auto-EDA", exact=True).first.click()
    expect(ada.page.locator(PANEL)).to_be_visible()
    home.locator("section", has_text="Recent").get_by_role("button", name=table).last.click()
    expect(tab(ada).or_(ada.page.locator(".jp-CSVViewer")).first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_panel_can_be_read_by_everybody(ada: Person, table: str, theme: str) -> None:
    profile(ada, table)
    ada.new_notebook()
    execute(ada, "import pandas as pd\nsales = pd.DataFrame({'a': range(1000)})")
    expect(row(ada, "frame", "sales")).to_be_visible()
    ada.theme(theme)
    row(ada, "run", table).first.click()
    # The toolbar's button for what has no room is the lab's own.
    assert ada.axe(f"{PANEL} .orrery-panel-body") == []
    ada.shot(f"eda-panel-{theme}")
    ada.theme("light")


def test_names_stay_text(ada: Person) -> None:
    name = f"<img src=x onerror=window.pwned=1>{uuid.uuid4().hex[:8]}.csv"
    save(ada, name, CSV)
    search(ada).fill(name[-12:])
    refresh(ada)
    expect(row(ada, "source", name)).to_be_visible()
    row(ada, "source", name).click()
    finished(ada)
    expect(row(ada, "run", name)).to_be_visible()
    row(ada, "run", name).focus()
    ada.page.keyboard.press("Delete")
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text(name)
    ada.page.keyboard.press("Escape")
    with pytest.raises(Error, match="There is no gone-"):
        ada.run("eda:profile", source={"kind": "file", "location": f"gone-{name}"})
    expect(ada.page.locator(".Toastify__toast").last).to_contain_text("gone-")
    assert ada.page.evaluate("() => window.pwned") is None
    assert ada.page.locator("img[onerror]").count() == 0
