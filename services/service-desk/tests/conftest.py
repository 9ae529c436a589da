"""The service desk on stage."""

import pytest

from chassis.dictionary import ItemAdded
from chassis.people import UserRegistered
from chassis.principal import Principal
from chassis.testing.fixtures import stage_fixture
from chassis.testing.stage import Client, Stage
from service_desk.reactions import CustomerOpened
from service_desk.service import service

stage = stage_fixture(service)
MEI = Principal(user_id=7, name="Mei", role="account-manager", kind="user", scope="own")
BO = Principal(user_id=9, name="Bo", role="account-manager", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
MANAGER = (
    "request:read", "request:create", "request:delete", "request:handle", "request:feedback",
    "complaint:read", "complaint:create", "complaint:handle", "complaint:visit", "visit:read", "visit:write",
)  # fmt: skip


@pytest.fixture
def furnished(stage: Stage) -> Stage:
    """The desk with three people, one customer and one kind of request; what was said before is forgotten."""
    stage.hears(
        UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager", manager_id=8),
        UserRegistered(user_id=8, login="sue", full_name="Sue", role="supervisor"),
        UserRegistered(user_id=9, login="bo", full_name="Bo", role="account-manager"),
        CustomerOpened(customer_no="KH1", name="Acme", status=1, manager_id=7),
        ItemAdded(item_id=1, kind="service type", value="complaint", text="投诉"),
    )
    stage.said()
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
