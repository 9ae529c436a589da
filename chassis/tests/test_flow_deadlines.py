"""A long flow waits until its deadline and no longer; a deadline that fires late changes nothing."""

from __future__ import annotations

import pytest

from chassis import flowing
from chassis.database import Database
from chassis.tables import flow, parked_event, scheduled_message
from chassis.testing.stage import Stage
from tests import toy
from tests.toy import at_once
from tests.toy_flow import (
    PACKED,
    PAID,
    PAYMENT_TIME,
    SALE,
    SOLD,
    TOY_1,
    Paid,
    deadlines,
    effects,
    let_time_pass,
    miss_deadlines,
    redrive,
    releaser,
    retry,
    run_of,
    state,
    story,
)
from tests.toy_flow import some_stage as on_stage

PAYMENT_DEADLINE, PARCEL_DEADLINE = "flow:sale:1:payment:1", "flow:sale:1:parcel:2"


@pytest.fixture
def stage(database: Database) -> Stage:
    return on_stage(database)


def test_a_deadline_is_cancelled_when_its_step_is_over(stage: Stage) -> None:
    stage.hears(SOLD, PAID)
    assert deadlines(stage.database) == {PAYMENT_DEADLINE: "cancelled", PARCEL_DEADLINE: "pending"}

    stage.hears(PACKED)
    assert deadlines(stage.database)[PARCEL_DEADLINE] == "cancelled"


def test_no_deadline_is_left_of_steps_that_began_and_ended_in_one_batch(stage: Stage) -> None:
    stage.hears(SOLD, PAID, PACKED)

    assert deadlines(stage.database) == {PAYMENT_DEADLINE: "cancelled", PARCEL_DEADLINE: "cancelled"}


@pytest.mark.fault(50)
def test_a_flow_past_its_deadline_is_stuck_and_says_so(stage: Stage) -> None:
    stage.hears(SOLD)
    assert releaser(stage.database).run_due() == 0

    miss_deadlines(stage.database)

    assert state(stage.database) == ("stuck", "payment")
    assert run_of(stage.database)["reason"].startswith("No answer by ")
    assert story(stage.database) == [("payment", "stuck")]


def test_a_stuck_flow_is_told_to_whoever_listens_once_for_each_time(stage: Stage) -> None:
    stage.hears(SOLD)
    stage.said()
    for _ in range(2):
        miss_deadlines(stage.database)
    retry(stage)
    miss_deadlines(stage.database)

    told = [data for kind, data in stage.said() if kind == "crm.shelf.flow.stuck"]

    assert [(one["flow_id"], one["step"]) for one in told] == [("sale:1", "payment")] * 2
    assert told[0]["notice_id"] != told[1]["notice_id"]


def test_the_deadline_is_as_far_away_as_declared(stage: Stage) -> None:
    stage.hears(SOLD)
    run = run_of(stage.database)
    (message,) = toy.rows(stage.database, scheduled_message)

    assert run["deadline_at"] == run["started_at"] + PAYMENT_TIME == message["due_at"]


def test_a_stuck_flow_goes_on_when_the_answer_comes_after_all(stage: Stage) -> None:
    stage.hears(SOLD)
    miss_deadlines(stage.database)

    stage.hears(PAID)

    assert state(stage.database) == ("running", "parcel")
    assert run_of(stage.database)["reason"] == ""


def test_stuck_tried_again_and_completed(stage: Stage) -> None:
    stage.hears(SOLD, PAID)
    miss_deadlines(stage.database)
    assert state(stage.database) == ("stuck", "parcel")
    stage.said()

    retry(stage)

    assert [kind for kind, _ in stage.said()] == ["crm.shelf.label.printed"], "it asked again"
    assert state(stage.database) == ("running", "parcel")
    stage.hears(PACKED)
    assert state(stage.database) == ("completed", "parcel")
    assert [outcome for _, outcome in story(stage.database)] == ["answered", "stuck", "retried", "answered"]


@pytest.mark.fault(50)
def test_an_old_deadline_that_fires_late_is_ignored(stage: Stage) -> None:
    stage.hears(SOLD)
    miss_deadlines(stage.database)
    retry(stage)

    with stage.doing() as tx:
        flowing.deadline_passed(tx, {"flow": TOY_1, "step": "payment", "version": 1})

    assert state(stage.database) == ("running", "payment"), "it waits anew, in the same step"


@pytest.mark.fault(50)
def test_a_deadline_that_fires_after_the_answer_is_ignored(stage: Stage) -> None:
    stage.hears(SOLD, PAID, PACKED)

    with stage.doing() as tx:
        for step, version in (("payment", 1), ("parcel", 2)):
            flowing.deadline_passed(tx, {"flow": TOY_1, "step": step, "version": version})

    assert state(stage.database) == ("completed", "parcel")


def test_the_new_deadline_counts_after_a_retry(stage: Stage) -> None:
    stage.hears(SOLD)
    miss_deadlines(stage.database)
    retry(stage)

    miss_deadlines(stage.database)

    assert state(stage.database) == ("stuck", "payment")


@pytest.mark.fault(50)
def test_deadlines_and_answers_at_the_same_moment_leave_no_flow_behind(stage: Stage) -> None:
    with stage.doing() as tx:
        flowing.start_all(tx, SALE, {toy_id: {} for toy_id in range(30)})
    answers = [stage.says(Paid(payment_id=toy_id, toy_id=toy_id)) for toy_id in range(30)]
    let_time_pass(stage.database)

    at_once(*(lambda one=one: stage.takes(one) for one in answers), releaser(stage.database).run_due)
    redrive(stage)

    rows = toy.rows(stage.database, flow)
    assert {(row["state"], row["step"]) for row in rows} == {("running", "parcel")}
    assert toy.rows(stage.database, parked_event) == []
    assert effects(stage.database) == ["money taken"] * 30
