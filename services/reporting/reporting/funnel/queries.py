"""Looking at the funnel: the stages of each pipeline in their order, and what deals did in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import Condition, equal, since, until
from chassis.transaction import Row, Transaction
from reporting.completeness import Completeness, complete_up_to
from reporting.facts.customer import customer_fact
from reporting.facts.deal import deal_fact, deal_step
from reporting.facts.person import in_unit
from reporting.facts.pipeline import StageTold, pipeline_fact, stages_of
from reporting.projection import total
from reporting.report import Cells, Figure, How, Records, exactly

DEALS = deal_fact.outerjoin(customer_fact, customer_fact.c.customer_no == deal_fact.c.customer_no)
NARROWING: Mapping[str, Condition] = {
    "pipeline": exactly(deal_fact.c.pipeline),
    "owner_id": equal(deal_fact.c.owner_id),
    "unit_id": in_unit(deal_fact.c.owner_id),
    "campaign_id": equal(deal_fact.c.campaign_id),
    "currency": exactly(deal_fact.c.currency),
    "created_from": since(deal_fact.c.created_at),
    "created_to": until(deal_fact.c.created_at),
}
NOW_IN = exactly(deal_fact.c.stage)


def came_into(stage: str) -> sa.ColumnElement[bool]:
    """Deals that were in this stage at any time."""
    return sa.exists().where(deal_step.c.deal_id == deal_fact.c.deal_id, deal_step.c.stage == stage)


def went_on_from(stage: str) -> sa.ColumnElement[bool]:
    """Deals that left this stage for a later one at any time, or were won out of it."""
    left = (deal_step.c.deal_id == deal_fact.c.deal_id, deal_step.c.from_stage == stage)
    return sa.exists().where(*left, deal_step.c.is_forward)


def deals(stage: Condition) -> Records:
    """Deals, found by their stage in one sense or another."""
    return Records(
        noun="deal",
        id=deal_fact.c.deal_id,
        source=DEALS,
        owners=(deal_fact.c.owner_id,),
        filters={**NARROWING, "stage": stage},
        customer_no=deal_fact.c.customer_no,
        customer_name=customer_fact.c.name,
        person_id=deal_fact.c.owner_id,
        amount_minor=deal_fact.c.amount_minor,
        currency=deal_fact.c.currency,
    )


IN_STAGE = deals(NOW_IN)
STAYS = dataclasses.replace(
    IN_STAGE,
    noun="deal-step",
    id=deal_step.c.step_id,
    source=deal_step.join(DEALS, deal_fact.c.deal_id == deal_step.c.deal_id),
    where=(deal_step.c.from_stage != "",),
    filters={**NARROWING, "stage": exactly(deal_step.c.from_stage)},
    part_of=("deal", deal_step.c.deal_id),
)
FIGURES = {
    "deals": Figure(IN_STAGE),
    "amount": Figure(IN_STAGE, how=How.MONEY),
    "weighted": Figure(IN_STAGE, how=How.MONEY, measured=deal_fact.c.weighted_minor),
    "entered": Figure(deals(came_into)),
    "advanced": Figure(deals(went_on_from)),
    "average_stay_seconds": Figure(STAYS, how=How.MEAN, measured=deal_step.c.stayed_seconds),
}
OF_A_STAGE = Cells(
    figures={name: name for name in ("deals", "entered", "advanced", "average_stay_seconds")},
    by=("pipeline", "stage"),
    within={"amounts": Cells(figures={"amount": "amount", "weighted": "weighted"}, by=("currency",))},
)
CELLS = Cells(figures={"total": "deals"}, within={"items": OF_A_STAGE})
Place = tuple[str, str]
"""Pipeline and stage."""


@dataclasses.dataclass(frozen=True)
class StageAmount:
    """What the deals of a stage are worth, in one currency; weighted by probability as long as they are open."""

    currency: str
    amount_minor: int
    weighted_minor: int


@dataclasses.dataclass
class FunnelStage:
    """One stage of one pipeline. ``conversion`` is the part of those that came into it who went on."""

    pipeline: str
    stage: str
    name: str
    name_en: str
    kind: str
    deals: int = 0
    amounts: list[StageAmount] = dataclasses.field(default_factory=list)
    entered: int = 0
    advanced: int = 0
    average_stay_seconds: int | None = None

    @property
    def conversion(self) -> float | None:
        return self.advanced / self.entered if self.entered else None


@dataclasses.dataclass(frozen=True)
class Funnel:
    """The stages in their order, those without deals too."""

    items: list[FunnelStage]
    total: int
    complete_up_to: Completeness


def funnel_report(tx: Transaction, fields: Mapping[str, Any]) -> Funnel:
    """Deals per stage with their amounts, how many went on, and how long they stayed."""
    stages = _stages(tx, fields)
    _fill(stages, tx.rows(_now(tx, fields)))
    for row in tx.rows(_came(tx, fields)):
        _stage(stages, row).entered = int(row.entered)
    for row in tx.rows(_left(tx, fields)):
        stage = _stage(stages, row)
        stage.advanced, stage.average_stay_seconds = int(row.advanced), round(row.stayed)
    items = list(stages.values())
    complete = complete_up_to(tx, "marketing")
    return Funnel(items=items, total=sum(item.deals for item in items), complete_up_to=complete)


def _stages(tx: Transaction, fields: Mapping[str, Any]) -> dict[Place, FunnelStage]:
    """Those that are set now; stages that were taken away are added where a deal was in them."""
    known = sa.select(pipeline_fact.c.code.label("pipeline"), pipeline_fact.c.stages).order_by(pipeline_fact.c.code)
    if "pipeline" in fields:
        known = known.where(pipeline_fact.c.code == fields["pipeline"])
    told = [(row.pipeline, stage) for row in tx.rows(known) for stage in stages_of(row.stages)]
    return {(pipeline, stage.code): _empty(pipeline, stage) for pipeline, stage in told}


def _empty(pipeline: str, stage: StageTold) -> FunnelStage:
    return FunnelStage(pipeline=pipeline, stage=stage.code, name=stage.name, name_en=stage.name_en, kind=stage.kind)


def _stage(stages: dict[Place, FunnelStage], row: Row) -> FunnelStage:
    unknown = FunnelStage(pipeline=row.pipeline, stage=row.stage, name=row.stage, name_en=row.stage, kind="")
    return stages.setdefault((row.pipeline, row.stage), unknown)


def _fill(stages: dict[Place, FunnelStage], rows: Sequence[Row]) -> None:
    for row in rows:
        stage = _stage(stages, row)
        stage.deals += row.deals
        stage.amounts.append(StageAmount(row.currency, row.amount_minor, row.weighted_minor))


def _now(tx: Transaction, fields: Mapping[str, Any]) -> sa.Select[Any]:
    table = deal_fact.c
    group = (table.pipeline, table.stage, table.currency)
    sums = [total(table[name]).label(name) for name in ("amount_minor", "weighted_minor")]
    statement = sa.select(*group, sa.func.count().label("deals"), *sums).select_from(DEALS)
    return statement.where(*IN_STAGE.conditions(tx, fields)).group_by(*group).order_by(*group)


def _came(tx: Transaction, fields: Mapping[str, Any]) -> sa.Select[Any]:
    group = (deal_fact.c.pipeline, deal_step.c.stage)
    number = sa.func.count(deal_step.c.deal_id.distinct()).label("entered")
    return _steps(tx, fields, group, number)


def _left(tx: Transaction, fields: Mapping[str, Any]) -> sa.Select[Any]:
    group = (deal_fact.c.pipeline, deal_step.c.from_stage.label("stage"))
    onward = sa.case((deal_step.c.is_forward, deal_step.c.deal_id))
    sums = (sa.func.count(onward.distinct()).label("advanced"), sa.func.avg(deal_step.c.stayed_seconds).label("stayed"))
    return _steps(tx, fields, group, *sums).where(*STAYS.where)


def _steps(tx: Transaction, fields: Mapping[str, Any], group: Sequence[Any], *sums: Any) -> sa.Select[Any]:
    statement = sa.select(*group, *sums).select_from(STAYS.source).where(*IN_STAGE.conditions(tx, fields))
    return statement.group_by(*group).order_by(*group)
