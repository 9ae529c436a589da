"""Every screen of every role: it opens, speaks the reader's language, fits a phone, and can be used by everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import cut_off, untranslated
from tests.browser.people import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
SORRY = "Something went wrong"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


LOOKS = {"en": "light", "zh": "dark"}
MENUS = {"en": "Menu", "zh": "菜单"}
SEEN: set[tuple[str, str]] = set()
"""Screens whose accessibility was looked at: several roles open the same."""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("login", ["admin", "sue", "mei", "max", "cleo", "eve"])
def test_everything_in_the_menu_opens(visit: Visit, login: str, language: str) -> None:
    visitor = visit(login, language=language, look=LOOKS[language])
    page = visitor.goes_to("/")
    menu = page.get_by_role("navigation", name=MENUS[language]).get_by_role("link")
    assert menu.count() > 3
    wrong: dict[str, list[str]] = {}
    for at in range(menu.count()):
        menu.nth(at).click()
        visitor.waits()
        screen = page.url.removeprefix(visitor.address)
        found = untranslated(page) + cut_off(page) + [SORRY] * page.get_by_text(SORRY).count()
        if (screen, language) not in SEEN:
            SEEN.add((screen, language))
            found += visitor.violations()
        if found:
            wrong[screen] = found
    assert wrong == {}


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, customer: dict[str, Any], look: str) -> None:
    visitor = visit("sue", look=look)
    number = customer["customer_no"]
    screens = [
        "/",
        "/customers",
        f"/customers?level=3&peek={number}",
        f"/customers/{number}",
        f"/customers/{number}?tab=history",
        "/deals?view=board",
        "/opportunities?q=nothing+like+this",
        "/reports/sales-funnel?past=1",
        "/reports/composition/drill?figure=customers",
        "/dashboard",
        "/forecast",
        "/password",
        "/no/such/page",
    ]
    found = {}
    for path in screens:
        visitor.goes_to(path)
        found[path] = visitor.violations()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_at_the_door_nor_in_forms(visit: Visit, look: str) -> None:
    stranger, mei = visit(look=look), visit("mei", look=look)
    stranger.goes_to("/sign-in")
    mei.goes_to("/customers")
    mei.clicks("New customer")
    mei.page.get_by_role("dialog").get_by_label("Region").wait_for()

    assert stranger.violations() == []
    assert mei.violations() == []


def test_a_phone_shows_all_of_it_without_scrolling_sideways(visit: Visit, customer: dict[str, Any]) -> None:
    visitor = visit("mei", width=390)
    for path in (
        "/",
        "/customers",
        f"/customers/{customer['customer_no']}",
        f"/customers?peek={customer['customer_no']}",
    ):
        page = visitor.goes_to(path)
        assert page.evaluate(WIDER) <= 0, path

    page = visitor.goes_to("/")
    visitor.clicks("Menu")
    page.get_by_role("link", name="Contacts", exact=True).click()

    expect(page.get_by_role("heading", level=1, name="Contacts")).to_be_visible()
    expect(page.get_by_role("navigation", name="Menu")).to_be_hidden()
