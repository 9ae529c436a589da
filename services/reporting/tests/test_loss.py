"""Loss: who left us, when and why, and how the warnings ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from reporting.facts.customer import CustomerEdited
from reporting.loss.model import LossAlerted, LossConfirmed, LossDelayed, LossHandedOver, LossMoved, LossRecovered
from services.reporting.tests.figures import bare

EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
AUTUMN, SPRING = datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)


def alerted(number: int, name: str = "Acme", manager: tuple[int, str] = (7, "Mei")) -> LossAlerted:
    who = {"customer_no": name[0], "customer_name": name, "manager_id": manager[0], "manager_name": manager[1]}
    return LossAlerted(loss_id=number, last_order_at=None, alerted_at=AUTUMN, **who)


def confirmed(number: int, at: datetime = SPRING, reason: str = "Moved its plant") -> LossConfirmed:
    return LossConfirmed(loss_id=number, reason=reason, lost_at=at)


@pytest.fixture
def eve(stage: Stage) -> Client:
    return stage.client(EVE, "report:loss")


def lost(report: dict[str, Any]) -> list[int]:
    return [one["loss_id"] for one in report["items"]]


def test_confirmed_losses_are_listed_with_their_reason_newest_first(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), alerted(2, "Bolt"), alerted(3, "Cord"), confirmed(1, AUTUMN), confirmed(2))

    report = eve.get("/reports/loss")

    assert lost(report) == [2, 1]
    first = report["items"][0]
    assert (first["customer_name"], first["manager_name"], first["reason"]) == ("Bolt", "Mei", "Moved its plant")
    assert (first["lost_at"], first["last_order_at"]) == ("2026-03-01T00:00:00Z", None)
    assert report["total"] == 2


def test_a_warning_goes_with_its_customer_and_its_manager(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), LossMoved(loss_id=1, customer_no="B", customer_name="Bolt"))
    stage.hears(LossHandedOver(loss_id=1, manager_id=9, manager_name="Bob"), confirmed(1), times=2)

    [line] = eve.get("/reports/loss")["items"]

    assert (line["customer_no"], line["manager_name"]) == ("B", "Bob")


def test_every_warning_is_counted_by_how_far_it_got(stage: Stage, eve: Client) -> None:
    stage.hears(*(alerted(number) for number in (1, 2, 3, 4)))
    stage.hears(LossDelayed(loss_id=1), LossDelayed(loss_id=1), LossDelayed(loss_id=2), at=SPRING)
    stage.hears(confirmed(1), confirmed(3), LossRecovered(loss_id=2, recovered_at=SPRING), times=2)

    assert bare(eve.get("/reports/loss"))["counts"] == {"alerted": 4, "delayed": 2, "confirmed": 2, "recovered": 1}
    assert [one["measures"] for one in eve.get("/reports/loss")["items"]] == [0, 2]


def test_each_step_counts_in_the_year_in_which_it_was_taken(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), confirmed(1))

    before, after = (eve.get(f"/reports/loss?year={year}") for year in (2025, 2026))

    assert (lost(before), before["counts"]["alerted"], before["counts"]["confirmed"]) == ([], 1, 0)
    assert (lost(after), after["counts"]["alerted"], after["counts"]["confirmed"]) == ([1], 0, 1)


def test_a_customer_who_came_back_stays_on_the_list_and_says_so(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), confirmed(1))
    stage.hears(LossRecovered(loss_id=1, recovered_at=datetime(2026, 6, 1, tzinfo=UTC)))

    [line] = eve.get("/reports/loss")["items"]

    assert line["recovered_at"] == "2026-06-01T00:00:00Z"


def test_losses_are_filtered_by_manager_and_customer(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), alerted(2, "Bolt", manager=(9, "Bo")), confirmed(1), confirmed(2))

    assert lost(eve.get("/reports/loss?manager_id=9")) == [2]
    assert lost(eve.get("/reports/loss?manager_name=mei")) == [1]
    assert lost(eve.get("/reports/loss?customer_no=B")) == [2]
    report = eve.get("/reports/loss?customer_name=bol")
    assert (lost(report), report["counts"]["alerted"]) == ([2], 1)


def test_the_customer_is_shown_by_its_present_name(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), confirmed(1))
    known = {"region": "North", "manager_id": 7, "manager_name": "Mei", "level": 1, "status": 2}

    stage.hears(CustomerEdited(customer_no="A", name="Acme Ltd", satisfaction=None, credit=None, **known))

    assert [one["customer_name"] for one in eve.get("/reports/loss?customer_name=ltd")["items"]] == ["Acme Ltd"]


def test_pages_follow_one_another(stage: Stage, eve: Client) -> None:
    stage.hears(*(alerted(number) for number in range(1, 6)), *(confirmed(number) for number in range(1, 6)))

    first = eve.get("/reports/loss?size=3")
    rest = eve.get(f"/reports/loss?size=3&cursor={first['next_cursor']}")

    assert (lost(first), lost(rest), rest["next_cursor"]) == ([5, 4, 3], [2, 1], None)


def test_a_confirmation_that_arrives_before_its_warning_is_right_in_the_end(stage: Stage, eve: Client) -> None:
    wires = [stage.says(event) for event in (alerted(1), LossDelayed(loss_id=1), confirmed(1))]

    for wire in reversed(wires):
        stage.takes(wire)

    report = eve.get("/reports/loss")
    assert (lost(report), report["items"][0]["measures"]) == ([1], 1)


def test_an_account_manager_would_see_only_his_own(stage: Stage, eve: Client) -> None:
    stage.hears(alerted(1), alerted(2, "Bolt", manager=(9, "Bo")), confirmed(1), confirmed(2))
    bo = Principal(user_id=9, name="Bo", kind="user", scope="own")

    report = stage.client(bo, "report:loss").get("/reports/loss")

    assert (lost(report), report["counts"]["alerted"]) == ([2], 1)


def test_wrong_questions_are_refused(eve: Client) -> None:
    for asked in ("year=x", "sort=reason", "manager_id=Mei", "size=0"):
        eve.get(f"/reports/loss?{asked}", expect=422)


def test_the_report_needs_its_right(stage: Stage) -> None:
    stage.client(EVE, "report:sales").get("/reports/loss", expect=403)
