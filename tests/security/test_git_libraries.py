"""Set G, as far as libraries go: neither an address nor a repository makes git do anything but fetch."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.security.hostile.git import FOLDERS, REFS, URLS
from tests.security.labs import Lab, error_body

SNIPPET = {"Good": {"prefix": "good", "body": "print(1)", "description": "d"}}


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that every attack tries to make."""
    return tmp_path / "touched"


def git(folder: Path, *words: str) -> str:
    said = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *words],
        cwd=folder,
        env=os.environ | {
            "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@x",
            "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@x",
            "HOME": str(folder),
        },
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return said.stdout.strip()


def repository(folder: Path) -> Path:
    """A repository with one good snippet file."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "good.code-snippets").write_text(json.dumps(SNIPPET))
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def fetched(person: httpx.Client, name: str, **wanted: Any) -> dict[str, Any]:
    """The library once it is read, or the refusal."""
    answer = person.post("orrery/snippets/libraries", json={"name": name, **wanted})
    if answer.status_code >= 400:
        error_body(answer)
        return {"state": "refused", "status": answer.status_code}
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = person.get("orrery/snippets/libraries", params={"limit": 200}).json()
        (found,) = (one for one in page["items"] if one["name"] == name)
        if found["state"] not in ("refreshing", "never"):
            return dict(found)
        time.sleep(0.05)
    raise AssertionError(f"{name} was never done: {found}")


def names(person: httpx.Client) -> set[str]:
    """The names in the library called ``traps``; the list follows a refresh within seconds."""
    for _ in range(100):
        listed = person.get("orrery/snippets", params={"scope": "library", "q": "Good"}).json()
        found = {one["name"] for one in listed["items"] if one["library"] == "traps"}
        if found:
            return found
        time.sleep(0.1)
    return set()


def remove(person: httpx.Client, name: str) -> None:
    assert person.delete(f"orrery/snippets/libraries/{name}").status_code in (204, 404)


@pytest.mark.timeout(240)
def test_no_address_is_more_than_an_address(lab: Lab, mark: Path) -> None:
    passed = {}
    with lab.person() as person:
        for url in URLS:
            found = fetched(person, "hostile", url=url.replace("{mark}", str(mark)))
            assert found["state"] in ("refused", "failed"), (url, found)
            if found["state"] == "refused":
                assert found["status"] in (400, 422), (url, found)
            else:
                passed[url] = found["error"]
                assert "secret" not in found["error"]
                remove(person, "hostile")
            assert not mark.exists(), url
    # Only these may reach git at all: local folders that are no repository, and hosts that do not answer.
    assert all(url.startswith(("file:///", "https://", "ssh://", "file:////")) for url in passed)


def test_no_branch_is_more_than_a_name(lab: Lab, tmp_path: Path, mark: Path) -> None:
    url = f"file://{repository(tmp_path / 'repository')}"
    with lab.person() as person:
        for ref in REFS:
            found = fetched(person, "hostile", url=url, ref=ref.replace("{mark}", str(mark)))
            assert found["state"] in ("refused", "failed"), (ref, found)
            remove(person, "hostile")
            assert not mark.exists(), ref
        assert fetched(person, "hostile", url=url, ref="main")["state"] == "ready"
        remove(person, "hostile")


def test_no_folder_leads_out_of_the_repository(lab: Lab, tmp_path: Path, mark: Path) -> None:
    source = repository(tmp_path / "repository")
    outside = tmp_path / "outside.code-snippets"
    outside.write_text(json.dumps({"Outside": {"prefix": "o", "body": "outside-was-read"}}))
    (source / "link").symlink_to("/")
    (source / "linked.code-snippets").symlink_to(outside)
    git(source, "add", "-A")
    git(source, "commit", "--quiet", "-m", "links")
    with lab.person() as person:
        for folder in FOLDERS:
            found = fetched(
                person, "hostile", url=f"file://{source}",
                folder=folder.replace("{mark}", str(mark)),
            )  # fmt: skip
            assert found["state"] in ("refused", "failed", "ready"), (folder, found)
            listed = person.get("orrery/snippets", params={"scope": "library", "limit": 200}).text
            assert "outside-was-read" not in listed, folder
            assert "root:x:0" not in listed, folder
            remove(person, "hostile")
            assert not mark.exists(), folder


def test_a_repository_full_of_traps_is_only_read(lab: Lab, tmp_path: Path, mark: Path) -> None:
    """Hooks, filters, drivers, submodules, configuration, links, attributes: nothing of it runs."""
    source = repository(tmp_path / "repository")
    run = f"touch {mark}"
    (source / ".gitattributes").write_text(
        "* filter=evil diff=evil merge=evil\n*.code-snippets filter=evil ident export-subst\n"
    )
    (source / ".gitmodules").write_text(
        f'[submodule "../../evil"]\n\tpath = sub\n\turl = "--upload-pack={run}"\n\tupdate = "!{run}"\n'
    )
    (source / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {run}\n")
    (source / ".envrc").write_text(run)
    (source / "sub").mkdir()
    (source / "sub" / "HEAD").write_text("ref: refs/heads/main")
    (source / "sub" / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = {run}\n")
    (source / "loop").symlink_to("loop")
    (source / "up").symlink_to("../../../../../../etc")
    (source / "passwd.code-snippets").symlink_to("/etc/passwd")
    (source / "bad.code-snippets").write_bytes(b"\xff\xfe{]" * 100)
    (source / "deep.code-snippets").write_text("[" * 100_000)
    (source / "-rf.code-snippets").write_text(json.dumps(SNIPPET))
    (source / "a\nb.code-snippets").write_text(json.dumps(SNIPPET))
    (source / "$(touch x).code-snippets").write_text(json.dumps(SNIPPET))
    git(source, "add", "-A")
    git(source, "commit", "--quiet", "-m", f"$({run})")
    for name in ("post-checkout", "post-merge", "pre-auto-gc", "reference-transaction",
                 "post-update", "pre-receive", "update"):  # fmt: skip
        hook = source / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{run}\n")
        hook.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "filter.evil.smudge",
                "filter.evil.process", "diff.evil.textconv", "uploadpack.packObjectsHook",
                "core.gitProxy", "credential.helper"):  # fmt: skip
        git(source, "config", key, f"!{run}" if key == "credential.helper" else run)
    mark.unlink(
        missing_ok=True
    )  # the traps may have caught the commands above, which prepared them
    with lab.person() as person:
        found = fetched(person, "traps", url=f"file://{source}")
        assert found["state"] == "ready", found
        assert found["count"] >= 1
        assert "Good" in names(person)
        everything = person.get("orrery/snippets/export").text
        assert "root:x:0" not in everything
        again = person.post("orrery/snippets/libraries/traps/refresh")
        assert again.status_code == 202, again.text
        remove(person, "traps")
    assert not mark.exists()
    assert not list(Path("/tmp").glob("orrery-git-*/bare/hooks/post-checkout"))


def test_a_library_that_is_too_large_is_stopped(tmp_path: Path) -> None:
    """Thirty megabytes that do not shrink, with a limit of ten."""
    source = repository(tmp_path / "repository")
    (source / "big.bin").write_bytes(os.urandom(30_000_000))
    git(source, "add", "-A")
    git(source, "commit", "--quiet", "-m", "big")
    lab = Lab(tmp_path / "lab", token="t" * 32)
    lab.options.append("--GitSnippets.max_megabytes=10")
    try:
        with lab.start().person() as person:
            found = fetched(person, "big", url=f"file://{source}")
            assert found["state"] == "failed", found
            assert "large" in found["error"]
    finally:
        lab.stop()
