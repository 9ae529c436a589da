"""``guanxi bus schedule``: what the services have asked themselves to do later, and taking it back."""

from __future__ import annotations

import sys

import click
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from chassis import schedule
from chassis.principal import Principal
from chassis.schedule import State
from chassis.tables import scheduled_message
from chassis.transaction import transaction
from guanxi import registry
from guanxi.access import opened, who

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut
Urls = dict[str, str]


@click.group("schedule")
def commands() -> None:
    """Look after messages that are released later."""


@commands.command("list")
@click.option("--failing", is_flag=True, help="Only those that have failed before")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.pass_obj
def list_messages(urls: Urls, failing: bool, limit: int) -> None:
    """Messages that are not released yet, soonest first."""
    table = Table("service", "key", "name", "due", "next try", "tries", "error")
    columns = scheduled_message.c
    pending = sa.select(scheduled_message).where(columns.state == State.PENDING, columns.attempts >= int(failing))
    for service in urls:
        with opened(urls, service) as database, database.reading() as session:
            for row in session.execute(pending.order_by(columns.next_attempt_at).limit(limit)):
                due, following = (f"{at:%Y-%m-%d %H:%M:%S}" for at in (row.due_at, row.next_attempt_at))
                table.add_row(service, row.dedupe_key, row.name, due, following, str(row.attempts), row.error)
    console.print(table)


@commands.command()
@click.argument("service", type=click.Choice(registry.NAMES))
@click.argument("key")
@click.pass_obj
def cancel(urls: Urls, service: str, key: str) -> None:
    """Take a message back; exit 1 when it is too late, or when there is none."""
    with opened(urls, service) as database, transaction(database, service, principal=Principal(name=who())) as tx:
        state = schedule.cancel(tx, key)
    click.echo(f"{key}: {state or 'there is no such message'}")
    sys.exit(0 if state == State.CANCELLED else 1)
