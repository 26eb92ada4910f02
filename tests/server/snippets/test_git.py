"""Libraries from Git: read from real repositories, hostile ones among them; and the shipped one."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orrery_server.snippets.backends.bundled import BundledSnippets
from orrery_server.snippets.backends.git import GitSnippets
from orrery_server.snippets.schemas import Library, LibraryIn
from orrery_wire.errors import Conflict, Invalid

SNIPPET = json.dumps({"Loop": {"body": ["for x in y:", "    pass"], "prefix": "loop"}})


class Repository:
    """A repository on this disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *words: str) -> str:
        who = (
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "protocol.file.allow=always",
        )
        return subprocess.run(
            ["git", *who, *words], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_json", ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", "more")
        return self.git("rev-parse", "HEAD")

    @property
    def url(self) -> str:
        return self.folder.as_uri()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., GitSnippets]:
    return lambda **more: GitSnippets(folder=str(tmp_path / "libraries"), **more)


async def settled(source: GitSnippets, name: str) -> Library:
    async with asyncio.timeout(30):
        while True:
            (found,) = [one for one in await source.libraries() if one.name == name]
            if found.state != "refreshing":
                return found
            await asyncio.sleep(0.02)


def test_a_library_is_read_and_kept(
    repository: Repository, make: Callable[..., GitSnippets]
) -> None:
    commit = repository.commit(a_json=SNIPPET, deep__b_json=SNIPPET.replace("Loop", "Deep"))

    async def test() -> None:
        source = make()
        added = await source.add(LibraryIn(name="team", url=repository.url))
        assert added.state == "never"
        done = await settled(source, "team")
        assert (done.state, done.count, done.commit) == ("ready", 2, commit)
        assert done.refreshed is not None
        assert {one.name for one in await source.read("team")} == {"Loop", "Deep"}
        again = make()
        assert await again.libraries() == await source.libraries()
        assert await again.read("team") == await source.read("team")
        assert await again.remove("team")
        assert await make().libraries() == ()

    asyncio.run(test())


def test_only_a_folder_or_branch_is_read(
    repository: Repository, make: Callable[..., GitSnippets]
) -> None:
    repository.commit(a_json=SNIPPET)
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit(mine__c_json=SNIPPET.replace("Loop", "C"), mine2__d_json=SNIPPET)

    async def test() -> None:
        source = make()
        wanted = LibraryIn(name="team", url=repository.url, ref="other", folder="/mine/")
        await source.add(wanted)
        done = await settled(source, "team")
        assert (done.folder, done.ref) == ("mine", "other")
        assert [one.name for one in await source.read("team")] == ["C"]

    asyncio.run(test())


def test_a_refresh_that_fails_leaves_the_old_content(
    repository: Repository, make: Callable[..., GitSnippets]
) -> None:
    repository.commit(a_json=SNIPPET)

    async def test() -> None:
        source = make()
        await source.add(LibraryIn(name="team", url=repository.url))
        await settled(source, "team")
        revision = source.revision
        (repository.folder / ".git").rename(repository.folder / "gone")
        await source.refresh("team")
        failed = await settled(source, "team")
        assert failed.state == "failed"
        assert failed.error
        assert failed.count == 1
        assert len(await source.read("team")) == 1
        (repository.folder / "gone").rename(repository.folder / ".git")
        repository.commit(b_json=SNIPPET.replace("Loop", "New"))
        await source.refresh("team")
        done = await settled(source, "team")
        assert (done.state, done.count, done.error) == ("ready", 2, "")
        assert source.revision > revision

    asyncio.run(test())


