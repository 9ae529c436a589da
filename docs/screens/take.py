"""Takes a picture of every screen of a running demo Guanxi: both languages, light and dark, desk and phone.

    make up                                                     # in another terminal
    python3 deploy/bootstrap.py env
    .venv/bin/python docs/screens/take.py pictures              # all; --only customers for some

Needs Chromium and a Chinese font: ``apt install chromium fonts-noto-cjk``.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PASSWORD = "guanxi-demo"  # noqa: S105  (known to everybody, only in demo mode)
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
SCREENS = {
    "sign-in": ("", "/sign-in"),
    "today": ("mei", "/"),
    "customers": ("sue", "/customers?level=1&sort=-opened_at"),
    "customer": ("mei", "/customers first"),
    "customer-history": ("mei", "/customers first?tab=history"),
    "customer-files": ("mei", "/customers first?tab=files"),
    "customer-bin": ("sue", "/bin"),
    "pool": ("mei", "/pool"),
    "receivables": ("sue", "/receivables"),
    "loss": ("sue", "/losses first"),
    "preview": ("sue", "/orders peek"),
    "leads": ("sam", "/leads"),
    "lead": ("sam", "/leads first"),
    "deal": ("sue", "/deals first"),
    "deals-board": ("sam", "/deals?view=board"),
    "opportunities-board": ("sue", "/opportunities?view=board"),
    "new-customer": ("mei", "/customers?new=1"),
    "requests": ("mei", "/requests"),
    "complaints": ("cleo", "/complaints"),
    "campaigns": ("max", "/campaigns"),
    "reports": ("eve", "/reports"),
    "report-sales": ("eve", "/reports/sales?by=product"),
    "report-composition": ("eve", "/reports/composition"),
    "report-funnel": ("sue", "/reports/sales-funnel"),
    "report-growth": ("eve", "/reports/customer-growth"),
    "report-as-of": ("eve", "/reports/revenue?by=month&past=1"),
    "report-records": ("sue", "/reports/performance/drill?figure=created"),
    "dashboard": ("eve", "/dashboard"),
    "forecast": ("sam", "/forecast"),
    "targets": ("sue", "/targets"),
    "new-target": ("sue", "/targets?new=1"),
    "management-reports": ("sue", "/management-reports"),
    "users": ("admin", "/users"),
    "role": ("admin", "/roles first"),
    "audit": ("admin", "/audit"),
    "organisation": ("admin", "/organisation"),
    "modules": ("admin", "/modules"),
    "dictionary": ("admin", "/dictionary?kind=region"),
    "pipelines": ("admin", "/pipelines"),
    "working-time": ("admin", "/working-calendar"),
    "erasures": ("admin", "/erasures"),
    "clear-demo": ("admin", "/demo"),
    "event-bus": ("admin", "/bus"),
    "event-explorer": ("admin", "/bus?tab=story"),
    "long-flows": ("admin", "/bus?tab=flows"),
    "no-right": ("cleo", "/users"),
    "nothing-found": ("sue", "/customers?q=nothing+like+this"),
}
"""Name → who looks, and at what: a list, its first record, or a preview of that."""


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--url", default="http://127.0.0.1:8080")
    asked.add_argument("--only", nargs="*", choices=SCREENS, default=list(SCREENS))
    said = asked.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, language, look, size in itertools.product(said.only, LANGUAGES, ("light", "dark"), SIZES):
            picture = said.folder / f"{name}.{language}.{look}.{size}.png"
            take(browser, said.url, picture, *SCREENS[name])
            print(picture)
        browser.close()


def take(browser: Browser, url: str, picture: Path, login: str, path: str) -> None:
    _, language, look, size, _ = picture.name.split(".")
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=LANGUAGES[language],
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if login:
        own = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
        body = {"login": login, "password": PASSWORD, "cookie": True}
        context.request.post(f"{url}/api/session", data=body, headers=own)
    show(page, url, path)
    page.screenshot(path=str(picture))
    context.close()


def show(page: Page, url: str, path: str) -> None:
    """``/leads first?tab=history`` is the first lead's history, ``/orders peek`` a preview of the first order."""
    base, word, rest = path.partition(" first") if " first" in path else path.partition(" peek")
    page.goto(url + base)
    page.wait_for_selector("h1, h2", state="attached")
    page.wait_for_load_state("networkidle")
    if word:
        page.locator(".rows .open").first.click()
        page.wait_for_load_state("networkidle")
    if word == " first":
        page.locator(".peek a").first.click()
        page.wait_for_url("**/*/*")
        if rest:
            page.goto(page.url + rest)
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main()
