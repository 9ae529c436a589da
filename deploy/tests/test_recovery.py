"""``guanxi bus reconcile``, ``replay``, ``rebuild`` and ``restore-fence`` on the data folder of an installation."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from chassis.database import Database
from chassis.effects import request_effect
from chassis.log import DatabaseLog
from chassis.principal import Principal
from chassis.tables import event_log, inbox
from chassis.transaction import transaction
from customer.customer.commands import open_customer
from guanxi import recovery
from guanxi.bus import bus
from guanxi.embedded import Embedded
from guanxi.home import Home
from reporting.facts.customer import customer_fact
from reporting.log import report_log
from tests.system import wait_until

MEI = Principal(user_id=3, name="Mei", kind="user", scope="all")
Command = Callable[..., Result]


@contextmanager
def running(folder: Path) -> Iterator[Embedded]:
    system = Embedded(Home(folder, demo=True))
    system.start()
    yield system
    system.stop()


def open_customers(system: Embedded, *names: str) -> None:
    for name in names:
        with transaction(system.databases["customer"], "customer", principal=MEI) as tx:
            fields = {"name": name, "region": "North", "level": 1, "satisfaction": None, "credit": None}
            open_customer(tx, fields)


def until_heard(system: Embedded, customers: int) -> None:
    def known() -> int:
        with system.databases["reporting"].reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(customer_fact)) or 0

    wait_until(lambda: known() == customers, "the reports to know the customers")
    wait_until(lambda: all(one.joiner is None or one.joiner.is_done for one in system.workers.values()), "all to join")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with two customers that everybody has heard of."""
    folder = tmp_path_factory.mktemp("installed")
    with running(folder) as system:
        mei = wait_until(lambda: person(system, "mei"), "the customer service to know Mei")
        assert mei == MEI.user_id
        open_customers(system, "Acme", "Bolt")
        until_heard(system, 2)
        wait_until(lambda: reconciled(folder), "everybody to have heard everything")
    reconciled(folder, "--repair")  # what a job said when all was stopped
    return folder


def person(system: Embedded, login: str) -> int | None:
    with system.databases["customer"].reading() as session:
        return session.execute(sa.text("SELECT user_id FROM person WHERE login = :login"), {"login": login}).scalar()


def reconciled(folder: Path, *how: str) -> bool:
    return CliRunner().invoke(bus, ["--data", str(folder), "reconcile", *how]).exit_code == 0


@pytest.fixture
def folder(installed: Path, tmp_path: Path) -> Path:
    shutil.copytree(installed, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("COLUMNS", "240")

    def run(*words: str, expect: int = 0) -> Result:
        result = CliRunner().invoke(bus, ["--data", str(folder), *words])
        assert result.exit_code == expect, result.output + repr(result.exception)
        return result

    return run


@contextmanager
def database_of(folder: Path, service: str) -> Iterator[Database]:
    database = Database(Home(folder, demo=True).sqlite_url(service))
    yield database
    database.close()


def forget_newest(folder: Path, service: str) -> None:
    """As if the newest customer event had never come."""
    with database_of(folder, service) as database, database.connection() as connection:
        newest = (
            sa.select(inbox.c.event_id).where(inbox.c.source == "customer").order_by(inbox.c.position.desc()).limit(1)
        )
        connection.execute(sa.delete(inbox).where(inbox.c.event_id.in_(newest)))
        connection.execute(sa.text("DELETE FROM inbox_stream WHERE source = 'customer'"))


# Reconcile


def test_nothing_missing_is_told_and_ends_well(run: Command) -> None:
    assert "0 missing, 0 extra" in run("reconcile", "--all").output


def test_what_is_missing_is_told_by_service_as_json_and_repaired(run: Command, folder: Path) -> None:
    forget_newest(folder, "service-desk")

    told = json.loads(run("reconcile", "service-desk", "--json", expect=1).output)
    assert (told["missing"], told["extra"]) == (1, 0)
    (customer,) = [one for one in told["sources"] if one["source"] == "customer"]
    assert (customer["consumer"], customer["missing"], len(customer["ids"])) == ("service-desk", 1, 1)
    run("reconcile", "--all", expect=1)

    assert "0 missing, 0 extra" in run("reconcile", "--all", "--repair").output
    run("reconcile", "--all")


# Replay


def test_a_replay_says_what_was_news(run: Command, folder: Path) -> None:
    forget_newest(folder, "service-desk")

    first = run("replay", "--consumer", "service-desk.events", "--source", "customer", "--from", "0")
    again = run("replay", "--consumer", "service-desk", "--source", "customer", "--from", "0", "--to", "99")

    assert first.output == "2 events of customer: 1 were news, 1 known\n"
    assert again.output == "2 events of customer: 0 were news, 2 known\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--consumer", "nobody", "--from", "0"], "nobody is called nobody"),
        (["--consumer", "reporting", "--from", "0"], "say --source"),
        (["--consumer", "reporting", "--source", "customer", "--from", "-1"], "-1 is not in the range"),
    ],
)
def test_a_replay_of_nothing_is_refused(run: Command, words: list[str], complaint: str) -> None:
    assert complaint in run("replay", *words, expect=2).output


def test_a_service_that_hears_nothing_has_nothing_to_replay(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "consumers", lambda *_: nullcontext({}))

    assert "identity hears nothing" in run("replay", "--consumer", "identity", "--from", "0", expect=2).output


# Rebuild


def test_digest_live_is_digest_rebuilt(run: Command) -> None:
    told = run("rebuild", "--all", "--verify-only").output

    assert "digest live = digest rebuilt; left as they are" in told
    assert "customer up to 2" in told


