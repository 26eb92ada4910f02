"""The variables of a snippet body, here and now."""

from __future__ import annotations

import getpass
import os
import random
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from orrery_kernels.client import Client
from orrery_wire.errors import OrreryError
from orrery_wire.types.projects import Project, ProjectsCalls

_TABLES = frozenset(
    (".arrow", ".csv", ".feather", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv")
)
_FRAMES = frozenset({"pandas", "polars", "pyspark", "dask", "cudf", "modin"})


def dataframes(namespace: Mapping[str, object]) -> list[str]:
    """The names of the dataframes in a namespace, newest last; recognised without importing any library."""
    return [
        name
        for name, value in list(namespace.items())
        if not name.startswith("_")
        and type(value).__name__ == "DataFrame"
        and type(value).__module__.partition(".")[0] in _FRAMES
    ]


def variables(client: Client, namespace: Mapping[str, object] | None = None) -> dict[str, str]:
    """The values of variables: date, person, file, the chosen dataframe, the current project and its lake."""
    frames = dataframes(namespace or {})
    frame = "df" if "df" in frames or not frames else frames[-1]
    return {
        **_now(),
        **_file(),
        **_project(client),
        "BLOCK_COMMENT_END": '"""',
        "BLOCK_COMMENT_START": '"""',
        "DATAFRAME": frame,
        "LINE_COMMENT": "#",
        "MLFLOW_TRACKING_URI": os.environ.get("MLFLOW_TRACKING_URI", ""),
        "RANDOM": f"{random.randrange(10**6):06}",  # noqa: S311 - for names, not for secrets
        "RANDOM_HEX": f"{random.randrange(16**6):06x}",  # noqa: S311
        "USER": os.environ.get("JUPYTERHUB_USER") or _login(),
        "UUID": str(uuid.uuid4()),
    }


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _now() -> dict[str, str]:
    now = datetime.now().astimezone()
    zone = now.strftime("%z")
    named = {
        "YEAR": "%Y",
        "YEAR_SHORT": "%y",
        "MONTH": "%m",
        "MONTH_NAME": "%B",
        "MONTH_NAME_SHORT": "%b",
        "DATE": "%d",
        "DAY_NAME": "%A",
        "DAY_NAME_SHORT": "%a",
        "HOUR": "%H",
        "MINUTE": "%M",
        "SECOND": "%S",
    }
    values = {f"CURRENT_{name}": now.strftime(form) for name, form in named.items()}
    values["CURRENT_SECONDS_UNIX"] = str(int(now.timestamp()))
    values["CURRENT_TIMEZONE_OFFSET"] = f"{zone[:3]}:{zone[3:]}"
    return values


def _file() -> dict[str, str]:
    """The notebook, where the server has named its path to the kernel; paths are those from its folder."""
    values = {"WORKSPACE_FOLDER": ".", "WORKSPACE_NAME": Path.cwd().name}
    session = os.environ.get("JPY_SESSION_NAME", "")
    if session.endswith(".ipynb"):
        path = Path(session)
        values |= {
            "RELATIVE_FILEPATH": path.name,
            "TM_DIRECTORY": ".",
            "TM_FILENAME": path.name,
            "TM_FILENAME_BASE": path.stem,
            "TM_FILEPATH": path.name,
        }
    return values


def _project(client: Client) -> dict[str, str]:
    """The current project; a server that cannot say leaves the snippets' own defaults."""
    try:
        project = ProjectsCalls(client).current(timeout=5)["project"]
    except OrreryError:
        return {}
    if project is None:
        return {}
    lake = _lake(project)
    values = {"PROJECT": project["slug"], "LAKE": lake}
    datasets = [] if "://" in lake or not lake else _tables(Path(lake))
    return values | ({"DATASET": datasets[0]} if datasets else {})


def _tables(lake: Path) -> list[str]:
    """The tables directly in a lake, without the ends of their names."""
    try:
        names = [file.stem for file in lake.iterdir() if file.suffix.lower() in _TABLES]
    except OSError:
        return []
    return sorted(set(names))


def _lake(project: Project) -> str:
    """The lake as code in this folder reaches it: by URL, or by a path relative to here."""
    lake = project["lake"]
    if "://" in lake or not lake:
        return lake
    linked = Path.home() / project["slug"] / "lake"
    try:
        return os.path.relpath(linked if linked.is_dir() else lake, Path.cwd())
    except ValueError:  # on another drive, to which no relative path leads
        return lake
