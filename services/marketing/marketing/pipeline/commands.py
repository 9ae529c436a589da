"""Changing pipelines: load, decide, keep, publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.transaction import Transaction
from marketing.deal.model import Deal
from marketing.pipeline.model import Pipeline


def create_pipeline(tx: Transaction, code: str, name: str, stages: Sequence[Mapping[str, Any]]) -> Pipeline:
    """Offer one more way for deals to go."""
    pipeline = tx.add(Pipeline.begin(code, name, stages))
    tx.publish(pipeline.said())
    return pipeline


def edit_pipeline(tx: Transaction, code: str, fields: Mapping[str, Any]) -> Pipeline:
    """Other stages, another name, or no new deals any more."""
    pipeline = tx.get(Pipeline, code)
    used = tx.rows(sa.select(Deal.stage).where(Deal.pipeline == code).distinct())
    tx.publish(pipeline.set(fields, used=[row.stage for row in used]))
    return pipeline
