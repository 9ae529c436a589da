"""Roles that come and go, modules that are switched off, and the menu that rights open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.principal import Verifier
from chassis.tables import event_log
from chassis.testing.stage import Client, Stage
from identity.right.model import BUILT_IN_ROLES, DOCUMENTS, FOLDERS, operations
from services.identity.tests.conftest import PASSWORD, Door

IdOf = Callable[[str], int]
ANY = {"If-Match": "*"}


def rights_of(stage: Stage, door: Door, login: str) -> frozenset[str]:
    return Verifier(stage.settings.keys_file).principal(door.signed(login)["Authorization"]).rights


def modules(door: Door, login: str) -> list[str]:
    return [module["code"] for module in door.http.get("/me", headers=door.signed(login)).get_json()["menu"]]


def a_role(admin: Client, code: str, *rights: str, **more: Any) -> int:
    role = admin.post("/roles", code=code, name=code.title(), **more)
    admin.call("PUT", f"/roles/{role['id']}/rights", {"rights": rights}, expect=200, headers=ANY)
    number: int = role["id"]
    return number


def somebody(admin: Client, login: str, role: str) -> int:
    said = {"login": login, "full_name": login.title(), "password": PASSWORD, "must_change_password": False}
    number: int = admin.post("/users", role=role, **said)["id"]
    return number


def test_a_role_is_deleted_when_nobody_has_it_any_more(stage: Stage, admin: Client) -> None:
    role, user = a_role(admin, "auditor", "order:read"), somebody(admin, "ann", "auditor")

    refused = admin.call("DELETE", f"/roles/{role}", expect=409, headers=ANY)
    assert (refused["type"], refused["users"]) == ("/problems/role-in-use", 1)

    admin.call("DELETE", f"/users/{user}", expect=204, headers=ANY)
    stage.said()
    admin.call("DELETE", f"/roles/{role}", expect=204, headers=ANY)

    assert [kind for kind, _ in stage.said()] == ["crm.identity.role.deleted"]
    assert admin.get("/roles?code=auditor")["total"] == 0
    kept = admin.get(f"/roles/{role}")
    assert (kept["status"], kept["rights"], kept["is_active"]) == (2, [], False)
    assert not any(one["allowed"] for one in kept["actions"])
    admin.post("/users", expect=422, login="bob", full_name="Bob", role="auditor")
    for method, path, body in (
        ("PATCH", "", {"name": "X"}),
        ("PUT", "/rights", {"rights": []}),
        ("DELETE", "", None),
        ("POST", "/enable", {}),
        ("POST", "/disable", {}),
    ):
        refused = admin.call(method, f"/roles/{role}{path}", body, expect=409, headers=ANY)
        assert refused["type"] == "/problems/role-gone"


@pytest.mark.parametrize("code", [code for code, *_ in BUILT_IN_ROLES])
def test_the_products_own_roles_are_not_deleted(admin: Client, code: str) -> None:
    [role] = admin.get(f"/roles?code={code}")["items"]
    assert role["is_built_in"] is True

    refused = admin.call("DELETE", f"/roles/{role['id']}", expect=409, headers=ANY)

    assert refused["type"] == "/problems/role-protected"


def test_the_tree_of_rights_says_who_has_which(admin: Client) -> None:
    a_role(admin, "auditor", "audit:read")

    tree = admin.get("/rights")["items"]

    found = {
        right["code"]: right for module in tree for document in module["children"] for right in document["children"]
    }
    assert found["audit:read"]["roles"] == ["administrator", "auditor"]
    assert found["opportunity:assign"]["roles"] == ["supervisor"]


def test_whoever_has_every_right_has_six_modules_in_the_menu(admin: Client, door: Door) -> None:
    a_role(admin, "everything", *sorted(operations()))
    somebody(admin, "ann", "everything")

    menu = door.http.get("/me", headers=door.signed("ann")).get_json()["menu"]

    assert [module["code"] for module in menu] == [code for code, *_ in FOLDERS]
    shown = [document["code"] for module in menu for document in module["children"]]
    assert shown == sorted(code for code, *_ in DOCUMENTS)
    assert {"L05", "L06"} <= set(modules(door, "admin"))


def test_a_module_that_is_switched_off_belongs_to_nobody(stage: Stage, admin: Client, door: Door) -> None:
    assert "customer:read" in rights_of(stage, door, "mei")
    stage.said()

    assert admin.post("/rights/L02/disable", expect=200)["is_on"] is False

    assert "L02" not in modules(door, "mei")
    assert not {
        right for right in rights_of(stage, door, "mei") if right.startswith(("customer:", "contact:", "loss:"))
    }
    assert "opportunity:read" in rights_of(stage, door, "mei")
    admin.post("/rights/L02/enable", expect=200)
    assert "customer:read" in rights_of(stage, door, "mei")
    facts = [(kind.rpartition(".")[2], data) for kind, data in stage.said() if ".right." in kind]
    assert [(fact, data["code"], data["changes"]) for fact, data in facts] == [
        ("switched-off", "L02", {"is_on": {"old": True, "new": False}}),
        ("switched-on", "L02", {"is_on": {"old": False, "new": True}}),
    ]


def test_a_function_is_switched_off_alone(stage: Stage, admin: Client, door: Door) -> None:
    admin.post("/rights/L0202/disable", expect=200)

    rights = rights_of(stage, door, "mei")

    assert ("loss:read" in rights, "customer:read" in rights) == (False, True)
    [off] = [one for module in admin.get("/rights")["items"] for one in module["children"] if not one["is_on"]]
    assert off["code"] == "L0202"


def test_the_first_switch_is_the_first_thing_that_is_said_of_a_module(stage: Stage, admin: Client) -> None:
    admin.post("/rights/L02/disable", expect=200)
    admin.post("/rights/L02/enable", expect=200)

    of_rights = sa.select(event_log.c.aggregate_version).where(event_log.c.aggregate_type == "right")
    with stage.database.reading() as session:
        assert list(session.scalars(of_rights.order_by(event_log.c.id))) == [1, 2]


@pytest.mark.parametrize("code", ["L06", "L0601", "user:write", "customer:read"])
def test_administration_stays_on_and_operations_are_granted_not_switched(admin: Client, code: str) -> None:
    assert admin.post(f"/rights/{code}/disable", expect=409)["type"] == "/problems/cannot-be-switched"


def test_an_unknown_module_is_not_found(admin: Client) -> None:
    admin.post("/rights/L99/disable", expect=404)


def test_switching_off_twice_is_said_once_and_survives_an_upgrade(stage: Stage, admin: Client) -> None:
    from chassis.testing.stage import prepare
    from identity.service import service

    for _ in range(2):
        admin.post("/rights/L02/disable", expect=200)

    prepare(service, stage.database, stage.settings)

    assert [kind for kind, _ in stage.said() if ".right." in kind] == ["crm.identity.right.switched-off"]
    assert next(module for module in admin.get("/rights")["items"] if module["code"] == "L02")["is_on"] is False
