"""What may become of a long flow, decided without a database."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.database import new_metadata
from chassis.flows import (
    Flow,
    FlowClosed,
    FlowMustEnd,
    FlowNotThereYet,
    FlowStillRunning,
    FlowUndone,
    Misdeclared,
    Run,
    State,
    Step,
    Verdict,
)
from chassis.manifest import Service
from tests.toy_flow import PARCEL_TIME, PAYMENT_TIME, SALE, counter

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
MADE, REFUSED = "bank.payment.made", "bank.payment.refused"
PACKED, BROKEN = "warehouse.parcel.packed", "warehouse.parcel.broken"
PAYMENT, PARCEL = SALE.steps


def a_sale(state: State = State.RUNNING, step: Step = PAYMENT) -> Run:
    run = SALE.begin(1, {}, MONDAY)
    run.state, run.step = state, step.name
    return run


def test_a_new_flow_waits_for_its_first_answer_until_its_deadline() -> None:
    run = SALE.begin(1, {"price": 5}, MONDAY)

    assert (run.id, run.correlation_id, run.state, run.version) == ("sale:1", "1", State.RUNNING, 1)
    assert (run.step, run.waiting_for, run.waiting_since) == ("payment", MADE, MONDAY)
    assert run.deadline_at == MONDAY + PAYMENT_TIME
    assert run.deadline_key == "flow:sale:1:payment:1"


@pytest.mark.parametrize("state", [State.RUNNING, State.STUCK])
def test_an_open_flow_takes_answers_and_refusals_of_its_step(state: State) -> None:
    assert SALE.judge(a_sale(state), MADE) == Verdict.ANSWER
    assert SALE.judge(a_sale(state), REFUSED) == Verdict.REFUSAL


@pytest.mark.parametrize("state", [State.COMPLETED, State.FAILED, State.CANCELLED])
def test_a_closed_flow_takes_nothing_more(state: State) -> None:
    for event in (PACKED, BROKEN):
        assert SALE.judge(a_sale(state, PARCEL), event) == Verdict.LATE


def test_the_answer_to_a_step_that_is_over_is_late() -> None:
    assert SALE.judge(a_sale(step=PARCEL), MADE) == Verdict.LATE


def test_the_answer_to_a_later_step_has_to_wait() -> None:
    with pytest.raises(FlowNotThereYet):
        SALE.judge(a_sale(), PACKED)


def test_a_flow_that_failed_early_finds_later_answers_late() -> None:
    assert SALE.judge(a_sale(State.FAILED), PACKED) == Verdict.LATE


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_step_may_take_an_answer_that_comes_after_the_end(state: State) -> None:
    step = dataclasses.replace(PAYMENT, undoes=None, takes_late_answers=True)
    patient = Flow(name="sale", steps=[step])

    assert patient.judge(a_sale(state), MADE) == Verdict.ANSWER
    assert patient.judge(a_sale(state), REFUSED) == Verdict.LATE
    assert patient.judge(a_sale(State.COMPLETED), MADE) == Verdict.LATE


def test_an_event_that_no_step_waits_for_is_no_answer() -> None:
    with pytest.raises(LookupError):
        SALE.judge(a_sale(), "weather.rain.fell")


def test_a_deadline_counts_only_while_nothing_has_moved() -> None:
    run = a_sale()
    assert run.still_waits("payment", 1)

    run.get_stuck(MONDAY + PAYMENT_TIME)
    assert not run.still_waits("payment", 1), "it is stuck"

    run.wait_for(PAYMENT, MONDAY + timedelta(hours=1))
    assert not run.still_waits("payment", 1), "it waits anew"
    assert run.still_waits("payment", 3)

    run.wait_for(PARCEL, MONDAY + timedelta(hours=1))
    assert not run.still_waits("payment", 4), "it waits for something else"


def test_a_stuck_flow_says_what_it_waited_for_and_until_when() -> None:
    run = a_sale()

    run.get_stuck(MONDAY + PAYMENT_TIME)

    assert (run.state, run.waiting_for) == (State.STUCK, MADE)
    assert run.reason == "No answer by 2026-03-02 09:02:00 UTC"


def test_a_closed_flow_waits_for_nothing() -> None:
    run = a_sale(step=PARCEL)

    run.close(State.FAILED, "no ears", MONDAY + PARCEL_TIME)

    assert (run.waiting_for, run.deadline_at, run.reason) == ("", None, "no ears")


def test_only_what_is_stuck_or_failed_may_be_tried_again() -> None:
    SALE.must_allow_retry(a_sale(State.STUCK))
    SALE.must_allow_retry(a_sale(State.FAILED))
    with pytest.raises(FlowStillRunning):
        SALE.must_allow_retry(a_sale())
    for state in (State.COMPLETED, State.CANCELLED):
        with pytest.raises(FlowClosed):
            SALE.must_allow_retry(a_sale(state))


def test_a_flow_whose_steps_were_undone_cannot_go_on() -> None:
    SALE.must_allow_retry(a_sale(State.STUCK, PARCEL))
    with pytest.raises(FlowUndone):
        SALE.must_allow_retry(a_sale(State.FAILED, PARCEL))


def test_only_what_is_not_over_may_be_cancelled() -> None:
    for state in (State.RUNNING, State.STUCK, State.FAILED):
        a_sale(state).must_allow_cancelling()
    for state in (State.COMPLETED, State.CANCELLED):
        with pytest.raises(FlowClosed):
            a_sale(state).must_allow_cancelling()


def test_a_flow_that_must_end_is_not_given_up() -> None:
    must_end = dataclasses.replace(SALE, must_end=True)

    SALE.must_allow_cancelling(a_sale(State.STUCK))
    with pytest.raises(FlowMustEnd):
        must_end.must_allow_cancelling(a_sale(State.STUCK))
    with pytest.raises(FlowClosed):
        must_end.must_allow_cancelling(a_sale(State.COMPLETED))


def test_steps_are_undone_from_the_last_to_the_first() -> None:
    third = dataclasses.replace(PARCEL, name="letter", answers={"post.letter.sent": lambda *_: None}, refusals={})
    longer = Flow(name="sale", steps=[PAYMENT, dataclasses.replace(PARCEL, undoes=lambda *_: None), third])

    assert [step.name for step in longer.undone_by_failing_in(third)] == ["parcel", "payment"]
    assert longer.undone_by_failing_in(PAYMENT) == []


def test_an_event_cannot_belong_to_two_steps() -> None:
    with pytest.raises(Misdeclared):
        Flow(name="sale", steps=[PAYMENT, dataclasses.replace(PAYMENT, name="again")])


def test_a_step_after_one_that_can_be_undone_cannot_take_late_answers() -> None:
    with pytest.raises(Misdeclared):
        Flow(name="sale", steps=[PAYMENT, dataclasses.replace(PARCEL, takes_late_answers=True)])


def test_a_service_has_to_hear_what_its_flows_wait_for() -> None:
    with pytest.raises(Misdeclared, match=r"bank\.payment\.made"):
        Service(name="deaf", title="Deaf", metadata=new_metadata(), migrations=Path(), routes=[], flows=[SALE])
    assert counter.all_timers()


# A step that needs all its answers

EVERYBODY = Step(
    name="count",
    within=timedelta(hours=1),
    answers={"red.house.counted": lambda *_: None, "blue.house.counted": lambda *_: None},
    needs_all=True,
)
CENSUS = Flow(name="census", steps=[EVERYBODY])


def test_a_step_that_needs_all_is_completed_by_the_last_answer_in_any_order() -> None:
    for first, second in (("red.house.counted", "blue.house.counted"), ("blue.house.counted", "red.house.counted")):
        run = CENSUS.begin(1, {}, MONDAY)
        assert run.waiting_for == "red.house.counted and blue.house.counted"

        assert not run.note_answer(EVERYBODY, first)
        assert run.waiting_for == second
        assert run.note_answer(EVERYBODY, second)


def test_the_same_answer_again_is_late() -> None:
    run = CENSUS.begin(1, {}, MONDAY)
    run.note_answer(EVERYBODY, "red.house.counted")

    assert CENSUS.judge(run, "red.house.counted") == Verdict.LATE
    assert CENSUS.judge(run, "blue.house.counted") == Verdict.ANSWER


def test_waiting_anew_it_waits_for_what_has_not_come() -> None:
    run = CENSUS.begin(1, {}, MONDAY)
    run.note_answer(EVERYBODY, "red.house.counted")
    run.get_stuck(MONDAY + timedelta(hours=1))

    run.wait_for(EVERYBODY, MONDAY + timedelta(hours=2))

    assert run.waiting_for == "blue.house.counted"


def test_a_partial_answer_leaves_the_deadline_as_it_is() -> None:
    run = CENSUS.begin(1, {}, MONDAY)
    key = run.deadline_key

    run.note_answer(EVERYBODY, "red.house.counted")

    assert (run.deadline_key, run.still_waits("count", 1)) == (key, True)


def test_other_steps_are_completed_by_any_answer() -> None:
    assert a_sale().note_answer(PAYMENT, MADE)


def test_a_step_that_begins_again_waits_for_everybody_anew() -> None:
    run = CENSUS.begin(1, {}, MONDAY)
    run.note_answer(EVERYBODY, "red.house.counted")
    run.note_answer(EVERYBODY, "blue.house.counted")

    run.forget_answers(EVERYBODY)
    run.wait_for(EVERYBODY, MONDAY)

    assert run.waiting_for == "red.house.counted and blue.house.counted"
    assert CENSUS.judge(run, "red.house.counted") == Verdict.ANSWER
