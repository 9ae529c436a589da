"""Users from a file: registered or edited by login, and taken back."""

from __future__ import annotations

from typing import Any

from chassis.testing.stage import Client, Stage

FILE = (
    "登录名,姓名,角色,上级登录名\nann,Ann,supervisor,\nben,Ben,account-manager,ann\nmei,Mei Wang,account-manager,ann\n"
)


def done(stage: Stage, admin: Client, content: str, **fields: Any) -> Any:
    job = admin.upload("/users/imports", "users.csv", content.encode("gb18030"), expect=202, **fields)
    stage.imports()
    return admin.get(f"/users/imports/{job['id']}")


def people(admin: Client) -> dict[str, tuple[str, bool, Any]]:
    return {
        one["login"]: (one["full_name"], one["is_active"], one["manager_id"]) for one in admin.get("/users")["items"]
    }


def test_users_come_with_their_superiors_and_go_when_they_are_taken_back(stage: Stage, admin: Client) -> None:
    before = people(admin)
    job = done(stage, admin, FILE)
    ann = next(one["id"] for one in admin.get("/users")["items"] if one["login"] == "ann")
    assert (job["state"], job["created"], job["updated"], job["encoding"]) == ("done", 2, 1, "gb18030")
    assert people(admin)["ben"] == ("Ben", True, ann)
    assert people(admin)["mei"] == ("Mei Wang", True, ann)

    admin.post(f"/users/imports/{job['id']}/undo", expect=202)
    stage.imports()

    after = people(admin)
    assert after["mei"] == before["mei"]
    assert (after["ann"][1], after["ben"][1]) == (False, False)


def test_an_unknown_role_and_a_circle_are_told_by_row(stage: Stage, admin: Client) -> None:
    content = "login,full_name,role,manager_login\nann,Ann,queen,\nben,Ben,supervisor,cid\ncid,Cid,supervisor,ben\n"

    job = done(stage, admin, content, on_error="skip")

    found = admin.get(f"/users/imports/{job['id']}/faults")["items"]
    assert (job["created"], job["refused"]) == (0, 3)
    assert [(one["row"], one["column"]) for one in found] == [(2, "role"), (3, "manager_login"), (4, "manager_login")]
