"""Routes that are many because names are, and made for a name when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send


class RoutesByName(BaseRoute):
    """Below `prefix`, the routes whose first word is one of `names`; `make` makes those of one.

    A route takes a millisecond to be made, and an installation may have hundreds of entities with several each. No
    request is compared with the routes of another name than its own.
    """

    def __init__(self, prefix: str, names: Collection[str], make: Callable[[str], list[BaseRoute]]) -> None:
        self._prefix = f"{prefix}/"
        self._names = names
        self._made = cache(make)

    def every(self) -> Iterator[BaseRoute]:
        """Those of all names."""
        for name in self._names:
            yield from self._made(name)

    def at(self, path: str) -> list[BaseRoute]:
        """Those of the name in an address."""
        if not path.startswith(self._prefix):
            return []
        name = path.removeprefix(self._prefix).partition("/")[0]
        return self._made(name) if name in self._names else []

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the router finds a route: the first one with another method stands in where none fits."""
        found: tuple[Match, Scope] = Match.NONE, {}
        for route in self.at(scope["path"]) if scope["type"] == "http" else ():
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, {**child_scope, "route": route}
            if match is Match.PARTIAL and found[0] is Match.NONE:
                found = match, {**child_scope, "route": route}
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that was found handle it."""
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """None is found by the name of its handler, which is the same for all names."""
        raise NoMatchFound(name, path_params)


def all_routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes, and for all names those of each."""
    for route in routes:
        yield from route.every() if isinstance(route, RoutesByName) else [route]


def routes_at(routes: Iterable[BaseRoute], path: str) -> Iterator[BaseRoute]:
    """The routes, but for those of other names than the one in the address."""
    for route in routes:
        yield from route.at(path) if isinstance(route, RoutesByName) else [route]
