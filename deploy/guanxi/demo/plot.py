"""What all threads of the story share: how much there is of everything, and who and what there is by now."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from guanxi.demo.story import Story


@dataclasses.dataclass(frozen=True)
class Size:
    """How many of each."""

    customers: int = 1720
    leads: int = 1100
    opportunities: int = 300
    deals: int = 260
    campaigns: int = 18
    requests: int = 420
    complaints: int = 110
    visits: int = 200
    tasks: int = 450
    marketing_plans: int = 90
    entered_orders: int = 260

    def smaller(self, times: int) -> Size:
        return Size(**{name: max(6, number // times) for name, number in dataclasses.asdict(self).items()})


SMALL = Size().smaller(24)


@dataclasses.dataclass
class Buyer:
    """A customer with whoever looks after it, and when the sales system sends its next order."""

    customer_no: str
    name: str
    owner: str
    known_since: datetime
    next_order: datetime
    every_days: float
    stops_at: datetime
    contact_id: int | None = None


@dataclasses.dataclass(frozen=True)
class Running:
    """A campaign that leads and deals may come of."""

    campaign_id: int
    begins: datetime
    ends: datetime


@dataclasses.dataclass
class Plot:
    """The state of the story."""

    story: Story
    size: Size
    buyers: list[Buyer] = dataclasses.field(default_factory=list)
    campaigns: list[Running] = dataclasses.field(default_factory=list)
    logins: dict[int, str] = dataclasses.field(default_factory=dict)
    stock: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def moment(self, chance: Random) -> datetime:
        """Somewhere in the story; the company grows, so later ones are more frequent."""
        share = float(chance.random() ** 0.85)
        return self.story.begins + (self.story.until - self.story.begins) * share

    def a_buyer(self, chance: Random, at: datetime, owners: Sequence[str] = ()) -> Buyer | None:
        """Somebody whom everybody has heard of; of these owners, if any are named."""
        since = at - timedelta(days=40)
        known = [one for one in self.buyers if one.known_since < since and (not owners or one.owner in owners)]
        return chance.choice(known) if known else None

    def a_campaign(self, chance: Random, at: datetime) -> int | None:
        """One that runs at this moment and a little longer."""
        now = [one.campaign_id for one in self.campaigns if one.begins <= at < one.ends]
        return chance.choice(now) if now else None

    def id_of(self, login: str) -> int:
        return self.story.firm.somebody(login).user_id
