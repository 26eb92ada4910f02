"""B14: opening the panel and typing into its search field, with 1,000, 10,000 and 100,000 snippets."""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import httpx
import psutil

from tests.bench.corpus import as_files, snippets, typed
from tests.bench.method import Goal, Result, Sample, alternate, finish, median, percentile, values
from tests.hub.hubs import Hub
from tests.security.labs import Lab

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
SERVICE = {"1k": 10.0, "10k": 10.0, "100k": 50.0}
KEYS = 60
PAGE = 100


def timed(act: Callable[[], object]) -> Sample:
    """Wall time and this process's CPU time of an act."""
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    act()
    took = (time.perf_counter() - begun) * 1000
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "ms": took,
        "cpu_s": after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime,
    }


@contextmanager
def service(folder: Path) -> Iterator[Callable[[str], object]]:
    """A search at the service itself, on the backend `files`."""
    from traitlets.config import Config

    from orrery_server.snippets.schemas import SnippetQuery
    from orrery_server.snippets.service import SnippetService

    config = Config()
    config.SnippetService.backend = "files"
    config.SnippetService.folder = str(folder.parent)
    config.FileSnippets.folder = str(folder)
    config.GitSnippets.folder = str(folder.parent / "libraries")
    with asyncio.Runner() as runner:

        async def made() -> SnippetService:
            return SnippetService(config=config)

        one = runner.run(made())
        # Not the runner's own `run`: it sets and takes back a signal handler each time, for which
        # it writes out the whole answer twice.
        within = runner.get_loop().run_until_complete
        yield lambda q: within(one.list(SnippetQuery(q=q, limit=PAGE)))
        runner.run(one.stop())


def peer(folder: Path, words: str) -> int:
    """Read every JSON file and look at each: what there is to do without an index."""
    wanted = words.lower().split()
    found = 0
    for path in folder.glob("*.json"):
        kept = json.loads(path.read_bytes())["content"]
        text = " ".join(
            [
                kept["name"],
                kept["description"],
                *kept["tags"],
                *(c["source"] for c in kept["cells"]),
            ]
        ).lower()
        found += all(word in text for word in wanted)
    return found


def over_http(client: httpx.Client, words: str) -> Sample:
    """One request as the panel makes it, with the bytes of the answer."""
    begun = time.perf_counter()
    answer = client.get("orrery/snippets", params={"q": words, "limit": PAGE})
    took = (time.perf_counter() - begun) * 1000
    assert answer.status_code == 200, answer.text
    return {"ms": took, "kb": len(answer.content) / 1024}


@contextmanager
def lab(home: Path, **environment: str) -> Iterator[tuple[Lab, httpx.Client]]:
    """A lab whose first look at the snippets is over."""
    one = Lab(home, token="b" * 32, **environment)
    one.log_level = "WARN"
    try:
        with one.start().person() as person:
            yield one, person
    finally:
        one.stop()


@contextmanager
def hub_lab(home: Path, count: int) -> Iterator[tuple[Lab, httpx.Client]]:
    """A lab whose snippets lie at a hub."""
    hub = Hub(home / "hub")
    hub.start()
    try:
        token = hub.token("bench")
        hub.stop()
        _fill_hub(home / "hub", count)
        hub.start()
        environment = {
            "ORRERY_HUB_URL": hub.service,
            "JUPYTERHUB_API_TOKEN": token,
            "JUPYTERHUB_USER": "bench",
        }
        with lab(home / "lab", **environment) as found:
            yield found
    finally:
        hub.stop()


