"""What we know of each deal and of each step that it took from stage to stage."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from functools import singledispatch
from typing import Annotated, Any

from chassis.events import Heard, PersonalText
from chassis.personal import free_text
from reporting.months import month_of
from reporting.projection import OfEachEvent, Projection

OPEN, WON, LOST = "open", "won", "lost"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bargain:
    """What every event about a deal tells."""

    deal_id: int
    customer_no: str | None
    owner_id: int
    amount_minor: int
    currency: str
    expected_on: date
    source: PersonalText
    campaign_id: int | None
    pipeline: str
    stage: str
    stage_position: int
    probability: int


class DealCreated(Bargain, Heard, type="marketing.deal.created"):
    """Somebody may buy something."""

    created_at: datetime


class DealEdited(Bargain, Heard, type="marketing.deal.edited"):
    """What was known of a deal was corrected."""


class DealStageChanged(Bargain, Heard, type="marketing.deal.stage-changed"):
    """A deal went on, or back, to another stage."""

    from_stage: str
    from_position: int
    left_after_seconds: int


class DealWon(Bargain, Heard, type="marketing.deal.won"):
    """The customer buys."""

    from_stage: str
    left_after_seconds: int
    won_at: datetime


class DealLost(Bargain, Heard, type="marketing.deal.lost"):
    """Nothing comes of a deal."""

    from_stage: str
    left_after_seconds: int
    lost_at: datetime


class DealTransferred(Bargain, Heard, type="marketing.deal.transferred"):
    """Somebody else goes on with a deal."""


class DealLinked(Bargain, Heard, type="marketing.deal.linked"):
    """The customer of a deal is known."""


class DealCustomerRequested(Bargain, Heard, type="marketing.deal.customer-requested"):
    """The customer of a deal is asked for again."""


@dataclasses.dataclass(frozen=True, slots=True)
class DealFact:
    """One deal; ``weighted_minor`` is what an open one is worth by its probability."""

    deal_id: int
    customer_no: str | None = None
    owner_id: int = 0
    amount_minor: int = 0
    weighted_minor: int = 0
    currency: str = ""
    expected_month: str = ""
    source: Annotated[str, free_text(deal="deal_id", buyer="deal_id", customer="customer_no")] = ""
    campaign_id: int | None = None
    pipeline: str = ""
    stage: str = ""
    stage_position: int = 0
    status: str = OPEN
    created_at: datetime | None = None
    created_month: str = ""
    closed_at: datetime | None = None
    closed_month: str | None = None
    version: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class DealStep:
    """A deal came into ``stage``, out of ``from_stage`` if it was in one before, where it had stayed so long."""

    step_id: str
    deal_id: int = 0
    from_stage: str = ""
    stage: str = ""
    stayed_seconds: int | None = None
    is_forward: bool = False
    version: int = 0


@singledispatch
def fold(event: Any, row: DealFact, at: datetime) -> DealFact:
    return _described(event, row)


@fold.register
def _(event: DealCreated, row: DealFact, at: datetime) -> DealFact:
    began = dataclasses.replace(row, created_at=event.created_at, created_month=month_of(event.created_at))
    return _described(event, began)


@fold.register
def _(event: DealWon, row: DealFact, at: datetime) -> DealFact:
    return _described(event, _closed(row, WON, event.won_at))


@fold.register
def _(event: DealLost, row: DealFact, at: datetime) -> DealFact:
    return _described(event, _closed(row, LOST, event.lost_at))


def _closed(row: DealFact, status: str, at: datetime) -> DealFact:
    return dataclasses.replace(row, status=status, closed_at=at, closed_month=month_of(at))


def _described(event: Bargain, row: DealFact) -> DealFact:
    """The newest description is the whole truth."""
    weighted = event.amount_minor * event.probability // 100 if row.status == OPEN else 0
    told = {name: getattr(event, name) for name in DESCRIBED}
    return dataclasses.replace(row, **told, weighted_minor=weighted, expected_month=month_of(event.expected_on))


DESCRIBED = [
    field.name for field in dataclasses.fields(Bargain) if field.name not in ("deal_id", "expected_on", "probability")
]


@singledispatch
def step(event: Any, row: DealStep, at: datetime) -> DealStep:
    raise NotImplementedError(event)


@step.register
def _(event: DealCreated, row: DealStep, at: datetime) -> DealStep:
    return dataclasses.replace(row, deal_id=event.deal_id, stage=event.stage)


@step.register
def _(event: DealStageChanged, row: DealStep, at: datetime) -> DealStep:
    return _left(event, row, is_forward=event.stage_position > event.from_position)


@step.register
def _(event: DealWon, row: DealStep, at: datetime) -> DealStep:
    return _left(event, row, is_forward=True)


@step.register
def _(event: DealLost, row: DealStep, at: datetime) -> DealStep:
    return _left(event, row, is_forward=False)


def _left(event: DealStageChanged | DealWon | DealLost, row: DealStep, *, is_forward: bool) -> DealStep:
    return dataclasses.replace(
        row,
        deal_id=event.deal_id,
        from_stage=event.from_stage,
        stage=event.stage,
        stayed_seconds=event.left_after_seconds,
        is_forward=is_forward,
    )


DEALS = Projection(
    "deal_fact",
    ["pipeline", "stage"],
    ["owner_id"],
    row=DealFact,
    heard=[
        DealCreated,
        DealEdited,
        DealStageChanged,
        DealWon,
        DealLost,
        DealTransferred,
        DealLinked,
        DealCustomerRequested,
    ],
    fold=fold,
)
DEAL_STEPS = OfEachEvent(
    "deal_step",
    ["deal_id"],
    row=DealStep,
    heard=[DealCreated, DealStageChanged, DealWon, DealLost],
    fold=step,
)
deal_fact = DEALS.table
deal_step = DEAL_STEPS.table
