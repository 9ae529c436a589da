"""One API document out of five, plus what the gateway itself does with sessions."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.problems import Problem
from gateway.upstream import Asked, Upstream

Document = dict[str, Any]
TITLE, VERSION = "Guanxi", "0.1.0"
DESCRIPTION = """Sign in with `POST /api/session`. An API client keeps the token and sends it as
`Authorization: Bearer …`; a page of this site asks for `"cookie": true` instead. Errors are
`application/problem+json` (RFC 9457). Lists take `page`, `size`, `cursor`, `sort`, `q`, `fields` and a filter per
field. Changes name the version they mean with `If-Match`; a repeated POST with the same `Idempotency-Key` gets the
first answer."""
_REF = "#/components/schemas/"
_SAID = "What the header Guanxi-Said of a command's answer told"
_PROBLEM: Document = {
    "description": "Problem",
    "content": {"application/problem+json": {"schema": {"$ref": _REF + "Problem"}}},
}


def join(documents: Mapping[str, Document]) -> Document:
    """The joined document; schemas of one name but different content are told apart by their service's name."""
    renamed = _renamed(documents)
    paths: Document = {}
    schemas: Document = {}
    for service, document in documents.items():
        names = {name: new for (owner, name), new in renamed.items() if owner == service}
        for path, operations in document.get("paths", {}).items():
            paths[path] = _with_refs(operations, names)
        for name, schema in _schemas(document).items():
            schemas[names.get(name, name)] = _with_refs(schema, names)
    _add_session(paths, schemas)
    _add_story(paths, schemas)
    _add_arrivals(paths, schemas)
    security = {"session": {"type": "http", "scheme": "bearer", "description": "The token of POST /api/session"}}
    components = {"schemas": dict(sorted(schemas.items())), "securitySchemes": security}
    info = {"title": TITLE, "version": VERSION, "description": DESCRIPTION}
    return {"openapi": "3.1.0", "info": info, "servers": [{"url": "/"}], "paths": dict(sorted(paths.items())),
            "components": components}  # fmt: skip


def fetch(upstreams: Mapping[str, Upstream]) -> tuple[dict[str, Document], list[str]]:
    """The documents of the services that answer, and the names of those that do not."""
    found: dict[str, Document] = {}
    for name, upstream in upstreams.items():
        try:
            answer = upstream.ask(Asked("GET", "/openapi.json"))
            body = answer.read()
        except Problem:
            continue
        if answer.status == 200:
            found[name] = json.loads(body)
    return found, [name for name in upstreams if name not in found]


def _schemas(document: Document) -> Document:
    found: Document = document.get("components", {}).get("schemas", {})
    return found


def _renamed(documents: Mapping[str, Document]) -> dict[tuple[str, str], str]:
    """(service, schema) → new name, for schemas that mean different things in different services."""
    contents: dict[str, dict[str, str]] = {}
    for service, document in documents.items():
        for name, schema in _schemas(document).items():
            contents.setdefault(name, {})[service] = json.dumps(schema, sort_keys=True)
    shared = {name: said for name, said in contents.items() if len(said) > 1}
    differing = {name for name, said in shared.items() if len(set(said.values())) > 1}
    while more := {name for name in shared.keys() - differing if _refs(shared[name]) & differing}:
        differing |= more  # the same words, but about things that are not the same
    return {(service, name): _prefix(service) + name for name in differing for service in shared[name]}


def _refs(said: Mapping[str, str]) -> set[str]:
    return {name for text in said.values() for name in re.findall(_REF + r"([^\"]+)", text)}


def _prefix(service: str) -> str:
    return "".join(word.title() for word in service.split("-"))


def _with_refs(part: Any, names: Mapping[str, str]) -> Any:
    """The same, pointing to the new names."""
    if isinstance(part, dict):
        return {
            key: _new_ref(value, names) if key == "$ref" else _with_refs(value, names) for key, value in part.items()
        }
    return [_with_refs(item, names) for item in part] if isinstance(part, list) else part


def _new_ref(ref: Any, names: Mapping[str, str]) -> Any:
    name = str(ref).removeprefix(_REF)
    return _REF + names.get(name, name) if str(ref).startswith(_REF) else ref