def _fill_hub(home: Path, count: int) -> None:
    """Through the service's own code; only the disk is not waited for."""
    from sqlalchemy import event

    from orrery_hub.base import people
    from orrery_hub.base.auth import User
    from orrery_hub.base.db import Database
    from orrery_hub.projects.store import memberships
    from orrery_hub.scopes import NAMES
    from orrery_hub.snippets.service import SnippetService
    from orrery_wire.snippets import SnippetIn

    database = Database(f"sqlite:///{home / 'state' / 'orrery.sqlite'}")

    def hurry(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(database.engine, "connect", hurry)
    service = SnippetService(database, memberships)
    with database.write() as session:
        somebody = User("bench", people.find_or_invite(session, "bench").id, scopes=NAMES)
    for one in snippets(count):
        service.save(somebody, SnippetIn.model_validate(one))
    database.close()


def rss(one: Lab) -> float:
    """Megabytes of the lab's process."""
    assert one.process
    return float(psutil.Process(one.process.pid).memory_info().rss) / 2**20


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    series: dict[str, list[dict[str, float]]] = {}
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for name, count in SIZES.items():
            folder = root / name / "data" / "orrery" / "snippets"
            as_files(folder, count)
            _at_service(folder, name, series, notes)
            _at_lab(root / name, name, series, notes)
        for name in ("1k", "10k"):
            _at_hub(root / f"hub-{name}", name, series, notes)
    return finish(
        Result(
            "snippets",
            "B14 Snippets",
            "One sample is one key in the search field (five phrases typed letter by letter, a page of 100 rows with"
            " facets), or one opening of the panel. *Service* is a call in the server's process, *HTTP* a request to a"
            " lab with files, *hub* the same with the store at the hub. The peer is not an installed extension but the"
            " bare operation of Elyra's code snippets: read all JSON files and filter them.",
            series,
            _goals(series),
            notes,
        ),
        force=force,
        load=load,
    )


def _at_service(
    folder: Path, name: str, series: dict[str, list[dict[str, float]]], notes: list[str]
) -> None:
    with service(folder) as search:
        first = timed(lambda: search(""))
        notes.append(
            f"{name}: the very first look after a start reads every file once, {first['ms']:,.0f} ms."
        )
        keys = cycle(typed())
        found = alternate(
            {
                f"{name} search, service": lambda: timed(lambda: search(next(keys))),
                f"{name} open, service": lambda: timed(lambda: search("")),
            },
            KEYS,
        )
        words = cycle(typed())
        found |= alternate(
            {
                f"{name} read all and filter (peer)": lambda: timed(
                    lambda: peer(folder, next(words))
                )
            },
            warm=0,
        )
        series.update(found)


def _at_lab(
    home: Path, name: str, series: dict[str, list[dict[str, float]]], notes: list[str]
) -> None:
    with lab(home) as (one, client):
        begun = rss(one)
        over_http(client, "")
        notes.append(
            f"{name}: the lab's process grows by {rss(one) - begun:,.0f} MB with the index."
        )
        series.update(_typed_and_opened(client, f"{name}", "HTTP"))


def _at_hub(
    home: Path, name: str, series: dict[str, list[dict[str, float]]], notes: list[str]
) -> None:
    with hub_lab(home, SIZES[name]) as (_, client):
        first = over_http(client, "")
        notes.append(f"{name} at the hub: the very first look takes {first['ms']:,.0f} ms.")
        while client.get("orrery/snippets", params={"scope": "mine"}).json()["total"] < SIZES[name]:
            time.sleep(0.2)
        series.update(_typed_and_opened(client, name, "hub"))


def _typed_and_opened(
    client: httpx.Client, name: str, level: str
) -> dict[str, list[dict[str, float]]]:
    keys = cycle(typed())
    return alternate(
        {
            f"{name} search, {level}": lambda: over_http(client, next(keys)),
            f"{name} open, {level}": lambda: over_http(client, ""),
        },
        KEYS,
    )


def _goals(series: dict[str, list[dict[str, float]]]) -> list[Goal]:
    goals = []
    for name, limit in SERVICE.items():
        samples = series[f"{name} search, service"]
        goals.append(Goal(f"search at {name}, service, median", median(samples), limit, "ms"))
        goals.append(
            Goal(f"search at {name}, service, p95", percentile(values(samples), 0.95), limit, "ms")
        )
        opened = series[f"{name} open, HTTP"]
        goals.append(Goal(f"open at {name}, HTTP, median", median(opened), 30, "ms"))
    return goals
