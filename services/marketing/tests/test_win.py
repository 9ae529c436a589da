"""A won opportunity waits for its customer: linked, refused, late, too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.dialect import clock
from chassis.events import Heard
from chassis.people import UserRegistered
from chassis.principal import Principal
from chassis.redrive import Redriver
from chassis.schedule import Releaser
from chassis.tables import flow, flow_step, parked_event, scheduled_message
from chassis.testing.stage import Client, Stage
from marketing.flows import PATIENCE, wait_for_earlier_wins
from marketing.opportunity.model import Opportunity
from marketing.reactions import CustomerMatched, CustomerOpened, LinkRefused
from marketing.service import service

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ADA = Principal(user_id=1, name="Ada", role="administrator", kind="user")
MEI = Principal(user_id=7, name="Mei", role="account-manager", kind="user", scope="own")
HINT = {"customer_name": "Acme", "title": "Pumps", "success_rate": 50, "description": ".", "contact_name": "Li"}


@pytest.fixture(params=["stage", pytest.param("pg_stage", marks=pytest.mark.infra)])
def each(request: pytest.FixtureRequest) -> Stage:
    """Marketing on one database, then on the other."""
    found: Stage = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def ada(each: Stage) -> Client:
    return each.client(ADA, "flow:read", "flow:operate", "opportunity:read")


def in_development(stage: Stage) -> int:
    with stage.doing(at=MONDAY) as tx:
        opportunity = tx.add(Opportunity.begin(HINT, by_id=7, by_name="Mei", at=MONDAY))
        tx.publish(opportunity.created())
        tx.publish(opportunity.assign(to_id=7, to_name="Mei", reason="", at=MONDAY))
    return opportunity.id


def won(stage: Stage) -> int:
    """An opportunity that is won as people win them; what was said so far is forgotten."""
    number = in_development(stage)
    client = stage.client(MEI)
    path = f"/opportunities/{number}"
    item = client.post(path + "/plan", planned_for="2026-12-01T09:00:00Z", todo="Show the pump")
    client.post(f"{path}/plan/{item['id']}/execution", expect=200, result="They want three")
    client.post(path + "/win", expect=200)
    stage.said()
    return number


def opened(opportunity_id: int | None, customer_no: str = "KH1") -> CustomerOpened:
    return CustomerOpened(customer_no=customer_no, opportunity_id=opportunity_id)


def facts(stage: Stage) -> list[str]:
    return [kind.removeprefix("crm.marketing.") for kind, _ in stage.said()]


def shown(client: Client, number: int) -> tuple[str, str]:
    """(state, reason) of the opportunity's flow."""
    found = client.get(f"/flows/win:{number}")
    return found["state"], found["reason"]


def customer_of(client: Client, number: int) -> str | None:
    found: str | None = client.get(f"/opportunities/{number}")["customer_no"]
    return found


def miss_deadline(stage: Stage) -> None:
    """A quarter of an hour passes, and the worker notices."""
    with stage.database.connection() as connection:
        past = clock(connection) - timedelta(seconds=1)
        connection.execute(sa.update(scheduled_message).values(next_attempt_at=past))
    Releaser(stage.database, service.name, service.all_timers()).run_due()


def redrive(stage: Stage) -> None:
    assert stage.consumer
    with stage.database.connection() as connection:
        connection.execute(sa.update(parked_event).values(next_attempt_at=MONDAY))
    Redriver(stage.consumer).run_due()


def parked(stage: Stage) -> int:
    return stage.count(parked_event)


# Once, twice, late, out of order


def test_who_wins_begins_to_wait_for_the_customer(each: Stage, ada: Client) -> None:
    number = won(each)

    found = ada.get(f"/flows/win:{number}")

    assert (found["state"], found["step"], found["correlation_id"]) == ("running", "customer", str(number))
    assert found["waiting_for"] == "customer.customer.opened or customer.customer.matched"
    since, until = (datetime.fromisoformat(found[name]) for name in ("waiting_since", "deadline_at"))
    assert until - since == PATIENCE


