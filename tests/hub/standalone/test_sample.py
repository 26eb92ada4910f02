"""The sample project: real data, a repository, a notebook that trains, snippets that the hub knows."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from orrery_hub.standalone import sample, state
from orrery_hub.standalone.home import Home
from orrery_wire.snippets import SnippetIn
from tests.conftest import Product

CLASSES = ("wine", "breast_cancer", "digits", "iris")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "lake"
    sample.create_lake(folder)
    return folder


@pytest.mark.parametrize("name", sample.DATA_SETS)
def test_a_data_set_is_there_twice_and_the_same(lake: Path, name: str) -> None:
    parquet = pd.read_parquet(lake / f"{name}.parquet")
    csv = pd.read_csv(lake / f"{name}.csv", dtype={"target_name": str})
    # Imported here: every worker collects this file, and one runs it.
    from sklearn import datasets

    original = getattr(datasets, f"load_{name}")(as_frame=True)
    assert parquet.shape[0] == len(original.target)
    assert list(parquet["target"]) == list(original.target)
    assert all(column.isidentifier() and column.islower() for column in parquet.columns)
    assert len(set(parquet.columns)) == parquet.shape[1]
    assert ("target_name" in parquet) == (name in CLASSES)
    assert list(csv.columns) == list(parquet.columns)
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)


def test_the_columns_have_the_names_that_snippets_use(lake: Path) -> None:
    assert {"alcohol", "od280_od315_of_diluted_wines", "color_intensity"} <= set(
        pd.read_parquet(lake / "wine.parquet").columns
    )
    assert "sepal_length_cm" in pd.read_parquet(lake / "iris.parquet").columns
    assert set(pd.read_parquet(lake / "breast_cancer.parquet")["target_name"]) == {
        "malignant",
        "benign",
    }


def test_the_repository_can_be_cloned_and_is_made_once(tmp_path: Path) -> None:
    bare = tmp_path / "code.git"
    sample.create_repository(bare)
    head = (bare / "refs" / "heads" / "main").read_text()
    sample.create_repository(bare)
    assert (bare / "refs" / "heads" / "main").read_text() == head
    subprocess.run(["git", "clone", "-q", str(bare), str(tmp_path / "code")], check=True)
    assert {file.name for file in (tmp_path / "code").iterdir()} == {
        ".git",
        "README.md",
        "train_wine.ipynb",
    }


def test_an_empty_repository_that_the_hub_service_made_is_filled(tmp_path: Path) -> None:
    bare = tmp_path / "code.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    sample.create_repository(bare)
    assert (bare / "refs" / "heads" / "main").exists()


def test_the_starters_are_snippets(lake: Path) -> None:
    starters = [SnippetIn.model_validate(snippet) for snippet in sample.starter_snippets("sample")]
    assert len(starters) >= 5
    assert len({snippet.name for snippet in starters}) == len(starters)
    assert {snippet.scope for snippet in starters} == {"project"}


def member(product: Product, name: str) -> httpx.Client:
    token = httpx.post(
        f"{product.address}/hub/api/users/{name}/tokens",
        json={"auth": {"username": name, "password": product.password(name)}},
        trust_env=False,
    ).raise_for_status()
    return httpx.Client(
        base_url=f"{product.address}/services/orrery/api",
        headers={"Authorization": f"Bearer {token.json()['token']}"},
        trust_env=False,
    )


def test_the_hub_service_knows_the_project_and_its_snippets(product: Product) -> None:
    with member(product, "admin") as admin:
        project: dict[str, Any] = admin.get("/projects/sample").raise_for_status().json()
        assert project["role"] == "owner"
        assert project["description"] == sample.DESCRIPTION
        assert Path(project["lake"]) == product.home / "projects" / "sample" / "lake"
        assert len(list(Path(project["lake"]).glob("*.parquet"))) == 5
        assert (Path(project["repository"]) / "refs" / "heads" / "main").exists()
        changes = admin.get("/snippets/changes", params={"limit": 200}).raise_for_status().json()
    names = {snippet["name"] for snippet in changes["upserts"] if snippet["scope"] == "project"}
    assert {snippet["name"] for snippet in sample.starter_snippets("sample")} <= names
    assert all(snippet["writable"] for snippet in changes["upserts"])


def test_what_was_registered_is_not_registered_again(product: Product) -> None:
    home = Home(product.home)
    assert sample.is_registered(home)
    sample.register(home, "http://127.0.0.1:9", "admin", "sample")  # nobody is asked


def test_registering_twice_makes_no_doubles(product: Product) -> None:
    (product.home / "state" / "sample_registered").unlink()
    sample.register(Home(product.home), product.address, "admin", "sample")
    with member(product, "admin") as admin:
        changes = admin.get("/snippets/changes", params={"limit": 200}).raise_for_status().json()
    # Others save snippets in the same project meanwhile.
    starters = {snippet["name"] for snippet in sample.starter_snippets("sample")}
    names = [snippet["name"] for snippet in changes["upserts"] if snippet["name"] in starters]
    assert sorted(names) == sorted(starters)


def test_a_hub_that_does_not_answer_is_told(home: Home) -> None:
    with pytest.raises(sample.SampleError, match="could not be registered"):
        sample.register(home, "http://127.0.0.1:9", "admin", "sample")
    assert not sample.is_registered(home)


def test_the_notebook_trains_and_logs_to_mlflow(
    product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = state.read(Home(product.home))
    assert status is not None
    tracking = f"http://127.0.0.1:{status.processes['mlflow'].port}"
    project = product.home / "projects" / "sample"
    subprocess.run(
        ["git", "clone", "-q", str(project / "code.git"), str(tmp_path / "code")], check=True
    )
    (tmp_path / "lake").symlink_to(project / "lake")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking)
    notebook = nbformat.read(tmp_path / "code" / "train_wine.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path / "code")}}
    ).execute()

    with httpx.Client(base_url=f"{tracking}/api/2.0/mlflow", trust_env=False) as mlflow:
        experiment = mlflow.get("/experiments/get-by-name", params={"experiment_name": "wine"})
        number = experiment.raise_for_status().json()["experiment"]["experiment_id"]
        runs = mlflow.post("/runs/search", json={"experiment_ids": [number]}).json()["runs"]
    assert len(runs) == 1
    assert runs[0]["info"]["status"] == "FINISHED"
    metrics = {snippet["key"]: snippet["value"] for snippet in runs[0]["data"]["metrics"]}
    assert metrics["accuracy"] > 0.9
    assert list((product.home / "mlflow" / "artifacts").rglob("MLmodel"))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    assert "predicted" in notebook.cells[-1]["outputs"][0]["data"]["text/html"]
