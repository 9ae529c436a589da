"""``guanxi bus topology`` on a broker of our own: plan, apply, doctor, and the file for a new one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pika.exceptions
import pytest
from click.testing import CliRunner, Result

from chassis import declaring
from chassis.amqp import connected
from chassis.database import Database
from chassis.problems import Unavailable
from chassis.tables import inbox
from chassis.topology import DEAD_EXCHANGE, EXCHANGE, QUORUM
from guanxi.contracts import DEFINITIONS
from guanxi.definitions import VHOST, definitions, text_of, wanted
from guanxi.topology import Broker, commands
from tests import toy
from tests.infra.postgres import fresh_name
from tests.infra.rabbit import Broker as OwnBroker
from tests.running import SHELF_QUEUE, Shop, open_shop, readiness, toy_topology
from tests.system import wait_until

pytestmark = pytest.mark.broker
TOYS = toy_topology()
PASSWORDS = {"GUANXI_BROKER_PASSWORD_WORKSHOP": "hammer and nails", "GUANXI_BROKER_PASSWORD_SHELF": "ink"}


@pytest.fixture
def broker(own_broker: OwnBroker) -> Iterator[Broker]:
    """An empty virtual host, by both doors."""
    name = fresh_name("topology")
    yield Broker(own_broker.create_vhost(name), own_broker.management_url)
    own_broker.delete_vhost(name)


@pytest.fixture
def applied(broker: Broker) -> Broker:
    """A virtual host with everything the toys need."""
    broker.apply(TOYS)
    return broker


@pytest.fixture
def stocked(own_broker: OwnBroker) -> Iterator[str]:
    """The AMQP address of a virtual host that was made from a definitions file with passwords."""
    name = fresh_name("imported")
    own_broker.manage("POST", "/api/definitions", definitions(TOYS, name, PASSWORDS))
    yield own_broker.create_vhost(name)
    own_broker.delete_vhost(name)


def as_account(url: str, service: str) -> str:
    password = PASSWORDS[f"GUANXI_BROKER_PASSWORD_{service.upper()}"].replace(" ", "%20")
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"guanxi-{service}:{password}@{parts.hostname}:{parts.port}"))


def run(broker: Broker, *words: str) -> Result:
    doors = ["--amqp-url", broker.amqp_url, "--management-url", broker.management_url]
    return CliRunner(env={"COLUMNS": "200"}).invoke(commands, [*doors, *words], catch_exceptions=False)


def told(broker: Broker) -> set[tuple[str, str, str]]:
    return {(one.kind, one.part, one.name) for one in broker.examine(TOYS)}


def test_a_plan_shows_what_is_missing_and_changes_nothing(broker: Broker) -> None:
    first, second = run(broker, "plan"), run(broker, "plan")

    assert first.output == second.output
    assert "crm.reporting.events" in first.output
    assert first.output.count("missing") == sum(map(len, vars(wanted()).values()))


def test_applied_once_nothing_is_left_to_do(broker: Broker) -> None:
    done = run(broker, "apply")

    assert (done.exit_code, "The broker is as wanted" in done.output) == (0, True)
    assert "Nothing to do" in run(broker, "plan").output


def test_the_doctor_misses_consumers_and_says_so_by_his_exit_code(broker: Broker) -> None:
    want = wanted()
    broker.apply(want)

    found = run(broker, "doctor")

    listening = [queue for queue in want.queues if not queue.name.endswith(".dead")]
    assert found.exit_code == 1
    assert found.output.count("missing") == found.output.count("a worker") == len(listening) > 0


def test_without_the_management_api_half_is_done_and_it_is_said(broker: Broker) -> None:
    blind = Broker(broker.amqp_url, "")

    done = run(blind, "apply")

    assert "GUANXI_AMQP_MANAGEMENT_URL" in done.stderr
    assert {one.part for one in broker.plan(wanted())} == {"policy", "account"}


def test_a_broker_that_is_not_there_is_a_sentence_without_the_password() -> None:
    with pytest.raises(Unavailable, match="does not answer") as refusal:
        run(Broker("amqp://guest:secret@127.0.0.1:1/", ""), "plan")

    assert "secret" not in refusal.value.detail


def test_the_doctor_is_content_with_a_broker_that_is_as_wanted(applied: Broker) -> None:
    with consuming(applied, SHELF_QUEUE):
        assert told(applied) == set()


def test_the_doctor_sees_every_kind_of_difference(applied: Broker, own_broker: OwnBroker) -> None:
    spoil(applied, own_broker)

    assert told(applied) == {
        ("missing", "consumer", SHELF_QUEUE),
        ("missing", "binding", f"{EXCHANGE} workshop.toy.# → {SHELF_QUEUE}"),
        ("surplus", "binding", f"{EXCHANGE} # → {SHELF_QUEUE}"),
        ("surplus", "binding", f"{EXCHANGE} # → crm.stray"),
        ("surplus", "queue", "crm.stray"),
        ("differs", "policy", "crm-shelf-events"),
        ("surplus", "policy", "house"),
        ("differs", "account", "guanxi-shelf"),
        ("surplus", "dead letters", f"{SHELF_QUEUE}.dead"),
    }


def test_what_holds_messages_or_belongs_to_others_is_left_to_a_person(applied: Broker, own_broker: OwnBroker) -> None:
    spoil(applied, own_broker)

    applied.mend(TOYS)

    assert told(applied) == {
        ("missing", "consumer", SHELF_QUEUE),
        ("surplus", "binding", f"{EXCHANGE} # → crm.stray"),
        ("surplus", "queue", "crm.stray"),
        ("surplus", "policy", "house"),
        ("surplus", "dead letters", f"{SHELF_QUEUE}.dead"),
    }


def test_a_message_that_nobody_can_take_ends_in_the_dead_letter_queue(applied: Broker) -> None:
    with connected(applied.amqp_url) as connection:
        channel = connection.channel()
        channel.basic_publish(EXCHANGE, "workshop.toy.made", b"poison")
        method, _, _ = next(channel.consume(SHELF_QUEUE))
        channel.basic_reject(method.delivery_tag, requeue=False)

        wait_until(lambda: declaring.depth(connection, f"{SHELF_QUEUE}.dead") == (1, 0), "the dead letter")


def test_the_committed_definitions_are_what_the_code_wants() -> None:
    assert DEFINITIONS.read_text() == text_of(definitions(wanted(), VHOST, {})), "run: make contracts"


def test_no_password_is_in_the_committed_definitions() -> None:
    users = json.loads(DEFINITIONS.read_text())["users"]

    assert {user["password_hash"] for user in users} == {""}


def test_a_broker_that_read_the_committed_definitions_is_as_wanted(own_broker: OwnBroker) -> None:
    own_broker.manage("POST", "/api/definitions", json.loads(DEFINITIONS.read_text()))
    broker = Broker(own_broker.create_vhost(VHOST), own_broker.management_url)

    assert broker.plan(wanted()) == []
    own_broker.delete_vhost(VHOST)


@pytest.mark.infra
def test_each_service_works_with_its_own_account(stocked: str, new_postgres: Callable[[], Database]) -> None:
    with open_shop(new_postgres, as_account(stocked, "workshop"), as_account(stocked, "shelf")) as shop:
        shop.make()
        shop.wait_for_labels(1)

        assert readiness(shop.shelf)[1].get("warnings") is None


@pytest.mark.infra
def test_with_its_own_account_a_worker_makes_its_queue_again(
    stocked: str, new_postgres: Callable[[], Database]
) -> None:
    with open_shop(new_postgres, as_account(stocked, "workshop"), as_account(stocked, "shelf")) as shop:
        with connected(stocked) as connection:
            connection.channel().queue_delete(SHELF_QUEUE)
            wait_until(lambda: declaring.depth(connection, SHELF_QUEUE) == (0, 1), "the queue and its consumer")
        shop.make()
        shop.wait_for_labels(1)

        assert via(shop) == {"push"}


FORBIDDEN: dict[str, Callable[[Any], object]] = {
    "read another's queue": lambda channel: channel.basic_consume(SHELF_QUEUE, print),
    "empty another's queue": lambda channel: channel.queue_purge(SHELF_QUEUE),
    "speak in another's name": lambda channel: channel.basic_publish(EXCHANGE, "shelf.label.printed", b"{}"),
    "put something into a queue": lambda channel: channel.basic_publish("", SHELF_QUEUE, b"{}"),
    "bury something alive": lambda channel: channel.basic_publish(DEAD_EXCHANGE, SHELF_QUEUE, b"{}"),
    "make a queue": lambda channel: channel.queue_declare("crm.mine", durable=True, arguments=dict(QUORUM)),
    "listen to what it is not told": lambda channel: channel.queue_bind(SHELF_QUEUE, EXCHANGE, "#"),
}


def test_a_service_can_do_nothing_but_its_own_work(stocked: str) -> None:
    with connected(as_account(stocked, "workshop")) as connection:
        allowed = [what for what, attempt in FORBIDDEN.items() if not is_refused(connection, attempt)]

    assert allowed == []


@pytest.mark.infra
def test_a_broker_that_takes_no_events_is_named(
    applied: Broker, own_broker: OwnBroker, new_postgres: Callable[[], Database]
) -> None:
    with open_shop(new_postgres, applied.amqp_url, applied.amqp_url) as shop:
        own_broker.control("set_disk_free_limit", "900000000000000")
        try:
            shop.make()
            wait_until(lambda: "broker blocked" in shop.workshop.wrong().get("relay", ""), "the alarm to be noticed")
            assert ("surplus", "alarm", "memory or disk") in told(applied)
        finally:
            own_broker.control("set_disk_free_limit", "50MB")
        wait_until(lambda: not shop.workshop.wrong(), "the alarm to pass")
        shop.wait_for_labels(1)


def is_refused(connection: Any, attempt: Callable[[Any], object]) -> bool:
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        attempt(channel)
    except pika.exceptions.ChannelClosedByBroker as refusal:
        return bool(refusal.reply_code == declaring.NOT_ALLOWED)
    return False


def spoil(broker: Broker, server: OwnBroker) -> None:
    """What a hasty hand may do to a broker."""
    vhost = urlsplit(broker.amqp_url).path[1:]
    policy = {"pattern": "^crm\\.shelf", "definition": {"delivery-limit": 3}, "apply-to": "queues", "priority": 10}
    server.manage("PUT", f"/api/policies/{vhost}/crm-shelf-events", policy)
    server.manage("PUT", f"/api/policies/{vhost}/house", policy | {"pattern": ".*", "priority": 99})
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    server.manage("PUT", f"/api/permissions/{vhost}/guanxi-shelf", rights)
    with connected(broker.amqp_url) as connection:
        channel = connection.channel()
        channel.queue_unbind(SHELF_QUEUE, EXCHANGE, "workshop.toy.#")
        channel.queue_bind(SHELF_QUEUE, EXCHANGE, "#")
        channel.queue_declare("crm.stray", durable=True)
        channel.queue_bind("crm.stray", EXCHANGE, "#")
        channel.confirm_delivery()
        channel.basic_publish(DEAD_EXCHANGE, SHELF_QUEUE, b"poison")


@contextmanager
def consuming(broker: Broker, queue: str) -> Iterator[None]:
    with connected(broker.amqp_url) as connection:
        connection.channel().basic_consume(queue, print)
        yield


def via(shop: Shop) -> set[str]:
    """How events came to the shelf."""
    return {row["via"] for row in toy.rows(shop.shelf.database, inbox)}
