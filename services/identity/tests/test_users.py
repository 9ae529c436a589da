"""Users over HTTP: registering, editing, shutting out; and many of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage

IdOf = Callable[[str], int]
LEE = {"login": "lee", "full_name": "Lee", "role": "account-manager"}


def test_a_user_is_registered_edited_and_has_a_history(stage: Stage, admin: Client, id_of: IdOf) -> None:
    stage.said()
    lee = admin.post("/users", **LEE, manager_id=id_of("sue"), email="lee@example.com")
    path = f"/users/{lee['id']}"

    edited = admin.patch(path, version=lee["version"], full_name="Lee Wu", manager_id=None)

    assert (edited["full_name"], edited["manager_id"], edited["has_password"]) == ("Lee Wu", None, False)
    types = [kind.removeprefix("crm.identity.user.") for kind, _ in stage.said()]
    assert types == ["registered", "edited"]
    [_, change] = admin.get(path + "/history")["items"]
    assert change["changes"]["full_name"] == {"old": "Lee", "new": "Lee Wu"}


def test_a_password_appears_in_no_answer_no_event_and_no_history(stage: Stage, admin: Client) -> None:
    lee = admin.post("/users", **LEE, password="correct horse")
    admin.call("PUT", f"/users/{lee['id']}/password", {"password": "battery staple"}, expect=200)

    path = f"/users/{lee['id']}"
    told = f"{admin.get(path)} {admin.get(path + '/history')} {stage.said()}"
    assert lee["has_password"] is True
    assert "argon2" not in told
    assert "password_hash" not in told
    assert "staple" not in told


def test_a_short_password_is_refused(admin: Client, id_of: IdOf) -> None:
    path = f"/users/{id_of('mei')}/password"

    assert admin.call("PUT", path, {"password": "1234567"}, expect=422)["errors"][0]["pointer"] == "/password"


def test_a_login_belongs_to_one_person(admin: Client) -> None:
    admin.post("/users", **LEE)

    assert admin.post("/users", expect=409, **LEE)["type"] == "/problems/already-exists"


@pytest.mark.parametrize(("field", "value"), [("role", "king"), ("manager_id", 4711), ("email", "no address")])
def test_wrong_references_are_named(admin: Client, field: str, value: Any) -> None:
    problem = admin.post("/users", expect=422, **LEE | {field: value})

    assert problem["errors"][0]["pointer"] == f"/{field}"


def test_nobody_becomes_the_own_superior(admin: Client, id_of: IdOf) -> None:
    mei, sue = id_of("mei"), id_of("sue")

    for user, manager in ((sue, mei), (sue, sue)):
        problem = admin.call("PATCH", f"/users/{user}", {"manager_id": manager}, expect=409, headers={"If-Match": "*"})
        assert problem["type"] == "/problems/reporting-circle"


def test_nobody_disables_himself_or_changes_the_own_role(stage: Stage, id_of: IdOf) -> None:
    me = id_of("admin")
    ada = stage.client(Principal(user_id=me, name="Ada", role="administrator", kind="user"))

    assert ada.post(f"/users/{me}/disable", expect=409)["type"] == "/problems/not-yourself"
    ada.call("PATCH", f"/users/{me}", {"role": "executive"}, expect=409, headers={"If-Match": "*"})
    ada.call("PATCH", f"/users/{me}", {"full_name": "Ada A."}, expect=200, headers={"If-Match": "*"})


def test_disabling_twice_is_said_once(stage: Stage, admin: Client, id_of: IdOf) -> None:
    mei = id_of("mei")
    stage.said()

    for _ in range(2):
        assert admin.post(f"/users/{mei}/disable", expect=200)["is_active"] is False

    assert [data["user_id"] for kind, data in stage.said() if kind.endswith("user.disabled")] == [mei]


def test_a_stale_edit_is_refused(admin: Client, id_of: IdOf) -> None:
    path = f"/users/{id_of('mei')}"

    assert admin.patch(path, version=1, expect=412, full_name="Mei M.")["current"] == 2
    admin.call("PATCH", path, {"full_name": "Mei M."}, expect=428)


def test_users_are_found_by_role_name_and_superior(admin: Client, id_of: IdOf) -> None:
    assert [user["login"] for user in admin.get("/users?role=executive")["items"]] == ["eve"]
    assert [user["login"] for user in admin.get(f"/users?manager_id={id_of('sam')}")["items"]] == ["jun"]
    assert [user["login"] for user in admin.get("/users?q=supervis&sort=-login")["items"]] == ["sue"]
    assert admin.get("/users?fields=login,has_password&size=1")["items"] == [{"login": "admin", "has_password": True}]


@pytest.mark.parametrize(("role", "right"), [("supervisor", "opportunity:read"), ("reader", "user:read")])
def test_who_lacks_the_right_is_refused(stage: Stage, role: str, right: str) -> None:
    client = stage.client(Principal(user_id=9, name="X", role=role, kind="user"), right)

    assert client.post("/users", expect=403, **LEE)["needs"] == "user:write"
    client.get("/users", expect=200 if right == "user:read" else 403)


def bulk(admin: Client, *rows: dict[str, Any], expect: int = 200, **more: Any) -> Any:
    return admin.post("/users/bulk", expect=expect, rows=list(rows), **more)


def person(login: str, manager: str | None = None, role: str = "account-manager") -> dict[str, Any]:
    row = {"login": login, "full_name": login.title(), "role": role}
    return row if manager is None else row | {"manager_login": manager}


def test_a_sales_team_comes_in_one_request_with_its_manager(stage: Stage, admin: Client, id_of: IdOf) -> None:
    stage.said()
    team = [person("ann", "tom"), person("bob", "tom"), person("tom", "sue", role="supervisor")]

    first, second = bulk(admin, *team), bulk(admin, *team)

    assert (first["created"], second["unchanged"], second["created"]) == (3, 3, 0)
    said = stage.said()
    assert len(said) == 3
    managers = {data["login"]: data["manager_id"] for _, data in said}
    assert managers == {"ann": id_of("tom"), "bob": id_of("tom"), "tom": id_of("sue")}


def test_rows_edit_people_who_are_there_and_leave_superiors_they_do_not_name(admin: Client, id_of: IdOf) -> None:
    answer = bulk(admin, {"login": "mei", "full_name": "Mei Renamed", "role": "account-manager"})

    assert answer["updated"] == 1
    assert admin.get(f"/users/{id_of('mei')}")["manager_id"] == id_of("sue")
    bulk(admin, {"login": "mei", "full_name": "Mei Renamed", "role": "account-manager", "manager_login": None})
    assert admin.get(f"/users/{id_of('mei')}")["manager_id"] is None


def test_wrong_rows_are_refused_with_their_reasons(stage: Stage, admin: Client) -> None:
    stage.said()
    rows = [
        person("ann", role="king"),
        person("bob", "ann"),
        person("cid", "nobody"),
        person("dan", "eva"),
        person("eva", "dan"),
        person("fay"),
        person("fay"),
    ]

    problem = bulk(admin, *rows, expect=422)
    answer = bulk(admin, *rows, on_error="skip")

    pointers = ["/rows/0/role", *(f"/rows/{number}/manager_login" for number in (1, 2, 3, 4)), "/rows/6/login"]
    assert [error["pointer"] for error in problem["errors"]] == pointers
    assert [refusal["pointer"] for refusal in answer["refused"]] == pointers
    assert answer["created"] == 1
    assert [data["login"] for _, data in stage.said()] == ["fay"]


def test_nobody_changes_the_own_role_in_bulk(stage: Stage, id_of: IdOf) -> None:
    ada = stage.client(Principal(user_id=id_of("admin"), name="Ada", role="administrator", kind="user"))

    answer = bulk(ada, person("admin", role="executive"), person("ann"), on_error="skip")

    assert (answer["created"], answer["refused"][0]["row"]) == (1, 0)


def test_a_dry_run_registers_nobody(stage: Stage, admin: Client) -> None:
    stage.said()

    assert bulk(admin, person("ann"), dry_run=True)["created"] == 1

    assert admin.get("/users?login=ann")["total"] == 0
    assert stage.said() == []