def test_a_difference_is_told_and_replaced(run: Command, folder: Path) -> None:
    with database_of(folder, "reporting") as database, database.connection() as connection:
        connection.execute(sa.update(customer_fact).values(name="?"))

    verified = run("rebuild", "--all", "--verify-only", expect=1).output
    assert "0 only live, 0 only rebuilt, 2 otherwise" in verified
    assert "1 tables differ; left as they are" in verified
    assert "1 tables differ; replaced" in run("rebuild", "customer_fact").output

    found = json.loads(run("rebuild", "--all", "--verify-only", "--json").output)
    assert (found["equal"], found["is_replaced"], found["tables"]["customer_fact"]["otherwise"]) == (True, False, 0)


def test_the_logs_of_the_sources_tell_what_ours_has_lost(run: Command, folder: Path) -> None:
    with database_of(folder, "reporting") as database, database.connection() as connection:
        connection.execute(sa.delete(report_log).where(report_log.c.source == "customer"))

    assert "2 heard and not in reporting's own log" in run("rebuild", "--all", "--from-sources").output
    assert "digest live = digest rebuilt" in run("rebuild", "--all", "--verify-only").output


@pytest.mark.parametrize("words", [[], ["nothing"], ["--all", "customer_fact"], ["customer_fact", "--from-sources"]])
def test_which_reports_has_to_be_said(run: Command, words: list[str]) -> None:
    assert "customer_fact, person_fact" in run("rebuild", *words, expect=2).output


def test_a_rebuild_that_was_killed_leaves_no_trace(run: Command, folder: Path) -> None:
    command = [sys.executable, "-m", "guanxi", "bus", "--data", str(folder), "rebuild", "--all"]
    for failpoint in ("rebuild.after_page:kill:1", "rebuild.before_commit:kill:1"):
        killed = subprocess.run(command, env={**os.environ, "GUANXI_FAILPOINT": failpoint}, check=False, timeout=120)
        assert killed.returncode == -signal.SIGKILL

        assert "digest live = digest rebuilt" in run("rebuild", "--all", "--verify-only").output
        with database_of(folder, "reporting") as database:
            assert [one for one in sa.inspect(database.engine).get_table_names() if one.startswith("rebuild_")] == []


# Effects outside


def test_what_has_not_happened_outside_is_shown_and_settled(run: Command, folder: Path) -> None:
    with database_of(folder, "customer") as database, transaction(database, "customer") as tx:
        request_effect(tx, "bell", "k1", {}, subject="door")
        request_effect(tx, "bell", "k2", {}, subject="door")

    (first, second) = json.loads(run("effect", "list", "--json").output)
    assert (first["service"], first["idempotency_key"], first["state"]) == ("customer", "k1", "pending")
    run("effect", "settle", "customer", "k1", "--as", "done", "--reason", "I was there")
    assert "k1" not in run("effect", "list").output
    assert "I was there" in run("effect", "list", "--state", "succeeded").output
    assert second["idempotency_key"] in run("effect", "list").output
    assert "EffectSettled" in repr(
        run("effect", "settle", "customer", "k1", "--as", "not-done", "--reason", ".", expect=1)
    )


# A service that comes back from a backup


def test_the_customer_service_comes_back_from_an_older_backup(run: Command, folder: Path, tmp_path: Path) -> None:
    """Fault 38, with files: what is said on used positions is heard, what was lost is told, and reports come right."""
    shutil.copyfile(folder / "customer.db", tmp_path / "backup.db")
    with running(folder) as system:
        open_customers(system, "Lost", "Gone")
        until_heard(system, 4)
    shutil.copyfile(tmp_path / "backup.db", folder / "customer.db")

    assert run("restore-fence", "customer").output == "customer begins epoch 2 behind position 2; start it now\n"
    with running(folder) as system:
        open_customers(system, "New", "Newer", "Newest")
        until_heard(system, 7)
        wait_until(
            lambda: '"missing": 0' in CliRunner().invoke(bus, ["--data", str(folder), "reconcile", "--json"]).output,
            "all",
        )

    told = json.loads(run("reconcile", "--json", expect=1).output)
    extra = {one["consumer"]: one["extra"] for one in told["sources"] if one["source"] == "customer"}
    assert told["missing"] == 0
    assert extra == {"customer": 0, "identity": 2, "marketing": 2, "reporting": 2, "service-desk": 2}
    assert "2 heard and lost by its source" in run("rebuild", "--all", "--from-sources").output
    with database_of(folder, "reporting") as database, database.reading() as session:
        assert sorted(session.scalars(sa.select(customer_fact.c.name))) == ["Acme", "Bolt", "New", "Newer", "Newest"]
    run("reconcile", "--accept-extra")
    run("reconcile", "--all")


def test_numbers_that_may_have_been_given_are_left_out(run: Command, folder: Path) -> None:
    run("restore-fence", "customer", "--skip-numbers", "500")

    with running(folder) as system:
        open_customers(system, "New")
        log = DatabaseLog(system.databases["customer"]).read(2, 1)
    with database_of(folder, "customer") as database, database.reading() as session:
        keys = session.scalars(sa.select(event_log.c.aggregate_id).order_by(event_log.c.id)).all()
    assert len(log) == 1
    assert int(keys[2][-6:]) - int(keys[1][-6:]) == 501


def test_a_running_installation_is_not_fenced(run: Command, folder: Path) -> None:
    Home(folder, demo=True).lock()

    result = run("restore-fence", "customer", expect=1)

    assert "is in use" in str(result.exception)
