"""Servers for measuring: PostgreSQL keeps what it commits, as in production, and RabbitMQ too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.infra import provide
from tests.infra.postgres import DatabaseServer, fresh_name
from tests.infra.rabbit import Broker


class Servers:
    """One of each, with empty databases and virtual hosts to be had."""

    def __init__(self, databases: DatabaseServer, broker: Broker) -> None:
        self.databases, self.broker = databases, broker

    @contextmanager
    def database(self) -> Iterator[str]:
        name = fresh_name("bench")
        yield self.databases.create_database(name)
        self.databases.drop_database(name)

    @contextmanager
    def vhost(self) -> Iterator[str]:
        name = fresh_name("bench")
        yield self.broker.create_vhost(name)
        self.broker.delete_vhost(name)


@contextmanager
def running() -> Iterator[Servers]:
    with ExitStack() as stack:
        broker = provide.shared_broker()
        stack.callback(broker.close)
        databases = provide.lasting_database_server()
        stack.callback(databases.close)
        broker.wait()
        databases.wait()
        yield Servers(databases, broker)
