"""A log of an earlier release: what is remembered can be searched after the upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from chassis import migrations
from chassis.database import Database
from chassis.events import open_envelope
from chassis.migrations import config
from chassis.principal import Principal
from chassis.tables import inbox, inbox_position
from chassis.testing.stage import Client, Stage, an_envelope, some_settings
from reporting.facts.person import UserRegistered
from reporting.service import service

BEFORE = "0001"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.infra)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/earlier.db"
    found: str = request.getfixturevalue("empty_database")
    return found


@pytest.fixture
def upgraded(url: str) -> Iterator[Stage]:
    database = Database(url)
    with database.engine.connect() as connection:
        command.upgrade(config(service, connection), BEFORE)
        connection.commit()
    with database.connection() as connection:
        log = sa.Table("report_log", sa.MetaData(), autoload_with=connection)
        for number in range(1, 8):
            connection.execute(sa.insert(log), [_row(number, database)])
        position = {"consumer": "reporting.events", "epoch": 1, "pulled_to": 9, "reconciled_to": 9}
        connection.execute(
            sa.insert(inbox_position), [position | {"source": name} for name in ("identity", "elsewhere")]
        )
    assert migrations.upgrade(service, database, some_settings("reporting", url))
    yield Stage(service, database, some_settings("reporting", url))
    database.close()


def _row(number: int, database: Database) -> dict[str, object]:
    event = UserRegistered(user_id=number, full_name="P")
    envelope = open_envelope(an_envelope(event, source="identity", version=1, at=AT))
    identity = envelope.id.replace("-", "") if database.is_sqlite else envelope.id
    known = {"source": "identity", "epoch": 1, "position": number, "event_id": identity, "type": envelope.type}
    return known | {"time": AT.replace(tzinfo=None) if database.is_sqlite else AT, "body": envelope.raw}


def test_old_entries_are_found_by_who_what_and_when(upgraded: Stage) -> None:
    auditor: Client = upgraded.client(Principal(user_id=9, kind="user", scope="all"), "audit:read")

    assert auditor.get("/audit?by_id=1&record_type=user&from=2026-03-02&to=2026-03-02")["total"] == 7
    [entry] = auditor.get("/audit?record_id=3")["items"]
    assert (entry["recorded_at"], entry["by_name"], entry["data"]["full_name"]) == (
        "2026-03-02T09:00:00Z", "Ada Admin", "P"
    )  # fmt: skip


def test_what_nobody_heard_before_is_heard_from_the_beginning(upgraded: Stage) -> None:
    with upgraded.database.reading() as session:
        places = {row.source: row.pulled_to for row in session.execute(sa.select(inbox_position))}
        assert session.scalar(sa.select(sa.func.count()).select_from(inbox)) == 0

    assert places == {"identity": 0, "elsewhere": 9}
