"""Routes of previews: windows of files, of tables of lakes, and of tables of databases."""

from __future__ import annotations

from typing import Any

from orrery_engine.preview.previewer import Previewer
from orrery_engine.preview.shapes import Preview
from orrery_server.base.routes import Download
from orrery_server.data import tables
from orrery_server.data.locations import Place
from orrery_server.data.preview_schemas import PreviewIn
from orrery_server.data.queries import QueryRoutes


class PreviewRoutes(QueryRoutes):
    """What a thing holds, without a kernel."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._previewer: Previewer | None = None

    async def preview(self, request: PreviewIn) -> Preview:
        """A window of a file or a table, or the content of what is no table."""
        place = await self._locations.open(request.location)
        with place.masked():
            if place.store is None:
                return (await tables.window(place, request, self._statements(), as_arrow=False))[0]
            return await self._windows().preview(
                place.store,
                request.path,
                request.window,
                key=_key(place),
                is_folder=request.is_folder,
            )

    async def rows(self, request: PreviewIn) -> Download:
        """The rows of a window as a stream of Arrow, with all their digits."""
        place = await self._locations.open(request.location)
        with place.masked():
            if place.store is None:
                result = await tables.window(place, request, self._statements(), as_arrow=True)
                return Download(result[1])
            _, stream = await self._windows().rows(
                place.store,
                request.path,
                request.window,
                key=_key(place),
                is_folder=request.is_folder,
            )
        return Download(stream)

    def _windows(self) -> Previewer:
        if self._previewer is None:
            self._previewer = Previewer()
        return self._previewer

    async def stop(self) -> None:
        """End the workers, too."""
        if self._previewer is not None:
            await self._previewer.close()
        await super().stop()


def _key(place: Place) -> str:
    """What is opened anew is another source: a connection may lead elsewhere then."""
    return f"{place.id} {place.stamp}"
