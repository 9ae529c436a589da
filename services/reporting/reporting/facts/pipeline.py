"""What we know of each sales process: its stages in their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import msgspec

from chassis.events import Heard
from reporting.projection import Projection


class StageTold(msgspec.Struct, frozen=True):
    """A stage of a pipeline."""

    code: str
    name: str
    name_en: str
    position: int
    kind: str


class PipelineSet(Heard, type="marketing.pipeline.set", key="code"):
    """Deals go through these stages."""

    code: str
    stages: Sequence[StageTold]


@dataclasses.dataclass(frozen=True, slots=True)
class PipelineFact:
    """One pipeline as it was last set; ``stages`` is JSON."""

    code: str
    stages: str = "[]"
    version: int = 0


def fold(event: PipelineSet, row: PipelineFact, at: datetime) -> PipelineFact:
    in_order = sorted(event.stages, key=lambda stage: stage.position)
    return dataclasses.replace(row, stages=msgspec.json.encode(in_order).decode())


def stages_of(text: str) -> list[StageTold]:
    return msgspec.json.decode(text, type=list[StageTold])


PIPELINES = Projection("pipeline_fact", row=PipelineFact, heard=[PipelineSet], fold=fold)
pipeline_fact = PIPELINES.table
