"""What a first visit to the customers costs, and how soon their list answers: a browser before a running Guanxi.

``python -m tests.bench.web_lists ADDRESS`` measures; ``--fill 100000`` makes so many customers first. The Guanxi is one
with demo accounts, as ``make up`` starts it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from guanxi.home import DEMO_PASSWORD
from tests.browser.conftest import ARGUMENTS, find_chromium
from tests.browser.people import Visitor
from tests.system import Person

LOGIN = "sue"
REGIONS = ("北京", "华北", "中南", "东北", "西部", "华东", "华南", "华中")
WORDS = "华东南北盛隆鑫恒永康博宏泰新中联嘉安天和"
AT_ONCE = 1000
SORTS = ("name", "-name", "customer_no", "-customer_no", "opened_at")
TIMES = len(SORTS)
SETTLED = """() => document.querySelector(".scroll")?.getAttribute("aria-busy") === "false"
    && document.querySelector("table.rows tbody tr") !== null"""


def fill(address: str, count: int) -> None:
    """So many customers more, none like another."""
    sue, chance = Person(address, LOGIN), random.Random(count)
    for first in range(0, count, AT_ONCE):
        rows = [
            {
                "reference": f"LIST-{number}",
                "name": f"{''.join(chance.sample(WORDS, 3))}贸易{number}有限公司",
                "region": chance.choice(REGIONS),
                "level": chance.randint(1, 5),
            }
            for number in range(first, min(first + AT_ONCE, count))
        ]
        sue.post("/api/customers/bulk", rows=rows, on_error="skip", mode="create-or-update")


def visitor(browser: Browser, address: str, locale: str) -> tuple[BrowserContext, Page]:
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    Visitor(page, address).comes_as(LOGIN, DEMO_PASSWORD)
    return context, page


def first_visit(browser: Browser, address: str, locale: str) -> None:
    """Bytes on the wire with headers: files and answers, until the list is there and a while after."""
    context, page = visitor(browser, address, locale)
    wire, urls, sizes = context.new_cdp_session(page), dict[str, str](), dict[str, int]()
    wire.send("Network.enable")
    wire.on("Network.requestWillBeSent", lambda said: urls.update({said["requestId"]: said["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda said: sizes.update({said["requestId"]: said["encodedDataLength"]}))

    def told() -> str:
        files = sum(size for key, size in sizes.items() if "/api/" not in urls.get(key, ""))
        return f"{files / 1000:.0f} kB of files, {sum(sizes.values()) / 1000:.0f} kB with answers"

    page.goto(f"{address}/customers?saved=all")
    page.wait_for_function(SETTLED)
    shown = told()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(4000)
    print(f"first visit, {locale}: {shown}; when idle {told()}")
    context.close()


def timed(page: Page, what: str, act: Callable[[int], object]) -> None:
    """From the click to the rows, each time another page, order or filter."""
    took = []
    for turn in range(TIMES):
        began = time.perf_counter()
        with page.expect_response(lambda answer: "/api/customers?" in answer.url):
            act(turn)
        page.wait_for_function(SETTLED)
        took.append((time.perf_counter() - began) * 1000)
    print(f"{what}: median {statistics.median(took):.0f} ms, most {max(took):.0f} ms")


def answers(browser: Browser, address: str) -> None:
    context, page = visitor(browser, address, "en-GB")
    page.goto(f"{address}/customers?saved=all")
    page.wait_for_function(SETTLED)
    print(f"{page.locator('h1').inner_text()}; load {os.getloadavg()[0]:.1f}")
    search = page.get_by_role("searchbox")
    go = "url => { history.pushState({}, '', url); dispatchEvent(new PopStateEvent('popstate')) }"
    timed(page, "next page", lambda _: page.get_by_role("button", name="Next page").click())
    timed(page, "sort", lambda turn: page.evaluate(go, f"/customers?saved=all&sort={SORTS[turn]}"))
    timed(page, "filter", lambda turn: page.evaluate(go, f"/customers?saved=all&level={turn + 1}&region=华东"))
    timed(page, "search, with its pause of 300 ms", lambda turn: search.fill(WORDS[turn * 2 : turn * 2 + 1]))
    context.close()


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("address")
    reading.add_argument("--fill", type=int, default=0)
    asked = reading.parse_args()
    if asked.fill:
        fill(asked.address, asked.fill)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        for locale in ("en-GB", "zh-CN"):
            first_visit(browser, asked.address, locale)
        answers(browser, asked.address)
        browser.close()


if __name__ == "__main__":
    main()
