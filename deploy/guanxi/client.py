"""What the web client is told of the API: its lists, its calls, and what their fields are called, as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from chassis.manifest import Service
from chassis.openapi import describe
from chassis.titles import Titles
from gateway import openapi
from guanxi import registry

FOLDER = Path(__file__).resolve().parents[2] / "web" / "src"
LISTS = FOLDER / "api" / "lists.json"
CALLS = FOLDER / "api" / "calls.json"
FIELDS = {tongue: FOLDER / "i18n" / f"fields.{tongue}.json" for tongue in ("zh-CN", "en")}
"""In the order of a title: Chinese, English."""
CONTROLS = frozenset({"q", "sort", "page", "size", "cursor", "total", "fields", "lang", "format", "ids"})
"""Query parameters that are about the list as such, and no filter."""
UNSHOWN = ("/api/bus/", "/api/personal-data/", "/api/flows/")
"""What operators do, and files: their screens know their calls by heart."""
ENDS_UNSHOWN = ("/export", "/bulk", "/drill")
"""Ends of addresses that follow from others; the records behind figures have one form in all reports."""
KINDS = {"date-time": "moment", "date": "date", "password": "password"}
TYPES = {"integer": "integer", "number": "number", "boolean": "flag", "array": "many", "object": "record"}
LONG_TEXT = 300
Document = dict[str, Any]


def joined() -> Document:
    """The API document as the gateway joins it."""
    services = registry.load_all()
    return openapi.join({name: document_of(service) for name, service in services.items()})


def without_refusals(document: Document) -> Document:
    """The same, a tenth as long: every call refuses in the same few ways, as problems of one form."""
    for operations in document["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            operation["responses"] = {code: answer for code, answer in answers.items() if code.startswith("2")}
    return document


def document_of(service: Service) -> Document:
    return dict(json.loads(describe(service.title, service.all_routes())))


def documents(services: Iterable[Service]) -> dict[Path, str]:
    """The files by path, as they should be."""
    lists: Document = {}
    calls: Document = {}
    titles: dict[str, tuple[str, str]] = {}
    for service in services:
        shapes = Shapes(document_of(service))
        lists |= dict(shapes.lists())
        calls |= dict(shapes.calls())
        titles |= titles_of(Titles(service.titles), shapes)
    found = {LISTS: _text(lists), CALLS: _text(calls)}
    for at, path in enumerate(FIELDS.values()):
        found[path] = _text({name: title[at] for name, title in titles.items()})
    return found


def titles_of(titles: Titles, shapes: Shapes) -> dict[str, tuple[str, str]]:
    """``noun.field`` → its title, of every field that is shown or asked for and has one."""
    found = {(noun, field): titles.find(noun, field) for noun, field in shapes.fields()}
    return {f"{noun}.{field}": title for (noun, field), title in found.items() if title}


class Shapes:
    """What lists and calls of one document look like, with nothing in it that a screen does not need."""

    def __init__(self, document: Document) -> None:
        self.schemas = document.get("components", {}).get("schemas", {})
        self.paths = {
            path: operations
            for path, operations in document["paths"].items()
            if not path.startswith(UNSHOWN) and "/imports" not in path and not path.endswith(ENDS_UNSHOWN)
        }
        self.imports = {path: operations for path, operations in document["paths"].items() if path.endswith("/imports")}
        self.exports = {path.removesuffix("/export") for path in document["paths"] if path.endswith("/export")}

    def lists(self) -> Iterator[tuple[str, Document]]:
        for path, operations in self.paths.items():
            row = self._row(operations.get("get", {}))
            if row is not None:
                shape = self._list(path, operations["get"], row)
                if "post" in operations:
                    shape["creates"] = operations["post"].get("x-needs") or ""
                if f"{path}/imports" in self.imports:
                    shape["imports"] = self.imports[f"{path}/imports"]["post"].get("x-needs") or ""
                yield path.removeprefix("/api"), shape

    def calls(self) -> Iterator[tuple[str, Document]]:
        """Everything that changes something, and what a record of its own shows."""
        for path, operations in self.paths.items():
            for method, operation in operations.items():
                name = f"{method.upper()} {path.removeprefix('/api')}"
                shown = self._properties(_answer(operation))
                if method == "get" and self._row(operation) is None and shown:
                    yield name, {"shows": {field: self.kind(schema) for field, schema in shown.items()}}
                if method != "get":
                    yield name, {"needs": operation.get("x-needs") or "", "asks": self._asked(operation)}

    def fields(self) -> Iterator[tuple[str, str]]:
        """(noun, field) of all of them; the noun is the last word of the list or record's path."""
        for path, shape in self.lists():
            yield from ((noun_of(path), field) for field in (*shape["row"], *shape["filters"]))
        for name, shape in self.calls():
            fields = shape.get("shows") or [asked["name"] for asked in shape.get("asks", ())]
            yield from ((noun_of(name.partition(" ")[2]), field) for field in fields)

    def kind(self, schema: Mapping[str, Any]) -> str:
        said = schema.get("type", "record" if "$ref" in schema or "anyOf" in schema else "string")
        said = next((one for one in said if one != "null"), "string") if isinstance(said, list) else said
        if said in TYPES:
            return TYPES[said]
        if schema.get("pattern", "").endswith(r"(\.\d{1,2})?$"):
            return "money"
        long = schema.get("maxLength", 0) >= LONG_TEXT and "enum" not in schema
        return KINDS.get(schema.get("format", ""), "long" if long else "text")

    def _list(self, path: str, operation: Document, row: Document) -> Document:
        asked = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
        return {
            "needs": operation.get("x-needs") or "",
            "row": {field: self.kind(schema) for field, schema in row.items()},
            "filters": [name for name in asked if name not in CONTROLS],
            "sorts": [name for name in asked.get("sort", {}).get("enum", ()) if not name.startswith("-")],
            "searches": "q" in asked,
            "exports": path in self.exports,
        }

    def _row(self, operation: Document) -> Document | None:
        """The fields of a row where the operation answers a page of them."""
        page = self._properties(_answer(operation))
        if not {"items", "page", "size"} <= page.keys():
            return None
        return self._properties(page["items"]["items"])

    def _asked(self, operation: Document) -> list[Document]:
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        required = self._whole(schema).get("required", ())
        return [self._field(name, one, name in required) for name, one in self._properties(schema).items()]

    def _field(self, name: str, schema: Document, required: bool) -> Document:
        field: Document = {"name": name, "kind": self.kind(schema)}
        if required:
            field["required"] = True
        if "null" in schema.get("type", ()):
            field["empty"] = True
        if options := [one for one in schema.get("enum", ()) if one not in (None, "")]:
            field["options"] = options
        for word in ("maxLength", "minimum", "maximum", "x-minimum"):
            if word in schema and abs(int(schema[word]) if word != "x-minimum" else 0) < 2**53:
                field[word.removeprefix("x-")] = schema[word]
        if field["kind"] == "many":
            inner = self._properties(schema.get("items", {}))
            field["of"] = [self._field(key, one, False) for key, one in inner.items()] or self.kind(schema["items"])
        return field

    def _whole(self, schema: Mapping[str, Any]) -> Document:
        name = schema.get("$ref", "").rpartition("/")[2]
        return dict(self.schemas.get(name, schema))

    def _properties(self, schema: Mapping[str, Any]) -> Document:
        return dict(self._whole(schema).get("properties", {}))


def _answer(operation: Document) -> Document:
    """The schema of what a good answer holds."""
    answers = operation.get("responses", {})
    good: Document = next((answers[code] for code in ("200", "201") if code in answers), {})
    return dict(good.get("content", {}).get("application/json", {}).get("schema", {}))


def noun_of(path: str) -> str:
    """``/customers/{customer_no}/contacts/{contact_id}`` is about contacts."""
    words = [part for part in path.split("/") if part and not part.startswith("{")]
    return words[-1] if words else ""


def _text(document: Document) -> str:
    """A line per entry: a change shows as one."""
    lines = [f"  {json.dumps(key)}: {json.dumps(document[key], ensure_ascii=False)}" for key in sorted(document)]
    return "{\n" + ",\n".join(lines) + "\n}\n"
