"""What the web client is told of the API says what the API's document says, and nothing that no screen needs."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.titles import Titles
from guanxi import client, registry
from guanxi.client import Shapes, noun_of, titles_of

STRING = {"type": "string"}


@pytest.fixture
def document() -> dict[str, Any]:
    page = {name: {"type": "integer"} for name in ("page", "size")} | {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}
    }
    row = {"id": {"type": "integer"}, "seen_at": {"type": ["string", "null"], "format": "date-time"}}
    fields = {"name": STRING | {"maxLength": 50}, "kind": STRING | {"enum": ["", "a", "b"]}, "price": STRING | {
        "pattern": r"^\d{1,13}(\.\d{1,2})?$"}}  # fmt: skip

    def answer(name: str) -> dict[str, Any]:
        return {"200": {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}}

    asks = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}
    parameters = [{"in": "query", "name": name, "schema": STRING} for name in ("kind", "q", "page")]
    parameters.append({"in": "query", "name": "sort", "schema": {"enum": ["id", "-id"]}})
    listed = {"get": {"parameters": parameters, "responses": answer("Page"), "x-needs": "thing:read"}}
    made = {"post": {"requestBody": asks, "responses": answer("Row"), "x-needs": "thing:write"}}
    paths = {"/api/things": listed | made, "/api/things/export": {"get": {}}, "/api/bus/x/redrive": made}
    schemas = {
        "Page": {"properties": page},
        "Row": {"properties": row},
        "New": {"properties": fields, "required": ["name"]},
    }
    return {"paths": paths, "components": {"schemas": schemas}}


def test_a_list_knows_its_columns_filters_and_who_may_add_to_it(document: dict[str, Any]) -> None:
    assert dict(Shapes(document).lists()) == {
        "/things": {
            "needs": "thing:read",
            "row": {"id": "integer", "seen_at": "moment"},
            "filters": ["kind"],
            "sorts": ["id"],
            "searches": True,
            "exports": True,
            "creates": "thing:write",
        }
    }


def test_a_call_knows_its_fields_and_operators_calls_stay_out(document: dict[str, Any]) -> None:
    [(name, call)] = Shapes(document).calls()

    assert (name, call["needs"]) == ("POST /things", "thing:write")
    assert call["asks"] == [
        {"name": "name", "kind": "text", "required": True, "maxLength": 50},
        {"name": "kind", "kind": "text", "options": ["a", "b"]},
        {"name": "price", "kind": "money"},
    ]


def test_titles_are_those_of_the_exports(document: dict[str, Any]) -> None:
    titles = titles_of(Titles({"things.name": ("名称甲", "Its name")}), Shapes(document))

    assert titles["things.name"] == ("名称甲", "Its name")
    assert "things.price" not in titles


@pytest.mark.parametrize(("path", "noun"), [
    ("/customers/{customer_no}/contacts/{contact_id}", "contacts"),
    ("/orders", "orders"),
    ("/", ""),
])  # fmt: skip
def test_the_last_word_of_a_path_is_its_noun(path: str, noun: str) -> None:
    assert noun_of(path) == noun


def test_types_are_made_from_good_answers_only() -> None:
    document = client.without_refusals({"paths": {"/x": {"get": {"responses": {"200": {}, "404": {}, "422": {}}}}}})

    assert document["paths"]["/x"]["get"]["responses"] == {"200": {}}


def test_every_service_has_a_list_that_screens_can_show() -> None:
    for service in registry.load_all().values():
        assert dict(Shapes(client.document_of(service)).lists()), service.name
