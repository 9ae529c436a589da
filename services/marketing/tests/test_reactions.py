"""What marketing hears: the link back from the customer that came of a won opportunity."""

from __future__ import annotations

from datetime import UTC, datetime

from chassis.testing.stage import Stage
from marketing.opportunity.model import Opportunity
from marketing.reactions import CustomerMatched, CustomerOpened

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HINT = {"customer_name": "Acme", "title": "Pumps", "success_rate": 50, "description": "."}


def a_won_opportunity(stage: Stage) -> int:
    with stage.doing(at=MONDAY) as tx:
        opportunity = tx.add(Opportunity.begin(HINT, by_id=7, by_name="Mei", at=MONDAY))
        tx.publish(opportunity.created())
        tx.publish(opportunity.assign(to_id=7, to_name="Mei", reason="", at=MONDAY))
        tx.publish(opportunity.close_as_won(at=MONDAY))
    stage.said()
    return opportunity.id


def test_the_customer_that_came_of_it_is_linked_once_however_often_we_hear_it(stage: Stage) -> None:
    number = a_won_opportunity(stage)

    stage.hears(CustomerOpened(customer_no="KH1", opportunity_id=number), times=3)

    [(kind, data)] = stage.said()
    assert (kind, data["customer_no"]) == ("crm.marketing.opportunity.linked", "KH1")


def test_a_customer_who_was_there_before_is_linked_too(stage: Stage) -> None:
    number = a_won_opportunity(stage)

    stage.hears(CustomerOpened(customer_no="KH1"), CustomerMatched(customer_no="KH1", opportunity_id=number))

    assert [kind for kind, _ in stage.said()] == ["crm.marketing.opportunity.linked"]


def test_late_news_about_an_opportunity_that_is_gone_changes_nothing(stage: Stage) -> None:
    stage.hears(CustomerOpened(customer_no="KH1", opportunity_id=4711))

    assert stage.said() == []
