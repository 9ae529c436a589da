"""OpenAPI 3.1, read from the very route rows that serve: it cannot say anything else."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from chassis.fields import Money, When
from chassis.problems import PROBLEM_JSON, Problem
from chassis.routes import Route, page_view
from chassis.uploads import MULTIPART, FileField

VERSION = "0.1.0"


def describe(title: str, routes: list[Route]) -> bytes:
    """The document of one service, paths as the gateway shows them."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(title=title, version=VERSION, openapi_version="3.1.0", plugins=[plugin])
    assert plugin.converter is not None  # noqa: S101  (set by APISpec)
    plugin.converter.add_attribute_function(_kinds)  # type: ignore[no-untyped-call]
    spec.components.schema("Problem", PROBLEM_SCHEMA)
    spec.components.security_scheme("session", {"type": "http", "scheme": "bearer"})
    for route in routes:
        spec.path(path=public_path(route.path), operations={route.method.lower(): operation(route)})
    return msgspec.json.encode(spec.to_dict())


PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def public_path(path: str) -> str:
    """``/opportunities/<int:opportunity_id>`` as ``/api/opportunities/{opportunity_id}``."""
    return "/api" + re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", path)


def operation(route: Route) -> dict[str, Any]:
    """One endpoint's entry."""
    words = (route.summary or (route.calls.__doc__ if route.calls else "") or f"List {route.path.strip('/')}").strip()
    found: dict[str, Any] = {
        "summary": words.splitlines()[0],
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path}").strip("_"),
        "tags": [route.path.split("/")[1]],
        "parameters": [*_path_parameters(route), *_header_parameters(route)],
        "responses": _responses(route),
        "security": [] if route.is_open else [{"session": []}],
    }
    if route.needs:
        found["x-needs"] = route.needs
    inputs = route.inputs
    if inputs and (route.is_read or route.asks):
        found["parameters"].append({"in": "query", "schema": inputs})
    elif inputs:
        kind = MULTIPART if route.is_multipart else "application/json"
        found["requestBody"] = {"required": True, "content": {kind: {"schema": inputs}}}
    return found


_IN_PATH = re.compile(r"<(?:([a-z]+):)?([a-z_]+)>")


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    for converter, name in _IN_PATH.findall(route.path):
        kind = "integer" if converter == "int" else "string"
        found.append({"in": "path", "name": name, "required": True, "schema": {"type": kind, **_limits(kind)}})
    return found


def _limits(kind: str) -> dict[str, int]:
    return {"minimum": 0, "maximum": 10**18 - 1} if kind == "integer" else {"minLength": 1, "maxLength": 120}


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string", "maxLength": 200}
    if route.is_read or route.is_slow:
        return []
    if route.method == "POST":
        return [{"in": "header", "name": "Idempotency-Key", "required": False, "schema": text}]
    return [{"in": "header", "name": "If-Match", "required": route.needs_version, "schema": text}]


def _responses(route: Route) -> dict[str, Any]:
    shown: dict[str, Any] = {"description": "Done"}
    if route.gives and route.status != 204:
        view = page_view(route.gives) if route.lists else route.gives
        shown["content"] = {"application/json": {"schema": view}}
    elif route.files:
        shown["content"] = {kind: {"schema": _file_schema(kind)} for kind in route.files}
        shown["headers"] = {"Content-Disposition": {"schema": {"type": "string"}}}
    answers: dict[str, Any] = {str(route.status): shown}
    answers |= {str(status): _problem(reasons) for status, reasons in sorted(_refusals(route).items())}
    return answers


def _file_schema(kind: str) -> dict[str, str]:
    return {"type": "string"} if kind.startswith("text/") else {"type": "string", "format": "binary"}


def _refusals(route: Route) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {400: [], 422: [], 503: []}
    if not route.is_open:
        found |= {401: [], 403: []}
    if route.path_names:
        found[404] = []
    if not route.is_read:
        found |= {409: [], 412: [], 413: [], 415: []}
    if route.needs_version:
        found[428] = []
    for problem in route.refuses:
        found.setdefault(problem.status, []).append(problem.title)
    return found


def _problem(reasons: list[str]) -> dict[str, Any]:
    text = "; ".join(reasons) or "Problem"
    return {"description": text, "content": {PROBLEM_JSON: {"schema": "Problem"}}}


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__


def _kinds(self: Any, field: Any, **_: Any) -> dict[str, Any]:
    if isinstance(field, Money):
        return {"type": ["string", "null"] if field.allow_none else "string"}
    if isinstance(field, FileField):
        return {"type": "string", "format": "binary"}
    if isinstance(field, When):
        return {"format": "date-time"}
    return {}


def problem_page(problem: type[Problem]) -> str:
    """Where the ``type`` of a problem points to."""
    return f"/problems/{problem.slug}"
