"""A list asks the database as often for many rows as for few: what is asked for each row is slow with ten thousand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyterhub import orm
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.bench.many_people import Size, created, fill, fill_jupyterhub
from tests.hub.services import ADMIN, USER, Service
from tests.security.routes import of_hub

FEW, MANY = 2, 22
SIZE = Size(people=30, projects=30, members=25, audit=30, ledger=1, requests=30, roles=10)
# Lists that this data fills; the others are short.
FILLED = {
    *("/access/people", "/admin/projects", "/admin/projects/{slug}/members", "/audit"),
    *("/budgets", "/budgets/costs", "/budgets/requests", "/people"),
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to any database meanwhile."""
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def test_a_list_asks_as_often_for_many_rows_as_for_few(service: Service) -> None:
    with service.database.write() as session:
        fill(session, SIZE)
    compared = set()
    with service.client("root", admin=True, holds=ADMIN | USER) as root:
        for route in of_hub(service.app):
            if "GET" not in route.verbs or not route.scope:
                continue
            template = route.pattern.partition("/api")[2]
            path = route.path({"slug": "project-1"}).partition("/api")[2]
            asked = []
            for limit in (FEW, FEW, MANY):  # the first of them finds who asks
                with counted() as statements:
                    answer = root.get(path, params={"limit": limit})
                page = answer.json() if answer.is_success else None
                if not isinstance(page, dict) or len(page.get("items", ())) != limit:
                    break
                asked.append(statements)
            else:
                compared.add(template)
                extra = len(asked[2]) - len(asked[1])
                assert extra < (MANY - FEW) / 2, (template, asked[2])
    assert compared >= FILLED, FILLED - compared


def test_people_of_a_filled_jupyterhub_have_accounts_and_the_role_of_users(tmp_path: Path) -> None:
    file = tmp_path / "state" / "jupyterhub.sqlite"
    fill_jupyterhub(file, 3)
    session = orm.new_session_factory(f"sqlite:///{file}")()
    users = session.query(orm.User).order_by(orm.User.id).all()
    assert [user.name for user in users] == ["person-1", "person-2", "person-3"]
    assert {role.name for user in users for role in user.roles} == {"user"}
    assert users[1].created == created(2).replace(tzinfo=None)
    session.close()
