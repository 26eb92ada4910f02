"""HTTP routes of datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query

from orrery_hub.base.auth import needs_scope
from orrery_hub.base.routing import Router
from orrery_hub.base.user import User
from orrery_hub.datasets.feature_sets import FeatureSetService
from orrery_hub.datasets.service import DatasetService
from orrery_hub.datasets.uses import CheckService, UseService
from orrery_hub.datasets.versions import VersionService
from orrery_wire import datasets as shapes
from orrery_wire.names import Slug
from orrery_wire.schemas import Page, PageQuery

Reader = Annotated[User, needs_scope("custom:orrery:datasets:read")]
Writer = Annotated[User, needs_scope("custom:orrery:datasets:write")]
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]
Filter = Annotated[shapes.DatasetQuery, Query()]
VersionFilter = Annotated[shapes.DatasetVersionQuery, Query()]
UseFilter = Annotated[shapes.DatasetUseQuery, Query()]
Paging = Annotated[PageQuery, Query()]


@dataclass(frozen=True)
class Services:
    """What the routes call."""

    datasets: DatasetService
    versions: VersionService
    uses: UseService
    checks: CheckService
    feature_sets: FeatureSetService


def router(services: Services) -> Router:
    """Routes of datasets."""
    routes = Router(prefix="/datasets", tags=["datasets"])

    @routes.get("")
    def list_datasets(user: Reader, query: Filter) -> Page[shapes.Dataset]:
        """The datasets that the user sees."""
        return services.datasets.list(user, query)

    @routes.post("", status_code=201)
    def create(user: Writer, request: shapes.DatasetIn) -> shapes.Dataset:
        """Create a dataset, without any version yet."""
        return services.datasets.create(user, request)

    # Before `/datasets/{dataset}`, which would match it too.
    @routes.get("/uses")
    def uses(user: Reader, query: UseFilter) -> Page[shapes.DatasetUse]:
        """What a notebook, a run, a model or a pipeline read and wrote."""
        return services.uses.of_all(user, query)

    routes.include_router(_dataset(services.datasets))
    routes.include_router(_versions(services.versions))
    routes.include_router(_states(services.versions))
    routes.include_router(_uses(services.uses, services.checks))
    routes.include_router(_feature_sets(services.feature_sets))
    return routes


def _dataset(service: DatasetService) -> Router:
    routes = Router()

    @routes.get("/{dataset}")
    def get(user: Reader, dataset: Id) -> shapes.Dataset:
        """One dataset."""
        return service.get(user, dataset)

    @routes.patch("/{dataset}")
    def update(user: Writer, dataset: Id, request: shapes.DatasetPatch) -> shapes.Dataset:
        """Change what is said about a dataset, archive it or bring it back."""
        return service.update(user, dataset, request)

    @routes.delete("/{dataset}", status_code=204)
    def delete(user: Writer, dataset: Id) -> None:
        """Delete a dataset; it can be brought back, and its data stays where it lies."""
        service.delete(user, dataset)

    @routes.post("/{dataset}/undelete")
    def undelete(user: Writer, dataset: Id) -> shapes.Dataset:
        """Bring a deleted dataset back."""
        return service.undelete(user, dataset)

    @routes.post("/{dataset}/purge", status_code=204)
    def purge(user: Writer, dataset: Id) -> None:
        """Remove a deleted dataset for good, with all that is known of its versions."""
        service.purge_now(user, dataset)

    return routes


def _versions(service: VersionService) -> Router:
    routes = Router(prefix="/{dataset}/versions")

    @routes.get("")
    def versions(user: Reader, dataset: Id, query: VersionFilter) -> Page[shapes.DatasetVersion]:
        """The versions of a dataset, newest first."""
        return service.list(user, dataset, query)

    @routes.post("", status_code=201)
    def add_version(
        user: Writer, dataset: Id, request: shapes.DatasetVersionIn
    ) -> shapes.DatasetVersionDetail:
        """Add a version; what it holds never changes."""
        return service.add(user, dataset, request)

    @routes.get("/{number}")
    def version(user: Reader, dataset: Id, number: Id) -> shapes.DatasetVersionDetail:
        """One version, with its columns and parents."""
        return service.get(user, dataset, number)

    @routes.get("/{number}/parts")
    def parts(user: Reader, dataset: Id, number: Id, query: Paging) -> Page[shapes.DatasetPart]:
        """The files or objects of a version."""
        return service.parts(user, dataset, number, query)

    @routes.get("/{number}/profile")
    def profile(user: Reader, dataset: Id, number: Id) -> shapes.DatasetProfile:
        """The profile of a version."""
        return service.profile(user, dataset, number)

    @routes.put("/{number}/profile")
    def save_profile(
        user: Writer, dataset: Id, number: Id, request: shapes.DatasetProfile
    ) -> shapes.DatasetVersionDetail:
        """Store the profile of a version, once."""
        return service.save_profile(user, dataset, number, request)

    return routes


def _states(service: VersionService) -> Router:
    routes = Router(prefix="/{dataset}/versions/{number}")

    @routes.post("/publish")
    def publish(user: Writer, dataset: Id, number: Id) -> shapes.DatasetVersionDetail:
        """Say that a version is to be used."""
        return service.publish(user, dataset, number)

    @routes.post("/archive")
    def archive(user: Writer, dataset: Id, number: Id) -> shapes.DatasetVersionDetail:
        """Take a version out of use."""
        return service.archive(user, dataset, number)

    @routes.post("/restore")
    def restore(user: Writer, dataset: Id, number: Id) -> shapes.DatasetVersionDetail:
        """Bring an archived version back."""
        return service.restore(user, dataset, number)

    return routes


def _uses(uses: UseService, checks: CheckService) -> Router:
    routes = Router(prefix="/{dataset}/versions/{number}")

    @routes.get("/uses")
    def version_uses(
        user: Reader, dataset: Id, number: Id, query: UseFilter
    ) -> Page[shapes.DatasetUse]:
        """What read or wrote a version."""
        return uses.of_version(user, dataset, number, query)

    # Whoever sees a dataset reads it, so that reading it is noted with the right to read.
    @routes.post("/uses", status_code=201)
    def add_use(
        user: Reader, dataset: Id, number: Id, request: shapes.DatasetUseIn
    ) -> shapes.DatasetUse:
        """Note what read or wrote a version."""
        return uses.add(user, dataset, number, request)

    @routes.get("/checks")
    def version_checks(
        user: Reader, dataset: Id, number: Id, query: Paging
    ) -> Page[shapes.DatasetCheck]:
        """What checks of a version gave."""
        return checks.list(user, dataset, number, query)

    @routes.post("/checks", status_code=201)
    def add_check(
        user: Writer, dataset: Id, number: Id, request: shapes.DatasetCheckIn
    ) -> shapes.DatasetCheck:
        """Store what a suite of checks gave on a version."""
        return checks.add(user, dataset, number, request)

    return routes


def _feature_sets(service: FeatureSetService) -> Router:
    routes = Router(prefix="/{dataset}/features")

    @routes.get("")
    def feature_sets(user: Reader, dataset: Id, query: Paging) -> Page[shapes.FeatureSet]:
        """The feature sets of a dataset."""
        return service.list(user, dataset, query)

    @routes.put("/{features}")
    def save_features(
        user: Writer, dataset: Id, features: Slug, request: shapes.FeatureSetIn
    ) -> shapes.FeatureSet:
        """Store a feature set under a name."""
        return service.save(user, dataset, features, request)

    @routes.delete("/{features}", status_code=204)
    def delete_features(user: Writer, dataset: Id, features: Slug) -> None:
        """Remove a feature set."""
        service.delete(user, dataset, features)

    return routes
