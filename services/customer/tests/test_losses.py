"""Losses over HTTP: warned of once, delayed, given up, won back, and every refusal on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.jobs import Scheduler
from chassis.testing.stage import Client, Stage
from customer.service import service
from services.customer.tests.conftest import BOB

LONG_AGO = "2024-01-01T00:00:00Z"


def soon() -> str:
    """Later than any alert raised just now."""
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def import_customer(sue: Client, name: str, **more: Any) -> str:
    row = {"name": name, "region": "North", "level": 1, "opened_at": LONG_AGO, "manager_login": "mei", **more}
    sue.post("/customers/bulk", expect=200, rows=[row])
    return str(sue.get(f"/customers?name={name}")["items"][0]["customer_no"])


def import_order(sue: Client, number: str, customer_no: str, at: str, **more: Any) -> None:
    row = {"order_no": number, "customer_no": customer_no, "ordered_at": at, "amount": "1.00", **more}
    sue.post("/orders/bulk", expect=200, rows=[row])


@pytest.fixture
def silent(sue: Client) -> str:
    """A customer of Mei's who never ordered."""
    return import_customer(sue, "Silent")


@pytest.fixture
def alert(mei: Client, silent: str) -> str:
    """The address of the warning about it."""
    mei.post("/losses/detection", expect=200)
    return f"/losses/{mei.get('/losses')['items'][0]['id']}"


def detected(mei: Client, **asked: Any) -> int:
    return int(mei.post("/losses/detection", expect=200, **asked)["alerted"])


def test_a_customer_is_warned_of_once_however_often_one_looks(stage: Stage, mei: Client, silent: str) -> None:
    stage.said()

    assert [detected(mei) for _ in range(3)] == [1, 0, 0]

    (fact, told), (moved, customer) = stage.said()
    assert fact == "crm.customer.loss.alerted"
    assert (moved, customer["stage"]) == ("crm.customer.customer.stage-moved", 5)
    assert (told["customer_no"], told["manager_name"], told["last_order_at"], told["months"]) == (
        silent, "Mei", None, 6,
    )  # fmt: skip
    assert [one["status"] for one in mei.get("/losses")["items"]] == [1]


def test_the_daily_job_looks_too(stage: Stage, mei: Client, silent: str) -> None:
    scheduler = Scheduler(stage.database, "customer", list(service.jobs))

    assert [scheduler.run_due(), scheduler.run_due()] == [3, 0]
    assert mei.get("/losses")["total"] == 1


def test_only_a_real_order_keeps_a_customer(sue: Client, mei: Client, silent: str) -> None:
    now = datetime.now(UTC).isoformat()
    import_order(sue, "C1", silent, now, kind="credit_note", amount="-1.00")
    import_order(sue, "1", silent, now)
    sue.post("/orders/1/cancellation", expect=200)
    old = import_customer(sue, "Old")
    import_order(sue, "2", old, "2025-01-01T00:00:00Z")
    busy = import_customer(sue, "Busy")
    import_order(sue, "3", busy, now)

    assert detected(mei) == 2
    assert {one["customer_no"]: one["last_order_at"] for one in mei.get("/losses")["items"]} == {
        silent: None,
        old: "2025-01-01T00:00:00Z",
    }


def test_history_can_be_judged_as_of_a_day(sue: Client, mei: Client, silent: str) -> None:
    assert detected(mei, as_of="2024-06-30") == 0  # opened less than six months before
    assert detected(mei, as_of="2024-07-01") == 1

    [alert] = mei.get("/losses")["items"]
    assert alert["alerted_at"] == "2024-07-01T23:59:59.999999Z"
    import_order(sue, "1", silent, "2024-07-02T08:00:00Z")
    assert mei.get(f"/losses/{alert['id']}")["status"] == 4
    assert detected(mei, as_of="2024-07-01") == 0, "whoever ordered since is not warned of again"


def test_the_future_cannot_be_judged(mei: Client, silent: str) -> None:
    today = datetime.now(UTC)
    assert detected(mei, as_of=f"{today:%Y-%m-%d}") == 1

    tomorrow = today + timedelta(days=1)
    for as_of in (f"{tomorrow:%Y-%m-%d}", tomorrow.isoformat(), "2026-02-30"):
        problem = mei.post("/losses/detection", expect=422, as_of=as_of)
        assert problem["errors"][0]["pointer"] == "/as_of"


