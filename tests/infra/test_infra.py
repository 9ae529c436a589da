"""The servers for tests do what their fixtures promise."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pika
import psycopg
import pytest

from tests.infra import need
from tests.infra.faultproxy import FaultProxy
from tests.infra.postgres import DatabaseServer, fresh_name
from tests.infra.processes import NotOurServer
from tests.infra.rabbit import Broker, default_management_url

pytestmark = pytest.mark.infra

QUORUM = {"x-queue-type": "quorum"}


def declare_orders(url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().queue_declare("orders", durable=True, arguments=QUORUM)


def publish(url: str, body: bytes) -> None:
    lasting = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", "orders", body, properties=lasting, mandatory=True)


def consume_one(url: str) -> bytes:
    """The next message. A quorum queue may need a moment to find its leader again."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        for method, _, body in channel.consume("orders", inactivity_timeout=20):
            assert method, "no message came"
            channel.basic_ack(method.delivery_tag)
            return bytes(body)
    raise AssertionError("the consumer was cancelled")


def ask(url: str, question: str) -> object:
    """Connect as a service would, but give up within seconds."""
    patience = "connect_timeout=3&keepalives_idle=1&keepalives_interval=1&keepalives_count=2&tcp_user_timeout=2000"
    address = f"{url.replace('+psycopg', '')}?{patience}"
    with psycopg.connect(address) as connection:
        row = connection.execute(question).fetchone()
    assert row
    return row[0]


@pytest.mark.broker
def test_a_quorum_queue_gives_back_what_was_published(vhost: str):
    declare_orders(vhost)

    publish(vhost, b"tea")

    assert consume_one(vhost) == b"tea"


@pytest.mark.broker
def test_a_vhost_is_gone_after_its_test(broker_server: Broker):
    name = fresh_name("short")
    url = broker_server.create_vhost(name)
    declare_orders(url)

    broker_server.delete_vhost(name)

    with pytest.raises(pika.exceptions.ProbableAccessDeniedError):
        declare_orders(url)


def test_a_database_made_from_a_template_has_its_rows(database_server: DatabaseServer):
    template, copy = fresh_name("template"), fresh_name("copy")
    with psycopg.connect(database_server.create_database(template).replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE tea AS SELECT 'Longjing' AS name")

    url = database_server.create_database(copy, template=template)

    assert ask(url, "SELECT name FROM tea") == "Longjing"
    database_server.drop_database(copy)
    database_server.drop_database(template)


def test_a_database_can_belong_to_a_role(database_server: DatabaseServer):
    role = name = fresh_name("marketing")
    with database_server.connect() as connection:
        connection.execute(f'CREATE ROLE "{role}"')

    url = database_server.create_database(name, owner=role)

    assert ask(url, "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()") == role
    database_server.drop_database(name)
    with database_server.connect() as connection:
        connection.execute(f'DROP ROLE "{role}"')


def test_an_empty_database_is_empty(empty_database: str):
    assert ask(empty_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_a_cut_connection_breaks_and_the_next_one_works(empty_database: str, fault_proxy: Callable[[str], FaultProxy]):
    proxy = fault_proxy(empty_database)
    with psycopg.connect(proxy.url.replace("+psycopg", ""), autocommit=True) as connection:
        proxy.cut()

        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    assert ask(proxy.url, "SELECT 1") == 1


def test_a_proxy_leads_elsewhere_when_it_is_told(
    empty_database: str, database_server: DatabaseServer, fault_proxy: Callable[[str], FaultProxy]
):
    proxy = fault_proxy("postgresql://127.0.0.1:1/")

    proxy.lead_to(database_server.url)

    assert ask(empty_database.replace(str(urlsplit(empty_database).port), str(proxy.port)), "SELECT 1") == 1


def test_what_is_missing_and_may_not_be_installed_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TEST_NO_APT", "1")
    monkeypatch.setitem(need.NEEDS, "lead", ("lead-pipe", lambda: None))

    with pytest.raises(pytest.fail.Exception, match="apt install lead-pipe"):
        need.must_have("lead")


def test_a_black_hole_answers_nothing_until_it_is_lifted(empty_database: str, fault_proxy: Callable[[str], FaultProxy]):
    proxy = fault_proxy(empty_database)
    proxy.blackhole()

    with pytest.raises(psycopg.errors.ConnectionTimeout):
        ask(proxy.url, "SELECT 1")

    proxy.blackhole(on=False)
    assert ask(proxy.url, "SELECT 1") == 1


def test_a_refusing_server_is_noticed_at_once(empty_database: str, fault_proxy: Callable[[str], FaultProxy]):
    proxy = fault_proxy(empty_database)
    proxy.refuse()

    with pytest.raises(psycopg.OperationalError):
        ask(proxy.url, "SELECT 1")


def test_a_slow_wire_is_slow(empty_database: str, fault_proxy: Callable[[str], FaultProxy]):
    proxy = fault_proxy(empty_database)
    proxy.delay_seconds = 0.2
    started = time.monotonic()

    ask(proxy.url, "SELECT 1")

    assert time.monotonic() - started > 0.4


def test_a_killed_database_server_comes_back_with_its_rows(own_database_server: DatabaseServer):
    with own_database_server.connect() as connection:
        connection.execute("CREATE TABLE tea AS SELECT 'Longjing' AS name")
        own_database_server.kill()
        assert not own_database_server.is_ready()

    own_database_server.restart()

    assert ask(own_database_server.url, "SELECT name FROM tea") == "Longjing"


@pytest.mark.broker
@pytest.mark.slow
def test_a_killed_broker_comes_back_with_its_messages(own_broker: Broker):
    vhost = own_broker.create_vhost(fresh_name("own"))
    declare_orders(vhost)
    publish(vhost, b"tea")

    own_broker.kill()
    assert not own_broker.is_alive()
    own_broker.restart()

    assert consume_one(vhost) == b"tea"


@pytest.mark.broker
def test_a_private_broker_obeys_rabbitmqctl(own_broker: Broker):
    name = fresh_name("listed")
    own_broker.create_vhost(name)

    assert name in own_broker.control("list_vhosts")


def test_a_server_of_somebody_else_is_never_touched():
    database, broker = DatabaseServer("postgresql://db.example/crm"), Broker("amqp://mq.example/%2F")

    for forbidden in (database.kill, database.restart, broker.kill, broker.restart, broker.control):
        with pytest.raises(NotOurServer):
            forbidden()


def test_management_is_expected_beside_the_broker():
    assert default_management_url("amqp://ada:secret@mq.example:5673/%2F") == "http://ada:secret@mq.example:15672"
