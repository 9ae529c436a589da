"""A customer from all sides: what hangs on it here, and what others told us they have with it."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.testing.stage import Client, Stage
from chassis.testing.statements import statements as statements_of
from customer import heard
from customer.pool.commands import release_idle
from customer.reactions import DealCreated, OpportunityWon
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI

SIDES = ["opportunity", "deal", "task", "request", "complaint", "visit"]
MAY = [*MANAGER_MAY, *(f"{noun}:read" for noun in SIDES), "customer:merge", "customer:release", "pool:claim"]
LONG_AGO = "2024-01-01T00:00:00Z"


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MAY)


@pytest.fixture
def acme(mei: Client) -> str:
    number: str = mei.post("/customers", name="Acme", region="North", level=1)["customer_no"]
    return number


def deal(number: str, deal_id: int = 1, owner: int = 7) -> DealCreated:
    return DealCreated(deal_id=deal_id, customer_no=number, customer_name="Acme", owner_id=owner, owner_name="Mei",
                       name="Pumps", amount_minor=900_00, currency="CNY")  # fmt: skip


def bargain(kind: type[Any], number: str, deal_id: int = 1) -> Any:
    return kind(deal_id=deal_id, name="Pumps", customer_no=number, owner_id=7, amount_minor=800_00, currency="CNY")


def request(number: str, request_id: int = 1) -> heard.RequestCreated:
    return heard.RequestCreated(request_id=request_id, title="Leaks", customer_no=number, creator_id=7)


def counts(client: Client, number: str) -> dict[str, tuple[int, int]]:
    shown = client.get(f"/customers/{number}/overview")
    return {one["noun"]: (one["total"], one["open"]) for one in shown["counts"]}


def everything(stage: Stage, mei: Client, number: str) -> None:
    mei.post(f"/customers/{number}/contacts", name="Li", phone="139")
    mei.post(f"/customers/{number}/activities", held_at="2026-03-01T00:00:00Z", place="-", title="Tea")
    boss = stage.client()
    for no, amount, kind in (("1", "10.00", "order"), ("2", "30.50", "order"), ("3", "-5.00", "credit_note")):
        boss.post("/orders", order_no=no, customer_no=number, ordered_at=f"2026-02-0{no}T00:00:00Z", amount=amount,
                  kind=kind)  # fmt: skip
    whose = {"customer_no": number, "title": "Again", "creator_id": 7}
    plan = {"visit_id": 1, "subject": "Dry?", "customer_no": number, "owner_id": 7}
    todo = {"task_id": 1, "title": "Call", "owner_id": 7, "creator_id": 8, "about": "customer", "about_id": number}
    stage.hears(
        heard.OpportunityCreated(opportunity_id=1, customer_name="ACME", title="Hint", owner_id=7, amount_minor=5,
                                 currency="CNY"),
        deal(number), request(number), heard.ComplaintEntered(complaint_id=1, **whose), heard.VisitPlanned(**plan),
        heard.TaskAdded(**todo),
        heard.TaskAdded(**{**todo, "task_id": 2, "about": "lead", "about_id": "7"}),
    )  # fmt: skip


def test_one_answer_tells_everything(each_stage: Stage, mei: Client, acme: str) -> None:
    everything(each_stage, mei, acme)

    shown = mei.get(f"/customers/{acme}/overview")

    assert shown["customer"]["name"] == "Acme"
    assert counts(mei, acme) == {
        "contact": (1, 0), "activity": (1, 0), "loss": (0, 0), "opportunity": (1, 1), "deal": (1, 1),
        "task": (1, 1), "request": (1, 1), "complaint": (1, 1), "visit": (1, 1),
    }  # fmt: skip
    assert shown["orders"] == [{"currency": "CNY", "orders": 3, "amount": "35.50", "open": "35.50"}]
    assert (shown["last_order"]["order_no"], shown["last_order"]["amount"]) == ("3", "-5.00")
    [bargains] = [one for one in shown["counts"] if one["noun"] == "deal"]
    assert (bargains["open_amount"], bargains["href"]) == ("900.00", f"/api/deals?customer_no={acme}")
    moments = [moment["noun"] for moment in shown["timeline"]]
    assert sorted(moments) == sorted(["activity", "order", "order", "order", *SIDES])
    assert [moment["at"] for moment in shown["timeline"]] == sorted(
        (moment["at"] for moment in shown["timeline"]), reverse=True
    )


def test_what_is_heard_twice_and_what_follows_is_counted_once(each_stage: Stage, mei: Client, acme: str) -> None:
    each_stage.hears(deal(acme), request(acme), times=2)
    each_stage.hears(bargain(heard.DealStageChanged, acme), bargain(heard.DealWon, acme), times=2)
    each_stage.hears(heard.RequestAllocated(request_id=1, assignee_id=9), heard.RequestHandled(request_id=1))
    assert counts(mei, acme)["request"] == (1, 1)

    each_stage.hears(heard.RequestArchived(request_id=1), times=2)

    found = counts(mei, acme)
    assert (found["deal"], found["request"]) == ((1, 0), (1, 0))
    states = {one["noun"]: (one["state"], one["amount"]) for one in mei.get(f"/customers/{acme}/overview")["timeline"]}
    assert states == {"deal": ("won", "800.00"), "request": ("archived", None)}


def test_what_is_thrown_away_is_gone_and_what_comes_out_of_order_is_right_in_the_end(
    each_stage: Stage, mei: Client, acme: str
) -> None:
    first, second = each_stage.says(request(acme)), each_stage.says(heard.RequestDeleted(request_id=1))
    each_stage.takes(second)
    each_stage.takes(first)
    plan = {"visit_id": 1, "subject": "Dry?", "customer_no": acme, "owner_id": 7}
    each_stage.hears(heard.VisitPlanned(**plan), heard.VisitDeleted(visit_id=1))

    assert set(counts(mei, acme)) == {"contact", "activity", "loss"}


def test_an_opportunity_is_the_customers_by_name_until_it_is_linked(each_stage: Stage, mei: Client) -> None:
    hint = {"customer_name": "Duck", "title": "Hint", "amount_minor": 5, "currency": "CNY"}
    each_stage.hears(heard.OpportunityCreated(opportunity_id=1, owner_id=7, **hint))
    won = {"opportunity_id": 1, "customer_name": "Duck", "contact_name": "", "contact_phone": ""}
    each_stage.hears(OpportunityWon(**won, manager_id=7, manager_name="Mei"))
    number = mei.get("/customers?name=Duck")["items"][0]["customer_no"]
    assert counts(mei, number)["opportunity"] == (1, 0)

    each_stage.hears(heard.OpportunityLinked(opportunity_id=1, customer_no=number), times=2)
    mei.patch(f"/customers/{number}", version=1, name="Goose")

    assert counts(mei, number)["opportunity"] == (1, 0)


def test_of_what_one_may_not_read_nothing_is_told(each_stage: Stage, mei: Client, acme: str) -> None:
    everything(each_stage, mei, acme)

    shown = each_stage.client(MEI, "customer:read", "contact:read").get(f"/customers/{acme}/overview")

    assert [one["noun"] for one in shown["counts"]] == ["contact"]
    assert (shown["orders"], shown["last_order"], shown["timeline"]) == ([], None, [])


def test_one_sees_the_own_customer_and_the_own_records_of_others(each_stage: Stage, mei: Client, acme: str) -> None:
    each_stage.hears(deal(acme), deal(acme, deal_id=2, owner=9))

    each_stage.client(BOB, *MAY).get(f"/customers/{acme}/overview", expect=404)
    assert counts(mei, acme)["deal"] == (1, 1)
    assert counts(each_stage.client(), acme).get("contact") == (0, 0)
    everybody = each_stage.client(None, *MAY)
    assert counts(everybody, acme)["deal"] == (2, 2)


def test_what_was_under_way_follows_a_merge_also_what_is_heard_late(each_stage: Stage, mei: Client, acme: str) -> None:
    other = mei.post("/customers", name="Acme Trading", region="North", level=1)["customer_no"]
    each_stage.hears(deal(other))
    mei.post(f"/customers/{acme}/merge", expect=200, absorbed=other)
    each_stage.hears(request(other))

    found = counts(mei, acme)

    assert (found["deal"], found["request"]) == ((1, 1), (1, 1))


def test_the_answer_ends_somewhere_however_long_the_past(each_stage: Stage, mei: Client, acme: str) -> None:
    for number in range(15):
        each_stage.hears(request(acme, number + 1), deal(acme, number + 1))

    shown = mei.get(f"/customers/{acme}/overview")
    with statements_of(each_stage.database) as sent:
        few = mei.get(f"/customers/{acme}/overview?size=3")

    assert (len(shown["timeline"]), len(few["timeline"])) == (20, 3)
    assert len(sent) <= 9
    assert mei.get(f"/customers/{acme}/overview?size=101", expect=422)["errors"][0]["pointer"] == "/size"


def test_work_under_way_keeps_a_customer_out_of_the_pool(each_stage: Stage, mei: Client) -> None:
    row = {"name": "Acme", "region": "North", "level": 1, "opened_at": LONG_AGO, "manager_login": "mei"}
    each_stage.client().post("/customers/bulk", expect=200, rows=[row])
    number = mei.get("/customers")["items"][0]["customer_no"]
    each_stage.hears(deal(number), ItemAdded(item_id=1, kind="pool idle days", value="30"))
    with each_stage.doing() as tx:
        assert release_idle(tx) == "0 customers released"

    each_stage.hears(bargain(heard.DealLost, number))

    with each_stage.doing() as tx:
        assert release_idle(tx) == "1 customers released"
