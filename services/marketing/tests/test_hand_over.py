"""Somebody leaves: what he or she has in charge in marketing is counted, and goes to others a piece at a time."""

from __future__ import annotations

from typing import Any

import pytest

from chassis import handing_over
from chassis.handing_over import (
    REASON,
    Charge,
    HandOver,
    HandOverBegun,
    HandOverCancelled,
    HandOverRequested,
    KeptByTheSame,
)
from chassis.people import UserDisabled, UserRegistered
from chassis.schedule import Releaser
from chassis.testing.stage import Client, Stage
from marketing.charges import HAND_OVER
from marketing.task.model import Task

DEAL = {"name": "Pumps", "customer_no": "KH1", "amount": "5.00", "expected_on": "2027-02-01"}
PLAN = {"title": "Tea", "kind": "visit", "sub_kind": "routine", "goal": "Orders", "starts_on": "2027-03-01",
        "ends_on": "2027-03-02"}  # fmt: skip
TO_BO = dict.fromkeys(HAND_OVER.kinds, 9)


def requested(**receivers: int) -> HandOverRequested:
    return HandOverRequested(hand_over_id=1, user_id=7, receivers=receivers or TO_BO)


def begun(turn: int = 1, **receivers: int) -> HandOverBegun:
    return HandOverBegun(hand_over_id=1, user_id=7, receivers=receivers or TO_BO, turn=turn)


def pieces(stage: Stage, most: int = 1000) -> int:
    """Let the worker do what is due; how many pieces that took."""
    done, releaser = 0, Releaser(stage.database, stage.service.name, stage.service.all_timers())
    while done < most and releaser.run_due():
        done += 1
    return done


def about(stage: Stage, what: str = "hand-over") -> list[dict[str, Any]]:
    return [data for kind, data in stage.said() if f".{what}." in kind]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)])
