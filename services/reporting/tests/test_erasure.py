"""Erasing in reports: the names are gone, every number is as it was, and the rows still follow from the events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from chassis.blanking import BLANK, blanked, wanted
from chassis.erasure import ErasureBegun
from chassis.events import Heard, open_envelope
from chassis.personal import Subject, marked_columns
from chassis.principal import Principal
from chassis.sweeping import Sweeper
from chassis.testing.stage import Stage, an_envelope
from reporting.batch import Batch
from reporting.catalogue import SHELF
from reporting.contribution.model import OrderPlaced
from reporting.facts.customer import CUSTOMERS, CustomerEdited, CustomerOpened
from reporting.facts.deal import DEALS, DealCreated, DealWon
from reporting.facts.person import PEOPLE, UserEdited, UserRegistered
from reporting.log import report_log
from reporting.loss.model import LOSSES, LossAlerted, LossConfirmed, LossDelayed, LossMoved
from reporting.past import Producers
from reporting.rebuild import rebuild
from reporting.sales.model import OpportunityAssigned, OpportunityCreated
from reporting.service import service
from services.reporting.tests.figures import bare

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
ACME, MEI = Subject("customer", "K1"), Subject("user", "7")
REPORTS = (
    "contribution",
    "composition?by=level",
    "composition?by=region",
    "loss",
    "sales",
    "sales?by=cross",
    "service",
)


class LossConfirmedBySomebody(Heard, type="customer.loss.confirmed"):
    """The event as the customer service says it, with whose the text is."""

    loss_id: int
    customer_no: str
    customer_name: str
    manager_id: int
    manager_name: str
    reason: str
    lost_at: datetime


def standing(customer_no: str, name: str) -> dict[str, Any]:
    known = {"region": "North", "manager_id": 7, "manager_name": "Mei Marker", "level": 2, "satisfaction": 5}
    return {"customer_no": customer_no, "name": name, "credit": None, "status": 1, **known}


@pytest.fixture
def heard(stage: Stage) -> Stage:
    """Everything a report can say of two customers, one of whom is a person."""
    who = {"customer_no": "K1", "customer_name": "Li Marker", "manager_id": 7, "manager_name": "Mei Marker"}
    order = {"ordered_at": MONDAY, "kind": "order", "currency": "CNY"}
    sold = {"product": "Pump", "amount_minor": 5, "currency": "CNY"}
    stage.hears(
        UserRegistered(user_id=7, full_name="Mei Marker"),
        CustomerOpened(**standing("K1", "Li Marker")),
        CustomerOpened(**standing("K2", "Duck & Co")),
        CustomerEdited(**standing("K1", "Li Marker the Second")),
        OrderPlaced(order_no="1", customer_no="K1", amount_minor=100, **order),
        OrderPlaced(order_no="2", customer_no="K2", amount_minor=300, **order),
        OpportunityCreated(opportunity_id=1, owner_id=7, **sold),
        OpportunityAssigned(opportunity_id=1, assignee_id=7),
        LossAlerted(loss_id=1, last_order_at=None, alerted_at=MONDAY, **who),
        LossConfirmedBySomebody(loss_id=1, reason="Li Marker moved", lost_at=MONDAY, **who),
    )
    return stage


def reports(stage: Stage) -> dict[str, Any]:
    rights = [route.needs for route in service.routes if route.needs]
    eve = stage.client(EVE, *rights)
    return {path: eve.get(f"/reports/{path}") for path in REPORTS}


def without_names(report: Any) -> Any:
    """All that a report says but names, reasons, and up to when it is complete."""
    if isinstance(report, dict):
        names = ("customer_name", "manager_name", "salesperson_name", "reason", "complete_up_to")
        return {name: without_names(value) for name, value in report.items() if name not in names}
    return [without_names(one) for one in report] if isinstance(report, list) else report


def erase(stage: Stage, *subjects: Subject, texts: bool = True) -> None:
    stage.hears(ErasureBegun(erasure_id=1, subjects=tuple(map(str, subjects)), with_texts=texts))
    assert Sweeper(stage.database, service).run_due() == 1


def differing(stage: Stage) -> list[str]:
    return [name for name, table in rebuild(stage.database).tables.items() if not table.is_equal]


@pytest.mark.parametrize("whom", [[ACME], [MEI], [ACME, MEI]])
def test_every_number_is_as_it_was_and_the_name_is_gone(heard: Stage, whom: list[Subject]) -> None:
    before = reports(heard)

    erase(heard, *whom)

    after = reports(heard)
    assert without_names(after) == without_names(before)
    assert before != after
    assert ("Li Marker" in str(after)) == (ACME not in whom)
    assert ("Mei Marker" in str(after)) == (MEI not in whom)
    assert "Duck & Co" in str(after)


def test_the_rows_still_follow_from_the_log(heard: Stage) -> None:
    erase(heard, ACME, MEI)
    assert differing(heard) == []

    before = reports(heard)
    rebuild(heard.database, verify_only=False)

    assert reports(heard) == before
    with heard.database.reading() as session:
        assert not [row for row in session.execute(sa.select(report_log.c.body)) if b"Marker" in row.body]


def test_whoever_is_erased_while_a_rebuild_folds_does_not_come_back_with_it(heard: Stage) -> None:
    """Pages that were folded before the erasure still had the name; the sweep comes after them."""

    def somebody_is_to_be_erased(_events: int) -> None:
        if not swept:
            heard.hears(ErasureBegun(erasure_id=1, subjects=("customer/K1",), with_texts=True))
            swept.append(Sweeper(heard.database, service).run_due())

    swept: list[int] = []
    assert rebuild(heard.database, verify_only=False, progress=somebody_is_to_be_erased).is_replaced
    assert swept == [0]
    assert "Li Marker" in str(reports(heard))

    assert Sweeper(heard.database, service).run_due() == 1

    assert "Li Marker" not in str(reports(heard))
    assert differing(heard) == []


def test_what_a_killed_rebuild_has_left_goes_with_the_first_sweep(heard: Stage) -> None:
    with heard.database.connection() as connection:
        connection.execute(sa.text("CREATE TABLE rebuild_loss AS SELECT * FROM loss"))

    erase(heard, ACME)

    assert "rebuild_loss" not in sa.inspect(heard.database.engine).get_table_names()


def test_a_source_that_has_not_swept_its_log_gives_no_name_back(heard: Stage) -> None:
    """Rebuilt from the logs of those who said it, of which one still has the name."""
    assert heard.consumer
    erase(heard, ACME, MEI)
    with heard.database.connection() as connection:
        connection.execute(sa.delete(report_log))

    found = rebuild(heard.database, verify_only=False, past=Producers(heard.consumer, mends=True))

    assert found.is_replaced
    assert found.remarks["lacked"] > 0
    assert "Marker" not in str(reports(heard))
    with heard.database.reading() as session:
        bodies = list(session.scalars(sa.select(report_log.c.body)))
    assert bodies
    assert [body for body in bodies if b"Marker" in body] == []


def test_a_source_is_text_about_a_deal_and_goes_with_it(heard: Stage) -> None:
    """Also from what the deal was, and from the groups that were made by it."""
    known = {"campaign_id": None, "expected_on": MONDAY.date(), "pipeline": "standard", "stage": "x"}
    worth = {"stage_position": 1, "probability": 10, "amount_minor": 500, "currency": "CNY"}
    said = {"deal_id": 1, "owner_id": 7, "customer_no": "K1", "source": "Li Marker's aunt", **known, **worth}
    heard.hears(
        DealCreated(**said, created_at=MONDAY), DealWon(**said, from_stage="x", left_after_seconds=1, won_at=MONDAY)
    )
    eve = heard.client(EVE, "report:performance")
    before = eve.get("/reports/performance?by=source")
    assert "Marker" in str(before)

    erase(heard, ACME)

    after = eve.get("/reports/performance?by=source")
    assert ("Marker" in str(after), bare(after["totals"])) == (False, bare(before["totals"]))
    assert differing(heard) == []
    with heard.database.reading() as session:
        assert set(session.scalars(sa.select(DEALS.past.c.source))) == {""}


def test_a_warning_that_moved_has_the_name_of_whom_it_is_about_now(heard: Stage) -> None:
    """So nothing of who was erased stays with somebody else's warning."""
    who = {"customer_no": "K1", "customer_name": "Li Marker", "manager_id": 7, "manager_name": "Mei"}
    heard.hears(
        LossAlerted(loss_id=2, last_order_at=None, alerted_at=MONDAY, **who),
        LossMoved(loss_id=2, customer_no="K2", customer_name="Duck & Co"),
    )

    erase(heard, ACME)

    assert differing(heard) == []
    with heard.database.reading() as session:
        assert set(session.scalars(sa.select(LOSSES.past.c.customer_name))) == {"", "Duck & Co"}


