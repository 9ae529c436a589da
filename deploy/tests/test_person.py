"""``guanxi person`` on a data folder without a running system: what it refuses, what it finds, what it begins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from chassis import migrations
from chassis.database import Database
from chassis.tables import erased_subject, erasure_task, idempotency_key
from guanxi import registry
from guanxi.home import Home
from guanxi.person import person
from guanxi.scan import places_of

Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Five migrated databases, and nobody in them but the first administrator."""
    found = Home(tmp_path_factory.mktemp("person"), demo=False)
    found.make_keys()
    for name, service in registry.load_all().items():
        settings = found.settings(name, found.sqlite_url(name))
        database = Database(settings.database_url)
        migrations.upgrade(service, database, settings)
        database.close()
    return found


@pytest.fixture
def ask(home: Home) -> Ask:
    return lambda *words: CliRunner().invoke(person, ["--data", str(home.folder), *words])


def customer(home: Home) -> Database:
    return Database(home.sqlite_url("customer"), pool_size=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["erase", "Li Wei", "--ground", "objection"], "is not like contact/7"),
        (["erase", "contact/7", "--ground", "because"], "because"),
        (["erase", "--ground", "objection"], "SUBJECTS"),
        (["export", "moon"], "is not like contact/7"),
    ],
)
def test_what_means_nobody_is_refused(ask: Ask, words: list[str], said: str) -> None:
    result = ask(*words)

    assert result.exit_code == 2
    assert said in result.output


def test_an_erasure_is_begun_and_shown(ask: Ask) -> None:
    result = ask("erase", "contact/7", "--ground", "objection", "--case", "A-1", "--texts")
    assert result.output.strip() == "erasure 1"

    [listed] = json.loads(ask("list", "--json").output)
    assert (listed["state"], listed["ground"], listed["case_no"], listed["with_texts"]) == (
        "requested", "objection", "A-1", True,
    )  # fmt: skip
    shown = ask("show", "1").output
    assert "contact/7" in shown
    assert shown.count("not yet") == 5
    assert "A-1" in ask("list").output


def test_a_text_is_found_in_rows_in_json_and_in_what_deleted_rows_left_behind(home: Home, ask: Ask) -> None:
    database = customer(home)
    row = {"owner": "u", "request_hash": "", "status": 1, "headers": b"", "at": sa.func.now()}
    with database.connection() as connection:
        told = json.dumps({"name": 'Li "Marker" Wei'}).encode()
        connection.execute(sa.insert(idempotency_key).values(**row, key="1", body=told))
        connection.execute(sa.insert(idempotency_key).values(**row, key="Gone Marker " * 9, body=b""))
    with database.connection() as connection:
        connection.execute(sa.delete(idempotency_key).where(idempotency_key.c.key != "1"))

    found = ask("find", 'Li "Marker" Wei')
    assert (found.exit_code, "idempotency_key" in found.output) == (1, True)
    assert {place.table for place in places_of(home.database_urls(), "Gone Marker")} == {""}

    database.leave_no_traces([])
    database.close()
    assert ask("find", "Gone Marker").output.strip() == "0 places"


def test_after_a_restore_all_services_learn_again_who_was_erased(home: Home, ask: Ask) -> None:
    database = customer(home)
    with database.connection() as connection:
        who = {"id": 1, "kind": "contact", "subject_key": "7", "with_texts": False, "erasure_id": 1}
        connection.execute(sa.insert(erased_subject).values(**who, at=sa.func.now()))
    database.close()

    assert "reporting: 1 had been forgotten" in ask("again").output

    for name, url in home.database_urls().items():
        database = Database(url, pool_size=1)
        with database.reading() as session:
            assert session.execute(sa.select(erased_subject.c.subject_key)).scalars().all() == ["7"], name
            assert session.scalar(sa.select(erasure_task.c.again_at).where(erasure_task.c.erasure_id == 0))
        database.close()


def test_all_that_is_held_is_written_to_a_file(ask: Ask, tmp_path: Path) -> None:
    ask("export", "user/1", "--output", str(tmp_path / "held.json"))

    held = json.loads((tmp_path / "held.json").read_text())
    assert held["subjects"] == ["user/1"]
    [user] = [item for item in held["held"]["identity"] if item["table"] == "sys_user"]
    assert user["values"] == {"login": "admin", "full_name": "Administrator"}
