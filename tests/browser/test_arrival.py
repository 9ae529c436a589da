"""After a command: the client says when every service has applied it, and which one has not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from chassis.worker import LOOK_SECONDS
from tests.browser.people import Visitor
from tests.system import System

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


@pytest.fixture
def paused(guanxi: System) -> Iterator[Callable[[], None]]:
    """Reporting applies nothing, until the test lets it go on."""
    admin = guanxi.person("admin")
    admin.post("/api/bus/reporting/pause", reason="the reports move")
    time.sleep(2 * LOOK_SECONDS)
    resumed: list[Any] = []

    def resume() -> None:
        if not resumed:
            resumed.append(admin.post("/api/bus/reporting/resume", reason="moved"))

    yield resume
    resume()


def change_the_phone(visitor: Visitor, customer: dict[str, Any], phone: str) -> None:
    page = visitor.goes_to(f"/customers/{customer['customer_no']}")
    page.get_by_text(customer["phone"], exact=True).hover()
    visitor.clicks("Edit Phone")
    page.get_by_label("Phone", exact=True).fill(phone)
    visitor.clicks("Save")


def test_a_change_is_applied_everywhere(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("mei")

    change_the_phone(visitor, customer, "021-1")

    expect(visitor.page.get_by_role("status").get_by_text("Applied everywhere")).to_be_visible()


def test_a_service_that_lags_is_named_until_it_has_caught_up(
    visit: Visit, customer: dict[str, Any], paused: Callable[[], None]
) -> None:
    visitor = visit("mei")
    change_the_phone(visitor, customer, "021-2")
    page = visitor.page

    chip = page.get_by_role("button", name="Being applied…")
    expect(chip).to_be_visible()
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="Reporting")).to_contain_text("waits")
    expect(page.get_by_role("listitem").filter(has_text="Marketing")).to_contain_text("applied")
    assert visitor.violations() == []

    paused()

    expect(page.get_by_role("status").get_by_text("Applied everywhere")).to_be_visible(timeout=15_000)
