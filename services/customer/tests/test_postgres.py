"""Where transactions overlap: PostgreSQL, and two who do the same at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.testing.stage import Stage
from customer.loss.model import Loss

pytestmark = pytest.mark.infra
OLD = {"region": "North", "level": 1, "opened_at": "2024-01-01T00:00:00Z", "manager_login": "mei"}


def at_once(*calls: Any) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as threads:
        return [one.result() for one in [threads.submit(call) for call in calls]]


def status_of(stage: Stage, path: str, **body: Any) -> int:
    return int(stage.client().client.post(path, json=body).status_code)


def test_detections_at_the_same_moment_warn_of_a_customer_once(pg_stage: Stage) -> None:
    rows = [OLD | {"reference": str(number), "name": f"Customer {number}"} for number in range(200)]
    pg_stage.client().post("/customers/bulk", expect=200, rows=rows)

    answers = at_once(*[lambda: pg_stage.client().post("/losses/detection", expect=200)["alerted"]] * 4)

    assert sorted(answers) == [0, 0, 0, 200]
    assert pg_stage.count(Loss.__table__) == 200


def test_two_who_take_one_name_at_the_same_moment_do_not_both_get_it(pg_stage: Stage) -> None:
    fields: dict[str, Any] = {"name": "Acme", "region": "North", "level": 1}

    answers = at_once(*[lambda: status_of(pg_stage, "/customers", **fields)] * 4)

    assert sorted(answers) == [201, 409, 409, 409]


def test_customers_opened_at_the_same_moment_have_numbers_of_their_own(pg_stage: Stage) -> None:
    def opening(number: int) -> Any:
        fields: dict[str, Any] = {"name": f"Customer {number}", "region": "North", "level": 1}
        return lambda: pg_stage.client().post("/customers", **fields)["customer_no"]

    numbers = at_once(*map(opening, range(8)))

    assert len(set(numbers)) == 8


def test_an_order_imported_twice_at_the_same_moment_is_placed_once(pg_stage: Stage) -> None:
    pg_stage.client().post("/customers/bulk", expect=200, rows=[OLD | {"reference": "A", "name": "Acme"}])
    order = {"customer_reference": "A", "ordered_at": "2026-01-01T00:00:00Z", "amount": "1.00"}
    rows = [order | {"order_no": str(number)} for number in range(50)]

    answers = at_once(*[lambda: status_of(pg_stage, "/orders/bulk", rows=rows)] * 3)

    assert set(answers) <= {200, 409}
    assert pg_stage.client().get("/orders")["total"] == 50
    assert pg_stage.client().post("/orders/bulk", expect=200, rows=rows)["unchanged"] == 50


def test_the_whole_way_of_a_loss_works_here_too(pg_stage: Stage) -> None:
    mei = pg_stage.client()
    mei.post("/customers/bulk", expect=200, rows=[OLD | {"reference": "A", "name": "Acme", "manager_login": "mei"}])
    mei.post("/losses/detection", expect=200)
    order = {"customer_reference": "A", "ordered_at": "2026-01-01T00:00:00Z", "amount": "1.00"}

    mei.post("/orders/bulk", expect=200, rows=[order | {"order_no": "1"}])
    [alert] = mei.get("/losses")["items"]
    assert alert["status"] == 1

    later = order | {"order_no": "2", "ordered_at": alert["alerted_at"][:10] + "T23:59:59.999999Z"}
    mei.post("/orders/bulk", expect=200, rows=[later])
    assert mei.get("/losses")["items"][0]["status"] == 4
