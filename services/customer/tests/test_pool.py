"""The pool: who is let go, who claims whom, within which limits, also at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.dictionary import ItemAdded
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from customer.customer.model import NOBODY, Status
from customer.pool.commands import release_idle
from customer.pool.model import Care, DailyLimitReached, HoldingLimitReached, PoolRules, is_idle, must_be_within
from services.customer.tests.conftest import BOB, MANAGER_MAY, MEI, SUE

MAY = [*MANAGER_MAY, "customer:release", "pool:read", "pool:claim"]
NOW = datetime(2026, 11, 26, tzinfo=UTC)
LONG_AGO = "2024-01-01T00:00:00Z"


def rule(stage: Stage, kind: str, value: int, item: int = 50) -> None:
    stage.hears(ItemAdded(item_id=item, kind=kind, value=str(value)))


@pytest.fixture
def mei(each_stage: Stage) -> Client:
    return each_stage.client(MEI, *MAY)


@pytest.fixture
def bob(each_stage: Stage) -> Client:
    return each_stage.client(BOB, *MAY)


def opened(client: Client, name: str) -> str:
    said = {"name": name, "region": "North", "level": 1, "phone": "010-1234", "although_known": True}
    number: str = client.post("/customers", **said)["customer_no"]
    return number


def released(client: Client, name: str) -> str:
    number = opened(client, name)
    client.post(f"/customers/{number}/release", expect=200, reason="Moved to another region")
    return number


def test_a_released_customer_is_nobodys_and_everybodys(each_stage: Stage, mei: Client, bob: Client) -> None:
    number = opened(mei, "Acme")
    each_stage.said()

    mei.post(f"/customers/{number}/release", expect=200, reason="No time")

    [(fact, told)] = each_stage.said()
    assert (fact, told["manager_id"], told["from_manager_id"]) == ("crm.customer.customer.released", NOBODY, 7)
    assert (told["reason"], told["by_rule"]) == ("No time", False)
    mei.get(f"/customers/{number}", expect=404)
    assert [one["name"] for one in bob.get("/customers/pool")["items"]] == ["Acme"]
    assert mei.post(f"/customers/{number}/release", expect=404, reason="Again")
    boss = each_stage.client(SUE, *MAY)
    assert boss.post(f"/customers/{number}/release", expect=409, reason="Again")["type"] == "/problems/in-the-pool"


def test_the_pool_shows_the_company_and_not_how_to_reach_it(mei: Client, bob: Client) -> None:
    number = released(mei, "Acme")

    offer = bob.get(f"/customers/pool/{number}")

    assert (offer["customer"]["name"], offer["is_premium"]) == ("Acme", False)
    assert "phone" not in offer["customer"]
    assert "phone" not in bob.get("/customers/pool")["items"][0]
    bob.get("/customers/pool/KH1", expect=404)


def test_a_customer_with_somebody_to_call_is_premium(mei: Client, bob: Client) -> None:
    number = opened(mei, "Acme")
    mei.post(f"/customers/{number}/contacts", name="Li Wei", phone="139")
    mei.post(f"/customers/{number}/release", expect=200, reason="No time")
    released(mei, "Duck")

    assert [one["name"] for one in bob.get("/customers/pool?is_premium=true")["items"]] == ["Acme"]
    assert [one["name"] for one in bob.get("/customers/pool?is_premium=false")["items"]] == ["Duck"]
    assert bob.get("/customers/pool?is_premium=perhaps", expect=422)["errors"][0]["pointer"] == "/is_premium"


def test_who_claims_first_has_it(each_stage: Stage, mei: Client, bob: Client) -> None:
    number = released(mei, "Acme")
    each_stage.said()

    claimed = bob.post(f"/customers/{number}/claim", expect=200)

    assert (claimed["manager_name"], claimed["phone"]) == ("Bob", "010-1234")
    [(fact, told)] = each_stage.said()
    assert (fact, told["manager_id"]) == ("crm.customer.customer.claimed", 9)
    assert bob.post(f"/customers/{number}/claim", expect=409)["type"] == "/problems/not-in-the-pool"
    assert bob.get("/customers/pool")["total"] == 0
    bob.post("/customers/KH1/claim", expect=404)


def test_who_let_it_go_leaves_it_to_the_others_for_a_while(each_stage: Stage, mei: Client, bob: Client) -> None:
    number = released(mei, "Acme")

    problem = mei.post(f"/customers/{number}/claim", expect=409)

    assert problem["type"] == "/problems/still-cooling"
    rule(each_stage, "pool cooling days", 0)
    assert mei.post(f"/customers/{number}/claim", expect=200)["manager_id"] == 7


def test_a_day_and_two_hands_have_limits(each_stage: Stage, mei: Client, bob: Client) -> None:
    one, two, three = (released(mei, name) for name in ("One", "Two", "Three"))
    rule(each_stage, "pool daily limit", 1)
    bob.post(f"/customers/{one}/claim", expect=200)

    problem = bob.post(f"/customers/{two}/claim", expect=409)
    assert (problem["type"], problem["limit"]) == ("/problems/daily-limit-reached", 1)

    rule(each_stage, "pool daily limit", 9, item=51)
    rule(each_stage, "pool holding limit", 2, item=52)
    bob.post(f"/customers/{two}/claim", expect=200)
    problem = bob.post(f"/customers/{three}/claim", expect=409)
    assert (problem["type"], problem["held"]) == ("/problems/holding-limit-reached", 2)
    assert bob.get("/customers/pool")["total"] == 1


def test_limits_are_edges() -> None:
    rules = PoolRules(holding_limit=3, daily_limit=2)
    must_be_within(rules, held=2, claimed_today=2)
    must_be_within(PoolRules(holding_limit=0, daily_limit=0), held=999, claimed_today=999)

    with pytest.raises(HoldingLimitReached):
        must_be_within(rules, held=3, claimed_today=1)
    with pytest.raises(DailyLimitReached):
        must_be_within(rules, held=0, claimed_today=3)


def left_alone(**more: Any) -> Care:
    before = NOW - timedelta(days=30, seconds=1)
    care = {"customer_no": "KH1", "status": Status.NORMAL, "manager_id": 7, "held_since": before,
            "last_activity_at": None, "last_order_at": None, "has_open_work": False}  # fmt: skip
    return Care(**{**care, **more})


@pytest.mark.parametrize(
    ("care", "idle"),
    [
        (left_alone(), True),
        (left_alone(last_activity_at=NOW - timedelta(days=31), last_order_at=NOW - timedelta(days=300)), True),
        (left_alone(held_since=NOW - timedelta(days=30)), False),
        (left_alone(last_activity_at=NOW - timedelta(days=29)), False),
        (left_alone(last_order_at=NOW - timedelta(days=29)), False),
        (left_alone(manager_id=NOBODY), False),
        (left_alone(status=Status.LOST), False),
        (left_alone(has_open_work=True), False),
    ],
)
def test_who_counts_as_left_alone(care: Care, idle: bool) -> None:
    assert is_idle(care, days=30, as_of=NOW) is idle
    assert not is_idle(care, days=0, as_of=NOW)


def test_the_rule_lets_go_whoever_was_left_alone(each_stage: Stage, mei: Client) -> None:
    boss = each_stage.client()
    row = {"region": "North", "level": 1, "opened_at": LONG_AGO, "manager_login": "mei"}
    names = ["Alone", "Talked to", "Buys"]
    boss.post("/customers/bulk", expect=200, rows=[row | {"name": name, "reference": name} for name in names])
    numbers = {one["name"]: one["customer_no"] for one in mei.get("/customers")["items"]}
    today = f"{datetime.now(UTC):%Y-%m-%dT00:00:00Z}"
    mei.post(f"/customers/{numbers['Talked to']}/activities", held_at=today, place="Shanghai", title="Tea")
    boss.post("/orders", order_no="1", customer_no=numbers["Buys"], ordered_at=today, amount="1.00")

    with each_stage.doing() as tx:
        assert release_idle(tx) == "no rule"
    rule(each_stage, "pool idle days", 30)
    each_stage.said()
    for _ in range(2):
        with each_stage.doing() as tx:
            release_idle(tx)

    [(fact, told)] = each_stage.said()
    assert (fact, told["name"], told["by_rule"], told["from_manager_id"]) == (
        "crm.customer.customer.released", "Alone", True, 7,
    )  # fmt: skip
    assert [one["name"] for one in mei.get("/customers/pool")["items"]] == ["Alone"]
    mei.post("/losses/detection", expect=200)
    assert [one["customer_name"] for one in boss.get("/losses")["items"]] == ["Talked to"], "nobody is told of the pool"


def test_whoever_lacks_the_right_sees_no_pool_and_claims_nothing(each_stage: Stage, mei: Client) -> None:
    number = released(mei, "Acme")
    plain = each_stage.client(BOB, *MANAGER_MAY)

    plain.get("/customers/pool", expect=403)
    plain.post(f"/customers/{number}/claim", expect=403)
    plain.post(f"/customers/{number}/release", expect=403, reason="x")


def at_once(stage: Stage, calls: list[tuple[Principal, str]]) -> list[int]:
    """Claims at the same moment, each by its claimant; the statuses."""
    clients = [(stage.client(who, *MAY), number) for who, number in calls]
    with ThreadPoolExecutor(len(calls)) as threads:
        asked = [threads.submit(one.client.post, f"/customers/{number}/claim", json={}) for one, number in clients]
        return [answer.result().status_code for answer in asked]


def of(number: int) -> Principal:
    return Principal(user_id=number, name=f"P{number}", role="account-manager", kind="user", scope="own")


@pytest.mark.infra
def test_one_customer_claimed_by_eight_at_once_goes_to_one(pg_stage: Stage) -> None:
    number = released(pg_stage.client(MEI, *MAY), "Acme")

    statuses = at_once(pg_stage, [(of(user), number) for user in range(20, 28)])

    assert sorted(statuses) == [200] + [409] * 7
    told = [data for fact, data in pg_stage.said() if fact.endswith("claimed")]
    assert len(told) == 1


@pytest.mark.infra
@pytest.mark.parametrize("kind", ["pool daily limit", "pool holding limit"])
def test_the_limits_hold_when_one_claims_eight_at_once(pg_stage: Stage, kind: str) -> None:
    mei = pg_stage.client(MEI, *MAY)
    numbers = [released(mei, f"Customer {n}") for n in range(8)]
    rule(pg_stage, kind, 3)

    statuses = at_once(pg_stage, [(BOB, number) for number in numbers])

    assert sorted(statuses) == [200] * 3 + [409] * 5
    assert pg_stage.client(BOB, *MAY).get("/customers")["total"] == 3
