"""The organisation as a tree: what stands below what, and something new at its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import untranslated
from tests.browser.people import Visitor
from tests.system import System

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_unit_is_put_below_another(visit: Visit, guanxi: System, word: str) -> None:
    page = visit("admin", language="zh").goes_to("/organisation")
    page.get_by_role("button", name="在“上海分公司”下新建机构").click()
    form = page.get_by_role("dialog")
    form.get_by_label("名称").fill(word)
    form.get_by_label("类别").click()
    page.get_by_title("部门", exact=True).click()
    form.get_by_role("button", name="保存").click()

    expect(
        page.get_by_role("listitem").filter(has_text="上海分公司").get_by_role("link", name=word).last
    ).to_be_visible()
    admin = guanxi.person("admin")
    unit = admin.get(f"/api/units?name={word.replace(' ', '+')}")["items"][0]
    assert admin.get(f"/api/units/{unit['parent_id']}")["name"] == "上海分公司"
    assert untranslated(page) == []


def test_whoever_may_not_see_the_organisation_is_told_so(visit: Visit) -> None:
    page = visit("mei").goes_to("/organisation")

    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()


@pytest.mark.parametrize(("look", "width"), [("light", 1280), ("dark", 390)])
def test_everybody_can_use_it(visit: Visit, look: str, width: int) -> None:
    visitor = visit("admin", look=look, width=width)
    page = visitor.goes_to("/organisation")
    expect(page.get_by_text("led by Eve Executive")).to_be_visible()

    assert visitor.violations() == []
    assert page.evaluate(WIDER) <= 0
