"""A project in the person's own folder: made when missing, never overwritten, never more than it should be."""

from __future__ import annotations

import asyncio
import logging
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
    return ProjectFolders(tmp_path / "home", logging.getLogger("folders"))


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
