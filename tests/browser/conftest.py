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
from playwright.sync_api import Browser, Page, sync_playwright

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


@pytest.fixture
def visit(browser: Browser, guanxi: System) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser of its own for somebody; at the end its console is empty and no request has left the origin."""
    visitors: list[Visitor] = []

    def open_browser(login: str = "", *, language: str = "en", look: Any = "light", width: int = 1280) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            timezone_id="Asia/Shanghai",
            color_scheme=look,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        visitors.append(Visitor(context.new_page(), guanxi.address))
        if login:
            visitors[-1].comes_as(login, DEMO_PASSWORD)
        return visitors[-1]

    yield open_browser
    for visitor in visitors:
        visitor.page.context.close()
    assert [said for visitor in visitors for said in visitor.console] == []
    assert [url for visitor in visitors for url in visitor.foreign()] == []


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
