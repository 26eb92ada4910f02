"""What the page before a start shows to a person, for an administrator: with what it does not show, and why."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from orrery_hub.base.contracts import ProjectDirectory, StartGate
from orrery_hub.base.db import Database
from orrery_hub.base.people import PersonRow, current
from orrery_hub.pools import store
from orrery_hub.pools.launch import LaunchService
from orrery_hub.pools.leases import PoolLeases
from orrery_hub.pools.schemas import LaunchPreview, WithheldProfile
from orrery_hub.pools.store import PoolRow, ProfileRow
from orrery_wire.errors import NotFound

_NAMED_PROJECTS = 5


class PreviewService:
    """Shows the page before a start as a person would see it."""

    def __init__(
        self,
        database: Database,
        launches: LaunchService,
        leases: PoolLeases,
        projects: ProjectDirectory,
        *,
        gates: Sequence[StartGate] = (),
    ) -> None:
        self._database = database
        self._launches = launches
        self._leases = leases
        self._projects = projects
        self._gates = gates

    def show(self, account_id: int, server: str) -> LaunchPreview:
        """What a person sees, and what is withheld.

        Raises:
            NotFound: there is no such person.
        """
        with self._database.read() as session:
            row = session.get(PersonRow, account_id)
            if row is None:
                raise NotFound(
                    "There is no such person",
                    reason="Nobody has that number.",
                    remedy="Look at the list of people.",
                )
            name, person_id = row.hub_name, current(session, row).id
        choices = self._launches.choices(name, person_id, server)
        shown = {choice.slug for choice in choices.profiles}
        with self._database.read() as session:
            refusals = [refusal for gate in self._gates if (refusal := gate(session)) is not None]
            withheld = tuple(
                self._withheld(session, profile, person_id)
                for profile in store.every(session, ProfileRow)
                if profile.slug not in shown
            )
        fields = {field: getattr(choices, field) for field in type(choices).model_fields}
        # What somebody put into an environment or a script may be a secret, and is nobody else's.
        own = choices.last and choices.last.model_copy(
            update={"environment": {}, "startup_script": ""}
        )
        return LaunchPreview(
            **(fields | {"last": own}),
            person=name,
            closed=" ".join(f"{refusal.message}. {refusal.reason}" for refusal in refusals),
            withheld=withheld,
        )

    def _withheld(self, session: Session, profile: ProfileRow, person_id: int) -> WithheldProfile:
        pool = session.get_one(PoolRow, profile.pool_id)
        if profile.is_hidden:
            reason = "The profile is hidden: nobody can start it."
        else:
            reason = self._why_not_granted(session, pool, person_id)
        return WithheldProfile(
            slug=profile.slug, name=profile.name, pool_name=pool.name, reason=reason
        )

    def _why_not_granted(self, session: Session, pool: PoolRow, person_id: int) -> str:
        """A pool that is not for everyone needs an owner or editor of a project that has a grant."""
        granted = store.grants_of(session, pool.id)
        if not granted:
            return f"The pool {pool.name} is neither for everyone nor granted to a project."
        names = self._projects.names(session, granted)
        seen_in = [
            slug for id_, slug, _ in self._leases.roles(session, person_id) if id_ in granted
        ]
        if seen_in:
            return f"The person is only a viewer of {', '.join(sorted(seen_in))}; owners and editors start servers for it."
        slugs = sorted(slug for slug, _ in names.values())
        more = f" and {len(slugs) - _NAMED_PROJECTS} more" if len(slugs) > _NAMED_PROJECTS else ""
        return (
            f"The pool {pool.name} is granted to {', '.join(slugs[:_NAMED_PROJECTS])}{more}, and the person is in none"
            " of them."
        )
