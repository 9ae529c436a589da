"""Management reports: produced when a month is over, kept as they were, submitted once."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.erasure import ErasureBegun
from chassis.jobs import Scheduler
from chassis.log import Head
from chassis.principal import Principal
from chassis.pull import note_complete
from chassis.sweeping import Sweeper
from chassis.testing.stage import Client, Stage
from reporting.log import LISTENS
from reporting.management_report.commands import produce_report
from reporting.months import before, first_moment, month_of
from reporting.rebuild import rebuild
from reporting.service import service
from services.reporting.tests.test_funnel import created, won
from services.reporting.tests.test_selling import order

SUE = Principal(user_id=2, name="Sue", role="supervisor", kind="user", scope="all")
EVE = Principal(user_id=4, name="Eve", role="executive", kind="user", scope="all")
MARCH, APRIL = datetime(2026, 3, 15, tzinfo=UTC), datetime(2026, 4, 2, 9, tzinfo=UTC)


@pytest.fixture
def sue(stage: Stage) -> Client:
    return stage.client(SUE, "management-report:read", "management-report:submit")


@pytest.fixture
def eve(stage: Stage) -> Client:
    return stage.client(EVE, "management-report:read")


def everything_is_heard(stage: Stage) -> None:
    """As reconciling notes it: up to now, all that the sources said was applied."""
    assert stage.consumer
    for source in LISTENS:
        note_complete(stage.consumer, source, Head(10_000, 1))


def produced(stage: Stage, at: datetime = APRIL) -> str:
    everything_is_heard(stage)
    with stage.doing(at=at) as tx:
        return produce_report(tx)


def figures(report: dict[str, Any], section: str) -> dict[str, str]:
    return {one["figure"]: one["value"] for one in report["items"] if one["section"] == section}


def test_a_month_that_is_over_has_its_report(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", MARCH, 5000), created(1), created(2), won(1, at=MARCH), at=MARCH)

    assert produced(stage) == "2026-03 was produced"

    [listed] = eve.get("/management-reports")["items"]
    assert (listed["month"], listed["status"], listed["as_of"]) == ("2026-03", "produced", "2026-04-01T00:00:00Z")
    report = eve.get("/management-reports/2026-03")
    assert figures(report, "revenue") == {"orders": "1", "credit_notes": "0", "ordered": "50.00"}
    assert figures(report, "performance")["won"] == "1"
    assert figures(report, "customers")["active"] == "0"  # the customer is not known
    [(kind, said)] = stage.said()
    assert (kind, said["month"], said["figures"]) == (
        "crm.reporting.management-report.produced", "2026-03", len(report["items"]),
    )  # fmt: skip


def test_it_is_produced_once(stage: Stage, eve: Client) -> None:
    assert produced(stage) == "2026-03 was produced"
    assert produced(stage, APRIL + timedelta(days=9)) == "2026-03 is there"

    assert eve.get("/management-reports")["total"] == 1


def test_it_waits_until_everything_was_heard(stage: Stage, eve: Client) -> None:
    with stage.doing(at=APRIL) as tx:
        assert produce_report(tx) == "2026-03 is not complete"

    assert eve.get("/management-reports")["total"] == 0


def test_what_comes_later_does_not_change_it(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", MARCH, 5000), at=MARCH)
    stage.hears(order(2, "K1", MARCH, 7000), at=APRIL)  # of March, and recorded in April

    produced(stage)
    stage.hears(order(3, "K1", MARCH, 9000))

    assert figures(eve.get("/management-reports/2026-03"), "revenue")["ordered"] == "50.00"


def test_the_worker_produces_it_by_itself(stage: Stage, eve: Client) -> None:
    everything_is_heard(stage)

    assert Scheduler(stage.database, "reporting", list(service.jobs)).run_due() == 1

    last = before(month_of(datetime.now(UTC)))
    assert [one["month"] for one in eve.get("/management-reports")["items"]] == [last]
    assert eve.get(f"/management-reports/{last}")["as_of"][:10] == f"{first_moment(before(last, -1)):%Y-%m-%d}"


def test_a_supervisor_submits_it_once(stage: Stage, sue: Client, eve: Client) -> None:
    produced(stage)
    stage.said()
    report = sue.get("/management-reports/2026-03")
    assert [(one["action"], one["allowed"]) for one in report["actions"]] == [("submit", True)]

    submitted = sue.call("POST", "/management-reports/2026-03/submission", expect=200, headers={"If-Match": sue.etag})

    assert (submitted["status"], submitted["submitted_by_name"], submitted["version"]) == ("submitted", "Sue", 2)
    [(kind, said)] = stage.said()
    assert (kind, said["submitted_by_id"]) == ("crm.reporting.management-report.submitted", 2)
    again = sue.call("POST", "/management-reports/2026-03/submission", expect=409, headers={"If-Match": '"2"'})
    assert again["type"] == "/problems/report-submitted"
    assert eve.get("/management-reports?status=submitted")["total"] == 1


def test_submitting_needs_a_version_the_right_and_a_report(stage: Stage, sue: Client, eve: Client) -> None:
    produced(stage)
    path = "/management-reports/2026-03/submission"

    sue.call("POST", path, expect=428)
    sue.call("POST", path, expect=412, headers={"If-Match": '"7"'})
    eve.call("POST", path, expect=403, headers={"If-Match": '"1"'})
    sue.call("POST", "/management-reports/2026-02/submission", expect=404, headers={"If-Match": '"1"'})


def test_a_repeated_submission_with_its_key_is_answered_as_before(stage: Stage, sue: Client) -> None:
    produced(stage)
    headers = {"If-Match": '"1"', "Idempotency-Key": "k1"}

    first, second = (
        sue.call("POST", "/management-reports/2026-03/submission", expect=200, headers=headers) for _ in range(2)
    )

    assert first == second


def test_only_whoever_sees_the_whole_firm_sees_it(stage: Stage) -> None:
    produced(stage)
    mei = stage.client(
        Principal(user_id=7, name="Mei", kind="user", scope="subtree", team=frozenset({0})),
        "management-report:read", "management-report:submit",
    )  # fmt: skip

    mei.get("/management-reports/2026-03", expect=404)
    mei.call("POST", "/management-reports/2026-03/submission", expect=404, headers={"If-Match": '"1"'})
    own = stage.client(Principal(user_id=7, name="Mei", kind="user", scope="own"), "management-report:read")
    assert own.get("/management-reports")["total"] == 0
    stage.client(EVE, "report:growth").get("/management-reports", expect=403)


def test_it_is_a_file_too(stage: Stage, eve: Client) -> None:
    stage.hears(order(1, "K1", MARCH, 5000), at=MARCH)
    produced(stage)

    raw = eve.client.get("/management-reports/2026-03/export?lang=zh").get_data()

    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert {"部分": "revenue", "指标": "ordered", "币种": "CNY", "值": "50.00"}.items() <= next(
        row for row in rows if row["指标"] == "ordered"
    ).items()


def test_who_submitted_it_can_be_erased_and_the_figures_stay(stage: Stage, sue: Client) -> None:
    produced(stage)
    sue.call("POST", "/management-reports/2026-03/submission", expect=200, headers={"If-Match": '"1"'})
    before_ = sue.get("/management-reports/2026-03")

    stage.hears(ErasureBegun(erasure_id=1, subjects=("user/2",), with_texts=False))
    assert Sweeper(stage.database, service).run_due() == 1

    after = sue.get("/management-reports/2026-03")
    assert (after["submitted_by_name"], after["items"]) == ("", before_["items"])


def test_a_rebuild_leaves_it_alone(stage: Stage, eve: Client) -> None:
    produced(stage)
    rebuild(stage.database, verify_only=False)

    assert eve.get("/management-reports")["total"] == 1
