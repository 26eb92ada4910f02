"""Set E: hostile texts in everything that a page shows, in a real browser. Text must stay text."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.chromium import EXECUTE, RESET, SHOWN, chromium
from tests.effort import trials
from tests.security.hostile.markup import HOST, markup
from tests.security.labs import Lab

pytestmark = [pytest.mark.ui, pytest.mark.timeout(300)]

PANEL = ".orrery-snippets"
# What an element that came out of a text would have, whatever wrapped it.
INJECTED = "[data-canary], x-canary, [onerror], [onload], [ontoggle], [onbegin], [onstart], a[href^='javascript:' i]"
# What comes and goes between two looks is noted too.
NOTE_INJECTED = """selector => {
  window.__injected = [];
  new MutationObserver(records => {
    for (const { addedNodes, target, type } of records) {
      for (const node of type === 'attributes' ? [target] : addedNodes) {
        if (node.nodeType === 1 && (node.matches(selector) || node.querySelector(selector))) {
          window.__injected.push(node.outerHTML.slice(0, 300));
        }
      }
    }
  }).observe(document, { attributes: true, childList: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab full of hostile texts."""
    lab = Lab(tmp_path_factory.mktemp("victim"), token=secrets.token_hex(16))
    lab.options.append("--LabApp.expose_app_in_browser=True")
    try:
        with lab.start().person() as person:
            assert fill(person) >= 200
        yield lab
    finally:
        lab.stop()


@dataclass
class Watched:
    """A page, and everything on it that must not happen."""

    page: Page
    dialogs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def watch(self) -> Watched:
        """Note every dialog, request, new page and injected element from now on, however short its life is."""
        self.page.evaluate(NOTE_INJECTED, INJECTED)
        self.page.context.add_init_script(f"({NOTE_INJECTED})({json.dumps(INJECTED)})")

        def said(dialog: Any) -> None:
            self.dialogs.append(dialog.message)
            dialog.dismiss()

        def canary(route: Route) -> None:
            self.asked.append(route.request.url)
            route.abort()

        self.page.on("dialog", said)
        self.page.on("framenavigated", lambda frame: self.left.append(frame.url))
        self.page.context.on("page", lambda page: self.left.append(f"new page {page.url}"))
        self.page.route(lambda url: (urlsplit(url).hostname or "").endswith(HOST), canary)
        return self

    def check(self, what: str) -> None:
        """Nothing of it happened so far."""
        assert self.dialogs == [], what
        assert self.asked == [], what
        assert self.page.evaluate("() => window.__canary === undefined"), what
        assert self.page.evaluate("() => ({}).polluted === undefined"), what
        found = self.page.evaluate(
            "selector => [...document.querySelectorAll(selector)].map(e => e.outerHTML.slice(0, 300))",
            INJECTED,
        )
        assert found == [], (what, found)
        passed = self.page.evaluate("() => window.__injected")
        assert passed == [], (what, passed)
        commands = self.page.evaluate(
            """selector => [...document.querySelectorAll(selector)].flatMap(root =>
              [...root.querySelectorAll('[data-commandlinker-command]')]).map(e => e.outerHTML)""",
            ".orrery-snippets, .orrery-home, .jp-Dialog, .orrery-snippets-form, .Toastify",
        )
        assert commands == [], what
        assert not [url for url in self.left if "/lab" not in url and url != "about:blank"], what


@pytest.fixture(scope="module")
def watched(browser: Browser, victim: Lab) -> Iterator[Watched]:
    """One lab in one browser for all tests here."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.goto(f"{victim.address}lab?reset&token={victim.token}")
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=90_000)
    settled(page, "snippets:open-panel")
    yield Watched(page).watch()
    context.close()


@pytest.fixture
def page(watched: Watched) -> Iterator[Watched]:
    yield watched
    for _ in range(3):
        watched.page.keyboard.press("Escape")
    watched.page.evaluate(RESET)
    for box in watched.page.get_by_role("searchbox").all():
        box.fill("")


def settled(page: Page, command: str) -> None:
    """Until the lab has put everything in its place and knows a command."""
    page.wait_for_function(
        "command => window.jupyterapp?.commands.hasCommand(command)", arg=command, timeout=60_000
    )
    page.evaluate("() => window.jupyterapp.restored.then(() => null)")
    # A fresh launcher takes the focus once it is drawn.
    page.wait_for_function(SHOWN, timeout=60_000)


def run(page: Page, command: str, **args: Any) -> None:
    """Start a command; it may wait for a dialog."""
    page.evaluate(f"given => void ({EXECUTE})(given)", [command, args])


def snippet(number: int, text: str) -> dict[str, Any]:
    """A snippet with the text in each field that takes it."""
    plain = "".join(c for c in text if ord(c) >= 32 and ord(c) != 127).strip()
    tag = plain.replace(",", "")[:48].strip()
    prefix = "".join(plain.split())[:48]
    return {
        "name": (plain or "x")[:120].strip() or "x",
        "description": text,
        "tags": [tag] if tag else [],
        "prefix": prefix or None,
        "language": ("markdown", "python", "html", "javascript")[number % 4],
        "syntax": ("plain", "vscode")[number % 2],
        "cells": [
            {"kind": "code", "source": f"{text}\n${{1:{text}}}"},
            {"kind": "markdown", "source": text},
        ],
        "allow_secrets": True,
    }


def fill(person: httpx.Client) -> int:
    """One snippet for each text; how many were taken."""
    made = 0
    for number, text in enumerate(markup()):
        body = json.dumps(snippet(number, text)).encode()
        answer = person.post("orrery/snippets", content=body)
        assert answer.status_code in (201, 400), answer.text
        made += answer.status_code == 201
    return made


def test_what_comes_and_goes_is_noted(page: Watched) -> None:
    page.page.evaluate(
        """async () => {
          const element = document.createElement('x-canary');
          document.body.append(element);
          element.remove();
        }"""
    )
    with pytest.raises(AssertionError, match="x-canary"):
        page.check("an element that is gone")
    page.page.evaluate("() => { window.__injected = []; }")


def test_every_row_preview_and_filter_shows_text(page: Watched, victim: Lab) -> None:
    view = page.page
    run(view, "snippets:open-panel")
    rows = view.locator(f"{PANEL} [role=row][data-id]")
    expect(rows.first).to_be_visible()
    total = int(view.locator(f"{PANEL} [role=treegrid]").get_attribute("aria-rowcount") or 0)
    assert total >= 200, total
    rows.first.click()
    seen: set[str] = set()
    opened = trials(1, 2)
    for step in range(total):
        if step % opened == 0:
            view.keyboard.press("ArrowRight")
        if step % 12 == 0:
            seen |= set(view.eval_on_selector_all(f"{PANEL} [role=row][data-id]", _IDS))
            page.check(f"row {step}")
        view.keyboard.press("ArrowDown")
    page.check("all rows")
    assert len(seen) >= total - 10, (len(seen), total)
    for name in ("hover", "click"):
        for place in range(8):
            getattr(rows.nth(place), name)(force=True)
            view.wait_for_timeout(50)
        view.wait_for_timeout(800)
        page.check(name)


_IDS = "rows => rows.map(row => row.dataset.id)"


def test_searching_for_a_text_marks_it_as_text(page: Watched, victim: Lab) -> None:
    view = page.page
    run(view, "snippets:open-panel")
    box = view.get_by_role("searchbox").first
    expect(box).to_be_visible()
    for text in list(markup())[:60]:
        box.fill(" ".join(text.split())[:100])
        view.wait_for_timeout(60)
    page.check("searching")


def test_forms_histories_and_messages_show_text(page: Watched, victim: Lab) -> None:
    """Edit, history, delete with its notification, copy; on a dozen of the worst."""
    with victim.person() as person:
        worst = [snippet(number, text) for number, text in enumerate(list(markup())[:12])]
        ids = [person.post("orrery/snippets", json=one).json()["id"] for one in worst]
        for one, body in zip(ids, worst, strict=True):
            changed = body | {"description": body["description"] + " again"}
            assert person.put(f"orrery/snippets/{one}", json=changed).status_code == 200
    view = page.page
    run(view, "snippets:open-panel")
    expect(view.locator(f"{PANEL} [role=row][data-id]").first).to_be_visible()
    for one in ids:
        run(view, "snippets:edit", id=one)
        run(view, "snippets:history", id=one)
        view.wait_for_timeout(250)
        page.check(f"form and history of {one}")
    view.wait_for_timeout(800)
    page.check("forms and histories")
    for one in ids[:6]:
        run(view, "snippets:delete", id=one)
        view.wait_for_timeout(150)
    view.wait_for_timeout(500)
    page.check("notifications")


def test_imports_and_libraries_show_text(page: Watched, victim: Lab) -> None:
    """File names and names in files in the report; addresses, branches and errors of libraries."""
    view = page.page
    files = [
        {"name": f"{text[:80]}.json", "content": json.dumps({text[:80]: {"prefix": "x"}})}
        for text in ("".join(t.split("\x00")) for t in list(markup())[:80])
    ]
    run(view, "snippets:import", files=files)
    dialog = view.locator(".jp-Dialog")
    dialog.get_by_role("button", name="Import", exact=True).click()
    view.wait_for_timeout(1500)
    page.check("import report")
    view.keyboard.press("Escape")
    with victim.person() as person:
        for number, text in enumerate(list(markup())[:40]):
            plain = "".join(text.split())[:80]
            person.post(
                "orrery/snippets/libraries",
                json={
                    "name": f"hostile-{number}",
                    "url": f"file:///nowhere/{plain}",
                    "folder": plain,
                },
            )
    run(view, "snippets:libraries")
    expect(view.locator(".jp-Dialog")).to_contain_text("hostile-1")
    view.wait_for_timeout(1000)
    page.check("libraries")


def test_projects_and_home_show_text(page: Watched, victim: Lab) -> None:
    with victim.person() as person:
        for number, text in enumerate(list(markup())[:60]):
            plain = "".join(c for c in text if ord(c) >= 32 and ord(c) != 127).strip()
            wanted = {"slug": f"p{number}", "name": plain[:120].strip(), "description": text}
            answer = person.post("orrery/projects", content=json.dumps(wanted).encode())
            assert answer.status_code in (201, 400), answer.text
        assert person.put("orrery/projects/current", json={"slug": "p1"}).status_code == 200
    view = page.page
    view.reload()
    view.wait_for_selector("#jupyterlab-splash", state="detached", timeout=90_000)
    settled(view, "projects:open-home")
    run(view, "projects:open-home")
    expect(view.locator(".orrery-home")).to_be_visible()
    page.check("home")
    run(view, "projects:switch")
    view.wait_for_timeout(800)
    for _ in range(70):
        view.keyboard.press("ArrowDown")
    page.check("the switcher")


def test_what_is_inserted_is_not_rendered_by_us(page: Watched, victim: Lab) -> None:
    """Inserted into a notebook, a text stands in an editor; JupyterLab's own sanitizer has the rest."""
    with victim.person() as person:
        ids = []
        for number, text in enumerate(list(markup())[:25]):
            body = json.dumps(snippet(number, text) | {"syntax": "plain", "language": "python"})
            ids.append(person.post("orrery/snippets", content=body.encode()).json()["id"])
    view = page.page
    run(view, "notebook:create-new", kernelName="python3")
    view.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    run(view, "snippets:open-panel")
    for one in ids:
        run(view, "snippets:insert", id=one)
        view.wait_for_timeout(120)
        stays = view.locator(".jp-Dialog").get_by_role("button", name="Cancel")
        if stays.count():
            stays.click()
    found = view.eval_on_selector_all(
        ".jp-Cell .cm-content [data-canary], .jp-Cell .cm-content script", "all => all.length"
    )
    assert found == 0
    assert page.dialogs == []
    assert view.evaluate("() => window.__canary === undefined")
