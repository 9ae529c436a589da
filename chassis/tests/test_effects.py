"""Effects outside: what leads from one state to the next, who may ask, and what a person may settle."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.effects import (
    SCHEDULE,
    Answer,
    Effect,
    EffectNotFound,
    EffectSettled,
    Outcome,
    State,
    after_answer,
    request_effect,
    settle,
)
from chassis.executor import Executor
from chassis.jobs import Scheduler
from chassis.principal import Principal
from chassis.pruning import KEPT_FOR, PRUNING_EFFECTS
from chassis.reactions import Reacting
from chassis.tables import external_effect, parked_event
from chassis.testing.stage import Stage, some_settings
from chassis.transaction import Transaction, transaction
from tests import toy
from tests.toy import HeardMade
from tests.toy_bell import DONE, NOT_DONE, REFUSED, UNCLEAR, Bell, let_time_pass, ring, row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def run(database: Database, bell: Bell) -> Executor:
    return Executor(database, "workshop", {"bell": bell})


# Rules


def effect(state: State = State.PENDING, attempts: int = 1, turn: int = 1) -> Effect:
    return Effect("k", "bell", "door", {}, state, attempts, turn, NOON)


@pytest.mark.parametrize(
    ("answer", "state", "pause"),
    [
        (DONE, State.SUCCEEDED, None),
        (REFUSED, State.FAILED, None),
        (NOT_DONE, State.PENDING, SCHEDULE[0]),
        (UNCLEAR, State.UNKNOWN, SCHEDULE[0]),
    ],
)
def test_a_try_leads_to(answer: Answer, state: State, pause: timedelta | None) -> None:
    found = after_answer(effect(), answer, NOON)

    assert (found["state"], found["next_at"]) == (state, NOON + pause if pause else None)
    assert (found["lease_until"], found["response"]) == (None, answer.told)


@pytest.mark.parametrize(
    ("answer", "state", "pause"),
    [
        (DONE, State.SUCCEEDED, None),
        (REFUSED, State.FAILED, None),
        (NOT_DONE, State.PENDING, timedelta(0)),
        (UNCLEAR, State.UNKNOWN, SCHEDULE[1]),
    ],
)
def test_a_question_leads_to(answer: Answer, state: State, pause: timedelta | None) -> None:
    found = after_answer(effect(State.UNKNOWN, attempts=1, turn=2), answer, NOON)

    assert (found["state"], found["next_at"]) == (state, None if pause is None else NOON + pause)


def test_pauses_grow_and_the_outside_may_ask_for_longer_ones() -> None:
    pauses = [after_answer(effect(attempts=number), NOT_DONE, NOON)["next_at"] - NOON for number in range(1, 8)]
    assert pauses == list(SCHEDULE)

    asked = Answer(Outcome.NOT_DONE, wait=timedelta(hours=2))
    assert after_answer(effect(), asked, NOON)["next_at"] == NOON + timedelta(hours=2)


def test_after_the_last_try_it_has_failed() -> None:
    assert after_answer(effect(attempts=len(SCHEDULE) + 1), NOT_DONE, NOON)["state"] == State.FAILED


def test_after_many_questions_a_person_has_to_decide() -> None:
    found = after_answer(effect(State.UNKNOWN, attempts=1, turn=1 + len(SCHEDULE)), UNCLEAR, NOON)

    assert (found["state"], found["next_at"]) == (State.UNKNOWN, None)


# A person decides


def by_olga(database: Database) -> Any:
    return transaction(database, "workshop", principal=Principal(user_id=1, name="Olga", kind="user"))


def test_a_person_may_try_again_what_failed(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)
    bell.answers = [REFUSED, DONE]
    run.run_due()
    with by_olga(database) as tx:
        settle(tx, "k", State.PENDING)

    assert run.run_due() == 1
    assert (row(database)["state"], row(database)["changed_by"]) == ("succeeded", "Olga")


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
def test_a_person_may_know_what_nobody_could_find_out(
    run: Executor, bell: Bell, database: Database, state: State
) -> None:
    ring(database)
    bell.answers = [UNCLEAR]
    run.run_due()
    with by_olga(database) as tx:
        settle(tx, "k", state, reason="They told me on the phone")
    let_time_pass(database)

    assert run.run_due() == 0
    assert (row(database)["state"], row(database)["response"]) == (state, "They told me on the phone")


def test_what_is_over_stays_over(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)
    bell.answers = [DONE]
    run.run_due()

    with pytest.raises(EffectSettled), by_olga(database) as tx:
        settle(tx, "k", State.PENDING)
    with pytest.raises(EffectNotFound), by_olga(database) as tx:
        settle(tx, "nothing", State.PENDING)


# Forgetting


def test_what_succeeded_long_ago_is_forgotten_and_what_went_wrong_is_not(
    run: Executor, bell: Bell, database: Database
) -> None:
    for number, answer in enumerate([DONE, REFUSED, UNCLEAR, DONE]):
        ring(database, f"k{number}", subject=f"door {number}")
        bell.answers.append(answer)
        run.run_due()
    long_ago = datetime.now(UTC) - KEPT_FOR - timedelta(hours=1)
    with database.connection() as connection:
        old = external_effect.c.idempotency_key != "k3"
        connection.execute(sa.update(external_effect).where(old).values(updated_at=long_ago))

    assert Scheduler(database, "workshop", [PRUNING_EFFECTS]).run_due() == 1

    assert {one["idempotency_key"] for one in toy.rows(database, external_effect)} == {"k1", "k2", "k3"}


# Who may ask


def stage_with(database: Database, reaction: Any) -> Stage:
    service = dataclasses.replace(toy.shelf, hears={HeardMade: reaction})
    return Stage(service, database, some_settings("shelf", str(database.url)))


def ring_for(tx: Transaction, event: HeardMade) -> None:
    request_effect(tx, "bell", f"toy {event.toy_id}", {}, subject="door")


def test_a_reaction_that_does_not_declare_it_is_refused(any_database: Database) -> None:
    stage = stage_with(any_database, ring_for)

    stage.hears(HeardMade(toy_id=1, name="bear"))

    assert [one["error_class"] for one in toy.rows(any_database, parked_event)] == ["EffectUndeclared"]
    assert toy.rows(any_database, external_effect) == []


def test_one_that_does_asks_once_however_often_it_hears(any_database: Database) -> None:
    stage = stage_with(any_database, Reacting(ring_for, effects=True))

    stage.hears(HeardMade(toy_id=1, name="bear"), HeardMade(toy_id=2, name="duck"), times=3)

    keys = sorted(one["idempotency_key"] for one in toy.rows(any_database, external_effect))
    assert keys == ["toy 1", "toy 2"]