def test_a_win_that_is_refused_waits_for_nothing(each: Stage) -> None:
    each.client().post(f"/opportunities/{in_development(each)}/win", expect=409)

    assert each.count(flow) == 0


@pytest.mark.parametrize("kind", [CustomerOpened, CustomerMatched])
def test_the_customer_that_came_of_it_is_linked_once_however_often_we_hear_it(
    each: Stage, ada: Client, kind: type[CustomerOpened | CustomerMatched]
) -> None:
    number = won(each)

    each.hears(kind(customer_no="KH1", opportunity_id=number), times=3)

    assert facts(each) == ["opportunity.linked"]
    assert shown(ada, number) == ("completed", "")
    assert customer_of(ada, number) == "KH1"
    assert ada.get(f"/flows/win:{number}")["data"] == {"customer_no": "KH1"}


def test_a_customer_whom_we_never_won_moves_nothing(each: Stage) -> None:
    each.hears(opened(None))

    assert (parked(each), each.count(flow)) == (0, 0)


def test_a_second_customer_for_the_same_opportunity_changes_nothing(each: Stage, ada: Client) -> None:
    number = won(each)
    each.hears(opened(number), CustomerMatched(customer_no="KH2", opportunity_id=number))

    assert customer_of(ada, number) == "KH1"
    assert [step["outcome"] for step in ada.get(f"/flows/win:{number}")["steps"]] == ["answered", "late"]


def test_news_about_an_opportunity_we_do_not_know_waits_and_is_not_lost(each: Stage) -> None:
    each.hears(opened(4711))

    assert (facts(each), parked(each)) == ([], 1)


def test_an_opportunity_won_before_there_were_flows_is_waited_for_after_the_upgrade(each: Stage, ada: Client) -> None:
    with each.doing(at=MONDAY) as tx:
        opportunity = tx.add(Opportunity.begin(HINT, by_id=7, by_name="Mei", at=MONDAY))
        tx.publish(opportunity.created())
        tx.publish(opportunity.assign(to_id=7, to_name="Mei", reason="", at=MONDAY))
        tx.publish(opportunity.win(at=MONDAY))
    each.hears(opened(opportunity.id))

    for _ in range(2):
        with each.doing() as tx:
            wait_for_earlier_wins(tx, each.settings)
    redrive(each)

    assert customer_of(ada, opportunity.id) == "KH1"
    assert (each.count(flow), parked(each)) == (1, 0)


# Nobody answers


def test_without_a_customer_the_flow_is_stuck_and_the_opportunity_stays_won(each: Stage, ada: Client) -> None:
    number = won(each)

    miss_deadline(each)

    assert shown(ada, number)[0] == "stuck"
    assert [one["id"] for one in ada.get("/flows?state=stuck")["items"]] == [f"win:{number}"]
    assert ada.get(f"/opportunities/{number}")["status"] == 3


def test_stuck_tried_again_and_linked(each: Stage, ada: Client) -> None:
    number = won(each)
    miss_deadline(each)

    ada.post(f"/flows/win:{number}/retry", expect=200)

    [(stuck, told), (kind, data)] = each.said()
    assert (stuck, told["flow_id"]) == ("crm.marketing.flow.stuck", f"win:{number}")
    assert kind == "crm.marketing.opportunity.link-requested"
    assert (data["opportunity_id"], data["customer_name"], data["manager_name"]) == (number, "Acme", "Mei")
    each.hears(CustomerMatched(customer_no="KH1", opportunity_id=number))
    assert shown(ada, number) == ("completed", "")


def test_a_customer_who_comes_after_the_deadline_is_linked_all_the_same(each: Stage, ada: Client) -> None:
    number = won(each)
    miss_deadline(each)

    each.hears(opened(number))
    miss_deadline(each)

    assert shown(ada, number) == ("completed", "")


