"""Somebody before a browser."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
STEP_MS, MOMENT, MOST_SECONDS = 25, 4, 20.0
REFUSED = "Failed to load resource: the server responded with a status of"
"""What Chromium itself writes about every refusal; the client shows those to people."""


class Visitor:
    """A page, with everything that it wrote into its console and asked of the network."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.console: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        self.flying: set[Request] = set()
        page.on("request", self._ask)
        page.on("requestfinished", self._land)
        page.on("requestfailed", self._land)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSED):
            self.console.append(f"{message.type}: {message.text}")

    def _ask(self, request: Request) -> None:
        self.asked.append(request.url)
        self.flying.add(request)

    def _land(self, request: Request) -> None:
        self.flying.discard(request)

    def foreign(self) -> list[str]:
        return [url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))]

    def comes_as(self, login: str, password: str) -> None:
        """With a session, as the sign-in page would have opened it."""
        body = {"login": login, "password": password, "cookie": True}
        answer = self.page.request.post(
            f"{self.address}/api/session", data=body, headers={"Origin": self.address, "Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status == 201, answer.text()

    def goes_to(self, path: str) -> Page:
        self.page.goto(self.address + path)
        # on a busy machine nothing is asked for a while before anything is shown
        self.page.wait_for_selector("h1, h2", state="attached")
        self.waits()
        return self.page

    def waits(self) -> None:
        """Until nothing is on its way for a moment, and nothing stands in for what is to come."""
        quiet, deadline = 0, time.monotonic() + MOST_SECONDS
        while quiet < MOMENT:
            self.page.wait_for_timeout(STEP_MS)
            is_quiet = not self.flying and not self.page.locator(".ant-skeleton").count()
            quiet = quiet + 1 if is_quiet else 0
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.page.url} goes on loading: {[one.url for one in self.flying]}")

    def clicks(self, name: str, *, last: bool = False) -> None:
        """The first button of this name, or the last: dialogs stand behind what they cover."""
        found = self.page.get_by_role("button", name=name, exact=True)
        (found.last if last else found.first).click()

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it stands, against WCAG 2.2 AA."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", WCAG
        )
        return [
            f"{one['id']}: {node['target']} {node['failureSummary'][:200]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]
