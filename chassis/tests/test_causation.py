"""What caused an event and what it caused: parts of several services put together to one story."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from chassis import causation
from chassis.causation import AT_ONCE, MOST_TOLD, EventUnknown, Heard, Part, Said, story_of
from chassis.database import Database
from chassis.log import DatabaseLog, seal
from chassis.migrations import note_causes
from chassis.tables import event_log
from chassis.testing.stage import Stage
from chassis.transaction import looking
from tests import toy
from tests.toy_shelf import life_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WON, OPENED, LINKED, GREETED, ALONE = (uuid.UUID(int=number) for number in range(1, 6))


def said(event_id: uuid.UUID, caused_by: uuid.UUID | None = None, service: str = "marketing") -> Said:
    at = NOON + timedelta(seconds=event_id.int % 1000)
    return Said(event_id, "crm.x.y.z", service, "y/1", 1, at, "Mei", caused_by)


STORY = [
    said(WON),
    said(OPENED, WON, "customer"),
    said(LINKED, OPENED),
    said(GREETED, WON, "service-desk"),
    said(ALONE),
]
HEARD = [Heard(WON, "customer.events", "done"), Heard(LINKED, "reporting.events", "parked")]


class Everybody:
    """All services, asked together; counts the questions."""

    def __init__(self, *told: Said) -> None:
        self.told, self.questions = told, 0

    def __call__(self, event_ids: Sequence[uuid.UUID]) -> Part:
        self.questions += 1
        assert 0 < len(event_ids) <= AT_ONCE
        about = [one for one in self.told if one.event_id in event_ids or one.caused_by in event_ids]
        return Part(about, [one for one in HEARD if one.event_id in event_ids])


def tree(ask: Everybody, event_id: uuid.UUID) -> list[tuple[int, int]]:
    return [(node.depth, node.said.event_id.int) for node in story_of(ask, event_id).nodes]


@pytest.mark.parametrize("asked", [WON, OPENED, LINKED, GREETED])
def test_a_story_is_the_same_from_wherever_it_is_asked(asked: uuid.UUID) -> None:
    assert tree(Everybody(*STORY), asked) == [(0, 1), (1, 2), (2, 3), (1, 4)]


def test_an_event_without_cause_or_consequence_is_a_story_of_its_own() -> None:
    assert tree(Everybody(*STORY), ALONE) == [(0, ALONE.int)]


def test_a_story_says_who_heard_what() -> None:
    heard = {node.said.event_id: node.heard for node in story_of(Everybody(*STORY), WON).nodes}

    assert heard[LINKED] == [Heard(LINKED, "reporting.events", "parked")]
    assert heard[GREETED] == []


def test_a_cause_that_nobody_knows_any_more_is_where_the_story_begins() -> None:
    assert tree(Everybody(*STORY[1:]), LINKED) == [(0, 2), (1, 3)]


def test_what_nobody_has_said_is_unknown() -> None:
    with pytest.raises(EventUnknown):
        story_of(Everybody(*STORY), uuid.UUID(int=99))


def test_causes_in_a_circle_end() -> None:
    assert len(tree(Everybody(said(WON, OPENED), said(OPENED, WON)), WON)) == 2


def test_a_story_of_thousands_is_cut() -> None:
    many = [said(uuid.UUID(int=number), WON) for number in range(10, 10 + 2 * MOST_TOLD)]

    story = story_of(Everybody(said(WON), *many), WON)

    assert story.is_cut


def test_a_wide_story_is_asked_for_in_a_few_questions() -> None:
    wide = [said(uuid.UUID(int=number), WON) for number in range(10, 10 + 3 * AT_ONCE)]
    ask = Everybody(said(WON), *wide)

    assert len(story_of(ask, WON).nodes) == 1 + 3 * AT_ONCE
    assert ask.questions == 1 + 3


def test_a_service_tells_what_it_said_caused_and_heard(shelf: Stage) -> None:
    wires = life_of(shelf, 1, ("red",))
    shelf.takes(*wires)
    seal(shelf.database)
    caused = [causation.open_envelope(one.raw) for one in DatabaseLog(shelf.database).read(0, 10)]
    causes = [uuid.UUID(one.causationid) for one in caused]

    with looking(shelf.database, "shelf") as tx:
        part = causation.part_of(tx, causes)

    assert [(str(one.event_id), one.caused_by, one.service, one.subject) for one in part.said] == [
        (envelope.id, cause, "shelf", "label/1") for envelope, cause in zip(caused, causes, strict=True)
    ]
    assert sorted(one.event_id for one in part.heard) == sorted(causes)
    assert {(one.consumer, one.state) for one in part.heard} == {("shelf.events", "done")}


def test_a_log_from_before_causes_had_a_column_gets_them_from_its_envelopes(shelf: Stage) -> None:
    shelf.takes(*life_of(shelf))
    with shelf.doing() as tx:
        toy.make_toy(tx, "of nobody's event")
    before = {row["event_id"]: row["causation_id"] for row in toy.rows(shelf.database, event_log)}
    assert len([cause for cause in before.values() if cause]) == 5
    with shelf.database.connection() as connection:
        connection.execute(sa.update(event_log).values(causation_id=None))
        note_causes(connection)

    after = {row["event_id"]: row["causation_id"] for row in toy.rows(shelf.database, event_log)}

    assert after == before


def test_what_a_request_caused_has_no_cause(database: Database) -> None:
    toy.make(database, "bear")
    seal(database)
    envelope = causation.open_envelope(DatabaseLog(database).read(0, 1)[0].raw)

    with looking(database, "workshop") as tx:
        (only,) = causation.part_of(tx, [uuid.UUID(envelope.id)]).said

    assert only.caused_by is None
