"""``guanxi import``: a progress bar, a summary, a report file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from guanxi.importing.client import Api
from guanxi.importing.run import GOOD_ROWS, NOTHING, Importer, Outcome, write_report

SHOWN_FAULTS = 5


class Bars:
    """One bar per table."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.tasks = progress, dict[str, TaskID]()

    def __call__(self, title: str, done: int, total: int) -> None:
        if title not in self.tasks:
            self.tasks[title] = self.progress.add_task(title, total=total)
        self.progress.update(self.tasks[title], completed=done)


@click.command(name="import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--url", envvar="GUANXI_URL", default="http://127.0.0.1:8080", show_default=True)
@click.option("--admin", default="admin", show_default=True, help="Login that may register users")
@click.option("--supervisor", default="sue", show_default=True, help="Login that may import business data")
@click.option("--password", envvar="GUANXI_PASSWORD", default="guanxi-demo", help="Password of both accounts")
@click.option(
    "--on-error",
    type=click.Choice([NOTHING, GOOD_ROWS]),
    default=NOTHING,
    show_default=True,
    help="What is imported of a damaged file",
)
@click.option("--report", type=click.Path(path_type=Path), default=Path("import-report.csv"), show_default=True)
def import_folder(
    folder: Path, url: str, admin: str, supervisor: str, password: str, on_error: str, report: Path
) -> None:
    """Load the known CSV files of FOLDER through the public API."""
    accounts = {"admin": Api(url, admin, password), "supervisor": Api(url, supervisor, password)}
    console = Console()
    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        outcomes = Importer(accounts, on_error=on_error, progress=Bars(progress)).run(folder)
    show(console, outcomes)
    if any(outcome.faults for outcome in outcomes):
        write_report(outcomes, report)
        console.print(f"All rows that were not imported, with column and reason: {report}")
    if not outcomes:
        console.print(f"No known file in {folder}")
    sys.exit(1 if any(outcome.is_refused for outcome in outcomes) or not outcomes else 0)


def show(console: Console, outcomes: list[Outcome]) -> None:
    """The summary, and the first few faults of each table."""
    summary = Table("table", "created", "updated", "unchanged", "not imported", "seconds")
    for one in outcomes:
        title = one.title + (" (refused)" if one.is_refused else "")
        counts = [one.created, one.updated, one.unchanged, len(one.faults)]
        summary.add_row(title, *map(str, counts), f"{one.seconds:.1f}")
    console.print(summary)
    for one in outcomes:
        for remark in one.remarks:
            console.print(f"{one.title}: {remark}", markup=False)
        for fault in one.faults[:SHOWN_FAULTS]:
            console.print(f"{one.title}, row {fault.row}, column {fault.column or '-'}: {fault.reason}", markup=False)
        if len(one.faults) > SHOWN_FAULTS:
            console.print(f"{one.title}: {len(one.faults) - SHOWN_FAULTS} more in the report", markup=False)
