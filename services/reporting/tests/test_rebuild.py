"""Rebuilding: the live rows are what the past says, and if they are not, we learn it and may replace them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from chassis.database import Database
from chassis.exclusive import DoneByAnother, exclusively
from chassis.principal import Principal
from chassis.testing.stage import Stage, prepare, some_settings
from reporting import rebuild as rebuilding
from reporting import shadow
from reporting.base import metadata
from reporting.catalogue import SHELF
from reporting.contribution.model import ORDERS, OrderCancelled, OrderPlaced, contribution
from reporting.difference import Difference
from reporting.log import report_log
from reporting.rebuild import NotFoldable, Rebuilt, rebuild
from reporting.sales.model import OpportunityCreated
from reporting.service import service
from reporting.shadow import ReadersInTheWay
from reporting.shelf import Shelf

EVE = Principal(user_id=4, name="Eve", kind="user", scope="all")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)])
def heard(request: pytest.FixtureRequest, stage: Stage) -> Iterator[Stage]:
    """Fifty orders, one of them cancelled, and an opportunity."""
    with on_postgresql(request) if request.param == "postgresql" else nullstage(stage) as one:
        one.hears(*(order(number) for number in range(50)), OrderCancelled(order_no="7"))
        one.hears(OpportunityCreated(opportunity_id=1, owner_id=7, product="Pump", amount_minor=1, currency="GBP"))
        yield one


@contextmanager
def nullstage(stage: Stage) -> Iterator[Stage]:
    yield stage


@contextmanager
def on_postgresql(request: pytest.FixtureRequest) -> Iterator[Stage]:
    url = request.getfixturevalue("empty_database")
    database = Database(url)
    prepare(service, database, some_settings("reporting", url))
    yield Stage(service, database, some_settings("reporting", url))
    database.close()


def order(number: int, amount_minor: int = 100) -> OrderPlaced:
    at = datetime(2010, 5, 1, tzinfo=UTC)
    known = {"customer_no": "A", "ordered_at": at, "kind": "order", "currency": "GBP"}
    return OrderPlaced(order_no=str(number), amount_minor=amount_minor, **known)


def amounts(stage: Stage) -> list[str]:
    report = stage.client(EVE, "report:contribution").get("/reports/contribution")
    return [one["amount"] for one in report["items"]]


def spoil(stage: Stage) -> None:
    with stage.database.connection() as connection:
        connection.execute(sa.update(contribution).values(amount_minor=1))


def differing(found: Rebuilt) -> list[str]:
    return [name for name, table in found.tables.items() if not table.is_equal]


def leftovers(stage: Stage) -> list[str]:
    return [name for name in sa.inspect(stage.database.engine).get_table_names() if name.startswith("rebuild_")]


# Verifying and replacing


def test_what_is_live_equals_what_is_folded_again(heard: Stage) -> None:
    found = rebuild(heard.database)

    facts = {"customer", "person", "unit", "deal", "pipeline", "lead", "target", "forecast", "campaign", "complaint"}
    others = {"deal_step", "lead_of_campaign", "campaign_cost", "campaign_response", "visit_fact"}
    rows = {f"{name}_fact" for name in facts} | others
    rows |= {"contribution_order", "request_load", "loss", "sales_opportunity"}
    sums = {"contribution", "contribution_total", "sales"}
    assert set(found.tables) == rows | {f"{name}_past" for name in rows} | sums
    assert (found.is_equal, differing(found), found.events, found.is_replaced) == (True, [], 52, False)
    assert found.up_to == {"identity": 0, "marketing": 1, "customer": 51, "service-desk": 0}


def test_a_spoiled_report_is_found_out_and_left_alone(heard: Stage) -> None:
    spoil(heard)

    found = rebuild(heard.database)

    assert differing(found) == ["contribution"]
    told = found.tables["contribution"]
    assert (told.only_live, told.only_rebuilt, told.otherwise) == (0, 0, 2)
    assert sorted(told.examples) == [(0, "A", "GBP"), (2010, "A", "GBP")]
    assert amounts(heard) == ["0.01"]


def test_rows_that_are_missing_and_rows_that_are_too_many_are_told_apart(heard: Stage) -> None:
    with heard.database.connection() as connection:
        connection.execute(sa.delete(ORDERS.table).where(ORDERS.table.c.order_no.in_(["0", "30", "9"])))
        extra = {"order_no": "5x", "customer_no": "A", "year": 1, "currency": "GBP", "amount_minor": 0}
        flags = {"is_credit_note": False, "is_counted": False, "version": 1}
        connection.execute(sa.insert(ORDERS.table).values(extra | flags))

    told = rebuild(heard.database).tables["contribution_order"]

    assert (told.only_live, told.only_rebuilt, told.otherwise) == (1, 3, 0)
    assert list(told.examples) == [("0",), ("30",), ("5x",), ("9",)]


def test_a_spoiled_report_is_mended_when_asked_for(heard: Stage) -> None:
    spoil(heard)

    found = rebuild(heard.database, verify_only=False)

    assert (found.is_replaced, differing(found)) == (True, ["contribution"])
    assert amounts(heard) == ["49.00"]
    assert rebuild(heard.database).is_equal


def test_a_mended_report_goes_on_hearing(heard: Stage) -> None:
    rebuild(heard.database, verify_only=False)

    heard.hears(order(100), OrderCancelled(order_no="8"))

    assert amounts(heard) == ["49.00"]


def test_the_tables_are_the_same_tables_afterwards(heard: Stage) -> None:
    """Columns, keys, indexes, and what they are called: a migration finds nothing to do."""
    before = shapes(heard)

    for _ in range(2):
        rebuild(heard.database, verify_only=False)

    assert shapes(heard) == before
    with heard.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def shapes(stage: Stage) -> dict[str, Any]:
    found = sa.inspect(stage.database.engine)
    return {
        name: (found.get_pk_constraint(name), found.get_indexes(name), found.get_unique_constraints(name))
        for name in SHELF.tables
    }


def test_one_report_alone_can_be_rebuilt(heard: Stage) -> None:
    spoil(heard)

    found = rebuild(heard.database, verify_only=False, shelf=Shelf([ORDERS]))

    assert set(found.tables) == {"contribution_order", "contribution_order_past", "contribution", "contribution_total"}
    assert amounts(heard) == ["49.00"]


@pytest.mark.parametrize(("page", "short_enough"), [(1, 0), (7, 10), (1000, 1000)])
def test_the_size_of_the_pages_does_not_matter(
    heard: Stage, monkeypatch: pytest.MonkeyPatch, page: int, short_enough: int
) -> None:
    monkeypatch.setattr(rebuilding, "PAGE", page)
    monkeypatch.setattr(rebuilding, "SHORT_ENOUGH", short_enough)

    assert rebuild(heard.database, verify_only=False).is_equal
    assert rebuild(heard.database).is_equal


def test_nothing_heard_yet_is_nothing_to_differ(stage: Stage) -> None:
    assert rebuild(stage.database).is_equal


def test_equal_is_a_matter_of_the_digests() -> None:
    assert [Difference("a", "a").is_equal, Difference("a", "b").is_equal] == [True, False]


# Interrupted


def crash(at: str) -> Callable[[str], None]:
    def fall(name: str) -> None:
        if name == at:
            raise KeyboardInterrupt

    return fall


@pytest.mark.parametrize("at", ["rebuild.after_page", "rebuild.before_commit"])
def test_an_interrupted_rebuild_leaves_everything_as_it_was(
    heard: Stage, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    spoil(heard)
    monkeypatch.setattr(rebuilding, "failpoint", crash(at))
    with pytest.raises(KeyboardInterrupt):
        rebuild(heard.database, verify_only=False)
    monkeypatch.undo()

    assert (amounts(heard), leftovers(heard)) == (["0.01"], [])
    assert rebuild(heard.database, verify_only=False).is_replaced
    assert amounts(heard) == ["49.00"]


def test_nothing_is_left_behind_and_leftovers_do_no_harm(heard: Stage) -> None:
    with heard.database.connection() as connection:
        connection.execute(sa.text("CREATE TABLE rebuild_loss (loss_id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("CREATE TABLE rebuild_of_an_older_build (id INTEGER PRIMARY KEY)"))

    rebuild(heard.database)

    assert leftovers(heard) == []


def test_two_do_not_rebuild_at_the_same_time(heard: Stage) -> None:
    with exclusively(heard.database, "rebuild"), pytest.raises(DoneByAnother):
        rebuild(heard.database)

    assert rebuild(heard.database).is_equal


def test_an_event_that_this_build_cannot_fold_is_named(heard: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(event: Any, row: Any, at: datetime) -> Any:
        raise ValueError("a fold of yesterday's build was more patient")

    monkeypatch.setattr(ORDERS, "fold", stumble)

    with pytest.raises(NotFoldable) as refused:
        rebuild(heard.database, verify_only=False)

    assert refused.value.event_type == "crm.customer.order.placed"
    assert leftovers(heard) == []


@pytest.mark.infra
def test_who_reads_for_long_is_not_disturbed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow, "LONGEST_WAIT", "50ms")
    monkeypatch.setattr(rebuilding, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(rebuilding, "TRIES", 3)
    with on_postgresql(request) as stage:
        stage.hears(*(order(number) for number in range(50)))
        spoil(stage)
        with stage.database.snapshot() as reader:
            reader.execute(sa.select(contribution)).all()
            with pytest.raises(ReadersInTheWay):
                rebuild(stage.database, verify_only=False)
            assert amounts(stage) == ["0.01"]

        rebuild(stage.database, verify_only=False)

        assert amounts(stage) == ["50.00"]


# While hearing goes on


def test_it_agrees_while_hearing_goes_on(heard: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "PAGE", 20)
    monkeypatch.setattr(rebuilding, "SHORT_ENOUGH", 5)
    wires = [heard.says(order(number)) for number in range(100, 300)]
    hearing = threading.Thread(target=lambda: [heard.takes(wire) for wire in wires])

    hearing.start()
    found = [rebuild(heard.database, verify_only=is_first) for is_first in (True, False, True, False)]
    hearing.join()
    found.append(rebuild(heard.database))

    assert [one.is_equal for one in found] == [True] * 5
    assert amounts(heard) == ["249.00"]
    with heard.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(report_log)) == 252
