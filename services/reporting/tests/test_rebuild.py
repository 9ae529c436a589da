"""Rebuilding: the live rows are what the log says, and if they are not, we learn it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from chassis.principal import Principal
from chassis.testing.stage import Stage
from reporting import rebuild as rebuilding
from reporting.contribution.model import OrderCancelled, OrderPlaced, contribution
from reporting.rebuild import rebuild
from reporting.sales.model import OpportunityCreated

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")


def order(number: int, amount_minor: int = 100) -> OrderPlaced:
    at = datetime(2010, 5, 1, tzinfo=UTC)
    known = {"customer_no": "A", "ordered_at": at, "kind": "order", "currency": "GBP"}
    return OrderPlaced(order_no=str(number), amount_minor=amount_minor, **known)


@pytest.fixture
def heard(stage: Stage) -> Stage:
    stage.hears(*(order(number) for number in range(50)), OrderCancelled(order_no="7"))
    stage.hears(OpportunityCreated(opportunity_id=1, owner_id=7, product="Pump", amount_minor=1, currency="GBP"))
    return stage


def amounts(stage: Stage) -> list[str]:
    report = stage.client(EVE, "report:contribution").get("/reports/contribution")
    return [one["amount"] for one in report["items"]]


def spoil(stage: Stage) -> None:
    with stage.database.connection() as connection:
        connection.execute(sa.update(contribution).values(amount_minor=1))


def test_what_is_live_equals_what_is_folded_again(heard: Stage) -> None:
    found = rebuild(heard.database)

    assert set(found) == {
        "customer_fact",
        "person_fact",
        "unit_fact",
        "contribution_order",
        "contribution",
        "contribution_total",
        "request_load",
        "loss",
        "sales_opportunity",
        "sales",
    }
    assert [name for name, (live, again) in found.items() if live != again] == []


def test_a_spoiled_report_is_found_out_and_left_alone(heard: Stage) -> None:
    spoil(heard)

    found = rebuild(heard.database)

    assert [name for name, (live, again) in found.items() if live != again] == ["contribution"]
    assert amounts(heard) == ["0.01"]


def test_a_spoiled_report_is_mended_when_asked_for(heard: Stage) -> None:
    spoil(heard)

    rebuild(heard.database, verify_only=False)

    assert amounts(heard) == ["49.00"]
    assert all(live == again for live, again in rebuild(heard.database).values())


def test_a_mended_report_goes_on_hearing(heard: Stage) -> None:
    rebuild(heard.database, verify_only=False)

    heard.hears(order(100), OrderCancelled(order_no="8"))

    assert amounts(heard) == ["49.00"]


@pytest.mark.parametrize(("page", "short_enough"), [(1, 0), (7, 10), (1000, 1000)])
def test_the_size_of_the_pages_does_not_matter(
    heard: Stage, monkeypatch: pytest.MonkeyPatch, page: int, short_enough: int
) -> None:
    monkeypatch.setattr(rebuilding, "PAGE", page)
    monkeypatch.setattr(rebuilding, "SHORT_ENOUGH", short_enough)

    assert all(live == again for live, again in rebuild(heard.database).values())


def test_nothing_is_left_behind_and_leftovers_do_no_harm(heard: Stage) -> None:
    with heard.database.connection() as connection:
        connection.execute(sa.text("CREATE TABLE rebuild_loss (loss_id INTEGER PRIMARY KEY)"))

    rebuild(heard.database)

    tables = sa.inspect(heard.database.engine).get_table_names()
    assert [name for name in tables if name.startswith("rebuild_")] == []


def test_nothing_heard_yet_is_nothing_to_differ(stage: Stage) -> None:
    assert all(live == again for live, again in rebuild(stage.database).values())
