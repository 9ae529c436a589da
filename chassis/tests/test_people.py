"""The replica of people and units: what was heard is what is known, and units hold whoever is in them or below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import people
from chassis.database import Database
from chassis.manifest import Service
from chassis.people import UnitCreated, UnitEdited, UnitMoved, UnitRemoved, UserDeleted, UserEdited, UserRegistered
from chassis.testing.stage import Stage, prepare, some_settings

FIRM, EAST, SHANGHAI, WEST = 1, 2, 3, 4


def unit(kind: Any, number: int, parent: int | None = None, name: str = "U") -> Any:
    return kind(unit_id=number, name=name, code=None, kind="region", parent_id=parent, head_id=None)


def person(kind: Any, number: int, unit_id: int | None = None) -> Any:
    return kind(user_id=number, login=f"p{number}", full_name="P", role="account-manager", unit_id=unit_id)


@pytest.fixture
def stage(database: Database, tmp_path: Any) -> Iterator[Stage]:
    """A service that knows nothing but people, on either database."""
    from chassis.tables import add_bus_tables

    metadata = sa.MetaData()
    people.add_people_table(metadata)
    add_bus_tables(metadata)
    service = Service(
        name="neighbour", title="Neighbour", metadata=metadata, migrations=tmp_path, routes=[], hears=people.REACTIONS
    )
    settings = some_settings("neighbour", str(database.url))
    prepare(service, database, settings)
    stage = Stage(service, database, settings)
    stage.hears(
        unit(UnitCreated, FIRM), unit(UnitCreated, EAST, FIRM), unit(UnitCreated, SHANGHAI, EAST),
        unit(UnitCreated, WEST, FIRM), person(UserRegistered, 7, SHANGHAI), person(UserRegistered, 8, EAST),
        person(UserRegistered, 9, WEST), person(UserRegistered, 10),
    )  # fmt: skip
    yield stage
    people.PEOPLE.drop_all(database.engine)


def members(stage: Stage, number: int) -> list[int]:
    found = sa.select(people.person.c.user_id).where(people.in_unit(people.person.c.user_id)(str(number)))
    with stage.database.reading() as session:
        return sorted(session.scalars(found))


def test_a_unit_holds_whoever_is_in_it_or_below(stage: Stage) -> None:
    assert [members(stage, number) for number in (FIRM, EAST, SHANGHAI, WEST, 99)] == [[7, 8, 9], [7, 8], [7], [9], []]


def test_moved_units_and_people_are_known_where_they_are_now(stage: Stage) -> None:
    stage.hears(unit(UnitMoved, SHANGHAI, WEST), person(UserEdited, 8), times=2)

    assert [members(stage, number) for number in (EAST, WEST)] == [[], [7, 9]]


def test_a_unit_that_is_heard_of_before_the_one_above_it_is_in_its_place_afterwards(stage: Stage) -> None:
    stage.hears(unit(UnitCreated, 6, 5), person(UserRegistered, 11, 6))
    assert members(stage, 6) == [11]

    stage.hears(unit(UnitCreated, 5, FIRM))

    assert members(stage, FIRM) == [7, 8, 9, 11]


def test_units_are_renamed_and_removed(stage: Stage) -> None:
    stage.hears(unit(UnitEdited, WEST, FIRM, name="西部大区"), UnitRemoved(unit_id=SHANGHAI), times=2)

    with stage.database.reading() as session:
        known = {row.unit_id: row.name for row in session.execute(sa.select(people.unit))}
    assert known == {FIRM: "U", EAST: "U", WEST: "西部大区"}


def test_whoever_left_is_active_no_more(stage: Stage) -> None:
    stage.hears(UserDeleted(user_id=7), times=2)

    with stage.doing() as tx, pytest.raises(people.NotActive):
        people.get_active(tx, 7, "account-manager")


@pytest.mark.parametrize("text", ["", "-1", "x", "1.5", "²", "9" * 19])
def test_what_is_no_units_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no unit's number"):
        people.in_unit(people.person.c.user_id)(text)
