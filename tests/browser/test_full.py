"""The client before PostgreSQL and RabbitMQ, a process per service: a change, and a service that is down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import system
from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.infra.fixtures import Servers
from tests.infra.postgres import fresh_name
from tests.system import FullSystem

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.infra, pytest.mark.broker]
Visit = Callable[..., Visitor]
DOWN = "service-desk"
SILENT = "A part of the system does not answer"


@pytest.fixture(scope="module")
def guanxi(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullSystem]:
    """In place of the embedded one that all other files share."""
    broker, vhost = servers.broker(), fresh_name("browser")
    url = broker.create_vhost(vhost)
    with system.full(tmp_path_factory.mktemp("full"), servers.database(), url, broker.management_url) as running:
        yield running
    broker.delete_vhost(vhost)


@pytest.fixture
def desk_down(guanxi: FullSystem) -> Iterator[Callable[[], None]]:
    """The service desk answers nobody; called, it is started again."""
    title = f"{DOWN} web"
    keeper = guanxi.supervised.processes[title]
    keeper.ask_to_stop()
    keeper.wait(10)
    started: list[bool] = []

    def start() -> None:
        if not started:
            started.append(True)
            guanxi.supervised.launch(title, "serve", guanxi.supervised.environment(DOWN), DOWN)
            port = guanxi.supervised.ports[DOWN]
            system.wait_until(lambda: system.is_ready(f"http://127.0.0.1:{port}/readyz"), "the desk")

    yield start
    start()


def heading(page: Page, name: str) -> Any:
    return page.get_by_role("heading", name=name)


def test_sign_in_change_a_customer_and_see_it_arrive(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit()
    page = visitor.goes_to("/sign-in")
    page.get_by_role("button", name="mei").click()
    visitor.clicks("Sign in")
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_placeholder("Search this list").fill(customer["name"])
    expect(page).to_have_url(re.compile("q=Acme"))
    page.get_by_role("button", name=customer["name"]).click()
    page.get_by_role("link", name="Open", exact=True).click()
    page.get_by_text("010-1111").first.hover()
    visitor.clicks("Edit Phone")
    page.get_by_label("Phone", exact=True).fill("021-2222")
    visitor.clicks("Save")

    expect(page.get_by_role("status").get_by_text("Applied everywhere")).to_be_visible(timeout=15_000)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("listitem").filter(has_text="021-2222").first).to_contain_text("010-1111")


def test_reports_count_what_the_bus_has_brought(visit: Visit, customer: dict[str, Any]) -> None:
    page = visit("eve").goes_to("/reports/composition?by=region")

    expect(page.get_by_role("row").filter(has_text=customer["region"]).first).to_be_visible()
    assert untranslated(page) == []


def test_with_one_service_down_its_part_says_so_and_the_rest_works(visit: Visit, desk_down: Callable[[], None]) -> None:
    visitor, chinese = visit("mei"), visit("mei", language="zh")
    page = visitor.goes_to("/")
    requests = page.get_by_role("region", name="Requests to handle")
    expect(requests.get_by_role("heading", name=SILENT)).to_be_visible()
    expect(page.get_by_role("region").filter(has=page.get_by_role("heading", name="My open deals"))).to_be_visible()

    page.get_by_role("link", name="Customers", exact=True).click()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("link", name="Service requests", exact=True).click()
    expect(heading(page, SILENT)).to_be_visible()
    expect(page.get_by_role("navigation", name="Menu")).to_be_visible()
    assert visitor.violations() == []
    expect(chinese.goes_to("/requests").get_by_role("heading", name="系统的一部分暂时没有响应")).to_be_visible()

    desk_down()
    visitor.clicks("Try again")

    expect(heading(page, SILENT)).to_have_count(0)
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text("Service requests")
