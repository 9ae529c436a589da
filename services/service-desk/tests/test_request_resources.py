"""Requests over HTTP: the way from the first call to the archive, and every refusal on it."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.people import UserDisabled, UserRegistered
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from service_desk.reactions import CustomerDeleted, CustomerOpened

MEI = Principal(user_id=7, name="Mei", role="account-manager", kind="user", scope="own")
BO = Principal(user_id=9, name="Bo", role="account-manager", kind="user", scope="own")
SUE = Principal(user_id=8, name="Sue", role="supervisor", kind="user", scope="all")
MANAGER = ("request:read", "request:create", "request:delete", "request:handle", "request:feedback")
ACME = "KH202611230000001"
ASKED = {"kind": "complaint", "title": "Pump leaks", "customer_no": ACME, "request_text": "It drips"}


@pytest.fixture
def sue(stage: Stage) -> Client:
    stage.hears(
        UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"),
        UserRegistered(user_id=9, login="bo", full_name="Bo", role="account-manager"),
        CustomerOpened(customer_no=ACME, name="Acme", status=1, manager_id=7),
        ItemAdded(item_id=1, kind="service type", value="complaint", text="投诉"),
        ItemAdded(item_id=2, kind="region", value="north", text="华北"),
    )
    return stage.client(SUE, "request:read", "request:allocate", "request:delete")


@pytest.fixture
def mei(stage: Stage) -> Client:
    return stage.client(MEI, *MANAGER)


@pytest.fixture
def bo(stage: Stage) -> Client:
    return stage.client(BO, *MANAGER)


def allocated(bo: Client, sue: Client) -> str:
    path = f"/requests/{bo.post('/requests', **ASKED)['id']}"
    sue.post(path + "/allocation", expect=200, assignee_id=7)
    return path


def feedback(client: Client, path: str, satisfaction: int, expect: int = 200) -> Any:
    return client.post(path + "/feedback", expect=expect, result="They said so", satisfaction=satisfaction)


def test_a_request_goes_from_new_to_the_archive(stage: Stage, sue: Client, bo: Client, mei: Client) -> None:
    created = bo.post("/requests", **ASKED)
    assert (created["status"], created["customer_name"], created["creator_name"]) == ("new", "Acme", "Bo")
    path = f"/requests/{created['id']}"

    assert sue.post(path + "/allocation", expect=200, assignee_id=7)["assignee_name"] == "Mei"
    assert mei.post(path + "/handling", expect=200, handling="New seal")["status"] == "handled"
    archived = feedback(mei, path, 4)

    assert (archived["status"], archived["satisfaction"], archived["result"]) == ("archived", 4, "They said so")
    facts = ["created", "allocated", "handled", "archived"]
    assert [kind.rsplit(".")[-1] for kind, _ in stage.said() if ".request." in kind] == facts
    assert [one["type"].rsplit(".")[-1] for one in mei.get(path + "/history")["items"]] == facts


def test_an_unhappy_customer_sends_the_request_back(stage: Stage, sue: Client, bo: Client, mei: Client) -> None:
    path = allocated(bo, sue)
    mei.post(path + "/handling", expect=200, handling="New seal")

    assert feedback(mei, path, 2)["status"] == "allocated"

    kind, said = stage.said()[-1]
    assert (kind, said["satisfaction"]) == ("crm.service-desk.request.reopened", 2)
    mei.post(path + "/handling", expect=200, handling="New pump")
    assert feedback(mei, path, 3)["status"] == "archived"


def test_what_is_archived_can_only_be_read(sue: Client, bo: Client, mei: Client) -> None:
    path = allocated(bo, sue)
    mei.post(path + "/handling", expect=200, handling="New seal")
    version = feedback(mei, path, 5)["version"]

    problems = [
        sue.post(path + "/allocation", expect=409, assignee_id=9),
        mei.post(path + "/handling", expect=409, handling="More"),
        feedback(mei, path, 5, expect=409),
        bo.delete(path, version=version, expect=409),
    ]

    assert {problem["type"] for problem in problems} == {"/problems/request-closed"}
    assert mei.get(path)["handling"] == "New seal"


def test_an_unknown_kind_is_a_wrong_field(sue: Client, bo: Client) -> None:
    problem = bo.post("/requests", expect=422, **ASKED | {"kind": "north"})

    assert problem["type"] == "/problems/value-unknown"
    assert [one["pointer"] for one in problem["errors"]] == ["/kind"]


def test_an_unknown_or_deleted_customer_is_not_served(stage: Stage, sue: Client, bo: Client) -> None:
    assert bo.post("/requests", expect=409, **ASKED | {"customer_no": "KH0"})["type"] == "/problems/customer-unknown"

    stage.hears(CustomerDeleted(customer_no=ACME, name="Acme", status=3))

    assert bo.post("/requests", expect=409, **ASKED)["customer_no"] == ACME


def test_wrong_fields_are_named(sue: Client, bo: Client) -> None:
    problem = bo.post("/requests", expect=422, **ASKED | {"title": "", "nonsense": 1})

    assert {one["pointer"] for one in problem["errors"]} == {"/title", "/nonsense"}


def test_a_request_is_allocated_once_and_only_to_active_account_managers(stage: Stage, sue: Client, bo: Client) -> None:
    path = f"/requests/{bo.post('/requests', **ASKED)['id']}"
    stage.hears(UserDisabled(user_id=9))
    assert [one["login"] for one in sue.get("/requests/assignees")["items"]] == ["mei"]

    assert sue.post(path + "/allocation", expect=409, assignee_id=9)["type"] == "/problems/not-active"
    sue.post(path + "/allocation", expect=200, assignee_id=7)

    assert sue.post(path + "/allocation", expect=409, assignee_id=7)["type"] == "/problems/request-not-new"


def test_only_the_assignee_handles_and_says_how(sue: Client, bo: Client, mei: Client) -> None:
    path = f"/requests/{bo.post('/requests', **ASKED)['id']}"
    assert bo.post(path + "/handling", expect=409, handling="x")["type"] == "/problems/request-not-allocated"
    sue.post(path + "/allocation", expect=200, assignee_id=7)

    assert bo.post(path + "/handling", expect=403, handling="New seal")["type"] == "/problems/not-the-assignee"
    mei.post(path + "/handling", expect=422, handling="  ")
    assert mei.get(path)["status"] == "allocated"


def test_feedback_comes_from_who_handled_with_one_to_five_stars(sue: Client, bo: Client, mei: Client) -> None:
    path = allocated(bo, sue)
    assert feedback(mei, path, 4, expect=409)["type"] == "/problems/request-not-handled"
    mei.post(path + "/handling", expect=200, handling="New seal")

    assert feedback(bo, path, 4, expect=403)["type"] == "/problems/not-the-handler"
    for stars in (0, 6):
        feedback(mei, path, stars, expect=422)
    mei.post(path + "/feedback", expect=422, satisfaction=4)


def test_a_new_request_is_deleted_by_its_creator_or_the_supervisor(stage: Stage, sue: Client, bo: Client) -> None:
    mine, other = (bo.post("/requests", **ASKED) for _ in range(2))
    stranger = stage.client(Principal(user_id=10, name="Di", kind="user", scope="all"), *MANAGER)

    assert stranger.delete(f"/requests/{mine['id']}", version=1, expect=403)["type"] == "/problems/not-the-creator"
    bo.delete(f"/requests/{mine['id']}", version=1)
    sue.delete(f"/requests/{other['id']}", version=1)

    assert bo.get("/requests")["total"] == 0
    assert [kind for kind, _ in stage.said()][-2:] == ["crm.service-desk.request.deleted"] * 2


def test_an_allocated_request_is_not_deleted(sue: Client, bo: Client) -> None:
    path = allocated(bo, sue)

    assert bo.delete(path, version=2, expect=409)["type"] == "/problems/request-not-new"
    bo.delete(path, version=1, expect=412)
    bo.delete(path, version="", expect=422)


def test_an_account_manager_sees_what_he_created_or_handles(sue: Client, bo: Client, mei: Client) -> None:
    hidden = bo.post("/requests", **ASKED)
    shown = allocated(bo, sue)

    assert [f"/requests/{one['id']}" for one in mei.get("/requests")["items"]] == [shown]
    mei.get(f"/requests/{hidden['id']}", expect=404)
    mei.get(f"/requests/{hidden['id']}/history", expect=404)
    mei.post(f"/requests/{hidden['id']}/handling", expect=404, handling="x")
    assert bo.get("/requests")["total"] == 2


def test_the_list_is_filtered_by_all_that_matters(sue: Client, bo: Client) -> None:
    allocated(bo, sue)
    bo.post("/requests", **ASKED | {"title": "Wants a price"})

    for asked, found in {
        "status=new": 1,
        "status=new,allocated": 2,
        "kind=complaint": 2,
        f"customer_no={ACME}": 2,
        "customer_name=ACM": 2,
        "title=price": 1,
        "assignee_id=7": 1,
        "created_from=2000-01-01&created_to=2001-01-01": 0,
        "q=leaks": 1,
    }.items():
        assert sue.get(f"/requests?{asked}")["total"] == found, asked


def test_a_cursor_goes_on_in_the_order_of_time(sue: Client, bo: Client) -> None:
    numbers = [bo.post("/requests", **ASKED)["id"] for _ in range(3)]

    first = sue.get("/requests?size=2")
    rest = sue.get(f"/requests?size=2&cursor={first['next_cursor']}")

    assert [one["id"] for one in [*first["items"], *rest["items"]]] == numbers[::-1]


def test_each_call_needs_its_right(stage: Stage, sue: Client, bo: Client) -> None:
    path = f"/requests/{bo.post('/requests', **ASKED)['id']}"
    nobody = stage.client(SUE, "nothing:read")

    nobody.get("/requests", expect=403)
    nobody.get(path, expect=403)
    nobody.post("/requests", expect=403, **ASKED)
    nobody.post(path + "/allocation", expect=403, assignee_id=7)
    nobody.post(path + "/handling", expect=403, handling="x")
    nobody.post(path + "/feedback", expect=403, result="x", satisfaction=5)
    nobody.delete(path, version=1, expect=403)


def test_a_request_has_files_for_those_who_see_it(stage: Stage, sue: Client) -> None:
    mei, bo = (stage.client(who, *MANAGER, "request:attach") for who in (MEI, BO))
    path = f"/requests/{mei.post('/requests', **ASKED)['id']}/attachments"

    kept = mei.upload(path, "photo.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 30)

    assert kept["content_type"] == "image/png"
    assert mei.get(path)["items"] == [kept]
    bo.get(path, expect=404)
    bo.upload(path, "photo.png", b"x", expect=404)
    assert sue.upload(path, "photo.png", b"x", expect=403)["needs"] == "request:attach"
