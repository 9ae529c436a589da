"""A won opportunity whose customer does not come: seen, asked for again, and completed; in both modes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from chassis.database import Database
from chassis.dialect import clock
from chassis.tables import scheduled_message
from guanxi.bus import bus
from tests.journeys.test_main_job import an_assigned_opportunity
from tests.system import Person, System, wait_until


@pytest.fixture
def admin(guanxi: System) -> Person:
    return guanxi.person("admin")


@contextmanager
def database_of(guanxi: System, service: str) -> Iterator[Database]:
    database = Database(guanxi.home.database_urls()[service], pool_size=1)
    yield database
    database.close()


@contextmanager
def held_up(guanxi: System) -> Iterator[None]:
    """The customer service cannot write meanwhile: its database is in somebody's hands."""
    with database_of(guanxi, "customer") as database, database.connection() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("LOCK TABLE customer_of_opportunity IN ACCESS EXCLUSIVE MODE"))
        yield


def let_a_quarter_of_an_hour_pass(guanxi: System, flow_id: str) -> None:
    with database_of(guanxi, "marketing") as database, database.connection() as connection:
        mine = scheduled_message.c.dedupe_key.like(f"flow:{flow_id}:%")
        past = clock(connection) - timedelta(seconds=1)
        connection.execute(sa.update(scheduled_message).where(mine).values(next_attempt_at=past))


def win(guanxi: System, word: str) -> tuple[Person, str]:
    """Somebody who may read it, and the path of an opportunity that was just won."""
    _, mei, path = an_assigned_opportunity(guanxi, word)
    item = mei.post(f"{path}/plan", expect=201, planned_for="2026-12-01T09:00:00Z", todo="Show the pump").json
    mei.post(f"{path}/plan/{item['id']}/execution", result="They want three")
    mei.post(f"{path}/win")
    return mei, path


def flow_of(path: str) -> str:
    return f"win:{path.rpartition('/')[2]}"


def in_state(admin: Person, flow_id: str, state: str) -> Any:
    def found() -> Any:
        flow = admin.get(f"/api/flows/{flow_id}")
        return flow if flow["state"] == state else None

    return wait_until(found, f"{flow_id} to be {state}", within=40)


def test_a_win_is_completed_when_the_customer_is_linked(guanxi: System, admin: Person, word: str) -> None:
    mei, path = win(guanxi, word)

    flow = in_state(admin, flow_of(path), "completed")

    assert mei.get(path)["customer_no"] == flow["data"]["customer_no"]
    assert [step["outcome"] for step in flow["steps"]] == ["answered"]
    assert admin.get(f"/api/flows/marketing/{flow_of(path)}")["version"] == flow["version"]
    for flows in ("/api/flows", "/api/flows/marketing", "/api/flows/identity"):
        assert mei.ask("GET", flows).status == 403


def test_a_win_whose_customer_does_not_come_is_stuck_until_it_comes(guanxi: System, admin: Person, word: str) -> None:
    with held_up(guanxi):
        mei, path = win(guanxi, word)
        flow_id = flow_of(path)
        let_a_quarter_of_an_hour_pass(guanxi, flow_id)
        assert "customer.customer.opened" in in_state(admin, flow_id, "stuck")["waiting_for"]

        shown = CliRunner().invoke(bus, ["--data", str(guanxi.home.folder), "flow", "list", "--json"])
        assert flow_id in [one["id"] for one in json.loads(shown.output) if one["state"] == "stuck"]
        assert admin.post(f"/api/flows/{flow_id}/retry").json["state"] == "running"
        assert mei.get(path)["customer_no"] is None

    flow = in_state(admin, flow_id, "completed")
    assert mei.get(path)["customer_no"] == flow["data"]["customer_no"]
    assert [step["outcome"] for step in flow["steps"]][:3] == ["stuck", "retried", "answered"]
    assert len(mei.get(f"/api/customers?name={word.replace(' ', '%20')}")["items"]) == 1
