"""The real tables, through the public API, in both modes: the reports equal a few independent lines to the penny."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest

from guanxi.importing.client import Api
from tests import real_data
from tests.journeys.test_import import brought_in
from tests.system import Person, System, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
COMPLETE_SECONDS = 300


@pytest.fixture(autouse=True)
def data() -> None:
    if not real_data.is_there():
        pytest.skip(f"the real tables are not at {real_data.FOLDER}: the import of real data is NOT tested")


def every_page(eve: Person, path: str) -> Iterator[dict[str, object]]:
    cursor = ""
    while True:
        page = eve.get(f"{path}&size=200&total=false{cursor}")
        yield from page["items"]
        if not page["next_cursor"]:
            return
        cursor = f"&cursor={page['next_cursor']}"


def test_what_is_imported_is_what_the_reports_say(guanxi: System, api: dict[str, Api]) -> None:
    outcomes = brought_in(api, real_data.FOLDER)
    assert not any(outcome.is_refused for outcome in outcomes.values())
    eve = guanxi.person("eve")

    wanted = real_data.contribution()
    total = real_data.contribution_total_minor()
    wait_until(lambda: real_data.reported_total_minor(eve) == total, "the orders", within=COMPLETE_SECONDS)
    for year in (2009, 2010, 2011):
        path = f"/api/reports/contribution?year={year}&name=Retail%20customer"
        reported = {str(one["customer_name"]).split()[-1]: Decimal(str(one["amount"])) for one in every_page(eve, path)}
        expected = {customer: amount for (customer, when), amount in wanted.items() if when == year}
        assert reported == expected, year

    salespeople = {name for _, name, _ in real_data.pipeline()}

    def sales() -> Counter[tuple[int, str, str]]:
        """Of the people in the tables; other journeys on the same system have salespeople of their own."""
        rows = eve.get("/api/reports/sales?by=cross")["items"]
        named = [one for one in rows if one["product"] and one["salesperson_name"] in salespeople]
        return Counter(
            {(one["status"], one["salesperson_name"], one["product"]): one["opportunities"] for one in named}
        )

    wait_until(lambda: sales().total() >= real_data.pipeline().total(), "the opportunities", within=COMPLETE_SECONDS)
    assert sales() == real_data.pipeline()

    # rows without a customer are told, not lost; and a second import changes nothing
    lost = [fault for fault in outcomes["invoices"].faults if "has no customer" in fault.reason]
    assert len(lost) == sum(1 for row in real_data.rows("retail_invoices.csv") if not row["customer_id"])
    again = brought_in(api, real_data.FOLDER)
    assert {title: (one.created, one.updated) for title, one in again.items()} == dict.fromkeys(again, (0, 0))