def _add_session(paths: Document, schemas: Document) -> None:
    """What identity's document cannot say, because the gateway does it."""
    session = paths.setdefault("/api/session", {})
    credentials = session.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
    name = credentials.get("schema", {}).get("$ref", "").removeprefix(_REF)
    if name in schemas:
        wish = {"type": "boolean", "description": "Keep the token in an HttpOnly cookie instead of the body"}
        schemas[name].setdefault("properties", {})["cookie"] = wish
        answer = schemas.get("SessionView", {})
        answer["required"] = [field for field in answer.get("required", []) if field != "token"]
    session["delete"] = {
        "summary": "End the session, everywhere and at once.",
        "operationId": "delete_session",
        "tags": ["session"],
        "security": [{"session": []}],
        "responses": {"204": {"description": "Done"}} | dict.fromkeys(("401", "403", "429", "503"), _PROBLEM),
    }


def _add_story(paths: Document, schemas: Document) -> None:
    """What no service can say, because it is put together out of all of them."""
    if "SaidView" not in schemas:
        return
    told = {"depth": {"type": "integer"}, "heard": {"type": "object", "additionalProperties": {"type": "string"}}}
    event = {"allOf": [{"$ref": _REF + "SaidView"}, {"type": "object", "required": [*told], "properties": told}]}
    properties = {
        "asked": {"type": "string", "format": "uuid"},
        "events": {"type": "array", "items": event, "description": "In the order of a tree, causes first"},
        "is_cut": {"type": "boolean", "description": "There are more"},
        "silent": {"type": "array", "items": {"type": "string"}, "description": "Services that did not answer"},
    }
    schemas["StoryView"] = {"type": "object", "required": [*properties], "properties": properties}
    shown = {"description": "Done", "content": {"application/json": {"schema": {"$ref": _REF + "StoryView"}}}}
    name = {"in": "path", "name": "event_id", "required": True, "schema": {"type": "string", "format": "uuid"}}
    paths["/api/bus/causation/{event_id}"] = {
        "get": {
            "summary": "What caused an event and what it caused, across all services.",
            "operationId": "get_bus_causation",
            "tags": ["bus"],
            "parameters": [name],
            "security": [{"session": []}],
            "responses": {"200": shown} | dict.fromkeys(("401", "403", "404", "429", "503"), _PROBLEM),
        }
    }


def _add_arrivals(paths: Document, schemas: Document) -> None:
    """The same."""
    if "ArrivalsView" not in schemas:
        return
    state = {"type": "string", "enum": ["applied", "waiting", "held", "silent"]}
    one = {
        "type": "object",
        "required": ["service", "state"],
        "properties": {"service": {"type": "string"}, "state": state},
    }
    services = {
        "type": "array",
        "items": one,
        "description": "Those that listen to one of the events, or do not answer",
    }
    schemas["EverywhereView"] = {"type": "object", "required": ["services"], "properties": {"services": services}}
    shown = {"description": "Done", "content": {"application/json": {"schema": {"$ref": _REF + "EverywhereView"}}}}
    said = {"in": "query", "name": "said", "required": True, "schema": {"type": "string"}, "description": _SAID}
    paths["/api/bus/arrivals"] = {
        "get": {
            "summary": "Whether the events of a command have been applied by every service that listens to them.",
            "operationId": "get_bus_arrivals",
            "tags": ["bus"],
            "parameters": [said],
            "security": [{"session": []}],
            "responses": {"200": shown} | dict.fromkeys(("401", "422", "429", "503"), _PROBLEM),
        }
    }


def for_the_browser(document: Document) -> Document:
    """The same as OpenAPI 3.0, which is what the bundled API browser reads."""
    found: Document = _in_3_0(copy.deepcopy(document))
    found["openapi"] = "3.0.3"
    return found


def _in_3_0(part: Any) -> Any:
    if isinstance(part, list):
        return [_in_3_0(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {key: _in_3_0(value) for key, value in dict(_older(part)).items()}


def _older(schema: Document) -> Iterator[tuple[str, Any]]:
    """The few words that 3.1 took over from JSON Schema, said the old way."""
    for key, value in schema.items():
        if key == "type" and isinstance(value, list):
            yield "type", next((kind for kind in value if kind != "null"), "string")
            yield "nullable", "null" in value
        elif key == "examples" and isinstance(value, list):
            yield "example", value[0] if value else None
        elif key in ("exclusiveMinimum", "exclusiveMaximum") and not isinstance(value, bool):
            yield key.replace("exclusiveM", "m"), value
            yield key, True
        else:
            yield key, value
