"""A project in the person's own folder: made when missing, never overwritten, never more than it should be."""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orrery_server.projects.workspace import ProjectFolders
from orrery_wire.projects import Project
from tests.server.snippets.test_git import Repository

NOW = datetime.now(UTC)


def project(lake: str = "", repository: str = "") -> Project:
    return Project(
        slug="p",
        name="P",
        role="editor",
        lake=lake,
        repository=repository,
        created=NOW,
        updated=NOW,
    )


@pytest.fixture
def folders(tmp_path: Path) -> ProjectFolders:
    record = tmp_path / "data" / "project-folders.json"
    return ProjectFolders(tmp_path / "home", logging.getLogger("folders"), record)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "code.git")
    made.commit(a_json="{}")
    return made


def test_the_lake_is_linked_and_the_code_cloned(
    folders: ProjectFolders, tmp_path: Path, repository: Repository
) -> None:
    asyncio.run(folders.make(project(str(tmp_path / "lake"), str(repository.folder))))
    home = tmp_path / "home" / "p"
    (tmp_path / "lake" / "x.csv").write_text("a")
    assert (home / "lake" / "x.csv").read_text() == "a"
    assert (home / "code" / "a.json").exists()
    assert sorted(path.name for path in home.iterdir()) == ["code", "lake"]


def test_what_is_there_is_left_as_it_is(
    folders: ProjectFolders, tmp_path: Path, repository: Repository
) -> None:
    home = tmp_path / "home" / "p"
    (home / "code").mkdir(parents=True)
    (home / "code" / "mine.txt").write_text("mine")
    (home / "lake").write_text("mine too")
    asyncio.run(folders.make(project(str(tmp_path / "lake"), str(repository.folder))))
    assert (home / "code" / "mine.txt").read_text() == "mine"
    assert not (home / "code" / "a.json").exists()
    assert (home / "lake").read_text() == "mine too"


def test_a_lake_around_the_folder_is_not_linked_into_it(
    folders: ProjectFolders, tmp_path: Path
) -> None:
    asyncio.run(folders.make(project(str(tmp_path / "home"))))
    assert not (tmp_path / "home" / "p" / "lake").is_symlink()


def test_a_lake_that_is_a_url_is_no_folder(folders: ProjectFolders, tmp_path: Path) -> None:
    asyncio.run(folders.make(project("s3://bucket/p")))
    assert not (tmp_path / "home" / "p").exists()


