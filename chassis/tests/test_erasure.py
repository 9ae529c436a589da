"""Once somebody is erased, nothing brings the name back: no message, however old and whichever way it comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.erasure import ErasureBegun, ErasureRequested, look_again, reapply, registered
from chassis.personal import Subject
from chassis.tables import erased_subject, erasure_task, event_log, inbox, inbox_stream, parked_event
from chassis.testing.stage import Stage
from chassis.transaction import transaction
from tests import toy
from tests.toy_person import ChildCame, ChildRenamed, memory, page, sibling, take_in
from tests.toy_shelf import let_time_pass, try_again
from tests.toy_sweep import MIA, TOM

CAME = ChildCame(child_id=1, name="Mia Marker", carer_id=7, carer_name="Ada Marker", story="has a cat")


def begun(number: int = 1, *subjects: Subject, texts: bool = False) -> ErasureBegun:
    return ErasureBegun(erasure_id=number, subjects=tuple(map(str, subjects or (MIA,))), with_texts=texts)


def everything(database: Database) -> str:
    """All that a database says, but for its own marks of an erasure."""
    found = []
    for table in toy.Base.metadata.sorted_tables:
        found += [f"{table.name}: {dict(row)}" for row in toy.rows(database, table)]
    return "\n".join(found)


def pages(stage: Stage) -> list[tuple[int, str, str]]:
    return [(row["child_id"], row["name"], row["carer_name"]) for row in toy.rows(stage.database, page)]


# What is remembered


def test_whoever_is_erased_is_remembered_once(diary: Stage) -> None:
    diary.hears(begun(1, MIA, TOM), times=2)
    diary.hears(begun(2, TOM))

    rows = toy.rows(diary.database, erased_subject)
    assert [(row["id"], row["kind"], row["subject_key"], row["erasure_id"]) for row in rows] == [
        (1, "child", "1", 1),
        (2, "child", "2", 1),
    ]
    assert {row["erasure_id"]: row["state"] for row in toy.rows(diary.database, erasure_task)} == {
        1: "waiting",
        2: "waiting",
    }


def test_a_later_wish_may_include_the_texts(diary: Stage) -> None:
    diary.hears(begun(1), begun(2, texts=True), begun(3))

    with diary.database.reading() as session:
        assert sorted(registered(session)) == [(MIA, False), (MIA, True)]


# What comes afterwards


def test_an_event_that_was_still_on_its_way_comes_in_without_the_name(diary: Stage) -> None:
    late = diary.says(CAME)

    diary.hears(begun())
    diary.takes(late)

    assert pages(diary) == [(1, "", "Ada Marker")]
    assert "Mia" not in everything(diary.database)


def test_a_user_is_taken_out_of_envelopes_and_of_fields(diary: Stage) -> None:
    late = diary.says(CAME)

    diary.hears(begun(1, Subject("user", "7"), Subject("user", "1")))
    diary.takes(late)

    assert pages(diary) == [(1, "Mia Marker", "")]
    assert "Ada" not in everything(diary.database)


def test_an_old_message_whose_inbox_row_was_pruned_comes_in_without_the_name(diary: Stage) -> None:
    old = diary.says(CAME)
    diary.takes(old)
    diary.hears(begun(texts=True))
    with diary.database.connection() as connection:
        for table in (inbox, inbox_stream, page, memory):
            connection.execute(sa.delete(table))

    diary.takes(old)

    assert pages(diary) == [(1, "", "Ada Marker")]
    assert [json.loads(row["body"])["data"]["name"] for row in toy.rows(diary.database, memory)] == [""]


def test_what_is_fetched_to_fill_a_gap_comes_in_without_the_name(diary: Stage) -> None:
    diary.says(CAME)
    diary.hears(begun())

    diary.takes(diary.says(ChildRenamed(child_id=1, name="Mimi Marker", carer_id=7)))

    assert pages(diary) == [(1, "", "Ada Marker")]
    assert "Mimi" not in everything(diary.database)


def test_what_has_to_be_parked_is_parked_without_the_name(diary: Stage) -> None:
    toy.jam_printer(diary.database, "")
    late = [diary.says(CAME), diary.says(ChildRenamed(child_id=1, name="Mimi Marker", carer_id=7))]
    diary.hears(begun(texts=True))

    diary.takes(*late)

    rows = toy.rows(diary.database, parked_event)
    assert [row["reason"] for row in sorted(rows, key=lambda row: row["aggregate_version"])] == ["failed", "behind"]
    assert not any(b"Mi" in row["body"] or "Mi" in row["error"] for row in rows)


def test_what_was_parked_before_is_tried_again_without_the_name(diary: Stage) -> None:
    toy.jam_printer(diary.database, "Mia Marker")
    diary.hears(CAME, begun())
    toy.mend_printer(diary.database)

    assert try_again(diary) == 1

    assert pages(diary) == [(1, "", "Ada Marker")]


def test_what_is_put_in_line_before_a_parked_event_has_no_name(diary: Stage) -> None:
    toy.jam_printer(diary.database, "")
    first = diary.says(CAME)
    second = diary.says(ChildRenamed(child_id=1, name="Mimi Marker", carer_id=7))
    diary.elsewhere["nursery"].is_reachable = False
    diary.takes(second)
    diary.hears(begun())
    diary.elsewhere["nursery"].is_reachable = True
    assert b"Mia Marker" in first

    let_time_pass(diary.database)
    try_again(diary)

    bodies = {row["aggregate_version"]: row["body"] for row in toy.rows(diary.database, parked_event)}
    assert b"Mia Marker" not in bodies[1]


def test_a_batch_that_erases_somebody_takes_the_names_behind_it_for_the_sweep(diary: Stage) -> None:
    """Within one commit the sweep, which comes after it, is soon enough."""
    diary.takes(diary.says(begun()), diary.says(CAME))

    assert {row["state"] for row in toy.rows(diary.database, erasure_task)} == {"waiting"}


@pytest.mark.parametrize("hole", ["applying", "parking", "trying again"])
def test_without_the_guard_the_name_would_come_back(diary: Stage, hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above can fail."""
    late = diary.says(CAME)
    assert diary.consumer
    if hole != "applying":
        toy.jam_printer(diary.database, "Mia Marker")
    if hole == "trying again":
        diary.takes(late)
    diary.hears(begun())
    monkeypatch.setattr(diary.consumer, "guard", None)

    if hole == "trying again":
        toy.mend_printer(diary.database)
        try_again(diary)
    else:
        diary.takes(late)

    assert "Mia Marker" in everything(diary.database)


