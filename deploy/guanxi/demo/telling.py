"""Telling all of it: which threads there are, what was told before, and what must not be touched."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from chassis.problems import Conflict
from guanxi.demo import buying, cast, founding, selling, serving
from guanxi.demo.firm import Firm, open_firm
from guanxi.demo.plot import SMALL, Plot, Size
from guanxi.demo.story import Progress, Story, Thread
from guanxi.home import Home
from identity.user.model import User

SPAN = timedelta(days=730)
MARK = "demo.json"
BUSINESS = (
    ("customer", "cst_customer"), ("customer", "product"), ("customer", "orders"), ("marketing", "sal_lead"),
    ("marketing", "sal_chance"), ("marketing", "sal_deal"), ("marketing", "sal_campaign"),
    ("service-desk", "cst_service"),
)  # fmt: skip


class AlreadyInUse(Conflict):
    """This company has data of its own; a story would be mixed with them."""


class NobodyThere(Conflict):
    """The people of the demo are not here: this company was begun without them."""


class ToldOtherwise(Conflict):
    """Another story was begun here; it has to be told to its end first."""


@dataclasses.dataclass(frozen=True)
class Wish:
    """What is to be told: the same wish tells the same story."""

    seed: int
    until: datetime
    is_small: bool = False

    @property
    def size(self) -> Size:
        return SMALL if self.is_small else Size()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was told; nothing, when all of it was told before."""

    wish: Wish
    told: int


def tell(home: Home, urls: Mapping[str, str], wish: Wish, *, although_in_use: bool, progress: Progress) -> Outcome:
    """Fill the company, or go on where it was cut short. Raises AlreadyInUse or ToldOtherwise."""
    mark = read_mark(home)
    if mark:
        wish = _same(wish, mark)
        if mark["is_told"]:
            return Outcome(wish, 0)
    with open_firm(home, urls) as firm:
        _must_have_people(firm)
        if not mark and not although_in_use:
            _must_be_new(firm)
        heard_until = datetime.fromisoformat(mark["heard_until"]) if mark.get("heard_until") else None

        def note(end: datetime, told: int) -> None:
            write_mark(home, wish, heard_until=max(end, heard_until or end))
            progress(end, told)

        write_mark(home, wish, heard_until=heard_until)
        story = play(firm, wish, note, heard_until)
        write_mark(home, wish, is_told=True)
        firm.forget_keys(story.beginning)
    return Outcome(wish, story.told)


def play(firm: Firm, wish: Wish, progress: Progress, heard_until: datetime | None) -> Story:
    """The whole story, on whatever was told of it before."""
    begins = (wish.until - SPAN).replace(hour=1, minute=0, second=0, microsecond=0)
    prologue = Story(firm, seed=wish.seed, begins=begins, until=begins + timedelta(minutes=1))
    plot = Plot(prologue, wish.size)
    prologue.add("people", founding.people(plot))
    prologue.tell(lambda *_: None, heard_until)
    plot.story = Story(firm, seed=wish.seed, begins=begins + timedelta(hours=1), until=wish.until)
    for name, thread in threads(plot):
        plot.story.add(name, thread)
    plot.story.tell(progress, heard_until)
    return plot.story


def threads(plot: Plot) -> list[tuple[str, Thread]]:
    """Every thread by its name."""
    found: list[tuple[str, Thread]] = [
        ("products", founding.products(plot)),
        ("stock", founding.stock(plot)),
        ("sales system", buying.sales_system(plot)),
        ("losses", buying.losses(plot)),
        ("leaving", founding.leaving(plot)),
        ("planned visits", serving.planned_visits(plot)),
    ]
    found += [(f"targets {one}", founding.targets(plot, team, one)) for one, team in TEAMS.items()]
    found += [(f"forecasts {login}", founding.forecasts(plot, login)) for login in cast.SELLERS]
    found += [(f"merge {number}", buying.merged(plot, number)) for number in range(3)]
    for name, number, tells in _many(plot.size):
        found += [(f"{name} {place}", tells(plot, place)) for place in range(number)]
    return found


TEAMS = {"sue": "华东大区", "north.lead": "华北大区", "south.lead": "华南大区"}
"""Supervisor and the team that a target is set for."""


def _many(size: Size) -> list[tuple[str, int, Callable[[Plot, int], Thread]]]:
    return [
        ("customer", size.customers, buying.customer),
        ("campaign", size.campaigns, selling.campaign),
        ("lead", size.leads, selling.lead),
        ("opportunity", size.opportunities, selling.opportunity),
        ("deal", size.deals, selling.deal),
        ("task", size.tasks, selling.task),
        ("marketing plan", size.marketing_plans, selling.marketing_plan),
        ("order", size.entered_orders, buying.entered_order),
        ("request", size.requests, serving.request),
        ("complaint", size.complaints, serving.complaint),
        ("visit", size.visits, serving.visit),
    ]


def read_mark(home: Home) -> dict[str, Any]:
    """What was begun on this folder; empty when nothing was."""
    path = home.folder / MARK
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write_mark(home: Home, wish: Wish, *, is_told: bool = False, heard_until: datetime | None = None) -> None:
    """Which story this is, and how far everybody has heard of it."""
    said = {"seed": wish.seed, "until": wish.until.isoformat(), "is_small": wish.is_small, "is_told": is_told}
    said["heard_until"] = heard_until.isoformat() if heard_until else ""
    written = home.folder / f"{MARK}.new"
    written.write_text(json.dumps(said))
    written.replace(home.folder / MARK)  # whoever is killed meanwhile leaves the earlier one


def _same(wish: Wish, mark: Mapping[str, Any]) -> Wish:
    """The story that was begun, up to its own end. Raises ToldOtherwise."""
    if (mark["seed"], mark["is_small"]) != (wish.seed, wish.is_small):
        begun = f"seed {mark['seed']}{', small' if mark['is_small'] else ''}"
        raise ToldOtherwise(detail=f"What was begun here has {begun}")
    return dataclasses.replace(wish, until=datetime.fromisoformat(mark["until"]))


def _must_have_people(firm: Firm) -> None:
    with firm.databases["identity"].reading() as session:
        if not session.scalar(sa.select(User.id).where(User.login == "sue")):
            raise NobodyThere(detail="Begin with an empty folder: DATA=another folder")


def _must_be_new(firm: Firm) -> None:
    for service, table in BUSINESS:
        with firm.databases[service].reading() as session:
            number = session.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0
        if number:
            raise AlreadyInUse(detail=f"{service} has {number} rows in {table}; say --although-in-use if you mean it")


def today() -> datetime:
    """The last full hour: what is told must have happened."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
