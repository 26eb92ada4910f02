"""The sample project of a first start: data, a repository with a notebook, and starter snippets.

``python -m orrery_hub.standalone.sample <home>`` makes the files; it is a process of its own because the libraries that
read and write the data take seconds to import.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from orrery_hub.standalone.home import Home

SLUG = "sample"
DATA_SETS = ("wine", "breast_cancer", "diabetes", "digits", "iris")
DESCRIPTION = "Real data sets, a notebook that trains on one of them, and snippets to start with."


class SampleError(Exception):
    """The sample project could not be made."""


def has_files(home: Home) -> bool:
    """Whether the files were made once; what a person removes stays removed."""
    return (home.state / "sample_files").exists()


def is_registered(home: Home) -> bool:
    """Whether the hub service was told once."""
    return (home.state / "sample_registered").exists()


def make_files(home: Home) -> None:
    """Make the lake and the repository, in a process of its own, the first time.

    Raises:
        SampleError: with what that process said.
    """
    if has_files(home):
        return
    made = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "orrery_hub.standalone.sample", str(home.root)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if made.returncode:
        raise SampleError(f"The sample project's files could not be made:\n{made.stderr[-2000:]}")
    (home.state / "sample_files").touch(0o600)


def make_lake(lake: Path) -> None:
    """Write the data sets that scikit-learn ships, each as CSV and as Parquet."""
    from sklearn import datasets

    lake.mkdir(parents=True, exist_ok=True)
    for name in DATA_SETS:
        loaded = getattr(datasets, f"load_{name}")(as_frame=True)
        frame = loaded.frame.rename(columns=_snake)
        if "target_names" in loaded:
            frame["target_name"] = [str(loaded.target_names[i]) for i in frame["target"]]
        frame.to_csv(lake / f"{name}.csv", index=False)
        frame.to_parquet(lake / f"{name}.parquet", index=False)


def make_repository(bare: Path) -> None:
    """A bare repository with a first commit; one that has commits is left alone."""
    if not bare.exists():
        bare.parent.mkdir(parents=True, exist_ok=True)
        _git("init", "--quiet", "--bare", "--initial-branch", "main", "--", str(bare))
    if _git("--git-dir", str(bare), "for-each-ref", "--count=1"):
        return
    with tempfile.TemporaryDirectory() as work, as_file(files(__package__) / "content") as content:
        for name in ("README.md", "train_wine.ipynb"):
            shutil.copyfile(content / name, Path(work) / name)
        _git("init", "--quiet", "--initial-branch", "main", cwd=work)
        _git("add", "--all", cwd=work)
        author = ("-c", "user.name=Orrery", "-c", "user.email=orrery@localhost")
        message = "Train on the wine data and log to MLflow"
        _git(*author, "commit", "--quiet", "--no-gpg-sign", "--message", message, cwd=work)
        _git("push", "--quiet", str(bare), "main", cwd=work)


def starters() -> list[dict[str, Any]]:
    """The snippets that the sample project begins with, as the hub service takes them."""
    text = (files(__package__) / "content" / "starters.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return [one | {"scope": "project", "project": SLUG} for one in found]


def register(home: Home, address: str) -> None:
    """Tell the hub service, as the administrator, about the project and its snippets, the first time.

    Raises:
        SampleError: the hub or its service refused.
    """
    if is_registered(home):
        return
    try:
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            _register(client, home.password("admin"))
    except httpx.HTTPStatusError as problem:
        told = problem.response.text[:500]
        raise SampleError(f"The sample project was refused: {problem}: {told}") from problem
    except httpx.HTTPError as problem:
        raise SampleError(f"The sample project could not be registered: {problem!r}") from problem
    (home.state / "sample_registered").touch(0o600)


def _register(client: httpx.Client, password: str) -> None:
    asked = client.post(
        "/hub/api/users/admin/tokens",
        json={
            "auth": {"username": "admin", "password": password},
            "expires_in": 300,
            "note": "makes the sample project",
        },
    ).raise_for_status()
    token = asked.json()
    bearer = {"Authorization": f"Bearer {token['token']}"}
    api = "/services/orrery/api"
    try:
        client.get(
            f"{api}/me", headers=bearer
        ).raise_for_status()  # the first visit makes the project
        client.patch(
            f"{api}/projects/{SLUG}", headers=bearer, json={"description": DESCRIPTION}
        ).raise_for_status()
        there = client.get(f"{api}/snippets/changes", headers=bearer, params={"limit": 200})
        names = {one["name"] for one in there.raise_for_status().json()["upserts"]}
        for one in starters():
            if one["name"] not in names:
                client.post(f"{api}/snippets", headers=bearer, json=one).raise_for_status()
    finally:
        client.delete(f"/hub/api/users/admin/tokens/{token['id']}", headers=bearer)


def _snake(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def _git(*words: str, cwd: str | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603  # no shell
        ["git", *words],  # noqa: S607
        cwd=cwd,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout


def main() -> None:
    """Make what is missing of the files."""
    project = Home(Path(sys.argv[1])).projects / SLUG
    if find_spec("sklearn") and find_spec("pyarrow"):
        make_lake(project / "lake")
    make_repository(project / "code.git")


if __name__ == "__main__":
    main()
