"""The whole system as a user meets it: started by its own command, spoken to over HTTP, in both modes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from chassis.problems import Unavailable
from guanxi.definitions import wanted
from guanxi.home import DEMO_PASSWORD, Home
from guanxi.supervised import Servers, Supervised, free_port, is_ready
from guanxi.topology import Broker
from tests.infra.postgres import DatabaseServer, fresh_name

START_SECONDS = 120.0
PATIENCE_SECONDS = 20.0


class Answer:
    """Status, headers and JSON of one answer."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.raw = response.data

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


class Person:
    """Somebody with a session."""

    def __init__(self, address: str, login: str = "", password: str = DEMO_PASSWORD) -> None:
        self.address = address
        self.pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=60), retries=False)
        self.headers: dict[str, str] = {}
        if login:
            session = self.post("/api/session", expect=201, login=login, password=password)
            self.headers["Authorization"] = f"Bearer {session.json['token']}"

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        sent = json.dumps(body).encode() if body is not None else None
        given = {**self.headers, **({"Content-Type": "application/json"} if sent else {}), **(headers or {})}
        return Answer(self.pool.request(method, self.address + path, body=sent, headers=given))

    def upload(self, path: str, name: str, content: bytes, expect: int = 201, **fields: str) -> Any:
        """Send a file as a browser's form does."""
        form: dict[str, Any] = {"file": (name, content, "application/octet-stream"), **fields}
        answer = self.pool.request("POST", self.address + path, fields=form, headers=self.headers)
        return expected(Answer(answer), expect).json

    def get(self, path: str, expect: int = 200) -> Any:
        return expected(self.ask("GET", path), expect).json

    def post(self, path: str, expect: int = 200, **body: Any) -> Answer:
        return expected(self.ask("POST", path, body), expect)

    def put(self, path: str, expect: int = 200, **body: Any) -> Answer:
        return expected(self.ask("PUT", path, body), expect)

    def patch(self, path: str, expect: int = 200, **body: Any) -> Answer:
        etag = expected(self.ask("GET", path), 200).etag
        return expected(self.ask("PATCH", path, body, {"If-Match": etag}), expect)


def expected(answer: Answer, status: int) -> Answer:
    assert answer.status == status, f"{answer.status} instead of {status}: {answer.raw[:500]!r}"
    return answer


class System:
    """A running Guanxi."""

    mode = ""
    address = ""
    home: Home

    def person(self, login: str) -> Person:
        return Person(self.address, login)

    def anonymous(self) -> Person:
        return Person(self.address)


class EmbeddedSystem(System):
    """``guanxi up`` as a process of its own."""

    mode = "embedded"

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.home = Home(folder, demo=True)
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds until it was ready."""
        began = time.monotonic()
        environment = {**os.environ, "GUANXI_PORT": str(self.port), "GUANXI_DATA": str(self.folder)}
        self.process = subprocess.Popen([sys.executable, "-m", "guanxi", "up"], env=environment)
        wait_until(lambda: is_ready(f"{self.address}/readyz"), "guanxi up", within=START_SECONDS)
        return time.monotonic() - began

    def stop(self, number: int = signal.SIGINT) -> float:
        """Seconds until it had ended."""
        if self.process is None:
            return 0.0
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL to the process that serves: no farewell."""
        self.stop(signal.SIGKILL)


class FullSystem(System):
    """``guanxi up --full`` on the run's PostgreSQL and RabbitMQ."""

    mode = "full"

    def __init__(self, folder: Path, database_url: str, amqp_url: str, management_url: str = "") -> None:
        self.prefix = fresh_name("gx")
        self.broker = Broker(amqp_url, management_url, self.prefix)
        self.home = Home(folder, demo=True)
        self.supervised = Supervised(self.home, Servers(database_url, amqp_url, self.prefix, management_url))
        self.address = self.supervised.address

    def start(self) -> None:
        self.supervised.start()

    def stop(self) -> None:
        self.supervised.stop()
        if self.broker.management:
            for account in wanted(self.prefix).accounts:
                with contextlib.suppress(Unavailable):  # it was never made
                    self.broker.management.delete_account(account.name)


@contextmanager
def embedded(folder: Path) -> Iterator[EmbeddedSystem]:
    system = EmbeddedSystem(folder)
    try:
        system.start()
        yield system
    finally:
        system.stop()


@contextmanager
def full(folder: Path, server: DatabaseServer, amqp_url: str, management_url: str = "") -> Iterator[FullSystem]:
    system = FullSystem(folder, server.url, amqp_url, management_url)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def wait_until(is_true: Callable[[], Any], what: str, within: float = PATIENCE_SECONDS) -> Any:
    """What ``is_true`` gives once it is true; services hear of each other within moments, not at once."""
    deadline = time.monotonic() + within
    while True:
        found = is_true()
        if found:
            return found
        assert time.monotonic() < deadline, f"still waiting for {what} after {within:.0f} s"
        time.sleep(0.05)
