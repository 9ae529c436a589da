"""``guanxi bus``: where every event is, what is parked and why, and proof that nothing is missing."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chassis import operating
from chassis.database import Database
from chassis.log import DatabaseLog
from chassis.reconcile import Reconciler
from guanxi import flows, registry, schedule, topology
from guanxi.access import opened, who
from guanxi.home import Home

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut
Service = click.Choice(registry.NAMES)


@click.group()
@click.option("--data", envvar="GUANXI_DATA", type=click.Path(path_type=Path), default=Path("data"), show_default=True)
@click.pass_context
def bus(context: click.Context, data: Path) -> None:
    """Look after the events of the installation in this data folder."""
    context.obj = Home(data, demo=False).database_urls()


bus.add_command(topology.commands)
bus.add_command(flows.commands)
bus.add_command(schedule.commands)


@bus.command()
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def status(urls: dict[str, str], as_json: bool) -> None:
    """How far each service is, and what waits."""
    found = {}
    for service in urls:
        with opened(urls, service) as database:
            found[service] = operating.status(database)
    if as_json:
        click.echo(json.dumps(found, default=str, indent=2))
        return
    table = Table("service", "log head", "unsealed", "published to", "complete up to", "parked", "blocked")
    for service, state in found.items():
        complete = min((source["complete_at"] for source in state["sources"] if source["complete_at"]), default="-")
        parked = ", ".join(f"{number} {cause}" for cause, number in state["parked"].items()) or "0"
        cells = (service, state["head"], state["unsealed"], state["published_to"], complete, parked)
        table.add_row(*map(str, cells), str(state["blocked_aggregates"]))
    console.print(table)


@bus.command()
@click.argument("service", type=Service)
@click.option("--groups", is_flag=True, help="By cause instead of one by one")
@click.pass_obj
def parked(urls: dict[str, str], service: str, groups: bool) -> None:
    """Events that could not be applied."""
    with opened(urls, service) as database:
        if groups:
            table = Table("number", "state", "reason", "error", "since", "fingerprint")
            for row in operating.groups(database):
                error = f"{row.error_class}: {row.error}"[:80]
                table.add_row(str(row.number), row.state, row.reason, error, str(row.first_at), row.fingerprint)
        else:
            table = Table("event", "type", "aggregate", "state", "reason", "attempts", "next")
            for row in operating.parked(database):
                about = f"{row.aggregate_type}/{row.aggregate_id} v{row.aggregate_version}"
                cells = (row.event_id, row.event_type, about, row.state, row.reason, row.attempts, row.next_attempt_at)
                table.add_row(*map(str, cells))
    console.print(table)


@bus.command()
@click.argument("event_id", type=click.UUID)
@click.pass_obj
def show(urls: dict[str, str], event_id: uuid.UUID) -> None:
    """One event, everywhere it is."""
    found: dict[str, Any] = {}
    for service in urls:
        with opened(urls, service) as database:
            if here := operating.show(database, event_id):
                found[service] = here
    click.echo(json.dumps(found, default=str, indent=2, ensure_ascii=False))
    sys.exit(0 if found else 1)


@bus.command()
@click.argument("service", type=Service)
@click.argument("event_ids", type=click.UUID, nargs=-1, required=True)
@click.pass_obj
def redrive(urls: dict[str, str], service: str, event_ids: tuple[uuid.UUID, ...]) -> None:
    """Try parked events again, now; those behind them follow in order."""
    with opened(urls, service) as database:
        number = operating.redrive(database, event_ids, by=who())
    click.echo(f"{number} of {len(event_ids)} will be tried again by the worker")
    sys.exit(0 if number == len(event_ids) else 1)


@bus.command()
@click.argument("service", type=Service)
@click.argument("event_id", type=click.UUID)
@click.option("--reason", required=True, help="Why it must not be applied; kept for ever")
@click.pass_obj
def discard(urls: dict[str, str], service: str, event_id: uuid.UUID, reason: str) -> None:
    """Never apply this event; those behind it go on."""
    with opened(urls, service) as database:
        operating.discard(database, event_id, by=who(), reason=reason)


@bus.command()
@click.option("--repair", is_flag=True, help="Fetch what is missing")
@click.pass_obj
def reconcile(urls: dict[str, str], repair: bool) -> None:
    """Compare every consumer's inbox with the logs it listens to; exit 1 when something is missing or extra."""
    databases = {service: Database(url, pool_size=2) for service, url in urls.items()}
    logs = {service: DatabaseLog(database) for service, database in databases.items()}
    missing = extra = 0
    table = Table("consumer", "source", "events", "missing", "extra")
    for service, database in databases.items():
        consumer = registry.load(service).consumer(database, logs)
        for row in Reconciler(consumer).compare(repair=repair) if consumer else ():
            table.add_row(service, row.source, str(row.expected), str(len(row.missing)), str(len(row.extra)))
            missing, extra = missing + len(row.missing), extra + len(row.extra)
    console.print(table)
    click.echo(f"{missing} missing, {extra} extra")
    for database in databases.values():
        database.close()
    sys.exit(1 if missing or extra else 0)
