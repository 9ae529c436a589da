"""The same on PostgreSQL: what locks, recursion and foreign keys do there."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from chassis.database import Database
from chassis.handing_over import heard_from
from chassis.principal import Principal, Verifier
from chassis.testing.scope import Case, cases, scope_settings
from chassis.testing.stage import Stage, prepare
from identity.hand_over.model import KINDS
from identity.service import service
from identity.user.model import MOST_FAILED_SIGN_INS
from identity.user.queries import team
from services.identity.tests.conftest import Door, settings_in
from services.identity.tests.test_hand_overs import confirmed, counted_everywhere
from services.identity.tests.test_notifications import Assigned
from services.identity.tests.test_units import place

pytestmark = pytest.mark.infra


@pytest.fixture
def stage(first_day: Path, empty_database: str) -> Iterator[Stage]:
    settings = dataclasses.replace(settings_in(first_day), database_url=empty_database)
    database = Database(settings.database_url)
    prepare(service, database, settings)
    yield Stage(service, database, settings)
    database.close()


def test_seeds_are_repeatable(stage: Stage) -> None:
    assert stage.said(seeds_too=True)

    prepare(service, stage.database, stage.settings)

    assert stage.said() == []


def test_a_team_is_imported_and_its_supervisor_sees_it(stage: Stage, door: Door, admin: Any, id_of: Any) -> None:
    rows = [{"login": f"u{number}", "full_name": "U", "role": "account-manager", "manager_login": f"u{number - 1}"}
            for number in range(1, 6)]  # fmt: skip
    rows.append({"login": "u0", "full_name": "U", "role": "account-manager", "manager_login": "sue"})
    for expected in ("created", "unchanged"):
        assert admin.post("/users/bulk", expect=200, rows=rows)[expected] == 6
    [role] = admin.get("/roles?code=supervisor")["items"]
    admin.patch(f"/roles/{role['id']}", version=role["version"], data_scope="subtree")

    signed = door.exchange(door.token("sue")).get_json()["token"]

    found = Verifier(stage.settings.keys_file).principal(f"Bearer {signed}").team
    below = ["mei", "sam", "jun", *(f"u{number}" for number in range(6))]
    assert found == {id_of(login) for login in below}
    circle = {"login": "u0", "full_name": "U", "role": "account-manager", "manager_login": "u5"}
    admin.post("/users/bulk", expect=422, rows=[circle])


def test_guesses_in_parallel_are_counted_one_by_one(stage: Stage, door: Door) -> None:
    statuses: list[int] = []

    def guess() -> None:
        statuses.append(Door(stage).sign_in("mei", "wrong password").status_code)

    threads = [threading.Thread(target=guess) for _ in range(MOST_FAILED_SIGN_INS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    locked = door.sign_in("mei")
    assert (statuses, locked.status_code) == ([401] * MOST_FAILED_SIGN_INS, 403)
    assert datetime.fromisoformat(locked.get_json()["locked_until"]) > datetime.now(UTC)
    assert [kind for kind, _ in stage.said()].count("crm.identity.user.locked") == 1


def test_rights_are_changed_and_items_removed(stage: Stage, admin: Any) -> None:
    [role] = admin.get("/roles?code=executive")["items"]
    headers = {"If-Match": f'"{role["version"]}"'}
    changed = admin.call("PUT", f"/roles/{role['id']}/rights", {"rights": ["loss:read"]}, expect=200, headers=headers)
    item = admin.post("/dictionary", kind="region", value="西南", text="西南")

    admin.delete(f"/dictionary/{item['id']}", version=1)

    assert changed["rights"] == ["loss:read"]
    admin.post("/dictionary", expect=409, kind="region", value="北京", text="北京")


def at_once(*works: Any) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_moves_at_once_make_no_circle(stage: Stage, admin: Any) -> None:
    one, two = (admin.post("/units", name=name, kind="branch")["id"] for name in ("One", "Two"))
    for _ in range(10):
        statuses: list[int] = []

        def move(unit: int, target: int | None, noted: list[int] = statuses) -> None:
            client = stage.client().client
            noted.append(client.post(f"/units/{unit}/move", json={"parent_id": target}).status_code)

        at_once(lambda: move(one, two), lambda: move(two, one))
        assert sorted(statuses) == [200, 409]
        at_once(lambda: move(one, None), lambda: move(two, None))


def test_two_superiors_at_once_make_no_circle(stage: Stage, id_of: Any) -> None:
    mei, eve = id_of("mei"), id_of("eve")
    for _ in range(10):
        statuses: list[int] = []

        def report(user: int, to: int | None, noted: list[int] = statuses) -> None:
            client = stage.client().client
            answer = client.patch(f"/users/{user}", json={"manager_id": to}, headers={"If-Match": "*"})
            noted.append(answer.status_code)

        at_once(lambda: report(mei, eve), lambda: report(eve, mei))
        assert sorted(statuses) == [200, 409]
        at_once(lambda: report(mei, None), lambda: report(eve, None))


@given(case=cases())
@scope_settings
def test_a_team_is_found_there_too(stage: Stage, case: Case) -> None:
    people, _ = place(stage, case.firm)

    with stage.doing() as tx:
        for person, number in people.items():
            assert team(tx, number) == {people[other] for other in case.firm.team(person)}


def test_sign_in_policy_and_sessions(stage: Stage, door: Door, admin: Any, id_of: Any) -> None:
    mei, any_version = id_of("mei"), {"If-Match": "*"}
    said = {"allowed_addresses": ["10.0.0.0/8"], "expires_at": "2199-01-01T00:00:00Z", "unit_id": 1}
    assert admin.call("PATCH", f"/users/{mei}", said, expect=200, headers=any_version)["allowed_addresses"]

    token = door.sign_in("mei", from_="10.1.2.3").get_json()["token"]

    assert door.sign_in("mei", from_="11.1.2.3").status_code == 403
    assert [door.exchange(token, address=one).status_code for one in ("10.9.9.9", "11.0.0.1")] == [200, 403]
    admin.call("PUT", f"/users/{mei}/password", {"password": "battery staple"}, expect=200)
    admin.call("PUT", f"/users/{mei}/password", {"password": "battery staple"}, expect=422)
    assert door.exchange(token, address="10.9.9.9").status_code == 401
    admin.call("DELETE", f"/users/{mei}", expect=204, headers=any_version)
    assert [one["login"] for one in admin.get("/users?status=2")["items"]] == ["mei"]
    assert admin.get("/units/tree")["items"]


def test_people_are_told_once_however_often_and_read_it(stage: Stage, id_of: Any) -> None:
    wire = stage.says(Assigned(opportunity_id=1, assignee_id=id_of("mei")), at=datetime.now(UTC) + timedelta(seconds=1))
    stage.takes(wire, wire)
    stage.takes(wire)
    mei = stage.client(Principal(user_id=id_of("mei"), kind="user"))

    [told] = mei.get("/notifications?is_read=false")["items"]

    assert mei.post(f"/notifications/{told['id']}/read", expect=200)["read_at"]
    assert mei.get("/notifications?is_read=true")["unread"] == 0


def test_a_module_is_switched_off(stage: Stage, door: Door, admin: Any) -> None:
    admin.post("/rights/L02/disable", expect=200)

    rights = Verifier(stage.settings.keys_file).principal(door.signed("mei")["Authorization"]).rights

    assert ("customer:read" in rights, "opportunity:read" in rights) == (False, True)


def test_of_two_hand_overs_begun_at_once_one_goes_on_to_its_end(stage: Stage, admin: Any, id_of: Any) -> None:
    wish = {"user_id": id_of("mei"), "to_user_id": id_of("sam"), "reason": "Mei leaves"}
    statuses: list[int] = []

    def begin() -> None:
        statuses.append(stage.client().client.post("/hand-overs", json=wish).status_code)

    at_once(begin, begin)
    assert sorted(statuses) == [202, 409]
    [path] = [f"/hand-overs/{one['id']}" for one in admin.get("/hand-overs")["items"]]
    number = int(path.rpartition("/")[2])

    stage.hears(*(heard_from(name).counted(hand_over_id=number, counted={"task": 2}) for name in KINDS))
    confirmed(stage, admin, path)
    for turn in (1, 2):
        stage.hears(*(heard_from(name).moved(hand_over_id=number, turn=turn, moved={"task": 1}) for name in KINDS))

    assert admin.get(path)["status"] == "done"
    assert admin.get(f"/users/{id_of('mei')}")["status"] == 0


def test_a_hand_over_is_not_both_confirmed_and_cancelled(stage: Stage, admin: Any, id_of: Any) -> None:
    wish = {"user_id": id_of("mei"), "to_user_id": id_of("sam"), "reason": "Mei leaves"}
    path = counted_everywhere(stage, admin, wish)
    statuses: list[int] = []

    def decide(step: str) -> Any:
        return lambda: statuses.append(stage.client().client.post(f"{path}/{step}", json={}).status_code)

    at_once(decide("confirmation"), decide("cancellation"))

    assert sorted(statuses) == [200, 409]
