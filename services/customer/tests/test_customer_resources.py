"""Customers over HTTP: opened, corrected, handed over, deleted, and every refusal on the way."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chassis.people import UserDisabled
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from customer.service import service

NOBODY = Principal(user_id=3, name="Eve", role="executive", kind="user", scope="all")
FIELDS: dict[str, Any] = {"name": "Duck & Co", "region": "North", "level": 1}


def test_a_customer_is_opened_by_whoever_looks_after_it(stage: Stage, mei: Client) -> None:
    stage.said()

    opened = mei.post("/customers", **FIELDS, yearly_turnover="1200.50", phone="010-123")

    assert (opened["manager_id"], opened["manager_name"], opened["status"]) == (7, "Mei", 1)
    assert (opened["yearly_turnover"], opened["satisfaction"], opened["currency"]) == ("1200.50", None, "CNY")
    [(fact, told)] = stage.said()
    assert fact == "crm.customer.customer.opened"
    assert (told["customer_no"], told["name"], told["level"], told["opportunity_id"]) == (
        opened["customer_no"],
        "Duck & Co",
        1,
        None,
    )


def test_a_number_says_the_day_and_counts_up(mei: Client) -> None:
    first, second = (mei.post("/customers", **FIELDS | {"name": name})["customer_no"] for name in ("A", "B"))

    assert len(first) == 17
    assert first.startswith("KH20")
    assert int(second[10:]) == int(first[10:]) + 1


@pytest.mark.parametrize("missing", ["name", "region", "level"])
def test_a_customer_has_name_region_and_level(mei: Client, missing: str) -> None:
    problem = mei.post("/customers", expect=422, **{name: FIELDS[name] for name in FIELDS if name != missing})

    assert problem["errors"][0]["pointer"] == f"/{missing}"


@pytest.mark.parametrize(("field", "value"), [("level", 6), ("credit", 0), ("satisfaction", 6), ("name", " ")])
def test_codes_and_stars_have_limits(mei: Client, field: str, value: object) -> None:
    problem = mei.post("/customers", expect=422, **FIELDS | {field: value})

    assert [one["pointer"] for one in problem["errors"]] == [f"/{field}"]


def test_a_name_is_given_once_whatever_its_case(mei: Client, bob: Client, acme: dict[str, Any]) -> None:
    problem = bob.post("/customers", expect=409, **FIELDS | {"name": "  ACME "})

    assert (problem["type"], problem["customer_no"]) == ("/problems/name-taken", acme["customer_no"])


def test_a_customer_cannot_take_anothers_name(mei: Client, acme: dict[str, Any]) -> None:
    other = mei.post("/customers", **FIELDS)
    path = f"/customers/{other['customer_no']}"

    assert mei.patch(path, version=1, expect=409, name="acme")["type"] == "/problems/name-taken"
    assert mei.patch(path, version=1, name="DUCK & CO")["name"] == "DUCK & CO"


def test_the_name_of_a_deleted_customer_is_free_again(mei: Client, acme: dict[str, Any]) -> None:
    mei.delete(f"/customers/{acme['customer_no']}", version=1)

    assert mei.post("/customers", **FIELDS | {"name": "Acme"})["customer_no"] != acme["customer_no"]


def test_an_edit_tells_what_was_before(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    stage.said()

    mei.patch(f"/customers/{acme['customer_no']}", version=1, level=4, name="Acme Ltd", credit=None)

    [(fact, told)] = stage.said()
    assert fact == "crm.customer.customer.edited"
    assert told["changes"] == {
        "level": {"old": 2, "new": 4},
        "name": {"old": "Acme", "new": "Acme Ltd"},
        "credit": {"old": 4, "new": None},
    }


def test_an_edit_that_changes_nothing_says_nothing(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    stage.said()

    assert mei.patch(f"/customers/{acme['customer_no']}", version=1, name="Acme", level=2)["version"] == 1
    assert stage.said() == []


def test_an_edit_names_the_version_it_read(mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}"
    mei.get(path)
    assert mei.etag == '"1"'
    mei.patch(path, version=1, region="South")

    assert mei.patch(path, version=1, expect=412, region="West")["current"] == 2
    mei.call("PATCH", path, {"region": "West"}, expect=428)
    mei.call("DELETE", path, expect=428)
    mei.delete(path, version=1, expect=412)


def test_a_customer_is_handed_to_an_active_account_manager(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}"
    assert mei.patch(path, version=1, expect=409, manager_id=8)["type"] == "/problems/not-active"

    assert mei.patch(path, version=1, manager_id=9)["manager_name"] == "Bob"
    mei.get(path, expect=404)

    stage.hears(UserDisabled(user_id=9))
    problem = mei.post("/customers", expect=409, **FIELDS | {"manager_id": 9})
    assert problem["type"] == "/problems/not-active"


def test_a_deleted_customer_is_hidden_but_kept(stage: Stage, mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}"
    stage.said()

    mei.delete(path, version=1)

    assert stage.said()[0][1]["status"] == 3
    assert mei.get("/customers")["total"] == 0
    assert [one["status"] for one in mei.get("/customers?status=3")["items"]] == [3]
    assert mei.get(path)["status"] == 3


def test_a_deleted_customer_can_only_be_read(mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}"
    mei.delete(path, version=1)

    talk: dict[str, Any] = {"held_at": "2026-01-01T00:00:00Z", "place": "X", "title": "Y"}
    refused = [
        mei.patch(path, version=2, expect=409, region="West"),
        mei.delete(path, version=2, expect=409),
        mei.post(path + "/contacts", expect=409, name="Li", phone="1"),
        mei.post(path + "/activities", expect=409, **talk),
    ]

    assert {problem["type"] for problem in refused} == {"/problems/customer-gone"}


def test_an_account_manager_sees_only_his_own(mei: Client, bob: Client, sue: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}"

    assert bob.get("/customers")["total"] == 0
    bob.get(path, expect=404)
    bob.get(path + "/history", expect=404)
    bob.patch(path, version=1, expect=404, region="West")
    bob.delete(path, version=1, expect=404)
    assert sue.get("/customers")["total"] == 1


def test_a_life_can_be_read(mei: Client, acme: dict[str, Any]) -> None:
    path = f"/customers/{acme['customer_no']}"
    mei.patch(path, version=1, region="South")
    mei.delete(path, version=2)

    life = mei.get(path + "/history")["items"]

    assert [one["type"].rsplit(".", 1)[1] for one in life] == ["opened", "edited", "deleted"]
    assert (life[1]["by_name"], life[1]["changes"]["region"]) == ("Mei", {"old": "North", "new": "South"})


def test_lists_filter_search_and_sort(mei: Client) -> None:
    for number, name in enumerate(("Ant", "Bee", "Cow"), 1):
        mei.post("/customers", name=name, region=f"R{number % 2}", level=number, phone=f"555-{number}")

    def names(query: str) -> list[str]:
        return [one["name"] for one in mei.get(f"/customers?sort=name&{query}")["items"]]

    assert names("level=2,3") == ["Bee", "Cow"]
    assert names("region=R1") == ["Ant", "Cow"]
    assert names("name=e") == ["Bee"]
    assert names("q=555-3") == ["Cow"]
    assert names("manager_id=7&manager_name=mei&status=1") == ["Ant", "Bee", "Cow"]
    assert names("opened_from=2000-01-01&opened_to=2000-12-31") == []
    assert [one["name"] for one in mei.get("/customers?sort=-level")["items"]] == ["Cow", "Bee", "Ant"]


def test_managers_to_choose_from_are_active_account_managers(stage: Stage, mei: Client) -> None:
    stage.hears(UserDisabled(user_id=9))

    assert [one["login"] for one in mei.get("/customers/managers")["items"]] == ["mei"]


@pytest.mark.parametrize("route", [one for one in service.routes if one.needs], ids=lambda route: route.endpoint)
def test_who_has_no_right_is_refused(stage: Stage, route: Any) -> None:
    eve = stage.client(NOBODY, "report:loss")
    path = route.path.replace("<customer_no>", "KH1").replace("<order_no>", "1").replace("<delivery_id>", "1")
    path = re.sub(r"<int:[a-z_]+>", "1", path)

    assert eve.call(route.method, path, {} if route.takes else None, expect=403)["needs"] == route.needs
