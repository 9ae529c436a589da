"""A source that came back from a backup: what it says on used positions and versions is news, what it lost is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from chassis.comparing import accept_extra, compare
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.events import open_envelope
from chassis.lives import StillConnected, begin_life, must_be_alone
from chassis.log import DatabaseLog, Head, seal
from chassis.problems import Unavailable
from chassis.pull import Puller
from chassis.reconcile import Reconciler
from chassis.tables import event_log, inbox, log_state, number_series
from chassis.testing.stage import Stage
from chassis.transaction import transaction
from tests import toy
from tests.toy import HeardMade, HeardPainted
from tests.toy_shelf import life_of, of_toy, parked, states, whole


def label_of(shelf: Stage, toy_id: int = 1) -> str:
    with shelf.database.reading() as session:
        return session.scalar(sa.select(toy.Label.text).where(toy.Label.toy_id == toy_id)) or ""


def painted(shelf: Stage, colour: str, version: int) -> bytes:
    return shelf.says(HeardPainted(toy_id=1, colour=colour), version=version)


@pytest.fixture
def bereft(shelf: Stage) -> Stage:
    """The shelf has heard five events of a toy, and the workshop has come back without the last two."""
    shelf.takes(*life_of(shelf))
    shelf.elsewhere["workshop"].comes_back(lost=2)
    return shelf


# Hearing


def test_what_is_said_on_a_used_version_is_news(bereft: Stage) -> None:
    bereft.takes(painted(bereft, "gold", version=4))

    assert of_toy(bereft, 1) == [*whole(), (1, 4)]
    assert label_of(bereft) == "gold"


def test_a_used_version_is_news_once_however_often_it_comes(bereft: Stage) -> None:
    again = painted(bereft, "gold", version=4)

    for _ in range(3):
        bereft.takes(again)

    assert of_toy(bereft, 1) == [*whole(), (1, 4)]


def test_the_new_life_goes_on_in_order_and_its_gaps_are_filled(bereft: Stage) -> None:
    colours = ["gold", "silver", "bronze", "iron"]
    new = [painted(bereft, colour, version) for version, colour in enumerate(colours, 4)]

    bereft.takes(new[3])

    assert of_toy(bereft, 1) == [*whole(), (1, 4), (1, 5), (1, 6), (1, 7)]
    assert label_of(bereft) == "iron"


def test_what_the_source_kept_is_no_news(bereft: Stage) -> None:
    bereft.takes(*bereft.elsewhere["workshop"].said)

    assert of_toy(bereft, 1) == whole()


def test_what_we_had_not_heard_yet_and_the_source_kept_is_heard(shelf: Stage) -> None:
    life = life_of(shelf)
    shelf.takes(*life[:2])
    workshop = shelf.elsewhere["workshop"]
    workshop.comes_back(lost=1)

    shelf.takes(workshop.said[3])

    assert of_toy(shelf, 1) == whole(versions=4)


def test_what_was_lost_and_comes_late_is_not_taken_for_the_next(shelf: Stage) -> None:
    """It was still in the broker's queue when the workshop came back."""
    life = life_of(shelf)
    shelf.takes(*life[:4])
    shelf.elsewhere["workshop"].comes_back(lost=2)
    shelf.takes(painted(shelf, "gold", version=4))

    shelf.takes(life[4])
    shelf.takes(painted(shelf, "silver", version=5))

    assert label_of(shelf) == "silver"
    assert of_toy(shelf, 1) == [*whole(versions=4), (1, 4), (1, 5)]


def test_a_source_may_come_back_twice(bereft: Stage) -> None:
    """The second time from a backup of its second life, which nobody had heard of here."""
    workshop = bereft.elsewhere["workshop"]
    for version, colour in enumerate(["gold", "silver", "bronze"], 4):
        painted(bereft, colour, version)
    workshop.comes_back(lost=0)

    bereft.takes(*workshop.said)

    assert of_toy(bereft, 1) == [*whole(), (1, 4), (1, 5), (1, 6)]
    assert label_of(bereft) == "bronze"


def test_a_toy_that_nobody_had_heard_of_is_heard_from_its_beginning(bereft: Stage) -> None:
    bereft.takes(bereft.says(HeardMade(toy_id=9, name="duck")))

    assert of_toy(bereft, 9) == [(9, 1)]


