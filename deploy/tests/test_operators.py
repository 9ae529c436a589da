"""``guanxi bus``: parked events listed, shown, mended and let go, consumers paused, and who did what."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from chassis import flowing
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.operating import PausedAlready
from chassis.pausing import ConsumerPaused
from chassis.principal import Principal
from chassis.pull import Puller
from chassis.redrive import Redriver
from chassis.tables import parked_event
from chassis.testing.stage import Stage, prepare, some_settings
from chassis.transaction import transaction
from guanxi import registry
from guanxi.bus import bus
from guanxi.home import Home
from marketing.flows import WIN
from marketing.opportunity.model import Opportunity
from service_desk.reactions import CustomerEdited, CustomerOpened

Command = Callable[..., Result]
DESK = "service-desk"
MEI = Principal(user_id=7, name="Mei", kind="user")
HINT = {"customer_name": "Acme", "title": "Pumps", "success_rate": 50, "description": "."}


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[dict[str, Database]]:
    """The databases of an installation, with tables and seeds."""
    found = {name: Database(url) for name, url in Home(tmp_path, demo=False).database_urls().items()}
    for name, database in found.items():
        service, settings = registry.load(name), some_settings(name, str(database.url))
        if name == "identity":  # its first accounts are of no use here
            prepare_without_seeds(name, database)
        else:
            prepare(service, database, settings)
    yield found
    for database in found.values():
        database.close()


def prepare_without_seeds(name: str, database: Database) -> None:
    registry.load(name).metadata.create_all(database.engine)


@pytest.fixture
def run(tmp_path: Path, databases: dict[str, Database], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("SUDO_USER", "olga")
    monkeypatch.setenv("COLUMNS", "240")

    def run(*words: str, expect: int = 0, given: str | None = None) -> Result:
        result = CliRunner().invoke(bus, ["--data", str(tmp_path), *words], input=given)
        assert result.exit_code == expect, result.output + repr(result.exception)
        return result

    return run


@pytest.fixture
def desk(databases: dict[str, Database]) -> Stage:
    """A service desk that heard of three customers, two of them in a way it cannot read."""
    service = registry.load(DESK)
    stage = Stage(service, databases[DESK], some_settings(DESK, ""))
    good = CustomerOpened(customer_no="KH1", name="Acme", status=1, manager_id=7)
    stage.hears(good)
    for number in ("KH2", "KH3"):
        wire = stage.says(CustomerOpened(customer_no=number, name="Acme", status=1))
        stage.takes(wire.replace(b'"status":1', b'"status":"new"'))
        stage.hears(CustomerEdited(customer_no=number, name="Acme Ltd", status=1))
    return stage


def listed(run: Command, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("parked", *words, "--json").output)
    return found


def poisons(run: Command) -> list[str]:
    return [one["event_id"] for one in listed(run, DESK, "--parked-as", "failed")]


def work(desk: Stage) -> int:
    """The worker's part."""
    assert desk.consumer
    return Redriver(desk.consumer).run_due()


def states(desk: Stage) -> list[tuple[str, str]]:
    with desk.database.reading() as session:
        rows = session.execute(sa.select(parked_event.c.aggregate_id, parked_event.c.state).order_by("first_at"))
        return [(row.aggregate_id, row.state) for row in rows]


# Looking


def test_parked_events_are_listed_by_service_and_filters(run: Command, desk: Stage) -> None:
    assert len(listed(run)) == len(listed(run, DESK)) == 4
    assert listed(run, "customer") == []

    def found(*words: str) -> int:
        return len(listed(run, DESK, *words))

    assert [found("--parked-as", "failed"), found("--type", "edited"), found("--state", "dead")] == [2, 2, 0]
    assert [found("--aggregate", "customer/KH2"), found("--source", "customer"), found("--source", "x")] == [2, 4, 0]
    assert [found("--older-than", "1h"), found("--newer-than", "1h"), found("--limit", "1")] == [0, 4, 1]
    run("parked", DESK, "--older-than", "yesterday", expect=2)
    text = run("parked", DESK).output
    assert "customer/KH2 v1" in text
    assert "4 of 4" in text


