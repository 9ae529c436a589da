"""Where tests get their servers from: given addresses, Docker, this machine's binaries, apt, or a clear refusal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from tests.infra import need
from tests.infra.containers import ContainerPostgres, ContainerRabbit, docker_is_ready
from tests.infra.postgres import LASTING, THROW_AWAY, DatabaseServer, NativePostgres, find_binaries
from tests.infra.rabbit import Broker, NativeRabbit, find_server

PACKAGES = ("postgresql", "rabbitmq-server")

NOTHING_FOUND = (
    "these tests need PostgreSQL and RabbitMQ: apt install postgresql rabbitmq-server (the tests do it as root), "
    "or start Docker with TEST_DOCKER_PULL=1, or set TEST_DATABASE_URL and TEST_AMQP_URL"
)
"""One line, because every test that needs a server says it."""

NO_DOCKER = "TEST_INFRA=docker, but no Docker engine answers, or it lacks the images and TEST_DOCKER_PULL is not 1"


class Kind(StrEnum):
    """What we start servers with."""

    DOCKER = "docker"
    NATIVE = "native"


class ServersMissing(RuntimeError):
    """There is no way to get PostgreSQL and RabbitMQ on this machine."""


def shared_broker() -> Broker:
    """A broker for the whole run: the given one, or one of ours that is launched and not yet waited for."""
    given = os.environ.get("TEST_AMQP_URL")
    return Broker(given, os.environ.get("TEST_AMQP_MGMT_URL")) if given else own_broker()


def shared_database_server() -> DatabaseServer:
    """A database server for the whole run: the given one, or one of ours."""
    given = os.environ.get("TEST_DATABASE_URL")
    return DatabaseServer(given) if given else own_database_server()


def own_broker() -> Broker:
    """A broker that we may kill, launched and not yet waited for."""
    return ContainerRabbit().launch() if kind() is Kind.DOCKER else NativeRabbit().launch()


def own_database_server(settings: Mapping[str, str] = THROW_AWAY) -> DatabaseServer:
    """A database server that we may kill."""
    return ContainerPostgres(settings).start() if kind() is Kind.DOCKER else NativePostgres(settings).start()


def lasting_database_server() -> DatabaseServer:
    """A database server to measure on: the given one, or one of ours that keeps what it commits."""
    given = os.environ.get("TEST_DATABASE_URL")
    return DatabaseServer(given) if given else own_database_server(LASTING)


@cache
def kind() -> Kind:
    """Decide once per process. TEST_INFRA=docker or TEST_INFRA=native allows no other."""
    asked = os.environ.get("TEST_INFRA", "auto")
    if asked not in ("auto", *Kind):
        raise ServersMissing(f"TEST_INFRA={asked} is unknown; say docker or native, or leave it out")
    if asked != Kind.NATIVE and docker_is_ready():
        return Kind.DOCKER
    if asked == Kind.DOCKER:
        raise ServersMissing(NO_DOCKER)
    if binaries_are_ready() or install_binaries():
        return Kind.NATIVE
    raise ServersMissing(NOTHING_FOUND)


def binaries_are_ready() -> bool:
    return find_binaries() is not None and find_server() is not None


def install_binaries() -> bool:
    """Install both with apt, if we are root on a Debian and nobody said TEST_NO_APT=1."""
    return need.may_install() and need.install([*PACKAGES]) and binaries_are_ready()
