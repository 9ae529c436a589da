"""``guanxi bus pause|resume|audit``: hold a consumer, let it go on, and see who did what."""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chassis import operating
from chassis.inspecting import ACTIONS
from chassis.tables import consumer_of
from chassis.transaction import looking
from guanxi import registry
from guanxi.access import acting, opened

console = Console(width=None if sys.stdout.isatty() else 200)  # a pipe has no width; cells must not be cut
Service = click.Choice([name for name in registry.NAMES if name != "identity"])  # it listens to nobody
Urls = dict[str, str]


@click.command()
@click.argument("service", type=Service)
@click.option("--reason", required=True, help="Why; everybody who looks sees it")
@click.pass_obj
def pause(urls: Urls, service: str, reason: str) -> None:
    """Let a service apply no events until somebody resumes it; nothing is lost, it waits where it is."""
    with opened(urls, service) as database, acting(database, service) as tx:
        standing = operating.pause(tx, consumer_of(service), reason)
    click.echo(f"{service}: {standing}")


@click.command()
@click.argument("service", type=Service)
@click.option("--reason", default="", help="Why it may go on")
@click.pass_obj
def resume(urls: Urls, service: str, reason: str) -> None:
    """Let a service go on, also one that has paused itself; what failed is tried at once."""
    with opened(urls, service) as database, acting(database, service) as tx:
        operating.resume(tx, consumer_of(service), reason)
    click.echo(f"{service}: goes on within a second or two")


@click.command()
@click.argument("service", type=click.Choice(registry.NAMES), required=False)
@click.option("--event", "event_id", type=click.UUID, help="What was done about one event")
@click.option("--action", type=click.Choice(["redrive", "discard", "edit", "pause", "resume"]))
@click.option("--by", "by_name", help="Part of a name")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def audit(urls: Urls, /, service: str | None, event_id: uuid.UUID | None, as_json: bool, **how: Any) -> None:
    """What operators did, newest first."""
    asked = {name: value for name in ("action", "by_name") if (value := how[name])}
    asked |= {"event_id": str(event_id)} if event_id else {}
    rows: list[dict[str, Any]] = []
    for name in [service] if service else urls:
        with opened(urls, name) as database, looking(database, name) as tx:
            page = ACTIONS.page(tx, {**asked, "size": how["limit"], "total": False})
            rows += [
                {"service": name} | {column: getattr(row, column) for column in ACTIONS.columns} for row in page.items
            ]
    rows.sort(key=lambda row: row["at"], reverse=True)
    if as_json:
        click.echo(json.dumps(rows[: how["limit"]], default=str, indent=2, ensure_ascii=False))
        return
    table = Table("at", "service", "by", "action", "event", "reason", "before", "after")
    for row in rows[: how["limit"]]:
        cells = (row["service"], row["by_name"], row["action"], row["event_id"] or row["consumer"], row["reason"])
        values = (json.dumps(row[side], ensure_ascii=False)[:100] for side in ("before", "after"))
        table.add_row(f"{row['at']:%Y-%m-%d %H:%M:%S}", *map(str, cells), *values)
    console.print(table)


COMMANDS = (pause, resume, audit)
