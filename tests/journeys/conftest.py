"""The same journeys in both modes; each mode is started once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from guanxi.home import DEMO_PASSWORD
from guanxi.importing.client import Api
from tests import system
from tests.infra.fixtures import Servers
from tests.infra.postgres import fresh_name


@pytest.fixture(scope="session")
def embedded_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[system.System]:
    with system.embedded(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture(scope="session")
def full_system(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[system.System]:
    broker = servers.broker()
    vhost = fresh_name("journeys")
    folder, url = tmp_path_factory.mktemp("full"), broker.create_vhost(vhost)
    with system.full(folder, servers.database(), url, broker.management_url) as running:
        yield running
    broker.delete_vhost(vhost)


@pytest.fixture(params=["embedded", pytest.param("full", marks=[pytest.mark.infra, pytest.mark.broker])])
def guanxi(request: pytest.FixtureRequest) -> system.System:
    """A running system, in each of the two modes."""
    running: system.System = request.getfixturevalue(f"{request.param}_system")
    return running


@pytest.fixture
def word() -> str:
    """A name that no other test uses: the systems are shared."""
    return f"Acme {secrets.token_hex(4)}"


@pytest.fixture
def api(guanxi: system.System) -> dict[str, Api]:
    """The importer's two accounts."""
    logins = {"admin": "admin", "supervisor": "sue"}
    return {account: Api(guanxi.address, login, DEMO_PASSWORD) for account, login in logins.items()}
