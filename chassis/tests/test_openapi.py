"""The document of a service is valid OpenAPI 3.1 and says what the routes do."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi import definitions

from chassis.testing.stage import Client

VALIDATOR = jsonschema_rs.validator_for(definitions.OPENAPI_31)


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json")
    return found


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")

    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def test_the_validator_bites(document: dict[str, Any]) -> None:
    del document["info"]

    assert not VALIDATOR.is_valid(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for name in references(document):
        assert name in document["components"]["schemas"], name


def references(value: Any) -> set[str]:
    text = json.dumps(value)
    return {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}


def test_schemas_are_json_schemas(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema)


def test_a_change_says_what_it_needs(document: dict[str, Any]) -> None:
    change = document["paths"]["/api/toys/{toy_id}"]["patch"]

    assert change["x-needs"] == "toy:write"
    assert {p["name"]: p["required"] for p in change["parameters"]} == {"toy_id": True, "If-Match": True}
    assert {"200", "401", "403", "404", "409", "412", "422", "428"} <= set(change["responses"])


def test_a_refusal_of_a_rule_is_told(document: dict[str, Any]) -> None:
    conflict = document["paths"]["/api/toys/{toy_id}"]["patch"]["responses"]["409"]

    assert "The toy is sold" in conflict["description"]
    assert "application/problem+json" in conflict["content"]
