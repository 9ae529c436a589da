"""A route is a row: what it calls, takes, gives, needs and refuses; checked when the service is loaded."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marshmallow as ma

from chassis.fields import Body, Dump, View, compiled
from chassis.pages import Listing
from chassis.problems import Problem
from chassis.uploads import has_files

MOST_STATEMENTS = 6
"""What a request that changes one aggregate may cost its database: time or lock, two reads, row, event, commit."""
FIELDS = "fields"
"""A command with more inputs than a reader can follow takes them as one mapping of this name."""


class Misfit(TypeError):
    """A route and the function it calls do not agree on names."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Route:
    """One endpoint.

    ``calls`` gets the transaction, the path's values and the body's fields by name (or all body fields as
    one mapping named ``fields``). A route with ``lists`` needs no function: the listing is its behaviour,
    and ``within`` ties a path value to a column. ``asks`` are query parameters of other reads.
    ``is_open`` is for everybody, ``is_personal`` for everybody who is signed in. ``is_slow`` is for a command
    whose work must not hold a lock (a password hash): its transaction only looks, and it opens one for writing itself.
    ``files`` are the content types of a route that answers a ``Download``. ``exports`` gives the rows as a file at
    ``<path>/export``: lists do so unless told otherwise, reports with ``items`` when told.
    ``most_statements`` is what a request may cost the database, commit included: a row that says more says why.
    """

    method: str
    path: str
    calls: Callable[..., Any] | None = None
    takes: type[Body] | None = None
    asks: type[Body] | None = None
    gives: type[View] | None = None
    lists: Listing | None = None
    within: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    needs: str = ""
    refuses: Sequence[type[Problem]] = ()
    status: int = 200
    needs_version: bool = False
    is_open: bool = False
    is_personal: bool = False
    is_slow: bool = False
    files: Sequence[str] = ()
    exports: bool | None = None
    most_statements: int = MOST_STATEMENTS
    summary: str = ""

    def __post_init__(self) -> None:
        if not (self.is_open or self.is_personal or self.needs):
            raise Misfit(f"{self.method} {self.path} names no right; say needs=…, is_personal or is_open")
        if (self.calls is None) == (self.lists is None):
            raise Misfit(f"{self.method} {self.path} either calls a function or lists")
        if self.is_exported and not self.is_read:
            raise Misfit(f"{self.method} {self.path} is no list and cannot be exported")
        if self.calls is not None:
            self._must_fit(self.calls)

    @property
    def endpoint(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def path_names(self) -> tuple[str, ...]:
        return tuple(re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", self.path))

    @property
    def noun(self) -> str:
        """The last fixed word of the path: ``contacts`` for ``/customers/<customer_no>/contacts``."""
        return [part for part in self.path.split("/") if not part.startswith("<")][-1]

    @property
    def is_exported(self) -> bool:
        return self.lists is not None if self.exports is None else self.exports

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def inputs(self) -> type[Body] | None:
        """The schema of the body or, for reads, of the query string."""
        return self.lists.query_schema() if self.lists else (self.takes or self.asks)

    @property
    def is_multipart(self) -> bool:
        return has_files(self.takes)

    @property
    def takes_mapping(self) -> bool:
        return self.calls is not None and FIELDS in inspect.signature(self.calls).parameters

    def dump(self) -> Dump | None:
        return compiled(self.gives) if self.gives else None

    def _must_fit(self, function: Callable[..., Any]) -> None:
        """Raises Misfit, naming the names that differ."""
        parameters = list(inspect.signature(function).parameters.values())[1:]
        offered = set(self.path_names)
        if self.takes_mapping:
            offered.add(FIELDS)
        elif self.inputs:
            offered |= {field.attribute or name for name, field in self.inputs().fields.items()}
        named = [p for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
        required = {p.name for p in named if p.default is inspect.Parameter.empty}
        if missing := required - offered:
            raise Misfit(f"{self.endpoint}: {_name(function)} needs {sorted(missing)}, which nothing gives")
        if len(named) == len(parameters) and (surplus := offered - {p.name for p in named}):
            raise Misfit(f"{self.endpoint}: {_name(function)} does not take {sorted(surplus)}")


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


def arguments(route: Route, path: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments for the route's function."""
    if route.takes_mapping:
        return {**path, FIELDS: data}
    return {**path, **data}


@functools.cache  # two lists may show the same rows, and one view is described once
def page_view(row: type[View]) -> type[View]:
    """The view of a page of rows, for the OpenAPI document."""
    return View.from_dict(  # type: ignore[return-value]
        {
            "items": ma.fields.List(ma.fields.Nested(row), required=True),
            "page": ma.fields.Integer(required=True),
            "size": ma.fields.Integer(required=True),
            "total": ma.fields.Integer(allow_none=True, required=True),
            "next_cursor": ma.fields.String(allow_none=True, required=True),
        },
        name=f"{row.__name__}Page",
    )