def test_measures_delay_a_loss_and_stay_readable(stage: Stage, mei: Client, alert: str) -> None:
    stage.said()

    mei.post(alert + "/measures", expect=200, text="Phoned to learn why")
    shown = mei.post(alert + "/measures", expect=200, text="Sent the new product list")

    assert shown["status"] == 2
    assert [(one["text"], one["by_name"]) for one in shown["measures"]] == [
        ("Phoned to learn why", "Mei"),
        ("Sent the new product list", "Mei"),
    ]
    assert mei.get(alert) == shown
    assert [(fact, told["measure"]) for fact, told in stage.said()] == [
        ("crm.customer.loss.delayed", "Phoned to learn why"),
        ("crm.customer.loss.delayed", "Sent the new product list"),
    ]


def test_a_confirmed_loss_loses_the_customer_in_the_same_breath(
    stage: Stage, mei: Client, silent: str, alert: str
) -> None:
    stage.said()

    shown = mei.post(alert + "/confirmation", expect=200, reason="Moved its plant")

    assert (shown["status"], shown["reason"]) == (3, "Moved its plant")
    assert mei.get(f"/customers/{silent}")["status"] == 2
    told = dict(stage.said())
    assert list(told) == ["crm.customer.loss.confirmed", "crm.customer.customer.lost"]
    assert (told["crm.customer.customer.lost"]["status"], told["crm.customer.customer.lost"]["reason"]) == (
        2, "Moved its plant",
    )  # fmt: skip
    assert detected(mei) == 0, "who is lost is not about to be lost"


def test_text_and_reason_are_needed(mei: Client, alert: str) -> None:
    assert mei.post(alert + "/measures", expect=422, text=" ")["errors"][0]["pointer"] == "/text"
    assert mei.post(alert + "/confirmation", expect=422)["errors"][0]["pointer"] == "/reason"


def test_what_is_closed_can_only_be_read(sue: Client, mei: Client, silent: str, alert: str) -> None:
    mei.post(alert + "/confirmation", expect=200, reason="Moved")

    for order_no in ("brings-it-back", "one-more"):
        assert mei.post(alert + "/measures", expect=409, text="Phoned")["type"] == "/problems/loss-closed"
        assert mei.post(alert + "/confirmation", expect=409, reason="Again")["type"] == "/problems/loss-closed"
        import_order(sue, order_no, silent, soon())


def test_only_who_looks_after_the_customer_acts(stage: Stage, bob: Client, sue: Client, alert: str) -> None:
    for path, body in (("/measures", {"text": "Phoned"}), ("/confirmation", {"reason": "Moved"})):
        bob.post(alert + path, expect=404, **body)
        sue.post(alert + path, expect=403, **body)
    chief = stage.client(None, "loss:handle", "loss:read")
    assert chief.post(alert + "/measures", expect=403, text="Phoned")["type"] == "/problems/not-the-manager"
    assert chief.get(alert)["status"] == 1


def test_a_loss_follows_the_customer_to_its_next_manager(mei: Client, bob: Client, silent: str, alert: str) -> None:
    mei.patch(f"/customers/{silent}", version=2, manager_id=9)

    mei.get(alert, expect=404)
    assert mei.get("/losses")["total"] == 0
    shown = bob.post(alert + "/confirmation", expect=200, reason="Never answered")
    assert shown["manager_name"] == "Bob"


def test_a_deleted_customer_is_not_lost_any_more(mei: Client, silent: str, alert: str) -> None:
    mei.delete(f"/customers/{silent}", version=2)

    problem = mei.post(alert + "/confirmation", expect=409, reason="Moved")

    assert problem["type"] == "/problems/customer-gone"


def test_a_new_order_recovers_a_customer_who_was_warned_of(
    stage: Stage, sue: Client, mei: Client, silent: str, alert: str
) -> None:
    stage.said()
    import_order(sue, "old", silent, "2025-01-01T00:00:00Z")
    assert mei.get(alert)["status"] == 1, "an order from before the alert says nothing"

    import_order(sue, "new", silent, soon())

    shown = mei.get(alert)
    assert (shown["status"], shown["recovered_by"]) == (4, "new")
    assert [fact.removeprefix("crm.customer.") for fact, _ in stage.said()] == [
        "order.placed",
        "order.placed",
        "loss.recovered",
        "customer.stage-moved",
    ]
    assert mei.get(f"/customers/{silent}")["stage"] == 7