def test_causes_are_shown_by_group(run: Command, desk: Stage) -> None:
    groups = listed(run, DESK, "--groups", "--parked-as", "failed")

    assert [(one["number"], one["aggregates"], one["error_class"]) for one in groups] == [(2, 2, "ValidationError")]
    assert len(listed(run, DESK, "--fingerprint", groups[0]["fingerprint"])) == 2
    assert groups[0]["fingerprint"] in run("parked", "--groups").output


def test_the_status_says_who_goes_on_and_who_does_not(run: Command, desk: Stage) -> None:
    run("pause", DESK, "--reason", "lunch")

    found = json.loads(run("status", "--json").output)

    assert found[DESK]["parked"] == {"waiting behind": 2, "waiting failed": 2}
    assert found[DESK]["does"].startswith("paused by olga since ")
    assert found["customer"]["does"] == "goes on"
    assert "paused by olga" in run("status").output


def test_an_event_is_shown_with_its_body_and_story(run: Command, desk: Stage) -> None:
    shown = json.loads(run("show", poisons(run)[0]).output)

    parked = shown[DESK]["parked"]
    assert parked["body"]["data"]["status"] == "new"
    assert [one["error_class"] for one in parked["failures"]] == ["ValidationError"]
    assert shown[DESK]["heard"]["state"] == "parked"
    assert "story" not in shown  # nobody here has said it
    run("show", str(uuid.uuid4()), expect=1)


def test_a_story_goes_through_all_services(run: Command, databases: dict[str, Database]) -> None:
    with transaction(databases["marketing"], "marketing", principal=MEI) as tx:
        won = tx.add(Opportunity.begin(HINT, by_id=7, by_name="Mei", at=tx.now))
        tx.publish(won.created())
        tx.publish(won.assign(to_id=7, to_name="Mei", reason="", at=tx.now))
        tx.publish(won.win(at=tx.now))
        flowing.start(tx, WIN, won.id)
    logs = {name: DatabaseLog(database) for name, database in databases.items()}
    for listener, source in (("customer", "marketing"), ("marketing", "customer"), ("reporting", "marketing")):
        consumer = registry.load(listener).consumer(databases[listener], logs)
        assert consumer
        Puller(consumer).pull(source)

    with databases["customer"].reading() as session:
        opened = session.execute(sa.text("SELECT event_id FROM event_log WHERE event_type LIKE '%.opened'")).scalar()
    story = json.loads(run("show", str(uuid.UUID(opened))).output)["story"]

    assert [line.split(" by ")[0].rpartition("/")[0] for line in story] == [
        "crm.marketing.opportunity.won opportunity",
        "  crm.customer.customer.opened customer",
        "    crm.marketing.opportunity.linked opportunity",
    ]
    assert "heard by: customer.events done" in story[0]


# Acting


def test_one_event_is_tried_again_at_once_and_several_only_after_a_dry_run(run: Command, desk: Stage) -> None:
    first, second = poisons(run)

    trial = run("redrive", DESK, first, second, "--reason", "mended").output
    assert "2 events of 2 aggregates would be tried again" in trial
    assert "add --no-dry-run" in trial
    assert run("audit", "--json").output.strip() == "[]"

    assert "1 events of 1 aggregates are tried again" in run("redrive", DESK, first).output
    done = run("redrive", DESK, "--parked-as", "failed", "--no-dry-run", "--reason", "mended").output
    assert "2 events of 2 aggregates are tried again" in done
    audit = json.loads(run("audit", DESK, "--json").output)
    assert [(one["action"], one["by_name"]) for one in audit] == [("redrive", "olga")] * 3


def test_who_names_what_is_not_parked_is_told_by_the_exit_code(run: Command, desk: Stage) -> None:
    run("redrive", DESK, str(uuid.uuid4()), expect=1)
    run("discard", DESK, str(uuid.uuid4()), "--reason", "x", expect=1)
    run("redrive", DESK, expect=1)


