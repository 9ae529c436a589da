"""The demo company: told by commands, the same for the same seed, once, and with something to show everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from chassis.events import Envelope
from chassis.routes import Route
from chassis.settings import HalfSet
from chassis.transaction import transaction
from customer.customer.commands import open_customer
from guanxi import registry
from guanxi.cli import commands
from guanxi.demo import cast, names
from guanxi.demo.plot import SMALL
from guanxi.demo.telling import AlreadyInUse, NobodyThere, Outcome, ToldOtherwise, Wish, read_mark
from guanxi.embedded import Embedded
from guanxi.home import DEMO_PASSWORD, Home, InUse
from tests.system import wait_until
from tests.told import UNTIL, WISH, CutShort, events_at, files_of, substance, told

LOGINS = ("admin", "sue", "mei", "eve", "max", "sam", "jun", "cleo")
NOTHING_THERE = {
    "/bus/": "nothing is parked and no operator has done anything in a sound company",
    "/imports": "files are brought in by people",
    "/webhooks": "a demo tells nobody outside",
    "/erasures": "nobody has asked to be forgotten",
    "/flows": "whoever was waited for has come; the list shows what runs",
    "/numbering": "rules of numbers are the product's until somebody writes others",
    "/attachments": "files are brought in by people",
    "/management-reports": "one tells what was recorded when a month was over; a demo is recorded today",
}
"""Lists that a demo leaves empty, and why."""


def told_in(folder: Path, wish: Wish = WISH, **how: Any) -> Outcome:
    home = Home(folder, demo=True)
    return told(home, files_of(home), wish, **how)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Told once; whoever changes it makes another."""
    folder = tmp_path_factory.mktemp("company")
    told_in(folder)
    return folder


def events_of(folder: Path, service: str) -> list[Envelope]:
    return events_at(Home(folder, demo=True).sqlite_url(service))


def close(system: Embedded) -> None:
    """Nothing was started that would have to be stopped."""
    for database in system.databases.values():
        database.close()


class Visitor:
    """Looks through the gateway, as each of the demo accounts."""

    def __init__(self, folder: Path) -> None:
        self.system = Embedded(Home(folder, demo=True))
        self.client = Client(self.system.app)
        self.tokens = {login: self._sign_in(login) for login in LOGINS}
        self.rights = {login: set(self.get(login, "/me")["rights"]) for login in LOGINS}

    def _sign_in(self, login: str) -> str:
        answer = self.client.post("/api/session", json={"login": login, "password": DEMO_PASSWORD})
        token: str = answer.get_json()["token"]
        return token

    def get(self, login: str, path: str) -> Any:
        answer = self.client.get(f"/api{path}", headers={"Authorization": f"Bearer {self.tokens[login]}"})
        assert answer.status_code == 200, f"{login} {path}: {answer.get_data(as_text=True)[:300]}"
        return answer.get_json()

    def whoever_may(self, right: str) -> list[str]:
        return [login for login in LOGINS if not right or right in self.rights[login]]

    def see(self, route: Route) -> int:
        """How many rows a list has, for the one who sees the most of it."""
        return max(self._rows(login, route.path) for login in self.whoever_may(route.needs))

    def _rows(self, login: str, path: str) -> int:
        above, mark, below = path.partition("/<")
        if not mark:
            return len(self.get(login, f"{path}?size=5")["items"])
        name, _, rest = below.rpartition(":")[2].partition(">")
        parents = self.get(login, f"{above}?size=200&total=false")["items"]
        keys = [one.get(name, one.get("id")) for one in parents]
        return next((found for key in keys if (found := self._rows(login, f"{above}/{key}{rest}"))), 0)


@pytest.fixture(scope="module")
def visitor(company: Path) -> Iterator[Visitor]:
    visiting = Visitor(company)
    yield visiting
    close(visiting.system)


LISTS = [
    route
    for service in registry.load_all().values()
    for route in service.routes
    if route.lists is not None and not any(part in route.path for part in NOTHING_THERE)
]


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.path)
def test_every_list_has_something_to_show(visitor: Visitor, route: Route) -> None:
    assert visitor.see(route) > 0


def test_no_list_is_left_out_without_need() -> None:
    left_out = {route.path for service in registry.load_all().values() for route in service.routes if route.lists}

    assert all(any(part in path for path in left_out) or part == "/attachments" for part in NOTHING_THERE)


