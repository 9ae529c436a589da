"""The long flows of identity, as an operator sees them: looked at, asked again, given up where that does no harm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chassis.testing.stage import Client, Stage
from services.identity.tests.test_erasures import CONTACT, state
from services.identity.tests.test_hand_overs import confirmed, counted_everywhere, facts, let_time_pass, moved


@pytest.fixture
def ready(stage: Stage, admin: Client, id_of: Callable[[str], int]) -> str:
    wish = {"user_id": id_of("mei"), "to_user_id": id_of("sam"), "reason": "Mei moves to Shanghai"}
    return counted_everywhere(stage, admin, wish)


def test_an_operator_sees_an_erasure_among_the_flows_and_does_not_give_it_up(stage: Stage, admin: Client) -> None:
    admin.post("/erasures", expect=202, **CONTACT)

    assert [one["id"] for one in admin.get("/flows/identity?flow_type=erasure")["items"]] == ["erasure:1"]
    refused = admin.post("/flows/identity/erasure:1/cancellation", expect=409, reason="Nobody answers")
    assert (refused["type"], state(admin)) == ("/problems/flow-must-end", "requested")


def test_an_operator_stops_a_hand_over_that_does_not_end(stage: Stage, admin: Client, ready: str) -> None:
    confirmed(stage, admin, ready)
    stage.hears(moved("marketing", deal=3))
    stage.said()

    admin.post("/flows/identity/hand-over:1/cancellation", expect=200, reason="The desk is gone")

    shown = admin.get(ready)
    assert (shown["status"], facts(stage)) == ("cancelled", ["cancelled"])
    assert sum(one["moved"] for part in shown["parts"] for one in part["items"]) == 3
    stage.hears(moved("customer"), moved("service-desk"))
    assert admin.get(ready)["status"] == "cancelled"


def test_a_hand_over_that_nobody_confirms_is_stuck_and_can_still_be_confirmed(
    stage: Stage, admin: Client, ready: str
) -> None:
    let_time_pass(stage)
    assert admin.get("/flows/identity/hand-over:1")["state"] == "stuck"

    confirmed(stage, admin, ready)

    assert admin.get("/flows/identity/hand-over:1")["step"] == "moving"
