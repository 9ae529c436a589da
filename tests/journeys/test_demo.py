"""The demo company is the same with PostgreSQL and RabbitMQ, and goes on living when they start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guanxi import registry
from guanxi.demo.command import databases_of
from guanxi.home import Home
from tests.infra.fixtures import Servers
from tests.infra.postgres import fresh_name
from tests.system import FullSystem, Person, wait_until
from tests.told import events_at, files_of, substance, told

pytestmark = [pytest.mark.first, pytest.mark.infra, pytest.mark.broker, pytest.mark.timeout(600)]
REPORTS = ("contribution?size=200", "service", "sales?by=status")
"""Those that a day's work of the services themselves, such as a look for losses, does not change."""


@pytest.fixture(scope="module")
def company(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullSystem]:
    """Told before anything was started; nobody has used the broker yet."""
    broker, vhost = servers.broker(), fresh_name("demo")
    url = broker.create_vhost(vhost)
    server = servers.database()
    system = FullSystem(tmp_path_factory.mktemp("full"), server.url, url, broker.management_url)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GUANXI_DATABASE_URL", server.url)
        environment.setenv("GUANXI_PREFIX", system.prefix)
        told(system.home, databases_of(system.home, full=True))
    yield system
    system.stop()
    broker.delete_vhost(vhost)


def figures(eve: Person, path: str) -> Any:
    """A report without the moment up to which it is complete."""
    return {name: value for name, value in eve.get(f"/api/reports/{path}").items() if name != "complete_up_to"}


def test_it_is_the_same_story_on_either_database(company: FullSystem, tmp_path: Path) -> None:
    home = Home(tmp_path, demo=True)
    told(home, files_of(home))

    for service, url in company.home.database_urls().items():
        assert substance(events_at(url)) == substance(events_at(home.sqlite_url(service)))


def test_what_was_told_is_published_and_changes_nothing_a_second_time(company: FullSystem) -> None:
    before = {name: len(substance(events_at(url))) for name, url in company.home.database_urls().items()}
    company.start()
    admin, eve = company.person("admin"), company.person("eve")
    shown = [figures(eve, report) for report in REPORTS]

    def published() -> bool:
        found = [admin.get(f"/api/bus/{name}/status") for name in registry.NAMES]
        return all((one["published_to"] or 0) >= one["head"] for one in found)

    wait_until(published, "all that was told to be published", within=60)
    mei = company.person("mei")
    number = mei.post("/api/customers", 201, name="After the story", region="华东", level=1).json["customer_no"]
    found = f"/api/audit?record_type=customer&record_id={number}"
    wait_until(lambda: admin.get(found)["total"], "what is said after it to arrive after it")

    for name in registry.NAMES:
        assert admin.get(f"/api/bus/{name}/parked")["items"] == []
    assert {name: len(substance(events_at(url))) for name, url in company.home.database_urls().items()} == before
    assert [figures(eve, report) for report in REPORTS] == shown
