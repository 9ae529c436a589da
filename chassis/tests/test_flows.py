"""A long flow goes on by answers, however often and in whatever order they come; and stops where one can see it."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa

from chassis import flowing
from chassis.database import Database
from chassis.flowing import FlowNotFound
from chassis.flows import FlowClosed, FlowStillRunning, FlowUndone
from chassis.principal import Principal
from chassis.tables import flow, flow_step, parked_event
from chassis.testing.stage import Stage
from chassis.transaction import transaction
from tests import toy
from tests.toy import HeardSold, at_once, jam_printer, mend_printer
from tests.toy_flow import (
    BROKEN,
    NOT_PAID,
    PACKED,
    PAID,
    PARCEL_TIME,
    SALE,
    SOLD,
    TOY_1,
    Packed,
    Paid,
    cancel,
    counter,
    deadlines,
    effects,
    miss_deadlines,
    redrive,
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


def parked(database: Database) -> list[str]:
    """What waits to be tried again, by its error."""
    return [row["error_class"] for row in toy.rows(database, parked_event)]


# Once, twice, late, out of order


def test_a_flow_goes_from_answer_to_answer(stage: Stage) -> None:
    stage.hears(SOLD)
    assert state(stage.database) == ("running", "payment")

    stage.hears(PAID)
    assert state(stage.database) == ("running", "parcel")
    assert [kind for kind, _ in stage.said()] == ["crm.shelf.label.printed"], "it asked for the parcel"

    stage.hears(PACKED)
    assert state(stage.database) == ("completed", "parcel")
    assert story(stage.database) == [("payment", "answered"), ("parcel", "answered")]
    assert effects(stage.database) == ["money taken", "parcel sent"]


def test_a_flow_says_what_it_waits_for_since_when_and_until_when(stage: Stage) -> None:
    stage.hears(SOLD)
    stage.hears(PAID)

    run = run_of(stage.database)
    assert run["waiting_for"] == "warehouse.parcel.packed"
    assert run["deadline_at"] - run["waiting_since"] == PARCEL_TIME
    assert run["started_at"] < run["waiting_since"] == run["updated_at"]


def test_each_step_names_the_event_that_moved_it(stage: Stage) -> None:
    stage.hears(SOLD, PAID)

    (step,) = toy.rows(stage.database, flow_step)
    bank = stage.elsewhere["bank"].said
    assert str(step["event_id"]) in bank[0].decode()
    assert (step["detail"], step["by_name"]) == ("bank.payment.made", "Ada Admin")


def test_answers_that_come_three_times_move_it_once(stage: Stage) -> None:
    stage.hears(SOLD, PAID, PACKED, times=3)

    assert state(stage.database) == ("completed", "parcel")
    assert effects(stage.database) == ["money taken", "parcel sent"]


@pytest.mark.fault(50)
def test_a_flow_is_started_once_however_often_somebody_does(stage: Stage) -> None:
    def begin() -> None:
        with stage.doing() as tx:
            flowing.start(tx, SALE, 1)

    at_once(*[begin] * 4)

    assert run_of(stage.database)["version"] == 1
    assert deadlines(stage.database) == {PAYMENT_DEADLINE: "pending"}
    with stage.doing() as tx:
        assert flowing.start(tx, SALE, 1) is False


def test_many_flows_are_started_by_two_inserts(stage: Stage) -> None:
    with stage.doing() as tx:
        flowing.start(tx, SALE, 7)

    seen: list[str] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    with stage.doing() as tx:
        new = flowing.start_all(tx, SALE, {toy_id: {} for toy_id in range(200)})

    assert len(new) == 199
    assert len([statement for statement in seen if statement.startswith("INSERT")]) == 2
    assert len(deadlines(stage.database)) == 200


def test_a_second_answer_of_another_kind_is_written_down_and_moves_nothing(stage: Stage) -> None:
    stage.hears(SOLD, PAID, PACKED, Paid(payment_id=12, toy_id=1), BROKEN)

    assert state(stage.database) == ("completed", "parcel")
    assert story(stage.database)[2:] == [("payment", "late"), ("parcel", "late")]
    assert effects(stage.database) == ["money taken", "parcel sent"]
    assert run_of(stage.database)["version"] == 3


def test_an_answer_that_comes_before_its_flow_waits_and_is_not_lost(stage: Stage) -> None:
    stage.hears(PAID)
    assert parked(stage.database) == ["FlowUnknown"]

    stage.hears(SOLD)
    redrive(stage)

    assert state(stage.database) == ("running", "parcel")
    assert parked(stage.database) == []


def test_an_answer_that_comes_before_its_turn_waits_and_is_not_lost(stage: Stage) -> None:
    stage.hears(SOLD, PACKED)
    assert parked(stage.database) == ["FlowNotThereYet"]

    stage.hears(PAID)
    redrive(stage)

    assert state(stage.database) == ("completed", "parcel")


@pytest.mark.fault(50)
@pytest.mark.parametrize("order", list(itertools.permutations([SOLD, PAID, PACKED])), ids=str)
def test_every_order_of_arrival_ends_alike(new_sqlite, order) -> None:
    stage = on_stage(new_sqlite())
    stage.hears(*order)
    redrive(stage)
    redrive(stage)

    assert state(stage.database) == ("completed", "parcel")
    assert effects(stage.database) == ["money taken", "parcel sent"]


def test_a_batch_of_answers_is_kept_in_few_statements(stage: Stage) -> None:
    with stage.doing() as tx:
        flowing.start_all(tx, SALE, {toy_id: {} for toy_id in range(50)})
    answers = [stage.says(Paid(payment_id=toy_id, toy_id=toy_id)) for toy_id in range(50)]
    seen: list[str] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))

    stage.takes(*answers)

    written = [statement.split(" SET")[0] for statement in seen if "flow" in statement and statement[0] != "S"]
    assert len([one for one in written if one.startswith("UPDATE flow")]) == 1
    assert len([one for one in written if one.startswith("INSERT INTO flow_step")]) == 1
    assert {row["step"] for row in toy.rows(stage.database, flow)} == {"parcel"}


# Refusals


def test_a_refusal_ends_the_flow_with_its_reason(stage: Stage) -> None:
    stage.hears(SOLD, NOT_PAID, times=2)

    assert state(stage.database) == ("failed", "payment")
    assert run_of(stage.database)["reason"] == "The bank refused"
    assert effects(stage.database) == [], "nothing was done, so nothing is undone"
    assert deadlines(stage.database) == {PAYMENT_DEADLINE: "cancelled"}


def test_a_later_refusal_takes_back_what_was_done_once(stage: Stage) -> None:
    stage.hears(SOLD, PAID, BROKEN, times=3)

    assert state(stage.database) == ("failed", "parcel")
    assert run_of(stage.database)["reason"] == "Broken: no ears"
    assert effects(stage.database) == ["money taken", "payment 11 given back"]
    assert story(stage.database) == [("payment", "answered"), ("parcel", "refused"), ("payment", "undone")]


def test_what_was_undone_cannot_be_tried_again(stage: Stage) -> None:
    stage.hears(SOLD, PAID, BROKEN)

    with pytest.raises(FlowUndone):
        retry(stage)


def test_a_parcel_packed_after_all_does_not_revive_what_was_undone(stage: Stage) -> None:
    stage.hears(SOLD, PAID, BROKEN, Packed(parcel_id=22, toy_id=1))

    assert state(stage.database) == ("failed", "parcel")
    assert story(stage.database)[-1] == ("parcel", "late")


@pytest.mark.fault(50)
def test_a_refusal_that_cannot_be_compensated_waits_and_is_compensated_later(stage: Stage) -> None:
    jam_printer(stage.database, "till")
    stage.hears(SOLD, PAID, BROKEN)
    assert parked(stage.database) == ["TillStuck"]
    assert state(stage.database) == ("running", "parcel"), "failed without its compensation would be half a truth"
    miss_deadlines(stage.database)
    assert state(stage.database) == ("stuck", "parcel"), "and somebody sees it"

    mend_printer(stage.database)
    redrive(stage)

    assert state(stage.database) == ("failed", "parcel")
    assert effects(stage.database) == ["money taken", "payment 11 given back"]


def test_a_refused_first_step_may_be_tried_again(stage: Stage) -> None:
    stage.hears(SOLD, NOT_PAID)

    retry(stage)
    stage.hears(Paid(payment_id=12, toy_id=1))

    assert state(stage.database) == ("running", "parcel")


# Operators


def test_a_cancelled_flow_takes_back_what_was_done_and_waits_for_nothing(stage: Stage) -> None:
    stage.hears(SOLD, PAID)

    cancel(stage)

    assert state(stage.database) == ("cancelled", "parcel")
    assert run_of(stage.database)["reason"] == "the buyer died"
    assert effects(stage.database) == ["money taken", "payment 11 given back"]
    assert deadlines(stage.database)[PARCEL_DEADLINE] == "cancelled"


def test_cancelling_what_has_failed_takes_nothing_back_twice(stage: Stage) -> None:
    stage.hears(SOLD, PAID, BROKEN)

    cancel(stage)

    assert effects(stage.database) == ["money taken", "payment 11 given back"]


def test_what_is_over_can_neither_be_tried_again_nor_cancelled(stage: Stage) -> None:
    stage.hears(SOLD, PAID, PACKED)

    for act in (retry, cancel):
        with pytest.raises(FlowClosed):
            act(stage)


def test_what_still_runs_need_not_be_tried_again(stage: Stage) -> None:
    stage.hears(SOLD)

    with pytest.raises(FlowStillRunning):
        retry(stage)


def test_a_flow_that_does_not_exist_cannot_be_moved(stage: Stage) -> None:
    for act in (retry, cancel):
        with pytest.raises(FlowNotFound):
            act(stage)


def test_whoever_operates_is_written_down(stage: Stage) -> None:
    stage.hears(SOLD)
    operator = Principal(user_id=3, name="Olga", kind="user")

    with transaction(stage.database, counter.name, principal=operator) as tx:
        flowing.cancel(tx, SALE, TOY_1, "a test order")

    (step,) = toy.rows(stage.database, flow_step)
    assert (step["outcome"], step["by_name"], step["detail"]) == ("cancelled", "Olga", "a test order")


def test_a_trial_starts_no_flow(stage: Stage) -> None:
    with stage.doing() as tx:
        flowing.start(tx, SALE, 1)
        flowing.cancel(tx, SALE, TOY_1, "only a trial")
        tx.forget()

    assert toy.rows(stage.database, flow) == []
    assert toy.rows(stage.database, flow_step) == []
    assert deadlines(stage.database) == {}


def test_a_flow_waits_through_a_restart(stage: Stage) -> None:
    stage.hears(SOLD)
    again = Database(stage.database.url.render_as_string(hide_password=False))

    miss_deadlines(again)
    assert state(again) == ("stuck", "payment")
    later = on_stage(again)
    later.hears(HeardSold(toy_id=2))
    later.takes(stage.says(PAID))

    assert state(again) == ("running", "parcel")
    again.close()
