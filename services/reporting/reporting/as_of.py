"""Reports as they were: the same questions, asked of the rows as they stood at a moment.

A statement is given the rows of that moment under the names of the live tables, so a report need not know of it.
Nothing is kept for that: what is read is the past itself, which a sweep blanks like any other table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
import sqlalchemy as sa

from chassis.fields import Body, View, When
from chassis.problems import wrong_field
from chassis.transaction import Row, Transaction
from reporting.catalogue import SHELF
from reporting.completeness import CompletenessView


class ReportQuery(Body):
    """What every report can be asked."""

    as_of = When(metadata={"description": "What the report showed at that moment; not in the future"})


class _AsOf(ma.fields.AwareDateTime):
    filled_in = True


class ReportView(View):
    """What every report tells beside its figures."""

    as_of = _AsOf(allow_none=True, required=True, metadata={"description": "null: now"})
    complete_up_to = ma.fields.Nested(CompletenessView, required=True)


class AsOf(Transaction):
    """Looks at every projection as it was at a moment: all that had been recorded by then, and nothing else."""

    def __init__(self, tx: Transaction, moment: datetime) -> None:
        super().__init__(tx.session, tx.database, tx.service, principal=tx.principal, now=tx.now)
        self.moment = moment
        self.rows_of_then = [table for one in SHELF.projections for table in one.as_of(moment)]

    def rows(self, statement: sa.Executable) -> Sequence[Row]:
        return super().rows(self._then(statement))

    def row(self, statement: sa.Executable) -> Row | None:
        return super().row(self._then(statement))

    def scalar(self, statement: sa.Executable) -> Any:
        return super().scalar(self._then(statement))

    def _then(self, statement: Any) -> sa.Executable:
        found: sa.Executable = statement.add_cte(*self.rows_of_then)
        return found


def looking_at(tx: Transaction, moment: datetime | None) -> Transaction:
    """The transaction for a question about a moment; None is now. Raises Invalid for the future."""
    if moment is None:
        return tx
    if moment > tx.now:
        raise wrong_field("/as_of", "Not in the future")
    return AsOf(tx, moment)


def moment_of(tx: Transaction) -> datetime:
    """The moment that a question is about."""
    return tx.moment if isinstance(tx, AsOf) else tx.now
