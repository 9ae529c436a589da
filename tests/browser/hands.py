"""Somebody without a mouse: Tab, arrows, Enter, and what is typed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

NAME_OF_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "";
  const by = (at.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
  const said = at.getAttribute("aria-label")
    || by.map((id) => document.getElementById(id)?.innerText || "").join(" ")
    || at.labels?.[0]?.innerText || at.innerText || at.title || "";
  return said.replace(/\\s+/g, " ").replace(/ \\*$/, "").trim();
}"""
CHOICE = ".ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option-active"
PALETTE = "Search or go to"


class Hands:
    """What a keyboard does on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def presses(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tabs_to(self, name: str, most: int = 150) -> None:
        """Press Tab until what has the focus is called so, and is seen to have it."""
        passed = []
        for _ in range(most):
            self.presses("Tab")
            passed.append(self.page.evaluate(NAME_OF_FOCUS))
            if passed[-1] == name:
                return
        raise AssertionError(f"No Tab leads to {name!r}, only to {[*dict.fromkeys(passed)]}")

    def uses(self, name: str) -> None:
        self.tabs_to(name)
        self.presses("Enter")

    def fills(self, name: str, text: str) -> None:
        self.tabs_to(name)
        self.presses("Control+a")
        self.types(text)

    def chooses(self, name: str, value: str, typed: str = "") -> None:
        """In a list that opens below a field."""
        self.tabs_to(name)
        self.presses("ArrowDown")
        self.types(typed)
        active, seen = self.page.locator(CHOICE), list[str]()
        for _ in range(40):
            active.first.wait_for()
            seen.append(active.first.get_attribute("title") or active.first.inner_text())
            if seen[-1] == value:
                self.presses("Enter")
                return
            self.presses("ArrowDown")
        raise AssertionError(f"{name} offers no {value}, only {[*dict.fromkeys(seen)]}")

    def asks_for(self, text: str, option: str) -> None:
        """``Ctrl+K``, a few letters, Enter."""
        self.presses("Control+k")
        self.page.get_by_role("combobox", name=PALETTE).wait_for()
        self.types(text)
        first = self.page.get_by_role("option", name=option).first
        expect(first).to_have_attribute("aria-selected", "true")
        self.presses("Enter")
