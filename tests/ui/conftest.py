"""A real browser on the running product: log-in, theme, screenshots, and axe."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    StorageState,
    ViewportSize,
    expect,
)

from tests.chromium import EXECUTE, RESET, SHOWN, chromium

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = Path(__file__).parent / "artifacts"
AXE = ROOT / "labextension/node_modules/axe-core/axe.min.js"
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "high-contrast": "JupyterLab Dark High Contrast",
}

# A machine that tests beside us is slow; what comes is not waited for longer.
expect.set_options(timeout=30_000)


# Files of one worker follow each other (tests/groups.py), so that a browser and a person's lab serve all of them.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with the package: tests of other packages run event loops of their own."""
    with chromium() as browser:
        yield browser


class Person:
    """Somebody at the product: his browser, and the words for what he does."""

    def __init__(self, page: Page, address: str, name: str, password: str) -> None:
        self.page = page
        self.address = address.rstrip("/")
        self.name = name
        self.password = password
        self.console: list[str] = []
        self.fresh = True
        self.discarded = False
        self.kept_kernel = ""
        page.on("pageerror", self._note)

    def _note(self, error: Error) -> None:
        # JupyterLab takes its splash screen away twice when two themes load within 200 ms.
        frames = [line for line in f"{error.stack}".splitlines() if line.startswith("    at ")]
        if "removeChild" in str(error) and len(frames) == 1 and "/jlab_core." in frames[0]:
            return
        self.console.append(f"{error}\n{error.stack}")

    def log_in(self) -> None:
        """Through the hub's own form, until the server runs."""
        self.page.goto(f"{self.address}/hub/login")
        self.page.get_by_label("User name").fill(self.name)
        self.page.get_by_label("Password").fill(self.password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(re.compile(r"/user/.+/lab"), timeout=90_000)

    def open_lab(self) -> None:
        """The lab in a workspace that nobody has used."""
        self.page.goto(f"{self.address}/user/{self.name}/lab/workspaces/{uuid.uuid4().hex}")
        self.wait_for_lab()

    def wait_for_lab(self) -> None:
        """Until the splash is gone and commands can be run."""
        self.page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
        self.page.wait_for_selector("#jp-main-dock-panel", timeout=60_000)
        # What opens last takes the focus; on a busy machine that is a while after the splash has gone.
        self.page.wait_for_function(SHOWN, timeout=60_000)

    def wait_for_layout(self, condition: str) -> None:
        """Until the layout that the server keeps of this workspace fulfils a condition, an expression on ``dock``.

        The lab sends it a moment after it changed. It is asked for by the lab's own client: the hub refuses a request
        without the token that this sends.
        """
        limit = time.monotonic() + 30
        while time.monotonic() < limit:
            # A function that waits is awaited by ``evaluate``, not by ``wait_for_function``.
            if self.page.evaluate(LAYOUT.replace("CONDITION", condition)):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"no layout with {condition} was saved")

    def discard(self) -> None:
        """Let no other test have this page: it was changed beyond what a reset undoes."""
        self.discarded = True

    def reset(self) -> None:
        """The lab as if it had just been opened; a tenth of the time that loading it again takes."""
        for _ in range(5):
            if not self.page.locator(".jp-Dialog, .lm-Menu").count():
                break
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(100)
        for box in self.page.get_by_role("searchbox").all():
            box.fill("")
        self.page.set_viewport_size(VIEWPORT)
        self.page.mouse.move(0, 0)
        self.page.evaluate(RESET, self.kept_kernel)
        self.theme("light")
        self.wait_for_lab()
        self.console.clear()

    def run(self, command: str, **args: Any) -> None:
        """A command of the lab by the palette's own path: its registry."""
        self.page.evaluate(EXECUTE, [command, args])

    def begin(self, command: str) -> None:
        """A command that asks something before it ends."""
        self.page.evaluate("id => void window.jupyterapp.commands.execute(id)", command)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """What the own lab answers at ``orrery/<path>``: the status and the body."""
        status, answer = self.page.evaluate(
            """async ([method, path, body]) => {
              const { baseUrl } = window.jupyterapp.serviceManager.serverSettings;
              const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
              const answer = await fetch(baseUrl + 'orrery/' + path, { method,
                headers: { 'X-XSRFToken': xsrf ? xsrf[1] : '' },
                body: body === null ? undefined : JSON.stringify(body) });
              const text = await answer.text();
              return [answer.status, text ? JSON.parse(text) : null];
            }""",
            [method, path, body],
        )
        return int(status), answer

    def theme(self, which: str) -> None:
        """The light, dark or high-contrast theme, and wait until it is on."""
        now = self.page.locator("body").get_attribute("data-jp-theme-name")
        if now != THEMES[which]:
            self.run("apputils:change-theme", theme=THEMES[which])
        self.page.wait_for_selector(f"body[data-jp-theme-name='{THEMES[which]}']", state="attached")

    def shot(self, name: str) -> Path:
        """A screenshot to look at, kept below tests/ui/artifacts."""
        ARTIFACTS.mkdir(exist_ok=True)
        path = ARTIFACTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def axe(self, selector: str) -> list[dict[str, Any]]:
        """The serious and critical violations of accessibility rules below a selector."""
        if not self.page.evaluate("() => 'axe' in window"):
            # The lab is an AMD-free page: a script tag is enough, and nothing is fetched.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "selector => axe.run(selector, { resultTypes: ['violations'] })", selector
        )
        return [
            {
                "id": one["id"],
                "impact": one["impact"],
                "nodes": [node["html"][:200] for node in one["nodes"][:5]],
            }
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def new_notebook(self, kernel: str = "python3") -> None:
        """An empty notebook with a kernel that is ready."""
        self.run("notebook:create-new", kernelName=kernel)
        self._wait_for_kernel()

    def _wait_for_kernel(self) -> None:
        self.page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        self.page.wait_for_function(
            """() => {
              const panel = window.jupyterapp.shell.currentWidget;
              return panel?.sessionContext?.session?.kernel?.status === 'idle';
            }""",
            timeout=60_000,
        )

    def notebook(self) -> None:
        """An empty notebook, with the kernel of the tests before: nothing may depend on its variables."""
        self.kept_kernel = self.page.evaluate(KEPT_KERNEL, self.kept_kernel)
        self.run("notebook:create-new", kernelId=self.kept_kernel)
        self._wait_for_kernel()

    def cell(self, index: int = 0) -> str:
        """The source of a cell of the notebook in front."""
        return str(
            self.page.evaluate(
                "i => window.jupyterapp.shell.currentWidget.content.widgets[i].model.sharedModel.source",
                index,
            )
        )

    def cells(self) -> list[dict[str, str]]:
        """Every cell of the notebook in front: its type and source."""
        return list(
            self.page.evaluate(
                """() => window.jupyterapp.shell.currentWidget.content.widgets.map(w => ({
                  type: w.model.type, source: w.model.sharedModel.source }))"""
            )
        )


# The kernel with an id, if it is there and idle, or a new one.
KEPT_KERNEL = """async id => {
  const { kernels } = window.jupyterapp.serviceManager;
  await kernels.refreshRunning();
  const kept = [...kernels.running()].find(one => one.id === id);
  if (kept?.execution_state === 'idle') { return id; }
  const connection = await kernels.startNew({ name: 'python3' });
  const { id: started } = connection;
  connection.dispose();
  return started;
}"""


# ``data`` is what the server keeps of the workspace, ``dock`` the text of the main area's layout.
LAYOUT = """async () => {
  const [name] = location.pathname.split('/workspaces/')[1].split('/');
  const { data } = await window.jupyterapp.serviceManager.workspaces.fetch(name);
  const dock = JSON.stringify(data['layout-restorer:data']?.main?.dock ?? null);
  return CONDITION;
}"""


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test that it failed, for the fixtures that end after it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def expose(home: Path, name: str) -> None:
    """Let a person's lab show its command registry to the page, as the lab's own tests do."""
    config = home / "users" / name / ".jupyter" / "jupyter_server_config.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('{"LabApp": {"expose_app_in_browser": true}}', encoding="utf-8")


@pytest.fixture(scope="session")
def cookies() -> dict[str, StorageState]:
    """What the browsers of those who have logged in know."""
    return {}


@pytest.fixture(scope="package")
def contexts(
    browser: Browser, product: Any, cookies: dict[str, StorageState]
) -> Iterator[Callable[[str], BrowserContext]]:
    """Gives the browser context of a person, who logs in once."""
    known: dict[str, BrowserContext] = {}

    def enter(name: str) -> BrowserContext:
        if name not in known:
            known[name] = browser.new_context(viewport=VIEWPORT, storage_state=cookies.get(name))
        if name not in cookies:
            expose(product.home, name)
            page = known[name].new_page()
            Person(page, product.address, name, product.password(name)).log_in()
            page.close()
            cookies[name] = known[name].storage_state()
        return known[name]

    yield enter
    for context in known.values():
        context.close()


@pytest.fixture(scope="package")
def labs() -> dict[str, Person]:
    """The labs that are open, by the person's name; a test that fails takes its labs with it."""
    return {}


@pytest.fixture
def person(
    contexts: Callable[[str], BrowserContext],
    product: Any,
    labs: dict[str, Person],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str], Person]]:
    """Gives a person with a lab as if it had just been opened; what fails in a page fails the test."""
    people: list[Person] = []

    def enter(name: str) -> Person:
        if name not in labs:
            page = contexts(name).new_page()
            labs[name] = Person(page, product.address, name, product.password(name))
            labs[name].open_lab()
        if not labs[name].fresh:
            labs[name].reset()
        labs[name].fresh = False
        people.append(labs[name])
        return labs[name]

    yield enter
    problems = [line for entered in people for line in entered.console]
    for entered in people:
        if entered.discarded or problems or request.node.stash.get(FAILED, False):
            labs.pop(entered.name, None)
            entered.page.close(run_before_unload=False)
    assert not problems, json.dumps(problems, indent=1)


@pytest.fixture
def ada(person: Callable[[str], Person]) -> Person:
    """A member of the sample project with an empty notebook and the snippets panel open."""
    ada = person("ada")
    ada.run("projects:switch", slug="sample")
    ada.notebook()
    ada.run("snippets:open-panel")
    ada.page.locator(".orrery-snippets").get_by_role("searchbox").first.fill("")
    expect(ada.page.locator(".orrery-snippets [role=row][data-id]").first).to_be_visible()
    return ada
