"""Many rows in one request: checked one by one, looked up in sets, kept by one insert, answered row by row.

A house says what a row is and what becomes of the good ones; the rest is the same for users, customers,
orders and products::

    class UserRow(Body):
        login = Required(50)


    @in_bulk
    def import_users(tx: Transaction, batch: Batch) -> None:
        known = logins_in_one_select(tx, [row.values["login"] for row in batch])
        for row in batch:
            ...


    Route(
        method="POST",
        path="/users/bulk",
        calls=commands.import_users,
        takes=bulk_of(UserRow),
        gives=BulkAnswer,
        needs="user:write",
        refuses=(RowsRefused,),
    )
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import marshmallow as ma
from marshmallow import validate

from chassis.fields import Body, Text, View, pointers
from chassis.problems import Invalid, Problem
from chassis.row_check import RowCheck
from chassis.transaction import Transaction

MOST_ROWS = 1000
"""A batch is one transaction: larger ones would make other writers wait."""
STOP, SKIP = "stop", "skip"
CREATE, UPDATE, CREATE_OR_UPDATE = "create", "update", "create-or-update"
MODES = (CREATE, UPDATE, CREATE_OR_UPDATE)
Work = Callable[["Transaction", "Batch"], None]


class RowsRefused(Invalid):
    """Some rows cannot be accepted, so none was kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One good row: its place in the request, counted from 0, and its cleaned values."""

    number: int
    values: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row is not accepted; ``pointer`` leads from the request's root to the field."""

    row: int
    pointer: str
    detail: str


@dataclasses.dataclass(frozen=True)
class CheckedRows:
    """What the request said, each row on its own: fine, or refused with reasons."""

    good: Sequence[Row]
    refused: Sequence[Refusal]

    def __len__(self) -> int:
        return len(self.good) + len({refusal.row for refusal in self.refused})


class Rows(ma.fields.List[Any]):
    """The rows of a bulk request: a wrong one spoils itself, not the request."""

    def __init__(self, row: type[Body]) -> None:
        super().__init__(ma.fields.Nested(row), required=True, validate=validate.Length(min=1, max=MOST_ROWS))
        self.check = RowCheck(row)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_ROWS:
            raise ma.ValidationError(f"At most {MOST_ROWS} rows in one request.")
        good, refused = [], []
        for number, given in enumerate(value):
            try:
                good.append(Row(number, self.check(given)))
            except ma.ValidationError as error:
                refused += [_refusal(number, one) for one in pointers(error.messages_dict)]
        return CheckedRows(good, refused)


def bulk_of(row: type[Body]) -> type[Body]:
    """The body of a bulk request over rows of this kind."""
    return Body.from_dict(  # type: ignore[return-value]
        {
            "rows": Rows(row),
            "dry_run": ma.fields.Boolean(metadata={"description": "Say what would happen, and keep nothing"}),
            "on_error": Text(
                4, choices=(STOP, SKIP), metadata={"description": "What one refused row does to the rest"}
            ),
            "mode": Text(
                16, choices=MODES, metadata={"description": "Whether known records may be changed, and new ones made"}
            ),
        },
        name=f"{row.__name__}Bulk",
    )


class RefusedRow(View):
    """One reason why a row was not accepted; rows count from 0."""

    row = ma.fields.Integer(required=True)
    pointer = ma.fields.String(required=True)
    detail = ma.fields.String(required=True)


class BulkAnswer(View):
    """What became of the rows."""

    created = ma.fields.Integer(required=True)
    updated = ma.fields.Integer(required=True)
    unchanged = ma.fields.Integer(required=True)
    refused = ma.fields.List(ma.fields.Nested(RefusedRow), required=True)
    dry_run = ma.fields.Boolean(required=True)


class Batch:
    """The rows at work. Iterating gives those that still stand; counting and refusing is up to the command."""

    def __init__(self, rows: CheckedRows, *, dry_run: bool = False, mode: str = CREATE_OR_UPDATE) -> None:
        self.refused = list(rows.refused)
        self.created = self.updated = self.unchanged = 0
        self.dry_run, self.mode = dry_run, mode
        self._good = rows.good
        self._out: set[int] = set()

    def __iter__(self) -> Iterator[Row]:
        return (row for row in self._good if row.number not in self._out)

    def refuse(self, row: Row, detail: str, at: str = "") -> None:
        """Take a row out; ``at`` is the pointer inside the row, such as ``/login``."""
        self._out.add(row.number)
        self.refused.append(Refusal(row.number, f"/rows/{row.number}{at}", detail))

    def permits(self, row: Row, *, is_new: bool) -> bool:
        """Whether the mode lets this row go on; if not, it is refused."""
        if is_new and self.mode == UPDATE:
            self.refuse(row, "There is no such record, and none was to be created")
        elif not is_new and self.mode == CREATE:
            self.refuse(row, "There is such a record already, and none was to be changed")
        else:
            return True
        return False

    def refuse_repeats(self, field: str) -> None:
        """Take out rows that name the same record as an earlier row: which one should win?"""
        first: dict[Any, int] = {}
        for row in self:
            earlier = first.setdefault(row.values[field], row.number)
            if earlier != row.number:
                self.refuse(row, f"Row {earlier} says this already", f"/{field}")

    @contextmanager
    def judging(self, row: Row) -> Iterator[None]:
        """A rule that refuses inside this block refuses the row, not the request."""
        try:
            yield
        except Invalid as problem:
            for error in problem.errors:
                self.refuse(row, error["detail"], error["pointer"])
        except Problem as problem:
            self.refuse(row, str(problem))


class BulkCommand:
    """A command over a batch, with the answer every bulk endpoint gives."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.__name__, self.__doc__ = work.__name__, work.__doc__

    def __call__(
        self,
        tx: Transaction,
        rows: CheckedRows,
        dry_run: bool = False,
        on_error: str = STOP,
        mode: str = CREATE_OR_UPDATE,
    ) -> Batch:
        batch = Batch(rows, dry_run=dry_run, mode=mode)
        self.work(tx, batch)
        batch.refused.sort(key=lambda refusal: refusal.row)
        if dry_run:
            tx.forget()
        elif batch.refused and on_error == STOP:
            raise RowsRefused(errors=[_error(refusal) for refusal in batch.refused])
        return batch


def in_bulk(work: Work) -> BulkCommand:
    """A bulk command that does this work.

    ``stop`` (the default) keeps nothing when a row is refused and raises RowsRefused with every reason;
    ``skip`` keeps the good rows. A dry run keeps nothing and answers what would have happened.
    """
    return BulkCommand(work)


def _refusal(number: int, found: Mapping[str, str]) -> Refusal:
    at = found["pointer"] if found["pointer"] != "/" else ""
    return Refusal(number, f"/rows/{number}{at}", found["detail"])


def _error(refusal: Refusal) -> dict[str, str]:
    return {"pointer": refusal.pointer, "detail": refusal.detail}
