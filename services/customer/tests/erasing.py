"""Erasing people on stage, and looking for what is left of them."""

from __future__ import annotations

from chassis.erasure import ErasureBegun
from chassis.sweeping import Sweeper
from chassis.testing.stage import Stage
from customer.service import service


def erase(stage: Stage, *subjects: str, texts: bool = False, number: int = 1) -> None:
    stage.hears(ErasureBegun(erasure_id=number, subjects=subjects, with_texts=texts))
    assert Sweeper(stage.database, service).run_due() == 1


def everything(stage: Stage) -> str:
    """All rows of all tables."""
    found = []
    with stage.database.reading() as session:
        for table in service.metadata.sorted_tables:
            found += [str(dict(row._mapping)) for row in session.execute(table.select())]
    return "\n".join(found)
