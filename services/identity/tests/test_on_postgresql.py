"""The same on PostgreSQL: what locks, recursion and foreign keys do there."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.database import Database
from chassis.principal import Verifier
from chassis.testing.stage import Stage, prepare
from identity.service import service
from identity.user.model import MOST_FAILED_SIGN_INS
from services.identity.tests.conftest import Door, settings_in

pytestmark = pytest.mark.infra


@pytest.fixture
def stage(first_day: Path, empty_database: str) -> Iterator[Stage]:
    settings = dataclasses.replace(settings_in(first_day), database_url=empty_database)
    database = Database(settings.database_url)
    prepare(service, database, settings)
    yield Stage(service, database, settings)
    database.close()


def test_seeds_are_repeatable(stage: Stage) -> None:
    assert stage.said()

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

    team = Verifier(stage.settings.keys_file).principal(f"Bearer {signed}").team
    assert team == {id_of("mei"), *(id_of(f"u{number}") for number in range(6))}
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
