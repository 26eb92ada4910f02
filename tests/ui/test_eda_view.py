"""A run of auto-EDA as a person meets it: its tab, in a real browser on the running product."""

from __future__ import annotations

import csv
import io
import random
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Frame, Locator, Page, Route, expect

from tests.security.hostile.markup import HOST, markup
from tests.ui.conftest import Person

pytestmark = [pytest.mark.ui, pytest.mark.timeout(300)]

Enter = Callable[[str], Person]
ROWS = 600
# What an element that came out of a text would have, whatever wrapped it.
INJECTED = (
    "[data-canary], x-canary, [onerror], [onload], [ontoggle], [onbegin], a[href^='javascript:' i],"
    " .orrery-eda-view [data-commandlinker-command]"
)


@pytest.fixture
def ada(person: Enter) -> Person:
    """Somebody with an empty lab, and with a kernel when it is needed."""
    return person("ada")


def table(ports: tuple[str, ...], fare: float, lowest: int, *, boat: bool) -> str:
    """A list of passengers as CSV: a fifth of the ages is missing."""
    chance = random.Random(7)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "survived", "class", "age", "fare", "port", *(["boat"] if boat else [])])
    for number in range(ROWS):
        age = "" if chance.random() < 0.2 else chance.randint(lowest, 80)
        survived = chance.random() < 0.4
        row = [number, survived, chance.choice(["first", "second", "third"]), age]
        row += [round(chance.expovariate(1 / fare), 2), chance.choice(ports)]
        writer.writerow([*row, *([chance.choice("ABC")] if boat else [])])
    return out.getvalue()


def good() -> str:
    return table(("Cherbourg", "Queenstown", "Southampton"), 30, 1, boat=True)


def bad() -> str:
    """The same a week later: dearer, another port, ages that cannot be, a column less."""
    return table(("Cherbourg", "Liverpool", "Southampton"), 90, -20, boat=False)


def write(person: Person, text: str) -> str:
    """A CSV file in the person's own folder; its path."""
    path = f"table-{uuid.uuid4().hex[:8]}.csv"
    person.page.evaluate(
        """async ([path, content]) => {
          await window.jupyterapp.serviceManager.contents.save(
            path, { type: 'file', format: 'text', content });
        }""",
        [path, text],
    )
    return path


def view(person: Person) -> Locator:
    return person.page.locator(".orrery-eda-view:visible")


def row(person: Person, name: str) -> Locator:
    exact = re.compile(f"^{re.escape(name)}$")
    named = person.page.locator(".orrery-eda-view-name", has_text=exact)
    return view(person).locator(".orrery-eda-view-row").filter(has=named)


def section(person: Person, name: str) -> None:
    view(person).get_by_role("tab", name=re.compile(f"^{name}")).click()


def act(person: Person, name: str) -> None:
    view(person).get_by_role("toolbar").get_by_role("button", name=name).click()


def finished(person: Person, seconds: float = 90) -> None:
    """Until the run in front is over."""
    again = view(person).get_by_role("button", name="Run again")
    expect(again).to_have_attribute("aria-disabled", "false", timeout=seconds * 1_000)


def profile(person: Person, path: str, **options: Any) -> None:
    """Profile a file, and wait until that is done."""
    source = {"kind": "file", "location": path}
    person.run("eda:profile", source=source, options=options)
    expect(view(person)).to_be_visible()
    finished(person)


def execute(person: Person, code: str) -> None:
    """Run code in a new notebook; it must not fail."""
    person.new_notebook()
    person.page.evaluate(
        """async source => {
          const panel = window.jupyterapp.shell.currentWidget;
          panel.content.activeCell.model.sharedModel.setSource(source);
          await window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        code,
    )
    assert outcome(person) == "ok"


def outcome(person: Person) -> str:
    """How the execution of the notebook's last run cell ended, with what it said when it failed."""
    person.page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.content.widgets.some(
          cell => cell.model.executionCount !== null && cell.model.executionState === 'idle')""",
        timeout=60_000,
    )
    return str(
        person.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
              .flatMap(cell => cell.model.outputs?.toJSON() ?? [])
              .filter(one => one.output_type === 'error')
              .map(one => one.evalue).join() || 'ok'"""
        )
    )


def choose(person: Person, path: str, button: str) -> None:
    """Choose a source in the dialog that asks for one."""
    dialog = person.page.locator(".jp-Dialog")
    dialog.get_by_label("Search sources").fill(path)
    sources = dialog.get_by_role("listbox").get_by_role("option")
    expect(sources).to_have_count(1)
    expect(sources).to_contain_text(path)
    assert person.axe(".jp-Dialog") == []
    dialog.get_by_role("button", name=button).click()