# Who is the same person


def asked(*subjects: Subject) -> ErasureRequested:
    return ErasureRequested(erasure_id=5, asked=2, subjects=tuple(map(str, subjects)))


def test_a_service_says_who_is_the_same_person(nursery: Stage) -> None:
    for name in ("Mia", "Mia again", "Tom"):
        take_in(nursery.database, name)
    with nursery.database.connection() as connection:
        connection.execute(sa.insert(sibling).values(child_id=1, other_id=2))
    nursery.said()

    nursery.hears(asked(MIA, Subject("moon", "3")), times=2)

    assert nursery.said() == [
        (
            "crm.nursery.personal-data.traced",
            {"changes": {}, "erasure_id": 5, "asked": 2, "subjects": ["child/1", "child/2"]},
        )
    ]


def test_somebody_who_was_removed_is_known_from_the_log(nursery: Stage) -> None:
    take_in(nursery.database, "Mia")
    with nursery.database.connection() as connection:
        connection.execute(sa.text("DELETE FROM child"))
    nursery.said()

    nursery.hears(asked(MIA))

    assert [kind for kind, _ in nursery.said()] == ["crm.nursery.personal-data.traced"]


def test_nobody_is_erased_whom_nobody_knows(nursery: Stage) -> None:
    """A number that is given to somebody tomorrow must not be erased today."""
    take_in(nursery.database, "Mia")
    nursery.said()

    nursery.hears(asked(MIA, Subject("child", "99")))

    assert nursery.said() == [
        ("crm.nursery.personal-data.unknown", {"changes": {}, "erasure_id": 5, "asked": 2, "subjects": ["child/99"]})
    ]


def test_asked_again_a_service_answers_again(nursery: Stage) -> None:
    take_in(nursery.database, "Mia")

    nursery.hears(asked(MIA))
    nursery.hears(asked(MIA))

    versions = [
        row["aggregate_version"] for row in toy.rows(nursery.database, event_log, aggregate_type="personal-data")
    ]
    assert versions == [1, 2]


def test_a_service_without_records_about_people_says_nothing(diary: Stage) -> None:
    diary.hears(asked(MIA))

    assert diary.said() == []


# Again


def test_after_a_restore_everybody_can_be_erased_again(database: Database) -> None:
    with transaction(database, "diary") as tx:
        assert reapply(tx, [(MIA, False), (TOM, True)]) == 2
        assert reapply(tx, [(MIA, False), (TOM, True)]) == 0

    [task] = toy.rows(database, erasure_task)
    assert (task["erasure_id"], task["state"]) == (0, "done")
    assert task["again_at"]


def test_once_a_day_the_newest_erasure_is_swept_again(diary: Stage) -> None:
    diary.hears(begun(1), begun(2))
    with diary.database.connection() as connection:
        connection.execute(sa.update(erasure_task).values(state="done"))

    with diary.doing() as tx:
        look_again(tx)

    due = [row["erasure_id"] for row in toy.rows(diary.database, erasure_task) if row["again_at"]]
    assert due == [2]


def test_the_register_is_read_again_only_when_somebody_was_added(diary: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    diary.hears(begun())
    sent: list[str] = []
    sa.event.listen(diary.database.engine, "before_cursor_execute", lambda _c, _k, text, *_rest: sent.append(text))

    def reads(act: Callable[[], Any]) -> list[str]:
        sent.clear()
        act()
        return [text.split("FROM")[0].strip() for text in sent if "FROM erased_subject" in text]

    diary.hears(CAME)
    assert len(reads(lambda: diary.hears(ChildRenamed(child_id=1, name="x", carer_id=7)))) == 1
