"""Reports as they were, and the records behind their figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.erasure import ErasureBegun
from chassis.principal import Principal
from chassis.routes import Misfit
from chassis.sweeping import Sweeper
from chassis.testing.stage import Client, Stage
from reporting.as_of import AsOf
from reporting.catalogue import SHELF
from reporting.contribution.model import OrderCancelled, OrderMoved, OrderPlaced
from reporting.contribution.resources import REPORT as CONTRIBUTION
from reporting.facts.customer import CUSTOMERS, CustomerEdited, CustomerOpened, CustomerTransferred
from reporting.rebuild import rebuild
from reporting.report import Cells, Report
from reporting.reports import REPORTS
from reporting.sales.model import OpportunityAssigned, OpportunityCreated, OpportunityWon
from reporting.service import service
from services.reporting.tests.figures import ALWAYS, asked_of, bare, records, wrong_cells
from services.reporting.tests.test_funnel import changed, created
from services.reporting.tests.test_laws import Life, a_stage, turns_of, worlds

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
MEI = Principal(user_id=7, name="Mei", kind="user", scope="own")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
NARROWED = {
    "/reports/contribution": ("year=2011", "customer_no=K1", "manager_id=1", "currency=GBP&year=2012", "unit_id=1"),
    "/reports/composition": ("by=credit", "by=satisfaction", "by=region"),
    "/reports/service": ("year=2011",),
    "/reports/loss": ("year=2011", "manager_id=2", "customer_name=ac", "unit_id=2"),
    "/reports/customer-growth": ("person=1", "region=North&unit_id=1"),
    "/reports/sales-funnel": (
        "pipeline=standard&currency=GBP",
        "owner_id=1",
        "campaign_id=2",
        "created_from=2011-02-01",
    ),
    "/reports/performance": ("by=unit", "by=month&from=2011-01&to=2011-03", "by=source&sort=-won", "source=fair"),
    "/reports/revenue": ("by=person", "by=region&from=2011-01&to=2011-12", "person=1", "by=unit&currency=GBP"),
    "/reports/sales-forecast": ("by=person", "from=2011-01&to=2011-02", "by=unit", "person=2&sort=-target"),
    "/reports/leads": ("by=person", "by=month&source=web,%20by%20mail", "by=unit&from=2011-01"),
    "/reports/opportunities": ("by=person", "by=product", "by=unit&sort=-won_amount"),
    "/reports/campaign-effect": ("by=kind", "by=person", "by=month", "campaign=1", "kind="),
    "/reports/service-performance": ("by=month", "by=unit", "person=1", "from=2011-01&to=2011-02"),
    "/reports/sales": ("by=salesperson", "by=cross", "by=product&status=3", "by=cross&currency=GBP", "unit_id=1"),
}
"""Beside the question without anything."""
SOME = {"period": "2011-01..2011-01", "at": "2011-01-01T00:00:00Z"}
QUESTIONS = [(report, asked) for report in REPORTS for asked in ("", *NARROWED.get(report.path, ()))]
WHO = [
    EVE,
    Principal(user_id=1, name="P1", kind="user", scope="own"),
    Principal(user_id=1, name="P1", kind="user", scope="subtree", team=frozenset({2})),
]


def moment(at: datetime) -> str:
    return quote(at.isoformat())


def order(number: int, customer_no: str = "K1", amount_minor: int = 100) -> OrderPlaced:
    known = {"ordered_at": MONDAY, "kind": "order", "currency": "CNY"}
    return OrderPlaced(order_no=str(number), customer_no=customer_no, amount_minor=amount_minor, **known)


def standing(customer_no: str = "K1", name: str = "Acme", manager_id: int = 7) -> dict[str, object]:
    known = {"region": "North", "manager_name": "P", "level": 2, "satisfaction": None, "credit": None, "status": 1}
    return {"customer_no": customer_no, "name": name, "manager_id": manager_id, **known}


def amounts(client: Client, asked: str = "") -> list[tuple[str | None, str]]:
    report = client.get(f"/reports/contribution?{asked}")
    return [(one["customer_name"], one["amount"]) for one in report["items"]]


# The laws


def told(stage: Stage, world: Sequence[Life], order: Sequence[int]) -> list[bytes]:
    """All lives together, an hour between one event and the next."""
    turns = [iter(life) for life in world]
    return [stage.says(next(turns[whose]), at=MONDAY + timedelta(hours=hour)) for hour, whose in enumerate(order)]


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink plays everything again, for many minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_a_report_of_a_moment_is_what_was_shown_then_and_every_figure_leads_to_its_records(data: st.DataObject) -> None:
    world = data.draw(worlds)
    order = data.draw(st.permutations(turns_of(world)))
    known = data.draw(st.integers(0, len(order)))
    at = MONDAY + timedelta(hours=known - 1, minutes=data.draw(st.sampled_from([0, 59])))
    asked = data.draw(st.lists(st.sampled_from(QUESTIONS), min_size=4, max_size=9, unique_by=str))
    with a_stage() as stage:
        client = stage.client(data.draw(st.sampled_from(WHO)))
        wires = told(stage, world, order)
        stage.takes(*wires[:known])
        shown = [client.get(asked_of(report, question)) for report, question in asked]
        stage.takes(*data.draw(st.permutations(wires[known:])))

        for (report, question), before in zip(asked, shown, strict=True):
            now = client.get(asked_of(report, question))
            then = client.get(asked_of(report, f"{question}&as_of={moment(at)}"))
            assert bare(then) == bare(before)
            assert wrong_cells(client, report, now) == []
            assert wrong_cells(client, report, then) == []


def test_the_sums_of_a_moment_are_those_that_are_kept(stage: Stage) -> None:
    sold = {"product": "Pump", "amount_minor": 500, "currency": "CNY"}
    stage.hears(order(1), order(2, "K2", -30), order(3), OrderCancelled(order_no="3"), at=MONDAY)
    stage.hears(OpportunityCreated(opportunity_id=1, owner_id=8, **sold), at=MONDAY)
    stage.hears(OpportunityAssigned(opportunity_id=1, assignee_id=7), at=TUESDAY)
    stage.hears(OpportunityWon(opportunity_id=1, **sold), at=TUESDAY)

    with stage.doing() as tx:
        then = AsOf(tx, WEDNESDAY)
        for tally in (tally for one in SHELF.projections for tally in one.tallies):
            counted = sa.or_(*(tally.table.c[name] != 0 for name in tally.counts))
            kept = sa.select(tally.table).where(counted).order_by(*tally.table.primary_key)
            assert [tuple(row) for row in then.rows(kept)] == [tuple(row) for row in tx.rows(kept)]


# Stories


def test_the_moment_itself_belongs_to_what_is_shown(stage: Stage) -> None:
    stage.hears(order(1), at=MONDAY)
    stage.hears(order(2), at=TUESDAY)
    eve = stage.client(EVE)

    assert amounts(eve, f"as_of={moment(TUESDAY)}") == [(None, "2.00")]
    assert amounts(eve, f"as_of={moment(TUESDAY - timedelta(microseconds=1))}") == [(None, "1.00")]
    assert amounts(eve, f"as_of={moment(MONDAY - timedelta(days=1))}") == []


def test_what_was_true_then_is_shown_however_it_went_on(stage: Stage) -> None:
    stage.hears(CustomerOpened(**standing()), order(1), at=MONDAY)
    stage.hears(CustomerEdited(**standing(name="Acme Ltd")), OrderMoved(order_no="1", customer_no="K2"), at=TUESDAY)
    stage.hears(OrderCancelled(order_no="1"), at=WEDNESDAY)
    eve = stage.client(EVE)

    assert amounts(eve, f"as_of={moment(MONDAY)}") == [("Acme", "1.00")]
    assert amounts(eve, f"as_of={moment(TUESDAY)}") == [(None, "1.00")]
    assert amounts(eve, f"as_of={moment(WEDNESDAY)}") == amounts(eve) == []


def test_an_answer_says_of_which_moment_it_is(stage: Stage) -> None:
    stage.hears(order(1), at=MONDAY)
    eve = stage.client(EVE)

    assert eve.get("/reports/contribution")["as_of"] is None
    assert eve.get(f"/reports/contribution?as_of={moment(MONDAY)}")["as_of"] == "2026-03-02T09:00:00Z"
    assert eve.get("/reports/contribution?as_of=2026-03-02T10:00:00%2B01:00")["items"] != []


def test_whose_a_customer_was_decides_who_sees_the_past(stage: Stage) -> None:
    stage.hears(CustomerOpened(**standing(manager_id=7)), order(1), at=MONDAY)
    stage.hears(CustomerTransferred(**standing(manager_id=8)), at=TUESDAY)
    mei = stage.client(MEI, "report:contribution")

    assert amounts(mei) == []
    assert amounts(mei, f"as_of={moment(MONDAY)}") == [("Acme", "1.00")]


def test_who_was_erased_has_no_name_in_the_past_and_every_number_stays(stage: Stage) -> None:
    stage.hears(CustomerOpened(**standing(name="Li Marker")), order(1), at=MONDAY)
    stage.hears(CustomerEdited(**standing(name="Li Marker the Second")), at=TUESDAY)
    eve = stage.client(EVE)
    assert amounts(eve, f"as_of={moment(MONDAY)}") == [("Li Marker", "1.00")]

    stage.hears(ErasureBegun(erasure_id=1, subjects=("customer/K1",), with_texts=True))
    assert Sweeper(stage.database, service).run_due() == 1

    assert amounts(eve, f"as_of={moment(MONDAY)}") == amounts(eve, f"as_of={moment(TUESDAY)}") == [("", "1.00")]
    with stage.database.reading() as session:
        assert set(session.scalars(sa.select(CUSTOMERS.past.c.name))) == {""}
    assert rebuild(stage.database).is_equal


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.path)
@pytest.mark.parametrize("asked", ["as_of=2199-01-01T00:00:00Z", "as_of=yesterday", "as_of=2026-03-02T09:00:00"])
def test_what_is_no_moment_of_the_past_is_refused(stage: Stage, report: Report, asked: str) -> None:
    eve = stage.client(EVE)

    [error] = eve.get(asked_of(report, asked), expect=422)["errors"]
    assert error["pointer"] == "/as_of"
    figure = next(iter(report.figures))
    always = "&".join([ALWAYS.get(report.path, ""), *(f"{name}={SOME[name]}" for name in report.always)])
    [error] = eve.get(f"{report.path}/drill?figure={figure}&{always}&{asked}", expect=422)["errors"]
    assert error["pointer"] == "/as_of"


# Behind a figure


def test_a_figure_leads_to_the_records_that_it_counts(stage: Stage) -> None:
    stage.hears(CustomerOpened(**standing()), order(1), order(2, amount_minor=250), order(3, "K2"))
    eve = stage.client(EVE)
    line = next(one for one in eve.get("/reports/contribution?year=2026")["items"] if one["customer_no"] == "K1")

    found = records(eve, line["drill"]["orders"])

    assert [(one["record"], one["id"], one["customer_name"], one["amount"]) for one in found] == [
        ("order", "1", "Acme", "1.00"),
        ("order", "2", "Acme", "2.50"),
    ]


def test_a_record_says_where_it_is_to_be_seen(stage: Stage) -> None:
    stage.hears(CustomerOpened(**standing()), order(1), created(1), changed(1, "proposal", "qualification"))
    eve = stage.client(EVE)
    stages = {one["stage"]: one for one in eve.get("/reports/sales-funnel")["items"]}

    [bought] = records(eve, "/reports/contribution/drill?figure=orders")
    [stay] = records(eve, stages["qualification"]["drill"]["average_stay_seconds"])

    assert bought["link"] == "/orders/1"
    assert (stay["record"], stay["link"]) == ("deal-step", "/deals/1")


def test_records_are_found_by_what_has_no_value_and_by_text_with_commas(stage: Stage) -> None:
    sold = {"product": "Pump, big & red", "amount_minor": 5, "currency": "CNY"}
    stage.hears(CustomerOpened(**standing()), OpportunityCreated(opportunity_id=1, owner_id=7, **sold))
    eve = stage.client(EVE)

    [part] = eve.get("/reports/composition?by=credit")["items"]
    assert (part["value"], [one["id"] for one in records(eve, part["drill"]["customers"])]) == (None, ["K1"])
    [group] = eve.get("/reports/sales?by=product")["items"]
    assert [one["id"] for one in records(eve, group["drill"]["opportunities"])] == ["1"]


def test_nobody_sees_records_beyond_the_own_scope(stage: Stage) -> None:
    stage.hears(CustomerOpened(**standing()), CustomerOpened(**standing("K2", manager_id=8)), order(1), order(2, "K2"))
    mei = stage.client(MEI, "report:contribution")

    assert [one["id"] for one in records(mei, "/reports/contribution/drill?figure=orders")] == ["1"]


def test_the_records_are_a_file_too(stage: Stage) -> None:
    stage.hears(order(1), order(2), at=MONDAY)
    asked = f"figure=orders&as_of={moment(MONDAY)}&lang=zh"

    raw = stage.client(EVE).client.get(f"/reports/contribution/drill/export?{asked}").get_data()

    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [(row["记录类型"], row["编号"], row["金额"]) for row in rows] == [
        ("order", "1", "1.00"),
        ("order", "2", "1.00"),
    ]


def test_records_need_the_right_of_the_report_and_a_figure(stage: Stage) -> None:
    stage.client(EVE, "report:loss").get("/reports/contribution/drill?figure=orders", expect=403)
    for asked in ("", "figure=nothing", "figure=orders&colour=red", "figure=orders&year=now"):
        stage.client(EVE).get(f"/reports/contribution/drill?{asked}", expect=422)


def test_a_report_whose_records_cannot_be_found_is_no_report() -> None:
    known = {name: getattr(CONTRIBUTION, name) for name in ("calls", "asks", "gives", "needs", "figures")}

    with pytest.raises(Misfit, match="colour"):
        Report(path="/reports/x", cells=Cells(figures={}, by=("colour",)), **known)