def test_what_is_linked_need_not_be_asked_for(each: Stage, ada: Client) -> None:
    number = won(each)
    each.hears(opened(number))

    assert ada.post(f"/flows/win:{number}/retry", expect=409)["type"] == "/problems/flow-closed"


# Somebody says no


def test_a_refusal_is_shown_and_the_opportunity_stays_won(each: Stage, ada: Client) -> None:
    number = won(each)

    each.hears(LinkRefused(opportunity_id=number, reason="No customer can have this name"), times=2)

    assert shown(ada, number) == ("failed", "No customer can have this name")
    assert (ada.get(f"/opportunities/{number}")["status"], customer_of(ada, number)) == (3, None)
    assert facts(each) == []


@pytest.mark.parametrize("customer_comes_first", [True, False])
def test_a_customer_and_a_refusal_end_linked_whichever_comes_first(
    each: Stage, ada: Client, customer_comes_first: bool
) -> None:
    number = won(each)
    news: list[Heard] = [LinkRefused(opportunity_id=number, reason="No name"), opened(number)]

    for event in reversed(news) if customer_comes_first else news:
        each.hears(event)

    assert shown(ada, number) == ("completed", "")
    assert customer_of(ada, number) == "KH1"


def test_a_refused_link_is_asked_for_again(each: Stage, ada: Client) -> None:
    number = won(each)
    each.hears(LinkRefused(opportunity_id=number, reason="No name"))

    ada.post(f"/flows/win:{number}/retry", expect=200)
    each.hears(opened(number))

    assert facts(each) == ["opportunity.link-requested", "opportunity.linked"]
    assert shown(ada, number) == ("completed", "")


def test_a_cancelled_flow_waits_no_longer_but_a_customer_is_linked_whenever_it_comes(each: Stage, ada: Client) -> None:
    number = won(each)
    ada.post(f"/flows/win:{number}/cancellation", expect=200, reason="a test opportunity")
    assert shown(ada, number) == ("cancelled", "a test opportunity")

    each.hears(opened(number))

    assert customer_of(ada, number) == "KH1"
    assert shown(ada, number) == ("completed", "")


# Many at once


def records(count: int, state: str = "won") -> list[dict[str, Any]]:
    common = {"customer_name": "Acme", "title": "Pumps", "success_rate": 100, "description": ".", "salesperson": "mei"}
    return [common | {"reference": f"{state}{number}", "state": state} for number in range(count)]


def test_an_import_begins_all_flows_at_the_price_of_two_inserts(each: Stage) -> None:
    each.hears(UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"))
    client, seen = each.client(), []
    sa.event.listen(each.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))

    client.post("/opportunities/bulk", expect=200, rows=[*records(150), *records(50, "unassigned")])

    assert each.count(flow) == each.count(scheduled_message) == 150
    inserts = [one for one in seen if one.startswith(("INSERT INTO flow", "INSERT INTO scheduled_message"))]
    assert len(inserts) == 2


def test_a_dry_run_of_an_import_begins_no_flow(each: Stage) -> None:
    each.hears(UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"))

    each.client().post("/opportunities/bulk", expect=200, rows=records(3), dry_run=True)

    assert (each.count(flow), each.count(scheduled_message)) == (0, 0)


def test_the_customers_of_an_import_are_linked_in_batches(each: Stage) -> None:
    each.hears(UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"))
    each.client().post("/opportunities/bulk", expect=200, rows=records(100))
    each.said()
    answers = [each.says(opened(number, f"KH{number}")) for number in range(1, 101)]

    each.takes(*answers)

    assert facts(each) == ["opportunity.linked"] * 100
    assert each.count(flow_step) == 100
    with each.database.reading() as session:
        assert set(session.scalars(sa.select(flow.c.state))) == {"completed"}
