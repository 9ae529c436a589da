"""The gateway with the real identity service behind it, and an echo in the place of every other service."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from chassis.database import Database
from chassis.problems import Unavailable
from chassis.settings import Settings
from chassis.testing.stage import prepare, some_settings
from gateway.app import create_gateway
from gateway.door import Door
from gateway.routes import SERVICES
from gateway.settings import GatewaySettings
from gateway.upstream import Answer, Asked, Upstream, WsgiUpstream
from identity.keys import generate_keys
from identity.service import service as identity

FEED_TOKEN = "between ourselves"
PASSWORD = "correct horse"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


class Clock:
    """Time as the test tells it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """An upstream that counts, and can be switched off."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.asked: list[str] = []
        self.is_there = True

    def ask(self, asked: Asked) -> Answer:
        if not self.is_there:
            raise Unavailable(detail="switched off")
        self.asked.append(f"{asked.method} {asked.path}")
        return self.upstream.ask(asked)


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers what it was asked, so that a test sees what comes through."""
    if environ["PATH_INFO"] == "/readyz":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"wrong": {}}']
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    seen = {name: value for name, value in environ.items() if isinstance(value, str)}
    headers = [("Content-Type", "application/json"), ("ETag", '"7"'), ("Set-Cookie", "theirs=1"), ("Server", "echo")]
    if environ["PATH_INFO"].endswith("/hop"):
        headers += [("Connection", "X-Hop"), ("X-Hop", "secret"), ("Keep-Alive", "timeout=5")]
    start_response("200 OK", headers)
    return [json.dumps({"seen": seen, "body": body.decode("latin-1")}).encode()]


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and a seeded identity, to copy."""
    folder = tmp_path_factory.mktemp("identity")
    generate_keys(folder / "keys")
    settings = identity_settings(folder)
    database = Database(settings.database_url)
    prepare(identity, database, settings)
    database.close()
    return folder


def identity_settings(folder: Path) -> Settings:
    extra = {"signing_key_file": str(folder / "keys/signing.pem"), "demo": "1", "demo_password": PASSWORD}
    plain = some_settings("identity", f"sqlite:///{folder}/identity.db")
    keys_file = str(folder / "keys/keys.json")
    return dataclasses.replace(plain, keys_file=keys_file, extra=extra, feed_token=FEED_TOKEN)


@pytest.fixture
def keys_file(first_day: Path) -> Path:
    return first_day / "keys/keys.json"


@pytest.fixture
def upstreams(first_day: Path, tmp_path: Path) -> Iterator[dict[str, Counted]]:
    shutil.copytree(first_day, tmp_path / "identity")
    settings = identity_settings(tmp_path / "identity")
    database = Database(settings.database_url)
    found = {name: Counted(WsgiUpstream(echo)) for name in SERVICES}
    found["identity"] = Counted(WsgiUpstream(identity.web(settings, database)))
    yield found
    database.close()


@pytest.fixture
def settings(tmp_path: Path) -> GatewaySettings:
    """Without a web client, whether or not one is built here."""
    return GatewaySettings(feed_token=FEED_TOKEN, demo_password=PASSWORD, client=tmp_path / "not built")


@pytest.fixture
def door(upstreams: dict[str, Counted], settings: GatewaySettings) -> Door:
    return create_gateway(upstreams, settings)


@pytest.fixture
def clock(door: Door) -> Clock:
    door.exchange.clock = Clock()
    return door.exchange.clock


class Person:
    """Somebody at the door: a browser with cookies, or a program with a bearer token."""

    def __init__(self, door: Door) -> None:
        self.http = Client(door)
        self.bearer: dict[str, str] = {}

    def sign_in(self, login: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        body = {"login": login, "password": password, **more}
        answer = self.http.post("/api/session", json=body, headers=OWN_PAGE if more.get("cookie") else None)
        if answer.status_code == 201 and "token" in (answer.json or {}):
            self.bearer = {"Authorization": f"Bearer {answer.json['token']}"}  # type: ignore[index]
        return answer

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        given = {**self.bearer, **(headers or {})}
        return self.http.open(path, method=method, headers=given, buffered=True, **more)

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        return self.ask("GET", path, headers)


@pytest.fixture
def somebody(door: Door) -> Person:
    return Person(door)


@pytest.fixture
def mei(door: Door) -> Person:
    person = Person(door)
    assert person.sign_in("mei").status_code == 201
    return person


@pytest.fixture
def admin(door: Door) -> Person:
    person = Person(door)
    assert person.sign_in("admin").status_code == 201
    return person
