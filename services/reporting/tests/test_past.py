"""Reports rebuilt from the logs of those who said it: the stronger proof, and the way back after a loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from chassis.events import Event
from chassis.log import Head
from chassis.principal import Principal
from chassis.pull import note_complete
from chassis.tables import inbox, inbox_position
from chassis.testing.stage import Elsewhere, Stage
from reporting import rebuild as rebuilding
from reporting.contribution.model import OrderCancelled, OrderPlaced
from reporting.log import LISTENS, report_log
from reporting.past import Producers
from reporting.rebuild import Rebuilt, rebuild

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")
MAY = datetime(2010, 5, 1, tzinfo=UTC)


class OrderGarbled(Event, type="customer.order.placed", key="order_no"):
    """What the customer service must not say: reporting puts it aside."""

    order_no: str
    amount_minor: str


def order(number: int, amount_minor: int = 100) -> OrderPlaced:
    known = {"customer_no": "A", "ordered_at": MAY, "kind": "order", "currency": "GBP"}
    return OrderPlaced(order_no=str(number), amount_minor=amount_minor, **known)


@pytest.fixture
def heard(stage: Stage) -> Stage:
    for source in LISTENS:
        stage.elsewhere.setdefault(source, Elsewhere(source))
    stage.hears(*(order(number) for number in range(20)), OrderCancelled(order_no="7"))
    return stage


def again(stage: Stage, *, verify_only: bool = True) -> Rebuilt:
    assert stage.consumer
    past = Producers(stage.consumer, mends=not verify_only)
    return rebuild(stage.database, verify_only=verify_only, past=past)


def total(stage: Stage) -> str:
    report = stage.client(EVE, "report:contribution").get("/reports/contribution")
    return str(report["items"][0]["amount"])


def test_what_the_producers_say_is_what_the_reports_show(heard: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "PAGE", 3)

    found = again(heard)

    assert (found.is_equal, found.events) == (True, 21)
    assert found.remarks == {"unheard": 0, "lacked": 0, "lost": 0}


def test_what_is_parked_or_not_heard_yet_has_no_part_in_it(heard: Stage) -> None:
    heard.hears(OrderGarbled(order_no="garbled", amount_minor="much"), OrderCancelled(order_no="garbled"))
    heard.says(order(99))

    found = again(heard)

    assert (found.is_equal, found.remarks["unheard"]) == (True, 3)
    assert total(heard) == "19.00"


def test_what_was_applied_long_ago_and_pruned_counts(heard: Stage) -> None:
    assert heard.consumer
    note_complete(heard.consumer, "customer", Head(21, 1))
    with heard.database.connection() as connection:
        connection.execute(sa.delete(inbox).where(inbox.c.position <= 10))
        connection.execute(sa.update(inbox_position).values(pruned_to=10))

    found = again(heard)

    assert (found.is_equal, found.remarks["unheard"]) == (True, 0)


def test_a_log_of_ours_with_holes_is_found_out_and_filled(heard: Stage) -> None:
    with heard.database.connection() as connection:
        connection.execute(sa.delete(report_log).where(report_log.c.position.in_([3, 4, 21])))
    assert not rebuild(heard.database).is_equal

    assert again(heard).remarks["lacked"] == 3
    assert heard.count(report_log) == 18
    mended = again(heard, verify_only=False)

    assert (mended.is_replaced, mended.remarks["lacked"], heard.count(report_log)) == (True, 3, 21)
    assert rebuild(heard.database).is_equal


def test_what_a_source_has_lost_leaves_the_reports(heard: Stage) -> None:
    """The customer service came back from a backup that lacks the cancellation and the last order."""
    heard.elsewhere["customer"].comes_back(lost=2)
    heard.takes(heard.says(order(19, amount_minor=500), version=1))
    assert total(heard) == "23.00"

    found = again(heard)
    assert (found.is_equal, found.remarks["lost"]) == (False, 2)
    again(heard, verify_only=False)

    assert total(heard) == "24.00"
    assert rebuild(heard.database).is_equal
    assert heard.count(report_log) == 20


def test_a_used_version_is_folded_over_what_was_lost(heard: Stage) -> None:
    """Until somebody rebuilds, the newest life's word counts."""
    heard.elsewhere["customer"].comes_back(lost=1)

    heard.takes(heard.says(order(7, amount_minor=900), at=MAY + timedelta(days=1), version=2))

    assert total(heard) == "28.00"
