"""The past is told by commands, each with its moment; nobody tells it over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.database import Database
from chassis.events import Envelope, open_envelope
from chassis.idempotency import KeyReused
from chassis.jobs import Job
from chassis.log import DatabaseLog, seal
from chassis.principal import Principal
from chassis.problems import Forbidden, Invalid, NotFound
from chassis.tables import inbox
from chassis.telling import NotYet, Teller, Told
from chassis.testing.stage import Client, Stage
from chassis.transaction import Transaction
from tests import toy

MONDAY = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
ADA = Principal(user_id=7, name="Ada", role="maker", kind="user", rights=frozenset({"toy:read", "toy:write"}))
BEN = Principal(user_id=8, name="Ben", role="looker", kind="user", rights=frozenset({"toy:read"}))


def made(name: str = "bear", **otherwise: Any) -> Told:
    told = {"endpoint": "POST /toys", "who": ADA, "at": MONDAY, "key": f"make {name}", "said": {"name": name}}
    return Told(**{**told, **otherwise})


def painted(toy_id: int, colour: str, at: datetime) -> Told:
    path, said = {"toy_id": toy_id}, {"colour": colour}
    key = f"paint {toy_id} {colour}"
    return Told(endpoint="PATCH /toys/<int:toy_id>", who=ADA, at=at, key=key, path=path, said=said)


def tell(database: Database, *all_told: Told) -> list[Any]:
    with Teller(toy.workshop, database).chapter() as chapter:
        return [chapter.tell(told) for told in all_told]


def log_of(database: Database) -> list[Envelope]:
    seal(database)
    return [open_envelope(logged.raw) for logged in DatabaseLog(database).read(0, 1000)]


def test_an_event_stands_at_the_moment_that_is_told_and_says_when_it_was_recorded(database: Database) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)

    (answer,) = tell(database, made())

    (event,) = log_of(database)
    assert (answer["name"], answer["version"]) == ("bear", 1)
    assert (event.time, event.authid, event.authname) == (MONDAY, "7", "Ada")
    assert event.recordedtime > before


def test_commands_of_a_chapter_see_what_was_told_before_and_each_is_a_story_of_its_own(database: Database) -> None:
    with Teller(toy.workshop, database).chapter() as chapter:
        toy_id = chapter.tell(made())["id"]
        chapter.tell(painted(toy_id, "red", MONDAY + timedelta(days=1)))
        chapter.tell(painted(toy_id, "blue", MONDAY + timedelta(days=2)))

    events = log_of(database)
    assert [(one.aggregateversion, one.time.day) for one in events] == [(1, 3), (2, 4), (3, 5)]
    assert len({one.correlationid for one in events}) == 3
    assert [row["colour"] for row in toy.rows(database, toy.Toy.metadata.tables["toy"])] == ["blue"]


def test_what_is_told_again_is_answered_as_before_and_happens_once(database: Database) -> None:
    first = tell(database, made())

    again = tell(database, made(), made("doll"))

    assert again[0] == first[0]
    assert len(log_of(database)) == 2


def test_the_same_key_for_something_else_is_refused(any_database: Database) -> None:
    tell(any_database, made())

    with pytest.raises(KeyReused):
        tell(any_database, made("doll", key="make bear"))


def test_a_chapter_is_kept_together_or_not_at_all(database: Database) -> None:
    with pytest.raises(NotFound):
        tell(database, made(), painted(999, "red", MONDAY))

    assert log_of(database) == []


def test_the_future_is_not_told(any_database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)

    with pytest.raises(NotYet) as refused:
        tell(any_database, made(at=soon))

    assert refused.value.at == soon


def test_who_has_no_right_has_none_in_the_past_either(any_database: Database) -> None:
    with pytest.raises(Forbidden) as refused:
        tell(any_database, made(who=BEN))

    assert refused.value.needs == "toy:write"


def test_what_is_said_is_checked_as_in_a_request(any_database: Database) -> None:
    with pytest.raises(Invalid) as refused:
        tell(any_database, made(said={"name": "", "size": 3}))

    assert {error["pointer"] for error in refused.value.errors} == {"/name", "/size"}


def test_an_endpoint_that_there_is_not_cannot_be_told(any_database: Database) -> None:
    with pytest.raises(NotFound):
        tell(any_database, made(endpoint="POST /boxes"))


def test_a_list_is_read_in_the_middle_of_a_chapter(database: Database) -> None:
    asked = Told(endpoint="GET /toys", who=BEN, at=MONDAY, key="look", said={"name": "bear"})

    _, found = tell(database, made(), asked)

    assert [one["name"] for one in found["items"]] == ["bear"]


def test_a_job_is_told_with_its_moment_once(any_database: Database) -> None:
    moments: list[datetime] = []

    def note_moment(tx: Transaction) -> None:
        moments.append(tx.now)

    teller = Teller(toy.workshop, any_database)
    teller.jobs = {"note": Job("note", note_moment, every=timedelta(days=1))}

    for _ in range(2):
        with teller.chapter() as chapter:
            chapter.run("note", MONDAY, key="note/1")

    assert moments == [MONDAY]


def test_over_http_nobody_says_when_something_happened(client: Client, workshop: Stage) -> None:
    client.call("POST", "/toys", {"name": "bear", "at": MONDAY.isoformat()}, expect=422)
    client.call("POST", "/toys", {"name": "bear"}, expect=201, headers={"Date": "Mon, 03 Mar 2025 09:00:00 GMT"})

    (event,) = log_of(workshop.database)
    assert datetime.now(UTC) - event.time < timedelta(minutes=5)


def test_what_a_told_event_causes_happens_when_the_event_did(shelf: Stage) -> None:
    assert shelf.consumer
    shelf.consumer.is_told = True

    shelf.hears(toy.HeardMade(toy_id=1, name="bear"), at=MONDAY)

    (label,) = log_of(shelf.database)
    assert (label.time, label.causationid != "") == (MONDAY, True)
    assert datetime.now(UTC) - label.recordedtime < timedelta(minutes=5)
    (kept,) = toy.rows(shelf.database, inbox)
    assert datetime.now(UTC) - kept["processed_at"] < timedelta(minutes=5)


def test_what_is_heard_while_nothing_is_told_happens_now(shelf: Stage) -> None:
    shelf.hears(toy.HeardMade(toy_id=1, name="bear"), at=MONDAY)

    (label,) = log_of(shelf.database)
    assert datetime.now(UTC) - label.time < timedelta(minutes=5)


def test_what_was_looked_at_is_answered_as_it_was(any_database: Database) -> None:
    asked = Told(endpoint="GET /toys", who=BEN, at=MONDAY, key="look")
    tell(any_database, asked)

    _, again = tell(any_database, made(), asked)

    assert again["items"] == []


def test_keys_that_are_forgotten_stand_for_nothing(any_database: Database) -> None:
    tell(any_database, made(key="demo/1/a"), made("doll", key="demo/2/a"))

    Teller(toy.workshop, any_database).forget("demo/1/")
    tell(any_database, made(key="demo/1/a"), made("doll", key="demo/2/a"))

    assert len(log_of(any_database)) == 3
