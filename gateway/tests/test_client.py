"""The web client as the gateway serves it: one page for many addresses, files for ever, nothing from elsewhere."""

from __future__ import annotations

import dataclasses
import gzip
import re
from pathlib import Path

import pytest

from gateway.app import create_gateway
from gateway.settings import GatewaySettings
from gateway.tests.conftest import PASSWORD, Counted, Person

PAGE = '<!doctype html><title>client</title><script type="module" src="/assets/index-1.js"></script>'
SCRIPT = "console.log('关系')"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def visitor(upstreams: dict[str, Counted], settings: GatewaySettings, tmp_path: Path) -> Person:
    """Somebody at a gateway that has a built client."""
    folder = tmp_path / "client"
    (folder / "assets").mkdir(parents=True)
    for name, text in (("index.html", PAGE), ("assets/index-1.js", SCRIPT)):
        (folder / name).write_text(text, "utf-8")
        (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    return Person(create_gateway(upstreams, dataclasses.replace(settings, client=folder)))


def test_every_address_of_the_client_is_its_one_page(visitor: Person) -> None:
    for path in ("/", "/customers?level=3", "/customers/KH202611270000085", "/sign-in", "/no/such/place"):
        answer = visitor.get(path, HTML)
        assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/html", PAGE), path
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_page_runs_no_inline_script_and_asks_nobody_else(visitor: Person) -> None:
    policy = visitor.get("/", HTML).headers["Content-Security-Policy"]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert not re.search(r"https?:|\*", policy)


def test_files_are_kept_for_ever_and_come_compressed(visitor: Person) -> None:
    plain = visitor.get("/assets/index-1.js")
    packed = visitor.get("/assets/index-1.js", {"Accept-Encoding": "gzip, br"})

    assert plain.text == SCRIPT
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data).decode() == SCRIPT
    assert (packed.headers["Content-Encoding"], packed.mimetype) == ("gzip", "text/javascript")
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_page_that_did_not_change_is_not_sent_again(visitor: Person) -> None:
    known = visitor.get("/", HTML).headers["ETag"]

    assert visitor.get("/", HTML | {"If-None-Match": known}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/assets/nothing.js", "/assets/../index.html", "/robots.txt", "/wp/x.php"]
)
def test_what_is_no_page_stays_a_refusal(visitor: Person, path: str) -> None:
    assert visitor.get(path, HTML).status_code == 404


def test_programs_are_told_that_nothing_is_there(visitor: Person) -> None:
    assert visitor.get("/customers").status_code == 404
    assert visitor.get("/customers", {"Accept": "application/json"}).json["status"] == 404
    assert visitor.ask("POST", "/customers", HTML).status_code == 404
    assert visitor.ask("DELETE", "/api/nothing", HTML).status_code == 404


def test_the_state_of_things_and_the_documents_stay_where_they_are(visitor: Person) -> None:
    assert "service-desk" in visitor.get("/status", {"Accept-Language": "en"}).text
    for path in ("/api/docs", "/problems/locked", "/assets/page.css", "/livez"):
        answer = visitor.get(path, HTML)
        assert (answer.status_code, answer.text == PAGE) == (200, False), path


def test_in_demo_mode_the_client_learns_the_accounts(visitor: Person, upstreams: dict[str, Counted]) -> None:
    demo = visitor.get("/welcome.json").json["demo"]
    earnest = Person(create_gateway(upstreams, GatewaySettings(feed_token="x")))

    assert demo["password"] == PASSWORD
    assert {"login": "mei", "zh-CN": "客户经理", "en": "Account manager"} in demo["accounts"]
    assert earnest.get("/welcome.json").json == {"demo": None}


def test_without_a_build_the_first_page_is_the_state_of_things(somebody: Person) -> None:
    assert "service-desk" in somebody.get("/", HTML).text
    assert somebody.get("/customers", HTML).status_code == 404
