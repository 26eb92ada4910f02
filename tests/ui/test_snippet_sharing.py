"""Who may do what, and how snippets come and go as files and libraries."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Person
from tests.ui.panel import PANEL, find, make, row, rows, search

pytestmark = [pytest.mark.ui, pytest.mark.timeout(240)]

Enter = Callable[[str], Person]
DROP = """([selector, name, content]) => {
  const data = new DataTransfer();
  data.items.add(new File([content], name, { type: 'application/json' }));
  for (const type of ['dragover', 'drop']) {
    document.querySelector(selector).dispatchEvent(
      new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


def test_a_viewer_reads_and_a_stranger_sees_nothing(person: Enter) -> None:
    ada, grace, mallory = person("ada"), person("grace"), person("mallory")
    status, _ = ada.ask("POST", "projects", {"slug": "closed", "name": "Closed circle"})
    assert status == 201
    status, _ = ada.ask("PUT", "projects/closed/members/grace", {"role": "viewer"})
    assert status == 200
    made = make(ada, name="Circle only", cells="circle = 1", scope="project", project="closed")
    for one in (grace, mallory):
        one.run("snippets:open-panel")
        expect(rows(one).first).to_be_visible()
    find(grace, "Circle only")
    # That somebody is not shown it means something when his server has asked the hub: at most every two seconds.
    mallory.page.wait_for_timeout(2_500)
    mallory.run("snippets:refresh")
    search(mallory, "Circle only")
    expect(row(grace, "Circle only")).to_have_attribute("data-writable", "false")
    row(grace, "Circle only").click(button="right")
    menu = grace.page.locator(".lm-Menu")
    expect(menu).to_contain_text("Insert")
    expect(menu).not_to_contain_text("Delete")
    grace.shot("viewer-menu")
    grace.page.keyboard.press("Escape")
    body = {"name": "Taken over", "cells": [{"kind": "code", "source": "x"}]}
    placed = body | {"scope": "project", "project": "closed"}
    assert grace.ask("PUT", f"snippets/{made['id']}", placed)[0] == 403
    assert grace.ask("DELETE", f"snippets/{made['id']}")[0] == 403
    expect(rows(mallory)).to_have_count(0)
    expect(mallory.page.locator(PANEL)).to_contain_text("No snippet matches")
    mallory.begin("projects:switch")
    listbox = mallory.page.get_by_role("listbox", name="Projects")
    expect(listbox).to_contain_text("Sample project")
    expect(listbox).not_to_contain_text("Closed circle")
    mallory.page.keyboard.press("Escape")
    for verb, path, sent in (
        ("GET", f"snippets/{made['id']}", None),
        ("PUT", f"snippets/{made['id']}", placed),
        ("DELETE", f"snippets/{made['id']}", None),
        ("GET", f"snippets/{made['id']}/versions", None),
        ("GET", "projects/closed", None),
        ("PUT", "projects/closed/members/mallory", {"role": "owner"}),
        ("PUT", "projects/current", {"slug": "closed"}),
    ):
        assert mallory.ask(verb, path, sent)[0] == 404, (verb, path)


def test_files_dropped_from_the_desktop_are_imported(ada: Person) -> None:
    content = json.dumps({"Dropped in": {"prefix": "dropin", "body": ["dropped_in = 1"]}})
    ada.page.evaluate(DROP, [PANEL, "desktop.code-snippets", content])
    dialog = ada.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("desktop.code-snippets")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog).to_contain_text("1 snippet added")
    dialog.get_by_role("button", name="Close").click()
    search(ada, "Dropped in")
    expect(row(ada, "Dropped in")).to_be_visible()


def test_a_chosen_snippet_leaves_as_a_file_that_comes_back(ada: Person) -> None:
    make(ada, name="Takes a trip", prefix="trip", cells="trip = 'there and back'")
    search(ada, "Takes a trip")
    row(ada, "Takes a trip").click()
    with ada.page.expect_download() as download:
        ada.run("snippets:download")
    path = download.value.path()
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["Takes a trip"]["prefix"] == "trip"
    # The row is open: its name is part of the row, its code below is not.
    row(ada, "Takes a trip").locator(".orrery-row-name").click()
    ada.page.keyboard.press("Delete")
    expect(row(ada, "Takes a trip")).to_have_count(0)
    ada.page.evaluate(DROP, [PANEL, "trip.code-snippets", path.read_text(encoding="utf-8")])
    dialog = ada.page.locator(".jp-Dialog")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog).to_contain_text("1 snippet added")
    dialog.get_by_role("button", name="Close").click()
    expect(row(ada, "Takes a trip")).to_be_visible()


def test_a_library_is_added_by_its_address_and_refreshed(ada: Person, tmp_path: Path) -> None:
    folder = tmp_path / "team"
    folder.mkdir()

    def commit(name: str) -> None:
        content = {name: {"prefix": "fromgit", "body": ["from_git = 1"]}}
        (folder / "team.code-snippets").write_text(json.dumps(content), encoding="utf-8")
        for words in (
            ["init", "-q", "-b", "main"],
            ["add", "."],
            ["-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q", "-m", name],
        ):
            subprocess.run(["git", *words], cwd=folder, check=True)

    commit("First of the team")
    ada.begin("snippets:libraries")
    dialog = ada.page.locator(".jp-Dialog")
    dialog.get_by_label("Git URL").fill(folder.as_uri())
    expect(dialog.get_by_label("Name")).to_have_value("team")
    dialog.get_by_role("button", name="Add").click()
    listed = dialog.get_by_role("listitem").filter(has_text="team")
    expect(listed).to_contain_text("1 snippet, refreshed")
    ada.shot("library-added")
    commit("Second of the team")
    listed.get_by_role("button", name="Refresh team").click()
    expect(listed).to_contain_text("1 snippet, refreshed")
    dialog.get_by_role("button", name="Close").click()
    search(ada, "of the team")
    # The refresh may still be under way: the text above is also that of the first one.
    for _ in range(40):
        ada.run("snippets:refresh")
        if row(ada, "Second of the team").count():
            break
        ada.page.wait_for_timeout(250)
    expect(row(ada, "Second of the team")).to_be_visible()
    ada.begin("snippets:libraries")
    listed.get_by_role("button", name="Remove team").click()
    expect(listed).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    # What is near the words is listed, when nothing has all of them.
    expect(row(ada, "of the team")).to_have_count(0)
