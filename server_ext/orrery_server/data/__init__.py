"""Data: one tree over the lab's files, the project's lake, object stores and databases, and the connections to them."""

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.data.service import DataService as Service

_CONNECTIONS = (
    Route("GET", "data/connections", Service.list_connections),
    Route("POST", "data/connections", Service.create_connection, status=201),
    Route("GET", "data/connections/kinds", Service.kinds),
    Route("GET", "data/connections/secrets", Service.secret_place),
    Route("GET", "data/connections/variables", Service.list_variables),
    Route("POST", "data/connections/variables", Service.create_from_variable, status=201),
    Route("POST", "data/connections/test", Service.try_connection),
    Route("GET", "data/connections/{number}", Service.get_connection),
    Route("PATCH", "data/connections/{number}", Service.update_connection),
    Route("DELETE", "data/connections/{number}", Service.delete_connection),
    Route("POST", "data/connections/{number}/undelete", Service.undelete_connection),
)
_TREE = (
    Route("GET", "data/locations", Service.locations),
    Route("GET", "data/entries", Service.entries),
    Route("GET", "data/entry", Service.entry),
    Route("GET", "data/explain", Service.explain),
    Route("GET", "data/code", Service.code),
)
_FILES = (
    Route("GET", "data/content", Service.content),
    Route("GET", "data/download", Service.download),
    Route("POST", "data/upload", Service.upload, kernel="write", status=201, max_body=50 * 2**20),
    Route("POST", "data/folders", Service.make_folder, kernel="write", status=201),
    Route("POST", "data/delete", Service.delete_files, kernel="write"),
    Route("POST", "data/delete/undo", Service.undo_delete),
)
_PREVIEWS = (
    Route("POST", "data/preview", Service.preview, scope="read"),
    Route("POST", "data/rows", Service.rows, scope="read"),
)
_QUERIES = (
    Route("GET", "data/queries", Service.list_queries),
    Route("POST", "data/queries", Service.run_query, kernel="write", status=201),
    Route("POST", "data/queries/format", Service.format_statement, scope="read"),
    Route("POST", "data/queries/estimate", Service.estimate, scope="read"),
    Route("GET", "data/queries/{execution}", Service.get_query),
    Route("DELETE", "data/queries/{execution}", Service.cancel_query, kernel="write"),
    Route("GET", "data/queries/{execution}/rows", Service.query_rows),
    Route("GET", "data/queries/{execution}/result", Service.query_result),
)

CAPABILITY = Capability(
    name="data",
    title="Data",
    service=Service,
    events="events.yaml",
    entry_points=("orrery.data",),
    routes=(*_CONNECTIONS, *_TREE, *_FILES, *_PREVIEWS, *_QUERIES),
)