def test_what_is_heard_of_an_erased_customer_later_has_no_name(heard: Stage) -> None:
    erase(heard, ACME)

    heard.hears(CustomerEdited(**standing("K1", "Li Marker once more")))

    assert "Li Marker" not in str(reports(heard))
    assert differing(heard) == []


people = st.lists(st.sampled_from([ACME, Subject("customer", "K2"), MEI, Subject("user", "8")]), max_size=3)
names = st.sampled_from(["", "Li", "Mei", "Duck"])
numbers = st.sampled_from([7, 8])


@st.composite
def a_life(draw: st.DrawFn) -> list[Heard]:
    """Something that happens to a customer, a user or a loss, in order."""
    customer_no, kind = draw(st.sampled_from(["K1", "K2"])), draw(st.sampled_from(["customer", "user", "loss"]))

    def described() -> dict[str, Any]:
        manager = {"manager_id": draw(numbers), "manager_name": draw(names)}
        return standing(customer_no, draw(names)) | manager

    if kind == "customer":
        return [CustomerOpened(**described()), *(CustomerEdited(**described()) for _ in range(draw(st.integers(0, 2))))]
    if kind == "user":
        number = draw(numbers)
        return [
            UserRegistered(user_id=number, full_name=draw(names)),
            UserEdited(user_id=number, full_name=draw(names)),
        ]
    who = {"customer_no": customer_no, "customer_name": draw(names), "manager_id": draw(numbers)}
    who["manager_name"] = draw(names)
    alerted = LossAlerted(loss_id=1, last_order_at=None, alerted_at=MONDAY, **who)
    confirmed = LossConfirmedBySomebody(loss_id=1, reason=draw(names), lost_at=MONDAY, **who)
    return [alerted, LossDelayed(loss_id=1), confirmed][: draw(st.integers(1, 3))]


