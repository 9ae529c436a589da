"""Imports that are interrupted, and imports at the same time: each row has its effect once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.importing import undoing
from chassis.importing import worker as at_work
from chassis.testing.stage import Client, Stage
from services.customer.tests.tables import counts, customers, done, send, work_until_done


@pytest.fixture
def stage(each_stage: Stage) -> Stage:
    """The same stories on both databases."""
    return each_stage


def test_a_part_that_fails_is_tried_again_and_doubles_nothing(
    stage: Stage, sue: Client, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = Counter[str]()

    def fail_second(name: str) -> None:
        passes[name] += 1
        if passes[name] == 2:
            raise RuntimeError("the power went out")

    monkeypatch.setattr(at_work, "failpoint", fail_second)

    job = done(stage, sue, customers(25), on_error="skip")

    assert counts(job) == ("done", 25, 0, 0, 0)
    assert sue.get("/customers")["total"] == 25
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.opened"] == 25
    assert passes["importing.before_commit"] == 4


def test_what_fails_for_ever_ends_with_a_reason(stage: Stage, sue: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(at_work, "failpoint", fail)
    monkeypatch.setattr(at_work, "RETRY_AFTER", (at_work.RETRY_AFTER[0],) * 3)

    job = done(stage, sue, customers(3), on_error="skip")

    assert job["state"] == "failed"
    assert job["reason"] == "It failed again and again: RuntimeError"
    assert sue.get("/customers")["total"] == 0


def test_two_imports_at_once_and_two_workers_keep_each_row_once(stage: Stage, sue: Client, small_parts: None) -> None:
    mine, same = send(sue, customers(60), on_error="skip"), send(sue, customers(60), on_error="skip")
    other = send(sue, customers(40, first=100), on_error="skip")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: work_until_done(stage), range(3)))

    jobs = [sue.get(f"/customers/imports/{job['id']}") for job in (mine, same, other)]
    assert [job["state"] for job in jobs] == ["done", "done", "done"]
    assert jobs[0]["created"] + jobs[1]["created"] == 60
    assert jobs[0]["unchanged"] + jobs[1]["unchanged"] == 60
    assert jobs[2]["created"] == 40
    assert sue.get("/customers?size=1")["total"] == 100
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.opened"] == 100


ONE_WORKER = """
import sys
from chassis.database import Database
from chassis.importing import parts, worker
from customer.service import service

worker.MOST_ROWS = parts.MOST_ROWS = 10
worker.Importer(Database(sys.argv[1]), "customer", service.imports).run_due()
"""


def kill_a_worker_at(stage: Stage, place: int) -> int:
    """A process that works on imports until it is killed just before its commit of this number."""
    environment = {**os.environ, "GUANXI_FAILPOINT": f"importing.before_commit:kill:{place}"}
    url = stage.database.url.render_as_string(hide_password=False)
    return subprocess.run([sys.executable, "-c", ONE_WORKER, url], env=environment, check=False).returncode


def test_a_worker_that_is_killed_is_followed_by_another_that_goes_on_and_doubles_nothing(
    stage: Stage, sue: Client, small_parts: None
) -> None:
    job = send(sue, customers(45), on_error="skip")

    assert kill_a_worker_at(stage, 3) == -signal.SIGKILL
    half = sue.get(f"/customers/imports/{job['id']}")
    assert (half["state"], half["rows_done"], half["created"]) == ("importing", 20, 20)
    assert sue.get("/customers?size=1")["total"] == 20
    assert kill_a_worker_at(stage, 2) == -signal.SIGKILL
    stage.imports()

    assert counts(sue.get(f"/customers/imports/{job['id']}")) == ("done", 45, 0, 0, 0)
    assert sue.get("/customers?size=1")["total"] == 45
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.opened"] == 45


def test_an_undo_that_is_killed_is_gone_on_with(
    stage: Stage, sue: Client, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "AT_ONCE", 10)
    job = done(stage, sue, customers(25), on_error="skip")
    sue.post(f"/customers/imports/{job['id']}/undo", expect=202)

    assert kill_a_worker_at(stage, 1) == -signal.SIGKILL
    stage.imports()

    after = sue.get(f"/customers/imports/{job['id']}")
    assert (after["state"], after["undone"]) == ("undone", 25)
    assert Counter(kind for kind, _ in stage.said())["crm.customer.customer.deleted"] == 25
