"""What the gateway shows by itself: the state of things, the joined API document, pages about problems."""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from werkzeug.serving import make_server

from chassis.openapi import describe
from chassis.settings import HalfSet
from gateway import openapi
from gateway.app import create_gateway
from gateway.prose import prose
from gateway.settings import GatewaySettings
from gateway.state import REMEMBERED_SECONDS, State, States
from gateway.tests.conftest import Clock, Counted, Person, echo
from guanxi import registry


def test_the_first_page_shows_services_and_demo_accounts_in_both_languages(somebody: Person) -> None:
    english = somebody.get("/", {"Accept-Language": "en"}).text
    chinese = somebody.get("/", {"Accept-Language": "zh-CN,zh;q=0.9"}).text

    for word in ("identity", "service-desk", "mei", "correct horse", "Account manager", "/api/docs"):
        assert word in english
    assert "客户经理" in chinese
    assert "Account manager" not in chinese
    assert "客户经理" in somebody.get("/?lang=zh").text


def test_outside_demo_no_account_is_shown(upstreams: dict[str, Counted]) -> None:
    text = Person(create_gateway(upstreams, GatewaySettings(feed_token="x"))).get("/status?lang=en").text

    assert "Demo accounts" not in text
    assert "mei" not in text


def test_pages_fetch_nothing_from_elsewhere_and_run_no_inline_script(somebody: Person) -> None:
    for path in ("/", "/api/docs", "/problems/locked"):
        answer = somebody.get(path)
        assert not re.findall(r'(?:src|href)="(?!/)', answer.text), path
        assert not re.findall(r"<script(?![^>]*src=)|<style|\son[a-z]+=|style=", answer.text), path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        for link in re.findall(r'(?:src|href)="(/[^"]*)"', answer.text):
            assert somebody.get(link).status_code == 200, link


def test_a_plain_document_has_an_icon_too(somebody: Person) -> None:
    answer = somebody.get("/favicon.ico")

    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_no_other_file_of_the_browser_or_ours_is_served(somebody: Person) -> None:
    for path in ("/api/docs/index.html", "/api/docs/..%2f__init__.py", "/assets/../app.py", "/assets/nothing"):
        assert somebody.get(path).status_code == 404


def test_readiness_names_the_service_that_is_down(somebody: Person, upstreams: dict[str, Counted]) -> None:
    upstreams["reporting"].is_there = False

    answer = somebody.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["wrong"] == {"reporting": "service: does not answer"}
    assert "not ready" in somebody.get("/?lang=en").text
    assert somebody.get("/livez").status_code == 200


def test_readiness_is_200_when_all_answer(somebody: Person) -> None:
    assert somebody.get("/readyz").status_code == 200


def test_states_are_asked_once_a_second_and_know_the_workers(upstreams: dict[str, Counted]) -> None:
    clock = Clock()
    server = make_server("127.0.0.1", 0, echo, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    workers = {"marketing": f"http://127.0.0.1:{server.port}", "customer": "http://127.0.0.1:9"}
    states = States(upstreams, workers, clock)

    found = {state.name: state for state in states.all()}
    states.all()
    assert found["marketing"] == State("marketing", {}, {})
    assert found["customer"].worker == {"worker": "does not answer"}
    assert found["identity"].worker is None
    assert len(upstreams["marketing"].asked) == 1

    clock.now += REMEMBERED_SECONDS
    states.all()
    assert len(upstreams["marketing"].asked) == 2
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("slug", "title", "status"), [
    ("locked", "After too many wrong passwords", "status 403"),
    ("too-many-requests", "Too many requests", "status 429"),
    ("never-heard-of", "Never heard of", ""),
])  # fmt: skip
def test_every_kind_of_problem_has_a_page(somebody: Person, slug: str, title: str, status: str) -> None:
    answer = somebody.get(f"/problems/{slug}")

    assert answer.status_code == 200
    assert title in answer.text
    assert status in answer.text


