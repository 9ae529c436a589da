"""Looking at pipelines."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.history import history_of
from chassis.pages import Listing, equal
from chassis.problems import NotFound, wrong_field
from chassis.remembering import remembered
from chassis.transaction import Transaction
from marketing.pipeline.model import Kind, Pipeline, Shape, Stage, Way

PIPELINES = Listing(
    columns={name: getattr(Pipeline, name) for name in ("code", "name", "is_active", "version")},
    key=Pipeline.code,
    filters={"is_active": equal(Pipeline.is_active)},
    sorts={"code": Pipeline.code, "name": Pipeline.name},
    default_sort="code",
    search=(Pipeline.code, Pipeline.name),
)


def get_pipeline(tx: Transaction, code: str) -> Pipeline:
    """One pipeline with its stages. Raises NotFound."""
    found: Pipeline | None = tx.scalar(sa.select(Pipeline).where(Pipeline.code == code))
    if found is None:
        raise NotFound(detail=f"No pipeline {code}")
    return found


def pipeline_history(tx: Transaction, code: str) -> dict[str, Any]:
    """Everything that happened to one pipeline."""
    return history_of(tx, Pipeline.noun, get_pipeline(tx, code).code)


def way(tx: Transaction, code: str) -> Way:
    """The stages of a pipeline, read once in a while. Raises Invalid when there is no such pipeline."""
    found = remembered(tx, "pipelines", _read).get(code)
    if found is None:
        raise wrong_field("/pipeline", "There is no such pipeline")
    return found


def _read(tx: Transaction) -> dict[str, Way]:
    stages = tx.rows(sa.select(Stage.__table__).order_by(Stage.pipeline_code, Stage.position))
    shapes: dict[str, dict[str, Shape]] = {}
    for row in stages:
        required = tuple(name for name in row.required_text.split(",") if name)
        shape = Shape(row.code, row.position, row.probability, Kind(row.kind), required)
        shapes.setdefault(row.pipeline_code, {})[row.code] = shape
    pipelines = tx.rows(sa.select(Pipeline.code, Pipeline.is_active))
    return {row.code: Way(row.code, row.is_active, shapes[row.code]) for row in pipelines}
