"""Effects outside are carried out: once, in one hand at a time, and never blindly twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.database import Database
from chassis.effects import (
    Answer,
    Effect,
    request_effect,
)
from chassis.executor import Executor
from chassis.tables import external_effect
from chassis.transaction import transaction
from tests import toy
from tests.toy_bell import DONE, NOT_DONE, REFUSED, UNCLEAR, Bell, let_time_pass, ring, row


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def run(database: Database, bell: Bell) -> Executor:
    return Executor(database, "workshop", {"bell": bell})


def test_what_is_asked_for_is_done_once(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)
    ring(database)
    bell.answers = [DONE]

    assert [run.run_due(), run.run_due()] == [1, 0]
    assert (bell.rung, row(database)["state"], row(database)["attempts"]) == (["k"], "succeeded", 1)


def test_nothing_is_asked_for_by_what_was_taken_back(run: Executor, database: Database) -> None:
    with transaction(database, "workshop") as tx:
        request_effect(tx, "bell", "k", {})
        tx.forget()

    assert run.run_due() == 0


def test_what_was_not_done_is_tried_again_on_a_schedule(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)
    bell.answers = [NOT_DONE, DONE]

    assert [run.run_due(), run.run_due()] == [1, 0]
    let_time_pass(database)
    assert run.run_due() == 1

    assert (row(database)["state"], row(database)["attempts"], bell.asked) == ("succeeded", 2, [])


def test_what_is_unclear_is_asked_about_and_not_repeated(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)
    bell.answers = [UNCLEAR, UNCLEAR, DONE]
    run.run_due()
    assert row(database)["state"] == "unknown"

    for _ in range(2):
        let_time_pass(database)
        run.run_due()

    assert (bell.rung, bell.asked, row(database)["state"]) == (["k"], ["k", "k"], "succeeded")


def test_what_was_found_not_to_have_happened_is_done_again(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)
    bell.answers = [UNCLEAR, NOT_DONE, DONE]
    for _ in range(3):
        run.run_due()
        let_time_pass(database)

    assert (bell.rung, bell.asked, row(database)["state"]) == (["k", "k"], ["k"], "succeeded")


def test_an_error_in_between_is_unclear(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)

    run.run_due()  # the list of answers is empty

    assert (row(database)["state"], row(database)["response"]) == ("unknown", "IndexError: pop from empty list")


def test_who_dies_while_it_is_carried_out_leaves_a_question(run: Executor, bell: Bell, database: Database) -> None:
    ring(database)

    def die() -> None:
        raise KeyboardInterrupt

    bell.happens = die
    with pytest.raises(KeyboardInterrupt):
        run.run_due()
    assert row(database)["state"] == "in_flight"
    assert run.run_due() == 0
    let_time_pass(database)
    bell.answers = [DONE]

    assert run.run_due() == 1
    assert (bell.rung, bell.asked, row(database)["state"]) == (["k"], ["k"], "succeeded")


@pytest.mark.parametrize("late", [DONE, NOT_DONE, UNCLEAR])
def test_who_comes_back_late_changes_nothing(run: Executor, bell: Bell, database: Database, late: Answer) -> None:
    """The first was paused beyond its lease; meanwhile another asked, was told it had not happened, and did it."""
    ring(database)

    def meanwhile() -> None:
        bell.happens = lambda: None
        let_time_pass(database)
        run.run_due()
        let_time_pass(database)
        run.run_due()

    bell.happens = meanwhile
    bell.answers = [NOT_DONE, REFUSED, late]

    run.run_due()

    assert (bell.rung, bell.asked) == (["k", "k"], ["k"])
    assert (row(database)["state"], row(database)["response"]) == ("failed", REFUSED.told)


def test_of_several_executors_one_carries_it_out(bell: Bell, database: Database) -> None:
    for number in range(12):
        ring(database, f"k{number}", subject=f"door {number}")
    bell.answers = [DONE] * 12
    both = [Executor(database, "workshop", {"bell": bell}) for _ in range(2)]

    def work(one: Executor) -> None:
        while any(each["state"] == "pending" for each in toy.rows(database, external_effect)):
            one.run_due()

    toy.at_once(*(lambda one=one: work(one) for one in both))

    assert sorted(bell.rung) == sorted(f"k{number}" for number in range(12))


def test_one_subject_that_hangs_holds_up_no_other(bell: Bell, database: Database) -> None:
    class Slow(Bell):
        def perform(self, effect: Effect) -> Answer:
            if effect.subject == "stuck":
                go_on.wait(20)
            return super().perform(effect)

    go_on, slow = threading.Event(), Slow()
    slow.answers = [DONE] * 4
    one, other = (Executor(database, "workshop", {"bell": slow}) for _ in range(2))
    ring(database, "k1", subject="stuck")
    ring(database, "k2", subject="stuck")
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(one.run_due)
        while row(database, "k1")["state"] != "in_flight":
            pass
        ring(database, "k3")
        while other.run_due():
            pass
        assert slow.rung == ["k3"]
        go_on.set()
        stuck.result(20)
    other.run_due()

    assert slow.rung == ["k3", "k1", "k2"]


def test_a_kind_of_a_newer_build_waits_for_it(database: Database) -> None:
    ring(database)

    assert Executor(database, "workshop", {}).run_due() == 0
    assert row(database)["state"] == "pending"


def test_the_worker_carries_out_what_a_service_asks_for(database: Database, bell: Bell) -> None:
    stopping = threading.Event()
    bell.answers = [DONE]
    working = threading.Thread(target=Executor(database, "workshop", {"bell": bell}).run, args=(stopping,))
    working.start()
    ring(database)
    deadline = threading.Event()
    while row(database)["state"] != "succeeded" and not deadline.wait(0.02):
        pass
    stopping.set()
    working.join(10)

    assert bell.rung == ["k"]
