"""The import from beginning to end: check everything first, then send, then tell what happened."""

from __future__ import annotations

import csv
import dataclasses
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from guanxi.importing import tables
from guanxi.importing.client import Api, Refused, wait_for
from guanxi.importing.reading import Fault, Unreadable, read
from guanxi.importing.tables import Sending, Table

BATCH = 1000
NOTHING, GOOD_ROWS = "nothing", "good-rows"
HARMLESS = ("has no customer",)
"""Faults that the data is known for: such rows are reported, but are no damage to the file."""

Progress = Callable[[str, int, int], None]
"""Called with the table's title, rows done and rows in all."""


@dataclasses.dataclass
class Outcome:
    """What became of one table."""

    title: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[Fault] = dataclasses.field(default_factory=list)
    remarks: list[str] = dataclasses.field(default_factory=list)
    is_refused: bool = False
    seconds: float = 0.0

    def damage(self) -> list[Fault]:
        return [fault for fault in self.faults if not any(words in fault.reason for words in HARMLESS)]


class Importer:
    """Brings the tables of a folder into a running Guanxi.

    ``on_error`` is ``nothing`` (a damaged file is not imported at all) or ``good-rows``.
    """

    def __init__(self, accounts: dict[str, Api], *, on_error: str = NOTHING, progress: Progress) -> None:
        self.accounts, self.on_error, self.progress = accounts, on_error, progress

    def run(self, folder: Path) -> list[Outcome]:
        """One outcome per table that is there, in the order of ``tables.TABLES``."""
        present = [table for table in tables.TABLES if (folder / table.file).exists()]
        return [self.one(folder / table.file, table) for table in present]

    def one(self, path: Path, table: Table) -> Outcome:
        """Read, check, and send one file."""
        began, outcome = time.monotonic(), Outcome(table.title)
        try:
            records = list(read(path, table.columns, outcome.faults))
        except Unreadable as error:
            outcome.faults.append(error.fault)
            outcome.is_refused = True
            return outcome
        sendings = table.convert(records, outcome.faults, outcome.remarks)
        try:
            if self.on_error == NOTHING and (outcome.damage() or not self._rehearse(sendings, outcome)):
                outcome.is_refused = True
            else:
                self._send(sendings, outcome)
        except Refused as problem:
            outcome.faults.append(Fault(1, "", str(problem)))
            outcome.is_refused = True
        outcome.seconds = time.monotonic() - began
        return outcome

    def _rehearse(self, sendings: Sequence[Sending], outcome: Outcome) -> bool:
        """Whether the API would take all; asked only where an earlier sending is not needed for it."""
        if len(sendings) > 1:
            return True
        rehearsal = Outcome(outcome.title)
        self._send(sendings, rehearsal, dry_run=True)
        outcome.faults += rehearsal.faults
        return not rehearsal.faults

    def _prepare_for(self, sending: Sending) -> None:
        """Opportunities need salespeople whom marketing has heard of: identity has just told it."""
        if sending.path != "/api/opportunities/bulk":
            return
        named = {row["salesperson"] for _, row in sending.rows}
        wait_for("marketing to hear of the salespeople", lambda: self._unheard(named))

    def _unheard(self, logins: set[str]) -> set[str]:
        """Those who work here, as identity says, and are not known to marketing yet; who has left never will be."""
        working = self.accounts["admin"].every("/api/users?role=account-manager&is_active=true&fields=login")
        known = self.accounts["supervisor"].every("/api/opportunities/assignees?fields=login")
        return (logins & {one["login"] for one in working}) - {one["login"] for one in known}

    def _send(self, sendings: Sequence[Sending], outcome: Outcome, *, dry_run: bool = False) -> None:
        total = sum(len(sending.rows) for sending in sendings)
        done = 0
        for sending in sendings:
            self._prepare_for(sending)
            for start in range(0, len(sending.rows), BATCH):
                batch = sending.rows[start : start + BATCH]
                self._send_batch(sending, batch, outcome, dry_run)
                done += len(batch)
                self.progress(outcome.title + (" (check)" if dry_run else ""), done, total)

    def _send_batch(
        self, sending: Sending, batch: Sequence[tuple[int, dict[str, Any]]], outcome: Outcome, dry_run: bool
    ) -> None:
        body = {"rows": [row for _, row in batch], "on_error": "skip", "dry_run": dry_run}
        try:
            answer = self.accounts[sending.account].call("POST", sending.path, body)
        except Refused as problem:
            outcome.faults.append(Fault(batch[0][0], "", str(problem)))
            outcome.is_refused = True
            return
        outcome.created += answer["created"]
        outcome.updated += answer["updated"]
        outcome.unchanged += answer["unchanged"]
        for refused in answer["refused"]:
            column = re.sub(r"^/rows/\d+/?", "", refused["pointer"])
            outcome.faults.append(Fault(batch[refused["row"]][0], column, refused["detail"]))


def write_report(outcomes: Sequence[Outcome], path: Path) -> None:
    """Every fault as a row of a CSV file that a spreadsheet opens and does not run."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["table", "row", "column", "reason"])
        for outcome in outcomes:
            writer.writerows([outcome.title, fault.row, fault.column, _tame(fault.reason)] for fault in outcome.faults)


def _tame(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
