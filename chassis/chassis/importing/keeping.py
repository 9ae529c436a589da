"""How long an import can be taken back and its faults be read; after that only its row remains."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from chassis.importing.tables import import_change, import_fault, import_job
from chassis.jobs import Job
from chassis.transaction import Transaction

KEPT_FOR = timedelta(days=90)
"""A quarter: whoever has not noticed by then mends records one by one."""


def forget_old_imports(tx: Transaction) -> str:
    """Delete what an undo would need of imports that ended long ago."""
    old = sa.select(import_job.c.id).where(import_job.c.finished_at < tx.now - KEPT_FOR)
    gone = [tx.execute(sa.delete(table).where(table.c.import_id.in_(old))).rowcount
            for table in (import_change, import_fault)]  # fmt: skip
    return f"{gone[0]} changes and {gone[1]} faults forgotten"


FORGETTING = Job("forget old imports", forget_old_imports, every=timedelta(days=1))
