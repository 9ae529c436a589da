"""What operators do about parked events: in order, once, and written down."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from chassis import operating
from chassis.inspecting import get_parked
from chassis.operating import AlreadyDiscarded, Outcome
from chassis.problems import Invalid
from chassis.redrive import Redriver
from chassis.tables import inbox_stream, operator_action, parked_event, parked_failure
from chassis.testing.stage import Stage
from tests import toy
from tests.toy import HeardPainted, notes
from tests.toy_operators import OLGA, SHELF, actions, discard, edit, id_of, redrive, work
from tests.toy_shelf import ToyRepainted, life_of, of_toy, parked, states, try_again, whole

# Trying again


def test_a_dead_event_is_tried_again_with_all_that_follow_in_order(stuck: Stage) -> None:
    toy.mend_printer(stuck.database)

    assert redrive(stuck, state="dead") == Outcome(events=1, aggregates=1, skipped=0, left=0, dry_run=False)

    assert work(stuck) == 3
    assert (notes(stuck.database), parked(stuck)) == (whole(), [])


def test_whichever_event_is_named_its_aggregate_begins_with_the_first(stuck: Stage) -> None:
    toy.mend_printer(stuck.database)

    redrive(stuck, event_ids=[id_of(stuck, 5)])

    assert work(stuck) == 3
    assert notes(stuck.database) == whole()


def test_the_schedule_begins_anew(stuck: Stage) -> None:
    redrive(stuck, state="dead")

    assert work(stuck) == 0

    (row,) = toy.rows(stuck.database, parked_event, reason="failed")
    assert (row["attempts"], row["state"]) == (1, "waiting")


def test_a_second_poison_in_the_line_is_tried_too(shelf: Stage) -> None:
    for colour in ("blue", "green"):
        toy.jam_printer(shelf.database, colour)
    shelf.takes(*life_of(shelf))
    kill(shelf, 4)
    toy.mend_printer(shelf.database)

    redrive(shelf, event_ids=[id_of(shelf, 3)])

    assert work(shelf) == 3


def kill(shelf: Stage, version: int) -> None:
    with shelf.database.connection() as connection:
        mine = parked_event.c.aggregate_version == version
        connection.execute(sa.update(parked_event).where(mine).values(state="dead", reason="failed", attempts=7))


def test_only_what_was_asked_for_is_tried(stuck: Stage) -> None:
    stuck.takes(*life_of(stuck, 2, ("blue",)))
    toy.mend_printer(stuck.database)

    redrive(stuck, aggregate_id="2")

    assert work(stuck) == 1
    assert of_toy(stuck, 2) == whole(2, 2)
    assert parked(stuck)[0] == (3, "failed", "dead")


def test_a_dry_run_does_nothing_and_says_what_it_would(stuck: Stage) -> None:
    before = toy.rows(stuck.database, parked_event)
    with stuck.doing() as tx:
        assert operating.redrive(tx, SHELF, {"state": "dead,waiting"}, "", True) == Outcome(3, 1, 0, 0, True)
        assert operating.discard(tx, SHELF, {"state": "dead"}, "", True) == Outcome(1, 1, 0, 0, True)

    assert toy.rows(stuck.database, parked_event) == before
    assert actions(stuck) == []


def test_what_could_not_be_read_is_skipped(shelf: Stage) -> None:
    shelf.takes(b"not json")

    assert redrive(shelf, state="dead") == Outcome(0, 0, 1, 0, False)


def test_who_names_nothing_is_asked_what(stuck: Stage) -> None:
    with pytest.raises(Invalid) as refused:
        redrive(stuck)

    assert refused.value.errors[0]["pointer"] == "/event_ids"


def test_more_than_fit_in_one_action_are_left_for_the_next(shelf: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.jam_printer(shelf.database, "blue")
    for toy_id in range(1, 6):
        shelf.takes(*life_of(shelf, toy_id, ("blue",)))
    monkeypatch.setattr(operating, "MOST_AT_ONCE", 3)

    assert redrive(shelf, state="waiting") == Outcome(3, 3, 0, 2, False)


def test_two_operators_and_two_workers_at_once_apply_each_event_once(stuck: Stage) -> None:
    """Fault 48."""
    for toy_id in range(2, 6):
        stuck.takes(*life_of(stuck, toy_id))
    toy.mend_printer(stuck.database)
    other = toy.shelf.consumer(stuck.database, stuck.elsewhere)
    assert other

    def operate() -> None:
        for _ in range(3):
            redrive(stuck, state="dead,waiting")

    toy.at_once(operate, operate, lambda: work(stuck), Redriver(other).run_due)
    while work(stuck):
        pass

    assert [of_toy(stuck, toy_id) for toy_id in range(1, 6)] == [whole(toy_id) for toy_id in range(1, 6)]
    assert parked(stuck) == []


def test_a_redrive_that_is_interrupted_has_done_nothing(stuck: Stage) -> None:
    """Fault 48: whoever pressed the keys may press them again."""
    toy.mend_printer(stuck.database)

    def begin_and_break_off() -> None:
        with stuck.doing() as tx:
            operating.redrive(tx, SHELF, {"state": "dead"}, "")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin_and_break_off()
    assert (actions(stuck), work(stuck)) == ([], 0)

    redrive(stuck, state="dead")
    assert work(stuck) == 3


# Letting go


def test_what_is_discarded_is_passed_over_and_stays_with_its_reason(stuck: Stage) -> None:
    assert discard(stuck, 3) == Outcome(1, 1, 0, 0, False)

    assert work(stuck) == 2
    assert notes(stuck.database) == [*whole(1, 2), (1, 4), (1, 5)]
    (row,) = toy.rows(stuck.database, parked_event)
    assert (row["state"], row["note"], row["changed_by"]) == ("discarded", "by hand", "Olga")
    assert states(stuck)[3] == "discarded"
    stuck.hears(HeardPainted(toy_id=1, colour="gold"))
    assert notes(stuck.database)[-1] == (1, 6)


def test_whoever_stands_before_what_is_discarded_is_not_forgotten(stuck: Stage) -> None:
    """The follower is discarded, the poison is mended: both it and the next are applied."""
    discard(stuck, 4)
    toy.mend_printer(stuck.database)
    redrive(stuck, state="dead")

    assert work(stuck) == 2

    assert notes(stuck.database) == [*whole(1, 3), (1, 5)]
    stuck.elsewhere["workshop"].is_reachable = False  # nothing has to be fetched for what was discarded
    stuck.hears(HeardPainted(toy_id=1, colour="gold"))
    assert notes(stuck.database)[-1] == (1, 6)


def test_a_whole_line_that_is_discarded_frees_its_aggregate(stuck: Stage) -> None:
    assert discard(stuck, 3, 4, 5) == Outcome(3, 1, 0, 0, False)

    (place,) = toy.rows(stuck.database, inbox_stream)
    assert (place["blocked_by"], place["last_version"]) == (None, 5)
    stuck.hears(HeardPainted(toy_id=1, colour="gold"))
    assert notes(stuck.database) == [*whole(1, 2), (1, 6)]


def test_what_is_missing_before_what_is_discarded_is_still_fetched(shelf: Stage) -> None:
    """Version 4 came, 2 and 3 did not and their source was silent: discarding 4 must not lose them."""
    wires = life_of(shelf)
    shelf.elsewhere["workshop"].is_reachable = False
    shelf.takes(wires[0], wires[3])
    discard(shelf, 4)
    shelf.elsewhere["workshop"].is_reachable = True

    shelf.takes(wires[4])

    assert notes(shelf.database) == [(1, 1), (1, 2), (1, 3), (1, 5)]


def test_what_is_too_new_behind_what_is_discarded_waits_for_its_build(shelf: Stage) -> None:
    toy.jam_printer(shelf.database, "blue")
    shelf.takes(*life_of(shelf, 1, ("blue",)))
    shelf.takes(shelf.says(ToyRepainted(toy_id=1, colours=["red"])))
    shelf.hears(HeardPainted(toy_id=1, colour="green"))
    discard(shelf, 2)

    assert work(shelf) == 0

    assert try_again(shelf) == 0
    assert parked(shelf)[1:] == [(3, "unsupported_version", "waiting"), (4, "behind", "waiting")]


def test_what_is_discarded_cannot_be_discarded_edited_or_tried(stuck: Stage) -> None:
    discard(stuck, 3)

    with pytest.raises(AlreadyDiscarded):
        edit(stuck, 3, {})
    assert discard(stuck, 3).events == 0
    assert redrive(stuck, event_ids=[id_of(stuck, 3)]).events == 0
    assert states(stuck)[3] == "discarded"


def test_one_discards_while_another_redrives_and_one_of_them_wins(stuck: Stage) -> None:
    toy.mend_printer(stuck.database)

    def redrive_and_work() -> None:
        redrive(stuck, state="dead,waiting")
        work(stuck)

    poison = id_of(stuck, 3)

    def let_go() -> None:
        with stuck.doing() as tx:
            operating.discard(tx, SHELF, {"event_ids": [poison]}, "no")

    toy.at_once(redrive_and_work, let_go)
    work(stuck)

    is_gone = toy.rows(stuck.database, parked_event) != []
    assert notes(stuck.database) == ([*whole(1, 2), (1, 4), (1, 5)] if is_gone else whole())


# What is kept


def test_every_failed_try_is_kept_with_its_place(stuck: Stage) -> None:
    with stuck.doing() as tx:
        told = get_parked(tx, SHELF, id_of(stuck, 3))

    assert [(one.attempt, one.reason) for one in told.failures] == [(number, "failed") for number in range(1, 8)]
    assert {one.error_class for one in told.failures} == {"PrinterJammed"}
    assert told.failures[0].place.startswith("tests.toy.print_again:")


def test_a_silent_source_is_told_once_however_often_it_is_asked(shelf: Stage) -> None:
    shelf.elsewhere["workshop"].is_reachable = False
    shelf.takes(life_of(shelf)[3])
    for _ in range(5):
        try_again(shelf)

    assert len(toy.rows(shelf.database, parked_failure)) == 1


def test_what_went_at_last_leaves_no_failures_behind(stuck: Stage) -> None:
    toy.mend_printer(stuck.database)
    redrive(stuck, state="dead")
    work(stuck)

    assert toy.rows(stuck.database, parked_failure) == []


def test_the_same_fault_is_one_cause_wherever_the_build_lies(shelf: Stage) -> None:
    for colour in ("blue", "green"):
        toy.jam_printer(shelf.database, colour)
    shelf.takes(*life_of(shelf, 1, ("blue",)), *life_of(shelf, 2, ("green",)))

    prints = {row["fingerprint"] for row in toy.rows(shelf.database, parked_event)}

    assert len(prints) == 1


def test_every_action_is_written_down_with_what_was_before_and_after(stuck: Stage) -> None:
    redrive(stuck, state="dead")
    discard(stuck, 3)
    with stuck.doing(by=OLGA) as tx:
        operating.pause(tx, SHELF, "lunch")
        operating.resume(tx, SHELF, "coffee")

    rows = toy.rows(stuck.database, operator_action)
    assert [(row["action"], row["by_id"], row["by_name"], row["reason"]) for row in rows] == [
        ("redrive", 3, "Olga", "mended"),
        ("discard", 3, "Olga", "by hand"),
        ("pause", 3, "Olga", "lunch"),
        ("resume", 3, "Olga", "coffee"),
    ]
    before, after = rows[0]["before"], rows[0]["after"]
    assert (before["state"], before["attempts"], after) == ("dead", 7, {"state": "waiting", "attempts": 0})
    assert (rows[0]["aggregate_type"], rows[0]["aggregate_id"], rows[0]["source"]) == ("toy", "1", "workshop")
    assert rows[2]["after"]["pause_reason"] == "lunch"
    assert json.dumps(rows[3]["before"])