def test_hundreds_are_dealt_with_in_several_commits(run: Command, desk: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.parked.MOST_AT_ONCE", 1)

    done = run("discard", DESK, "--parked-as", "failed,behind", "--no-dry-run", "--reason", "test data").output

    assert "4 events of 4 aggregates are discarded" in done
    assert set(states(desk)) == {("KH2", "discarded"), ("KH3", "discarded")}


def test_an_event_is_discarded_with_a_reason(run: Command, desk: Stage) -> None:
    first, _ = poisons(run)
    run("discard", DESK, first, expect=2)

    run("discard", DESK, first, "--reason", "opened twice")

    assert work(desk) == 1
    assert [one["note"] for one in listed(run, DESK, "--state", "discarded")] == ["opened twice"]
    assert first not in run("parked", DESK).output


def test_an_event_is_mended_and_goes(run: Command, desk: Stage) -> None:
    first, second = poisons(run)

    edited = run("edit", DESK, first, "--set", "status=1", "--set", 'name="Acme & Co"', "--reason", "a number").output
    assert json.loads(edited) == {"customer_no": "KH2", "name": "Acme & Co", "status": 1, "manager_id": None}
    data = json.dumps({"customer_no": "KH3", "name": "Third", "status": 1})
    run("edit", DESK, second, "--data", "-", "--reason", "a number", given=data)
    run("redrive", DESK, first, second, "--no-dry-run")

    assert work(desk) == 4
    audit = json.loads(run("audit", "--action", "edit", "--event", first, "--json").output)
    assert [(one["before"]["status"], one["after"]["status"], one["reason"]) for one in audit] == [
        ("new", 1, "a number")
    ]


@pytest.mark.parametrize("words", [(), ("--set", "status=one"), ("--data", "-"), ("--data", "-", "--set", "status=1")])
def test_an_edit_that_makes_no_sense_is_refused(run: Command, desk: Stage, words: tuple[str, ...]) -> None:
    run("edit", DESK, poisons(run)[0], "--reason", "x", *words, expect=2, given="[1]")

    assert states(desk) == [("KH2", "waiting"), ("KH2", "waiting"), ("KH3", "waiting"), ("KH3", "waiting")]


def test_parked_events_are_exported_line_by_line(run: Command, desk: Stage, tmp_path: Path) -> None:
    desk.takes(b"\xff not an event")
    lines = [json.loads(line) for line in run("export", DESK).output.splitlines()]

    assert [(one["reason"], one["aggregate_id"]) for one in lines] == [
        ("failed", "KH2"), ("behind", "KH2"), ("failed", "KH3"), ("behind", "KH3"), ("unparseable", "")
    ]  # fmt: skip
    assert lines[0]["body"]["data"]["name"] == "Acme"
    assert (lines[4]["body"], lines[4]["raw"]) == (None, "/yBub3QgYW4gZXZlbnQ=")
    file = tmp_path / "parked.ndjson"
    run("export", DESK, "--parked-as", "failed", "--output", str(file))
    assert len(file.read_text().splitlines()) == 2


def test_a_long_export_is_read_page_by_page(run: Command, desk: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.inspecting.PAGE", 2)

    lines = [json.loads(line)["event_id"] for line in run("export", DESK).output.splitlines()]

    assert len(set(lines)) == len(lines) == 4


# Pausing


def test_a_consumer_is_paused_and_resumed(run: Command, desk: Stage) -> None:
    run("pause", DESK, expect=2)
    assert f"{DESK}: paused by olga since " in run("pause", DESK, "--reason", "the desk moves").output
    assert isinstance(run("pause", DESK, "--reason", "x", expect=1).exception, PausedAlready)
    assert desk.consumer
    desk.consumer.pausing.look()
    with pytest.raises(ConsumerPaused):
        desk.hears(CustomerOpened(customer_no="KH9", name="Nine", status=1))

    run("resume", DESK, "--reason", "moved")

    desk.consumer.pausing.look()
    desk.hears(CustomerOpened(customer_no="KH9", name="Nine", status=1))
    assert [one["action"] for one in json.loads(run("audit", "--by", "olga", "--json").output)] == ["resume", "pause"]
    assert "the desk moves" in run("audit").output
    run("pause", "identity", "--reason", "it hears nobody", expect=2)