SAMPLER = """() => {
  window.samples = [];
  window.sampling = setInterval(() => {
    const view = document.querySelector('.orrery-eda-view');
    if (!view) { return; }
    window.samples.push({
      progress: view.querySelector('[role=progressbar]')?.getAttribute('aria-valuetext') ?? null,
      early: view.querySelectorAll('.orrery-mod-early').length,
      badges: view.querySelectorAll('.orrery-eda-view-badge').length,
      rows: [...view.querySelectorAll('.orrery-eda-view-row')].map(row => [
        row.dataset.index, row.style.transform,
        row.querySelector('.orrery-eda-view-name, .orrery-eda-view-quiet')?.textContent ?? '',
        row.querySelector('.orrery-eda-view-cell-range')?.textContent ?? ''])
    });
  }, 30);
}"""


def test_a_profile_refines_while_somebody_looks_and_nothing_jumps(ada: Person) -> None:
    execute(
        ada,
        "import numpy as np, pandas as pd\n"
        "rng = np.random.default_rng(0)\n"
        "table = pd.DataFrame(rng.normal(size=(2_000_000, 14))).add_prefix('number ')\n"
        "table['number 13'] = table['number 0'] * 2 + 1\n"
        "table.to_parquet('refines.parquet')",
    )
    ada.page.evaluate(SAMPLER)
    ada.run("eda:profile", source={"kind": "file", "location": "refines.parquet"}, options={})
    section(ada, "Columns")
    expect(row(ada, "number 0")).to_be_visible()
    ada.shot("eda-refining")
    finished(ada)
    samples = ada.page.evaluate("() => { clearInterval(window.sampling); return window.samples; }")

    working = [one for one in samples if one["progress"]]
    assert any("Summary of each column" in one["progress"] for one in working)
    assert any(any(ends for *_, ends in one["rows"]) for one in working), "numbers came last"
    first, last = working[0], samples[-1]
    assert first["badges"] == 0
    assert last["badges"] >= 2, "the two columns that tell the same came without a word"
    assert last["early"] == 0
    places: dict[str, set[tuple[str, str]]] = {}
    for one in samples:
        for index, place, name, _ in one["rows"]:
            places.setdefault(index, set()).add((place, name))
    assert all(len({place for place, _ in seen}) == 1 for seen in places.values()), places
    assert all(len({name for _, name in seen if name}) == 1 for seen in places.values()), places


def test_two_versions_are_compared(ada: Person) -> None:
    before, after = write(ada, good()), write(ada, bad())
    profile(ada, after)
    act(ada, "Compare…")
    choose(ada, before, "Compare")
    expect(view(ada)).to_contain_text("compared with")
    finished(ada)
    expect(row(ada, "fare")).to_contain_text("Drifted")
    expect(row(ada, "boat")).to_contain_text("Removed")
    expect(row(ada, "id")).to_contain_text("Same")
    row(ada, "port").focus()
    ada.page.keyboard.press("Enter")
    expect(row(ada, "port")).to_contain_text("New values")
    expect(row(ada, "port").locator(".orrery-eda-view-chip")).to_have_text("Liverpool")
    for theme in ("light", "dark"):
        ada.theme(theme)
        ada.shot(f"eda-compared-{theme}")
        assert ada.axe(".orrery-eda-view") == []


def written(person: Person) -> str:
    """The code of the notebook."""
    code: str = person.page.evaluate(
        """() => [...document.querySelectorAll('.jp-Notebook .cm-content')]
          .map(node => node.textContent).join('')"""
    )
    return code


