"""The AsyncAPI document says what the broker does: same exchange, same queues, same events in each queue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chassis import declaring, topology
from chassis.amqp import connected, parameters
from chassis.database import Database
from chassis.manifest import Service
from chassis.topology import Topology
from guanxi import contracts, promises, registry
from guanxi.definitions import wanted
from guanxi.management import Management
from tests import toy
from tests.infra.rabbit import Broker
from tests.running import open_shop

pytestmark = pytest.mark.broker


def disagreements(services: list[Service], found: Topology) -> list[topology.Difference]:
    return list(promises.broken(contracts.asyncapi(services), found))


def live(broker: Broker, vhost: str) -> Topology:
    return Management(broker.management_url, parameters(vhost).virtual_host).found(Topology())


@pytest.mark.infra
def test_what_running_workers_declare_is_what_the_document_says(
    new_postgres: Callable[[], Database], vhost: str, broker_server: Broker
) -> None:
    with open_shop(new_postgres, vhost, vhost):
        assert disagreements([toy.workshop, toy.shelf], live(broker_server, vhost)) == []


def test_the_document_of_our_services_is_what_their_workers_declare(vhost: str, broker_server: Broker) -> None:
    services: list[Service] = list(registry.load_all().values())
    with connected(vhost) as connection:
        for service in services:
            declaring.declare(connection, topology.of_service(service.name, service.all_reactions().aggregates()))

    assert disagreements(services, live(broker_server, vhost)) == []


def test_the_committed_document_is_what_our_workers_declare(vhost: str, broker_server: Broker) -> None:
    with connected(vhost) as connection:
        declaring.declare(connection, wanted())

    assert list(promises.broken(promises.document(), live(broker_server, vhost))) == []


def test_a_queue_that_gets_too_little_or_too_much_is_noticed(vhost: str, broker_server: Broker) -> None:
    shelf = topology.of_service("shelf", toy.shelf.all_reactions().aggregates())
    with connected(vhost) as connection:
        declaring.declare(connection, shelf)
        declaring.unbind(connection, shelf.bindings[0])
        connection.channel().queue_bind("crm.shelf.events", topology.EXCHANGE, "shelf.#")

    [noticed] = disagreements([toy.workshop, toy.shelf], live(broker_server, vhost))

    assert noticed.name == "crm.shelf.events"
    assert "workshop.toy.made" in noticed.wanted
    assert "shelf.label.printed" in noticed.found


def test_an_exchange_that_is_not_there_is_noticed() -> None:
    [gone, _] = disagreements([toy.workshop, toy.shelf], Topology())

    assert (gone.name, gone.found) == ("crm.events", "no such exchange")


@pytest.mark.parametrize(
    ("pattern", "key", "passes"),
    [
        ("#", "a.b.c", True),
        ("a.#", "a", True),
        ("a.#", "b.a", False),
        ("a.b.#", "a.b.c.v2", True),
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.c", False),
        ("#.c", "a.b.c", True),
        ("a.b", "a.b.c", False),
    ],
)
def test_bindings_are_read_as_the_broker_reads_them(pattern: str, key: str, passes: bool) -> None:
    assert promises.lets_through(pattern, key) is passes
