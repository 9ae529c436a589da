"""The nine stages that the product brings along."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.settings import Settings
from chassis.transaction import Transaction
from marketing.pipeline.model import Pipeline


def seed_pipelines(tx: Transaction, _settings: Settings) -> None:
    """The standard pipeline, unless there is any."""
    if tx.row(sa.select(Pipeline.code)) is None:
        tx.publish(tx.add(Pipeline.nine_stages()).said())