def test_every_report_has_a_figure(visitor: Visitor) -> None:
    contribution = visitor.get("eve", "/reports/contribution?size=200")["items"]
    assert sum(float(one["amount"]) for one in contribution) > 0
    assert {visitor.get("eve", f"/reports/contribution?year={year}")["total"] > 0 for year in (2025, 2026)} == {True}
    for by in ("level", "credit", "satisfaction"):
        assert sum(one["customers"] for one in visitor.get("eve", f"/reports/composition?by={by}")["items"]) > 0
    served = visitor.get("eve", "/reports/service")["items"]
    assert sum(one["archived"] for one in served) > 0
    counts = visitor.get("eve", "/reports/loss")["counts"]
    assert all(value > 0 for name, value in counts.items() if name != "drill")
    sold = visitor.get("eve", "/reports/sales?by=status")["items"]
    assert {one["status"] for one in sold} >= {2, 3, 4}


def test_no_report_of_the_directory_is_empty(visitor: Visitor) -> None:
    reports = visitor.get("eve", "/reports")["items"]
    empty = [one["address"] for one in reports if not some_figure(visitor.get("eve", asked(one)))]

    assert len(reports) > 10
    assert empty == []


def asked(report: dict[str, Any]) -> str:
    """Its address, with the last year where it wants a period."""
    period = {"from": f"{UNTIL - timedelta(days=360):%Y-%m}", "to": f"{UNTIL:%Y-%m}"}
    wanted = [f"{name}={value}" for name, value in period.items() if name in report["filters"]]
    return "?".join(filter(None, [report["address"].removeprefix("/api"), "&".join(wanted)]))


def some_figure(shown: Any) -> bool:
    """Somewhere in what a report shows; pages, keys and months are none."""
    if isinstance(shown, dict):
        return any(some_figure(part) for name, part in shown.items() if name not in NO_FIGURES and name[-3:] != "_id")
    if isinstance(shown, list):
        return any(map(some_figure, shown))
    return not isinstance(shown, bool) and bool(re.fullmatch(r"\d+(\.\d+)?", str(shown))) and float(shown) > 0


NO_FIGURES = {
    "id",
    "page",
    "size",
    "level",
    "year",
    "month",
    "as_of",
    "complete_up_to",
    "drill",
    "next_cursor",
    "from",
    "to",
}


def test_the_funnel_and_the_forecast_have_figures(visitor: Visitor) -> None:
    assert len({one["stage"] for one in visitor.get("sue", "/deals/board")["items"]}) > 4
    month = visitor.get("sue", f"/forecast?month={UNTIL:%Y-%m}")["totals"]
    assert float(month["target"]) > 0
    assert float(month["stated"]) > 0


def test_time_in_a_stage_is_days_not_moments(company: Path) -> None:
    moved = [
        msgspec.json.decode(one.data) for one in events_of(company, "marketing") if one.type.endswith("stage-changed")
    ]

    assert moved
    assert min(one["left_after_seconds"] for one in moved) > 3600


def test_everything_happened_within_two_years_and_was_recorded_now(company: Path) -> None:
    begins = UNTIL - timedelta(days=731)

    for service in ("marketing", "customer", "service-desk"):
        events = [one for one in events_of(company, service) if one.authname != "system"]
        assert all(begins < one.time <= UNTIL for one in events)
        assert all(one.recordedtime > datetime.now(UTC) - timedelta(hours=1) for one in events)
        assert len({(one.time.year, one.time.month) for one in events}) >= 18


def test_reminders_and_escalations_were_given_in_their_time(company: Path) -> None:
    said = Counter(one.type for service in registry.NAMES for one in events_of(company, service))

    reminders = ("marketing.lead.contact-due", "marketing.task.due", "service-desk.visit.due",
                 "marketing.opportunity.idle", "customer.loss.alerted", "service-desk.request.overdue")  # fmt: skip
    assert {name: said[f"crm.{name}"] > 0 for name in reminders} == dict.fromkeys(reminders, True)


def test_nothing_is_parked_and_no_flow_waits(visitor: Visitor) -> None:
    for service in registry.NAMES:
        assert visitor.get("admin", f"/bus/{service}/parked")["items"] == []
    assert visitor.get("admin", "/flows?state=running")["items"] == []
    assert visitor.get("admin", "/flows?state=stuck")["items"] == []


