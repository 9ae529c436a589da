"""What only quotes a name: errors of earlier tries, what operators noted, and why a consumer had paused itself."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from chassis import operating
from chassis.dialect import clock
from chassis.pausing import note_standing
from chassis.principal import Principal
from chassis.redrive import Redriver
from chassis.tables import consumer_state, operator_action, parked_event, parked_failure
from chassis.testing.stage import Stage
from tests import toy
from tests.toy_person import ChildCame, ChildRenamed
from tests.toy_shelf import let_time_pass
from tests.toy_sweep import ADA, CAME, MIA, begin, left, sweep

DIARY = "diary.events"
OLGA = Principal(user_id=3, name="Olga Marker", kind="user")
TOM_CAME = ChildCame(child_id=2, name="Tom Other", carer_id=7, carer_name="Ada Marker", story="sang", cots=1)


def jam(diary: Stage, *events: Any) -> None:
    """Each is parked, and has failed twice with an error that quotes the name."""
    for event in events:
        toy.jam_printer(diary.database, event.name)
    diary.hears(*events)
    let_time_pass(diary.database)
    assert diary.consumer
    Redriver(diary.consumer).run_due()
    toy.mend_printer(diary.database)


def mend(diary: Stage, child_id: int, **data: Any) -> None:
    [row] = toy.rows(diary.database, parked_event, aggregate_id=str(child_id))
    with diary.doing(by=OLGA) as tx:
        said = json.loads(row["body"])["data"]
        reason = "Mia Marker's mother says so" if child_id == 1 else "a slip of the pen"
        operating.edit(tx, DIARY, row["event_id"], {**said, **data}, reason)


def left_in_tables(diary: Stage, text: str) -> set[str]:
    return {place.split()[0] for place in left(diary, text) if not place.startswith(".")}


def test_all_errors_of_an_event_go_with_its_names(diary: Stage) -> None:
    jam(diary, CAME, TOM_CAME)
    assert [row["error"] for row in toy.rows(diary.database, parked_failure) if "Mia Marker" in row["error"]] != []
    begin(diary, MIA, texts=True)

    sweep(diary)

    told = {row["event_id"]: row["error"] for row in toy.rows(diary.database, parked_event)}
    failures = [(row["event_id"], row["attempt"], row["error"]) for row in toy.rows(diary.database, parked_failure)]
    assert sorted(told.values()) == ["", "Cannot write Tom Other"]
    assert all(error == told[event_id] for event_id, _, error in failures)
    assert sorted(attempt for _, attempt, _ in failures) == [1, 1, 2, 2]
    assert left(diary, "Mia Marker") == []


def test_what_an_operator_put_into_an_event_goes_and_so_does_the_original(diary: Stage) -> None:
    jam(diary, CAME, TOM_CAME)
    mend(diary, 1, name="Mimi Marker")
    mend(diary, 2, name="Tim Other")
    [seen] = toy.rows(diary.database, parked_event, aggregate_id="1")
    begin(diary, MIA)

    sweep(diary)

    assert left(diary, "Mimi Marker") == []
    [row] = toy.rows(diary.database, parked_event, aggregate_id="1")
    assert (json.loads(row["body"])["data"]["name"], json.loads(row["original_body"])["data"]["name"]) == ("", "")
    assert row["version"] > seen["version"], "whoever is about to edit it has seen the name"
    texts = {"operator_action.reason", "parked_event.body", "parked_event.original_body"}
    assert left_in_tables(diary, "Mia Marker") == texts
    begin(diary, MIA, texts=True, number=2)
    sweep(diary)
    assert left(diary, "Mia Marker") == []


def test_of_what_was_edited_it_is_known_that_and_by_whom(diary: Stage) -> None:
    """An edit notes only what differs, not whose it is: the event says that."""
    jam(diary, CAME, TOM_CAME)
    mend(diary, 1, name="Mimi Marker", cots=9)
    mend(diary, 2, name="Tim Other")
    begin(diary, MIA)

    sweep(diary)

    actions = sorted(toy.rows(diary.database, operator_action), key=lambda row: row["id"])
    assert [(row["aggregate_id"], row["before"], row["after"], row["by_name"]) for row in actions] == [
        ("1", {"name": "", "cots": 3}, {"name": "", "cots": 9}, "Olga Marker"),
        ("2", {"name": "Tom Other"}, {"name": "Tim Other"}, "Olga Marker"),
    ]


def test_an_operator_who_left_is_forgotten(diary: Stage) -> None:
    with diary.doing(by=OLGA) as tx:
        operating.pause(tx, DIARY, "a wedding")
    with diary.doing(by=OLGA) as tx:
        operating.resume(tx, DIARY, "over")
    with diary.doing(by=OLGA) as tx:
        operating.pause(tx, DIARY, "another one")
    assert left(diary, "Olga Marker")
    with diary.doing(by=OLGA) as tx:
        operating.resume(tx, DIARY, "over")
    begin(diary, type(ADA)("user", "3"))

    sweep(diary)

    assert left(diary, "Olga Marker") == []
    actions = [(row["action"], row["by_id"], row["reason"]) for row in toy.rows(diary.database, operator_action)]
    assert actions == [("pause", 3, "a wedding"), ("resume", 3, "over"), ("pause", 3, "another one"),
                       ("resume", 3, "over")]  # fmt: skip


def test_why_a_consumer_has_paused_itself_is_known_without_the_name(diary: Stage) -> None:
    with diary.database.connection() as connection:
        error = "Unspeakable: Cannot write Mia Marker"
        note_standing(connection, DIARY, breaker="failing", breaker_since=clock(connection), breaker_error=error)
    with diary.doing(by=OLGA) as tx:
        operating.pause(tx, DIARY, "to look")
    with diary.database.connection() as connection:
        connection.execute(sa.update(consumer_state).values(paused_at=None))
    begin(diary, MIA)

    sweep(diary)

    assert left(diary, "Mia Marker") == []
    [standing] = toy.rows(diary.database, consumer_state)
    assert (standing["breaker"], standing["breaker_error"]) == ("failing", "Unspeakable")


def test_nothing_of_others_is_lost(diary: Stage) -> None:
    jam(diary, TOM_CAME)
    mend(diary, 2, cots=2)
    diary.hears(ChildRenamed(child_id=3, name="Ann", carer_id=7))
    before = [toy.rows(diary.database, table) for table in (parked_event, parked_failure, operator_action)]
    begin(diary, MIA)

    sweep(diary)

    assert [toy.rows(diary.database, table) for table in (parked_event, parked_failure, operator_action)] == before
