"""Supervised mode: a web process and a worker per service, and the gateway, on PostgreSQL and RabbitMQ.

A process that dies is started again, after a pause that grows; Ctrl-C ends them all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import click

from chassis import migrations
from chassis.database import Database
from chassis.problems import Unavailable
from chassis.settings import HalfSet
from guanxi import registry
from guanxi.accounts import management_url_of, own_urls
from guanxi.home import DEMO_PASSWORD, Home
from guanxi.keeper import Keeper
from guanxi.provision import provision_all
from guanxi.topology import Broker
from guanxi.up import announce, must_be_free

START_SECONDS = 120
STOP_SECONDS = 10


def run(data: Path, *, host: str, port: int, demo: bool) -> None:
    """``guanxi up --full``: serve until Ctrl-C. Raises HalfSet when it is not told where the servers are."""
    began = time.monotonic()
    must_be_free(host, port)
    database_url, amqp_url = os.environ.get("GUANXI_DATABASE_URL"), os.environ.get("GUANXI_AMQP_URL")
    if not database_url or not amqp_url:
        raise HalfSet(
            detail="Set GUANXI_DATABASE_URL (a PostgreSQL account that may create databases and roles, "
            "postgresql://user:password@host/postgres) and GUANXI_AMQP_URL (amqp://user:password@host/)"
        )
    os.umask(0o077)
    home = Home(data, demo=demo)
    home.lock()
    management_url = os.environ.get("GUANXI_AMQP_MANAGEMENT_URL", management_url_of(amqp_url))
    servers = Servers(database_url, amqp_url, os.environ.get("GUANXI_PREFIX", "guanxi"), management_url)
    system = Supervised(home, servers, host=host, port=port)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        system.start()
        announce(home, host, port, time.monotonic() - began)
        stopped.wait()
    finally:
        system.stop()


@dataclasses.dataclass(frozen=True)
class Servers:
    """Where PostgreSQL (an account that may create databases) and RabbitMQ are.

    ``prefix`` begins the names of databases, roles and broker accounts, so that one server can hold several
    installations. ``management_url`` is where RabbitMQ's accounts can be made; without it all services share one.
    """

    database_url: str
    amqp_url: str
    prefix: str = "guanxi"
    management_url: str = ""


class Supervised:
    """All processes of one installation."""

    def __init__(self, home: Home, servers: Servers, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.home, self.servers = home, servers
        self.host, self.port = host, port or free_port()
        self.ports = {name: free_port() for name in registry.NAMES}
        self.health_ports = {name: free_port() for name in registry.NAMES}
        self.urls: dict[str, str] = {}
        self.amqp_urls: dict[str, str] = {}
        self.processes: dict[str, Keeper] = {}

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Databases, migrations, processes; returns when the gateway says that all is ready."""
        self.home.make_keys()
        names = list(registry.NAMES)
        self.urls = provision_all(self.servers.database_url, names, self.home.secret, self.servers.prefix)
        self.home.note_databases(self.urls)
        self.amqp_urls = self._broker_accounts(names)
        for name in names:
            self._migrate(name)
        for name in names:
            self.launch(f"{name} web", "serve", self.environment(name), name)
            self.launch(f"{name} worker", "work", self.environment(name), name)
        self.launch("gateway", "gateway", self._gateway_environment())
        self.wait_until_ready()

    def launch(self, title: str, purpose: str, environment: Mapping[str, str], *service: str) -> None:
        keeper = Keeper(title, purpose, service, environment)
        self.processes[title] = keeper
        keeper.start()

    def wait_until_ready(self, within: float = START_SECONDS) -> None:
        """Raises Unavailable, naming what is not ready."""
        ports = {"gateway": self.port} | {f"{n} worker": p for n, p in self.health_ports.items()}
        deadline = time.monotonic() + within
        for title, port in ports.items():
            while not is_ready(f"http://{self.host}:{port}/readyz"):
                if time.monotonic() > deadline:
                    raise Unavailable(detail=f"{title} is not ready after {within:.0f} s")
                time.sleep(0.05)

    def stop(self) -> None:
        """Ask all to finish, then insist."""
        for keeper in self.processes.values():
            keeper.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for keeper in self.processes.values():
            keeper.wait(deadline)

    def environment(self, service: str) -> dict[str, str]:
        """Settings of one service's processes."""
        feeds = {name: f"http://{self.host}:{port}" for name, port in self.ports.items() if name != service}
        return {
            "GUANXI_HOST": self.host,
            "GUANXI_PORT": str(self.ports[service]),
            "GUANXI_HEALTH_PORT": str(self.health_ports[service]),
            "GUANXI_DATABASE_URL": self.urls[service],
            "GUANXI_AMQP_URL": self.amqp_urls[service],
            "GUANXI_KEYS_FILE": str(self.home.keys_file),
            "GUANXI_FEEDS": json.dumps(feeds),
            "GUANXI_FEED_TOKEN": self.home.secret("feed"),
            "GUANXI_EXTRA": json.dumps(self.home.extra(service)),
        }

    def _broker_accounts(self, names: list[str]) -> dict[str, str]:
        """An address per service; where they cannot have accounts of their own, that is said, and they share one."""
        broker = Broker(self.servers.amqp_url, self.servers.management_url, self.servers.prefix)
        try:
            return own_urls(broker, names, self.home.secret, os.environ)
        except Unavailable as reason:
            click.echo(f"guanxi: all services share one broker account. {reason.detail}", err=True)
            return dict.fromkeys(names, self.servers.amqp_url)

    def _gateway_environment(self) -> dict[str, str]:
        upstreams = {name: f"http://{self.host}:{port}" for name, port in self.ports.items()}
        workers = {name: f"http://{self.host}:{port}" for name, port in self.health_ports.items()}
        return {
            "GUANXI_HOST": self.host,
            "GUANXI_PORT": str(self.port),
            "GUANXI_UPSTREAMS": json.dumps(upstreams),
            "GUANXI_WORKERS": json.dumps(workers),
            "GUANXI_FEED_TOKEN": self.home.secret("feed"),
            "GUANXI_DEMO_PASSWORD": DEMO_PASSWORD if self.home.demo else "",
        }

    def _migrate(self, name: str) -> None:
        settings = self.home.settings(name, self.urls[name])
        database = Database(settings.database_url, pool_size=1)
        with contextlib.closing(database):
            migrations.upgrade(registry.load(name), database, settings)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310  (our own processes on this machine)
            return bool(answer.status == 200)
    except OSError:
        return False
