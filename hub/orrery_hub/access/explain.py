"""Why somebody can do something, or cannot: every condition, with the role, group or claim behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from orrery_hub import scopes
from orrery_hub.access import store
from orrery_hub.access.enforcement import Access
from orrery_hub.access.roles import BY_NAME, has_permission, permissions_of
from orrery_hub.access.schemas import Action, ExplainQuery, Explanation, RoleGrant, Step
from orrery_hub.base.accounts import Account, Accounts
from orrery_hub.base.auth import DeclaredRoute
from orrery_hub.base.claims import claim_parts
from orrery_hub.base.contracts import Condition, Judge, Standing
from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_wire.errors import Forbidden, NotFound
from orrery_wire.schemas import Page, PageQuery

_READING = frozenset({"HEAD", "OPTIONS"})
Routes = Callable[[], Sequence[DeclaredRoute]]


class Explainer:
    """Explains by the same facts and functions by which requests are decided.

    ``routes`` gives every route of the service, ``rules`` what some of them ask beside their scope.
    """

    def __init__(
        self,
        database: Database,
        access: Access,
        accounts: Accounts,
        *,
        routes: Routes,
        rules: Mapping[str, Judge],
    ) -> None:
        self._database = database
        self._access = access
        self._accounts = accounts
        self._routes = routes
        self._rules = rules

    def actions(self, query: PageQuery) -> Page[Action]:
        """One page of what can be asked for, ordered by name."""
        actions = sorted(self._actions().values(), key=lambda action: action.name)
        part = tuple(actions[query.offset : query.offset + query.limit])
        return Page(items=part, total=len(actions), offset=query.offset, limit=query.limit)

    def _actions(self) -> dict[str, Action]:
        """Every route with a scope, by its name: the first part of its path, and its function."""
        actions = {}
        for route in self._routes():
            path = route.path.partition("/api")[2]
            methods = sorted(route.methods - _READING)
            if route.scope is None or not path or not methods:
                continue
            name = f"{path.split('/')[1]}.{route.name}"
            actions[name] = Action(
                name=name,
                method=methods[0],
                path=path,
                permission=route.scope,
                asks_more=name in self._rules,
            )
        return actions

    async def explain(self, query: ExplainQuery) -> Explanation:
        """Every condition of an action for a person and an object.

        Raises:
            NotFound: there is no such action.
            BackendUnavailable: JupyterHub does not answer.
        """
        action = self._actions().get(query.action)
        if action is None:
            raise NotFound(
                f"There is no action {query.action!r}",
                reason="An action is named by capability and verb, such as projects.update.",
                remedy="Look at the list of actions (`orrery access actions`).",
            )
        account = await self._accounts.read(query.user)
        if account is None:
            steps = [
                Step(is_met=False, what="has an account", why="JupyterHub knows no such name.")
            ]
        else:
            steps = await self._steps_of(account, action, query.object)
        return Explanation(
            user=query.user,
            action=action.name,
            object=query.object,
            permission=action.permission,
            is_allowed=all(step.is_met for step in steps),
            steps=tuple(steps),
            at=now(),
        )

    async def _steps_of(self, account: Account, action: Action, target: str) -> list[Step]:
        try:
            person_id = await self._accounts.identify(account)
        except Forbidden as problem:
            return [Step(is_met=False, what="has an account that is admitted", why=problem.reason)]
        return await asyncio.to_thread(self._steps, account, person_id, action, target)

    def _steps(self, account: Account, person_id: int, action: Action, target: str) -> list[Step]:
        standing = Standing(account.name, account.admin, account.groups)
        is_administrator = self._access.is_administrator(standing)
        self._access.follow(person_id, standing)
        with self._database.read() as session:
            grants = self._access.grants_of(session, person_id, is_administrator=is_administrator)
            steps = [self._permission(session, grants, action.permission)]
            judge = self._rules.get(action.name)
            overrides = store.overrides(session)
            allowed = frozenset[str]().union(
                *(permissions_of(BY_NAME[grant.role], overrides) for grant in grants)
            )
            user = User(account.name, person_id, is_administrator, allowed)
            conditions: Sequence[Condition] = judge(session, user, target) if judge else ()
        steps += [Step(is_met=met, what=what, why=why) for met, what, why in conditions]
        return steps

    @staticmethod
    def _permission(session: Session, grants: Sequence[RoleGrant], permission: str) -> Step:
        (scope,) = (scope for scope in scopes.TABLE if scope.name == permission)
        overrides = store.overrides(session)
        holders = [g for g in grants if has_permission(BY_NAME[g.role], scope, overrides)]
        if not holders:
            roles = ", ".join(sorted({grant.role for grant in grants}))
            words = f"No role of the person has it; the roles are: {roles}."
            return Step(is_met=False, what=f"has the permission {permission}", why=words)
        words = "; ".join(f"role {grant.role}, {_origin(grant)}" for grant in holders)
        return Step(is_met=True, what=f"has the permission {permission}", why=f"By {words}.")


def _origin(grant: RoleGrant) -> str:
    if grant.source == "claim":
        kind, value = claim_parts(grant.claim)
        title = "group" if kind == "group" else "app role"
        return f"mapped from the {title} {value!r} at the log-in provider"
    return {
        "administrator": "because the account administers the hub",
        "assigned": "given by an administrator",
        "default": "which everybody has to whom no other was given",
    }[grant.source]
