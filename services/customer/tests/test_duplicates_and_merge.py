"""Two files of one customer: noticed before the second is opened, and made one when it is there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.dictionary import ItemAdded
from chassis.testing.stage import Client, Stage
from customer.keys import name_core, phone_digits
from customer.merge import model as merge
from customer.merge.model import TooMuchToMerge, must_be_movable
from customer.reactions import LinkRequested, OpportunityWon
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI

MAY = [*MANAGER_MAY, "customer:merge", "customer:tag", "bin:read", "bin:restore", "order:write"]
LONG_AGO = "2024-01-01T00:00:00Z"


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MAY)


def opened(client: Client, name: str, **more: Any) -> str:
    number: str = client.post("/customers", name=name, region="North", level=1, **more)["customer_no"]
    return number


def setting(stage: Stage, value: str) -> None:
    stage.hears(ItemAdded(item_id=70, kind="duplicate check", value=value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME Trading Co., Ltd.", "acme trading"),
        ("华星贸易有限公司", "华星贸易"),
        ("华星贸易股份有限公司", "华星贸易集团"),
        ("Ａｃｍｅ", "acme"),
        ("Duck & Co", "duck"),
        ("O-Line Inc", "oline"),
    ],
)
def test_two_spellings_have_one_core(one: str, other: str) -> None:
    assert name_core(one) == name_core(other)


@pytest.mark.parametrize(("one", "other"), [("Acme North", "Acme South"), ("华星贸易", "华兴贸易"), ("Co", "Ltd")])
def test_two_names_have_two_cores(one: str, other: str) -> None:
    assert name_core(one) != name_core(other)


@pytest.mark.parametrize(
    ("phone", "digits"),
    [("+86 138-0013-8000", "13800138000"), ("0086 13800138000", "13800138000"), ("(010) 8765 4321", "01087654321"),
     ("１３８００１３８０００", "13800138000"), ("12345", ""), ("none", ""), ("8612345", "8612345")],
)  # fmt: skip
def test_a_telephone_is_its_digits(phone: str, digits: str) -> None:
    assert phone_digits(phone) == digits


def test_one_is_warned_of_a_likely_duplicate_and_may_open_it_all_the_same(each_stage: Stage, mei: Client) -> None:
    bobs = opened(each_stage.client(BOB, *MAY), "华星贸易", phone="+86 138 0013 8000")
    fields: dict[str, Any] = {"name": "华星贸易有限公司", "region": "North", "level": 1, "phone": "13800138000"}

    problem = mei.post("/customers", expect=409, **fields)

    assert (problem["type"], problem["may_be_opened"]) == ("/problems/possible-duplicate", True)
    assert problem["matches"] == [
        {"customer_no": bobs, "name": "华星贸易", "manager_name": "Bob", "because": ["name", "phone"]}
    ]
    assert mei.get("/customers")["total"] == 0
    assert mei.post("/customers", **fields, although_known=True)["name"] == "华星贸易有限公司"


def test_the_setting_blocks_warns_or_looks_away(each_stage: Stage, mei: Client) -> None:
    opened(mei, "Acme", licence_no="L-1")
    fields: dict[str, Any] = {"name": "Else", "region": "North", "level": 1, "licence_no": "L-1"}

    setting(each_stage, "block")
    problem = mei.post("/customers", expect=409, **fields, although_known=True)
    assert (problem["may_be_opened"], problem["matches"][0]["because"]) == (False, ["licence_no"])
    each_stage.hears(ItemAdded(item_id=71, kind="duplicate check", value="nonsense"))
    assert mei.post("/customers", expect=409, **fields)["may_be_opened"] is True
    each_stage.hears(ItemAdded(item_id=72, kind="duplicate check", value="off"))
    mei.post("/customers", **fields)


def test_duplicates_are_looked_up_by_what_is_known(each_stage: Stage, mei: Client) -> None:
    one = opened(mei, "Acme Ltd", phone="010-87654321")
    two = opened(mei, "ACME", phone="010 8765 4321", although_known=True)
    gone = opened(mei, "Acme Inc", although_known=True)
    mei.delete(f"/customers/{gone}", version=1)

    by_phone = mei.get("/customers/duplicates?phone=(010)87654321")["items"]
    of_one = mei.get(f"/customers/{one}/duplicates")["items"]

    assert [match["customer_no"] for match in by_phone] == [one, two]
    assert [(match["customer_no"], match["because"]) for match in of_one] == [(two, ["name", "phone"])]
    assert mei.get("/customers/duplicates", expect=422)["errors"][0]["pointer"] == "/name"
    assert mei.get("/customers/duplicates?phone=1")["items"] == []


def test_duplicates_are_found_by_index(stage: Stage, sue: Client, statements: Any) -> None:
    with statements() as sent:
        sue.get("/customers/duplicates?name=acme&phone=13800138000&licence_no=L-1")

    with stage.database.engine.connect() as connection:
        plan = connection.execute(sa.text("EXPLAIN QUERY PLAN " + sent[0].replace("?", "1"))).all()
    assert len(sent) == 1
    assert not [step.detail for step in plan if step.detail.startswith("SCAN")]


@pytest.fixture
def two(each_stage: Stage, mei: Client) -> tuple[str, str]:
    """A customer with everything, and another file of it with everything."""
    boss = each_stage.client()
    kept = opened(mei, "Acme", phone="010-111111", address="Here")
    gone = opened(mei, "Acme Trading", website="acme.example", address="There")
    for number in (kept, gone):
        mei.post(f"/customers/{number}/contacts", name=f"Li {number[-1]}", phone="139")
        mei.post(f"/customers/{number}/activities", held_at=LONG_AGO, place="-", title="Tea")
        boss.post("/orders", order_no=f"O{number[-1]}", customer_no=number, ordered_at=LONG_AGO, amount="10.00")
    mei.upload(f"/customers/{gone}/attachments", "licence.txt", b"licence")
    return kept, gone


def test_a_preview_says_field_by_field_what_would_stay_and_does_nothing(
    each_stage: Stage, mei: Client, two: tuple[str, str]
) -> None:
    kept, gone = two
    each_stage.said()

    preview = mei.get(f"/customers/{kept}/merge?absorbed={gone}")

    taken = {one["field"]: (one["kept"], one["other"]) for one in preview["fields"] if one["take_other"]}
    assert taken == {"website": ("", "acme.example")}
    assert preview["moves"] == {"contacts": 1, "activities": 1, "orders": 1, "losses": 0, "files": 1}
    assert preview["refused"] is None
    assert each_stage.said() == []
    assert mei.get(f"/customers/{gone}")["status"] == 1


def test_a_merge_leaves_one_file_that_holds_all(each_stage: Stage, mei: Client, two: tuple[str, str]) -> None:
    kept, gone = two
    each_stage.said()

    merged = mei.post(f"/customers/{kept}/merge", expect=200, absorbed=gone, take=["name", "address"])

    assert (merged["name"], merged["address"], merged["phone"], merged["website"], merged["stage"]) == (
        "Acme Trading", "There", "010-111111", "", 3,
    )  # fmt: skip
    assert len(mei.get(f"/customers/{kept}/contacts")["items"]) == 2
    assert mei.get(f"/activities?customer_no={kept}")["total"] == 2
    assert mei.get(f"/orders?customer_no={kept}")["total"] == 2
    assert len(mei.get(f"/customers/{kept}/attachments")["items"]) == 1
    shown = mei.get(f"/customers/{gone}")
    assert (shown["status"], shown["merged_into"]) == (3, kept)
    told = [(fact.removeprefix("crm.customer."), data) for fact, data in each_stage.said()]
    assert [fact for fact, _ in told] == [
        "customer.absorbed", "contact.moved", "activity.moved", "order.moved", "customer.merged",
    ]  # fmt: skip
    assert {data.get("from_customer_no") for _, data in told[1:4]} == {gone}
    assert (told[0][1]["into"], told[4][1]["absorbed"]) == (kept, gone)
    assert told[4][1]["changes"]["name"] == {"old": "Acme", "new": "Acme Trading"}


def test_unless_chosen_only_what_is_lacking_is_taken(mei: Client, two: tuple[str, str]) -> None:
    kept, gone = two

    merged = mei.post(f"/customers/{kept}/merge", expect=200, absorbed=gone)

    assert (merged["name"], merged["address"], merged["website"]) == ("Acme", "Here", "acme.example")


def test_a_merge_is_done_once_and_not_undone(each_stage: Stage, mei: Client, two: tuple[str, str]) -> None:
    kept, gone = two
    mei.post(f"/customers/{kept}/merge", expect=200, absorbed=gone)

    again = mei.post(f"/customers/{kept}/merge", expect=409, absorbed=gone)
    back = mei.post(f"/customers/{gone}/restoration", expect=409)

    assert (again["type"], back["type"], back["merged_into"]) == ("/problems/merged-away",) * 2 + (kept,)


def test_what_cannot_be_one_is_refused_and_nothing_is_done(
    each_stage: Stage, mei: Client, two: tuple[str, str]
) -> None:
    kept, gone = two
    bobs = opened(each_stage.client(BOB, *MAY), "Duck")
    each_stage.said()

    assert mei.post(f"/customers/{kept}/merge", expect=422, absorbed=kept)["errors"][0]["pointer"] == "/absorbed"
    mei.post(f"/customers/{kept}/merge", expect=404, absorbed=bobs)
    mei.post(f"/customers/{bobs}/merge", expect=404, absorbed=kept)
    wrong = mei.post(f"/customers/{kept}/merge", expect=422, absorbed=gone, take=["status"])
    assert wrong["errors"][0]["pointer"].startswith("/take")
    stale = mei.post(f"/customers/{kept}/merge", expect=412, absorbed=gone, headers={"If-Match": '"1"'})
    assert stale["type"] == "/problems/stale"
    each_stage.client(MEI, *MANAGER_MAY).post(f"/customers/{kept}/merge", expect=403, absorbed=gone)
    assert each_stage.said() == []


def test_two_open_warnings_are_settled_first(each_stage: Stage, mei: Client) -> None:
    row = {"region": "North", "level": 1, "opened_at": LONG_AGO, "manager_login": "mei"}
    rows = [row | {"name": name, "reference": name} for name in ("One", "Two")]
    each_stage.client().post("/customers/bulk", expect=200, rows=rows)
    mei.post("/losses/detection", expect=200)
    one, two = (each["customer_no"] for each in mei.get("/customers?sort=name")["items"])
    first = mei.get(f"/losses?customer_no={one}")["items"][0]["id"]

    problem = mei.post(f"/customers/{one}/merge", expect=409, absorbed=two)
    assert (problem["type"], len(problem["loss_ids"])) == ("/problems/both-warned-of", 2)
    assert mei.get(f"/customers/{one}/merge?absorbed={two}")["refused"]["type"] == "/problems/both-warned-of"
    mei.post(f"/losses/{first}/confirmation", expect=200, reason="Is the other one")
    each_stage.said()
    mei.post(f"/customers/{one}/merge", expect=200, absorbed=two)
    assert mei.get(f"/losses?customer_no={one}")["total"] == 2
    assert [fact for fact, _ in each_stage.said() if "loss" in fact] == ["crm.customer.loss.moved"]


def test_no_more_moves_than_a_transaction_holds() -> None:
    must_be_movable({"orders": merge.MOST_MOVED}, [])

    with pytest.raises(TooMuchToMerge):
        must_be_movable({"orders": merge.MOST_MOVED, "contacts": 1}, [])


def test_the_sales_system_may_go_on_with_the_number_that_is_gone(
    each_stage: Stage, mei: Client, two: tuple[str, str]
) -> None:
    kept, gone = two
    third = opened(mei, "Acme Holding")
    boss = each_stage.client()
    before = {"order_no": f"O{gone[-1]}", "customer_no": gone, "ordered_at": LONG_AGO, "amount": "10.00"}
    mei.post(f"/customers/{kept}/merge", expect=200, absorbed=gone)
    mei.post(f"/customers/{third}/merge", expect=200, absorbed=kept)

    rows = [before, before | {"order_no": "new"}]
    answer = boss.post("/orders/bulk", expect=200, rows=rows)

    assert (answer["created"], answer["unchanged"]) == (1, 1)
    assert boss.get("/orders/new")["customer_no"] == third
    assert mei.get(f"/customers/{gone}")["merged_into"] == third
    assert mei.get(f"/orders?customer_no={third}")["total"] == 3


def test_a_won_opportunity_is_answered_with_the_customer_that_is_there(each_stage: Stage, mei: Client) -> None:
    kept = opened(mei, "Acme")
    said = {"opportunity_id": 1, "customer_name": "Other", "contact_name": "Li", "contact_phone": "1",
            "manager_id": 7, "manager_name": "Mei"}  # fmt: skip
    each_stage.hears(OpportunityWon(**said))
    gone = mei.get("/customers?name=Other")["items"][0]["customer_no"]
    mei.post(f"/customers/{kept}/merge", expect=200, absorbed=gone)
    each_stage.said()

    each_stage.hears(LinkRequested(**said))

    [(fact, told)] = each_stage.said()
    assert (fact, told["customer_no"]) == ("crm.customer.customer.matched", kept)


@pytest.mark.infra
def test_orders_that_come_in_while_two_are_merged_stay_with_nobody_who_is_gone(pg_stage: Stage) -> None:
    boss = pg_stage.client()
    kept, gone = opened(boss, "Acme"), opened(boss, "Acme Trading")
    clients = [pg_stage.client() for _ in range(6)]

    def order(number: int) -> int:
        said = {"order_no": f"N{number}", "customer_no": (gone, kept)[number % 3 == 0], "amount": "1.00"}
        answer = clients[number % 6].client.post("/orders", json={**said, "ordered_at": LONG_AGO})
        return int(answer.status_code)

    with ThreadPoolExecutor(7) as threads:
        orders = [threads.submit(order, number) for number in range(60)]
        merging = threads.submit(boss.client.post, f"/customers/{kept}/merge", json={"absorbed": gone})
        statuses = [one.result() for one in orders]

    assert merging.result().status_code == 200
    assert set(statuses) <= {201, 409}
    assert boss.get(f"/orders?customer_no={gone}")["total"] == 0
    assert boss.get(f"/orders?customer_no={kept}")["total"] == statuses.count(201)
    assert [order(number) for number in range(60) if statuses[number] == 409] == [201] * statuses.count(409)