def test_while_the_source_is_silent_its_new_life_waits(bereft: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> Head:
        raise Unavailable(detail="silence")

    monkeypatch.setattr(bereft.elsewhere["workshop"], "head", silent)

    bereft.takes(painted(bereft, "gold", version=4))

    assert parked(bereft) == [(4, "gap_unavailable", "waiting")]
    assert states(bereft)[4] == "parked"


def test_events_of_different_lives_are_told_apart_by_their_ordinal(bereft: Stage) -> None:
    last = open_envelope(life_of(bereft, toy_id=2)[4])

    new = open_envelope(painted(bereft, "gold", version=1))

    assert (last.ordinal < new.ordinal, new.aggregateversion) == (False, 1)
    bereft.elsewhere["workshop"].comes_back(lost=0)
    assert open_envelope(painted(bereft, "iron", version=1)).ordinal > last.ordinal


# Coming back, with a real log


@pytest.fixture
def workshop_database(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def listener(new_database: Callable[[], Database], workshop_database: Database) -> Consumer:
    consumer = toy.shelf.consumer(new_database(), {"workshop": DatabaseLog(workshop_database)})
    assert consumer
    return consumer


def pull_all(consumer: Consumer) -> None:
    puller = Puller(consumer)
    while puller.pull("workshop"):
        pass


def goes_back(database: Database, lost: int) -> None:
    """As a restored backup leaves it: the newest events are gone, and nothing says so."""
    with database.connection() as connection:
        newest = sa.select(event_log.c.event_id).order_by(event_log.c.id.desc()).limit(lost)
        connection.execute(sa.delete(event_log).where(event_log.c.event_id.in_(newest)))
        head = connection.scalar(sa.select(sa.func.count()).select_from(event_log))
        connection.execute(sa.update(log_state).values(head_position=head))


def test_a_log_that_went_back_without_a_word_is_not_read_on(listener: Consumer, workshop_database: Database) -> None:
    toy.make(workshop_database, "bear", ["red", "blue"])
    seal(workshop_database)
    pull_all(listener)
    goes_back(workshop_database, lost=2)
    toy.make(workshop_database, "duck")
    seal(workshop_database)

    puller, reconciler = Puller(listener), Reconciler(listener)
    puller._pull_if_possible("workshop")
    reconciler.run_once()

    for told in (puller.unreachable, reconciler.unreachable):
        assert told == {"workshop": "workshop is at 2, but was heard up to 3: guanxi bus restore-fence workshop"}
    assert len(toy.notes(listener.database)) == 3


def test_after_the_fence_everything_is_heard_and_what_was_lost_is_told(
    listener: Consumer, workshop_database: Database
) -> None:
    toy.make(workshop_database, "bear", ["red", "blue"])
    seal(workshop_database)
    pull_all(listener)
    goes_back(workshop_database, lost=2)

    life = begin_life(workshop_database)
    duck = toy.make(workshop_database, "duck")
    seal(workshop_database)
    pull_all(listener)

    assert life == Head(1, 2, ((2, 1),))
    assert toy.notes(listener.database) == [(1, 1), (1, 2), (1, 3), (duck, 1)]
    (found,) = compare(listener)
    assert (found.expected, len(found.missing), len(found.extra)) == (2, 0, 2)
    assert accept_extra(listener, found.extra) == 2
    assert compare(listener)[0].extra == frozenset()
    assert sorted(row["state"] for row in toy.rows(listener.database, inbox)) == ["discarded"] * 2 + ["done"] * 2


def test_a_number_that_may_have_been_given_is_not_given_again(workshop_database: Database) -> None:
    with transaction(workshop_database, "workshop") as tx:
        tx.next_numbers("orders", 5)
    bear = toy.make(workshop_database)

    begin_life(workshop_database, skip=50)

    assert toy.make(workshop_database) == bear + 51
    with transaction(workshop_database, "workshop") as tx:
        assert tx.next_numbers("orders") == range(56, 57)
    assert toy.rows(workshop_database, number_series)[0]["last"] == 56


def test_positions_stay_gapless_across_lives(workshop_database: Database) -> None:
    toy.make(workshop_database, colours=["red"])

    begin_life(workshop_database)
    toy.make(workshop_database)
    seal(workshop_database)

    assert [one.position for one in DatabaseLog(workshop_database).read(0, 10)] == [1, 2, 3]


@pytest.mark.infra
def test_nobody_may_be_connected_while_a_life_begins(new_postgres: Callable[[], Database]) -> None:
    database = new_postgres()
    with database.reading() as session:
        session.execute(sa.text("SELECT 1"))
        operator = Database(database.url.render_as_string(hide_password=False), pool_size=1)
        with pytest.raises(StillConnected):
            must_be_alone(operator)
    database.close()

    must_be_alone(operator)
    operator.close()