def test_nothing_of_a_hostile_repository_is_followed_or_run(
    repository: Repository, make: Callable[..., GitSnippets], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(SNIPPET.replace("Loop", "Secret"))
    (repository.folder / "link.json").symlink_to(secret)
    (repository.folder / "up.json").symlink_to("../secret.json")
    (repository.folder / "dir").symlink_to(tmp_path)
    other = Repository(tmp_path / "other")
    other.commit(sub_json=SNIPPET.replace("Loop", "Submodule"))
    repository.git("submodule", "add", "--quiet", other.url, "module")
    ran = tmp_path / "ran"
    hook = repository.folder / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    repository.commit(
        **{".gitattributes": "*.json filter=evil"},
        good_json=SNIPPET,
        bad_json="{",
        package_json='{"name": "x", "scripts": {"test": "y"}, "files": []}',
    )

    async def test() -> None:
        source = make()
        await source.add(LibraryIn(name="team", url=repository.url))
        done = await settled(source, "team")
        assert done.state == "ready", done.error
        assert [one.name for one in await source.read("team")] == ["Loop"]

    asyncio.run(test())
    assert not ran.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "http://example.org/a.git",
        "git://example.org/a.git",
        "/etc",
        "--upload-pack=touch x",
        "-x",
        "https://me:secret@example.org/a.git",
        "https://token@example.org/a.git",
        "ssh://me:secret@example.org/a.git",
        "ssh://-oProxyCommand=touch/x",
        "ssh://-l@example.org/x",
        "file://host/x",
        "https:///x",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://[bad/x",
        "https://example.org:99999999/x",
        "git@example.org:a/b.git",
    ],
)
def test_an_address_that_git_must_not_get_is_refused(
    url: str, make: Callable[..., GitSnippets]
) -> None:
    with pytest.raises(Invalid) as caught:
        asyncio.run(make().add(LibraryIn(name="team", url=url)))
    assert "secret" not in str(caught.value.body())
    assert asyncio.run(make().libraries()) == ()


@pytest.mark.parametrize("ref", ["--x", "-b", "a..b", "a b", "a;b", "$(x)", "a\nb"])
def test_a_ref_that_is_no_name_is_refused(ref: str, make: Callable[..., GitSnippets]) -> None:
    with pytest.raises(Invalid):
        asyncio.run(make().add(LibraryIn(name="team", url="https://example.org/a", ref=ref)))


@pytest.mark.parametrize("folder", ["..", "../x", "a/../../b", "a\x00b", "a\nb"])
def test_a_folder_that_leads_out_is_refused(folder: str, make: Callable[..., GitSnippets]) -> None:
    with pytest.raises(Invalid):
        asyncio.run(make().add(LibraryIn(name="team", url="https://example.org/a", folder=folder)))


def hanging() -> tuple[socket.socket, str]:
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen()
    return silent, f"https://127.0.0.1:{silent.getsockname()[1]}/a.git"


def test_a_refresh_is_cancelled_and_its_git_is_gone(make: Callable[..., GitSnippets]) -> None:
    silent, url = hanging()

    async def test() -> None:
        source = make()
        await source.add(LibraryIn(name="team", url=url))
        await asyncio.sleep(0.3)
        assert (await source.libraries())[0].state == "refreshing"
        with pytest.raises(Conflict):
            await source.refresh("team")
        before = time.monotonic()
        assert await source.cancel("team")
        assert time.monotonic() - before < 5
        assert not await source.cancel("team")
        (library,) = await source.libraries()
        assert library.state == "failed"

    asyncio.run(test())
    silent.close()
    assert url not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


def test_a_refresh_that_takes_too_long_is_stopped(make: Callable[..., GitSnippets]) -> None:
    silent, url = hanging()

    async def test() -> None:
        source = make(seconds=1)
        await source.add(LibraryIn(name="team", url=url))
        failed = await settled(source, "team")
        assert "too long" in failed.error

    asyncio.run(test())
    silent.close()


def test_a_repository_that_is_too_large_is_given_up(
    repository: Repository, make: Callable[..., GitSnippets]
) -> None:
    (repository.folder / "big.bin").write_bytes(os.urandom(6_000_000))
    repository.commit(a_json=SNIPPET)

    async def test() -> None:
        source = make(max_megabytes=1)
        await source.add(LibraryIn(name="team", url=repository.url))
        failed = await settled(source, "team")
        assert failed.state == "failed"
        assert "too large" in failed.error

    asyncio.run(test())


def test_a_file_that_cannot_be_read_is_kept_aside(
    make: Callable[..., GitSnippets], tmp_path: Path
) -> None:
    folder = tmp_path / "libraries"
    folder.mkdir()
    (folder / "team.json").write_text("{")
    assert asyncio.run(make().libraries()) == ()
    assert len(list((folder / "aside").iterdir())) == 1


def test_the_shipped_library_is_read_without_a_complaint(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        source = BundledSnippets()
        (library,) = await source.libraries()
        assert (library.name, library.kind, library.state) == ("orrery", "bundled", "ready")
        contents = await source.read("orrery")
        assert library.count == len(contents) >= 40
        assert len({one.name for one in contents}) == len(contents)
        assert await source.refresh("orrery") is None
        assert not await source.remove("orrery")

    asyncio.run(test())
    assert caplog.records == []