def test_a_new_order_wins_a_lost_customer_back(stage: Stage, sue: Client, mei: Client, silent: str, alert: str) -> None:
    mei.post(alert + "/confirmation", expect=200, reason="Moved")
    stage.said()

    sue.post("/orders", order_no="new", customer_no=silent, ordered_at=soon(), amount="1.00")

    assert mei.get(f"/customers/{silent}")["status"] == 1
    assert mei.get(alert)["status"] == 4
    told = stage.said()
    assert [fact.removeprefix("crm.customer.") for fact, _ in told] == [
        "order.placed",
        "loss.recovered",
        "customer.recovered",
    ]
    assert (told[2][1]["order_no"], told[2][1]["status"]) == ("new", 1)


def test_neither_credit_note_nor_refused_order_recovers_anybody(
    sue: Client, mei: Client, silent: str, alert: str
) -> None:
    import_order(sue, "C1", silent, soon(), kind="credit_note", amount="-1.00")
    sue.post("/orders/bulk", expect=422, rows=[
        {"order_no": "1", "customer_no": silent, "ordered_at": soon(), "amount": "1.00"},
        {"order_no": "2", "customer_no": "KH0", "ordered_at": soon(), "amount": "1.00"},
    ])  # fmt: skip

    assert mei.get(alert)["status"] == 1


def test_many_customers_come_back_at_the_price_of_few(sue: Client, mei: Client, statements: Any) -> None:
    numbers = [import_customer(sue, f"Name{number}") for number in range(30)]
    assert detected(mei) == 30
    rows = [
        {"order_no": str(place), "customer_no": number, "ordered_at": soon(), "amount": "1.00"}
        for place, number in enumerate(numbers)
    ]

    with statements() as sent:
        sue.post("/orders/bulk", expect=200, rows=rows)

    assert mei.get("/losses?status=4")["total"] == 30
    assert len([one for one in sent if one.startswith("SELECT")]) <= 6


def test_who_falls_silent_again_is_warned_of_again(sue: Client, mei: Client, silent: str) -> None:
    assert detected(mei, as_of="2024-09-01") == 1
    import_order(sue, "1", silent, "2024-10-01T00:00:00Z")

    assert detected(mei) == 1

    assert [one["status"] for one in mei.get("/losses?sort=id")["items"]] == [4, 1]


def test_losses_filter_and_tell_their_life(mei: Client, silent: str, alert: str) -> None:
    mei.post(alert + "/measures", expect=200, text="Phoned")

    for query in ("status=1,2", f"customer_no={silent}", "customer_name=sil", "manager_name=mei", "q=Silent"):
        assert mei.get(f"/losses?{query}")["total"] == 1
    assert mei.get("/losses?status=3")["total"] == 0
    assert mei.get("/losses?lost_from=2026-01-01")["total"] == 0
    assert [one["type"].rsplit(".", 1)[1] for one in mei.get(alert + "/history")["items"]] == ["alerted", "delayed"]
    mei.get("/losses/999", expect=404)
    mei.get("/losses/999/history", expect=404)


def test_a_warning_says_which_rule_saw_what(sue: Client, mei: Client) -> None:
    number = import_customer(sue, "Fading")
    for order, at in (("1", "2024-02-01"), ("2", "2024-03-02"), ("3", "2024-04-01")):
        import_order(sue, order, number, f"{at}T00:00:00Z")
    import_order(sue, "4", number, "2024-05-01T00:00:00Z")
    sue.post("/orders/4/cancellation", expect=200, reason="Twice")
    mei.post("/losses/detection", expect=200, as_of="2025-04-01T00:00:00Z")
    address = f"/losses/{mei.get('/losses')['items'][0]['id']}"
    import_order(sue, "5", number, "2025-03-01T00:00:00Z")

    why = mei.get(f"{address}/explanation")

    assert (why["months"], why["as_of"], why["since"]) == (6, "2025-04-01T00:00:00Z", "2024-10-01T00:00:00Z")
    assert (why["orders"], why["orders_since"], why["last_order"]["order_no"]) == (3, 1, "3")
    assert (why["days_without_order"], why["usual_days"]) == (365, 30)


def test_who_never_ordered_is_measured_from_the_beginning(mei: Client, alert: str) -> None:
    why = mei.get(f"{alert}/explanation")

    assert (why["orders"], why["last_order"], why["usual_days"]) == (0, None, None)
    assert why["days_without_order"] == (datetime.now(UTC) - datetime.fromisoformat(LONG_AGO)).days


def test_somebody_elses_warning_explains_nothing(stage: Stage, mei: Client, alert: str) -> None:
    stage.client(BOB, "loss:read").get(f"{alert}/explanation", expect=404)
