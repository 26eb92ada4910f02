"""Projects: people who share data, code and snippets, and the project that this server works in."""

from orrery_server.base.manifest import Capability
from orrery_server.base.routes import Route
from orrery_server.projects.service import ProjectService as Service

CAPABILITY = Capability(
    name="projects",
    title="Projects",
    service=Service,
    events="events.yaml",
    entry_points=("orrery.projects",),
    project=Service.current_project,
    member=Service.is_member,
    routes=(
        Route("GET", "projects", Service.list),
        Route("POST", "projects", Service.create, kernel="write", status=201),
        Route("GET", "projects/current", Service.current),
        Route("PUT", "projects/current", Service.switch, kernel="write"),
        Route("GET", "projects/home", Service.home_page),
        Route("GET", "projects/{slug}", Service.get),
        Route("PATCH", "projects/{slug}", Service.update, kernel="write"),
        Route("DELETE", "projects/{slug}", Service.delete, kernel="write"),
        Route("PATCH", "projects/{slug}/shelf", Service.shelve, kernel="write"),
        Route("POST", "projects/{slug}/undelete", Service.undelete, kernel="write"),
        Route("POST", "projects/{slug}/purge", Service.purge, kernel="write"),
        Route("GET", "projects/{slug}/storage", Service.storage),
        Route("GET", "projects/{slug}/members", Service.members),
        Route("PUT", "projects/{slug}/members/{user}", Service.set_role, kernel="write"),
        Route("DELETE", "projects/{slug}/members/{user}", Service.remove_member, kernel="write"),
    ),
)
