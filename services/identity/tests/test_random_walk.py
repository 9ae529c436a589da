"""Random administrators do random things with users, roles and hand-overs: nothing moves but along drawn arrows."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chassis.database import Database
from chassis.handing_over import heard_from
from chassis.machine import Machine
from chassis.principal import Principal
from chassis.testing.stage import Client, Stage
from identity.hand_over import life_cycle as hand_over
from identity.hand_over.model import KINDS
from identity.role import model as role
from identity.service import service
from identity.user import life_cycle
from services.identity.tests.conftest import settings_in

ANY = {"If-Match": "*"}
NAMES = itertools.count(1)
READS = ("user:read", "role:read")
Call = tuple[str, str, Callable[[], Any]]
USER_CALLS: Mapping[str, Call] = {
    "edit": ("PATCH", "", lambda: {"full_name": f"Name {next(NAMES)}"}),
    "set-password": ("PUT", "/password", lambda: {"password": f"a fresh password {next(NAMES)}"}),
    "unlock": ("POST", "/unlock", dict),
    "sign-out": ("DELETE", "/sessions", lambda: None),
    "disable": ("POST", "/disable", dict),
    "enable": ("POST", "/enable", dict),
    "delete": ("DELETE", "", lambda: None),
}
ROLE_CALLS: Mapping[str, Call] = {
    "edit": ("PATCH", "", lambda: {"name": f"Name {next(NAMES)}"}),
    "authorise": ("PUT", "/rights", lambda: {"rights": ["user:read", "user:write", "role:read", "role:write"]}),
    "disable": ("POST", "/disable", dict),
    "enable": ("POST", "/enable", dict),
    "delete": ("DELETE", "", lambda: None),
}
HAND_OVER_CALLS: Mapping[str, Call] = {
    "confirm": ("POST", "/confirmation", dict),
    "cancel": ("POST", "/cancellation", dict),
    "retry": ("POST", "/retry", dict),
}
NOUNS: Mapping[str, tuple[Machine, Mapping[str, Call]]] = {
    "users": (life_cycle.LIFE_CYCLE, USER_CALLS),
    "roles": (role.LIFE_CYCLE, ROLE_CALLS),
    "hand-overs": (hand_over.LIFE_CYCLE, HAND_OVER_CALLS),
}


class Walk(RuleBasedStateMachine):
    """Two administrators, who are users themselves, and one who may only look."""

    def __init__(self, first_day: Path) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copytree(first_day, self.folder / "identity")
        config = settings_in(self.folder / "identity")
        self.stage = Stage(service, Database(config.database_url), config)
        self.records: list[tuple[str, int]] = []
        self.people: list[Client] = []

    @initialize()
    def begin(self) -> None:
        every = {route.needs for route in service.routes if route.needs}
        ids = {
            login: self.client(1, *every).get(f"/users?login={login}")["items"][0]["id"] for login in ("admin", "sam")
        }
        self.people = [self.client(ids["admin"], *every), self.client(ids["sam"], *every), self.client(4711, *READS)]
        self.records = [("users", number) for number in ids.values()]
        self.records += [("roles", one["id"]) for one in self.people[0].get("/roles")["items"][:2]]

    def client(self, user_id: int, *rights: str) -> Client:
        return self.stage.client(Principal(user_id=user_id, name=f"U{user_id}", kind="user", scope="all"), *rights)

    @rule(place=st.integers(0, 9))
    def come(self, place: int) -> None:
        """Somebody is registered, below somebody and in a role, if both may be."""
        codes = [one["code"] for one in self.people[0].get("/roles?is_active=true&size=50")["items"]]
        people = [number for noun, number in self.records if noun == "users"]
        said = {"login": f"w{next(NAMES)}", "full_name": "W", "role": codes[place % len(codes)]}
        answer = self.people[0].client.post("/users", json={**said, "manager_id": people[place % len(people)]})
        assert answer.status_code in (201, 422)
        if answer.status_code == 201:
            self.records.append(("users", answer.get_json()["id"]))

    @rule()
    def found(self) -> None:
        self.records.append(("roles", self.people[0].post("/roles", code=f"r{next(NAMES)}", name="R")["id"]))

    @rule(gives=st.integers(0, 9), takes=st.integers(0, 9), is_counted=st.booleans())
    def leave(self, gives: int, takes: int, is_counted: bool) -> None:
        """Somebody is to hand everything over to somebody, if both may; the services may have counted it."""
        people = [number for noun, number in self.records if noun == "users"]
        said = {"user_id": people[gives % len(people)], "to_user_id": people[takes % len(people)], "reason": "-"}
        answer = self.people[0].client.post("/hand-overs", json=said)
        assert answer.status_code in (202, 409, 422)
        if answer.status_code == 202:
            number = answer.get_json()["id"]
            self.records.append(("hand-overs", number))
            if is_counted:
                said_by = [heard_from(name).counted(hand_over_id=number, counted={}) for name in KINDS]
                self.stage.hears(*said_by)

    @rule(who=st.integers(0, 2), which=st.integers(0, 99), what=st.integers(0, 99))
    def act(self, who: int, which: int, what: int) -> None:
        noun, number = self.records[which % len(self.records)]
        machine, calls = NOUNS[noun]
        action = list(calls)[what % len(calls)]
        person, path = self.people[who], f"/{noun}/{number}"
        before = person.get(path)
        offered = {one["action"]: one for one in before["actions"]}[action]

        method, way, body = calls[action]
        answer = person.client.open(path + way, method=method, json=body(), headers=ANY)

        if offered["allowed"]:
            assert answer.status_code in (200, 204), f"{action} was offered: {answer.get_data(as_text=True)}"
        else:
            refused = answer.get_json()
            assert (answer.status_code, refused["type"]) == (offered["reason"]["status"], offered["reason"]["type"])
        after = person.get(path)
        assert before["status"] == after["status"] or machine.permits(before["status"], after["status"])
        assert offered["allowed"] or after["version"] == before["version"], "what is refused changes nothing"

    def teardown(self) -> None:
        self.stage.database.close()
        shutil.rmtree(self.folder)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_action_of_people_has_a_call_in_the_walk(noun: str) -> None:
    machine, calls = NOUNS[noun]

    assert set(calls) == {move.action for move in machine.moves if not move.begins and not move.by_itself}


def test_no_walk_leaves_the_drawn_arrows(first_day: Path) -> None:
    walking = settings(max_examples=12, stateful_step_count=25, deadline=None, database=None,
                       suppress_health_check=list(HealthCheck))  # fmt: skip
    run_state_machine_as_test(lambda: Walk(first_day), settings=walking)
