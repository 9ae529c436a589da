"""Joining: an added reaction takes the past through the same core, each event once and in order, and misses nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.log import seal
from chassis.subscription import Outdated
from chassis.tables import inbox, subscription
from tests import toy
from tests.toy_builds import ALL, FIRST, Build, Builds, Hears, ignored, prune


@pytest.fixture
def said_in(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def heard_in(new_database: Callable[[], Database]) -> Database:
    return new_database()


@pytest.fixture
def build(heard_in: Database, said_in: Database) -> Builds:
    def build(hears: Hears, **how: Any) -> Build:
        return Build(heard_in, said_in, hears, **how)

    return build


# A reaction more, to an aggregate that is heard already


def test_a_reaction_that_is_added_later_reacts_to_the_past(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red", "blue"])
    first = build(FIRST).settle()
    assert (first.notes, ignored(first)) == ([(bear, 1)], 2)

    second = build(ALL)
    second.join()

    assert second.notes == [(bear, 1), (bear, 2), (bear, 3)]
    assert (second.joiner.is_done, ignored(second)) == (True, 0)


def test_then_it_hears_what_is_said_and_nothing_twice(build: Builds, said_in: Database) -> None:
    build(FIRST).settle()
    bear = toy.make(said_in, "bear", ["red"])
    build(FIRST).settle()
    second = build(ALL)
    second.join()

    toy.paint(said_in, bear, "blue")
    for again in (second, build(ALL), build(ALL)):
        again.settle()

    assert second.notes == [(bear, 1), (bear, 2), (bear, 3)]


def test_until_it_has_joined_what_is_said_waits_for_it(build: Builds, said_in: Database) -> None:
    """Between the start of the new build and its joining, hearing goes on."""
    build(FIRST).settle()
    bear = toy.make(said_in, "bear", ["red"])
    build(FIRST).settle()
    second = build(ALL)
    toy.paint(said_in, bear, "blue")
    second.hear()
    assert second.notes == [(bear, 1)]

    second.join()

    assert second.notes == [(bear, 1), (bear, 2), (bear, 3)]


def test_catching_up_needs_several_pages(build: Builds, said_in: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.joining.PAGE", 3)
    toys = [toy.make(said_in, "bear", ["red", "blue", "green"]) for _ in range(4)]
    build(FIRST).settle()

    second = build(ALL)
    second.join()

    assert sorted(second.notes) == [(one, version) for one in toys for version in (1, 2, 3, 4)]


def test_what_is_said_while_the_hands_change_is_reacted_to_once(
    build: Builds, said_in: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL another worker hears the whole time; it waits for a moment, or its events are caught up with."""
    toys = [toy.make(said_in, "bear", ["red", "blue"]) for _ in range(5)]
    build(FIRST).settle()
    second = build(ALL)
    beside = second if said_in.is_sqlite else build(ALL)
    enough = threading.Event()

    def keep_saying() -> None:
        for number in range(30):
            toy.paint(said_in, toys[number % 5], f"colour {number}")
        enough.set()

    def keep_hearing() -> None:
        while not enough.is_set():
            beside.hear()

    def join() -> None:
        while not second.joiner.is_done:
            second.join()

    toy.at_once(keep_saying, keep_hearing, join)
    beside.hear()

    assert sorted(second.notes) == [(one, version) for one in toys for version in range(1, 10)]
    for one in toys:
        assert [version for made, version in second.notes if made == one] == list(range(1, 10))


def test_a_build_from_before_does_not_hear_any_more(build: Builds, said_in: Database) -> None:
    """It would take what the newer one reacts to, and not react."""
    bear = toy.make(said_in, "bear", ["red"])
    old = build(FIRST).settle()
    build(ALL).join()
    toy.paint(said_in, bear, "blue")
    seal(said_in)
    old.consumer.agreement.forget()  # a process of its own, in which the newer one never was

    with pytest.raises(Outdated, match=r"toy\.painted"):
        old.hear()

    assert len(toy.rows(old.consumer.database, inbox)) == 2


def test_who_goes_back_to_the_build_before_loses_nothing(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red"])
    build(FIRST).settle()
    build(ALL).join()
    toy.paint(said_in, bear, "blue")
    build(FIRST).settle()
    toy.paint(said_in, bear, "green")
    build(FIRST).settle()
    assert toy.notes(build(FIRST).consumer.database) == [(bear, 1), (bear, 2)]

    again = build(ALL)
    again.join()

    assert again.notes == [(bear, 1), (bear, 2), (bear, 3), (bear, 4)]


def test_what_the_inbox_has_forgotten_is_taken_from_the_log(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red", "blue"])
    first = build(FIRST).settle()
    prune(first)
    assert toy.rows(first.consumer.database, inbox) == []

    second = build(ALL)
    second.join()

    assert second.notes == [(bear, 1), (bear, 2), (bear, 3)]


def test_what_was_reacted_to_and_forgotten_is_not_reacted_to_again(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red"])
    build(ALL).settle()
    toy.paint(said_in, bear, "blue")
    left = build(FIRST).settle()
    prune(left)
    assert [row["aggregate_version"] for row in toy.rows(left.consumer.database, inbox)] == [3]

    again = build(ALL)
    again.join()

    assert again.notes == [(bear, 1), (bear, 2), (bear, 3)]


def test_an_inbox_from_before_there_were_records_is_adopted(build: Builds, said_in: Database) -> None:
    bear = toy.make(said_in, "bear", ["red"])
    first = build(FIRST).settle()
    with first.consumer.database.connection() as connection:
        connection.execute(sa.delete(subscription))
        connection.execute(sa.update(inbox).values(reacted=1))

    adopted = build(FIRST)
    assert (adopted.joiner.is_done, ignored(adopted)) == (True, 1)
    build(ALL).join()

    assert adopted.notes == [(bear, 1), (bear, 2)]
