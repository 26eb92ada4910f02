"""Start a JupyterLab as anybody would, and write down every route that its router knows.

python -m tests.security.serve ROUTES.json [JupyterLab's own arguments]
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any


def told(rules: list[Any]) -> list[dict[str, Any]]:
    """Each rule of a router and of the routers inside it, as plain data."""
    from tornado.web import RequestHandler

    from orrery_server.base.handlers import OrreryHandler

    found = []
    for rule in rules:
        if inner := getattr(rule.target, "rules", None):
            found += told(inner)
        elif isinstance(rule.target, type) and issubclass(rule.target, RequestHandler):
            handler = rule.target
            unimplemented = RequestHandler._unimplemented_method
            endpoints = rule.target_kwargs.get("endpoints", {})
            verbs = [*endpoints, *(["HEAD"] if "GET" in endpoints else []), "OPTIONS"]
            found.append(
                {
                    "pattern": rule.matcher.regex.pattern,
                    "handler": f"{handler.__module__}.{handler.__name__}",
                    "orrery": issubclass(handler, OrreryHandler),
                    "capability": rule.target_kwargs.get("capability", ""),
                    "is_base": issubclass(handler, OrreryHandler)
                    and handler.prepare is OrreryHandler.prepare,
                    "unauthenticated": [
                        verb
                        for verb in RequestHandler.SUPPORTED_METHODS
                        if (method := getattr(handler, verb.lower(), unimplemented))
                        is not unimplemented
                        and getattr(method, "__allow_unauthenticated", True) is not False
                    ],
                    "kernel": [verb for verb, one in endpoints.items() if one.is_for_kernels],
                    "reads": [verb for verb, one in endpoints.items() if one.action == "read"],
                    "verbs": verbs
                    if endpoints
                    else [
                        verb
                        for verb in RequestHandler.SUPPORTED_METHODS
                        if getattr(handler, verb.lower(), unimplemented) is not unimplemented
                    ],
                }
            )
    return found


def guards(settings: dict[str, Any]) -> dict[str, str]:
    """The settings of a web application that decide who gets in."""
    names = (
        "allow_credentials",
        "allow_origin",
        "allow_origin_pat",
        "allow_unauthenticated_access",
        "disable_check_xsrf",
        "headers",
        "login_handler_class",
        "websocket_ping_interval",
        "xsrf_cookies",
    )
    objects = ("authorizer", "identity_provider")
    return {name: repr(settings.get(name)) for name in names} | {
        name: type(settings.get(name)).__name__ for name in objects
    }


def main(
    dump: Path,
    arguments: list[str],
    beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Start the lab; the dump appears once the router is whole and the server listens.

    ``beside`` is run in the server's own event loop.
    """
    from jupyterlab.labapp import LabApp  # tests import what is above

    app = LabApp.initialize_server(argv=arguments)

    running: list[asyncio.Task[None]] = []

    def write() -> None:
        web = app.web_app
        rules = told(web.default_router.rules) + told(web.wildcard_router.rules)
        fresh = dump.with_suffix(".new")
        facts = {"url": app.connection_url, "routes": rules, "settings": guards(web.settings)}
        fresh.write_text(json.dumps(facts), encoding="utf-8")
        fresh.replace(dump)
        if beside is not None:
            running.append(asyncio.get_running_loop().create_task(beside()))

    from tornado.ioloop import IOLoop

    IOLoop.current().call_later(0, write)
    app.start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
