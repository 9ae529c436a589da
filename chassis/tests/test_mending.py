"""An operator mends the data of a parked event: as he has seen it, with the original kept."""

from __future__ import annotations

import uuid

import pytest

from chassis import operating
from chassis.events import MAX_ENVELOPE_BYTES
from chassis.inspecting import NotParked
from chassis.operating import NotAnEvent
from chassis.problems import Stale, TooLarge
from chassis.tables import operator_action, parked_event
from chassis.testing.stage import Stage
from tests import toy
from tests.toy_operators import SHELF, actions, edit, redrive, work
from tests.toy_shelf import life_of, parked, try_again


def test_an_edited_event_is_applied_as_edited_and_its_original_is_kept(stuck: Stage) -> None:
    seen = edit(stuck, 3, {"toy_id": 1, "colour": "navy"})

    assert (seen.body["data"]["colour"], seen.original["data"]["colour"]) == ("navy", "blue")
    assert {name: value for name, value in seen.body.items() if name != "data"} == {
        name: value for name, value in seen.original.items() if name != "data"
    }
    redrive(stuck, state="dead")
    assert work(stuck) == 3
    assert [row["text"] for row in toy.rows(stuck.database, toy.note)] == ["bear", "red", "navy", "green", "white"]


def test_the_first_original_is_kept_however_often_an_event_is_edited(stuck: Stage) -> None:
    edit(stuck, 3, {"toy_id": 1, "colour": "navy"})

    seen = edit(stuck, 3, {"toy_id": 1, "colour": "sky"})

    assert (seen.body["data"]["colour"], seen.original["data"]["colour"]) == ("sky", "blue")
    assert [(row["before"], row["after"]) for row in toy.rows(stuck.database, operator_action)] == [
        ({"colour": "blue"}, {"colour": "navy"}),
        ({"colour": "navy"}, {"colour": "sky"}),
    ]


def test_an_edit_that_changes_nothing_is_none(stuck: Stage) -> None:
    edit(stuck, 3, {"toy_id": 1, "colour": "blue"})

    assert actions(stuck) == []
    assert toy.rows(stuck.database, parked_event, aggregate_version=3)[0]["original_body"] is None


def test_nobody_edits_what_he_has_not_seen(stuck: Stage) -> None:
    (row,) = toy.rows(stuck.database, parked_event, aggregate_version=3)
    edit(stuck, 3, {"toy_id": 1, "colour": "navy"}, expected=row["version"])

    with pytest.raises(Stale) as refused:
        edit(stuck, 3, {"toy_id": 1, "colour": "sky"}, expected=row["version"])

    assert refused.value.current == row["version"] + 1


def test_a_failed_try_counts_as_a_change_too(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf))
    try_again(shelf)

    with pytest.raises(Stale):
        edit(shelf, 3, {"toy_id": 1, "colour": "navy"}, expected=1)


def test_an_event_cannot_grow_beyond_what_an_event_is(stuck: Stage) -> None:
    with pytest.raises(TooLarge):
        edit(stuck, 3, {"toy_id": 1, "colour": "x" * MAX_ENVELOPE_BYTES})


def test_what_is_no_event_cannot_be_edited(shelf: Stage) -> None:
    shelf.takes(b"not json")
    (row,) = toy.rows(shelf.database, parked_event)

    with pytest.raises(NotAnEvent), shelf.doing() as tx:
        operating.edit(tx, SHELF, row["event_id"], {}, "?")
    with shelf.doing() as tx:
        operating.discard(tx, SHELF, {"event_ids": [row["event_id"]]}, "noise")
    assert parked(shelf) == [(0, "unparseable", "discarded")]


def test_what_is_not_parked_is_not_found(stuck: Stage) -> None:
    with pytest.raises(NotParked), stuck.doing() as tx:
        operating.edit(tx, SHELF, uuid.uuid4(), {}, "?")
