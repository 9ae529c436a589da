"""Broker accounts in full mode: one for each service where we may make them, and otherwise the one that we have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pika.exceptions
import pytest

from chassis import topology
from chassis.amqp import connected
from chassis.problems import Unavailable
from guanxi.accounts import management_url_of, own_urls
from guanxi.definitions import VARIABLE, wanted
from guanxi.home import Home
from guanxi.supervised import Servers, Supervised
from guanxi.topology import Broker
from tests.infra.postgres import fresh_name
from tests.infra.rabbit import Broker as Server

pytestmark = pytest.mark.broker
SERVICES = ["customer", "service-desk"]
NOBODY = {"tags": "", "password": "secret"}


def secret(name: str) -> str:
    return f"a secret: {name}"


@pytest.fixture
def broker(own_broker: Server) -> Iterator[Broker]:
    """An empty virtual host, by the two doors of an administrator."""
    name = fresh_name("accounts")
    made = Broker(own_broker.create_vhost(name), own_broker.management_url, name)
    yield made
    own_broker.delete_vhost(name)
    for user in own_broker.manage("GET", "/api/users"):  # type: ignore[attr-defined]
        if user["name"].startswith(name):
            own_broker.manage("DELETE", f"/api/users/{quote(user['name'])}")


def as_user(url: str, name: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{quote(name)}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"))


def ordinary(broker: Broker, server: Server) -> Broker:
    """The same virtual host by the doors of somebody who may do anything in it, and make no accounts."""
    name, everything = f"{broker.accounts}-ordinary", {"configure": ".*", "write": ".*", "read": ".*"}
    server.manage("PUT", f"/api/users/{name}", NOBODY | {"tags": "management"})
    server.manage("PUT", f"/api/permissions/{broker.accounts}/{name}", everything)
    urls = (as_user(url, name, "secret") for url in (broker.amqp_url, broker.management_url))
    return Broker(*urls, broker.accounts)


def test_each_service_gets_an_account_that_can_do_its_own_work_only(broker: Broker) -> None:
    urls = own_urls(broker, SERVICES, secret, {})

    with connected(urls["customer"]) as connection:
        channel = connection.channel()
        channel.basic_consume(topology.queue_name("customer"), print)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="ACCESS_REFUSED"):
            channel.basic_consume(topology.queue_name("service-desk"), print)
    assert {urlsplit(url).username for url in urls.values()} == {
        f"{broker.accounts}-customer",
        f"{broker.accounts}-service-desk",
    }


def test_what_accounts_need_is_made_with_them(broker: Broker) -> None:
    own_urls(broker, SERVICES, secret, {})

    assert broker.plan(wanted(broker.accounts)) == []


def test_a_second_start_takes_the_passwords_there_are(broker: Broker) -> None:
    first = own_urls(broker, SERVICES, secret, {})

    assert own_urls(broker, SERVICES, secret, {}) == first


def test_who_may_not_administrate_is_told_what_is_needed(broker: Broker, own_broker: Server) -> None:
    for one in (ordinary(broker, own_broker), Broker(broker.amqp_url, "", broker.accounts)):
        with pytest.raises(Unavailable, match="GUANXI_AMQP_MANAGEMENT_URL"):
            own_urls(one, SERVICES, secret, {})


def test_accounts_that_an_operator_made_are_taken_as_they_are(broker: Broker, own_broker: Server) -> None:
    given = {f"{VARIABLE}CUSTOMER": "pump", f"{VARIABLE}SERVICE_DESK": "bell"}
    broker.apply(wanted(broker.accounts), given)

    urls = own_urls(ordinary(broker, own_broker), SERVICES, secret, given)

    assert {urlsplit(url).password for url in urls.values()} == {"pump", "bell"}


def test_a_password_that_does_not_open_is_told_without_it(broker: Broker) -> None:
    given = {f"{VARIABLE}CUSTOMER": "pump", f"{VARIABLE}SERVICE_DESK": "bell"}

    with pytest.raises(Unavailable, match=f"does not let {broker.accounts}-customer in") as refusal:
        own_urls(Broker(broker.amqp_url, "", broker.accounts), SERVICES, secret, given)

    assert "pump" not in refusal.value.detail


def test_a_management_api_that_does_not_answer_is_told(broker: Broker) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        own_urls(Broker(broker.amqp_url, "http://guest:guest@127.0.0.1:1", broker.accounts), SERVICES, secret, {})


def test_full_mode_says_so_and_goes_on_with_the_one_account(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system = Supervised(Home(tmp_path, demo=True), Servers("", broker.amqp_url, broker.accounts))

    urls = system._broker_accounts(SERVICES)

    assert set(urls.values()) == {broker.amqp_url}
    assert "all services share one broker account" in capsys.readouterr().err


def test_passwords_are_made_once_and_kept_with_the_other_secrets(broker: Broker, tmp_path: Path) -> None:
    servers = Servers("", broker.amqp_url, broker.accounts, broker.management_url)

    first, second = (Supervised(Home(tmp_path, demo=True), servers)._broker_accounts(SERVICES) for _ in range(2))

    assert first == second
    assert all(urlsplit(url).password in (tmp_path / "secrets.json").read_text() for url in first.values())  # type: ignore[operator]


@pytest.mark.parametrize(
    ("amqp_url", "management_url"),
    [
        ("amqp://me:word@mq/guanxi", "http://me:word@mq:15672"),
        ("amqp://mq:5672", "http://guest:guest@mq:15672"),
        ("amqp://me:word@mq:5673/guanxi", ""),
        ("amqps://me:word@mq:5672/guanxi", ""),
    ],
)
def test_the_management_api_is_looked_for_where_it_usually_is(amqp_url: str, management_url: str) -> None:
    assert management_url_of(amqp_url) == management_url
