"""A cluster of three brokers falls apart: what the majority or the minority confirmed is there when it has healed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from tests.faults.shop import Shop
from tests.infra.cluster import Node, cluster, vhost_on_all
from tests.infra.faultproxy import FaultProxy
from tests.infra.network import Islands
from tests.infra.postgres import fresh_name

pytestmark = [pytest.mark.chaos, pytest.mark.infra]

SOON_BACK = {"chassis.amqp:LONGEST_PAUSE_SECONDS": 1.0}
Cluster = tuple[Islands, list[Node]]


@pytest.fixture(scope="module")
def brokers() -> Iterator[Cluster]:
    with cluster() as found:
        yield found


@pytest.fixture
def spread_shop(
    new_postgres: Callable[[], Database],
    brokers: Cluster,
    tmp_path: Path,
    record_property: Callable[[str, Any], None],
) -> Iterator[Shop]:
    """On a virtual host of the whole cluster."""
    opened = Shop(new_postgres, vhost_on_all(brokers[1], fresh_name("spread")), tmp_path, record_property)
    yield opened
    opened.close()


def on(node: Node, shop: Shop) -> str:
    """The shop's virtual host, reached through this node."""
    return node.url_of(shop.amqp_url.rpartition("/")[2])


@pytest.mark.fault(43)
@pytest.mark.parametrize("lonely", ["the relay", "the listener"])
def test_a_partition(
    spread_shop: Shop, brokers: Cluster, fault_proxy: Callable[[str], FaultProxy], lonely: str
) -> None:
    """Whoever is connected to the lonely node waits, until the address leads elsewhere; nothing confirmed is lost."""
    shop, (islands, nodes) = spread_shop, brokers
    to_lonely, to_others = fault_proxy(on(nodes[2], shop)), on(nodes[0], shop)
    relay_url, listener_url = (to_lonely.url, to_others) if lonely == "the relay" else (to_others, to_lonely.url)
    shop.shelf(amqp_url=listener_url, constants=SOON_BACK, reconcile="never").until_ready()
    shop.workshop(amqp_url=relay_url, constants=SOON_BACK).until_ready()
    with shop.busy():
        shop.until_heard(20)
        with islands.cut_off(3, others=[1, 2]):
            shop.until(lambda: is_given_up(nodes[2], by=nodes[0]), "the lonely node to be given up")
            to_lonely.lead_to(to_others)
            to_lonely.cut()
            shop.until_heard(shop.heard() + 20)
        shop.until(lambda: is_back(nodes[2], says=nodes[0]), "the lonely node to come back")
        shop.until_heard(shop.heard() + 20)

    shop.must_agree(nothing_was_lost=True)


def is_given_up(node: Node, *, by: Node) -> bool:
    """It has paused, as a node of a minority does, and the majority no longer counts on it."""
    return not node.is_ready() and not is_running(node, by)


def is_back(node: Node, *, says: Node) -> bool:
    return node.is_ready() and is_running(node, says)


def is_running(node: Node, says: Node) -> bool:
    nodes: Any = says.manage("GET", "/api/nodes")
    return bool(next(one["running"] for one in nodes if one["name"] == node.name))


@pytest.mark.fault(43)
def test_a_node_that_dies(spread_shop: Shop, brokers: Cluster, fault_proxy: Callable[[str], FaultProxy]) -> None:
    """The one that leads the queue, most likely: it was asked to declare it."""
    shop, (_, nodes) = spread_shop, brokers
    proxy = fault_proxy(on(nodes[1], shop))
    shop.shelf(amqp_url=proxy.url, constants=SOON_BACK, reconcile="never").until_ready()
    shop.workshop(amqp_url=on(nodes[0], shop), constants=SOON_BACK).until_ready()
    with shop.busy():
        shop.until_heard(20)
        nodes[1].kill()
        proxy.lead_to(on(nodes[2], shop))
        shop.until_heard(shop.heard() + 20)
        nodes[1].restart()
        shop.until(lambda: is_back(nodes[1], says=nodes[0]), "the node to come back")
        shop.until_heard(shop.heard() + 20)

    shop.must_agree(nothing_was_lost=True)
