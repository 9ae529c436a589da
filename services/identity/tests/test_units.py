"""The organisation: a tree without circles, and whose records come with heading a part of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given

from chassis.testing.scope import Case, Firm, cases, scope_settings
from chassis.testing.stage import Client, Stage
from identity.unit.model import Unit
from identity.user.model import User
from identity.user.queries import team

IdOf = Callable[[str], int]
NUMBERS = itertools.count(1)


def a_unit(admin: Client, name: str, parent: int | None = None, **more: Any) -> int:
    kind = more.pop("kind", "department")
    number: int = admin.post("/units", name=name, kind=kind, parent_id=parent, **more)["id"]
    return number


def chain(admin: Client, length: int) -> list[int]:
    found: list[int] = []
    for depth in range(length):
        found.append(a_unit(admin, f"Level {depth}", found[-1] if found else None))
    return found


def levels(branches: list[dict[str, Any]]) -> Iterator[list[str]]:
    while branches:
        yield [branch["name"] for branch in branches]
        branches = [child for branch in branches for child in branch["children"]]


def test_a_tree_of_seven_levels_can_be_built_and_read(admin: Client) -> None:
    chain(admin, 7)

    tree = admin.get("/units/tree")["items"]

    assert [names[-1] for names in levels([tree[-1]])] == [f"Level {depth}" for depth in range(7)]


def test_the_tree_says_who_heads_a_unit_and_how_many_belong_to_it(admin: Client) -> None:
    [company] = admin.get("/units/tree")["items"]

    assert (company["kind"], company["head_name"], company["people"]) == ("company", "Eve Executive", 2)
    assert {child["code"]: child["people"] for child in company["children"]} == {"EAST": 1, "MKT": 1, "SVC": 1}


def test_what_happens_to_a_unit_is_said_in_full(stage: Stage, admin: Client, id_of: IdOf) -> None:
    north = a_unit(admin, "北方大区", code="NORTH", kind="region")
    team_id = a_unit(admin, "天津", code="TJ")
    stage.said()

    admin.patch(f"/units/{team_id}", version=1, name="天津分公司", kind="branch", head_id=id_of("mei"))
    moved = admin.post(f"/units/{team_id}/move", expect=200, parent_id=north)
    admin.delete(f"/units/{team_id}", version=moved["version"])

    said = stage.said()
    assert [kind.rpartition(".")[2] for kind, _ in said] == ["edited", "moved", "removed"]
    assert said[1][1]["parent_id"] == north
    assert said[1][1]["changes"] == {"parent_id": {"old": None, "new": north}}
    assert (said[0][1]["name"], said[0][1]["head_id"]) == ("天津分公司", id_of("mei"))
    admin.get(f"/units/{team_id}", expect=404)


def test_moving_to_where_it_is_says_nothing(stage: Stage, admin: Client) -> None:
    top, below = chain(admin, 2)
    stage.said()

    assert admin.post(f"/units/{below}/move", expect=200, parent_id=top)["version"] == 1
    assert stage.said() == []


def test_no_unit_is_moved_below_itself(admin: Client) -> None:
    units = chain(admin, 4)

    for target in units:
        refused = admin.post(f"/units/{units[0]}/move", expect=409, parent_id=target)
        assert refused["type"] == "/problems/unit-circle"
    assert admin.post(f"/units/{units[3]}/move", expect=200, parent_id=None)["parent_id"] is None
    assert admin.post(f"/units/{units[0]}/move", expect=200, parent_id=units[3])["parent_id"] == units[3]


def test_a_unit_with_people_or_units_stays(admin: Client, id_of: IdOf) -> None:
    top, below = chain(admin, 2)
    admin.call("PATCH", f"/users/{id_of('mei')}", {"unit_id": below}, expect=200, headers={"If-Match": "*"})

    for unit, people, units in ((top, 0, 1), (below, 1, 0)):
        refused = admin.delete(f"/units/{unit}", version=1, expect=409)
        assert (refused["type"], refused["people"], refused["units"]) == ("/problems/unit-not-empty", people, units)


def test_people_whose_accounts_were_deleted_hold_no_unit_up(admin: Client, id_of: IdOf) -> None:
    top, below = chain(admin, 2)
    jun, any_version = id_of("jun"), {"If-Match": "*"}
    admin.call("PATCH", f"/users/{jun}", {"unit_id": below}, expect=200, headers=any_version)
    admin.call("DELETE", f"/users/{jun}", expect=204, headers=any_version)

    admin.delete(f"/units/{below}", version=1)

    assert admin.get(f"/users/{jun}")["unit_id"] == top


@pytest.mark.parametrize(
    ("field", "value"),
    [("parent_id", 4711), ("head_id", 4711), ("kind", "gang"), ("code", "no blanks"), ("name", ""), ("position", -1)],
)
def test_wrong_fields_are_named(admin: Client, field: str, value: Any) -> None:
    problem = admin.post("/units", expect=422, **{"name": "X", "kind": "branch", field: value})

    assert problem["errors"][0]["pointer"] == f"/{field}"


def test_a_move_says_where_to(admin: Client) -> None:
    [unit] = chain(admin, 1)

    assert admin.post(f"/units/{unit}/move", expect=422)["errors"][0]["pointer"] == "/parent_id"
    assert admin.post(f"/units/{unit}/move", expect=422, parent_id=4711)["errors"][0]["pointer"] == "/parent_id"
    admin.post("/units/4711/move", expect=404, parent_id=None)


def test_a_code_belongs_to_one_unit(admin: Client) -> None:
    a_unit(admin, "One", code="X-1")

    admin.post("/units", expect=409, name="Two", kind="branch", code="X-1")


def test_people_are_found_by_unit_and_those_below(admin: Client) -> None:
    [east] = admin.get("/units?code=EAST")["items"]

    found = admin.get(f"/users?unit_id={east['id']}&sort=login")

    assert [user["login"] for user in found["items"]] == ["jun", "mei", "sam", "sue"]
    assert admin.get("/users?unit_id=east", expect=422)["errors"][0]["pointer"] == "/unit_id"


def test_people_are_placed_in_units_by_code_in_bulk(admin: Client, id_of: IdOf) -> None:
    row = {"login": "lee", "full_name": "Lee", "role": "supervisor"}
    [sh] = admin.get("/units?code=SH")["items"]
    admin.post("/users/bulk", expect=200, rows=[row | {"unit_code": "SH"}])
    assert admin.get(f"/users/{id_of('lee')}")["unit_id"] == sh["id"]

    admin.post("/users/bulk", expect=200, rows=[row | {"full_name": "Lee Wu"}])
    assert admin.get(f"/users/{id_of('lee')}")["unit_id"] == sh["id"]
    admin.post("/users/bulk", expect=200, rows=[row | {"unit_code": None}])
    assert admin.get(f"/users/{id_of('lee')}")["unit_id"] is None

    problem = admin.post("/users/bulk", expect=422, rows=[row | {"unit_code": "MARS"}])
    assert problem["errors"] == [{"pointer": "/rows/0/unit_code", "detail": "No unit has this code"}]


def place(stage: Stage, firm: Firm) -> tuple[dict[int, int], dict[int, int]]:
    """The firm in the database; people and units of the firm with the numbers they have there."""
    with stage.doing() as tx:
        names = {person: f"p{next(NUMBERS)}" for person in firm.superiors}
        fields = {"role": "supervisor", "full_name": "P"}
        people = {one: tx.add(User.begin(fields | {"login": name}, at=tx.now)) for one, name in names.items()}
        units = {one: tx.add(Unit.begin({"name": "U", "kind": "department"})) for one in firm.parents}
        for one, user in people.items():
            user.manager_id = people[above].id if (above := firm.superiors[one]) else None
            user.unit_id = units[home].id if (home := firm.homes[one]) else None
        for one, unit in units.items():
            unit.parent_id = units[above].id if (above := firm.parents[one]) else None
            unit.head_id = people[head].id if (head := firm.heads[one]) else None
    return {one: user.id for one, user in people.items()}, {one: unit.id for one, unit in units.items()}


@given(case=cases())
@scope_settings
def test_a_team_is_what_asking_everybody_for_his_superiors_finds(stage: Stage, case: Case) -> None:
    people, _ = place(stage, case.firm)

    with stage.doing() as tx:
        for person, number in people.items():
            assert team(tx, number) == {people[other] for other in case.firm.team(person)}


@given(case=cases())
@scope_settings
def test_a_unit_holds_everybody_who_belongs_to_it_or_to_one_below(stage: Stage, admin: Client, case: Case) -> None:
    people, units = place(stage, case.firm)

    for unit, number in units.items():
        expected = {people[one] for one, home in case.firm.homes.items() if home and unit in up(case.firm, home)}
        found = admin.get(f"/users?unit_id={number}&fields=id&size=200")
        assert {user["id"] for user in found["items"]} == expected


def up(firm: Firm, unit: int | None) -> list[int]:
    return [unit, *up(firm, firm.parents[unit])] if unit is not None else []


def test_the_tree_is_read_in_one_statement(stage: Stage, admin: Client) -> None:
    chain(admin, 5)
    sent: list[str] = []
    sa.event.listen(stage.database.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))

    admin.get("/units/tree")

    assert len(sent) == 1