def test_the_code_of_a_quick_fix_runs(ada: Person) -> None:
    path = write(ada, good())
    ada.new_notebook()
    profile(ada, path)
    section(ada, "Columns")
    # A click on a column opens it, and inserts nothing.
    row(ada, "fare").locator(".orrery-eda-view-name").click()
    expect(row(ada, "fare")).to_contain_text("Quantiles")
    row(ada, "fare").locator(".orrery-eda-view-code").first.hover()
    ada.shot("eda-insert")
    assert not written(ada).strip()
    row(ada, "fare").locator(".orrery-eda-view-name").click()
    row(ada, "age").focus()
    ada.page.keyboard.press("ArrowRight")
    row(ada, "age").get_by_role("button", name="Fill with the median").click()
    ada.page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-Notebook .cm-content')].some(
          one => one.textContent.includes('fillna'))"""
    )
    ada.page.locator(
        ".lm-TabBar-tab.jp-mod-current, .lm-TabBar-tab", has_text=".ipynb"
    ).first.click()
    ada.shot("eda-fixed")
    ada.page.evaluate(
        """async () => {
          const { commands, shell } = window.jupyterapp;
          const notebook = shell.currentWidget.content;
          const last = notebook.widgets.findLast(cell => cell.model.sharedModel.source.includes('fillna'));
          last.model.sharedModel.setSource(
            last.model.sharedModel.source + "\\nassert not df['age'].isna().any()");
          await commands.execute('notebook:run-all-cells');
        }"""
    )
    assert outcome(ada) == "ok"


def test_how_text_was_read_is_said_and_can_be_changed(ada: Person) -> None:
    path = write(ada, "1;1,5\n2;2,25\n3;\n")
    ada.new_notebook()
    profile(ada, path)
    line = view(ada).locator(".orrery-eda-view-reading")
    expect(line).to_contain_text('Read with fields between ";"')
    expect(line).to_contain_text("decimal comma")
    ada.shot("eda-reading")
    line.get_by_role("button", name="Change how it is read").click()
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog.get_by_label("Delimiter")).to_have_value(";")
    assert ada.axe(".jp-Dialog") == []
    ada.shot("eda-reading-form")
    dialog.get_by_label("Line of the names").fill("1")
    dialog.get_by_label("Decimal sign").fill(".")
    dialog.get_by_role("button", name="Profile").click()
    expect(dialog).to_have_count(0)
    expect(view(ada)).to_contain_text("2 rows")
    expect(line).not_to_contain_text("decimal comma")
    finished(ada)
    view(ada).get_by_role("button", name="Load", exact=True).click()
    ada.page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-Notebook .cm-content')].some(
          one => one.textContent.includes("sep=';'"))"""
    )
    ada.page.locator(".lm-TabBar-tab", has_text=".ipynb").first.click()
    ada.shot("eda-reading-code")
    ada.page.evaluate(
        """async () => {
          const { commands, shell } = window.jupyterapp;
          const notebook = shell.currentWidget.content;
          const last = notebook.widgets.findLast(cell => cell.model.sharedModel.source.includes('sep='));
          last.model.sharedModel.setSource(
            last.model.sharedModel.source + "\\nassert df.shape == (2, 2) and df.iloc[0, 1] == '2,25'");
          await commands.execute('notebook:run-all-cells');
        }"""
    )
    assert outcome(ada) == "ok"


def test_checks_of_a_profile_break_on_bad_data(ada: Person) -> None:
    kept, broken = write(ada, good()), write(ada, bad())
    profile(ada, kept)
    act(ada, "Checks")
    code = view(ada).get_by_label("Code of the checks")
    expect(code).to_contain_text("pandera")
    view(ada).get_by_label("Write the checks as").select_option("sql")
    expect(code).to_contain_text("SELECT")
    ada.shot("eda-checks")
    assert ada.axe(".orrery-eda-view") == []
    view(ada).get_by_role("button", name="Run checks on…").click()
    choose(ada, broken, "Run checks")
    expect(view(ada)).to_contain_text(re.compile(r"\d+ of \d+ checks are broken"), timeout=60_000)
    failed = view(ada).locator("li[data-passed=false]")
    expect(failed.filter(has_text="port").filter(has_text="Liverpool")).not_to_have_count(0)
    expect(failed.filter(has_text="boat").filter(has_text="no such column")).not_to_have_count(0)
    expect(failed.filter(has_text="age").filter(has_text="Between")).to_have_count(1)
    for theme in ("light", "dark"):
        ada.theme(theme)
        ada.shot(f"eda-results-{theme}")
        assert ada.axe(".orrery-eda-view") == []


def inner(person: Person) -> Frame:
    """The frame that the report itself is in."""
    person.page.wait_for_function("() => document.querySelector('.orrery-eda-view-report')")
    outer = person.page.locator(".orrery-eda-view-report:visible").element_handle().content_frame()
    assert outer
    handle = outer.wait_for_selector("iframe")
    assert handle
    frame = handle.content_frame()
    assert frame
    return frame


