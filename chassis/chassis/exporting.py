"""Every list as a file: the same filters, order, fields and data scope, as CSV or XLSX, read page by page.

A row of ``routes`` that lists gets a second address, ``<path>/export``, by itself; ``exports=False`` keeps a list to
the screen, ``exports=True`` adds the file to a report whose answer has ``items``. No transaction outlives a page, so
a row that is changed meanwhile may show its new values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import marshmallow as ma

from chassis.downloads import Download
from chassis.fields import Body, Money, Text, compiled, is_filled_in
from chassis.pages import equal
from chassis.problems import Invalid, wrong_field
from chassis.routes import Misfit, Route, arguments
from chassis.sheets import FORMS, Column, Kind, Row
from chassis.showing import Shown
from chassis.titles import Titles, language_field, said_in
from chassis.transaction import Transaction, looking

MOST_ROWS = 100_000
"""More does not fit a reader, a spreadsheet program, or the time a browser waits; filters make parts of it."""
PAGE = 1000
PAGING = ("page", "size", "cursor", "total")
FOREVER = {"size": PAGE, "total": False}


class TooManyRows(Invalid):
    """There are more rows than one file may hold; ask for a part of them."""

    limit: int


class Source(Protocol):
    """Where the rows of a file come from."""

    row: type[ma.Schema]

    def names(self, asked: Mapping[str, Any]) -> Sequence[str]:
        """The fields to show. Raises Invalid."""

    def rows(self, tx: Transaction, path: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[Row]:
        """The rows, one by one; what is wrong with the question is said before the first. Raises TooManyRows."""


def with_exports(routes: Iterable[Route], titles: Titles) -> list[Route]:
    """The rows, and behind each that is exported the row of its file."""
    found: list[Route] = []
    for route in routes:
        found.append(route)
        if route.is_exported:
            found.append(export_of(route, titles))
    return found


def export_of(route: Route, titles: Titles) -> Route:
    """The file of a list or report, for whoever may see the list."""
    return Route(
        method="GET",
        path=f"{route.path}/export",
        calls=Export(route, titles),
        asks=_asked_of(route),
        needs=route.needs,
        is_personal=route.is_personal,
        refuses=(*route.refuses, TooManyRows),
        files=[form.content_type for form in FORMS.values()],
        summary=f"The rows of {route.path} as a file",
    )


class Export:
    """What the route of a file calls."""

    def __init__(self, route: Route, titles: Titles) -> None:
        self.source: Source = _List(route) if route.lists else _Answer(route)
        self.noun, self.titles = route.noun, titles
        self.fields = {name: field for name, field in self.source.row().fields.items() if not is_filled_in(field)}

    def __call__(self, tx: Transaction, fields: Mapping[str, Any], **path: Any) -> Download:
        asked = dict(fields)
        extension, language = asked.pop("format", "csv"), asked.pop("lang")
        form = FORMS[extension]
        columns = [
            Column(name, said_in(self.titles.of(self.noun, name), language), kind_of(self.fields[name]))
            for name in self.source.names(asked)
            if name in self.fields
        ]
        rows = self.source.rows(tx, path, asked)
        tx.session.close()  # each page takes a connection of its own and gives it back
        blocks, size = form.write(columns, rows)
        name = f"{self.noun}-{tx.now:%Y-%m-%d}.{extension}"
        return Download(name=name, kind=form.content_type, blocks=blocks, size=size)


class _List:
    """The rows of a listing, by keyset cursor."""

    def __init__(self, route: Route) -> None:
        assert route.lists is not None and route.gives is not None  # noqa: S101, PT018
        self.listing = route.lists
        self.row: type[ma.Schema] = route.gives
        self.shown = Shown(route.lists, route.gives, route.within)

    def names(self, asked: Mapping[str, Any]) -> Sequence[str]:
        return self.shown.names(asked.get("fields", "")) or list(self.shown.attributes)

    def rows(self, tx: Transaction, path: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[Row]:
        more = [*self.shown.conditions(path), *self._chosen(asked.get("ids"))]
        question = {name: value for name, value in asked.items() if name != "ids"}
        _must_fit(self.listing.count(tx, question, more, most=MOST_ROWS + 1))
        return self._pages(tx, question, more)

    def _chosen(self, ids: str | None) -> list[Any]:
        try:
            return [equal(self.listing.key)(ids)] if ids else []
        except ValueError as error:
            raise wrong_field("/ids", str(error)) from error

    def _pages(self, asking: Transaction, asked: Mapping[str, Any], more: Sequence[Any]) -> Iterator[Row]:
        cursor: str | None = ""
        while cursor is not None:
            question = {**asked, **FOREVER} | ({"cursor": cursor} if cursor else {})
            with looking(asking.database, asking.service, principal=asking.principal) as tx:
                page, rows = self.shown.page(tx, question, more)
            yield from rows
            cursor = page.next_cursor


class _Answer:
    """The items of a report; where they come in pages, all of them."""

    def __init__(self, route: Route) -> None:
        items = route.gives().fields.get("items") if route.gives else None
        if (
            route.gives is None
            or not isinstance(items, ma.fields.List)
            or not isinstance(items.inner, ma.fields.Nested)
        ):
            raise Misfit(f"{route.endpoint} has no items that a file could show")
        self.route, self.row, self.dump = route, type(items.inner.schema), compiled(route.gives)
        self.has_pages = route.inputs is not None and "cursor" in route.inputs().fields

    def names(self, asked: Mapping[str, Any]) -> Sequence[str]:
        return list(self.row().fields)

    def rows(self, tx: Transaction, path: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[Row]:
        first = self._answer(tx, path, asked, {"size": PAGE} if self.has_pages else {})
        _must_fit(first["total"] if self.has_pages else len(first["items"]))
        return self._pages(tx, path, asked, first)

    def _pages(
        self, asking: Transaction, path: Mapping[str, Any], asked: Mapping[str, Any], found: Mapping[str, Any]
    ) -> Iterator[Row]:
        yield from found["items"]
        while cursor := found.get("next_cursor"):
            with looking(asking.database, asking.service, principal=asking.principal) as tx:
                found = self._answer(tx, path, asked, {**FOREVER, "cursor": cursor})
            yield from found["items"]

    def _answer(
        self, tx: Transaction, path: Mapping[str, Any], asked: Mapping[str, Any], paging: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        assert self.route.calls is not None  # noqa: S101  (checked when the row was made)
        answer = self.route.calls(tx, **arguments(self.route, path, {**asked, **paging}))
        return answer if isinstance(answer, Mapping) else self.dump(answer)


def _must_fit(rows: int) -> None:
    if rows > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS, detail=f"A file holds at most {MOST_ROWS} rows; narrow the filters")


def _asked_of(route: Route) -> type[Body]:
    """What the list itself can be asked, less its pages, and in which form and language the file is wanted."""
    known = route.inputs._declared_fields if route.inputs else {}
    fields = {name: field for name, field in known.items() if name not in PAGING}
    fields |= {"format": Text(4, choices=list(FORMS)), "lang": language_field()}
    if route.lists:
        fields["ids"] = Text(3600, metadata={"description": "Only these records, by their key, separated by commas"})
    return Body.from_dict(fields)  # type: ignore[return-value]


_KINDS: tuple[tuple[type[ma.fields.Field[Any]], Kind], ...] = (
    (Money, Kind.MONEY),
    (ma.fields.Boolean, Kind.YES_NO),
    (ma.fields.Number, Kind.NUMBER),
    (ma.fields.Date, Kind.DAY),
    (ma.fields.DateTime, Kind.MOMENT),
)


def kind_of(field: ma.fields.Field[Any]) -> Kind:
    """What the cells of a field's column hold. (A date is a kind of moment to marshmallow, so it is asked first.)"""
    return next((kind for type_, kind in _KINDS if isinstance(field, type_)), Kind.TEXT)
