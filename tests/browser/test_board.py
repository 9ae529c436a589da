"""The board: a deal moves by menu, by keyboard and by mouse; what is refused goes back and says why."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Visitor
from tests.system import System, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


@pytest.fixture
def deal(guanxi: System, word: str) -> int:
    opened = guanxi.person("sam").post(
        "/api/deals", expect=201, name=word, amount="0.00", expected_on="2027-03-31", customer_name=word
    )
    return int(opened.json["id"])


def stage_of(guanxi: System, deal: int) -> str:
    return str(guanxi.person("sam").get(f"/api/deals/{deal}")["stage"])


def test_a_deal_moves_by_its_menu(visit: Visit, guanxi: System, deal: int, word: str) -> None:
    visitor = visit("sam")
    page = visitor.goes_to(f"/deals?view=board&q={word.replace(' ', '+')}")
    visitor.clicks(f"Move {word}")
    page.get_by_role("menuitem", name="Move to Needs analysis").click()

    expect(page.get_by_role("region", name="Needs analysis").get_by_text(word).first).to_be_visible()
    wait_until(lambda: stage_of(guanxi, deal) == "needs-analysis", "the move")


def test_a_deal_moves_by_keyboard_alone(visit: Visit, guanxi: System, deal: int, word: str) -> None:
    page = visit("sam").goes_to(f"/deals?view=board&q={word.replace(' ', '+')}")
    page.get_by_role("group", name=word).focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)

    expect(page.get_by_role("region", name="Needs analysis").get_by_role("group", name=word)).to_be_visible()
    wait_until(lambda: stage_of(guanxi, deal) == "needs-analysis", "the move")


def test_a_deal_worth_nothing_is_not_won_and_goes_back(visit: Visit, guanxi: System, deal: int, word: str) -> None:
    visitor = visit("sam", language="zh")
    page = visitor.goes_to(f"/deals?view=board&q={word.replace(' ', '+')}")
    visitor.clicks(f"移动“{word}”")
    refused = page.get_by_role("menuitem", name="移到“成交”")
    expect(refused).to_contain_text("成交金额必须大于零")
    refused.click()
    expect(page.get_by_role("dialog", name="为什么不能移到“成交”？")).to_contain_text("请先填写大于零的金额")
    visitor.clicks("关闭")
    expect(page.get_by_role("region", name="资质审查").get_by_role("group", name=word)).to_be_visible()
    assert stage_of(guanxi, deal) == "qualification"


def test_a_lost_deal_asks_for_its_reason(visit: Visit, guanxi: System, deal: int, word: str) -> None:
    visitor = visit("sam")
    page = visitor.goes_to(f"/deals?view=board&q={word.replace(' ', '+')}")
    visitor.clicks(f"Move {word}")
    page.get_by_role("menuitem", name="Move to Lost lead").click()
    page.get_by_role("dialog", name="Lose").get_by_label("Reason").fill("No budget")
    visitor.clicks("Lose")

    wait_until(lambda: stage_of(guanxi, deal) == "lost-lead", "the loss")


def test_a_card_is_shown_beside_the_board_and_the_next_one_after_it(
    visit: Visit, guanxi: System, deal: int, word: str
) -> None:
    other = {"name": f"{word} again", "amount": "1.00", "expected_on": "2027-03-31", "customer_name": word}
    guanxi.person("sam").post("/api/deals", expect=201, **other)
    visitor = visit("sam")
    page = visitor.goes_to(f"/deals?view=board&q={word.replace(' ', '+')}")
    visitor.clicks(f"Move {word}")
    page.get_by_role("menuitem", name="Preview").click()
    peek = page.get_by_role("complementary", name="Deal")
    expect(peek.get_by_role("heading", name=word, exact=True)).to_be_visible()

    peek.get_by_role("button", name=re.compile("Next|Previous"), disabled=False).click()
    expect(peek.get_by_role("heading", name=f"{word} again")).to_be_visible()
    assert visitor.violations() == []
