"""Hand-overs: begun by an administrator, counted by every service, confirmed, done in two turns, and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import sqlalchemy as sa

from chassis.dialect import clock
from chassis.erasure import ErasureBegun
from chassis.events import Heard
from chassis.handing_over import heard_from
from chassis.log import DatabaseLog, seal
from chassis.principal import Principal
from chassis.schedule import Releaser
from chassis.sweeping import Sweeper
from chassis.tables import scheduled_message
from chassis.testing.stage import Client, Stage
from identity.hand_over.model import ALL_KINDS, KINDS
from identity.user.model import User
from services.identity.tests.conftest import Door

IdOf = Callable[[str], int]
HEARD: WeakKeyDictionary[Stage, int] = WeakKeyDictionary()
"""Up to which position of its own log identity has heard itself."""


def counted(service: str, **counts: int) -> Heard:
    heard: Heard = heard_from(service).counted(hand_over_id=1, counted=counts)
    return heard


def moved(service: str, *, turn: int = 1, **counts: int) -> Heard:
    heard: Heard = heard_from(service).moved(hand_over_id=1, turn=turn, moved=counts)
    return heard


def declined(service: str) -> Heard:
    said = {"hand_over_id": 1, "kind": "customer", "user_id": 8, "needed_role": "account-manager"}
    heard: Heard = heard_from(service).declined(**said)
    return heard


def hears_itself(stage: Stage) -> None:
    """What identity has said about a hand-over comes to itself, as it does in a running system."""
    seal(stage.database)
    log_of = DatabaseLog(stage.database)
    while found := log_of.read(HEARD.get(stage, 0), 1000, ["hand-over"]):
        HEARD[stage] = found[-1].position
        stage.takes(*(one.raw for one in found))


def said(stage: Stage) -> list[tuple[str, Any]]:
    return [(kind.rpartition(".")[2], data) for kind, data in stage.said() if ".hand-over." in kind]


def facts(stage: Stage) -> list[str]:
    return [fact for fact, _ in said(stage)]


@pytest.fixture
def wish(id_of: IdOf) -> dict[str, Any]:
    return {"user_id": id_of("mei"), "to_user_id": id_of("sam"), "reason": "Mei moves to Shanghai"}


def counted_everywhere(stage: Stage, admin: Client, wish: dict[str, Any]) -> str:
    """A hand-over that somebody may confirm."""
    admin.post("/hand-overs", expect=202, **wish)
    stage.hears(counted("marketing", deal=3, task=2), counted("customer", customer=40), counted("service-desk"))
    stage.said()
    return "/hand-overs/1"


@pytest.fixture
def ready(stage: Stage, admin: Client, wish: dict[str, Any]) -> str:
    return counted_everywhere(stage, admin, wish)


def confirmed(stage: Stage, admin: Client, path: str) -> None:
    admin.post(path + "/confirmation", expect=200)
    hears_itself(stage)


def all_moved(stage: Stage, turn: int, **counts: int) -> None:
    stage.hears(moved("marketing", turn=turn, **counts), moved("customer", turn=turn), moved("service-desk", turn=turn))


def let_time_pass(stage: Stage) -> None:
    with stage.database.connection() as connection:
        past = clock(connection) - timedelta(seconds=1)
        connection.execute(sa.update(scheduled_message).values(next_attempt_at=past))
    Releaser(stage.database, stage.service.name, stage.service.all_timers()).run_due()


# Counting


def test_who_gives_and_who_takes_is_asked_of_every_service(stage: Stage, admin: Client, wish: dict[str, Any]) -> None:
    stage.said()

    answer = admin.post("/hand-overs", expect=202, **wish, receivers=[{"kind": "deal", "user_id": 2}])

    assert (answer["status"], answer["user_name"]) == ("counting", "Mei Manager")
    assert answer["receivers"] == dict.fromkeys(ALL_KINDS, wish["to_user_id"]) | {"deal": 2}
    assert {part["service"]: part["counted_at"] for part in answer["parts"]} == dict.fromkeys(KINDS)
    [(fact, data)] = said(stage)
    assert (fact, data["user_id"], data["receivers"]) == ("requested", wish["user_id"], answer["receivers"])


def test_the_preview_shows_how_much_it_is_when_everybody_has_counted(
    stage: Stage, admin: Client, wish: dict[str, Any]
) -> None:
    admin.post("/hand-overs", expect=202, **wish)
    stage.hears(counted("marketing", deal=3, task=2), counted("customer", customer=40), times=2)
    assert admin.get("/hand-overs/1")["status"] == "counting"

    stage.hears(counted("service-desk", visit=0))

    shown = admin.get("/hand-overs/1")
    assert shown["status"] == "counted"
    assert [(part["service"], [(one["kind"], one["counted"]) for one in part["items"]]) for part in shown["parts"]] == [
        ("customer", [("customer", 40)]), ("marketing", [("deal", 3), ("task", 2)]), ("service-desk", [("visit", 0)]),
    ]  # fmt: skip
    assert said(stage)[-1][1]["total"] == 45
    assert admin.get("/hand-overs?status=counted")["total"] == 1


def test_only_some_kinds_go_over_when_nobody_takes_the_rest(admin: Client, wish: dict[str, Any]) -> None:
    some = {name: value for name, value in wish.items() if name != "to_user_id"}

    answer = admin.post("/hand-overs", expect=202, **some, receivers=[{"kind": "visit", "user_id": 2}])

    assert answer["receivers"] == {"visit": 2}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"to_user_id": None}, "/to_user_id"),
        ({"to_user_id": 99}, "/to_user_id"),
        ({"to_user_id": "mei"}, "/to_user_id"),
        ({"user_id": 99}, "/user_id"),
        ({"reason": " "}, "/reason"),
        ({"receivers": [{"kind": "moon", "user_id": 2}]}, "/receivers/0/kind"),
        ({"receivers": [{"kind": "deal", "user_id": 2}, {"kind": "task", "user_id": 99}]}, "/receivers/1/user_id"),
    ],
)
def test_wrong_fields_are_named(
    admin: Client, id_of: IdOf, wish: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    meant = {**wish, **{name: id_of(value) if value == "mei" else value for name, value in wrong.items()}}
    body = {name: value for name, value in meant.items() if value is not None}

    problem = admin.post("/hand-overs", expect=422, **body)

    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert admin.get("/hand-overs")["total"] == 0


def test_nobody_hands_over_for_himself_twice_at_a_time_or_after_being_deleted(
    stage: Stage, admin: Client, id_of: IdOf, wish: dict[str, Any]
) -> None:
    mei = stage.client(Principal(user_id=id_of("mei"), name="Mei", kind="user", scope="all"))
    assert mei.post("/hand-overs", expect=409, **wish)["type"] == "/problems/not-yourself"

    admin.post("/hand-overs", expect=202, **wish)
    again = admin.post("/hand-overs", expect=409, **wish)
    assert (again["type"], again["hand_over_id"]) == ("/problems/already-handing-over", 1)

    jun = id_of("jun")
    admin.delete(f"/users/{jun}", version=admin.get(f"/users/{jun}")["version"])
    gone = admin.post("/hand-overs", expect=409, **{**wish, "user_id": jun})
    assert gone["type"] == "/problems/account-deleted"


def test_who_does_not_administer_users_hands_nothing_over(stage: Stage, admin: Client, ready: str) -> None:
    reader = stage.client(None, "user:read")

    reader.get(ready)
    for step in ("confirmation", "cancellation", "retry"):
        assert reader.post(f"{ready}/{step}", expect=403)["needs"] == "user:write"


def test_when_somebody_cannot_take_it_nothing_goes_over(stage: Stage, admin: Client, wish: dict[str, Any]) -> None:
    admin.post("/hand-overs", expect=202, **wish)
    stage.said()

    stage.hears(counted("marketing", deal=3), declined("customer"), times=2)

    shown = admin.get("/hand-overs/1")
    assert (shown["status"], shown["refused_kind"], shown["refused_id"], shown["needed_role"]) == (
        "refused", "customer", 8, "account-manager",
    )  # fmt: skip
    assert facts(stage) == ["refused"]
    assert admin.post("/hand-overs/1/confirmation", expect=409)["type"] == "/problems/not-in-this-state"
    admin.post("/hand-overs", expect=202, **wish)


def test_a_service_that_does_not_count_is_asked_again(stage: Stage, admin: Client, wish: dict[str, Any]) -> None:
    admin.post("/hand-overs", expect=202, **wish)
    assert admin.post("/hand-overs/1/retry", expect=409)["type"] == "/problems/flow-still-running"
    let_time_pass(stage)
    stage.said()

    admin.post("/hand-overs/1/retry", expect=200)

    assert facts(stage) == ["requested"]


# Deciding


def test_before_it_is_confirmed_it_can_be_cancelled(stage: Stage, admin: Client, ready: str) -> None:
    assert admin.post(ready + "/cancellation", expect=200)["status"] == "cancelled"

    assert facts(stage) == ["cancelled"]
    stage.hears(counted("customer", customer=41))
    assert admin.post(ready + "/confirmation", expect=409)["type"] == "/problems/not-in-this-state"


def test_once_it_is_confirmed_every_service_moves_what_it_has(stage: Stage, admin: Client, ready: str) -> None:
    assert admin.post(ready + "/confirmation", expect=200)["status"] == "moving"
    hears_itself(stage)

    (first, _), (second, begun) = said(stage)
    assert (first, second, begun["turn"]) == ("confirmed", "begun", 1)
    assert "Shanghai" not in str(begun)
    assert admin.post(ready + "/cancellation", expect=409)["type"] == "/problems/not-in-this-state"


def test_nothing_goes_to_somebody_who_has_left_meanwhile(admin: Client, id_of: IdOf, ready: str) -> None:
    admin.post(f"/users/{id_of('sam')}/disable", expect=200)

    assert admin.post(ready + "/confirmation", expect=409)["type"] == "/problems/not-at-work"


# Moving


def test_after_two_turns_all_went_over_and_the_account_is_closed(
    stage: Stage, admin: Client, door: Door, id_of: IdOf, ready: str
) -> None:
    token = door.token("mei")
    confirmed(stage, admin, ready)
    stage.said()

    all_moved(stage, turn=1, deal=3, task=2)
    assert (admin.get(ready)["status"], admin.get(f"/users/{id_of('mei')}")["status"]) == ("moving", 0)
    assert door.exchange(token).status_code == 401
    assert [kind.rpartition(".")[2] for kind, _ in stage.said()] == ["disabled", "ended", "begun"]
    all_moved(stage, turn=2, task=1)

    shown = admin.get(ready)
    assert (shown["status"], shown["completed_at"] is not None) == ("done", True)
    [marketing] = [part["items"] for part in shown["parts"] if part["service"] == "marketing"]
    assert [(one["kind"], one["counted"], one["moved"]) for one in marketing] == [("deal", 3, 3), ("task", 2, 3)]
    [(fact, data)] = said(stage)
    assert (fact, data["total"], data["receiver_ids"]) == ("completed", 6, [id_of("sam")])


def test_answers_that_come_twice_or_late_count_once(stage: Stage, admin: Client, ready: str) -> None:
    confirmed(stage, admin, ready)

    stage.hears(moved("marketing", deal=3), moved("customer", customer=40), moved("service-desk"), times=2)
    stage.hears(moved("marketing", deal=3))  # said again
    all_moved(stage, turn=2)
    stage.hears(moved("marketing", turn=2))

    shown = admin.get(ready)
    assert shown["status"] == "done"
    assert sum(one["moved"] for part in shown["parts"] for one in part["items"]) == 43


def test_a_service_that_does_not_move_is_asked_again_for_the_same_turn(stage: Stage, admin: Client, ready: str) -> None:
    confirmed(stage, admin, ready)
    stage.hears(moved("marketing"), moved("customer"))
    let_time_pass(stage)
    stage.said()

    admin.post(ready + "/retry", expect=200)

    [(fact, data)] = said(stage)
    assert (fact, data["turn"]) == ("begun", 1)
    stage.hears(moved("service-desk"))
    assert said(stage)[-1][1]["turn"] == 2


def test_who_left_before_hands_over_all_the_same(
    stage: Stage, admin: Client, id_of: IdOf, wish: dict[str, Any]
) -> None:
    admin.post(f"/users/{id_of('mei')}/disable", expect=200)
    admin.post("/hand-overs", expect=202, **wish)
    stage.hears(*(counted(service) for service in KINDS))
    confirmed(stage, admin, "/hand-overs/1")

    for turn in (1, 2):
        all_moved(stage, turn=turn)

    assert admin.get("/hand-overs/1")["status"] == "done"


def test_whoever_takes_it_is_told(stage: Stage, admin: Client, id_of: IdOf, ready: str) -> None:
    with stage.database.connection() as connection:
        connection.execute(sa.update(User).values(registered_at=datetime.now(UTC) - timedelta(days=400)))
    confirmed(stage, admin, ready)
    for turn in (1, 2):
        all_moved(stage, turn=turn, deal=3)
    hears_itself(stage)

    sam = stage.client(Principal(user_id=id_of("sam"), name="Sam", kind="user", scope="all"))
    [told] = sam.get("/notifications")["items"]
    assert (told["text_en"], told["link"]) == (
        "All that Mei Manager had in charge went over: 6 records",
        "/hand-overs/1",
    )


def test_the_name_of_who_has_left_can_be_erased(stage: Stage, admin: Client, id_of: IdOf, ready: str) -> None:
    admin.post(ready + "/cancellation", expect=200)
    admin.post(f"/users/{id_of('mei')}/disable", expect=200)
    stage.hears(ErasureBegun(erasure_id=1, subjects=(f"user/{id_of('mei')}",), with_texts=True))
    Sweeper(stage.database, stage.service).run_due()

    shown = admin.get(ready)
    assert (shown["user_name"], shown["reason"]) == ("", "")
