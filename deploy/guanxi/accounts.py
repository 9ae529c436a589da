"""A broker account for each service, so that none can speak in another's name or read another's queue.

Made where we may make accounts; where an operator made them and gave us their passwords, those are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from chassis.amqp import BROKER_TROUBLE, connected, trouble_of
from chassis.problems import Unavailable
from chassis.topology import account_name
from guanxi.definitions import VARIABLE, password_of, wanted
from guanxi.topology import Broker

AMQP_PORT, MANAGEMENT_PORT = 5672, 15672
ASK = "Give the management API's address, of an account that may administrate, in GUANXI_AMQP_MANAGEMENT_URL"


def own_urls(
    broker: Broker, services: list[str], secret: Callable[[str], str], environment: Mapping[str, str]
) -> dict[str, str]:
    """The address by which each service reaches the broker, with an account of its own that has been tried.

    ``secret`` gives a password by name where the environment gives none. Raises Unavailable, which says why the
    services cannot have accounts of their own.
    """
    names = {service: account_name(service, broker.accounts) for service in services}
    given = {service: password_of(name, environment, broker.accounts) for service, name in names.items()}
    passwords = {service: word or secret(f"broker {broker.accounts} {service}") for service, word in given.items()}
    if broker.management and broker.management.may_administrate():
        broker.apply(wanted(broker.accounts), {_variable(service): word for service, word in passwords.items()})
    elif not all(given.values()):
        raise Unavailable(detail=ASK)
    urls = {service: _as(broker.amqp_url, names[service], passwords[service]) for service in services}
    for service, url in urls.items():
        _must_get_in(url, names[service])
    return urls


def management_url_of(amqp_url: str) -> str:
    """Where the management API usually is when the broker is on its usual port; empty otherwise."""
    parts = urlsplit(amqp_url)
    if (parts.port or AMQP_PORT) != AMQP_PORT or parts.scheme != "amqp":
        return ""
    login = parts.netloc.rpartition("@")[0] or "guest:guest"
    return urlunsplit(("http", f"{login}@{parts.hostname}:{MANAGEMENT_PORT}", "", "", ""))


def _variable(service: str) -> str:
    return VARIABLE + service.upper().replace("-", "_")


def _as(amqp_url: str, name: str, password: str) -> str:
    parts = urlsplit(amqp_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(name, safe='')}:{quote(password, safe='')}@{place}"))


def _must_get_in(url: str, name: str) -> None:
    try:
        with connected(url):
            pass
    except BROKER_TROUBLE as error:
        raise Unavailable(detail=f"The broker does not let {name} in: {trouble_of(error)}") from error
