"""Who is the same person: followed from record to record, both ways or one, as far as it goes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.personal import Subject
from chassis.tracing import Path, along, both_ways
from chassis.transaction import transaction
from tests.toy_person import sibling

ROWS = [(1, 2), (2, 3), (7, 8)]
OTHER = sa.cast(sibling.c.other_id, sa.String)


@pytest.fixture
def related(any_database: Database) -> Database:
    with any_database.connection() as connection:
        connection.execute(sa.insert(sibling), [{"child_id": one, "other_id": other} for one, other in ROWS])
    return any_database


def found(database: Database, paths: list[Path], *subjects: str) -> set[str]:
    with transaction(database, "nursery") as tx:
        named = [Subject(*one.split("/")) for one in subjects]
        return {str(one) for one in along(*paths)(tx, named)}


def test_a_path_is_followed_as_far_as_it_goes(related: Database) -> None:
    one_way = [Path("child", sibling.c.child_id, "child", sibling.c.other_id)]

    assert found(related, one_way, "child/1") == {"child/1", "child/2", "child/3"}
    assert found(related, one_way, "child/3") == {"child/3"}
    assert found(related, one_way, "child/9", "moon/1") == {"child/9", "moon/1"}


def test_both_ways_lead_to_everybody(related: Database) -> None:
    paths = list(both_ways("child", sibling.c.child_id, "child", sibling.c.other_id))

    assert found(related, paths, "child/3") == {"child/1", "child/2", "child/3"}


def test_two_kinds_are_one_person_where_the_condition_holds(related: Database) -> None:
    paths = list(both_ways("child", sibling.c.child_id, "twin", OTHER, sibling.c.child_id < 5))

    assert found(related, paths, "child/1") == {"child/1", "twin/2"}
    assert found(related, paths, "twin/3") == {"child/2", "twin/3"}
    assert found(related, paths, "child/7") == {"child/7"}


@pytest.mark.parametrize("key", ["abc", "-1", "9" * 79, "１"])
def test_what_can_be_nobodys_key_leads_nowhere(related: Database, key: str) -> None:
    paths = list(both_ways("child", sibling.c.child_id, "twin", OTHER))

    assert found(related, paths, f"child/{key}") == {f"child/{key}"}
