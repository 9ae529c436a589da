"""Opportunities from a file: with state and history, and what becomes of each when the import is taken back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from chassis.people import UserRegistered
from chassis.testing.stage import Client, Stage

COLUMNS = ("外部编号", "客户名称", "概要", "成功机率", "机会描述", "客户经理登录名", "state", "金额")
STATES = ("unassigned", "in-development", "won", "failed")


@pytest.fixture
def client(stage: Stage) -> Client:
    stage.hears(UserRegistered(user_id=7, login="mei", full_name="Mei", role="account-manager"))
    return stage.client()


def a_file() -> bytes:
    paper = io.StringIO()
    writer = csv.writer(paper)
    writer.writerow(COLUMNS)
    for state in STATES:
        writer.writerow([f"R-{state}", "Acme", "Pumps", 50, "Taken over", "mei", state, "4,821.5"])
    return paper.getvalue().encode()


def done(stage: Stage, client: Client, content: bytes, **fields: Any) -> Any:
    job = client.upload("/opportunities/imports", "deals.csv", content, expect=202, **fields)
    stage.imports()
    return client.get(f"/opportunities/imports/{job['id']}")


def test_taking_back_throws_away_what_nobody_develops_fails_what_somebody_does_and_leaves_what_is_closed(
    stage: Stage, client: Client
) -> None:
    job = done(stage, client, a_file())
    assert (job["state"], job["created"]) == ("done", 4)
    assert {one["amount"] for one in client.get("/opportunities")["items"]} == {"4821.50"}

    client.post(f"/opportunities/imports/{job['id']}/undo", expect=202)
    stage.imports()

    job = client.get(f"/opportunities/imports/{job['id']}")
    assert (job["state"], job["undone"], job["kept"]) == ("undone", 2, 2)
    left = {one["reference"]: one["status"] for one in client.get("/opportunities")["items"]}
    assert left == {"R-in-development": 4, "R-won": 3, "R-failed": 4}
    reasons = [one["reason"] for one in client.get(f"/opportunities/imports/{job['id']}/faults")["items"]]
    assert reasons == ["The opportunity is won or failed and can only be read"] * 2


def test_a_state_that_there_is_not_is_told(stage: Stage, client: Client) -> None:
    job = done(stage, client, a_file().replace(b",won,", b",sold,"))

    [fault] = client.get(f"/opportunities/imports/{job['id']}/faults")["items"]
    assert (job["state"], fault["row"], fault["column"]) == ("refused", 4, "state")