def test_a_written_page_is_shown_instead_of_the_title(
    upstreams: dict[str, Counted], settings: GatewaySettings, tmp_path: Path
) -> None:
    (tmp_path / "locked.md").write_text(
        "# Locked\n\nWait `15` minutes, or:\n\n- ask <admin>\n- read\n\n```\ncode <b>\n```\n"
    )
    person = Person(create_gateway(upstreams, dataclasses.replace(settings, problem_pages=tmp_path)))

    text = person.get("/problems/locked").text

    for part in ("<h1>Locked</h1>", "<code>15</code>", "<li>ask &lt;admin&gt;", "<pre>code &lt;b&gt;"):
        assert part in text
    assert person.get("/problems/..%2fREADME").status_code == 404
    assert person.get("/problems/UPPER").status_code == 404


def test_prose_marks_up_nothing_but_what_is_escaped() -> None:
    assert "<script" not in prose("# <script>\n\n`<script>` <script>\n\n- <script>")


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """The documents of all services that there are."""
    services = registry.load_all()
    return {name: json.loads(describe(service.title, service.all_routes())) for name, service in services.items()}


def test_the_joined_document_is_one_valid_document(documents: dict[str, Any]) -> None:
    joined = openapi.join(documents)

    operations = [operation.ok() for operation in schemathesis.openapi.from_dict(joined).get_all_operations()]
    assert len(operations) == sum(len(methods) for methods in joined["paths"].values())
    names = [one["operationId"] for methods in joined["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    for service in documents.values():
        assert service["paths"].keys() <= joined["paths"].keys()
    refs = set(re.findall(r"#/components/schemas/([^\"']+)", str(joined)))
    assert refs <= joined["components"]["schemas"].keys()
    assert {"post", "delete"} <= joined["paths"]["/api/session"].keys()


def test_the_browser_gets_the_same_in_the_older_words(documents: dict[str, Any]) -> None:
    older = openapi.for_the_browser(openapi.join(documents))

    operations = [operation.ok() for operation in schemathesis.openapi.from_dict(older).get_all_operations()]
    assert older["openapi"] == "3.0.3"
    assert operations
    assert not re.search(r"'type': \[", str(older))


def test_schemas_of_one_name_and_different_content_are_told_apart() -> None:
    def document(service: str, kind: str) -> dict[str, Any]:
        ref = {"$ref": "#/components/schemas/Page"}
        item = {"$ref": "#/components/schemas/Item"}
        schemas = {"Item": {"type": kind}, "Page": {"type": "array", "items": item}, "Same": {"type": "null"}}
        return {"paths": {f"/api/{service}": {"get": {"schema": ref}}}, "components": {"schemas": schemas}}

    joined = openapi.join({"service-desk": document("a", "string"), "customer": document("b", "integer")})

    schemas = joined["components"]["schemas"]
    assert set(schemas) == {"CustomerItem", "CustomerPage", "ServiceDeskItem", "ServiceDeskPage", "Same"}
    assert schemas["ServiceDeskPage"]["items"]["$ref"] == "#/components/schemas/ServiceDeskItem"
    assert joined["paths"]["/api/b"]["get"]["schema"]["$ref"] == "#/components/schemas/CustomerPage"


def test_the_document_at_the_door_is_whole_again_when_a_service_is_back(
    somebody: Person, upstreams: dict[str, Counted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.pages.UNJOINED_SECONDS", 0.0)
    upstreams["identity"].is_there = False
    assert "/api/users" not in somebody.get("/api/openapi.json").json["paths"]

    upstreams["identity"].is_there = True

    assert "/api/users" in somebody.get("/api/openapi.json").json["paths"]


def test_settings_that_are_half_set_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANXI_FEED_TOKEN", "x")
    with pytest.raises(HalfSet):
        GatewaySettings.from_environment()
    monkeypatch.setenv("GUANXI_UPSTREAMS", '{"identity": "http://127.0.0.1:1"}')
    with pytest.raises(HalfSet, match="marketing"):
        GatewaySettings.from_environment()
    monkeypatch.setenv("GUANXI_UPSTREAMS", str({name: "http://x" for name in registry.NAMES}).replace("'", '"'))
    monkeypatch.setenv("GUANXI_HTTPS", "true")
    assert GatewaySettings.from_environment().https is True
