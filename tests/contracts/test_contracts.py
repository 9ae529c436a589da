"""The promises are files: what is said is promised, what is heard is said, and promises only grow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from chassis.events import Heard, contract_name, field_names, schema_of
from guanxi import contracts, registry

SERVICES = registry.load_all()
SAID = {event.event_type: event for service in SERVICES.values() for event in service.says}


def heard() -> Iterator[tuple[str, type[Heard]]]:
    for service in SERVICES.values():
        yield from ((service.name, kind) for kind in service.all_reactions().hears)


HEARD = list(heard())


def test_the_committed_promises_are_what_the_code_says() -> None:
    assert contracts.differing() == []


@pytest.mark.parametrize("event", SAID.values(), ids=lambda event: event.event_type)
def test_a_promise_is_a_valid_schema_and_describes_itself(event: Any) -> None:
    schema = json.loads((contracts.FOLDER / contract_name(event)).read_text())

    jsonschema_rs.meta.validate(schema)
    assert schema["description"]
    assert event.event_type.split(".")[1] == contract_name(event).split("/")[0]


@pytest.mark.parametrize(("service", "kind"), HEARD, ids=lambda one: getattr(one, "event_type", one))
def test_what_is_heard_is_said_with_the_fields_that_are_read(service: str, kind: type[Heard]) -> None:
    assert kind.event_type in SAID, f"{service} hears {kind.event_type}, which nobody says"
    said = SAID[kind.event_type]
    required = schema_of(kind).get("required", [])

    assert field_names(kind) <= field_names(said) | {"changes"}, "a listener reads a field that is not promised"
    assert set(required) <= set(schema_of(said)["properties"])
    assert kind.key_field == said.key_field


@pytest.mark.parametrize(("service", "kind"), HEARD, ids=lambda one: getattr(one, "event_type", one))
def test_an_example_of_what_is_said_can_be_heard(service: str, kind: type[Heard]) -> None:
    example = json.dumps(example_of(schema_of(SAID[kind.event_type])))

    assert msgspec.json.decode(example, type=kind, strict=False), service


def example_of(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """Some value that fits a schema of ours."""
    root = root or schema
    if "$ref" in schema:
        return example_of(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], root)
    simple = {"integer": 1, "boolean": True, "null": None, "number": 1.5, "array": []}
    kind = schema.get("type", "object")
    if kind == "string":
        return {"date": "2026-01-31", "date-time": "2026-01-31T09:00:00Z"}.get(schema.get("format", ""), "text")
    if kind == "object":
        return {name: example_of(part, root) for name, part in schema.get("properties", {}).items()}
    return simple[kind]
