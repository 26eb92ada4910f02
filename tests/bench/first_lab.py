"""From the command to the first lab: `orrery up`, a login, a lab that answers; all parts, MLflow too."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from tests.bench.method import SAMPLES, Goal, Result, Sample, finish, median
from tests.conftest import orrery, start
from tests.faults.people import Person


def once(*options: str) -> Sample:
    """An empty state directory, one start, one person."""
    home = Path(tempfile.mkdtemp()) / "home"
    try:
        begun = time.perf_counter()
        product = start(home, *options)
        up = time.perf_counter() - begun
        with Person(product, "ada") as ada:
            ada.enter()
        return {"up_s": up, "lab_s": time.perf_counter() - begun - up,
                "seconds": time.perf_counter() - begun}  # fmt: skip
    finally:
        orrery(home, "down")
        shutil.rmtree(home.parent, ignore_errors=True)


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    series = {"the whole product": [dict(once()) for _ in range(SAMPLES)]}
    series["without MLflow"] = [dict(once("--no-mlflow")) for _ in range(5)]
    whole = median(series["the whole product"], "seconds")
    return finish(
        Result(
            "first_lab",
            "From `orrery up` to the first lab",
            "Everything is installed; each sample begins with an empty state directory, so it makes the secrets, the"
            " databases, the sample project with its data, and the person's home. There is no peer that does this.",
            series,
            [Goal("`orrery up`, log in, lab answers; median", whole, 30, "s")],
        ),
        force=force,
        load=load,
    )
