"""Faults that somebody might write, each with the tests that must notice it.

A fault is one piece of a file and what is put in its place. A piece that is not in the file any more fails the quick
test, so that the list keeps up with the code.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and who must notice; ``tests`` are arguments of pytest."""

    name: str
    file: str
    text: str
    replacement: str
    tests: tuple[str, ...]


_HANDLERS = "server_ext/orrery_server/base/handlers.py"
_TEST_HANDLERS = "tests/server/base/test_handlers.py"
_TEST_CONFIG = "tests/hub/test_config.py"

FAULTS: tuple[Fault, ...] = (
    Fault(
        "authentication in the lab: everybody is let in",
        _HANDLERS,
        "            await super().prepare()\n",
        '            self.current_user = User(username="anybody")\n',
        (f"{_TEST_HANDLERS}::test_a_stranger_is_told_to_log_in",),
    ),
    Fault(
        "scope in the lab: nobody asks the authorizer",
        _HANDLERS,
        "        if not await ensure_async(",
        "        if False and not await ensure_async(",
        (f"{_TEST_HANDLERS}::test_an_authorizer_sees_the_permission_and_its_no_counts",),
    ),
    Fault(
        "XSRF in the lab: cookies need no token",
        _HANDLERS,
        '    def get_login_url(self) -> str:\n        """Nowhere',
        "    def check_xsrf_cookie(self) -> None:\n        return\n\n"
        '    def get_login_url(self) -> str:\n        """Nowhere',
        (f"{_TEST_HANDLERS}::test_a_cookie_without_its_xsrf_token_changes_nothing",),
    ),
    Fault(
        "error bodies: what nobody foresaw is told",
        _HANDLERS,
        '    return of_status(status, "Orrery")\n',
        "    return OrreryError(str(problem))\n",
        (f"{_TEST_HANDLERS}::test_what_nobody_foresaw_tells_nothing_but_a_number",),
    ),
    Fault(
        "lab token: it is good for every route",
        _HANDLERS,
        "        return self.endpoint is None or self.endpoint.is_for_kernels\n",
        "        return True\n",
        ("tests/security/test_kernels.py", "-k", "lab_token"),
    ),
    Fault(
        "a raw handler outside the base's",
        "server_ext/orrery_server/app.py",
        "        off = self.context.off\n",
        "        from tornado.web import RequestHandler\n\n"
        '        self.handlers.append(("/api/toy", RequestHandler))\n'
        "        off = self.context.off\n",
        ("tests/security/test_router.py", "-k", "nothing_but"),
    ),
    Fault(
        "credentials: they stay in the environment",
        "server_ext/orrery_server/base/credentials.py",
        "        del os.environ[name]\n",
        "",
        ("tests/server/base/test_credentials.py",),
    ),
    Fault(
        "confinement: a path may lead anywhere",
        "server_ext/orrery_server/eda/backends/paths.py",
        "    if not any(real.is_relative_to(folder) for folder in allowed):",
        "    if False:",
        ("tests/server/eda/test_backends.py", "-k", "leads_elsewhere"),
    ),
    Fault(
        "scope at the hub: a token needs none",
        "hub/orrery_hub/base/auth.py",
        "    if not user.may(scope):",
        "    if False:",
        ("tests/hub/test_matrix.py", "-k", "without_the_scope"),
    ),
    Fault(
        "authentication at the hub: access to the service is not asked for",
        "hub/orrery_hub/base/auth.py",
        "        return model if self.hub.check_scopes(self.hub.access_scopes, model) else None",
        "        return model",
        ("tests/hub/base/test_auth.py", "-k", "without_access"),
    ),
    Fault(
        "cache times: an answer about a token is believed for an hour",
        "hub/orrery_hub/base/auth.py",
        "_Answer(owner, asked_at, asked_at + self._seconds)",
        "_Answer(owner, asked_at, asked_at + 3_600)",
        ("tests/hub/base/test_auth.py", "-k", "for_a_while_only"),
    ),
    Fault(
        "visibility: everybody sees private snippets",
        "hub/orrery_hub/snippets/store.py",
        '            table.scope == "everyone",\n',
        '            table.scope != "nothing",\n',
        ("tests/hub/snippets/test_service.py", "-k", "mine_is_for_nobody_else"),
    ),
    Fault(
        "audit: a member is removed without an entry",
        "hub/orrery_hub/projects/members.py",
        '"projects.member.remove"',
        '"projects.member.gone"',
        ("tests/hub/test_matrix.py", "-k", "each_role_gets or audited"),
    ),
    Fault(
        "cookies: scripts read them",
        "hub/orrery_hub/base/login.py",
        "            httponly=True,\n",
        "            httponly=False,\n",
        ("tests/hub/base/test_login.py", "-k", "ends_where_it_began"),
    ),
    Fault(
        "cookies: their token carries more than access",
        "hub/orrery_hub/base/login.py",
        '" ".join([ACCESS, *([purpose.scope] if purpose else [])])',
        '" ".join([ACCESS, purpose.scope if purpose else "custom:orrery:snippets:write"])',
        ("tests/hub/base/test_login.py", "-k", "ends_where_it_began"),
    ),
    Fault(
        "pages: the cookie alone acts for the person",
        "hub/orrery_hub/base/login.py",
        'return step_up.token if step_up and step_up.is_page_key(key) else ""',
        'return step_up.token if step_up else ""',
        ("tests/hub/admin/test_pages.py", "-k", "key"),
    ),
    Fault(
        "step up: one for another scope counts",
        "hub/orrery_hub/base/login.py",
        "if step_up is None or step_up.scope != purpose.scope or not _is_navigation(request):",
        "if step_up is None or not _is_navigation(request):",
        ("tests/hub/base/test_login.py", "-k", "another_scope"),
    ),
    Fault(
        "log-in: a code that came to another browser is good in this one",
        "hub/orrery_hub/base/login.py",
        "        is_fresh = self._used_codes.use(code)\n",
        "        is_fresh = True\n",
        ("tests/hub/base/test_login.py", "-k", "used_up or counts_once"),
    ),
    Fault(
        "log-in: a code of another session of JupyterHub counts",
        "hub/orrery_hub/base/login.py",
        '        if not _is_same(session, request.cookies.get(_SESSION_COOKIE, "")):',
        "        if False:",
        ("tests/hub/base/test_login.py", "-k", "another_session"),
    ),
    Fault(
        "forms: any page may press the button",
        "hub/orrery_hub/snippets/pages.py",
        "    if not step_up.is_page_key(key):",
        "    if False:",
        ("tests/hub/snippets/test_pages.py", "-k", "forged or only_the_person"),
    ),
    Fault(
        "token scopes: a lab may share with everyone",
        "hub/orrery_hub/scopes.py",
        '        implies=("custom:orrery:snippets:write",),\n',
        '        implies=("custom:orrery:snippets:write",),\n        in_server=True,\n',
        (_TEST_CONFIG, "-k", "servers_token"),
    ),
    Fault(
        "roles at the hub: what a role withholds is allowed",
        "hub/orrery_hub/base/auth.py",
        "            withheld = (owner.scopes & NAMES) - allowed\n",
        "            withheld = frozenset()\n",
        ("tests/hub/access/test_service.py", "-k", "everybody_develops"),
    ),
    Fault(
        "log-in: an identity token counts without its signature",
        "hub/orrery_hub/authentication/authenticators.py",
        'options={"require": ["exp", "iat", "sub"]},',
        'options={"require": ["exp", "iat", "sub"], "verify_signature": False},',
        ("tests/hub/authentication/test_authenticators.py", "-k", "forged"),
    ),
    Fault(
        "service scopes: the service may change users",
        "hub/orrery_hub/scopes.py",
        '    "admin:groups",\n',
        '    "admin:groups",\n    "admin:users",\n',
        (_TEST_CONFIG, "-k", "frozen_list"),
    ),
    Fault(
        "groups: an operator's group is taken over",
        "hub/orrery_hub/projects/jupyterhub_groups.py",
        '    return (group.get("properties") or {}).items() >= MARK.items()',
        "    return True",
        ("tests/hub/projects/test_group_sync.py", "-k", "operator"),
    ),
    Fault(
        "connections: viewers use those that write",
        "hub/orrery_hub/connections/permissions.py",
        "        return row.deleted is None and (is_writer or row.read_only)\n",
        "        return row.deleted is None\n",
        ("tests/hub/connections/test_connections.py", "-k", "who_sees"),
    ),
    Fault(
        "connections: anybody chooses a role of the secrets engine",
        "hub/orrery_hub/connections/permissions.py",
        "        if new and new != old and not self.user.may(PLATFORM_ADMIN):\n",
        "        if False:\n",
        ("tests/hub/connections/test_connections.py", "-k", "role_of_the_engine"),
    ),
    Fault(
        "connections: a use goes on in another's hands",
        "hub/orrery_hub/connections/broker.py",
        "    if use is None or use.person_id != user.person_id or use.ended is not None:\n",
        "    if use is None or use.ended is not None:\n",
        ("tests/hub/connections/test_connections.py", "-k", "right_to_it"),
    ),
    Fault(
        "connections: any token of a person uses",
        "hub/orrery_hub/connections/broker.py",
        '    if not user.may(f"access:servers!server={user.name}/{server_name}"):\n',
        "    if False:\n",
        ("tests/hub/connections/test_connections.py", "-k", "server_itself"),
    ),
    Fault(
        "connections: stored secrets go to another host",
        "wire/orrery_wire/connection_fields.py",
        '    changed = " and ".join(fields)\n',
        '    changed = ""\n',
        ("tests/hub/connections/test_connections.py", "-k", "no_other_host"),
    ),
    Fault(
        "connections: OpenBao is whoever answers",
        "hub/orrery_hub/connections/secrets/openbao.py",
        "    session.verify = str(ca_file) if ca_file else True\n",
        "    session.verify = True\n",
        ("tests/hub/connections/test_stores.py", "-k", "no_proxy"),
    ),
    Fault(
        "connections: a new OpenBao replaces the key of the old one",
        "hub/orrery_hub/standalone/openbao.py",
        "        _require_new(secrets)\n",
        "        pass\n",
        ("tests/hub/connections/test_stores.py", "-k", "beside_an_old_key"),
    ),
    Fault(
        "connections: uses go on when the connection leads elsewhere",
        "hub/orrery_hub/connections/service.py",
        "                    if is_other or secret is not None:\n",
        "                    if secret is not None:\n",
        ("tests/hub/connections/test_connections.py", "-k", "leads_elsewhere"),
    ),
    Fault(
        "connections: the right is not looked at again",
        "hub/orrery_hub/connections/broker.py",
        "            row = self._permissions(session, user).find_usable(session, id)\n            _require_room",
        "            row = session.get_one(ConnectionRow, id)\n            _require_room",
        ("tests/hub/connections/test_connections.py", "-k", "looked_at_again"),
    ),
    Fault(
        "connections: an error of a new one shows its secret",
        "hub/orrery_hub/connections/service.py",
        "        with known_secrets(request.secrets.values()):\n",
        "        with known_secrets(()):\n",
        ("tests/hub/connections/test_connections.py", "-k", "error_of_a_store"),
    ),
    Fault(
        "connections: OpenBao is asked through a proxy",
        "hub/orrery_hub/connections/secrets/openbao.py",
        "    session.trust_env = False\n",
        "    session.trust_env = True\n",
        ("tests/hub/connections/test_stores.py", "-k", "no_proxy"),
    ),
    Fault(
        "connections: encrypted files can be exchanged",
        "wire/orrery_wire/secret_files.py",
        "        content = self._key(name).encrypt(nonce, text, head + file.name.encode())\n",
        "        content = self._key(name).encrypt(nonce, text, head)\n",
        ("tests/hub/connections/test_stores.py", "-k", "TestFiles"),
    ),
    Fault(
        "datasets: viewers change those of a project",
        "hub/orrery_hub/datasets/permissions.py",
        '_WRITERS = ("owner", "editor")\n',
        '_WRITERS = ("owner", "editor", "viewer")\n',
        ("tests/hub/datasets/test_datasets.py", "-k", "members_see"),
    ),
    Fault(
        "datasets: a profile is replaced",
        "hub/orrery_hub/datasets/versions.py",
        "            elif stored.profile != request.profile:\n",
        "            elif False:\n",
        ("tests/hub/datasets/test_datasets.py", "-k", "profile_is_stored_once"),
    ),
    Fault(
        "datasets: a parent of another project is named",
        "hub/orrery_hub/datasets/shapes.py",
        "    is_visible = dataset is not None and may.is_visible(dataset)\n",
        "    is_visible = dataset is not None\n",
        ("tests/hub/datasets/test_datasets.py", "-k", "parents_are_shown"),
    ),
    Fault(
        "datasets: a secret in SQL is stored unasked",
        "hub/orrery_hub/datasets/versions.py",
        '    if request.source.kind != "query" or request.allow_secrets:\n',
        "    if True:\n",
        ("tests/hub/datasets/test_datasets.py", "-k", "sql_with_a_secret"),
    ),
    Fault(
        "budgets: anybody takes back anybody's request",
        "hub/orrery_hub/budgets/requests.py",
        "            if row is None or row.person_id != user.person_id:\n",
        "            if row is None:\n",
        ("tests/hub/budgets/test_service.py", "-k", "stays_as_history"),
    ),
    Fault(
        "budgets: a start that is over its budget is allowed",
        "hub/orrery_hub/budgets/launch.py",
        "        refusal=_refusal(session, refused[0]) if refused else None,\n",
        "        refusal=None,\n",
        ("tests/hub/budgets/test_launch.py", "-k", "waits_for_its_budget"),
    ),
    Fault(
        "audit of a route: its permission is not declared",
        "hub/orrery_hub/snippets/routes.py",
        "    def delete(user: Writer, id: Identifier) -> None:",
        "    def delete(user: Reader, id: Identifier) -> None:",
        ("tests/hub/test_matrix.py", "-k", "scope_of_the_table"),
    ),
)
