"""The sample project of a first start: data, a repository with a notebook, starter snippets.

``python -m orrery_hub.standalone.sample <home> <slug>`` creates the files, in its own process because the libraries for the
data take seconds to import.
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

import httpx

from orrery_hub.standalone.home import Home
from orrery_wire.json_types import JsonObject
from orrery_wire.names import path_of

DATA_SETS = ("wine", "breast_cancer", "diabetes", "digits", "iris")
DESCRIPTION = "Real data sets, a notebook that trains on one of them, and snippets to start with."


class SampleError(Exception):
    """The sample project could not be created."""


def has_files(home: Home) -> bool:
    """Whether the files were created once; files that a user deletes stay deleted."""
    return (home.state / "sample_files").exists()


def is_registered(home: Home) -> bool:
    """Whether project and snippets were registered with the hub service once."""
    return (home.state / "sample_registered").exists()


def create_files(home: Home, slug: str) -> None:
    """Create lake and repository of the default project, in a separate process, on the first start.

    Where there is no default project (an empty ``slug``), there is nothing to create.

    Raises:
        SampleError: with the error output of that process.
    """
    if has_files(home) or not slug:
        return
    completed = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "orrery_hub.standalone.sample", str(home.root), slug],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if completed.returncode:
        raise SampleError(
            f"The sample project's files could not be created:\n{completed.stderr[-2000:]}"
        )
    (home.state / "sample_files").touch(0o600)


def create_lake(lake: Path) -> None:
    """Write the data sets of scikit-learn, each as CSV and as Parquet."""
    from sklearn import datasets

    lake.mkdir(parents=True, exist_ok=True)
    for name in DATA_SETS:
        bunch = getattr(datasets, f"load_{name}")(as_frame=True)
        frame = bunch.frame.rename(columns=_snake)
        if "target_names" in bunch:
            frame["target_name"] = [str(bunch.target_names[i]) for i in frame["target"]]
        frame.to_csv(lake / f"{name}.csv", index=False)
        frame.to_parquet(lake / f"{name}.parquet", index=False)


def create_repository(bare: Path) -> None:
    """Create a bare repository with a first commit; a repository with commits is left alone."""
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


def starter_snippets(slug: str) -> list[JsonObject]:
    """Starter snippets of the sample project, as request bodies of the hub service."""
    text = (files(__package__) / "content" / "starters.json").read_text(encoding="utf-8")
    snippets: list[JsonObject] = json.loads(text)
    return [snippet | {"scope": "project", "project": slug} for snippet in snippets]


def register(home: Home, address: str, admin: str, slug: str) -> None:
    """Register snippets of the default project with the hub service, as an administrator, on the first start.

    Where there is no default project (an empty ``slug``), there is nothing to register.

    Raises:
        SampleError: the hub or its service refused, or does not answer.
    """
    if is_registered(home) or not slug:
        return
    try:
        with httpx.Client(base_url=f"{address}/", timeout=30, trust_env=False) as client:
            _register(client, admin, home.password("admin"), slug)
    except httpx.HTTPStatusError as problem:
        detail = problem.response.text[:500]
        raise SampleError(f"The sample project was refused: {problem}: {detail}") from problem
    except httpx.HTTPError as problem:
        raise SampleError(f"The sample project could not be registered: {problem!r}") from problem
    (home.state / "sample_registered").touch(0o600)


def _register(client: httpx.Client, admin: str, password: str, slug: str) -> None:
    tokens = f"hub/api/{path_of('users', admin, 'tokens')}"
    response = client.post(
        tokens,
        json={
            "auth": {"username": admin, "password": password},
            "expires_in": 300,
            "note": "creates the sample project",
        },
    ).raise_for_status()
    token = response.json()
    bearer = {"Authorization": f"Bearer {token['token']}"}
    api = "services/orrery/api"
    try:
        # The first visit creates the project.
        client.get(f"{api}/me", headers=bearer).raise_for_status()
        client.patch(
            f"{api}/projects/{slug}", headers=bearer, json={"description": DESCRIPTION}
        ).raise_for_status()
        changes = client.get(f"{api}/snippets/changes", headers=bearer, params={"limit": 200})
        names = {snippet["name"] for snippet in changes.raise_for_status().json()["upserts"]}
        for snippet in starter_snippets(slug):
            if snippet["name"] not in names:
                client.post(f"{api}/snippets", headers=bearer, json=snippet).raise_for_status()
    finally:
        client.delete(f"{tokens}/{token['id']}", headers=bearer)


def _snake(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def _git(*words: str, cwd: str | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    completed = subprocess.run(  # noqa: S603  # no shell
        ["git", *words],  # noqa: S607
        cwd=cwd,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return completed.stdout


def main() -> None:
    """Create the files that are missing."""
    project = Home(Path(sys.argv[1])).projects / sys.argv[2]
    if find_spec("sklearn") and find_spec("pyarrow"):
        create_lake(project / "lake")
    create_repository(project / "code.git")


if __name__ == "__main__":
    main()
