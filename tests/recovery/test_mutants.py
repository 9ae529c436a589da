"""Each guard of recovery bites: a story goes well with it, and without it somebody notices."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.comparing import compare
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.effects import Answer, Effect, Outcome, request_effect
from chassis.events import Heard, on_the_wire, open_envelope
from chassis.executor import Executor
from chassis.lives import begin_life
from chassis.log import DatabaseLog
from chassis.problems import Unavailable
from chassis.pull import Puller
from chassis.reactions import Reacting
from chassis.replay import replay
from chassis.tables import event_log, external_effect, log_state, parked_event
from chassis.testing.stage import Stage, an_envelope, prepare, some_settings
from chassis.transaction import Transaction, transaction
from reporting import log
from reporting.contribution.model import OrderPlaced
from reporting.rebuild import rebuild
from reporting.service import service as reporting
from tests import toy
from tests.recovery import mutants
from tests.toy import HeardMade, HeardPainted
from tests.toy_builds import ALL, FIRST, Build

Databases = Callable[[], Database]
Story = Callable[[pytest.FixtureRequest], list[str]]


def listening(heard_in: Database, said_in: Database, hears: Any = toy.shelf.hears) -> Consumer:
    service = dataclasses.replace(toy.shelf, hears=hears)
    found = service.consumer(heard_in, {"workshop": DatabaseLog(said_in)})
    assert found
    return found


def pull_all(consumer: Consumer) -> None:
    puller = Puller(consumer)
    while puller.pull("workshop"):
        pass


def lose(database: Database, number: int) -> None:
    """A backup that lacks the newest events is brought back; the toys themselves are as they were then, too."""
    with database.connection() as connection:
        newest = sa.select(event_log.c.event_id).order_by(event_log.c.id.desc()).limit(number)
        connection.execute(sa.delete(event_log).where(event_log.c.event_id.in_(newest)))
        head = connection.scalar(sa.select(sa.func.count()).select_from(event_log))
        connection.execute(sa.update(log_state).values(head_position=head))
        left = sa.select(sa.func.max(event_log.c.aggregate_version)).scalar_subquery()
        connection.execute(sa.update(toy.Toy).values(version=left))


def restored(request: pytest.FixtureRequest) -> tuple[Database, Consumer]:
    """A toy was painted four times; the last two are lost, and the workshop has said so."""
    new: Databases = request.getfixturevalue("new_sqlite")
    said_in = new()
    consumer = listening(new(), said_in)
    toy.make(said_in, "bear", ["red", "blue", "green", "white"])
    pull_all(consumer)
    lose(said_in, 2)
    return said_in, consumer


def a_used_version(request: pytest.FixtureRequest) -> list[str]:
    said_in, consumer = restored(request)
    begin_life(said_in)
    toy.paint(said_in, 1, "gold")
    pull_all(consumer)
    (label,) = toy.rows(consumer.database, toy.Label.__table__)
    return [] if label["text"] == "gold" else [f"the toy is gold, its label says {label['text']}"]


def what_was_lost(request: pytest.FixtureRequest) -> list[str]:
    said_in, consumer = restored(request)
    begin_life(said_in)
    toy.paint(said_in, 1, "gold")
    pull_all(consumer)
    (found,) = compare(consumer)
    return [] if len(found.extra) == 2 else [f"two events were lost, {len(found.extra)} are told"]


def a_restore_that_nobody_told(request: pytest.FixtureRequest) -> list[str]:
    said_in, consumer = restored(request)
    toy.paint(said_in, 1, "gold")
    before = Puller(consumer)
    try:
        before.pull("workshop")
    except Unavailable:
        return []
    return ["what stands on used positions is passed over in silence"]


class Bell:
    """Somebody outside, who is told what to answer."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers, self.rung, self.asked = list(answers), 0, 0
        self.happens: Callable[[], object] = lambda: None

    def perform(self, effect: Effect) -> Answer:
        self.rung += 1
        self.happens()
        return Answer(self.answers.pop(0))

    def ask(self, effect: Effect) -> Answer:
        self.asked += 1
        return Answer(self.answers.pop(0))


def rung(request: pytest.FixtureRequest, bell: Bell) -> tuple[Database, Executor]:
    database: Database = request.getfixturevalue("new_sqlite")()
    with transaction(database, "workshop") as tx:
        request_effect(tx, "bell", "k", {})
    return database, Executor(database, "workshop", {"bell": bell})


def let_time_pass(database: Database) -> None:
    long_ago, table = datetime.now(UTC) - timedelta(days=2), external_effect.c
    with database.connection() as connection:
        for column in (table.next_at, table.lease_until):
            moment = sa.update(external_effect).where(column.is_not(None))
            connection.execute(moment.values({column.name: long_ago}))


def an_executor_that_was_paused(request: pytest.FixtureRequest) -> list[str]:
    """It comes back and says that nothing is known, after another has found out and finished."""
    bell = Bell(Outcome.DONE, Outcome.UNCLEAR)
    database, executor = rung(request, bell)

    def meanwhile() -> None:
        bell.happens = lambda: None
        let_time_pass(database)
        executor.run_due()

    bell.happens = meanwhile
    executor.run_due()
    (row,) = toy.rows(database, external_effect)
    return [] if row["state"] == "succeeded" else [f"it has succeeded, and is noted as {row['state']}"]