def stage(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """Marketing on one database, then on the other."""
    found: Stage = request.getfixturevalue("pg_stage") if request.param == "postgresql" else stage
    return found


@pytest.fixture
def busy(furnished: Stage, mei: Client, sue: Client) -> Stage:
    """Mei has one of each, and something that is over."""
    hint = {"customer_name": "Acme", "title": "Pumps", "success_rate": 5, "description": "."}
    opportunity = mei.post("/opportunities", **hint)["id"]
    sue.post(f"/opportunities/{opportunity}/assignment", expect=200, assignee_id=7)
    mei.post("/leads", full_name="Ada", company="Brandnew")
    for _ in range(2):
        won = mei.post("/deals", **DEAL)["id"]
    mei.post(f"/deals/{won}/win", expect=200)
    mei.post("/campaigns", name="Spring", starts_on="2027-03-01", ends_on="2027-04-01")
    mei.post("/marketing-plans", **PLAN)
    mei.post("/tasks", title="Call", due_at="2027-01-05T09:00:00Z")
    furnished.said()
    return furnished


PATHS = ("/opportunities", "/leads", "/deals", "/campaigns", "/marketing-plans", "/tasks")


def test_what_somebody_has_in_charge_is_counted_and_stays(busy: Stage, mei: Client) -> None:
    busy.hears(requested(), times=2)

    [said] = about(busy)
    assert said["counted"] == dict.fromkeys(HAND_OVER.kinds, 1)
    assert mei.get("/tasks")["total"] == 1


def test_all_of_it_goes_over_with_an_event_each(busy: Stage, mei: Client, bo: Client, sue: Client) -> None:
    busy.hears(requested(), begun(), times=2)

    pieces(busy)

    told = busy.said()
    assert [kind.removeprefix("crm.marketing.") for kind, _ in told][1:] == [
        "opportunity.assigned", "lead.transferred", "deal.transferred", "campaign.handed-over",
        "marketing-plan.handed-over", "task.edited", "hand-over.moved",
    ]  # fmt: skip
    assert told[-1][1]["moved"] == dict.fromkeys(HAND_OVER.kinds, 1)
    assert [bo.get(path)["total"] for path in PATHS] == [1, 1, 1, 1, 1, 1]
    assert [mei.get(path)["total"] for path in ("/leads", "/deals", "/tasks")] == [0, 1, 1]
    assert bo.get("/opportunities/1/history")["items"][-1]["data"]["reason"] == REASON.format(1)


def test_each_kind_may_go_to_somebody_else_or_stay(busy: Stage, mei: Client, bo: Client) -> None:
    busy.hears(requested(lead=9, deal=8), begun(lead=9, deal=8))

    pieces(busy)

    assert about(busy)[-1]["moved"] == {"lead": 1, "deal": 1}
    assert (bo.get("/leads")["total"], bo.get("/deals")["total"], mei.get("/opportunities")["total"]) == (1, 0, 1)


def test_many_go_over_piece_by_piece_and_a_piece_that_is_lost_is_done_again(
    furnished: Stage, mei: Client, bo: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "PIECE", 10)
    for _ in range(25):
        mei.post("/tasks", title="Call", due_at="2027-01-05T09:00:00Z")
    furnished.hears(begun())

    assert pieces(furnished, most=2) == 2
    assert bo.get("/tasks?owner_id=9")["total"] == 20
    furnished.hears(begun())  # the same fact in another event

    assert pieces(furnished) == 2
    assert [said["moved"] for said in about(furnished)] == [{"task": 25}]


def test_what_was_done_is_said_again_when_somebody_asks_again(busy: Stage) -> None:
    busy.hears(begun(task=9))
    pieces(busy)
    busy.said()

    busy.hears(begun(task=9))

    assert (pieces(busy), [said["moved"] for said in about(busy)]) == (0, [{"task": 1}])


def test_a_second_turn_takes_what_came_meanwhile(busy: Stage, sue: Client) -> None:
    busy.hears(begun(task=9))
    pieces(busy)
    sue.post("/tasks", title="Late", due_at="2027-01-05T09:00:00Z", owner_id=7)
    busy.said()

    busy.hears(begun(turn=2, task=9))
    pieces(busy)

    assert [(said["turn"], said["moved"]) for said in about(busy)] == [(2, {"task": 1})]


def test_what_is_stopped_goes_no_further(busy: Stage, mei: Client) -> None:
    busy.hears(begun(lead=9, deal=9))
    pieces(busy, most=1)
    busy.hears(HandOverCancelled(hand_over_id=1))

    pieces(busy)

    assert about(busy) == []
    assert (mei.get("/leads")["total"], mei.get("/deals?status=open")["total"]) == (0, 1)


@pytest.mark.parametrize(
    ("receivers", "declined"),
    [({"task": 77}, ("task", 77, "")), ({"task": 9, "opportunity": 8}, ("opportunity", 8, "account-manager"))],
)
def test_who_is_not_there_or_not_in_the_role_takes_nothing(
    busy: Stage, receivers: dict[str, int], declined: tuple[str, int, str]
) -> None:
    busy.hears(requested(**receivers))

    [said] = about(busy)
    assert (said["kind"], said["user_id"], said["needed_role"]) == declined


def test_who_has_left_takes_nothing(busy: Stage) -> None:
    busy.hears(UserDisabled(user_id=9), requested(task=9))

    assert [said["user_id"] for said in about(busy)] == [9]


def test_the_events_name_whoever_confirmed(busy: Stage, bo: Client) -> None:
    ada = UserRegistered(user_id=1, login="ada", full_name="Ada Admin", role="administrator")
    busy.hears(ada, begun(task=9))

    pieces(busy)

    assert bo.get("/tasks/1/history")["items"][-1]["by_name"] == "Ada Admin"


def test_what_a_rule_leaves_in_the_same_hands_is_noticed(busy: Stage, mei: Client) -> None:
    """Otherwise the same records would be found for ever."""
    busy.hears(begun(task=9))
    idle = HandOver("marketing", [Charge("task", Task, whose=Task.owner_id, gives=lambda _task, _giving: None)])

    with pytest.raises(KeptByTheSame), busy.doing() as tx:
        idle.move_piece(tx, {"hand_over": 1, "turn": 1, "piece": 1})

    assert mei.get("/tasks")["total"] == 1
    pieces(busy)
    assert about(busy)[-1]["moved"] == {"task": 1}
