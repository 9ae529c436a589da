"""A change and its event are kept together or not at all, on both databases."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.events import MAX_ENVELOPE_BYTES, Envelope, open_envelope
from chassis.log import DatabaseLog, seal
from chassis.principal import Principal
from chassis.problems import NotFound, TooLarge
from chassis.tables import event_log
from chassis.testing.stage import Client, Stage
from chassis.testing.statements import statements
from chassis.transaction import Untracked, transaction
from tests import toy

MOST_STATEMENTS = 6


class Broken(Exception):
    """Something unforeseen in the middle of a command."""


def said(database: Database) -> list[tuple[str, int, dict[str, Any]]]:
    """(fact, version, data) of everything in the log."""
    seal(database)
    found = [open_envelope(logged.raw) for logged in DatabaseLog(database).read(0, 1000)]
    return [(one.type.rsplit(".")[-1], one.aggregateversion, msgspec.json.decode(one.data)) for one in found]


def newest(database: Database) -> Envelope:
    seal(database)
    return open_envelope(DatabaseLog(database).read(0, 1000)[-1].raw)


def test_a_row_and_its_event_are_kept_together(database: Database) -> None:
    toy_id = toy.make(database, "bear", ["red"])

    assert [(row["name"], row["colour"]) for row in toy.rows(database, toy.Toy.__table__)] == [("bear", "red")]
    assert [(fact, version) for fact, version, _ in said(database)] == [("made", 1), ("painted", 2)]
    assert newest(database).subject == f"toy/{toy_id}"


def test_nothing_is_kept_when_the_command_breaks(database: Database) -> None:
    def make_and_break() -> None:
        with transaction(database, "workshop") as tx:
            toy.make_toy(tx, "bear")
            raise Broken

    with pytest.raises(Broken):
        make_and_break()

    assert toy.rows(database, toy.Toy.__table__) == []
    assert said(database) == []


def test_nothing_is_kept_when_the_event_cannot_be_stored(database: Database) -> None:
    toy_id = toy.make(database)

    with pytest.raises(TooLarge) as refused:
        toy.paint(database, toy_id, "x" * MAX_ENVELOPE_BYTES)

    assert refused.value.limit_bytes == MAX_ENVELOPE_BYTES
    assert [row["colour"] for row in toy.rows(database, toy.Toy.__table__)] == [""]
    assert len(said(database)) == 1


def test_an_event_just_below_the_limit_is_stored(database: Database) -> None:
    toy_id = toy.make(database)
    frame = len(bytes(toy.rows(database, event_log)[0]["envelope"]))

    toy.paint(database, toy_id, "x" * (MAX_ENVELOPE_BYTES // 2 - frame))

    assert len(said(database)) == 2


def test_each_event_is_one_version_with_old_and_new_values(database: Database) -> None:
    toy.make(database, "bear", ["red", "blue"])

    assert [data["changes"] for _, _, data in said(database)] == [
        {},
        {"colour": {"old": "", "new": "red"}},
        {"colour": {"old": "red", "new": "blue"}},
    ]


def test_two_events_of_one_transaction_tell_each_its_own_changes(database: Database) -> None:
    with transaction(database, "workshop") as tx:
        bear = toy.make_toy(tx, "bear")
        tx.publish(bear.paint("red"))
        tx.publish(bear.paint("blue"))

    assert [(version, data["changes"]) for _, version, data in said(database)] == [
        (1, {}),
        (2, {"colour": {"old": "", "new": "red"}}),
        (3, {"colour": {"old": "red", "new": "blue"}}),
    ]


def test_a_change_is_told_even_if_another_event_is_published_first(database: Database) -> None:
    bear, duck = toy.make(database, "bear"), toy.make(database, "duck")

    with transaction(database, "workshop") as tx:
        first, second = tx.get(toy.Toy, bear), tx.get(toy.Toy, duck)
        events = first.paint("red"), second.paint("blue")
        toy.make_toy(tx, "cat")
        for one in events:
            tx.publish(one)

    assert [data["changes"] for fact, _, data in said(database) if fact == "painted"] == [
        {"colour": {"old": "", "new": "red"}},
        {"colour": {"old": "", "new": "blue"}},
    ]


def test_a_sold_toy_is_gone_and_its_number_is_never_used_again(database: Database) -> None:
    toy_id = toy.make(database, "bear")
    with transaction(database, "workshop") as tx:
        toy.sell_toy(tx, toy_id)

    assert toy.make(database, "duck") != toy_id
    assert [(fact, version) for fact, version, _ in said(database)] == [("made", 1), ("sold", 2), ("made", 1)]


def test_an_event_about_something_never_loaded_is_refused(database: Database) -> None:
    with pytest.raises(Untracked), transaction(database, "workshop") as tx:
        tx.publish(toy.ToySold(toy_id=99))

    assert said(database) == []


def test_what_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        toy.paint(database, 99, "red")


def test_an_event_says_who_did_it_and_what_caused_it(database: Database) -> None:
    ada = Principal(user_id=7, name="Ada", kind="user")
    with transaction(database, "workshop", principal=ada) as tx:
        toy.make_toy(tx, "bear")
        toy.make_toy(tx, "duck")

    found = newest(database)
    assert (found.authid, found.authname, found.authtype) == ("7", "Ada", "user")
    assert len({open_envelope(logged.raw).correlationid for logged in DatabaseLog(database).read(0, 10)}) == 1


def test_two_painters_wait_for_each_other_and_both_are_counted(database: Database) -> None:
    toy_id = toy.make(database)

    def paint() -> None:
        for number in range(10):
            toy.paint(database, toy_id, f"colour {number}")

    toy.at_once(paint, paint)

    assert [version for _, version, _ in said(database)] == list(range(1, 22))


def test_the_bell_rings_after_a_commit_with_events_and_only_then(database: Database) -> None:
    seen: list[int] = []
    database.on_commit(lambda: seen.append(len(toy.rows(database, event_log))))

    with transaction(database, "workshop") as tx:
        toy.make_toy(tx, "bear")
        assert seen == []
    with transaction(database, "workshop") as tx:
        tx.execute(sa.update(toy.Toy).values(rank=1))

    assert seen == [1]


def test_a_trial_leaves_neither_rows_nor_events(database: Database) -> None:
    with transaction(database, "workshop") as tx:
        toy.make_toy(tx, "bear")
        tx.forget()

    assert toy.rows(database, toy.Toy.__table__) == []
    assert said(database) == []


def test_numbers_of_a_series_are_never_given_twice(database: Database) -> None:
    given: list[int] = []

    def take() -> None:
        for _ in range(10):
            with transaction(database, "workshop") as tx:
                given.extend(tx.next_numbers("invoice", 2))

    toy.at_once(take, take)

    assert sorted(given) == list(range(1, 41))


def test_a_request_that_changes_one_thing_makes_few_statements(workshop: Stage, client: Client) -> None:
    made = client.post("/toys", name="bear")

    with statements(workshop.database) as seen:
        client.patch(f"/toys/{made['id']}", version=1, colour="red")

    assert len(seen) <= MOST_STATEMENTS, seen
    assert seen[-1] == "COMMIT"