def an_executor_that_died(request: pytest.FixtureRequest) -> list[str]:
    bell = Bell(Outcome.DONE)
    database, executor = rung(request, bell)

    def die() -> None:
        raise KeyboardInterrupt

    bell.happens = die
    with pytest.raises(KeyboardInterrupt):
        executor.run_due()
    bell.happens = lambda: None
    let_time_pass(database)
    executor.run_due()
    return [] if (bell.rung, bell.asked) == (1, 1) else [f"rung {bell.rung} times and asked {bell.asked} times"]


def ring_for(tx: Transaction, event: HeardPainted) -> None:
    request_effect(tx, "bell", f"{tx.cause and tx.cause.id}", {})


def a_replay_of_what_reaches_out(request: pytest.FixtureRequest) -> list[str]:
    new: Databases = request.getfixturevalue("new_sqlite")
    said_in = new()
    hears = {HeardMade: toy.print_label, HeardPainted: Reacting(ring_for, effects=True)}
    consumer = listening(new(), said_in, hears)
    toy.make(said_in, "bear", ["red"])
    replay(consumer, "workshop")
    return [f"asked for {one['idempotency_key']}" for one in toy.rows(consumer.database, external_effect)]


def a_reaction_that_hides_its_effect(request: pytest.FixtureRequest) -> list[str]:
    new: Databases = request.getfixturevalue("new_sqlite")
    said_in = new()
    consumer = listening(new(), said_in, {HeardMade: toy.print_label, HeardPainted: ring_for})
    toy.make(said_in, "bear", ["red"])
    pull_all(consumer)
    return [] if toy.rows(consumer.database, parked_event) else ["it reached out, and nobody had been told that it may"]


def a_worker_beside_the_one_that_joins(request: pytest.FixtureRequest) -> list[str]:
    new: Databases = request.getfixturevalue("new_postgres")
    said_in, heard_in = new(), new()
    bear = toy.make(said_in, "bear", ["red"])
    Build(heard_in, said_in, FIRST).settle()
    joins, beside = Build(heard_in, said_in, ALL), Build(heard_in, said_in, ALL)
    toy.paint(said_in, bear, "green")
    beside.hear()
    joins.join()
    toy.paint(said_in, bear, "blue")
    beside.hear()
    heard = [version for _, version in toy.notes(heard_in)]
    return [] if heard == [1, 2, 3, 4] else [f"of four events there were reactions to {heard}"]


def what_is_late_and_comes_twice(request: pytest.FixtureRequest) -> list[str]:
    new: Databases = request.getfixturevalue("new_sqlite")
    said_in, heard_in = new(), new()
    toy.make(said_in, "bear", ["red"])
    Build(heard_in, said_in, FIRST).settle()
    build = Build(heard_in, said_in, ALL)
    build.join()
    painted = DatabaseLog(said_in).read(1, 1)[0].raw
    build.consumer.take([painted], "late")
    return [] if toy.notes(heard_in) == [(1, 1), (1, 2)] else [f"the effects were {toy.notes(heard_in)}"]


@pytest.fixture
def reports(empty_database: str) -> Iterator[Stage]:
    database = Database(empty_database)
    settings = some_settings("reporting", empty_database)
    prepare(reporting, database, settings)
    yield Stage(reporting, database, settings)
    database.close()


def order(number: int) -> Heard:
    known = {"customer_no": "A", "ordered_at": datetime(2010, 5, 1, tzinfo=UTC), "kind": "order", "currency": "GBP"}
    return OrderPlaced(order_no=str(number), amount_minor=100, **known)


def a_late_commit_in_the_log(request: pytest.FixtureRequest) -> list[str]:
    """Somebody writes an entry of the log and commits it after the next ones were committed."""
    stage: Stage = request.getfixturevalue("reports")
    stage.hears(order(1))
    late = open_envelope(on_the_wire(an_envelope(order(2), source="customer", version=1), 2, 1))
    written, may_commit = threading.Event(), threading.Event()

    def write_late() -> None:
        with stage.database.writing() as session:
            log.append(session, [late])
            written.set()
            may_commit.wait(5.0)  # longer than a rebuild that does not wait for us, on a busy machine too
            session.commit()

    writing = threading.Thread(target=write_late)
    writing.start()
    written.wait(20)
    with stage.database.writing() as session:
        log.append(session, [open_envelope(on_the_wire(an_envelope(order(3), source="customer", version=1), 3, 1))])
        session.commit()
    found = rebuild(stage.database)
    may_commit.set()
    writing.join()
    return [] if found.events == 3 else [f"of three entries {found.events} were read"]


STORIES: dict[str, Story] = {
    "without_epoch": a_used_version,
    "without_former_lives": what_was_lost,
    "without_going_back": a_restore_that_nobody_told,
    "without_turn": an_executor_that_was_paused,
    "without_question": an_executor_that_died,
    "without_past": a_replay_of_what_reaches_out,
    "without_declaring": a_reaction_that_hides_its_effect,
    "without_agreement": a_worker_beside_the_one_that_joins,
    "without_claim": what_is_late_and_comes_twice,
    "without_standing_still": a_late_commit_in_the_log,
}
ON_POSTGRESQL = {"without_agreement", "without_standing_still"}
GUARDS = [pytest.param(one, marks=[pytest.mark.infra] * (one in ON_POSTGRESQL)) for one in STORIES]


def test_each_guard_has_its_story() -> None:
    assert STORIES.keys() == mutants.GUARDS.keys()


@pytest.mark.parametrize("guard", GUARDS)
def test_with_the_guard_all_is_well(request: pytest.FixtureRequest, guard: str) -> None:
    assert STORIES[guard](request) == []


@pytest.mark.parametrize("guard", GUARDS)
def test_without_it_somebody_notices(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    mutants.GUARDS[guard](monkeypatch)

    assert STORIES[guard](request) != []
