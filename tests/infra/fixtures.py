"""Fixtures that give a test its servers.

==========================  =========  =====================================================================
``database_server``         session    PostgreSQL: ``create_database``, ``drop_database``, ``url_of``
``empty_database``          function   the address of a new, empty database
``broker_server``           session    RabbitMQ: ``create_vhost``, ``delete_vhost``, ``manage`` (HTTP API)
``vhost``                   function   the AMQP address of a new virtual host
``own_broker``              function   a private RabbitMQ: ``kill``, ``restart``, ``control`` (rabbitmqctl)
``own_database_server``     function   a private PostgreSQL: ``kill``, ``restart``
``fault_proxy``             function   ``fault_proxy(url)``: a wire to cut, to slow down or to swallow bytes
==========================  =========  =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from tests.infra import provide
from tests.infra.faultproxy import FaultProxy
from tests.infra.postgres import DatabaseServer, fresh_name
from tests.infra.rabbit import Broker
from tests.infra.sharing import Shared

T = TypeVar("T")

NEEDS_BROKER = {"broker_server", "vhost"}


class Servers:
    """The servers that all workers of this run share. Each is started when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.databases = Shared(
            folder / "database-server.json",
            start=provide.shared_database_server,
            describe=lambda server: [server.url],
            attach=DatabaseServer,
        )
        self.brokers = Shared(
            folder / "broker.json",
            start=provide.shared_broker,
            describe=lambda broker: [broker.url, broker.management_url],
            attach=Broker,
        )

    def launch_broker(self) -> None:
        """Start the slower of the two without waiting for it."""
        or_fail(self.brokers.acquire)

    def broker(self) -> Broker:
        broker = or_fail(self.brokers.acquire)
        broker.wait()
        return broker

    def database(self) -> DatabaseServer:
        server = or_fail(self.databases.acquire)
        server.wait()
        return server

    def close(self) -> None:
        with ExitStack() as both:
            both.callback(self.brokers.release)
            both.callback(self.databases.release)


def or_fail(start: Callable[[], T]) -> T:
    """Without servers, every test that needs one fails with the same plain sentence, not with a traceback."""
    try:
        return start()
    except provide.ServersMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both servers, shared by all workers. A broker takes seconds to start, so it starts before all else."""
    shared = Servers(folder_of_run(request, tmp_path_factory))
    try:
        if any(NEEDS_BROKER.intersection(getattr(item, "fixturenames", ())) for item in request.session.items):
            shared.launch_broker()
        yield shared
    finally:
        shared.close()


@pytest.fixture(scope="session")
def database_server(servers: Servers) -> DatabaseServer:
    """PostgreSQL for this run. Use names from ``fresh_name``: other workers share it."""
    return servers.database()


@pytest.fixture(scope="session")
def broker_server(servers: Servers) -> Broker:
    """RabbitMQ for this run. Use ``vhost``: other workers share the broker."""
    return servers.broker()


@pytest.fixture
def empty_database(database_server: DatabaseServer) -> Iterator[str]:
    """The address of a database that nobody else uses; it is dropped after the test."""
    name = fresh_name("test")
    yield database_server.create_database(name)
    database_server.drop_database(name)


@pytest.fixture
def vhost(broker_server: Broker) -> Iterator[str]:
    """The AMQP address of a virtual host that nobody else uses; it is deleted after the test."""
    name = fresh_name("test")
    yield broker_server.create_vhost(name)
    broker_server.delete_vhost(name)


@pytest.fixture(scope="session")
def private_broker() -> Iterator[Broker]:
    """One broker per worker for tests that kill it: starting it costs seconds."""
    broker = or_fail(provide.own_broker)
    try:
        broker.wait()
        yield broker
    finally:
        broker.close()


@pytest.fixture
def own_broker(private_broker: Broker) -> Broker:
    """A running broker that this test may kill, restart and worry.

    Other tests used it before: take a virtual host from ``create_vhost(fresh_name("own"))``.
    Undo what ``control`` set; a broker that was left dead is started again for the next test.
    """
    if not private_broker.is_alive():
        private_broker.restart()
    private_broker.wait()
    return private_broker


@pytest.fixture
def own_database_server() -> Iterator[DatabaseServer]:
    """A PostgreSQL server that this test may kill and restart."""
    server = or_fail(provide.own_database_server)
    yield server
    server.close()


@pytest.fixture
def fault_proxy() -> Iterator[Callable[[str], FaultProxy]]:
    """Put a proxy with faults before the server of a URL; ``proxy.url`` leads through it."""
    with ExitStack() as proxies:

        def before(url: str) -> FaultProxy:
            proxy = FaultProxy(url)
            proxies.callback(proxy.close)
            return proxy

        yield before


def folder_of_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common: under pytest-xdist each has one inside it."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own
