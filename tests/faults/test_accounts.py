"""Fault 45: a broker that lets us in no more, for whatever reason, is named, left in peace, and used again."""

from __future__ import annotations

import contextlib
import time
import urllib.error
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from chassis.database import Database
from guanxi.topology import Broker
from tests.infra.postgres import fresh_name
from tests.infra.rabbit import Broker as Server
from tests.running import Shop, open_shop, readiness, toy_topology
from tests.system import wait_until

pytestmark = [pytest.mark.infra, pytest.mark.broker]
PATIENCE_SECONDS = 60.0
"""A worker that was refused often waits up to half a minute before it tries again."""
WATCHED_SECONDS = 3.0
MOST_TRIES = 12
"""Of two workers in the time watched, each with jitter; without a pause there would be hundreds."""


class House:
    """A virtual host with an account for each of the toy services, and what an operator may do to them."""

    def __init__(self, server: Server) -> None:
        self.server, self.name = server, fresh_name("accounts")
        self.broker = Broker(server.create_vhost(self.name), server.management_url, self.name)
        self.passwords = {"workshop": "hammer", "shelf": "ink"}
        self.make_all()

    def make_all(self) -> None:
        given = {f"GUANXI_BROKER_PASSWORD_{service.upper()}": word for service, word in self.passwords.items()}
        self.broker.apply(toy_topology(self.name), given)

    def account(self, service: str) -> str:
        return f"{self.name}-{service}"

    def url(self, service: str) -> str:
        parts = urlsplit(self.broker.amqp_url)
        login = f"{quote(self.account(service))}:{self.passwords[service]}"
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port}"))

    def change_passwords(self, suffix: str) -> None:
        for service, word in self.passwords.items():
            account = f"/api/users/{quote(self.account(service))}"
            self.server.manage("PUT", account, {"tags": "", "password": word + suffix})

    def give(self, service: str, **rights: str) -> None:
        """These rights and no others."""
        nothing = {"configure": "^$", "write": "^$", "read": "^$"}
        self.server.manage("PUT", f"/api/permissions/{self.name}/{quote(self.account(service))}", nothing | rights)

    def send_everybody_away(self) -> None:
        """Existing connections keep what they once were allowed."""
        self.server.control("close_all_connections", "-p", self.name, "the operator says so")

    def delete_vhost(self) -> None:
        self.server.delete_vhost(self.name)

    def close(self) -> None:
        with contextlib.suppress(urllib.error.HTTPError):  # a test that failed may have left it deleted
            self.delete_vhost()
        for service in self.passwords:
            self.server.manage("DELETE", f"/api/users/{quote(self.account(service))}")


@pytest.fixture
def house(own_broker: Server) -> Iterator[House]:
    made = House(own_broker)
    yield made
    made.close()


@pytest.fixture
def shop(house: House, new_postgres: Callable[[], Database]) -> Iterator[Shop]:
    with open_shop(new_postgres, house.url("workshop"), house.url("shelf")) as shop:
        shop.make()
        shop.wait_for_labels(1)
        yield shop


def until(is_true: Callable[[], object], what: str) -> None:
    wait_until(is_true, what, within=PATIENCE_SECONDS)


def until_named(shop: Shop, words: str) -> None:
    """Both workers say by themselves what is wrong, and that they cannot work."""
    until(lambda: words in shop.workshop.wrong().get("relay", ""), f"the relay to say {words}")
    until(lambda: words in shop.shelf.wrong().get("subscriber", ""), f"the subscriber to say {words}")
    assert readiness(shop.shelf)[0] == readiness(shop.workshop)[0] == 503


def tries(caplog: pytest.LogCaptureFixture) -> int:
    """How often both workers knock in vain while one watches."""
    caplog.clear()
    time.sleep(WATCHED_SECONDS)
    return len([one for one in caplog.messages if one.startswith(("Broker trouble", "Relay begins again"))])


def must_recover(shop: Shop, labels: int) -> None:
    until(lambda: shop.has_labelled(labels), f"{labels} labels")
    until(lambda: not (shop.workshop.wrong() or shop.shelf.wrong()), "both workers to be ready again")


def test_f45_a_changed_password_is_named_and_waited_out(
    house: House, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    house.change_passwords(" is another now")
    house.send_everybody_away()

    until_named(shop, "account or password")
    shop.make()  # requests go on: events wait in the log
    assert tries(caplog) < MOST_TRIES

    house.change_passwords("")
    must_recover(shop, labels=2)


def test_f45_a_virtual_host_that_is_gone_is_named_and_what_it_held_is_fetched(
    house: House, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    house.delete_vhost()

    until_named(shop, "virtual host")
    shop.make(colours=3)
    assert tries(caplog) < MOST_TRIES

    house.server.create_vhost(house.name)
    house.make_all()
    must_recover(shop, labels=5)


def test_f45_rights_taken_away_are_named_and_waited_out(
    house: House, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    house.give("workshop")
    house.give("shelf")
    house.send_everybody_away()
    shop.make(colours=3)

    until_named(shop, "may not")
    assert tries(caplog) < MOST_TRIES

    house.make_all()
    must_recover(shop, labels=5)


def test_f45_who_may_not_publish_is_told_apart_from_who_may_not_read(house: House, shop: Shop) -> None:
    house.give("workshop", configure="^$", read=".*")
    house.send_everybody_away()
    shop.make()

    until(lambda: "may not" in shop.workshop.wrong().get("relay", ""), "the relay to be refused")
    until(lambda: not shop.shelf.wrong(), "the shelf to be back")

    house.make_all()
    must_recover(shop, labels=2)


def test_f45_no_password_is_in_what_is_told(house: House, shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    house.change_passwords(" is another now")
    house.send_everybody_away()
    until_named(shop, "account or password")

    told = f"{readiness(shop.shelf)} {readiness(shop.workshop)} {caplog.text}"

    assert not [word for word in house.passwords.values() if f":{word}" in told]


def test_a_worker_publishes_and_reads_over_connections_of_their_own(house: House, shop: Shop) -> None:
    def users() -> list[str]:
        found = house.server.manage("GET", f"/api/vhosts/{house.name}/connections")
        assert isinstance(found, list)
        return sorted(one["user"] for one in found)

    # the shelf relays what it says itself, and reads what the workshop says
    wanted = [house.account("shelf"), house.account("shelf"), house.account("workshop")]
    until(lambda: users() == wanted, "three connections")
