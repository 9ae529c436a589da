"""A file in parts as large as a batch: laid down when it was read, checked when its turn comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import marshmallow as ma
import msgspec

from chassis.bulk import MOST_ROWS, CheckedRows, Refusal, Row
from chassis.events import encode
from chassis.fields import pointers
from chassis.importing.columns import told_columns
from chassis.importing.declared import Import
from chassis.importing.gathering import Record, alone, gathered, place_of, told_of
from chassis.importing.lines import Fault
from chassis.importing.reading import Reading
from chassis.transaction import Row as Job

Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Found:
    """A file that was read: its good rows in parts as large as a batch, and the faults of the others."""

    parts: Sequence[bytes]
    faults: Sequence[Fault]
    rows: int
    columns: Sequence[Values]


def found_in(declared: Import, reading: Reading) -> Found:
    """Everything in the file, once. Raises Unreadable."""
    parts: list[bytes] = []
    faults: list[Fault] = []
    part: list[tuple[list[int], Values]] = []
    rows = 0
    for record in _records(declared, reading):
        rows += len(record.rows)
        faults += told_of(record)
        if not record.faults:
            part.append((record.rows, record.values))
        if len(part) == MOST_ROWS:
            parts.append(encode(part))
            part = []
    return Found([*parts, encode(part)] if part else parts, faults, rows, told_columns(reading.placed))


def _records(declared: Import, reading: Reading) -> Iterator[Record]:
    return gathered(reading.rows(), declared.key, declared.parts) if declared.parts else alone(reading.rows())


def checked(declared: Import, said: Iterable[tuple[list[int], Any]]) -> CheckedRows:
    """Records as the bulk endpoint checks its rows; each keeps the number of its first row in the file."""
    good: list[Row] = []
    refused: list[Refusal] = []
    for rows, values in said:
        try:
            good.append(Row(rows[0], declared.check(values)))
        except ma.ValidationError as error:
            found = pointers(error.messages_dict)
            refused += [Refusal(rows[0], f"/rows/{rows[0]}{one['pointer']}", one["detail"]) for one in found]
    return CheckedRows(good, refused)


def told(declared: Import, job: Job, said: Iterable[tuple[list[int], Any]], refused: Iterable[Refusal]) -> list[Fault]:
    """Refusals as faults of the file: a pointer such as ``/rows/17/name`` leads to a row and to a column.

    The other rows of the record go down with it.
    """
    headers = {one["field"]: one["header"] for one in msgspec.json.decode(job.columns)}
    rows_of = {rows[0]: rows for rows, _ in said}
    records: dict[int, Record] = {}
    for one in refused:
        rows = rows_of[one.row]
        row, field = place_of(one.pointer.partition(f"/rows/{one.row}")[2], rows, declared.parts)
        record = records.setdefault(one.row, Record(rows, {}, []))
        record.faults.append(Fault(row, headers.get(field, field), one.detail))
    return [fault for record in records.values() for fault in told_of(record)]
