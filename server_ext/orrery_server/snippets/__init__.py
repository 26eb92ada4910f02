"""Snippets: pieces of code that are saved, found, shared and put into notebooks."""

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.snippets.service import SnippetService as Service

CAPABILITY = Capability(
    name="snippets",
    title="Snippets",
    service=Service,
    events="events.yaml",
    entry_points=("orrery.snippets", "orrery.snippets.libraries"),
    recent=Service.recent_items,
    routes=(
        Route("GET", "snippets", Service.list),
        Route("POST", "snippets", Service.save, kernel="write", name="create", status=201),
        Route("POST", "snippets/scan", Service.scan, scope="read", max_body=32 * 2**20),
        Route(
            "POST",
            "snippets/import",
            Service.import_files,
            kernel="write",
            status=202,
            max_body=64 * 2**20,
        ),
        Route("GET", "snippets/imports", Service.list_imports),
        Route("GET", "snippets/imports/{id}", Service.get_import),
        Route("DELETE", "snippets/imports/{id}", Service.cancel_import, kernel="write"),
        Route(
            "POST", "snippets/imports/{id}/undo", Service.undo_import, kernel="write", status=202
        ),
        Route("POST", "snippets/delete", Service.delete_many),
        Route("POST", "snippets/undelete", Service.undelete_many),
        Route("GET", "snippets/export", Service.export),
        Route("GET", "snippets/libraries", Service.list_libraries),
        Route("POST", "snippets/libraries", Service.add_library, kernel="write", status=201),
        Route("DELETE", "snippets/libraries/{name}", Service.remove_library, kernel="write"),
        Route(
            "POST",
            "snippets/libraries/{name}/refresh",
            Service.refresh_library,
            kernel="write",
            status=202,
        ),
        Route(
            "DELETE", "snippets/libraries/{name}/refresh", Service.cancel_library, kernel="write"
        ),
        Route("GET", "snippets/{id}", Service.get),
        Route("PUT", "snippets/{id}", Service.save, kernel="write", name="update"),
        Route("DELETE", "snippets/{id}", Service.delete, kernel="write"),
        Route("POST", "snippets/{id}/undelete", Service.undelete, kernel="write"),
        Route("GET", "snippets/{id}/versions", Service.versions),
        Route("POST", "snippets/{id}/versions/{number}/restore", Service.restore, kernel="write"),
        Route("PATCH", "snippets/{id}/marks", Service.mark, kernel="write"),
    ),
)
