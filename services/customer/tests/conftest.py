"""The customer service on stage, with the people who work with it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chassis.database import Database
from chassis.importing import parts, worker
from chassis.people import UserRegistered
from chassis.principal import Principal
from chassis.testing.fixtures import stage_fixture
from chassis.testing.stage import Client, Stage, prepare, some_settings
from chassis.testing.statements import statements as statements_of
from customer.service import service
from tests.infra.postgres import fresh_name

MEI = Principal(user_id=7, name="Mei", role="account-manager", kind="user", scope="own")
BOB = Principal(user_id=9, name="Bob", role="account-manager", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
READ = [f"{noun}:read" for noun in ("customer", "contact", "activity", "order", "product", "stock", "loss")]
MANAGER_MAY = [*READ, "customer:write", "contact:write", "activity:write", "loss:handle"]
SUPERVISOR_MAY = [
    *READ,
    "customer:import",
    "order:import",
    "order:write",
    "payment:read",
    "payment:write",
    "product:import",
    "product:write",
    "stock:import",
    "stock:write",
]

empty_stage = stage_fixture(service)


def with_people(stage: Stage) -> Stage:
    stage.hears(
        UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"),
        UserRegistered(user_id=9, login="bob", full_name="Bob", role="account-manager"),
        UserRegistered(user_id=8, login="sue", full_name="Sue", role="supervisor"),
    )
    return stage


@pytest.fixture
def lite_stage(empty_stage: Stage) -> Stage:
    """On SQLite."""
    return with_people(empty_stage)


@pytest.fixture
def stage(lite_stage: Stage) -> Stage:
    return lite_stage


@pytest.fixture(scope="session")
def pg_template(database_server: Any) -> Iterator[str]:
    """A PostgreSQL database with the tables of this service: copying it is quicker than making them."""
    name = fresh_name("customer")
    url = database_server.create_database(name)
    database = Database(url, pool_size=1)
    prepare(service, database, some_settings("customer", url))
    database.close()
    yield name
    database_server.drop_database(name)


@pytest.fixture
def pg_stage(database_server: Any, pg_template: str) -> Iterator[Stage]:
    """The same on PostgreSQL, where transactions overlap."""
    name = fresh_name("customer")
    url = database_server.create_database(name, template=pg_template)
    database = Database(url)
    yield with_people(Stage(service, database, some_settings("customer", url)))
    database.close()
    database_server.drop_database(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)])
def each_stage(request: pytest.FixtureRequest) -> Stage:
    """For stories that must go alike on both databases."""
    found: Stage = request.getfixturevalue("lite_stage" if request.param == "sqlite" else "pg_stage")
    return found


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten rows are a part of an import, so that small files have many."""
    for module in (parts, worker):
        monkeypatch.setattr(module, "MOST_ROWS", 10)


@pytest.fixture
def mei(stage: Stage) -> Client:
    """An account manager."""
    return stage.client(MEI, *MANAGER_MAY)


@pytest.fixture
def bob(stage: Stage) -> Client:
    """Another account manager."""
    return stage.client(BOB, *MANAGER_MAY)


@pytest.fixture
def sue(stage: Stage) -> Client:
    """The supervisor."""
    return stage.client(SUE, *SUPERVISOR_MAY)


@pytest.fixture
def acme(mei: Client) -> dict[str, Any]:
    """A customer whom Mei looks after."""
    opened: dict[str, Any] = mei.post("/customers", name="Acme", region="North", level=2, satisfaction=5, credit=4)
    return opened


@pytest.fixture
def statements(stage: Stage) -> Callable[[], Any]:
    """``with statements() as sent:`` collects the SQL that is sent meanwhile."""
    return functools.partial(statements_of, stage.database)