def wires(life: list[Heard]) -> Iterator[bytes]:
    for version, event in enumerate(life, 1):
        yield an_envelope(event, source=event.event_type.split(".")[1], version=version)


def folded(raws: list[bytes]) -> list[Any]:
    batch = Batch(SHELF.by_type)
    for raw in raws:
        batch.take(open_envelope(raw))
    return [row for projection in (CUSTOMERS, PEOPLE, LOSSES) for row in batch.rows.get(projection, {}).values()]


@given(a_life(), people, st.booleans())
def test_folding_blanked_events_is_blanking_folded_rows(life: list[Heard], who: list[Subject], texts: bool) -> None:
    """So neither the order of the two matters, nor whether a row was blanked or folded again."""
    raws, erased = list(wires(life)), wanted((one, texts) for one in who)

    by_events = folded([blanked(raw, service.marks(), erased).raw for raw in raws])

    by_rows = []
    for row in folded(raws):
        [table] = [one.table for one in (CUSTOMERS, PEOPLE, LOSSES) if isinstance(row, one.make)]  # type: ignore[arg-type]
        marks = marked_columns(table)
        gone = {name: BLANK for name, mark in marks.items() if erased.of(mark, lambda by, row=row: getattr(row, by))}
        by_rows.append(dataclasses.replace(row, **gone))
    assert by_events == by_rows


def test_the_made_up_event_is_the_one_that_is_said() -> None:
    assert LossConfirmed.event_type == LossConfirmedBySomebody.event_type
