"""Roles and the dictionary over HTTP: what can be changed, and what the product's rules protect."""

from __future__ import annotations

from typing import Any

from chassis.testing.stage import Client, Stage


def role_of(admin: Client, code: str) -> dict[str, Any]:
    [found] = admin.get(f"/roles?code={code}")["items"]
    found_in_full: dict[str, Any] = admin.get(f"/roles/{found['id']}")
    return found_in_full


def grant(admin: Client, role: dict[str, Any], *rights: str, expect: int = 200) -> Any:
    headers = {"If-Match": f'"{role["version"]}"'}
    return admin.call("PUT", f"/roles/{role['id']}/rights", {"rights": rights}, expect=expect, headers=headers)


def test_a_new_role_may_do_nothing_until_rights_are_granted(stage: Stage, admin: Client) -> None:
    stage.said()
    role = admin.post("/roles", code="auditor", name="Auditor")
    assert (role["rights"], role["data_scope"]) == ([], "own")

    granted = grant(admin, role, "order:read", "customer:read", "order:read")

    assert granted["rights"] == ["customer:read", "order:read"]
    kind, data = stage.said()[-1]
    assert kind == "crm.identity.role.rights-changed"
    assert (data["granted"], data["withdrawn"]) == (["customer:read", "order:read"], [])
    assert grant(admin, granted, "customer:read")["version"] == granted["version"] + 1
    assert stage.said()[-1][1]["withdrawn"] == ["order:read"]


def test_granting_the_same_again_says_nothing(stage: Stage, admin: Client) -> None:
    role = role_of(admin, "executive")
    stage.said()

    assert grant(admin, role, *role["rights"])["version"] == role["version"]
    assert stage.said() == []


def test_only_operations_can_be_granted(admin: Client) -> None:
    problem = grant(admin, role_of(admin, "executive"), "report:loss", "L0404", "fly", expect=422)

    assert [error["pointer"] for error in problem["errors"]] == ["/rights/1", "/rights/2"]


def test_rights_are_not_changed_on_top_of_somebody_elses_change(admin: Client) -> None:
    role = role_of(admin, "executive")
    grant(admin, role, "report:loss")

    grant(admin, role, "report:sales", expect=412)
    admin.call("PUT", f"/roles/{role['id']}/rights", {"rights": []}, expect=428)


def test_administrators_can_neither_lose_their_rights_nor_be_disabled(admin: Client) -> None:
    role = role_of(admin, "administrator")

    assert grant(admin, role, "dictionary:read", expect=409)["type"] == "/problems/administrators-stay"
    admin.post(f"/roles/{role['id']}/disable", expect=409)


def test_a_role_is_renamed_disabled_and_enabled_and_remembers_it(stage: Stage, admin: Client) -> None:
    role = role_of(admin, "executive")
    path = f"/roles/{role['id']}"

    admin.patch(path, version=role["version"], name="总经理")
    admin.post(path + "/disable", expect=200)
    assert admin.post(path + "/enable", expect=200)["is_active"] is True

    facts = [one["type"].rsplit(".")[-1] for one in admin.get(path + "/history")["items"]]
    assert facts == ["created", "rights-changed", "edited", "disabled", "enabled"]


def test_a_disabled_role_is_given_to_nobody(admin: Client) -> None:
    role = role_of(admin, "executive")
    admin.post(f"/roles/{role['id']}/disable", expect=200)

    problem = admin.post("/users", expect=422, login="lee", full_name="Lee", role="executive")

    assert problem["errors"][0]["pointer"] == "/role"


def test_a_role_code_is_unique_and_plain(admin: Client) -> None:
    admin.post("/roles", expect=409, code="executive", name="Again")
    admin.post("/roles", expect=422, code="No Code", name="Spaces")


def test_editable_items_are_added_edited_and_removed(stage: Stage, admin: Client) -> None:
    stage.said()
    item = admin.post("/dictionary", kind="region", value="西南", text="西南", text_en="South-West", position=9)
    path = f"/dictionary/{item['id']}"

    edited = admin.patch(path, version=1, text="大西南")
    admin.delete(path, version=edited["version"])

    assert [kind.rsplit(".")[-1] for kind, _ in stage.said()] == ["item-added", "item-edited", "item-removed"]
    admin.get(path, expect=404)


def test_protected_items_are_neither_added_nor_edited_nor_removed(admin: Client) -> None:
    levels = admin.get("/dictionary?kind=customer%20level&sort=position")["items"]
    assert [level["text"] for level in levels] == ["普通客户", "重点开发客户", "大客户", "合作伙伴", "战略合作伙伴"]
    path = f"/dictionary/{levels[0]['id']}"

    assert admin.patch(path, version=1, expect=409, text="小客户")["type"] == "/problems/item-protected"
    admin.delete(path, version=1, expect=409)
    admin.post("/dictionary", expect=409, kind="customer level", value="6", text="VIP")


def test_kinds_say_how_many_values_they_have_and_whether_more_can_be_added(admin: Client) -> None:
    before = {kind.pop("kind"): kind for kind in admin.get("/dictionary/kinds")["items"]}
    admin.post("/dictionary", kind="region", value="海外", text="海外")
    after = {kind["kind"]: kind["number"] for kind in admin.get("/dictionary/kinds")["items"]}

    assert before["customer level"] == {"number": 5, "is_extensible": False}
    assert before["region"]["is_extensible"]
    assert after["region"] == before["region"]["number"] + 1


def test_the_same_value_twice_in_a_kind_is_refused(admin: Client) -> None:
    admin.post("/dictionary", expect=409, kind="region", value="北京", text="北京")


def test_items_have_a_history(admin: Client) -> None:
    [item] = admin.get("/dictionary?kind=loss%20rule")["items"]

    admin.patch(f"/dictionary/{item['id']}", version=1, value="9")

    changes = admin.get(f"/dictionary/{item['id']}/history")["items"][-1]["changes"]
    assert changes == {"value": {"old": "6", "new": "9"}}


def test_regions_form_a_tree_of_any_depth(admin: Client) -> None:
    admin.post("/dictionary", kind="region", value="广东", text="广东", parent="华南")
    leaf = admin.post("/dictionary", kind="region", value="深圳", text="深圳", parent="广东")

    assert [one["value"] for one in admin.get("/dictionary?kind=region&parent=广东")["items"]] == ["深圳"]
    assert leaf["parent"] == "广东"


def test_a_value_stands_below_an_existing_one_and_never_below_itself(admin: Client) -> None:
    item = admin.post("/dictionary", kind="region", value="广东", text="广东", parent="华南")
    [south] = admin.get("/dictionary?kind=region&value=华南")["items"]

    problems = [
        admin.post("/dictionary", expect=422, kind="region", value="香港", text="香港", parent="Atlantis"),
        admin.patch(f"/dictionary/{south['id']}", version=1, expect=422, parent="广东"),
        admin.patch(f"/dictionary/{item['id']}", version=1, expect=422, parent="广东"),
    ]

    assert [problem["errors"][0]["pointer"] for problem in problems] == ["/parent"] * 3


def test_a_value_with_others_below_is_neither_removed_nor_renamed(admin: Client) -> None:
    admin.post("/dictionary", kind="region", value="广东", text="广东", parent="华南")
    [south] = admin.get("/dictionary?kind=region&value=华南")["items"]
    path = f"/dictionary/{south['id']}"

    assert admin.delete(path, version=1, expect=409)["type"] == "/problems/item-has-others-below"
    admin.patch(path, version=1, expect=409, value="South")
    assert admin.patch(path, version=1, text="南方")["text"] == "南方"
