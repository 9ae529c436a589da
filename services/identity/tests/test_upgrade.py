"""A database of an earlier release: nobody loses an account, a role or a refusal by the upgrade."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from chassis import migrations
from chassis.database import Database
from chassis.migrations import config
from chassis.testing.stage import Client, Stage
from identity.service import service
from services.identity.tests.conftest import settings_in

BEFORE = "0003"
NOW = datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/earlier.db"
    found: str = request.getfixturevalue("empty_database")
    return found


ROWS = {
    "sys_right": [{"code": "L01", "parent_code": "ROOT_MENU", "right_type": "Folder", "text": "T", "text_en": "T",
                   "position": 0}],
    "sys_role": [
        {"id": 1, "code": "administrator", "name": "A", "description": "", "data_scope": "all", "is_active": True},
        {"id": 2, "code": "old-hands", "name": "O", "description": "", "data_scope": "own", "is_active": False},
    ],
    "sys_user": [
        {"id": 1, "login": "ada", "role": "administrator", "manager_id": None, "is_active": True},
        {"id": 2, "login": "bob", "role": "old-hands", "manager_id": 1, "is_active": False},
    ],
    "sys_session": [{"token_hash": "x", "user_id": 1, "created_at": NOW, "expires_at": NOW}],
}  # fmt: skip
USER = {"full_name": "P", "email": None, "password_hash": "", "failed_sign_ins": 0, "locked_until": None, "version": 3}


@pytest.fixture
def upgraded(url: str, first_day: Path) -> Iterator[Stage]:
    settings = dataclasses.replace(settings_in(first_day), database_url=url)
    database = Database(url)
    with database.engine.connect() as connection:
        command.upgrade(config(service, connection), BEFORE)
        connection.commit()
    with database.connection() as connection:
        for name, rows in ROWS.items():
            _insert(connection, name, rows)
        if not database.is_sqlite:
            for name in ("sys_user", "sys_role"):
                connection.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 2)"))
    assert migrations.upgrade(service, database, settings)
    yield Stage(service, database, settings)
    database.close()


def _insert(connection: sa.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    more = USER if name == "sys_user" else {"version": 1} if "version" in table.c else {}
    for row in rows:
        connection.execute(sa.insert(table), {**row, **more})


def test_accounts_and_roles_are_what_they_were(upgraded: Stage) -> None:
    admin: Client = upgraded.client()

    users = {user["login"]: user for user in admin.get("/users?size=50")["items"]}

    assert (users["ada"]["status"], users["bob"]["status"], users["bob"]["manager_id"]) == (1, 0, 1)
    assert (users["ada"]["allowed_addresses"], users["ada"]["must_change_password"]) == ([], False)
    assert (users["ada"]["unit_id"], users["ada"]["registered_at"]) == (None, None)
    roles = {role["code"]: role for role in admin.get("/roles")["items"]}
    assert (roles["old-hands"]["status"], roles["administrator"]["status"]) == (0, 1)
    assert {"marketer", "service-clerk"} <= set(roles)


def test_what_is_new_works_on_old_rows(upgraded: Stage) -> None:
    admin: Client = upgraded.client()
    unit = admin.post("/units", name="Sales", kind="department", head_id=1)["id"]

    ada = admin.call("PATCH", "/users/1", {"unit_id": unit}, expect=200, headers={"If-Match": "*"})

    assert (ada["unit_id"], ada["version"]) == (unit, 4)
    admin.call("PATCH", "/users/1", {"unit_id": 4711}, expect=422, headers={"If-Match": "*"})
    assert admin.post("/rights/L01/disable", expect=200)["is_on"] is False
    admin.call("DELETE", "/users/2", expect=204, headers={"If-Match": "*"})
    admin.call("DELETE", "/roles/2", expect=204, headers={"If-Match": "*"})


def test_the_database_keeps_people_in_units_that_there_are(upgraded: Stage) -> None:
    with pytest.raises(sa.exc.IntegrityError), upgraded.database.connection() as connection:
        connection.execute(sa.text("UPDATE sys_user SET unit_id = 4711"))
