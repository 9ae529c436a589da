"""Somebody leaves: what he or she has in charge in three services is counted, confirmed and given; in both modes."""

from __future__ import annotations

import secrets
from typing import Any

from tests.journeys.test_merge import when_known
from tests.system import Answer, Person, System, wait_until

PASSWORD = "three blue pumps"
TASK = {"title": "Send the list", "due_at": "2027-01-05T09:00:00Z"}
PLAN = {"title": "Tea", "kind": "visit", "sub_kind": "例行拜访", "goal": "Orders", "starts_on": "2027-03-01",
        "ends_on": "2027-03-02"}  # fmt: skip


def hired(guanxi: System, admin: Person, name: str) -> tuple[int, Person]:
    """A new account manager, who is known everywhere."""
    login = f"{name}-{secrets.token_hex(4)}"
    fields = {"login": login, "full_name": name.title(), "role": "account-manager", "must_change_password": False}
    number: int = admin.post("/api/users", expect=201, **fields, password=PASSWORD).json["id"]
    sue = guanxi.person("sue")
    wait_until(lambda: sue.get(f"/api/opportunities/assignees?login={login}")["total"], "marketing to know", within=40)
    wait_until(lambda: sue.get(f"/api/customers/managers?login={login}")["total"], "customer to know", within=40)
    return number, Person(guanxi.address, login, PASSWORD)


def busy(lea: Person, word: str) -> None:
    """One record of each service, and one that is nobody else's business."""
    customer = lea.post("/api/customers", expect=201, name=word, region="华东", level=1, although_known=True).json
    number = customer["customer_no"]
    when_known(lea, "/api/deals", name=word, customer_no=number, amount="9000.00", expected_on="2027-02-01")
    when_known(lea, "/api/visits", subject=word, customer_no=number, planned_for="2027-01-11T09:00:00Z")
    lea.post("/api/tasks", expect=201, **TASK)
    lea.post("/api/marketing-plans", expect=201, **PLAN)


def when(admin: Person, path: str, status: str) -> Any:
    return wait_until(lambda: (found := admin.get(path))["status"] == status and found, f"{path} {status}", within=60)


def numbers(shown: Any, what: str) -> dict[str, int]:
    return {item["kind"]: item[what] for part in shown["parts"] for item in part["items"] if item[what]}


def deleted(admin: Person, user_id: int) -> Answer:
    path = f"/api/users/{user_id}"
    return admin.ask("DELETE", path, headers={"If-Match": f'"{admin.get(path)["version"]}"'})


WITH_LEA = {"customer": 1, "deal": 1, "visit": 1, "task": 1, "marketing-plan": 1}


def test_all_that_somebody_had_goes_over_before_the_account_is_closed(guanxi: System, word: str) -> None:
    admin = guanxi.person("admin")
    (lea_id, lea), (kim_id, kim) = hired(guanxi, admin, "lea"), hired(guanxi, admin, "kim")
    busy(lea, word)
    wish = {"user_id": lea_id, "to_user_id": kim_id, "reason": "Lea moves to Shanghai"}
    path = f"/api/hand-overs/{admin.post('/api/hand-overs', expect=202, **wish).json['id']}"

    assert numbers(when(admin, path, "counted"), "counted") == WITH_LEA
    assert lea.get("/api/tasks")["total"] == 1
    assert deleted(admin, lea_id).json["type"] == "/problems/still-in-charge"
    admin.post(path + "/confirmation")
    done = when(admin, path, "done")

    assert numbers(done, "moved") == WITH_LEA
    for mine in ("customers", "deals", "visits", "tasks", "marketing-plans"):
        assert kim.get(f"/api/{mine}")["total"] == 1, mine
    assert admin.get(f"/api/users/{lea_id}")["status"] == 0
    wait_until(lambda: lea.ask("GET", "/api/tasks").status == 401, "the session to end", within=20)
    assert admin.get(f"/api/flows/identity/hand-over:{done['id']}")["state"] == "completed"
    log = f"/api/audit?record_type=hand-over&record_id={done['id']}&size=100"
    told_by = wait_until(lambda: admin.get(log)["total"] >= 12 and admin.get(log)["items"], "the audit log", within=40)
    assert {one["by_name"] for one in told_by} == {admin.get("/api/me")["full_name"]}
    wait_until(lambda: deleted(admin, lea_id).status == 204, "the account to be deleted", within=20)
    told = wait_until(lambda: kim.get("/api/notifications?size=50")["items"], "Kim to be told", within=40)
    assert {"marketing.deal.transferred", "customer.customer.transferred"} <= {one["code"] for one in told}


def test_who_cannot_take_customers_gets_none_and_nothing_moves(guanxi: System, word: str) -> None:
    admin = guanxi.person("admin")
    lea_id, lea = hired(guanxi, admin, "lea")
    lea.post("/api/tasks", expect=201, **TASK)
    clerk = admin.get("/api/users?login=cleo")["items"][0]["id"]

    wish = {"user_id": lea_id, "to_user_id": clerk, "reason": "Lea leaves"}
    path = f"/api/hand-overs/{admin.post('/api/hand-overs', expect=202, **wish).json['id']}"

    refused = when(admin, path, "refused")
    assert (refused["refused_id"], refused["needed_role"]) == (clerk, "account-manager")
    assert lea.get("/api/tasks")["total"] == 1
    tasks = [{"kind": "task", "user_id": clerk}]
    again = admin.post("/api/hand-overs", expect=202, user_id=lea_id, reason="Lea leaves", receivers=tasks).json
    when(admin, f"/api/hand-overs/{again['id']}", "counted")
    admin.post(f"/api/hand-overs/{again['id']}/cancellation")
    assert guanxi.person("mei").ask("GET", "/api/hand-overs").status == 403
