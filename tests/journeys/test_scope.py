"""Whose records a superior sees: the reporting line and the headed units, moved within five seconds; in both modes."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest

from tests.system import Person, System, wait_until

PASSWORD = "purple elephants"
READS = ["opportunity:read", "opportunity:create", "customer:read"]
LARGE_TEAM = 500


@pytest.fixture
def admin(guanxi: System) -> Person:
    return guanxi.person("admin")


class Firm:
    """A role that sees a team, and people who have it."""

    def __init__(self, guanxi: System, admin: Person) -> None:
        self.guanxi, self.admin = guanxi, admin
        self.mark = secrets.token_hex(4)
        self.role = f"lead-{self.mark}"
        said = {"code": self.role, "name": "Lead", "data_scope": "subtree"}
        role = admin.post("/api/roles", expect=201, **said).json
        granted = admin.ask("PUT", f"/api/roles/{role['id']}/rights", {"rights": READS}, {"If-Match": "*"})
        assert granted.status == 200, granted.raw

    def person(self, name: str, **more: Any) -> tuple[int, Person]:
        said = {"login": f"{name}-{self.mark}", "full_name": name.title(), "role": self.role, "password": PASSWORD}
        user = self.admin.post("/api/users", expect=201, **said, must_change_password=False, **more).json
        return user["id"], Person(self.guanxi.address, said["login"], PASSWORD)

    def unit(self, name: str, **more: Any) -> int:
        said = {"name": name, "kind": "department", **more}
        number: int = self.admin.post("/api/units", expect=201, **said).json["id"]
        return number

    def move(self, user: int, **where: Any) -> None:
        answer = self.admin.ask("PATCH", f"/api/users/{user}", where, {"If-Match": "*"})
        assert answer.status == 200, answer.raw


@pytest.fixture
def firm(guanxi: System, admin: Person) -> Firm:
    return Firm(guanxi, admin)


def an_opportunity(person: Person) -> int:
    said = {"customer_name": "Acme", "title": "Pumps", "success_rate": 60, "description": "Met at the fair"}
    number: int = person.post("/api/opportunities", expect=201, **said).json["id"]
    return number


def sees(person: Person, *numbers: int) -> bool:
    return {one["id"] for one in person.get("/api/opportunities?size=200")["items"]} == set(numbers)


def soon(person: Person, *numbers: int) -> None:
    wait_until(lambda: sees(person, *numbers), f"exactly {numbers} to be seen", within=5)


def test_a_superior_sees_the_line_below_until_somebody_is_moved_out(firm: Firm) -> None:
    boss_id, boss = firm.person("boss")
    lead_id, lead = firm.person("lead", manager_id=boss_id)
    worker_id, worker = firm.person("worker", manager_id=lead_id)
    _, stranger = firm.person("stranger")
    mine, theirs, hers, foreign = (an_opportunity(who) for who in (boss, lead, worker, stranger))

    soon(boss, mine, theirs, hers)
    soon(lead, theirs, hers)
    soon(worker, hers)
    assert boss.ask("GET", f"/api/opportunities/{foreign}").status == 404

    firm.move(worker_id, manager_id=None)

    soon(boss, mine, theirs)
    soon(lead, theirs)
    assert lead.ask("GET", f"/api/opportunities/{hers}").status == 404


def test_the_head_of_a_unit_sees_everybody_in_it_and_below_it(firm: Firm, admin: Person) -> None:
    head_id, head = firm.person("head")
    top = firm.unit("Top", head_id=head_id)
    middle = firm.unit("Middle", parent_id=top)
    bottom = firm.unit("Bottom", parent_id=middle)
    worker_id, worker = firm.person("worker", unit_id=bottom)
    hers = an_opportunity(worker)
    soon(head, hers)

    admin.post(f"/api/units/{middle}/move", parent_id=None)
    soon(head)

    firm.move(worker_id, unit_id=top)
    soon(head, hers)

    assert admin.ask("PATCH", f"/api/units/{top}", {"head_id": None}, {"If-Match": "*"}).status == 200
    soon(head)


def test_lists_are_filtered_by_unit_and_those_below(firm: Firm, guanxi: System) -> None:
    top = firm.unit("Top")
    below = firm.unit("Below", parent_id=top)
    _, worker = firm.person("worker", unit_id=below)
    hers, sue = an_opportunity(worker), guanxi.person("sue")

    for unit in (top, below):
        found = wait_until(lambda unit=unit: sue.get(f"/api/opportunities?unit_id={unit}")["items"], "the unit")
        assert [one["id"] for one in found] == [hers]
    assert sue.get(f"/api/opportunities?unit_id={firm.unit('Empty')}")["total"] == 0


def test_five_hundred_people_in_scope_pass_through_the_gateway(firm: Firm, admin: Person) -> None:
    boss_id, boss = firm.person("boss")
    login = f"boss-{firm.mark}"
    rows = [
        {"login": f"{firm.mark}-{number}", "full_name": "T", "role": firm.role, "manager_login": login}
        for number in range(LARGE_TEAM)
    ]
    assert admin.post("/api/users/bulk", rows=rows).json["created"] == LARGE_TEAM
    last = admin.get(f"/api/users?login={rows[-1]['login']}")["items"][0]["id"]
    set_password = admin.put(f"/api/users/{last}/password", password=PASSWORD, must_change=False)
    assert set_password.status == 200
    worker = Person(boss.address, rows[-1]["login"], PASSWORD)
    hers = an_opportunity(worker)

    soon(boss, hers)

    began = time.monotonic()
    for _ in range(20):
        assert boss.get("/api/opportunities")["total"] == 1
    print(f"a list for a team of {LARGE_TEAM}: {(time.monotonic() - began) / 20 * 1000:.1f} ms")
    assert boss_id
