"""A real Chromium before the real system: what it shows, what it asks for, and what its console says."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from guanxi.home import DEMO_PASSWORD
from tests import system
from tests.browser.people import Visitor
from tests.infra.need import install
from tests.system import System

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
BUILD = "import sys; sys.path.insert(0, 'deploy'); import bootstrap as b; b.install_client('dev'); b.build_client()"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The machine's browser, installed first where we may; never skipped in silence."""
    if not find_chromium():
        install(["chromium", "fonts-noto-cjk"])
    found = find_chromium()
    if not found:
        pytest.fail("The browser tests need Chromium and a Chinese font: apt install chromium fonts-noto-cjk")
    return found


def find_chromium() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def client() -> None:
    """The web client as it stands in the tree."""
    subprocess.run([sys.executable, "-c", BUILD], check=True)


@pytest.fixture(scope="session")
def browser(chromium: str, client: None) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def guanxi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with system.embedded(tmp_path_factory.mktemp("browser")) as running:
        yield running


class Profiles:
    """Browsers of nobody, kept with their caches: to read the whole client anew costs more than most tests."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.free: dict[tuple[str, Any, int], list[BrowserContext]] = {}

    def take(self, language: str, look: Any, width: int) -> BrowserContext:
        if kept := self.free.get((language, look, width)):
            return kept.pop()
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            timezone_id="Asia/Shanghai",
            color_scheme=look,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        return context

    def give_back(self, context: BrowserContext, language: str, look: Any, width: int) -> None:
        """As if nobody had been here."""
        context.set_offline(False)
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
            if page.url.startswith("http"):
                page.evaluate("localStorage.clear(); sessionStorage.clear()")
            page.close()
        context.clear_cookies()
        self.free.setdefault((language, look, width), []).append(context)


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Profiles:
    return Profiles(browser)


@pytest.fixture
def visit(profiles: Profiles, guanxi: System) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser of its own for somebody; at the end its console is empty and no request has left the origin."""
    visitors: list[tuple[Visitor, tuple[str, Any, int]]] = []

    def open_browser(login: str = "", *, language: str = "en", look: Any = "light", width: int = 1280) -> Visitor:
        context = profiles.take(language, look, width)
        visitor = Visitor(context.new_page(), guanxi.address)
        visitors.append((visitor, (language, look, width)))
        if login:
            visitor.comes_as(login, DEMO_PASSWORD)
        return visitor

    yield open_browser
    for visitor, kind in visitors:
        profiles.give_back(visitor.page.context, *kind)
    assert [said for visitor, _ in visitors for said in visitor.console] == []
    assert [url for visitor, _ in visitors for url in visitor.foreign()] == []


@pytest.fixture
def word() -> str:
    """A name that no other test uses: the system is shared."""
    return f"Acme {secrets.token_hex(4)}"


@pytest.fixture
def customer(guanxi: System, word: str) -> dict[str, Any]:
    """A customer that mei looks after."""
    mei = guanxi.person("mei")
    known = {"region": "北京", "level": 3, "phone": "010-1111", "although_known": True}
    return dict(mei.post("/api/customers", expect=201, name=word, **known).json)


def untranslated(page: Page) -> list[str]:
    """Keys of the catalogue that stand on the page as such."""
    # types of events, which the audit log shows, begin with a service
    return re.findall(
        r"(?<![.\w])(?:nouns|list|record|fields|actions|codes|events|today|board|shell|form|reports|dashboard"
        r"|forecast|targets|management)\.[a-z]\w*",
        page.inner_text("body"),
    )


CUT_OFF = """() => [...document.querySelectorAll("h1, h2, h3, button, label, th, dt, nav a, [role=tab]")]
  .filter((one) => one.offsetParent && !one.title && !one.closest("[title]"))
  .filter((one) => getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.innerText.trim())
  .filter(Boolean)"""


def cut_off(page: Page) -> list[str]:
    """Titles, buttons and labels that end before their text does, and do not tell the rest."""
    return list(page.evaluate(CUT_OFF))
