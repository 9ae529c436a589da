"""Pipelines: ordered stages, each with a probability and the fields a deal must have to be in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.database import BigId
from chassis.events import Event
from chassis.problems import Conflict, Invalid, wrong_field
from chassis.transaction import Aggregate
from marketing.base import Base

STANDARD = "standard"
CAN_BE_ASKED = ("contact_name", "description", "source", "kind", "contact_summary", "next_contact_on", "campaign_id")
"""What a stage may ask of a deal, besides what every deal has."""


class Kind(StrEnum):
    """What being in a stage means."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    LOST_TO_COMPETITION = "lost-to-competition"


NINE = (
    ("qualification", "资质审查", "Qualification", 10, Kind.OPEN),
    ("needs-analysis", "需求分析", "Needs analysis", 25, Kind.OPEN),
    ("value-proposition", "价值建议", "Value proposition", 40, Kind.OPEN),
    ("decision-makers", "确定决策者", "Identify decision makers", 60, Kind.OPEN),
    ("proposal", "提案/报价", "Proposal / quotation", 80, Kind.OPEN),
    ("negotiation", "谈判/复审", "Negotiation / review", 90, Kind.OPEN),
    ("won", "成交", "Closed won", 100, Kind.WON),
    ("lost-lead", "丢失的线索", "Lost lead", 0, Kind.LOST),
    ("lost-competition", "因竞争丢失关闭", "Closed, lost to competition", 0, Kind.LOST_TO_COMPETITION),
)
"""The nine stages of the reference with its set of probabilities: code, text, English, percent, kind."""


@dataclasses.dataclass(frozen=True)
class StageSaid:
    """A stage as an event tells it."""

    code: str
    name: str
    name_en: str
    position: int
    probability: int
    kind: str


class PipelineSet(Event, type="marketing.pipeline.set", key="code"):
    """Deals go through these stages, from now on or as before under other names."""

    code: str
    name: str
    is_active: bool
    stages: Sequence[StageSaid]


class StageInUse(Conflict):
    """Deals are in this stage; move them before it goes."""

    stages: Sequence[str]


class PipelineClosed(Conflict):
    """No new deal goes through this pipeline."""

    pipeline: str


@dataclasses.dataclass(frozen=True)
class Shape:
    """A stage as rules see it."""

    code: str
    position: int
    probability: int
    kind: Kind
    required: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Way:
    """A pipeline as rules see it: its stages in order."""

    code: str
    is_active: bool
    stages: Mapping[str, Shape]

    def stage(self, code: str, pointer: str = "/stage") -> Shape:
        """Raises Invalid when the pipeline has no such stage."""
        found = self.stages.get(code)
        if found is None:
            raise wrong_field(pointer, f"The pipeline {self.code} has no such stage")
        return found

    def first(self) -> Shape:
        return next(iter(self.stages.values()))

    def of_kind(self, kind: Kind) -> Shape:
        return next(stage for stage in self.stages.values() if stage.kind == kind)


class Stage(Base):
    """One stage of one pipeline."""

    __tablename__ = "sal_stage"
    __table_args__ = (sa.UniqueConstraint("pipeline_code", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pipeline_code: Mapped[str] = mapped_column(sa.ForeignKey("sal_pipeline.code"))
    code: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(50))
    name_en: Mapped[str] = mapped_column(sa.String(50))
    position: Mapped[int] = mapped_column(sa.Integer)
    probability: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str] = mapped_column(sa.String(20))
    required_text: Mapped[str] = mapped_column(sa.String(200), default="")

    @property
    def required(self) -> list[str]:
        return [name for name in self.required_text.split(",") if name]


class Pipeline(Aggregate, Base):
    """The aggregate, its stages included; ``code`` never changes, because deals name it."""

    __tablename__ = "sal_pipeline"
    noun = "pipeline"

    code: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    is_active: Mapped[bool] = mapped_column(default=True)
    stages: Mapped[list[Stage]] = relationship(order_by=Stage.position, lazy="selectin", cascade="all, delete-orphan")

    @classmethod
    def begin(cls, code: str, name: str, stages: Sequence[Mapping[str, Any]]) -> Pipeline:
        """A new pipeline. Raises Invalid."""
        must_be_sound(stages)
        return cls(code=code, name=name, is_active=True, stages=_made(stages))

    @classmethod
    def nine_stages(cls) -> Pipeline:
        names = ("code", "name", "name_en", "probability", "kind")
        return cls.begin(STANDARD, "标准销售流程", [dict(zip(names, stage, strict=True)) for stage in NINE])

    def said(self) -> PipelineSet:
        told = tuple(StageSaid(*(getattr(stage, name) for name in TOLD)) for stage in self.stages)
        return PipelineSet(code=self.code, name=self.name, is_active=self.is_active, stages=told)

    def set(self, fields: Mapping[str, Any], *, used: Sequence[str]) -> PipelineSet:
        """Other stages from now on; those that deals are in have to stay. Raises Invalid or StageInUse."""
        stages = fields.get("stages")
        if stages is not None:
            must_be_sound(stages)
            gone = sorted(set(used) - {stage["code"] for stage in stages})
            if gone:
                raise StageInUse(stages=gone)
            self._become(stages)
        self.change(**{name: value for name, value in fields.items() if name in ("name", "is_active")})
        return self.said()

    def _become(self, stages: Sequence[Mapping[str, Any]]) -> None:
        """Stages that stay keep their rows: one is told from another by its code."""
        known = {stage.code: stage for stage in self.stages}
        wanted = _made(stages)
        for place, stage in enumerate(wanted):
            same = known.get(stage.code)
            if same is not None:
                for name in (*TOLD, "required_text"):
                    setattr(same, name, getattr(stage, name))
                wanted[place] = same
        self.stages = wanted


TOLD = tuple(field.name for field in dataclasses.fields(StageSaid))


def must_be_sound(stages: Sequence[Mapping[str, Any]]) -> None:
    """Open stages first, then one that is won, then lost ones; each once. Raises Invalid."""
    codes = [stage["code"] for stage in stages]
    kinds = [Kind(stage["kind"]) for stage in stages]
    if len(codes) != len(set(codes)):
        raise wrong_field("/stages", "Two stages have the same code")
    for kind in (Kind.WON, Kind.LOST, Kind.LOST_TO_COMPETITION):
        if kinds.count(kind) != 1:
            raise wrong_field("/stages", f"Exactly one stage is {kind}")
    if not kinds or kinds[0] != Kind.OPEN or Kind.OPEN in kinds[kinds.index(Kind.WON) :]:
        raise wrong_field("/stages", "Open stages stand first")
    wrong = [_probability(number, stage) for number, stage in enumerate(stages)]
    if errors := [error for error in wrong if error]:
        raise Invalid(errors=errors)


def _probability(number: int, stage: Mapping[str, Any]) -> dict[str, str] | None:
    fixed = {Kind.WON: 100, Kind.LOST: 0, Kind.LOST_TO_COMPETITION: 0}.get(Kind(stage["kind"]))
    if fixed is None or stage["probability"] == fixed:
        return None
    return {"pointer": f"/stages/{number}/probability", "detail": f"This stage is {fixed} percent", "code": "invalid"}


def _made(stages: Sequence[Mapping[str, Any]]) -> list[Stage]:
    return [
        Stage(
            code=stage["code"],
            name=stage["name"],
            name_en=stage.get("name_en", ""),
            position=position,
            probability=stage["probability"],
            kind=stage["kind"],
            required_text=",".join(stage.get("required", ())),
        )
        for position, stage in enumerate(stages, 1)
    ]
