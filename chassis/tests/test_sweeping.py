"""Sweeping: after it, no table and no byte of the database says anything of who was erased; all else is as it was."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import sweeping
from chassis.dialect import clock
from chassis.effects import request_effect
from chassis.events import open_envelope
from chassis.exclusive import EVERY_ROW, DoneByAnother, exclusively
from chassis.idempotency import Answer, Once
from chassis.personal import Subject
from chassis.sweeping import ONCE_MORE_AFTER, Sweeper
from chassis.tables import (
    erasure_task,
    event_log,
    external_effect,
    flow,
    flow_step,
    idempotency_key,
    parked_event,
    scheduled_job,
    scheduled_message,
)
from chassis.testing.stage import Stage
from tests import toy
from tests.toy_person import Child, ChildCame, ChildRenamed, carer, edit, memory, page, take_in
from tests.toy_shelf import try_again
from tests.toy_sweep import ADA, CAME, MIA, begin, left, sweep, told

# What is blanked


def test_the_records_and_the_log_of_a_service_forget_a_child(nursery: Stage) -> None:
    mia = take_in(nursery.database, "Mia Marker", nickname="Mimi Marker", story="Mia Marker sang", cots=4)
    tom = take_in(nursery.database, "Tom", story="sang too")
    edit(nursery.database, mia, name="Maria Marker", nickname="Mika Marker", cots=5)
    before = log_of(nursery)
    begin(nursery, MIA, texts=True)

    assert sweep(nursery) == 1

    assert left(nursery, "Marker") == []
    rows = {row["id"]: row for row in toy.rows(nursery.database, Child.__table__)}
    assert (rows[mia]["name"], rows[mia]["nickname"], rows[mia]["peg"], rows[mia]["story"]) == ("", "", "peg 1", "")
    assert (rows[mia]["cots"], rows[mia]["version"], rows[mia]["erased"]) == (5, 2, "child child:text")
    assert (rows[tom]["name"], rows[tom]["nickname"], rows[tom]["story"], rows[tom]["erased"]) == (
        "Tom", None, "sang too", "",
    )  # fmt: skip
    assert log_of(nursery)[: len(before)] == before


def log_of(stage: Stage) -> list[Any]:
    """All that stays of each event, whatever was blanked in it."""
    found = []
    for row in toy.rows(stage.database, event_log):
        envelope = open_envelope(row["envelope"])
        found.append((row["id"], row["event_id"], row["aggregate_version"], row["recorded_at"], envelope.correlationid))
    return sorted(found)


def test_free_text_stays_unless_somebody_asks(nursery: Stage) -> None:
    take_in(nursery.database, "Mia Marker", story="sang for an hour")
    begin(nursery, MIA)
    sweep(nursery)
    assert toy.rows(nursery.database, Child.__table__)[0]["story"] == "sang for an hour"

    begin(nursery, MIA, texts=True, number=2)
    sweep(nursery)

    assert left(nursery, "sang for an hour") == []


def test_all_that_a_listener_keeps_is_blanked(diary: Stage) -> None:
    diary.hears(CAME)
    toy.jam_printer(diary.database, "Mimi Marker")
    second = ChildCame(child_id=1, name="Mimi Marker", carer_id=7, carer_name="Ada Marker", story="Mimi Marker too")
    diary.hears(second, ChildRenamed(child_id=1, name="Mika Marker", carer_id=7))
    toy.mend_printer(diary.database)
    with diary.database.connection() as connection:
        connection.execute(sa.update(scheduled_message).values(error="ValueError: Mia Marker"))
        connection.execute(
            sa.insert(scheduled_job).values(name="j", due_at=clock(connection), outcome="failed: Mia Marker")
        )
        noted = {"note": "Mia Marker's mother called", "changed_by": "Ada Marker"}
        connection.execute(sa.update(parked_event).values(noted))
        stuck = {"reason": "Mia Marker is ill"}
        connection.execute(sa.update(flow).values(stuck))
        step = {
            "flow_id": "care:1",
            "step": "meal",
            "outcome": "cancelled",
            "by_name": "Ada Marker",
            "at": sa.func.now(),
        }
        connection.execute(sa.insert(flow_step).values(**step, detail="Mia Marker is ill"))
    assert len(left(diary, "Marker")) > 10
    begin(diary, MIA, ADA, Subject("user", "1"), texts=True)

    assert sweep(diary) == 1

    assert left(diary, "Marker") == []
    assert left(diary, "Ada Admin") == []
    [row] = toy.rows(diary.database, page)
    assert (row["child_id"], row["carer_id"], row["cots"]) == (1, 7, 3)
    [job] = toy.rows(diary.database, scheduled_job)
    assert job["outcome"] == "failed"
    assert try_again(diary) == 2


def test_a_name_that_was_noted_without_an_id_is_known_from_records_and_from_events(diary: Stage) -> None:
    """Somebody married: the present name stands in the replica, the earlier one only in what was said."""
    diary.hears(CAME)
    diary.takes(b"?")
    with diary.database.connection() as connection:
        connection.execute(sa.update(carer).values(name="Ada Married"))
        connection.execute(sa.update(parked_event).values(changed_by="Ada Marker"))
        step = {"flow_id": "care:1", "step": "meal", "outcome": "late", "by_name": "Ada Married", "detail": ""}
        connection.execute(sa.insert(flow_step).values(**step, at=sa.func.now()))
    begin(diary, ADA)

    sweep(diary)

    assert [row["changed_by"] for row in toy.rows(diary.database, parked_event)] == [""]
    assert [row["by_name"] for row in toy.rows(diary.database, flow_step)] == [""]


def test_unreadable_bytes_go_because_nobody_can_say_whose_they_are(diary: Stage) -> None:
    diary.takes(b'{"name": "Mia Marker"', b'"Mia Marker"')
    begin(diary, MIA)

    sweep(diary)

    rows = toy.rows(diary.database, parked_event)
    assert [(row["reason"], row["body"]) for row in rows] == [("unparseable", b""), ("unparseable", b"")]
    assert left(diary, "Marker") == []


def test_kept_answers_go_but_a_repeated_request_still_does_nothing_twice(nursery: Stage) -> None:
    with nursery.doing() as tx:
        once = Once(tx, "key", b"request")
        assert once.earlier() is None
        once.keep(Answer(201, {"Location": "/children/1", "ETag": '"1"'}, b'{"name": "Mia Marker"}'))
    begin(nursery, MIA)

    sweep(nursery)

    assert left(nursery, "Marker") == []
    with nursery.doing() as tx:
        again = Once(tx, "key", b"request").earlier()
    assert again == Answer(201, {"Location": "/children/1", "ETag": '"1"'}, b"")


def test_answers_given_after_the_erasure_are_kept(nursery: Stage) -> None:
    begin(nursery, MIA)
    sweep(nursery)
    with nursery.doing() as tx:
        once = Once(tx, "key", b"request")
        once.earlier()
        once.keep(Answer(201, {}, b'{"name": "Tom"}'))

    assert toy.rows(nursery.database, idempotency_key)[0]["body"] == b'{"name": "Tom"}'


def test_a_user_is_taken_out_of_records_envelopes_and_notes(nursery: Stage) -> None:
    take_in(nursery.database, "Mia", carer_name="Ada Marker")
    edit(nursery.database, 1, carer_id=8, carer_name="Bo Other")
    begin(nursery, ADA)

    sweep(nursery)

    assert left(nursery, "Ada Marker") == []
    assert toy.rows(nursery.database, Child.__table__)[0]["carer_name"] == "Bo Other"
    assert left(nursery, "Bo Other")


def test_a_name_that_was_blanked_long_ago_costs_no_page_again(nursery: Stage) -> None:
    for number in range(sweeping.PAGE + 5):
        take_in(nursery.database, f"Mia Marker {number}", carer_name="Ada Marker")
    begin(nursery, ADA)

    sweep(nursery)

    assert left(nursery, "Ada Marker") == []
    [done] = told(nursery)
    assert done["blanked"] == {"child": sweeping.PAGE + 5, "event_log": sweeping.PAGE + 5}


# Saying so


def test_a_service_says_once_that_it_has_done_it(diary: Stage) -> None:
    diary.hears(CAME)
    begin(diary, MIA)

    assert (sweep(diary), sweep(diary)) == (1, 0)

    assert told(diary) == [
        {"changes": {}, "erasure_id": 1, "blanked": {"flow": 1, "memory": 1, "page": 1, "scheduled_message": 1}}
    ]
    [task] = toy.rows(diary.database, erasure_task)
    assert task["again_at"] - task["done_at"] == ONCE_MORE_AFTER


def test_asked_again_it_sweeps_and_says_it_again(diary: Stage) -> None:
    begin(diary, MIA)
    sweep(diary)
    begin(diary, MIA)

    assert sweep(diary) == 1
    assert [row["aggregate_version"] for row in toy.rows(diary.database, event_log)] == [1, 2]


def test_nothing_due_costs_one_select(diary: Stage) -> None:
    sent: list[str] = []
    sweeper = Sweeper(diary.database, diary.service)
    sa.event.listen(diary.database.engine, "before_cursor_execute", lambda _c, _k, text, *_rest: sent.append(text))

    sweeper.run_due()

    assert len([text for text in sent if "clock_timestamp" not in text]) == 1


def test_a_sweep_waits_while_a_rebuild_is_at_work_and_sweeps_what_that_has_left(diary: Stage) -> None:
    def throw_away(connection: sa.Connection) -> None:
        connection.execute(sa.text("DROP TABLE IF EXISTS beside_page"))

    diary.hears(CAME)
    with diary.database.connection() as connection:
        connection.execute(sa.text("CREATE TABLE beside_page AS SELECT * FROM page"))
    begin(diary, MIA, texts=True)
    sweeper = Sweeper(diary.database, dataclasses.replace(diary.service, throws_away=throw_away))

    with exclusively(diary.database, EVERY_ROW):
        assert sweeper.run_due() == 0
        assert left(diary, "Mia Marker")

    assert sweeper.run_due() == 1
    assert left(diary, "Mia Marker") == []


def test_a_rebuild_waits_while_a_sweep_is_at_work(diary: Stage) -> None:
    def rebuild(_connection: sa.Connection) -> None:
        with pytest.raises(DoneByAnother), exclusively(diary.database, EVERY_ROW):
            tried.append("in vain")  # pragma: no cover
        tried.append("refused")

    tried: list[str] = []
    begin(diary, MIA)

    Sweeper(diary.database, dataclasses.replace(diary.service, throws_away=rebuild)).run_due()

    assert tried == ["refused"]


def test_what_others_were_told_and_are_to_be_told_forgets_a_child(nursery: Stage) -> None:
    came = {"type": "crm.nursery.child.came", "subject": "child/1", "data": {"child_id": 1, "name": "Mia Marker"}}
    with nursery.doing() as tx:
        request_effect(tx, "letter", "1", came, subject="1")
        request_effect(tx, "letter", "2", {"cots": 3}, subject="1")
        request_effect(tx, "letter", "3", came, subject="1")
    answer = sa.update(external_effect).values(response="No room for Mia Marker")
    with nursery.database.connection() as connection:
        connection.execute(answer.where(external_effect.c.idempotency_key != "3"))
    begin(nursery, MIA)
    sweep(nursery)
    with nursery.database.connection() as connection:
        connection.execute(answer.where(external_effect.c.idempotency_key == "3"))

    begin(nursery, MIA, number=2)
    sweep(nursery)

    found = {row["idempotency_key"]: row for row in toy.rows(nursery.database, external_effect)}
    assert json.loads(found["1"]["request"])["data"] == {"child_id": 1, "name": ""}
    assert [found[key]["response"] for key in "123"] == ["", "No room for Mia Marker", ""]
    assert json.loads(found["2"]["request"]) == {"cots": 3}


def test_the_memory_still_tells_what_happened(diary: Stage) -> None:
    diary.hears(CAME)
    begin(diary, MIA)
    sweep(diary)

    [row] = toy.rows(diary.database, memory)
    document = json.loads(row["body"])
    assert (document["erased"], document["data"]["cots"], document["aggregateversion"]) == (["child/1"], 3, 1)


@pytest.mark.infra
def test_a_table_that_has_become_empty_keeps_no_statistics_of_what_it_held(busy_nursery: Stage) -> None:
    """The planner's samples would name them for ever: PostgreSQL never analyses a table that holds nothing."""
    for name in ("Mia", "Tom", "Ann"):
        take_in(busy_nursery.database, name, carer_name="Ada Marker")
    busy_nursery.database.leave_no_traces([Child.__tablename__])
    sampled = f"{Child.__tablename__}.carer_name statistics"
    assert sampled in left(busy_nursery, "Ada Marker")
    with busy_nursery.database.connection() as connection:
        connection.execute(sa.delete(Child))

    busy_nursery.database.leave_no_traces([Child.__tablename__])

    assert sampled not in left(busy_nursery, "Ada Marker")
