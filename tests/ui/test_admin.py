"""The page of administration in a browser: by keyboard, in every theme, with nothing blocked by its policy."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.ui.conftest import ARTIFACTS, AXE, Person

pytestmark = [pytest.mark.ui, pytest.mark.timeout(280)]
PATH = "/services/orrery/admin"
VIEWS = (
    *("People", "Projects", "Roles", "Explain"),
    *("Servers", "Failures", "Use", "Advice"),
    *("Pools", "Profiles", "Images", "Idle limits", "Queue"),
    *("Budgets", "Approvals", "Costs", "Rates"),
    *("Jobs", "Announcements", "Audit", "Health"),
)


class Panel:
    """The page, and what it complains about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address.rstrip("/")
        self.complaints: list[str] = []
        # The browser names every answer of these statuses in its console, also one that a test asks for.
        self.refusals: list[int] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if any(f"with a status of {status} " in message.text for status in self.refusals):
            return
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, view: str = "") -> None:
        self.page.goto(f"{self.address}{PATH}#{view}")
        expect(self.page.get_by_role("navigation", name="Administration")).to_be_visible()

    def show(self, view: str) -> None:
        self.page.get_by_role("navigation").get_by_role("link", name=view, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(view)

    @property
    def grid(self) -> Locator:
        return self.page.get_by_role("grid")

    def row(self, text: str) -> Locator:
        return self.grid.get_by_role("row").filter(has_text=text)

    def search(self, text: str) -> None:
        self.page.get_by_role("searchbox").fill(text)

    def theme(self, name: str) -> None:
        self.page.evaluate(
            """name => { localStorage.setItem('orrery-admin-theme', name); }""", name
        )
        self.page.reload()
        expect(self.page.locator(f"html[data-theme='{name}']")).to_be_attached()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def axe(self) -> list[str]:
        """The violations of accessibility rules; the policy of the page lets nobody add a script to it."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate("() => axe.run(document)")
        return [
            f"{rule['id']} ({rule['impact']}): {node['html'][:160]}"
            for rule in result["violations"]
            for node in rule["nodes"][:3]
        ]

    def shot(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")


@pytest.fixture
def open_panel(
    contexts: Callable[[str], BrowserContext], product: Any
) -> Iterator[Callable[[str], Panel]]:
    panels: list[Panel] = []

    def enter(name: str) -> Panel:
        panels.append(Panel(contexts(name).new_page(), product.address))
        return panels[-1]

    yield enter
    for panel in panels:
        panel.page.close()
    assert [text for panel in panels for text in panel.complaints] == []


def test_an_administrator_looks_after_people_and_projects_by_keyboard(
    open_panel: Callable[[str], Panel], contexts: Callable[[str], BrowserContext], product: Any
) -> None:
    contexts("ada")
    slug = f"left-{uuid.uuid4().hex[:8]}"
    panel = open_panel("admin")
    panel.open("people")
    page = panel.page
    panel.search("ada")
    expect(panel.row("ada").first).to_be_visible()
    panel.grid.focus()
    page.keyboard.press("Enter")
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("heading", name="ada")).to_be_visible()
    details.get_by_role("button", name="Merge…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the other person").fill(slug)
    dialog.get_by_role("button", name="Merge").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is nobody called")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    panel.show("Projects")
    panel.search("sample")
    expect(panel.row("sample").first).to_be_visible()
    panel.grid.get_by_role("button", name="Members").click()
    expect(panel.grid.get_by_role("columnheader", name="Members")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert "sort=members" in page.url
    panel.search(slug)
    expect(page.get_by_role("status").filter(has_text="0 projects")).to_be_visible()
    expect(page.get_by_text("No project matches.")).to_be_visible()


def test_the_audit_is_verified_and_saved(open_panel: Callable[[str], Panel]) -> None:
    panel = open_panel("admin")
    panel.open("audit")
    page = panel.page
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("none changed or removed")).to_be_visible()
    panel.search("audit.verify")
    expect(panel.row("audit.verify").first).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export CSV").click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert text.startswith("id,when,who")
    assert "audit.verify" in text
    panel.show("Health")
    expect(page.get_by_role("row", name="JupyterHub")).to_contain_text("Works")
    panel.show("Servers")
    expect(panel.grid).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_the_page_is_accessible_in_every_theme(
    open_panel: Callable[[str], Panel], theme: str
) -> None:
    panel = open_panel("admin")
    panel.open()
    panel.theme(theme)
    faults: list[str] = []
    for view in VIEWS:
        panel.show(view)
        if panel.grid.count():
            expect(panel.grid).to_have_attribute("aria-busy", "false")
            if panel.grid.get_by_role("row").count() > 1:
                panel.grid.get_by_role("row").nth(1).click()
        faults += [f"{view}: {fault}" for fault in panel.axe()]
        panel.shot(f"admin-{view.lower().replace(' ', '-')}-{theme}")
    assert faults == []


def test_somebody_who_is_no_administrator_sees_the_own_projects(
    open_panel: Callable[[str], Panel],
) -> None:
    panel = open_panel("ada")
    panel.open()
    expect(panel.page.get_by_role("heading", level=1)).to_have_text("Your projects")
    expect(panel.row("Sample project").first).to_be_visible()
    links = panel.page.get_by_role("navigation", name="Administration").get_by_role("link")
    views = ["Your projects", "Budgets", "Approvals", "Costs"]
    assert [link.inner_text() for link in links.all()] == ["Orrery", *views]


def test_a_role_is_changed_and_a_right_explained_by_keyboard(
    open_panel: Callable[[str], Panel], contexts: Callable[[str], BrowserContext]
) -> None:
    contexts("ada")
    panel = open_panel("admin")
    page = panel.page
    panel.open("roles")
    switch = page.get_by_role("checkbox", name="Production engineer: Create projects")
    expect(switch).not_to_be_checked()
    for words in ("may now", "may no longer"):
        switch.focus()
        page.keyboard.press("Space")
        expect(page.get_by_role("log")).to_contain_text(f"Production engineer {words}")
    expect(switch).not_to_be_checked()
    panel.show("Explain")
    for field, text in (
        (page.get_by_label("Can this person"), "ada"),
        (page.get_by_label("Do this"), "projects.update"),
        (page.get_by_role("textbox", name="To what"), "sample"),
    ):
        field.focus()
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    answer = page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("ada can")
    expect(answer.get_by_role("row").nth(1)).to_contain_text("custom:orrery:projects:write")
    panel.refusals = [404]
    page.get_by_label("Do this").fill("projects.fly")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("There is no action 'projects.fly'")


def test_an_owner_looks_after_members_and_invitations(
    open_panel: Callable[[str], Panel], person: Callable[[str], Person]
) -> None:
    slug = f"own-{uuid.uuid4().hex[:8]}"
    guest = f"guest-{slug}"
    status, _ = person("ada").ask("POST", "projects", {"slug": slug, "name": slug})
    assert status == 201
    panel = open_panel("ada")
    page = panel.page
    panel.open()
    panel.search(slug)
    panel.row(slug).click()
    details = page.get_by_role("complementary", name="Details")
    details.get_by_role("button", name="Invite…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="User name").fill(guest)
    dialog.get_by_role("button", name="Invite").click()
    expect(details.get_by_text(guest)).to_be_visible()
    details.get_by_role("button", name=f"Take back the invitation of {guest}").click()
    expect(details.get_by_text("None waits for an answer.")).to_be_visible()
    # The only owner stays one, and is told why.
    panel.refusals = [409]
    details.get_by_label("Role of ada").select_option("viewer")
    expect(page.get_by_role("log")).to_contain_text("owner")
    expect(details.get_by_label("Role of ada")).to_have_value("owner")
    assert panel.axe() == []
    details.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(panel.row(slug)).to_have_count(0)


MANY = 10_000
# Milliseconds between the frames that the browser draws, from one call to the next.
FRAMES = """() => {
  const gaps = [];
  let last = performance.now();
  const draw = now => { gaps.push(now - last); last = now; window.frame = requestAnimationFrame(draw); };
  window.frame = requestAnimationFrame(draw);
  window.frames_drawn = () => { cancelAnimationFrame(window.frame); return gaps.slice(1); };
}"""


def _answer(route: Route) -> None:
    """A page of so many people, of whom the product has none."""
    query = {key: value[0] for key, value in parse_qs(urlsplit(route.request.url).query).items()}
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 100))
    items = [
        {
            "id": number,
            "name": f"person-{number}",
            "created": "2026-01-01T00:00:00Z",
            "first_visit": "2026-01-02T00:00:00Z",
            "ended": None,
            "merged_into": None,
            "is_admin": False,
            "last_activity": None,
            "projects": [{"slug": "sample", "role": "editor"}],
            "servers": 0,
        }
        for number in range(offset + 1, min(offset + limit, MANY) + 1)
    ]
    route.fulfill(json={"items": items, "total": MANY, "offset": offset, "limit": limit})


def test_ten_thousand_rows_are_fluid_by_keyboard_only(
    open_panel: Callable[[str], Panel],
) -> None:
    panel = open_panel("admin")
    page, grid = panel.page, panel.grid
    page.route("**/services/orrery/api/people?*", _answer)
    panel.open("people")
    expect(grid).to_have_attribute("aria-rowcount", str(MANY + 1))
    for _ in range(60):
        page.keyboard.press("Tab")
        if grid.evaluate("grid => grid === document.activeElement"):
            break
    expect(grid).to_be_focused()

    def rows() -> int:
        return grid.get_by_role("row").count()

    def active() -> Locator:
        return page.locator(f"[id='{grid.get_attribute('aria-activedescendant')}']")

    page.evaluate(FRAMES)
    counts = []
    for key in ("PageDown",) * 60 + ("ArrowDown",) * 60 + ("PageUp",) * 10:
        page.keyboard.press(key)
        counts.append(rows())
    gaps = sorted(page.evaluate("window.frames_drawn()"))
    # Rows out of sight are not in the document, however many there are.
    assert max(counts) < 100
    # Half of all frames come in time for 25 a second, on a machine that tests beside it.
    assert gaps[len(gaps) // 2] < 40, gaps[-20:]
    assert gaps[-1] < 1_000, gaps[-20:]

    page.keyboard.press("End")
    expect(active()).to_contain_text(f"person-{MANY}")
    expect(active()).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(active()).to_contain_text("person-1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("heading", name="person-2", exact=True)).to_be_visible()
    assert rows() < 100
