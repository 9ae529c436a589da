"""The AsyncAPI document says what the broker does: same exchange, same queues, same events in each queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis import declaring, topology
from chassis.amqp import connected, parameters
from chassis.database import Database
from chassis.manifest import Service
from chassis.topology import Topology
from guanxi import contracts, registry
from guanxi.management import Management
from tests import toy
from tests.infra.rabbit import Broker
from tests.running import open_shop

pytestmark = pytest.mark.broker


def live(broker: Broker, vhost: str) -> Topology:
    return Management(broker.management_url, parameters(vhost).virtual_host).found(Topology())


def promised(document: dict[str, Any]) -> dict[str, set[str]]:
    """By queue, the routing keys of the events that the document lets it receive."""
    found: dict[str, set[str]] = {}
    for operation in document["operations"].values():
        if operation["action"] == "receive":
            channel = document["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]
            found.setdefault(operation["x-queue"], set()).add(channel["address"])
    return found


def delivered(found: Topology, document: dict[str, Any]) -> dict[str, set[str]]:
    """By queue, the routing keys among the document's that the live bindings let through."""
    said = {channel["address"] for channel in document["channels"].values()}
    through: dict[str, set[str]] = {}
    for binding in found.bindings:
        if binding.exchange == topology.EXCHANGE:
            keys = {key for key in said if key.startswith(binding.key.removesuffix("#"))}
            assert keys, f"{binding.name} lets nothing through that anybody says"
            through.setdefault(binding.queue, set()).update(keys)
    return through


def must_agree(document: dict[str, Any], found: Topology) -> None:
    exchanges = {
        (binding["name"], binding["type"])
        for channel in document["channels"].values()
        for binding in [channel["bindings"]["amqp"]["exchange"]]
    }
    assert exchanges <= {(exchange.name, exchange.kind) for exchange in found.exchanges}
    assert promised(document) == delivered(found, document)
    assert set(promised(document)) == {queue.name for queue in found.queues if not queue.name.endswith(".dead")}


@pytest.mark.infra
def test_what_running_workers_declare_is_what_the_document_says(
    new_postgres: Callable[[], Database], vhost: str, broker_server: Broker
) -> None:
    with open_shop(new_postgres, vhost, vhost):
        must_agree(contracts.asyncapi([toy.workshop, toy.shelf]), live(broker_server, vhost))


def test_the_document_of_our_services_is_what_their_workers_declare(vhost: str, broker_server: Broker) -> None:
    services: list[Service] = list(registry.load_all().values())
    with connected(vhost) as connection:
        for service in services:
            declaring.declare(connection, topology.of_service(service.name, service.all_reactions().aggregates()))

    must_agree(contracts.asyncapi(services), live(broker_server, vhost))


def test_a_binding_that_is_gone_is_noticed(vhost: str, broker_server: Broker) -> None:
    wanted = topology.of_service("shelf", toy.shelf.all_reactions().aggregates())
    with connected(vhost) as connection:
        declaring.declare(connection, wanted)
        declaring.unbind(connection, wanted.bindings[0])

    with pytest.raises(AssertionError):
        must_agree(contracts.asyncapi([toy.workshop, toy.shelf]), live(broker_server, vhost))
