"""Marketing on stage, on a SQLite file and on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.database import Database
from chassis.dictionary import ItemAdded
from chassis.people import UserRegistered
from chassis.principal import Principal
from chassis.testing.fixtures import stage_fixture
from chassis.testing.stage import Client, Stage, prepare, some_settings
from marketing.reactions import ContactAdded, CustomerOpened
from marketing.service import service

stage = stage_fixture(service)
MEI = Principal(user_id=7, name="Mei", role="account-manager", kind="user", scope="own")
BO = Principal(user_id=9, name="Bo", role="account-manager", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
MANAGER = (
    "lead:read", "lead:write", "lead:convert", "lead:import", "campaign:read", "campaign:write", "deal:read",
    "deal:write", "pipeline:read", "task:read", "task:write", "forecast:read", "forecast:write", "target:read",
    "opportunity:read", "opportunity:create", "opportunity:develop", "plan:read", "plan:write", "plan:execute",
    "marketing-plan:read", "marketing-plan:write", "marketing-plan:execute", "marketing-plan:feedback",
)  # fmt: skip


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    """Marketing with three people, a customer with a contact, and some words of the dictionary."""
    stage.hears(
        UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager", manager_id=8),
        UserRegistered(user_id=8, login="sue", full_name="Sue", role="supervisor"),
        UserRegistered(user_id=9, login="bo", full_name="Bo", role="account-manager"),
        CustomerOpened(customer_no="KH1", name="Acme", status=1, manager_id=7),
        ContactAdded(contact_id=4, customer_no="KH1", name="Li Wei"),
        ItemAdded(item_id=1, kind="opportunity source", value="fair"),
        ItemAdded(item_id=2, kind="campaign kind", value="mailing"),
        ItemAdded(item_id=3, kind="deal kind", value="new"),
        ItemAdded(item_id=4, kind="visit plan kind", value="routine"),
    )
    return stage


@pytest.fixture
def mei(furnished: Stage) -> Client:
    return furnished.client(MEI, *MANAGER)


@pytest.fixture
def bo(furnished: Stage) -> Client:
    return furnished.client(BO, *MANAGER)


@pytest.fixture
def sue(furnished: Stage) -> Client:
    return furnished.client(SUE)


@pytest.fixture(scope="session")
def pg_template(database_server: Any) -> Iterator[str]:
    """A PostgreSQL database with the tables of marketing: copying it is quicker than making them."""
    name = fresh_name("template")
    url = database_server.create_database(name)
    database = Database(url, pool_size=1)
    prepare(service, database, some_settings(service.name, url))
    database.close()
    yield name
    database_server.drop_database(name)


@pytest.fixture
def pg_stage(database_server: Any, pg_template: str) -> Iterator[Stage]:
    """The same as ``stage`` where transactions overlap."""
    name = fresh_name("stage")
    url = database_server.create_database(name, template=pg_template)
    database = Database(url)
    yield Stage(service, database, some_settings(service.name, url))
    database.close()
    database_server.drop_database(name)


def fresh_name(what: str) -> str:
    """A name that no other test uses: all share one server."""
    return f"marketing_{what}_{secrets.token_hex(4)}"