@pytest.mark.parametrize(
    "repository", ["ext::sh -c id", "http://example.org/x", "--upload-pack=id", "/none/at/all"]
)
def test_a_repository_that_cannot_be_cloned_is_told_in_the_log(
    folders: ProjectFolders, tmp_path: Path, repository: str, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(folders.make(project(str(tmp_path / "lake"), repository)))
    (record,) = caplog.records
    assert "project p" in record.getMessage()
    assert [path.name for path in (tmp_path / "home" / "p").iterdir()] == ["lake"]


@pytest.mark.parametrize(
    "repository",
    [
        "https://me:canaryPW@example.invalid/r.git",
        "https://canaryPW@example.invalid/r.git",
        "ssh://me:canaryPW@example.invalid/r.git",
        "ssh://-oProxyCommand=id/r.git",
        "ext::sh -c id",
        "http://example.org/x",
    ],
)
def test_git_is_not_even_started_for_an_address_that_is_refused(
    folders: ProjectFolders,
    repository: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run(*arguments: str, **_: object) -> bytes:
        raise AssertionError(arguments)

    monkeypatch.setattr("orrery_server.base.git.run", run)
    asyncio.run(folders.make(project("", repository)))
    assert "project p" in caplog.text
    assert "canaryPW" not in caplog.text


def test_a_hook_of_the_repository_is_not_run(
    folders: ProjectFolders, tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = tmp_path / "templates" / "hooks"
    templates.mkdir(parents=True)
    hook = templates / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / ".gitconfig").write_text(f"[init]\n\ttemplateDir = {templates.parent}\n")
    asyncio.run(folders.make(project("", str(repository.folder))))
    assert (tmp_path / "home" / "p" / "code" / "a.json").exists()
    assert not (tmp_path / "ran").exists()


def git_in(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_what_was_made_for_a_project_is_taken_away_again(
    folders: ProjectFolders, tmp_path: Path, repository: Repository
) -> None:
    lake = tmp_path / "lake"
    asyncio.run(folders.make(project(str(lake), str(repository.folder))))
    (lake / "x.csv").write_text("a")
    assert folders.recorded() == ["p"]
    asyncio.run(folders.remove("p"))
    assert not (tmp_path / "home" / "p").exists()
    assert (lake / "x.csv").read_text() == "a"
    assert folders.recorded() == []
    # It comes back with the membership.
    asyncio.run(folders.make(project(str(lake), str(repository.folder))))
    assert (tmp_path / "home" / "p" / "lake").is_symlink()
    assert (tmp_path / "home" / "p" / "code" / "a.json").exists()


def changed(code: Path) -> None:
    (code / "a.json").write_text("{1}")


def untracked(code: Path) -> None:
    (code / "mine.txt").write_text("mine")


def ignored(code: Path) -> None:
    (code / ".git" / "info" / "exclude").write_text("*.out\n")
    (code / "mine.out").write_text("mine")


def committed(code: Path) -> None:
    untracked(code)
    git_in(code, "add", ".")
    git_in(code, "commit", "-m", "mine")


def on_another_branch(code: Path) -> None:
    git_in(code, "checkout", "-b", "mine")
    committed(code)
    git_in(code, "checkout", "-")


def on_no_branch(code: Path) -> None:
    git_in(code, "checkout", "--detach")
    committed(code)


def stashed(code: Path) -> None:
    changed(code)
    git_in(code, "stash")


def no_repository(code: Path) -> None:
    shutil.rmtree(code / ".git")


@pytest.mark.parametrize(
    "work",
    [
        changed,
        untracked,
        ignored,
        committed,
        on_another_branch,
        on_no_branch,
        stashed,
        no_repository,
    ],
)
def test_work_in_the_clone_is_never_taken_away(
    folders: ProjectFolders,
    tmp_path: Path,
    repository: Repository,
    work: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    asyncio.run(folders.make(project(str(tmp_path / "lake"), str(repository.folder))))
    code = tmp_path / "home" / "p" / "code"
    work(code)
    before = sorted(path for path in code.rglob("*") if ".git" not in path.parts)
    asyncio.run(folders.remove("p"))
    assert sorted(path for path in code.rglob("*") if ".git" not in path.parts) == before
    assert not (tmp_path / "home" / "p" / "lake").is_symlink()
    assert "holds work of yours" in caplog.text


def test_links_and_files_of_the_person_stay(folders: ProjectFolders, tmp_path: Path) -> None:
    home = tmp_path / "home" / "p"
    for made in ("own link", "own folder", "moved link"):
        asyncio.run(folders.make(project(str(tmp_path / "lake"))))
        (home / "notes.ipynb").write_text("{}")
        (home / "lake").unlink()
        if made == "own folder":
            (home / "lake").mkdir()
        else:
            (tmp_path / made).mkdir()
            (home / "lake").symlink_to(tmp_path / made)
        asyncio.run(folders.remove("p"))
        assert (home / "lake").exists(), made
        assert (home / "notes.ipynb").exists()
        shutil.rmtree(home)
    # What was there before is not remembered as made.
    home.mkdir()
    (home / "lake").symlink_to(tmp_path)
    asyncio.run(folders.make(project(str(tmp_path / "lake"))))
    asyncio.run(folders.remove("p"))
    assert (home / "lake").is_symlink()


def test_a_record_that_is_damaged_takes_nothing_away(
    folders: ProjectFolders, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(folders.make(project(str(tmp_path / "lake"))))
    (tmp_path / "data" / "project-folders.json").write_text("{")
    assert folders.recorded() == []
    asyncio.run(folders.remove("p"))
    assert (tmp_path / "home" / "p" / "lake").is_symlink()
    assert "not known which folders" in caplog.text
