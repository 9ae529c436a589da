"""``guanxi bus flow`` and ``guanxi bus schedule`` on the data folder of an installation."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from chassis import flowing
from chassis.database import Database
from chassis.dialect import clock
from chassis.flowing import FlowNotFound
from chassis.schedule import Releaser
from chassis.tables import flow, scheduled_message
from chassis.testing.stage import Stage, prepare, some_settings
from guanxi.bus import bus
from guanxi.home import Home
from marketing.flows import WIN
from marketing.opportunity.model import Opportunity
from marketing.reactions import CustomerOpened
from marketing.service import service as marketing

HINT = {"customer_name": "Acme", "title": "Pumps", "success_rate": 50, "description": "."}
Command = Callable[..., Result]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Marketing, in an installation where the other services are still empty."""
    for name, url in Home(tmp_path, demo=False).database_urls().items():
        database = Database(url)
        prepare(marketing, database, some_settings(name, url))  # the tables of the bus are the same everywhere
        database.close()
    url = Home(tmp_path, demo=False).sqlite_url("marketing")
    database = Database(url)
    yield Stage(marketing, database, some_settings("marketing", url))
    database.close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("SUDO_USER", "olga")
    monkeypatch.setenv("COLUMNS", "240")

    def run(*words: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(bus, ["--data", str(tmp_path), *words])
        assert result.exit_code == expect, result.output + repr(result.exception)
        return result

    return run


@pytest.fixture
def won(stage: Stage) -> list[str]:
    """Three won opportunities: the first is linked, the second is stuck, the third has just been won."""
    with stage.doing() as tx:
        numbers = [win(tx) for _ in range(2)]
    stage.hears(CustomerOpened(customer_no="KH1", opportunity_id=numbers[0]))
    with stage.database.connection() as connection:
        past = clock(connection) - timedelta(seconds=1)
        connection.execute(sa.update(scheduled_message).values(next_attempt_at=past))
    Releaser(stage.database, "marketing", marketing.all_timers()).run_due()
    with stage.doing() as tx:
        numbers.append(win(tx))
    stage.said()
    return [f"win:{number}" for number in numbers]


def win(tx: Any) -> int:
    opportunity = tx.add(Opportunity.begin(HINT, by_id=7, by_name="Mei", at=tx.now))
    tx.publish(opportunity.created())
    tx.publish(opportunity.assign(to_id=7, to_name="Mei", reason="", at=tx.now))
    tx.publish(opportunity.win(at=tx.now))
    flowing.start(tx, WIN, opportunity.id)
    number: int = opportunity.id
    return number


def states(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        return list(session.scalars(sa.select(flow.c.state).order_by(flow.c.id)))


def test_the_list_shows_what_is_not_over(run: Command, won: list[str]) -> None:
    linked, stuck, running = won

    found = json.loads(run("flow", "list", "--json").output)

    assert {one["id"]: one["state"] for one in found} == {stuck: "stuck", running: "running"}
    assert found[0]["waiting_for"] == "customer.customer.opened or customer.customer.matched"
    assert "3 of 3" in run("flow", "list", "--all").output
    assert linked not in run("flow", "list", "--state", "stuck").output


def test_one_flow_is_shown_with_its_story(run: Command, won: list[str]) -> None:
    told = run("flow", "show", won[1]).output

    assert f"{won[1]}, stuck in step customer" in told
    assert "No answer by" in told
    whole = json.loads(run("flow", "show", won[0], "--json").output)
    assert (whole["state"], whole["data"]) == ("completed", {"customer_no": "KH1"})
    assert [step["outcome"] for step in whole["steps"]] == ["answered"]


def test_a_stuck_flow_is_tried_again_by_name(run: Command, stage: Stage, won: list[str]) -> None:
    assert run("flow", "retry", won[1]).output == f"{won[1]}: running\n"

    [(kind, _)] = stage.said()
    assert kind == "crm.marketing.opportunity.link-requested"
    whole = json.loads(run("flow", "show", won[1], "--json").output)
    assert [step["outcome"] for step in whole["steps"]] == ["stuck", "retried"]
    assert whole["steps"][-1]["by_name"] == "olga"


def test_all_that_are_stuck_are_tried_again(run: Command, stage: Stage, won: list[str]) -> None:
    assert run("flow", "retry", "--stuck").output == f"{won[1]}: running\n"
    assert states(stage) == ["completed", "running", "running"]
    run("flow", "retry", expect=2)


def test_what_is_refused_is_said_and_the_others_go_on(run: Command, won: list[str]) -> None:
    result = run("flow", "retry", won[0], won[1], won[2], expect=1)

    assert f"{won[1]}: running" in result.output
    assert f"{won[0]}: The flow is completed or cancelled and can only be read" in result.output
    assert f"{won[2]}: The flow waits for an answer and its deadline has not passed" in result.output


def test_a_flow_is_cancelled_with_a_reason(run: Command, stage: Stage, won: list[str]) -> None:
    run("flow", "cancel", won[1], expect=2)

    run("flow", "cancel", won[1], "--reason", "a test opportunity")

    assert states(stage) == ["completed", "cancelled", "running"]
    assert "a test opportunity" in run("flow", "list", "--state", "cancelled").output


def test_a_flow_that_does_not_exist_is_said_to_be_unknown(run: Command, won: list[str]) -> None:
    assert "There is no such flow" in run("flow", "retry", "win:4711", "dance:1", expect=1).output
    assert isinstance(run("flow", "show", "win:4711", expect=1).exception, FlowNotFound)


def test_scheduled_messages_are_listed_and_taken_back(run: Command, won: list[str]) -> None:
    key = f"flow:{won[2]}:customer:1"
    assert key in run("schedule", "list").output
    assert key not in run("schedule", "list", "--failing").output

    assert run("schedule", "cancel", "marketing", key).output == f"{key}: cancelled\n"

    assert key not in run("schedule", "list").output
    run("schedule", "cancel", "marketing", f"flow:{won[1]}:customer:1", expect=1)
    run("schedule", "cancel", "marketing", "nothing", expect=1)


def test_whoever_operates_has_a_name_without_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.access import who

    for name in ("SUDO_USER", "USER"):
        monkeypatch.delenv(name, raising=False)
    assert who() == f"uid {os.getuid()}"
