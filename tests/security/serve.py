"""Start a JupyterLab as anybody would, and write down every route that its router knows.

python -m tests.security.serve ROUTES.json [JupyterLab's own arguments]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jupyterlab.labapp import LabApp


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
            found.append(
                {
                    "pattern": rule.matcher.regex.pattern,
                    "handler": f"{handler.__module__}.{handler.__name__}",
                    "orrery": issubclass(handler, OrreryHandler),
                    "capability": getattr(handler, "capability", ""),
                    "reads": sorted(getattr(handler, "reads", ())),
                    "verbs": [
                        verb
                        for verb in RequestHandler.SUPPORTED_METHODS
                        if getattr(handler, verb.lower(), unimplemented) is not unimplemented
                    ],
                }
            )
    return found


def main(dump: Path, arguments: list[str]) -> None:
    """Start the lab; the dump appears once the router is whole and the server listens."""
    app = LabApp.initialize_server(argv=arguments)

    def write() -> None:
        web = app.web_app
        rules = told(web.default_router.rules) + told(web.wildcard_router.rules)
        fresh = dump.with_suffix(".new")
        fresh.write_text(json.dumps({"url": app.connection_url, "routes": rules}), encoding="utf-8")
        fresh.replace(dump)

    from tornado.ioloop import IOLoop

    IOLoop.current().call_later(0, write)
    app.start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