def test_the_full_report_lives_in_a_sandbox(ada: Person) -> None:
    profile(ada, write(ada, good()))
    act(ada, "Full report")
    expect(view(ada)).to_contain_text("Full report")
    report = view(ada).locator(".orrery-eda-view-report")
    expect(report).to_be_visible(timeout=180_000)
    assert report.get_attribute("sandbox") == "allow-scripts"
    frame = inner(ada)
    frame.get_by_text("Correlations", exact=True).first.click()
    frame.wait_for_function("() => scrollY > 200")
    assert frame.url.startswith("about:srcdoc")
    assert (
        frame.evaluate("() => { try { return parent.document.title } catch { return null } }")
        is None
    )
    assert frame.evaluate("() => { try { return document.cookie } catch { return null } }") is None
    assert frame.evaluate("() => fetch('/hub/api').then(() => true, () => false)") is False
    for theme in ("light", "dark"):
        ada.theme(theme)
        ada.page.wait_for_timeout(500)
        ada.shot(f"eda-report-{theme}")


@pytest.fixture
def watched(ada: Person) -> Iterator[Person]:
    """Somebody whose page must ask nobody, open no dialog and run nothing of the data."""
    wrong: list[str] = []
    page = ada.page
    ada.discard()

    def canary(route: Route) -> None:
        wrong.append(route.request.url)
        route.abort()

    def said(dialog: Dialog) -> None:
        wrong.append(dialog.message)
        dialog.dismiss()

    def opened(other: Page) -> None:
        wrong.append(f"new page {other.url}")

    page.on("dialog", said)
    page.context.on("page", opened)
    page.route(lambda url: (urlsplit(url).hostname or "").endswith(HOST), canary)
    yield ada
    page.context.remove_listener("page", opened)
    assert wrong == []
    assert page.evaluate("() => window.__canary === undefined")


def hostile() -> str:
    """Set E as names of columns and as values."""
    texts = list(markup())
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([text.replace("\x00", "") for text in texts[:40]])
    for start in range(len(texts)):
        writer.writerow([texts[(start + step) % len(texts)] for step in range(40)])
    return out.getvalue()


def test_hostile_names_and_values_stay_text(watched: Person) -> None:
    profile(watched, write(watched, hostile()))

    def clean(where: str) -> None:
        found = watched.page.evaluate(
            "selector => [...document.querySelectorAll(selector)].map(e => e.outerHTML.slice(0, 300))",
            INJECTED,
        )
        assert found == [], (where, found)

    for name in ("Overview", "Relations", "Missing", "Text & time", "Alerts", "Checks", "Columns"):
        section(watched, name)
        watched.page.wait_for_timeout(400)
        clean(name)
    rows = view(watched).locator(".orrery-eda-view-row")
    rows.first.focus()
    for step in range(40):
        watched.page.keyboard.press("ArrowRight")
        watched.page.wait_for_timeout(40)
        clean(f"column {step}")
        watched.page.keyboard.press("ArrowLeft")
        watched.page.keyboard.press("ArrowDown")
    watched.shot("eda-hostile")
    section(watched, "Report")
    frame = inner(watched)
    frame.wait_for_selector("h1")
    assert (
        frame.evaluate("() => document.querySelectorAll('script, [data-canary], [onerror]').length")
        == 0
    )


def test_every_section_is_accessible_in_light_and_dark(ada: Person) -> None:
    profile(ada, write(ada, good()), target="survived")
    names = ("Overview", "Columns", "Relations", "Missing", "Text & time", "Target", "Alerts")
    for theme in ("light", "dark"):
        ada.theme(theme)
        for name in (*names, "Checks", "Report"):
            section(ada, name)
            ada.page.wait_for_timeout(500)
            ada.shot(f"eda-{name.split()[0].lower()}-{theme}")
            assert ada.axe(".orrery-eda-view") == [], (theme, name)


def test_the_keyboard_is_enough(ada: Person) -> None:
    profile(ada, write(ada, good()))
    view(ada).get_by_role("tab", name="Overview").focus()
    ada.page.keyboard.press("ArrowRight")
    expect(view(ada).get_by_role("tab", name=re.compile("^Columns"))).to_be_focused()
    row(ada, "id").focus()
    ada.page.keyboard.type("fa")
    expect(row(ada, "fare")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(row(ada, "fare")).to_have_attribute("aria-expanded", "true")
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Escape")
    expect(row(ada, "fare")).to_be_focused()
    ada.page.keyboard.press("/")
    expect(view(ada).get_by_role("searchbox")).to_be_focused()
    ada.page.keyboard.type("por")
    expect(view(ada).locator(".orrery-eda-view-row")).to_have_count(1)
    ada.page.keyboard.press("Escape")
    expect(view(ada).locator(".orrery-eda-view-row")).to_have_count(7)
