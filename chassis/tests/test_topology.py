"""The broker's side: what a service needs there is made once, kept as it is, and told when it is otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis import declaring, topology
from chassis.amqp import connected
from chassis.database import Database
from chassis.topology import Binding, Policy, Queue, Topology
from tests.running import SHELF_QUEUE, open_shop, readiness, toy_topology
from tests.system import wait_until

WANTED = toy_topology()


@pytest.fixture
def connection(vhost: str) -> Iterator[Any]:
    with connected(vhost) as connection:
        yield connection


def test_a_listener_gets_whole_aggregates_so_that_versions_have_no_holes() -> None:
    assert [one for one in WANTED.bindings if one.exchange == topology.EXCHANGE] == [
        Binding(topology.EXCHANGE, SHELF_QUEUE, "workshop.toy.#")
    ]


def test_a_service_that_hears_nothing_has_no_queue_but_may_speak() -> None:
    wanted = topology.of_service("workshop", {})

    assert (wanted.queues, wanted.policies, wanted.bindings) == ((), (), ())
    assert [account.name for account in wanted.accounts] == ["guanxi-workshop"]


def test_only_what_can_never_change_stands_in_the_arguments() -> None:
    assert {frozenset(queue.arguments) for queue in WANTED.queues} == {
        frozenset({"x-queue-type", "x-single-active-consumer"})
    }


def test_an_account_speaks_in_its_own_name_and_reads_its_own_queue() -> None:
    shelf = next(account for account in WANTED.accounts if account.name == "guanxi-shelf")

    assert topology.matches(shelf.says, "shelf.label.printed")
    assert not topology.matches(shelf.says, "workshop.toy.made")
    assert topology.matches(shelf.read, SHELF_QUEUE)
    assert not topology.matches(shelf.read, "crm.reporting.events")
    assert not topology.matches(shelf.read, topology.DEAD_EXCHANGE)
    assert not topology.matches(shelf.write, "amq.default")


def test_a_comparison_says_what_is_missing_what_differs_and_what_nobody_wants() -> None:
    classic, stray = Queue(SHELF_QUEUE, {"x-queue-type": "classic"}), Queue("crm.former.events")
    found = Topology(WANTED.exchanges, (classic, stray), WANTED.bindings, WANTED.policies, WANTED.accounts[:1])

    told = {(one.kind, one.part, one.name) for one in topology.compare(WANTED, found)}

    assert told == {
        ("missing", "queue", f"{SHELF_QUEUE}.dead"),
        ("differs", "queue", SHELF_QUEUE),
        ("surplus", "queue", "crm.former.events"),
        ("missing", "account", "guanxi-workshop"),
    }


def test_a_difference_names_only_the_facts_that_differ() -> None:
    policy = WANTED.policies[0]
    laxer = Policy(policy.name, policy.pattern, {**policy.definition, "delivery-limit": 5})

    (difference,) = topology.compare(Topology(policies=[policy]), Topology(policies=[laxer]))

    assert (difference.wanted, difference.found) == ("delivery-limit=50", "delivery-limit=5")


@pytest.mark.broker
def test_what_is_missing_is_made_and_a_second_time_changes_nothing(connection: Any) -> None:
    missing = {one.name for one in declaring.look(connection, WANTED)}

    assert missing == {one.name for one in WANTED.exchanges} | {one.name for one in WANTED.queues}
    assert declaring.declare(connection, WANTED) == []
    assert declaring.declare(connection, WANTED) == []
    assert declaring.look(connection, WANTED) == []


@pytest.mark.fault(8)
@pytest.mark.broker
def test_a_queue_of_another_type_is_told_and_the_rest_is_made_all_the_same(connection: Any) -> None:
    connection.channel().queue_declare(SHELF_QUEUE, durable=True)

    (difference,) = declaring.declare(connection, WANTED)

    assert (difference.kind, difference.name) == ("differs", SHELF_QUEUE)
    assert "PRECONDITION_FAILED" in difference.found
    assert declaring.depth(connection, f"{SHELF_QUEUE}.dead") == (0, 0)


@pytest.mark.fault(8)
@pytest.mark.infra
@pytest.mark.broker
def test_a_worker_goes_on_with_a_queue_that_is_otherwise_than_wanted(
    new_postgres: Callable[[], Database], vhost: str
) -> None:
    with connected(vhost) as connection:
        connection.channel().queue_declare(SHELF_QUEUE, durable=True)

    with open_shop(new_postgres, vhost, vhost) as shop:
        shop.make()
        shop.wait_for_labels(1)
        status, told = readiness(shop.shelf)

    assert status == 200
    assert SHELF_QUEUE in told["warnings"]["topology"]


@pytest.mark.infra
@pytest.mark.broker
def test_a_queue_that_is_deleted_comes_back_and_nothing_is_missing(
    new_postgres: Callable[[], Database], vhost: str
) -> None:
    with open_shop(new_postgres, vhost, vhost) as shop, connected(vhost) as connection:
        shop.make()
        shop.wait_for_labels(1)
        connection.channel().queue_delete(SHELF_QUEUE)
        shop.make()
        shop.wait_for_labels(2)

        assert declaring.look(connection, WANTED) == []


@pytest.mark.infra
@pytest.mark.broker
def test_a_worker_without_a_broker_names_the_broken_links(new_postgres: Callable[[], Database]) -> None:
    nowhere = "amqp://guest:secret@127.0.0.1:1/"

    with open_shop(new_postgres, nowhere, nowhere, wait=False) as shop:
        status, told = readiness(shop.shelf)

    assert status == 503
    assert told["wrong"]["relay"].startswith("not leading")
    assert told["wrong"]["subscriber"].startswith("not connected")
    assert "secret" not in str(told)


@pytest.mark.fault(45)
@pytest.mark.infra
@pytest.mark.broker
def test_a_refused_password_is_named_and_does_not_end_the_worker(
    new_postgres: Callable[[], Database], vhost: str
) -> None:
    with open_shop(new_postgres, vhost, re.sub(r":[^:/@]+@", ":wrong@", vhost), wait=False) as shop:
        wait_until(lambda: "ACCESS_REFUSED" in readiness(shop.shelf)[1]["wrong"].get("subscriber", ""), "the refusal")
        wait_until(lambda: "ACCESS_REFUSED" in readiness(shop.shelf)[1]["wrong"].get("relay", ""), "the refusal")