def test_the_company_has_its_people_in_units_below_superiors(visitor: Visitor) -> None:
    people = visitor.get("admin", "/users?size=200")["items"]

    assert len(people) == len(cast.PEOPLE) + len(LOGINS)
    by_login = {one["login"]: one for one in people}
    assert by_login["zhu.tao"]["manager_id"] == by_login["zhou.wei"]["id"]
    assert all(one["unit_id"] for one in people)


def killed_while_telling(folder: Path, *, after: datetime) -> None:
    """SIGKILL in the middle of a chapter: some services have told their part of it, others have not."""
    words = ["demo", "--data", str(folder), "--small", "--until", f"{UNTIL:%Y-%m-%dT%H:%M}"]
    process = subprocess.Popen([sys.executable, "-m", "guanxi", *words], stdout=subprocess.DEVNULL)
    home = Home(folder, demo=True)
    try:
        wait_until(lambda: read_mark(home).get("heard_until", "") > after.isoformat(), "half of it", within=240)
    finally:
        process.kill()
        process.wait(30)


def test_told_again_after_it_was_killed_it_is_the_same_story(company: Path, tmp_path: Path) -> None:
    killed_while_telling(tmp_path, after=UNTIL - timedelta(days=300))
    assert not read_mark(Home(tmp_path, demo=True))["is_told"]

    assert told_in(tmp_path).told > 0

    for service in registry.NAMES:
        assert substance(events_of(tmp_path, service)) == substance(events_of(company, service))


def test_told_twice_it_is_told_once(company: Path) -> None:
    before = len(events_of(company, "customer"))

    assert told_in(company, Wish(seed=7, until=UNTIL + timedelta(days=1), is_small=True)).told == 0

    assert len(events_of(company, "customer")) == before


def test_another_story_cannot_be_told_on_top(company: Path) -> None:
    with pytest.raises(ToldOtherwise):
        told_in(company, Wish(seed=8, until=UNTIL, is_small=True))


@pytest.fixture
def in_use(tmp_path: Path) -> Path:
    """A company with a customer of its own."""
    system = Embedded(Home(tmp_path, demo=True))
    with transaction(system.databases["customer"], "customer") as tx:
        open_customer(tx, {"name": "Acme", "region": "North", "level": 1, "satisfaction": None, "credit": None})
    close(system)
    return tmp_path


def test_a_company_that_has_data_is_left_alone(in_use: Path) -> None:
    with pytest.raises(AlreadyInUse) as refused:
        told_in(in_use)

    assert "customer has 1 rows in cst_customer" in refused.value.detail
    assert not (in_use / "demo.json").exists()


def test_unless_it_is_said_that_both_are_meant_to_be_mixed(in_use: Path) -> None:
    with pytest.raises(CutShort):
        told_in(in_use, although_in_use=True, stops_after=1)

    assert [one for one in events_of(in_use, "customer") if one.time <= UNTIL]


def test_a_company_without_the_people_of_the_demo_cannot_be_told_of(tmp_path: Path) -> None:
    home = Home(tmp_path, demo=False)

    with pytest.raises(NobodyThere):
        told(home, files_of(home))


def test_the_command_says_what_it_did(company: Path) -> None:
    done = CliRunner().invoke(commands, ["demo", "--data", str(company), "--small", "--until", "2026-11-20"])

    assert done.exit_code == 0
    assert "was told already" in " ".join(done.output.split())


def test_nothing_is_told_while_somebody_serves(tmp_path: Path) -> None:
    Home(tmp_path, demo=True).lock()

    done = CliRunner().invoke(commands, ["demo", "--data", str(tmp_path), "--small"])

    assert isinstance(done.exception, InUse)


def test_the_databases_of_the_full_mode_have_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUANXI_DATABASE_URL", raising=False)

    done = CliRunner().invoke(commands, ["demo", "--data", str(tmp_path), "--full"])

    assert isinstance(done.exception, HalfSet)


def test_whoever_signs_in_has_been_told_of_things(visitor: Visitor) -> None:
    assert {login: visitor.get(login, "/notifications")["unread"] > 0 for login in ("sue", "mei")} == {
        "sue": True,
        "mei": True,
    }


def test_companies_have_names_of_their_own() -> None:
    made = [names.company(number)[0] for number in range(6000)]

    assert len(set(made)) == len(made)


def test_a_small_company_has_some_of_everything() -> None:
    assert min(vars(SMALL).values()) >= 6
